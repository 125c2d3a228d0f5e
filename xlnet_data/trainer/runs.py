"""Keeps what a run consists of: its parts in memory, and in its folder the settings that a resumed run reads again."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from xlnet_data.datasets.mapped import MappedSplit
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.files.writing import atomic_write
from xlnet_data.trainer.checkpoints import FOLDER
from xlnet_data.trainer.devices import Device
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import ModelConfig, ResolvedSettings, RunOptions
from xlnet_data.trainer.transformers_format import import_model

RUN_FILE = "run.json"


@dataclass(frozen=True)
class Run:
    """All that training and evaluation work with.

    Attributes:
        model: The model, on the device.
        train_split: Its shards are trained on.
        dev_split: Its shards are evaluated on.
        settings: How to train.
        device: This process's device and rank.
    """

    model: XLNet
    train_split: MappedSplit
    dev_split: MappedSplit
    settings: ResolvedSettings
    device: Device


def make_model(config: ModelConfig, init_hf: Path | None, seed: int) -> XLNet:
    """Return a new model, or one that goes on from a folder of transformers."""
    torch.manual_seed(seed)
    return XLNet(config) if init_hf is None else import_model(init_hf, config)


def start_run(options: RunOptions, config: ModelConfig, settings: ResolvedSettings, train_split: MappedSplit) -> None:
    """Make the run's folder and write run.json, from which a resumed run takes its settings.

    Raises:
        ConfigError: A run lies there already.
    """
    path = options.output / RUN_FILE
    if path.exists():
        if not options.overwrite:
            raise ConfigError(
                f"{options.output} already holds a run: go on with --resume, replace it with --overwrite, or choose "
                "another --output"
            )
        shutil.rmtree(options.output / FOLDER, ignore_errors=True)
    content = {
        "dataset": train_split.settings.fingerprint,
        "model": asdict(config),
        "settings": asdict(settings),
        "init_hf": None if options.init_hf is None else str(options.init_hf.resolve()),
    }
    try:
        with atomic_write(str(path)) as file:
            file.write((json.dumps(content, indent=2) + "\n").encode())
        (options.output / FOLDER).mkdir(exist_ok=True)
    except (OSError, ShardError) as error:
        raise ConfigError(f"cannot write the run's folder: {error}") from error


def read_run(folder: Path, train_split: MappedSplit) -> tuple[ModelConfig, ResolvedSettings, Path | None]:
    """Read from a run's run.json the model's size, the settings, and the folder of transformers that it started from.

    Raises:
        ConfigError: There is no run.
        ShardError: The run was on another dataset.
    """
    path = folder / RUN_FILE
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        config, settings = ModelConfig(**content["model"]), ResolvedSettings(**content["settings"])
        init_hf = None if content["init_hf"] is None else Path(content["init_hf"])
    except FileNotFoundError as error:
        raise ConfigError(f"{folder} holds no run to resume: train without --resume") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} cannot be read ({error}): start a new run with --overwrite") from error
    if content["dataset"] != train_split.settings.fingerprint:
        raise ShardError(
            f"{folder} was trained on a dataset of fingerprint {content['dataset']}, this one has "
            f"{train_split.settings.fingerprint}: resume on the same dataset"
        )
    return config, settings, init_hf
