"""The only source of randomness: numbers that follow from what they are for, not from when or where they are drawn."""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

try:
    from xlnet_data import _seeds
except ImportError:  # installed without a compiler
    _seeds = None  # type: ignore[assignment]

WORDS_PER_BLOCK = 4
"""Philox makes 64-bit words four at a time."""

_UNIT = 2.0**-53


def hash64(*identity: str | int) -> int:
    """Return 64 uniform bits that follow from an identity such as (purpose, seed, corpus, doc_id).

    >>> hash64("lane", 0, "books", "a.txt") == hash64("lane", 0, "books", "a.txt")
    True
    """
    digest = blake2b(repr(identity).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def draw_words(
    identity: tuple[str | int, ...], first_step: int, num_steps: int, words_per_step: int
) -> NDArray[np.uint64]:
    """Draw random 64-bit words for consecutive steps of one lane.

    A step's words depend on the identity and the step alone, so that any step can be drawn again by itself.

    Args:
        identity: What the words are for: (purpose, seed, split, lane, ...).
        first_step: The first step.
        num_steps: How many steps.
        words_per_step: Words that each step gets; the same number in every call with this identity.

    Returns:
        uint64 [num_steps, words_per_step].

    >>> both = draw_words(("targets", 0), 5, 2, 3)
    >>> bool((both[1] == draw_words(("targets", 0), 6, 1, 3)[0]).all())
    True
    """
    blocks = -(-words_per_step // WORDS_PER_BLOCK)
    key = hash64("low", *identity), hash64("high", *identity)
    if _seeds is not None:  # the same in little more than half the time
        words = np.frombuffer(_seeds.make_words(*key, first_step * blocks, num_steps * blocks), np.uint64)
    else:
        generator = np.random.Philox(key=np.array(key, np.uint64), counter=first_step * blocks)
        words = generator.random_raw(num_steps * blocks * WORDS_PER_BLOCK)
    return words.reshape(num_steps, blocks * WORDS_PER_BLOCK)[:, :words_per_step]


def to_unit(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return float64 uniform in [0, 1) from 64-bit words."""
    return (words >> np.uint64(11)).astype(np.float64) * _UNIT


def to_range(words: NDArray[np.uint64], stop: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """Return int64 uniform in 0 .. stop - 1 from 64-bit words; 0 where stop is 0."""
    return (to_unit(words) * stop).astype(np.int64)


def to_halves(words: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return the 32-bit halves of 64-bit words, little end first on every machine: uint32 [..., 2 * words]."""
    return words.astype("<u8", copy=False).view("<u4")
