"""Shows for how long a vocabulary has been in training."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

PLAIN_INTERVAL_SECS = 10.0
"""Seconds between two lines where stderr is no terminal."""


@contextlib.contextmanager
def show_training(vocab_size: int) -> Iterator[None]:
    """Show that a vocabulary is being trained, and for how long, while the block runs; how far it is nobody knows."""
    text = f"training a vocabulary of {vocab_size:,} pieces"
    if sys.stderr.isatty():
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            bars.add_task(text, total=None)
            yield
        return
    click.echo(text, err=True)
    with watched(_tell_time, text):
        yield


@contextlib.contextmanager
def watched(watch: Callable[[Any, threading.Event], None], subject: Any) -> Iterator[None]:
    """Run a function in a thread of its own while the block runs.

    Args:
        watch: Takes the subject, and an event that is set when the block ends, upon which it returns.
        subject: What to watch.
    """
    stop = threading.Event()
    thread = threading.Thread(target=watch, args=(subject, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _tell_time(text: str, stop: threading.Event) -> None:
    begin = time.monotonic()
    while not stop.wait(PLAIN_INTERVAL_SECS):
        click.echo(f"{text}: {time.monotonic() - begin:.0f} s", err=True)
