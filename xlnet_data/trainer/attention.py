"""Attends on CPUs: scores a block of queries at a time, with a backward pass by hand, because that saves a third.

The CPU has no fused kernel that takes a bias; benchmarks/train.py compares this with what PyTorch does instead.
"""

# B rows, Q queries, S keys (memory, then content), T seq_len, G gathered queries, P = S + T relative positions,
# N heads, H head size, E = H plus the segments' columns, Z = B * N (row, head)
from typing import Any, cast

import torch
from torch import Tensor

from xlnet_data.trainer.attention_inputs import AttentionInputs, Queries, Terms
from xlnet_data.trainer.masks import NUM_SEGMENTS

BLOCK_QUERIES = 128
"""Content queries scored at a time: a block needs S + 128 relative positions instead of S + T, and on a CPU its scores
stay in the cache."""


def attend_in_blocks(terms: Terms, inputs: AttentionInputs, dropout: float) -> Tensor:
    """Return the attended values, [B, Q, N, H].

    The segment term goes into two more columns of the content queries and keys, one for segment 1 and one for segment
    2, each relative to segment 0, so that it costs no pass over the scores of its own.
    """
    dtype, num_heads = terms.key_BSNH.dtype, terms.key_BSNH.shape[2]
    column_segments = torch.arange(1, NUM_SEGMENTS, device=inputs.segments_BQ.device)
    segments_BQ1 = inputs.segments_BQ[..., None]
    query_columns_BQC = (segments_BQ1 == column_segments).long() - (segments_BQ1 == 0).long()
    key_columns_BSC = inputs.key_segments_BS[..., None] == column_segments
    segment_BQNC = terms.same_BQN[..., None] * query_columns_BQC[:, :, None].to(dtype)
    key_columns_BSNC = key_columns_BSC[:, :, None].to(dtype).expand(-1, -1, num_heads, -1)
    attended_ZQH = RelativeAttention.apply(  # type: ignore[no-untyped-call]
        _split_heads(torch.cat([terms.content_BQNH, segment_BQNC], dim=3)),
        _split_heads(torch.cat([terms.key_BSNH, key_columns_BSNC], dim=3)),
        _split_heads(terms.position_BQNH),
        _split_heads(terms.relative_BPNH),
        _split_heads(terms.value_BSNH),
        inputs.bias_BQS.to(dtype),
        inputs.queries,
        dropout,
    )
    return cast(Tensor, attended_ZQH.unflatten(0, (-1, num_heads)).transpose(1, 2))


class RelativeAttention(torch.autograd.Function):
    """Softmax of content plus position scores, times the values; nothing of size Q x P is kept for the backward pass.

    Written by hand because autograd's own path makes six passes over the scores where this makes three, which on a
    CPU is most of the time. Every tensor is an argument of its own: autograd gives gradients to nothing else.
    """

    @staticmethod
    def forward(
        ctx: Any,
        content_ZQE: Tensor,
        key_ZSE: Tensor,
        position_ZQH: Tensor,
        relative_ZPH: Tensor,
        value_ZSH: Tensor,
        bias_BQS: Tensor,
        queries: Queries,
        dropout: float,
    ) -> Tensor:
        """Return the attended values, [Z, Q, H].

        Args:
            ctx: Keeps what the backward pass needs.
            content_ZQE: Scaled content queries with their bias, and the segment terms.
            key_ZSE: Content keys, and the segments' columns.
            position_ZQH: Scaled position queries with their bias.
            relative_ZPH: Projected relative positions, distance S first, 1 - T last.
            value_ZSH: Values.
            bias_BQS: 0 where a query may see a key, very negative elsewhere.
            queries: The positions of the queries.
            dropout: Share of the attention that is dropped.
        """
        attended_ZQH = torch.empty_like(position_ZQH)
        kept: list[Tensor] = []
        with torch.autocast(content_ZQE.device.type, enabled=False):
            for rows in _blocks(content_ZQE.shape[1], queries):
                scores_ZqS = _shift_positions(position_ZQH, relative_ZPH, bias_BQS, queries, rows)
                scores_ZqS.baddbmm_(content_ZQE[:, rows], key_ZSE.transpose(1, 2))
                probs_ZqS = torch.softmax(scores_ZqS, dim=-1)
                kept.append(probs_ZqS)
                if dropout:
                    keep_ZqS = torch.empty_like(probs_ZqS).bernoulli_(1 - dropout).div_(1 - dropout)
                    kept.append(keep_ZqS)
                    probs_ZqS = probs_ZqS * keep_ZqS
                attended_ZQH[:, rows] = torch.bmm(probs_ZqS, value_ZSH)
        ctx.save_for_backward(content_ZQE, key_ZSE, position_ZQH, relative_ZPH, value_ZSH, attended_ZQH, *kept)
        ctx.queries, ctx.dropout = queries, dropout
        return attended_ZQH

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of the five tensors; the mask has none."""
        (grad_ZQH,) = grads
        content_ZQE, key_ZSE, position_ZQH, relative_ZPH, value_ZSH, attended_ZQH, *kept = ctx.saved_tensors
        queries, dropout = ctx.queries, ctx.dropout
        d_content, d_position = torch.empty_like(content_ZQE), torch.empty_like(position_ZQH)
        d_key, d_relative, d_value = (torch.zeros_like(t) for t in (key_ZSE, relative_ZPH, value_ZSH))
        delta_ZQ1 = (grad_ZQH * attended_ZQH).sum(-1, keepdim=True)
        remaining = iter(kept)
        for rows in _blocks(content_ZQE.shape[1], queries):
            probs_ZqS = next(remaining)
            grad_ZqH = grad_ZQH[:, rows]
            d_scores_ZqS = torch.bmm(grad_ZqH, value_ZSH.transpose(1, 2))
            if dropout:
                keep_ZqS = next(remaining)
                d_value.baddbmm_((probs_ZqS * keep_ZqS).transpose(1, 2), grad_ZqH)
                d_scores_ZqS.mul_(keep_ZqS)
            else:
                d_value.baddbmm_(probs_ZqS.transpose(1, 2), grad_ZqH)
            d_scores_ZqS.sub_(delta_ZQ1[:, rows]).mul_(probs_ZqS)
            d_content[:, rows] = torch.bmm(d_scores_ZqS, key_ZSE)
            d_key.baddbmm_(d_scores_ZqS.transpose(1, 2), content_ZQE[:, rows])
            columns, d_shifted_Zqp = _unshift_positions(d_scores_ZqS, relative_ZPH.shape[1], queries, rows)
            d_position[:, rows] = torch.bmm(d_shifted_Zqp, relative_ZPH[:, columns])
            d_relative[:, columns].baddbmm_(d_shifted_Zqp.transpose(1, 2), position_ZQH[:, rows])
        return d_content, d_key, d_position, d_relative, d_value, None, None, None


def _blocks(num_queries: int, queries: Queries) -> list[slice]:
    """Return the rows of each block: content queries in blocks, then all gathered queries at once."""
    content = queries.num_content
    blocks = [slice(i, min(i + BLOCK_QUERIES, content)) for i in range(0, content, BLOCK_QUERIES)]
    return [*blocks, slice(content, num_queries)] if num_queries > content else blocks


def _columns(rows: slice, num_keys: int, queries: Queries) -> slice:
    """Return which relative positions a block of content queries needs: S + q of them."""
    return slice(queries.seq_len - rows.stop, queries.seq_len - rows.start + num_keys)


def _shift_positions(
    position_ZQH: Tensor, relative_ZPH: Tensor, bias_BQS: Tensor, queries: Queries, rows: slice
) -> Tensor:
    """Return the position scores of a block plus its mask, [Z, q, S]: query i meets key j at column j + T - i."""
    num_rows, _, num_keys = bias_BQS.shape
    size = rows.stop - rows.start
    if rows.start >= queries.num_content:
        raw_ZqP = torch.bmm(position_ZQH[:, rows], relative_ZPH.transpose(1, 2))
        raw_BNqP = raw_ZqP.view(num_rows, -1, *raw_ZqP.shape[1:])
        index_BNqS = queries.relative_BGS[:, None, -size:].expand(-1, raw_BNqP.shape[1], -1, -1)
        scores_BNqS = raw_BNqP.gather(3, index_BNqS) + bias_BQS[:, None, rows]
    else:
        columns = _columns(rows, num_keys, queries)
        raw_Zqp = torch.bmm(position_ZQH[:, rows], relative_ZPH[:, columns].transpose(1, 2))
        # Row i of q, flat, begins q - i columns late: cut q off the front and read rows that are one shorter.
        shifted_ZqS = raw_Zqp.flatten(1)[:, size:].view(-1, size, num_keys + size - 1)[:, :, :num_keys]
        scores_BNqS = shifted_ZqS.view(num_rows, -1, size, num_keys) + bias_BQS[:, None, rows]
    return scores_BNqS.flatten(0, 1)


def _unshift_positions(d_scores_ZqS: Tensor, num_positions: int, queries: Queries, rows: slice) -> tuple[slice, Tensor]:
    """Return which relative positions a block's gradient belongs to, and the gradient of their raw scores."""
    num_heads_rows, size, num_keys = d_scores_ZqS.shape
    if rows.start >= queries.num_content:
        index_BGS = queries.relative_BGS[:, -size:]
        d_raw_BNqP = d_scores_ZqS.new_zeros(len(index_BGS), num_heads_rows // len(index_BGS), size, num_positions)
        index_BNqS = index_BGS[:, None].expand(-1, d_raw_BNqP.shape[1], -1, -1)
        d_raw_BNqP.scatter_(3, index_BNqS, d_scores_ZqS.view_as(index_BNqS))
        return slice(0, num_positions), d_raw_BNqP.flatten(0, 1)
    d_raw_Zqp = d_scores_ZqS.new_zeros(num_heads_rows, size, num_keys + size)
    shifted_ZqS = d_raw_Zqp.flatten(1)[:, size:].view(-1, size, num_keys + size - 1)[:, :, :num_keys]
    shifted_ZqS.copy_(d_scores_ZqS)
    return _columns(rows, num_keys, queries), d_raw_Zqp


def _split_heads(tensor_BXNH: Tensor) -> Tensor:
    """Return [B * N, X, H], contiguous."""
    return tensor_BXNH.transpose(1, 2).flatten(0, 1)
