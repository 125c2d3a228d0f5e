"""Runs an ablation: builds the datasets of its rows, trains every row with every seed, and compares them."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlnet_data.ablations.pools import Work, named_reading, read_all, run_all, write_whole
from xlnet_data.ablations.rows import BASE_ROW, ROWS, Result, Row, Score
from xlnet_data.ablations.scoring import open_task, plan_scores, read_score, score
from xlnet_data.ablations.tables import format_table
from xlnet_data.api import PathLike, build_corpus, load_config, train_tokenizer
from xlnet_data.checks import check_count, check_list
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import ConfigError
from xlnet_data.files.locations import locate
from xlnet_data.files.stores import local_path, real_path
from xlnet_data.files.writing import check_output
from xlnet_data.ingestion.tasks import list_tasks
from xlnet_data.pipelines.local.identity import hash_contents, hash_inputs
from xlnet_data.schemas.manifest import MANIFEST_FILE
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.trainer.arguments import load_function, settings_from
from xlnet_data.training import evaluate, train_smoke

if TYPE_CHECKING:
    from xlnet_data.config import BuildConfig

_TEXT_FILE = "text.sha256"
"""Says of which files all in the folder was made: a line by their sizes and times, and one by what they hold."""


@dataclass(frozen=True)
class PlannedRun:
    """A run that is wanted.

    Attributes:
        row: What is trained.
        seed: With which seed.
        dataset: What it is trained on.
        base: The dataset whose dev targets measure all rows.
        folder: The run's folder.
        settings: Of the training, those that all rows share.
    """

    row: Row
    seed: int
    dataset: Path
    base: Path
    folder: Path
    settings: dict[str, Any]


def ablate(
    config: PathLike,
    output: PathLike,
    *,
    rows: Sequence[str] = tuple(ROWS),
    seeds: int = 2,
    steps: int = 400,
    task: PathLike | None = None,
    dev: Sequence[PathLike] = (),
    tuning: Mapping[str, Any] | None = None,
    workers: int | None = None,
    jobs: int | None = None,
    display: Callable[[str], None] | None = None,
    **settings: Any,
) -> str:
    """Build what the rows need, train each with every seed, and return the table, which is also written to a file.

    What is finished stays: a second call with the same output goes on where the first one ended.

    Args:
        config: The config file.
        output: A folder for the datasets, the runs, results.json, scores.json, table.md and chart.svg.
        rows: Names of `ROWS`; the first to be compared with, k6, is always among them.
        seeds: How many of each.
        steps: Optimizer steps of each run.
        task: Every run, and random weights, are fine-tuned on it, as `finetune` does; None: none is.
        dev: What the fine-tuned models are scored on, the first counts; without any a tenth of the task is held out.
        tuning: Settings of `finetune`, the same for every run.
        workers: Local worker processes of a build; None: one per core.
        jobs: Runs that train side by side, each with its share of the cores; None: one per core.
        display: Is told what is done.
        settings: Further settings of `train_smoke`, the same for every row.

    Raises:
        WorkerError: A process that trained was killed, or out of memory.
        XlnetDataError: What else went wrong, by its name.
    """
    check_list("rows", rows)
    for name, value in (("seeds", seeds), ("jobs", 1 if jobs is None else jobs)):
        check_count(name, value)
    if unknown := sorted({*rows} - {*ROWS}):
        raise ConfigError(f"unknown rows {', '.join(unknown)}: known are {', '.join(ROWS)}")
    if task is None and (dev or tuning):
        raise ConfigError("dev files and settings of a fine-tuning belong to a task: give it, too")
    if fixed := sorted({*settings} & {"seed", "memory", "nsp", "objective"}):
        raise ConfigError(f"the rows decide {', '.join(fixed)}: leave it out")
    asked = None if task is None else open_task(task, dev, tuning or {})
    folder, show = local_path(output, "output"), display or (lambda _: None)
    chosen = [row for row in ROWS.values() if row.name in {*rows, BASE_ROW}]
    for row in chosen:  # refuses wrong ones before anything is built
        settings_from(folder, folder, {"steps": steps} | settings | dict(row.settings))
    if folder.is_dir() and any(folder.iterdir()) and not (folder / _TEXT_FILE).exists():
        raise ConfigError(f"{folder} holds something else than an ablation: choose an empty or new folder")
    check_output(str(folder / "table.md"))
    draw_chart = load_function("charts", "draw_chart", package="xlnet_data.ablations")
    loaded = load_config(config)
    if not loaded.examples.pairs and any(dict(row.settings).get("nsp") for row in chosen):
        raise ConfigError("the config has no negative pairs (pairs = false): leave out the row next-sent")
    _check_text(loaded, folder, show)
    loaded = _with_vocabulary(loaded, folder)
    datasets = {row.name: _build(loaded, row, folder, workers, show) for row in (ROWS[BASE_ROW], *chosen)}
    planned = [  # seed by seed, so that all rows are there when it is stopped early
        PlannedRun(row, seed, datasets[row.name], datasets[BASE_ROW], folder / "runs" / f"{row.name}-seed{seed}",
                   {"steps": steps} | settings)
        for seed in range(seeds) for row in chosen
    ]  # fmt: skip
    scorings = plan_scores(asked, [(run.row.name, run.seed, run.folder) for run in planned], folder) if asked else []
    read_all(scorings, read_score)  # refuses those of other settings before anything is trained
    (folder / "runs").mkdir(exist_ok=True)  # else one run could remove what another one makes
    jobs = len(os.sched_getaffinity(0)) if jobs is None else jobs
    results = run_all(planned, train, read_result, Work("training", "trained", jobs, show))
    scores = run_all(scorings, score, read_score, Work("fine-tuning", "fine-tuned", jobs, show))
    table = format_table(results, steps, scores)
    _write_all(folder, {"results.json": results} | ({"scores.json": scores} if asked else {}), table)
    draw_chart(results, folder / "chart.svg", scores)
    return table


def _write_all(folder: Path, found: Mapping[str, Sequence[Result | Score]], table: str) -> None:
    """Write results and scores as JSON, and the table."""
    texts = {name: json.dumps([asdict(one) for one in all_found], indent=2) for name, all_found in found.items()}
    for name, text in (texts | {"table.md": table}).items():
        write_whole(folder / name, text + "\n")


def _check_text(config: "BuildConfig", folder: Path, show: Callable[[str], None]) -> None:
    """Check that the text is what the vocabulary and the datasets that are there were made of; note it if none are.

    Raises:
        ConfigError: A file has changed, is new or is gone: rows would be compared that were trained on other text.
    """
    noted = folder / _TEXT_FILE
    tasks = list_tasks(config)
    stamps = hash_inputs(tasks, config)
    before = noted.read_text().split() if noted.exists() else []
    if before[:1] != [stamps]:
        contents = hash_contents(tasks, config)  # a file that was copied or touched has another time, and says the same
        if before and before[1:] != [contents]:
            raise ConfigError(
                f"the text has changed since {folder} was begun (a file holds something else, is new or is gone): "
                "put it back, or choose another --output"
            )
        write_whole(noted, f"{stamps}\n{contents}\n")
    if before:
        show(f"going on in {folder}: what is there stays")


def _with_vocabulary(config: "BuildConfig", folder: Path) -> "BuildConfig":
    """Return the config with a vocabulary that all datasets share, trained if the config has none."""
    if config.tokenizer.model is not None:
        model = locate(config.tokenizer.model, config.base_dir)
    else:
        model = str(real_path(folder / "spiece.model"))
        if not os.path.exists(model):
            folder.mkdir(parents=True, exist_ok=True)
            train_tokenizer(config, model)
    return replace(config, tokenizer=replace(config.tokenizer, model=model))


def _build(config: "BuildConfig", row: Row, folder: Path, workers: int | None, show: Callable[[str], None]) -> Path:
    """Return the dataset that a row needs, built if it is not there.

    Raises:
        ConfigError: The one that is there is of another config or vocabulary.
    """
    dataset = folder / "datasets" / "-".join(f"{name}={value}" for name, value in row.examples)
    wanted = replace(config, examples=replace(config.examples, **dict(row.examples)))
    if not (dataset / MANIFEST_FILE).exists():
        show(f"building {dataset}")
        build_corpus(wanted, dataset, workers=workers)
    manifest = read_manifest(str(dataset))
    tokenizer = Tokenizer.load(str(wanted.tokenizer.model), wanted.tokenizer)
    if (manifest.fingerprint, manifest.tokenizer.sha256) != (wanted.fingerprint(), tokenizer.sha256):
        raise ConfigError(f"{dataset} was built with another config or vocabulary: choose another --output")
    return dataset


def train(run: PlannedRun) -> None:
    """Train a run, or go on with it, and write what the yardstick says of it."""
    if (run.folder / "run.json").exists():
        train_smoke(run.dataset, run.folder, resume=True)
    else:
        train_smoke(run.dataset, run.folder, seed=run.seed, **run.settings | dict(run.row.settings))
    found = evaluate(run.folder, run.base)
    size = load_function("compute", "size_of_run")(run.folder, run.dataset)
    result = Result(run.row.name, run.seed, found.in_order.nats, found.alone.nats, *size)
    content = {"settings": run.settings, "result": asdict(result)}
    write_whole(run.folder / "result.json", json.dumps(content, indent=2))


def read_result(run: PlannedRun) -> Result | None:
    """Return what was measured of a run before, None if it was not.

    Raises:
        ConfigError: It was trained, or begun, with other settings, or what was measured is damaged.
    """
    path = run.folder / "result.json"
    if not path.exists():
        _check_begun(run)
        return None
    with named_reading(path, path, "the run is measured again"):
        content = json.loads(path.read_text())
        settings, result = content["settings"], Result(**content["result"])
    if settings != run.settings:
        raise ConfigError(f"{run.folder} was trained with {settings}, not {run.settings}: choose another --output")
    return result


def _check_begun(run: PlannedRun) -> None:
    """Check that a run that was stopped, if there is one, goes on as it is wanted.

    Raises:
        ConfigError: It was begun with other settings.
    """
    path = run.folder / "run.json"
    if not path.exists():
        return
    with named_reading(path, run.folder, "the run begins anew"):
        content = json.loads(path.read_text())
        begun = content["model"] | content["settings"]
        if begun["memory"] == "off":  # shards without a reuse half; whatever was asked for, there is none
            del begun["mem_len"]
    wanted = {"seed": run.seed} | run.settings | dict(run.row.settings)
    for name in sorted({*wanted} & {*begun}):
        if begun[name] != wanted[name]:
            raise ConfigError(
                f"{run.folder} was begun with {name}={begun[name]}, not {wanted[name]}: choose another --output"
            )
