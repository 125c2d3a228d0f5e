"""Counts the tokens of a lane that lie in no example."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.segments import Pairs

Ints = NDArray[np.int64]


class Coverage:
    """Which tokens of a stream lie in an example of one of its readings."""

    def __init__(self, lane_len: int) -> None:
        self._change = np.zeros(lane_len + 1, np.int32)  # at each place: examples that begin there less those that end

    def add(self, steps: Ints, pairs: Pairs, is_backward: bool, settings: ExampleSettings) -> None:
        """Add examples.

        Args:
            steps: int64 [examples], their steps.
            pairs: Their segments.
            is_backward: True: they are of the backward reading, whose places count from the lane's end.
            settings: The layout.
        """
        begins = steps * settings.stride
        self._add_ranges(begins, begins + settings.reuse_len + pairs.a_len, is_backward)
        self._add_ranges(pairs.b_start, pairs.b_start + pairs.b_len, is_backward)

    def _add_ranges(self, starts: Ints, ends: Ints, is_backward: bool) -> None:
        if is_backward:
            starts, ends = len(self._change) - 1 - ends, len(self._change) - 1 - starts
        one = np.int32(1)  # of the array's own type: with Python's 1 it would take thirty times as long
        np.add.at(self._change, starts, one)
        np.subtract.at(self._change, ends, one)

    def num_uncovered(self, document_starts: Ints, corpora: Sequence[str]) -> Counter[str]:
        """Return the tokens that lie in no example, by corpus; corpora without any are left out.

        Args:
            document_starts: int64 [documents], in the forward reading; the first is 0.
            corpora: The documents' corpora.
        """
        places = np.flatnonzero(np.cumsum(self._change[:-1], dtype=np.int32) == 0)
        documents, numbers = np.unique(np.searchsorted(document_starts, places, side="right") - 1, return_counts=True)
        counts: Counter[str] = Counter()
        for document, number in zip(documents.tolist(), numbers.tolist(), strict=True):
            counts[corpora[document]] += number
        return counts
