"""Documents on their way from a file to their place in a lane: read, filtered, tokenized, counted."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.config import BuildConfig, CorpusConfig
from xlnet_data.corpora import FORMATS
from xlnet_data.duplicates import band_keys, content_hash, signatures, sketches
from xlnet_data.errors import CorpusError, TruncatedError, XlnetDataError
from xlnet_data.filters import apply_filters
from xlnet_data.inputs import SPLIT_BYTES, Split, list_files, split_file
from xlnet_data.locations import locate
from xlnet_data.parsing import attempt, describe_death, try_on
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.schemas.tokenized import KEYS_SCHEMA, TOKENIZED_SCHEMA
from xlnet_data.seeds import hash64
from xlnet_data.tallies import Candidate, Tally
from xlnet_data.tokenizer import EncodedDocuments, Tokenizer, encode_documents

BATCH_CHARS = 1_000_000
"""Characters of text that cross from one stage to the next at a time, about."""

MAX_TASKS = 512
"""Tasks of a large build, about: as many spool files there are."""

MIN_TASKS = 32
"""Tasks of a small build, about, unless they would be smaller than MIN_TASK_BYTES: all workers get their share."""

MIN_TASK_BYTES = 262_144
"""Bytes on disk that are worth a task of their own, unless a file has fewer."""


@dataclass(frozen=True, slots=True)
class Task:
    """What one worker reads at a time: a range of a large file, or many small files.

    Attributes:
        corpus: The corpus's name.
        splits: What to read, in order.
        num_bytes: On disk.
    """

    corpus: str
    splits: tuple[Split, ...]
    num_bytes: int


def list_tasks(config: BuildConfig) -> list[Task]:
    """Return the tasks that cover all corpora, files in order of their names.

    Raises:
        CorpusError: A pattern matches no file.
    """
    tasks: list[Task] = []
    splits = [sized_splits(corpus, config.base_dir) for corpus in config.corpora]
    total = sum(size for sized in splits for _, size in sized)
    task_bytes = bytes_per_task(total)
    for corpus, sized in zip(config.corpora, splits, strict=True):
        waiting: list[Split] = []
        waiting_bytes = 0
        for split, size in sized:
            if waiting and waiting_bytes + size > task_bytes:
                tasks.append(Task(corpus.name, tuple(waiting), waiting_bytes))
                waiting, waiting_bytes = [], 0
            waiting.append(split)
            waiting_bytes += size
        tasks.append(Task(corpus.name, tuple(waiting), waiting_bytes))
    return tasks


def bytes_per_task(total: int) -> int:
    """Return how many bytes on disk a worker takes at a time from an input of this many."""
    return max(total // MAX_TASKS, min(SPLIT_BYTES, max(total // MIN_TASKS, MIN_TASK_BYTES)))


def sized_splits(corpus: CorpusConfig, base_dir: str) -> list[tuple[Split, int]]:
    """Return a corpus's splits and their bytes on disk (a guess where a server does not say)."""
    form = FORMATS[corpus.format]
    entries = (locate(path, base_dir) for path in corpus.paths)
    paths = [path for entry in entries for path in form.expand_path(entry, corpus.settings)]
    return [
        (split, (split.end if split.end >= 0 else file.size if file.size >= 0 else SPLIT_BYTES) - split.start)
        for file in list_files(paths, base_dir)
        for split in split_file(file, corpus.name, form.is_splittable(file, corpus.settings))
    ]


def read_documents(split: Split, corpus: CorpusConfig) -> Iterator[Document]:
    """Yield a split's documents as the corpus's parser makes them, dropped ones with their reasons.

    Raises:
        CorpusError: The input cannot be read, or ends in the middle and the config does not keep what came before; or
            the parser died on it, and the config does not say to skip.
    """
    reason, place = None, "at its beginning"
    try:
        for document in FORMATS[corpus.format].read(split, corpus.settings):
            if document.reason is Reason.FAILED and corpus.on_error == "error":
                raise _parser_died(f"{split.path}, document {document.doc_id!r}", document.cause)
            reason, place = document.reason, f"after document {document.doc_id!r}"
            yield document
    except TruncatedError:
        if corpus.on_truncated == "error":
            raise
        if reason != Reason.TRUNCATED:  # the parser has not told of the record that was cut
            yield Document(corpus.name, split.file_id, "", Reason.TRUNCATED)
    except XlnetDataError:
        raise
    except Exception as error:
        if corpus.on_error == "error":
            raise _parser_died(f"{split}, {place}", describe_death(error)) from error
        # It died between two documents and cannot go on: what is left of its split, at most SPLIT_BYTES, is lost.
        lost = f"{split.file_id}@{split.start}"
        notes = ("rest_of_split_lost",)
        yield Document(corpus.name, lost, "", Reason.FAILED, notes=notes, cause=describe_death(error))


def filter_documents(documents: Sequence[Document], corpus: CorpusConfig) -> list[Document]:
    """Return the documents with a reason on those that the corpus's filters drop.

    Raises:
        CorpusError: A filter died on a document, and the config does not say to skip such documents.
    """
    source = f"corpus {corpus.name!r}"
    filtered = [
        attempt(source, document, apply_filters, document, corpus.filters, corpus.language) for document in documents
    ]
    for before, after in zip(documents, filtered, strict=True):
        if after.reason is Reason.FAILED and before.reason is None and corpus.on_error == "error":
            raise _parser_died(f"{source}, document {after.doc_id!r}", after.cause)
    return filtered


def num_copies(corpus: CorpusConfig, doc_id: str, seed: int) -> int:
    """Return how many copies of a document the epochs ask for, drawn by the document's hash."""
    whole = int(corpus.epochs)
    return whole + (hash64("epochs", seed, corpus.name, doc_id) < (corpus.epochs - whole) * 2**64)


@dataclass(frozen=True, slots=True)
class Tokenized:
    """What becomes of documents of one corpus.

    Attributes:
        rows: A batch of TOKENIZED_SCHEMA, one row per copy.
        keys: A batch of KEYS_SCHEMA, empty without deduplication.
        tally: The counts of the documents.
        dropped: The documents that have a reason by now.
    """

    rows: pa.RecordBatch
    keys: pa.RecordBatch
    tally: Tally
    dropped: list[Document]


def tokenize_documents(
    documents: Sequence[Document], corpus: CorpusConfig, tokenizer: Tokenizer, config: BuildConfig, task: int = 0
) -> Tokenized:
    """Turn documents of one corpus into token ids and give each copy its place in the lanes.

    Args:
        documents: Of this corpus; all with one sentence per line, or none.
        corpus: The corpus.
        tokenizer: The vocabulary.
        config: Seed, dev_frac and deduplication.
        task: Number of the task that read them.
    """
    seed = config.seed
    copies = [0 if d.reason else num_copies(corpus, d.doc_id, seed) for d in documents]
    documents = [
        d if d.reason or count else replace(d, reason=Reason.EPOCHS) for d, count in zip(documents, copies, strict=True)
    ]
    kept = [(d, count) for d, count in zip(documents, copies, strict=True) if count]
    texts = [d.text for d, _ in kept]
    is_sentence_per_line = bool(kept) and kept[0][0].is_sentence_per_line
    encoded = encode_documents(texts, tokenizer, corpus.language, is_sentence_per_line)
    dropped = [document for document in documents if document.reason]
    counts = Counter({(corpus.name, "read"): len(documents)})
    counts.update((corpus.name, f"note:{note}") for document in documents for note in document.notes)
    placed: list[_Placed] = []
    for row, ((document, count), tokens) in enumerate(zip(kept, encoded.doc_lens.tolist(), strict=True)):
        if not tokens:
            dropped.append(replace(document, reason=Reason.EMPTY))
            continue
        identity = (seed, corpus.name, document.doc_id)
        dev_hash = hash64("dev", *identity)
        is_dev = dev_hash < config.output.dev_frac * 2**64
        count = 1 if is_dev else count  # a dev document is measured once
        places = [hash64("lane", *identity, copy) for copy in range(count)]
        text = document.text.encode("utf-8", "surrogatepass")
        known_by = document_hash(corpus.name, document.doc_id, text) if config.deduplicates(corpus) else 0
        placed.append(_Placed(row, document, known_by, tokens, len(text), dev_hash, is_dev, places))
        counts[corpus.name, "kept"] += 1
        counts[corpus.name, "bytes"] += len(text)
        counts[corpus.name, "tokens"] += tokens * count
        counts["", "dev" if is_dev else "train"] += tokens * count
    counts.update((corpus.name, f"dropped:{document.reason}") for document in dropped)
    candidates = () if not config.output.dev_frac else tuple(sorted(
        Candidate(p.dev_hash, corpus.name, p.document.doc_id, p.tokens, len(p.places), p.places[0], p.known_by)
        for p in placed if not p.is_dev
    ))  # fmt: skip
    return Tokenized(
        _tokenized_batch(encoded, placed, corpus.name),
        _keys_batch(placed, corpus, config, task),
        Tally(counts, candidates),
        dropped,
    )


def document_hash(corpus: str, doc_id: str, text: bytes) -> int:
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
    whole, _ = try_on(source, label, tokenize_documents, documents, *rest)
    if whole is not None:
        yield whole
        return
    for document in documents:
        alone, cause = try_on(source, document.doc_id, tokenize_documents, [document], *rest)
        if alone is None and corpus.on_error == "error":
            raise _parser_died(f"{source}, document {document.doc_id!r}", cause)
        failed = replace(document, reason=Reason.FAILED, cause=cause)
        yield alone or tokenize_documents([failed], *rest)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A document that goes into the lanes: its row among the encoded ones, its hash, and the place of each copy."""

    row: int
    document: Document
    known_by: int
    tokens: int
    num_bytes: int
    dev_hash: int
    is_dev: bool
    places: list[int]


def _parser_died(where: str, cause: str) -> CorpusError:
    return CorpusError(
        f"{where}: {cause}; this is a fault of the program, please report it; "
        'on_error = "skip" in the corpus\'s section counts and leaves out what it dies on'
    )


def _tokenized_batch(encoded: EncodedDocuments, placed: list[_Placed], corpus: str) -> pa.RecordBatch:
    """Return every copy of the documents as a row of TOKENIZED_SCHEMA."""
    sentence_bounds = np.append(0, np.cumsum(encoded.doc_sentences))
    token_bounds = np.append(0, np.cumsum(encoded.doc_lens))
    copies = [(p, copy) for p in placed for copy in range(len(p.places))]
    chosen = pa.array([p.row for p, _ in copies], pa.int64())
    return pa.record_batch(
        [
            np.array([p.places[copy] for p, copy in copies], np.uint64),
            np.array([p.known_by for p, _ in copies], np.uint64),
            np.array([copy for _, copy in copies], np.uint16),
            pa.array([p.is_dev for p, _ in copies], pa.bool_()),
            pa.array([corpus] * len(copies), pa.string()),
            pa.array([p.document.doc_id for p, _ in copies], pa.string()),
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
    rank = config.rank(corpus.name)
    return pa.record_batch(
        [
            np.array([key for key, _, _, _ in keys], np.uint64),
            pa.array([is_exact for _, is_exact, _, _ in keys], pa.bool_()),
            np.full(len(keys), rank, np.uint16),
            np.array([p.known_by for _, _, p, _ in keys], np.uint64),
            np.full(len(keys), task, np.int32),
            pa.array([p.is_dev for _, _, p, _ in keys], pa.bool_()),
            np.array([p.tokens * len(p.places) for _, _, p, _ in keys], np.int64),
            np.array([p.num_bytes for _, _, p, _ in keys], np.int64),
            pa.array([sketch for _, _, _, sketch in keys], pa.large_binary()),
        ],
        schema=KEYS_SCHEMA,
    )


def _binary(bounds: NDArray[np.int64], values: NDArray[np.generic]) -> pa.Array:
    """Return rows of bytes from an array of numbers and the rows' bounds in it."""
    offsets = np.ascontiguousarray(bounds.astype(np.int64) * values.itemsize)
    data = pa.py_buffer(np.ascontiguousarray(values))
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(bounds) - 1, [None, pa.py_buffer(offsets), data])
