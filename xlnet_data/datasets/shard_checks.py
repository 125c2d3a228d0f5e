"""Checks one shard and its sidecar against the manifest: schema, counts, and every example, drawn again."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.datasets.draws import draw_pairs, is_other_order
from xlnet_data.datasets.invariants import (
    Contents,
    Findings,
    LaneDocuments,
    LaneRows,
    add_to_text,
    check_layout,
    check_stream,
    is_reversed,
    lane_problem,
    lane_rows,
    unknown_text,
)
from xlnet_data.datasets.shards import ShardWriting, batches_of, check_batch, open_shard, shard_metadata
from xlnet_data.datasets.size_checks import check_sizes
from xlnet_data.errors import ShardError
from xlnet_data.examples.coverage import Coverage
from xlnet_data.examples.sampling import Sampling
from xlnet_data.files.moving import join_path
from xlnet_data.schemas.example import DOCUMENTS_SCHEMA, SCHEMA_VERSION, example_schema
from xlnet_data.schemas.manifest import ShardInfo

Text = NDArray[np.int32]


@dataclass(frozen=True)
class Expected:
    """What the shards of one split must be.

    Attributes:
        sampling: What drew the examples.
        has_vocabulary: False: the vocabulary, on which the targets depend, cannot be loaded, so no order is compared.
        writing: What stands in the shards' metadata, and where the dataset lies.
    """

    sampling: Sampling
    has_vocabulary: bool
    writing: ShardWriting


@dataclass
class _Counts:
    """What was counted in a shard.

    Attributes:
        numbers: By field of ShardInfo.
        uncovered: Tokens in no example, by corpus.
        fallback: Fallback pairs, at least and at most.
        is_sound: False: some lane is damaged, so that what its examples tell cannot be counted.
    """

    numbers: Counter[str] = field(default_factory=Counter)
    uncovered: Counter[str] = field(default_factory=Counter)
    fallback: tuple[int, int] = (0, 0)
    is_sound: bool = True


def verify_shard(shard: ShardInfo, expected: Expected, contents: Contents) -> Iterator[str]:
    """Yield what is wrong with a shard.

    Args:
        shard: What the manifest says of it.
        expected: What it must be.
        contents: Gets what the sidecar lists.

    Raises:
        ShardError: A file cannot be read.
    """
    folder, settings = expected.writing.output, expected.sampling.settings
    check_sizes(shard, expected.writing, settings)
    reader = open_shard(folder, shard.file)
    if not reader.schema.equals(example_schema(settings.seq_len, settings.num_targets, expected.writing.vocab_size)):
        yield f"{shard.file}: its schema is not that of version {SCHEMA_VERSION} with these settings"
        return
    metadata = reader.schema.metadata or {}
    for key, value in shard_metadata(expected.sampling, expected.writing).items():
        found = metadata.get(key.encode())
        if found != value.encode():
            said = None if found is None else found.decode(errors="replace")
            yield f"{shard.file}: its metadata says {key}={said!r}, the manifest {value!r}"
    documents = _documents_by_lane(folder, shard)
    contents.add(documents, settings.num_readings)
    counts = _Counts()
    yield from _verify_readings(documents, shard, settings.num_readings)
    yield from _verify_lanes(reader, documents, shard, expected, counts)
    yield from _compare_counts(counts, shard)


def _documents_by_lane(folder: str, shard: ShardInfo) -> dict[int, LaneDocuments]:
    reader = open_shard(folder, shard.documents_file)
    if not reader.schema.equals(DOCUMENTS_SCHEMA):
        raise ShardError(f"{shard.documents_file} has not the sidecar's schema")
    path = join_path(folder, shard.documents_file)
    table = pa.Table.from_batches(batches_of(reader, path), DOCUMENTS_SCHEMA)
    lanes, starts, lengths = (table[name].to_numpy().astype(np.int64) for name in ("lane", "start", "length"))
    corpora, doc_ids = table["corpus"].to_pylist(), table["doc_id"].to_pylist()
    cuts = [0, *(np.flatnonzero(np.diff(lanes)) + 1).tolist(), len(lanes)]
    found = [
        (
            int(lanes[first]),
            LaneDocuments(starts[first:end], lengths[first:end], corpora[first:end], doc_ids[first:end]),
        )
        for first, end in pairwise(cuts)
        if end > first
    ]
    if len(dict(found)) < len(found) or any(lane < 0 for lane, _ in found):
        raise ShardError(f"{shard.documents_file}: the documents of a lane do not stand together")
    return dict(found)


def _verify_readings(documents: dict[int, LaneDocuments], shard: ShardInfo, num_readings: int) -> Iterator[str]:
    """Yield which lanes are not the documents of their other reading in reverse."""
    if num_readings == 1:
        return
    for lane in sorted({lane // 2 for lane in documents}):
        forward, backward = documents.get(2 * lane), documents.get(2 * lane + 1)
        if forward is None or backward is None:
            yield f"{shard.documents_file}: lists only one of lanes {2 * lane} and {2 * lane + 1}, the readings of one"
        elif (forward.lengths.tolist(), forward.corpora, forward.doc_ids) != (
            backward.lengths[::-1].tolist(),
            backward.corpora[::-1],
            backward.doc_ids[::-1],
        ):
            yield f"{shard.documents_file}: lane {2 * lane + 1} does not list lane {2 * lane}'s documents in reverse"


def _verify_lanes(
    reader: pa.ipc.RecordBatchFileReader,
    documents: dict[int, LaneDocuments],
    shard: ShardInfo,
    expected: Expected,
    counts: _Counts,
) -> Iterator[str]:
    """Check each lane against the sidecar and against its other reading, and count what it holds."""
    settings = expected.sampling.settings
    seen: list[int] = []
    forward: tuple[int, Text, Coverage] | None = None
    for lane, batches in _batches_by_lane(reader):
        where = f"{shard.file}, lane {lane}"
        if lane not in documents:
            yield f"{where}: {shard.documents_file} does not list it"
            counts.is_sound = False
            continue
        seen.append(lane)
        reading = _Reading(reader, lane, batches, documents[lane])
        problems, text = _verify_reading(reading, expected, counts)
        yield from (f"{where}, {problem}" for problem in problems)
        stream, is_second = divmod(lane, settings.num_readings)
        pair = forward if is_second and forward is not None and forward[0] == stream else None
        forward = None
        if text is None or (is_second and pair is None):
            counts.is_sound = False
            continue
        if pair is not None and not is_reversed(pair[1], text):
            yield f"{where}: is not the reverse of lane {lane - 1}"
        coverage = Coverage(documents[lane].lane_len) if pair is None else pair[2]
        _add_coverage(reading, coverage, expected)
        if is_second or settings.num_readings == 1:
            listed = documents[lane - is_second]
            counts.uncovered += coverage.num_uncovered(listed.starts, listed.corpora)
        else:
            forward = stream, text, coverage
    yield from _verify_missing(seen, documents, shard, expected, counts)


def _verify_missing(
    seen: list[int], documents: dict[int, LaneDocuments], shard: ShardInfo, expected: Expected, counts: _Counts
) -> Iterator[str]:
    """Yield which lanes the shard lacks; count the tokens of all, and those of the lanes too short for an example."""
    settings = expected.sampling.settings
    if seen != sorted(set(seen)):
        yield f"{shard.file}: its lanes are not in order: {seen}"
    for lane, listed in documents.items():
        counts.numbers["lanes"] += 1
        if lane % settings.num_readings == 0:  # each token once
            counts.numbers["tokens"] += listed.lane_len
        if lane in seen:
            continue
        if settings.num_steps(listed.lane_len):
            yield f"{shard.file}: lane {lane} is missing, its {listed.lane_len:,} tokens hold examples"
            counts.is_sound = False
        elif lane % settings.num_readings == 0:
            for corpus, length in zip(listed.corpora, listed.lengths.tolist(), strict=True):
                counts.uncovered[corpus] += length


@dataclass(frozen=True)
class _Reading:
    """One lane of a shard.

    Attributes:
        reader: The shard.
        lane: The lane's number.
        batches: Which of the shard's record batches hold it.
        documents: Its documents.
    """

    reader: pa.ipc.RecordBatchFileReader
    lane: int
    batches: list[int]
    documents: LaneDocuments

    def read(self) -> Iterator[LaneRows]:
        """Yield its examples, a batch at a time."""
        for number in self.batches:
            yield lane_rows(self.lane, self.reader.get_batch(number))


def _verify_reading(reading: _Reading, expected: Expected, counts: _Counts) -> tuple[list[str], Text | None]:
    """Return what is wrong with a lane's examples, and its text, None if anything is wrong; count the examples."""
    sampling, documents = expected.sampling, reading.documents
    settings = sampling.settings
    num_rows = sum(len(rows.steps) for rows in reading.read())
    counts.numbers["examples"] += num_rows
    if problem := lane_problem(num_rows, documents, settings):
        return [problem], None
    text, findings, first = unknown_text(documents.lane_len), Findings(), 0
    for rows in reading.read():
        if not np.array_equal(rows.steps, np.arange(first, first + len(rows.steps))):
            return [f"steps: expected 0 to {num_rows - 1} in order, found another than {first:,} in its place"], None
        first += len(rows.steps)
        counts.numbers["positive"] += int(rows.is_next.sum())
        counts.numbers["negative"] += int((~rows.is_next).sum())
        checks = check_layout(rows, settings, expected.writing.vocab_size)
        is_sound = ~np.logical_or.reduce(list(checks.values()))
        findings.add(rows.steps, checks)
        if expected.has_vocabulary:
            findings.add(rows.steps, {"order: not what the seed draws": is_other_order(rows, is_sound, sampling)})
        if is_sound.all():
            draws = draw_pairs(rows, documents, sampling)
            findings.add(rows.steps, {"is_next: not what the seed draws": draws.is_other})
            least, most = counts.fallback
            counts.fallback = least + draws.fallback[0], most + draws.fallback[1]
        add_to_text(text, rows, settings)
    for rows in reading.read():
        findings.add(rows.steps, check_stream(rows, text, documents, settings))
    return list(findings.sentences(num_rows)), None if findings else text


def _add_coverage(reading: _Reading, coverage: Coverage, expected: Expected) -> None:
    for rows in reading.read():
        coverage.add(rows.steps, rows.pairs, bool(rows.is_backward[0]), expected.sampling.settings)


def _compare_counts(counts: _Counts, shard: ShardInfo) -> Iterator[str]:
    for name in ("examples", "lanes", "tokens", "positive", "negative"):
        found, wanted = counts.numbers[name], getattr(shard, name)
        if found != wanted and (counts.is_sound or name not in ("positive", "negative")):
            yield f"{shard.file}: has {name}={found:,}, the manifest says {wanted:,}"
    if not counts.is_sound:
        return
    found_uncovered = dict(sorted(counts.uncovered.items()))
    if found_uncovered != shard.tokens_in_no_example:
        said = shard.tokens_in_no_example
        yield f"{shard.file}: has tokens_in_no_example={found_uncovered}, the manifest says {said}"
    least, most = counts.fallback
    if not least <= shard.fallback <= most:
        found_fallback = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        yield f"{shard.file}: has fallback={found_fallback}, the manifest says {shard.fallback:,}"


def _batches_by_lane(reader: pa.ipc.RecordBatchFileReader) -> Iterator[tuple[int, list[int]]]:
    """Yield each lane of a shard with the numbers of its record batches; batches without rows are left out.

    Raises:
        ShardError: A batch holds rows of more than one lane.
    """
    lanes = []
    for number in range(reader.num_record_batches):
        batch = reader.get_batch(number)
        check_batch(batch)
        if batch.num_rows:
            found = batch.column("lane").to_numpy()
            if (found != found[0]).any():
                raise ShardError(f"a record batch crosses lanes {found[0]} and {found[found != found[0]][0]}")
            lanes.append((int(found[0]), number))
    for lane, group in groupby(lanes, key=lambda pair: pair[0]):
        yield lane, [number for _, number in group]
