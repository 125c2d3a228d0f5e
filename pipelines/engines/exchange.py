"""The exchange of a build on an engine: its own shuffle carries the documents to whoever writes their shard."""

import functools
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np

from xlnet_data.config import BuildConfig
from xlnet_data.datasets.lane_plans import LanePlan, plan_lanes
from xlnet_data.pipelines.engines.duplicates import CountAll, CountDeduplicated, KeepDuplicates, strike_documents
from xlnet_data.pipelines.engines.folder import EngineFolder, publish_folder
from xlnet_data.pipelines.engines.progress import EngineProgress
from xlnet_data.pipelines.engines.shards import RouteDocuments, open_shuffled, shard_key
from xlnet_data.pipelines.engines.tasks import ListTasks
from xlnet_data.pipelines.exchange import ShardRecords
from xlnet_data.pipelines.rejects import rejects_path, write_rejects
from xlnet_data.pipelines.stages import TokenizedBatch
from xlnet_data.text.ids import IdType


class EngineExchange:
    """The exchange of a build on an engine.

    Args:
        config: The config.
        folder: Where the build writes.
        id_type: The vocabulary's type of a token id.
    """

    def __init__(self, config: BuildConfig, folder: EngineFolder, id_type: IdType) -> None:
        self.progress = EngineProgress()
        self.records = ShardRecords()
        self.manifest_folder = folder.manifests
        self.open_lanes = functools.partial(open_shuffled, folder=folder)
        self._folder = folder
        self._tasks = ListTasks(config, folder)
        self._assign = _AssignLanes(config, folder, self._tasks, id_type)

    def tasks(self) -> beam.PTransform:
        """Return the transform that lets a worker list the tasks."""
        return self._tasks

    def assign(self) -> beam.PTransform:
        """Return the transform that groups the documents by shard."""
        return self._assign

    def finish(self) -> beam.PTransform:
        """Return the transform that puts the finished dataset in its place."""
        return beam.Map(publish_folder, folder=self._folder)


class _AssignLanes(beam.PTransform):
    """Counts the documents, decides on duplicates, plans the lanes, and sends each document to its shard.

    What a worker gets is decided by keys throughout, never by chance or by which stages an engine runs as one.
    """

    def __init__(self, config: BuildConfig, folder: EngineFolder, tasks: ListTasks, id_type: IdType) -> None:
        super().__init__()
        self._tasks = tasks
        self._planning = {"config": config, "id_bytes": np.dtype(id_type).itemsize}
        self._count = CountDeduplicated(config) if config.has_deduplication else CountAll()
        self._keeps: list[beam.PTransform] = []
        if config.output.rejects:
            self._keeps.append("Rejects" >> _KeepRejects(folder))
        if config.output.rejects and config.has_deduplication:
            self._keeps.append("Duplicates" >> KeepDuplicates(config, folder))

    def expand(self, batches: Any) -> Any:
        # Every document is needed twice, to be counted and to be sent, the second time knowing all counts. Counts are
        # taken where documents are read. The documents themselves wait between two stages of the engine, which keeps
        # what a stage has made: none reads and tokenizes a document twice, but to make up for a worker that it lost.
        counted = {"batches": batches, "packs": self._tasks.packs} | "Count" >> self._count
        tally, found = counted["tally"], counted["found"]
        plan = tally | "Plan" >> beam.Map(plan_lanes, **self._planning)
        only_plan = beam.pvalue.AsSingleton(plan)
        documents = batches | "Route" >> beam.ParDo(RouteDocuments(), only_plan)
        lanes = (
            (
                documents | "Documents" >> beam.Map(lambda keyed: (keyed[0], (False, keyed[1]))),
                found | "Dropped" >> beam.FlatMap(strike_documents, only_plan),
                plan | "Every" >> beam.FlatMap(_every_shard),
            )
            | "Merge" >> beam.Flatten()
            | "Group" >> beam.GroupByKey()
        )
        for keep in self._keeps:
            kept = {"batches": batches, "tasks": self._tasks.numbered, "found": found} | keep
            tally = tally | f"Wait{keep.label}" >> beam.Map(lambda tally, _: tally, beam.pvalue.AsSingleton(kept))
        return {"lanes": lanes, "tally": tally}


class _KeepRejects(beam.PTransform):
    """Write the documents that were dropped up to tokenizing, a file per task: a dict of "batches" in, a count out."""

    def __init__(self, folder: EngineFolder) -> None:
        super().__init__()
        self._folder = folder

    def expand(self, inputs: Any) -> Any:
        """Bring a task's rejects together, then write them."""
        return (
            inputs["batches"]
            | "Rejected" >> beam.FlatMap(_rejected)
            | "GroupRejected" >> beam.GroupByKey()
            | "WriteRejected" >> beam.Map(_write_rejects, self._folder.building)
            | "CountRejected" >> beam.CombineGlobally(sum)
        )


def _every_shard(plan: LanePlan) -> Iterator[tuple[tuple[Any, ...], tuple[bool, bytes]]]:
    """Yield an empty value for each shard: one without documents is written, too."""
    for shard in plan.shard_plans():
        yield shard_key(shard.split, shard.number, plan), (True, b"")


def _rejected(batch: TokenizedBatch) -> Iterator[tuple[tuple[str, int], tuple[tuple[int, int], bytes]]]:
    if batch.rejected:
        yield (batch.corpus, batch.task), (batch.number, batch.rejected)


def _write_rejects(group: tuple[tuple[str, int], Iterable[tuple[tuple[int, int], bytes]]], output: str) -> int:
    """Write a task's rejects in the order of its batches; return 1."""
    (corpus, task), parts = group
    write_rejects(rejects_path(output, corpus, task), [part for _, part in sorted(parts)])
    return 1
