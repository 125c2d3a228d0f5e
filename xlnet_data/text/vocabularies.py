"""Trains SentencePiece models from sentences, so that the same sentences give the same bytes."""

import functools
import io
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import sentencepiece

from xlnet_data.errors import TokenizerError, VocabularySizeError
from xlnet_data.files.writing import OutputFile, atomic_write
from xlnet_data.schemas.example import EOP_ID, SPECIAL_PIECES, USER_SYMBOLS
from xlnet_data.text.clean_up import clean_sentences
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import CONTROL_SYMBOLS

TRAINING_THREADS = 16
"""SentencePiece adds up floats by thread: another number gives another model, so it does not follow the machine."""

WAIT_SECS = 0.2
"""Seconds after which a signal is noticed while a vocabulary is trained."""

_MAX_SENTENCE_BYTES = 1 << 20  # SentencePiece leaves out longer ones silently; its default of 4,192 can leave out all


def train_tokenizer(sentences: Iterable[str], settings: TokenizerSettings, output_path: str) -> OutputFile:
    """Train a unigram model with XLNet's special pieces and return its file; the same sentences give the same bytes.

    Args:
        sentences: The sample, in the order it shall have; cleaned here.
        settings: The vocabulary and the clean-up.
        output_path: Where the model is written, under a temporary name first.

    Raises:
        TokenizerError: The text does not suffice for `vocab_size`, or `vocab_size` not for the text.
    """
    model = io.BytesIO()
    failures: list[Exception] = []
    train = functools.partial(
        sentencepiece.SentencePieceTrainer.train,
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
    try:
        _run_interruptibly(train)
    except RuntimeError as error:
        if failures:  # of the reader, which SentencePiece turns into its own
            raise failures[0] from None
        raise _untrained(str(error), settings) from error
    with atomic_write(output_path) as file:
        file.write(model.getvalue())
    return OutputFile.of(output_path, file)


def _run_interruptibly(function: Callable[[], object]) -> None:
    """Run a function in a thread, so that Ctrl-C ends the wait for it at once: SentencePiece looks for no signal.

    What is interrupted goes on by itself until the process ends, and its result is lost.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(WAIT_SECS)
    if raised:
        raise raised[0]


def _cleaned(sentences: Iterable[str], settings: TokenizerSettings, failures: list[Exception]) -> Iterator[str]:
    iterator = iter(sentences)
    try:
        while batch := list(islice(iterator, 10_000)):
            yield from clean_sentences(batch, settings)
    except Exception as error:
        failures.append(error)
        raise


def _untrained(message: str, settings: TokenizerSettings) -> TokenizerError:
    """Return the error that says why no vocabulary was trained, and which size would do."""
    if match := re.search(r"Vocabulary size too high .*<= (\d+)", message):
        unit = 10 ** max(0, len(match[1]) - 2)
        fitting = int(match[1]) // unit * unit
        what = f"too little text for vocab_size={settings.vocab_size}: the largest possible is {match[1]}"
        return VocabularySizeError(f"{what}; set vocab_size = {fitting} in [tokenizer], or add text", fitting)
    if match := re.search(r"smaller than required_chars\D*\d+ vs (\d+)", message):
        what = f"vocab_size={settings.vocab_size} does not hold the text's characters: it must be at least {match[1]}"
        hint = "set it in [tokenizer], or character_coverage lower"
        return VocabularySizeError(f"{what}; {hint}", int(match[1]))
    if "!sentences_.empty()" in message:
        return TokenizerError("no text to train a SentencePiece model from: the corpora's sample is empty")
    return TokenizerError(f"cannot train a SentencePiece model: {message}")
