"""Keeps what Beam and an engine say while a job runs in a file, and off the user's screen."""

import contextlib
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any, TextIO

from xlnet_data.errors import XlnetDataError

THREAD_SECS = 1.0
"""How long Beam's threads may take to end behind a job."""


@contextlib.contextmanager
def log_of(engine: str) -> Iterator[str]:
    """Keep what Beam and the engine say in a file, which stays if an error names it; what is shown stays the same."""
    handle, path = tempfile.mkstemp(prefix=f"xlnet-data-{engine}-", suffix=".log")
    root, beam_log = logging.getLogger(), logging.getLogger("apache_beam")
    levels = root.level, beam_log.level
    shown = [(handler, handler.level) for handler in root.handlers]
    for handler, level in shown:
        handler.setLevel(max(level, root.level))
    keeper = logging.StreamHandler(os.fdopen(handle, "w", encoding="utf-8"))
    keeper.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(keeper)
    root.setLevel(min(root.level, logging.INFO))
    beam_log.setLevel(logging.INFO)
    is_named = False
    try:
        yield path
    except XlnetDataError as error:
        is_named = path in str(error)
        raise
    finally:
        if not is_named:
            os.remove(path)
        root.removeHandler(keeper)
        keeper.stream.close()
        root.setLevel(levels[0])
        beam_log.setLevel(levels[1])
        for handler, level in shown:
            handler.setLevel(level)


class _ThreadsApart:
    """A stream on which some threads write; what the others write goes into the log.

    A worker in this process prints the traceback of whatever it reports to the engine, which reports it to us.
    """

    def __init__(self, stream: TextIO, threads: set[threading.Thread]) -> None:
        self._stream, self._threads = stream, threads

    def write(self, text: str) -> int:
        """Write a text, or log it."""
        if threading.current_thread() in self._threads:
            return self._stream.write(text)
        logging.info("%s", text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def quiet_threads() -> Iterator[None]:
    """Write into the log what Beam's threads print, and what they die of when their engine is gone."""
    before, original, stream = set(threading.enumerate()), threading.excepthook, sys.stderr
    sys.stderr = _ThreadsApart(stream, before)
    threading.excepthook = lambda died: logging.info("a thread ended by %r", died.exc_value)
    try:
        yield
    finally:
        deadline = time.monotonic() + THREAD_SECS
        for thread in set(threading.enumerate()) - before:
            thread.join(max(0.0, deadline - time.monotonic()))
        threading.excepthook, sys.stderr = original, stream
