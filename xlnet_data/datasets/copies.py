"""Copies splits of a remote dataset into a folder of this machine, because shards are read in place."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from xlnet_data.datasets.copy_cache import cache_folder, fill_copy, make_room, use_copy
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import CorpusError, ShardError
from xlnet_data.files.moving import join_path, remove_partial
from xlnet_data.files.stores import open_url
from xlnet_data.files.writing import atomic_write
from xlnet_data.schemas.manifest import MANIFEST_FILE, ShardInfo

MAX_REQUESTS = 4
"""Files that are copied at a time."""

_BLOCK_BYTES = 1 << 20


def copy_splits(url: str, splits: Sequence[str]) -> str:
    """Return a local folder with the manifest, the vocabulary and some splits' shards of a dataset.

    What an earlier call copied is not copied again. The copy stays while this process lives, and after that until
    the room is needed for others.

    Args:
        url: The dataset folder, such as ``s3://bucket/dataset`` or ``https://host/dataset``.
        splits: "train", "dev" or both; those that the dataset lacks are passed over.

    Raises:
        ShardError: There is no dataset, or a file cannot be read, or has other bytes than the manifest says, or the
            copies of this machine may not take as many bytes.
        ConfigError: The limit of the copies' bytes is no number.
    """
    manifest = read_manifest(url)
    identity = f"{url} {manifest.checksum or manifest.fingerprint}"  # hashed: it comes from outside
    folder = os.path.join(cache_folder(), hashlib.sha256(identity.encode()).hexdigest())
    use_copy(folder)
    with fill_copy(folder):
        remove_partial(folder)  # what a process left that was killed while it copied
        _copy(url, folder, manifest.tokenizer.file, manifest.tokenizer.sha256)
        _copy(url, folder, MANIFEST_FILE)  # its own bytes, whose checksum verify compares
        wanted = [shard for shard in manifest.shards if shard.split in splits and not _is_there(folder, shard)]
        make_room(folder, sum(shard.bytes for shard in wanted))
        with ThreadPoolExecutor(MAX_REQUESTS) as pool:
            list(pool.map(lambda shard: _copy(url, folder, shard.file, shard.sha256), wanted))
    return folder


def _is_there(folder: str, shard: ShardInfo) -> bool:
    path = os.path.join(folder, shard.file)
    return os.path.exists(path) and os.path.getsize(path) == shard.bytes


def _copy(url: str, folder: str, name: str, sha256: str | None = None) -> None:
    """Copy a file of a dataset, and compare its bytes with the manifest's hash."""
    try:
        with open_url(join_path(url, name)) as source, atomic_write(os.path.join(folder, name)) as file:
            while block := source.read(_BLOCK_BYTES):
                file.write(block)
            found = file.hexdigest()
            if sha256 not in (None, found):  # raised here, so that the copy never appears
                raise ShardError(f"{url}/{name} is damaged: its sha256 is {found}, the manifest says {sha256}")
    except CorpusError as error:
        raise ShardError(str(error)) from error
