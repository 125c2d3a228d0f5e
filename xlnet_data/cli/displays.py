"""Shows on stderr what a command tells while it works. Imports nothing large: that comes with what there is to show."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from xlnet_data.pipelines.displays import BuildDisplay

if TYPE_CHECKING:
    from xlnet_data.config import BuildConfig
    from xlnet_data.pipelines.engines.jobs import EngineJob
    from xlnet_data.pipelines.local.builds import LocalBuild


SILENCE_SECS = 60.0
"""Seconds without a line after which one says that the work goes on."""


class ProgressDisplay(BuildDisplay):
    """Shows on stderr how far a build is: bars on a terminal, lines elsewhere."""

    def begin(self, config: "BuildConfig") -> None:
        """Warn of what the config's paths match and no build reads, and of what two corpora read."""
        from xlnet_data.datasets.passed_over import warn_of_passed_over, warn_of_shared_files

        if warnings := [*warn_of_passed_over(config), *warn_of_shared_files(config)]:
            from xlnet_data.cli.summaries import make_console, print_warnings

            print_warnings(warnings, make_console(stderr=True))

    def train_vocabulary(self, vocab_size: int) -> contextlib.AbstractContextManager[None]:
        """Show how long a vocabulary of so many pieces has been in training while the block runs."""
        from xlnet_data.cli.training_time import show_training

        return show_training(vocab_size)

    @contextlib.contextmanager
    def follow(self, local: "LocalBuild") -> Iterator[None]:
        """Show how far a build is while the block runs."""
        from xlnet_data.cli.progress import watch_bars, watch_lines

        with watched(watch_bars if sys.stderr.isatty() else watch_lines, local):
            yield

    @contextlib.contextmanager
    def follow_job(self, job: "EngineJob") -> Iterator[None]:
        """Show how far a build on an engine is while the block runs."""
        from xlnet_data.cli.progress import watch_job

        with watched(watch_job, job):
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


@contextlib.contextmanager
def tell_of_silence() -> Iterator[Callable[[str], None]]:
    """Tell on stderr that the work goes on where nothing else is told for long, while the block runs.

    The block gets a function that tells a line.
    """
    last = [time.monotonic()]

    def tell(line: str) -> None:
        last[0] = time.monotonic()
        click.echo(line, err=True)

    with watched(_watch_silence, last):
        yield tell


def _watch_silence(last: list[float], stop: threading.Event) -> None:
    said = last[0]
    while not stop.wait(SILENCE_SECS / 10):
        now = time.monotonic()
        if now - max(said, last[0]) >= SILENCE_SECS:
            said = now
            click.echo(f"still at work, {now - last[0]:.0f} seconds after the last line", err=True)
