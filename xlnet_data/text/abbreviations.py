"""Ends sentences at words that a splitter takes for abbreviations and that are words of their own: Swedish "hon."."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

_WORDS = {
    "en": "me no may",
    "sv": "hon det ut min ord art del maj jul",
    "da": "da ned din del",
    "no": "det ut min art del",
    "nb": "det ut min art del",
    "de": "Art",
    "fr": "art",
    "es": "no mar",
    "it": "no me te via mai re sol",
    "nl": "al",
    "cs": "tu",
    "tr": "o sen al ver no",
    "hu": "nem",
    "ca": "no mar art",
    "et": "me",
}
"""By language: words that sentencex goes on behind, though they are rarely short for another."""


def split_at_words(pieces: Iterable[str], language: str) -> Iterator[str]:
    """Yield the sentences of a paragraph, cut behind such words too where a capital letter follows.

    What they are short for stands before a number or a small letter: "no. 5".

    >>> list(split_at_words(["Det var hon. Sedan kom de."], "sv")), list(split_at_words(["See no. 5."], "en"))
    (['Det var hon.', ' Sedan kom de.'], ['See no. 5.'])
    """
    marks, pattern = _pattern_of(language)
    for piece in pieces:
        if not any(mark in piece for mark in marks):  # as in most; a search by pattern takes ten times as long
            yield piece
            continue
        begin = 0
        for found in pattern.finditer(piece):
            if piece[found.end() : found.end() + 1].isupper():
                yield piece[begin : found.end(1)]
                begin = found.end(1)
        yield piece[begin:]


@cache
def _pattern_of(language: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Return what a text with one of a language's words holds, and the pattern of a word, a stop and white space."""
    words = _WORDS.get(language, "").split()
    return tuple(f" {word}. " for word in words), re.compile(rf"(?<=\s)((?:{'|'.join(words)})\.)\s+[“„«»”\"'(]?")
