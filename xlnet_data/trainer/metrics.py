"""Writes what a run reports: records while it trains, in metrics.jsonl, and a picture of the losses at its end."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib

from xlnet_data.checks import is_number, is_whole_number
from xlnet_data.errors import ShardError
from xlnet_data.files.writing import atomic_write

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.figure import Figure

METRICS_FILE = "metrics.jsonl"
CURVES_FILE = "curves.svg"


@dataclass(frozen=True)
class StepRecord:
    """What a run reports at some step; a field that is None is not reported there.

    Attributes:
        step: Optimizer steps done.
        tokens: Tokens read so far: rows times seq_len, over all steps.
        loss: Mean cross-entropy per target (nats) over the steps since the last record.
        lr: Learning rate of the last step.
        grad_norm: Norm of the gradient of the last step, before clipping.
        tokens_per_sec: Over the steps since the last record.
        secs_left: Until the verdict, at that speed and that of the last evaluation on the dev split.
        dev_loss: Cross-entropy per dev target (nats).
        unigram_loss: The same targets' cross-entropy under the unigram distribution of the training targets (nats).
        nsp_loss: Cross-entropy of the pair head (nats per row).
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


class MetricsLog:
    """Writes metrics.jsonl, one JSON object per record; a resumed run drops the lines after its checkpoint.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """

    def __init__(self, folder: Path, step: int, *, is_main: bool) -> None:
        """Open the log of a run.

        Args:
            folder: The run's folder.
            step: Steps that are done; later lines are dropped, and so is the verdict.
            is_main: False: this process writes nothing.
        """
        self.path = folder / METRICS_FILE if is_main else None
        kept = [m for m in read_metrics(folder) if m["step"] <= step and "unigram_loss" not in m] if step else []
        self._put("w", kept)

    def write(self, record: "DataclassInstance") -> None:
        """Append a record."""
        self._put("a", [{k: v for k, v in asdict(record).items() if v is not None}])

    def _put(self, mode: str, records: list[dict[str, Any]]) -> None:
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, mode) as file:
                file.write("".join(json.dumps(record) + "\n" for record in records))
        except OSError as error:
            raise ShardError(f"cannot write {self.path}: {error.strerror or error}") from error


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """Read the metrics.jsonl of a run's folder; [] where there is none. A last line that a kill cut off is left out.

    Raises:
        ShardError: Another line is no record.
    """
    path = folder / METRICS_FILE
    try:
        lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    except OSError as error:
        raise ShardError(f"cannot read {path}: {error.strerror or error}") from error
    records = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            records.append(_read_record(line))
        except (ValueError, RecursionError) as error:
            raise ShardError(f"{path}, line {number} is no record ({error}): remove the file and go on") from error
    return records


def _read_record(line: bytes) -> dict[str, Any]:
    record = json.loads(line)
    if not isinstance(record, dict) or not all(is_whole_number(record.get(name)) for name in ("step", "tokens")):
        raise ValueError("it has no step or tokens")
    if other := [name for name, value in record.items() if name != "note" and not is_number(value)]:
        raise ValueError(f"{other[0]} is no number")
    return record


def draw_curves(metrics: Sequence[Mapping[str, Any]], unigram_loss: float, path: Path) -> None:
    """Draw training and dev loss over the tokens read, beside the unigram loss, as the path's ending says.

    Args:
        metrics: The lines of metrics.jsonl: ``tokens`` with ``loss``, or with ``dev_loss``.
        unigram_loss: Nats per target.
        path: The picture, SVG or PNG.
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
    save_picture(figure, path)


def save_picture(figure: Figure, path: Path) -> None:
    """Write a picture, whole or not at all, as its path's ending says: SVG or PNG.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    drawn = io.BytesIO()
    figure.savefig(drawn, format=path.suffix[1:], dpi=150)
    pyplot.close(figure)
    with atomic_write(str(path)) as file:
        file.write(drawn.getvalue())
