"""Cuts the items of a list at their sentences."""

import re

import sentencex

_NUMBER = r"\s*(?:\(\w{1,4}\)|\w{1,4}\.?\)|[a-z\d]\w?\.|[*+•-])\s+(?=\S)"
_ITEM, _NEXT_ITEM = re.compile(_NUMBER), re.compile("\0" + _NUMBER)
"""What numbers an item; and the same at the beginning of a piece."""


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
