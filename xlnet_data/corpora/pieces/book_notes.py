"""Takes the marks of notes out of a book's sentences, where the notes themselves stand in it."""

import re

_LABEL = r"(\d{1,4}|[A-Za-z]|\*{1,4}|†|‡)"
_BODY = re.compile(
    r"\[_?(?:(?:(?:foot|end)?notes?|fu(?:ß|ss)note|nota|voetnoot|fn)_?:?[ \t]*#?)?" + _LABEL + r"_?[\]:]", re.IGNORECASE
)
"""How a note begins: "[1] See Lo", "[Footnote A: See Lo.]"."""

_MARK = re.compile(r"\[(?:fn#?)?" + _LABEL + r"\](?![\w(])", re.IGNORECASE)
_BEFORE_MARK = frozenset(".,;:!?\"”’'»)]_—-")
_MAX_INDENT = 40


def drop_note_marks(text: str) -> str:
    """Return a book's text without the marks in its sentences whose notes stand in paragraphs of their own.

    >>> drop_note_marks("It fell.[1] So[2] it was.\\n\\n[1] See Lo.")
    'It fell. So[2] it was.\\n\\n[1] See Lo.'
    """
    if "[" not in text:
        return text
    labels = {found[1] for found in _BODY.finditer(text) if _begins_paragraph(text, found.start())}
    if not labels:
        return text
    kept: list[str] = []
    at = 0
    for mark in _MARK.finditer(text):
        end = mark.start() - (text[mark.start() - 1 : mark.start()] == " ")
        last = text[end - 1 : end]
        if mark[1] in labels and (last.isalnum() or last in _BEFORE_MARK):
            kept.append(text[at:end])
            at = mark.end()
    return "".join([*kept, text[at:]])


def _begins_paragraph(text: str, at: int) -> bool:
    """Return whether nothing but blanks stands between an index and an empty line, or the text's beginning."""
    lines = text[max(at - _MAX_INDENT, 0) : at].split("\n")
    return not any(map(str.strip, lines[-2:])) and (len(lines) > 2 or at <= _MAX_INDENT)
