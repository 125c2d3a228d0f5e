"""Draws segments A and B: where A ends, where B begins, and whether B follows A."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlnet_data.examples.lanes import Lane, starts_of
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.seeds import to_range, to_unit

WORDS_PER_STEP = 4
"""Random words of an example: the coin, the cut, B's place, one spare."""

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Segments A and B of many steps of one lane.

    Attributes:
        a_len: int64 [steps], tokens of A, which begins at the token after the reuse tokens.
        b_start: int64 [steps], place of B's first token in the lane.
        b_len: int64 [steps], tokens of B.
        is_next: bool [steps]. True: the pair was drawn as a positive one, B follows A in the lane.
        is_fallback: bool [steps]. True: a negative pair was drawn, but the lane has no place for its B.
    """

    a_len: Ints
    b_start: Ints
    b_len: Ints
    is_next: NDArray[np.bool_]
    is_fallback: NDArray[np.bool_]


def sample_pairs(lane: Lane, begins: Ints, words: Words, settings: ExampleSettings) -> Pairs:
    """Draw A and B of many steps by the settings' recipe.

    Args:
        lane: The lane, in reading order.
        begins: int64 [steps], place of each example's first token.
        words: uint64 [steps, WORDS_PER_STEP].
        settings: Lengths, pairs, recipe.

    Returns:
        The pairs; |A| + |B| = pair_len in every one.

    Source: paper, section 2.5; the authors' code, ``data_utils.py``.
    """
    a_starts = begins + settings.reuse_len
    cuts = _cut(lane, a_starts, words, settings.pair_len)
    is_next = positive_coins(words) & cuts.has_boundary if settings.pairs else np.ones(len(begins), bool)
    if settings.recipe == "reference" and settings.pairs:
        return _reference_pairs(lane, cuts, is_next, words[:, 2], settings.pair_len)
    b_lens = settings.pair_len - cuts.a_lens
    a_ends = a_starts + cuts.a_lens
    b_starts, has_place = _other_document(lane, begins, a_ends, b_lens, words[:, 2])
    is_fallback = ~is_next & ~has_place
    is_next = is_next | is_fallback
    return Pairs(cuts.a_lens, np.where(is_next, a_ends, b_starts), b_lens, is_next, is_fallback)


def positive_coins(words: Words) -> NDArray[np.bool_]:
    """Return bool [steps] from uint64 [steps, WORDS_PER_STEP]. True: the pair shall be positive, if A can be cut."""
    return to_unit(words[:, 0]) < 0.5


def uncut_lens(words: Words, pair_len: int) -> Ints:
    """Return int64 [steps], the tokens of A where no sentence ends at which it could be cut (the paper's recipe)."""
    return 1 + to_range(words[:, 1], pair_len - 1)


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Where A of many steps begins, and where it is cut off.

    Attributes:
        a_starts: int64 [steps], place of A's first token in the lane.
        a_lens: int64 [steps], tokens of A up to the cut.
        has_boundary: bool [steps]. True: a sentence begins at the cut. False: none begins anywhere that A may end.
    """

    a_starts: Ints
    a_lens: Ints
    has_boundary: NDArray[np.bool_]


def _cut(lane: Lane, a_starts: Ints, words: Words, pair_len: int) -> _Cuts:
    """Cut A: at a uniform sentence start at distance 1 .. pair_len - 1, or at any token if there is none."""
    first = np.searchsorted(lane.sentence_starts, a_starts + 1)
    after = np.searchsorted(lane.sentence_starts, a_starts + pair_len)
    count = after - first
    chosen = np.minimum(first + to_range(words[:, 1], count), len(lane.sentence_starts) - 1)
    a_lens = np.where(count > 0, lane.sentence_starts[chosen] - a_starts, uncut_lens(words, pair_len))
    return _Cuts(a_starts, a_lens, count > 0)


def _other_document(
    lane: Lane, begins: Ints, a_ends: Ints, b_lens: Ints, words: Words
) -> tuple[Ints, NDArray[np.bool_]]:
    """Return a uniform sentence start for B in a document that neither reuse nor A touches, and whether there is one.

    B must not run into a touched document, or into a copy of one, and must fit into the lane: a B that ran into its own
    example's text would hand its targets' answers over.
    """
    gaps = _find_gaps(lane, begins, a_ends, b_lens)
    num_starts = np.bincount(gaps.steps, gaps.sizes, len(begins)).astype(np.int64)
    chosen = starts_of(num_starts) + to_range(words, num_starts)
    gap_ends = np.cumsum(gaps.sizes)
    gap = np.minimum(np.searchsorted(gap_ends, chosen, side="right"), len(gap_ends) - 1)
    place = gaps.firsts[gap] + chosen - (gap_ends - gaps.sizes)[gap]
    return lane.sentence_starts[np.minimum(place, len(lane.sentence_starts) - 1)], num_starts > 0


def num_places(lane: Lane, begins: Ints, a_ends: Ints, b_lens: Ints) -> Ints:
    """Return int64 [steps], at how many sentences a negative B of the paper's recipe may begin."""
    gaps = _find_gaps(lane, begins, a_ends, b_lens)
    return np.bincount(gaps.steps, gaps.sizes, len(begins)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Touched:
    """The documents that the reuse half or A of many steps touches, and the copies of these documents.

    Attributes:
        steps: int64 [pairs], a step, rising.
        documents: int64 [pairs], a document that the step touches, rising within a step.
    """

    steps: Ints
    documents: Ints


def touched_documents(document_starts: Ints, document_ids: Ints, begins: Ints, a_ends: Ints) -> Touched:
    """Return which documents the tokens from ``begins`` up to ``a_ends`` of each step belong to, all copies of them.

    Args:
        document_starts: As in Lane.
        document_ids: As in Lane.
        begins: int64 [steps], place of each example's first token.
        a_ends: int64 [steps], place behind its A.

    >>> touched = touched_documents(
    ...     np.array([0, 10, 20, 30]), np.array([0, 1, 2, 0]), begins=np.array([12, 5]), a_ends=np.array([20, 11])
    ... )
    >>> touched.steps.tolist(), touched.documents.tolist()
    ([0, 1, 1, 1], [1, 0, 1, 3])
    """
    first = np.searchsorted(document_starts, begins, side="right") - 1
    after = np.searchsorted(document_starts, a_ends - 1, side="right")
    steps, documents = _expand(np.arange(len(begins)), first, after - first)
    copies = np.bincount(document_ids)
    if len(copies) == len(document_ids):
        return Touched(steps, documents)
    # A step's documents may be copies of one another: each id once.
    steps, ids = np.divmod(np.unique(steps * len(copies) + document_ids[documents]), len(copies))
    first_copy = starts_of(copies)
    steps, copy = _expand(steps, first_copy[ids], copies[ids])
    documents = np.argsort(document_ids, kind="stable")[copy]
    order = np.lexsort((documents, steps))
    return Touched(steps[order], documents[order])


def _expand(steps: Ints, firsts: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return each step as often as its count says, beside the numbers from its first on.

    >>> steps, numbers = _expand(np.array([0, 1]), np.array([5, 9]), np.array([2, 1]))
    >>> steps.tolist(), numbers.tolist()
    ([0, 0, 1], [5, 6, 9])
    """
    return np.repeat(steps, counts), np.arange(counts.sum()) + np.repeat(firsts - starts_of(counts), counts)


@dataclass(frozen=True, slots=True)
class _Gaps:
    """The runs of neighbouring sentences, between touched documents, at which B may begin.

    Attributes:
        steps: int64 [gaps], a step, rising.
        firsts: int64 [gaps], number of the gap's first sentence in the lane.
        sizes: int64 [gaps], its sentences; may be 0.
    """

    steps: Ints
    firsts: Ints
    sizes: Ints


def _find_gaps(lane: Lane, begins: Ints, a_ends: Ints, b_lens: Ints) -> _Gaps:
    """Return the gaps: one before each touched document of a step, and one behind its last, before the lane's end."""
    touched = touched_documents(lane.document_starts, lane.document_ids, begins, a_ends)
    bounds = np.append(lane.document_starts, len(lane.ids))
    steps = np.arange(len(b_lens))
    ends_at = (
        np.append(touched.steps, steps),
        np.append(lane.document_starts[touched.documents], len(lane.ids) + 0 * steps),
    )
    begins_at = np.append(touched.steps, steps), np.append(bounds[touched.documents + 1], 0 * steps)
    # Sorted by (step, place), the n-th gap begins behind the (n-1)-th touched document and ends before the n-th.
    end_order, begin_order = np.lexsort(ends_at[::-1]), np.lexsort(begins_at[::-1])
    gap_steps = ends_at[0][end_order]
    limits = ends_at[1][end_order] - b_lens[gap_steps]
    firsts = np.searchsorted(lane.sentence_starts, begins_at[1][begin_order])
    after = np.searchsorted(lane.sentence_starts, limits, side="right")
    return _Gaps(gap_steps, firsts, np.maximum(0, after - firsts))


def _reference_pairs(lane: Lane, cuts: _Cuts, is_next: NDArray[np.bool_], words: Words, pair_len: int) -> Pairs:
    """Return the pairs of the 2019 code: B runs to the first boundary at or beyond pair_len, then both are trimmed."""
    lane_len, a_starts = len(lane.ids), cuts.a_starts
    bounds = np.append(lane.sentence_starts, lane_len)
    limit = bounds[np.minimum(np.searchsorted(bounds, a_starts + pair_len), len(bounds) - 1)]
    a_lens = np.where(cuts.has_boundary, cuts.a_lens, limit - a_starts)
    drawn_lens = np.maximum(1, pair_len - a_lens)
    drawn = to_range(words, np.maximum(1, lane_len - drawn_lens))
    widened_start = bounds[np.searchsorted(bounds, drawn, side="right") - 1]
    widened_end = bounds[np.searchsorted(bounds, drawn + drawn_lens)]
    b_starts = np.where(is_next, a_starts + a_lens, widened_start)
    b_lens = np.where(is_next, limit, widened_end) - b_starts
    a_lens, b_lens = _trim(a_lens, b_lens, pair_len)
    return Pairs(a_lens, b_starts, b_lens, is_next, np.zeros(len(a_starts), bool))


def _trim(a_lens: Ints, b_lens: Ints, pair_len: int) -> tuple[Ints, Ints]:
    """Drop tokens from the right end of the longer segment (tie: B) until both fit.

    >>> _trim(np.array([200, 300, 10]), np.array([200, 10, 300]), 253)
    (array([127, 243,  10]), array([126,  10, 243]))
    """
    a_kept = np.minimum(a_lens, (pair_len + 1) // 2)
    b_kept = np.minimum(b_lens, pair_len - a_kept)
    return np.minimum(a_lens, pair_len - b_kept), b_kept
