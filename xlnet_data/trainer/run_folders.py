"""Keeps the folder of a run: who may write into it, its run.json, and which dataset it was trained on."""

import contextlib
import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xlnet_data.checks import is_whole_number
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.mapped import MappedSplit, ShardSettings
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.files.stores import real_path
from xlnet_data.files.writing import atomic_write, hash_file
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.trainer.checkpoints import FOLDER
from xlnet_data.trainer.metrics import CURVES_FILE, METRICS_FILE
from xlnet_data.trainer.settings import ModelConfig, ResolvedSettings, RunOptions

RUN_FILE, SPIECE_FILE = "run.json", "spiece.model"
CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"
UNFINISHED = ".unfinished"
"""Folder in that of an exported model, where its files wait until all of them are written."""

_EXPORTED = {CONFIG_FILE, WEIGHTS_FILE, SPIECE_FILE, "tokenizer.json", "tokenizer_config.json", UNFINISHED}
"""What an exported model's folder holds."""


def check_outputs(options: RunOptions) -> None:
    """Check that the run's folder and that of the exported model can be written, and that nothing lies there.

    Raises:
        ConfigError: They cannot, or something does that may not be replaced.
        ShardError: The dataset's manifest cannot be read.
    """
    if not options.resume and real_path(options.output) == real_path(options.dataset):
        raise ConfigError(f"{options.output} is the folder of the dataset itself: choose another --output")
    is_run = (options.output / RUN_FILE).exists()
    if not options.resume and is_run and not options.overwrite:
        raise ConfigError(
            f"{options.output} already holds a run: go on with --resume, replace it with --overwrite, or choose "
            "another --output"
        )
    if not options.resume and not is_run:
        _check_foreign(options)
    _check_writable(options.output)
    if options.export_hf is not None:
        check_export(options.export_hf, options.output, overwrite=options.overwrite)


def _check_foreign(options: RunOptions) -> None:
    """Check that a folder without a run holds no file that a run would replace; what a run's start left may go."""
    expected = read_manifest(str(options.dataset)).tokenizer.sha256
    for name in (METRICS_FILE, CURVES_FILE, FOLDER, SPIECE_FILE):
        path = options.output / name
        is_ours = path.is_file() and (
            path.stat().st_size == 0 or (name == SPIECE_FILE and hash_file(str(path)) == expected)
        )
        if path.exists() and not is_ours:
            raise ConfigError(
                f"{path} is of no run, since there is no {RUN_FILE} beside it, and would be replaced: choose another "
                "--output, or move it"
            )


@contextlib.contextmanager
def hold_run(folder: Path) -> Iterator[None]:
    """Hold a run's folder, which is made if it is not there, so that no other process trains in it.

    The log of the metrics is locked, if the file system has locks. Where no run began, a folder that was made is
    removed again.

    Raises:
        ConfigError: Another process holds it, or the folder cannot be written.
    """
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = open(folder / METRICS_FILE, "a")  # noqa: SIM115 - held until the run ends
    except OSError as error:
        raise ConfigError(f"cannot write to {folder}: {error.strerror or error}") from error
    with log:
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(f"another process trains in {folder}: wait for it, or choose another --output") from error
        except OSError:  # whether another one is there, nobody can tell
            pass
        try:
            yield
        finally:
            if is_new and not (folder / RUN_FILE).exists():
                with contextlib.suppress(OSError):
                    (folder / METRICS_FILE).unlink()
                    folder.rmdir()


def check_export(output: Path, run: Path, *, overwrite: bool) -> None:
    """Check that a model can be exported into a folder, and that nothing lies there.

    Args:
        output: The folder.
        run: The folder of the run, which is another.
        overwrite: A model that was exported before may be replaced.

    Raises:
        ConfigError: It cannot, or something does that may not be replaced.
    """
    if real_path(output) == real_path(run):
        raise ConfigError(f"{output} is the folder of the run itself: choose another --export-hf")
    held = {path.name for path in output.iterdir()} if output.is_dir() else set()
    if held - {UNFINISHED} and not overwrite:
        raise ConfigError(
            f"{output} is not empty, and the export would replace what lies there: choose another --export-hf, empty "
            "the folder, or give --overwrite"
        )
    if held - _EXPORTED:
        raise ConfigError(
            f"{output} holds {min(held - _EXPORTED)!r}, which is of no exported model: choose another --export-hf"
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
            with contextlib.suppress(OSError):  # another run may have put its folder there
                path.rmdir()
    except OSError as error:
        raise ConfigError(f"cannot write to {folder}: {error.strerror or error}; choose another folder") from error


def describe_run(
    options: RunOptions, config: ModelConfig, settings: ResolvedSettings, train_split: MappedSplit, precision: str
) -> dict[str, Any]:
    """Return what run.json says of a run: all that decides what it learns.

    Args:
        options: Where the data and the run lie.
        config: The model's size.
        settings: How to train.
        train_split: The shards that are trained on.
        precision: "fp32" or "bf16".
    """
    manifest = read_manifest(str(options.dataset))
    return {
        "dataset": train_split.settings.fingerprint,
        "model": asdict(config),
        "settings": asdict(settings),
        "precision": precision,
        "init_hf": None if options.init_hf is None else str(real_path(options.init_hf)),
        "data": {
            "seq_len": train_split.settings.seq_len,
            "reuse_len": train_split.settings.reuse_len,
            "tokenizer": manifest.config["tokenizer"],
            "tokenizer_sha256": manifest.tokenizer.sha256,
            "shards": _hash_shards(options.dataset),
        },
    }


def start_run(options: RunOptions, content: dict[str, Any]) -> None:
    """Make the run's folder, with the vocabulary and run.json, from which a resumed run takes its settings.

    Args:
        options: Where the data and the run lie.
        content: What run.json says.

    Raises:
        ConfigError: The folder cannot be written.
    """
    path, spiece = options.output / RUN_FILE, options.output / SPIECE_FILE
    shutil.rmtree(options.output / FOLDER, ignore_errors=True)
    try:
        with atomic_write(str(spiece)) as file:
            file.write((options.dataset / read_manifest(str(options.dataset)).tokenizer.file).read_bytes())
        with atomic_write(str(path)) as file:
            file.write((json.dumps(content, indent=2) + "\n").encode())
        (options.output / FOLDER).mkdir(exist_ok=True)
    except (OSError, ShardError) as error:
        raise ConfigError(f"cannot write the run's folder: {error}") from error


def read_run(
    folder: Path, dataset: Path, train_split: MappedSplit
) -> tuple[dict[str, Any], ModelConfig, ResolvedSettings]:
    """Read the run.json of a run that goes on on a dataset: all of it, the model's size, and the settings.

    Raises:
        ConfigError: There is no run.
        ShardError: The run was on another dataset.
    """
    content, config, settings = read_run_file(folder)
    check_readable(folder, content, dataset, train_split.settings)
    for what, said, found in (
        ("config", content["dataset"], train_split.settings.fingerprint),
        ("text", content["data"]["shards"], _hash_shards(dataset)),
    ):
        if said != found:
            raise ShardError(
                f"{folder} was trained on another dataset than {dataset}, of another {what} ({said}, not {found}): "
                "resume on the same dataset"
            )
    return content, config, settings


def check_readable(folder: Path, content: dict[str, Any], dataset: Path, data: ShardSettings) -> None:
    """Check that a run's model can read a dataset: that its vocabulary and lengths are those that it was trained on.

    Args:
        folder: The run's folder.
        content: Its run.json.
        dataset: The dataset's folder.
        data: What its shards say of themselves.

    Raises:
        ShardError: They are others.
    """
    known = content["data"] | {"vocab_size": content["model"]["vocab_size"]}
    if any(known[name] != getattr(data, name) for name in ("seq_len", "reuse_len", "vocab_size", "tokenizer_sha256")):
        raise ShardError(
            f"{folder} was trained on another dataset than {dataset}, of another vocabulary, seq_len or reuse_len: "
            "the model cannot read this one"
        )


def _hash_shards(dataset: Path) -> str:
    """Return a sha256 that stands for all bytes of a dataset's shards."""
    manifest = read_manifest(str(dataset))
    return hashlib.sha256("".join(f"{shard.file} {shard.sha256}\n" for shard in manifest.shards).encode()).hexdigest()


def read_run_file(folder: Path) -> tuple[dict[str, Any], ModelConfig, ResolvedSettings]:
    """Read a run's run.json: all of it, the model's size, and the settings.

    Raises:
        ConfigError: There is no run, or the file is damaged.
    """
    path = folder / RUN_FILE
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        config, settings = ModelConfig(**content["model"]), ResolvedSettings(**content["settings"])
        content["model"]["vocab_size"], content["precision"], content["dataset"]  # there, or a KeyError
        data = content["data"]
        TokenizerSettings(**data["tokenizer"])
        lengths = data["seq_len"], data["reuse_len"]
        if not (all(map(is_whole_number, lengths)) and 0 <= data["reuse_len"] < data["seq_len"]):
            raise TypeError("seq_len is {!r} and reuse_len {!r}".format(*lengths))
        texts = (content["init_hf"] or "", data["tokenizer_sha256"], data["shards"])
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("init_hf is no folder, or a sha256 is none")
    except FileNotFoundError as error:
        raise ConfigError(
            f"{folder} holds no run, for it has no {RUN_FILE}: name the folder that train-smoke wrote"
        ) from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    except NotADirectoryError as error:
        raise ConfigError(f"{folder} is no folder, and so no run: name the folder that train-smoke wrote") from error
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(
            f"{path} cannot be read ({type(error).__name__}: {error}), or is of an older version: start a new run with "
            "--overwrite"
        ) from error
    return content, config, settings
