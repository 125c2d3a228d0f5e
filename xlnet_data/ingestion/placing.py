"""Tokenizes documents, gives each copy its lane key, and counts what is kept and what is dropped."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.config import BuildConfig, CorpusConfig
from xlnet_data.corpora.guards import TOO_SLOW, run_or_describe, without_text
from xlnet_data.filters.duplicates import band_keys, content_hash, signatures, sketches
from xlnet_data.ingestion.reading import num_copies, parser_died, shorten
from xlnet_data.ingestion.tallies import (
    NUM_CANDIDATES,
    Candidate,
    DropSample,
    Tally,
    count_shuffled,
    first_samples,
)
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.schemas.example import EOP_ID, UNK_ID
from xlnet_data.schemas.tokenized import KEYS_SCHEMA, TOKENIZED_SCHEMA
from xlnet_data.seeds import hash64
from xlnet_data.text.clean_up import count_letters
from xlnet_data.text.encoding import EncodedDocuments, encode_documents
from xlnet_data.text.tokenizer import Tokenizer

EXCERPT_CHARS = 80
"""Characters of a dropped document's text that are remembered."""

SHOWN_ID_CHARS = 200
"""Characters of its id by which a document is named as what makes another one superfluous."""

SHOWN_TITLE_CHARS = 100
"""Characters of its title, or URL, by which a document is named."""


@dataclass(frozen=True, slots=True)
class Tokenized:
    """What becomes of documents of one corpus.

    Attributes:
        rows: A batch of TOKENIZED_SCHEMA, one row per copy.
        keys: A batch of KEYS_SCHEMA, empty without deduplication.
        tally: The counts of the documents.
        rejected: The documents that have a reason by now.
    """

    rows: pa.RecordBatch
    keys: pa.RecordBatch
    tally: Tally
    rejected: list[Document]


def tokenize_documents(
    documents: Sequence[Document], corpus: CorpusConfig, tokenizer: Tokenizer, config: BuildConfig, task: int = 0
) -> Tokenized:
    """Turn documents of one corpus into token ids and give each copy its lane key.

    Args:
        documents: Of this corpus; all with one sentence per line, or none.
        corpus: The corpus.
        tokenizer: The vocabulary.
        config: Seed, dev_frac, deduplication and check_ids.
        task: Number of the task that read them.
    """
    copies = [0 if d.reason else num_copies(corpus, d.doc_id, config.seed) for d in documents]
    sampled = f"epochs = {corpus.epochs:g}"
    documents = [
        d if d.reason or count else replace(d, reason=Reason.EPOCHS, cause=sampled)
        for d, count in zip(documents, copies, strict=True)
    ]
    kept = [(d, count) for d, count in zip(documents, copies, strict=True) if count]
    texts = [d.text for d, _ in kept]
    is_sentence_per_line = bool(kept) and kept[0][0].is_sentence_per_line
    encoded = encode_documents(texts, tokenizer, corpus.language, is_sentence_per_line, config.check_ids)
    placed: list[_Placed] = []
    rejected = [document for document in documents if document.reason]
    for row, ((document, count), tokens) in enumerate(zip(kept, encoded.doc_lens.tolist(), strict=True)):
        if tokens:
            placed.append(_place(row, document, tokens, count, corpus, config))
        else:
            rejected.append(replace(document, reason=Reason.EMPTY, cause="the clean-up leaves no token"))
    return Tokenized(
        _tokenized_batch(encoded, placed, corpus.name),
        _keys_batch(placed, corpus, config, task),
        _tally(documents, (placed, encoded), rejected, corpus.name, config),
        rejected,
    )


def dedup_key_of(corpus: str, doc_id: str, text: bytes) -> int:
    """Return what deduplication knows a document by: 64 bits of its id and text."""
    return hash64("document", corpus, doc_id, hashlib.blake2b(text, digest_size=16).hexdigest())


def tokenize_apart(
    documents: list[Document], corpus: CorpusConfig, tokenizer: Tokenizer, config: BuildConfig, task: int
) -> Iterator[Tokenized]:
    """Yield what tokenize_documents returns: of all documents, or, if it dies on them, of each alone.

    Raises:
        CorpusError: It died on a document, and the config does not say to skip such documents.
    """
    source = f"corpus {corpus.name!r}"
    rest = corpus, tokenizer, config, task
    ends = documents[:1] + documents[1:][-1:]
    label = " to ".join(document.doc_id for document in ends)
    whole, _ = run_or_describe(source, label, tokenize_documents, documents, *rest)
    if whole is not None:
        yield whole
        return
    for document in documents:
        alone, cause = run_or_describe(source, document.doc_id, tokenize_documents, [document], *rest)
        if alone is None and cause != TOO_SLOW and corpus.on_error == "error":
            raise parser_died(f"{source}, document {document.doc_id!r}", cause)
        yield alone or tokenize_documents([without_text(document, cause)], *rest)


class _Placed(NamedTuple):
    """A document that goes into the lanes.

    Attributes:
        row: Its number among the encoded documents.
        document: The document.
        dedup_key: What deduplication knows it by; 0 where it takes no part.
        tokens: Tokens of one copy.
        num_bytes: Bytes of its text.
        dev_hash: What decides whether it is in the dev split.
        is_dev: True: it is.
        lane_keys: Lane key of each copy.
    """

    row: int
    document: Document
    dedup_key: int
    tokens: int
    num_bytes: int
    dev_hash: int
    is_dev: bool
    lane_keys: list[int]


def _place(
    row: int, document: Document, tokens: int, copies: int, corpus: CorpusConfig, config: BuildConfig
) -> _Placed:
    """Draw a document's split and the lane keys of its copies from its id; a dev document has one copy."""
    identity = (config.seed, corpus.name, document.doc_id)
    dev_hash = hash64("dev", *identity)
    is_dev = dev_hash < config.output.dev_frac * 2**64
    lane_keys = [hash64("lane", *identity, copy) for copy in range(1 if is_dev else copies)]
    text = document.text.encode("utf-8", "surrogatepass")
    dedup_key = dedup_key_of(corpus.name, document.doc_id, text) if config.deduplicates(corpus) else 0
    return _Placed(row, document, dedup_key, tokens, len(text), dev_hash, is_dev, lane_keys)


def _tally(
    documents: Sequence[Document],
    kept: tuple[list[_Placed], EncodedDocuments],
    rejected: list[Document],
    corpus: str,
    config: BuildConfig,
) -> Tally:
    """Count what became of a corpus's documents; without a dev split no train document is a candidate for it.

    Args:
        documents: All that were read.
        kept: Those that go into the lanes, and their tokens.
        rejected: The others.
        corpus: The corpus's name.
        config: The config.
    """
    placed, encoded = kept
    sentence_lens = encoded.sentence_lens
    counts = Counter({(corpus, "read"): len(documents)})
    counts.update((corpus, f"note:{note}") for document in documents for note in document.notes)
    counts.update((corpus, f"dropped:{document.reason}") for document in rejected)
    counts.update({(corpus, what): count for what, count in count_shuffled([p.document for p in placed[:1]]).items()})
    # In a sentence of n tokens, A finds no end to be cut at if it begins at one of the first n - pair_len + 1.
    uncut = np.maximum(0, sentence_lens.astype(np.int64) - config.examples.pair_len + 1).sum()
    counts.update({(corpus, "cut"): int(sentence_lens.sum()), (corpus, "uncut"): int(uncut)})
    counts.update({(corpus, what): count for what, count in _measure(placed, encoded, config).items()})
    dev = [p for p in placed if p.is_dev]
    counts["", "dev"] = sum(p.tokens for p in dev)
    counts["", "train"] = sum(p.tokens * len(p.lane_keys) for p in placed) - counts["", "dev"]
    counts["", "dev_documents"] = len(dev)
    counts["", "dev_room"] = sum(config.examples.room_of(p.tokens) for p in dev)
    counts[corpus, "kept"] = len(placed)
    counts[corpus, "bytes"] = sum(p.num_bytes for p in placed)
    counts[corpus, "tokens"] = counts["", "dev"] + counts["", "train"]
    train = [p for p in placed if not p.is_dev] if config.output.dev_frac else []
    nearest = sorted(p.dev_hash for p in train)[:NUM_CANDIDATES]
    candidates = [
        Candidate(p.dev_hash, corpus, p.document.doc_id, p.tokens, len(p.lane_keys), p.lane_keys[0], p.dedup_key)
        for p in train
        if p.dev_hash <= nearest[-1]
    ]
    samples = (sample_of(document, config) for document in rejected)
    return Tally(counts, tuple(sorted(candidates)), tuple(first_samples(samples)))


def _measure(placed: list[_Placed], encoded: EncodedDocuments, config: BuildConfig) -> Counter[str]:
    """Return what is measured of the documents that are tokenized, as a tally has it."""
    letters, changed = count_letters("".join([p.document.text for p in placed]), config.tokenizer)
    counts = Counter(
        tokenized=len(encoded.ids),
        unknown=int(np.count_nonzero(encoded.ids == UNK_ID)),
        letters=letters,
        changed=changed,
        pieces=int(np.count_nonzero((encoded.ids == UNK_ID) | (encoded.ids > EOP_ID))),
        words=encoded.num_words,
    )
    counts.update({f"unknown_char:{char}": number for char, number in encoded.unknown_chars.items()})
    lens: dict[str, NDArray[np.integer]] = {
        "document_len": np.array([p.tokens for p in placed], np.int64),
        "sentence_len": encoded.sentence_lens,
    }
    for name, tokens in lens.items():
        exponents = np.frexp(tokens.astype(np.float64))[1] - 1  # 2**exponent <= tokens < 2**(exponent + 1)
        counts.update({f"{name}:{1 << e}": n for e, n in enumerate(np.bincount(exponents).tolist()) if n})
    return counts


def sample_of(document: Document, config: BuildConfig) -> DropSample:
    """Return what is remembered of a dropped document."""
    sample_hash = hash64("sample", config.seed, document.corpus, document.doc_id)
    excerpt = " ".join(document.text[: 2 * EXCERPT_CHARS].split())[:EXCERPT_CHARS]
    excerpt = excerpt.encode("utf-8", "replace").decode()
    title = shown_title(document)
    return DropSample(
        document.corpus, str(document.reason), sample_hash, document.doc_id, document.cause, excerpt, title
    )


def shown_title(document: Document) -> str:
    """Return what people know a document by, its title or else its URL; a long one ends in an ellipsis."""
    return shorten(document.title or document.url, SHOWN_TITLE_CHARS)


def _tokenized_batch(encoded: EncodedDocuments, placed: list[_Placed], corpus: str) -> pa.RecordBatch:
    """Return every copy of the documents as a row of TOKENIZED_SCHEMA."""
    sentence_bounds = np.append(0, np.cumsum(encoded.doc_sentences))
    token_bounds = np.append(0, np.cumsum(encoded.doc_lens))
    copies = [(p, copy) for p in placed for copy in range(len(p.lane_keys))]
    chosen = pa.array([p.row for p, _ in copies], pa.int64())
    return pa.record_batch(
        [
            np.array([p.lane_keys[copy] for p, copy in copies], np.uint64),
            np.array([p.dedup_key for p, _ in copies], np.uint64),
            np.array([copy for _, copy in copies], np.uint16),
            pa.array([p.is_dev for p, _ in copies], pa.bool_()),
            pa.array([corpus] * len(copies), pa.string()),
            *(
                pa.array([getattr(p.document, name) for p, _ in copies], pa.string())
                for name in ("doc_id", "url", "title")
            ),
            _binary(token_bounds, encoded.ids).take(chosen),
            _binary(sentence_bounds, encoded.sentence_lens).take(chosen),
        ],
        schema=TOKENIZED_SCHEMA,
    )


def _keys_batch(placed: list[_Placed], corpus: CorpusConfig, config: BuildConfig, task: int) -> pa.RecordBatch:
    """Return what deduplication compares the documents by, as rows of KEYS_SCHEMA."""
    keys: list[tuple[int, bool, _Placed, bytes]] = []
    if config.drops_exact(corpus):
        keys += [(content_hash(p.document.text), True, p, b"") for p in placed]
    if config.deduplication.near and placed:
        found = signatures([p.document.text for p in placed], config.deduplication)
        bands, packed = band_keys(found, config.deduplication), sketches(found)
        for p, own_bands, sketch in zip(placed, bands.tolist(), packed, strict=True):
            keys += [(key, False, p, sketch.tobytes()) for key in own_bands]
    rank, titles = config.rank(corpus.name), {p.row: shown_title(p.document) for p in placed} if keys else {}
    return pa.record_batch(
        [
            np.array([key for key, _, _, _ in keys], np.uint64),
            pa.array([is_exact for _, is_exact, _, _ in keys], pa.bool_()),
            np.full(len(keys), rank, np.uint16),
            np.array([p.dedup_key for _, _, p, _ in keys], np.uint64),
            np.full(len(keys), task, np.int32),
            pa.array([p.is_dev for _, _, p, _ in keys], pa.bool_()),
            np.array([p.tokens * len(p.lane_keys) for _, _, p, _ in keys], np.int64),
            np.array([p.num_bytes for _, _, p, _ in keys], np.int64),
            pa.array([sketch for _, _, _, sketch in keys], pa.large_binary()),
            pa.array([p.document.doc_id[:SHOWN_ID_CHARS] for _, _, p, _ in keys], pa.string()),
            pa.array([titles[p.row] for _, _, p, _ in keys], pa.string()),
        ],
        schema=KEYS_SCHEMA,
    )


def _binary(bounds: NDArray[np.int64], values: NDArray[np.generic]) -> pa.Array:
    """Return rows of bytes from an array of numbers and the rows' bounds in it."""
    offsets = np.ascontiguousarray(bounds.astype(np.int64) * values.itemsize)
    data = pa.py_buffer(np.ascontiguousarray(values))
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(bounds) - 1, [None, pa.py_buffer(offsets), data])
