"""Writes and reads a dataset's manifest, and refuses one that is of another version or points outside its folder."""

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable
from typing import Any

from xlnet_data.datasets.json_fields import read_object
from xlnet_data.errors import CorpusError, ShardError
from xlnet_data.files.moving import join_path
from xlnet_data.files.opening import open_raw
from xlnet_data.files.stores import is_url
from xlnet_data.files.writing import atomic_write
from xlnet_data.schemas.example import SCHEMA_VERSION
from xlnet_data.schemas.manifest import (
    BUILD_FILE,
    DOCUMENTS_FOLDER,
    MANIFEST_FILE,
    SPLITS,
    BuildTimes,
    Manifest,
    ShardInfo,
    SplitInfo,
)


def sum_shards(shards: Iterable[ShardInfo]) -> SplitInfo:
    """Return the sums over a split's shards."""
    chosen = list(shards)
    summed = ("lanes", "examples", "tokens", "positive", "negative", "fallback")
    sums = {name: sum(getattr(shard, name) for shard in chosen) for name in summed}
    return SplitInfo(
        **sums,
        tokens_in_no_example=sum(sum(shard.tokens_in_no_example.values()) for shard in chosen),
        positive_frac=sums["positive"] / sums["examples"] if sums["examples"] else 0.0,
    )


def write_manifest(manifest: Manifest, folder: str) -> Manifest:
    """Write a dataset's manifest, from when on the folder is a dataset; return it with its checksum."""
    manifest = dataclasses.replace(manifest, checksum=checksum_of(dataclasses.asdict(manifest)))
    with atomic_write(os.path.join(folder, MANIFEST_FILE)) as file:
        file.write((json.dumps(dataclasses.asdict(manifest), indent=2, ensure_ascii=False) + "\n").encode())
    return manifest


def write_build_times(times: BuildTimes, folder: str) -> None:
    """Write beside a dataset's manifest what its build took."""
    with atomic_write(join_path(folder, BUILD_FILE)) as file:
        file.write((json.dumps(dataclasses.asdict(times), indent=1) + "\n").encode())


def checksum_of(table: dict[str, Any]) -> str:
    """Return the sha256 of a manifest's JSON without its checksum, in hex; the order of keys does not matter."""
    rest = {key: value for key, value in table.items() if key != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def read_manifest(folder: str | os.PathLike[str]) -> Manifest:
    """Read a dataset's manifest.

    Args:
        folder: The dataset folder, a local path or a URL.

    Raises:
        ShardError: The folder is no dataset, or its manifest is of another version, has a field of another type or
            points outside the folder.
    """
    folder = os.fspath(folder)
    problems: list[str] = []
    manifest = parse_manifest(load_manifest(folder), folder, problems)
    if manifest is None:
        more = f", and {len(problems) - 1} more problems, which verify names" if problems[1:] else ""
        raise ShardError(f"{os.path.join(folder, MANIFEST_FILE)} cannot be read as a manifest: {problems[0]}{more}")
    return manifest


def load_manifest(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Return a dataset's manifest as JSON, of which only the version is checked.

    Raises:
        ShardError: The folder is no dataset, or its manifest is no JSON object, or of another version.
    """
    folder = os.fspath(folder)
    path = os.path.join(folder, MANIFEST_FILE)
    if not is_url(folder) and not os.path.isfile(path):
        missing = (
            f"it has no {MANIFEST_FILE} (an unfinished build has none)" if os.path.isdir(folder) else "no such folder"
        )
        raise ShardError(f"{folder} is not a dataset: {missing}")
    try:
        with open_raw(path) as file:
            table = json.loads(file.read())
    except CorpusError as error:
        raise ShardError(f"{folder} is not a dataset that can be read: {error}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ShardError(f"{path} cannot be read as a manifest: {type(error).__name__}: {error}") from error
    if not isinstance(table, dict) or "schema_version" not in table:
        raise ShardError(f"{path} cannot be read as a manifest: it is no JSON object with a schema_version")
    if table["schema_version"] != SCHEMA_VERSION:
        version = str(table["schema_version"])[:20]
        raise ShardError(
            f"{path} is of schema version {version}, this program reads version {SCHEMA_VERSION}: build the dataset "
            "again, or install the version that built it"
        )
    return table


def parse_manifest(table: dict[str, Any], folder: str, problems: list[str]) -> Manifest | None:
    """Return the manifest that a JSON object holds, None if a field is missing, unknown or of another type.

    Args:
        table: The object.
        folder: Its dataset folder.
        problems: Gets a sentence for each such field.

    Raises:
        ShardError: A path in it leads out of the folder.
    """
    manifest: Manifest | None = read_object(Manifest, table, "", problems)
    if manifest is not None:
        _check_paths(manifest, os.path.join(folder, MANIFEST_FILE))
    return manifest


def _check_paths(manifest: Manifest, path: str) -> None:
    if not _is_plain(manifest.tokenizer.file):
        raise ShardError(f"{path} points to {manifest.tokenizer.file!r}: the tokenizer must be a file of the dataset")
    for shard in manifest.shards:
        is_split = shard.split in {*SPLITS} & {*manifest.splits}
        for name, folder in ((shard.file, shard.split), (shard.documents_file, DOCUMENTS_FOLDER)):
            folder_name, _, file_name = name.partition("/")
            if not is_split or folder_name != folder or not _is_plain(file_name):
                expected = "SPLIT/NAME" if folder == shard.split else f"{DOCUMENTS_FOLDER}/NAME"
                raise ShardError(f"{path} points to {name!r}: the path must be {expected} within the dataset")


def _is_plain(name: str) -> bool:
    """Return whether a name can be that of a file in a folder; JSON can also hold what no file system takes."""
    return name.isprintable() and not set("/\\") & {*name} and name not in ("", ".", "..")
