"""Keeps what a run consists of: its parts in memory, and in its folder the settings that a resumed run reads again."""

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from xlnet_data.checks import is_whole_number
from xlnet_data.datasets.checksums import check_files
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.mapped import MappedSplit, ShardSettings, open_split
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.files.writing import atomic_write
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.trainer.batches import LaneBatches
from xlnet_data.trainer.checkpoints import (
    FOLDER,
    Checkpoint,
    check_fit,
    check_size,
    find_checkpoint,
    load_checkpoint,
)
from xlnet_data.trainer.devices import Device
from xlnet_data.trainer.memory_needs import check_memory
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.objectives import Objective
from xlnet_data.trainer.settings import ModelConfig, ResolvedSettings, RunOptions, TrainSettings, resolve_settings
from xlnet_data.trainer.transformers_format import check_tokenizer, import_model, read_config

RUN_FILE, SPIECE_FILE = "run.json", "spiece.model"


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

    @property
    def objective(self) -> Objective:
        """What the model is trained to do."""
        return objective_of(self.settings, self.train_split.settings)


def objective_of(settings: ResolvedSettings, data: ShardSettings) -> Objective:
    """Return the objective that the settings name, on shards."""
    return Objective(settings.objective, data, settings.memory, settings.hidden_frac, settings.seed)


def prepare_run(
    options: RunOptions, config: ModelConfig, settings: TrainSettings, device: Device
) -> tuple[Run, Checkpoint | None]:
    """Check all that can be checked before the work, open the dataset, and make the model.

    Returns:
        The run, and the checkpoint that it goes on from.

    Raises:
        XlnetDataError: Something that the user can mend.
    """
    if device.is_main:
        check_outputs(options)
    check_files(options.dataset, ["train", "dev"], device.rank, device.num_ranks)
    train_split, dev_split = open_split(options.dataset, "train"), open_split(options.dataset, "dev")
    saved, init_hf = None, options.init_hf
    if options.resume:
        config, resolved, init_hf = read_run(options.output, train_split)
        if (folder := find_checkpoint(options.output)) is not None:
            saved, init_hf = load_checkpoint(folder), None
    else:
        config = replace(config, vocab_size=train_split.settings.vocab_size)
        if init_hf is not None:
            config = read_config(init_hf, config)
        resolved = resolve_settings(settings, train_split, device.num_ranks, config.width)
    if init_hf is not None:
        check_tokenizer(init_hf, train_split.settings.tokenizer_sha256)
    LaneBatches(
        train_split, resolved.batch_size, num_ranks=device.num_ranks
    )  # refuses what the lanes do not suffice for
    check_memory(config, resolved, objective_of(resolved, train_split.settings), device)
    torch.manual_seed(resolved.seed)
    model = XLNet(config) if init_hf is None else import_model(init_hf, config)
    model.query_start.requires_grad_(resolved.objective == "plm")  # the others have no queries that begin with it
    if device.is_main and not options.resume:
        start_run(options, model.config, resolved, train_split)
    return Run(model.to(device.device), train_split, dev_split, resolved, device), saved


def open_run(folder: Path, dataset: Path, device: Device) -> tuple[Run, int]:
    """Open a run that was trained, with the weights of its last checkpoint, and return it with the checkpoint's step.

    Args:
        folder: The run's folder.
        dataset: The dataset that it was trained on, or one of the same vocabulary and lengths.
        device: Where to compute.

    Raises:
        ConfigError: There is no run, or it has no checkpoint yet.
        ShardError: The dataset does not fit the run, or the checkpoint is damaged or of another model.
    """
    check_files(dataset, ["train", "dev"], device.rank, device.num_ranks)
    train_split, dev_split = open_split(dataset, "train"), open_split(dataset, "dev")
    content, config, settings = read_run_file(folder)
    data, spiece = train_split.settings, folder / SPIECE_FILE
    if content.get("dataset") != data.fingerprint:
        known = content.get("data", {})
        lengths = (known.get("seq_len"), known.get("reuse_len"))
        sha256 = hashlib.sha256(spiece.read_bytes()).hexdigest() if spiece.exists() else None
        if (*lengths, sha256) != (data.seq_len, data.reuse_len, data.tokenizer_sha256):
            raise ShardError(
                f"{folder} was trained on another dataset than {dataset}, of another vocabulary, seq_len or reuse_len: "
                "the model cannot read this one"
            )
    model, step = load_model(folder, config, settings)
    return Run(model.to(device.device), train_split, dev_split, settings, device), step


@dataclass(frozen=True)
class SavedRun:
    """What a run's folder holds by itself, without the dataset.

    Attributes:
        model: The model of the last checkpoint, on the CPU, in evaluation.
        settings: How it was trained.
        seq_len: Tokens of an example.
        reuse_len: Tokens of its reuse half.
        tokenizer: The vocabulary.
    """

    model: XLNet
    settings: ResolvedSettings
    seq_len: int
    reuse_len: int
    tokenizer: Tokenizer


def open_saved(folder: Path) -> SavedRun:
    """Open a run by its folder alone.

    Raises:
        ConfigError: There is no run, it has no checkpoint, or it has no vocabulary, as runs of older versions.
        ShardError: The checkpoint is damaged or of another model.
    """
    content, config, settings = read_run_file(folder)
    model, _ = load_model(folder, config, settings)
    try:
        data = content["data"]
        seq_len, reuse_len, cleaning = data["seq_len"], data["reuse_len"], TokenizerSettings(**data["tokenizer"])
        if not (is_whole_number(seq_len) and is_whole_number(reuse_len) and 0 <= reuse_len < seq_len):
            raise TypeError(f"seq_len is {seq_len!r} and reuse_len {reuse_len!r}")
    except (KeyError, TypeError) as error:
        raise ConfigError(f"{folder / RUN_FILE} does not say how text becomes tokens: train the run again") from error
    tokenizer = Tokenizer.load(str(folder / SPIECE_FILE), cleaning)
    return SavedRun(model.eval(), settings, seq_len, reuse_len, tokenizer)


def load_model(folder: Path, config: ModelConfig, settings: ResolvedSettings) -> tuple[XLNet, int]:
    """Return the model of a run's last checkpoint, and the checkpoint's step.

    Raises:
        ConfigError: There is no checkpoint yet.
        ShardError: It is damaged or of another model.
    """
    if (found := find_checkpoint(folder)) is None:
        raise ConfigError(f"{folder} has no checkpoint yet: train on with --resume")
    saved = load_checkpoint(found)
    check_size(saved, config, settings.mem_len)
    model = XLNet(config)
    model.query_start.requires_grad_(settings.objective == "plm")
    check_fit(saved, model, model.start_memory(1, settings.mem_len), settings.objective)
    model.load_state_dict(saved.model)
    return model, saved.step


def check_outputs(options: RunOptions) -> None:
    """Check that the run's folder and that of the exported model can be written, and that nothing lies there.

    Raises:
        ConfigError: They cannot, or something does that may not be replaced.
    """
    if not options.resume and (options.output / RUN_FILE).exists() and not options.overwrite:
        raise ConfigError(
            f"{options.output} already holds a run: go on with --resume, replace it with --overwrite, or choose "
            "another --output"
        )
    _check_writable(options.output)
    if options.export_hf is not None:
        check_export(options.export_hf, overwrite=options.overwrite)


def check_export(output: Path, *, overwrite: bool) -> None:
    """Check that a model can be exported into a folder, and that nothing lies there.

    Raises:
        ConfigError: It cannot, or something does that may not be replaced.
    """
    if output.is_dir() and any(output.iterdir()) and not overwrite:
        raise ConfigError(
            f"{output} is not empty, and the export would replace what lies there: choose another --export-hf, empty "
            "the folder, or give --overwrite"
        )
    _check_writable(output)


def _check_writable(folder: Path) -> None:
    """Write a file into a folder and remove it, and the folder too if it was not there before."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for path in missing:
            path.rmdir()
    except OSError as error:
        raise ConfigError(f"cannot write to {folder}: {error.strerror or error}") from error


def start_run(options: RunOptions, config: ModelConfig, settings: ResolvedSettings, train_split: MappedSplit) -> None:
    """Make the run's folder, with the vocabulary and run.json, from which a resumed run takes its settings.

    Raises:
        ConfigError: The folder cannot be written.
    """
    path = options.output / RUN_FILE
    manifest = read_manifest(str(options.dataset))
    shutil.rmtree(options.output / FOLDER, ignore_errors=True)
    content = {
        "dataset": train_split.settings.fingerprint,
        "model": asdict(config),
        "settings": asdict(settings),
        "init_hf": None if options.init_hf is None else str(options.init_hf.resolve()),
        "data": {
            "seq_len": train_split.settings.seq_len,
            "reuse_len": train_split.settings.reuse_len,
            "tokenizer": manifest.config["tokenizer"],
        },
    }
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(options.dataset / manifest.tokenizer.file, options.output / SPIECE_FILE)
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
    content, config, settings = read_run_file(folder)
    if content.get("dataset") != train_split.settings.fingerprint:
        raise ShardError(
            f"{folder} was trained on a dataset of fingerprint {content['dataset']}, this one has "
            f"{train_split.settings.fingerprint}: resume on the same dataset"
        )
    return config, settings, None if content["init_hf"] is None else Path(content["init_hf"])


def read_run_file(folder: Path) -> tuple[dict[str, Any], ModelConfig, ResolvedSettings]:
    """Read a run's run.json: all of it, the model's size, and the settings.

    Raises:
        ConfigError: There is no run, or the file is damaged.
    """
    path = folder / RUN_FILE
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        config, settings = ModelConfig(**content["model"]), ResolvedSettings(**content["settings"])
        if not isinstance(content["init_hf"], str | None):
            raise TypeError(f"init_hf is {content['init_hf']!r}")
    except FileNotFoundError as error:
        raise ConfigError(f"{folder} holds no run to resume: train without --resume") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read ({error}): start a new run with --overwrite") from error
    return content, config, settings
