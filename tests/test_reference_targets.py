"""The reference recipe's targets against a plain reading of the authors' algorithm: the same distributions.

The plain reading draws one example at a time, with Python's own generator, and shares no line with the library.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from xlnet_data.examples import targets
from xlnet_data.examples.factorization import is_target
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.sampling import Sampling, redraw_orders
from xlnet_data.examples.targets import num_words
from xlnet_data.schemas.example import CLS_ID, SEP_ID
from xlnet_data.seeds import draw_words, to_halves

EXAMPLES = 5_000
SEQ_LEN, REUSE_LEN = 512, 256
REST_LEN = SEQ_LEN - REUSE_LEN
VOCAB_SIZE = 1000
IS_START = np.random.default_rng(0).random(VOCAB_SIZE) < 0.77
IS_START[[SEP_ID, CLS_ID]] = True  # they begin with "<"


@dataclass
class Statistics:
    """What is compared of the targets of one half.

    Attributes:
        rates: float64 [length], share of the examples in which a place is a target.
        runs: Share of the runs of neighbouring targets by their length, 1 to 12.
    """

    rates: NDArray[np.float64]
    runs: NDArray[np.float64]


def summarize(is_predicted: NDArray[np.bool_]) -> Statistics:
    """Return the statistics of bool [examples, length]."""
    padded = np.pad(is_predicted, ((0, 0), (1, 1))).astype(np.int8)
    change = np.diff(padded, axis=1)
    lengths = np.nonzero(change == -1)[1] - np.nonzero(change == 1)[1]
    counts = np.bincount(lengths, minlength=13)[1:13]
    return Statistics(is_predicted.mean(axis=0), counts / len(lengths))


@dataclass
class PlainTargets:
    """The plain reading.

    Attributes:
        k: One of k tokens is predicted.
        max_span: Longest span.
        random: The generator.
        span_lens: How often a span of each length was drawn.
        filled: Targets that the fill gave, and all targets.
    """

    k: float
    max_span: int
    random: random.Random
    span_lens: Counter[int] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)

    def draw(self, starts: list[bool], functional: set[int], quota: int) -> set[int]:
        """Return the targets of one half in text order."""
        lengths = list(range(1, self.max_span + 1))
        weights = [1 / n for n in lengths]
        length = len(starts)
        marked: set[int] = set()
        current = num_marked = 0
        while current < length and num_marked < quota:
            n = min(self.random.choices(lengths, weights)[0], quota - num_marked)
            context = int(n * self.k + 1e-9)
            left = self.random.randrange(context)
            begin = current + left
            while begin < length and not starts[begin]:
                begin += 1
            end = begin + n
            if end >= length:
                break
            marked.update(range(begin, end))
            self.span_lens[n] += 1
            num_marked += n
            current = end + (context - left)
        marked -= functional
        self.filled["fill"] += quota - len(marked)
        self.filled["all"] += quota
        while len(marked) < quota:
            place = self.random.randrange(length)
            if place not in functional:
                marked.add(place)
        return marked


def settings_of(k: float, max_span: int) -> ExampleSettings:
    return ExampleSettings(seq_len=SEQ_LEN, reuse_len=REUSE_LEN, k=k, max_span=max_span, recipe="reference")


@cache
def make_rows() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return input_ids and a_len of examples whose A ends anywhere."""
    rng = np.random.default_rng(1)
    input_ids = rng.integers(20, VOCAB_SIZE, (EXAMPLES, SEQ_LEN))
    a_len = rng.integers(1, REST_LEN - 3, EXAMPLES)
    input_ids[np.arange(EXAMPLES), REUSE_LEN + a_len] = SEP_ID
    input_ids[:, -2], input_ids[:, -1] = SEP_ID, CLS_ID
    return input_ids, a_len


@cache
def ours(k: float, max_span: int, is_backward: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return bool [examples, length] of the reuse half and of the rest: True: the library predicts the token."""
    input_ids, a_len = make_rows()
    rows = {
        "lane": np.full(EXAMPLES, int(is_backward)),
        "step": np.arange(EXAMPLES),
        "backward": np.full(EXAMPLES, is_backward),
        "a_len": a_len,
        "input_ids": input_ids,
    }
    order = redraw_orders(rows, Sampling(settings_of(k, max_span), 7, "train", IS_START), 0).astype(np.int64)
    is_predicted = np.zeros((EXAMPLES, SEQ_LEN), bool)
    np.put_along_axis(is_predicted, order, is_target(input_ids, order), axis=1)
    return is_predicted[:, :REUSE_LEN], is_predicted[:, REUSE_LEN:]


@cache
def plain(k: float, max_span: int, is_backward: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_], PlainTargets]:
    """Return the same by the plain reading, and what it counted; backward examples are flipped, drawn, flipped back."""
    settings = settings_of(k, max_span)
    reading = PlainTargets(k, max_span, random.Random(3))
    halves = []
    for part, quota in (
        (slice(0, REUSE_LEN), settings.reuse_targets),
        (slice(REUSE_LEN, SEQ_LEN), settings.rest_targets),
    ):
        is_predicted = np.zeros((EXAMPLES, part.stop - part.start), bool)
        for row, ids in enumerate(make_rows()[0][:, part]):
            text = ids[::-1] if is_backward else ids
            functional = set(np.flatnonzero((text == SEP_ID) | (text == CLS_ID)).tolist())
            is_predicted[row, list(reading.draw(IS_START[text].tolist(), functional, quota))] = True
        halves.append(is_predicted[:, ::-1] if is_backward else is_predicted)
    return halves[0], halves[1], reading


CASES = [(5.0, 5, False), (6.0, 5, False), (6.0, 5, True), (7.0, 5, True), (12.0, 5, False), (6.0, 3, False)]


@pytest.mark.parametrize(("k", "max_span", "is_backward"), CASES)
def test_every_place_is_a_target_as_often_as_in_the_authors_algorithm(
    k: float, max_span: int, is_backward: bool
) -> None:
    for found, expected in zip(ours(k, max_span, is_backward), plain(k, max_span, is_backward)[:2], strict=True):
        rates, wanted = summarize(found).rates, summarize(expected).rates
        # A rate of 0.2 has a standard error of 0.0057 in either, so of 0.008 in their difference; five of them.
        assert np.abs(rates - wanted).max() < 0.04
        # Chi-square over the places: five standard deviations above its mean. The places of one example depend on
        # one another, but the sum of their squares has that mean all the same.
        variance = (rates * (1 - rates) + wanted * (1 - wanted)) / EXAMPLES
        is_drawn = variance > 0
        deviation = ((rates - wanted)[is_drawn] ** 2 / variance[is_drawn]).sum()
        assert deviation < is_drawn.sum() + 5 * (2 * is_drawn.sum()) ** 0.5


@pytest.mark.parametrize(("k", "max_span", "is_backward"), CASES)
def test_runs_of_targets_have_the_lengths_that_the_authors_algorithm_gives(
    k: float, max_span: int, is_backward: bool
) -> None:
    for found, expected in zip(ours(k, max_span, is_backward), plain(k, max_span, is_backward)[:2], strict=True):
        # Some 50,000 to 100,000 runs: five standard errors of the difference of shares of a half.
        assert np.abs(summarize(found).runs - summarize(expected).runs).max() < 0.015


@pytest.mark.parametrize("k", [5.0, 6.0, 7.0, 12.0])
def test_the_last_eighths_of_both_halves_hold_their_share_of_targets(k: float) -> None:
    reuse, rest = ours(k, 5, False)
    for half, tokens in ((reuse, REUSE_LEN), (rest, REST_LEN - 3)):
        eighths = half[:, :tokens].reshape(-1, tokens)[:, : tokens // 8 * 8].reshape(EXAMPLES, 8, -1).mean(axis=(0, 2))
        # With contexts of 6 n tokens whatever k is, the quota was met long before the end at k = 12: eighths of 0.
        assert eighths.min() > 0.7 * eighths.mean()


def test_the_last_token_of_b_is_a_target_as_often_as_in_the_authors_data() -> None:
    _, rest = ours(6.0, 5, False)
    _, wanted, _ = plain(6.0, 5, False)
    assert wanted[:, REST_LEN - 3].mean() == pytest.approx(0.123, abs=0.01)
    assert rest[:, REST_LEN - 3].mean() == pytest.approx(0.123, abs=0.01)


@pytest.mark.parametrize("k", [5.0, 6.0, 7.0, 12.0])
def test_spans_give_the_share_of_the_targets_and_have_the_lengths_that_they_have_in_the_authors_algorithm(
    k: float,
) -> None:
    settings = settings_of(k, 5)
    reading = plain(k, 5, False)[2]
    lens: Counter[int] = Counter()
    from_spans = 0
    for part, quota in (
        (slice(0, REUSE_LEN), settings.reuse_targets),
        (slice(REUSE_LEN, SEQ_LEN), settings.rest_targets),
    ):
        ids = make_rows()[0][:, part]
        words = draw_words(("spans", 5), 0, EXAMPLES, num_words(ids.shape[1], settings))
        drawn = to_halves(words[:, : num_words(ids.shape[1], settings) - ids.shape[1] // 2])
        spans = targets._reference_spans(IS_START[ids], quota, drawn, settings)
        lens.update(spans.lens.tolist())
        flat = ids.ravel()
        for offset in range(5):
            covered = flat[spans.starts[spans.lens > offset] + offset]
            from_spans += int((covered >= 20).sum())
    fill = 1 - from_spans / (EXAMPLES * settings.num_targets)
    assert fill == pytest.approx(reading.filled["fill"] / reading.filled["all"], abs=0.005)
    found, wanted = (
        np.array([counts[n] for n in range(1, 6)]) / sum(counts.values()) for counts in (lens, reading.span_lens)
    )
    assert np.abs(found - wanted).max() < 0.01
