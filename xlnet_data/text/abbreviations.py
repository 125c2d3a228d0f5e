"""Ends sentences at words that a splitter takes for abbreviations and that are words of their own: Swedish "hon."."""

import re
from collections.abc import Iterator
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


def split_at_words(pieces: list[str], language: str) -> list[str]:
    """Return the sentences of a paragraph, cut behind such words too where a capital letter follows.

    What they are short for stands before a number or a small letter: "no. 5".

    >>> split_at_words(["Det var hon. Sedan kom de."], "sv"), split_at_words(["See no. 5."], "en")
    (['Det var hon.', ' Sedan kom de.'], ['See no. 5.'])
    """
    sentences: list[str] = []
    for piece in pieces:
        begin = 0
        for found in word_ends(piece, language):
            if piece[found.end() : found.end() + 1].isupper():
                sentences.append(piece[begin : found.start() + 1])
                begin = found.start() + 1
        sentences.append(piece[begin:])
    return sentences


def word_ends(text: str, language: str) -> Iterator[re.Match[str]]:
    """Yield the stops, and the white space behind each, at a language's words that sentencex goes on behind."""
    return _pattern_of(language).finditer(text)


@cache
def _pattern_of(language: str) -> re.Pattern[str]:
    words = _WORDS.get(language, "").split()
    is_behind_word = "|".join(rf"(?<=\s{word}\.)" for word in words) or "(?!)"
    return re.compile(rf"\.(?:{is_behind_word})\s+[“„«»”\"'(]?")
