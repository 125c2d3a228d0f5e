"""Judges a page by its lines: their ends, lengths, bullets and ellipses (C4, Gopher, FineWeb)."""

import re
from collections.abc import Sequence

from xlnet_data.filters.settings import ALL_END_MARKS, FilterSettings
from xlnet_data.filters.words import ALPHABETIC, Script
from xlnet_data.schemas.document import Reason
from xlnet_data.text.quotations import CLOSING, goes_on

ELLIPSES = ("...", "…")

BULLETS = ("•", "‣", "◦", "⁃", "▪", "▫", "■", "□", "●", "○", "▶", "◀", "* ", "- ", "– ")
"""The signs that later reimplementations of Gopher's rule agree on; the paper says "a bullet point" and no more."""

_SENTENCE_MARKS = ".?!…。．｡！？।॥؟۔։።"

# possessive, and begun only where a run of marks begins: a page of a million full stops takes no longer than another
_SENTENCE_END = re.compile(rf"(?<![{_SENTENCE_MARKS}])[{_SENTENCE_MARKS}]++([{CLOSING}]*+)(?=\s|$|[^\x00-\x7f])")


def split_lines(text: str) -> list[str]:
    r"""Return the lines that are not blank, without the white space around them.

    >>> split_lines(" One.\n\nTwo. \n")
    ['One.', 'Two.']
    """
    return [stripped for line in text.splitlines() if (stripped := line.strip())]


def judge_shapes(lines: Sequence[str], settings: FilterSettings, script: Script) -> Reason | None:
    """Return why a page's lines, before cleaning, are not those of prose (FineWeb)."""
    if not lines:
        return None
    if settings.min_end_mark_lines and script.has_end_marks:
        marks = tuple(settings.end_marks or ALL_END_MARKS)
        if sum(line.endswith(marks) for line in lines) < settings.min_end_mark_lines * len(lines):
            return Reason.END_MARK_LINES
    if settings.max_short_lines:
        limit = settings.short_line_chars * script.chars_per_word // ALPHABETIC.chars_per_word
        if sum(len(line) < limit for line in lines) > settings.max_short_lines * len(lines):
            return Reason.SHORT_LINES
    if (
        settings.max_line_breaks
        and script.has_spaces
        and _has_fewer_words(lines, (len(lines) - 1) / settings.max_line_breaks)
    ):
        return Reason.LINE_BREAKS
    return None


def judge_marks(text: str, lines: Sequence[str], num_words: int, settings: FilterSettings) -> Reason | None:
    """Return why a text's symbols, bullets and ellipses are not those of prose (Gopher)."""
    if settings.max_symbol_ratio:
        most = settings.max_symbol_ratio * num_words
        if text.count("#") > most or sum(map(text.count, ELLIPSES)) > most:
            return Reason.SYMBOL_RATIO
    if settings.max_bullet_lines and sum(x.startswith(BULLETS) for x in lines) > settings.max_bullet_lines * len(lines):
        return Reason.BULLET_LINES
    if settings.max_ellipsis_lines:
        num_ellipses = sum(line.endswith(ELLIPSES) for line in lines)
        if num_ellipses > settings.max_ellipsis_lines * len(lines):
            return Reason.ELLIPSIS_LINES
    return None


def has_sentences(text: str, num_sentences: int) -> bool:
    """Return whether a text holds so many sentences, counted by the marks at their ends.

    >>> has_sentences("One. Two (Really!) Three?", 3), has_sentences("Version 1.2.3 is out.", 2)
    (True, False)
    >>> has_sentences("“Where?” she asked.", 2)
    False
    """
    ends = (end for end in _SENTENCE_END.finditer(text) if not (end[1] and goes_on(text, end.end())))
    return all(next(ends, None) is not None for _ in range(num_sentences))


def _has_fewer_words(lines: Sequence[str], num_words: float) -> bool:
    """Return whether all lines together have fewer words; in prose the first lines show that they have not."""
    count = 0
    for line in lines:
        count += len(line.split())
        if count >= num_words:
            return False
    return True
