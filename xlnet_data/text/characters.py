"""Counts and finds characters by their classes, in one compiled pass over a text.

A class is a number for each character from U+0000 on; 0 is that of characters that do not matter.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import numpy as np

try:
    from xlnet_data.text import _characters
except ImportError:  # installed without a compiler
    _characters = None  # type: ignore[assignment]

ALL_CODES = 0x110000
FEW_CODES = 0x3001
"""Most texts have no character from here on, and the classes of these are made in a thirtieth of the time of all."""

Classes = Callable[[int], bytes]
"""Returns the classes of the characters below a code, a byte each; it is asked for FEW_CODES and ALL_CODES alone."""


_What = TypeVar("_What")
_Found = TypeVar("_Found")


def count_characters(text: str, classes: Classes) -> tuple[int, int]:
    """Return how many characters of a text are of class 1 or 3, and how many of class 2 or 3.

    >>> count_characters("a-b", lambda stop: bytes(code > 0x60 for code in range(stop)))
    (2, 0)
    """
    if _characters is not None:
        with suppress(UnicodeEncodeError):
            return _ask(_characters.count, text, classes)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    found = np.frombuffer(classes(ALL_CODES), np.uint8).take(codes)
    return int(np.count_nonzero(found & 1)), int(np.count_nonzero(found & 2))


def find_marked(texts: list[str], classes: Classes) -> list[int]:
    """Return the numbers of the texts that hold a character of class 1, or two of one higher class side by side.

    A space counts as the neighbour of a text's first and of its last character. Texts that UTF-8 cannot hold are
    among them; so are all where this package was installed without a compiler.
    """
    return list(range(len(texts))) if _characters is None else _ask(_characters.find, texts, classes)


def _ask(look: Callable[[_What, bytes], _Found | None], what: _What, classes: Classes) -> _Found:
    """Return what is found with the classes of few characters, or, if others occur, of all."""
    found = look(what, classes(FEW_CODES))
    if found is None:
        found = look(what, classes(ALL_CODES))
    assert found is not None, "every character has a class"
    return found
