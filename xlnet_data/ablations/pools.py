"""Does the work of an ablation's runs side by side, each in a process of its own, and leaves out what is done."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Protocol, TypeVar

from xlnet_data.errors import ConfigError, WorkerError
from xlnet_data.pipelines.orphans import follow_parent


class Planned(Protocol):
    """What is to be done, with the folder that it is done in."""

    @property
    def folder(self) -> Path:
        """Its folder."""
        ...


_Planned = TypeVar("_Planned", bound=Planned)
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Work:
    """How planned work is done, and what is said of it.

    Attributes:
        doing: What is said when it begins: "training".
        done: What is said when it is done: "trained".
        jobs: So many processes, each with its share of the cores.
        show: Is told what is done.
    """

    doing: str
    done: str
    jobs: int
    show: Callable[[str], None]


def read_all(planned: Sequence[_Planned], read: Callable[[_Planned], _Found | None]) -> list[_Found]:
    """Return what was found of all planned work that is done."""
    return [found for one in planned if (found := read(one)) is not None]


def run_all(
    planned: Sequence[_Planned], run: Callable[[_Planned], None], read: Callable[[_Planned], _Found | None], work: Work
) -> list[_Found]:
    """Do what is not done yet, several side by side, and return what was found of all, in the order of the plan.

    Args:
        planned: What is wanted.
        run: Does one of it, in another process.
        read: Returns what was found of it, None if it is not done.
        work: How it is done.

    Raises:
        WorkerError: A process was killed, or out of memory.
    """
    missing = [one for one in planned if read(one) is None]
    jobs = min(work.jobs, len(missing))
    if jobs <= 1:
        for one in missing:
            work.show(f"{work.doing} {one.folder}")
            run(one)
    else:
        _run_side_by_side(missing, run, jobs, work)
    return read_all(planned, read)


def _run_side_by_side(missing: Sequence[_Planned], run: Callable[[_Planned], None], jobs: int, work: Work) -> None:
    threads = max(1, len(os.sched_getaffinity(0)) // jobs)
    others = {*active_children()}
    # Spawned, not forked: a library's threads of this process would not be there in a fork.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin_process, (threads,)) as pool:
        work.show(f"{work.doing} {len(missing)} runs, {jobs} at a time")
        try:
            # Ctrl-C is this process's affair: a mask is inherited, so that not even a start is interrupted.
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                runs = {pool.submit(run, one): one for one in missing}
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            for number, future in enumerate(as_completed(runs), 1):
                future.result()
                work.show(f"{work.done} {runs[future].folder}, {number} of {len(missing)}")
        except BrokenProcessPool as error:
            raise WorkerError(
                f"a process that was {work.doing} was killed, perhaps for want of memory: the same command goes on, "
                f"with fewer than {jobs} --jobs if it was memory"
            ) from error
        except BaseException as error:
            if not isinstance(error, Exception):  # an interruption waits for no run
                for process in {*active_children()} - others:
                    process.kill()
            pool.shutdown(cancel_futures=True)
            raise


def _begin_process(num_threads: int) -> None:
    """Let what this process will import compute with so many threads, and end it with the one that began it."""
    os.environ["OMP_NUM_THREADS"] = str(num_threads)
    follow_parent()


@contextmanager
def named_reading(path: Path, removed: Path, then: str) -> Iterator[None]:
    """Make a named error of whatever is wrong with a file that says that something is done.

    Args:
        path: The file.
        removed: What the message says to remove.
        then: What happens then.

    Raises:
        ConfigError: Something is.
    """
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(
            f"{path} cannot be read ({type(error).__name__}: {error}): remove {removed}, and {then}"
        ) from error


def write_whole(path: Path, content: str) -> None:
    """Write a file that says that something is done: it is there with all it holds, or not at all."""
    from xlnet_data.files.writing import atomic_write  # here, so that --help need not wait for what it imports

    with atomic_write(str(path)) as file:
        file.write(content.encode())
