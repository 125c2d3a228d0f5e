"""What takes too long is given up from within its process, and what comes right after it is not."""

import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from types import SimpleNamespace
from typing import TypeVar

import pytest

from xlnet_data.corpora import time_limits
from xlnet_data.corpora.guards import TOO_SLOW, document_secs, run_or_describe
from xlnet_data.corpora.time_limits import TooSlowError, time_limit

T = TypeVar("T")


def spin(secs: float) -> float:
    end = time.monotonic() + secs
    while time.monotonic() < end:
        pass
    return secs


def in_threads(work: Callable[[], T], num_threads: int = 1) -> list[T]:
    """Return what a function returns in threads of their own, all at once."""
    found: list[T] = []
    threads = [threading.Thread(target=lambda: found.append(copy_context().run(work))) for _ in range(num_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_document_that_takes_too_long_in_another_thread_is_given_up_and_the_next_ones_are_not() -> None:
    def work() -> list[tuple[float | None, str]]:
        found = []
        for limit, secs in ((0.3, 60), (60, 0.7), (float("inf"), 0), (0, 0)):
            document_secs.set(limit)
            found.append(run_or_describe("a.txt", "d", spin, secs))
        return found

    assert in_threads(work) == [[(None, TOO_SLOW), (0.7, ""), (0, ""), (0, "")]]
    end = time.monotonic() + 60
    while any(thread.name == "time limits" for thread in threading.enumerate()):
        assert time.monotonic() < end, "nobody looks when there is nothing to look at"
        time.sleep(0.01)


def test_an_error_that_comes_right_when_a_document_ends_is_raised_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limits, "LOOK_SECS", 0.001)

    def work() -> set[str]:
        document_secs.set(0.002)
        causes = set()
        for number in range(300):
            made, cause = run_or_describe("a.txt", "d", spin, 0.001 + number % 10 / 2_000)
            assert (made is None) == (cause == TOO_SLOW)
            causes.add(cause)
            spin(0.0005)  # an error that is left over would come here
        return causes

    assert set().union(*in_threads(work, 3)) == {"", TOO_SLOW}


def test_a_limit_that_its_own_error_left_has_ended() -> None:
    def work() -> str:
        with pytest.raises(TooSlowError), time_limit(0.1):
            spin(60)
        with time_limit(60):
            return "done"

    assert in_threads(work) == ["done"]


def test_the_time_for_which_the_process_is_stopped_is_no_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    times = [0, 1_000, 1_000.25, 1_000.5, 1_000.75]
    told: list[int] = []
    monkeypatch.setattr(time_limits, "time", SimpleNamespace(sleep=lambda secs: None, monotonic=lambda: times.pop(0)))
    monkeypatch.setattr(time_limits, "_raise_in", lambda thread, kind: told.append(len(times)))
    threads = time_limits._Threads()
    threads._secs_left = {7: 1.0}
    threads._look()
    assert told == [1], "at the third look: half a second counts of the long one"
