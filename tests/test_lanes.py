"""Lanes: which one a document falls into, and the same lane however its documents came."""

from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.errors import ConfigError
from xlnet_data.examples.lanes import (
    Lane,
    LaneSettings,
    assemble_lane,
    first_lane_key,
    lane_of,
    num_lanes,
    reverse_lane,
    reverse_text,
)
from xlnet_data.schemas.tokenized import TOKENIZED_SCHEMA

sentence_lengths = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=5), min_size=1, max_size=8)


def make_rows(documents: list[list[int]], lane_keys: list[int]) -> list[pa.RecordBatch]:
    """Return a batch for each document; the tokens of document d are 1000 * d, 1000 * d + 1, ..."""
    batches = []
    for number, (sentences, lane_key) in enumerate(zip(documents, lane_keys, strict=True)):
        ids = np.arange(sum(sentences), dtype=np.uint16) + 1000 * number
        row = {name: None for name in TOKENIZED_SCHEMA.names} | {
            "lane_key": lane_key,
            "is_dev": False,
            "corpus": "c",
            "doc_id": f"d{number}",
            "ids": ids.tobytes(),
            "sentence_lens": np.array(sentences, np.uint32).tobytes(),
        }
        for field in TOKENIZED_SCHEMA:
            if row[field.name] is None:
                row[field.name] = 0 if pa.types.is_integer(field.type) else ""
        batches.append(pa.RecordBatch.from_pylist([row], schema=TOKENIZED_SCHEMA))
    return batches


@given(st.integers(1, 10_000), st.integers(0, 2**64 - 1))
def test_lanes_are_equal_ranges_of_the_hash_and_cover_it(lanes: int, lane_key: int) -> None:
    lane = lane_of(lane_key, lanes)
    assert first_lane_key(lane, lanes) <= lane_key < first_lane_key(lane + 1, lanes)
    assert first_lane_key(0, lanes) == 0
    assert first_lane_key(lanes, lanes) == 2**64


@given(st.integers(1, 10**9), st.integers(1024, 2**20))
def test_the_number_of_lanes_brings_their_length_nearest_to_the_wanted_one(tokens: int, lane_tokens: int) -> None:
    lanes = num_lanes(tokens, lane_tokens)
    assert lanes >= 1
    assert abs(tokens / lane_tokens - lanes) <= max(0.5, 1 - tokens / lane_tokens)


@given(sentence_lengths, st.data())
def test_a_lane_is_the_same_in_whatever_order_and_cut_its_documents_came(
    documents: list[list[int]], data: st.DataObject
) -> None:
    lane_keys = data.draw(st.lists(st.integers(0, 2**64 - 1), min_size=len(documents), max_size=len(documents)))
    rows = make_rows(documents, lane_keys)
    text = assemble_lane(data.draw(st.permutations(rows)), np.uint16)
    joined = pa.Table.from_batches(rows).combine_chunks().to_batches()[0]
    again = assemble_lane([joined.slice(0, 1), joined.slice(1)], np.uint16)
    order = sorted(range(len(documents)), key=lambda d: (lane_keys[d], f"d{d}"))
    expected = [1000 * d + i for d in order for i in range(sum(documents[d]))]
    sentences = [length for d in order for length in documents[d]]
    for one in (text, again):
        assert one.lane.ids.tolist() == expected
        assert one.doc_ids == [f"d{d}" for d in order]
        assert one.document_lens.tolist() == [sum(documents[d]) for d in order]
        assert one.lane.sentence_starts.tolist() == [sum(sentences[:i]) for i in range(len(sentences))]
        assert np.diff(one.lane.document_starts, append=len(expected)).tolist() == one.document_lens.tolist()


@given(sentence_lengths)
def test_the_backward_reading_mirrors_every_sentence_and_document_and_twice_is_forward(
    documents: list[list[int]],
) -> None:
    text = assemble_lane(make_rows(documents, list(range(len(documents)))), np.uint16)
    backward = reverse_text(text)
    length = len(text.lane.ids)
    assert backward.lane.ids.tolist() == text.lane.ids[::-1].tolist()
    assert backward.doc_ids == text.doc_ids[::-1]
    for forward_starts, backward_starts in (
        (text.lane.sentence_starts, backward.lane.sentence_starts),
        (text.lane.document_starts, backward.lane.document_starts),
    ):
        ends = [*forward_starts.tolist()[1:], length]
        assert backward_starts.tolist() == [length - end for end in reversed(ends)]
    again: Lane = reverse_lane(backward.lane)
    assert again.sentence_starts.tolist() == text.lane.sentence_starts.tolist()
    assert again.document_starts.tolist() == text.lane.document_starts.tolist()


def make_row(ids: list[int], sentences: list[int], **columns: object) -> pa.RecordBatch:
    """Return a document with the id "d" of the corpus "c", copy 0, that takes no part in deduplication."""
    row = {
        "lane_key": 5,
        "dedup_key": 0,
        "copy": 0,
        "is_dev": False,
        "corpus": "c",
        "doc_id": "d",
        "ids": np.array(ids, np.uint16).tobytes(),
        "sentence_lens": np.array(sentences, np.uint32).tobytes(),
    }
    return pa.RecordBatch.from_pylist([row | columns], schema=TOKENIZED_SCHEMA)


def test_documents_of_one_id_lie_in_an_order_that_their_arrival_does_not_change() -> None:
    rows = [
        make_row([9, 9], [1, 1]),
        make_row([9, 9], [2]),
        make_row([10, 9], [2]),
        make_row([1, 1], [2], dedup_key=7),
        make_row([0, 0], [2], dedup_key=8),
    ]
    for arrived in permutations(rows):
        text = assemble_lane(arrived, np.uint16)
        assert text.lane.ids.tolist() == [9, 9, 9, 9, 10, 9, 1, 1, 0, 0]
        assert text.lane.sentence_starts.tolist() == [0, 1, 2, 4, 6, 8]
        assert text.doc_ids == ["d", "d#2", "d#3", "d#4", "d#5"]


def test_of_documents_that_deduplication_knows_by_one_key_a_lane_has_one() -> None:
    rows = [make_row([1, 2], [2], dedup_key=7), make_row([3], [1], dedup_key=8), make_row([1, 2], [2], dedup_key=7)]
    text = assemble_lane(rows, np.uint16)
    assert text.lane.ids.tolist() == [1, 2, 3]
    assert text.duplicate_ids == {"c": 1}


def test_an_id_that_two_documents_have_is_counted_once_however_many_copies_the_epochs_ask_for() -> None:
    rows = [
        make_row(ids, [1], lane_key=lane_key, copy=copy) for copy, lane_key in ((0, 9), (1, 5)) for ids in ([1], [2])
    ]
    text = assemble_lane(rows, np.uint16)
    assert text.doc_ids == ["d", "d#2", "d", "d#2"]
    assert text.lane.document_ids.tolist() == [0, 1, 0, 1]
    assert reverse_text(text).lane.document_ids.tolist() == [1, 0, 1, 0]
    assert text.duplicate_ids == {"c": 1}


def test_the_backward_reading_names_its_documents_from_the_last_to_the_first() -> None:
    rows = [make_row([1, 2, 3], [3], lane_key=1, doc_id="a"), make_row([4], [1], lane_key=2, corpus="k", doc_id="b")]
    rows += [make_row([5, 6], [2], lane_key=3, doc_id="b"), make_row([7], [1], lane_key=3, doc_id="b")]
    forward = assemble_lane(rows, np.uint16)
    backward = reverse_text(forward)
    assert backward.lane.ids.tolist() == [7, 6, 5, 4, 3, 2, 1]
    assert backward.document_lens.tolist() == [1, 2, 1, 3]
    assert backward.corpora == ["c", "c", "k", "c"]
    assert backward.doc_ids == ["b#2", "b", "b", "a"]
    assert backward.duplicate_ids == forward.duplicate_ids == {"c": 1}


def test_ids_above_65536_keep_their_value() -> None:
    rows = make_rows([[2], [3]], [5, 4])
    wide = [
        batch.set_column(
            batch.schema.get_field_index("ids"),
            TOKENIZED_SCHEMA.field("ids"),
            pa.array([np.array(ids, np.int32).tobytes()], pa.large_binary()),
        )
        for batch, ids in zip(rows, ([70_000, 1], [99_999, 2, 3]), strict=True)
    ]
    assert assemble_lane(wide, np.int32).lane.ids.tolist() == [99_999, 2, 3, 70_000, 1]


@pytest.mark.parametrize("value", [1023, 2**28 + 1])
def test_a_lane_length_out_of_range_is_refused(value: int) -> None:
    with pytest.raises(ConfigError, match=f"got lane_tokens={value}"):
        LaneSettings(lane_tokens=value)
