"""Finds the duplicates of a build on an engine; whoever needs some of them gets those, and nobody a list of all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from xlnet_data.config import BuildConfig
from xlnet_data.datasets.lane_plans import LanePlan
from xlnet_data.ingestion.tallies import Tally, add_tallies
from xlnet_data.ingestion.tasks import Task
from xlnet_data.pipelines.deduplicate import DuplicateIndex, decide, drop_candidates, gather
from xlnet_data.pipelines.duplicate_groups import link_documents
from xlnet_data.pipelines.engines.duplicate_groups import CountGroups
from xlnet_data.pipelines.engines.folder import EngineFolder
from xlnet_data.pipelines.engines.shards import (
    KeyRows,
    pack_rows,
    shard_key,
    shards_of,
    split_rows,
    unpack_rows,
    unpack_table,
)
from xlnet_data.pipelines.key_ranges import range_of
from xlnet_data.pipelines.progress import Progress
from xlnet_data.pipelines.rejects import keep_duplicates
from xlnet_data.pipelines.stages import TokenizedBatch
from xlnet_data.schemas.manifest import SPLITS
from xlnet_data.schemas.tokenized import DECIDED_SCHEMA, DUPLICATES_SCHEMA, KEYS_SCHEMA

RANGE_INPUT_BYTES = 16 * 1024 * 1024
"""Bytes of input on disk per range of keys, about: the rows of a range are then some tens of megabytes."""

MIN_RANGES, MAX_RANGES = 64, 65_536

_LANE_KEYS = pa.field("lane_keys", pa.large_binary(), nullable=False)
"""uint64: the lane keys of a document's copies, by which the shards are found that it is dropped from."""

_KEYS_SCHEMA = KEYS_SCHEMA.append(_LANE_KEYS)
_DECIDED_SCHEMA = DECIDED_SCHEMA.insert(len(KEYS_SCHEMA), _LANE_KEYS)


def num_ranges(input_bytes: int) -> int:
    """Return into how many ranges the keys of an input are cut, a power of two; the result does not depend on it.

    >>> num_ranges(10**6), num_ranges(10**11), num_ranges(10**14)
    (64, 8192, 65536)
    """
    wanted = max(1, input_bytes // RANGE_INPUT_BYTES)
    return min(MAX_RANGES, max(MIN_RANGES, 1 << (wanted - 1).bit_length()))


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is found of one range of documents.

    Attributes:
        rows: A row for each document that is dropped, whole or in part, by rising dedup_key: that column, "is_repeat",
            "is_dev" and "lane_keys".
        readers: (task, rows of DUPLICATES_SCHEMA): the same documents by the tasks that read them.
        taken_back: Takes back what was counted of them.
        links: Rows of LINKS_SCHEMA of all of them, packed.
    """

    rows: pa.Table
    readers: list[tuple[int, pa.RecordBatch]]
    taken_back: Tally
    links: bytes


class CountDeduplicated(beam.PTransform):
    """Decide which documents go, and count the others.

    In a dict of "batches", TokenizedBatch, and "packs", lists of numbered tasks; out a dict of "tally", one Tally, and
    "found", Gathered.
    """

    def __init__(self, config: BuildConfig) -> None:
        super().__init__()
        self._config = config

    def expand(self, inputs: Any) -> Any:
        """Take back from the counts what is dropped, and from the candidates for the dev split."""
        ranges = beam.pvalue.AsSingleton(inputs["packs"] | "Ranges" >> _CountRanges())
        found = inputs["batches"] | "Find" >> _FindDuplicates(self._config, ranges)
        counted = inputs["batches"] | "Count" >> beam.Map(lambda batch: batch.tally)
        taken_back = found | "TakenBack" >> beam.Map(lambda gathered: gathered.taken_back)
        groups = found | "Groups" >> CountGroups(self._config, ranges)
        tally = (counted, taken_back, groups) | "All" >> beam.Flatten() | "Sum" >> beam.CombineGlobally(add_tallies)
        dropped = (
            found
            | "DroppedCandidates" >> beam.Map(_find_dropped, beam.pvalue.AsSingleton(tally))
            | "AllDropped" >> beam.CombineGlobally(lambda sets: set().union(*sets))
        )
        return {
            "tally": tally | "Strike" >> beam.Map(drop_candidates, beam.pvalue.AsSingleton(dropped)),
            "found": found,
        }


class CountAll(beam.PTransform):
    """Stands for CountDeduplicated where no corpus is compared."""

    def expand(self, inputs: Any) -> Any:
        """Sum the counts; nothing is found."""
        batches = inputs["batches"]
        tally = batches | "Count" >> beam.Map(lambda batch: batch.tally) | "Sum" >> beam.CombineGlobally(add_tallies)
        return {"tally": tally, "found": batches.pipeline | "FindNothing" >> beam.Create([])}


class _CountRanges(beam.PTransform):
    """Say into how many ranges keys are cut: lists of numbered tasks in, one number out."""

    def expand(self, packs: Any) -> Any:
        """Sum the tasks' bytes."""
        return (
            packs
            | "PackBytes" >> beam.Map(lambda pack: sum(task.num_bytes for _, task in pack))
            | "InputBytes" >> beam.CombineGlobally(sum)
            | "NumRanges" >> beam.Map(num_ranges)
        )


class _FindDuplicates(beam.PTransform):
    """Decide which documents go: TokenizedBatch in, Gathered out."""

    def __init__(self, config: BuildConfig, ranges: beam.pvalue.AsSingleton) -> None:
        super().__init__()
        self._config, self._ranges = config, ranges

    def expand(self, batches: Any) -> Any:
        """Group by ranges of keys, then by ranges of documents."""
        return (
            batches
            | "Keys" >> beam.Map(_keys_of)  # where documents are read: their tokens are not sent for that
            | "RouteKeys" >> beam.ParDo(_RouteKeys(), self._ranges)
            | "GroupKeys" >> beam.GroupByKey()
            | "Decide" >> beam.ParDo(_Decide(self._config), self._ranges)
            | "GroupDocuments" >> beam.GroupByKey()
            | "Gather" >> beam.Map(_gather, self._config)
        )


class KeepDuplicates(beam.PTransform):
    """Read tasks again for what deduplication dropped: a dict of "tasks" and "found", Gathered, to their number."""

    def __init__(self, config: BuildConfig, folder: EngineFolder) -> None:
        super().__init__()
        self._config, self._folder = config, folder

    def expand(self, inputs: Any) -> Any:
        """Bring each task together with what is dropped of it."""
        readers = inputs["found"] | "Readers" >> beam.FlatMap(lambda gathered: gathered.readers)
        return (
            (inputs["tasks"], readers)
            | "TasksAndReaders" >> beam.Flatten()
            | "GroupReaders" >> beam.GroupByKey()
            | "Keep" >> beam.Map(_keep, self._config, self._folder.building)
            | "CountKept" >> beam.CombineGlobally(sum)
        )


def strike_documents(gathered: Gathered, plan: LanePlan) -> Iterator[tuple[tuple[Any, ...], tuple[bool, bytes]]]:
    """Yield (shard, (True, deduplication keys)) for each shard that dropped documents lie in.

    A document that the plan moves to the dev split is struck from both splits' shards: one that is not there does no
    harm.
    """
    dropped = gathered.rows.filter(pa.array(~gathered.rows["is_repeat"].to_numpy()))
    copies = [np.frombuffer(packed, np.uint64) for packed in dropped["lane_keys"].to_pylist()]
    counts = np.array([len(keys) for keys in copies], np.int64)
    lane_keys = np.concatenate([*copies, np.zeros(0, np.uint64)])
    dedup_keys = np.repeat(dropped["dedup_key"].to_numpy(), counts)
    is_dev = np.repeat(dropped["is_dev"].to_numpy(), counts)
    is_moved = np.isin(lane_keys, np.array(sorted(plan.moved.values()), np.uint64))
    for split in SPLITS:
        chosen = (is_dev == (split == "dev")) | is_moved
        if plan.lanes[split] and chosen.any():
            rows = pa.record_batch([dedup_keys[chosen]], ["dedup_key"])
            for number, part in split_rows(rows, shards_of(split, lane_keys[chosen], plan)):
                yield shard_key(split, number, plan), (True, part.column(0).to_numpy().tobytes())


def _keys_of(batch: TokenizedBatch) -> bytes:
    """Return rows of _KEYS_SCHEMA, packed: what deduplication compares."""
    lane_keys: dict[int, list[int]] = {}
    columns = (batch.rows.column(name).to_pylist() for name in ("dedup_key", "lane_key"))
    for dedup_key, lane_key in zip(*columns, strict=True):
        found = lane_keys.setdefault(dedup_key, [])
        found += [] if lane_key in found else [lane_key]
    packed = [np.array(lane_keys[key], np.uint64).tobytes() for key in batch.keys.column("dedup_key").to_pylist()]
    arrays = [*batch.keys.columns, pa.array(packed, pa.large_binary())]
    return pack_rows(pa.record_batch(arrays, schema=_KEYS_SCHEMA))


class _RouteKeys(KeyRows):
    """Sends what deduplication compares to its range of keys."""

    def rows_by_key(self, element: bytes, side: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        rows = unpack_rows(element, _KEYS_SCHEMA)
        yield from split_rows(rows, range_of(rows.column("key").to_numpy(), side))


class _Decide(KeyRows):
    """Decides a range of keys, and sends the rows of the documents that it concerns to their range of documents."""

    def __init__(self, config: BuildConfig) -> None:
        super().__init__()
        self._config = config

    def rows_by_key(self, element: tuple[int, Iterable[bytes]], side: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        for rows in decide(unpack_table(element[1], _KEYS_SCHEMA), self._config):
            yield from split_rows(rows, range_of(rows.column("dedup_key").to_numpy(), side))


def _find_dropped(gathered: Gathered, tally: Tally) -> set[int]:
    """Return the deduplication keys of the tally's candidates that are dropped."""
    candidates = np.array([candidate.dedup_key for candidate in tally.candidates], np.uint64)
    return set(candidates[DuplicateIndex([gathered.rows]).contains(candidates)].tolist())


def _gather(group: tuple[int, Iterable[bytes]], config: BuildConfig) -> Gathered:
    rows = unpack_table(group[1], _DECIDED_SCHEMA)
    gathered, tally = gather(rows, config, [*DUPLICATES_SCHEMA.names, "is_dev", _LANE_KEYS.name])
    pairs = pa.record_batch([rows["task"].combine_chunks(), rows["dedup_key"].combine_chunks()], ["task", "dedup_key"])
    read = pa.Table.from_batches([pairs]).group_by(["task", "dedup_key"]).aggregate([])
    place = np.searchsorted(gathered["dedup_key"].to_numpy(), read["dedup_key"].to_numpy())
    of_reader = gathered.select(DUPLICATES_SCHEMA.names).take(pa.array(place)).combine_chunks().to_batches()[0]
    struck = gathered.select(["dedup_key", "is_repeat", "is_dev", _LANE_KEYS.name])
    links = pack_rows(link_documents(rows).combine_chunks().to_batches()[0])
    return Gathered(struck, list(split_rows(of_reader, read["task"].to_numpy())), tally, links)


def _keep(group: tuple[int, Iterable[Task | pa.RecordBatch]], config: BuildConfig, output: str) -> int:
    """Read a task again if something is dropped of it, and write that."""
    number, values = group
    tables, tasks = [], []
    for value in values:
        if isinstance(value, Task):
            tasks.append(value)
        else:
            tables.append(pa.Table.from_batches([value]))
    if tables:
        (task,) = tasks
        duplicates = DuplicateIndex([pa.concat_tables(tables).sort_by("dedup_key")])
        keep_duplicates((number, task), config, output, Progress(), duplicates)
    return 1
