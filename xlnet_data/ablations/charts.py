"""Draws the results of an ablation: how far every row is from the base row, with its interval."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

import matplotlib

from xlnet_data.ablations.rows import BASE_ROW, Result, Score
from xlnet_data.ablations.tables import differences_in, half_interval, results_by_row
from xlnet_data.trainer.metrics import save_picture

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.axes import Axes

MEASURES = (("in_order", "in the shards' order", "o", -0.14), ("alone", "one at a time", "D", 0.14))
"""Attributes of a result, their names, their marks, and how far these stand from their row's line."""


def draw_chart(results: Sequence[Result], path: Path, scores: Sequence[Score]) -> None:
    """Draw each row's difference to the base row in nats per dev target, with its 95% interval over seeds.

    Args:
        results: Of all rows and seeds; a row with a single seed gets no interval.
        path: The picture, as its ending says: SVG or PNG.
        scores: Of the same rows, and of random weights: they get a panel of their own; (): nothing was fine-tuned.
    """
    by_row, scores_by_row = results_by_row(results), results_by_row(scores)
    names = [name for name in by_row | scores_by_row if name != BASE_ROW]
    num_panels = 2 if scores else 1
    size = (7 + 4 * (num_panels - 1), 1.2 + 0.42 * len(names))
    figure, panels = pyplot.subplots(1, num_panels, figsize=size, layout="constrained", sharey=True, squeeze=False)
    for measure, label, marker, offset in MEASURES:
        _draw_rows(panels[0, 0], by_row, names, (measure, label, marker, offset))
    panels[0, 0].set_xlabel(f"nats per dev target above {BASE_ROW} (right is worse); bars: 95% over seeds")
    panels[0, 0].set_yticks(range(len(names)), names)
    panels[0, 0].invert_yaxis()
    panels[0, 0].legend(frameon=False)
    if scores:
        _draw_rows(panels[0, 1], scores_by_row, names, ("percent", "", "s", 0.0))
        panels[0, 1].set_xlabel(f"{scores[0].task}: points of {scores[0].measure} above {BASE_ROW} (right is better)")
    for axes in panels[0]:
        axes.axvline(0, color="gray", linestyle="--", linewidth=1)
        axes.spines[["top", "right"]].set_visible(False)
    save_picture(figure, path)


def _draw_rows(
    axes: Axes,
    by_row: Mapping[str, Sequence[Result] | Sequence[Score]],
    names: Sequence[str],
    measure: tuple[str, str, str, float],
) -> None:
    """Draw a measure's differences of those rows that have it, each on its row's line."""
    attribute, label, marker, offset = measure
    places = [place for place, name in enumerate(names) if name in by_row]
    differences = [differences_in(by_row, names[place], attribute) for place in places]
    halves = [half_interval(values) for values in differences]
    axes.errorbar(
        [fmean(values) for values in differences],
        [place + offset for place in places],
        xerr=[0 if half == math.inf else half for half in halves],
        fmt=marker, markersize=5, capsize=3, label=label,
    )  # fmt: skip
