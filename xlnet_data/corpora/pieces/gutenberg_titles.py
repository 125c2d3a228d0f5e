"""Finds title and author of a book in Project Gutenberg's header."""

import re

from xlnet_data.corpora.pieces.gutenberg import HEADER_CHARS, START_LINE

_FIRST_LINE = re.compile(
    r"\ufeff?\s{0,99}(?:\*+\s?)?(?:This is (?:the|an?) (?:copyrighted )?|The )?Project Gutenberg(?:'s)?"
    r"(?: e-?(?:book|text)(?:,| of)?)? ?([^\n*]{0,300})"
    r"(?:\n(?![^\n]*(?:e-?text|e-?book|copyright|series|prepared|produced|edited))"
    r"([^\n*]{0,99}\bby [^\n*]{1,99})(?=\n))?",
    re.IGNORECASE,
)
"""The first line of a file, and the next one if it says who wrote the book."""

_FIELD = re.compile(r"^(Title|Author):[ \t]*([^\n]+(?:\n[ \t]+[^\s:][^\n:]*)*)", re.IGNORECASE | re.MULTILINE)
_FIELD_CHARS = 4096


def find_title(text: str) -> str:
    r"""Return title and author of a book as Project Gutenberg's header gives them, "" where there is no such header.

    >>> find_title("The Project Gutenberg eBook\n\nTitle: Emma\n  A Novel\n\nAuthor: Jane Austen\nRelease Date: 1994")
    'Emma A Novel, by Jane Austen'
    >>> find_title("The Project Gutenberg Etext of The Devil's Dictionary by Bierce\n")
    "The Devil's Dictionary by Bierce"
    >>> find_title("This is the Project Gutenberg Etext of The Life of Emma\nand Others, by A. Lee\n\nThis etext")
    'The Life of Emma and Others, by A. Lee'
    """
    first_line = _FIRST_LINE.match(text)
    if first_line is None:
        return ""
    start = START_LINE.search(text, 0, HEADER_CHARS)
    fields = _FIELD.findall(text, 0, start.start() if start else _FIELD_CHARS)
    found = {name.lower(): " ".join(value.split()) for name, value in reversed(fields)}
    if not found.get("title"):
        title, second = first_line[1].strip(), first_line[2] or ""
        return f"{title} {second.strip()}" if second and " by " not in title else title
    return f"{found['title']}, by {found['author']}" if found.get("author") else found["title"]
