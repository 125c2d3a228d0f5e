"""Checks a dataset: the manifest, the bytes, and every shard with every example."""

import hashlib
import os
from collections.abc import Iterator

import pyarrow as pa

from xlnet_data.config import BuildConfig
from xlnet_data.datasets.manifest_checks import check_manifest, read_config
from xlnet_data.datasets.manifests import load_manifest, parse_manifest
from xlnet_data.datasets.shard_checks import Expected, verify_shard
from xlnet_data.datasets.shards import ShardWriting, shard_path
from xlnet_data.errors import CorpusError, ShardError, TokenizerError
from xlnet_data.examples.sampling import Sampling, sampling_of
from xlnet_data.files.opening import open_raw
from xlnet_data.files.stores import is_url, match_url
from xlnet_data.schemas.manifest import DOCUMENTS_FOLDER, MANIFEST_FILE, Manifest, ShardInfo
from xlnet_data.text.tokenizer import Tokenizer

_READ_BYTES = 1 << 22


def verify_dataset(folder: str) -> Iterator[str]:
    """Yield what is wrong with a dataset, one sentence each that says where; nothing if all is well.

    Args:
        folder: The dataset folder, a local path or a URL.

    Raises:
        ShardError: The folder is no dataset of this version.
    """
    problems: list[str] = []
    table = load_manifest(folder)
    manifest = parse_manifest(table, folder, problems)
    config = read_config(table.get("config"), problems)
    yield from (f"{MANIFEST_FILE}: {problem}" for problem in problems)
    if manifest is None or config is None:
        return
    yield from (f"{MANIFEST_FILE}: {problem}" for problem in check_manifest(manifest, table, config))
    model_problems = list(_verify_bytes(folder, manifest.tokenizer.file, None, manifest.tokenizer.sha256))
    yield from model_problems
    for split in manifest.splits:
        try:
            expected = _expected(folder, split, manifest, config, has_model=not model_problems)
        except TokenizerError as error:
            yield f"{manifest.tokenizer.file}: cannot be loaded: {error}"
            expected = _expected(folder, split, manifest, config, has_model=False)
        yield from _verify_split(folder, [shard for shard in manifest.shards if shard.split == split], expected)
    yield from _verify_listed(folder, manifest)


def _expected(folder: str, split: str, manifest: Manifest, config: BuildConfig, has_model: bool) -> Expected:
    """Return what a split's shards must be; without the model no order is drawn again that depends on it."""
    writing = ShardWriting(folder, manifest.tokenizer.vocab_size, manifest.tokenizer.sha256, manifest.fingerprint)
    if not config.examples.needs_span_starts or not has_model:
        has_vocabulary = not config.examples.needs_span_starts
        return Expected(Sampling(config.examples, config.seed, split), has_vocabulary, writing)
    tokenizer = Tokenizer.load(shard_path(folder, manifest.tokenizer.file), config.tokenizer)
    return Expected(sampling_of(config.examples, config.seed, split, tokenizer), True, writing)


def _verify_split(folder: str, shards: list[ShardInfo], expected: Expected) -> Iterator[str]:
    lanes_seen: dict[int, str] = {}
    for shard in shards:
        problems = list(_verify_bytes(folder, shard.file, shard.bytes, shard.sha256))
        problems += _verify_bytes(folder, shard.documents_file, shard.documents_bytes, shard.documents_sha256)
        yield from problems
        if not any("missing" in problem for problem in problems):
            try:
                yield from verify_shard(shard, expected, lanes_seen)
            except (ShardError, CorpusError, pa.ArrowException, OSError, ValueError) as error:
                yield f"{shard.file}: cannot be read: {error}"


def _verify_bytes(folder: str, name: str, size: int | None, sha256: str) -> Iterator[str]:
    digest, found = hashlib.sha256(), 0
    try:
        with open_raw(shard_path(folder, name)) as file:
            while data := file.read(_READ_BYTES):
                digest.update(data)
                found += len(data)
    except (CorpusError, OSError) as error:
        is_missing = isinstance(error.__cause__, FileNotFoundError)
        yield f"{name}: is missing" if is_missing else f"{name}: is missing or cannot be read: {error}"
        return
    if size is not None and found != size:
        yield f"{name}: has {found:,} bytes, the manifest says {size:,}"
    if digest.hexdigest() != sha256:
        yield f"{name}: its sha256 is {digest.hexdigest()}, the manifest says {sha256}"


def _verify_listed(folder: str, manifest: Manifest) -> Iterator[str]:
    listed = {name for shard in manifest.shards for name in (shard.file, shard.documents_file)}
    for inner in (*manifest.splits, DOCUMENTS_FOLDER):
        for name in sorted(_names_in(shard_path(folder, inner))):
            if f"{inner}/{name}" not in listed:
                yield f"{inner}/{name}: the manifest does not list this file"


def _names_in(folder: str) -> list[str]:
    if is_url(folder):
        return [url.rpartition("/")[2] for url, _ in match_url(f"{folder}/*")]
    return os.listdir(folder) if os.path.isdir(folder) else []
