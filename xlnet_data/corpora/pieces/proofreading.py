"""Reads the marks of Distributed Proofreaders' projects: a line before each page, notes to each other, inline tags."""

import re

_PAGE = re.compile(r"^-{2,9}File: ?[^\n]*(?:\n|\Z)", re.MULTILINE)
_BROKEN_WORD = re.compile(r"-\*\n\*?")
_BLOCK_MARK = re.compile(r"^[ \t]*(?:/[#*$XFPCR]|[#*$XFPCR]/|<tb>)(?:\[[\d,. ]{1,20}\])?[ \t]*$", re.MULTILINE)
_NOTE = re.compile(r"\[\*\*[^][]{0,500}\]")
_TAG = re.compile(r"</?(?:i|b|u|sc|g|f|cap)>")


def strip_proofreading(text: str) -> str:
    """Return a project's text without such marks, another text as it is.

    A page goes on with the last paragraph of the one before unless it begins with a blank line.

    Args:
        text: The whole file, its lines ending in line feeds.

    >>> strip_proofreading("-----File: 1---\\\\ann\\\\\\nIt <i>was</i> a won-*\\n-----File: 2---\\n*der.[** sic]")
    'It was a wonder.'
    """
    if "--File: " not in text:
        return text
    text = _BROKEN_WORD.sub("", _PAGE.sub("", text))
    return _TAG.sub("", _NOTE.sub("", _BLOCK_MARK.sub("", text)))
