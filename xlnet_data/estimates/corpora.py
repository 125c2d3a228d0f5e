"""Estimates a corpus's documents, tokens, bytes and time from the sizes of its files and a sample of their text."""

import contextlib
import itertools
import math
import re
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from xlnet_data.config import BuildConfig, CorpusConfig
from xlnet_data.datasets.corpus_infos import changed_letter_frac, group_samples, unknown_frac
from xlnet_data.datasets.summaries import choose_samples
from xlnet_data.errors import TruncatedError
from xlnet_data.files.opening import is_compressed, open_raw
from xlnet_data.files.ranges import RANGE_BYTES, FileRange
from xlnet_data.files.writing import named_write
from xlnet_data.ingestion.placing import sample_of, tokenize_documents
from xlnet_data.ingestion.reading import filter_documents, num_copies, read_documents
from xlnet_data.ingestion.tallies import DropSample, count_shuffled, first_samples
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.schemas.manifest import DroppedSample
from xlnet_data.seeds import hash64
from xlnet_data.text.clean_up import count_letters
from xlnet_data.text.tokenizer import Tokenizer

COMPRESSED_BYTES = 2 * 1024 * 1024
"""Bytes on disk that are sampled at a time where they are compressed: some megabytes of text."""

ENOUGH_UNITS = 8
"""A sample ends early once it has this many units, ENOUGH_DOCUMENTS and ENOUGH_ERROR."""

ENOUGH_DOCUMENTS = 300
"""Where none of this many documents is dropped, fewer than 1 in 100 of all are, with 95% confidence (rule of three)."""

ENOUGH_ERROR = 0.01
"""A relative standard error of the tokens that is good enough."""

GUESSED_TOKEN_CHARS = 4.2
"""Characters of a token, where there is no vocabulary: about what 32,000 pieces give for European languages."""

GUESSED_TOKENS_PER_CJK = 0.65
"""Tokens of a Chinese, Japanese or Korean character, where there is no vocabulary."""

GUESSED_PIECES_LOG = math.log(32_000)
"""Other vocabularies have pieces whose length goes about with the logarithm of their number."""

GUESSED_SECS_PER_BYTE = 1.2e-7
"""Time of one core to encode a byte of text, where there is no vocabulary."""

_NAMES = ("corpus", "doc_id", "url", "title")  # what a sidecar calls a document

_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class CorpusEstimate:
    """What one corpus would give; counts are expectations.

    Attributes:
        name: The corpus's name.
        files: Files of the corpus.
        input_bytes: On disk.
        sampled_frac: Share of the bytes that was read; 1: the counts are exact.
        sampled_documents: Documents in what was read.
        has_beginnings_only: True: a few files were read, and of each only the beginning.
        relative_error: Standard error of ``tokens`` as a share of it.
        documents_read: Documents that the parser sees.
        documents_kept: Documents that reach the lanes, before deduplication.
        documents_dropped: Documents by reason.
        text_bytes: Bytes of the kept documents' text.
        tokens: Of all copies of the kept documents.
        spool_bytes: What lies on disk between reading and writing.
        sidecar_bytes: What the lists of documents beside the shards take.
        read_core_secs: Time of one core to read, filter and tokenize.
        uncut_frac: Share of the places at which A finds no sentence end to be cut at; 0 without a vocabulary.
        unknown_frac: Share of <unk> among the tokens; 0 without a vocabulary.
        changed_letter_frac: Share of the letters that lose an accent or other mark.
        shuffled_frac: Share of shuffled ones among the documents of one sentence a line that are long enough to tell.
        share: Share of the tokens that the config wants it to have; None: it does not say.
        samples: A few dropped documents of the sample, with their reasons.
    """

    name: str
    files: int
    input_bytes: int
    sampled_frac: float
    sampled_documents: int
    has_beginnings_only: bool
    relative_error: float
    documents_read: int
    documents_kept: int
    documents_dropped: dict[str, int]
    text_bytes: int
    tokens: int
    spool_bytes: int
    sidecar_bytes: int
    read_core_secs: float
    uncut_frac: float
    unknown_frac: float
    changed_letter_frac: float
    shuffled_frac: float
    share: float | None
    samples: tuple[tuple[str, DroppedSample], ...]


@dataclass(frozen=True, slots=True)
class Estimating:
    """What the estimates of all corpora share.

    Attributes:
        config: Seed, dev_frac and readings.
        tokenizer: The vocabulary; None: tokens are guessed from characters.
        scale: How many times the files the estimate is for.
    """

    config: BuildConfig
    tokenizer: Tokenizer | None
    scale: float = 1.0


@dataclass(slots=True)
class _Sample:
    """What was read of a corpus.

    Attributes:
        counts: As in a tally, and "spool" and "sidecar" bytes.
        units: Bytes on disk and tokens of each file range.
        num_beginnings: How many of them are but the beginning of a file.
        secs: Time of one core.
        dropped: NUM_SAMPLES dropped documents of each reason.
    """

    counts: Counter[str] = field(default_factory=Counter)
    units: list[tuple[int, int]] = field(default_factory=list)
    num_beginnings: int = 0
    secs: float = 0.0
    dropped: list[DropSample] = field(default_factory=list)


def estimate_corpus(
    corpus: CorpusConfig, ranges: Sequence[tuple[FileRange, int]], shared: Estimating, until: float
) -> CorpusEstimate:
    """Estimate a corpus from a sample of its file ranges.

    Args:
        corpus: The corpus.
        ranges: All its file ranges and their bytes on disk; at least one is read.
        shared: Config, vocabulary and scale.
        until: The time.perf_counter at which to stop reading.

    Raises:
        CorpusError: An input cannot be read.
    """
    input_bytes = sum(size for _, size in ranges)
    sample = _read_sample(corpus, ranges, shared, until)
    secs = sample.secs + (0 if shared.tokenizer else GUESSED_SECS_PER_BYTE * sample.counts["bytes"])
    factor = shared.scale * max(1, input_bytes) / max(1, sum(num_bytes for num_bytes, _ in sample.units))
    expected = Counter({what: round(count * factor) for what, count in sample.counts.items()})
    return CorpusEstimate(
        name=corpus.name,
        files=len({file_range.path for file_range, _ in ranges}),
        input_bytes=round(shared.scale * input_bytes),
        sampled_frac=1 / factor if factor else 1.0,
        sampled_documents=sample.counts["read"],
        has_beginnings_only=sample.num_beginnings == len(sample.units) < ENOUGH_UNITS,
        relative_error=_relative_error(sample.units, input_bytes),
        documents_read=expected["read"],
        documents_kept=expected["kept"],
        documents_dropped=_by_reason(expected),
        text_bytes=expected["bytes"],
        tokens=expected["tokens"],
        spool_bytes=expected["spool"],
        sidecar_bytes=expected["sidecar"],
        read_core_secs=secs * factor,
        uncut_frac=sample.counts["uncut"] / max(1, sample.counts["cut"]),
        unknown_frac=unknown_frac(sample.counts),
        changed_letter_frac=changed_letter_frac(sample.counts),
        shuffled_frac=sample.counts["shuffled"] / max(1, sample.counts["judged"]),
        share=corpus.share,
        samples=choose_samples(group_samples(corpus.name, sample.dropped), _by_reason(expected)),
    )


def _read_sample(
    corpus: CorpusConfig, ranges: Sequence[tuple[FileRange, int]], shared: Estimating, until: float
) -> _Sample:
    """Read the largest file range, and others in the order of a hash, until the time is over or the sample suffices."""
    seed, input_bytes = shared.config.seed, sum(size for _, size in ranges)
    sample = _Sample()
    largest = max(size for _, size in ranges)
    by_hash = sorted(ranges, key=lambda item: hash64("estimate", seed, item[0].file_id, item[0].start))
    first = next(place for place, (_, size) in enumerate(by_hash) if size == largest)
    for file_range, size in [by_hash[first], *by_hash[:first], *by_hash[first + 1 :]]:
        begin = time.process_time()
        num_bytes, found, dropped = _read_unit(file_range, size, corpus, shared)
        sample.secs += time.process_time() - begin
        sample.counts.update(found)
        sample.dropped = first_samples([*sample.dropped, *dropped])
        sample.units.append((num_bytes, found["tokens"]))
        sample.num_beginnings += num_bytes < size and file_range.is_whole_file
        if _is_enough(sample, input_bytes) or time.perf_counter() > until:
            break
    return sample


def _is_enough(sample: _Sample, input_bytes: int) -> bool:
    return (
        len(sample.units) >= ENOUGH_UNITS
        and sample.counts["read"] >= ENOUGH_DOCUMENTS
        and _relative_error(sample.units, input_bytes) < ENOUGH_ERROR
    )


def _by_reason(counts: Counter[str]) -> dict[str, int]:
    prefix = "dropped:"
    return {what.removeprefix(prefix): n for what, n in sorted(counts.items()) if what.startswith(prefix)}


def _read_unit(
    file_range: FileRange, size: int, corpus: CorpusConfig, shared: Estimating
) -> tuple[int, Counter[str], list[DropSample]]:
    """Read a file range, or the part of it that is sampled at a time.

    Returns:
        Its bytes on disk, its counts, and a few of its dropped documents.
    """
    limit = COMPRESSED_BYTES if is_compressed(file_range.path) else RANGE_BYTES
    if size <= limit or not file_range.is_whole_file:
        end = file_range.end if size <= limit else file_range.start + limit
        documents = list(read_documents(replace(file_range, end=end), corpus))
    else:
        documents = _read_head(file_range, limit, corpus)
    return min(size, limit), *_count_documents(documents, corpus, shared)


def _read_head(file_range: FileRange, num_bytes: int, corpus: CorpusConfig) -> list[Document]:
    """Return the documents of the first bytes of a file that cannot be cut."""
    documents: list[Document] = []
    with tempfile.NamedTemporaryFile() as head, open_raw(file_range.path) as whole:
        with named_write(head.name):
            head.write(whole.read(num_bytes))
            head.flush()
        with contextlib.suppress(TruncatedError):
            documents.extend(read_documents(replace(file_range, path=head.name), corpus))
    return [document for document in documents if document.reason != Reason.TRUNCATED]


def _count_documents(
    documents: Sequence[Document], corpus: CorpusConfig, shared: Estimating
) -> tuple[Counter[str], list[DropSample]]:
    """Return what the documents count, as in a tally, and "spool" and "sidecar" bytes; and a few that are dropped."""
    counts: Counter[str] = Counter()
    config, tokenizer = shared.config, shared.tokenizer
    readings = config.examples.num_readings
    filtered = filter_documents(documents, corpus)
    dropped = first_samples(sample_of(document, config) for document in filtered if document.reason)
    for _, group in itertools.groupby(filtered, key=lambda document: document.is_sentence_per_line):
        if tokenizer is None:
            counts.update(_guess_tokens(list(group), corpus, config))
            continue
        tokenized = tokenize_documents(list(group), corpus, tokenizer, config)
        rows, keys = tokenized.rows, tokenized.keys
        counts.update({what: count for (name, what), count in tokenized.tally.counts.items() if name})
        counts["spool"] += rows.nbytes + keys.nbytes
        counts["sidecar"] += readings * (rows.num_rows * 16 + sum(rows[name].nbytes for name in _NAMES))
    return counts, dropped


def _guess_tokens(documents: Sequence[Document], corpus: CorpusConfig, config: BuildConfig) -> Counter[str]:
    """Return the counts of documents whose vocabulary is still to be trained."""
    counts: Counter[str] = Counter(f"dropped:{document.reason}" for document in documents if document.reason)
    counts["read"] = len(documents)
    counts.update(count_shuffled(documents))
    for document in documents:
        copies = 0 if document.reason else num_copies(corpus, document.doc_id, config.seed)
        if not copies:
            continue
        num_cjk = len(_CJK.findall(document.text))
        token_chars = GUESSED_TOKEN_CHARS * math.log(config.tokenizer.vocab_size) / GUESSED_PIECES_LOG
        tokens = round((len(document.text) - num_cjk) / token_chars + num_cjk * GUESSED_TOKENS_PER_CJK)
        row = {
            "tokens": tokens,
            "spool": 2 * tokens + 80,
            "sidecar": 60 + 2 * sum(map(len, (document.doc_id, document.url, document.title))),
        }
        letters, changed = count_letters(document.text, config.tokenizer)
        counts.update({"kept": 1, "bytes": len(document.text.encode("utf-8", "replace"))})
        counts.update({"letters": letters, "changed": changed})
        counts.update({what: copies * count for what, count in row.items()})
    return counts


def _relative_error(units: Sequence[tuple[int, int]], input_bytes: int) -> float:
    """Return the standard error of the tokens per byte, as a share of it; 0 where all bytes are sampled."""
    num_bytes, tokens = np.array(units, np.float64).T
    unsampled = max(0.0, 1 - num_bytes.sum() / max(1, input_bytes))
    if len(units) < 2 or not tokens.sum():
        return 1.0 if unsampled else 0.0
    residuals = tokens - num_bytes * tokens.sum() / num_bytes.sum()
    spread = np.sqrt((residuals**2).sum() * len(units) / (len(units) - 1))
    return float(spread / tokens.sum() * np.sqrt(unsampled))
