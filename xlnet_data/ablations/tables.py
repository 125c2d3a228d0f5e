"""Writes the results of an ablation as a table with intervals, and a sentence on every row."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from xlnet_data.ablations.rows import BASE_ROW, ROWS, Result

T_95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)
"""Student's t at 97.5%, for 1, 2, 3 ... degrees of freedom."""


def results_by_row(results: Sequence[Result]) -> dict[str, list[Result]]:
    """Return the results of each row that has any, in the order of the rows."""
    return {row: [one for one in results if one.row == row] for row in ROWS if any(one.row == row for one in results)}


def format_table(results: Sequence[Result], steps: int) -> str:
    """Return the table in Markdown: means over seeds with 95% intervals, beside the paper's figures, and sentences."""
    by_row = results_by_row(results)
    num_seeds = len(by_row[BASE_ROW])
    lines = [
        f"{num_seeds} {'seed' if num_seeds == 1 else 'seeds'}, {steps:,} steps each. Nats per dev target, lower is "
        f"better; ± is half of a 95% interval over seeds. The difference is to {BASE_ROW}, seed by seed. Behind them "
        "the paper's, of larger models.",
        "",
        "| row | in order | difference | one at a time | parameters | GFLOP a step | RACE | SQuAD2 F1/EM | MNLI m/mm "
        "| SST-2 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    sentences = []
    for name, found in by_row.items():
        differences = differences_of(found, by_row[BASE_ROW])
        race, f1, em, matched, mismatched, sst = [f"{x:.2f}" for x in ROWS[name].paper] or ["–"] * 6
        cells = [
            name, _interval([one.in_order for one in found]),
            "" if name == BASE_ROW else _interval(differences), _interval([one.alone for one in found]),
            f"{found[0].parameters:,}", f"{found[0].step_flops / 1e9:,.1f}",
            race, f"{f1}/{em}", f"{matched}/{mismatched}", sst,
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
        if name != BASE_ROW:
            sentences.append(f"- {name}: {_judge(differences)}")
    return "\n".join([*lines, "", *sentences])


def differences_of(found: Sequence[Result], base: Sequence[Result], measure: str = "in_order") -> list[float]:
    """Return by how many nats a row's runs are above the base row's of the same seeds."""
    return [getattr(one, measure) - getattr(other, measure) for one, other in zip(found, base, strict=True)]


def half_interval(values: Sequence[float]) -> float:
    """Return half of the 95% interval of a mean; inf for a single value, of which nothing is known.

    >>> round(half_interval([1.0, 2.0, 3.0]), 2), half_interval([1.0])
    (2.48, inf)
    """
    if len(values) < 2:
        return math.inf
    factor = T_95[len(values) - 2] if len(values) - 2 < len(T_95) else 2.2
    return factor * stdev(values) / math.sqrt(len(values))


def _interval(values: Sequence[float]) -> str:
    half = half_interval(values)
    return f"{fmean(values):.3f}" + ("" if half == math.inf else f" ± {half:.3f}")


def _judge(differences: Sequence[float]) -> str:
    """Return a sentence on whether a difference to the base row is real."""
    mean, half = fmean(differences), half_interval(differences)
    if half == math.inf:
        return f"{mean:+.3f} nats with a single seed; nothing can be said of other seeds."
    if abs(mean) <= half:
        return f"{mean:+.3f} ± {half:.3f} nats: not told from 0 by {len(differences)} seeds."
    return f"{'worse' if mean > 0 else 'better'} by {abs(mean):.3f} ± {half:.3f} nats; the interval leaves out 0."
