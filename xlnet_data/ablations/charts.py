"""Draws the results of an ablation: how far every row is from the base row, with its interval."""

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import matplotlib

from xlnet_data.ablations.rows import BASE_ROW, Result
from xlnet_data.ablations.tables import differences_of, half_interval, results_by_row

matplotlib.use("Agg")
from matplotlib import pyplot

MEASURES = (("in_order", "in the shards' order", "o"), ("alone", "one at a time", "D"))


def draw_chart(results: Sequence[Result], path: Path) -> None:
    """Draw each row's difference to the base row in nats per dev target, with its 95% interval over seeds.

    Args:
        results: Of all rows and seeds; a row with a single seed gets no interval.
        path: The picture, as its ending says: SVG or PNG.
    """
    by_row = results_by_row(results)
    names = [name for name in by_row if name != BASE_ROW]
    figure, axes = pyplot.subplots(figsize=(7, 1.2 + 0.42 * len(names)), layout="constrained")
    for offset, (measure, label, marker) in zip((-0.14, 0.14), MEASURES, strict=True):
        differences = [differences_of(by_row[name], by_row[BASE_ROW], measure) for name in names]
        halves = [half_interval(values) for values in differences]
        axes.errorbar(
            [fmean(values) for values in differences],
            [place + offset for place in range(len(names))],
            xerr=[0 if half == math.inf else half for half in halves],
            fmt=marker, markersize=5, capsize=3, label=label,
        )  # fmt: skip
    axes.axvline(0, color="gray", linestyle="--", linewidth=1)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel(f"nats per dev target above {BASE_ROW} (right is worse); bars: 95% over seeds")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
