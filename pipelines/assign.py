"""Where the payload goes between tokenizing and the lanes: the only module that knows one machine from many.

On one machine every task writes its documents to a spool file and only the plan crosses the stages, so that memory
does not grow with the corpus: the local runner holds whatever is grouped. On a cluster the engine's shuffle carries
the documents to the worker that writes their shard.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from xlnet_data.config import BuildConfig
from xlnet_data.lanes import LaneText, assemble_lane, lane_of
from xlnet_data.pipelines.deduplicate import DeduplicateBatches, DeduplicateSpool
from xlnet_data.pipelines.dropped import DroppedDocuments
from xlnet_data.pipelines.spool import SpoolWriter, read_lanes, read_tally, spool_files
from xlnet_data.pipelines.stages import TokenizedBatch
from xlnet_data.pipelines.work import LocalWork, TakeTurns, fill_queue
from xlnet_data.plans import LanePlan, ShardPlan, plan_lanes
from xlnet_data.schemas.manifest import SPLITS
from xlnet_data.tallies import Tally, add_tallies

IdType = type[np.uint16] | type[np.int32]


@dataclass(frozen=True, slots=True)
class ShardLanes:
    """The lanes of one shard, by reference to spool files or as what the shuffle brought.

    Attributes:
        shard: Which shard.
        plan: The dataset's lanes and shards.
        spool: Folder of the spool files; None on a cluster.
        payload: Arrow streams of TOKENIZED_SCHEMA; empty where there is a spool.
    """

    shard: ShardPlan
    plan: LanePlan
    spool: str | None
    payload: tuple[bytes, ...] = ()

    def read(self, id_type: IdType) -> Iterator[tuple[int, LaneText]]:
        """Yield number and text of each lane that has a document, in order."""
        if self.spool is not None:
            yield from read_lanes(self.spool, self.shard, self.plan, id_type)
            return
        by_lane: dict[int, list[pa.RecordBatch]] = {}
        for stream in self.payload:
            for rows in pa.ipc.open_stream(stream):
                for lane, part in _split_by(rows, lambda place: lane_of(place, self.shard.lanes)):
                    by_lane.setdefault(lane, []).append(part)
        for lane in sorted(by_lane):
            yield lane, assemble_lane(by_lane[lane], id_type)


class AssignLanes(beam.PTransform):  # type: ignore[misc]
    """Bring the documents of each shard's lanes together: TokenizedBatch in; ShardLanes, Tally and LanePlan out."""

    def __init__(self, config: BuildConfig, id_type: IdType, work: LocalWork | None, num_tasks: int) -> None:
        super().__init__()
        self._config, self._id_type, self._work, self._num_tasks = config, id_type, work, num_tasks

    def expand(self, batches: Any) -> Any:
        """Return a dict of the PCollections "lanes", "tally" and "plan"; on a cluster also "dropped", if any may be."""
        id_bytes = np.dtype(self._id_type).itemsize
        if self._work is None:
            # Every document is needed twice, to be counted and to be sent, the second time knowing all counts: without
            # this, some engines would tokenize it twice, and others find no order to work in.
            batches = batches | "Keep" >> beam.Reshuffle()
            counted = batches | "Count" >> beam.Map(lambda batch: batch.tally)
            found, dropped = {}, ()
            if self._config.has_deduplication:
                duplicates = batches | "Deduplicate" >> DeduplicateBatches(self._config)
                found = {"dropped": duplicates | "Documents" >> beam.Keys()}
                dropped = beam.pvalue.AsList(found["dropped"])
                counted = (counted, duplicates | "TakenBack" >> beam.Values()) | "Both" >> beam.Flatten()
            tally = (
                counted
                | "Sum" >> beam.CombineGlobally(add_tallies)
                | "Strike"
                >> beam.Map(lambda tally, dropped: DroppedDocuments(dropped).strike_candidates(tally), dropped)
            )
            plan = tally | "Plan" >> beam.Map(plan_lanes, config=self._config, id_bytes=id_bytes)
            lanes = _shuffle(batches, plan, dropped)
        else:
            found = {}
            spool = self._work.spool
            finished = batches | "Spool" >> beam.ParDo(_Spool(spool)) | "Wait" >> beam.CombineGlobally(sum)
            if self._config.has_deduplication:
                taken_back = finished | "Deduplicate" >> DeduplicateSpool(self._config, spool)
                finished = taken_back | "SumTakenBack" >> beam.CombineGlobally(add_tallies)
            else:
                finished = finished | "NothingTakenBack" >> beam.Map(lambda _: Tally())
            tally = finished | "Sum" >> beam.Map(_sum_spool, folder=spool, num_tasks=self._num_tasks)
            plan = tally | "Plan" >> beam.Map(plan_lanes, config=self._config, id_bytes=id_bytes)
            lanes = (
                plan
                | "Queue" >> beam.Map(_queue_shards, work=self._work)
                | "Shards" >> TakeTurns(self._work.shards, self._work.workers)
            )
        return {"lanes": lanes, "tally": tally, "plan": plan} | found


class _Spool(beam.DoFn):  # type: ignore[misc]
    """Writes each task's batches to the task's spool file; yields 1 for each finished task."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder
        self._task = -1
        self._writer: SpoolWriter | None = None

    def process(self, batch: TokenizedBatch) -> Iterator[int]:
        if self._writer is None:
            self._task = batch.task
            self._writer = SpoolWriter(self._folder, batch.task)
        assert self._task == batch.task, "a task's batches come one after another: nothing regroups them on one machine"
        self._writer.add(batch.rows, batch.keys, batch.tally)
        if batch.is_last:
            self._writer.finish()
            self._writer = None
            yield 1

    def teardown(self) -> None:
        if self._writer is not None:
            self._writer.abandon()


def _sum_spool(taken_back: Tally, folder: str, num_tasks: int) -> Tally:
    paths = spool_files(folder)
    assert len(paths) == num_tasks, f"{len(paths)} of {num_tasks} spool files"
    tally = add_tallies([taken_back, *(read_tally(path) for path in paths)])
    return DroppedDocuments.load(folder).strike_candidates(tally)


def _queue_shards(plan: LanePlan, work: LocalWork) -> None:
    fill_queue(work.shards, (ShardLanes(shard, plan, work.spool) for shard in plan.shard_plans()))


def _shuffle(batches: Any, plan: Any, dropped: Any) -> Any:
    """Send each document to its shard's group; shards without documents get an empty group."""
    only_plan = beam.pvalue.AsSingleton(plan)
    payload = batches | "Route" >> beam.FlatMap(_route, plan=only_plan, dropped=dropped)
    every = plan | "Every" >> beam.FlatMap(lambda plan: [((s.split, s.number), b"") for s in plan.shard_plans()])
    return (
        (payload, every)
        | "Merge" >> beam.Flatten()
        | "Group" >> beam.GroupByKey()
        | "Gather" >> beam.Map(_gather, plan=only_plan)
    )


def _route(
    batch: TokenizedBatch, plan: LanePlan, dropped: Sequence[pa.Table]
) -> Iterator[tuple[tuple[str, int], bytes]]:
    kept = DroppedDocuments(dropped).without(batch.rows)
    for split in SPLITS:
        if plan.lanes[split]:
            rows = plan.rows_of(split, kept)
            for number, part in _split_by(rows, lambda place: plan.shard_number(split, place)):  # noqa: B023
                sink = pa.BufferOutputStream()
                with pa.ipc.new_stream(sink, part.schema) as writer:
                    writer.write_batch(part)
                yield (split, number), sink.getvalue().to_pybytes()


def _gather(group: tuple[tuple[str, int], Iterable[bytes]], plan: LanePlan) -> ShardLanes:
    key, payload = group
    shard = next(shard for shard in plan.shard_plans() if (shard.split, shard.number) == key)
    return ShardLanes(shard, plan, None, tuple(stream for stream in payload if stream))


def _split_by(rows: pa.RecordBatch, group_of: Any) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield (group, rows) for the groups that the rows' places fall into."""
    members: dict[int, list[int]] = {}
    for row, place in enumerate(rows.column("place").to_pylist()):
        members.setdefault(group_of(place), []).append(row)
    for group in sorted(members):
        yield group, rows.take(pa.array(members[group], pa.int64()))
