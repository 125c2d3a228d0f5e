"""Puts heads on the pretrained model: what becomes of the last layer's states."""

# B rows, D width, C outputs
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from xlnet_data.finetuning.inputs import Inputs
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import ModelConfig


def start_weights(head: nn.Module, init_std: float) -> None:
    """Draw a head's first weights as the model's: normal, biases 0."""
    for parameter in head.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=init_std)
    for module in head.modules():
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


class SummaryHead(nn.Module):
    """A projection of the last <cls> with a tanh, the text's summary, and a linear layer on it.

    Source: the authors' fine-tuning; XLNetForSequenceClassification of transformers is the same.
    """

    def __init__(self, config: ModelConfig, num_outputs: int) -> None:
        super().__init__()
        self.inner = nn.Linear(config.width, config.width)
        self.outer = nn.Linear(config.width, num_outputs)
        self.dropout = config.dropout
        start_weights(self, config.init_std)

    def forward(self, cls_BD: Tensor) -> Tensor:
        """Return the outputs, [B, C]."""
        drop = self.dropout if self.training else 0.0
        summary_BD = functional.dropout(torch.tanh(self.inner(cls_BD)), drop)
        return cast(Tensor, self.outer(summary_BD))


class TunedModel(nn.Module):
    """The pretrained model with a head; what only the pretraining needs of it gets no gradient."""

    def __init__(self, body: XLNet, head: nn.Module) -> None:
        super().__init__()
        self.body, self.head = body, head
        body.query_start.requires_grad_(False)
        body.softmax_bias.requires_grad_(False)

    def read_cls(self, inputs: Inputs) -> Tensor:
        """Return the last state of each row's <cls>, [B, D]."""
        states_B1D = self.body.encode(inputs.input_ids_BT, inputs.segment_ids_BT, inputs.is_text_BT, is_last_alone=True)
        return states_B1D[:, 0]

    def read_all(self, inputs: Inputs) -> Tensor:
        """Return the last states of all tokens, [B, T, D]."""
        return self.body.encode(inputs.input_ids_BT, inputs.segment_ids_BT, inputs.is_text_BT)
