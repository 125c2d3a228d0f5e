"""Draws examples again from (seed, lane, step) and compares them with those of a shard.

Targets and orders follow from the tokens, and are compared whole. What a pair's draws give also depends on where
sentences begin, which a dataset does not hold. So whether a pair is positive is compared as far as the places where
documents begin decide it, but not at which sentence end A was cut, nor at which sentence B begins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlnet_data.datasets.invariants import LaneDocuments, LaneRows
from xlnet_data.examples.lanes import Lane
from xlnet_data.examples.sampling import Sampling, pair_words, redraw_orders
from xlnet_data.examples.segments import num_places, positive_coins, uncut_lens

Bools = NDArray[np.bool_]


def is_other_order(rows: LaneRows, is_sound: Bools, sampling: Sampling) -> Bools:
    """Return bool [examples]. True: the order is not what the seed draws.

    Args:
        rows: The examples.
        is_sound: bool [examples]. False: the example's layout is wrong, and its order is not drawn.
        sampling: What wrote the examples.
    """
    chosen = np.flatnonzero(is_sound)
    is_other = np.zeros(len(is_sound), bool)
    if len(chosen):
        columns = {
            "lane": np.full(len(chosen), rows.lane),
            "step": rows.steps[chosen],
            "backward": rows.is_backward[chosen],
            "a_len": rows.a_len[chosen],
            "input_ids": rows.input_ids[chosen],
        }
        is_other[chosen] = (redraw_orders(columns, sampling, 0) != rows.order[chosen]).any(axis=1)
    return is_other


@dataclass(frozen=True, slots=True)
class PairDraws:
    """What the seed says of the pairs of some examples.

    Attributes:
        is_other: bool [examples]. True: is_next is not what the seed draws.
        fallback: Examples that were drawn negative and are positive: at least, and at most as far as is known.
    """

    is_other: Bools
    fallback: tuple[int, int]


def draw_pairs(rows: LaneRows, documents: LaneDocuments, sampling: Sampling) -> PairDraws:
    """Compare whether pairs are positive with what the seed draws.

    Args:
        rows: Consecutive examples of a lane.
        documents: The lane's documents.
        sampling: What wrote the examples.
    """
    settings = sampling.settings
    if not settings.pairs:
        return PairDraws(~rows.is_next, (0, 0))
    words = pair_words(sampling, rows.lane, int(rows.steps[0]), len(rows.steps))
    is_heads = positive_coins(words)
    begins = rows.steps * settings.stride
    a_starts = begins + settings.reuse_len
    first, after = (
        np.searchsorted(documents.starts, places) for places in (a_starts + 1, a_starts + settings.pair_len)
    )
    has_boundary = after > first  # where a document begins, a sentence does
    if settings.recipe == "reference":
        return PairDraws((rows.is_next & ~is_heads) | (~rows.is_next & is_heads & has_boundary), (0, 0))
    may_be_uncut = ~has_boundary & (rows.a_len == uncut_lens(words, settings.pair_len))
    lane = Lane(
        np.broadcast_to(np.uint16(0), documents.lane_len), documents.starts, documents.starts, documents.numbers
    )
    has_place = num_places(lane, begins, a_starts + rows.a_len, settings.pair_len - rows.a_len) > 0
    is_other = (is_heads & ~rows.is_next & ~may_be_uncut) | (~is_heads & rows.is_next & has_place)
    sure = int((~is_heads & rows.is_next).sum())
    possible = int((is_heads & rows.is_next & may_be_uncut & ~has_place).sum())
    return PairDraws(is_other, (sure, sure + possible))
