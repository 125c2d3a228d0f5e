"""Runs the worker processes of a local build, as forks of one process that has imported what they need.

A worker is Beam's own, silent on stderr, and ends when its build ends. The process that they are forked from reads a
line of JSON for each from stdin, writes a byte to stdout when one died, and ends them when stdin ends.
"""

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import pyarrow

from xlnet_data.imports import quick_imports, serve_one_build
from xlnet_data.pipelines.orphans import follow_parent
from xlnet_data.text.settings import TokenizerSettings


def main() -> None:
    """Import, then fork a worker whenever one is asked for."""
    # Without a handler of its own, the root logger would get one that writes to stderr.
    logging.getLogger().addHandler(logging.NullHandler())
    # Beam prints what a task raises, and sends it to the main process as well; a crash writes to the descriptor itself.
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - open as long as the process is
    # Arrow's own allocator keeps what it once held: a fifth of a worker's peak, and no faster here.
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    serve_one_build()
    with quick_imports():
        from apache_beam.runners.worker import sdk_worker_main  # noqa: F401 - for the workers

        from xlnet_data.pipelines import flow  # noqa: F401 - for the workers
        from xlnet_data.pipelines.local import exchange  # noqa: F401 - for the workers
    workers: set[int] = set()
    signal.signal(signal.SIGCHLD, lambda *_: _bury(workers))
    with open(0, "rb", buffering=0, closefd=False) as orders:
        for line in orders:
            order = json.loads(line)
            if "model" in order:
                _load_vocabulary(order["model"], order["settings"])
            else:
                _fork(order["variables"], workers)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)  # all that counts is written
    for worker in workers:
        os.waitpid(worker, 0)
    os._exit(0)


def _load_vocabulary(model: str, settings: dict[str, Any]) -> None:
    """Load a vocabulary and fill its tables, so that every fork has them."""
    from xlnet_data.errors import TokenizerError
    from xlnet_data.text.tokenizer import Tokenizer

    try:
        Tokenizer.load(model, TokenizerSettings(**settings)).encode(["A word."])
    except TokenizerError:  # a worker will say it
        return


def _fork(variables: dict[str, str], workers: set[int]) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    worker = os.fork()
    if worker:
        workers.add(worker)
    else:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    if not worker:
        status = 1
        try:
            _work(variables)
            status = 0
        finally:
            os._exit(status)  # all is written; taking the interpreter down would take time


def _bury(workers: set[int]) -> None:
    """Take note of workers that ended, and tell the main process of those that died."""
    for worker in list(workers):
        ended, status = os.waitpid(worker, os.WNOHANG)
        if ended:
            workers.remove(worker)
            if status:
                os.write(1, b"x")


def _work(variables: dict[str, str]) -> None:
    """Run Beam's worker; its log goes to the main process, which decides what to show."""
    from apache_beam.runners.worker import sdk_worker_main

    from xlnet_data.corpora.guards import give_up_document
    from xlnet_data.pipelines.local.monitor import GIVE_UP

    os.environ |= variables
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):  # the main process's
        os.dup2(nothing, descriptor)
    follow_parent()
    signal.signal(GIVE_UP, give_up_document)
    log, harness, _ = sdk_worker_main.create_harness(os.environ)
    # Beam would run the bundles in other threads, which no signal interrupts.
    harness._worker_thread_pool = bundles = MainThread()
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(harness.run)
        running.add_done_callback(lambda _: bundles.shutdown())
        bundles.serve()
        running.result()
    if log:
        log.close()


class MainThread(Executor):
    """Runs what is submitted from other threads, one after the other, in the thread that serves."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._workers = ()  # Beam counts them

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> "Future[Any]":
        """Have a function called."""
        outcome: Future[Any] = Future()

        def call() -> None:
            try:
                outcome.set_result(function(*arguments, **named))
            except BaseException as error:
                outcome.set_exception(error)

        self._calls.put(call)
        return outcome

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let ``serve`` end once all that was submitted is done."""
        self._calls.put(None)

    def serve(self) -> None:
        """Call what is submitted until the shutdown."""
        while call := self._calls.get():
            call()


if __name__ == "__main__":
    main()
