"""Judges a text by what it repeats: lines, paragraphs and phrases (Gopher)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xlnet_data.filters.settings import FilterSettings
from xlnet_data.filters.words import Words, repeated_chars, top_ngram_chars
from xlnet_data.schemas.document import Drop, Reason

TOP_NGRAM_SIZES = (2, 3, 4)
DUPLICATE_NGRAM_SIZES = (5, 6, 7, 8, 9, 10)

_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")


def judge_repeated_lines(text: str, lines: Sequence[str], settings: FilterSettings) -> Drop | None:
    """Return why a text's lines or paragraphs repeat too often (Gopher; FineWeb has a stricter limit)."""
    if cause := _repeat(lines, "line", settings.max_duplicate_lines, settings.max_duplicate_line_chars):
        return Drop(Reason.DUPLICATE_LINES, cause)
    paragraphs = [paragraph.strip() for paragraph in _PARAGRAPH_BREAK.split(text)]
    limits = settings.max_duplicate_paragraphs, settings.max_duplicate_paragraph_chars
    if cause := _repeat(paragraphs, "paragraph", *limits):
        return Drop(Reason.DUPLICATE_PARAGRAPHS, cause)
    return None


def judge_repeated_phrases(words: Words, settings: FilterSettings) -> Drop | None:
    """Return why a text's phrases repeat too often (Gopher); the shares are of characters that are not white space."""
    total = int(words.offsets[-1])
    tops = [
        (words.script.units(n), x * total) for n, x in zip(TOP_NGRAM_SIZES, settings.max_top_ngram, strict=False) if x
    ]
    if tops and (found := _find_top_ngram(words, tops)):
        return Drop(Reason.TOP_NGRAM, _describe(found, total, "the most frequent phrase", "max_top_ngram"))
    repeats = [
        (words.script.units(n), x * total)
        for n, x in zip(DUPLICATE_NGRAM_SIZES, settings.max_duplicate_ngrams, strict=False)
        if x
    ]
    if repeats and (found := _find_repeated_ngrams(words, repeats)):
        return Drop(Reason.DUPLICATE_NGRAMS, _describe(found, total, "repeated phrases", "max_duplicate_ngrams"))
    return None


@dataclass(frozen=True, slots=True)
class _Excess:
    """Phrases that make up too much of a text.

    Attributes:
        size: Words of the phrases, or characters that stand for words.
        chars: Characters in them.
        most_chars: Characters allowed.
    """

    size: int
    chars: int
    most_chars: float


def _describe(found: _Excess, total: int, what: str, setting: str) -> str:
    """Return the cause of a drop: the share of characters in phrases and the limit for their size."""
    share, limit = found.chars / total, found.most_chars / total
    return f"{share:.1%} of the characters in {what} of {found.size} words, {setting} = {limit:.3g} for this size"


def _repeat(pieces: Sequence[str], piece: str, most_pieces: float, most_chars: float) -> str:
    """Return what share of the pieces, or of the characters in them, repeat an earlier piece; "" if few enough do."""
    if not most_pieces and not most_chars:
        return ""
    different = set(pieces)
    num_repeats = len(pieces) - len(different)
    if not num_repeats:
        return ""
    if most_pieces and num_repeats > most_pieces * len(pieces):
        share = num_repeats / len(pieces)
        return f"{share:.1%} of the {piece}s repeat an earlier one, max_duplicate_{piece}s = {most_pieces:g}"
    total = sum(map(len, pieces))
    chars = total - sum(map(len, different))
    if most_chars and chars > most_chars * total:
        share, limit = chars / total, f"max_duplicate_{piece}_chars = {most_chars:g}"
        return f"{share:.1%} of the characters lie in {piece}s that repeat an earlier one, {limit}"
    return ""


def _find_top_ngram(words: Words, limits: Sequence[tuple[int, float]]) -> _Excess | None:
    """Return the first of these sizes whose most frequent n-gram has more characters than its limit."""
    found = (_Excess(n, top_ngram_chars(words, n), most_chars) for n, most_chars in limits)
    return next((excess for excess in found if excess.chars > excess.most_chars), None)


def _find_repeated_ngrams(words: Words, limits: Sequence[tuple[int, float]]) -> _Excess | None:
    """Return the first of these sizes of n-grams whose repeats have more characters than its limit.

    A longer n-gram repeats only where shorter ones do, so none has more once the repeats are below all limits.
    """
    for n, most_chars in limits:
        chars = repeated_chars(words, n)
        if chars > most_chars:
            return _Excess(n, chars, most_chars)
        if chars <= min(most for _, most in limits):
            return None
    return None
