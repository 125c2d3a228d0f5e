"""Dropped documents, kept beside the dataset with their reasons: gzipped JSON lines."""

import gzip
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from xlnet_data.config import BuildConfig
from xlnet_data.documents import Task, document_hash, filter_documents, num_copies, read_documents
from xlnet_data.pipelines.dropped import DroppedDocuments
from xlnet_data.pipelines.stages import DocumentBatch
from xlnet_data.pipelines.watch import watch_input
from xlnet_data.pipelines.work import LocalWork
from xlnet_data.schemas.document import Document
from xlnet_data.shards import atomic_write

DOCUMENTS_AT_ONCE = 100
"""Documents that are looked up among the dropped ones at a time."""


class KeepRejects(beam.PTransform):  # type: ignore[misc]
    """Write the documents that were dropped up to tokenizing, a file per task: DocumentBatch in, nothing out."""

    def __init__(self, output: str) -> None:
        super().__init__()
        self._output = output

    def expand(self, dropped: Any) -> Any:
        """Write each task's dropped documents."""
        return dropped | beam.ParDo(_KeepRejects(self._output))


class _KeepRejects(beam.DoFn):  # type: ignore[misc]
    """Collects a task's dropped documents, compressed, until the task ends; a task that is done again replaces them."""

    def __init__(self, output: str) -> None:
        super().__init__()
        self._output = output
        self._parts: dict[int, list[bytes]] = {}

    def process(self, batch: DocumentBatch) -> None:
        self._parts.setdefault(batch.task, []).extend(_compress(batch.documents))
        if batch.is_last:
            _write(rejects_path(self._output, batch.corpus, batch.task), self._parts.pop(batch.task))


class KeepDuplicates(beam.PTransform):  # type: ignore[misc]
    """Read the tasks again and write the documents that deduplication dropped, a file per task.

    By the time that they are known, their text is gone: it never crosses a stage. (number, Task) in, 1 for each out.
    """

    def __init__(self, config: BuildConfig, output: str, work: LocalWork | None, dropped: Any) -> None:
        super().__init__()
        self._arguments = (config, output, work)
        self._dropped = beam.pvalue.AsList(dropped) if work is None else ()

    def expand(self, tasks: Any) -> Any:
        """Read and write each task."""
        return tasks | beam.Map(keep_duplicates, *self._arguments, self._dropped)


def tasks_to_read_again(tasks: Iterable[tuple[int, Task]], config: BuildConfig) -> list[tuple[int, Task]]:
    """Return the numbered tasks whose corpora are compared with others."""
    return [(number, task) for number, task in tasks if config.deduplicates(config.corpus(task.corpus))]


def keep_duplicates(
    numbered: tuple[int, Task],
    config: BuildConfig,
    output: str,
    work: LocalWork | None,
    tables: Iterable[pa.Table],
) -> int:
    """Write the documents of a task that deduplication dropped.

    Args:
        numbered: The task and its number.
        config: The config.
        output: The dataset folder.
        work: Of a build on one machine, whose spool names the dropped documents.
        tables: On a cluster, what they are: tables of DROPPED_SCHEMA.
    """
    number, task = numbered
    path = rejects_path(output, task.corpus, number, "-duplicates")
    if work is not None and os.path.exists(path):  # an earlier part of the build wrote it
        return 1
    dropped = DroppedDocuments.load(work.spool) if work else DroppedDocuments(list(tables))
    kept, met = _kept_documents(task, config, work), set[int]()
    parts: list[bytes] = []
    while group := list(itertools.islice(kept, DOCUMENTS_AT_ONCE)):
        texts = (document.text.encode("utf-8", "surrogatepass") for document in group)
        hashes = [document_hash(d.corpus, d.doc_id, text) for d, text in zip(group, texts, strict=True)]
        reasons = dropped.reasons(np.array(hashes, np.uint64), number, met)
        parts += _compress(replace(d, reason=reason) for d, reason in zip(group, reasons, strict=True) if reason)
    _write(path, parts)
    return 1


def rejects_path(output: str, corpus: str, task: int, kind: str = "") -> str:
    """Return where a task's dropped documents are kept."""
    return os.path.join(output, "rejects", f"{corpus}-{task:06}{kind}.jsonl.gz")


def reject_line(document: Document) -> str:
    """Return a dropped document as a line of JSON: corpus, doc_id, text, reason, and what else is known of it."""
    return json.dumps(asdict(document), ensure_ascii=False) + "\n"


def _kept_documents(task: Task, config: BuildConfig, work: LocalWork | None) -> Iterator[Document]:
    """Yield the documents of a task that went into tokenizing."""
    corpus = config.corpus(task.corpus)
    for split in task.splits:
        watch_input(work, task.corpus, str(split))
        for document in read_documents(split, corpus):
            (filtered,) = filter_documents([document], corpus)
            if filtered.reason is None and num_copies(corpus, filtered.doc_id, config.seed):
                yield filtered
    watch_input(work, task.corpus, "")


def _compress(documents: Iterable[Document]) -> list[bytes]:
    lines = "".join(map(reject_line, documents))
    return [gzip.compress(lines.encode("utf-8", "replace"), mtime=0)] if lines else []


def _write(path: str, parts: list[bytes]) -> None:
    if parts:
        with atomic_write(path) as file:
            file.write(b"".join(parts))
