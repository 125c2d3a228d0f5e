"""Fine-tunes the runs of an ablation on a task, and random weights beside them, and keeps their scores."""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from xlnet_data.ablations.pools import named_reading, write_whole
from xlnet_data.ablations.rows import BASE_ROW, RANDOM_ROW, Score
from xlnet_data.api import PathLike
from xlnet_data.checks import check_keys, check_list
from xlnet_data.errors import ConfigError, CorpusError
from xlnet_data.files.stores import local_path
from xlnet_data.finetuning.reading import read_task
from xlnet_data.finetuning.settings import TuneSettings
from xlnet_data.training import finetune

SCORE_FILE = "score.json"


@dataclass(frozen=True)
class Task:
    """What the runs are fine-tuned on.

    Attributes:
        path: The file, or RACE's folder, to learn from.
        dev: The files to be scored, of which the first counts; (): a tenth of the task.
        tuning: Settings of the fine-tuning, the same for every run.
        identity: What scores that may be compared have in common: the files' hashes, and the settings.
    """

    path: Path
    dev: tuple[Path, ...]
    tuning: Mapping[str, Any]
    identity: Mapping[str, Any]


def open_task(path: PathLike, dev: Sequence[PathLike], tuning: Mapping[str, Any]) -> Task:
    """Return a task, after a check of its files and settings, which are not needed before all runs are trained.

    Raises:
        CorpusError: A file cannot be understood.
        ConfigError: A setting is unknown, out of range, or for the rows to decide.
    """
    if fixed := sorted({*tuning} & {"seed", "from_scratch"}):
        raise ConfigError(f"the rows decide {', '.join(fixed)} of the fine-tuning: leave it out")
    check_list("dev", dev)
    check_keys(dict(tuning), [field.name for field in fields(TuneSettings)], "the settings of a fine-tuning")
    TuneSettings(**tuning)
    file, dev_files = local_path(path, "task"), tuple(local_path(one, "dev") for one in dev)
    read_task(file, dev_files, ())
    identity = {"task": _hash(file), "dev": [_hash(one) for one in dev_files]} | dict(tuning)
    return Task(file, dev_files, tuning, identity)


@dataclass(frozen=True)
class PlannedScore:
    """A fine-tuning that is wanted.

    Attributes:
        row: The row's name, or RANDOM_ROW.
        seed: Of the run, and of the fine-tuning: heads and orders of examples are the same for all runs of a seed.
        run: The run's folder; random weights take the size and the vocabulary from the base row's.
        folder: Of the fine-tuned model and its score.
        task: What is learned.
    """

    row: str
    seed: int
    run: Path
    folder: Path
    task: Task


def plan_scores(task: Task, runs: Sequence[tuple[str, int, Path]], output: Path) -> list[PlannedScore]:
    """Return the fine-tunings of runs, and of random weights with each seed of the base row.

    Args:
        task: What is learned; its file's name is that of the folder of the fine-tuned models.
        runs: Row, seed and folder of each run.
        output: The ablation's folder.
    """
    drawn = [(RANDOM_ROW, seed, folder) for row, seed, folder in runs if row == BASE_ROW]
    folder = output / "tuned" / task.path.stem
    return [PlannedScore(row, seed, run, folder / f"{row}-seed{seed}", task) for row, seed, run in (*runs, *drawn)]


def score(planned: PlannedScore) -> None:
    """Fine-tune a run, and write its score; what a fine-tuning that was stopped has left is removed."""
    task = planned.task
    shutil.rmtree(planned.folder, ignore_errors=True)
    found = finetune(
        planned.run, task=task.path, dev=task.dev, output=planned.folder, seed=planned.seed,
        from_scratch=planned.row == RANDOM_ROW, **task.tuning,
    )  # fmt: skip
    scored = found.files[0]
    measure, value = next(iter(scored.scores.items()))
    result = Score(
        planned.row, planned.seed, task.path.stem, measure, value, scored.baseline[measure], scored.num_examples
    )
    content = {"settings": task.identity, "score": asdict(result)}
    write_whole(planned.folder / SCORE_FILE, json.dumps(content, indent=2))


def read_score(planned: PlannedScore) -> Score | None:
    """Return the score of a run that was fine-tuned before, None if it was not.

    Raises:
        ConfigError: It was fine-tuned on other files, or with other settings, or the score is damaged.
    """
    path = planned.folder / SCORE_FILE
    if not path.exists():
        return None
    wanted = planned.task.identity
    with named_reading(path, path, "the run is fine-tuned again"):
        content = json.loads(path.read_text())
        known, found = dict(content["settings"]), Score(**content["score"])
    if known != wanted:
        changed = sorted(name for name in known.keys() | wanted.keys() if known.get(name) != wanted.get(name))
        raise ConfigError(
            f"{planned.folder} was fine-tuned with other {', '.join(changed)}: give the same again, a copy of the "
            f"task's file under another name, or remove {planned.folder.parent} to fine-tune all anew"
        )
    return found


def _hash(path: Path) -> str:
    """Return the sha256 of a file, or of all files of a folder."""
    digest = hashlib.sha256()
    try:
        for file in sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror or error}") from error
    return digest.hexdigest()
