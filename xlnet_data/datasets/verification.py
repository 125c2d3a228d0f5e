"""Checks a dataset: the manifest, the bytes, and every shard with every example."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from xlnet_data.config import BuildConfig
from xlnet_data.datasets.invariants import Contents
from xlnet_data.datasets.manifest_checks import check_manifest, read_config
from xlnet_data.datasets.manifests import load_manifest, parse_manifest
from xlnet_data.datasets.shard_checks import Expected, verify_shard
from xlnet_data.datasets.shards import ShardWriting
from xlnet_data.errors import CorpusError, ShardError, TokenizerError
from xlnet_data.examples.sampling import Sampling, sampling_of
from xlnet_data.files.moving import join_path
from xlnet_data.files.opening import open_decompressed, open_raw
from xlnet_data.files.stores import is_url, match_url
from xlnet_data.ingestion.placing import SHOWN_ID_CHARS
from xlnet_data.schemas.manifest import DOCUMENTS_FOLDER, MANIFEST_FILE, REJECTS_FOLDER, CorpusInfo, Manifest, ShardInfo
from xlnet_data.text.tokenizer import Tokenizer

NOT_LISTED = "the manifest does not list this file"
_READ_BYTES = 1 << 22
_MAX_LINE_BYTES = 1 << 27  # of a dropped document, whose text is at most MAX_RECORD_BYTES before it is escaped


def verify_dataset(
    folder: str, *, fast: bool = False, on_shard: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[str]:
    """Yield what is wrong with a dataset, one sentence each that says where; nothing if all is well.

    Shards are checked several at a time, and told of in their order.

    Args:
        folder: The dataset folder, a local path or a URL.
        fast: True: compare every file's bytes with the manifest's, and draw no example again.
        on_shard: Is told how many shards are done, of how many.

    Raises:
        ShardError: The folder is no dataset of this version, or became another one meanwhile.
    """
    problems: list[str] = []
    table = load_manifest(folder)
    manifest = parse_manifest(table, folder, problems)
    config = read_config(table.get("config"), problems)
    yield from (f"{MANIFEST_FILE}: {problem}" for problem in problems)
    if manifest is None or config is None:
        return
    yield from (f"{MANIFEST_FILE}: {problem}" for problem in check_manifest(manifest, table, config))
    model_problems = list(verify_bytes(folder, manifest.tokenizer.file, None, manifest.tokenizer.sha256))
    yield from model_problems
    expected: dict[str, Expected | None] = dict.fromkeys(manifest.splits)
    for split in () if fast else manifest.splits:
        try:
            expected[split] = _expected(folder, split, manifest, config, has_model=not model_problems)
        except TokenizerError as error:
            yield f"{manifest.tokenizer.file}: cannot be loaded: {error}"
            expected[split] = _expected(folder, split, manifest, config, has_model=False)
    yield from _verify_shards(folder, manifest, config, expected, on_shard)
    yield from _verify_listed(folder, manifest)
    yield from _verify_rejects(folder, manifest, config)
    if load_manifest(folder) != table:  # then none of the problems is one
        raise ShardError(f"{folder} was replaced by another dataset while it was read: verify it again")


def _expected(folder: str, split: str, manifest: Manifest, config: BuildConfig, has_model: bool) -> Expected:
    """Return what a split's shards must be; without the model no order is drawn again that depends on it."""
    writing = ShardWriting(folder, manifest.tokenizer.vocab_size, manifest.tokenizer.sha256, manifest.fingerprint)
    if not config.examples.needs_span_starts or not has_model:
        has_vocabulary = not config.examples.needs_span_starts
        return Expected(Sampling(config.examples, config.seed, split), has_vocabulary, writing)
    tokenizer = Tokenizer.load(join_path(folder, manifest.tokenizer.file), config.tokenizer)
    return Expected(sampling_of(config.examples, config.seed, split, tokenizer), True, writing)


def _verify_shards(
    folder: str,
    manifest: Manifest,
    config: BuildConfig,
    expected: Mapping[str, Expected | None],
    on_shard: Callable[[int, int], None],
) -> Iterator[str]:
    """Yield what is wrong with each shard, with the order of their lanes, and with what they hold together."""
    shards = [(shard, expected[shard.split]) for shard in manifest.shards]
    shard_of: dict[tuple[str, int], str] = {}
    last: dict[str, int] = {}
    everything: list[Contents] = []
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:  # hashing and arrays let other threads run
        found = threads.map(lambda pair: _verify_shard(folder, *pair), shards)
        for number, ((shard, _), (problems, contents)) in enumerate(zip(shards, found, strict=True), 1):
            yield from problems
            everything.append(contents)
            for lane in sorted(contents.lanes):
                other = shard_of.setdefault((shard.split, lane), shard.file)
                if other != shard.file:
                    yield f"{shard.file}: lane {lane} is also in {other}"
            if contents.lanes and min(contents.lanes) < (before := last.get(shard.split, -1)):
                yield f"{shard.file}: lane {min(contents.lanes)} stands behind lane {before} of the shards before it"
            last[shard.split] = max(contents.lanes, default=last.get(shard.split, -1))
            on_shard(number, len(shards))
    if all(contents.is_read for contents in everything):
        yield from _compare_corpora(everything, manifest, config)


def _compare_corpora(everything: list[Contents], manifest: Manifest, config: BuildConfig) -> Iterator[str]:
    """Yield which corpora have other tokens in the sidecars than the manifest says, or other documents."""
    tokens: Counter[str] = sum((contents.tokens for contents in everything), Counter())
    documents: Counter[str] = sum((contents.documents for contents in everything), Counter())
    for name in sorted({*tokens} - {*manifest.corpora}):
        yield f"{DOCUMENTS_FOLDER}/ lists documents of {name!r}, which is no corpus of the manifest's"
    is_once = {corpus.name: corpus.epochs == 1 for corpus in config.corpora}
    for name, info in manifest.corpora.items():
        if tokens[name] != info.tokens:
            said = f"the manifest says {info.tokens:,}"
            yield f"{DOCUMENTS_FOLDER}/ lists {tokens[name]:,} tokens of corpus {name!r}, {said}"
        if is_once.get(name) and documents[name] != info.documents_kept:
            yield (
                f"{DOCUMENTS_FOLDER}/ lists {documents[name]:,} documents of corpus {name!r}, the manifest says "
                f"{info.documents_kept:,} are kept"
            )
        elif is_once.get(name):
            yield from _compare_lens(everything, name, info)


def _compare_lens(everything: list[Contents], name: str, info: CorpusInfo) -> Iterator[str]:
    """Yield each length of which a corpus's sidecars list more documents than were tokenized by the manifest."""
    lens: Counter[tuple[str, int]] = sum((contents.lens for contents in everything), Counter())
    for (corpus, size), count in sorted(lens.items()):
        said = info.document_lens.get(str(size), 0)
        if corpus == name and count > said:
            yield (
                f"{DOCUMENTS_FOLDER}/ lists {count:,} documents of corpus {name!r} with {size:,} to {2 * size - 1:,} "
                f"tokens, the manifest says {said:,}"
            )


def _verify_shard(folder: str, shard: ShardInfo, expected: Expected | None) -> tuple[list[str], Contents]:
    """Return what is wrong with a shard and its sidecar, and what this lists; without Expected, compare the bytes."""
    problems = list(verify_bytes(folder, shard.file, shard.bytes, shard.sha256))
    problems += verify_bytes(folder, shard.documents_file, shard.documents_bytes, shard.documents_sha256)
    contents = Contents()
    if expected is not None and not any("missing" in problem for problem in problems):
        try:
            problems.extend(verify_shard(shard, expected, contents))
        except (ShardError, CorpusError, pa.ArrowException, OSError, ValueError) as error:
            problems.append(f"{shard.file}: cannot be read: {error}")
    return problems, contents


def hashed_files(manifest: Manifest) -> dict[str, str]:
    """Return the files whose sha256 a manifest holds, with it."""
    shards = {shard.file: shard.sha256 for shard in manifest.shards}
    sidecars = {shard.documents_file: shard.documents_sha256 for shard in manifest.shards}
    return {manifest.tokenizer.file: manifest.tokenizer.sha256} | shards | sidecars


def verify_bytes(folder: str, name: str, size: int | None, sha256: str) -> Iterator[str]:
    """Yield what is wrong with a file's bytes; None: its size is not compared."""
    digest, found = hashlib.sha256(), 0
    try:
        with open_raw(join_path(folder, name)) as file:
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
        for name in sorted(_names_in(join_path(folder, inner))):
            if f"{inner}/{name}" not in listed:
                yield f"{inner}/{name}: {NOT_LISTED}"


def _verify_rejects(folder: str, manifest: Manifest, config: BuildConfig) -> Iterator[str]:
    """Yield what is wrong with the dropped documents that are kept: their bytes, by gzip's checksums, and their number.

    The manifest lists no file of them: an engine makes other files of the same documents.
    """
    found: Counter[tuple[str, str]] = Counter()
    samples = {
        (corpus, reason, sample.doc_id, sample.cause)
        for corpus, info in (manifest.corpora if config.output.rejects else {}).items()
        for reason, chosen in info.dropped_samples.items()
        for sample in chosen
    }
    for name in sorted(_names_in(join_path(folder, REJECTS_FOLDER))):
        try:
            with open_decompressed(join_path(folder, f"{REJECTS_FOLDER}/{name}")) as lines:
                while line := lines.readline(_MAX_LINE_BYTES):
                    rejected = json.loads(line)
                    corpus, reason, doc_id = rejected["corpus"], rejected["reason"], rejected["doc_id"]
                    found[corpus, reason] += 1
                    for shown in (doc_id, doc_id[:SHOWN_ID_CHARS]):  # a duplicate's long id is cut
                        samples.discard((corpus, reason, shown, rejected["cause"]))
        except (CorpusError, ValueError, KeyError, TypeError, RecursionError) as error:
            yield f"{REJECTS_FOLDER}/{name}: is damaged: {error}"
    said = {
        (corpus, reason): count
        for corpus, info in (manifest.corpora if config.output.rejects else {}).items()
        for reason, count in info.documents_dropped.items()
    }
    for corpus, reason in sorted({*said, *found}, key=str):
        if (kept := found[corpus, reason]) != (dropped := said.get((corpus, reason), 0)):
            yield (
                f"{REJECTS_FOLDER}/ holds {kept:,} documents of corpus {corpus!r} with the reason {reason!r}, the "
                f"manifest says {dropped:,}"
            )
    for corpus, reason, doc_id, cause in sorted(samples):
        yield f"{REJECTS_FOLDER}/ does not hold the document {doc_id!r} of corpus {corpus!r} as {reason!r}: {cause}"


def _names_in(folder: str) -> list[str]:
    if is_url(folder):
        return [url.rpartition("/")[2] for url, _ in match_url(f"{folder}/*")]
    return os.listdir(folder) if os.path.isdir(folder) else []
