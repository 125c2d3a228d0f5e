"""Defines the rows of the ablation: what each changes in the data or in the training, and what the paper measured."""

from dataclasses import dataclass
from typing import Any

BASE_ROW = "k6"
"""The row that the others are compared with, and whose dev targets all are measured on."""

RANDOM_ROW = "random"
"""Among the scores of a fine-tuning: random weights in the base row's size, to see what pretraining is worth."""


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: As it is asked for.
        examples: Changes to the config's examples; rows with the same ones share a dataset.
        settings: Of the training.
        paper: The paper's RACE accuracy, SQuAD 2.0 F1 and EM, MNLI matched and mismatched, and SST-2, if it has any.
    """

    name: str
    examples: tuple[tuple[str, Any], ...] = (("k", 6.0),)
    settings: tuple[tuple[str, Any], ...] = ()
    paper: tuple[float, ...] = ()


ROWS = {
    row.name: row
    for row in (
        Row("k7", (("k", 7.0),), (), (66.05, 81.33, 78.46, 85.84, 85.43, 92.66)),
        Row("k6", paper=(66.66, 80.98, 78.18, 85.63, 85.12, 93.35)),
        Row("no-memory", settings=(("mem_len", 0),), paper=(65.55, 80.15, 77.27, 85.32, 85.05, 92.78)),
        Row("no-spans", (("k", 6.0), ("spans", False)), (), (65.95, 80.61, 77.91, 85.49, 85.02, 93.12)),
        Row("no-bidirectional", (("k", 6.0), ("bidirectional", False)), (), (66.34, 80.65, 77.87, 85.31, 84.99, 92.66)),
        Row("next-sent", settings=(("nsp", True),), paper=(66.76, 79.83, 76.94, 85.32, 85.09, 92.89)),
        Row("dae", settings=(("objective", "dae"),), paper=(65.03, 79.56, 76.80, 84.88, 84.45, 92.60)),
        Row("masked-plm", settings=(("objective", "masked-plm"),)),
        Row("mass", settings=(("objective", "mass"),)),
        Row("lm", settings=(("objective", "lm"),)),
    )
}
"""Source of the figures: the XLNet paper's ablation of the smaller model."""


@dataclass(frozen=True)
class Result:
    """A run of a row: what the yardstick says of it.

    Attributes:
        row: The row's name.
        seed: Of weights, dropout and the order of the lanes.
        in_order: Nats per target in the shards' order.
        alone: Nats per target, one at a time.
        parameters: Of the model.
        step_flops: Floating-point operations of a step.
    """

    row: str
    seed: int
    in_order: float
    alone: float
    parameters: int
    step_flops: float


@dataclass(frozen=True)
class Score:
    """What a run, or random weights, came to when they were fine-tuned.

    Attributes:
        row: The row's name, or RANDOM_ROW.
        seed: Of the run and of the fine-tuning.
        task: The name of the task's file.
        measure: The task's first one: "accuracy", "f1", ...
        value: The score.
        by_frequency: That of who only counted the answers of the examples to learn from.
        num_examples: Examples that were scored.
    """

    row: str
    seed: int
    task: str
    measure: str
    value: float
    by_frequency: float
    num_examples: int

    @property
    def percent(self) -> float:
        """The score in hundredths."""
        return 100 * self.value
