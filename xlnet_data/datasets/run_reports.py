"""Reads the folder of a training run for its report: the verdict, the curves, the losses in numbers, the settings."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xlnet_data.checks import is_number
from xlnet_data.datasets.pages import escape_text
from xlnet_data.datasets.report_charts import COUNTED, WANTED, Curve, curves_of
from xlnet_data.datasets.report_tables import table_of
from xlnet_data.errors import ShardError
from xlnet_data.schemas.manifest import MANIFEST_FILE

METRICS_FILE, RUN_FILE, TUNED_FILE = "metrics.jsonl", "run.json", "tuned.json"
_MAX_DRAWN = 1e15  # no run reads as many tokens


def is_run(folder: str) -> bool:
    """Return whether a folder is that of a training run.

    Raises:
        ShardError: It is that of a fine-tuned model.
    """
    if os.path.isfile(os.path.join(folder, TUNED_FILE)):
        raise ShardError(f"{folder} is a fine-tuned model, of which there is no report: scores.json has its scores")
    held = [os.path.isfile(os.path.join(folder, name)) for name in (METRICS_FILE, MANIFEST_FILE)]
    return held == [True, False]


def run_sections(run: Path) -> list[tuple[str, str]]:
    """Return what a training run's folder tells: curves, the losses in numbers, and its settings."""
    try:
        lines = (run / METRICS_FILE).read_text(encoding="utf-8").split("\n")[:-1]
        records = [record for record in map(json.loads, lines) if isinstance(record, dict)]
        settings = json.loads((run / RUN_FILE).read_text(encoding="utf-8")) if (run / RUN_FILE).is_file() else {}
        if not isinstance(settings, dict):
            raise ValueError(f"{RUN_FILE} holds no object")
    except (OSError, ValueError, RecursionError) as error:
        raise ShardError(f"{run} cannot be read as the folder of a run: {error}") from error
    names = ("step", "tokens", "loss", "dev_loss", "unigram_loss", "nsp_loss", "lr", "tokens_per_sec")
    present = [name for name in names if any(name in record for record in records)]
    every = max(1, len(records) // 40)
    chosen = [record for number, record in enumerate(records) if number % every == 0 or "dev_loss" in record]
    rows = [tuple(_number(record.get(name)) for name in present) for record in chosen if "note" not in record]
    flat = [(escape_text(str(key)), escape_text(json.dumps(value))) for key, value in settings.items()]
    return [
        ("Verdict", _verdict(records)),
        ("Losses, in nats per target", _losses(records)),
        ("Losses in numbers", table_of([name.replace("_", " ") for name in present], rows)),
        ("Settings", table_of(("what", "value"), flat, is_text=True) if flat else ""),
    ]


def _losses(records: Sequence[Mapping[str, Any]]) -> str:
    """Return the curves of the losses over the tokens read; nothing before the first is known."""
    named = (("loss", "training", COUNTED), ("dev_loss", "dev", WANTED))
    found = {
        key: [(record["tokens"] / 1e6, record[key]) for record in records if _has_numbers(record, "tokens", key)]
        for key, _, _ in named
    }
    curves = [Curve(name, found[key], colour) for key, name, colour in named if found[key]]
    guessing = [record["unigram_loss"] for record in records if _has_numbers(record, "unigram_loss")]
    if curves and guessing:
        ends = sorted(place for curve in curves for place, _ in curve.points)
        level = [(place, guessing[-1]) for place in (ends[0], ends[-1])]
        curves.append(Curve("guessing by frequency", level, "var(--muted)", is_dashed=True))
    return curves_of(curves, ("tokens read, in millions", "nats per target")) if curves else ""


def _verdict(records: Sequence[Mapping[str, float]]) -> str:
    names = ("tokens", "dev_loss", "unigram_loss")
    last = next((record for record in reversed(records) if _has_numbers(record, *names)), None)
    if last is None:
        return "<p>The run is not over, or was stopped.</p>"
    gap = last["unigram_loss"] - last["dev_loss"]
    where = "below" if gap > 0 else "above"
    return (
        f"<p>After {last['tokens']:,} tokens the dev loss is {last['dev_loss']:.3f} nats per target, {abs(gap):.3f} "
        f"{where} guessing by frequency ({last['unigram_loss']:.3f}).</p>"
    )


def _has_numbers(record: Mapping[str, Any], *names: str) -> bool:
    """Return whether fields of a record hold numbers that can be drawn; the loss of a run that fails may be NaN."""
    return all(is_number(record.get(name)) and abs(record[name]) < _MAX_DRAWN for name in names)


def _number(value: object) -> str:
    if isinstance(value, float) and abs(value) >= 100:
        return f"{value:,.0f}"
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) >= 0.001 else f"{value:.1e}"
    return f"{value:,}" if isinstance(value, int) else "" if value is None else escape_text(str(value))
