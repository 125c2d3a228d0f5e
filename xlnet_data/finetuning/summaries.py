"""Learns classes and numbers: scores from the summary of a text, or of two."""

# B rows, C classes
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, TypeVar, cast

import torch
from torch import Tensor
from torch.nn import functional

from xlnet_data.finetuning.heads import SummaryHead, TunedModel
from xlnet_data.finetuning.inputs import Inputs, Row, encode_texts
from xlnet_data.finetuning.metrics import score_classes, score_numbers
from xlnet_data.finetuning.tasks import CLASSES, NUMBERS, Item, TaskError, TaskFile, TextPair
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.trainer.settings import ModelConfig

_Value = TypeVar("_Value", str, int)


@dataclass(frozen=True)
class Summarized:
    """An example to be summarized.

    Attributes:
        rows: One, or one for each choice.
        label: The number of the right class or choice, or a number to be told; None: unknown.
        is_cut: True: a text lost its end.
    """

    rows: tuple[Row, ...]
    label: int | float | None
    is_cut: bool = False


@dataclass(frozen=True)
class Classes:
    """Tasks of classes.

    Attributes:
        labels: The classes' names.
        most_frequent: The class of most examples to learn from.
    """

    labels: tuple[str, ...]
    most_frequent: str

    def make_head(self, config: ModelConfig) -> SummaryHead:
        """Return a head of one output for each class."""
        return SummaryHead(config, len(self.labels))

    def prepare(self, items: Sequence[Item], tokenizer: Tokenizer, seq_len: int) -> list[Summarized]:
        """Return a row for each example."""
        known = {label: number for number, label in enumerate(self.labels)}
        pairs = cast(Sequence[TextPair], items)
        labels = [None if pair.label is None else known[cast(str, pair.label)] for pair in pairs]
        rows = _encode_pairs(pairs, tokenizer)
        return [cut_to_fit((row,), label, seq_len) for row, label in zip(rows, labels, strict=True)]

    def loss(self, model: TunedModel, inputs: Inputs, instances: Sequence[Summarized]) -> Tensor:
        """Return the cross-entropy of the classes."""
        logits_BC = model.head(model.summarize(inputs))
        return functional.cross_entropy(logits_BC, labels_of(instances, logits_BC).long())

    def run(self, model: TunedModel, inputs: Inputs, instances: Sequence[Summarized]) -> list[list[float]]:
        """Return the scores of the classes."""
        return model.head(model.summarize(inputs)).tolist()  # type: ignore[no-any-return]

    def decide(self, items: Sequence[Item], instances: Sequence[Summarized], outputs: Sequence[Any]) -> list[str]:
        """Return the class of the highest score."""
        return [self.labels[scores.index(max(scores))] for scores in outputs]

    def guess(self, items: Sequence[Item]) -> list[str]:
        """Return the most frequent class."""
        return [self.most_frequent] * len(items)

    def score(self, name: str, items: Sequence[Item], predictions: Sequence[str]) -> dict[str, float]:
        """Return the accuracy, or what GLUE scores."""
        return score_classes(name, predictions, [cast(str, cast(TextPair, item).label) for item in items])

    def write(self, items: Sequence[Item], predictions: Sequence[str]) -> str:
        """Return GLUE's table of predictions."""
        return _write_table(items, predictions)

    def to_json(self) -> dict[str, Any]:
        """Return the kind with the names of its classes."""
        return {"kind": CLASSES} | asdict(self)


@dataclass(frozen=True)
class Numbers:
    """Tasks of numbers.

    Attributes:
        mean: Of the numbers to learn from.
    """

    mean: float

    def make_head(self, config: ModelConfig) -> SummaryHead:
        """Return a head of one output, which begins near the mean."""
        head = SummaryHead(config, 1)
        torch.nn.init.constant_(head.outer.bias, self.mean)
        return head

    def prepare(self, items: Sequence[Item], tokenizer: Tokenizer, seq_len: int) -> list[Summarized]:
        """Return a row for each example."""
        pairs = cast(Sequence[TextPair], items)
        rows = _encode_pairs(pairs, tokenizer)
        return [
            cut_to_fit((row,), None if pair.label is None else float(pair.label), seq_len)
            for row, pair in zip(rows, pairs, strict=True)
        ]

    def loss(self, model: TunedModel, inputs: Inputs, instances: Sequence[Summarized]) -> Tensor:
        """Return the mean squared error."""
        outputs_B = model.head(model.summarize(inputs))[:, 0]
        return functional.mse_loss(outputs_B, labels_of(instances, outputs_B))

    def run(self, model: TunedModel, inputs: Inputs, instances: Sequence[Summarized]) -> list[float]:
        """Return the numbers."""
        return model.head(model.summarize(inputs))[:, 0].tolist()  # type: ignore[no-any-return]

    def decide(self, items: Sequence[Item], instances: Sequence[Summarized], outputs: Sequence[float]) -> list[float]:
        """Return the numbers as they are."""
        return list(outputs)

    def guess(self, items: Sequence[Item]) -> list[float]:
        """Return the mean."""
        return [self.mean] * len(items)

    def score(self, name: str, items: Sequence[Item], predictions: Sequence[float]) -> dict[str, float]:
        """Return both correlations."""
        return score_numbers(predictions, [cast(float, cast(TextPair, item).label) for item in items])

    def write(self, items: Sequence[Item], predictions: Sequence[float]) -> str:
        """Return GLUE's table of predictions, with all digits of float32."""
        return _write_table(items, [f"{number:.9g}" for number in predictions])

    def to_json(self) -> dict[str, Any]:
        """Return the kind."""
        return {"kind": NUMBERS} | asdict(self)


def numbers_of(train: TaskFile) -> Numbers:
    """Return the numbers' kind of a file to learn from."""
    return Numbers(fmean(cast(float, cast(TextPair, item).label) for item in train.items))


def classes_of(train: TaskFile, others: Sequence[TaskFile]) -> Classes:
    """Return the classes of a file to learn from.

    Raises:
        TaskError: There is one class only, or another file has one more.
    """
    labels = [cast(str, cast(TextPair, item).label) for item in train.items]
    kind = Classes(tuple(sorted({*labels})), most_frequent(labels))
    if len(kind.labels) < 2:
        raise TaskError(f"{train.path} has one class only, {kind.labels[0]!r}: there is nothing to learn")
    check_classes(kind, others)
    return kind


def check_classes(kind: Classes, others: Sequence[TaskFile]) -> None:
    """Check that a file has no other classes than the one that was learned from.

    Raises:
        TaskError: It has.
    """
    for other in others:
        for item in cast(Sequence[TextPair], other.items):
            if item.label is not None and item.label not in kind.labels:
                raise TaskError(
                    f"{other.path}: the class {item.label!r} of example {item.key} is none that was learned: "
                    f"{', '.join(kind.labels)}"
                )


def most_frequent(values: Sequence[_Value]) -> _Value:
    """Return the most frequent value, of equals the first by its name.

    >>> most_frequent(["b", "a", "c", "b", "a"])
    'a'
    """
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], str(value)))


def cut_to_fit(rows: tuple[Row, ...], label: int | float | None, seq_len: int) -> Summarized:
    """Return an example whose rows have at most seq_len tokens."""
    cut = tuple(row.cut(seq_len) for row in rows)
    return Summarized(cut, label, is_cut=cut != rows)


def _encode_pairs(pairs: Sequence[TextPair], tokenizer: Tokenizer) -> list[Row]:
    first = encode_texts(tokenizer, [pair.a for pair in pairs])
    second = iter(encode_texts(tokenizer, [pair.b for pair in pairs if pair.b is not None]))
    return [Row(ids, None if pair.b is None else next(second)) for pair, ids in zip(pairs, first, strict=True)]


def labels_of(instances: Sequence[Summarized], like: Tensor) -> Tensor:
    """Return the labels on the device and in the type of another tensor, [B]."""
    return torch.tensor([instance.label for instance in instances], dtype=like.dtype, device=like.device)


def _write_table(items: Sequence[Item], predictions: Sequence[str]) -> str:
    lines = [f"{item.key}\t{prediction}" for item, prediction in zip(items, predictions, strict=True)]
    return "\n".join(["index\tprediction", *lines]) + "\n"
