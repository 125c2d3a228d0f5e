"""Judges a page by its lines: their ends, lengths, bullets and ellipses (C4, Gopher, FineWeb)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from operator import itemgetter

from xlnet_data.filters.settings import ALL_END_MARKS, FilterSettings
from xlnet_data.filters.words import ALPHABETIC, Script
from xlnet_data.schemas.document import Drop, Reason
from xlnet_data.text.quotations import CLOSING, goes_on

ELLIPSES = ("...", "…")

BULLETS = ("•", "‣", "◦", "⁃", "▪", "▫", "■", "□", "●", "○", "▶", "◀", "* ", "- ", "– ")
"""The signs that later reimplementations of Gopher's rule agree on; the paper says "a bullet point" and no more."""

_SENTENCE_MARKS = ".?!…。．｡！？।॥؟۔։።"

_GREEK = "\u0370-\u03ff\u1f00-\u1fff"
_WIDE = "。．｡！？」』）】》"  # no space follows them: "他来了。2010年他走了。"

# possessive, and begun only where a run of marks begins: a page of a million full stops takes no longer than another
_SENTENCE_END = re.compile(
    rf"(?<![{_SENTENCE_MARKS}])[{_SENTENCE_MARKS}]++([{CLOSING}]*+)(?=\s|$|[^\x00-\x7f]|(?<=[{_WIDE}])\w)"
    rf"|(?<=[{_GREEK}]);(?=\s|$)"
)
_GREEK_QUESTION = re.compile(rf"[{_GREEK}];[»”\"]?\Z")
_GREEK_ENDS = ';»”"'
_BULLET_SIGNS = frozenset(bullet[0] for bullet in BULLETS)
_ELLIPSIS_SIGNS = frozenset(ellipsis[-1] for ellipsis in ELLIPSES)


def split_lines(text: str) -> list[str]:
    r"""Return the lines that are not blank, without the white space around them.

    >>> split_lines(" One.\n\nTwo. \n")
    ['One.', 'Two.']
    """
    return list(filter(None, map(str.strip, text.splitlines())))


def has_end_mark(line: str, marks: str) -> bool:
    """Return whether a line ends in one of some marks, or in a Greek question, whose mark is a semicolon.

    >>> has_end_mark("Τι κάνεις;", "?"), has_end_mark("int x;", "?")
    (True, False)
    """
    if line.endswith(_as_tuple(marks)):
        return True
    return "?" in marks and ";" in line[-2:] and _GREEK_QUESTION.search(line[-3:]) is not None


def may_end(marks: str) -> frozenset[str]:
    """Return the characters of which `has_end_mark` wants one at a line's end."""
    return frozenset(marks + (_GREEK_ENDS if "?" in marks else ""))


def count_ended(lines: Sequence[str], marks: str) -> int:
    """Return how many of some lines, none of them empty, `has_end_mark` is true of.

    >>> count_ended(["One.", "Two", "Τι κάνεις;", "int x;"], ".?")
    2
    """
    lasts = Counter(map(itemgetter(-1), lines))
    num_ended = sum(count for char, count in lasts.items() if char in marks)
    if others := (may_end(marks) - frozenset(marks)).intersection(lasts):
        num_ended += sum(has_end_mark(line, marks) for line in lines if line[-1] in others)
    return num_ended


def judge_shapes(lines: Sequence[str], settings: FilterSettings, script: Script) -> Drop | None:
    """Return why a page's lines, before cleaning, are not those of prose (FineWeb)."""
    if not lines:
        return None
    if settings.min_end_mark_lines and script.has_end_marks:
        marks = settings.end_marks or ALL_END_MARKS
        num_ended = count_ended(lines, marks)
        if num_ended < settings.min_end_mark_lines * len(lines):
            cause = (
                f"{_share(num_ended, lines)} end in an end mark, min_end_mark_lines = {settings.min_end_mark_lines:g}"
            )
            return Drop(Reason.END_MARK_LINES, cause)
    if settings.max_short_lines:
        limit = settings.short_line_chars * script.chars_per_word // ALPHABETIC.chars_per_word
        num_short = sum(map(limit.__gt__, map(len, lines)))
        if num_short > settings.max_short_lines * len(lines):
            cause = f"{_share(num_short, lines)} are short, max_short_lines = {settings.max_short_lines:g}"
            return Drop(Reason.SHORT_LINES, cause)
    if (
        settings.max_line_breaks
        and script.has_spaces
        and _has_fewer_words(lines, (len(lines) - 1) / settings.max_line_breaks)
    ):
        num_words = sum(len(line.split()) for line in lines)
        cause = f"{len(lines) - 1:,} line breaks in {num_words:,} words, max_line_breaks = {settings.max_line_breaks:g}"
        return Drop(Reason.LINE_BREAKS, cause)
    return None


def judge_marks(text: str, lines: Sequence[str], num_words: int, settings: FilterSettings) -> Drop | None:
    """Return why a text's symbols, bullets and ellipses are not those of prose (Gopher)."""
    if settings.max_symbol_ratio:
        most = settings.max_symbol_ratio * num_words
        for name, count in (("hash signs", text.count("#")), ("ellipses", sum(map(text.count, ELLIPSES)))):
            if count > most:
                cause = f"{count:,} {name} in {num_words:,} words, max_symbol_ratio = {settings.max_symbol_ratio:g}"
                return Drop(Reason.SYMBOL_RATIO, cause)
    if settings.max_bullet_lines:
        num_bullets = sum(line.startswith(BULLETS) for line in lines if line[0] in _BULLET_SIGNS)
        if num_bullets > settings.max_bullet_lines * len(lines):
            cause = (
                f"{_share(num_bullets, lines)} begin with a bullet, max_bullet_lines = {settings.max_bullet_lines:g}"
            )
            return Drop(Reason.BULLET_LINES, cause)
    if settings.max_ellipsis_lines:
        num_ellipses = sum(line.endswith(ELLIPSES) for line in lines if line[-1] in _ELLIPSIS_SIGNS)
        if num_ellipses > settings.max_ellipsis_lines * len(lines):
            limit = f"max_ellipsis_lines = {settings.max_ellipsis_lines:g}"
            return Drop(Reason.ELLIPSIS_LINES, f"{_share(num_ellipses, lines)} end in an ellipsis, {limit}")
    return None


def has_sentences(text: str, num_sentences: int) -> bool:
    """Return whether a text holds so many sentences, counted by the marks at their ends.

    >>> has_sentences("One. Two (Really!) Three?", 3), has_sentences("Version 1.2.3 is out.", 2)
    (True, False)
    >>> has_sentences("“Where?” she asked.", 2)
    False
    """
    if text.count(". ") >= num_sentences:  # as most texts have, and each is an end
        return True
    ends = _sentence_ends(text)
    return all(next(ends, None) is not None for _ in range(num_sentences))


def count_sentences(text: str) -> int:
    """Return how many sentences a text holds, counted as `has_sentences` counts them."""
    return sum(1 for _ in _sentence_ends(text))


def _sentence_ends(text: str) -> Iterator[re.Match[str]]:
    return (end for end in _SENTENCE_END.finditer(text) if not (end[1] and goes_on(text, end.end())))


@cache
def _as_tuple(marks: str) -> tuple[str, ...]:
    return tuple(marks)


def _share(count: int, lines: Sequence[str]) -> str:
    return f"{count / len(lines):.1%} of the lines"


def _has_fewer_words(lines: Sequence[str], num_words: float) -> bool:
    """Return whether all lines together have fewer words; in prose the first lines show that they have not."""
    count = 0
    for line in lines:
        count += len(line.split())
        if count >= num_words:
            return False
    return True
