"""Knows what inline elements say that pages and wikis have in common: raised digits, and text struck out."""

import re

RAISED = str.maketrans("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ")
"""Digits as signs of their own, for the degree of a root."""

_MINUS = r"(?:[-−–]|&minus;|&#8722;)?"
_POWER_OF_TEN = re.compile(
    rf"10(?<![\w.,]10)(?=<sup>\s?{_MINUS}\d{{1,3}}\s?</sup>|\{{\{{(?:sup|exp)\|{_MINUS}\d{{1,3}}\}}\}})", re.IGNORECASE
)
_STRUCK = re.compile(r"<(del|s|strike)(?:\s[^<>]*+)?>[^<]{0,300}+</\1\s*+>", re.IGNORECASE)


def mark_powers(text: str) -> str:
    """Return a text with the sign of a power before the exponents of ten, which would make other numbers of them.

    >>> mark_powers("10<sup>6</sup> m<sup>2</sup>, 10{{exp|-3}}")
    '10^<sup>6</sup> m<sup>2</sup>, 10^{{exp|-3}}'
    """
    return _POWER_OF_TEN.sub("10^", text)


def drop_struck(text: str, mark: str = "") -> str:
    """Return a text without short pieces that are struck out, a mark in the place of each.

    >>> drop_struck("It was <del>big</del><ins>small</ins>.")
    'It was <ins>small</ins>.'
    """
    return _STRUCK.sub(mark, text)
