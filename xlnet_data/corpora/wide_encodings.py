"""Tells text that is written in two or four bytes a character from text of one byte."""

import codecs

_MIN_CONTROL_FRAC, _MIN_WIDE_SPACES, _MIN_PRINTABLE = 0.03, 0.01, 0.95  # of a text in UTF-16
_WIDE_SPACES = " \n\r\t\u3000、。，"
_WIDE_CONTROLS = bytes([*range(9), *range(14, 27)])  # the low bytes of letters, too


def wide_encoding(head: bytes) -> str:
    """Return "UTF-16" or "UTF-32" if that is what a text is written in, "" if not; with a byte order mark or without.

    >>> wide_encoding("Ab".encode("utf-16-le")), wide_encoding(b"Ab")
    ('UTF-16', '')
    """
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    sample = head[: len(head) // 4 * 4][:4096] or head[:2]
    zeros = [sample[i::4].count(0) for i in range(4)]
    _, third, *full = sorted(zeros)
    if len(sample) // 4 == full[0] == full[1] and len(sample) >= 4 and (third * 2 > full[0] or _is_utf32(sample)):
        return "UTF-32"
    if _is_utf16(sample):
        return "UTF-16"
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most, least = max(even, odd), min(even, odd)
    return "UTF-16" if len(sample) >= 4 and most * 2 > len(sample) // 2 and not least else ""


def _is_utf16(sample: bytes) -> bool:
    """Return whether bytes that no text of one byte per character has make one of two bytes, in one order or other."""
    if len(sample) < 16 or count_bytes(sample, _WIDE_CONTROLS) < _MIN_CONTROL_FRAC * len(sample):
        return False
    for order in ("utf-16-le", "utf-16-be"):
        text = sample.decode(order, "replace")
        num_spaces = sum(map(text.count, _WIDE_SPACES))
        if num_spaces >= _MIN_WIDE_SPACES * len(text) and _num_printable(text) >= _MIN_PRINTABLE * len(text):
            return True
    return False


def _is_utf32(sample: bytes) -> bool:
    """Return whether bytes make nearly nothing but printable characters of four bytes, in one order or other."""
    texts = [sample.decode(order, "replace") for order in ("utf-32-le", "utf-32-be")]
    return any(_num_printable(text) >= _MIN_PRINTABLE * len(text) for text in texts)


def _num_printable(text: str) -> int:
    """Return how many characters of a text are white space, or seen and not U+FFFD."""
    return sum(letter.isprintable() or letter.isspace() for letter in text) - text.count("\ufffd")


def count_bytes(sample: bytes, values: bytes) -> int:
    """Return how many bytes of a sample are among some values."""
    return len(sample) - len(sample.translate(None, values))
