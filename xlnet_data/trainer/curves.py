"""The picture of a run: training and dev loss over the tokens read, beside the unigram loss."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def draw_curves(metrics: Sequence[Mapping[str, Any]], unigram_loss: float, path: Path) -> None:
    """Write the loss curves as SVG or PNG, whichever the path's ending says.

    Args:
        metrics: The lines of metrics.jsonl: ``tokens`` with ``loss``, or with ``dev_loss``.
        unigram_loss: Nats per target.
        path: The picture.
    """
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for key, label, style in (("loss", "training loss", "-"), ("dev_loss", "dev loss", "o-")):
        points = [(m["tokens"] / 1e6, m[key]) for m in metrics if key in m]
        axes.plot(*zip(*points, strict=True) if points else ((), ()), style, label=label, linewidth=1.2, markersize=4)
    axes.axhline(unigram_loss, color="gray", linestyle="--", linewidth=1, label="unigram loss of the dev targets")
    axes.set_xlabel("tokens read (millions)")
    axes.set_ylabel("cross-entropy per target (nats)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
