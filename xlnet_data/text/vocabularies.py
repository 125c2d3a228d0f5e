"""Trains SentencePiece models from sentences, so that the same sentences give the same bytes."""

import contextlib
import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from xlnet_data.errors import TokenizerError, VocabularySizeError
from xlnet_data.files.writing import OutputFile, atomic_write, check_replaced
from xlnet_data.imports import module_command
from xlnet_data.schemas.example import EOP_ID, SPECIAL_PIECES, USER_SYMBOLS
from xlnet_data.text import vocabulary_process
from xlnet_data.text.clean_up import clean_sentences
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import CONTROL_SYMBOLS

TRAINING_THREADS = 16
"""SentencePiece adds up floats by thread: another number gives another model, so it does not follow the machine."""

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
    arguments = {
        "model_type": "unigram",
        "vocab_size": settings.vocab_size,
        "character_coverage": settings.character_coverage,
        "control_symbols": list(CONTROL_SYMBOLS),
        "user_defined_symbols": [SPECIAL_PIECES[EOP_ID], *USER_SYMBOLS],  # in one string, the lone " breaks the rest
        "input_sentence_size": 0,  # all: SentencePiece would draw others in every process
        "max_sentence_length": _MAX_SENTENCE_BYTES,
        "num_threads": TRAINING_THREADS,
        "minloglevel": 2,
    }
    model = _train_apart(arguments, _cleaned(sentences, settings), settings)
    with atomic_write(output_path) as file:
        file.write(model)
    return OutputFile.of(output_path, file)


def check_model_output(path: str) -> None:
    """Check, before the work is done, that a model can be written under a name, and that it replaces no other file.

    Raises:
        ShardError: It cannot, or a text lies there, such as the config.
    """
    check_replaced(path, "model", lambda head: b"\0" in head)  # which every model has in its first scores


def _train_apart(arguments: Mapping[str, Any], sentences: Iterable[str], settings: TokenizerSettings) -> bytes:
    """Train in a process of its own, which is killed if this one is interrupted, or the sentences cannot be read."""
    process = subprocess.Popen(
        module_command(vocabulary_process.__name__),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,  # Ctrl-C is this process's affair
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError):  # it died, of which its status tells
            process.stdin.write(json.dumps(arguments).encode() + b"\n")
            for sentence in sentences:
                data = sentence.encode()
                process.stdin.write(vocabulary_process.LENGTH.pack(len(data)) + data)
            process.stdin.write(vocabulary_process.LENGTH.pack(vocabulary_process.END))
            process.stdin.flush()
        answer = process.stdout.read()
    finally:
        process.kill()
        status = process.wait()
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    kind, said = answer[:1], answer[1:]
    if kind == vocabulary_process.TRAINED:
        return said
    if kind == vocabulary_process.FAILED:
        raise _untrained(said.decode(), settings)
    raise TokenizerError(
        f"the process that trains a SentencePiece model died (status {status}), maybe for want of memory: "
        "lower sample_sentences in [tokenizer]"
    )


def _cleaned(sentences: Iterable[str], settings: TokenizerSettings) -> Iterator[str]:
    iterator = iter(sentences)
    while batch := list(islice(iterator, 10_000)):
        yield from clean_sentences(batch, settings)


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
        return TokenizerError(
            "no text to train a SentencePiece model from: no document is left, and `xlnet-data plan` says why"
        )
    return TokenizerError(f"cannot train a SentencePiece model: {message}")
