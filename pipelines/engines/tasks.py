"""Gives the tasks of a build on an engine: one worker lists the input, the engine's shuffle spreads the tasks."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apache_beam as beam

from xlnet_data.config import BuildConfig
from xlnet_data.errors import CorpusError
from xlnet_data.ingestion.tasks import Task, list_short_tasks
from xlnet_data.pipelines.engines.folder import EngineFolder, check_probe, check_probe_once

TASKS_PER_PACK = 256
"""Tasks that leave the worker that lists them together: an engine may keep all it lists in memory at a time."""


class ListTasks(beam.PTransform):
    """List the input on a worker: a pipeline in, (number, Task) out.

    The graph holds the config alone, so it is as large for a million files as for one. What a worker gets is decided by
    the tasks' numbers, not by chance, so that one that is asked again gets the same.

    Attributes:
        numbered: The tasks, once the transform is applied.
        packs: The same in packs, lists of them, once it is applied.
    """

    def __init__(self, config: BuildConfig, folder: EngineFolder) -> None:
        super().__init__()
        self._config, self._folder = config, folder
        self.numbered: Any = None
        self.packs: Any = None

    def expand(self, pipeline: Any) -> Any:
        """List the tasks in packs, spread the packs, then the tasks."""
        self.packs = (
            pipeline
            | "Start" >> beam.Impulse()
            | "List" >> beam.FlatMap(lambda _, *rest: _pack_tasks(*rest), self._config, self._folder)
            | "SpreadPacks" >> beam.GroupByKey()
            | "Unpack" >> beam.FlatMap(lambda group: group[1])
        )
        self.numbered = (
            self.packs
            | "Part" >> beam.FlatMap(lambda pack: [(number, (number, task)) for number, task in pack])
            | "SpreadTasks" >> beam.GroupByKey()
            | "Check" >> beam.FlatMap(_check, self._folder)
        )
        return self.numbered


def _pack_tasks(config: BuildConfig, folder: EngineFolder) -> Iterator[tuple[int, Sequence[tuple[int, Task]]]]:
    """Yield (number, tasks with their numbers) of each pack."""
    check_probe(folder)
    numbered = enumerate(_list_tasks(config))
    for number in itertools.count():
        pack = list(itertools.islice(numbered, TASKS_PER_PACK))
        if not pack:
            return
        yield number, pack


def _list_tasks(config: BuildConfig) -> Iterator[Task]:
    try:
        yield from list_short_tasks(config)
    except CorpusError as error:
        raise CorpusError(
            f"{error}; it was a worker that looked: the inputs must lie where all machines, and containers, reach them "
            "under the same names"
        ) from error


def _check(group: tuple[int, Iterable[tuple[int, Task]]], folder: EngineFolder) -> Iterable[tuple[int, Task]]:
    """Return a task after a look whether this worker sees the build's folder."""
    check_probe_once(folder)
    return group[1]
