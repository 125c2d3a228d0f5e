"""Shows what a build tells on stderr. Imports nothing large: that comes once there is something to show."""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from xlnet_data.pipelines.displays import BuildDisplay

if TYPE_CHECKING:
    from xlnet_data.pipelines.engines.jobs import EngineJob
    from xlnet_data.pipelines.local.builds import LocalBuild


class ProgressDisplay(BuildDisplay):
    """Shows on stderr how far a build is: bars on a terminal, lines elsewhere."""

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
