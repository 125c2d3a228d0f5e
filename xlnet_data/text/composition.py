"""Composes letters with their marks (Unicode's NFC), in time that grows with the text and no faster.

Python's own takes quadratic time where marks of several classes follow one another for long, as in text made to be
slow: it moves each mark past all that belong behind it.
"""

import functools
import re
import unicodedata

MARKS = "\u0300-\u036f\u1161-\u1175\u11a8-\u11c2\u3099\u309a"
"""Marks of Latin, Greek and Cyrillic letters, the second and third letters of Korean syllables, and Japanese marks, as
they stand in a pattern's set."""

_RUN = re.compile(f"[{MARKS}][{MARKS}]*+")
_STEP = 32
_MARKS_IN_A_ROW = bytes([1]) * 4
"""Of every 32nd character four in a row are marks, if more than 160 marks stand somewhere side by side."""

_LAST_MARK = 0x20000  # no character from here on is one


def compose(text: str) -> str:
    r"""Return a text in Unicode's composed form (NFC).

    >>> compose("cafe\u0301") == "caf\u00e9"
    True
    """
    if not text.isascii() and _MARKS_IN_A_ROW in bytes(map(_is_mark, text[::_STEP])):
        text = _long_runs().sub(_order, text)
    return unicodedata.normalize("NFC", text)


def compose_marks(text: str) -> str:
    r"""Return a text in which letters are composed with the MARKS behind them and nothing else is: it takes less time.

    >>> compose_marks("cafe\u0301") == "caf\u00e9"
    True
    """
    parts: list[str] = []
    end = 0
    for run in _RUN.finditer(text):
        begin = max(run.start() - 1, end)
        parts += text[end:begin], compose(text[begin : (end := run.end())])
    return "".join([*parts, text[end:]])


def _order(run: re.Match[str]) -> str:
    """Return marks in the order that composing asks for; those of one class keep theirs."""
    return "".join(sorted("".join(map(_decompose, run[0])), key=unicodedata.combining))


@functools.cache
def _long_runs() -> re.Pattern[str]:
    marks = "".join(filter(_is_mark, map(chr, range(_LAST_MARK))))
    return re.compile(f"[{marks}]{{100,}}")


@functools.lru_cache(1 << 16)
def _is_mark(character: str) -> bool:
    return unicodedata.combining(_decompose(character)[0]) > 0


def _decompose(character: str) -> str:
    return unicodedata.normalize("NFD", character)
