"""The factorization order of an example's targets, and who may see whom under it."""

from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from xlnet_data.schemas.example import CLS_ID, SEP_ID

Array = TypeVar("Array", bound=Any)
"""A NumPy array or a torch tensor: what both have is enough here."""


def sample_order(places: NDArray[np.int64], halves: NDArray[np.uint32], perm_size: int) -> NDArray[np.uint16]:
    """Draw a uniform order of the places of one half, block after block.

    Args:
        places: int64 [examples, entries], places within the half of its targets and functional tokens.
        halves: uint32 [examples, entries], random.
        perm_size: Tokens of a block; all of an earlier block's entries precede a later block's. 0: one block.

    Returns:
        uint16 [examples, entries], the places in factorization order.
    """
    keys = halves.astype(np.uint64) << np.uint64(16) | places.astype(np.uint64)
    if perm_size:
        keys |= (places // perm_size).astype(np.uint64) << np.uint64(48)
    keys.sort(axis=1)
    return keys.astype(np.uint16)  # the low 16 bits are the place


def ranks_of(order: NDArray[np.integer], seq_len: int) -> NDArray[np.int64]:
    """Return the inverse of the order: ``rank[order[step]] = step``, -1 for context.

    Args:
        order: [examples, entries], positions in factorization order.
        seq_len: Tokens of an example.

    Returns:
        int64 [examples, seq_len].

    >>> ranks_of(np.array([[3, 1]]), 5)
    array([[-1,  1, -1,  0, -1]])
    """
    ranks = np.full((len(order), seq_len), -1, np.int64)
    np.put_along_axis(ranks, order.astype(np.int64), np.arange(order.shape[1]), axis=1)
    return ranks


def functional_entries(order: Array, a_len: Array, seq_len: int, reuse_len: int) -> Array:
    """Return which entries of the order are functional tokens, by their position; all others are targets.

    The first <sep> stands behind A, the second and <cls> at the end. Works on NumPy arrays and on torch tensors.

    Args:
        order: Signed integers [examples, entries], positions in factorization order.
        a_len: Signed integers [examples], tokens of A.
        seq_len: Tokens of an example.
        reuse_len: Tokens of the reuse half.

    Returns:
        bool [examples, entries], True: the entry is a <sep> or <cls>.

    >>> functional_entries(np.array([[1, 7, 5, 6, 4]]), np.array([2]), seq_len=8, reuse_len=3)
    array([[False,  True,  True,  True, False]])
    """
    return cast(Array, (order == reuse_len + a_len[:, None]) | (order >= seq_len - 2))


def is_target(input_ids: NDArray[np.integer], order: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return which entries of the order are targets, by their tokens: those that are neither <sep> nor <cls>.

    The same as ``~functional_entries``, for whoever has the tokens but not ``a_len``.

    Args:
        input_ids: [examples, seq_len].
        order: [examples, entries].

    Returns:
        bool [examples, entries].
    """
    tokens = np.take_along_axis(input_ids, order.astype(np.int64), axis=1)
    return np.asarray((tokens != SEP_ID) & (tokens != CLS_ID))


def perm_mask(input_ids: NDArray[np.integer], order: NDArray[np.integer], reuse_len: int) -> NDArray[np.bool_]:
    """Return who must not see whom by the query rule: ``perm_mask[b, i, j]`` True: i must not see j.

    The query stream uses it as it is; in the content stream every position also sees itself. Meant for looking and
    checking: the trainer builds its masks on the device.

    Args:
        input_ids: [examples, seq_len].
        order: [examples, entries], the reuse half's entries first.
        reuse_len: Tokens of the reuse half.

    Returns:
        bool [examples, seq_len, seq_len].

    Source: paper, section 2.3; the authors' code, ``_local_perm``.

    >>> ids = np.array([[10, 20, SEP_ID, 40, 50, SEP_ID]])
    >>> print(perm_mask(ids, np.array([[2, 3, 4, 5]]), 0)[0].astype(int))
    [[0 0 1 1 1 1]
     [0 0 1 1 1 1]
     [0 0 0 1 1 1]
     [0 0 0 1 1 1]
     [0 0 0 0 1 1]
     [0 0 0 0 0 0]]
    """
    seq_len = input_ids.shape[1]
    rank = ranks_of(order, seq_len)
    targets = np.zeros(rank.shape, bool)
    np.put_along_axis(targets, order.astype(np.int64), is_target(input_ids, order), axis=1)
    query_rank = np.where(targets, rank, rank + 1)
    hidden = (rank[:, None, :] >= 0) & (query_rank[:, :, None] <= rank[:, None, :])
    in_reuse = np.arange(seq_len) < reuse_len
    hidden[:, in_reuse[:, None] & ~in_reuse] = True
    hidden[:, ~in_reuse[:, None] & in_reuse] = False
    return hidden
