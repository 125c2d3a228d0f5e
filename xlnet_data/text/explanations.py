"""Knows abbreviations for "that is", "for example" and "because", with which no sentence ends."""

from collections.abc import Sequence
from functools import cache

_NEVER_LAST = {
    "ru": "т.е т._е т.к т._к т.н т._н т.о т._о напр",
    "uk": "т.зв т._зв т.б т._б напр",
    "be": "г.зн г._зн т.зв т._зв напр",
    "bg": "т.е т._е т.нар т._нар т.н т._н напр",
    "mk": "т.е т._е т.н т._н напр",
    "sr": "тј нпр tj npr",
    "hr": "tj npr",
    "bs": "tj npr",
    "sl": "npr tj t.i t._i",
    "cs": "tj t.j t._j např tzv tzn",
    "sk": "tj t.j t._j napr tzv tzn",
    "pl": "tj np tzn tzw m.in m._in",
    "fr": "c.-à-d càd p.ex p._ex i.e i._e",
    "es": "i.e i._e p.ej p._ej v.gr v._gr",
    "pt": "i.e i._e p.ex p._ex",
    "gl": "i.e i._e p.ex p._ex",
    "ca": "i.e i._e p.ex p._ex",
    "it": "ad_es p.es p._es i.e i._e",
    "ro": "de_ex i.e i._e",
    "nl": "d.w.z w._z o.a o._a m.a.w a._w bijv",
    "da": "dvs f.eks f._eks bl.a bl._a",
    "no": "dvs f.eks f._eks bl.a bl._a",
    "nb": "dvs f.eks f._eks bl.a bl._a",
    "sv": "dvs d.v.s v._s t.ex t._ex bl.a bl._a",
    "eo": "ekz t.e t._e",
    "fi": "esim ts",
    "hu": "pl kb ún ill",
    "tr": "örn",
    "el": "π.χ δηλ",
    "lt": "pvz t.y t._y",
    "lv": "piem t.i t._i",
    "et": "nt s.t s._t",
    "is": "t.d þ.e t._d þ._e",
    "eu": "adib",
    "sq": "p.sh",
    "id": "mis",
    "ms": "mis",
}
"""By language; "_" stands for a blank."""

_OPENING = '([«„“"'


def is_never_last(words: Sequence[str], language: str) -> bool:
    """Return whether the last of some words, with a stop, is an abbreviation that ends no sentence.

    >>> is_never_last(["kom,", "dvs."], "da"), is_never_last(["то,", "т.", "е."], "ru"), is_never_last(["т."], "ru")
    (True, True, False)
    """
    known = _never_last_of(language)
    if not known:
        return False
    word = words[-1][:-1].lstrip(_OPENING)
    last = word[:1].lower() + word[1:]
    return last in known or (len(words) > 1 and f"{words[-2].lstrip(_OPENING).lower()} {last}" in known)


def explanations_of(language: str) -> list[str]:
    """Return those of a language.

    >>> explanations_of("sq"), explanations_of("it")
    (['p.sh'], ['ad es', 'p.es', 'p. es', 'i.e', 'i. e'])
    """
    return [name.replace("_", " ") for name in _NEVER_LAST.get(language, "").split()]


@cache
def _never_last_of(language: str) -> frozenset[str]:
    return frozenset(explanations_of(language))
