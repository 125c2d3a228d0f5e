"""Writes the results of an ablation as a table with intervals, and a sentence on every row."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import TypeVar

from xlnet_data.ablations.rows import BASE_ROW, RANDOM_ROW, ROWS, Result, Score
from xlnet_data.showing import number_of

T_95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)
"""Student's t at 97.5%, for 1, 2, 3 ... degrees of freedom; the last one also for more, too wide by a little."""

NONE = "–"

_Found = TypeVar("_Found", Result, Score)


def results_by_row(results: Sequence[_Found]) -> dict[str, list[_Found]]:
    """Return the results or scores of each row that has any, in the order of the rows, random weights last."""
    return {
        row: found for row in (*ROWS, RANDOM_ROW) if (found := [one for one in results if one.row == row])
    }  # fmt: skip


def format_table(results: Sequence[Result], steps: int, scores: Sequence[Score] = ()) -> str:
    """Return the table in Markdown: means over seeds with 95% intervals, beside the paper's figures, and sentences.

    Args:
        results: Of all rows and seeds.
        steps: Of each run.
        scores: Of the same rows and seeds, and of random weights; (): nothing was fine-tuned.
    """
    by_row, scores_by_row = results_by_row(results), results_by_row(scores)
    num_seeds = len(by_row[BASE_ROW])
    task = [f"{scores[0].task}: {scores[0].measure}, %", "difference"] if scores else []
    names = ["row", "in order", "difference", "one at a time", *task, "parameters", "GFLOP a step",
             "RACE", "SQuAD2 F1/EM", "MNLI m/mm", "SST-2"]  # fmt: skip
    lines = [_introduce(num_seeds, steps, scores), "", f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    for name in by_row | scores_by_row:
        cells = [name, *_describe_nats(by_row, name), *_describe_scores(scores_by_row, name)]
        one = by_row.get(name, by_row[BASE_ROW])[0]
        cells += [f"{one.parameters:,}", f"{one.step_flops / 1e9:,.1f}" if name in by_row else NONE]
        lines.append(f"| {' | '.join([*cells, *_quote_paper(name)])} |")
    others = [name for name in by_row if name != BASE_ROW]
    lines += ["", *[f"- {name}: {_judge_nats(differences_in(by_row, name, 'in_order'))}" for name in others]]
    if scores:
        lines += ["", f"Fine-tuned on {scores[0].task}, by {scores[0].measure} in percent:", ""]
        others += [RANDOM_ROW]
        lines += [f"- {name}: {_judge_scores(differences_in(scores_by_row, name, 'percent'))}" for name in others]
    return "\n".join(lines)


def _introduce(num_seeds: int, steps: int, scores: Sequence[Score]) -> str:
    """Return what stands above the table."""
    text = (
        f"{number_of(num_seeds, 'seed')}, {steps:,} steps each. Nats per dev target, lower is "
        f"better; ± is half of a 95% interval over seeds. The difference is to {BASE_ROW}, seed by seed. "
    )
    if scores:
        text += (
            f"Every run was fine-tuned on {scores[0].task} and scored on {scores[0].num_examples:,} examples, higher "
            f"is better; guessing by frequency gets {scores[0].by_frequency:.1%}. {RANDOM_ROW} is the model of "
            f"{BASE_ROW} with random weights, fine-tuned alike. "
        )
    return text + "Behind them the paper's, of larger models."


def _describe_nats(by_row: dict[str, list[Result]], name: str) -> list[str]:
    """Return the cells of a row's losses; random weights have none."""
    if name not in by_row:
        return [NONE] * 3
    difference = "" if name == BASE_ROW else _interval(differences_in(by_row, name, "in_order"))
    return [_interval(values_of(by_row[name], "in_order")), difference, _interval(values_of(by_row[name], "alone"))]


def _describe_scores(by_row: dict[str, list[Score]], name: str) -> list[str]:
    """Return the cells of a row's scores; [] where nothing was fine-tuned."""
    if not by_row:
        return []
    difference = "" if name == BASE_ROW else _interval(differences_in(by_row, name, "percent"), ".1f")
    return [_interval(values_of(by_row[name], "percent"), ".1f"), difference]


def _quote_paper(name: str) -> list[str]:
    """Return the cells of the paper's figures."""
    figures = ROWS[name].paper if name in ROWS else ()
    race, f1, em, matched, mismatched, sst = [f"{x:.2f}" for x in figures] or [NONE] * 6
    return [race, f"{f1}/{em}", f"{matched}/{mismatched}", sst]


def values_of(found: Sequence[Result] | Sequence[Score], measure: str) -> list[float]:
    """Return an attribute of results or scores."""
    return [getattr(one, measure) for one in found]


def differences_in(by_row: Mapping[str, Sequence[Result] | Sequence[Score]], name: str, measure: str) -> list[float]:
    """Return by how much a row's runs are above the base row's of the same seeds."""
    values, base = values_of(by_row[name], measure), values_of(by_row[BASE_ROW], measure)
    return [value - other for value, other in zip(values, base, strict=True)]


def half_interval(values: Sequence[float]) -> float:
    """Return half of the 95% interval of a mean; inf for a single value, of which nothing is known.

    >>> round(half_interval([1.0, 2.0, 3.0]), 2), round(half_interval([*range(11)]), 2), half_interval([1.0])
    (2.48, 2.23, inf)
    """
    if len(values) < 2:
        return math.inf
    return T_95[min(len(values) - 2, len(T_95) - 1)] * stdev(values) / math.sqrt(len(values))


def _interval(values: Sequence[float], form: str = ".3f") -> str:
    half = half_interval(values)
    return f"{fmean(values):{form}}" + ("" if half == math.inf else f" ± {half:{form}}")


def _judge_nats(differences: Sequence[float]) -> str:
    return _judge(differences, "nats", ".3f", "worse", "better")


def _judge_scores(differences: Sequence[float]) -> str:
    return _judge(differences, "points", ".1f", "better", "worse")


def _judge(differences: Sequence[float], unit: str, form: str, above: str, below: str) -> str:
    """Return a sentence on whether a difference to the base row is real.

    Args:
        differences: Of each seed.
        unit: What they are counted in.
        form: How they are written.
        above: What a row is that is above the base row, "better" or "worse".
        below: What a row is that is below.
    """
    mean, half = fmean(differences), half_interval(differences)
    if half == math.inf:
        return f"{mean:+{form}} {unit} with a single seed; nothing can be said of other seeds."
    if abs(mean) <= half:
        return f"{mean:+{form}} ± {half:{form}} {unit}: not told from 0 by {len(differences)} seeds."
    side = above if mean > 0 else below
    return f"{side} by {abs(mean):{form}} ± {half:{form}} {unit}; the interval leaves out 0."
