"""Draws the sentences that a vocabulary is trained on, by hash, so that every run draws the same ones."""

import heapq
from collections.abc import Iterator
from itertools import chain

from xlnet_data.config import BuildConfig
from xlnet_data.ingestion.reading import filter_documents, read_documents
from xlnet_data.ingestion.tasks import Task, list_tasks
from xlnet_data.seeds import hash64
from xlnet_data.text.language_codes import language_code
from xlnet_data.text.sentences import split_document

SENTENCE_BYTES = 100
"""Bytes of a sentence on disk, about."""

READ_SHARE = 20
"""Of a large input, tasks drawn by hash with this many times the text of the sample are read, not all."""


def sample_sentences(config: BuildConfig) -> list[str]:
    """Return the sentences of documents drawn by hash from all corpora, at most ``sample_sentences``.

    The documents of the smallest hashes are taken, in the order of their hashes, until their sentences are enough: the
    same on every run, wherever the files lie and in whatever order they are named.

    Raises:
        CorpusError: An input cannot be read.
    """
    most = config.tokenizer.sample_sentences
    nearest: list[tuple[int, list[str]]] = []  # a heap, the largest hash first
    num_sentences = 0
    for key, sentences in _hashed_documents(config):
        if num_sentences >= most and -key < nearest[0][0]:
            continue
        heapq.heappush(nearest, (-key, sentences))
        num_sentences += len(sentences)
        while num_sentences - len(nearest[0][1]) >= most:
            num_sentences -= len(heapq.heappop(nearest)[1])
    return list(chain.from_iterable(sentences for _, sentences in sorted(nearest, reverse=True)))[:most]


def _hashed_documents(config: BuildConfig) -> Iterator[tuple[int, list[str]]]:
    """Yield hash and sentences of the kept documents in the tasks that are read."""
    tasks = list_tasks(config)
    total = sum(task.num_bytes for task in tasks)
    share = config.tokenizer.sample_sentences * SENTENCE_BYTES * READ_SHARE / max(1, total)
    for task in tasks:
        if hash64("vocabulary tasks", config.seed, *_identity(task)) >= share * 2**64:
            continue
        corpus = config.corpus(task.corpus)
        code = language_code(corpus.language)
        for document in chain.from_iterable(read_documents(file_range, corpus) for file_range in task.ranges):
            for kept in filter_documents([document], corpus):
                if kept.reason is None:
                    key = hash64("vocabulary", config.seed, corpus.name, kept.doc_id)
                    yield key, split_document(kept.text, code, kept.is_sentence_per_line)[0]


def _identity(task: Task) -> tuple[str, str, int]:
    return task.corpus, task.ranges[0].file_id, task.ranges[0].start
