"""Counts what a report shows of a dataset's examples: targets, spans, pieces, pairs and lanes, in a sample of them."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from xlnet_data.datasets.invariants import LaneRows
from xlnet_data.examples.factorization import is_target
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.schemas.example import MASK_ID, SPECIAL_PIECES
from xlnet_data.text.model_files import WORD_MARK

NUM_BINS = 16
"""Parts of an example that the share of targets is shown for."""

NUM_PIECES = 20
"""Most frequent pieces that are shown."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ExampleFigures:
    """What a sample of a split's examples shows.

    Attributes:
        num_examples: Of the sample.
        target_fracs: By part of the example, first position, share of its tokens that are targets.
        span_lens: Spans of neighbouring targets by their length.
        pieces: The most frequent pieces with their share of all tokens.
        pieces_per_word: Pieces for each that begins a word; None where none does.
        gaps: Negative pairs by the distance of B from the end of A, in tokens of the lane, by powers of two.
    """

    num_examples: int
    target_fracs: tuple[tuple[int, float], ...]
    span_lens: dict[int, int]
    pieces: tuple[tuple[str, float], ...]
    pieces_per_word: float | None
    gaps: dict[int, int]


def count_examples(rows: LaneRows, settings: ExampleSettings, pieces: list[str]) -> ExampleFigures:
    """Count what examples hold.

    Args:
        rows: The examples, of any lanes.
        settings: The layout.
        pieces: The vocabulary.
    """
    num, seq_len = len(rows.steps), settings.seq_len
    targets = np.zeros((num, seq_len), bool)
    np.put_along_axis(targets, rows.order, is_target(rows.input_ids, rows.order), axis=1)
    bounds = np.linspace(0, seq_len, min(NUM_BINS, seq_len) + 1).astype(int)
    fracs = [(int(first), float(targets[:, first:end].mean())) for first, end in pairwise(bounds)]
    counts = np.bincount(rows.input_ids.ravel(), minlength=len(pieces))
    order = np.argsort(-counts, kind="stable")[:NUM_PIECES]
    text = [number for number in range(len(pieces)) if number > MASK_ID or number == 0]
    starts = sum(int(counts[number]) for number in text if pieces[number].startswith(WORD_MARK))
    num_text = sum(int(counts[number]) for number in text if pieces[number] not in SPECIAL_PIECES[7:9])
    return ExampleFigures(
        num_examples=num,
        target_fracs=tuple(fracs),
        span_lens=_span_lens(targets),
        pieces=tuple((pieces[number], float(counts[number] / counts.sum())) for number in order if counts[number]),
        pieces_per_word=num_text / starts if starts else None,
        gaps=_gaps(rows, settings),
    )


def _span_lens(targets: NDArray[np.bool_]) -> dict[int, int]:
    """Return how many runs of True there are of each length, row by row."""
    padded = np.pad(targets, ((0, 0), (1, 1))).ravel().astype(np.int8)
    edges = np.diff(padded)
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return dict(sorted(Counter(lengths.tolist()).items()))


def _gaps(rows: LaneRows, settings: ExampleSettings) -> dict[int, int]:
    a_ends = rows.steps * settings.stride + settings.reuse_len + rows.a_len
    distances = np.abs(rows.b_start - a_ends)[~rows.is_next]
    powers = (1 << np.log2(np.maximum(distances, 1)).astype(np.int64)).tolist()
    return dict(sorted(Counter(powers).items()))


def promised_span_lens(settings: ExampleSettings) -> dict[int, float]:
    """Return the share of spans of each length that the paper promises, p(L) proportional to 1/L; {} without spans.

    >>> promised_span_lens(ExampleSettings(max_span=2))
    {1: 0.6666666666666666, 2: 0.3333333333333333}
    """
    if not settings.spans:
        return {}
    total = sum(1 / length for length in range(1, settings.max_span + 1))
    return {length: 1 / length / total for length in range(1, settings.max_span + 1)}
