"""Decides in which lane and where in it a document lies, and puts lanes together as streams of tokens."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from xlnet_data.errors import ConfigError
from xlnet_data.text.ids import IdArray, IdType

LANE_HASH_BITS = 64

SORTED_BY = ("lane_key", "corpus", "doc_id", "dedup_key", "ids", "sentence_lens", "url", "title")
"""Columns of TOKENIZED_SCHEMA whose order is that of a lane's documents, however they came."""


@dataclass(frozen=True)
class LaneSettings:
    """The ``[lanes]`` section.

    Raises:
        ConfigError: A value is out of range.
    """

    lane_tokens: int = 1_048_576
    """Tokens of a lane, about; the number of lanes follows from the size of the input."""

    def __post_init__(self) -> None:
        if not 1_024 <= self.lane_tokens <= 2**28:
            raise ConfigError(f"lane_tokens must be between 1,024 and 2^28: got lane_tokens={self.lane_tokens}")


@dataclass(frozen=True, slots=True)
class Lane:
    """One stream of whole documents, in reading order.

    Attributes:
        ids: uint16 or int32 [lane_len], token ids.
        sentence_starts: int64 [sentences], places of the sentences' first tokens; the first is 0.
        document_starts: int64 [documents], places of the documents' first tokens; the first is 0.
        document_ids: int64 [documents], from 0 on; the same number for copies of one document (epochs above 1).
    """

    ids: IdArray
    sentence_starts: NDArray[np.int64]
    document_starts: NDArray[np.int64]
    document_ids: NDArray[np.int64]


def num_lanes(num_tokens: int, lane_tokens: int) -> int:
    """Return how many lanes hold a split: as many as bring a lane's length nearest to lane_tokens, at least one.

    >>> num_lanes(0, 1000), num_lanes(900, 1000), num_lanes(2600, 1000)
    (0, 1, 3)
    """
    return max(1, round(num_tokens / lane_tokens)) if num_tokens else 0


def lane_of(lane_key: int, lanes: int) -> int:
    """Return the lane of a document from its hash: lanes are equal ranges of the hash, in order.

    >>> lane_of(0, 4), lane_of(2**63, 4), lane_of(2**64 - 1, 4)
    (0, 2, 3)
    """
    return lane_key * lanes >> LANE_HASH_BITS


def first_lane_key(lane: int, lanes: int) -> int:
    """Return the smallest hash of a lane (of the lane after the last one: 2^64).

    >>> [lane_of(first_lane_key(lane, 3), 3) for lane in range(3)]
    [0, 1, 2]
    >>> [lane_of(first_lane_key(lane, 3) - 1, 3) for lane in (1, 2)]
    [0, 1]
    """
    return -((-lane << LANE_HASH_BITS) // lanes)


def reverse_lane(lane: Lane) -> Lane:
    """Return the lane's backward reading: the whole stream reversed, sentences and documents with it.

    >>> lane = Lane(np.array([5, 6, 7, 8, 9], np.uint16), np.array([0, 2, 3]), np.array([0, 3]), np.array([0, 1]))
    >>> backward = reverse_lane(lane)
    >>> backward.ids.tolist(), backward.sentence_starts.tolist(), backward.document_starts.tolist()
    ([9, 8, 7, 6, 5], [0, 2, 3], [0, 2])
    """
    return Lane(
        lane.ids[::-1].copy(),
        _reverse_starts(lane.sentence_starts, len(lane.ids)),
        _reverse_starts(lane.document_starts, len(lane.ids)),
        lane.document_ids[::-1],
    )


def number_documents(corpora: Sequence[str], doc_ids: Sequence[str]) -> NDArray[np.int64]:
    """Return a number for each document of a lane, from 0 on, the same for copies of one: its corpus and id say so.

    >>> number_documents(["c", "c", "d", "c"], ["x", "y", "x", "x"]).tolist()
    [0, 1, 2, 0]
    """
    numbers: dict[tuple[str, str], int] = {}
    found = [numbers.setdefault(name, len(numbers)) for name in zip(corpora, doc_ids, strict=True)]
    return np.array(found, np.int64)


def _reverse_starts(starts: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    return length - np.append(starts[1:], length)[::-1]


@dataclass(frozen=True, slots=True)
class LaneText:
    """A lane and which documents it is made of.

    Attributes:
        lane: The lane, in reading order.
        document_lens: int64 [documents], tokens.
        corpora: The documents' corpora.
        doc_ids: The documents' ids; ``#2``, ``#3`` ... behind one that several documents of a corpus have.
        urls: Where their texts come from; "" where that is not known.
        titles: What people call them; "" where that is not known.
        duplicate_ids: How many ids got a number, by corpus, each document once however often it is seen.
    """

    lane: Lane
    document_lens: NDArray[np.int64]
    corpora: list[str]
    doc_ids: list[str]
    urls: list[str]
    titles: list[str]
    duplicate_ids: Counter[str] = field(default_factory=Counter)


def assemble_lane(rows: Sequence[pa.RecordBatch], id_type: IdType) -> LaneText:
    """Sort a lane's documents by lane key, and keep only one of several with the same deduplication key.

    Args:
        rows: Batches of TOKENIZED_SCHEMA, in any order and cut in any way.
        id_type: The vocabulary's type of a token id.

    Returns:
        The lane, the same for the same documents however they came.
    """
    table = pa.Table.from_batches(rows).combine_chunks()
    keys = [(name, "ascending") for name in SORTED_BY]
    table = _without_repeats(table.take(pc.sort_indices(table, sort_keys=keys))).combine_chunks()
    ids, _ = _flat(table["ids"], id_type)
    sentence_lens, num_sentences = _flat(table["sentence_lens"], np.uint32)
    sentence_starts = starts_of(sentence_lens.astype(np.int64))
    document_starts = sentence_starts[starts_of(num_sentences)]
    corpora = table["corpus"].to_pylist()
    doc_ids, duplicate_ids = _number_ids(table)
    return LaneText(
        lane=Lane(ids, sentence_starts, document_starts, number_documents(corpora, doc_ids)),
        document_lens=np.diff(document_starts, append=len(ids)),
        corpora=corpora,
        doc_ids=doc_ids,
        urls=table["url"].to_pylist(),
        titles=table["title"].to_pylist(),
        duplicate_ids=duplicate_ids,
    )


def reverse_text(text: LaneText) -> LaneText:
    """Return the backward reading of a lane and its documents."""
    lists = (text.corpora, text.doc_ids, text.urls, text.titles)
    reversed_lists = (values[::-1] for values in lists)
    return LaneText(reverse_lane(text.lane), text.document_lens[::-1], *reversed_lists, text.duplicate_ids)


def starts_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each of several things laid end to end starts.

    >>> starts_of(np.array([3, 1, 2])).tolist()
    [0, 3, 4]
    """
    return np.cumsum(lengths) - lengths


def _without_repeats(table: pa.Table) -> pa.Table:
    """Return sorted rows of TOKENIZED_SCHEMA without those that repeat the document before them."""
    lane_keys, dedup_keys = (table[name].to_numpy() for name in ("lane_key", "dedup_key"))
    is_same_lane_key = lane_keys[1:] == lane_keys[:-1]
    is_repeat = is_same_lane_key & (dedup_keys[1:] == dedup_keys[:-1]) & (dedup_keys[1:] != 0)
    return table.filter(pa.array(~np.append(False, is_repeat))) if is_repeat.any() else table


def _number_ids(table: pa.Table) -> tuple[list[str], Counter[str]]:
    """Return doc_ids and duplicate_ids of sorted rows; the rows of one id have one lane key and stand together."""
    lane_keys = table["lane_key"].to_numpy()
    corpora, doc_ids = table["corpus"].to_pylist(), table["doc_id"].to_pylist()
    numbered = list(doc_ids)
    counted: Counter[str] = Counter()
    number = 1
    for row in (np.flatnonzero(lane_keys[1:] == lane_keys[:-1]) + 1).tolist():
        if (corpora[row], doc_ids[row]) != (corpora[row - 1], doc_ids[row - 1]):
            continue
        number = number + 1 if numbered[row - 1] != doc_ids[row - 1] else 2
        numbered[row] = f"{doc_ids[row]}#{number}"
        counted[corpora[row]] += table["copy"][row].as_py() == 0
    return numbered, +counted


def _flat(column: pa.ChunkedArray, dtype: type[np.generic]) -> tuple[Any, NDArray[np.int64]]:
    """Return a binary column's bytes as one array, and the number of items of each row."""
    array = column.chunk(0)
    offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(array.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]].view(dtype)
    return data, np.diff(offsets) // np.dtype(dtype).itemsize
