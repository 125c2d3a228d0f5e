"""Watches the worker processes of a local build from outside, and has them give up the documents that they hang on."""

import contextlib
import os
import signal
import time

from xlnet_data.pipelines.local.status import WorkerStatus, read_statuses

MAX_LOOK_SECS = 10.0
"""The most that counts of the time between two looks at the processes: if it was longer, this process was stopped, too,
as all are in a container that is paused."""

GIVE_UP = signal.SIGUSR1
"""Tells a worker to give up the document that it is at."""

GRACE_SECS = 1.0
"""How long it may take to do so. It cannot within a call of another library's that does not return."""


class WorkerMonitor:
    """Has worker processes give up documents that they hang on, or stops them, and says on which ones others died.

    Args:
        folder: Of the status files.
        limits: Seconds that one document may take, by corpus.
    """

    def __init__(self, folder: str, limits: dict[str, float]) -> None:
        self._folder, self._limits = folder, limits
        self._looked = time.monotonic()
        self._at: dict[int, tuple[int, float]] = {}
        self._told: dict[int, tuple[int, float]] = {}
        self._hung: set[int] = set()

    def stop_hung(self) -> None:
        """Have every process that has been at the same document for too long give it up; kill it if it does not.

        What counts is the time in which a process could work: not what it is stopped for, nor what this one was, too.
        """
        now, before = time.monotonic(), self._looked
        self._looked = now
        for status in read_statuses(self._folder):
            changes, secs = self._at.get(status.process, (-1, 0.0))
            secs = 0.0 if changes != status.changes else secs
            if changes == status.changes and not is_stopped(status.process):
                secs += min(now - before, MAX_LOOK_SECS)
            self._at[status.process] = status.changes, secs
            if status.doc_id and secs > self._limits[status.corpus]:
                told, told_at = self._told.get(status.process, (-1, 0.0))
                if told != status.changes:
                    self._told[status.process] = status.changes, secs
                    _send(status.process, GIVE_UP)
                elif secs > told_at + GRACE_SECS:
                    self._hung.add(status.process)
                    _kill(status.process)

    def victims(self) -> list[WorkerStatus]:
        """Return what the processes that died were at, and kill the others."""
        statuses = read_statuses(self._folder)
        dead = [status for status in statuses if status.process in self._hung or not _is_alive(status.process)]
        for status in statuses:
            if status not in dead:
                _kill(status.process)
        return [status for status in dead if status.source]

    def hung(self, status: WorkerStatus) -> bool:
        """Return whether a process was stopped because it hung."""
        return status.process in self._hung


def is_stopped(process: int) -> bool:
    """Return whether a process is stopped by a signal (SIGSTOP), as far as the system tells."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[:1] == [b"T"]
    except OSError:
        return False


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _kill(process: int) -> None:
    _send(process, signal.SIGKILL)


def _send(process: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)
