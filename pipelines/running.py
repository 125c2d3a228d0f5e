"""Runs a pipeline and turns what its workers raised into the named errors that they were."""

import contextlib
import logging
import re
import resource
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import Any
from weakref import WeakSet

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from xlnet_data import errors
from xlnet_data.errors import WorkerError, XlnetDataError
from xlnet_data.files.writing import check_temporary_folder

ExceptHook = Callable[[threading.ExceptHookArgs], object]
"""What is told of a thread that died."""

DEATH_SECS = 2.0
"""How long the runner has to notice by itself that a worker died, and how often hanging workers are looked for."""

WORKER_DIED = (
    "a worker process died: killed, out of memory, or of threads (ulimit -u); give the same command again to go on "
    "from here, with fewer --workers if one of them was short"
)

THREADS_SHORT = (
    "the engine cannot start its threads: memory, or the number of processes and threads (ulimit -u, a container's "
    "pids), is limited; raise the limit, or give fewer --workers"
)

_NO_THREAD = "can't start new thread"
"""What Python says of both limits."""

MIN_ADDRESS_BYTES = 3_000_000_000
"""Addresses that the engine takes in the main process, most of them for the stacks of its threads and never used: with
fewer (`ulimit -v`) it is aborted, or waits without end."""


def check_address_space() -> None:
    """Check that a limit of the system lets the engine run.

    Raises:
        WorkerError: It does not.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < MIN_ADDRESS_BYTES:
        raise WorkerError(
            f"this process may have {limit / 1e9:.1f} GB of address space (ulimit -v), and the engine takes "
            f"{MIN_ADDRESS_BYTES / 1e9:.0f} GB of it, most of it unused: raise the limit"
        )


def make_pipeline(runner: Any, options: PipelineOptions | None = None) -> beam.Pipeline:
    """Return an empty pipeline without the temporary folder that Beam makes for transforms of other languages.

    There are none here, and a killed build would leave it behind.

    Raises:
        ShardError: No temporary folder can be written.
    """
    check_temporary_folder()
    pipeline = beam.Pipeline(runner=runner, options=options)
    shutil.rmtree(pipeline.local_tempdir, ignore_errors=True)
    return pipeline


def run_pipeline(pipeline: beam.Pipeline, look_after: Callable[[], None] | None = None) -> None:
    """Run a pipeline; what a worker raised by name comes out by name.

    Args:
        pipeline: The pipeline.
        look_after: What to do every few seconds meanwhile.

    Raises:
        XlnetDataError: A worker's named error, or that a worker died.
    """
    original = afterwards = threading.excepthook
    held: list[threading.ExceptHookArgs] = []
    earlier = set(threading.enumerate())  # the caller's, and those of a run that went before, which may still be dying

    def hold(arguments: threading.ExceptHookArgs) -> None:
        (original if arguments.thread in earlier else held.append)(arguments)

    threading.excepthook = hold
    try:
        with _without_warnings():
            # In a thread of its own: the runner waits without end for a worker that dies before it has called.
            outcome = call_apart(lambda: pipeline.run().wait_until_finish())
            while wait([outcome], timeout=DEATH_SECS).not_done:
                if look_after is not None:
                    look_after()
                if any(_NO_THREAD in str(died.exc_value) for died in held):  # the runner would wait
                    raise WorkerError(THREADS_SHORT)
            outcome.result()
    except BaseException as error:
        # One from this process has Beam's mark of the stage at its end; a worker's comes as text.
        text = f"xlnet_data.errors.{type(error).__name__}: {error}" if isinstance(error, XlnetDataError) else str(error)
        named = named_error(text)
        if isinstance(named, WorkerError) or not isinstance(error, Exception):
            # All threads that talk to a worker die with it, some of them after this one.
            afterwards = _but_for(set(threading.enumerate()) - earlier, original)
        else:
            for arguments in held:
                original(arguments)
        raise named or error from error
    finally:
        threading.excepthook = afterwards


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Hide Beam's warnings, which tell of nothing wrong here, unless the caller has set a level for its log."""
    root, log = logging.getLogger(), logging.getLogger("apache_beam")
    if log.level != logging.NOTSET:
        yield
        return

    def is_told(record: logging.LogRecord) -> bool:
        return record.levelno >= logging.ERROR or "apache_beam" not in record.pathname  # what a worker logs is root's

    log.setLevel(logging.ERROR)
    root.addFilter(is_told)
    try:
        yield
    finally:
        log.setLevel(logging.NOTSET)
        root.removeFilter(is_told)


def _but_for(threads: set[threading.Thread], hook: ExceptHook) -> ExceptHook:
    """Return a hook that keeps silent of what some threads die of."""
    silent = WeakSet(threads)
    return lambda arguments: None if arguments.thread in silent else hook(arguments)


def call_apart(function: Callable[[], Any]) -> "Future[Any]":
    """Call a function in a thread of its own, which does not keep the process from ending."""
    outcome: Future[Any] = Future()

    def call() -> None:
        try:
            outcome.set_result(function())
        except BaseException as error:  # whoever waits for the outcome raises it
            outcome.set_exception(error)

    threading.Thread(target=call, daemon=True).start()
    return outcome


def named_error(text: str) -> XlnetDataError | None:
    """Return the named error that a worker's traceback ends in, None if it ends in none.

    >>> named_error("...\\nxlnet_data.errors.CorpusError: cannot open a.txt [while running 'Read']")
    CorpusError('cannot open a.txt')
    """
    if "Channel closed prematurely" in text:
        return WorkerError(WORKER_DIED)
    if _NO_THREAD in text:
        return WorkerError(THREADS_SHORT)
    found = re.findall(r"xlnet_data\.errors\.(\w+): (.*?)(?: \[while running|\n\n|\Z)", text, re.DOTALL)
    return getattr(errors, found[-1][0])(found[-1][1].strip()) if found else None
