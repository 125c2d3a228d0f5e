"""Keeps a fine-tuned model in a folder: weights, what it was made of, and the vocabulary."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from xlnet_data.errors import ConfigError
from xlnet_data.files.stores import real_path
from xlnet_data.files.writing import atomic_write
from xlnet_data.finetuning.choices import Choices
from xlnet_data.finetuning.heads import TunedModel
from xlnet_data.finetuning.kinds import Kind
from xlnet_data.finetuning.results import Tuned
from xlnet_data.finetuning.settings import TuneSettings
from xlnet_data.finetuning.spans import Spans
from xlnet_data.finetuning.summaries import Classes, Numbers
from xlnet_data.finetuning.tables import Form
from xlnet_data.finetuning.tasks import CHOICES, CLASSES, NUMBERS, SPANS
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.run_folders import SPIECE_FILE, WEIGHTS_FILE
from xlnet_data.trainer.runs import open_saved
from xlnet_data.trainer.settings import ModelConfig
from xlnet_data.trainer.tensor_files import read_tensors, write_tensors

TUNED_FILE, SCORES_FILE = "tuned.json", "scores.json"

KINDS: dict[str, Any] = {CLASSES: Classes, NUMBERS: Numbers, CHOICES: Choices, SPANS: Spans}


@dataclass(frozen=True)
class Tuning:
    """A model with all that is needed to go on with it.

    Attributes:
        model: The model with its head.
        kind: What it is to tell.
        task: The task's name.
        form: The columns of the table that it learns from; None: it is no table.
        tokenizer: The vocabulary.
        seq_len: Tokens of an input, at most.
        settings: How it is fine-tuned.
    """

    model: TunedModel
    kind: Kind
    task: str
    form: Form | None
    tokenizer: Tokenizer
    seq_len: int
    settings: TuneSettings


def is_tuned(folder: Path) -> bool:
    """Return whether a folder holds a fine-tuned model."""
    return (folder / TUNED_FILE).exists()


def open_body(folder: Path, settings: TuneSettings) -> tuple[XLNet, Tokenizer, int]:
    """Return the model of a pretraining run with the fine-tuning's dropout, its vocabulary, and its seq_len.

    Raises:
        ConfigError: There is no run, or it has no checkpoint.
        ShardError: The checkpoint is damaged.
    """
    saved = open_saved(folder)
    config = replace(saved.model.config, dropout=settings.dropout, nsp=False)
    torch.manual_seed(settings.seed)
    body = XLNet(config)
    if not settings.from_scratch:
        trained = saved.model.state_dict()
        body.load_state_dict({name: trained[name] for name in body.state_dict()})
    return body, saved.tokenizer, settings.seq_len or saved.seq_len


def save_tuning(tuning: Tuning, folder: Path) -> None:
    """Write a fine-tuned model.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    cleaning = tuning.tokenizer.settings
    content = {
        "task": tuning.task,
        "kind": tuning.kind.to_json(),
        "form": tuning.form and asdict(tuning.form),
        "seq_len": tuning.seq_len,
        "model": asdict(tuning.model.body.config),
        "settings": asdict(tuning.settings),
        "tokenizer": asdict(cleaning),
    }
    with atomic_write(str(folder / SPIECE_FILE)) as file:
        file.write(tuning.tokenizer.model_bytes)
    write_tensors(tuning.model.state_dict(), folder / WEIGHTS_FILE)
    with atomic_write(str(folder / TUNED_FILE)) as file:  # last: without it there is no model
        file.write((json.dumps(content, indent=2) + "\n").encode())


def load_tuning(folder: Path) -> Tuning:
    """Read a fine-tuned model to the CPU.

    Raises:
        ConfigError: The folder holds none, or it is damaged.
    """
    try:
        content = json.loads((folder / TUNED_FILE).read_text())
        kind = load_kind(content["kind"])
        config, settings = ModelConfig(**content["model"]), TuneSettings(**content["settings"])
        model = TunedModel(XLNet(config), kind.make_head(config), settings.summary)
        model.load_state_dict(read_tensors(folder / WEIGHTS_FILE))
        return Tuning(
            model=model,
            kind=kind,
            task=content["task"],
            form=content["form"] and Form(**content["form"]),
            tokenizer=Tokenizer.load(str(folder / SPIECE_FILE), TokenizerSettings(**content["tokenizer"])),
            seq_len=content["seq_len"],
            settings=settings,
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise ConfigError(f"{folder} holds no fine-tuned model that can be read ({error}): fine-tune again") from error


def load_kind(content: dict[str, Any]) -> Kind:
    """Return the kind that a `to_json` wrote."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}
    kind: Kind = KINDS[str(values.pop("kind"))](**values)
    return kind


def clear_output(folder: Path, inputs: Iterable[Path], *, overwrite: bool) -> None:
    """Make a folder for a fine-tuned model or its predictions, or empty the one that is there.

    It is left with a file of scores that has none yet: the mark of a folder that may be replaced if this is stopped.

    Args:
        folder: The folder.
        inputs: The run or model that is read, and the files of the task: none may lie in a folder that is emptied.
        overwrite: True: what a fine-tuning, also one that was stopped, left in it goes.

    Raises:
        ConfigError: Something lies there that stays, or the folder cannot be written.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            if not overwrite:
                raise ConfigError(
                    f"{folder} is not empty: replace what it holds with --overwrite, or choose another --output"
                )
            if not is_tuned(folder) and not _has_scores(folder):
                raise ConfigError(f"{folder} holds something else than a fine-tuned model: choose another --output")
            for path in inputs:
                if real_path(path).is_relative_to(real_path(folder)):
                    raise ConfigError(f"{path} is read, and would go with what {folder} holds: choose another --output")
            for path in folder.iterdir():
                if path.name != SCORES_FILE:  # which tells whose folder it is if this is stopped
                    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        write_scores({}, folder)
    except OSError as error:
        raise ConfigError(f"cannot write to {folder}: {error.strerror or error}") from error


def _has_scores(folder: Path) -> bool:
    """Return whether a folder holds the scores of a fine-tuning or prediction, or those that one began with."""
    try:
        scores = json.loads((folder / SCORES_FILE).read_text())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(scores, dict) and set(scores) in (set(), {field.name for field in fields(Tuned)})


def write_scores(scores: dict[str, Any], folder: Path) -> None:
    """Write what a fine-tuning came to.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    with atomic_write(str(folder / SCORES_FILE)) as file:
        file.write((json.dumps(scores, indent=2) + "\n").encode())
