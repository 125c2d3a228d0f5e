"""Scores predictions as the tasks' own scripts do."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def accuracy(predicted: Sequence[object], expected: Sequence[object]) -> float:
    """Return the share of right predictions.

    >>> accuracy(["a", "b", "a", "a"], ["a", "b", "b", "a"])
    0.75
    """
    return sum(one == other for one, other in zip(predicted, expected, strict=True)) / len(expected)


def f1(predicted: Sequence[object], expected: Sequence[object], positive: object) -> float:
    """Return the harmonic mean of precision and recall of a class; 0 where neither is above 0.

    >>> f1([1, 1, 1, 0, 0], [1, 1, 0, 1, 0], positive=1)
    0.6666666666666666
    """
    pairs = list(zip(predicted, expected, strict=True))
    hits = pairs.count((positive, positive))
    found, wanted = ([pair[side] for pair in pairs].count(positive) for side in (0, 1))
    return 2 * hits / (found + wanted) if hits else 0.0


def matthews(predicted: Sequence[object], expected: Sequence[object]) -> float:
    """Return Matthews' correlation, for any number of classes; 0 where a side has only one.

    Source: Gorodkin 2004, in the form that scikit-learn computes.

    >>> round(matthews([1, 1, 0, 0, 1], [1, 0, 0, 0, 1]), 4)
    0.6667
    >>> matthews([1, 1], [1, 0])
    0.0
    """
    classes = {name: place for place, name in enumerate(dict.fromkeys([*predicted, *expected]))}
    table = np.zeros((len(classes), len(classes)))
    for one, other in zip(predicted, expected, strict=True):
        table[classes[one], classes[other]] += 1
    found, wanted, total = table.sum(1), table.sum(0), table.sum()
    spread = (total**2 - found @ found) * (total**2 - wanted @ wanted)
    return float((np.trace(table) * total - found @ wanted) / math.sqrt(spread)) if spread else 0.0


def pearson(predicted: Sequence[float], expected: Sequence[float]) -> float:
    """Return Pearson's correlation; 0 where a side is constant.

    >>> round(pearson([1, 2, 3, 4], [1, 3, 2, 5]), 4)
    0.8315
    >>> pearson([0.1, 0.1, 0.1], [1, 3, 2])
    0.0
    """
    if min(predicted) == max(predicted) or min(expected) == max(expected):
        return 0.0
    one, other = (np.asarray(values, np.float64) - np.mean(values) for values in (predicted, expected))
    spread = math.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other) / spread if spread else 0.0


def spearman(predicted: Sequence[float], expected: Sequence[float]) -> float:
    """Return Spearman's correlation: Pearson's of the ranks, where equal values share the mean of their ranks.

    >>> spearman([10, 20, 20, 40], [1, 2, 2, 3]), round(spearman([1, 2, 3, 4], [1, 3, 2, 5]), 4)
    (1.0, 0.8)
    """
    return pearson(_ranks(predicted), _ranks(expected))


def _ranks(values: Sequence[float]) -> list[float]:
    array: npt.NDArray[np.float64] = np.asarray(values, np.float64)
    _, inverse, counts = np.unique(array, return_inverse=True, return_counts=True)
    lasts = np.cumsum(counts)
    return ((lasts - (counts - 1) / 2)[inverse]).tolist()  # type: ignore[no-any-return]


_BY_TASK = {
    "CoLA": {"matthews": matthews},
    "MRPC": {"accuracy": accuracy, "f1": lambda found, wanted: f1(found, wanted, "1")},
    "QQP": {"accuracy": accuracy, "f1": lambda found, wanted: f1(found, wanted, "1")},
}
"""What GLUE scores; the accuracy of all other tasks of classes. The positive class of MRPC and QQP is 1."""


def score_classes(name: str, predicted: Sequence[str], expected: Sequence[str]) -> dict[str, float]:
    """Return a task's scores.

    >>> score_classes("RTE", ["a"], ["a"]), score_classes("CoLA", ["1", "0"], ["1", "0"])
    ({'accuracy': 1.0}, {'matthews': 1.0})
    """
    measures = _BY_TASK.get(name, {"accuracy": accuracy})
    return {measure: score(predicted, expected) for measure, score in measures.items()}


def score_numbers(predicted: Sequence[float], expected: Sequence[float]) -> dict[str, float]:
    """Return the correlations of a task of numbers."""
    return {"pearson": pearson(predicted, expected), "spearman": spearman(predicted, expected)}
