"""The factorization order, and who sees whom under it: no token reaches its own prediction, however deep the model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from xlnet_data.examples.factorization import functional_entries, is_target, perm_mask, ranks_of, sample_order
from xlnet_data.schemas.example import CLS_ID, SEP_ID
from xlnet_data.seeds import draw_words, to_halves


@st.composite
def ordered_examples(draw: st.DrawFn) -> tuple[NDArray[np.int64], NDArray[np.uint16], int, int]:
    """Return input_ids [1, seq_len], an order [1, entries], reuse_len and perm_size."""
    perm_size = draw(st.sampled_from([0, 1, 2, 3, 4, 6]))
    unit = perm_size or 1
    reuse_len = unit * draw(st.integers(1 if perm_size else 0, 4))
    rest_len = unit * draw(st.integers(-(-8 // unit), 14 // unit + 1))
    a_len = draw(st.integers(1, rest_len - 4))
    ids = np.arange(100, 100 + reuse_len + rest_len)[None]
    functional = [a_len, rest_len - 2, rest_len - 1]
    ids[0, [reuse_len + place for place in functional]] = [SEP_ID, SEP_ID, CLS_ID]
    reuse_targets = draw(st.sets(st.integers(0, max(0, reuse_len - 1)), max_size=reuse_len))
    rest_targets = draw(st.sets(st.integers(0, rest_len - 3).filter(lambda place: place != a_len), min_size=1))
    halves = to_halves(draw_words(("test", draw(st.integers(0, 2**32))), 0, 1, 40))
    reuse_places = np.array([sorted(reuse_targets)], np.int64).reshape(1, -1)
    rest_places = np.array([[*sorted(rest_targets), *functional]], np.int64)
    reuse_order = sample_order(reuse_places, halves[:, : reuse_places.shape[1]], perm_size)
    rest_order = sample_order(rest_places, halves[:, 40 : 40 + rest_places.shape[1]], perm_size)
    return ids, np.concatenate([reuse_order, rest_order + np.uint16(reuse_len)], axis=1), reuse_len, perm_size


@given(ordered_examples())
def test_an_order_is_a_permutation_within_each_half_and_within_each_block(
    example: tuple[NDArray[np.int64], NDArray[np.uint16], int, int],
) -> None:
    ids, order, reuse_len, perm_size = example
    entries = order[0].tolist()
    assert len(set(entries)) == len(entries)
    in_reuse = [place < reuse_len for place in entries]
    assert in_reuse == sorted(in_reuse, reverse=True)
    for half in (
        [place for place in entries if place < reuse_len],
        [place - reuse_len for place in entries if place >= reuse_len],
    ):
        blocks = [place // perm_size if perm_size else 0 for place in half]
        assert blocks == sorted(blocks)
    assert np.flatnonzero(is_target(ids, order)[0]).size == len(entries) - 3
    ranks = ranks_of(order, ids.shape[1])[0]
    assert [ranks[place] for place in entries] == list(range(len(entries)))
    assert (ranks == -1).sum() == ids.shape[1] - len(entries)


@given(ordered_examples())
def test_the_positions_of_functional_tokens_and_the_tokens_tell_the_same_targets(
    example: tuple[NDArray[np.int64], NDArray[np.uint16], int, int],
) -> None:
    ids, order, reuse_len, _ = example
    a_len = np.flatnonzero(ids[0] == SEP_ID)[:1] - reuse_len
    is_functional = functional_entries(order.astype(np.int64), a_len, ids.shape[1], reuse_len)
    assert (is_functional == ~is_target(ids, order)).all()


def slow_hidden(ids: list[int], order: list[int], reuse_len: int, i: int, j: int) -> bool:
    """Return by SEMANTICS 6 whether position i must not see j, by the query rule."""
    if i < reuse_len <= j:
        return True
    if j < reuse_len <= i or j not in order:
        return False
    rank_i = order.index(i) if i in order else -1
    is_target_i = i in order and ids[i] not in (SEP_ID, CLS_ID)
    return (rank_i if is_target_i else rank_i + 1) <= order.index(j)


@given(ordered_examples())
def test_the_mask_equals_that_of_the_slow_reading(
    example: tuple[NDArray[np.int64], NDArray[np.uint16], int, int],
) -> None:
    ids, order, reuse_len, _ = example
    seq_len = ids.shape[1]
    half_orders = [place for place in order[0].tolist()]
    expected = [
        [slow_hidden(ids[0].tolist(), half_orders, reuse_len, i, j) for j in range(seq_len)] for i in range(seq_len)
    ]
    assert perm_mask(ids, order, reuse_len)[0].tolist() == expected


def find_leak(ids: NDArray[np.int64], order: NDArray[np.uint16], hidden: NDArray[np.bool_], reuse_len: int) -> str:
    """Return which query reaches its own token or a later one's through any number of layers; "" if none does."""
    content = ~hidden | np.eye(len(hidden), dtype=bool)
    for _ in range(len(hidden).bit_length()):  # squared often enough, paths of every length are in it
        content = (content.astype(np.int32) @ content.astype(np.int32)) > 0
    reached = ((~hidden).astype(np.int32) @ content.astype(np.int32)) > 0
    entries = order[0].tolist()
    targets = is_target(ids, order)[0]
    for rank, place in enumerate(entries):
        if targets[rank]:
            forbidden = [later for later in entries[rank:] if (later < reuse_len) == (place < reuse_len)]
            forbidden += range(reuse_len, len(hidden)) if place < reuse_len else []
            if reached[place, forbidden].any():
                return f"{place} reaches one of {forbidden}"
    # What the next step finds in its memory is the reuse half: it must not hold the second half.
    return "reuse reaches the rest" if reached[:reuse_len, reuse_len:].any() else ""


@given(ordered_examples())
def test_no_query_reaches_its_own_token_or_a_later_one_through_any_number_of_layers(
    example: tuple[NDArray[np.int64], NDArray[np.uint16], int, int],
) -> None:
    ids, order, reuse_len, _ = example
    assert find_leak(ids, order, perm_mask(ids, order, reuse_len)[0], reuse_len) == ""


def test_the_leak_test_finds_the_leaks_that_wrong_rules_make() -> None:
    ids = np.array([[10, 20, 30, 40, SEP_ID, 50, SEP_ID, CLS_ID]])
    order = np.array([[1, 0, 4, 2, 6, 5, 7]], np.uint16)
    hidden = perm_mask(ids, order, 2)[0]
    assert find_leak(ids, order, hidden, 2) == ""
    sees_itself = hidden.copy()
    sees_itself[2, 2] = False
    context_sees_target = hidden.copy()
    context_sees_target[3, 5] = False  # two layers deep: target 2 sees context 3, which sees target 5
    reuse_sees_rest = hidden.copy()
    reuse_sees_rest[0, 3] = False
    for wrong in (sees_itself, context_sees_target, reuse_sees_rest):
        assert find_leak(ids, order, wrong, 2) != ""


def test_the_golden_case_has_the_stated_mask() -> None:
    ids = np.array([[10, 20, SEP_ID, 40, 50, SEP_ID]])
    mask = perm_mask(ids, np.array([[2, 3, 4, 5]]), 0)[0]
    rows = ["".join(str(int(hidden)) for hidden in row) for row in mask]
    assert rows == ["001111", "001111", "000111", "000111", "000011", "000000"]


@pytest.mark.parametrize("perm_size", [0, 64])
def test_every_entry_stands_at_every_place_of_its_block_equally_often(perm_size: int) -> None:
    rows, entries = 40_000, 24
    places = np.tile(np.arange(5, 253, 248 // entries)[:entries], (rows, 1))
    halves = to_halves(draw_words(("uniform", 0), 0, rows, entries))[:, :entries]
    order = sample_order(places, halves, perm_size)
    blocks = [np.flatnonzero(places[0] // (perm_size or 256) == block) for block in range(4)]
    for block in blocks:
        if block.size:
            at_first = np.searchsorted(places[0], order[:, block[0]])
            at_last = np.searchsorted(places[0], order[:, block[-1]])
            expected = rows / block.size
            for found in (at_first, at_last):
                counts = np.bincount(found, minlength=entries)[block]
                assert counts.sum() == rows
                # Chi-square: its mean is the degrees of freedom, its variance twice that; five deviations. Sorting by
                # a place's own bits, or a swap shuffle with the wrong range, gives thousands.
                degrees = max(1, block.size - 1)
                assert ((counts - expected) ** 2 / expected).sum() < degrees + 5 * (2 * degrees) ** 0.5


def test_places_of_long_examples_do_not_overflow() -> None:
    places = np.array([[0, 1, 40_000, 65_534]])
    order = sample_order(places, np.array([[2**32 - 1, 0, 2**31, 7]], np.uint32), 0)
    assert order.tolist() == [[1, 65_534, 40_000, 0]]
    assert sample_order(places, np.array([[2**32 - 1, 0, 2**31, 7]], np.uint32), 1).tolist() == places.tolist()
