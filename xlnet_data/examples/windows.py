"""Copies the tokens of many examples out of their lane, and puts them together with <sep> and <cls>."""

from typing import cast

import numpy as np
from numpy.typing import NDArray

from xlnet_data.examples.segments import Pairs
from xlnet_data.schemas.example import CLS_ID, NUM_FUNCTIONAL, SEP_ID
from xlnet_data.text.ids import IdArray


def copy_windows(ids: IdArray, starts: NDArray[np.int64], length: int) -> IdArray:
    """Return [starts, length] tokens from each start on."""
    if length == 0:
        return np.zeros((len(starts), 0), ids.dtype)
    # Each window as one item of so many bytes, which is copied at once; of two axes each token would be copied alone.
    windows = np.ndarray(len(ids) - length + 1, f"V{length * ids.itemsize}", ids, 0, (ids.itemsize,))
    return cast(IdArray, windows[starts].view(ids.dtype).reshape(len(starts), length))


def copy_pairs(ids: IdArray, a_starts: NDArray[np.int64], pairs: Pairs, pair_len: int) -> tuple[IdArray, IdArray]:
    """Return twice [steps, pair_len]: the tokens from A's first on, and those up to B's last."""
    a_side = copy_windows(ids, a_starts, pair_len)
    starts = pairs.b_start - pairs.a_len
    if bool((starts == a_starts).all()):
        return a_side, a_side
    b_side = copy_windows(ids, np.maximum(starts, 0), pair_len)
    for row in np.flatnonzero(starts < 0).tolist():  # the window would begin before the lane
        b_side[row, -starts[row] :] = ids[: pair_len + starts[row]]
    return a_side, b_side


def assemble(reuse_ids: IdArray, a_side: IdArray, b_side: IdArray, a_len: NDArray[np.int64]) -> IdArray:
    """Return [steps, seq_len]: reuse, A, <sep>, B, <sep>, <cls>."""
    rows, pair_len = a_side.shape
    reuse_len = reuse_ids.shape[1]
    input_ids = np.empty((rows, reuse_len + pair_len + NUM_FUNCTIONAL), a_side.dtype)
    input_ids[:, :reuse_len] = reuse_ids
    rest = input_ids[:, reuse_len:]
    rest[:, 1 : pair_len + 1] = b_side
    in_a = np.arange(pair_len, dtype=np.uint16) < a_len.astype(np.uint16)[:, None]  # a quarter of the bytes of int64
    np.copyto(rest[:, :pair_len], a_side, where=in_a)
    rest[np.arange(rows), a_len] = SEP_ID
    rest[:, -2], rest[:, -1] = SEP_ID, CLS_ID
    return input_ids
