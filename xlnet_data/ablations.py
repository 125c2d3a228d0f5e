"""Trains the paper's ablation rows and the other objectives on the same text, and compares them over seeds."""

import json
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any, TypeAlias

from xlnet_data.api import build_corpus, load_config, train_tokenizer
from xlnet_data.errors import ConfigError
from xlnet_data.schemas.manifest import MANIFEST_FILE
from xlnet_data.trainer.arguments import load_function
from xlnet_data.training import evaluate, train_smoke

if TYPE_CHECKING:
    from xlnet_data.config import BuildConfig

PathLike: TypeAlias = str | os.PathLike[str]

BASE_ROW = "k6"
"""The row that the others are compared with, and whose dev targets all are measured on."""


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
        Row("no-memory", settings=(("memory", "off"),), paper=(65.55, 80.15, 77.27, 85.32, 85.05, 92.78)),
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

T_95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)
"""Student's t at 97.5%, for 1, 2, 3 ... degrees of freedom."""


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


def ablate(
    config: PathLike,
    output: PathLike,
    *,
    rows: Sequence[str] = tuple(ROWS),
    seeds: int = 2,
    steps: int = 400,
    workers: int | None = None,
    display: Callable[[str], None] | None = None,
    **settings: Any,
) -> str:
    """Build what the rows need, train each with every seed, and return the table, which is also written to a file.

    What is finished stays: a second call with the same output goes on where the first one ended.

    Args:
        config: The config file.
        output: A folder for the datasets, the runs, results.json and table.md.
        rows: Names of `ROWS`; the first to be compared with, k6, is always among them.
        seeds: How many of each.
        steps: Optimizer steps of each run.
        workers: Local worker processes of a build; None: one per core.
        display: Is told what is done.
        settings: Further settings of `train_smoke`, the same for every row.

    Raises:
        XlnetDataError: What went wrong, by its name.
    """
    if unknown := sorted({*rows} - {*ROWS}):
        raise ConfigError(f"unknown rows {', '.join(unknown)}: known are {', '.join(ROWS)}")
    if fixed := sorted({*settings} & {"seed", "memory", "nsp", "objective"}):
        raise ConfigError(f"the rows decide {', '.join(fixed)}: leave it out")
    folder, show = Path(output), display or (lambda _: None)
    chosen = [row for row in ROWS.values() if row.name in {*rows, BASE_ROW}]
    loaded = _with_vocabulary(load_config(config), folder)
    base = _build(loaded, ROWS[BASE_ROW], folder, workers, show)
    results = []
    for seed in range(seeds):  # seed by seed, so that a table of all rows stands early
        for row in chosen:
            dataset = _build(loaded, row, folder, workers, show)
            results.append(_train(row, seed, (dataset, base), folder, show, {"steps": steps} | settings))
    table = format_table(results, steps)
    for name, text in (("results.json", json.dumps([asdict(one) for one in results], indent=2)), ("table.md", table)):
        _write(folder / name, (text + "\n").encode())
    return table


def _with_vocabulary(config: "BuildConfig", folder: Path) -> "BuildConfig":
    """Return the config with a vocabulary that all datasets share, trained if the config has none."""
    if config.tokenizer.model is not None:
        return config
    model = folder / "spiece.model"
    if not model.exists():
        folder.mkdir(parents=True, exist_ok=True)
        train_tokenizer(config, model)
    return replace(config, tokenizer=replace(config.tokenizer, model=str(model.resolve())))


def _build(config: "BuildConfig", row: Row, folder: Path, workers: int | None, show: Callable[[str], None]) -> Path:
    """Return the dataset that a row needs, built if it is not there."""
    dataset = folder / "datasets" / "-".join(f"{name}={value}" for name, value in row.examples)
    if not (dataset / MANIFEST_FILE).exists():
        show(f"building {dataset}")
        build_corpus(replace(config, examples=replace(config.examples, **dict(row.examples))), dataset, workers=workers)
    return dataset


def _train(
    row: Row,
    seed: int,
    datasets: tuple[Path, Path],
    folder: Path,
    show: Callable[[str], None],
    settings: dict[str, Any],
) -> Result:
    """Train a row with a seed and measure it, or read what was measured before.

    Args:
        row: Which.
        seed: Of the training.
        datasets: What it is trained on, and the one whose dev targets measure all rows.
        folder: Of the ablation.
        show: Is told what is done.
        settings: Of all rows.
    """
    run = folder / "runs" / f"{row.name}-seed{seed}"
    path, wanted = run / "result.json", {key: settings[key] for key in sorted(settings)}
    if path.exists():
        content = json.loads(path.read_text())
        if content["settings"] != wanted:
            raise ConfigError(f"{run} was trained with {content['settings']}, not {wanted}: choose another --output")
        return Result(**content["result"])
    show(f"training {run}")
    if (run / "run.json").exists():
        train_smoke(datasets[0], run, resume=True)
    else:
        train_smoke(datasets[0], run, seed=seed, **settings | dict(row.settings))
    found = evaluate(run, datasets[1])
    size = load_function("compute", "size_of_run")(run, datasets[0])
    result = Result(row.name, seed, found.in_order.nats, found.alone.nats, *size)
    _write(path, json.dumps({"settings": wanted, "result": asdict(result)}, indent=2).encode())
    return result


def _write(path: Path, content: bytes) -> None:
    from xlnet_data.files.writing import atomic_write  # here, so that --help need not wait for what it imports

    with atomic_write(str(path)) as file:
        file.write(content)


def format_table(results: Sequence[Result], steps: int) -> str:
    """Return the table in Markdown: means over seeds with 95% intervals, beside the paper's figures, and sentences."""
    by_row = {row: [one for one in results if one.row == row] for row in ROWS if any(one.row == row for one in results)}
    num_seeds = len(by_row[BASE_ROW])
    lines = [
        f"{num_seeds} seeds, {steps:,} steps each. Nats per dev target, lower is better; ± is half of a 95% interval "
        f"over seeds. The difference is to {BASE_ROW}, seed by seed. Behind them the paper's, of larger models.",
        "",
        "| row | in order | difference | one at a time | parameters | GFLOP a step | RACE | SQuAD2 F1/EM | MNLI m/mm "
        "| SST-2 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    sentences = []
    for name, found in by_row.items():
        differences = [one.in_order - base.in_order for one, base in zip(found, by_row[BASE_ROW], strict=True)]
        race, f1, em, matched, mismatched, sst = (f"{x}" for x in ROWS[name].paper) if ROWS[name].paper else ["–"] * 6
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
