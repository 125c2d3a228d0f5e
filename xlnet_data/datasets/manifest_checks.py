"""Checks what a manifest says: its fields' ranges, its config against the fingerprint, its sums, its checksum."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xlnet_data.config import BuildConfig, CorpusConfig
from xlnet_data.corpora import FORMATS
from xlnet_data.datasets.corpus_infos import NUM_UNKNOWN_CHARS
from xlnet_data.datasets.json_fields import read_object
from xlnet_data.datasets.manifests import checksum_of, sum_shards
from xlnet_data.datasets.shards import shard_names
from xlnet_data.ingestion.tallies import NUM_GROUPS, NUM_SAMPLES
from xlnet_data.schemas.document import Reason
from xlnet_data.schemas.manifest import SPLITS, CorpusInfo, Manifest

_HEX = re.compile("[0-9a-f]{64}")
_REASONS = {str(reason) for reason in Reason}
_HASHES = ("sha256", "documents_sha256", "fingerprint", "checksum")


def read_config(table: Any, problems: list[str]) -> BuildConfig | None:
    """Return the config of a manifest, None if a key is missing, unknown or out of range.

    Args:
        table: The resolved config as JSON.
        problems: Gets a sentence for each such key.
    """
    num_problems = len(problems)
    sections = table | {"corpora": []} if isinstance(table, dict) else table
    config: BuildConfig | None = read_object(
        BuildConfig, sections, "config", problems, skipped=("base_dir", "check_ids")
    )
    corpora = table.get("corpora") if isinstance(table, dict) else None
    if not isinstance(corpora, list) or not corpora:
        problems.append("config.corpora must be a list of at least one corpus")
        return None
    read: list[CorpusConfig] = []
    for number, corpus in enumerate(corpora):
        where = f"config.corpora[{number}]"
        form = corpus.get("format") if isinstance(corpus, dict) else None
        if not isinstance(form, str) or form not in FORMATS:
            problems.append(f"{where} is not of one of the formats {', '.join(FORMATS)}")
            continue
        read.append(read_object(CorpusConfig, corpus, where, problems, {"settings": FORMATS[form].settings}))
    if config is None or len(problems) > num_problems:
        return None
    return dataclasses.replace(config, corpora=tuple(read))


def check_manifest(manifest: Manifest, table: dict[str, Any], config: BuildConfig) -> Iterator[str]:
    """Yield what is wrong in a manifest whose fields have the right types.

    Args:
        manifest: The manifest.
        table: The same as JSON.
        config: Its config.
    """
    yield from _check_ranges(dataclasses.asdict(manifest) | {"config": None}, "")
    if manifest.checksum != checksum_of(table):
        yield (
            f"checksum is {manifest.checksum!r}, that of what it says is {checksum_of(table)!r}: it was changed after "
            "it was written"
        )
    if config.fingerprint() != manifest.fingerprint:
        yield f"fingerprint is {manifest.fingerprint}, that of its config is {config.fingerprint()}"
    if config.tokenizer.model is None and config.tokenizer.vocab_size != manifest.tokenizer.vocab_size:
        yield f"tokenizer.vocab_size is {manifest.tokenizer.vocab_size}, its config says {config.tokenizer.vocab_size}"
    yield from _check_names(manifest, config)
    yield from _check_splits(manifest)
    yield from _check_corpora(manifest)
    once = {corpus.name for corpus in config.corpora if corpus.epochs == 1}
    for name, info in manifest.corpora.items():
        yield from _check_lens(name, info, is_once=name in once)
        yield from _check_text(name, info)
    yield from _check_groups(manifest)


def _check_ranges(value: Any, where: str) -> Iterator[str]:
    """Yield the numbers that are below 0, the shares above 1 and the hashes that are none."""
    name = where.rpartition(".")[2]
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _check_ranges(item, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _check_ranges(item, f"{where}[{number}]")
    elif isinstance(value, (int, float)) and not 0 <= value <= (1 if name.endswith("_frac") else value):
        yield f"{where} is out of range: got {value}"
    elif name in _HASHES and not _HEX.fullmatch(value):
        yield f"{where} must be a sha256 in hex: got {value[:70]!r}"


def _check_names(manifest: Manifest, config: BuildConfig) -> Iterator[str]:
    named = [corpus.name for corpus in config.corpora]
    if list(manifest.corpora) != named:
        yield f"corpora are {', '.join(manifest.corpora)}, in its config {', '.join(named)}"
    if list(manifest.splits) != list(SPLITS):
        yield f"splits are {', '.join(manifest.splits)}, they must be {', '.join(SPLITS)}"
    order = [SPLITS.index(shard.split) for shard in manifest.shards]
    if order != sorted(order):
        yield "shards are not in the order of their splits"
    totals = Counter(shard.split for shard in manifest.shards)
    numbers: Counter[str] = Counter()
    for shard in manifest.shards:
        expected = shard_names(shard.split, numbers[shard.split], totals[shard.split])
        numbers[shard.split] += 1
        if (shard.file, shard.documents_file) != expected:
            yield f"shards: {shard.file} with {shard.documents_file} stands where {' with '.join(expected)} should"


def _check_splits(manifest: Manifest) -> Iterator[str]:
    for split, info in manifest.splits.items():
        found = sum_shards(shard for shard in manifest.shards if shard.split == split)
        for item in dataclasses.fields(found):
            said, summed = getattr(info, item.name), getattr(found, item.name)
            if said != summed:
                yield f"split {split} has {item.name}={said}, its shards together {summed}"
    for shard in manifest.shards:
        if shard.fallback > shard.positive:
            yield f"{shard.file} has fallback={shard.fallback:,}, more than its {shard.positive:,} positive pairs"


def _check_corpora(manifest: Manifest) -> Iterator[str]:
    in_splits = sum(info.tokens for info in manifest.splits.values())
    in_corpora = sum(corpus.tokens for corpus in manifest.corpora.values())
    if in_splits != in_corpora:
        yield f"the splits have {in_splits:,} tokens, the corpora {in_corpora:,}"
    uncovered: Counter[str] = Counter()
    duplicate_ids: Counter[str] = Counter()
    for shard in manifest.shards:
        uncovered.update(shard.tokens_in_no_example)
        duplicate_ids.update(shard.duplicate_ids)
    for name, corpus in manifest.corpora.items():
        dropped = sum(corpus.documents_dropped.values())
        if corpus.documents_read != corpus.documents_kept + dropped:
            yield (
                f"corpus {name} has documents_read={corpus.documents_read:,}, but {corpus.documents_kept:,} kept and "
                f"{dropped:,} dropped"
            )
        wrong = [reason for reason, count in corpus.documents_dropped.items() if reason not in _REASONS or not count]
        if wrong:
            yield f"corpus {name} has documents_dropped by {wrong[0]!r}, which is no reason, or is none's"
        if corpus.tokens_in_no_example != uncovered[name]:
            yield (
                f"corpus {name} has tokens_in_no_example={corpus.tokens_in_no_example:,}, its shards "
                f"{uncovered[name]:,}"
            )
        noted = corpus.notes.get("duplicate_id", 0)
        if noted != duplicate_ids[name]:
            yield f"corpus {name} has {noted:,} duplicate ids, its shards {duplicate_ids[name]:,}"
    for name in sorted({*uncovered, *duplicate_ids} - {*manifest.corpora}):
        yield f"shards name the corpus {name!r}, which is not in corpora"


def _check_lens(name: str, corpus: CorpusInfo, is_once: bool) -> Iterator[str]:
    """Yield what is wrong with a corpus's histograms: those of documents and of sentences are of the same text.

    Args:
        name: The corpus.
        corpus: What the manifest says of it.
        is_once: True: each document stands in the lanes once.
    """
    duplicates = _num_duplicates(corpus)
    counted = sum(corpus.document_lens.values())
    if counted != corpus.documents_kept + duplicates:
        yield (
            f"corpus {name} has the lengths of {counted:,} documents, but {corpus.documents_kept:,} kept and "
            f"{duplicates:,} dropped as duplicates"
        )
    limits: dict[str, tuple[int, int]] = {}
    for field in ("document_lens", "sentence_lens"):
        lens = getattr(corpus, field)
        wrong = [key for key, count in lens.items() if not (key.isdecimal() and int(key).bit_count() == 1 and count)]
        if wrong:
            yield f"corpus {name} has {field} by {wrong[0]!r}, which is no power of two, or of none"
        else:
            limits[field] = sum(int(key) * count for key, count in lens.items()), _most_tokens(lens)
    if len(limits) == 2:
        (least, most), (sentence_least, sentence_most) = limits["document_lens"], limits["sentence_lens"]
        num_sentences = sum(corpus.sentence_lens.values())
        if not (least <= sentence_most and sentence_least <= most) or num_sentences < counted:
            yield (
                f"corpus {name} has {num_sentences:,} sentences of {sentence_least:,} to {sentence_most:,} tokens by "
                f"sentence_lens, but {counted:,} documents of {least:,} to {most:,} by document_lens"
            )
        elif is_once and not duplicates and not max(least, sentence_least) <= corpus.tokens <= min(most, sentence_most):
            yield f"corpus {name} has tokens={corpus.tokens:,}, which sentence_lens and document_lens cannot sum up to"
    for reason in {**corpus.dropped_samples, **corpus.documents_dropped}:
        dropped, samples = corpus.documents_dropped.get(reason, 0), len(corpus.dropped_samples.get(reason, ()))
        least = 1 if reason == Reason.DUPLICATE else NUM_SAMPLES  # one document may be read, and dropped, many times
        if not min(dropped, least) <= samples <= min(dropped, NUM_SAMPLES):
            yield f"corpus {name} has {samples:,} samples of {reason!r}, for which {dropped:,} documents were dropped"


def _most_tokens(lens: Mapping[str, int]) -> int:
    """Return the most tokens that a histogram of lengths by powers of two can stand for."""
    return sum((2 * int(key) - 1) * count for key, count in lens.items())


def _check_text(name: str, corpus: CorpusInfo) -> Iterator[str]:
    """Yield what is wrong with what is said of a corpus's text."""
    if (corpus.bytes > 0) != (corpus.documents_kept > 0):
        yield f"corpus {name} has bytes={corpus.bytes:,}, but documents_kept={corpus.documents_kept:,}"
    if 0 < corpus.pieces_per_word < 1:
        yield f"corpus {name} has pieces_per_word={corpus.pieces_per_word}, but each word has one at least"
    counts = list(corpus.unknown_chars.values())
    if counts and not corpus.unknown_frac:
        yield f"corpus {name} has unknown_chars, but unknown_frac={corpus.unknown_frac}"
    if len(counts) > NUM_UNKNOWN_CHARS or 0 in counts or counts != sorted(counts, reverse=True):
        yield f"corpus {name} has unknown_chars that are not the {NUM_UNKNOWN_CHARS} most frequent ones in their order"


def _check_groups(manifest: Manifest) -> Iterator[str]:
    """Yield what is wrong with the groups of duplicates: together they lose as many documents as the corpora do."""
    groups, named = manifest.duplicate_groups, "duplicate_groups"
    wrong = [key for key in groups.sizes if not key.isdecimal() or int(key) < 2 or int(key).bit_count() != 1]
    if wrong:
        yield f"{named}.sizes by {wrong[0]!r}, which is no power of two from 2 on"
        return
    sizes = {int(key): count for key, count in groups.sizes.items() if count}
    least, most = (sum(count * (width * size - width) for size, count in sizes.items()) for width in (1, 2))
    dropped = sum(map(_num_duplicates, manifest.corpora.values()))
    if not least <= dropped <= most:
        yield f"{named} lose {least:,} to {most:,} documents, the corpora {dropped:,}"
    found = [group.num_documents for group in groups.largest]
    if found != sorted(found, reverse=True) or len(found) != min(NUM_GROUPS, sum(sizes.values())):
        yield f"{named}.largest are {found}, of {sum(sizes.values()):,} groups in {named}.sizes"
    elif found and _sizes_of(found) != (expected := _largest_sizes(sizes, len(found))):
        yield f"{named}.largest are {found}, but by {named}.sizes at least {expected}, and less than twice that"
    for group in groups.largest:
        if group.corpus not in manifest.corpora:
            yield f"{named}.largest names the corpus {group.corpus!r}, which is not in corpora"


def _sizes_of(numbers: Iterable[int]) -> list[int]:
    """Return of each number the power of two that it reaches, 0 of 0."""
    return [1 << number.bit_length() >> 1 for number in numbers]


def _largest_sizes(sizes: Mapping[int, int], num_groups: int) -> list[int]:
    """Return the powers of two of the largest groups, of which a histogram has that many at least."""
    largest: list[int] = []
    for size in sorted(sizes, reverse=True):
        largest += [size] * min(sizes[size], num_groups - len(largest))
    return largest


def _num_duplicates(corpus: CorpusInfo) -> int:
    return sum(corpus.documents_dropped.get(reason, 0) for reason in (Reason.DUPLICATE, Reason.NEAR_DUPLICATE))
