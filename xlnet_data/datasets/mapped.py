"""Reads the examples of a split in place: the shards are memory-mapped, and any rows are gathered at once."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.shards import batches_of
from xlnet_data.errors import ShardError
from xlnet_data.files.writing import hash_file
from xlnet_data.schemas.example import SCHEMA_VERSION, example_schema

_BITS = ("backward", "is_next")
"""Columns that Arrow packs eight to a byte."""


@dataclass(frozen=True)
class ShardSettings:
    """What the shards say of themselves: all that a reader of their rows needs to know.

    Attributes:
        seq_len: Tokens of an example.
        reuse_len: Tokens of its reuse half.
        num_targets: Targets of an example.
        vocab_size: Ids of the vocabulary.
        recipe: "paper" or "reference".
        tokenizer_sha256: Which SentencePiece model the ids belong to.
        fingerprint: Which config wrote them.
    """

    seq_len: int
    reuse_len: int
    num_targets: int
    vocab_size: int
    recipe: str
    tokenizer_sha256: str
    fingerprint: str


class MappedSplit:
    """The examples of one split, numbered 0 .. num_examples - 1: lane after lane, step after step.

    Args:
        paths: The shards.
        hashes: The sha256 of each, by which one that is written to while it is mapped is known; none: it is not.

    Attributes:
        settings: What the shards' schema says.
        lanes: int32 [lanes], the lanes' numbers in the order of the examples.
        lane_starts: int64 [lanes + 1], number of each lane's first example, and of the end.
    """

    def __init__(self, paths: list[Path], hashes: Sequence[str] = ()) -> None:
        if not paths:
            raise ShardError("there is no shard to be read: name one, or open a split of a dataset")
        self.paths, self._hashes = paths, hashes
        self._states = [_state_of(path) for path in paths]
        self._files = [_map_file(path) for path in paths]
        schemas = [reader.schema for _, reader in self._files]
        self.settings = read_settings(schemas[0], paths[0])
        for path, schema in zip(paths, schemas, strict=True):
            if not schema.equals(schemas[0], check_metadata=True):
                raise ShardError(f"{path} and {paths[0]} have different schemas: they are not of one dataset")
        self._names = schemas[0].names
        self._bytes = [np.frombuffer(buffer, np.uint8) for buffer, _ in self._files]
        self._views: dict[tuple[int, int], NDArray[np.uint8]] = {}
        self._index_batches()

    def __len__(self) -> int:
        """Return the number of examples."""
        return int(self.lane_starts[-1])

    @property
    def schema(self) -> pa.Schema:
        """The shards' columns, and in the metadata what they say of themselves."""
        return self._files[0][1].schema

    def to_table(self) -> pa.Table:
        """Return all examples as one table, which lies in the mapped files."""
        batches = [
            batch
            for path, (_, reader) in zip(self.paths, self._files, strict=True)
            for batch in batches_of(reader, path)
        ]
        return pa.Table.from_batches(batches, self.schema)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the paths alone: every process maps the files itself."""
        return {"paths": self.paths, "hashes": self._hashes}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Map the files again."""
        self.__init__(**state)  # type: ignore[misc]

    def gather(self, examples: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Return rows by number: each column's bytes are copied once, from the mapped file to the result.

        Args:
            examples: int64 [n], in any order.

        Returns:
            The shard's columns: [n], or [n, length] for lists; bool columns as bool.

        Raises:
            ShardError: A shard was cut or changed since it was mapped.
        """
        batch = np.searchsorted(self._batch_starts, examples, side="right") - 1
        row = examples - self._batch_starts[batch]
        shard = self._batch_shards[batch]
        in_shards = [(int(number), np.flatnonzero(shard == number)) for number in np.unique(shard)]
        for number, _ in in_shards:
            self._check_unchanged(number)
        columns: dict[str, NDArray[Any]] = {}
        for number, name in enumerate(self._names):
            dtype, length = self._types[name]
            begin = self._batch_offsets[batch, number]
            if name in _BITS:
                packed = self._read(in_shards, begin + (row >> 3), 1)[:, 0]
                columns[name] = (packed >> (row & 7).astype(np.uint8) & 1).astype(bool)
                continue
            width = dtype.itemsize * max(length, 1)
            values = self._read(in_shards, begin + row * width, width).view(dtype)
            columns[name] = values if length else values[:, 0]
        return columns

    def _check_unchanged(self, shard: int) -> None:
        """Check that a mapped file still has its bytes: to read those that it lost would end the process."""
        path, known = self.paths[shard], self._states[shard]
        found = _state_of(path)
        if found == known or found.inode != known.inode:  # another file of that name is not the one that is mapped
            return
        advice = "while it was read: run `xlnet-data verify` on the dataset"
        if found.num_bytes < known.num_bytes:
            raise ShardError(f"{path} was cut from {known.num_bytes:,} to {found.num_bytes:,} bytes {advice}")
        if self._hashes and hash_file(str(path)) != self._hashes[shard]:
            raise ShardError(f"{path} was changed {advice}")
        self._states[shard] = found  # only its time is another

    def _read(
        self, in_shards: list[tuple[int, NDArray[np.intp]]], offset: NDArray[np.int64], width: int
    ) -> NDArray[np.uint8]:
        """Return uint8 [n, width]: that many bytes from each offset; ``in_shards`` has the offsets of each shard."""
        out = np.empty((len(offset), width), np.uint8)
        for shard, here in in_shards:
            out[here] = self._windows(shard, width)[offset[here]]
        return out

    def _windows(self, shard: int, width: int) -> NDArray[np.uint8]:
        """Return uint8 [offsets, width]: the bytes from each offset in a shard on, without copying any."""
        view = self._views.get((shard, width))
        if view is None:
            view = self._views[shard, width] = np.lib.stride_tricks.sliding_window_view(self._bytes[shard], width)
        return view

    def _index_batches(self) -> None:
        """Note where every record batch's columns lie, and check that lanes and steps are in order."""
        offsets, shards, sizes, firsts = [], [], [], []
        for number, (buffer, reader) in enumerate(self._files):
            for batch in batches_of(reader, self.paths[number]):
                offsets.append([_data_address(batch.column(name)) - buffer.address for name in self._names])
                shards.append(number)
                sizes.append(batch.num_rows)
                firsts.append((batch["lane"][0].as_py(), batch["step"][0].as_py(), batch["step"][-1].as_py()))
        if not sizes:
            raise ShardError(f"{self.paths[0].parent} holds no example: build the dataset again with more text")
        self._batch_offsets = np.array(offsets, np.int64)
        self._batch_shards = np.array(shards, np.int64)
        self._batch_starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        lane, first_step, last_step = np.array(firsts, np.int64).T
        begins = np.concatenate([[True], lane[1:] != lane[:-1]])
        expected = np.where(begins, 0, np.concatenate([[0], last_step[:-1] + 1]))
        if (first_step != expected).any() or len(np.unique(lane[begins])) != begins.sum():
            wrong = int(np.flatnonzero(first_step != expected)[0]) if (first_step != expected).any() else 0
            raise ShardError(
                f"{self.paths[shards[wrong]]} does not hold its lanes whole and in order (lane {lane[wrong]}, step "
                f"{first_step[wrong]} where {expected[wrong]} was due): build the dataset again"
            )
        self.lanes = lane[begins].astype(np.int32)
        self.lane_starts = np.append(self._batch_starts[:-1][begins], self._batch_starts[-1])
        self._types = {f.name: _layout_of(f.type) for f in self._files[0][1].schema}


def open_split(folder: str | Path, split: str) -> MappedSplit:
    """Open a split of a dataset folder.

    Raises:
        ShardError: The folder is no dataset, or the split has no example.
    """
    shards = [shard for shard in read_manifest(str(folder)).shards if shard.split == split and shard.examples]
    paths = [Path(folder) / shard.file for shard in shards]
    if not paths and split == "dev":
        raise ShardError(
            f"{folder} has no dev examples, so nothing can be measured on them: set dev_frac higher and build again"
        )
    if not paths:
        raise ShardError(f"{folder} has no examples in {split!r}: build the dataset again with more text")
    return MappedSplit(paths, [shard.sha256 for shard in shards])


def read_settings(schema: pa.Schema, path: Path) -> ShardSettings:
    """Read a shard's settings from its schema.

    Raises:
        ShardError: It is not a shard, or of another version.
    """
    metadata = {k.decode(errors="replace"): v.decode(errors="replace") for k, v in (schema.metadata or {}).items()}
    try:
        if metadata["schema_version"] != SCHEMA_VERSION:
            raise ShardError(
                f"{path} has schema version {metadata['schema_version']}, this program reads {SCHEMA_VERSION}: build "
                "the dataset again, or install the version that built it"
            )
        settings = ShardSettings(
            seq_len=int(metadata["seq_len"]),
            reuse_len=int(metadata["reuse_len"]),
            num_targets=int(metadata["num_targets"]),
            vocab_size=int(metadata["vocab_size"]),
            recipe=metadata["recipe"],
            tokenizer_sha256=metadata["tokenizer_sha256"],
            fingerprint=metadata["fingerprint"],
        )
    except (KeyError, ValueError) as error:
        raise ShardError(f"{path} is not a shard of this project: its schema says nothing of {error}") from error
    expected = example_schema(settings.seq_len, settings.num_targets, settings.vocab_size)
    if not schema.equals(expected):
        raise ShardError(
            f"{path} does not have the columns of schema version {SCHEMA_VERSION}: build the dataset again"
        )
    return settings


class _State(NamedTuple):
    """What tells whether a file is the same, and whether it may have been written to."""

    inode: int
    num_bytes: int
    modified: int


def _state_of(path: Path) -> _State:
    """Return a file's state, zeros where there is none."""
    try:
        state = path.stat()
    except OSError:
        return _State(0, 0, 0)
    return _State(state.st_ino, state.st_size, state.st_mtime_ns)


def _map_file(path: Path) -> tuple[pa.Buffer, pa.ipc.RecordBatchFileReader]:
    """Map a shard; one that was written compressed is decompressed to memory, since nothing else can be gathered."""
    try:
        buffer = pa.memory_map(os.fsencode(path)).read_buffer()
        reader = pa.ipc.open_file(pa.BufferReader(buffer))
        if not all(_lies_in(buffer, reader.get_batch(number)) for number in range(reader.num_record_batches)):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_file(sink, reader.schema) as writer:
                for batch in batches_of(reader, path):
                    writer.write_batch(batch)
            buffer = sink.getvalue()
            reader = pa.ipc.open_file(pa.BufferReader(buffer))
    except (OSError, pa.ArrowException) as error:
        raise ShardError(f"cannot read {path}: {error}; run `xlnet-data verify` on the dataset") from error
    return buffer, reader


def _lies_in(buffer: pa.Buffer, batch: pa.RecordBatch) -> bool:
    addresses = [_data_address(column) for column in batch.columns]
    return bool(buffer.address <= min(addresses) and max(addresses) < buffer.address + buffer.size)


def _data_address(column: pa.Array) -> int:
    """Return where a column's values begin; lists of fixed size keep them in their child."""
    values = column.values if pa.types.is_fixed_size_list(column.type) else column
    return int(values.buffers()[1].address)


def _layout_of(kind: pa.DataType) -> tuple[np.dtype[Any], int]:
    """Return a column's element type and its list size, 0 for plain values."""
    if pa.types.is_fixed_size_list(kind):
        return np.dtype(str(kind.value_type)), int(kind.list_size)
    return np.dtype(str(kind)), 0
