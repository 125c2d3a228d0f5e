"""The folder that a build on an engine writes into: seen by all workers, and made the dataset in one step.

Workers die in mid-write, and an engine may let two of them write the same file at once. So on a file system a build
writes into a hidden folder beside the dataset, which takes the dataset's place, without what the dead left, when all is
written. A store's files appear whole or not at all, and moving them costs: there only a build that replaces a dataset
writes into a folder of its own.
"""

import contextlib
import functools
import json
import os
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from xlnet_data.datasets.manifests import read_manifest, write_manifest
from xlnet_data.errors import ShardError, WorkerError, XlnetDataError
from xlnet_data.files.moving import join_path, list_names, move_file, remove_file, remove_folder, remove_partial
from xlnet_data.files.opening import open_raw
from xlnet_data.files.stores import is_url
from xlnet_data.files.writing import atomic_write, named_write
from xlnet_data.pipelines.engines.marker import MARKER_FILE
from xlnet_data.schemas.manifest import DATASET_FILES, DATASET_FOLDERS, MANIFEST_FILE, TOKENIZER_FILE, Manifest
from xlnet_data.text.tokenizer import Tokenizer

NUM_MOVERS = 32
"""Files of a store that are moved at the same time."""

_LISTING = ".listing"
_HIDDEN = (".probe-", ".building-")


@dataclass(frozen=True)
class EngineFolder:
    """Where a build on an engine writes.

    Attributes:
        output: Where the dataset shall be, an absolute path or a URL.
        building: Where it is built: the same, or a folder of its own.
        overwrite: True: a dataset at the output may be replaced.
        token: Random digits that tell this build from others.
    """

    output: str
    building: str
    overwrite: bool
    token: str

    @property
    def probe(self) -> str:
        """The file by which a worker sees that it writes where the launcher does, and that the build goes on."""
        return join_path(self.building, f".probe-{self.token}")

    @property
    def claim(self) -> str:
        """What the probe becomes on a file system when a worker begins to put the dataset in its place."""
        return f"{self.building}.claimed"

    @property
    def manifests(self) -> str:
        """Where the manifest lies until the dataset is put in its place."""
        return self.building if self.building != self.output else join_path(self.output, f".building-{self.token}")


@contextlib.contextmanager
def engine_folder(output: str, overwrite: bool, tokenizer: Tokenizer) -> Iterator[EngineFolder]:
    """Make the folder of a new build, with its probe and vocabulary; a build that fails leaves nothing of it.

    Args:
        output: Where the dataset shall be.
        overwrite: A dataset that lies there is replaced when the new one is whole.
        tokenizer: The vocabulary.

    Raises:
        ShardError: A dataset that may not be replaced or foreign files lie there, or nothing can be written.
    """
    output = output.rstrip("/") if is_url(output) else os.path.abspath(output)
    names = [name for name in list_names(output) if name != MARKER_FILE]
    is_dataset = MANIFEST_FILE in names
    if is_dataset and not overwrite:
        raise ShardError(f"{output} already holds a dataset: choose another folder, or give --overwrite")
    if not is_dataset and not all(map(_is_part, names)):
        raise ShardError(f"{output} holds other files: choose an empty or new folder for the dataset")
    left = () if is_dataset else {name.split("/")[0] for name in names}  # by a build that ended in the middle
    for name in left:
        remove_folder(join_path(output, name))
    if is_url(output):
        remove_partial(output)
    token = uuid.uuid4().hex
    if not is_url(output):
        building = os.path.join(os.path.dirname(output), f".{os.path.basename(output)}.building-{token}")
    else:
        building = join_path(output, f".building-{token}") if is_dataset else output
    folder = EngineFolder(output, building, overwrite, token)
    try:
        for path, data in (
            (folder.probe, token.encode()),
            (join_path(building, TOKENIZER_FILE), tokenizer.model_bytes),
        ):
            with atomic_write(path) as file:
                file.write(data)
        yield folder
    except BaseException:
        _abandon(folder)
        raise


def check_probe(folder: EngineFolder) -> None:
    """Check, on a worker, that the launcher's folder is the one that this worker sees under its name.

    Raises:
        WorkerError: It is not.
    """
    try:
        with open_raw(folder.probe) as file:
            found = file.read()
    except (XlnetDataError, OSError):
        found = b""
    if found != folder.token.encode():
        raise WorkerError(
            f"a worker does not see the file {folder.probe}, which the launcher of this build wrote: the output must "
            "be a folder that the launcher and all workers share, such as one on a network file system, or a store's "
            "URL; or the build has ended"
        )


check_probe_once = functools.lru_cache(check_probe)
"""Does what `check_probe` does, once in a process."""


def publish_folder(manifest: Manifest, folder: EngineFolder) -> Manifest:
    """Put a dataset that is whole where it shall be, remove what is no part of it, and return the manifest.

    An engine may do this twice, one after the other or at the same time: whoever comes late finds it done.

    Raises:
        ShardError: The dataset is whole but cannot be put there.
        WorkerError: The launcher has withdrawn the build.
    """
    if not _may_publish(manifest, folder):
        remove_folder(folder.manifests)  # all that is there is what this worker has written since
        raise WorkerError(f"the build of {folder.output} was interrupted: nothing is put there any more")
    if is_url(folder.building):
        remove_partial(folder.building)
    if folder.building == folder.output:
        write_manifest(manifest, folder.output)
        remove_folder(folder.manifests)
    elif is_url(folder.output):
        _move_files(manifest, folder)
    else:
        _move_folder(folder)
    remove_file(folder.claim if not is_url(folder.output) else folder.probe)
    return manifest


def withdraw_folder(folder: EngineFolder) -> bool:
    """Take from the workers the right to put the dataset in its place.

    On a file system one of the two gets the probe, the launcher or a worker. In a store, which has no such thing, a
    worker looks for the probe right before it begins: one that has just looked is not stopped.

    Returns:
        True: nothing will appear. False: a worker has begun to put it there.
    """
    remove_file(folder.probe)
    names = list_names(folder.building)
    if folder.building == folder.output:
        return MANIFEST_FILE not in names
    return TOKENIZER_FILE in names and _LISTING not in names and not os.path.exists(folder.claim)


def _may_publish(manifest: Manifest, folder: EngineFolder) -> bool:
    """Return whether the dataset may be put in its place, or is there."""
    if is_url(folder.output):
        is_ours = os.path.basename(folder.probe) in list_names(folder.building)
    else:
        with contextlib.suppress(FileNotFoundError):  # the launcher was quicker, or another attempt
            os.rename(folder.probe, folder.claim)
        is_ours = os.path.exists(folder.claim)
    return is_ours or (MANIFEST_FILE in list_names(folder.output) and read_manifest(folder.output) == manifest)


def _abandon(folder: EngineFolder) -> None:
    """Remove what a build that failed has written; without its probe, workers that live on write no more.

    A dataset that is whole and could not be put in its place stays where it is.
    """
    with contextlib.suppress(ShardError):
        has_begun = not withdraw_folder(folder)
        if is_url(folder.building):
            remove_partial(folder.building)
        if folder.building == folder.output:
            remove_folder(folder.manifests)
        elif not has_begun or MANIFEST_FILE not in list_names(folder.building):
            remove_folder(folder.building)
        if not is_url(folder.output):
            remove_file(folder.claim)


def _is_part(name: str) -> bool:
    """Return whether a path within a folder is one that a build writes."""
    first = name.split("/")[0]
    return first in (*DATASET_FOLDERS, *DATASET_FILES) or first.startswith(_HIDDEN)


def _move_folder(folder: EngineFolder) -> None:
    """Let the built folder take the dataset's place."""
    building, output, retired = folder.building, folder.output, f"{folder.building}.old"
    if not os.path.exists(os.path.join(building, TOKENIZER_FILE)):  # done: only this attempt's manifest lies there
        if os.path.exists(retired) and not os.path.exists(output):
            os.rename(retired, output)
        remove_folder(building)
        return
    for name in list_names(building):
        if name.endswith(".tmp"):
            remove_file(os.path.join(building, name))
    with contextlib.suppress(FileNotFoundError):
        os.replace(os.path.join(output, MARKER_FILE), os.path.join(building, MARKER_FILE))
    if os.path.exists(os.path.join(output, MANIFEST_FILE)):
        if not folder.overwrite:
            raise ShardError(f"{output} holds a dataset that was not there before: the new one is whole in {building}")
        with contextlib.suppress(FileNotFoundError), named_write(output):
            os.rename(output, retired)
    try:
        os.rename(building, output)
    except FileNotFoundError:
        return _move_folder(folder)  # another attempt was quicker
    except OSError as error:
        raise ShardError(
            f"the new dataset is whole in {building}, but cannot be moved to {output} ({error.strerror}): move it there"
        ) from error
    remove_folder(retired)


def _move_files(manifest: Manifest, folder: EngineFolder) -> None:
    """Put the built files in the place of the dataset's, the manifest last."""
    building, output = folder.building, folder.output
    kept = (MANIFEST_FILE, os.path.basename(folder.probe))
    names = [name for name in list_names(building) if name not in kept]
    if not names and MANIFEST_FILE in list_names(output) and read_manifest(output) == manifest:
        return remove_folder(building)  # another attempt did it
    # What is to be moved is written down before anything is moved, for an attempt that finds some moved already.
    listing = join_path(building, _LISTING)
    if _LISTING in names:
        with open_raw(listing) as file:
            names = json.loads(file.read())
    else:
        with atomic_write(listing) as file:
            file.write(json.dumps(names).encode())
    old = {name for name in list_names(output) if _is_part(name) and not name.startswith(".")}
    remove_file(join_path(output, MANIFEST_FILE))
    with ThreadPoolExecutor(NUM_MOVERS) as pool:
        list(pool.map(lambda name: move_file(join_path(building, name), join_path(output, name)), names))
        list(pool.map(lambda name: remove_file(join_path(output, name)), old - {*names, MANIFEST_FILE}))
    write_manifest(manifest, output)
    remove_folder(building)
