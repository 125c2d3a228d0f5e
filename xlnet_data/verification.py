"""Whether a dataset is what its manifest says: every byte, the schema, and what must hold of every example."""

import dataclasses
import hashlib
import os
from collections.abc import Iterator
from itertools import groupby

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.lanes import starts_of
from xlnet_data.layout import ExampleSettings
from xlnet_data.schemas.example import CLS_ID, DOCUMENTS_SCHEMA, MASK_ID, SEP_ID, VERSION, example_schema
from xlnet_data.schemas.manifest import MANIFEST_FILE, Manifest, ShardInfo
from xlnet_data.shards import open_shard, read_manifest, sum_shards

Ints = NDArray[np.int64]

_READ_BYTES = 1 << 22


@dataclasses.dataclass(frozen=True, slots=True)
class LaneRows:
    """All examples of one lane as arrays; fields as in the shard's schema, integers widened to int64.

    Attributes:
        lane: Lane number.
        steps, a_len, b_len, b_start, memory_len: int64 [examples].
        is_backward, is_next: bool [examples].
        input_ids: int64 [examples, seq_len].
        order: int64 [examples, num_targets + 3].
    """

    lane: int
    steps: Ints
    is_backward: NDArray[np.bool_]
    input_ids: Ints
    a_len: Ints
    b_len: Ints
    is_next: NDArray[np.bool_]
    b_start: Ints
    order: Ints
    memory_len: Ints


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
    if in_splits > in_corpora:
        yield f"{MANIFEST_FILE}: the splits have {in_splits:,} tokens, the corpora {in_corpora:,}"


def _verify_shard(
    folder: str, shard: ShardInfo, manifest: Manifest, settings: ExampleSettings
) -> Iterator[str]:
    reader = open_shard(folder, shard.file)
    expected = example_schema(settings.seq_len, settings.num_targets, manifest.tokenizer.vocab_size)
    if not reader.schema.equals(expected):
        yield f"{shard.file}: its schema is not that of version {VERSION} with these settings"
        return
    metadata = {key.decode(): value.decode() for key, value in (reader.schema.metadata or {}).items()}
    for key, value in (("fingerprint", manifest.fingerprint), ("tokenizer_sha256", manifest.tokenizer.sha256), ("split", shard.split)):
        if metadata.get(key) != value:
            yield f"{shard.file}: its metadata says {key}={metadata.get(key)!r}, the manifest {value!r}"
    documents = _documents_by_lane(folder, shard)
    examples = tokens = 0
    seen: list[int] = []
    forward: Ints | None = None
    for rows in _lanes_of(reader):
        where = f"{shard.file}, lane {rows.lane}"
        if rows.lane not in documents:
            yield f"{where}: {shard.documents_file} does not list it"
            continue
        seen.append(rows.lane)
        starts, lengths = documents[rows.lane]
        yield from (f"{where}, {problem}" for problem in verify_lane(rows, starts, lengths, settings, manifest.tokenizer.vocab_size))
        examples += len(rows.steps)
        text = _known_text(rows, settings)
        if settings.bidirectional and rows.lane % 2 == 1 and forward is not None and len(forward) == len(text):
            yield from _verify_reversed(forward, text, int(lengths.sum()), where)
        forward = text if rows.lane % 2 == 0 else None
    if seen != sorted(set(seen)):
        yield f"{shard.file}: its lanes are not in order: {seen}"
    for lane, (_, lengths) in documents.items():
        is_counted = not settings.bidirectional or lane % 2 == 0
        tokens += int(lengths.sum()) if is_counted else 0
        if lane not in seen and settings.num_steps(int(lengths.sum())):
            yield f"{shard.file}: lane {lane} is missing, its {int(lengths.sum()):,} tokens hold examples"
    for name, found in (("examples", examples), ("lanes", len(documents)), ("tokens", tokens)):
        if found != getattr(shard, name):
            yield f"{shard.file}: has {name}={found:,}, the manifest says {getattr(shard, name):,}"


def verify_lane(
    rows: LaneRows, starts: Ints, lengths: Ints, settings: ExampleSettings, vocab_size: int
) -> Iterator[str]:
    """Yield what is wrong with the examples of one lane.

    Args:
        rows: The lane's examples.
        starts: int64 [documents], where the lane's documents start, in reading order.
        lengths: int64 [documents], their tokens.
        settings: The layout.
        vocab_size: Ids of the vocabulary.
    """
    lane_len = int(lengths.sum())
    if not np.array_equal(starts, starts_of(lengths)):
        yield "documents: they do not lie end to end"
    if not np.array_equal(rows.steps, np.arange(settings.num_steps(lane_len))):
        yield f"steps: expected 0 to {settings.num_steps(lane_len) - 1} from {lane_len:,} tokens, found {len(rows.steps):,}"
        return
    if (rows.is_backward != (settings.bidirectional and rows.lane % 2 == 1)).any():
        yield "backward: does not fit the lane's number"
    yield from _verify_layout(rows, settings, vocab_size)
    yield from _verify_order(rows, settings)
    yield from _verify_stream(rows, starts, settings)


def _verify_layout(rows: LaneRows, settings: ExampleSettings, vocab_size: int) -> Iterator[str]:
    columns = np.arange(settings.seq_len)
    first_sep = (settings.reuse_len + rows.a_len)[:, None]
    is_sep = (columns == first_sep) | (columns == settings.seq_len - 2)
    is_cls = columns == settings.seq_len - 1
    checks = {
        f"a_len + b_len must be {settings.pair_len}, both at least 1": (rows.a_len + rows.b_len != settings.pair_len)
        | (rows.a_len < 1)
        | (rows.b_len < 1),
        "<sep> must stand after A and after B, and nowhere else": ((rows.input_ids == SEP_ID) != is_sep).any(axis=1),
        "<cls> must stand at the end, and nowhere else": ((rows.input_ids == CLS_ID) != is_cls).any(axis=1),
        "<pad> or <mask> in the input": ((rows.input_ids > SEP_ID) & (rows.input_ids <= MASK_ID)).any(axis=1),
        f"an id is not below {vocab_size:,}": (rows.input_ids >= vocab_size).any(axis=1),
    }
    yield from _at_steps(checks)


def _verify_order(rows: LaneRows, settings: ExampleSettings) -> Iterator[str]:
    quota, half = settings.reuse_targets, settings.reuse_len
    in_order = np.sort(rows.order, axis=1)
    functional = np.stack(
        [half + rows.a_len, np.full_like(rows.a_len, settings.seq_len - 2), np.full_like(rows.a_len, settings.seq_len - 1)],
        axis=1,
    )
    is_functional = (rows.order[:, :, None] == functional[:, None, :]).any(axis=2)
    checks = {
        "order: a position appears twice or lies outside": (in_order[:, 1:] == in_order[:, :-1]).any(axis=1)
        | (in_order[:, -1] >= settings.seq_len),
        f"order: the first {quota} entries must lie in the reuse half, the others behind it": (
            rows.order[:, :quota] >= half
        ).any(axis=1)
        | (rows.order[:, quota:] < half).any(axis=1),
        "order: <sep>, <sep> and <cls> must be in it, each once": is_functional.sum(axis=1) != 3,
    }
    if settings.perm_size:
        blocks = np.concatenate([rows.order[:, :quota], rows.order[:, quota:]], axis=1) // settings.perm_size
        checks[f"order: blocks of perm_size={settings.perm_size} are out of place"] = (np.diff(blocks, axis=1) < 0).any(axis=1)
    yield from _at_steps(checks)


def _verify_stream(rows: LaneRows, starts: Ints, settings: ExampleSettings) -> Iterator[str]:
    """Compare reuse, A and B with the lane's text, as far as the reuse tokens and the last window tell it."""
    if not len(rows.steps):
        return
    begins = rows.steps * settings.stride
    text = _known_text(rows, settings)
    pair = _pair_ids(rows, settings)
    columns = np.arange(settings.pair_len)
    a_places = begins[:, None] + settings.reuse_len + columns
    b_places = rows.b_start[:, None] + columns - rows.a_len[:, None]
    places = np.where(columns < rows.a_len[:, None], a_places, b_places)
    known = np.where((places >= 0) & (places < len(text)), text[np.clip(places, 0, len(text) - 1)], -1)
    follows = rows.b_start == begins + settings.reuse_len + rows.a_len
    document = np.searchsorted(starts, begins, side="right") - 1
    memory = np.minimum(begins - starts[document], np.iinfo(np.uint16).max)
    yield from _at_steps(
        {
            "the text of A or B is not the lane's": ((known >= 0) & (known != pair)).any(axis=1),
            "is_next: B does not follow A": rows.is_next & ~follows,
            "memory_len: not the tokens before it in the same document": rows.memory_len != memory,
        }
    )


def _known_text(rows: LaneRows, settings: ExampleSettings) -> Ints:
    """Return the lane's tokens as far as its examples tell: -1 where they do not."""
    steps = len(rows.steps)
    if not steps:
        return np.zeros(0, np.int64)
    text = np.full((steps - 1) * settings.stride + settings.window_len, -1, np.int64)
    pair = _pair_ids(rows, settings)
    for place in range(settings.reuse_len):
        text[place : steps * settings.stride + place : settings.stride][:steps] = rows.input_ids[:, place]
    begins = rows.steps * settings.stride + settings.reuse_len
    from_a = np.arange(settings.pair_len) < np.where(rows.is_next, settings.pair_len, rows.a_len)[:, None]
    if settings.recipe == "reference":  # its positive pairs may have a gap
        from_a &= np.arange(settings.pair_len) < rows.a_len[:, None]
    places = begins[:, None] + np.arange(settings.pair_len)
    unknown = from_a & (text[places] < 0)
    text[places[unknown]] = pair[unknown]
    return text


def _pair_ids(rows: LaneRows, settings: ExampleSettings) -> Ints:
    rest = rows.input_ids[:, settings.reuse_len :]
    return np.where(np.arange(settings.pair_len) < rows.a_len[:, None], rest[:, :-3], rest[:, 1:-2])


def _verify_reversed(forward: Ints, backward: Ints, lane_len: int, where: str) -> Iterator[str]:
    mirrored = np.full(lane_len, -1, np.int64)
    mirrored[: len(forward)] = forward
    mirrored = mirrored[::-1][: len(backward)]
    if ((mirrored >= 0) & (backward >= 0) & (mirrored != backward)).any():
        yield f"{where}: is not the reverse of lane {int(where.rsplit(' ', 1)[1]) - 1}"


def _at_steps(checks: dict[str, NDArray[np.bool_]]) -> Iterator[str]:
    for problem, is_wrong in checks.items():
        if is_wrong.any():
            yield f"step {int(np.argmax(is_wrong))}: {problem} ({int(is_wrong.sum()):,} of {len(is_wrong):,} steps)"


def _documents_by_lane(folder: str, shard: ShardInfo) -> dict[int, tuple[Ints, Ints]]:
    reader = open_shard(folder, shard.documents_file)
    if not reader.schema.equals(DOCUMENTS_SCHEMA):
        raise ShardError(f"{shard.documents_file} has not the sidecar's schema")
    table = reader.read_all()
    lanes, starts, lengths = (table[name].to_numpy().astype(np.int64) for name in ("lane", "start", "length"))
    cuts = np.flatnonzero(np.diff(lanes)) + 1
    groups = zip(np.split(lanes, cuts), np.split(starts, cuts), np.split(lengths, cuts), strict=True)
    return {int(lane[0]): (start, length) for lane, start, length in groups if len(lane)}


def _lanes_of(reader: pa.ipc.RecordBatchFileReader) -> Iterator[LaneRows]:
    batches = (reader.get_batch(index) for index in range(reader.num_record_batches))
    for lane, group in groupby(batches, key=_only_lane):
        yield lane_rows(lane, pa.Table.from_batches(group).combine_chunks())


def _only_lane(batch: pa.RecordBatch) -> int:
    lanes = batch.column("lane").to_numpy()
    if (lanes != lanes[0]).any():
        raise ShardError(f"a record batch crosses lanes {lanes[0]} and {lanes[lanes != lanes[0]][0]}")
    return int(lanes[0])


def lane_rows(lane: int, rows: pa.Table | pa.RecordBatch) -> LaneRows:
    """Return examples of one lane as arrays."""

    def ints(name: str) -> Ints:
        return np.asarray(rows.column(name)).astype(np.int64)

    def lists(name: str) -> Ints:
        column = rows.column(name)
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return np.asarray(array.flatten()).astype(np.int64).reshape(len(array), -1)

    return LaneRows(
        lane=lane,
        steps=ints("step"),
        is_backward=ints("backward") == 1,
        input_ids=lists("input_ids"),
        a_len=ints("a_len"),
        b_len=ints("b_len"),
        is_next=ints("is_next") == 1,
        b_start=ints("b_start"),
        order=lists("order"),
        memory_len=ints("memory_len"),
    )
