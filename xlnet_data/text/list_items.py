"""Cuts the items of a list at their sentences."""

import re
from collections.abc import Callable

import sentencex

_NUMBER = r"\s*(?:\(\w{1,4}\)|\w{1,4}\.?\)|[a-z\d]\w?\.|[*+•-])\s+(?=\S)"
_ITEM, _NEXT_ITEM = re.compile(_NUMBER), re.compile("\0" + _NUMBER)
"""What numbers an item; and the same at the beginning of a piece."""

BULLETS = "•◦▪●○■□⁃⁌⁍★☆➢➤►▶◆◇"
_MARK = rf"(?:[{BULLETS}]|[(（]\w{{1,4}}[)）])"
_ITEM_MARK = re.compile(rf"(?:\s*+{_MARK})++\s*+(?=\S)")
_MARKED_LINE = re.compile(rf"(?:\A|\n)[^\S\n]*+{_MARK}")
"""What stands before a paragraph that is an item: the splitter goes on behind it to the paragraph's end."""


def has_marked_items(text: str) -> bool:
    """Return whether a line of a text begins with such a mark."""
    return _MARKED_LINE.search(text) is not None


def segment_item(segment: Callable[[str, str], list[str]], language: str, paragraph: str) -> list[str]:
    """Return what a splitter makes of a paragraph, which may be an item of a list: its mark belongs to what follows.

    >>> segment_item(sentencex.segment, "en", "(a) One came. Two left."), sentencex.segment("en", "(a) One. Two left.")
    (['(a) One came. ', 'Two left.'], ['(a) One. Two left.'])
    """
    mark = _ITEM_MARK.match(paragraph)
    if mark is None:
        return segment(language, paragraph)
    first, *others = segment(language, paragraph[mark.end() :])
    return [mark[0] + first, *others]


def split_items(pieces: list[str], language: str) -> list[str]:
    """Return a paragraph's pieces, those cut that are items of a list: the splitter ends no sentence within these.

    >>> split_items(["1) One. So it is. ", "2) Two. It goes on."], "en")
    ['1) One. ', 'So it is. ', '2) Two. ', 'It goes on.']
    """
    if not _NEXT_ITEM.search("\0".join(pieces)):
        return pieces
    marks = list(map(_ITEM.match, pieces))
    if sum(map(bool, marks)) < 2:
        return pieces
    parts: list[str] = []
    for piece, mark in zip(pieces, marks, strict=True):
        begin = mark.end() if mark else 0
        first, *others = sentencex.segment(language, piece[begin:]) if mark else [piece]
        parts += [piece[:begin] + first, *others]
    return parts
