"""The exchange of a build on one machine: queues share the work, spool files carry the documents.

The local runner holds whatever is grouped in memory. So every task writes its documents to a spool file, and only
references cross the stages: memory does not grow with the corpus.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.transforms.window import GlobalWindows

from xlnet_data.config import BuildConfig
from xlnet_data.datasets.lane_plans import LanePlan, ShardPlan, plan_lanes, tokens_not_copied_to_dev
from xlnet_data.examples.lanes import LaneText
from xlnet_data.ingestion.tallies import Tally, add_tallies
from xlnet_data.ingestion.tasks import Task
from xlnet_data.pipelines.exchange import ShardLanes, pass_on
from xlnet_data.pipelines.local.duplicates import DeduplicateSpool, load_duplicates
from xlnet_data.pipelines.local.folder import HeldFolder
from xlnet_data.pipelines.local.queue import DrainQueue, LocalFolders, fill_queue
from xlnet_data.pipelines.local.records import LocalShardRecords, Records, task_record
from xlnet_data.pipelines.local.spool import SpoolWriter, read_lanes, read_tally, spool_files
from xlnet_data.pipelines.local.status import LocalProgress, read_counts
from xlnet_data.pipelines.rejects import KeepRejects, keep_duplicates
from xlnet_data.pipelines.stages import TokenizedBatch
from xlnet_data.text.ids import IdType


class LocalExchange:
    """The exchange of a build on one machine.

    Args:
        config: The config.
        held: The folder that the dataset is built in.
        folders: Where the build keeps what it has done so far, and its worker processes.
        id_type: The vocabulary's type of a token id.
        num_tasks: Tasks of the whole build, the finished ones included.
    """

    def __init__(
        self, config: BuildConfig, held: HeldFolder, folders: LocalFolders, id_type: IdType, num_tasks: int
    ) -> None:
        self.progress = LocalProgress(folders.status, folders.left_out, folders.queues)
        self.records = LocalShardRecords(held.records)
        self.manifest_folder = held.work
        self.open_lanes = pass_on
        self._folders = folders
        self._assign = _AssignLanes(config, held, folders, id_type, num_tasks, self.progress)

    def tasks(self) -> beam.PTransform:
        """Return the transform that takes the tasks from their queue, one worker beside the other."""
        return _TakeTasks(self._folders)

    def assign(self) -> beam.PTransform:
        """Return the transform that spools the documents and refers to them by shard."""
        return self._assign

    def finish(self) -> beam.PTransform:
        """Return a transform that does nothing: the main process publishes what its workers wrote."""
        return beam.Map(pass_on)


@dataclass(frozen=True, slots=True)
class SpooledLanes(ShardLanes):
    """The lanes of one shard, whose documents lie in spool files.

    Attributes:
        shard: Which shard.
        plan: The dataset's lanes and shards.
        spool: Folder of the spool files.
    """

    shard: ShardPlan
    plan: LanePlan
    spool: str

    def read(self, id_type: IdType) -> Iterator[tuple[int, LaneText]]:
        """Yield number and text of each lane that has a document, in order."""
        return read_lanes(self.spool, self.shard, self.plan, load_duplicates(self.spool), id_type)


class _TakeTasks(beam.PTransform):
    def __init__(self, folders: LocalFolders) -> None:
        super().__init__()
        self._folders = folders

    def expand(self, pipeline: Any) -> Any:
        return pipeline | "Start" >> beam.Impulse() | "Take" >> DrainQueue(self._folders.tasks, self._folders.workers)


class _AssignLanes(beam.PTransform):
    """Spools the documents, decides on duplicates, plans the lanes, and queues the shards."""

    def __init__(
        self,
        config: BuildConfig,
        held: HeldFolder,
        folders: LocalFolders,
        id_type: IdType,
        num_tasks: int,
        progress: LocalProgress,
    ) -> None:
        super().__init__()
        self._folders, self._num_tasks = folders, num_tasks
        self._building, self._records = held.building, held.records
        self._planning = {"config": config, "id_bytes": np.dtype(id_type).itemsize, "progress": progress}
        nothing_found = beam.Map(lambda _: Tally())
        self._deduplicate = DeduplicateSpool(config, folders.spool) if config.has_deduplication else nothing_found
        keeps = config.has_deduplication and config.output.rejects
        self._keep = _KeepDuplicates(config, held.records, folders, progress) if keeps else None

    def expand(self, batches: Any) -> Any:
        spool = self._folders.spool
        tally = (
            batches
            | "Reject" >> KeepRejects(self._building)
            | "Spool" >> beam.ParDo(_Spool(spool, self._records))
            | "Wait" >> beam.CombineGlobally(sum).without_defaults()
            | "Deduplicate" >> self._deduplicate
            | "Sum" >> beam.Map(_sum_spool, folder=spool, num_tasks=self._num_tasks)
        )
        if self._keep is not None:
            tally = tally | "Keep" >> self._keep
        lanes = (
            tally
            | "Queue" >> beam.Map(_queue_shards, folders=self._folders, **self._planning)
            | "Take" >> DrainQueue(self._folders.shards, self._folders.workers)
        )
        return {"lanes": lanes, "tally": tally}


class _Spool(beam.DoFn):
    """Writes each task's batches to the task's spool file; yields 1 for each finished task.

    A task is finished by its record, which names the spool files and what KeepRejects wrote before.
    """

    def __init__(self, folder: str, records: Records) -> None:
        super().__init__()
        self._folder, self._records = folder, records
        self._task = -1
        self._writer: SpoolWriter | None = None

    def process(self, batch: TokenizedBatch) -> Iterator[int]:
        if self._writer is None:
            self._task = batch.task
            self._writer = SpoolWriter(self._folder, batch.task)
        assert self._task == batch.task, "a task's batches come one after another: nothing regroups them on one machine"
        self._writer.add(batch.rows, batch.keys, batch.tally)
        if batch.is_last:
            self._records.keep(task_record(batch.task), [*batch.files, *self._writer.finish()])
            self._writer = None
            yield 1

    def finish_bundle(self) -> Iterator[Any]:
        yield GlobalWindows.windowed_value(0)  # so that there is a sum to wait for where no task is left

    def teardown(self) -> None:
        if self._writer is not None:
            self._writer.abandon()


class _KeepDuplicates(beam.PTransform):
    """Reads tasks again for the documents that deduplication dropped; passes the tally on when all are written."""

    def __init__(self, config: BuildConfig, records: Records, folders: LocalFolders, progress: LocalProgress) -> None:
        super().__init__()
        self._folders = folders
        self._arguments = (config, records, folders.spool, progress)

    def expand(self, tally: Any) -> Any:
        kept = (
            tally
            | "TakeAgain" >> DrainQueue(self._folders.duplicates, self._folders.workers)
            | "Keep" >> beam.Map(_keep_unless_kept, *self._arguments)
        )
        return tally | "WaitKept" >> beam.Map(lambda tally, _: tally, beam.pvalue.AsList(kept))


def _keep_unless_kept(
    numbered: tuple[int, Task], config: BuildConfig, records: Records, spool: str, progress: LocalProgress
) -> int:
    """Keep a task's duplicates unless an earlier part of the build has."""
    record = f"duplicates-{numbered[0]:06}"
    if records.find(record) is None:
        files = keep_duplicates(numbered, config, records.output, progress, load_duplicates(spool))
        records.keep(record, files)
    return 1


def _sum_spool(taken_back: Tally, folder: str, num_tasks: int) -> Tally:
    paths = spool_files(folder)
    assert len(paths) == num_tasks, f"{len(paths)} of {num_tasks} spool files"
    tally = add_tallies([taken_back, *(read_tally(path) for path in paths)])
    return load_duplicates(folder).without_dropped(tally)


def _queue_shards(
    tally: Tally, folders: LocalFolders, config: BuildConfig, id_bytes: int, progress: LocalProgress
) -> None:
    _correct_tokens(tally, config, progress)
    plan = plan_lanes(tally, config, id_bytes)
    fill_queue(folders.shards, (SpooledLanes(shard, plan, folders.spool) for shard in plan.shard_plans()))


def _correct_tokens(tally: Tally, config: BuildConfig, progress: LocalProgress) -> None:
    """Correct the tokens that were reported: by those of tasks that are no part of this run, and by duplicates."""
    tokens = tally.counts["", "train"] + tally.counts["", "dev"] - tokens_not_copied_to_dev(tally, config).total()
    progress.add(tokens_read=tokens - read_counts(progress.folder).tokens_read)
