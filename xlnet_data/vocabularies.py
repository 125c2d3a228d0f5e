"""A vocabulary for a config: the sample of its corpora, and the SentencePiece model trained from it."""

import heapq
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import sentencepiece

from xlnet_data.config import BuildConfig
from xlnet_data.documents import Task, filter_documents, list_tasks, read_documents
from xlnet_data.errors import TokenizerError
from xlnet_data.schemas.example import EOP_ID, SPECIAL_PIECES, USER_SYMBOLS
from xlnet_data.seeds import hash64
from xlnet_data.sentences import language_code, split_document
from xlnet_data.shards import atomic_write
from xlnet_data.tokenizer import CONTROL_SYMBOLS, TokenizerSettings, clean_sentences

SENTENCE_BYTES = 100
"""Bytes of a sentence on disk, about."""

READ_SHARE = 20
"""Of a large input, tasks drawn by hash with this many times the text of the sample are read, not all."""

TRAINING_THREADS = 16
"""SentencePiece adds up floats by thread: another number gives another model, so it does not follow the machine."""

_MAX_SENTENCE_BYTES = 1 << 20  # SentencePiece leaves out longer ones silently; its default of 4,192 can leave out all


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
    for place, sentences in _hashed_documents(config):
        if num_sentences >= most and -place < nearest[0][0]:
            continue
        heapq.heappush(nearest, (-place, sentences))
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
        for document in chain.from_iterable(read_documents(split, corpus) for split in task.splits):
            for kept in filter_documents([document], corpus):
                if kept.reason is None:
                    place = hash64("vocabulary", config.seed, corpus.name, kept.doc_id)
                    yield place, split_document(kept.text, code, kept.is_sentence_per_line)[0]


def _identity(task: Task) -> tuple[str, str, int]:
    return task.corpus, task.splits[0].file_id, task.splits[0].start


def train_tokenizer(sentences: Iterable[str], settings: TokenizerSettings, output_path: str) -> None:
    """Train a unigram model with XLNet's special pieces; the same sentences give the same bytes.

    Args:
        sentences: The sample, in the order it shall have; cleaned here.
        settings: The vocabulary and the clean-up.
        output_path: Where the model is written, under a temporary name first.

    Raises:
        TokenizerError: The text does not suffice for `vocab_size`, or `vocab_size` not for the text.
    """
    model = io.BytesIO()
    failures: list[Exception] = []
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_cleaned(sentences, settings, failures),
            model_writer=model,
            model_type="unigram",
            vocab_size=settings.vocab_size,
            character_coverage=settings.character_coverage,
            control_symbols=list(CONTROL_SYMBOLS),
            user_defined_symbols=[SPECIAL_PIECES[EOP_ID], *USER_SYMBOLS],  # in one string, the lone " breaks the rest
            input_sentence_size=0,  # all: SentencePiece would draw others in every process
            max_sentence_length=_MAX_SENTENCE_BYTES,
            num_threads=TRAINING_THREADS,
            minloglevel=2,
        )
    except RuntimeError as error:
        if failures:  # of the reader, which SentencePiece turns into its own
            raise failures[0] from None
        raise TokenizerError(_why_untrained(str(error), settings)) from error
    with atomic_write(output_path) as file:
        file.write(model.getvalue())


def _cleaned(sentences: Iterable[str], settings: TokenizerSettings, failures: list[Exception]) -> Iterator[str]:
    iterator = iter(sentences)
    try:
        while batch := list(islice(iterator, 10_000)):
            yield from clean_sentences(batch, settings)
    except Exception as error:
        failures.append(error)
        raise


def _why_untrained(message: str, settings: TokenizerSettings) -> str:
    if match := re.search(r"Vocabulary size too high .*<= (\d+)", message):
        return f"too little text for vocab_size={settings.vocab_size}: the largest possible is {match[1]}"
    if match := re.search(r"smaller than required_chars\D*\d+ vs (\d+)", message):
        least = f"it must be at least {match[1]}, or character_coverage lower"
        return f"vocab_size={settings.vocab_size} does not hold the text's characters: {least}"
    if "!sentences_.empty()" in message:
        return "no text to train a SentencePiece model from: the corpora's sample is empty"
    return f"cannot train a SentencePiece model: {message}"
