"""The model in float64, a vector at a time: every row lists its keys by the rule in words, and loops over them."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from xlnet_data.schemas.example import MASK_ID
from xlnet_data.trainer.model import Layer, XLNet


class Row(NamedTuple):
    """A row that attends: where it stands, and where it looks."""

    position: int
    segment: int
    sees: list[int]
    """Positions of the content; below 0: of the memory, -1 the last."""
    sees_own: bool = False


class Text(NamedTuple):
    """One example, as plain Python."""

    tokens: list[int]
    shown: list[int]
    segments: list[int]
    order: list[int]
    targets: list[int]
    reuse_len: int
    is_next: bool
    is_backward: bool
    memory_len: int

    def visible(self, position: int, rank: float, mem_len: int) -> list[int]:
        """Return what a row sees that stands somewhere, and comes at some place of the order; itself not counted."""
        in_reuse = position < self.reuse_len
        is_foreign = self.segments[position] == 1 and not self.is_next
        seen = [] if is_foreign else [-back for back in range(1, mem_len + 1) if back <= self.memory_len]
        for other in range(len(self.tokens)):
            is_open = other not in self.order or self.order.index(other) < rank
            if other < self.reuse_len:
                is_open = not is_foreign if not in_reuse else is_open
            elif in_reuse:
                is_open = False
            if is_open and other != position:
                seen.append(other)
        return seen

    def rank(self, position: int) -> float:
        """Return the place of a position in the order; context comes before all."""
        return self.order.index(position) if position in self.order else -1


def predict_slowly(model: XLNet, text: Text, memory_LMD: Tensor, objective: str) -> Tensor:
    """Return the logits of an example's targets, [K, V]."""
    mem_len = memory_LMD.shape[1]
    content = [Row(p, text.segments[p], [p, *text.visible(p, text.rank(p), mem_len)]) for p in range(len(text.tokens))]
    states = [model.word_embedding.weight[token] for token in text.shown]
    extra: list[Row] = []
    extra_states: list[Tensor] = []
    if objective in ("plm", "masked-plm", "mass"):
        for target in text.targets:
            seen = text.visible(target, text.rank(target), mem_len)
            extra.append(Row(target, text.segments[target], seen, objective != "plm"))
            extra_states.append(model.query_start if objective == "plm" else model.word_embedding.weight[MASK_ID])
    last = {target - (objective == "lm") for target in text.targets} if objective in ("dae", "lm") else set()
    for number, (layer, memory_MD) in enumerate(zip(model.layers, memory_LMD, strict=True), 1):
        keys = {p: state for p, state in enumerate(states)}
        keys |= {-back: memory_MD[mem_len - back] for back in range(1, mem_len + 1)}
        after = [
            _layer(layer, row, state, keys, text) if number < len(model.layers) or row.position in last else state
            for row, state in zip(content, states, strict=True)
        ]
        extra_states = [_layer(layer, row, state, keys, text) for row, state in zip(extra, extra_states, strict=True)]
        states = after
    if objective == "dae":
        extra_states = [states[target] for target in text.targets]
    if objective == "lm":
        extra_states = [states[target - 1] for target in text.targets]
    return torch.stack([model.word_embedding.weight @ state + model.softmax_bias for state in extra_states])


def _layer(layer: Layer, row: Row, state: Tensor, keys: dict[int, Tensor], text: Text) -> Tensor:
    """Return the next state of a row."""
    seen = [(other, keys[other], text.segments[other] if other >= 0 else 0) for other in row.sees]
    if row.sees_own:
        seen.append((row.position, state, row.segment))
    attended = torch.zeros_like(state)
    for head in range(layer.q.shape[1]):
        query = layer.q[:, head].T @ state
        scores, values = [], []
        for other, key, segment in seen:
            relative = layer.r[:, head].T @ _sinusoid(row.position - other, len(state), text.is_backward)
            score = (query + layer.r_w_bias[head]) @ (layer.k[:, head].T @ key)
            score = score + (query + layer.r_r_bias[head]) @ relative
            score = score + (query + layer.r_s_bias[head]) @ layer.seg_embed[int(segment != row.segment), head]
            scores.append(score / math.sqrt(len(query)))
            values.append(layer.v[:, head].T @ key)
        if scores:
            probs = torch.softmax(torch.stack(scores), dim=0)
            attended = attended + layer.o[:, head] @ (probs @ torch.stack(values))
    width = (len(state),)
    norm = layer.attention_norm
    state = functional.layer_norm(state + attended, width, norm.weight, norm.bias, norm.eps)
    inner = layer.outer(functional.gelu(layer.inner(state)))
    norm = layer.inner_norm
    return functional.layer_norm(state + inner, width, norm.weight, norm.bias, norm.eps)


def _sinusoid(distance: int, width: int, is_backward: bool) -> Tensor:
    """Return the encoding of a distance, sines first; in a row that is read backwards distances have the other sign.

    Angles are float32, as the model's are: the difference would be larger than what is looked for.
    """
    frequency = 10000 ** -(torch.arange(0, width, 2) / width)
    angle = torch.tensor(float(distance), dtype=torch.float32) * frequency
    sines = angle.sin().double()
    return torch.cat([-sines if is_backward else sines, angle.cos().double()])
