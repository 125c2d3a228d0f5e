"""Keeps dropped documents beside the dataset with their reasons, as gzipped JSON lines."""

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import apache_beam as beam
import numpy as np

from xlnet_data.config import BuildConfig
from xlnet_data.files.writing import OutputFile, atomic_write
from xlnet_data.ingestion.placing import dedup_key_of
from xlnet_data.ingestion.reading import filter_documents, read_documents
from xlnet_data.ingestion.tasks import Task
from xlnet_data.pipelines.deduplicate import DuplicateIndex
from xlnet_data.pipelines.progress import Progress
from xlnet_data.pipelines.stages import TokenizedBatch, compress_documents
from xlnet_data.schemas.document import Document
from xlnet_data.schemas.manifest import REJECTS_FOLDER

DOCUMENTS_AT_ONCE = 100
"""Documents that are looked up among the dropped ones at a time."""


class KeepRejects(beam.PTransform):
    """Write the documents that were dropped up to tokenizing, a file per task: TokenizedBatch in, the same out.

    A batch is passed on, without what was rejected, when that is written or waits for the rest of its task: so a task
    is finished only after its rejects are. This is for one machine, where a task's batches come one after another.
    """

    def __init__(self, output: str) -> None:
        super().__init__()
        self._output = output

    def expand(self, batches: Any) -> Any:
        """Write each task's dropped documents."""
        return batches | beam.ParDo(_KeepRejects(self._output))


class _KeepRejects(beam.DoFn):
    """Collects a task's dropped documents, compressed, until the task ends; a task that is done again replaces them."""

    def __init__(self, output: str) -> None:
        super().__init__()
        self._output = output

    def start_bundle(self) -> None:
        self._parts: dict[int, list[bytes]] = {}  # what an earlier bundle left did not succeed

    def process(self, batch: TokenizedBatch) -> Iterator[TokenizedBatch]:
        self._parts.setdefault(batch.task, []).append(batch.rejected)
        files: tuple[OutputFile, ...] = ()
        if batch.is_last:
            path = rejects_path(self._output, batch.corpus, batch.task)
            files = write_rejects(path, self._parts.pop(batch.task))
        yield replace(batch, rejected=b"", files=files)


def tasks_to_read_again(tasks: Iterable[tuple[int, Task]], config: BuildConfig) -> list[tuple[int, Task]]:
    """Return the numbered tasks whose corpora are compared with others."""
    return [(number, task) for number, task in tasks if config.deduplicates(config.corpus(task.corpus))]


def keep_duplicates(
    numbered: tuple[int, Task], config: BuildConfig, output: str, progress: Progress, duplicates: DuplicateIndex
) -> tuple[OutputFile, ...]:
    """Read a task again and write its documents that deduplication dropped; return the file, if there are any.

    By the time that they are known, their text is gone: it never crosses a stage.

    Args:
        numbered: The task and its number.
        config: The config.
        output: The dataset folder.
        progress: Is told what is read.
        duplicates: The dropped documents.
    """
    number, task = numbered
    kept, met = _kept_documents(task, config, progress), set[int]()
    parts: list[bytes] = []
    while group := list(itertools.islice(kept, DOCUMENTS_AT_ONCE)):
        texts = (document.text.encode("utf-8", "surrogatepass") for document in group)
        keys = [dedup_key_of(d.corpus, d.doc_id, text) for d, text in zip(group, texts, strict=True)]
        drops = duplicates.drops(np.array(keys, np.uint64), number, met, config)
        dropped = (
            replace(d, reason=drop.reason, cause=drop.cause) for d, drop in zip(group, drops, strict=True) if drop
        )
        parts.append(compress_documents(dropped))
    return write_rejects(rejects_path(output, task.corpus, number, "-duplicates"), parts)


def rejects_path(output: str, corpus: str, task: int, kind: str = "") -> str:
    """Return where a task's dropped documents are kept."""
    return os.path.join(output, REJECTS_FOLDER, f"{corpus}-{task:06}{kind}.jsonl.gz")


def write_rejects(path: str, parts: Sequence[bytes]) -> tuple[OutputFile, ...]:
    """Write what `compress_documents` made to a file, and return the file; without any document there is none."""
    if not any(parts):
        return ()
    with atomic_write(path) as file:
        file.write(b"".join(parts))
    return (OutputFile.of(path, file),)


def _kept_documents(task: Task, config: BuildConfig, progress: Progress) -> Iterator[Document]:
    """Yield the documents of a task that filters keep; those that no epoch takes are among no duplicates."""
    corpus = config.corpus(task.corpus)
    for file_range in task.ranges:
        progress.read_from(task.corpus, str(file_range))
        for document in read_documents(file_range, corpus):
            (filtered,) = filter_documents([document], corpus)
            if filtered.reason is None:
                yield filtered
    progress.read_from(task.corpus, "")
