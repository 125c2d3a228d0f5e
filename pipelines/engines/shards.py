"""Sends documents to their shards through an engine's shuffle, and gives whoever writes a shard its lanes."""

import itertools
import os
import tempfile
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue
from numpy.typing import NDArray

from xlnet_data.datasets.lane_plans import LanePlan, ShardPlan, lane_bounds
from xlnet_data.examples.lanes import LaneText, assemble_lane, first_lane_key
from xlnet_data.files.writing import named_write
from xlnet_data.pipelines.engines.folder import EngineFolder, check_probe
from xlnet_data.pipelines.exchange import ShardLanes
from xlnet_data.pipelines.key_ranges import cuts_at
from xlnet_data.pipelines.stages import TokenizedBatch
from xlnet_data.schemas.manifest import SPLITS
from xlnet_data.schemas.tokenized import TOKENIZED_SCHEMA
from xlnet_data.text.ids import IdType

VALUE_BYTES = 1024 * 1024
"""Bytes of rows with one key that cross the shuffle as one value, about; a single larger document is one value."""

WAITING_BYTES = 64 * 1024 * 1024
"""Bytes of rows of all keys together that wait for more of their key, at most about."""

RUN_BYTES = 4 * 1024 * 1024
"""Bytes of a shard's documents that are sorted in memory at a time, about."""

LANES_PER_READ = 4
"""Lanes that are read from a shard's scratch file at a time."""


class RowBuffers:
    """Collects rows by key until they are worth a value of their own: what frames a value costs as much as 20 rows."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, list[pa.RecordBatch]] = {}
        self._key_bytes: dict[Hashable, int] = {}
        self._bytes = 0

    def add(self, key: Hashable, rows: pa.RecordBatch) -> Iterator[tuple[Any, bytes]]:
        """Take rows; yield (key, packed rows) of those that need not wait any longer."""
        self._waiting.setdefault(key, []).append(rows)
        self._key_bytes[key] = self._key_bytes.get(key, 0) + rows.nbytes
        self._bytes += rows.nbytes
        if self._key_bytes[key] >= VALUE_BYTES:
            yield self._take(key)
        elif self._bytes >= WAITING_BYTES:
            yield from self.take_all()

    def take_all(self) -> Iterator[tuple[Any, bytes]]:
        """Yield (key, packed rows) of all that waits."""
        for key in list(self._waiting):
            yield self._take(key)

    def _take(self, key: Hashable) -> tuple[Any, bytes]:
        self._bytes -= self._key_bytes.pop(key)
        return key, pack_rows(pa.concat_batches(self._waiting.pop(key)))


class KeyRows(beam.DoFn):
    """Sends the rows of each key on together, when there are enough of them or no more come."""

    def start_bundle(self) -> None:
        """Begin with nothing."""
        self._buffers = RowBuffers()  # what an earlier bundle left did not succeed

    def rows_by_key(self, element: Any, side: Any) -> Iterator[tuple[Any, pa.RecordBatch]]:
        """Yield (key, rows) of one element; the side input says how."""
        raise NotImplementedError

    def process(self, element: Any, side: Any) -> Iterator[tuple[Any, bytes]]:
        """Collect the rows of one element."""
        for key, rows in self.rows_by_key(element, side):
            yield from self._buffers.add(key, rows)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        """Send the rest."""
        window = GlobalWindow()
        for keyed in self._buffers.take_all():
            yield WindowedValue(keyed, window.max_timestamp(), (window,))


class RouteDocuments(KeyRows):
    """Sends each document to its shard: TokenizedBatch and the plan in, (shard, rows of TOKENIZED_SCHEMA) out."""

    def rows_by_key(self, element: TokenizedBatch, side: LanePlan) -> Iterator[tuple[Any, pa.RecordBatch]]:
        """Yield (shard, rows) of a batch."""
        plan = side
        for split in SPLITS:
            if plan.lanes[split]:
                rows = plan.rows_of(split, element.rows)
                for number, part in split_rows(rows, shards_of(split, rows.column("lane_key").to_numpy(), plan)):
                    yield shard_key(split, number, plan), part


def shard_key(split: str, number: int, plan: LanePlan) -> tuple[Any, ...]:
    """Return what a shard is known by in the shuffle: the fields of its ShardPlan."""
    return astuple(plan.shard_plan(split, number))


def shards_of(split: str, lane_keys: NDArray[np.uint64], plan: LanePlan) -> NDArray[np.int64]:
    """Return int64 [documents], the number of the shard that each lane key falls into."""
    lanes, total = plan.lanes[split], plan.shards[split]
    firsts = [first_lane_key(-(-number * lanes // total), lanes) for number in range(1, total)]
    return np.searchsorted(np.array(firsts, np.uint64), lane_keys, side="right").astype(np.int64)


def split_rows(rows: pa.RecordBatch, groups: NDArray[Any]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield (group, rows) for each group, whose number each row has."""
    order = np.argsort(groups, kind="stable")
    values, starts = np.unique(groups[order], return_index=True)
    for value, members in zip(values.tolist(), np.split(order, starts[1:]), strict=bool(len(values))):
        yield value, rows.take(pa.array(members))


def pack_rows(rows: pa.RecordBatch) -> bytes:
    """Return rows as bytes, without their schema."""
    return rows.serialize().to_pybytes()  # type: ignore[no-any-return]


def unpack_rows(packed: bytes, schema: pa.Schema) -> pa.RecordBatch:
    """Return rows that `pack_rows` packed."""
    return pa.ipc.read_record_batch(pa.py_buffer(packed), schema)


def unpack_table(values: Iterable[bytes], schema: pa.Schema) -> pa.Table:
    """Return the rows of several values."""
    return pa.Table.from_batches([unpack_rows(packed, schema) for packed in values], schema)


@dataclass(frozen=True, slots=True)
class ShuffledLanes(ShardLanes):
    """The lanes of one shard, whose documents the shuffle brings, in any order.

    The values are read once, one by one, and sorted in runs that go to a scratch file of this worker; the lanes are put
    together from there, a few at a time. So this process holds little more than what the engine hands it at a time.

    Attributes:
        shard: Which shard.
        values: (False, packed rows of TOKENIZED_SCHEMA), or (True, uint64 in bytes: the deduplication keys of documents
            that are left out).
        folder: The build's folder.
    """

    shard: ShardPlan
    values: Iterable[tuple[bool, bytes]]
    folder: EngineFolder

    def read(self, id_type: IdType) -> Iterator[tuple[int, LaneText]]:
        """Yield number and text of each lane that has a document, in order.

        Raises:
            WorkerError: This worker does not see the build's folder, or the build has ended.
            ShardError: This worker's disk is full.
        """
        check_probe(self.folder)
        bounds = lane_bounds(self.shard)
        with tempfile.NamedTemporaryFile(suffix=".arrow") as scratch:
            dropped: list[bytes] = []
            with named_write(scratch.name), pa.ipc.new_file(scratch, TOKENIZED_SCHEMA) as runs:
                for run in self._runs(dropped):
                    runs.write_batch(run)
            scratch.flush()
            gone = np.frombuffer(b"".join(dropped), np.uint64)
            for first in range(0, len(bounds) - 1, LANES_PER_READ):
                chosen = bounds[first : first + LANES_PER_READ + 1]
                for offset, rows in enumerate(_rows_between(scratch.name, chosen, gone)):
                    if rows:
                        yield self.shard.first_lane + first + offset, assemble_lane(rows, id_type)

    def _runs(self, dropped: list[bytes]) -> Iterator[pa.RecordBatch]:
        """Yield the documents in runs sorted by lane key; what else comes is added to `dropped`."""
        waiting: list[pa.RecordBatch] = []
        waiting_bytes = 0
        for is_dropped, packed in self.values:
            if is_dropped:
                dropped.append(packed)
                continue
            waiting.append(unpack_rows(packed, TOKENIZED_SCHEMA))
            waiting_bytes += len(packed)
            if waiting_bytes >= RUN_BYTES:
                yield _sort(waiting)
                waiting, waiting_bytes = [], 0
        if waiting:
            yield _sort(waiting)


def open_shuffled(group: tuple[tuple[Any, ...], Iterable[tuple[bool, bytes]]], folder: EngineFolder) -> ShuffledLanes:
    """Return the lanes of a shard, given by its key in the shuffle and what came with it."""
    return ShuffledLanes(ShardPlan(*group[0]), group[1], folder)


def _sort(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    rows = pa.concat_batches(batches)
    return rows.take(pa.array(np.argsort(rows.column("lane_key").to_numpy(), kind="stable")))


def _rows_between(path: str, bounds: list[int], gone: NDArray[np.uint64]) -> list[list[pa.RecordBatch]]:
    """Return the rows of each lane, given by the bounds of their lane keys, copied from a file of sorted runs.

    Args:
        path: Of the file.
        bounds: First lane key of each lane, and the one after the last's.
        gone: Deduplication keys of the documents that are left out.
    """
    lanes: list[list[pa.RecordBatch]] = [[] for _ in bounds[1:]]
    with pa.memory_map(os.fsencode(path)) as file:
        reader = pa.ipc.open_file(file)
        for index in range(reader.num_record_batches):
            run = reader.get_batch(index)
            cuts = cuts_at(run.column("lane_key").to_numpy(), bounds)
            for lane, (start, end) in enumerate(itertools.pairwise(cuts)):
                rows = run.slice(start, end - start)
                # filter copies: whatever is mapped counts as memory as long as anything refers to it
                rows = rows.filter(pa.array(~np.isin(rows.column("dedup_key").to_numpy(), gone)))
                lanes[lane] += [rows] if rows.num_rows else []
    return lanes
