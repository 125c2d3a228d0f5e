"""Tells the lines of a page whose names and dates extraction dropped, such as "By"; no line of prose."""

import re

_PARTING = frozenset(",;|·/&")
_WORD = r"[^\W\d_]{1,15}"
_SIGN = r"[,;|·/&]"
_LEFT_OVER = re.compile(
    rf"{_WORD}(?:\s?:\s?|\s)(?:{_SIGN}|\s)+"
    rf"|(?:•\s)?{_WORD}(?:\s{_WORD}){{1,4}}\s?(?::\s?{_SIGN}|{_SIGN}\s?{_SIGN})(?:{_SIGN}|\s)*"
)
"""What is left of "By <a rel=author>Ann Lee</a>, <time>3 May</time>" and "In this article: <a rel=tag>mills</a>, "."""

_SAY_LITTLE = """
by von par por door av af published posted updated written filed veröffentlicht aktualisiert geschrieben publié écrit
publicado actualizado escrito pubblicato aggiornato
"""
_SAY_NOTHING = "on|am|at|in|and|und|et|y|le|el|il|story|article|artikel|artículo|first|last"
_LABEL = re.compile(rf"\b(?:{'|'.join(_SAY_LITTLE.split())})\b", re.IGNORECASE)
_LABELS = re.compile(
    rf"(?:[\s•·|/:,&]{{0,5}}(?:{'|'.join(_SAY_LITTLE.split())}|{_SAY_NOTHING})\b){{1,5}}[\s•·|/:,&]{{0,5}}",
    re.IGNORECASE,
)
"""What is left of "Published on <time>3 May</time> by <a rel=author>Ann Lee</a>"."""

_LABELS_CHARS = 40


def is_left_over(line: str) -> bool:
    """Return whether a line is what extraction left of one that named the author, the date or the tags.

    >>> [line for line in ("By", "Published: | Updated:", "By , and", "By all means", "On") if is_left_over(line)]
    ['By', 'Published: | Updated:', 'By , and']
    """
    if line[-1] in _PARTING and _LEFT_OVER.fullmatch(line):
        return True
    return len(line) < _LABELS_CHARS and _LABELS.fullmatch(line) is not None and _LABEL.search(line) is not None
