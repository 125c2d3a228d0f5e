"""Holds a dataset folder for one build, and tells whether an unfinished build in it may go on."""

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from typing import Any

from xlnet_data.config import BuildConfig, tolerances, without_tolerance
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.documents.tasks import Task
from xlnet_data.errors import ShardError
from xlnet_data.files.opening import modified_time
from xlnet_data.files.stores import is_url
from xlnet_data.schemas.manifest import MANIFEST_FILE, SPLITS, TOKENIZER_FILE, Manifest
from xlnet_data.text.tokenizer import Tokenizer

WORK_FOLDER = ".work"
"""Within the dataset folder: what a local build keeps until it is finished."""


@contextlib.contextmanager
def hold_folder(output: str, overwrite: bool) -> Iterator[str]:
    """Hold a dataset folder for one build and yield its work folder.

    Raises:
        ShardError: The folder holds a dataset or foreign files, or another build is at work in it.
    """
    work = os.path.join(output, WORK_FOLDER)
    _check_folder(output, overwrite)
    try:
        os.makedirs(work, exist_ok=True)
        lock = open(os.path.join(work, "lock"), "w")  # noqa: SIM115 - held until the build ends
    except OSError as error:
        raise ShardError(f"cannot write to {output}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ShardError(f"another build is at work in {output}: wait for it, or choose another folder") from error
        if overwrite:
            _remove_dataset(output)
        yield work


def finish_build(output: str) -> Manifest:
    """Take away the work folder of a dataset that is published, and return its manifest."""
    shutil.rmtree(os.path.join(output, WORK_FOLDER), ignore_errors=True)
    return read_manifest(output)


def is_published(output: str) -> bool:
    """Return whether a folder has its manifest: a build that was killed right after that has nothing left to do."""
    return os.path.exists(os.path.join(output, MANIFEST_FILE))


def _check_folder(output: str, overwrite: bool) -> None:
    if os.path.exists(os.path.join(output, MANIFEST_FILE)):
        if not overwrite and not os.path.isdir(os.path.join(output, WORK_FOLDER)):
            raise ShardError(f"{output} already holds a dataset: choose another folder, or give --overwrite")
    elif os.path.exists(output) and not os.path.isdir(output):
        raise ShardError(f"{output} is a file: choose a folder for the dataset")
    elif os.path.isdir(output) and os.listdir(output) and not os.path.isdir(os.path.join(output, WORK_FOLDER)):
        raise ShardError(f"{output} holds other files: choose an empty or new folder for the dataset")


def _remove_dataset(output: str) -> None:
    """Remove a dataset's files, the manifest first, and nothing else."""
    for name in (MANIFEST_FILE, TOKENIZER_FILE):
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(output, name))
    for split in (*SPLITS, "rejects"):
        shutil.rmtree(os.path.join(output, split), ignore_errors=True)


def remove_temporary(folder: str) -> None:
    """Remove what killed workers were writing."""
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if name.endswith(".tmp"):
            with contextlib.suppress(FileNotFoundError):  # a worker that outlived its build may still rename it
                os.remove(os.path.join(folder, name))


def describe_build(config: BuildConfig, tokenizer: Tokenizer, tasks: Sequence[Task]) -> dict[str, Any]:
    """Return what must not change between the parts of one build, by what a message calls it."""
    paths = sorted({file_range.path for task in tasks for file_range in task.ranges})
    stamps = [(path, None if is_url(path) else modified_time(path)) for path in paths]
    listing = json.dumps([[dataclasses.astuple(task) for task in tasks], stamps])
    return {
        "config": without_tolerance(config).fingerprint(),
        "tolerances": tolerances(config),
        "shards": config.fingerprint(),
        "tokenizer": tokenizer.sha256,
        "input files": hashlib.sha256(listing.encode()).hexdigest(),
    }


def check_same_build(found: dict[str, Any], expected: dict[str, Any], output: str) -> None:
    """Check that an unfinished build may go on.

    Raises:
        ShardError: Its config, tokenizer or input is another.
    """
    changed = [name for name in ("config", "tokenizer", "input files") if found.get(name) != expected[name]]
    tolerated = zip(found.get("tolerances", ()), expected["tolerances"], strict=False)
    if not changed and any(old and not new for old, new in tolerated):
        changed = ["config"]  # what has been read may hold what is an error now
    if changed:
        raise ShardError(
            f"{output} holds an unfinished build, but since then the {' and the '.join(changed)} changed: "
            "give --no-resume to begin anew"
        )
