"""Runs SentencePiece's training in a process of its own, which can be ended at any time: in it no signal is looked for.

The parent writes to stdin a line of JSON, the trainer's arguments, and then the sentences, each behind its length. The
process answers on stdout: TRAINED and the model, or FAILED and what SentencePiece says. It ends when its parent does.
"""

import io
import json
import os
import struct
import sys
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

import sentencepiece

TRAINED, FAILED = b"M", b"E"

LENGTH = struct.Struct("<I")
"""Bytes of a sentence."""

END = 0xFFFFFFFF
"""Stands for a length where no sentence follows."""


def main() -> None:
    """Train, and answer."""
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    arguments: dict[str, Any] = json.loads(stdin.readline())
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_read_sentences(stdin), model_writer=model, **arguments
        )
    except RuntimeError as error:
        stdout.write(FAILED + str(error).encode("utf-8", "replace"))
    else:
        stdout.write(TRAINED + model.getvalue())
    stdout.flush()
    os._exit(0)  # the thread that waits for the parent's end holds stdin


def _read_sentences(stdin: BinaryIO) -> Iterator[bytes]:
    while (length := LENGTH.unpack(_read(stdin, LENGTH.size))[0]) != END:
        yield _read(stdin, length)
    threading.Thread(target=_end_with_parent, args=(stdin,), daemon=True).start()


def _read(stdin: BinaryIO, num_bytes: int) -> bytes:
    data = stdin.read(num_bytes)
    if len(data) < num_bytes:
        os._exit(1)  # the parent ended
    return data


def _end_with_parent(stdin: BinaryIO) -> None:
    stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
