"""Holds what a fine-tuning reports; torch is not needed for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TuneRecord:
    """What a fine-tuning reports at some step; a field that is None is not reported there.

    Attributes:
        step: Optimizer steps done.
        loss: Mean loss since the last record.
        lr: Learning rate of the last step, of the head and the highest layer.
        examples_per_sec: Since the last record.
        secs_left: Until the last step, at that speed.
        note: A sentence.
    """

    step: int
    loss: float | None = None
    lr: float | None = None
    examples_per_sec: float | None = None
    secs_left: float | None = None
    note: str | None = None


@dataclass(frozen=True)
class Scored:
    """What came of a file.

    Attributes:
        file: Its name.
        num_examples: How many it has.
        predictions: The file with the predictions, in the task's own form.
        scores: By their names, from 0 to 1 (correlations from -1); the one to be looked at first. {}: it has no labels.
        baseline: The scores of who only counted the answers of the examples to learn from.
    """

    file: str
    num_examples: int
    predictions: str
    scores: dict[str, float]
    baseline: dict[str, float]


@dataclass(frozen=True)
class Tuned:
    """What a fine-tuning, or a prediction with its model, came to.

    Attributes:
        task: The task's name.
        output: The folder of the fine-tuned model.
        steps: Optimizer steps; 0: it only predicted.
        num_train: Examples learned from.
        secs: How long it took.
        files: What came of each file that was scored or predicted.
    """

    task: str
    output: str
    steps: int
    num_train: int
    secs: float
    files: tuple[Scored, ...]

    @property
    def score(self) -> float:
        """The first score of the first file."""
        return next(iter(self.files[0].scores.values()))
