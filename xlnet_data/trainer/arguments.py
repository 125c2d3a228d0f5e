"""Makes a run's settings of what was given by name, on the command line or in Python; torch is not needed for it."""

import os
import resource
from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

from xlnet_data.errors import ConfigError
from xlnet_data.trainer.flags import flags_of, option_of
from xlnet_data.trainer.settings import LONGER, ModelConfig, RunOptions, TrainSettings

SETTINGS = (TrainSettings, ModelConfig, RunOptions)
"""The dataclasses whose fields are the flags, in the order of the help."""


def settings_from(
    dataset: str | os.PathLike[str], output: str | os.PathLike[str] | None, given: Mapping[str, Any]
) -> tuple[RunOptions, ModelConfig, TrainSettings]:
    """Return where a run lies, its model's size, and how to train.

    Args:
        dataset: The dataset folder; of a URL the splits are copied into a folder of this machine.
        output: The run's folder; None: the dataset's name with "-run" behind it, beside a local dataset, and for a URL
            in the current folder.
        given: What else was given, by the names of the fields; the rest has its defaults.

    Raises:
        ConfigError: A name is unknown, a value is out of range or a URL where none may be, or a resumed run or an
            imported model decides it.
        ShardError: The dataset of a URL cannot be copied.
    """
    known = {field.name: (field, flag, kind) for settings in SETTINGS for field, flag, kind in flags_of(settings)}
    if unknown := sorted({*given} - {*known}):
        raise ConfigError(f"unknown settings {', '.join(unknown)}: known are {', '.join(sorted(known))}")
    for decides, attribute, reason in (
        ("resume", "is_fixed_by_run", "--resume goes on with the run's own settings"),
        ("init_hf", "is_fixed_by_model", "--init-hf brings the model's size"),
    ):
        fixed = [
            option_of(field, flag)
            for name, (field, flag, _) in known.items()
            if name in given and getattr(flag, attribute)
        ]
        if given.get(decides) and fixed:
            raise ConfigError(f"{reason}: leave out {', '.join(fixed)}{LONGER if '--steps' in fixed else ''}")
    from xlnet_data.files.stores import local_path  # here, so that --help need not wait for pyarrow

    values = {
        name: local_path(value, name) if known[name][2] is Path and value is not None else value
        for name, value in given.items()
    }

    def of(settings: type) -> dict[str, Any]:
        return {field.name: values[field.name] for field in fields(settings) if field.name in values}

    config, training = ModelConfig(**of(ModelConfig)), TrainSettings(**of(TrainSettings))
    folder, beside = _find_dataset(os.fspath(dataset))
    values |= {
        "dataset": folder,
        "output": local_path(path_beside(beside, "-run") if output is None else output, "output"),
    }
    return RunOptions(**of(RunOptions)), config, training


def _find_dataset(dataset: str) -> tuple[Path, Path]:
    """Return a dataset's folder, and the path beside which its run lies; of a URL the splits are copied."""
    from xlnet_data.datasets.copies import copy_splits  # here, so that --help need not wait for pyarrow
    from xlnet_data.files.stores import is_url
    from xlnet_data.schemas.manifest import SPLITS

    if is_url(dataset):
        return Path(copy_splits(dataset, SPLITS)), Path(dataset.rstrip("/").rpartition("/")[2])
    return Path(dataset), Path(dataset)


def path_beside(folder: Path, ending: str) -> Path:
    """Return a path beside a folder, of the folder's name and an ending; also of "." and "..", which have no name.

    >>> path_beside(Path("data/set"), "-run")
    PosixPath('data/set-run')
    >>> path_beside(Path(), "-run") == Path.cwd().with_name(f"{Path.cwd().name}-run")
    True
    """
    from xlnet_data.files.stores import real_path

    where = real_path(folder) if folder.name in ("", "..") else folder
    return where.parent / f"{real_path(folder).name}{ending}"


def load_function(module: str, name: str, package: str = "xlnet_data.trainer") -> Any:
    """Return a function of a module that needs torch or matplotlib.

    Raises:
        ConfigError: What it needs is not installed, or finds no room.
    """
    try:
        return getattr(import_module(f"{package}.{module}"), name)
    except (ImportError, MemoryError) as error:
        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY and not isinstance(error, ModuleNotFoundError):
            raise ConfigError(
                f"torch does not fit into the {limit / 1e9:.1f} GB of address space that this process may have "
                "(ulimit -v), most of which it never uses: raise the limit"
            ) from error
        raise ConfigError(f"training needs torch and matplotlib ({error}): pip install 'xlnet-data[train]'") from error
