"""A vocabulary for a config: the sample of its corpora that a SentencePiece model is trained from."""

from collections.abc import Iterator
from itertools import chain

from xlnet_data.config import BuildConfig
from xlnet_data.documents import filter_documents, list_tasks, read_documents
from xlnet_data.seeds import hash64
from xlnet_data.sentences import language_code, split_document

SENTENCE_BYTES = 100
"""Bytes of a sentence on disk, about: decides which share of the documents the sample takes."""


def sample_sentences(config: BuildConfig) -> Iterator[str]:
    """Yield the sentences of a share of all corpora's documents, drawn by hash: the same on every run.

    The share is what gives about ``sample_sentences`` sentences; SentencePiece draws from them if they are more.

    Raises:
        CorpusError: An input cannot be read.
    """
    tasks = list_tasks(config)
    total = sum(task.num_bytes for task in tasks)
    share = min(1.0, config.tokenizer.sample_sentences * SENTENCE_BYTES / max(1, total))
    for task in tasks:
        corpus = config.corpus(task.corpus)
        code = language_code(corpus.language)
        for document in chain.from_iterable(read_documents(split, corpus) for split in task.splits):
            if document.reason or hash64("vocabulary", config.seed, corpus.name, document.doc_id) >= share * 2**64:
                continue
            for kept in filter_documents([document], corpus):
                if kept.reason is None:
                    yield from split_document(kept.text, code, kept.is_sentence_per_line)[0]
