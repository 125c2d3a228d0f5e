"""Keeps the tokenized documents of a local build on disk between the stages, in one spool file per task."""

import bisect
import contextlib
import itertools
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.datasets.lane_plans import LanePlan, ShardPlan, lane_bounds
from xlnet_data.examples.lanes import LaneText, assemble_lane, first_lane_key
from xlnet_data.files.writing import OutputFile, atomic_write, named_write
from xlnet_data.ingestion.tallies import Candidate, DropSample, Tally, add_tallies
from xlnet_data.pipelines.deduplicate import DuplicateIndex
from xlnet_data.pipelines.key_ranges import cuts_at
from xlnet_data.schemas.tokenized import KEYS_SCHEMA, TOKENIZED_SCHEMA
from xlnet_data.text.ids import IdType

RUN_BYTES = 4 * 1024 * 1024
"""Bytes of documents that are sorted in memory at a time, about."""

KEYS_BYTES = 32 * 1024 * 1024
"""Bytes of keys that are sorted in memory at a time, about: of tiny documents they are many times the text."""

NUM_PARTS = 64
"""Equal ranges of lane keys that a task with more documents than one run holds is written in, a batch each."""

LANES_PER_READ = 4
"""Lanes that are read from the spool at a time."""


def spool_path(folder: str, task: int) -> str:
    """Return the path of a task's spool file; whether it is whole, the task's record says."""
    return os.path.join(folder, f"task-{task:06}.arrow")


def keys_path(folder: str, task: int, number: int = 0) -> str:
    """Return the path of a file with rows of KEYS_SCHEMA of a task, sorted by key; a task has none or several."""
    part = f"-{number:03}" if number else ""
    return os.path.join(folder, "keys", f"task-{task:06}{part}.arrow")


def keys_files(folder: str) -> list[str]:
    """Return the paths of the files with the finished tasks' keys."""
    keys = os.path.join(folder, "keys")
    return spool_files(keys) if os.path.isdir(keys) else []


class SpoolWriter:
    """Writes a task's documents by lane key, dev after train, and their tally; the file appears whole or not at all.

    What does not fit into memory is sorted in runs, which go to a scratch file and are merged at the end: a reader then
    finds the documents of some lanes side by side.
    """

    def __init__(self, folder: str, task: int) -> None:
        self._folder, self._task, self._path = folder, task, spool_path(folder, task)
        self._keys: list[pa.RecordBatch] = []
        self._keys_files: list[OutputFile] = []
        self._remove_keys()
        self._waiting: list[pa.RecordBatch] = []
        self._tally = Tally()
        with named_write(self._path):
            self._scratch = tempfile.NamedTemporaryFile(dir=folder, suffix=".tmp")  # noqa: SIM115 - until abandoned
        self._spill = pa.ipc.new_file(self._scratch, TOKENIZED_SCHEMA)
        self._spilled: list[tuple[bool, int]] = []  # what the scratch file's batches hold: split and range of lane keys

    def add(self, rows: pa.RecordBatch, keys: pa.RecordBatch, tally: Tally) -> None:
        """Add rows of TOKENIZED_SCHEMA and KEYS_SCHEMA.

        Raises:
            ShardError: The disk is full.
        """
        self._keys += [keys] if keys.num_rows else []
        if sum(batch.nbytes for batch in self._keys) > KEYS_BYTES:
            self._write_keys()
        self._tally = add_tallies([self._tally, tally])
        self._waiting.append(rows)
        if sum(batch.nbytes for batch in self._waiting) > RUN_BYTES:
            with named_write(self._path):
                for is_dev, run in self._take_runs().items():
                    for part in range(NUM_PARTS):
                        self._spill.write_batch(_part(run, part, NUM_PARTS))
                        self._spilled.append((is_dev, part))

    def finish(self) -> list[OutputFile]:
        """Write all documents, the keys and the tally, and return the files.

        Raises:
            ShardError: The disk is full.
        """
        if self._keys:
            self._write_keys()
        with atomic_write(self._path) as file, pa.ipc.new_file(file, TOKENIZED_SCHEMA) as writer:
            with named_write(self._path):
                self._spill.close()
                self._scratch.flush()
            last = self._take_runs()
            with pa.OSFile(os.fsencode(self._scratch.name)) as spilled:  # not mapped: what is mapped counts as memory
                reader = pa.ipc.open_file(spilled)
                for is_dev in (False, True):
                    for batch in self._merge(reader, last.get(is_dev), is_dev):
                        writer.write_batch(batch)
            empty = pa.RecordBatch.from_pylist([], schema=TOKENIZED_SCHEMA)
            writer.write_batch(empty, custom_metadata={"tally": _tally_to_json(self._tally)})
        self.abandon()
        return [*self._keys_files, OutputFile.of(self._path, file)]

    def abandon(self) -> None:
        """Take away the scratch file, all that is left of a task that is not finished."""
        with contextlib.suppress(OSError):  # a full disk takes no last bytes, and they are not wanted
            self._scratch.close()

    def _remove_keys(self) -> None:
        """Remove what a killed worker left, the last file first: so that none is left behind a gap."""
        left = itertools.takewhile(os.path.exists, (keys_path(self._folder, self._task, n) for n in itertools.count()))
        for path in reversed(list(left)):
            os.remove(path)

    def _write_keys(self) -> None:
        """Write the keys that wait to a file of their own."""
        keys, self._keys = pa.Table.from_batches(self._keys).sort_by("key").combine_chunks(), []
        path = keys_path(self._folder, self._task, len(self._keys_files))
        with atomic_write(path) as file, pa.ipc.new_file(file, KEYS_SCHEMA) as writer:
            writer.write_table(keys)
        self._keys_files.append(OutputFile.of(path, file))

    def _take_runs(self) -> dict[bool, pa.RecordBatch]:
        """Return what waits, sorted by lane key: train (False) and dev documents (True)."""
        if not self._waiting:
            return {}
        rows, self._waiting = pa.concat_batches(self._waiting), []
        is_dev = rows.column("is_dev").to_numpy(zero_copy_only=False)
        chosen = {False: np.flatnonzero(~is_dev), True: np.flatnonzero(is_dev)}
        return {key: _sort(rows, indices) for key, indices in chosen.items() if len(indices)}

    def _merge(
        self, reader: pa.ipc.RecordBatchFileReader, last: pa.RecordBatch | None, is_dev: bool
    ) -> Iterator[pa.RecordBatch]:
        """Yield a split's documents in order: a batch per range of lane keys, one in all if nothing was spilled."""
        parts = NUM_PARTS if self._spilled else 1
        for part in range(parts):
            pieces = [reader.get_batch(n) for n, key in enumerate(self._spilled) if key == (is_dev, part)]
            pieces += [_part(last, part, parts)] if last is not None else []
            rows = pa.concat_batches(pieces) if pieces else None
            if rows is not None and rows.num_rows:
                yield _sort(rows, np.arange(rows.num_rows))


def read_tally(path: str) -> Tally:
    """Return the tally at the end of a spool file."""
    with pa.memory_map(os.fsencode(path)) as file:
        reader = pa.ipc.open_file(file)
        _, metadata = reader.get_batch_with_custom_metadata(reader.num_record_batches - 1)
        return _tally_from_json(metadata[b"tally"])


def spool_files(folder: str) -> list[str]:
    """Return the paths of a folder's finished files; what a killed worker was writing is none of them."""
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".arrow"))


def read_lanes(
    folder: str, shard: ShardPlan, plan: LanePlan, duplicates: DuplicateIndex, id_type: IdType
) -> Iterator[tuple[int, LaneText]]:
    """Yield the lanes of a shard, put together from all spool files without the duplicates; empty ones are left out."""
    places = _find_lanes(spool_files(folder), shard, plan)
    for first in range(0, len(places), LANES_PER_READ):
        chosen = range(first, min(first + LANES_PER_READ, len(places)))
        rows: dict[int, list[pa.RecordBatch]] = {lane: [] for lane in chosen}
        in_file = sorted(((place, lane) for lane in chosen for place in places[lane]), key=lambda found: found[0].path)
        for path, found in itertools.groupby(in_file, key=lambda found: found[0].path):
            with _open_file(path) as reader:
                for place, lane in found:
                    # Copied: whatever is mapped counts as memory as long as anything refers to it.
                    batch = reader.get_batch(place.batch).slice(place.start, place.end - place.start)
                    rows[lane].append(plan.rows_of(shard.split, duplicates.without(batch)))
        for lane, batches in rows.items():
            if any(batch.num_rows for batch in batches):
                yield shard.first_lane + lane, assemble_lane(batches, id_type)


class _Place(NamedTuple):
    """Rows of a spool file: which batch, and from which row up to which."""

    path: str
    batch: int
    start: int
    end: int


def _find_lanes(paths: list[str], shard: ShardPlan, plan: LanePlan) -> list[list[_Place]]:
    """Return where the documents of each lane of a shard lie, duplicates and what moved to another split included.

    Once for a shard: opening hundreds of files for a few lanes each time would take a tenth of a large build.
    """
    bounds = lane_bounds(shard)
    places: list[list[_Place]] = [[] for _ in bounds[1:]]
    for path in paths:
        with _open_file(path) as reader:
            for is_dev in {False, True} if shard.split == "dev" and plan.moved else {shard.split == "dev"}:
                for number, batch in _batches_between(reader, is_dev, bounds[0], bounds[-1]):
                    cuts = cuts_at(batch.column("lane_key").to_numpy(), bounds)
                    for lane, (start, end) in enumerate(itertools.pairwise(cuts)):
                        if end > start:
                            places[lane].append(_Place(path, number, start, end))
    return places


@contextlib.contextmanager
def _open_file(path: str) -> Iterator[pa.ipc.RecordBatchFileReader]:
    with pa.memory_map(os.fsencode(path)) as file:
        yield pa.ipc.open_file(file.read_buffer())  # a buffer: of a file, the footer would be read by another thread


def _batches_between(
    reader: pa.ipc.RecordBatchFileReader, is_dev: bool, start: int, end: int
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield the batches of a spool file, numbered, in which lane keys from start on and before end may lie."""

    def first_key(index: int) -> tuple[bool, int]:
        batch = reader.get_batch(index)
        return _is_dev(batch), batch.column("lane_key")[0].as_py()

    num_batches = reader.num_record_batches - 1  # the last one holds the tally alone
    index = max(0, bisect.bisect_left(range(num_batches), (is_dev, start), key=first_key) - 1)
    while index < num_batches and first_key(index) < (is_dev, end):
        batch = reader.get_batch(index)
        if _is_dev(batch) == is_dev:
            yield index, batch
        index += 1


def _part(rows: pa.RecordBatch, part: int, parts: int) -> pa.RecordBatch:
    """Return the sorted rows whose lane keys lie in one of several equal ranges."""
    bounds = [first_lane_key(number, parts) for number in (part, part + 1)]
    start, end = cuts_at(rows.column("lane_key").to_numpy(), bounds)
    return rows.slice(start, end - start)


def _sort(rows: pa.RecordBatch, chosen: NDArray[np.intp]) -> pa.RecordBatch:
    """Return chosen rows, sorted by lane key."""
    order = np.argsort(rows.column("lane_key").to_numpy()[chosen], kind="stable")
    return rows.take(pa.array(chosen[order]))


def _is_dev(rows: pa.RecordBatch) -> bool:
    return bool(rows.column("is_dev")[0].as_py())


def _tally_to_json(tally: Tally) -> str:
    counts = [[corpus, what, count] for (corpus, what), count in sorted(tally.counts.items())]
    remembered = {name: [astuple(item) for item in getattr(tally, name)] for name in ("candidates", "samples")}
    return json.dumps({"counts": counts} | remembered)


def _tally_from_json(text: bytes) -> Tally:
    table = json.loads(text)
    counts = Counter({(corpus, what): count for corpus, what, count in table["counts"]})
    samples = tuple(DropSample(*sample) for sample in table["samples"])
    return Tally(counts, tuple(Candidate(*candidate) for candidate in table["candidates"]), samples)
