"""Runs a job on an engine: in the main thread, with a log, cancelled by Ctrl-C, and with one message if it fails."""

import contextlib
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from dataclasses import dataclass, field
from typing import Any

import apache_beam as beam

from xlnet_data.errors import EngineError, XlnetDataError
from xlnet_data.pipelines.engines.logs import log_of, quiet_threads
from xlnet_data.pipelines.engines.progress import ASK, cancel_on_flink, read_counts
from xlnet_data.pipelines.engines.versions import explain_versions
from xlnet_data.pipelines.progress import BuildCounts
from xlnet_data.pipelines.running import call_apart, named_error

CANCEL_SECS = 60.0
"""How long a cancelled job may take to end."""

MAX_ERROR_CHARS = 1500
"""Of what an engine says of a failure; all of it is in the log."""

WORKER_LOST = (
    "Channel closed prematurely", "Process died with exit code", "Worker process exited", "SDK harness disconnected",
    "worker was lost", "ExecutorLostFailure", "call is closed", "Connection reset by peer", "Socket closed",
)  # fmt: skip
"""What engines say when a worker process is gone."""

_FRAME = re.compile(r'\s+at [\w$.<>/]+\(|\s*\.\.\. \d+ more|\s*File "|Traceback \(most recent call last\)|\s{4,}')


@dataclass
class EngineJob:
    """A build that runs on an engine.

    Attributes:
        engine: The engine's name.
        page: The engine's own page about it, None if it has none or none is known.
        result: Beam's handle of the job once the engine has taken it.
        notes: What should be said to the user, when it becomes known.
        began: When the command was given, as time.monotonic() has it.
        counts: How far the stages were when Beam last knew it.
        writing_began: When the counts first said that a shard is being written; None: they did not while the job ran,
            or none came before.
        has_ended: True: the job has ended well.
        withdraw: Takes from the job's workers the right to put the dataset in its place; False: it is too late.
    """

    engine: str
    page: str | None = None
    result: Any = None
    notes: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    counts: BuildCounts = field(default_factory=BuildCounts)
    writing_began: float | None = None
    has_ended: bool = False
    withdraw: Callable[[], bool] = lambda: True

    def read_counts(self) -> None:
        """Ask Beam how far the stages are; the counts stay as they are while the engine does not tell it."""
        before = self.counts
        with contextlib.suppress(Exception):  # a display must not end a build, and each engine has errors of its own
            if self.result is not None:
                self.counts = read_counts(self.result)
        if before.documents_read and self.counts.tokens_written and self.writing_began is None and not self.has_ended:
            self.writing_began = time.monotonic()

    def look(self) -> tuple[str, BuildCounts]:
        """Return how far the job is: in the engine's words, "" while that is unknown, and by the stages' counts."""
        self.read_counts()
        with contextlib.suppress(Exception):
            if self.page is not None and self.result is not None and self.engine in ASK:
                words, counts = ASK[self.engine](self.page)
                return words, self.counts if self.counts.documents_read else counts
        return "", self.counts


def run_job(pipeline: beam.Pipeline, job: EngineJob, stop_server: Callable[[], None]) -> None:
    """Run a pipeline on an engine and wait for its end.

    Args:
        pipeline: The pipeline.
        job: Follows the build.
        stop_server: Ends the job server that the pipeline's runner has started, if it has.

    Raises:
        XlnetDataError: A worker's named error; else an EngineError with the last of what the engine said.
        KeyboardInterrupt: The user ended it; the job has been cancelled.
    """
    with log_of(job.engine) as log, _own_interrupt(), quiet_threads(), contextlib.ExitStack() as at_end:
        at_end.callback(stop_server)
        try:
            job.result = pipeline.run()
            _restore_interrupt()  # Beam's handler ends the job server, which could then not cancel the job
            _wait_or_withdraw(job)
            job.has_ended = True
            job.read_counts()  # as long as the job server is there
        except KeyboardInterrupt:
            _cancel(job)
            raise
        except XlnetDataError:
            raise
        except Exception as error:
            raise _named(error, job, log) from error


def _wait_or_withdraw(job: EngineJob) -> None:
    """Wait for the end of a job; an interrupt counts unless the dataset is being put in its place already."""
    try:
        _wait(job)
    except KeyboardInterrupt:
        if job.withdraw():
            raise
        job.notes.append("too late to interrupt: the dataset is whole and is being put in its place")
        _wait(job)


def _wait(job: EngineJob) -> None:
    """Wait for the end of a job in a thread of its own: Beam's wait does not hear a Ctrl-C."""
    outcome = call_apart(job.result.wait_until_finish)
    while wait([outcome], timeout=0.5).not_done:
        pass
    state = outcome.result()
    if state not in ("DONE", None):
        raise EngineError(f"the job on {job.engine} ended in the state {state}")


def _cancel(job: EngineJob) -> None:
    """Cancel a job and wait until the engine has ended it."""
    if job.result is None:
        return
    with contextlib.suppress(Exception):  # that it cannot be cancelled is said by the state it is left in
        job.result.cancel()
    deadline, state = time.monotonic() + CANCEL_SECS, "unknown"
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception):
            state = job.result.state
            name = job.result._job_id.rpartition("_")[0] if job.engine == "flink" else ""
            if name and job.page and not cancel_on_flink(job.page, name):
                state = "CANCELLING"
        if state in ("CANCELLED", "FAILED", "DONE"):
            break
        time.sleep(0.5)
    where = f"; see {job.page}" if job.page else ""
    job.notes.append(
        f"the job on {job.engine} is cancelled"
        if state in ("CANCELLED", "FAILED")
        else f"the job on {job.engine} had ended"
        if state == "DONE"
        else f"the job on {job.engine} could not be cancelled, its state is {state}{where}"
    )


def _named(error: Exception, job: EngineJob, log: str) -> XlnetDataError:
    """Return a named error of what a job failed with: a worker's own, else the last of what the engine said."""
    text = str(error)
    with open(log, encoding="utf-8", errors="replace") as file:
        logged = file.read()
    for said in (text, *(line for line in logged.splitlines() if "xlnet_data.errors." in line)):
        if "xlnet_data.errors." in said and (found := named_error(said)):
            return found
    if (mismatch := explain_versions(text) or explain_versions(logged)) is not None:
        return mismatch
    where = f"; the engine's log is {log}" + (f", its page {job.page}" if job.page else "")
    if any(sign in text for sign in WORKER_LOST):
        return EngineError(
            f"the job on {job.engine} failed because a worker process was lost: killed, or out of memory; the same "
            f"command begins anew, with more memory for each worker if that was short{where}"
        )
    return EngineError(f"the job on {job.engine} failed: {last_words(text) or last_words(logged)}{where}")


def last_words(text: str) -> str:
    r"""Return what an engine says of a failure, without the frames of its traceback.

    >>> last_words("Pipeline failed: java.io.IOException: no room\n\tat org.a.B(B.java:1)\n\t... 3 more\n")
    'Pipeline failed: java.io.IOException: no room'
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _FRAME.match(line)]
    return " ".join(lines[-8:])[-MAX_ERROR_CHARS:]


_Handler = Callable[[int, Any], Any] | int | None


@contextlib.contextmanager
def _own_interrupt() -> Iterator[None]:
    """Put the handler of Ctrl-C that was there back when the block ends."""
    is_main = threading.current_thread() is threading.main_thread()
    before: _Handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if is_main:
            signal.signal(signal.SIGINT, before)


def _restore_interrupt() -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)
