"""Builds attention masks on the device from the factorization order, because stored ones would fill the shards."""

# B rows, T seq_len, M mem_len, K targets, S = M + T keys, G gathered queries (targets, or <cls> and targets)
from dataclasses import dataclass

import torch
from torch import Tensor

from xlnet_data.examples.factorization import functional_entries

NUM_SEGMENTS = 3
"""Segment ids: 0 for reuse, A and the first <sep>, 1 for B and its <sep>, 2 for <cls>."""


QUERY_ROWS, MASK_ROWS, CONTENT_ROWS = "query", "mask", "content"
"""Which rows predict: queries of a second stream, which see no state of their own; rows of <mask>, each of which also
sees itself; or rows of the content stream."""


@dataclass(frozen=True)
class Predictions:
    """What an objective asks of a batch.

    Attributes:
        order_BX: int64, positions in the order in which their tokens are shown, those of the reuse half first; all
            others are context, which everybody of its half sees.
        targets_BK: int64, positions whose tokens are predicted.
        rows_BK: int64, positions of the rows that predict them.
        kind: What those rows are: QUERY_ROWS, MASK_ROWS or CONTENT_ROWS.
    """

    order_BX: Tensor
    targets_BK: Tensor
    rows_BK: Tensor
    kind: str


@dataclass(frozen=True)
class BatchMasks:
    """What the model needs of a batch besides tokens and memory: attention masks, targets, segments and direction.

    Attributes:
        segment_ids_BT: int64.
        targets_BK: int64, positions of the targets in factorization order.
        content_BTS: bool, True: the content stream at i sees key j.
        query_BKS: bool, True: the row that predicts target k sees key j.
        is_backward_B: bool, True: the row is read backwards.
        kind: Which rows predict: QUERY_ROWS, MASK_ROWS or CONTENT_ROWS.
        other_rows_BK: int64, the positions of the rows that predict, where they are not the targets'.
    """

    segment_ids_BT: Tensor
    targets_BK: Tensor
    content_BTS: Tensor
    query_BKS: Tensor
    is_backward_B: Tensor
    kind: str = QUERY_ROWS
    other_rows_BK: Tensor | None = None

    @property
    def rows(self) -> Tensor:
        """The positions of the rows that predict, int64 [B, K]."""
        return self.targets_BK if self.other_rows_BK is None else self.other_rows_BK


def build_masks(
    batch: dict[str, Tensor],
    reuse_len: int,
    mem_len: int,
    memory: str,
    asked: Predictions | None = None,
    *,
    tells_pairs: bool = True,
) -> BatchMasks:
    """Build the masks of a batch on its device.

    Args:
        batch: Tensors of the loader: ``input_ids`` [B, T], ``order`` [B, K + 3], ``a_len``, ``is_next``,
            ``memory_len``, ``backward`` [B].
        reuse_len: Tokens of the reuse half.
        mem_len: Memory positions before the content; 0: none.
        memory: One of ``settings.MEMORY_MODES``.
        asked: What is predicted, in which order, from which rows; None: the shards' targets in their order, from
            queries.
        tells_pairs: False: B of a negative pair sees what every B sees. For a model that is to tell the pairs apart,
            whose states of B would else depend on the answer.

    Source: paper, sections 2.3 to 2.5.
    """
    seq_len = batch["input_ids"].shape[1]
    if asked is None:
        targets_BK = targets_of(batch, seq_len, reuse_len)
        asked = Predictions(batch["order"].long(), targets_BK, targets_BK, QUERY_ROWS)
    order = asked.order_BX
    segment_ids_BT = segments_of(batch["a_len"].long()[:, None], seq_len, reuse_len)
    key_level_BT, query_level_BT = levels_of(order, seq_len, reuse_len)

    query_BTT = key_level_BT[:, None, :] < query_level_BT[:, :, None]
    memory_BTM = torch.ones(*order.shape[:1], seq_len, mem_len, dtype=torch.bool, device=order.device)
    if memory == "paper":
        query_BTT, memory_BTM = _keep_to_context(batch, segment_ids_BT, query_BTT, memory_BTM, reuse_len, tells_pairs)
    query_BTS = torch.cat([memory_BTM, query_BTT], dim=2)
    self_TS = torch.eye(seq_len, dtype=torch.bool, device=order.device)
    self_TS = torch.cat([self_TS.new_zeros(seq_len, mem_len), self_TS], dim=1)
    content_BTS = query_BTS | self_TS
    seen_BTS = content_BTS if asked.kind == CONTENT_ROWS else query_BTS
    query_BKS = seen_BTS.gather(1, asked.rows_BK[:, :, None].expand(-1, -1, seen_BTS.shape[2]))
    other_rows_BK = None if asked.rows_BK is asked.targets_BK else asked.rows_BK
    return BatchMasks(
        segment_ids_BT, asked.targets_BK, content_BTS, query_BKS, batch["backward"].bool(), asked.kind, other_rows_BK
    )


def targets_of(batch: dict[str, Tensor], seq_len: int, reuse_len: int) -> Tensor:
    """Return the positions of the shards' targets in their order, int64 [B, K]: the order without <sep> and <cls>."""
    order = batch["order"].long()
    is_functional = functional_entries(order, batch["a_len"].long(), seq_len, reuse_len)
    # Three entries of every order are functional, so a stable sort brings the targets to the front.
    entries = is_functional.byte().argsort(dim=1, stable=True)[:, : order.shape[1] - 3]
    return order.gather(1, entries)


def segments_of(a_len_B1: Tensor, seq_len: int, reuse_len: int) -> Tensor:
    """Return segment ids, int64 [B, T]: 0 for reuse, A and the first <sep>, 1 for B and its <sep>, 2 for <cls>.

    >>> segments_of(torch.tensor([[2]]), seq_len=9, reuse_len=3)
    tensor([[0, 0, 0, 0, 0, 0, 1, 1, 2]])
    """
    position_T = torch.arange(seq_len, device=a_len_B1.device)
    return (position_T > reuse_len + a_len_B1).long() + (position_T == seq_len - 1).long()


def levels_of(order: Tensor, seq_len: int, reuse_len: int) -> tuple[Tensor, Tensor]:
    """Return two levels per position, int64 [B, T] each: i sees j if and only if ``key[j] < query[i]``.

    Key levels rise with the factorization order. In the reuse half, context has -1 and the order's entries have 0, 1,
    2 ...; the other half goes on from there, its context first. The query level of context is the lowest that sees the
    context of its half. The query level of an entry is its own key level, so it sees what comes before it and never
    itself. (The content stream also sees itself; build_masks adds that.)

    Args:
        order: int64 [B, X], the reuse half's positions first.
        seq_len: Tokens of an example.
        reuse_len: Tokens of the reuse half.

    >>> key, query = levels_of(torch.tensor([[2, 3, 4, 5]]), 6, 0)
    >>> (key[:, None, :] < query[:, :, None]).long()
    tensor([[[1, 1, 0, 0, 0, 0],
             [1, 1, 0, 0, 0, 0],
             [1, 1, 0, 0, 0, 0],
             [1, 1, 1, 0, 0, 0],
             [1, 1, 1, 1, 0, 0],
             [1, 1, 1, 1, 1, 0]]])
    """
    in_rest = (order >= reuse_len).long()
    num_reuse_B1 = (1 - in_rest).sum(1, keepdim=True)
    level = torch.arange(order.shape[1], device=order.device) + in_rest
    after_reuse_T = (torch.arange(seq_len, device=order.device) >= reuse_len).long()
    key_level = torch.where(after_reuse_T.bool(), num_reuse_B1, -1).scatter(1, order, level)
    query_level = (after_reuse_T * (num_reuse_B1 + 1)).scatter(1, order, level)
    return key_level, query_level


def _keep_to_context(
    batch: dict[str, Tensor],
    segment_ids_BT: Tensor,
    query_BTT: Tensor,
    memory_BTM: Tensor,
    reuse_len: int,
    tells_pairs: bool,
) -> tuple[Tensor, Tensor]:
    """Hide memory of other documents, and memory and reuse from a negative pair's B where the masks may tell the pair.

    Source: paper, section 2.5: "we only reuse the memory that belongs to the same context".
    """
    mem_len = memory_BTM.shape[2]
    distance_M = torch.arange(mem_len, 0, -1, device=query_BTT.device)
    recent_BM = distance_M <= batch["memory_len"].long()[:, None]
    foreign_BT = (segment_ids_BT == 1) & ~batch["is_next"].bool()[:, None] & tells_pairs
    is_reuse_T = torch.arange(query_BTT.shape[2], device=query_BTT.device) < reuse_len
    return query_BTT & ~(foreign_BT[:, :, None] & is_reuse_T), memory_BTM & recent_BM[:, None] & ~foreign_BT[:, :, None]
