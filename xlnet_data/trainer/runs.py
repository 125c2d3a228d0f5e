"""Puts together what a run consists of: the dataset's splits, the model, and the checkpoint that it goes on from."""

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from xlnet_data.datasets.checksums import check_files
from xlnet_data.datasets.mapped import MappedSplit, ShardSettings, open_split
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.trainer.batches import LaneBatches
from xlnet_data.trainer.checkpoints import Checkpoint, check_fit, check_run, find_checkpoint, load_checkpoint
from xlnet_data.trainer.devices import Device
from xlnet_data.trainer.memory_needs import check_memory
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.objectives import Objective
from xlnet_data.trainer.run_folders import (
    SPIECE_FILE,
    check_outputs,
    check_readable,
    describe_run,
    hold_run,
    read_run,
    read_run_file,
)
from xlnet_data.trainer.settings import (
    ModelConfig,
    ResolvedSettings,
    RunOptions,
    TrainSettings,
    check_parts,
    resolve_settings,
)
from xlnet_data.trainer.transformers_format import check_tokenizer, import_model, read_config


@dataclass(frozen=True)
class Run:
    """All that training and evaluation work with.

    Attributes:
        model: The model, on the device.
        train_split: Its shards are trained on.
        dev_split: Its shards are evaluated on.
        settings: How to train.
        device: This process's device and rank.
        content: What its run.json says.
    """

    model: XLNet
    train_split: MappedSplit
    dev_split: MappedSplit
    settings: ResolvedSettings
    device: Device
    content: dict[str, Any]

    @property
    def objective(self) -> Objective:
        """What the model is trained to do."""
        return objective_of(self.model.config, self.settings, self.train_split.settings)


def objective_of(config: ModelConfig, settings: ResolvedSettings, data: ShardSettings) -> Objective:
    """Return the objective that the settings name, on shards, for a model of this size."""
    return Objective(settings.objective, data, settings.memory, settings.hidden_frac, settings.seed, config.nsp)


def prepare_run(
    options: RunOptions, config: ModelConfig, settings: TrainSettings, device: Device, held: contextlib.ExitStack
) -> tuple[Run, Checkpoint | None]:
    """Check all that can be checked before the work, open the dataset, and make the model.

    Args:
        options: Where the data and the run lie.
        config: The model's size.
        settings: How to train.
        device: This process's device and rank; a resumed run has the precision that it began with.
        held: Holds the run's folder for the first process until it is closed.

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
        content, config, resolved = read_run(options.output, options.dataset, train_split)
        init_hf = None if content["init_hf"] is None else Path(content["init_hf"])
        check_parts(resolved, device.num_ranks)
        device = replace(device, is_bf16=content["precision"] == "bf16")
        if device.is_main:
            held.enter_context(hold_run(options.output))
        if (folder := find_checkpoint(options.output)) is not None:
            saved, init_hf = load_checkpoint(folder), None
            check_run(saved, content, options.output)
    else:
        if config.nsp and train_split.schema.metadata.get(b"pairs") == b"false":
            raise ConfigError("these shards have no negative pairs (pairs = false): there is nothing to learn by --nsp")
        config = replace(config, vocab_size=train_split.settings.vocab_size)
        if init_hf is not None:
            config = read_config(init_hf, config)
        resolved = resolve_settings(settings, train_split, device.num_ranks, config.width)
    if init_hf is not None:
        check_tokenizer(init_hf, train_split.settings.tokenizer_sha256)
    # Refuses what the lanes do not suffice for.
    LaneBatches(train_split, resolved.batch_size, num_ranks=device.num_ranks)
    check_memory(config, resolved, objective_of(config, resolved, train_split.settings), device)
    torch.manual_seed(resolved.seed)
    model = XLNet(config) if init_hf is None else import_model(init_hf, config)
    model.query_start.requires_grad_(resolved.objective == "plm")  # the others have no queries that begin with it
    if not options.resume:
        if device.is_main:
            held.enter_context(hold_run(options.output))
        content = describe_run(options, model.config, resolved, train_split, "bf16" if device.is_bf16 else "fp32")
    return Run(model.to(device.device), train_split, dev_split, resolved, device, content), saved


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
    check_readable(folder, content, dataset, train_split.settings)
    model, step = load_model(folder, content, config, settings)
    return Run(model.to(device.device), train_split, dev_split, settings, device, content), step


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
        ConfigError: There is no run, or it has no checkpoint.
        ShardError: The checkpoint is damaged or of another run, or the vocabulary is another.
    """
    content, config, settings = read_run_file(folder)
    model, _ = load_model(folder, content, config, settings)
    data = content["data"]
    tokenizer = Tokenizer.load(str(folder / SPIECE_FILE), TokenizerSettings(**data["tokenizer"]))
    if tokenizer.sha256 != data["tokenizer_sha256"]:
        raise ShardError(
            f"{folder / SPIECE_FILE} is not the vocabulary that the run was trained with: copy the one of its dataset"
        )
    return SavedRun(model.eval(), settings, data["seq_len"], data["reuse_len"], tokenizer)


def load_model(
    folder: Path, content: dict[str, Any], config: ModelConfig, settings: ResolvedSettings
) -> tuple[XLNet, int]:
    """Return the model of a run's last checkpoint, and the checkpoint's step.

    Raises:
        ConfigError: There is no checkpoint yet.
        ShardError: It is damaged or of another run.
    """
    if (found := find_checkpoint(folder)) is None:
        raise ConfigError(f"{folder} has no checkpoint yet: train on with --resume")
    saved = load_checkpoint(found)
    check_run(saved, content, folder)
    model = XLNet(config)
    model.query_start.requires_grad_(settings.objective == "plm")
    check_fit(saved, model, model.start_memory(1, settings.mem_len))
    model.load_state_dict(saved.model)
    return model, saved.step
