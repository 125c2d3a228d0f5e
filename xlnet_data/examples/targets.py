"""Draws the targets of an example, the tokens that are predicted: about one of K, in spans."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.seeds import to_halves

try:
    from xlnet_data.examples import _span_keys
except ImportError:  # installed without a compiler
    _span_keys = None  # type: ignore[assignment]

_LAST_KEY = np.uint32(2**32 - 1)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans drawn for many examples of the same length, before they are adjusted to the quota.

    Attributes:
        starts: int64 [spans], example * length + place of a span's first token.
        lens: int64 [spans], tokens of a span.
    """

    starts: Ints
    lens: Ints


def num_words(length: int, settings: ExampleSettings) -> int:
    """Return how many 64-bit words sample_targets needs for a half of this many tokens."""
    return _max_spans(length, settings) + -(-length // 2)


@dataclass(frozen=True, slots=True)
class Half:
    """One half of many examples, in text order, as far as its targets depend on it.

    Attributes:
        length: Tokens of the half that spans are drawn over.
        is_unit_start: bool [examples, length]. True: a word (whole_words) or a span (the reference recipe) may begin
            here. None where any token may begin a span.
        is_functional: bool [examples, length]. True: the token is <sep> or <cls>, which spans may cover (the reference
            recipe), but which is no target. None where the half has no such token.
    """

    length: int
    is_unit_start: Bools | None = None
    is_functional: Bools | None = None


def sample_targets(half: Half, quota: int, words: NDArray[np.uint64], settings: ExampleSettings) -> Ints:
    """Draw the targets of one half of many examples.

    Spans are drawn by the recipe. Then the quota is met: the places of whole spans, spans in random order, followed
    by single places (words, with whole_words) in random order, of which the first ``quota`` are taken.

    Args:
        half: The half.
        quota: Targets to draw.
        words: uint64 [examples, num_words(length, settings)], random.
        settings: k, spans, max_span, whole_words, recipe.

    Returns:
        int64 [examples, quota], distinct places within the half, in no particular order.

    Source: paper, section 2.3 (K) and appendix A.6; the authors' code, ``_sample_mask``.
    """
    max_spans = _max_spans(half.length, settings)
    is_by_tokens = settings.spans and settings.recipe == "paper" and not settings.whole_words
    if is_by_tokens and _span_keys is not None:  # the same in a quarter of the time
        limits = _length_limits(settings.max_span).tobytes()
        keys = _span_keys.make_keys(words, half.length, max_spans, settings.k, limits)
        return _take_first(np.frombuffer(keys, np.uint32).reshape(len(words), -1), quota)
    drawn, ties = to_halves(words[:, :max_spans]), to_halves(words[:, max_spans:])[:, : half.length]
    lengths, offsets = drawn[:, 0::2], drawn[:, 1::2]
    if not settings.spans:
        return _meet_quota([], half, ties, quota)
    if settings.recipe == "reference":
        assert half.is_unit_start is not None
        return _meet_quota([_reference_spans(half.is_unit_start, quota, drawn, settings)], half, ties, quota)
    if settings.whole_words:
        assert half.is_unit_start is not None
        return _meet_quota(_word_spans(half.is_unit_start, lengths, offsets, settings), half, ties, quota)
    return _meet_quota([_token_spans(half.length, lengths, offsets, settings)], half, ties, quota)


def _max_spans(length: int, settings: ExampleSettings) -> int:
    """Return how many spans a half has room for: each takes k tokens or more, in the 2019 code those and its own."""
    if not settings.spans:
        return 0
    if settings.recipe == "reference":
        return length // (1 + _whole_context(1, settings.k)) + 1
    return int(length / settings.k) + 1


def _whole_context(span_len: int, k: float) -> int:
    """Return the context of a span in the 2019 code, floor(n * k) tokens.

    >>> [_whole_context(3, k) for k in (6, 7.5, 1.1)], _whole_context(10, 1.1)
    ([18, 22, 3], 11)
    """
    return math.floor(span_len * k + 1e-9)  # a product such as 110 / 1.1 is a hair below a whole number


def _span_lengths(random: NDArray[np.uint32], max_span: int) -> NDArray[np.int32]:
    """Return lengths 1 .. max_span with p(L) proportional to 1/L, from 32 random bits each."""
    lengths = np.ones(random.shape, np.int32)
    for limit in _length_limits(max_span):
        lengths += random >= limit
    return lengths


def _length_limits(max_span: int) -> NDArray[np.uint32]:
    """Return the random numbers from which on a span has a second token, a third, and so on."""
    weights = 1.0 / np.arange(1, max_span + 1)
    limits: NDArray[np.uint32] = (np.cumsum(weights) / weights.sum() * 2.0**32)[:-1].astype(np.uint32)
    return limits


def _tile(lengths: NDArray[np.int32], offsets: NDArray[np.uint32], k: float) -> NDArray[np.int32]:
    """Lay contexts of k * L units end to end and place a span of L uniformly in each.

    Where k * L is not whole, a context has the units that begin in it.

    Returns:
        int32 [examples, spans], the first unit of each span.
    """
    ends = np.cumsum(lengths, axis=1) * k
    context_ends = np.ceil(ends - 1e-9).astype(np.int32)
    context_starts = np.zeros_like(context_ends)
    context_starts[:, 1:] = context_ends[:, :-1]
    free = context_ends - context_starts - lengths + 1
    starts: NDArray[np.int32] = context_starts + (offsets * (free * 2.0**-32)).astype(np.int32)
    return starts


def _token_spans(
    length: int, lengths: NDArray[np.uint32], offsets: NDArray[np.uint32], settings: ExampleSettings
) -> Spans:
    span_lens = _span_lengths(lengths, settings.max_span)
    starts = _tile(span_lens, offsets, settings.k)
    row, column = np.divmod(np.flatnonzero(starts < length), starts.shape[1])
    place = starts[row, column].astype(np.int64)
    return Spans(row * length + place, np.minimum(span_lens[row, column], length - place))


def _word_spans(
    is_word_start: Bools, lengths: NDArray[np.uint32], offsets: NDArray[np.uint32], settings: ExampleSettings
) -> list[Spans]:
    """Draw spans of whole words; return every word as a unit first, then the spans.

    The words that the half's ends may have cut, before the first word start and after the last, begin no span.
    """
    examples, length = is_word_start.shape
    word_starts = np.flatnonzero(is_word_start)  # of all examples, one after another
    word_ends = np.append(word_starts[1:], examples * length)
    word_ends = np.minimum(word_ends, (word_starts // length + 1) * length)
    counts = is_word_start.sum(axis=1)
    first_word = np.cumsum(counts) - counts
    span_lens = _span_lengths(lengths, settings.max_span)
    starts = _tile(span_lens, offsets, settings.k)
    row, column = np.nonzero(starts + span_lens < counts[:, None])
    first = first_word[row] + starts[row, column]
    begin = word_starts[first]
    return [
        Spans(word_starts, word_ends - word_starts),
        Spans(begin, word_starts[first + span_lens[row, column]] - begin),
    ]


def _reference_spans(is_start: Bools, quota: int, drawn: NDArray[np.uint32], settings: ExampleSettings) -> Spans:
    """Draw spans as the 2019 code does: left to right, each from the next start piece, until the quota or the end."""
    examples, length = is_start.shape
    places = np.where(is_start, np.arange(length, dtype=np.int32), np.int32(length))
    next_start = np.full((examples, length + 1), length, np.int32)
    np.minimum.accumulate(places[:, ::-1], axis=1, out=next_start[:, length - 1 :: -1])
    next_start_flat, rows = next_start.ravel(), np.arange(examples) * (length + 1)
    drawn_lens, offsets = _span_lengths(drawn[:, 0::2], settings.max_span), drawn[:, 1::2]
    contexts = np.array([_whole_context(span_len, settings.k) for span_len in range(settings.max_span + 1)])
    begins, sizes = np.zeros(drawn_lens.shape, np.int64), np.zeros(drawn_lens.shape, np.int64)
    current, missing = np.zeros(examples, np.int64), np.full(examples, quota)
    for column in range(drawn_lens.shape[1]):
        size = np.minimum(drawn_lens[:, column], missing)
        context = contexts[size]
        left = (offsets[:, column] * (context * 2.0**-32)).astype(np.int64)
        begin = next_start_flat[rows + np.minimum(current + left, length)]
        size = np.where(begin + size < length, size, 0)
        current = np.where(size > 0, begin + size + context - left, length)
        missing -= size
        begins[:, column], sizes[:, column] = begin, size
    chosen = np.nonzero(sizes)
    return Spans(chosen[0] * length + begins[chosen], sizes[chosen])


def _meet_quota(units: list[Spans], half: Half, ties: NDArray[np.uint32], quota: int) -> Ints:
    """Take the first places by (in a span or not, the random number of its unit, place); none that is functional.

    A unit's number is that of its first place, so its places stand side by side. The last of ``units`` are the spans.
    """
    place_mask = _place_mask(half.length)
    places = np.arange(half.length, dtype=np.uint32)
    numbers = ties >> np.uint32(1) & ~place_mask
    keys = np.ascontiguousarray(numbers | places | np.uint32(1 << 31))
    flat, numbers_flat = keys.ravel(), np.ascontiguousarray(numbers).ravel()
    for unit in units:
        ends = np.cumsum(unit.lens)
        covered = np.arange(ends[-1] if len(ends) else 0) + np.repeat(unit.starts - ends + unit.lens, unit.lens)
        flag = np.uint32(0 if unit is units[-1] else 1 << 31)
        flat[covered] = np.repeat(numbers_flat[unit.starts], unit.lens) | flat[covered] & place_mask | flag
    if half.is_functional is not None:
        keys[half.is_functional] = _LAST_KEY  # the quota is met before it is their turn
    return _take_first(keys, quota)


def _take_first(keys: NDArray[np.uint32], quota: int) -> Ints:
    """Return the places of the smallest keys; the keys are sorted in place."""
    keys.sort(axis=1)
    return (keys[:, :quota] & _place_mask(keys.shape[1])).astype(np.int64)


def _place_mask(length: int) -> np.uint32:
    """Return the bits of a key that hold the place."""
    return np.uint32((1 << max(1, (length - 1).bit_length())) - 1)
