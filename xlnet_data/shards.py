"""Shards: writing one from its lanes, reading them back, and the manifest that lists them."""

import dataclasses
import hashlib
import json
import os
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import numpy as np
import pyarrow as pa
import smart_open

from xlnet_data.errors import ShardError
from xlnet_data.examples import Sampling, sample_examples
from xlnet_data.lanes import LaneText, reverse_text, starts_of
from xlnet_data.locations import is_url
from xlnet_data.schemas.example import DOCUMENTS_SCHEMA, VERSION, example_schema
from xlnet_data.schemas.manifest import (
    MANIFEST_FILE,
    SPLITS,
    CorpusInfo,
    Manifest,
    ShardInfo,
    SplitInfo,
    TokenizerInfo,
)


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
        "schema_version": VERSION,
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
    ('train/shard-00003-of-00016.arrow', 'train/documents-00003-of-00016.arrow')
    """
    suffix = f"{number:05}-of-{total:05}.arrow"
    return f"{split}/shard-{suffix}", f"{split}/documents-{suffix}"


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
    schema = example_schema(
        settings.seq_len, settings.num_targets, writing.vocab_size, shard_metadata(sampling, writing)
    )
    counts = dict.fromkeys(
        ("examples", "lanes", "tokens", "dropped_tail_tokens", "positive", "negative", "fallback"), 0
    )
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
            duplicate_ids += text.duplicate_ids
            counts["dropped_tail_tokens"] += len(text.lane.ids) - settings.num_used(len(text.lane.ids))
            for lane_number, is_backward in _readings(number, settings.bidirectional):
                reading = reverse_text(text) if is_backward else text
                counts["lanes"] += 1
                sidecar_rows.write_batch(_documents_batch(lane_number, reading))
                for examples in sample_examples(reading.lane, lane_number, is_backward, sampling):
                    shard_rows.write_batch(examples.to_record_batch(schema))
                    positive = int(examples.pairs.is_next.sum())
                    counts["examples"] += len(examples.input_ids)
                    counts["positive"] += positive
                    counts["negative"] += len(examples.input_ids) - positive
                    counts["fallback"] += int(examples.pairs.is_fallback.sum())
    return ShardInfo(
        split=sampling.split,
        file=names[0],
        bytes=shard.num_bytes,
        sha256=shard.hexdigest(),
        documents_file=names[1],
        documents_bytes=sidecar.num_bytes,
        documents_sha256=sidecar.hexdigest(),
        **counts,
        duplicate_ids=dict(sorted(duplicate_ids.items())),
    )


class HashingFile:
    """A file being written whose bytes are counted and hashed on the way; what pyarrow writes to."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        self._file = file
        self._path = path
        self._hash = hashlib.sha256()
        self.num_bytes = 0
        self.closed = False

    def write(self, data: Any) -> int:
        """Write bytes.

        Raises:
            ShardError: The disk is full.
        """
        view = memoryview(data)
        self._hash.update(view)
        self.num_bytes += view.nbytes
        with named_write(self._path):
            self._file.write(view)
        return view.nbytes

    def flush(self) -> None:
        """Do nothing: the file is flushed when it is closed."""

    def close(self) -> None:
        """Do nothing: atomic_write closes the file."""

    def hexdigest(self) -> str:
        """Return the sha256 of what was written so far."""
        return self._hash.hexdigest()


@contextmanager
def atomic_write(path: str) -> Iterator[HashingFile]:
    """Write a file that appears under its name whole or not at all.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    if is_url(path):  # an object appears when it is complete
        with cast(BinaryIO, smart_open.open(path, "wb", compression="disable")) as file:
            yield HashingFile(file, path)
        return
    temporary = f"{path}.{uuid.uuid4().hex}.tmp"
    try:
        with named_write(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            file = open(temporary, "wb")  # noqa: SIM115 - closed below, where a full disk may show
        try:
            yield HashingFile(file, path)
        finally:
            with named_write(path):
                file.close()
        with named_write(path):
            os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


@contextmanager
def named_write(path: str) -> Iterator[None]:
    """Name a file that cannot be written.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise ShardError(f"cannot write {path}: {error.strerror or error}") from error


def sum_shards(shards: Iterable[ShardInfo]) -> SplitInfo:
    """Return the sums over a split's shards."""
    chosen = list(shards)
    return SplitInfo(
        **{item.name: sum(getattr(shard, item.name) for shard in chosen) for item in dataclasses.fields(SplitInfo)}
    )


def write_manifest(manifest: Manifest, folder: str) -> None:
    """Write a dataset's manifest; from then on the folder is a dataset."""
    with atomic_write(os.path.join(folder, MANIFEST_FILE)) as file:
        file.write((json.dumps(dataclasses.asdict(manifest), indent=2, ensure_ascii=False) + "\n").encode())


def read_manifest(folder: str) -> Manifest:
    """Read a dataset's manifest.

    Raises:
        ShardError: The folder is no dataset, or its manifest is of another version or points outside the folder.
    """
    path = os.path.join(folder, MANIFEST_FILE)
    if not os.path.isfile(path):
        raise ShardError(f"{folder} is not a dataset: it has no {MANIFEST_FILE} (an unfinished build has none)")
    try:
        with open(path, encoding="utf-8") as file:
            table = json.load(file)
        version = table["schema_version"]
        if version != VERSION:
            raise ShardError(f"{path} is of schema version {version}, this program reads version {VERSION}")
        manifest = Manifest(
            **table
            | {
                "tokenizer": TokenizerInfo(**table["tokenizer"]),
                "splits": {name: SplitInfo(**split) for name, split in table["splits"].items()},
                "corpora": {name: CorpusInfo(**corpus) for name, corpus in table["corpora"].items()},
                "shards": [ShardInfo(**shard) for shard in table["shards"]],
            }
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ShardError(f"{path} cannot be read as a manifest: {type(error).__name__}: {error}") from error
    if not _is_plain(manifest.tokenizer.file):
        raise ShardError(f"{path} points to {manifest.tokenizer.file!r}: the tokenizer must be a file of the dataset")
    for shard in manifest.shards:
        for name in (shard.file, shard.documents_file):
            folder_name, _, file_name = name.partition("/")
            if (
                folder_name != shard.split
                or shard.split not in {*SPLITS} & {*manifest.splits}
                or not _is_plain(file_name)
            ):
                raise ShardError(f"{path} points to {name!r}: a shard's path must be SPLIT/NAME within the dataset")
    return manifest


def open_shard(folder: str, file: str) -> pa.ipc.RecordBatchFileReader:
    """Open a shard or sidecar, memory-mapped.

    Raises:
        ShardError: The file is missing or no Arrow file.
    """
    path = os.path.join(folder, file)
    try:
        return pa.ipc.open_file(pa.memory_map(path))
    except (OSError, pa.ArrowInvalid) as error:
        raise ShardError(f"{path} cannot be opened as an Arrow file: {error}") from error


def _is_plain(name: str) -> bool:
    return bool(name) and "/" not in name and "\\" not in name and name not in (".", "..")


def _readings(number: int, bidirectional: bool) -> tuple[tuple[int, bool], ...]:
    return ((2 * number, False), (2 * number + 1, True)) if bidirectional else ((number, False),)


def _documents_batch(lane_number: int, text: LaneText) -> pa.RecordBatch:
    return pa.record_batch(
        [
            np.full(len(text.doc_ids), lane_number, np.int32),
            starts_of(text.document_lens),
            text.document_lens.astype(np.int32),
            pa.array(text.corpora, pa.string()),
            pa.array(text.doc_ids, pa.string()),
        ],
        schema=DOCUMENTS_SCHEMA,
    )
