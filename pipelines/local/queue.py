"""Shares the work of a build on one machine: folders of files from which each worker takes one piece after another.

The local runner deals elements out beforehand, as many to each worker, and would wait for the slowest. Here a piece of
work at a time goes to whichever worker is free.
"""

import os
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam

from xlnet_data.files.writing import named_write

_TAKEN = ".taken"


@dataclass(frozen=True)
class LocalFolders:
    """Where a build on one machine keeps what it has done so far, and how many processes work on it.

    Attributes:
        spool: Folder of the tokenized documents, a file per finished task.
        records: Folder with a small file per finished shard.
        status: Folder with a small file of every process: how far it is, and which document it is at.
        queues: Folder of the tasks and shards that wait for a worker; a new one whenever a build goes on, because
            a worker of a build that was killed may live a moment longer.
        workers: Worker processes; 0: everything runs in this one.
    """

    spool: str
    records: str
    status: str
    queues: str
    workers: int

    @property
    def left_out(self) -> str:
        """File with the documents that workers died on and that the config says to skip."""
        return os.path.join(self.records, "left_out.json")

    @property
    def tasks(self) -> str:
        """The queue of the tasks, numbered."""
        return os.path.join(self.queues, "tasks")

    @property
    def duplicates(self) -> str:
        """The queue of the tasks that are read again for the documents that deduplication dropped."""
        return os.path.join(self.queues, "duplicates")

    @property
    def shards(self) -> str:
        """The queue of the shards."""
        return os.path.join(self.queues, "shards")


class DrainQueue(beam.PTransform):
    """Let every worker take from a queue until it is empty: one element, when it is filled, in; its pieces out.

    It deals out by groups, one of each worker's own: a reshuffle is four transforms more, which take time to begin.
    """

    def __init__(self, queue: str, workers: int) -> None:
        super().__init__()
        self._queue, self._workers = queue, workers

    def expand(self, filled: Any) -> Any:
        """Give each worker one element, in which it takes its turns."""
        return (
            filled
            | "Workers" >> beam.FlatMap(lambda _, workers: [(i, None) for i in range(max(workers, 1))], self._workers)
            | "Spread" >> beam.GroupByKey()
            | "Take" >> beam.FlatMap(lambda _, queue: drain_queue(queue), self._queue)
        )


def fill_queue(queue: str, pieces: Iterable[Any]) -> None:
    """Write pieces of work into a new folder, a file each, in the order in which they shall be begun.

    Raises:
        ShardError: The disk is full.
    """
    with named_write(queue):
        os.makedirs(queue)
        for number, piece in enumerate(pieces):
            with open(os.path.join(queue, f"{number:06}"), "wb") as file:
                pickle.dump(piece, file)


def drain_queue(queue: str) -> Iterator[Any]:
    """Yield the pieces that no other process has taken, one by one."""
    for name in sorted(name for name in os.listdir(queue) if not name.endswith(_TAKEN)):
        path = os.path.join(queue, name)
        try:
            os.rename(path, path + _TAKEN)
        except FileNotFoundError:  # another process was faster
            continue
        with open(path + _TAKEN, "rb") as file:
            yield pickle.load(file)
