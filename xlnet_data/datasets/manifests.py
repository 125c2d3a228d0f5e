"""Writes and reads a dataset's manifest, and refuses one that is of another version or points outside its folder."""

import dataclasses
import json
import os
from collections.abc import Iterable

from xlnet_data.errors import ShardError
from xlnet_data.files.writing import atomic_write
from xlnet_data.schemas.example import SCHEMA_VERSION
from xlnet_data.schemas.manifest import MANIFEST_FILE, SPLITS, CorpusInfo, Manifest, ShardInfo, SplitInfo, TokenizerInfo


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


def write_manifest(manifest: Manifest, folder: str) -> None:
    """Write a dataset's manifest; from then on the folder is a dataset."""
    with atomic_write(os.path.join(folder, MANIFEST_FILE)) as file:
        file.write((json.dumps(dataclasses.asdict(manifest), indent=2, ensure_ascii=False) + "\n").encode())


def read_manifest(folder: str) -> Manifest:
    """Read a dataset's manifest.

    Raises:
        ShardError: The folder is no dataset, or its manifest is of another version or points outside the folder.
    """
    path = os.path.join(folder, MANIFEST_FILE)
    if not os.path.isfile(path):
        raise ShardError(f"{folder} is not a dataset: it has no {MANIFEST_FILE} (an unfinished build has none)")
    try:
        with open(path, encoding="utf-8") as file:
            table = json.load(file)
        version = table["schema_version"]
        if version != SCHEMA_VERSION:
            raise ShardError(f"{path} is of schema version {version}, this program reads version {SCHEMA_VERSION}")
        manifest = Manifest(
            **table
            | {
                "tokenizer": TokenizerInfo(**table["tokenizer"]),
                "splits": {name: SplitInfo(**split) for name, split in table["splits"].items()},
                "corpora": {name: CorpusInfo(**corpus) for name, corpus in table["corpora"].items()},
                "shards": [ShardInfo(**shard) for shard in table["shards"]],
            }
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ShardError(f"{path} cannot be read as a manifest: {type(error).__name__}: {error}") from error
    if not _is_plain(manifest.tokenizer.file):
        raise ShardError(f"{path} points to {manifest.tokenizer.file!r}: the tokenizer must be a file of the dataset")
    for shard in manifest.shards:
        for name in (shard.file, shard.documents_file):
            folder_name, _, file_name = name.partition("/")
            if (
                folder_name != shard.split
                or shard.split not in {*SPLITS} & {*manifest.splits}
                or not _is_plain(file_name)
            ):
                raise ShardError(f"{path} points to {name!r}: a shard's path must be SPLIT/NAME within the dataset")
    return manifest


def _is_plain(name: str) -> bool:
    return bool(name) and "/" not in name and "\\" not in name and name not in (".", "..")
