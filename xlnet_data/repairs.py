"""Replaces the damaged files of a dataset, and no others, by those of a build beside it."""

import dataclasses
import os
import shutil
from typing import TYPE_CHECKING

from xlnet_data.api import ConfigLike, PathLike, build_corpus, load_config
from xlnet_data.errors import ConfigError, ShardError

if TYPE_CHECKING:
    from xlnet_data.pipelines.displays import BuildDisplay


def repair(
    folder: PathLike, config: ConfigLike, *, workers: int | None = None, display: "BuildDisplay | None" = None
) -> list[str]:
    """Replace the damaged files of a dataset, and return their names; the others stay as they are.

    A shard's lanes hold documents from anywhere in the corpora, so all of the input is read again, in a build beside
    the dataset, which takes the room of both for as long; a repair that was killed goes on with it. Files are exchanged
    only if all of them are what the manifest says.

    Args:
        folder: The dataset folder, a local one.
        config: The config that it was built with, or its file.
        workers: Local worker processes of the build; None: one per core.
        display: Is told how the build goes.

    Raises:
        ConfigError: The config is another one.
        ShardError: The manifest is damaged, the input has changed so that the files would come out otherwise, or a file
            cannot be replaced.
    """
    from xlnet_data.datasets.manifests import checksum_of, read_manifest
    from xlnet_data.datasets.verification import hashed_files, verify_bytes
    from xlnet_data.files.writing import named_write

    folder = os.fspath(folder)
    manifest = read_manifest(folder)
    if manifest.checksum != checksum_of(dataclasses.asdict(manifest)):
        raise ShardError(
            f"the manifest of {folder} was changed after it was written, so no file can be compared with it: copy "
            "manifest.json again, or build the dataset again"
        )
    loaded = load_config(config) if isinstance(config, (str, os.PathLike)) else config
    if loaded.fingerprint() != manifest.fingerprint:
        raise ConfigError(f"{folder} was built with another config: give that one, which its README.md holds")
    expected = hashed_files(manifest)
    damaged = [name for name, sha256 in expected.items() if any(verify_bytes(folder, name, None, sha256))]
    if not damaged:
        return []
    parent, own_name = os.path.split(os.path.abspath(folder))
    built = os.path.join(parent, f".{own_name}.repairing")
    build_corpus(loaded, built, overwrite=True, workers=workers, display=display)
    try:
        for name in damaged:
            if any(verify_bytes(built, name, None, expected[name])):
                raise ShardError(
                    f"{name} comes out otherwise than {folder}'s manifest says, so nothing is replaced: the input has "
                    "changed since, or the versions of the packages; build the dataset again"
                )
        for name in damaged:
            target = os.path.join(folder, name)
            with named_write(target):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.replace(os.path.join(built, name), target)
    finally:
        shutil.rmtree(built)
    return damaged
