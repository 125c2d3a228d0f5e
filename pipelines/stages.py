"""The stages: what each takes and gives, wired from plain functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import apache_beam as beam
import pyarrow as pa

from xlnet_data.config import BuildConfig
from xlnet_data.documents import (
    BATCH_CHARS,
    Task,
    filter_documents,
    read_documents,
    tokenize_apart,
)
from xlnet_data.pipelines.progress import add_progress
from xlnet_data.pipelines.watch import watch_input
from xlnet_data.pipelines.work import LocalWork
from xlnet_data.schemas.document import Document
from xlnet_data.tallies import Tally
from xlnet_data.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class DocumentBatch:
    """Documents of one task, a few megabytes of text at a time.

    Attributes:
        task: Number of the task.
        corpus: The documents' corpus.
        documents: All with one sentence per line, or none.
        is_last: True: the task's last batch.
    """

    task: int
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
    """

    task: int
    rows: pa.RecordBatch
    keys: pa.RecordBatch
    tally: Tally
    is_last: bool


DROPPED = "dropped"
"""The output of TokenizeDocuments that holds DocumentBatches of what was dropped by then."""


class ReadDocuments(beam.PTransform):  # type: ignore[misc]
    """Read the tasks' files: (number, Task) in, DocumentBatch out."""

    def __init__(self, config: BuildConfig, work: LocalWork | None = None) -> None:
        super().__init__()
        self._config, self._work = config, work

    def expand(self, tasks: Any) -> Any:
        """Read each task's documents in batches."""
        return tasks | beam.FlatMap(read_batches, config=self._config, work=self._work)


def read_batches(numbered: tuple[int, Task], config: BuildConfig, work: LocalWork | None) -> Iterator[DocumentBatch]:
    """Yield a task's documents, about BATCH_CHARS at a time; the last batch may be empty."""
    number, task = numbered
    corpus = config.corpus(task.corpus)
    progress = work.progress if work else None
    waiting: list[Document] = []
    chars = read_bytes = 0
    for split in task.splits:
        watch_input(work, task.corpus, str(split))
        for document in read_documents(split, corpus):
            is_other = waiting and waiting[0].is_sentence_per_line != document.is_sentence_per_line
            if chars >= BATCH_CHARS or len(waiting) >= BATCH_CHARS // 100 or is_other:
                yield DocumentBatch(number, task.corpus, waiting, False)
                read_bytes += _report_read(progress, waiting, chars, task.num_bytes - read_bytes)
                waiting, chars = [], 0
            waiting.append(document)
            chars += len(document.text)
    watch_input(work, task.corpus, "")
    yield DocumentBatch(number, task.corpus, waiting, True)
    _report_read(progress, waiting, chars, task.num_bytes - read_bytes, is_last=True)


def _report_read(
    progress: str | None, documents: Sequence[Document], chars: int, left: int, is_last: bool = False
) -> int:
    """Tell how far a task is; what its unread bytes are worth is known only at its end."""
    read_bytes = left if is_last else min(chars, left)
    add_progress(progress, input_bytes=read_bytes, text_bytes=chars, documents_read=len(documents))
    return read_bytes


class FilterDocuments(beam.PTransform):  # type: ignore[misc]
    """Put a reason on the documents that the corpus's filters drop: DocumentBatch in, DocumentBatch out."""

    def __init__(self, config: BuildConfig, progress: str | None = None) -> None:
        super().__init__()
        self._config, self._progress = config, progress

    def expand(self, batches: Any) -> Any:
        """Filter each batch."""
        return batches | beam.Map(filter_batch, config=self._config, progress=self._progress)


def filter_batch(batch: DocumentBatch, config: BuildConfig, progress: str | None) -> DocumentBatch:
    """Return the batch with the filters' reasons and cleaned texts."""
    documents = filter_documents(batch.documents, config.corpus(batch.corpus))
    add_progress(progress, documents_dropped=sum(document.reason is not None for document in documents))
    return replace(batch, documents=documents)


class TokenizeDocuments(beam.PTransform):  # type: ignore[misc]
    """Turn text into token ids with a place in the lanes: DocumentBatch in, TokenizedBatch out.

    Where the config keeps rejects, a second output, named DROPPED, has the dropped documents of every batch.
    """

    def __init__(self, config: BuildConfig, model: str, progress: str | None = None) -> None:
        super().__init__()
        self._config, self._model, self._progress = config, model, progress

    def expand(self, batches: Any) -> Any:
        """Tokenize each batch."""
        tokenize = beam.ParDo(_Tokenize(self._config, self._model, self._progress))
        return batches | (tokenize.with_outputs(DROPPED, main="tokenized") if self._config.output.rejects else tokenize)


class _Tokenize(beam.DoFn):  # type: ignore[misc]
    """Loads the model once per worker."""

    def __init__(self, config: BuildConfig, model: str, progress: str | None = None) -> None:
        super().__init__()
        self._config, self._model, self._progress = config, model, progress

    def setup(self) -> None:
        self._tokenizer = Tokenizer.load(self._model, self._config.tokenizer)

    def process(self, batch: DocumentBatch) -> Iterator[Any]:
        corpus = self._config.corpus(batch.corpus)
        parts = list(tokenize_apart(batch.documents, corpus, self._tokenizer, self._config, batch.task))
        if self._config.output.rejects:  # before the task is finished
            dropped = [document for part in parts for document in part.dropped]
            yield beam.pvalue.TaggedOutput(DROPPED, replace(batch, documents=dropped))
        for part in parts:
            counts = part.tally.counts
            add_progress(self._progress, tokens_read=counts["", "train"] + counts["", "dev"])
            is_last = batch.is_last and part is parts[-1]
            yield TokenizedBatch(batch.task, part.rows, part.keys, part.tally, is_last)
