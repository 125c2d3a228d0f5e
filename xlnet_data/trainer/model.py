"""Defines XLNet: a Transformer-XL trunk that a content stream and a query stream run through together."""

# B rows, T seq_len, M mem_len, K targets, S = M + T keys, P = S + T relative positions, G gathered queries,
# N heads, H head size, D width, L layers, V vocab_size
import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from xlnet_data.schemas.example import MASK_ID
from xlnet_data.trainer.attention import attend_in_blocks
from xlnet_data.trainer.attention_inputs import HIDDEN, AttentionInputs, Queries, Terms
from xlnet_data.trainer.fused_attention import attend_fused, attend_with_own
from xlnet_data.trainer.masks import CONTENT_ROWS, MASK_ROWS, QUERY_ROWS, BatchMasks
from xlnet_data.trainer.settings import ModelConfig


class Output(NamedTuple):
    """What the model returns for a batch.

    Attributes:
        logits_BKV: Scores of every token at every target.
        memory_LBMD: The memory for the next step, without gradient; L layers' inputs.
        nsp_B2: Scores of "B does not follow A" and "B follows A"; None without the head.
    """

    logits_BKV: Tensor
    memory_LBMD: Tensor
    nsp_B2: Tensor | None


def choose_attention(device: torch.device) -> Callable[[Terms, AttentionInputs, float], Tensor]:
    """Return how to attend on a device: with the fused kernel, or on the CPU, which has none for a bias, in blocks."""
    return attend_in_blocks if device.type == "cpu" else attend_fused


class Layer(nn.Module):
    """Relative attention, then the feed-forward layer, each with its residual and a layer norm after it.

    The feed-forward layer's GELU is the exact one (erf), as in transformers; the authors' code has the tanh
    approximation, which differs from it by less than 0.0005.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, heads, head = config.width, config.num_heads, config.width // config.num_heads
        self.q, self.k, self.v, self.o, self.r = (nn.Parameter(torch.empty(width, heads, head)) for _ in range(5))
        self.r_w_bias, self.r_r_bias, self.r_s_bias = (nn.Parameter(torch.empty(heads, head)) for _ in range(3))
        self.seg_embed = nn.Parameter(torch.empty(2, heads, head))
        self.attention_norm = nn.LayerNorm(width, eps=1e-12)
        self.inner = nn.Linear(width, config.inner_width)
        self.outer = nn.Linear(config.inner_width, width)
        self.inner_norm = nn.LayerNorm(width, eps=1e-12)
        self.dropout = config.dropout

    def forward(self, rows_BQD: Tensor, context_BSD: Tensor, inputs: AttentionInputs) -> Tensor:
        """Return the next states of the queries, whichever stream they belong to.

        Args:
            rows_BQD: States of the queries.
            context_BSD: States of memory and content: the keys.
            inputs: Masks, segments and positions of the queries and keys.
        """
        drop = self.dropout if self.training else 0.0
        scale = 1 / math.sqrt(self.q.shape[2])
        query_BQNH = torch.einsum("bqd,dnh->bqnh", rows_BQD, self.q * scale)
        dtype = query_BQNH.dtype
        r_w_bias, r_r_bias, r_s_bias = ((b * scale).to(dtype) for b in (self.r_w_bias, self.r_r_bias, self.r_s_bias))

        # In a row that is read backwards distances have the other sign, which changes sines and not cosines.
        sine_PNH = torch.einsum("pc,cnh->pnh", inputs.sines_PC, self.r[: len(self.r) // 2])
        cosine_PNH = torch.einsum("pc,cnh->pnh", inputs.cosines_PC, self.r[len(self.r) // 2 :])
        seg_NH = (self.seg_embed[0] - self.seg_embed[1]).to(dtype)
        terms = Terms(
            content_BQNH=query_BQNH + r_w_bias,
            position_BQNH=query_BQNH + r_r_bias,
            same_BQN=torch.einsum("bqnh,nh->bqn", query_BQNH + r_s_bias, seg_NH),
            key_BSNH=torch.einsum("bsd,dnh->bsnh", context_BSD, self.k),
            value_BSNH=torch.einsum("bsd,dnh->bsnh", context_BSD, self.v),
            relative_BPNH=cosine_PNH + inputs.sign_B111.to(dtype) * sine_PNH,
        )
        attended_BQNH = self._attend(rows_BQD, terms, inputs, drop) * inputs.sees_any_BQ11.to(dtype)
        mixed_BQD = torch.einsum("bqnh,dnh->bqd", attended_BQNH, self.o)
        rows_BQD = self.attention_norm(rows_BQD + functional.dropout(mixed_BQD, drop))
        inner_BQF = functional.dropout(functional.gelu(self.inner(rows_BQD)), drop)
        return cast(Tensor, self.inner_norm(rows_BQD + functional.dropout(self.outer(inner_BQF), drop)))

    def _attend(self, rows_BQD: Tensor, terms: Terms, inputs: AttentionInputs, drop: float) -> Tensor:
        """Return the attended values; the queries that see themselves bring a key and a value of their own."""
        attend, num_own = choose_attention(rows_BQD.device), inputs.queries.num_own
        if not num_own:
            return attend(terms, inputs, drop)
        own_BGD = rows_BQD[:, -num_own:]
        own_key_BGNH = torch.einsum("bgd,dnh->bgnh", own_BGD, self.k)
        own_value_BGNH = torch.einsum("bgd,dnh->bgnh", own_BGD, self.v)
        own_terms = terms.of(slice(-num_own, None))
        attended_BGNH = attend_with_own(own_terms, own_key_BGNH, own_value_BGNH, inputs.of_last(num_own), drop)
        if num_own == rows_BQD.shape[1]:
            return attended_BGNH
        others_BQNH = attend(terms.of(slice(0, -num_own)), inputs.without_last(num_own), drop)
        return torch.cat([others_BQNH, attended_BGNH], dim=1)


class XLNet(nn.Module):
    """The pretraining model: word embeddings, the layers, and a softmax tied to the embeddings.

    All rows share every weight, so they run as one tensor: the content rows, then the queries or the rows of <mask>,
    where an objective has them. The last layer computes only the rows that predict (with the pair head, <cls> too):
    the others reach neither the loss nor the memory.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.word_embedding = nn.Embedding(config.vocab_size, config.width)
        self.query_start = nn.Parameter(torch.empty(config.width))
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_layers))
        self.softmax_bias = nn.Parameter(torch.zeros(config.vocab_size))
        if config.nsp:
            self.nsp_inner = nn.Linear(config.width, config.width)
            self.nsp_outer = nn.Linear(config.width, 2)
        for name, parameter in self.named_parameters():
            if parameter.ndim > 1 or name == "query_start":
                nn.init.normal_(parameter, std=config.init_std)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def start_memory(self, num_rows: int, mem_len: int) -> Tensor:
        """Return the memory of rows that have read nothing: zeros [L, B, M, D]."""
        config = self.config
        return self.query_start.new_zeros(config.num_layers, num_rows, mem_len, config.width)

    def forward(self, input_ids_BT: Tensor, masks: BatchMasks, memory_LBMD: Tensor, reuse_len: int) -> Output:
        """Run one step.

        Args:
            input_ids_BT: int64, the content stream's tokens: the true ones, but for ``dae``.
            masks: Who sees whom, and which rows predict.
            memory_LBMD: The memory that the last step left, zeros for a fresh lane.
            reuse_len: Content positions whose states go into the next memory.

        Source: paper, sections 2.3 to 2.5 and appendix A.2.
        """
        drop = self.config.dropout if self.training else 0.0
        mem_len, num_content, num_targets = memory_LBMD.shape[2], input_ids_BT.shape[1], masks.targets_BK.shape[1]
        rows_BQD = functional.dropout(self.word_embedding(input_ids_BT), drop)
        all_inputs = self._attention_inputs(masks, mem_len, drop)
        inputs = all_inputs.without_last(num_targets) if masks.kind == CONTENT_ROWS else all_inputs
        if masks.kind != CONTENT_ROWS:
            start_D = self.query_start if masks.kind == QUERY_ROWS else self.word_embedding.weight[MASK_ID]
            start_BKD = functional.dropout(start_D.expand(len(input_ids_BT), num_targets, -1), drop)
            rows_BQD = torch.cat([rows_BQD, start_BKD], dim=1)
        new_memory = []
        for number, layer in enumerate(self.layers):
            content_BTD = rows_BQD[:, :num_content]
            context_BSD = torch.cat([memory_LBMD[number].to(content_BTD.dtype), content_BTD], dim=1)
            new_memory.append(context_BSD[:, reuse_len : mem_len + reuse_len].detach())
            if number == len(self.layers) - 1:
                if masks.kind == CONTENT_ROWS:
                    index_BKD = masks.rows[..., None].expand(-1, -1, content_BTD.shape[2])
                    rows_BQD = torch.cat([content_BTD, content_BTD.gather(1, index_BKD)], dim=1)
                rows_BQD = rows_BQD[:, num_content - self.config.nsp :]
                inputs = all_inputs.of_last(rows_BQD.shape[1])
            rows_BQD = layer(rows_BQD, context_BSD, inputs)
        rows_BQD = functional.dropout(rows_BQD, drop)
        logits_BKV = functional.linear(rows_BQD[:, -num_targets:], self.word_embedding.weight, self.softmax_bias)
        nsp_B2 = self.nsp_outer(torch.tanh(self.nsp_inner(rows_BQD[:, 0]))) if self.config.nsp else None
        return Output(logits_BKV, torch.stack(new_memory), nsp_B2)

    def encode(
        self, input_ids_BT: Tensor, segment_ids_BT: Tensor, is_text_BT: Tensor, *, is_last_alone: bool = False
    ) -> Tensor:
        """Return the last layer's states of texts in which every token sees all others, without memory, [B, T, D].

        Args:
            input_ids_BT: int64.
            segment_ids_BT: int64.
            is_text_BT: bool, False: padding, which nobody sees.
            is_last_alone: True: only the last token's state is computed and returned, [B, 1, D].
        """
        drop = self.config.dropout if self.training else 0.0
        num_rows, seq_len = input_ids_BT.shape
        num_last = int(is_last_alone)
        last_BG = torch.full((num_rows, num_last), seq_len - 1, device=input_ids_BT.device)
        all_inputs = self._inputs_of(
            sees_BQS=is_text_BT[:, None].expand(-1, seq_len + num_last, -1),
            segments_BQ=torch.cat([segment_ids_BT, segment_ids_BT.gather(1, last_BG)], dim=1),
            key_segments_BS=segment_ids_BT,
            positions_BG=last_BG,
            is_backward_B=torch.zeros_like(is_text_BT[:, 0]),
            queries=Queries(seq_len, seq_len, last_BG),
            drop=drop,
        )
        inputs = all_inputs.without_last(1) if is_last_alone else all_inputs
        rows_BTD = functional.dropout(self.word_embedding(input_ids_BT), drop)
        for layer in self.layers[:-1]:
            rows_BTD = layer(rows_BTD, rows_BTD, inputs)
        if is_last_alone:
            rows_BTD = self.layers[-1](rows_BTD[:, -1:], rows_BTD, all_inputs.of_last(1))
        else:
            rows_BTD = self.layers[-1](rows_BTD, rows_BTD, inputs)
        return functional.dropout(rows_BTD, drop)

    def _attention_inputs(self, masks: BatchMasks, mem_len: int, drop: float) -> AttentionInputs:
        """Turn a batch's masks into what the layers need."""
        num_rows, seq_len = masks.segment_ids_BT.shape
        cls_B1 = masks.rows.new_full((num_rows, 1), seq_len - 1)
        return self._inputs_of(
            sees_BQS=torch.cat([masks.content_BTS, masks.query_BKS], dim=1),
            segments_BQ=torch.cat([masks.segment_ids_BT, masks.segment_ids_BT.gather(1, masks.rows)], dim=1),
            key_segments_BS=functional.pad(masks.segment_ids_BT, (mem_len, 0)),
            positions_BG=torch.cat([cls_B1, masks.rows], dim=1) if self.config.nsp else masks.rows,
            is_backward_B=masks.is_backward_B,
            queries=Queries(seq_len, seq_len, masks.rows, masks.rows.shape[1] if masks.kind == MASK_ROWS else 0),
            drop=drop,
        )

    def inputs_at(self, positions_BG: Tensor, sees_BGS: Tensor, seq_len: int, num_own: int) -> AttentionInputs:
        """Return what the layers need of rows anywhere in a text of one segment, read forward.

        Args:
            positions_BG: int64, where they stand.
            sees_BGS: bool, True: the row sees the key; the last seq_len keys are the text, those before it memory.
            seq_len: Positions of the text.
            num_own: So many rows, the last ones, also see themselves and stand among no keys.
        """
        segments_BX = torch.zeros(len(positions_BG), sees_BGS.shape[2], dtype=torch.long, device=positions_BG.device)
        return self._inputs_of(
            sees_BQS=sees_BGS,
            segments_BQ=torch.zeros_like(positions_BG),
            key_segments_BS=segments_BX,
            positions_BG=positions_BG,
            is_backward_B=torch.zeros_like(positions_BG[:, 0], dtype=torch.bool),
            queries=Queries(0, seq_len, positions_BG, num_own),
            drop=0.0,
        )

    def _inputs_of(
        self,
        *,
        sees_BQS: Tensor,
        segments_BQ: Tensor,
        key_segments_BS: Tensor,
        positions_BG: Tensor,
        is_backward_B: Tensor,
        queries: Queries,
        drop: float,
    ) -> AttentionInputs:
        """Return what the layers need, with the positions of the gathered queries turned into look-ups."""
        num_keys, seq_len, num_own = sees_BQS.shape[2], queries.seq_len, queries.num_own
        device, dtype = sees_BQS.device, self.query_start.dtype
        distance_P = torch.arange(num_keys, -seq_len, -1, device=device, dtype=torch.float32)
        if self.config.clamp_len:
            distance_P = distance_P.clamp(-self.config.clamp_len, self.config.clamp_len)
        frequency_C = 10000 ** -(torch.arange(0, self.config.width, 2, device=device) / self.config.width)
        angle_PC = distance_P[:, None] * frequency_C
        relative_BGS = seq_len - positions_BG[..., None] + torch.arange(num_keys, device=device)
        sees_any_BQ = sees_BQS.any(dim=2)
        if num_own:
            sees_any_BQ = torch.cat([sees_any_BQ[:, :-num_own], torch.ones_like(sees_any_BQ[:, -num_own:])], dim=1)
        return AttentionInputs(
            bias_BQS=torch.zeros(sees_BQS.shape, device=device, dtype=dtype).masked_fill_(~sees_BQS, HIDDEN),
            sees_any_BQ11=sees_any_BQ[..., None, None],
            segments_BQ=segments_BQ,
            key_segments_BS=key_segments_BS,
            sines_PC=functional.dropout(angle_PC.sin().to(dtype), drop),
            cosines_PC=functional.dropout(angle_PC.cos().to(dtype), drop),
            sign_B111=1 - 2 * is_backward_B[:, None, None, None].long(),
            queries=replace(queries, relative_BGS=relative_BGS),
        )
