"""The exchange of a build on an engine: its own shuffle carries the documents to whoever writes their shard."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from xlnet_data.config import BuildConfig
from xlnet_data.datasets.lane_plans import LanePlan, ShardPlan, plan_lanes
from xlnet_data.examples.lanes import LaneText, assemble_lane, lane_of
from xlnet_data.ingestion.tallies import add_tallies
from xlnet_data.ingestion.tasks import Task
from xlnet_data.pipelines.deduplicate import DeduplicateBatches, DuplicateIndex, FindNoDuplicates, to_stream
from xlnet_data.pipelines.engine_progress import EngineProgress
from xlnet_data.pipelines.exchange import ShardLanes, ShardRecords, pass_on
from xlnet_data.pipelines.progress import Progress
from xlnet_data.pipelines.rejects import keep_duplicates, tasks_to_read_again
from xlnet_data.pipelines.stages import TokenizedBatch
from xlnet_data.schemas.manifest import SPLITS
from xlnet_data.text.ids import IdType


class EngineExchange:
    """The exchange of a build on an engine.

    Args:
        config: The config.
        output: The dataset folder, a local path or a URL.
        tasks: All tasks, numbered.
        id_type: The vocabulary's type of a token id.
    """

    def __init__(self, config: BuildConfig, output: str, tasks: Sequence[tuple[int, Task]], id_type: IdType) -> None:
        self.progress = EngineProgress()
        self.records = ShardRecords()
        self.manifest_folder = output
        self._tasks = tasks
        self._assign = _AssignLanes(config, output, tasks, id_type)

    def tasks(self) -> beam.PTransform:
        """Return the transform that gives all tasks."""
        return beam.Create(self._tasks)

    def assign(self) -> beam.PTransform:
        """Return the transform that groups the documents by shard."""
        return self._assign


@dataclass(frozen=True, slots=True)
class ShuffledLanes(ShardLanes):
    """The lanes of one shard, with the documents that the shuffle brought.

    Attributes:
        shard: Which shard.
        payload: Arrow streams of TOKENIZED_SCHEMA.
    """

    shard: ShardPlan
    payload: tuple[bytes, ...]

    def read(self, id_type: IdType) -> Iterator[tuple[int, LaneText]]:
        """Yield number and text of each lane that has a document, in order."""
        by_lane: dict[int, list[pa.RecordBatch]] = {}
        for stream in self.payload:
            for rows in pa.ipc.open_stream(stream):
                for lane, part in _split_by(rows, lambda lane_key: lane_of(lane_key, self.shard.lanes)):
                    by_lane.setdefault(lane, []).append(part)
        for lane in sorted(by_lane):
            yield lane, assemble_lane(by_lane[lane], id_type)


class _AssignLanes(beam.PTransform):
    """Counts the documents, decides on duplicates, plans the lanes, and sends each document to its shard."""

    def __init__(self, config: BuildConfig, output: str, tasks: Sequence[tuple[int, Task]], id_type: IdType) -> None:
        super().__init__()
        self._planning = {"config": config, "id_bytes": np.dtype(id_type).itemsize}
        has_duplicates = config.has_deduplication
        self._deduplicate = DeduplicateBatches(config) if has_duplicates else FindNoDuplicates()
        keeps = has_duplicates and config.output.rejects
        again = tasks_to_read_again(tasks, config)
        self._keep = _KeepDuplicates(config, output, again) if keeps else _KeepNothing()

    def expand(self, batches: Any) -> Any:
        # Every document is needed twice, to be counted and to be sent, the second time knowing all counts: without
        # this, some engines would tokenize it twice, and others find no order to work in.
        batches = batches | "Keep" >> beam.Reshuffle()
        found = batches | "Deduplicate" >> self._deduplicate
        duplicates = beam.pvalue.AsList(found["duplicates"])
        tally = (
            (batches | "Count" >> beam.Map(lambda batch: batch.tally), found["taken_back"])
            | "Both" >> beam.Flatten()
            | "Sum" >> beam.CombineGlobally(add_tallies)
            | "Strike" >> beam.Map(lambda tally, tables: DuplicateIndex(tables).without_dropped(tally), duplicates)
        )
        tally = (tally, found["duplicates"]) | "KeepDuplicates" >> self._keep
        plan = tally | "Plan" >> beam.Map(plan_lanes, **self._planning)
        only_plan = beam.pvalue.AsSingleton(plan)
        # Shards without documents get an empty group.
        every = plan | "Every" >> beam.FlatMap(lambda plan: [((s.split, s.number), b"") for s in plan.shard_plans()])
        payload = batches | "Route" >> beam.FlatMap(_route, plan=only_plan, duplicates=duplicates)
        lanes = (
            (payload, every)
            | "Merge" >> beam.Flatten()
            | "Group" >> beam.GroupByKey()
            | "Gather" >> beam.Map(_gather, plan=only_plan)
        )
        return {"lanes": lanes, "tally": tally}


class _KeepDuplicates(beam.PTransform):
    """Reads tasks again for the documents that deduplication dropped; passes the tally on when all are written."""

    def __init__(self, config: BuildConfig, output: str, tasks: Sequence[tuple[int, Task]]) -> None:
        super().__init__()
        self._config, self._output, self._tasks = config, output, tasks

    def expand(self, inputs: Any) -> Any:
        tally, duplicates = inputs
        kept = (
            tally.pipeline
            | "ListAgain" >> beam.Create(self._tasks)
            | "Keep" >> beam.Map(_keep, self._config, self._output, beam.pvalue.AsList(duplicates))
        )
        return tally | "WaitKept" >> beam.Map(lambda tally, _: tally, beam.pvalue.AsList(kept))


class _KeepNothing(beam.PTransform):
    def expand(self, inputs: Any) -> Any:
        return inputs[0] | beam.Map(pass_on)


def _keep(numbered: tuple[int, Task], config: BuildConfig, output: str, duplicates: Sequence[pa.Table]) -> int:
    keep_duplicates(numbered, config, output, Progress(), DuplicateIndex(duplicates))
    return 1


def _route(
    batch: TokenizedBatch, plan: LanePlan, duplicates: Sequence[pa.Table]
) -> Iterator[tuple[tuple[str, int], bytes]]:
    """Yield a batch's documents by shard, as Arrow streams."""
    kept = DuplicateIndex(duplicates).without(batch.rows)
    for split in SPLITS:
        if plan.lanes[split]:
            rows = plan.rows_of(split, kept)
            for number, part in _split_by(rows, lambda lane_key: plan.shard_number(split, lane_key)):  # noqa: B023
                yield (split, number), to_stream(part)


def _gather(group: tuple[tuple[str, int], Iterable[bytes]], plan: LanePlan) -> ShuffledLanes:
    key, payload = group
    shard = next(shard for shard in plan.shard_plans() if (shard.split, shard.number) == key)
    return ShuffledLanes(shard, tuple(stream for stream in payload if stream))


def _split_by(rows: pa.RecordBatch, group_of: Any) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield (group, rows) for the groups that the rows' lane keys fall into."""
    members: dict[int, list[int]] = {}
    for row, lane_key in enumerate(rows.column("lane_key").to_pylist()):
        members.setdefault(group_of(lane_key), []).append(row)
    for group in sorted(members):
        yield group, rows.take(pa.array(members[group], pa.int64()))
