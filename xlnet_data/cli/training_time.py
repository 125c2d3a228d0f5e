"""Shows what is being done, such as the training of a vocabulary, and for how long it has been."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from xlnet_data.cli.displays import watched
from xlnet_data.showing import make_safe

PLAIN_INTERVAL_SECS = 10.0
"""Seconds between two lines where stderr is no terminal."""


@contextlib.contextmanager
def show_training(vocab_size: int) -> Iterator[None]:
    """Show that a vocabulary is being trained, and for how long, while the block runs; how far it is nobody knows."""
    with show_work() as tell:
        tell(f"training a vocabulary of {vocab_size:,} pieces")
        yield


@contextlib.contextmanager
def show_work() -> Iterator[Callable[[str], None]]:
    """Show what is being done, and for how long, while the block runs; it gets a function that it tells that by."""
    if sys.stderr.isatty():
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task("", total=None)
            yield lambda text: bars.update(task, description=make_safe(text))
        return
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(make_safe(text))
        click.echo(told[-1], err=True)

    with watched(_tell_time, told):
        yield tell


def _tell_time(told: Sequence[str], stop: threading.Event) -> None:
    begin = time.monotonic()
    while not stop.wait(PLAIN_INTERVAL_SECS):
        click.echo(f"{told[-1] if told else 'working'}: {time.monotonic() - begin:.0f} s", err=True)
