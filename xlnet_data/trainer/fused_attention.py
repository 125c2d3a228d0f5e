"""Attends on GPUs: one fused kernel does content scores, softmax and values; the rest of a score is its bias."""

# B rows, Q queries, S keys (memory, then content), T seq_len, G gathered queries, P = S + T relative positions,
# N heads, H head size
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from xlnet_data.trainer.attention_inputs import HIDDEN, AttentionInputs, Terms

BACKENDS = [SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
"""The only fused kernel that gives a bias its gradient; then PyTorch's plain operations, where it cannot run (CPUs)."""


def attend_fused(terms: Terms, inputs: AttentionInputs, dropout: float) -> Tensor:
    """Return the attended values, [B, Q, N, H].

    Of size Q x S only the bias is kept for the backward pass; the kernel's softmax is in fp32 in every precision. The
    segments' scores are part of the bias: as more columns of the queries and keys they would make a head of 64 larger
    than 64, for which the kernels are slower.
    """
    num_content = inputs.queries.num_content
    parts = []
    if num_content:
        parts.append(_attend_rows(terms, inputs, slice(0, num_content), dropout))
    if num_content < terms.content_BQNH.shape[1]:
        parts.append(_attend_rows(terms, inputs, slice(num_content, None), dropout))
    return torch.cat(parts, dim=1)


def attend_with_own(
    terms: Terms, own_key_BGNH: Tensor, own_value_BGNH: Tensor, inputs: AttentionInputs, dropout: float
) -> Tensor:
    """Return the attended values of gathered queries that also see themselves, [B, G, N, H].

    Args:
        terms: Of these queries and the common keys.
        own_key_BGNH: The key of each query's own state, which no other query sees.
        own_value_BGNH: The values beside them.
        inputs: Of these queries.
        dropout: Share of the attention that is dropped.
    """
    raw_BNG = torch.einsum("bgnh,bnh->bng", terms.position_BQNH, _at_distance_0(terms))
    segment_BGN = terms.same_BQN * (inputs.segments_BQ != 0)[..., None].to(terms.same_BQN.dtype)
    bias_BNG = raw_BNG + segment_BGN.transpose(1, 2)
    is_own_GG = torch.eye(bias_BNG.shape[2], dtype=torch.bool, device=bias_BNG.device)
    own_bias_BNGG = torch.where(is_own_GG, bias_BNG[..., None], HIDDEN)
    own = (own_key_BGNH, own_value_BGNH, own_bias_BNGG)
    return _attend_rows(terms, inputs, slice(0, None), dropout, own)


def _at_distance_0(terms: Terms) -> Tensor:
    """Return the projected relative position of a query to itself, [B, N, H]."""
    return terms.relative_BPNH[:, terms.key_BSNH.shape[1]]


def _attend_rows(
    terms: Terms,
    inputs: AttentionInputs,
    rows: slice,
    dropout: float,
    own: tuple[Tensor, Tensor, Tensor] | None = None,
) -> Tensor:
    """Attend with the content queries, or with the gathered ones, which may bring keys, values and a bias."""
    num_keys, dtype = terms.key_BSNH.shape[1], terms.key_BSNH.dtype
    relative_BNPH = terms.relative_BPNH.transpose(1, 2).contiguous()
    raw_BNQP = torch.matmul(terms.position_BQNH[:, rows].transpose(1, 2), relative_BNPH.transpose(2, 3))
    if rows.start < inputs.queries.num_content:
        position_BNQS = shift_content(raw_BNQP, num_keys)
    else:
        relative_BGS = inputs.queries.relative_BGS[:, -raw_BNQP.shape[2] :]
        position_BNQS = ShiftGathered.apply(raw_BNQP, relative_BGS)  # type: ignore[no-untyped-call]
    segments_BQ1 = inputs.segments_BQ[:, rows, None]
    # Relative to the keys of segment 0, which are most, so that a gradient sums the fewest rounded numbers.
    sign_BQS = (segments_BQ1 == inputs.key_segments_BS[:, None]).to(dtype) - (segments_BQ1 == 0).to(dtype)
    same_BNQ1 = terms.same_BQN[:, rows].transpose(1, 2)[..., None]
    segment_BNQS = same_BNQ1 * sign_BQS[:, None]
    bias_BNQS = position_BNQS + segment_BNQS + inputs.bias_BQS[:, None, rows].to(dtype)
    keys, values = terms.key_BSNH, terms.value_BSNH
    if own is not None:
        keys, values = torch.cat([keys, own[0]], dim=1), torch.cat([values, own[1]], dim=1)
        bias_BNQS = torch.cat([bias_BNQS, own[2].to(dtype)], dim=3)
    content_BNQH, key_BNSH, value_BNSH = (
        heads.transpose(1, 2) for heads in (terms.content_BQNH[:, rows], keys, values)
    )
    with sdpa_kernel(BACKENDS):
        attended_BNQH = functional.scaled_dot_product_attention(
            content_BNQH, key_BNSH, value_BNSH, attn_mask=bias_BNQS, dropout_p=dropout, scale=1.0
        )
    return attended_BNQH.transpose(1, 2)


def shift_content(raw_BNTP: Tensor, num_keys: int) -> Tensor:
    """Return the position scores of the whole content stream, [B, N, T, S]: query i meets key j at column j + T - i.

    A inputs. Row i, flat, begins T - i columns late: cut T off the front and read rows that are one shorter.

    >>> shift_content(torch.tensor([[[[35, 25, 15, 5], [36, 26, 16, 6]]]]), num_keys=2)
    tensor([[[[15,  5],
              [26, 16]]]])
    """
    num_rows, num_heads, num_queries, num_positions = raw_BNTP.shape
    flat_BNX = raw_BNTP.flatten(2)[..., num_queries:]
    return flat_BNX.view(num_rows, num_heads, num_queries, num_positions - 1)[..., :num_keys]


class ShiftGathered(torch.autograd.Function):
    """The position scores of queries anywhere in the example, looked up, and their gradient looked up as well.

    Autograd's own gradient of a look-up adds with atomics, though no two keys of a query share a column.
    """

    @staticmethod
    def forward(ctx: Any, raw_BNGP: Tensor, relative_BGS: Tensor) -> Tensor:
        """Return the scores by key, [B, N, G, S].

        Args:
            ctx: Keeps what the backward pass needs.
            raw_BNGP: Scores by relative position.
            relative_BGS: The column of each key; one more from key to key.
        """
        ctx.save_for_backward(relative_BGS)
        ctx.num_positions = raw_BNGP.shape[3]
        return raw_BNGP.gather(3, relative_BGS[:, None].expand(-1, raw_BNGP.shape[1], -1, -1))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradient by relative position, 0 where no key stands."""
        (grad_BNGS,) = grads
        (relative_BGS,) = ctx.saved_tensors
        num_heads, num_keys = grad_BNGS.shape[1], grad_BNGS.shape[3]
        key_BGP = torch.arange(ctx.num_positions, device=relative_BGS.device) - relative_BGS[..., :1]
        is_key_BGP = (key_BGP >= 0) & (key_BGP < num_keys)
        index_BNGP = key_BGP.clamp(0, num_keys - 1)[:, None].expand(-1, num_heads, -1, -1)
        return grad_BNGS.gather(3, index_BNGP) * is_key_BGP[:, None].to(grad_BNGS.dtype), None
