"""Says what each kind of task is: how an example becomes rows, its loss, its prediction, its score."""

from collections.abc import Sequence
from typing import Any, Protocol

from torch import Tensor, nn

from xlnet_data.finetuning.heads import TunedModel
from xlnet_data.finetuning.inputs import Inputs, Row
from xlnet_data.finetuning.tasks import Item
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.trainer.settings import ModelConfig


class Instance(Protocol):
    """What the model reads at a time, with what is to be learned of it."""

    @property
    def rows(self) -> Sequence[Row]:
        """Its rows."""
        ...

    @property
    def is_cut(self) -> bool:
        """True: the example was too long and lost the end of a text; of its instances the first alone says so."""
        ...


class Kind(Protocol):
    """A kind of task."""

    def make_head(self, config: ModelConfig) -> nn.Module:
        """Return a new head."""
        ...

    def prepare(self, items: Sequence[Item], tokenizer: Tokenizer, seq_len: int) -> list[Any]:
        """Return what the model reads of examples; of one example it may be several instances."""
        ...

    def loss(self, model: TunedModel, inputs: Inputs, instances: Sequence[Any]) -> Tensor:
        """Return the mean loss of instances, given their rows as tensors."""
        ...

    def run(self, model: TunedModel, inputs: Inputs, instances: Sequence[Any]) -> list[Any]:
        """Return what the model says of each instance."""
        ...

    def decide(self, items: Sequence[Item], instances: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
        """Return a prediction for each example, from what the model said of their instances."""
        ...

    def guess(self, items: Sequence[Item]) -> list[Any]:
        """Return the predictions of who has only counted the answers of the examples to learn from."""
        ...

    def score(self, name: str, items: Sequence[Item], predictions: Sequence[Any]) -> dict[str, float]:
        """Return the task's scores by their names, the one to be looked at first."""
        ...

    def write(self, items: Sequence[Item], predictions: Sequence[Any]) -> str:
        """Return predictions in the task's own form of a submission."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Return what `load_kind` makes it of again."""
        ...
