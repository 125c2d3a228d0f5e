"""Who sees whom: masks built on the device from the factorization order, never stored."""

# B rows, T seq_len, M mem_len, K targets, S = M + T keys, G gathered queries (targets, or <cls> and targets)
from dataclasses import dataclass

import torch
from torch import Tensor

MEMORY_MODES = ("paper", "reference", "off")
"""How a row uses its memory: masked to its own document, always attended, or absent."""

NUM_SEGMENTS = 3
"""Segment ids: 0 for reuse, A and the first <sep>, 1 for B and its <sep>, 2 for <cls>."""


@dataclass(frozen=True)
class BatchMasks:
    """What the model needs to know of a batch besides tokens and memory.

    Attributes:
        segment_ids_BT: int64.
        targets_BK: int64, positions of the targets in factorization order.
        content_BTS: bool, True: the content stream at i sees key j.
        query_BKS: bool, True: the query of target k sees key j.
        is_backward_B: bool, True: the row is read backwards.
    """

    segment_ids_BT: Tensor
    targets_BK: Tensor
    content_BTS: Tensor
    query_BKS: Tensor
    is_backward_B: Tensor


def build_masks(batch: dict[str, Tensor], reuse_len: int, mem_len: int, memory: str) -> BatchMasks:
    """Build the masks of a batch on its device.

    Args:
        batch: Tensors of the loader: ``input_ids`` [B, T], ``order`` [B, K + 3], ``a_len``, ``is_next``,
            ``memory_len``, ``backward`` [B].
        reuse_len: Tokens of the reuse half.
        mem_len: Memory positions before the content; 0: none.
        memory: One of MEMORY_MODES.

    Source: paper, sections 2.3 to 2.5.
    """
    order = batch["order"].long()
    seq_len = batch["input_ids"].shape[1]
    a_len_B1 = batch["a_len"].long()[:, None]
    segment_ids_BT = segments_of(a_len_B1, seq_len, reuse_len)
    is_functional = (order == reuse_len + a_len_B1) | (order >= seq_len - 2)
    key_level_BT, query_level_BT = levels_of(order, is_functional, seq_len, reuse_len)
    # Three entries of every order are functional, so a stable sort brings the targets to the front.
    entries = is_functional.byte().argsort(dim=1, stable=True)[:, : order.shape[1] - 3]
    targets_BK = order.gather(1, entries)

    query_BTT = key_level_BT[:, None, :] < query_level_BT[:, :, None]
    memory_BTM = torch.ones(*order.shape[:1], seq_len, mem_len, dtype=torch.bool, device=order.device)
    if memory == "paper":
        query_BTT, memory_BTM = _keep_to_context(batch, segment_ids_BT, query_BTT, memory_BTM, reuse_len)
    query_BTS = torch.cat([memory_BTM, query_BTT], dim=2)
    self_TS = torch.eye(seq_len, dtype=torch.bool, device=order.device)
    self_TS = torch.cat([self_TS.new_zeros(seq_len, mem_len), self_TS], dim=1)
    query_BKS = query_BTS.gather(1, targets_BK[:, :, None].expand(-1, -1, query_BTS.shape[2]))
    return BatchMasks(segment_ids_BT, targets_BK, query_BTS | self_TS, query_BKS, batch["backward"].bool())


def segments_of(a_len_B1: Tensor, seq_len: int, reuse_len: int) -> Tensor:
    """Return segment ids, int64 [B, T]: 0 for reuse, A and the first <sep>, 1 for B and its <sep>, 2 for <cls>.

    >>> segments_of(torch.tensor([[2]]), seq_len=9, reuse_len=3)
    tensor([[0, 0, 0, 0, 0, 0, 1, 1, 2]])
    """
    position_T = torch.arange(seq_len, device=a_len_B1.device)
    return (position_T > reuse_len + a_len_B1).long() + (position_T == seq_len - 1).long()


def levels_of(order: Tensor, is_functional: Tensor, seq_len: int, reuse_len: int) -> tuple[Tensor, Tensor]:
    """Return two numbers per position, int64 [B, T] each: i sees j if and only if ``key[j] < query[i]``.

    The reuse half counts -1 (context), 0, 1, ... (its entries in order) and the rest goes on from there, its own
    context first; a context position asks with the lowest level that sees its half's context, a target with its own,
    a functional token with the next. Content streams see themselves as well, which is not in these numbers.

    Args:
        order: int64 [B, K + 3].
        is_functional: bool [B, K + 3], True: the entry is a <sep> or <cls>.
        seq_len: Tokens of an example.
        reuse_len: Tokens of the reuse half.

    >>> order = torch.tensor([[2, 3, 4, 5]])  # <sep> at 2 and 5, targets at 3 and 4
    >>> key, query = levels_of(order, torch.tensor([[True, False, False, True]]), 6, 0)
    >>> (key[:, None, :] < query[:, :, None]).long()
    tensor([[[1, 1, 0, 0, 0, 0],
             [1, 1, 0, 0, 0, 0],
             [1, 1, 1, 0, 0, 0],
             [1, 1, 1, 0, 0, 0],
             [1, 1, 1, 1, 0, 0],
             [1, 1, 1, 1, 1, 1]]])
    """
    in_rest = (order >= reuse_len).long()
    num_reuse_B1 = (1 - in_rest).sum(1, keepdim=True)
    level = torch.arange(order.shape[1], device=order.device) + in_rest
    after_reuse_T = (torch.arange(seq_len, device=order.device) >= reuse_len).long()
    key_level = torch.where(after_reuse_T.bool(), num_reuse_B1, -1).scatter(1, order, level)
    query_level = (after_reuse_T * (num_reuse_B1 + 1)).scatter(1, order, level + is_functional.long())
    return key_level, query_level


def _keep_to_context(
    batch: dict[str, Tensor], segment_ids_BT: Tensor, query_BTT: Tensor, memory_BTM: Tensor, reuse_len: int
) -> tuple[Tensor, Tensor]:
    """Hide memory of other documents, and memory and reuse from a negative pair's B.

    Source: paper, section 2.5: "we only reuse the memory that belongs to the same context".
    """
    mem_len = memory_BTM.shape[2]
    distance_M = torch.arange(mem_len, 0, -1, device=query_BTT.device)
    recent_BM = distance_M <= batch["memory_len"].long()[:, None]
    foreign_BT = (segment_ids_BT == 1) & ~batch["is_next"].bool()[:, None]
    is_reuse_T = torch.arange(query_BTT.shape[2], device=query_BTT.device) < reuse_len
    return query_BTT & ~(foreign_BT[:, :, None] & is_reuse_T), memory_BTM & recent_BM[:, None] & ~foreign_BT[:, :, None]
