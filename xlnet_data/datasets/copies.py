"""Copies a split of a remote dataset into a folder of this machine, because shards are read in place."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import CorpusError, ShardError
from xlnet_data.files.stores import open_url
from xlnet_data.files.writing import atomic_write
from xlnet_data.schemas.manifest import MANIFEST_FILE

CACHE_VARIABLE = "XLNET_DATA_CACHE"
"""Environment variable with the folder that copies lie in; without it, ``~/.cache/xlnet-data``."""

MAX_REQUESTS = 4
"""Files that are copied at a time."""

_BLOCK_BYTES = 1 << 20


def copy_split(url: str, split: str) -> str:
    """Return a local folder with the manifest, the vocabulary and one split's shards of a dataset.

    What an earlier call copied is not copied again; copies stay until somebody removes them.

    Args:
        url: The dataset folder, such as ``s3://bucket/dataset`` or ``https://host/dataset``.
        split: "train" or "dev".

    Raises:
        ShardError: There is no dataset, or a file cannot be read, or has other bytes than the manifest says.
    """
    manifest = read_manifest(url)
    cache = os.environ.get(CACHE_VARIABLE) or os.path.join(Path.home(), ".cache", "xlnet-data")
    identity = f"{url} {manifest.checksum or manifest.fingerprint}"  # hashed: it comes from outside
    folder = os.path.join(cache, hashlib.sha256(identity.encode()).hexdigest())
    wanted: list[tuple[str, str | None, int | None]] = [(manifest.tokenizer.file, manifest.tokenizer.sha256, None)]
    wanted += [(shard.file, shard.sha256, shard.bytes) for shard in manifest.shards if shard.split == split]
    with ThreadPoolExecutor(MAX_REQUESTS) as pool:
        list(pool.map(lambda file: _copy(url, folder, *file), wanted))
    _copy(url, folder, MANIFEST_FILE, None, None)  # its own bytes, whose checksum verify compares
    return folder


def _copy(url: str, folder: str, name: str, sha256: str | None, num_bytes: int | None) -> None:
    """Copy a file of a dataset unless it is there with its size, and compare its bytes with the manifest's hash."""
    path = os.path.join(folder, name)
    if os.path.exists(path) and num_bytes in (None, os.path.getsize(path)):
        return
    try:
        with open_url(f"{url.rstrip('/')}/{name}") as source, atomic_write(path) as file:
            while block := source.read(_BLOCK_BYTES):
                file.write(block)
            found = file.hexdigest()
            if sha256 not in (None, found):  # raised here, so that the copy never appears
                raise ShardError(f"{url}/{name} is damaged: its sha256 is {found}, the manifest says {sha256}")
    except CorpusError as error:
        raise ShardError(str(error)) from error
