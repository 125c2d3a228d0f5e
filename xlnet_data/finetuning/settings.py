"""What a fine-tuning is asked for; each field is the one home of its flag. Nothing here imports torch."""

from dataclasses import dataclass
from pathlib import Path

from xlnet_data.errors import ConfigError
from xlnet_data.trainer.flags import check_flags, flag, flags_of
from xlnet_data.trainer.settings import DEVICES, PRECISIONS

RATE_BY_WIDTH = 0.192
"""Times 1 / width: the highest learning rate, if none is given; about the pretraining's. At width 128 a run told the
order of words by the mean of its states best with 0.0015, less well with 0.0005 and 0.001, and not at all with 0.004.
Other widths were not measured; the paper's models, a hundred times the size, take 2e-5 to 3e-5."""

SPAN_LAYER_DECAY = 0.75
"""The paper's for SQuAD; for RACE and GLUE's tasks it has none (1.0)."""

DEFAULT_EPOCHS = 3

CLS, MEAN = "cls", "mean"
SUMMARIES = (CLS, MEAN)
"""What stands for a text where it gets a class, a number or a score: the last state of <cls>, or the mean of all."""

_OF_EVERY_CALL = ("log_every", "device", "precision")


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
        None, "Highest learning rate. [default: 0.192 / width]", name="--lr", minimum=0, is_above_minimum=True
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
    summary: str = flag(
        CLS,
        "What stands for a text: cls, the state of <cls>, as in the paper; mean, the mean of all its tokens' states, "
        "which small models need.",
        choices=SUMMARIES,
    )
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

    def check_prediction(self) -> None:
        """Check that nothing is asked of the training where nothing is learned.

        Raises:
            ConfigError: Something is.
        """
        asked = [one for one, _, _ in flags_of(TuneSettings) if getattr(self, one.name) != one.default]
        if names := [one.name for one in asked if one.name not in _OF_EVERY_CALL]:
            raise ConfigError(f"without a task nothing is learned: leave out {', '.join(names)}")

    def count_steps(self, num_examples: int) -> int:
        """Return the optimizer steps for so many examples.

        >>> TuneSettings(epochs=2, batch_size=16).count_steps(100), TuneSettings(steps=7).count_steps(100)
        (13, 7)
        """
        epochs = DEFAULT_EPOCHS if self.epochs is None else self.epochs
        return self.steps or max(1, -int(-epochs * num_examples // self.batch_size))


@dataclass(frozen=True)
class TuneOptions:
    """Which files a fine-tuning reads and writes.

    Attributes:
        run: The run's folder, or that of a fine-tuned model.
        output: The folder of the fine-tuned model, or of predictions alone.
        task: What is learned; None: nothing.
        dev: What is scored; (): a tenth of the task.
        test: What is predicted.
        export_hf: A folder for transformers; None: none is written.
        overwrite: True: what lies in the folders is replaced.
    """

    run: Path
    output: Path
    task: Path | None
    dev: tuple[Path, ...]
    test: tuple[Path, ...]
    export_hf: Path | None
    overwrite: bool
