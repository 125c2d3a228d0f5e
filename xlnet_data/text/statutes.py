"""Knows the letters by which French codes number their articles: "l'art. R. 5-2", "les articles L. 1 et D. 3"."""

import re

_LETTER = re.compile(r"(?:\b[Aa]rts?\.|\b[Aa]rticles?|\d,?\s(?:et|ou|à)|\d,)\s\*?[LRDA]\.\s\Z")
_SHORT_WORD = re.compile(r"\b[Aa]rts?\.\s\Z")
_LETTER_AND_NUMBER = re.compile(r"[LRDA]\.\s?\*?\d")


def is_in_statute(before: str, after: str) -> bool:
    """Return whether the number of a French code's article, or its letter and number, follow.

    Args:
        before: The sentence so far, or its end.
        after: What follows.

    >>> is_in_statute("Selon l'art. ", "R. 5-2 du code"), is_in_statute("Selon l'art. R. ", "5-2 du code")
    (True, True)
    >>> is_in_statute("C'est le plan R. ", "5 moulins")
    False
    """
    if after[0].isdecimal():
        return _LETTER.search(before) is not None
    return _LETTER_AND_NUMBER.match(after) is not None and _SHORT_WORD.search(before) is not None
