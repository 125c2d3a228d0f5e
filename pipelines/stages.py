"""The stages that turn files into tokenized documents, as transforms around plain functions."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import apache_beam as beam
import pyarrow as pa

from xlnet_data.config import BuildConfig
from xlnet_data.files.writing import OutputFile
from xlnet_data.ingestion.placing import tokenize_apart
from xlnet_data.ingestion.reading import BATCH_CHARS, filter_documents, read_documents
from xlnet_data.ingestion.tallies import Tally
from xlnet_data.ingestion.tasks import Task
from xlnet_data.pipelines.progress import Progress
from xlnet_data.schemas.document import Document
from xlnet_data.text.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class DocumentBatch:
    """Documents of one task, a few megabytes of text at a time.

    Attributes:
        task: Number of the task.
        number: Of the batch within its task, from 0 on.
        corpus: The documents' corpus.
        documents: All with one sentence per line, or none.
        is_last: True: the task's last batch.
    """

    task: int
    number: int
    corpus: str
    documents: list[Document]
    is_last: bool


@dataclass(frozen=True, slots=True)
class TokenizedBatch:
    """Documents of one task as token ids, in the order in which they were read.

    Attributes:
        task: Number of the task.
        rows: A batch of TOKENIZED_SCHEMA.
        keys: A batch of KEYS_SCHEMA: what deduplication compares.
        tally: What became of the documents.
        is_last: True: the task's last batch.
        corpus: The documents' corpus.
        number: Place of the batch within its task: the number of the batch of documents, and, where that had to be
            tokenized in parts, of the part.
        rejected: The documents that were dropped by now, as `compress_documents` packs them; empty unless the config
            keeps them.
        files: What was written of the whole task on the way, such as its rejects.
    """

    task: int
    rows: pa.RecordBatch
    keys: pa.RecordBatch
    tally: Tally
    is_last: bool
    corpus: str
    number: tuple[int, int]
    rejected: bytes = b""
    files: tuple[OutputFile, ...] = ()


class ReadDocuments(beam.PTransform):
    """Read the tasks' files: (number, Task) in, DocumentBatch out."""

    def __init__(self, config: BuildConfig, progress: Progress) -> None:
        super().__init__()
        self._config, self._progress = config, progress

    def expand(self, tasks: Any) -> Any:
        """Read each task's documents in batches."""
        return tasks | beam.FlatMap(read_batches, config=self._config, progress=self._progress)


def read_batches(numbered: tuple[int, Task], config: BuildConfig, progress: Progress) -> Iterator[DocumentBatch]:
    """Yield a task's documents, about BATCH_CHARS at a time; the last batch may be empty."""
    number, task = numbered
    corpus = config.corpus(task.corpus)
    waiting: list[Document] = []
    chars = read_bytes = batches = 0
    for file_range in task.ranges:
        progress.read_from(task.corpus, str(file_range))
        for document in read_documents(file_range, corpus):
            is_other = waiting and waiting[0].is_sentence_per_line != document.is_sentence_per_line
            if chars >= BATCH_CHARS or len(waiting) >= BATCH_CHARS // 100 or is_other:
                yield DocumentBatch(number, batches, task.corpus, waiting, False)
                batches += 1
                read_bytes += _report_read(progress, waiting, task.num_bytes - read_bytes)
                waiting, chars = [], 0
            waiting.append(document)
            chars += len(document.text)
    progress.read_from(task.corpus, "")
    yield DocumentBatch(number, batches, task.corpus, waiting, True)
    _report_read(progress, waiting, task.num_bytes - read_bytes, is_last=True)
    progress.finish_task()  # on one machine, whatever follows has taken the last batch by now


def _report_read(progress: Progress, documents: Sequence[Document], left: int, is_last: bool = False) -> int:
    """Report progress and return the bytes reported.

    How many bytes on disk a document takes is unknown, so those of its text stand in for them; the last batch reports
    the rest of the task's bytes.
    """
    text_bytes = sum(len(document.text.encode("utf-8", "surrogatepass")) for document in documents)
    read_bytes = left if is_last else min(text_bytes, left)
    progress.add(input_bytes=read_bytes, text_bytes=text_bytes, documents_read=len(documents))
    return read_bytes


class FilterDocuments(beam.PTransform):
    """Put a reason on the documents that the corpus's filters drop: DocumentBatch in, DocumentBatch out."""

    def __init__(self, config: BuildConfig, progress: Progress) -> None:
        super().__init__()
        self._config, self._progress = config, progress

    def expand(self, batches: Any) -> Any:
        """Filter each batch."""
        return batches | beam.Map(filter_batch, config=self._config, progress=self._progress)


def filter_batch(batch: DocumentBatch, config: BuildConfig, progress: Progress) -> DocumentBatch:
    """Return the batch with the filters' reasons and cleaned texts."""
    documents = filter_documents(batch.documents, config.corpus(batch.corpus))
    progress.add(documents_dropped=sum(document.reason is not None for document in documents))
    return replace(batch, documents=documents)


class TokenizeDocuments(beam.PTransform):
    """Turn text into token ids with a lane key: DocumentBatch in, TokenizedBatch out."""

    def __init__(self, config: BuildConfig, model: str, progress: Progress) -> None:
        super().__init__()
        self._config, self._model, self._progress = config, model, progress

    def expand(self, batches: Any) -> Any:
        """Tokenize each batch."""
        return batches | beam.ParDo(_Tokenize(self._config, self._model, self._progress))


class _Tokenize(beam.DoFn):
    """Loads the model once per worker."""

    def __init__(self, config: BuildConfig, model: str, progress: Progress) -> None:
        super().__init__()
        self._config, self._model, self._progress = config, model, progress

    def setup(self) -> None:
        self._tokenizer = Tokenizer.load(self._model, self._config.tokenizer)

    def process(self, batch: DocumentBatch) -> Iterator[TokenizedBatch]:
        corpus = self._config.corpus(batch.corpus)
        keeps_rejected = self._config.output.rejects
        parts = list(tokenize_apart(batch.documents, corpus, self._tokenizer, self._config, batch.task))
        for number, part in enumerate(parts):
            counts = part.tally.counts
            self._progress.add(tokens_read=counts["", "train"] + counts["", "dev"])
            is_last = batch.is_last and number == len(parts) - 1
            rejected = compress_documents(part.rejected) if keeps_rejected else b""
            place = (batch.number, number)
            yield TokenizedBatch(batch.task, part.rows, part.keys, part.tally, is_last, batch.corpus, place, rejected)


def compress_documents(documents: Iterable[Document]) -> bytes:
    """Return documents as gzipped lines of JSON, each with corpus, doc_id, text, reason, and what else is known of it.

    The results for several groups may be joined: gzip reads them as one file.
    """
    lines = "".join(json.dumps(asdict(document), ensure_ascii=False) + "\n" for document in documents)
    return gzip.compress(lines.encode("utf-8", "replace"), mtime=0) if lines else b""
