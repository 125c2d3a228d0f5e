"""What a fine-tuning is asked for; each field is the one home of its flag. Nothing here imports torch."""

from dataclasses import dataclass

from xlnet_data.errors import ConfigError
from xlnet_data.trainer.flags import check_flags, flag
from xlnet_data.trainer.settings import DEVICES, PRECISIONS

RATE_BY_WIDTH = 0.064
"""Times 1 / width: the highest learning rate, if none is given. A third of the pretraining's, since batches are as
small here as there; the paper's is a twentieth of its own, of models a hundred times the size."""

SPAN_LAYER_DECAY = 0.75
"""The paper's for SQuAD; for RACE and GLUE's tasks it has none (1.0)."""

DEFAULT_EPOCHS = 3


@dataclass(frozen=True)
class TuneSettings:
    """How to fine-tune. A field that is None follows from the task or from the model.

    Raises:
        ConfigError: A value is out of range, or both epochs and steps are given.
    """

    epochs: float | None = flag(None, "Readings of the task's examples. [default: 3]", minimum=0, is_above_minimum=True)
    steps: int | None = flag(None, "Optimizer steps, in place of --epochs.", minimum=1)
    batch_size: int = flag(16, "Examples of a step.", minimum=1)
    learning_rate: float | None = flag(
        None, "Highest learning rate. [default: 0.064 / width]", name="--lr", minimum=0, is_above_minimum=True
    )
    layer_decay: float | None = flag(
        None,
        "Learning rate of a layer over that of the layer above. [default: 0.75 for SQuAD, else 1, as the paper]",
        minimum=0,
        maximum=1,
        is_above_minimum=True,
    )
    warmup: float = flag(0.1, "Share of the steps until the highest rate.", minimum=0, maximum=1)
    weight_decay: float = flag(0.01, "Weight decay; the paper's.", minimum=0)
    clip: float = flag(1.0, "Largest norm of the gradient.", minimum=0, is_above_minimum=True)
    dropout: float = flag(0.1, "Dropout; the paper's.", minimum=0, maximum=0.9)
    seq_len: int | None = flag(
        None, "Tokens of an input, at most; what is longer is cut, or read in windows. [default: the run's]", minimum=8
    )
    stride: int | None = flag(
        None, "Tokens between the windows of a long context, of SQuAD. [default: a third of seq-len]", minimum=1
    )
    answer_len: int = flag(64, "Tokens of an answer of SQuAD, at most.", minimum=1)
    seed: int = flag(0, "Of the head's weights, the dropout and the order of the examples.")
    from_scratch: bool = flag(False, "Start from random weights, to see what pretraining is worth.")
    log_every: int = flag(10, "Steps between progress lines.", minimum=1)
    device: str = flag("cpu", "Where to compute.", choices=DEVICES)
    precision: str = flag("auto", "auto: bf16 on cuda.", choices=PRECISIONS)

    def __post_init__(self) -> None:
        check_flags(self, TuneSettings)
        if self.epochs is not None and self.steps is not None:
            raise ConfigError(f"give epochs or steps, not both: got epochs={self.epochs}, steps={self.steps}")

    def count_steps(self, num_examples: int) -> int:
        """Return the optimizer steps for so many examples.

        >>> TuneSettings(epochs=2, batch_size=16).count_steps(100), TuneSettings(steps=7).count_steps(100)
        (13, 7)
        """
        epochs = DEFAULT_EPOCHS if self.epochs is None else self.epochs
        return self.steps or max(1, -int(-epochs * num_examples // self.batch_size))
