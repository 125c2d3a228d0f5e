"""Reads SentencePiece's model files, which are protocol buffers, as sentencepiece_model.proto describes them.

By hand, because the module that comes with SentencePiece needs a newer protobuf than Beam allows.
"""

from collections.abc import Iterator
from typing import Any

WORD_MARK = "▁"
"""What SentencePiece writes for the space before a word."""


def read_fields(message: bytes) -> Iterator[tuple[int, Any]]:
    r"""Yield number and value of each field of a message: an int, or bytes for texts, messages and floats.

    >>> list(read_fields(b"\x0a\x02ab\x18\x04"))
    [(1, b'ab'), (3, 4)]
    """
    place = 0

    def read_number() -> int:
        nonlocal place
        number = shift = 0
        while True:
            byte = message[place]
            place += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7

    end = len(message) - 1
    while place <= end:
        if place < end and message[place] & 0x87 == 2 and message[place + 1] < 0x80:  # as nearly all are: short bytes
            field, begin = message[place] >> 3, place + 2
            place = begin + message[place + 1]
            yield field, message[begin:place]
            continue
        key = read_number()
        kind = key & 7
        if kind == 0:
            yield key >> 3, read_number()
            continue
        size = {1: 8, 5: 4}[kind] if kind != 2 else read_number()
        yield key >> 3, message[place : place + size]
        place += size
