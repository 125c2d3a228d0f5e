"""Writes the shards of a dataset with the sidecars that name their documents, and opens them again."""

import dataclasses
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from xlnet_data.errors import CorpusError, ShardError
from xlnet_data.examples.coverage import Coverage
from xlnet_data.examples.lanes import LaneText, reverse_text, starts_of
from xlnet_data.examples.sampling import Sampling, sample_examples
from xlnet_data.examples.segments import Pairs
from xlnet_data.files.moving import join_path
from xlnet_data.files.opening import open_raw
from xlnet_data.files.stores import is_url
from xlnet_data.files.writing import atomic_write
from xlnet_data.schemas.example import DOCUMENTS_SCHEMA, SCHEMA_VERSION, example_schema
from xlnet_data.schemas.manifest import DOCUMENTS_FOLDER, ShardInfo

COUNTED = ("examples", "lanes", "tokens", "positive", "negative", "fallback")
"""What is counted of a shard as it is written; ShardInfo describes each."""

_COLUMNS = example_schema(seq_len=1, num_targets=1, vocab_size=1).names
"""The columns of a shard: their types depend on the settings, their names do not."""


@dataclasses.dataclass(frozen=True)
class ShardWriting:
    """What all shards of a dataset share.

    Attributes:
        output: The dataset folder, a local path or a URL.
        vocab_size: Ids of the vocabulary.
        tokenizer_sha256: Of the model.
        fingerprint: Of the config.
        compression: Of the Arrow buffers: "none", "lz4" or "zstd".
    """

    output: str
    vocab_size: int
    tokenizer_sha256: str
    fingerprint: str
    compression: str = "none"


def shard_metadata(sampling: Sampling, writing: ShardWriting) -> dict[str, str]:
    """Return a shard's schema metadata: all that a trainer needs to know about its rows."""
    settings = {key: json.dumps(value).strip('"') for key, value in dataclasses.asdict(sampling.settings).items()}
    return settings | {
        "schema_version": SCHEMA_VERSION,
        "split": sampling.split,
        "num_targets": str(sampling.settings.num_targets),
        "seed": str(sampling.seed),
        "vocab_size": str(writing.vocab_size),
        "tokenizer_sha256": writing.tokenizer_sha256,
        "fingerprint": writing.fingerprint,
    }


def shard_names(split: str, number: int, total: int) -> tuple[str, str]:
    """Return a shard's and its sidecar's path within the dataset folder.

    >>> shard_names("train", 3, 16)
    ('train/shard-00003-of-00016.arrow', 'documents/train-00003-of-00016.arrow')
    """
    suffix = f"{number:05}-of-{total:05}.arrow"
    return f"{split}/shard-{suffix}", f"{DOCUMENTS_FOLDER}/{split}-{suffix}"


def write_shard(
    lanes: Iterable[tuple[int, LaneText]], names: tuple[str, str], sampling: Sampling, writing: ShardWriting
) -> ShardInfo:
    """Draw all examples of some lanes and write them, and the sidecar of their documents; both appear whole or not.

    Args:
        lanes: Lane number (before directions are counted) and lane, in order.
        names: Paths of shard and sidecar within the dataset folder.
        sampling: Settings, seed and split.
        writing: Where to, and what goes into the metadata.
    """
    settings = sampling.settings
    metadata = shard_metadata(sampling, writing)
    schema = example_schema(settings.seq_len, settings.num_targets, writing.vocab_size, metadata)
    counts = Counter(dict.fromkeys(COUNTED, 0))
    uncovered: Counter[str] = Counter()
    duplicate_ids: Counter[str] = Counter()
    options = pa.ipc.IpcWriteOptions(compression=None if writing.compression == "none" else writing.compression)
    with (
        atomic_write(os.path.join(writing.output, names[0])) as shard,
        atomic_write(os.path.join(writing.output, names[1])) as sidecar,
        pa.ipc.new_file(shard, schema, options=options) as shard_rows,
        pa.ipc.new_file(sidecar, DOCUMENTS_SCHEMA, options=options) as sidecar_rows,
    ):
        for number, text in lanes:
            counts["tokens"] += len(text.lane.ids)
            coverage = Coverage(len(text.lane.ids))
            duplicate_ids += text.duplicate_ids
            for lane_number, is_backward in _readings(number, settings.bidirectional):
                reading = reverse_text(text) if is_backward else text
                counts["lanes"] += 1
                sidecar_rows.write_batch(_documents_batch(lane_number, reading))
                for examples in sample_examples(reading.lane, lane_number, is_backward, sampling):
                    shard_rows.write_batch(examples.to_record_batch(schema))
                    counts.update(_count_pairs(examples.pairs))
                    coverage.add(examples.steps, examples.pairs, is_backward, settings)
            uncovered += coverage.num_uncovered(text.lane.document_starts, text.corpora)
    return ShardInfo(
        split=sampling.split,
        file=names[0],
        bytes=shard.num_bytes,
        sha256=shard.hexdigest(),
        documents_file=names[1],
        documents_bytes=sidecar.num_bytes,
        documents_sha256=sidecar.hexdigest(),
        **counts,
        tokens_in_no_example=dict(sorted(uncovered.items())),
        duplicate_ids=dict(sorted(duplicate_ids.items())),
    )


def open_shard(folder: str, file: str) -> pa.ipc.RecordBatchFileReader:
    """Open a shard or sidecar, not memory-mapped: one that is cut while it is read would end the process.

    Args:
        folder: The dataset folder, a local path or a URL.
        file: The file's path in it.

    Raises:
        ShardError: The file is missing, or no Arrow file, or one with other columns.
    """
    path = join_path(folder, file)
    try:
        opened = _RemoteFile(open_raw(path))  # of a local file: to refuse a pipe, for whose writer Arrow would wait
        reader = pa.ipc.open_file(pa.PythonFile(opened, mode="r") if is_url(path) else pa.OSFile(os.fsencode(path)))
    except (OSError, CorpusError, pa.ArrowException) as error:
        raise ShardError(f"{path} cannot be opened as an Arrow file: {error}") from error
    kind, columns = ("sidecar", DOCUMENTS_SCHEMA.names) if file.startswith(DOCUMENTS_FOLDER) else ("shard", _COLUMNS)
    if reader.schema.names != columns:
        raise ShardError(f"{path} is no {kind}: its columns are not {', '.join(columns)}")
    return reader


class _RemoteFile:
    """A file of a store as pyarrow reads it, which does not close files: this one closes when it is given up."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read, self.seek, self.tell, self.close = file.read, file.seek, file.tell, file.close

    @property
    def closed(self) -> bool:
        return self._file.closed

    def __del__(self) -> None:
        self._file.close()


def read_batches(folder: str, file: str) -> Iterator[pa.RecordBatch]:
    """Open a shard or sidecar as `open_shard` does, and yield its record batches that hold any row.

    Raises:
        ShardError: The file cannot be opened, or is damaged.
    """
    return batches_of(open_shard(folder, file), join_path(folder, file))


def batches_of(reader: pa.ipc.RecordBatchFileReader, path: str | Path) -> Iterator[pa.RecordBatch]:
    """Yield the record batches of a shard or sidecar that hold any row; the path is what an error names."""
    batches = (read_batch(reader, path, index) for index in range(reader.num_record_batches))
    return (batch for batch in batches if batch.num_rows)


def read_batch(reader: pa.ipc.RecordBatchFileReader, path: str | Path, index: int) -> pa.RecordBatch:
    """Return a record batch of a shard or sidecar, whose path an error names.

    Raises:
        ShardError: It is damaged, or lacks a value.
    """
    try:
        batch = reader.get_batch(index)
        check_batch(batch)
    except (OSError, pa.ArrowException) as error:
        raise ShardError(f"{path} is damaged in batch {index} ({error}): run `xlnet-data verify`") from error
    return batch


def check_batch(batch: pa.RecordBatch) -> None:
    """Check that a record batch of a shard or sidecar is sound, and that each row has a value in each column.

    Raises:
        ArrowInvalid: It is not.
    """
    batch.validate(full=True)
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        values = column.values if pa.types.is_fixed_size_list(column.type) else column
        if column.null_count or values.null_count:
            raise pa.ArrowInvalid(f"column {name} has no value in some rows")


def _count_pairs(pairs: Pairs) -> dict[str, int]:
    positive = int(pairs.is_next.sum())
    return {
        "examples": len(pairs.is_next),
        "positive": positive,
        "negative": len(pairs.is_next) - positive,
        "fallback": int(pairs.is_fallback.sum()),
    }


def _readings(number: int, bidirectional: bool) -> tuple[tuple[int, bool], ...]:
    return ((2 * number, False), (2 * number + 1, True)) if bidirectional else ((number, False),)


def _documents_batch(lane_number: int, text: LaneText) -> pa.RecordBatch:
    return pa.record_batch(
        [
            np.full(len(text.doc_ids), lane_number, np.int32),
            starts_of(text.document_lens),
            text.document_lens.astype(np.int32),
            pa.array(text.corpora, pa.string()),
            *(pa.array(values, pa.string()) for values in (text.doc_ids, text.urls, text.titles)),
        ],
        schema=DOCUMENTS_SCHEMA,
    )
