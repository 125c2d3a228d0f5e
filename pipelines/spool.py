"""Spool files: where a local build keeps tokenized documents between the stages, one file per task."""

import itertools
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import astuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xlnet_data.lanes import LaneText, assemble_lane
from xlnet_data.pipelines.dropped import DroppedDocuments
from xlnet_data.plans import LanePlan, ShardPlan, lane_bounds
from xlnet_data.schemas.tokenized import KEYS_SCHEMA, TOKENIZED_SCHEMA
from xlnet_data.shards import atomic_write
from xlnet_data.tallies import Candidate, Tally, add_tallies

RUN_BYTES = 16 * 1024 * 1024
"""Token bytes that are sorted in memory and written as one run."""

LANES_PER_READ = 4
"""Lanes that are read from the spool at a time."""


def spool_path(folder: str, task: int) -> str:
    """Return the path of a task's spool file; that it exists says that the task is finished."""
    return os.path.join(folder, f"task-{task:06}.arrow")


def keys_path(folder: str, task: int) -> str:
    """Return the path of the file with a task's rows of KEYS_SCHEMA, sorted by key; without any there is no file."""
    return spool_path(os.path.join(folder, "keys"), task)


def keys_files(folder: str) -> list[str]:
    """Return the paths of the files with the finished tasks' keys."""
    keys = os.path.join(folder, "keys")
    return spool_files(keys) if os.path.isdir(keys) else []


class SpoolWriter:
    """Writes a task's documents in runs sorted by place, and their tally; the file appears whole or not at all."""

    def __init__(self, folder: str, task: int) -> None:
        path = spool_path(folder, task)
        self._keys_path = keys_path(folder, task)
        self._keys: list[pa.RecordBatch] = []
        self._closing = ExitStack()
        self._file = self._closing.enter_context(atomic_write(path))
        self._writer = pa.ipc.new_file(self._file, TOKENIZED_SCHEMA)
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = 0
        self._tally = Tally()

    def add(self, rows: pa.RecordBatch, keys: pa.RecordBatch, tally: Tally) -> None:
        """Add rows of TOKENIZED_SCHEMA and KEYS_SCHEMA."""
        self._keys += [keys] if keys.num_rows else []
        self._tally = add_tallies([self._tally, tally])
        self._waiting.append(rows)
        self._waiting_bytes += rows.nbytes
        if self._waiting_bytes > RUN_BYTES:
            self._write_run()

    def finish(self) -> None:
        """Write what waits and the tally, and give the file its name."""
        self._write_run()
        empty = pa.RecordBatch.from_pylist([], schema=TOKENIZED_SCHEMA)
        self._writer.write_batch(empty, custom_metadata={"tally": _tally_to_json(self._tally)})
        self._writer.close()
        if self._keys:
            keys = pa.Table.from_batches(self._keys).sort_by("key").combine_chunks()
            with atomic_write(self._keys_path) as file, pa.ipc.new_file(file, KEYS_SCHEMA) as writer:
                writer.write_table(keys)
        self._closing.close()

    def abandon(self) -> None:
        """Leave no file behind."""
        self._closing.__exit__(RuntimeError, RuntimeError("abandoned"), None)

    def _write_run(self) -> None:
        """Write dev and train documents as a batch each."""
        if not self._waiting:
            return
        table = pa.Table.from_batches(self._waiting)
        self._waiting, self._waiting_bytes = [], 0
        for is_dev in (False, True):
            part = table.filter(pc.equal(table["is_dev"], is_dev))
            if part.num_rows:
                part = part.take(pc.sort_indices(part["place"])).combine_chunks()
                self._writer.write_batch(part.to_batches()[0])


def read_tally(path: str) -> Tally:
    """Return the tally at the end of a spool file."""
    with pa.memory_map(path) as file:
        reader = pa.ipc.open_file(file)
        _, metadata = reader.get_batch_with_custom_metadata(reader.num_record_batches - 1)
        return _tally_from_json(metadata[b"tally"])


def spool_files(folder: str) -> list[str]:
    """Return the paths of the finished tasks' spool files."""
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".arrow"))


def read_lanes(
    folder: str, shard: ShardPlan, plan: LanePlan, id_type: type[np.uint16] | type[np.int32]
) -> Iterator[tuple[int, LaneText]]:
    """Yield the lanes of a shard, put together from all spool files, without those that have no document."""
    bounds = lane_bounds(shard)
    dropped = DroppedDocuments.load(folder)
    paths = spool_files(folder)
    for first in range(0, len(bounds) - 1, LANES_PER_READ):
        chosen = bounds[first : first + LANES_PER_READ + 1]
        rows: list[list[pa.RecordBatch]] = [[] for _ in chosen[1:]]
        for path in paths:
            with pa.memory_map(path) as file:
                for lane, batch in _rows_between(pa.ipc.open_file(file), chosen, shard.split, plan, dropped):
                    rows[lane].append(batch)
        for offset, batches in enumerate(rows):
            if batches:
                yield shard.first_lane + first + offset, assemble_lane(batches, id_type)


def _rows_between(
    reader: pa.ipc.RecordBatchFileReader, bounds: list[int], split: str, plan: LanePlan, dropped: DroppedDocuments
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield (lane, rows) of one spool file, for lanes that are given by the bounds of their places."""
    for index in range(reader.num_record_batches - 1):  # the last one holds the tally alone
        run = reader.get_batch(index)
        if run.column("is_dev")[0].as_py() != (split == "dev") and not (split == "dev" and plan.moved):
            continue
        places = run.column("place").to_numpy()
        # the bound after the last lane, 2^64, does not fit the places' type
        cuts = [len(places) if bound >= 2**64 else int(np.searchsorted(places, np.uint64(bound))) for bound in bounds]
        for lane, (start, end) in enumerate(itertools.pairwise(cuts)):
            rows = plan.rows_of(split, dropped.without(run.slice(start, end - start)))
            if rows.num_rows:
                yield lane, rows


def _tally_to_json(tally: Tally) -> str:
    counts = [[corpus, what, count] for (corpus, what), count in sorted(tally.counts.items())]
    return json.dumps({"counts": counts, "candidates": [astuple(candidate) for candidate in tally.candidates]})


def _tally_from_json(text: bytes) -> Tally:
    table = json.loads(text)
    counts = Counter({(corpus, what): count for corpus, what, count in table["counts"]})
    return Tally(counts, tuple(Candidate(*candidate) for candidate in table["candidates"]))
