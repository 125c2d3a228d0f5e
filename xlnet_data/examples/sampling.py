"""Draws the examples of a lane, their segments, targets and orders, for a thousand steps at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.examples.factorization import sample_order
from xlnet_data.examples.lanes import Lane
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.segments import WORDS_PER_STEP, Pairs, sample_pairs
from xlnet_data.examples.targets import Half, num_words, sample_targets
from xlnet_data.examples.windows import assemble, copy_pairs, copy_windows
from xlnet_data.schemas.example import MAX_ROWS_PER_BATCH
from xlnet_data.seeds import draw_words, to_halves
from xlnet_data.text.ids import IdArray
from xlnet_data.text.tokenizer import Tokenizer

MAX_MEMORY_LEN = 65_535
"""What memory_len's uint16 holds."""


@dataclass(frozen=True)
class Sampling:
    """What every draw of a split depends on, besides lane and step.

    Attributes:
        settings: The ``[examples]`` section.
        seed: The config's seed.
        split: "train" or "dev".
        may_start_span: bool [vocab_size]. True: a word (whole_words) or a span (the reference recipe) may begin at this
            id. None where any token may begin a span.
    """

    settings: ExampleSettings
    seed: int
    split: str
    may_start_span: NDArray[np.bool_] | None = None


def sampling_of(settings: ExampleSettings, seed: int, split: str, tokenizer: Tokenizer) -> Sampling:
    """Return what the draws of a split depend on; the vocabulary knows at which ids a span may begin."""
    may_start_span = None
    if settings.needs_span_starts:
        may_start_span = tokenizer.is_start_piece if settings.recipe == "reference" else tokenizer.is_word_start
    return Sampling(settings, seed, split, may_start_span)


@dataclass(frozen=True, slots=True)
class Examples:
    """Consecutive examples of one lane: the columns of a shard, and which pairs fell back to positive.

    Attributes:
        lane: Lane number.
        first_step: Step of the first example.
        is_backward: True: the lane is read backwards.
        input_ids: uint16 or int32 [examples, seq_len].
        pairs: Segments A and B.
        order: uint16 [examples, num_targets + 3].
        memory_len: int64 [examples], tokens.
    """

    lane: int
    first_step: int
    is_backward: bool
    input_ids: IdArray
    pairs: Pairs
    order: NDArray[np.uint16]
    memory_len: NDArray[np.int64]

    @property
    def steps(self) -> NDArray[np.int64]:
        """int64 [examples], their steps."""
        return np.arange(self.first_step, self.first_step + len(self.input_ids))

    def to_record_batch(self, schema: pa.Schema) -> pa.RecordBatch:
        """Return the examples as rows of a shard."""
        rows = len(self.input_ids)
        return pa.record_batch(
            [
                np.full(rows, self.lane, np.int32),
                self.steps.astype(np.int32),
                pa.array(np.full(rows, self.is_backward)),
                pa.FixedSizeListArray.from_arrays(pa.array(self.input_ids.ravel()), self.input_ids.shape[1]),
                self.pairs.a_len.astype(np.uint16),
                self.pairs.b_len.astype(np.uint16),
                pa.array(self.pairs.is_next),
                self.pairs.b_start.astype(np.int32),
                pa.FixedSizeListArray.from_arrays(pa.array(self.order.ravel()), self.order.shape[1]),
                self.memory_len.astype(np.uint16),
            ],
            schema=schema,
        )


def sample_examples(lane: Lane, number: int, is_backward: bool, sampling: Sampling) -> Iterator[Examples]:
    """Yield a lane's examples in order of their steps, at most MAX_ROWS_PER_BATCH at a time.

    Args:
        lane: The lane, in reading order.
        number: The lane's number in its split.
        is_backward: True: the lane is read backwards.
        sampling: Settings, seed and split.
    """
    steps = sampling.settings.num_steps(len(lane.ids))
    for first in range(0, steps, MAX_ROWS_PER_BATCH):
        part = range(first, min(first + MAX_ROWS_PER_BATCH, steps))
        yield _sample_steps(lane, number, is_backward, part, sampling)


def draw_example(lane: Lane, number: int, is_backward: bool, step: int, sampling: Sampling) -> Examples:
    """Draw one step's example again, alone."""
    return _sample_steps(lane, number, is_backward, range(step, step + 1), sampling)


def pair_words(sampling: Sampling, lane: int, first_step: int, num_steps: int) -> NDArray[np.uint64]:
    """Return the random words of consecutive pairs of a lane: uint64 [num_steps, WORDS_PER_STEP]."""
    return draw_words(("pairs", sampling.seed, sampling.split, lane), first_step, num_steps, WORDS_PER_STEP)


def redraw_orders(rows: Mapping[str, NDArray[Any]], sampling: Sampling, epoch: int) -> NDArray[np.uint16]:
    """Draw targets and orders afresh for examples that are already written.

    Args:
        rows: A shard's columns "lane", "step", "backward", "a_len", each [examples], and "input_ids" [examples,
            seq_len]; of any lanes and steps.
        sampling: Settings, seed and split that wrote the examples.
        epoch: 0 draws what the shards hold; other numbers draw anew.

    Returns:
        uint16 [examples, num_targets + 3].
    """
    lanes, steps = rows["lane"].astype(np.int64), rows["step"].astype(np.int64)
    # Neighbouring steps of one lane are drawn in one call, which takes a fraction of the time.
    is_cut = (np.diff(lanes) != 0) | (np.diff(steps) != 1)
    runs = pairwise([0, *(np.flatnonzero(is_cut) + 1).tolist(), len(steps)])
    words = np.concatenate([
        draw_words(
            _order_identity(sampling, int(lanes[first]), epoch), int(steps[first]), end - first,
            _order_words(sampling.settings),
        )
        for first, end in runs
    ])  # fmt: skip
    tokens = _Tokens(rows["input_ids"], rows["a_len"].astype(np.int64), rows["backward"])
    return _draw_orders(tokens, words, sampling)


def pair_ids_of(input_ids: NDArray[Any], a_len: NDArray[np.int64], settings: ExampleSettings) -> NDArray[Any]:
    """Return [examples, pair_len]: the tokens of A, then those of B, taken from whole examples.

    Args:
        input_ids: [examples, seq_len].
        a_len: int64 [examples], tokens of A.
        settings: The lengths.
    """
    rest = input_ids[:, settings.reuse_len :]
    return np.where(np.arange(settings.pair_len) < a_len[:, None], rest[:, :-3], rest[:, 1:-2])


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The tokens of several examples, from which their targets are drawn.

    Attributes:
        input_ids: uint16 or int32 [examples, seq_len].
        a_len: int64 [examples], tokens of A.
        is_backward: bool [examples]. True: the example is read backwards.
    """

    input_ids: IdArray
    a_len: NDArray[np.int64]
    is_backward: NDArray[np.bool_]


def _sample_steps(lane: Lane, number: int, is_backward: bool, steps: range, sampling: Sampling) -> Examples:
    settings = sampling.settings
    first, rows = steps.start, len(steps)
    begins = np.arange(steps.start, steps.stop, dtype=np.int64) * settings.stride
    pairs = sample_pairs(lane, begins, pair_words(sampling, number, first, rows), settings)
    reuse_ids = copy_windows(lane.ids, begins, settings.reuse_len)
    a_side, b_side = copy_pairs(lane.ids, begins + settings.reuse_len, pairs, settings.pair_len)
    input_ids = assemble(reuse_ids, a_side, b_side, pairs.a_len)
    tokens = _Tokens(input_ids, pairs.a_len, np.full(rows, is_backward))
    words = draw_words(_order_identity(sampling, number, 0), first, rows, _order_words(settings))
    document = np.searchsorted(lane.document_starts, begins, side="right") - 1
    return Examples(
        lane=number,
        first_step=first,
        is_backward=is_backward,
        input_ids=tokens.input_ids,
        pairs=pairs,
        order=_draw_orders(tokens, words, sampling),
        memory_len=np.minimum(begins - lane.document_starts[document], MAX_MEMORY_LEN),
    )


def _order_identity(sampling: Sampling, lane: int, epoch: int) -> tuple[str | int, ...]:
    return ("orders", sampling.seed, sampling.split, lane, epoch)


def _order_words(settings: ExampleSettings) -> int:
    """Return how many random words an example's targets and orders take."""
    return sum(_order_sizes(settings)) + -(-(settings.rest_targets + 3) // 2)


def _order_sizes(settings: ExampleSettings) -> tuple[int, int, int]:
    """Return the random words of the reuse half's targets, of the rest's, and of the reuse half's order."""
    return (
        num_words(settings.reuse_len, settings),
        num_words(settings.rest_span_len, settings),
        -(-settings.reuse_targets // 2),
    )


def _draw_orders(tokens: _Tokens, words: NDArray[np.uint64], sampling: Sampling) -> NDArray[np.uint16]:
    """Draw targets, then their order, in either half: uint16 [examples, num_targets + 3]."""
    settings, a_len = sampling.settings, tokens.a_len
    reuse_words, rest_words, reuse_ties, rest_ties = np.split(words, np.cumsum(_order_sizes(settings)), axis=1)
    is_backward = tokens.is_backward
    reuse = _HalfTokens(tokens.input_ids[:, : settings.reuse_len], is_backward)
    reuse_places = _draw_targets(reuse, settings.reuse_targets, reuse_words, sampling)
    rest_len = settings.seq_len - settings.reuse_len
    rest_places = np.empty((len(words), settings.rest_targets + 3), np.int64)
    rest_places[:, -3], rest_places[:, -2], rest_places[:, -1] = a_len, rest_len - 2, rest_len - 1
    if settings.rest_span_len == rest_len:
        is_functional = np.zeros((len(words), rest_len), bool)
        np.put_along_axis(is_functional, rest_places[:, -3:], True, axis=1)
        rest = _HalfTokens(tokens.input_ids[:, settings.reuse_len :], is_backward, is_functional)
        rest_places[:, :-3] = _draw_targets(rest, settings.rest_targets, rest_words, sampling)
    else:
        pair_ids = tokens.input_ids[:, -settings.pair_len :]  # only their number matters
        if sampling.may_start_span is not None:
            pair_ids = pair_ids_of(tokens.input_ids, a_len, settings)
        pair = _HalfTokens(pair_ids, is_backward)
        pair_places = _draw_targets(pair, settings.rest_targets, rest_words, sampling)
        rest_places[:, :-3] = pair_places + (pair_places >= a_len[:, None])
    reuse_order = sample_order(reuse_places, _ties(reuse_ties, settings.reuse_targets), settings.perm_size)
    rest_order = sample_order(rest_places, _ties(rest_ties, settings.rest_targets + 3), settings.perm_size)
    return np.concatenate([reuse_order, rest_order + np.uint16(settings.reuse_len)], axis=1)


@dataclass(frozen=True, slots=True)
class _HalfTokens:
    """One half of several examples, in reading order.

    Attributes:
        ids: uint16 or int32 [examples, length].
        is_backward: bool [examples]. True: the example is read backwards.
        is_functional: As in Half.
    """

    ids: IdArray
    is_backward: NDArray[np.bool_]
    is_functional: NDArray[np.bool_] | None = None


def _draw_targets(tokens: _HalfTokens, quota: int, words: NDArray[np.uint64], sampling: Sampling) -> NDArray[np.int64]:
    """Draw target places of one half; where spans depend on the text, in text order: backward rows are flipped."""
    length, settings = tokens.ids.shape[1], sampling.settings
    if length == 0:
        return np.zeros((len(tokens.ids), 0), np.int64)
    if sampling.may_start_span is None:
        return sample_targets(Half(length), quota, words, settings)
    is_backward = tokens.is_backward[:, None]

    def in_text_order(values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.where(is_backward, values[:, ::-1], values)

    is_functional = None if tokens.is_functional is None else in_text_order(tokens.is_functional)
    half = Half(length, in_text_order(sampling.may_start_span[tokens.ids]), is_functional)
    places = sample_targets(half, quota, words, settings)
    return np.where(is_backward, length - 1 - places, places)


def _ties(words: NDArray[np.uint64], entries: int) -> NDArray[np.uint32]:
    return to_halves(words)[:, :entries]
