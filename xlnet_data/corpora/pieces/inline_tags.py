"""Knows what inline elements say that pages and wikis have in common: raised digits, and text struck out."""

import re

RAISED = str.maketrans("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ")
"""Digits as signs of their own, for the degree of a root."""

_MINUS = r"(?:[-−–]|&minus;|&#8722;)?"
_LETTER = "(?:<(?:i|em|var)>)?[nkx](?:</(?:i|em|var)>)?"
_OPERATOR = r"(?:[=×·*+]|&times;)"
_POWER = re.compile(
    rf"(?:10(?<![\w.,]10)(?=<sup>\s?{_MINUS}\d{{1,3}}\s?</sup>)"
    r"|2(?<![\w.,]2)(?=<sup>\s?\d\d\s?</sup>)"
    rf"|\d(?=<sup>\s?(?:(?!\d){_MINUS}\d{{1,3}}|{_LETTER}(?:\s?[-+−–]\s?\d)?)\s?</sup>)"
    rf"|\d(?=<sup>\s?\d{{1,3}}\s?</sup>\s?{_OPERATOR})|{_OPERATOR}\s?\d[\d.,]{{0,9}}(?=<sup>\s?\d{{1,3}}\s?</sup>))",
    re.IGNORECASE,
)
"""A number with an exponent: of ten, of two with two digits, a negative one, a letter, or one beside an operator."""

_EXPONENT = rf"\s?(?:{_MINUS}\d{{1,4}}|(?:''|<i>)?[nkmxyp](?:''|</i>)?)\s?"
_RAISED = re.compile(rf"<sup>(?<=\d<sup>)(?={_EXPONENT}</sup>)")
_RAISED_BY_TEMPLATE, _RAISED_IN_FRENCH = (
    re.compile(rf"\{{\{{(?<=\d\{{\{{)(?=\s?(?:[Ss]up|[Ee]xp|[Ee]xposant|[Aa]pice{more})\s?\|{_EXPONENT}\}}\}})")
    for more in ("", "|e")
)
"""What begins a template that raises an exponent; French writes 10{{e|9}}, which others read as 10 × 10^9."""
_BASE = re.compile(r"<sub>(?<=\d<sub>)(?=\s?\d{1,2}\s?</sub>)")
"""What begins the base in which a number is written: 1010<sub>2</sub>."""

_FRACTION = re.compile(
    r"<sup(?:\s[^<>]{0,100}+)?>\s?\d{1,3}\s?</sup>\s?(?:/|⁄|&frasl;|&#8260;|&#x2044;)\s?"
    r"<sub(?:\s[^<>]{0,100}+)?>\s?\d{1,4}",
    re.IGNORECASE,
)
_AFTER_NUMBER = re.compile(r"\d(?:<(?:span|big|small|b|i)(?:\s[^<>]{0,100}+)?>){0,3}\Z", re.IGNORECASE)
_SEEN_CHARS = 200  # before a fraction
_STRUCK = re.compile(r"<(del|s|strike)(?:\s[^<>]*+)?>[^<]{0,300}+</\1\s*+>", re.IGNORECASE)


def mark_powers(text: str) -> str:
    """Return a text with the sign of a power before exponents, and a blank between a number and a fraction.

    Without them they would make other numbers. A plain number behind any but ten and two may be the mark of a note.

    >>> mark_powers("10<sup>6</sup> m<sup>2</sup>, 2<sup>10</sup> or 3<sup>n</sup>, of 1999<sup>3</sup>")
    '10^<sup>6</sup> m<sup>2</sup>, 2^<sup>10</sup> or 3^<sup>n</sup>, of 1999<sup>3</sup>'
    >>> mark_powers("1<sup>1</sup>/<sub>2</sub> in")
    '1 <sup>1</sup>/<sub>2</sub> in'
    """
    text = _FRACTION.sub(_part_fraction, text) if "</sup>" in text else text
    return _POWER.sub(r"\g<0>^", text)


def mark_wiki_powers(text: str, language: str = "") -> str:
    """Return wikitext as `mark_powers` does, with the sign before all exponents of numbers: none is the mark of a note.

    A number's base is told from its digits, too.

    Args:
        text: Wikitext.
        language: Code of the wiki's language, "" if it is not known.

    >>> mark_wiki_powers("2<sup>32</sup> or 2{{sup|''n''}}, 2<sup>nd</sup>"), mark_wiki_powers("11<sub>2</sub>")
    ("2^<sup>32</sup> or 2^{{sup|''n''}}, 2<sup>nd</sup>", '11_<sub>2</sub>')
    >>> mark_wiki_powers("10{{e|-3}}", "fr"), mark_wiki_powers("5{{e|-3}}", "en")
    ('10^{{e|-3}}', '5{{e|-3}}')
    """
    text = mark_powers(text)
    text = _RAISED.sub(r"^\g<0>", text) if "<sup>" in text else text
    text = (_RAISED_IN_FRENCH if language == "fr" else _RAISED_BY_TEMPLATE).sub(r"^\g<0>", text)
    return _BASE.sub(r"_\g<0>", text) if "<sub>" in text else text


def _part_fraction(fraction: re.Match[str]) -> str:
    """Return a fraction, behind a blank where a number stands before it."""
    before = fraction.string[max(fraction.start() - _SEEN_CHARS, 0) : fraction.start()]
    return f" {fraction[0]}" if _AFTER_NUMBER.search(before) else fraction[0]


def drop_struck(text: str, mark: str = "") -> str:
    """Return a text without short pieces that are struck out, a mark in the place of each.

    >>> drop_struck("It was <del>big</del><ins>small</ins>.")
    'It was <ins>small</ins>.'
    """
    return _STRUCK.sub(mark, text)
