"""Keeps a mark that begins a line within markup from being read as a list's or a heading's: ``''*wódr̥''``."""

import re

_MARKS = "#*:;="
_BEHIND_STYLE = tuple(end + mark for end in "'>" for mark in _MARKS)
_STYLED = re.compile(
    r"\n((?:'{2,5}+|<(?:abbr|b|big|cite|code|em|font|i|kbd|mark|q|samp|small|span|strong|sub|sup|tt|u|var)\b[^<>]*+>)++)"
    rf"([{_MARKS}])",
    re.IGNORECASE,
)


def protect_start(words: str) -> str:
    """Return what a link or a template shows, so that its first character makes no item where it begins a line.

    >>> protect_start("#1"), protect_start("one")
    ('&#35;1', 'one')
    """
    return f"&#{ord(words[0])};{words[1:]}" if words and words[0] in _MARKS else words


def protect_starts(text: str) -> str:
    """Return wikitext without marks that would make an item of a line which begins with italics, bold or a tag.

    >>> protect_starts("''*wódr''\\n* one")
    "''&#42;wódr''\\n* one"
    """
    if not any(pair in text for pair in _BEHIND_STYLE):
        return text
    return _STYLED.sub(lambda m: f"\n{m[1]}{protect_start(m[2])}", "\n" + text)[1:]
