"""How to train, and what a run has to say."""

from dataclasses import dataclass, replace

from xlnet_data.datasets.mapped import MappedSplit
from xlnet_data.errors import ConfigError
from xlnet_data.trainer.masks import MEMORY_MODES

DEFAULT_ROWS = 4
DEFAULT_MEM_LEN = 384
RATE_BY_WIDTH = 0.2
"""Times 1 / width: the highest learning rate, if none is given. Half the paper's 4e-4 at its width of 1024, because its
batches are a thousand times those of a smoke run: with all of it some runs leave their course for hundreds of steps."""


@dataclass(frozen=True)
class TrainSettings:
    """How to train; what the data is, the shards say.

    Raises:
        ConfigError: A value is out of range.
    """

    steps: int = 400
    """Optimizer steps."""
    batch_size: int | None = None
    """Rows of one optimizer step, over all processes and parts; None: 4, or fewer if there are fewer lanes."""
    accumulate: int = 1
    """Parts that a process cuts its rows into, one after another, to save memory."""
    learning_rate: float | None = None
    """Highest rate, reached after the warm-up; it falls linearly to 0 from there. None: 0.4 / width."""
    warmup: int | None = None
    """Steps of warm-up; None: a tenth of the steps."""
    weight_decay: float = 0.01
    clip: float = 1.0
    """Largest norm of the gradient."""
    memory: str | None = None
    """One of MEMORY_MODES; None: as the shards' recipe."""
    mem_len: int | None = None
    """Memory positions; None: 384, or one and a half times reuse_len if that is less."""
    fresh_targets: bool = False
    """Draw new targets and orders from the second epoch on."""
    seed: int = 0
    eval_every: int | None = None
    """Steps between looks at the dev loss; None: a fifth of the steps."""
    eval_examples: int = 64
    """Dev examples of such a look."""
    dev_examples: int = 512
    """Dev examples of the last look, the one that counts."""
    save_every: int | None = None
    """Steps between checkpoints; None: only at the end, and when stopped."""
    log_every: int = 10
    """Steps between records."""
    compile: bool = False
    """Compile the model with torch.compile."""

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ConfigError(f"steps must be at least 1: got {self.steps}")
        if self.memory not in (None, *MEMORY_MODES):
            raise ConfigError(f"memory must be one of {', '.join(MEMORY_MODES)}: got {self.memory!r}")
        if self.mem_len is not None and self.mem_len < 0:
            raise ConfigError(f"mem_len must be at least 0: got {self.mem_len}")

    def is_due(self, every: int | None, step: int) -> bool:
        """Return whether something that happens every so many steps, or only at the end (None), happens at this one."""
        return step == self.steps or (every is not None and step % every == 0)

    @property
    def warmup_steps(self) -> int:
        """Steps of warm-up."""
        return max(1, self.steps // 10) if self.warmup is None else self.warmup

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0.

        >>> settings = TrainSettings(steps=100, learning_rate=1.0, warmup=10)
        >>> [round(settings.rate_at(step), 3) for step in (0, 9, 10, 55, 99)]
        [0.1, 1.0, 1.0, 0.5, 0.011]
        """
        highest = self.learning_rate or 0.0
        if step < self.warmup_steps:
            return highest * (step + 1) / self.warmup_steps
        return highest * (self.steps - step) / (self.steps - self.warmup_steps)


@dataclass(frozen=True)
class StepRecord:
    """What a run has to say at some step; the fields that are None have nothing to say.

    Attributes:
        step: Optimizer steps done.
        tokens: Tokens read so far: rows times seq_len, over all steps.
        loss: Mean cross-entropy per target (nats) over the steps since the last record.
        lr: Learning rate of the last step.
        grad_norm: Norm of the gradient of the last step, before clipping.
        tokens_per_sec: Over the steps since the last record.
        secs_left: Until the last step, at that speed.
        dev_loss: Cross-entropy per dev target (nats).
        unigram_loss: The dev targets' under the training targets' unigram distribution (nats).
        nsp_loss: Of the pair head.
        note: A sentence.
    """

    step: int
    tokens: int
    loss: float | None = None
    lr: float | None = None
    grad_norm: float | None = None
    tokens_per_sec: float | None = None
    secs_left: float | None = None
    dev_loss: float | None = None
    unigram_loss: float | None = None
    nsp_loss: float | None = None
    note: str | None = None

    @property
    def has_learned(self) -> bool | None:
        """True: the dev loss is below the unigram loss; None before the end."""
        if self.dev_loss is None or self.unigram_loss is None:
            return None
        return self.dev_loss < self.unigram_loss


def resolve_settings(settings: TrainSettings, train: MappedSplit, num_ranks: int, width: int) -> TrainSettings:
    """Return the settings with everything that was left to the data and the model's width filled in.

    Raises:
        ConfigError: The rows do not divide into the processes and their parts.
    """
    reuse_len = train.settings.reuse_len
    memory = settings.memory or train.settings.recipe
    mem_len = min(DEFAULT_MEM_LEN, reuse_len * 3 // 2) if settings.mem_len is None else settings.mem_len
    if memory == "off" or reuse_len == 0:
        memory, mem_len = "off", 0
    parts = num_ranks * settings.accumulate
    if settings.batch_size is not None and settings.batch_size % parts:
        raise ConfigError(
            f"the rows of a batch must divide into {num_ranks} processes of {settings.accumulate} parts: got "
            f"batch_size={settings.batch_size}"
        )
    return replace(
        settings,
        learning_rate=RATE_BY_WIDTH / width if settings.learning_rate is None else settings.learning_rate,
        batch_size=settings.batch_size or max(parts, min(DEFAULT_ROWS, len(train.lanes)) // parts * parts),
        memory=memory,
        mem_len=mem_len,
        eval_every=settings.eval_every or max(1, settings.steps // 5),
    )
