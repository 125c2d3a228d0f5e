"""Says what is worth seeing of an example: text, targets, order, who sees whom, direction, and whose text it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Segment:
    """A segment of an example.

    Attributes:
        name: "reuse", "A" or "B".
        start: Its first position.
        end: The position behind its last.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class DocumentPart:
    """Neighbouring tokens of an example that one document holds.

    Attributes:
        segment: The segment that they lie in.
        start: Their first position in the example.
        end: The position behind their last.
        corpus: The document's corpus.
        doc_id: The document's id.
        tokens_before: Tokens of the document before them, as the lane is read.
    """

    segment: str
    start: int
    end: int
    corpus: str
    doc_id: str
    tokens_before: int


@dataclass(frozen=True)
class ShownExample:
    """One example with all that is worth seeing of it; a field that a shard has a column for is named as the column.

    Attributes:
        split: "train" or "dev".
        lane: Lane number.
        step: Step in the lane.
        num_steps: Steps of the lane.
        backward: True: the lane is read backwards.
        is_next: True: B follows A.
        b_start: Place of B's first token in the lane.
        memory_len: Lane tokens right before this example that belong to the same document as its first token.
        b_sees_reuse: False: the paper's rule hides memory and reuse from the B of a negative pair.
        segments: Reuse, A and B; no reuse where it has no tokens.
        documents: Whose text it is, in the order of the positions.
        input_ids: The tokens.
        pieces: The tokens as the vocabulary spells them; a word begins with ▁.
        order: Positions in factorization order; the first entry has place 1 in the order.
        targets: The positions of ``order`` that are targets; the others are <sep> and <cls>.
        key_levels: By position: when it is shown. Context is shown from the beginning of its half on.
        query_levels: By position: i sees j if ``key_levels[j] < query_levels[i]``, and in the content stream itself.
    """

    split: str
    lane: int
    step: int
    num_steps: int
    backward: bool
    is_next: bool
    b_start: int
    memory_len: int
    b_sees_reuse: bool
    segments: tuple[Segment, ...]
    documents: tuple[DocumentPart, ...]
    input_ids: tuple[int, ...]
    pieces: tuple[str, ...]
    order: tuple[int, ...]
    targets: tuple[int, ...]
    key_levels: tuple[int, ...]
    query_levels: tuple[int, ...]


def levels_of(
    order: NDArray[np.int64], is_target: NDArray[np.bool_], seq_len: int, reuse_len: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return two levels per position, int64 [seq_len] each, that say the same as `perm_mask` in less room.

    By the query rule i sees j if and only if ``keys[j] < queries[i]``; the content stream also sees itself.

    Args:
        order: int64 [num_targets + 3], positions in factorization order, the reuse half's first.
        is_target: bool [num_targets + 3]. True: the entry is a target, False: <sep> or <cls>.
        seq_len: Tokens of an example.
        reuse_len: Tokens of the reuse half.

    >>> keys, queries = levels_of(np.array([2, 3, 4, 5]), np.array([False, True, True, False]), 6, 0)
    >>> print((keys >= queries[:, None]).astype(int))
    [[0 0 1 1 1 1]
     [0 0 1 1 1 1]
     [0 0 0 1 1 1]
     [0 0 0 1 1 1]
     [0 0 0 0 1 1]
     [0 0 0 0 0 0]]
    """
    in_rest = order >= reuse_len
    first_of_rest = 1 + int((~in_rest).sum())  # the level of the rest's context, behind all of the reuse half
    after_reuse = np.arange(seq_len) >= reuse_len
    keys = np.where(after_reuse, first_of_rest, 0)
    queries = keys + 1
    keys[order] = 1 + np.arange(len(order)) + in_rest
    queries[order] = keys[order] + ~is_target  # <sep> and <cls> see themselves, what predicts a target does not
    return keys, queries
