"""Compares the files of a split with the manifest's checksums, several at a time, before anything is read from them."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import ShardError
from xlnet_data.files.writing import hash_file


def check_files(folder: str | Path, splits: Sequence[str], rank: int = 0, num_ranks: int = 1) -> None:
    """Check that the tokenizer and the shards of some splits have the bytes that the manifest says.

    Args:
        folder: The dataset folder.
        splits: Whose shards to check.
        rank: This process's number; each of several processes checks its share.
        num_ranks: How many share the work.

    Raises:
        ShardError: The folder is no dataset, or a file is missing or has other bytes.
    """
    manifest = read_manifest(str(folder))
    files = [(manifest.tokenizer.file, manifest.tokenizer.sha256)]
    files += [(shard.file, shard.sha256) for shard in manifest.shards if shard.split in splits]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:  # hashing lets other threads run
        own = files[rank::num_ranks]
        found = threads.map(_sha256, (Path(folder) / name for name, _ in own))
        for (name, expected), digest in zip(own, found, strict=True):
            if digest != expected:
                raise ShardError(
                    f"{folder}/{name} is damaged: its sha256 is {digest}, the manifest says {expected}; copy the file "
                    "again, or build the dataset again"
                )


def _sha256(path: Path) -> str:
    try:
        return hash_file(str(path))
    except OSError as error:
        raise ShardError(f"cannot read {path}: {error.strerror or error}") from error
