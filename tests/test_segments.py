"""Segments A and B of both recipes against a slow reading of the same rules, one example at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_lanes import make_english_lane, make_lane
from numpy.typing import NDArray

from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.segments import WORDS_PER_STEP, Pairs, positive_coins, sample_pairs
from xlnet_data.seeds import draw_words

Documents = list[list[int]]
documents_of_short_sentences = st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=8), min_size=1, max_size=12)
documents_of_long_sentences = st.lists(st.lists(st.integers(20, 90), min_size=1, max_size=2), min_size=1, max_size=5)
documents = documents_of_short_sentences | documents_of_long_sentences


Drawn = tuple[Documents, ExampleSettings, int, list[int]]


@st.composite
def drawn_pairs(draw: st.DrawFn, recipe: str) -> Drawn:
    """Return a lane that fits at least one window, the settings, a seed, and which documents are copies of one."""
    lengths = draw(documents)
    total = sum(map(sum, lengths))
    seq_len = draw(st.integers(8, max(8, min(80, total + 3))))
    settings = ExampleSettings(
        seq_len=seq_len,
        reuse_len=draw(st.integers(0, seq_len - 5)),
        k=8,
        recipe=recipe,
        pairs=draw(st.sampled_from([True, True, True, False])),
    )
    if total < settings.window_len:
        lengths = [*lengths, [settings.window_len]]
    ids = list(range(len(lengths)))
    if draw(st.booleans()):
        ids = draw(st.lists(st.integers(0, 3), min_size=len(lengths), max_size=len(lengths)))
        ids = [sorted(set(ids)).index(number) for number in ids]
    return lengths, settings, draw(st.integers(0, 2**32)), ids


def sample(
    lengths: Documents, settings: ExampleSettings, seed: int, ids: list[int] | None = None
) -> tuple[Pairs, NDArray[np.int64], NDArray[np.uint64]]:
    begins = np.arange(sum(map(sum, lengths)) - settings.window_len + 1)  # every place that an example can begin at
    words = draw_words(("test", seed), 0, len(begins), WORDS_PER_STEP)
    return sample_pairs(make_lane(lengths, document_ids=ids), begins, words, settings), begins, words


def cuts_of(lengths: Documents, a_start: int, pair_len: int) -> list[int]:
    """Return the distances from A's start to the sentence boundaries that may end it."""
    return [b - a_start for b in boundaries(lengths) if 1 <= b - a_start <= pair_len - 1]


def boundaries(lengths: Documents) -> list[int]:
    places = [0]
    for document in lengths:
        for length in document:
            places.append(places[-1] + length)
    return places[:-1]


def pick(word: int, count: int) -> int:
    """Return which of some equally likely things a random word names."""
    return (word >> 11) * count >> 53


def slow_paper_pair(
    lengths: Documents, begin: int, words: list[int], settings: ExampleSettings, ids: list[int]
) -> tuple[int, int, int, bool, bool]:
    """Return a_len, b_start, b_len, is_next, is_fallback by the paper's recipe, sentence by sentence."""
    a_start = begin + settings.reuse_len
    cuts = cuts_of(lengths, a_start, settings.pair_len)
    a_len = cuts[pick(words[1], len(cuts))] if cuts else 1 + pick(words[1], settings.pair_len - 1)
    b_len = settings.pair_len - a_len
    following = (a_len, a_start + a_len, b_len, True)
    if not settings.pairs or (cuts and pick(words[0], 2) == 0):
        return *following, False
    id_of_token = [number for number, document in zip(ids, lengths, strict=True) for _ in range(sum(document))]
    touched = set(id_of_token[begin : a_start + a_len])
    places = [
        place
        for place in boundaries(lengths)
        if place + b_len <= len(id_of_token) and not set(id_of_token[place : place + b_len]) & touched
    ]
    if not places:
        return *following, True
    return a_len, places[pick(words[2], len(places))], b_len, False, False


def slow_reference_pair(
    lengths: Documents, begin: int, words: list[int], settings: ExampleSettings
) -> tuple[int, int, int, bool, bool]:
    """Return the same by the reference recipe, token by token."""
    a_start, tot = begin + settings.reuse_len, settings.pair_len
    bounds = {*boundaries(lengths), sum(map(sum, lengths))}
    end = a_start + 1
    while end not in bounds or end - a_start < tot:
        end += 1
    cuts = cuts_of(lengths, a_start, tot)
    if cuts and pick(words[0], 2) == 0:
        is_next = True
        a_len = cuts[pick(words[1], len(cuts))]
        b_start, b_end = a_start + a_len, end
    else:
        is_next = False
        a_len = cuts[pick(words[1], len(cuts))] if cuts else end - a_start
        b_len = max(1, tot - a_len)
        b_start = pick(words[2], max(bounds) - b_len)  # 0 .. len - 1 - b_len
        b_end = b_start + b_len
        while b_start not in bounds:
            b_start -= 1
        while b_end not in bounds:
            b_end += 1
    b_len = b_end - b_start
    while a_len + b_len > tot:
        if a_len > b_len:
            a_len -= 1
        else:
            b_len -= 1
    return a_len, b_start, b_len, is_next, False


@given(drawn_pairs("paper"))
def test_pairs_of_the_paper_equal_those_of_the_slow_reading(drawn: Drawn) -> None:
    lengths, settings, seed, ids = drawn
    pairs, begins, words = sample(lengths, settings, seed, ids)
    expected = [
        slow_paper_pair(lengths, begin, row, settings, ids)
        for begin, row in zip(begins.tolist(), words.tolist(), strict=True)
    ]
    assert as_rows(pairs) == expected


@given(drawn_pairs("reference").filter(lambda drawn: drawn[1].pairs))
def test_pairs_of_the_reference_equal_those_of_the_slow_reading(drawn: Drawn) -> None:
    lengths, settings, seed, ids = drawn
    pairs, begins, words = sample(lengths, settings, seed, ids)
    expected = [
        slow_reference_pair(lengths, begin, row, settings)
        for begin, row in zip(begins.tolist(), words.tolist(), strict=True)
    ]
    assert as_rows(pairs) == expected


def as_rows(pairs: Pairs) -> list[tuple[int, int, int, bool, bool]]:
    columns = (pairs.a_len, pairs.b_start, pairs.b_len, pairs.is_next, pairs.is_fallback)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@given(drawn_pairs("paper") | drawn_pairs("reference"))
def test_a_and_b_fill_their_room_and_a_positive_b_follows_its_a(drawn: Drawn) -> None:
    lengths, settings, seed, ids = drawn
    pairs, begins, _ = sample(lengths, settings, seed, ids)
    assert (pairs.a_len + pairs.b_len == settings.pair_len).all()
    assert min(pairs.a_len.min(), pairs.b_len.min()) >= 1
    assert pairs.b_start.min() >= 0
    assert (pairs.b_start + pairs.b_len <= sum(map(sum, lengths))).all()
    a_ends = begins + settings.reuse_len + pairs.a_len
    positive = pairs.is_next
    if settings.recipe == "paper" or not settings.pairs:
        assert (pairs.b_start == a_ends)[positive].all()
    else:
        assert (pairs.b_start >= a_ends)[positive].all()
    assert settings.pairs or positive.all()
    assert (pairs.is_next | ~pairs.is_fallback).all()


@given(drawn_pairs("paper"))
def test_a_negative_b_of_the_paper_begins_a_sentence_and_holds_no_token_of_a_touched_document_or_its_copies(
    drawn: Drawn,
) -> None:
    lengths, settings, seed, ids = drawn
    lane = make_lane(lengths, document_ids=ids)
    pairs, begins, _ = sample(lengths, settings, seed, ids)
    document_of = lane.document_ids[np.searchsorted(lane.document_starts, lane.ids, side="right") - 1]
    for begin, (a_len, b_start, b_len, is_next, _) in zip(begins.tolist(), as_rows(pairs), strict=True):
        a_end = begin + settings.reuse_len + a_len
        if not is_next:
            assert b_start in lane.sentence_starts
            assert not set(range(b_start, b_start + b_len)) & set(range(begin, a_end))
            assert not set(document_of[b_start : b_start + b_len]) & set(document_of[begin:a_end])


def test_the_coin_says_positive_for_exactly_the_lower_half_of_its_words() -> None:
    words = np.zeros((3, WORDS_PER_STEP), np.uint64)
    words[:, 0] = 0, 2**63 - 1, 2**63
    assert positive_coins(words).tolist() == [True, True, False]


def test_without_a_sentence_boundary_the_paper_cuts_anywhere_and_is_negative_if_there_is_another_document() -> None:
    settings = ExampleSettings(seq_len=64, reuse_len=0, k=8)
    begins = np.zeros(4000, np.int64)
    words = draw_words(("test", 0), 0, 4000, WORDS_PER_STEP)
    alone = sample_pairs(make_lane([[100]]), begins, words, settings)
    assert alone.is_next.all()
    assert alone.is_fallback.all()
    assert np.bincount(alone.a_len, minlength=61)[1:61].min() > 30  # 67 each
    other = sample_pairs(make_lane([[100], [100]]), begins, words, settings)
    assert not other.is_next.any()
    assert set(other.b_start.tolist()) == {100}


def test_without_another_document_every_negative_pair_becomes_positive_and_is_counted() -> None:
    settings = ExampleSettings(seq_len=64, reuse_len=16, k=8)
    pairs, _, _ = sample([[7] * 100], settings, 1)
    assert pairs.is_next.all()
    assert 0.4 < pairs.is_fallback.mean() < 0.6


@pytest.mark.parametrize("recipe", ["paper", "reference"])
def test_half_of_the_pairs_are_positive_and_every_cut_is_as_likely_as_the_next(recipe: str) -> None:
    settings = ExampleSettings(recipe=recipe)
    lane = make_english_lane(1_000_000)
    begins = np.random.default_rng(1).integers(0, len(lane.ids) - settings.window_len, 40_000)
    pairs = sample_pairs(lane, begins, draw_words(("test", 0), 0, 40_000, WORDS_PER_STEP), settings)
    # 0.0125 is five standard errors; a coin tossed again for fallbacks, or one that looks at the cut, lies outside.
    assert abs(pairs.is_next.mean() - 0.5) < 0.0125
    a_starts = begins + settings.reuse_len
    first = np.searchsorted(lane.sentence_starts, a_starts + 1)
    count = np.searchsorted(lane.sentence_starts, a_starts + settings.pair_len) - first
    if recipe == "paper":
        chosen = np.searchsorted(lane.sentence_starts, a_starts + pairs.a_len) - first
        assert np.isin(a_starts + pairs.a_len, lane.sentence_starts).all()
        # Uniform over cuts: mean (i + 0.5) / n is 0.5. A cut uniform over tokens and moved to the next or last
        # boundary gives 0.5 +- 0.04; one never at the last boundary less.
        assert abs(((chosen + 0.5) / count).mean() - 0.5) < 0.0075
        assert abs((chosen == 0).mean() - (1 / count).mean()) < 0.008
        assert abs((chosen == count - 1).mean() - (1 / count).mean()) < 0.008


def test_nearly_half_of_the_positive_pairs_of_the_reference_have_a_gap_between_a_and_b() -> None:
    settings = ExampleSettings(recipe="reference")
    lane = make_english_lane(1_000_000)
    begins = np.random.default_rng(1).integers(0, len(lane.ids) - settings.window_len, 40_000)
    pairs = sample_pairs(lane, begins, draw_words(("test", 0), 0, 40_000, WORDS_PER_STEP), settings)
    has_gap = pairs.b_start > begins + settings.reuse_len + pairs.a_len
    # Trimming always B gives 0, always A gives more than 0.9, B cut at pair_len instead of at a boundary gives 0.
    assert 0.45 < has_gap[pairs.is_next].mean() < 0.49


def test_the_places_of_a_negative_b_are_uniform_over_the_other_documents() -> None:
    settings = ExampleSettings(seq_len=64, reuse_len=16, k=8)
    lane = make_lane([[5] * 20] * 10)  # ten documents of 100 tokens
    begins = np.full(30_000, 410)  # in the fifth
    pairs = sample_pairs(lane, begins, draw_words(("test", 9), 0, 30_000, WORDS_PER_STEP), settings)
    for a_len in (4, 24):
        found = pairs.b_start[~pairs.is_next & (pairs.a_len == a_len)]
        places = [p for p in range(0, 1000, 5) if p + 45 - a_len <= 400 or 500 <= p <= 1000 - (45 - a_len)]
        counts = np.array([(found == place).sum() for place in places])
        assert counts.sum() == len(found)
        expected = len(found) / len(places)
        # Chi-square with about 180 degrees of freedom: five standard deviations above its mean. Drawing the document
        # first, or a token and then its sentence, starves the places near the borders and gives thousands.
        assert ((counts - expected) ** 2 / expected).sum() < len(places) + 5 * (2 * len(places)) ** 0.5


def test_a_negative_b_of_the_reference_may_come_from_anywhere_in_the_lane() -> None:
    settings = ExampleSettings(seq_len=64, reuse_len=16, k=8, recipe="reference")
    lane = make_lane([[5] * 20] * 10)
    begins = np.full(30_000, 410)
    pairs = sample_pairs(lane, begins, draw_words(("test", 9), 0, 30_000, WORDS_PER_STEP), settings)
    found = pairs.b_start[~pairs.is_next]
    assert ((found >= 400) & (found < 500)).mean() == pytest.approx(0.1, abs=0.02)  # A's own document, kept on purpose
    assert set(np.unique(found // 100)) == set(range(10))
