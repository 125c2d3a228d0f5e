"""Knows words at which a splitter is wrong: Swedish "hon." is no abbreviation, and Russian "рис." is one."""

import re
from collections.abc import Iterator
from functools import cache

_WORDS = {
    "en": "me no may",
    "sv": "hon det ut min ord art del maj jul m.m",
    "da": "da ned din del m.m",
    "no": "det ut min art del m.m",
    "nb": "det ut min art del m.m",
    "de": "Art usw etc",
    "fr": "art etc",
    "es": "no mar",
    "it": "no me te via mai re sol ecc",
    "nl": "al",
    "cs": "tu atd",
    "pl": "itp itd",
    "fi": "jne",
    "tr": "o sen al ver no vb",
    "hu": "nem stb",
    "el": "κ.λπ",
    "vi": "v.v",
    "ca": "no mar art",
    "et": "me",
}
"""By language: words that sentencex takes for abbreviations and goes on behind, though most end a sentence: they are
words of their own, or end lists, as "usw." does."""

_BEFORE_NUMBERS = {
    "pt": "pág vol cap séc",
    "pl": "rys zob tab",
    "sv": "kap fig",
    "da": "kap fig",
    "no": "kap fig",
    "nb": "kap fig",
    "is": "bls",
    "hu": "ld",
    "tr": "şek s",
    "ru": "рис гл табл стр",
    "uk": "рис мал табл стор",
    "el": "εικ σελ",
    "id": "hlm",
}
"""By language: abbreviations that sentencex does not know, behind which a number stands."""

_BEFORE_NAMES = {
    "pt": "Av",
    "ca": "Av",
    "pl": "inż",
    "hu": "özv",
    "tr": "Av Doç Yrd",
    "ru": "им",
    "vi": "TP GS TS PGS ThS",
}
"""By language: abbreviations that sentencex does not know, behind which a name stands, or another of them. None is a
syllable of ASCII, since `doubtful_paragraphs` takes such a word before a capital letter for the end of a sentence."""


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


def goes_on_behind(word: str, after: str, language: str) -> bool:
    """Return whether a sentence goes on behind a word and a stop, since the word is short for another.

    >>> goes_on_behind("рис", "3 показан", "ru"), goes_on_behind("рис", "Потом", "ru")
    (True, False)
    """
    numbers, names = _abbreviations_of(language)
    return (after[0].isdecimal() and word.lower() in numbers) or (after[0].isupper() and word in names)


@cache
def _abbreviations_of(language: str) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(_BEFORE_NUMBERS.get(language, "").split()), frozenset(_BEFORE_NAMES.get(language, "").split())


def word_ends(text: str, language: str) -> Iterator[re.Match[str]]:
    """Yield the stop and the white space behind each word at which `split_at_words` may cut."""
    return _pattern_of(language).finditer(text)


@cache
def _pattern_of(language: str) -> re.Pattern[str]:
    words = _WORDS.get(language, "").split()
    is_behind_word = "|".join(rf"(?<=\s{re.escape(word)}\.)" for word in words) or "(?!)"
    return re.compile(rf"\.(?:{is_behind_word})\s+[“„«»”\"'(]?")
