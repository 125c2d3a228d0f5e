"""Draws segments A and B: where A ends, where B begins, and whether B follows A."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlnet_data.examples.lanes import Lane
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
    cuts = _cut(lane, a_starts, words[:, 1], settings.pair_len)
    is_next = (to_unit(words[:, 0]) < 0.5) & cuts.has_boundary if settings.pairs else np.ones(len(begins), bool)
    if settings.recipe == "reference" and settings.pairs:
        return _reference_pairs(lane, cuts, is_next, words[:, 2], settings.pair_len)
    b_lens = settings.pair_len - cuts.a_lens
    a_ends = a_starts + cuts.a_lens
    b_starts, has_place = _other_document(lane, begins, a_ends, b_lens, words[:, 2])
    is_fallback = ~is_next & ~has_place
    is_next = is_next | is_fallback
    return Pairs(cuts.a_lens, np.where(is_next, a_ends, b_starts), b_lens, is_next, is_fallback)


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
    chosen = np.minimum(first + to_range(words, count), len(lane.sentence_starts) - 1)
    anywhere = 1 + to_range(words, pair_len - 1)
    a_lens = np.where(count > 0, lane.sentence_starts[chosen] - a_starts, anywhere)
    return _Cuts(a_starts, a_lens, count > 0)


def _other_document(
    lane: Lane, begins: Ints, a_ends: Ints, b_lens: Ints, words: Words
) -> tuple[Ints, NDArray[np.bool_]]:
    """Return a uniform sentence start for B in a document that neither reuse nor A touches, and whether there is one.

    B must end before the first touched document begins, or begin after the last one ends, and fit into the lane:
    a B that ran into its own example's text would hand its targets' answers over.
    """
    documents = np.append(lane.document_starts, len(lane.ids))
    touched_start = documents[np.searchsorted(documents, begins, side="right") - 1]
    touched_end = documents[np.searchsorted(documents, a_ends - 1, side="right")]
    starts = lane.sentence_starts
    num_before = np.searchsorted(starts, touched_start - b_lens, side="right")
    first_after = np.searchsorted(starts, touched_end)
    num_after = np.maximum(0, np.searchsorted(starts, len(lane.ids) - b_lens, side="right") - first_after)
    chosen = to_range(words, num_before + num_after)
    place = np.where(chosen < num_before, chosen, chosen - num_before + first_after)
    return starts[np.minimum(place, len(starts) - 1)], num_before + num_after > 0


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
