"""Cuts 64-bit keys into equal ranges, so that each range can be worked on alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def range_of(keys: NDArray[np.uint64], ranges: int) -> NDArray[np.uint64]:
    """Return uint64 [keys]: which of some equal ranges, a power of two of them, each key lies in.

    >>> range_of(np.array([0, 2**62, 2**64 - 1], np.uint64), 4)
    array([0, 1, 3], dtype=uint64)
    """
    return keys >> np.uint64(64 - ranges.bit_length() + 1)


def cuts_at(keys: NDArray[np.uint64], bounds: Sequence[int]) -> list[int]:
    """Return the place of the first of some sorted keys at each bound or above it; no key is as large as 2^64.

    >>> cuts_at(np.array([1, 5, 2**64 - 1], np.uint64), [0, 5, 6, 2**64])
    [0, 1, 2, 3]
    """
    places: list[int] = np.searchsorted(keys, np.array([min(bound, 2**64 - 1) for bound in bounds], np.uint64)).tolist()
    return [place if bound < 2**64 else len(keys) for place, bound in zip(places, bounds, strict=True)]
