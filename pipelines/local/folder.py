"""Holds the folder of a local build, and makes a finished dataset appear in it at once."""

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import ShardError
from xlnet_data.files.writing import named_write, sync_file, sync_folder
from xlnet_data.pipelines.local.records import Records
from xlnet_data.schemas.manifest import (
    CARD_FILE,
    DATASET_FILES,
    DATASET_FOLDERS,
    DOCUMENTS_FOLDER,
    LOCK_FILE,
    MANIFEST_FILE,
    REJECTS_FOLDER,
    SPLITS,
    TOKENIZER_FILE,
    WORK_FOLDER,
    Manifest,
)

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


@dataclass(frozen=True)
class HeldFolder:
    """A folder that this process builds a dataset in.

    Attributes:
        output: Where the dataset shall be.
        building: Where it is built: the same, or a folder beside a dataset that it will replace.
    """

    output: str
    building: str

    @property
    def work(self) -> str:
        """The folder of what the build keeps until it is finished."""
        return os.path.join(self.building, WORK_FOLDER)

    @property
    def identity_file(self) -> str:
        """The file that says which build it is."""
        return os.path.join(self.work, "identity.json")

    @property
    def records(self) -> Records:
        """The records of what is finished."""
        return Records(self.building, os.path.join(self.work, "records"))

    @property
    def is_published(self) -> bool:
        """True: the dataset is whole; a build that was killed right then has only to clean up."""
        return os.path.exists(os.path.join(self.building, MANIFEST_FILE))

    def read_identity(self) -> dict[str, Any] | None:
        """Return which build an earlier process began here; None if it is not known."""
        try:
            with open(self.identity_file, encoding="utf-8") as file:
                found = json.load(file)
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def forget(self) -> None:
        """Remove all that an earlier process built here, but the lock."""
        for name in DATASET_FILES:
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(self.building, name))
        for folder in DATASET_FOLDERS:
            shutil.rmtree(os.path.join(self.building, folder), ignore_errors=True)
        for name in os.listdir(self.work):
            path = os.path.join(self.work, name)
            if os.path.isdir(path):
                shutil.rmtree(path, ignore_errors=True)
            elif name != os.path.basename(LOCK_FILE):
                os.remove(path)

    def publish(self, manifest: Manifest) -> None:
        """Make the dataset whose manifest lies in the work folder appear, and remove what is no part of it.

        Raises:
            ShardError: The disk does not take it.
        """
        _remove_strays(self.building, manifest)
        for name in (TOKENIZER_FILE, CARD_FILE):
            sync_file(os.path.join(self.building, name))
        sync_file(os.path.join(self.work, MANIFEST_FILE))
        with named_write(os.path.join(self.building, MANIFEST_FILE)):
            os.replace(os.path.join(self.work, MANIFEST_FILE), os.path.join(self.building, MANIFEST_FILE))
        sync_folder(self.building)

    def finish(self) -> Manifest:
        """Put the dataset where it shall be, remove the work folder, and return the manifest."""
        if self.building != self.output:
            _replace_folder(self.building, self.output)
        shutil.rmtree(os.path.join(self.output, WORK_FOLDER), ignore_errors=True)
        return read_manifest(self.output)


@contextlib.contextmanager
def hold_folder(output: str, overwrite: bool) -> Iterator[HeldFolder]:
    """Hold a dataset folder for one build.

    A dataset that is to be overwritten stays as it is until the new one is whole. What was being written when the build
    failed is removed.

    Raises:
        ShardError: The folder holds a dataset or foreign files, or another build is at work in it.
    """
    output = os.path.abspath(output)
    aside = os.path.join(os.path.dirname(output), f".{os.path.basename(output)}.replacing")
    _finish_replacing(aside, output)
    is_dataset = os.path.exists(os.path.join(output, MANIFEST_FILE))
    replaces = overwrite and is_dataset and not os.path.isdir(os.path.join(output, WORK_FOLDER))
    held = HeldFolder(output, aside if replaces else output)
    (_check_replaced if replaces else _check_folder)(output)
    try:
        os.makedirs(held.work, exist_ok=True)
        lock = open(os.path.join(held.building, LOCK_FILE), "w")  # noqa: SIM115 - held until the build ends
    except OSError as error:
        raise ShardError(f"cannot write to {output}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ShardError(f"another build is at work in {output}: wait for it, or choose another folder") from error
        try:
            yield held
        except BaseException:  # whoever wrote these has ended, and a full disk needs the room
            for folder, _, _ in os.walk(held.building):
                remove_temporary(folder)
            raise


def remove_temporary(folder: str) -> None:
    """Remove what killed workers were writing."""
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if name.endswith(".tmp"):
            with contextlib.suppress(FileNotFoundError):  # a worker that outlived its build may still rename it
                os.remove(os.path.join(folder, name))


def _check_folder(output: str) -> None:
    if os.path.isdir(os.path.join(output, WORK_FOLDER)):
        return
    if os.path.exists(os.path.join(output, MANIFEST_FILE)):
        raise ShardError(f"{output} already holds a dataset: choose another folder, or give --overwrite")
    if os.path.exists(output) and not os.path.isdir(output):
        raise ShardError(f"{output} is a file: choose a folder for the dataset")
    if os.path.isdir(output) and os.listdir(output):
        raise ShardError(f"{output} holds other files: choose an empty or new folder for the dataset")


def _check_replaced(output: str) -> None:
    """Check that a dataset's folder holds nothing else, such as the folder of a training run: all of it will go."""
    others = sorted({*os.listdir(output)} - {*DATASET_FILES, *DATASET_FOLDERS})
    if kept := [name for name in others if not name.endswith(".tmp")]:
        raise ShardError(
            f"{output} holds {kept[0]!r} beside its dataset, and all of it would be replaced: move that to another "
            "folder, or choose another one for the dataset"
        )


def _remove_strays(folder: str, manifest: Manifest) -> None:
    """Remove from a dataset's folders what the manifest does not name, such as what a killed worker left."""
    named = {name for shard in manifest.shards for name in (shard.file, shard.documents_file)}
    for inner in (*SPLITS, DOCUMENTS_FOLDER):
        path = os.path.join(folder, inner)
        for name in os.listdir(path) if os.path.isdir(path) else ():
            if f"{inner}/{name}" not in named:
                os.remove(os.path.join(path, name))
    for name in ("", REJECTS_FOLDER):
        remove_temporary(os.path.join(folder, name))


def _finish_replacing(aside: str, output: str) -> None:
    """Finish what a build that was killed while it replaced a dataset left half done."""
    is_whole = os.path.exists(os.path.join(aside, MANIFEST_FILE))
    if is_whole and not os.path.exists(output):
        os.rename(aside, output)
    elif is_whole and not os.path.isdir(os.path.join(aside, WORK_FOLDER)):
        shutil.rmtree(aside)  # it is the one that was replaced
    shutil.rmtree(f"{aside}.old", ignore_errors=True)


def _replace_folder(new: str, old: str) -> None:
    """Exchange two folders in one step, so that there is always one of them, and remove the old one.

    Raises:
        ShardError: The system can do neither that nor move one after the other.
    """
    try:
        if not _exchange(new, old):
            gone = f"{new}.old"
            os.rename(old, gone)
            os.rename(new, old)
            os.rename(gone, new)
    except OSError as error:
        raise ShardError(
            f"the new dataset is whole in {new}, but cannot be moved to {old} ({error.strerror}): move it there"
        ) from error
    sync_folder(os.path.dirname(old))
    shutil.rmtree(new, ignore_errors=True)


def _exchange(one: str, other: str) -> bool:
    """Exchange two folders by Linux's renameat2; return False where the system or the file system lacks it.

    Raises:
        OSError: It is there and failed.
    """
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code))
