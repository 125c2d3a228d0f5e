"""A run: its folder, its settings written down, its model made or taken over, its picture at the end."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from xlnet_data.datasets.mapped import MappedSplit, open_split
from xlnet_data.datasets.redraws import make_redraw
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.trainer.checkpoints import FOLDER
from xlnet_data.trainer.curves import draw_curves
from xlnet_data.trainer.devices import open_device
from xlnet_data.trainer.loop import METRICS_FILE, read_metrics, train
from xlnet_data.trainer.model import ModelConfig, XLNet
from xlnet_data.trainer.settings import StepRecord, TrainSettings, resolve_settings
from xlnet_data.trainer.transformers_format import export_model, import_model

RUN_FILE = "run.json"
CURVES_FILE = "curves.svg"


@dataclass(frozen=True)
class RunOptions:
    """Where a run lies and computes; nothing of this changes what it learns, but for the precision."""

    dataset: Path
    """The dataset folder."""
    output: Path
    """The run's folder."""
    resume: bool = False
    """Go on from the last checkpoint, with the settings in run.json."""
    overwrite: bool = False
    """Replace a run that lies in the output folder."""
    init_hf: Path | None = None
    """Start from this model folder of transformers."""
    export_hf: Path | None = None
    """Write the trained model for transformers to this folder."""
    device: str = "cpu"
    precision: str = "auto"


def run_training(
    options: RunOptions, config: ModelConfig, settings: TrainSettings, should_stop: Callable[[], bool] = lambda: False
) -> Iterator[StepRecord]:
    """Train on a dataset folder and yield records; the last one has the verdict unless the run was stopped.

    Args:
        options: Where.
        config: The model's size; the vocabulary's size comes from the shards, all of it from ``init_hf`` or the run.
        settings: How to train; from the run when it is resumed.
        should_stop: Asked after every step.

    Raises:
        XlnetDataError: Something that the user can mend.
    """
    splits = open_split(options.dataset, "train"), open_split(options.dataset, "dev")
    with open_device(options.device, options.precision) as device:
        if options.resume:
            config, settings = read_run(options.output, splits[0])
            model = XLNet(config)
        else:
            config = replace(config, vocab_size=splits[0].settings.vocab_size)
            model = make_model(config, options.init_hf, settings.seed)
            settings = resolve_settings(settings, splits[0], device.num_ranks, model.config.width)
            if device.is_main:
                start_run(options, model.config, settings, splits[0])
        model.to(device.device)
        redraw = make_redraw(options.dataset) if settings.fresh_targets else None
        record = None
        for record in train(
            model, splits, options.output, settings, device,
            redraw=redraw, resume=options.resume, should_stop=should_stop,
        ):  # fmt: skip
            yield record
        if device.is_main and record is not None and record.unigram_loss is not None:
            metrics = read_metrics(options.output / METRICS_FILE)
            draw_curves(metrics, record.unigram_loss, options.output / CURVES_FILE)
            if options.export_hf is not None:
                export_model(model, options.dataset, options.export_hf, settings)


def make_model(config: ModelConfig, init_hf: Path | None, seed: int) -> XLNet:
    """Return a new model, or one that goes on from a folder of transformers."""
    torch.manual_seed(seed)
    return XLNet(config) if init_hf is None else import_model(init_hf, config)


def start_run(options: RunOptions, config: ModelConfig, settings: TrainSettings, train_split: MappedSplit) -> None:
    """Make the run's folder and write down what the run is.

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
        "init_hf": None if options.init_hf is None else str(options.init_hf),
    }
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error


def read_run(folder: Path, train_split: MappedSplit) -> tuple[ModelConfig, TrainSettings]:
    """Return what a run is.

    Raises:
        ConfigError: There is no run.
        ShardError: The run was on another dataset.
    """
    path = folder / RUN_FILE
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        config, settings = ModelConfig(**content["model"]), TrainSettings(**content["settings"])
    except FileNotFoundError as error:
        raise ConfigError(f"{folder} holds no run to resume: train without --resume") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} cannot be read ({error}): start a new run") from error
    if content["dataset"] != train_split.settings.fingerprint:
        raise ShardError(
            f"{folder} was trained on a dataset of fingerprint {content['dataset']}, this one has "
            f"{train_split.settings.fingerprint}: resume on the same dataset"
        )
    return config, settings
