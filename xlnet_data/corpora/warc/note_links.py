"""Drops links to notes whose brackets stand around them, and those that lead back from a note."""

import re

TO_NOTE = r"<a\b[^<>]{0,200}?\bhref\s?=\s?[\"']?[^\s\"'<>]{0,300}#[^<>]{0,300}+>"
"""The tag of a link to a place of a page."""

_NUMBERED = rf"{TO_NOTE}\d{{1,3}}</a>"
_IN_BRACKETS = re.compile(rf"(?:\s(?=\[))?\[\s?{_NUMBERED}(?:\s?[,;–-]\s?{_NUMBERED}){{0,20}}\s?\]", re.IGNORECASE)
_BACK_SIGNS = ("↩", "↵", "⤴", "⏎", "↑", "&#8617;", "&#x21a9;", "&larrhk;", "&hookleftarrow;", "&#8593;", "&uarr;")
_BACK = "|".join(_BACK_SIGNS)
_LINK_BACK = re.compile(
    rf"(?:(?:\s|&nbsp;|&#160;)(?=<a))?{TO_NOTE}\s*+(?:<sup\b[^<>]*+>)?(?:{_BACK})"
    r"[\ufe0e\ufe0f]?(?:&#(?:65038|xfe0e);)?(?:</sup>)?\s*+</a>",
    re.IGNORECASE,
)


def drop_note_links(page: str) -> str:
    """Return a page without such links.

    >>> drop_note_links('It fell [<a href="#n1">1</a>, <a href="#n2">2</a>]. <p>So Lo. <a href="#r1">↩</a></p>')
    'It fell. <p>So Lo.</p>'
    """
    page = _LINK_BACK.sub("", page) if any(sign in page for sign in _BACK_SIGNS) else page
    return _IN_BRACKETS.sub("", page) if "</a>]" in page else page
