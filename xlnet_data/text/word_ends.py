"""Cuts and doubts sentences behind the words at which a splitter is wrong."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby

from xlnet_data.text.abbreviations import (
    BEFORE_BEGINNERS,
    BEFORE_NUMBERS,
    BEFORE_OTHER_SCRIPTS,
    BEFORE_SMALL_LETTERS,
    BEFORE_WORDS,
    WORDS,
)
from xlnet_data.text.acronyms import ACRONYMS
from xlnet_data.text.beginners import ARTICLES, BEGINNERS, ENGLISH, GERMAN
from xlnet_data.text.explanations import explanations_of
from xlnet_data.text.units import UNITS

_BEGINNING = (
    r"(?<=\AA\.\s{}\.)",
    r"(?<=[\0\1\s]A\.\s{}\.)",
    r"(?<=\A{}\.)",
    r"(?<=[\0\1“„\"'«¿—–]{}\.)",
    r"(?<=[—–]\s{}\.)",
)
_BEFORE_BEGINNER = {"en": [r"(?<=\w\s[a-uw-z]\.)", r"(?<=[^\W\d]\scm\.)"], "it": [r"(?<=[^\W\d_]{2}\.)"]}  # "APT"
_BEHIND_UNIT = r"(?<=\w/[hslgmd]\.)"  # "5 km/h. Then"
_BEHIND_VARIABLE = r"(?<=[=<>≤≥]\s[a-zα-ω]\.)"  # "x = y. Then"
_CLOSING = r"[”\"’'»)\]]{0,2}"
_BEHIND_LETTER = r"(?<=[^\W\d]\s[A-LN-ZА-Я]\.)"  # "plan B. Sedan"; not French "M."
_NEGATION = "No"  # before a Roman number it is short for "number" even here
_NO_DIRECTION = r"(?!\s+[NSEW]\.)"  # "5 min. N. of it"
_NO_CODE = {"fr": r"(?!\s+[LRDA]\.\s?\*?\d)"}  # "les art. L. 1 et R. 2"
_CENTURIES = ("stol", "stor")  # of dates that stand alone
_NO_LIST = r"(?!\s+[IVXLC]+[.,;:)])"


def split_at_words(pieces: list[str], language: str) -> list[str]:
    """Return the sentences of a paragraph, cut behind such words too where a capital letter follows.

    What they are short for stands before a number or a small letter: "no. 5". Behind some a name may follow, too.

    >>> split_at_words(["Det var hon. Sedan kom de."], "sv"), split_at_words(["See no. 5."], "en")
    (['Det var hon.', ' Sedan kom de.'], ['See no. 5.'])
    """
    if not _end_pattern(language).search("\0".join(pieces)):
        return pieces
    sentences: list[str] = []
    for piece in pieces:
        begin = 0
        for found in _end_pattern(language).finditer(piece):
            if piece[found.end() : found.end() + 1].isupper():
                sentences.append(piece[begin : found.end(1)])
                begin = found.end(1)
        sentences.append(piece[begin:])
    return sentences


def doubtful_words(text: str, language: str) -> Iterator[re.Match[str]]:
    """Yield the stops behind the words at which sentences may have to be cut, or joined behind a plain syllable."""
    return _doubt_pattern(language).finditer(text)


@cache
def doubtful_word_rules(language: str) -> tuple[int, str | None, str]:
    """Return by what `_plain_ends.c` knows the words before a stop that may be doubtful.

    Returns:
        How many letters a word has that is too long to be one at a piece's end; those that are doubtful within a
        piece, with a blank before and behind each, None if any word may be; and those that are before a small letter or
        the number "I", likewise, in small letters.
    """
    joined = [word.rpartition(" ")[2] for word in _joined_behind(language)]
    words = [*WORDS.get(language, "").split(), *UNITS.get(language, "").split(), "cm"]
    short_words = [
        *joined,
        *BEFORE_NUMBERS.get(language, "").split(),
        *BEFORE_SMALL_LETTERS.get(language, ()),
        *_CENTURIES,
    ]
    return (
        max(map(len, joined), default=1) + 1,
        f" {' '.join(words)} " if language == "en" else None,
        f" {' '.join(short_words)} ".lower(),
    )


@cache
def _end_pattern(language: str) -> re.Pattern[str]:
    """Return the pattern of a place where `split_at_words` may cut: group 1 belongs to the sentence before."""
    behind = "|".join(_cut_behind(language)) or "(?!)"
    return re.compile(rf"(\.(?:{behind}){_CLOSING})\s+(?:[–—-]\s?)?[“„«»”\"'(]?")


@cache
def _doubt_pattern(language: str) -> re.Pattern[str]:
    behind, before_numbers = (
        behind_words(r"\W", (case for word in words for case in (word, word[0].upper() + word[1:])))
        for words in (_joined_behind(language), BEFORE_NUMBERS.get(language, "").split())
    )
    doubts = [
        rf"(?={followed})(?:{'|'.join(patterns)})"
        for followed, patterns in (
            (rf"{_CLOSING}\s++[^\0\1]", _cut_behind(language)),
            (r"\s*+\0", behind),
            (r"\s*+\0I(?![\w'’])", before_numbers),
        )
        if patterns
    ]
    return re.compile(rf"\.(?:{'|'.join(doubts) or '(?!)'})")


def _joined_behind(language: str) -> list[str]:
    """Return the words behind which pieces are joined though a plain syllable may be their end."""
    words = [word for table in (BEFORE_WORDS, BEFORE_OTHER_SCRIPTS) for word in table.get(language, "").split()]
    return words + explanations_of(language)


def _cut_behind(language: str) -> list[str]:
    """Return the patterns of what stands before a place where `split_at_words` may cut."""
    words = [word.replace("_", " ") for word in WORDS.get(language, "").split()]
    within = behind_words(r"\s", (word for word in words if word != _NEGATION))
    within = [end + _NO_CODE.get(language, "") for end in within]
    within += [unit + _NO_DIRECTION for unit in behind_words(r"\d\s", UNITS.get(language, "").split())]
    within += [_BEHIND_UNIT, _BEHIND_VARIABLE, *ACRONYMS.get(language, ())]
    certain = ENGLISH if language == "en" else BEGINNERS.get(language, ARTICLES) - ARTICLES
    within += [end + _beginners(certain) for end in _BEFORE_BEGINNER.get(language, ())]
    if language in BEGINNERS:
        beginners = _beginners(BEGINNERS[language])
        ends = behind_words(r"\s", (word.replace("_", " ") for word in BEFORE_BEGINNERS.get(language, "").split()))
        if language in GERMAN:
            ends += [rf"(?<=[a-zäöüß]\s[IVX]{{{length}}}\.)" for length in range(1, 6)]
        within += [end + beginners for end in ends]
        within.append(_BEHIND_LETTER + _beginners(certain))
    return within + [begin.format(_NEGATION) + _NO_LIST for begin in _BEGINNING if _NEGATION in words]


def _beginners(words: Iterable[str]) -> str:
    """Return the pattern of what follows a place where a sentence may begin: one of some words, with a capital."""
    return rf"(?=\s+(?:{'|'.join(word[0].upper() + word[1:] for word in sorted(words))})(?![\w.'’-]))"


def behind_words(before: str, words: Iterable[str]) -> list[str]:
    """Return the patterns of words before a stop, one for each length: so each looks back a fixed way."""
    by_length = groupby(sorted(set(words), key=lambda word: (len(word), word)), key=len)
    return [rf"(?<={before}(?:{'|'.join(map(re.escape, group))})\.)" for _, group in by_length]
