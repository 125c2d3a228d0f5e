"""Puts heads on the pretrained model: what becomes of the last layer's states."""

# B rows, T tokens, D width, C outputs, X beams, E = 2 D
import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from xlnet_data.finetuning.inputs import Inputs
from xlnet_data.finetuning.settings import CLS
from xlnet_data.trainer.attention_inputs import HIDDEN
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import ModelConfig

_Scores = TypeVar("_Scores", bound=Callable[..., Tensor])


def _in_own_precision(score: _Scores) -> _Scores:
    """Let a head compute in the precision of its weights, whatever the model's: in bf16 a score has three digits."""

    @functools.wraps(score)
    def run(head: nn.Module, states: Tensor, *more: Any) -> Tensor:
        with torch.autocast(states.device.type, enabled=False):
            return score(head, states.to(next(head.parameters()).dtype), *more)

    return cast(_Scores, run)


def start_weights(head: nn.Module, init_std: float) -> None:
    """Draw a head's first weights as the model's: normal, biases 0."""
    for parameter in head.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=init_std)
    for module in head.modules():
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


class SummaryHead(nn.Module):
    """A projection with a tanh of the state that stands for a text, and a linear layer on it.

    Source: the authors' fine-tuning; XLNetForSequenceClassification of transformers is the same.
    """

    def __init__(self, config: ModelConfig, num_outputs: int) -> None:
        super().__init__()
        self.inner = nn.Linear(config.width, config.width)
        self.outer = nn.Linear(config.width, num_outputs)
        self.dropout = config.dropout
        start_weights(self, config.init_std)

    @_in_own_precision
    def forward(self, state_BD: Tensor) -> Tensor:
        """Return the outputs, [B, C]."""
        drop = self.dropout if self.training else 0.0
        summary_BD = functional.dropout(torch.tanh(self.inner(state_BD)), drop)
        return cast(Tensor, self.outer(summary_BD))


class TunedModel(nn.Module):
    """The pretrained model with a head; what only the pretraining needs of it gets no gradient."""

    def __init__(self, body: XLNet, head: nn.Module, summary: str = CLS) -> None:
        super().__init__()
        self.body, self.head, self.summary = body, head, summary
        body.query_start.requires_grad_(False)
        body.softmax_bias.requires_grad_(False)

    def summarize(self, inputs: Inputs) -> Tensor:
        """Return what stands for each row: the last state of its <cls>, or the mean of its last states, [B, D]."""
        if self.summary != CLS:
            is_text_BT1 = inputs.is_text_BT[..., None]
            return (self.read_all(inputs) * is_text_BT1).sum(dim=1) / is_text_BT1.sum(dim=1)
        states_B1D = self.body.encode(inputs.input_ids_BT, inputs.segment_ids_BT, inputs.is_text_BT, is_last_alone=True)
        return states_B1D[:, 0]

    def read_all(self, inputs: Inputs) -> Tensor:
        """Return the last states of all tokens, [B, T, D]."""
        return self.body.encode(inputs.input_ids_BT, inputs.segment_ids_BT, inputs.is_text_BT)


class SpanHead(nn.Module):
    """Scores of every token as the answer's first and, given the first, as its last; and of there being none.

    Source: the authors' fine-tuning on SQuAD; XLNetForQuestionAnswering of transformers is the same where it predicts.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.start = nn.Linear(width, 1)
        self.end_inner, self.end_outer = nn.Linear(2 * width, width), nn.Linear(width, 1)
        self.end_norm = nn.LayerNorm(width, eps=1e-12)
        self.none_inner, self.none_outer = nn.Linear(2 * width, width), nn.Linear(width, 1, bias=False)
        self.dropout = config.dropout
        start_weights(self, config.init_std)

    @_in_own_precision
    def score_starts(self, states_BTD: Tensor, is_allowed_BT: Tensor) -> Tensor:
        """Return the scores of the answer's first token, [B, T]."""
        return cast(Tensor, self.start(states_BTD)[..., 0]).masked_fill(~is_allowed_BT, HIDDEN)

    @_in_own_precision
    def score_ends(self, states_BTD: Tensor, starts_BX: Tensor, is_allowed_BT: Tensor) -> Tensor:
        """Return the scores of the answer's last token, given each of X first ones, [B, X, T]."""
        index_BXD = starts_BX[..., None].expand(-1, -1, states_BTD.shape[2])
        starts_BXTD = states_BTD.gather(1, index_BXD)[:, :, None].expand(-1, -1, states_BTD.shape[1], -1)
        both_BXTE = torch.cat([states_BTD[:, None].expand_as(starts_BXTD), starts_BXTD], dim=3)
        inner_BXTD = self.end_norm(torch.tanh(self.end_inner(both_BXTE)))
        return cast(Tensor, self.end_outer(inner_BXTD)[..., 0]).masked_fill(~is_allowed_BT[:, None], HIDDEN)

    @_in_own_precision
    def score_none(self, states_BTD: Tensor, start_logits_BT: Tensor) -> Tensor:
        """Return the score of there being no answer, [B], from <cls> and the mean state of where it might begin."""
        drop = self.dropout if self.training else 0.0
        probs_BT = torch.softmax(start_logits_BT, dim=1).to(states_BTD.dtype)
        mean_BD = torch.einsum("btd,bt->bd", states_BTD, probs_BT)
        inner_BD = torch.tanh(self.none_inner(torch.cat([mean_BD, states_BTD[:, -1]], dim=1)))
        return cast(Tensor, self.none_outer(functional.dropout(inner_BD, drop))[:, 0])
