"""Randomness: words follow from identity and step alone, and are uniform."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data import seeds
from xlnet_data.seeds import draw_words, hash64, to_halves, to_range, to_unit

identities = st.tuples(st.text(max_size=5), st.integers(0, 2**63), st.text(max_size=5))


@given(identities, st.integers(0, 10**6), st.integers(1, 20), st.integers(1, 9), st.data())
def test_any_step_can_be_drawn_again_alone(
    identity: tuple[str | int, ...], first: int, steps: int, width: int, data: st.DataObject
) -> None:
    together = draw_words(identity, first, steps, width)
    assert together.shape == (steps, width)
    step = data.draw(st.integers(0, steps - 1))
    assert draw_words(identity, first + step, 1, width)[0].tolist() == together[step].tolist()


@pytest.mark.skipif(seeds._seeds is None, reason="there was no C compiler when xlnet-data was installed")
@given(identities, st.integers(0, 2**60), st.integers(0, 20), st.integers(1, 9))
def test_the_compiled_loop_makes_the_words_that_numpy_makes(
    identity: tuple[str | int, ...], first: int, steps: int, width: int
) -> None:
    compiled = draw_words(identity, first, steps, width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeds, "_seeds", None)
        assert (draw_words(identity, first, steps, width) == compiled).all()


@pytest.mark.skipif(seeds._seeds is None, reason="there was no C compiler when xlnet-data was installed")
@pytest.mark.parametrize(("counter", "num_blocks"), [(-1, 1), (0, -1), (0, 2**58)])
def test_the_compiled_loop_refuses_what_no_memory_holds(counter: int, num_blocks: int) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        seeds._seeds.make_words(0, 0, counter, num_blocks)


@given(identities, identities)
def test_other_identities_get_other_words(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> None:
    is_same = draw_words(one, 0, 1, 4).tolist() == draw_words(other, 0, 1, 4).tolist()
    assert is_same == (one == other)
    assert (hash64(*one) == hash64(*other)) == (one == other)


def test_a_number_and_its_text_are_different_identities_and_so_are_other_cuts_of_the_same_text() -> None:
    assert len({hash64("a", 1), hash64("a", "1"), hash64("a1"), hash64("a", 1, ""), hash64(1, "a")}) == 5


def test_words_and_hashes_are_the_same_today_as_when_the_first_dataset_was_written() -> None:
    # Other numbers here mean other bytes in every dataset: a change for the change log.
    assert hash64("lane", 0, "books", "a.txt", 0) == 199866144401190448
    assert draw_words(("orders", 0, "train", 3, 0), 7, 1, 2).tolist() == [[11877139981388090467, 5941064478938396402]]


def test_steps_share_no_words() -> None:
    words = draw_words(("targets", 0), 0, 5000, 7)
    assert len(np.unique(words)) == words.size


def test_words_are_uniform_in_every_bit_and_every_column() -> None:
    words = draw_words(("uniform", 0), 0, 40_000, 5)
    unit = to_unit(words)
    assert 0 <= unit.min() < unit.max() < 1
    assert np.abs(unit.mean(axis=0) - 0.5).max() < 0.008  # 5.5 standard errors
    bits = (words[:, :, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 0.015  # six standard errors
    halves = to_halves(words)
    assert halves.shape == (40_000, 10)
    assert np.abs(halves.mean(axis=0) / 2**32 - 0.5).max() < 0.008


@given(st.integers(1, 2**53))
def test_a_range_is_reached_from_end_to_end_and_never_left(stop: int) -> None:
    words = np.array([0, 2**64 - 1], np.uint64)
    assert to_range(words, stop).tolist() == [0, stop - 1]
    assert to_range(words, np.array([0, stop])).tolist() == [0, stop - 1]


def test_the_halves_of_a_word_come_little_end_first() -> None:
    assert to_halves(np.array([[2**32 * 5 + 7, 11]], np.uint64)).tolist() == [[7, 5, 11, 0]]
