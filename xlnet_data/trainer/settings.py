"""What a run is asked for: the model's size, how to train it, and where; each field is the one home of its flag.

Nothing here imports torch, so that the command line can list its flags without it.
"""

from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from xlnet_data.errors import ConfigError
from xlnet_data.trainer.flags import bounded, check_flags, flag

if TYPE_CHECKING:
    from xlnet_data.datasets.mapped import MappedSplit

MEMORY_MODES = ("paper", "reference", "off")
"""How a row uses its memory: masked to its own document, always attended, or absent. With "paper", and no other, B of
a negative pair does not see the reuse half either; so a mem_len of 0 takes away the memory and nothing else. If
the model has a pair head, every B sees memory and reuse half: masks by the label would tell it the label."""

OBJECTIVES = ("plm", "masked-plm", "dae", "mass", "lm")
"""What a model is trained to do; `objectives.Objective` says what each is."""

PRECISIONS = ("auto", "fp32", "bf16")
DEVICES = ("cpu", "cuda")

DEFAULT_ROWS = 4
DEFAULT_MEM_LEN = 384
RATE_BY_WIDTH = 0.2
"""Times 1 / width: the highest learning rate, if none is given. Half the paper's 4e-4 at its width of 1024, because its
batches are a thousand times those of a smoke run: with all of it some runs leave their course for hundreds of steps."""

LONGER = "; no run can be made longer, for its learning rate falls to its end over all its steps: start one with more"
"""Follows a refusal of other --steps."""

PAPER_INIT_STD = 0.02
PAPER_WIDTH = 768
"""Width of the paper's smaller model. A narrower one starts with larger weights, or it would learn slower."""


@dataclass(frozen=True)
class ModelConfig:
    """The model's size. ``inner_width`` and ``init_std`` follow from the width where they are not given.

    Raises:
        ConfigError: A value is out of range; the width is odd, or not a multiple of the heads.
    """

    vocab_size: int = bounded(32_000, minimum=1)
    """Ids; a run takes their number from the shards."""
    width: int = flag(128, "Size of a hidden state.", minimum=2, is_fixed_by_model=True)
    num_layers: int = flag(2, "Layers.", name="--layers", minimum=1, is_fixed_by_model=True)
    num_heads: int = flag(4, "Attention heads.", name="--heads", minimum=1, is_fixed_by_model=True)
    inner_width: int = flag(
        None, "Inside of the feed-forward layers. [default: 4 widths]", minimum=1, is_fixed_by_model=True
    )
    dropout: float = flag(0.0, "Dropout; the paper's is 0.1.", minimum=0, maximum=0.9)
    clamp_len: int = bounded(0, minimum=0)
    """Largest relative distance told apart; 0: no limit."""
    nsp: bool = flag(False, "Also predict whether B follows A.")
    init_std: float = flag(
        None,
        "Standard deviation of the first weights. [default: the paper's 0.02; 0.64 / sqrt(width) below its widths]",
        minimum=0,
        maximum=1,
        is_above_minimum=True,
        is_fixed_by_model=True,
    )

    def __post_init__(self) -> None:
        check_flags(self, ModelConfig)
        if self.inner_width is None:
            object.__setattr__(self, "inner_width", 4 * self.width)
        if self.init_std is None:
            init_std = PAPER_INIT_STD if self.width >= PAPER_WIDTH else 0.64 / self.width**0.5
            object.__setattr__(self, "init_std", init_std)
        if self.width % self.num_heads or self.width % 2:
            raise ConfigError(
                f"the width must be even and a multiple of the heads: got width={self.width}, heads={self.num_heads}"
            )


@dataclass(frozen=True)
class TrainSettings:
    """How to train; the shards say what the data is. A field that is None is filled in by resolve_settings.

    Raises:
        ConfigError: A value is out of range.
    """

    steps: int = flag(400, "Optimizer steps.", minimum=1)
    batch_size: int | None = flag(
        None,
        "Rows of a step, each reading its own lane, over all processes. [default: 4, or as many as there are lanes]",
        minimum=1,
    )
    accumulate: int = flag(1, "Parts a step's rows are cut into, to save memory.", minimum=1)
    learning_rate: float | None = flag(
        None, "Highest learning rate. [default: 0.2 / width; half the paper's]", name="--lr", minimum=0
    )
    warmup: int | None = flag(None, "Steps until the highest rate. [default: a tenth of the steps]", minimum=0)
    weight_decay: float = bounded(0.01, minimum=0)
    """The paper's."""
    clip: float = bounded(1.0, minimum=0, is_above_minimum=True)
    """Largest norm of the gradient; a longer one is scaled down to it."""
    memory: str | None = flag(
        None,
        "Memory masked to its own document, always attended, or none. [default: as the shards' recipe]",
        choices=MEMORY_MODES,
    )
    mem_len: int | None = flag(None, "Memory positions. [default: 384, or 1.5 times reuse_len]", minimum=0)
    objective: str = flag(
        "plm",
        "Permutation LM, in two streams or with <mask>; BERT's denoising; MASS; a left-to-right LM.",
        choices=OBJECTIVES,
    )
    hidden_frac: float = flag(
        0.5, "Share of the text that mass hides.", name="--hidden", minimum=0, maximum=1, is_above_minimum=True
    )
    fresh_targets: bool = flag(False, "Draw new targets and orders from the second epoch on.")
    seed: int = flag(0, "Of the weights, the dropout and the order of the lanes.")
    eval_every: int | None = flag(None, "Steps between evaluations on the dev split. [default: a fifth]", minimum=1)
    eval_examples: int = bounded(64, minimum=1)
    """Dev examples of such an evaluation."""
    dev_examples: int = flag(512, "Dev examples that the verdict rests on.", minimum=1)
    save_every: int | None = flag(None, "Steps between checkpoints. [default: at the end]", minimum=1)
    log_every: int = flag(10, "Steps between progress lines.", minimum=1)
    compile: bool = flag(False, "Compile the model with torch.compile.", name="--compile/--no-compile")

    def __post_init__(self) -> None:
        check_flags(self, TrainSettings)
        if self.fresh_targets and self.objective in ("mass", "lm"):
            raise ConfigError(
                f"fresh_targets draws the shards' targets again; objective={self.objective} has others: leave it out"
            )


@dataclass(frozen=True, kw_only=True)
class ResolvedSettings(TrainSettings):
    """Settings in which nothing is left to be decided: what run.json holds and the training loop reads.

    ``warmup`` and ``save_every`` may still be None, which means a tenth of the steps, and only at the end.

    Raises:
        ConfigError: A value is missing or out of range.
    """

    batch_size: int
    learning_rate: float
    memory: str
    mem_len: int
    eval_every: int

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ResolvedSettings.__annotations__:
            if getattr(self, name) is None:
                raise ConfigError(f"{name} must be given in the settings of a run: got none")

    def is_due(self, every: int | None, step: int) -> bool:
        """Return whether something that happens every so many steps, or only at the end (None), happens at this one."""
        return step == self.steps or (every is not None and step % every == 0)

    @property
    def warmup_steps(self) -> int:
        """Steps until the highest learning rate."""
        return max(1, self.steps // 10) if self.warmup is None else self.warmup

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0: it rises during the warm-up, then falls linearly to 0.

        >>> settings = ResolvedSettings(
        ...     steps=100, learning_rate=1.0, warmup=10, batch_size=4, memory="off", mem_len=0, eval_every=20
        ... )
        >>> [round(settings.rate_at(step), 3) for step in (0, 9, 10, 55, 99)]
        [0.1, 1.0, 1.0, 0.5, 0.011]
        """
        return self.learning_rate * share_of_rate(step, self.steps, self.warmup_steps)


def share_of_rate(step: int, steps: int, warmup_steps: int) -> float:
    """Return the share of the highest learning rate at a step, counted from 0."""
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    return (steps - step) / (steps - warmup_steps)


@dataclass(frozen=True)
class RunOptions:
    """Where a run lies and computes; of this, only the precision and the model to start from change what it learns.

    A run that goes on keeps both, whatever the device.

    Raises:
        ConfigError: A value is not one of the choices.
    """

    dataset: Path
    """The dataset folder."""
    output: Path = flag(MISSING, "Folder of the run. [default: DIR-run]", metavar="RUN", is_fixed_by_run=False)
    init_hf: Path | None = flag(None, "Start from a model folder of transformers.", metavar="DIR")
    export_hf: Path | None = flag(
        None, "Write the trained model for transformers.", metavar="OUT", is_fixed_by_run=False
    )
    resume: bool = flag(False, "Go on from the run's last checkpoint, with the run's settings.", is_fixed_by_run=False)
    overwrite: bool = flag(False, "Replace a run that lies in the output folder.")
    device: str = flag("cpu", "Where to compute.", choices=DEVICES, is_fixed_by_run=False)
    precision: str = flag("auto", "auto: bf16 on cuda.", choices=PRECISIONS)

    def __post_init__(self) -> None:
        check_flags(self, RunOptions)


def resolve_settings(settings: TrainSettings, train: "MappedSplit", num_ranks: int, width: int) -> ResolvedSettings:
    """Fill in everything that was left to the data and to the model's width.

    Args:
        settings: What was asked for.
        train: The train split; its recipe, reuse_len and lanes count.
        num_ranks: Processes.
        width: The model's.

    Raises:
        ConfigError: The rows do not divide into the processes and their parts, the shards have no memory to use, or
            two settings contradict each other.
    """
    reuse_len = train.settings.reuse_len
    if reuse_len == 0 and (settings.memory not in (None, "off") or settings.mem_len):
        raise ConfigError(
            "these shards have no reuse half (reuse_len = 0), so no memory: leave out --memory and --mem-len"
        )
    if settings.memory == "off" and settings.mem_len:
        raise ConfigError(f"--memory off has no memory: leave out --mem-len, got {settings.mem_len}")
    if settings.hidden_frac != TrainSettings.hidden_frac and settings.objective != "mass":
        raise ConfigError(f"--hidden is of --objective mass alone: leave it out, got {settings.hidden_frac}")
    if settings.warmup is not None and settings.warmup > settings.steps:
        raise ConfigError(
            f"--warmup must be at most --steps, or the highest rate is never reached: got {settings.warmup} of "
            f"{settings.steps} steps"
        )
    memory = settings.memory or train.settings.recipe
    mem_len = min(DEFAULT_MEM_LEN, reuse_len * 3 // 2) if settings.mem_len is None else settings.mem_len
    if memory == "off" or reuse_len == 0:
        memory, mem_len = "off", 0
    parts = num_ranks * settings.accumulate
    check_parts(settings, num_ranks)
    given = {one.name: getattr(settings, one.name) for one in fields(settings)}
    return ResolvedSettings(
        **given
        | {
            "learning_rate": RATE_BY_WIDTH / width if settings.learning_rate is None else settings.learning_rate,
            "batch_size": settings.batch_size or max(parts, min(DEFAULT_ROWS, len(train.lanes)) // parts * parts),
            "memory": memory,
            "mem_len": mem_len,
            "eval_every": settings.eval_every or max(1, settings.steps // 5),
        }
    )


def check_parts(settings: TrainSettings, num_ranks: int) -> None:
    """Check that each process gets as many rows, in parts alike: the gradient is the mean of the parts' means.

    Raises:
        ConfigError: The rows do not divide so.
    """
    if settings.batch_size is not None and settings.batch_size % (num_ranks * settings.accumulate):
        raise ConfigError(
            f"the rows of a batch must divide into {num_ranks} processes of {settings.accumulate} parts: got "
            f"batch_size={settings.batch_size}"
        )
