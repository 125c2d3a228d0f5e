"""Takes tables and contents out of a book whose columns are parted by blanks or dots, and mends initials set apart."""

import re

_DOTS = (".....", ". . . .")
_GAPS = ("   ", "\t", *_DOTS)
"""One of these is in every such paragraph."""

_NUMBER_AT_GAP = re.compile(r"(?: {2}|\t)[$£€]?\d|\d%?(?: {2}|\t)")
_CELL = re.compile(r"(?:^|[ \t]{2}|\t)[$£€]?\d[\d.,:/–-]{0,15}%?(?=[ \t]{2}|\t|$)")
_GAP = re.compile(r"[^\s.!?:;\"'”’)](?: {2,}|\t)[ \t]*\S")
"""Blanks between columns; behind a stop they part sentences."""

_PAGE = r"(?:\d{1,4}|(?=[ivxlc])c?(?:x[lc]|l?x{0,3})(?:i[xv]|v?i{0,3}))\Z"
_BEHIND_DOTS = re.compile(rf"(?:\.{{5}}|(?: \.){{4}})[ .]*+{_PAGE}")
_BEHIND_BLANKS = re.compile(rf"\S {{3,}}{_PAGE}")
"""What ends a line of contents: the number of a page."""

_FEWEST_ROWS = 3
_MAX_CHARS = 300
"""Characters of a row at most; to look for rows takes time that grows with the square of them."""

_MAX_INITIALS = 200  # words of a book that are looked for
_INITIAL = re.compile(r"\n\n([A-Z]) ([A-Z]{2,12})(?=[ ,][a-zA-Z])")


def drop_columns(text: str) -> str:
    """Return a text without paragraphs that are tables of numbers, or contents with the numbers of pages.

    Args:
        text: Paragraphs parted by empty lines, no line with blanks at its end.

    >>> drop_columns("It fell.\\n\\n Year   Men\\n 1900     3\\n 1901    14\\n\\nIt stood.\\n\\nThe Mill ..... 15")
    'It fell.\\n\\nIt stood.'
    """
    gaps = [gap for gap in _GAPS if gap in text]
    if not gaps:
        return text
    paragraphs = text.split("\n\n")
    with_gaps = {n for gap in gaps for n, paragraph in enumerate(paragraphs) if gap in paragraph}
    columns = {n for n in with_gaps if _is_columns(paragraphs[n])}
    return "\n\n".join([paragraph for n, paragraph in enumerate(paragraphs) if n not in columns]) if columns else text


def _is_columns(paragraph: str) -> bool:
    """Return whether most lines of a paragraph are rows of numbers, or end with the number of a page."""
    if not any(dots in paragraph for dots in _DOTS) and not _NUMBER_AT_GAP.search(paragraph):
        return False
    lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
    if max(map(len, lines)) > _MAX_CHARS:
        return False
    by_dots = [_BEHIND_DOTS.search(line) is not None for line in lines]
    if any(by_dots):
        contents = [is_one or _BEHIND_BLANKS.search(line) for is_one, line in zip(by_dots, lines, strict=True)]
        return sum(map(bool, contents)) * 5 >= len(lines) * 4
    rows = [line for line in lines if _GAP.search(line)]
    num_cells = sum(_CELL.search(line) is not None for line in rows)
    return len(lines) >= _FEWEST_ROWS and len(rows) * 5 >= len(lines) * 4 and num_cells * 5 >= len(lines) * 3


def join_initials(text: str) -> str:
    """Return a text with initials that are set apart joined to their words, if the text has these elsewhere, too.

    >>> join_initials("\\n\\nT HE mill stood.\\n\\nB FLAT is the note.\\n\\nIt was the end.")
    '\\n\\nTHE mill stood.\\n\\nB FLAT is the note.\\n\\nIt was the end.'
    """

    known: dict[str, bool] = {}

    def join(found: re.Match[str]) -> str:
        word = found[1] + found[2]
        if word not in known and len(known) < _MAX_INITIALS:
            small = word.lower()
            known[word] = f" {small} " in text or f" {small}\n" in text
        return f"\n\n{word}" if known.get(word) else found[0]

    return _INITIAL.sub(join, text)
