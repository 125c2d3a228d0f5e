"""What deduplication decides, gathers and looks up, row by row, without a build."""

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from xlnet_data.config import BuildConfig
from xlnet_data.config_files import parse_config
from xlnet_data.ingestion.tallies import Candidate, Tally
from xlnet_data.pipelines.deduplicate import DuplicateIndex, decide, gather
from xlnet_data.pipelines.local.duplicates import NUM_RANGES
from xlnet_data.schemas.document import Drop, Reason
from xlnet_data.schemas.tokenized import DECIDED_SCHEMA, DUPLICATES_SCHEMA, KEYS_SCHEMA, TOKENIZED_SCHEMA

OTHER = {"other_rank": 1, "other_id": "it", "other_title": "It", "similarity": 0.75, "other_key": 7}
"""What a document is dropped for."""

RANGE_SIZE = 2**64 // NUM_RANGES

WINDOW = 45  # reuse, A and B of an example of 48 tokens, of which 3 are functional


@pytest.fixture
def config() -> BuildConfig:
    corpora = [{"name": name, "format": "text", "paths": ["*"]} for name in ("first", "second")]
    examples = {"seq_len": 48, "reuse_len": 24}
    deduplication = {"near": True, "threshold": 0.7}
    return parse_config({"corpora": corpora, "examples": examples, "deduplication": deduplication}, ".")


def key_row(key: int, dedup_key: int, **fields: Any) -> dict[str, Any]:
    row = {"key": key, "is_exact": True, "rank": 0, "dedup_key": dedup_key, "task": 0, "is_dev": False}
    return (
        row | {"tokens": 10, "bytes": 100, "sketch": b"", "doc_id": f"d{dedup_key}", "title": f"D {dedup_key}"} | fields
    )


def keys_of(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), KEYS_SCHEMA)


def decided_from(keys: pa.Table, config: BuildConfig) -> pa.Table:
    return pa.Table.from_batches(decide(keys, config), DECIDED_SCHEMA)


def decided_of(*rows: dict[str, Any]) -> pa.Table:
    verdict = {"is_repeat": False} | OTHER
    return pa.Table.from_pylist([verdict | row for row in rows], DECIDED_SCHEMA)


def index_of(*rows: tuple[int, bool, bool, int]) -> DuplicateIndex:
    """Return the index of (dedup_key, is_exact, is_repeat, task): a table for each range, later ranges first."""
    tables = []
    for number in reversed(range(NUM_RANGES)):
        held = [row for row in sorted(rows) if row[0] // RANGE_SIZE == number]
        tables.append(
            pa.Table.from_pylist([dict(zip(DUPLICATES_SCHEMA.names, r)) | OTHER for r in held], DUPLICATES_SCHEMA)  # noqa: B905 - the rest is OTHER
        )
    return DuplicateIndex(tables)


def uints(*values: int) -> Any:
    return np.array(values, np.uint64)


def test_of_equal_texts_the_rows_that_go_and_those_that_repeat_are_decided(config: BuildConfig) -> None:
    decided = decided_from(
        keys_of(
            key_row(1, 50),  # stays: the smallest of its text
            key_row(1, 60, task=1),  # goes
            key_row(2, 70, rank=1),  # goes though its key is smaller: its corpus comes later
            key_row(2, 80, task=3),  # stays, once
            key_row(2, 80, task=4),
            key_row(3, 90),  # alone
        ),
        config,
    )
    found = [(row["key"], row["dedup_key"], row["task"], row["is_repeat"]) for row in decided.to_pylist()]
    assert found == [(1, 60, 1, False), (2, 70, 0, False), (2, 80, 3, True), (2, 80, 4, True)]
    others = [(row["other_rank"], row["other_id"], row["other_title"]) for row in decided.to_pylist()]
    assert others == [(0, "d50", "D 50"), *[(0, "d80", "D 80")] * 3]


def test_bands_are_decided_by_their_sketches_and_apart_from_texts(config: BuildConfig) -> None:
    near, far = bytes([1] * 8 + [2] * 2), bytes([1] * 5 + [3] * 5)
    decided = decided_from(
        keys_of(
            key_row(1, 40),  # a text whose key is that of a band
            key_row(1, 50, is_exact=False, sketch=bytes([1] * 10)),
            key_row(1, 60, is_exact=False, sketch=near),
            key_row(1, 70, is_exact=False, sketch=far),
        ),
        config,
    )
    found = [(row["dedup_key"], row["is_exact"], row["is_repeat"], row["other_id"]) for row in decided.to_pylist()]
    assert found == [(60, False, False, "d50")]
    assert decided["similarity"].to_pylist() == [pytest.approx((0.8 - 1 / 256) / (1 - 1 / 256))]


def test_a_large_group_is_decided_a_few_rows_at_a_time(config: BuildConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that a million documents have must not be in memory with a million names and signatures."""
    rows = [key_row(1, 100 - number, task=number) for number in range(9)]
    rows += [key_row(2, 200 - number, is_exact=False, sketch=bytes([1] * 10)) for number in range(9)]
    expected = decided_from(keys_of(*rows), config)
    monkeypatch.setattr("xlnet_data.pipelines.deduplicate.ROWS_AT_A_TIME", 3)
    in_parts = pa.concat_tables([keys_of(*rows[:2]), keys_of(), keys_of(*rows[2:])])
    found = list(decide(in_parts, config))
    assert [batch.num_rows for batch in found] == [3] * 5 + [1]
    assert pa.Table.from_batches(found).equals(expected)
    assert expected["dedup_key"].to_pylist() == [*range(93, 101), *range(193, 201)]
    assert {*expected["other_id"].to_pylist()} == {"d92", "d192"}


def test_nothing_is_decided_of_no_keys(config: BuildConfig) -> None:
    assert not list(decide(keys_of(), config))
    duplicates, tally = gather(decided_of(), config)
    assert (duplicates.num_rows, tally.counts) == (0, {})


@pytest.mark.parametrize("reverse", [False, True])
def test_a_documents_first_row_tells_why_it_goes_and_how_often_it_was_read(config: BuildConfig, reverse: bool) -> None:
    """Drops come before repeats, the whole text before bands; the first task that read it is named."""
    rows = [
        key_row(9, 50, task=5, is_exact=True, is_repeat=False),
        key_row(9, 50, task=4, is_exact=True, is_repeat=False),
        key_row(1, 50, task=4, is_exact=False, is_repeat=False),
        key_row(2, 50, task=4, is_exact=True, is_repeat=True),
        key_row(3, 60, task=2, is_exact=False, is_repeat=False),
        key_row(4, 60, task=1, is_exact=False, is_repeat=False),
        key_row(2, 60, task=1, is_exact=True, is_repeat=True),
        *(key_row(7, 70, task=task, is_exact=True, is_repeat=True) for task in (8, 6, 7)),
    ]
    duplicates, tally = gather(decided_of(*(rows[::-1] if reverse else rows)), config)
    assert duplicates.schema == DUPLICATES_SCHEMA
    assert [tuple(row.values())[:4] for row in duplicates.to_pylist()] == [
        (50, True, False, 4),
        (60, False, False, 2),
        (70, True, True, 6),
    ]
    assert tally.counts == {
        ("first", "dropped:duplicate"): 2 + 2,  # one of the three that repeat each other stays
        ("first", "dropped:near_duplicate"): 1,
        ("first", "kept"): -5,
        ("first", "tokens"): -50,
        ("first", "bytes"): -500,
        ("", "train"): -50,
    }


def test_repeats_found_by_a_band_alone_count_as_duplicates(config: BuildConfig) -> None:
    rows = [key_row(1, 50, is_exact=False, is_repeat=True, task=task) for task in (0, 1)]
    _, tally = gather(decided_of(*rows), config)
    assert tally.counts["first", "dropped:duplicate"] == 1
    assert [drop.reason for drop in drops_of(decided_of(*rows), uints(50), 1, config)] == [Reason.DUPLICATE]


def drops_of(decided: pa.Table, asked: Any, task: int, config: BuildConfig) -> list[Drop]:
    index = DuplicateIndex([gather(decided, config)[0]])
    return [drop for drop in index.drops(asked, task, set(), config) if drop]


def test_a_dropped_document_is_told_with_the_one_it_is_dropped_for(config: BuildConfig) -> None:
    rows = decided_of(
        key_row(1, 50), key_row(1, 60, is_exact=False), *(key_row(1, 70, is_repeat=True, task=task) for task in (0, 1))
    )
    assert [drop.cause for drop in drops_of(rows, uints(50, 60, 70), 1, config)] == [
        "the text of 'it' ('It') of corpus 'second'",
        "similarity 0.75 to 'it' ('It') of corpus 'second', threshold = 0.7",
        "its id and its text were read more than once",
    ]


def test_a_few_duplicates_of_each_reason_are_remembered_as_samples(config: BuildConfig) -> None:
    rows = decided_of(*(key_row(1, 50 + i) for i in range(5)), *(key_row(2, 80 + i, is_exact=False) for i in range(2)))
    _, tally = gather(rows, config)
    found = [(sample.reason, sample.doc_id) for sample in tally.samples]
    assert [sample.title for sample in tally.samples] == [f"D {doc_id[1:]}" for _, doc_id in found]
    assert found == [*(("duplicate", f"d{i}") for i in (50, 51, 52)), *(("near_duplicate", f"d{i}") for i in (80, 81))]
    assert tally.samples[3].cause == "similarity 0.75 to 'it' ('It') of corpus 'second', threshold = 0.7"


def test_what_goes_is_taken_back_from_its_corpus_and_split(config: BuildConfig) -> None:
    rows = [
        key_row(1, 50, rank=1, is_dev=True, tokens=WINDOW + 2, bytes=7, is_repeat=False),
        key_row(1, 50, rank=1, is_dev=True, tokens=WINDOW + 2, bytes=7, is_repeat=False),
        key_row(1, 60, rank=0, tokens=5, bytes=3, is_repeat=False),
    ]
    _, tally = gather(decided_of(*rows), config)
    assert tally.counts == {
        ("second", "dropped:duplicate"): 2,
        ("second", "kept"): -2,
        ("second", "tokens"): -2 * (WINDOW + 2),
        ("second", "bytes"): -14,
        ("", "dev"): -2 * (WINDOW + 2),
        ("", "dev_documents"): -2,
        ("", "dev_room"): -2 * WINDOW,
        ("first", "dropped:duplicate"): 1,
        ("first", "kept"): -1,
        ("first", "tokens"): -5,
        ("first", "bytes"): -3,
        ("", "train"): -5,
    }


LOW, HIGH, TOP = 5, 3 * RANGE_SIZE, 2**64 - 1
"""Keys of three ranges."""


def test_a_document_is_found_by_its_key_in_whichever_range_and_no_other_is() -> None:
    index = index_of((LOW, True, False, 0), (LOW + 2, True, False, 0), (HIGH, False, False, 0), (TOP, True, True, 0))
    asked = uints(TOP, 0, LOW, LOW + 1, LOW + 2, LOW + 3, HIGH - 1, HIGH, HIGH + 1, TOP - 1, 2 * RANGE_SIZE, LOW)
    parts = [zip(members, rows["dedup_key"].to_pylist(), strict=True) for members, rows in index.find(asked)]
    found = {int(member): key for part in parts for member, key in part}
    assert found == {0: TOP, 2: LOW, 4: LOW + 2, 7: HIGH, 11: LOW}
    assert np.flatnonzero(index.contains(asked)).tolist() == [2, 4, 7, 11]  # of a repeated document one stays


def test_an_index_of_nothing_finds_nothing(config: BuildConfig) -> None:
    index = DuplicateIndex([DUPLICATES_SCHEMA.empty_table()])
    assert index.contains(uints(0, 1)).tolist() == [False, False]
    assert index.drops(uints(0, 1), 0, set(), config) == [None, None]
    rows = tokenized_of(1, 2)
    assert index.without(rows) is rows


def test_of_a_repeated_document_the_first_in_its_first_task_stays_and_the_others_tell_why(config: BuildConfig) -> None:
    index = index_of((LOW, True, False, 3), (HIGH, False, False, 3), (TOP, True, True, 3))
    met: set[int] = set()

    def reasons(asked: Any, task: int, met: set[int]) -> list[Reason | None]:
        return [drop and drop.reason for drop in index.drops(asked, task, met, config)]

    assert reasons(uints(TOP, 1, TOP, LOW, HIGH), 3, met) == [
        None,
        None,
        Reason.DUPLICATE,
        Reason.DUPLICATE,
        Reason.NEAR_DUPLICATE,
    ]
    assert reasons(uints(TOP), 3, met) == [Reason.DUPLICATE]
    assert reasons(uints(TOP), 4, set()) == [Reason.DUPLICATE]


def test_candidates_of_dropped_documents_go_and_repeated_ones_count_once() -> None:
    index = index_of((LOW, True, False, 0), (TOP, True, True, 0))
    stays, gone, twice, apart = (
        Candidate(number, "c", "d", 9, 1, 7, key) for number, key in enumerate((HIGH, LOW, TOP, 0))
    )
    other = dataclasses.replace(twice, doc_id="e")
    candidates = (apart, stays, gone, twice, twice, other, apart, apart)
    tally = Tally(candidates=candidates)
    tally.counts["c", "read"] = 9
    cleaned = index.without_dropped(tally)
    assert cleaned.candidates == (
        apart,
        stays,
        twice,
        other,
        apart,
        apart,
    )  # what takes no part in it is never one document
    assert cleaned.counts == {("c", "read"): 9}


def tokenized_of(*dedup_keys: int) -> pa.RecordBatch:
    row = {"lane_key": 1, "copy": 0, "is_dev": False, "corpus": "c", "doc_id": "d", "ids": b"", "sentence_lens": b""}
    return pa.RecordBatch.from_pylist([row | {"dedup_key": key} for key in dedup_keys], TOKENIZED_SCHEMA)


def test_tokenized_rows_of_dropped_documents_go() -> None:
    index = index_of((LOW, True, False, 0), (TOP, True, True, 0))
    assert index.without(tokenized_of(LOW, 1, TOP, LOW, HIGH)).column("dedup_key").to_pylist() == [1, TOP, HIGH]
    assert index.without(tokenized_of()).num_rows == 0
