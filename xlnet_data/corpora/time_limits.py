"""Gives up what takes too long, from within the process that does it.

In the main thread the system's alarm does that, even within many a library's call. Other threads are watched by one
more, which can interrupt them between two steps of Python's.
"""

import ctypes
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType, TracebackType

_MAX_ALARM_SECS = 1_000_000.0  # the system has no alarm for inf

LOOK_SECS = 0.25
"""How often threads are looked at. Of a longer time between two looks not more than twice this counts: the process was
stopped."""


class TooSlowError(BaseException):
    """A document has taken too long. No Exception: a parser that goes on after those must not go on after this."""


def in_main_thread() -> bool:
    """Return whether this is the thread that signals interrupt."""
    return threading.current_thread() is threading.main_thread()


def time_limit(secs: float) -> AbstractContextManager[None]:
    """Return a context that raises TooSlowError in what is done within it, or at its end, after some seconds."""
    return _alarm(secs) if in_main_thread() else _ThreadLimit(secs)


@contextmanager
def _alarm(secs: float) -> Iterator[None]:
    """Limit the main thread, unless the process has an alarm of another's, or the limit is none."""
    if secs >= _MAX_ALARM_SECS or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return
    begun, is_again = time.process_time(), False

    def give_up(number: int, frame: FrameType | None) -> None:
        nonlocal is_again
        if is_again or time.process_time() - begun > secs / 2:
            raise TooSlowError
        is_again = True  # it was stopped for that time, with the whole process, or had to wait for a processor
        signal.setitimer(signal.ITIMER_REAL, secs)

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, secs)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _ThreadLimit:
    """Limits the thread that enters it."""

    def __init__(self, secs: float) -> None:
        self._secs = secs

    def __enter__(self) -> None:
        _threads.begin(self._secs)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _threads.end()


class _Threads:
    """The threads that work under a limit, and one that looks at them as long as there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secs_left: dict[int, float] = {}
        self._is_looked_at = False

    def begin(self, secs: float) -> None:
        with self._lock:
            self._secs_left[threading.get_ident()] = secs
            if not self._is_looked_at:
                self._is_looked_at = True
                threading.Thread(target=self._look, name="time limits", daemon=True).start()

    def end(self) -> None:
        """End this thread's limit. An error that was sent before is raised here at the latest, behind a call."""
        with self._lock:
            self._secs_left.pop(threading.get_ident(), None)

    def _look(self) -> None:
        looked = time.monotonic()
        while True:
            time.sleep(LOOK_SECS)
            now = time.monotonic()
            passed, looked = min(now - looked, 2 * LOOK_SECS), now
            with self._lock:
                if not self._secs_left:
                    self._is_looked_at = False
                    return
                for thread in [thread for thread, left in self._secs_left.items() if left <= passed]:
                    del self._secs_left[thread]
                    _raise_in(thread, TooSlowError)
                self._secs_left = {thread: left - passed for thread, left in self._secs_left.items()}


_threads = _Threads()
os.register_at_fork(after_in_child=_threads.__init__)  # type: ignore[misc] # the other threads are not there


def _raise_in(thread: int, kind: type[BaseException]) -> None:
    """Have a thread raise an error before its next step."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(kind))
