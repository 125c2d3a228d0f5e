"""Finds the paragraphs whose sentences a splitter may have cut wrongly: most are plainly right."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain

from xlnet_data.text.plain_ends import KNOWN_LANGUAGES, other_paragraphs
from xlnet_data.text.quotations import OPENING_BRACKET, nested_ends
from xlnet_data.text.word_ends import doubtful_words

# Between two pieces stands a \0, before every paragraph a \1: a search for one character is quick
_BEHIND_SIGN = r"[.!?,)”\"’'_%]\."
_PLAIN_ENDS = (
    r"[^\W\d_]{4}\.", r"[aeiouy]\.", r"[aeiouy][a-z]\.", r"[aeiouy][a-z][a-z]\.", r"[!?]", r"[”\"’')»\]]", _BEHIND_SIGN,
    r"[’'][a-z]\.", r"[AEIOUY][a-z]\.", r"[AEIOUY][a-z][a-z]\.", r"[A-Z][A-HJ-UWYZ]\.", r"[A-HJ-UWYZ][A-Z]\.",
    r"[^\0\1]{10}\s[0-9]{4}\.", *(rf"[.,][0-9]{{{length}}}\." for length in (1, 2, 3)), r"[0-9][a-z]\.",
)  # fmt: skip
_BEHIND_BLANK = (  # words of two letters or more, so that no mark stands before them
    r"[^\W\d_]{7}\.", *(rf"\s[^\W\d_]{{{length}}}\." for length in (4, 5, 6)),
    r"\s[a-z][aeiouy]\.", r"\s[aeiouy][a-z]\.", r"\s[a-z][a-z][aeiouy]\.", r"\s[a-z][aeiouy][a-z]\.",
    r"\s[aeiouy][a-z][a-z]\.", r"[!?]", r"[”\"’')»\]]", _BEHIND_SIGN,
)  # fmt: skip
_PLAIN_END = "|".join(
    [rf"(?<={end}[ \n]\0)" for end in _PLAIN_ENDS] + [rf"(?<={end}[ \n]{{2}}\0)" for end in _BEHIND_BLANK]
)
_MARK = r"[^A-Za-z0-9\u00C0-\u024F\u0370-\u1FFF\u2C00-\uFFFF\s.\-]"  # nearly all that is no letter
_BEHIND_MARK = "|".join(
    rf"(?<={mark}\w{{{length}}}[^\W\d_]\.[ \n]\0)" for mark in (_MARK, r"[.x\-]-") for length in range(6)
)
"""What may be an abbreviation that a splitter does not know since a mark stands before it: "(Rev. Lo)", "--Rev. Lo"."""
_DOUBTFUL_BEGIN = (
    r"(?:[VXLCNSEWF]|[IVXLC]{2,7})(?![\w'’])|[«„“\"][a-zα-ωа-я]{1,2}[»”“\"]|(?:C|Hr|Kr|Chr|K|I)\.|\w{1,4}\.?\)|\d{1,4}\.\s"
    r"|[\"'_*][\s\"'”’_*:;,—–-]*+(?:[\0\1]|\Z)"
)
_DOUBTFUL_END = (
    rf"\0(?:(?={_DOUBTFUL_BEGIN})|(?<= sto[lr]\.[ \n]\0)|(?<=[IVX]{{4}}\.[ \n]\0)|{_BEHIND_MARK}"
    rf"|(?!(?:{_PLAIN_END})[A-ZÀ-ÖØ-ÞΑ-ΩЀ-Я]"
    r"|(?<=[!?”\"’')»\]][ \n]\0)[0-9]"
    r"|(?:(?<=[.!?”\"’')»\]][ \n]\0)|(?<=[.!?”\"’')»\]][ \n]{2}\0))[“\"‘'«„¿¡_*]))"
)
"""The end of a piece behind which it is not certain that a sentence begins, since a Roman number, a direction, a quoted
letter or an item of a list follows, a Slavic "century", a Roman number or what may be an abbreviation stands before it,
or since it is not plain. It is certain where a capital letter follows, or an opening mark that is no bracket, and
before the stop stands what is no abbreviation: a word of four letters, one that ends with a syllable, an acronym, a
year or a mark."""

_BEGINS_WITH_BRACKET = re.compile(rf"\x01\s*{OPENING_BRACKET.pattern}")


def doubtful_paragraphs(parts: list[list[str]], language: str) -> Sequence[int]:
    """Return the numbers of the paragraphs in which sentences may have to be joined or cut.

    Args:
        parts: The pieces that a splitter made of each paragraph.
        language: A code from `language_code`.

    >>> doubtful_paragraphs([["He came. ", "She left."], ["In vol. ", "xii."], ["(No one came.) She left."]], "en")
    [1, 2]
    """
    numbers = other_paragraphs(parts, language)
    if language in KNOWN_LANGUAGES:
        return numbers
    return [numbers[number] for number in _search([parts[number] for number in numbers], language)]


def _search(parts: list[list[str]], language: str) -> list[int]:
    """Return what `doubtful_paragraphs` does, by the patterns alone."""
    whole = "\1" + "\1".join(map("\0".join, parts))
    found = (
        _doubtful_end().finditer(whole),
        _BEGINS_WITH_BRACKET.finditer(whole),
        nested_ends(whole, language),
        doubtful_words(whole, language),
    )
    places = {match.start() for match in chain(*found)}
    numbers, number, seen = [], -1, 0
    for place in sorted(places):
        passed = whole.count("\1", seen, place + 1)
        if passed:
            number += passed
            numbers.append(number)
        seen = place + 1
    if number + whole.count("\1", seen) + 1 != len(parts):  # a text holds one
        return list(range(len(parts)))
    return numbers


@cache
def _doubtful_end() -> re.Pattern[str]:
    """Return the pattern of such an end, which is long to compile and which English does without."""
    return re.compile(_DOUBTFUL_END)
