"""Checks a dataset against its manifest: the bytes, the schema, the counts, and every example."""

import dataclasses
import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.datasets.invariants import LaneDocuments, LaneRows, is_reversed, known_text, lane_rows, verify_lane
from xlnet_data.datasets.manifests import read_manifest, sum_shards
from xlnet_data.datasets.shards import ShardWriting, batches_of, open_shard, shard_metadata
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.examples.coverage import Coverage
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.sampling import Sampling
from xlnet_data.schemas.example import DOCUMENTS_SCHEMA, SCHEMA_VERSION, example_schema
from xlnet_data.schemas.manifest import MANIFEST_FILE, Manifest, ShardInfo

Ints = NDArray[np.int64]

_READ_BYTES = 1 << 22


def verify_dataset(folder: str) -> Iterator[str]:
    """Yield what is wrong with a dataset, one sentence each that says where; nothing if all is well.

    Raises:
        ShardError: The folder is no dataset of this version.
    """
    manifest = read_manifest(folder)
    try:
        settings = ExampleSettings(**manifest.config["examples"])
    except (ConfigError, TypeError, KeyError) as error:
        raise ShardError(f"{folder}/{MANIFEST_FILE}: its [examples] settings are no valid ones: {error}") from error
    yield from _verify_bytes(folder, manifest.tokenizer.file, None, manifest.tokenizer.sha256)
    for shard in manifest.shards:
        problems = list(_verify_bytes(folder, shard.file, shard.bytes, shard.sha256))
        problems += _verify_bytes(folder, shard.documents_file, shard.documents_bytes, shard.documents_sha256)
        yield from problems
        if not any("missing" in problem for problem in problems):
            try:
                yield from _verify_shard(folder, shard, manifest, settings)
            except (ShardError, pa.ArrowInvalid, OSError) as error:
                yield f"{shard.file}: cannot be read: {error}"
    yield from _verify_sums(folder, manifest)


def _verify_bytes(folder: str, name: str, size: int | None, sha256: str) -> Iterator[str]:
    path = os.path.join(folder, name)
    if not os.path.isfile(path):
        yield f"{name}: is missing"
        return
    if size is not None and os.path.getsize(path) != size:
        yield f"{name}: has {os.path.getsize(path):,} bytes, the manifest says {size:,}"
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while data := file.read(_READ_BYTES):
            digest.update(data)
    if digest.hexdigest() != sha256:
        yield f"{name}: its sha256 is {digest.hexdigest()}, the manifest says {sha256}"


def _verify_sums(folder: str, manifest: Manifest) -> Iterator[str]:
    for split, info in manifest.splits.items():
        found = sum_shards(shard for shard in manifest.shards if shard.split == split)
        for item in dataclasses.fields(found):
            if getattr(found, item.name) != getattr(info, item.name):
                yield (
                    f"{MANIFEST_FILE}: split {split} has {item.name}={getattr(info, item.name)}, its shards together "
                    f"{getattr(found, item.name)}"
                )
        listed = {name for shard in manifest.shards for name in (shard.file, shard.documents_file)}
        path = os.path.join(folder, split)
        for name in sorted(os.listdir(path)) if os.path.isdir(path) else ():
            if f"{split}/{name}" not in listed:
                yield f"{split}/{name}: the manifest does not list this file"
    in_splits = sum(info.tokens for info in manifest.splits.values())
    in_corpora = sum(corpus.tokens for corpus in manifest.corpora.values())
    if in_splits != in_corpora:
        yield f"{MANIFEST_FILE}: the splits have {in_splits:,} tokens, the corpora {in_corpora:,}"


def _verify_shard(folder: str, shard: ShardInfo, manifest: Manifest, settings: ExampleSettings) -> Iterator[str]:
    reader = open_shard(folder, shard.file)
    expected = example_schema(settings.seq_len, settings.num_targets, manifest.tokenizer.vocab_size)
    if not reader.schema.equals(expected):
        yield f"{shard.file}: its schema is not that of version {SCHEMA_VERSION} with these settings"
        return
    yield from _verify_metadata(reader.schema, shard, manifest, settings)
    documents = _documents_by_lane(folder, shard)
    yield from _verify_lanes(_lanes_of(reader), documents, shard, settings, manifest.tokenizer.vocab_size)


def _verify_lanes(
    lanes: Iterator[LaneRows],
    documents: dict[int, LaneDocuments],
    shard: ShardInfo,
    settings: ExampleSettings,
    vocab_size: int,
) -> Iterator[str]:
    """Check each lane against the sidecar, the lanes against one another, and their sums against the manifest."""
    counts = _count_documents(documents, settings)
    seen: list[int] = []
    forward: Ints | None = None
    coverages: dict[int, Coverage] = {}
    is_sound = True
    for rows in lanes:
        where = f"{shard.file}, lane {rows.lane}"
        if rows.lane not in documents:
            yield f"{where}: {shard.documents_file} does not list it"
            continue
        seen.append(rows.lane)
        problems = list(verify_lane(rows, documents[rows.lane], settings, vocab_size))
        yield from (f"{where}, {problem}" for problem in problems)
        counts["examples"] += len(rows.steps)
        counts["positive"] += int(rows.is_next.sum())
        counts["negative"] += int((~rows.is_next).sum())
        text = None if problems else known_text(rows, settings)
        is_sound &= not problems
        if not problems:
            stream = rows.lane // settings.num_readings
            coverage = coverages.setdefault(stream, Coverage(documents[rows.lane].lane_len))
            coverage.add(rows.steps, rows.pairs, bool(rows.is_backward[0]), settings)
        is_second = settings.bidirectional and rows.lane % 2 == 1
        both = (forward, text) if is_second and forward is not None and text is not None else None
        if both and not is_reversed(*both, documents[rows.lane].lane_len):
            yield f"{where}: is not the reverse of lane {rows.lane - 1}"
        forward = None if is_second else text
    if seen != sorted(set(seen)):
        yield f"{shard.file}: its lanes are not in order: {seen}"
    for lane, listed in documents.items():
        lane_len = listed.lane_len
        if lane not in seen and settings.num_steps(lane_len):
            yield f"{shard.file}: lane {lane} is missing, its {lane_len:,} tokens hold examples"
    uncovered: Counter[str] = Counter()
    for lane, listed in documents.items():
        if lane % settings.num_readings == 0:
            coverage = coverages.get(lane // settings.num_readings) or Coverage(listed.lane_len)
            uncovered += coverage.num_uncovered(listed.starts, listed.corpora)
    if is_sound and dict(uncovered) != shard.tokens_in_no_example:
        yield (
            f"{shard.file}: has tokens_in_no_example={dict(uncovered)}, the manifest says {shard.tokens_in_no_example}"
        )
    for name, found in counts.items():
        if found != getattr(shard, name):
            yield f"{shard.file}: has {name}={found:,}, the manifest says {getattr(shard, name):,}"


def _count_documents(documents: dict[int, LaneDocuments], settings: ExampleSettings) -> dict[str, int]:
    """Return what the documents alone tell of a shard's counts, and zeros for what the examples tell."""
    counts = dict.fromkeys(("examples", "lanes", "tokens", "positive", "negative"), 0)
    for lane, listed in documents.items():
        lane_len = listed.lane_len
        counts["lanes"] += 1
        if not settings.bidirectional or lane % 2 == 0:  # each token once
            counts["tokens"] += lane_len
    return counts


def _verify_metadata(
    schema: pa.Schema, shard: ShardInfo, manifest: Manifest, settings: ExampleSettings
) -> Iterator[str]:
    metadata = {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}
    writing = ShardWriting("", manifest.tokenizer.vocab_size, manifest.tokenizer.sha256, manifest.fingerprint)
    for key, value in shard_metadata(Sampling(settings, manifest.config["seed"], shard.split), writing).items():
        if metadata.get(key) != value:
            yield f"{shard.file}: its metadata says {key}={metadata.get(key)!r}, the manifest {value!r}"


def _documents_by_lane(folder: str, shard: ShardInfo) -> dict[int, LaneDocuments]:
    reader = open_shard(folder, shard.documents_file)
    if not reader.schema.equals(DOCUMENTS_SCHEMA):
        raise ShardError(f"{shard.documents_file} has not the sidecar's schema")
    table = reader.read_all()
    lanes, starts, lengths = (table[name].to_numpy().astype(np.int64) for name in ("lane", "start", "length"))
    corpora, doc_ids = table["corpus"].to_pylist(), table["doc_id"].to_pylist()
    cuts = [0, *(np.flatnonzero(np.diff(lanes)) + 1).tolist(), len(lanes)]
    return {
        int(lanes[first]): LaneDocuments(starts[first:end], lengths[first:end], corpora[first:end], doc_ids[first:end])
        for first, end in pairwise(cuts)
        if end > first
    }


def _lanes_of(reader: pa.ipc.RecordBatchFileReader) -> Iterator[LaneRows]:
    for lane, group in groupby(batches_of(reader), key=_only_lane):
        yield lane_rows(lane, pa.Table.from_batches(group).combine_chunks())


def _only_lane(batch: pa.RecordBatch) -> int:
    lanes = batch.column("lane").to_numpy()
    if (lanes != lanes[0]).any():
        raise ShardError(f"a record batch crosses lanes {lanes[0]} and {lanes[lanes != lanes[0]][0]}")
    return int(lanes[0])
