"""Starts the worker processes of a local build: one process imports what all need, and the workers are its forks.

An import of Beam takes about a second of a core, in each worker as in the main process. So it is made once for all
workers, in a process without threads, which is begun before the main process imports Beam itself. This module imports
nothing large.
"""

import contextlib
import itertools
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from weakref import WeakValueDictionary

from xlnet_data.imports import module_command


class Crew:
    """The worker processes of a local build, and the process that they are forked from; a context that ends them.

    Attributes:
        number: Stands for it in a flow's description.
    """

    def __init__(self) -> None:
        self.number = str(next(_numbers)).encode()
        CREWS[self.number] = self
        self._process: subprocess.Popen[bytes] | None = None
        self._has_orders = False

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def begin(self) -> None:
        """Let the imports begin, if they have not."""
        if self._process is None:
            self._has_orders = False
            # Memory that is given back to one arena of several is of no use to the others: a fifteenth of a worker's
            # peak. No library shall begin threads before the forks.
            environment = os.environ | {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}
            # Ctrl-C is the main process's affair: a mask is inherited, so that not even a start is interrupted.
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                self._process = subprocess.Popen(
                    module_command("xlnet_data.pipelines.local.worker"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment,
                )
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            assert self._process.stdout is not None
            os.set_blocking(self._process.stdout.fileno(), False)

    def prepare(self, model: str, settings: Mapping[str, Any]) -> None:
        """Have the vocabulary loaded before the workers are forked.

        Args:
            model: The model's path.
            settings: The fields of TokenizerSettings.
        """
        self._tell({"model": model, "settings": dict(settings)})

    def add_worker(self, variables: Mapping[str, str]) -> None:
        """Fork a worker, with environment variables of its own."""
        self._tell({"variables": dict(variables)})

    def has_losses(self) -> bool:
        """Return whether a worker died, or the process that they are forked from."""
        if self._process is None:
            return False
        assert self._process.stdout is not None
        return self._process.poll() is not None or bool(self._process.stdout.read())

    def end(self) -> None:
        """End all workers; others may be begun afterwards."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            assert process.stdout is not None
            if not self._has_orders:  # it may still import, and has no workers
                process.kill()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()  # which the process takes for the end
            process.wait()
            process.stdout.close()

    def _tell(self, what: Mapping[str, Any]) -> None:
        self.begin()
        self._has_orders = True
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # has_losses says that it died
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            self._process.stdin.flush()


CREWS: WeakValueDictionary[bytes, Crew] = WeakValueDictionary()
"""The crews of this process by their number."""

_numbers = itertools.count()
