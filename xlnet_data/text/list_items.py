"""Cuts the items of a list at their sentences."""

import re

from xlnet_data.text.stand_ins import splitter

_NUMBER = r"\s*(?:\(\w{1,4}\)|\w{1,4}\.?\)|\d{1,4}\.|[a-z\d]\w?\.|[*+•-])\s+(?=\S)"
_ITEM, _NEXT_ITEM = re.compile(_NUMBER), re.compile("\0" + _NUMBER)
"""What numbers an item; and the same at the beginning of a piece."""

BULLETS = "•◦▪●○■□⁃⁌⁍★☆➢➤►▶◆◇"
_MARK = rf"(?:[{BULLETS}]|[(（]\w{{1,4}}[)）]|\d{{1,3}}\.\)(?=\s))"
_SECTION = r"(?:§{1,2}\s?\d{1,4}[a-z]?|\d{1,3}\.\d{1,3})(?:\.\d{1,3}){0,4}\.(?=\s)"
_ITEM_MARK = re.compile(rf"(?:\s*+{_MARK})++\s*+(?=\S)|\s*+{_SECTION}(?:\s*+{_MARK})*+\s++(?=\S)")
"""What stands before a paragraph that is an item or a section: sentencex goes on behind an item's to the paragraph's
end, and takes the number of a section, "8.1.", for a sentence."""

SECTION_NUMBER = re.compile(r"\s*+(?:§\s?)?\d{1,3}[a-z]?\.\s+")
"""The number of a law's section, behind which its first part begins: "12. (1) The tenant pays"."""

NAMED_SECTION = re.compile(
    r"\s*+(?:§|A(?:rt(?:icle|ikel|[íi]culo|igo|icolo)?|RT(?:ICLE)?)\b\.?|S(?:ec(?:tion)?|EC(?:TION)?)\b\.?|Ст(?:\.|атья))"
    r"\s\d{1,4}[a-z]?\.\s+"
)
"""The name and number of a law's section, with which it begins: "Art. 5. The tenant pays"."""

_SECOND_ITEM = re.compile(r"[;,]\s(?:\w{1,3}\s)?2\.\s\Z")
_SEEN_CHARS = 32  # of what stands behind a number
ITEM_CHARS = 400
"""Of what is listed within a sentence, at most."""

MARK_BEGINNINGS = frozenset(f"{BULLETS}(（ \t\n\u3000§0123456789")
"""What such a mark, or white space before it, begins with."""


def skip_mark(paragraph: str) -> int:
    """Return where a paragraph's text begins, behind the marks of an item or the number of a section.

    >>> skip_mark("(a) One came. Two left."), skip_mark("One came."), skip_mark("§ 12. It fell.")
    (4, 0, 6)
    """
    mark = _ITEM_MARK.match(paragraph)
    return mark.end() if mark else 0


def split_items(pieces: list[str], language: str) -> list[str]:
    """Return a paragraph's pieces, those cut that are items of a list: the splitter ends no sentence within these.

    To the splitter a line that begins with a short bracket is an item, too, even within a sentence ("in the year\n(80)
    of"); where it cuts before such a line by mistake, the pieces are joined later.

    >>> split_items(["1) One. So it is. ", "2) Two. It goes on."], "en")
    ['1) One. ', 'So it is. ', '2) Two. ', 'It goes on.']
    """
    if not _NEXT_ITEM.search("\0".join(pieces)):
        return pieces
    marks = list(map(_ITEM.match, pieces))
    is_list = sum(map(bool, marks)) > 1
    split = splitter(language)
    parts: list[str] = []
    for before, piece, mark in zip(["", *pieces], pieces, marks, strict=False):
        if mark and (is_list or before.endswith("\n")):
            first, *others = split(piece[mark.end() :])
            parts += [mark[0] + first, *others]
        else:
            parts.append(piece)
    return parts


def is_item_within(number: int, previous: str, before: str, after: str) -> bool:
    """Return whether a number counts what is listed within a sentence: "as 1. The one; 2. The other; and 3. All"."""
    if number == 1:
        return previous[-1:] == ":" or _SECOND_ITEM.search(after[-_SEEN_CHARS:]) is not None
    return previous[-1:] == ";" or (number > 1 and f" {number - 1}. " in before[-ITEM_CHARS:])
