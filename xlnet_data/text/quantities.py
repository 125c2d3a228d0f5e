"""Knows where quantities go on behind a unit's stop: "5s. 6d.", "3 cwt. 2 qr.", "12 deg. 5 min. N.", "lat. 5° N."."""

import re

_NAMES = """
s l d cwt qr qrs lb lbs oz dwt drs gr grs st deg min sec hr hrs h yd yds ft fur rds mi m bu pk gal qt pt cts ct fr c kr
fl thlr rthlr sgr ngr mk pf gr pi po kil ztr pfd fuss
"""
_UNITS = "|".join(sorted(_NAMES.split(), key=len, reverse=True))
_FRACTION = r"(?:\s?[½¼¾⅓⅔⅛]|-?\d/\d)?"
_BEHIND = re.compile(rf"(?:£\d[\d,]{{0,9}}|\d{_FRACTION}\s?(?:{_UNITS}))\.\s\Z", re.IGNORECASE)
_REST = re.compile(
    rf"\d{{1,4}}{_FRACTION}(?:[sdl]\b|\s?(?:{_UNITS}|in)\.|\s(?:öre|øre|aur|pence|cents|kopeks)\b)", re.IGNORECASE
)
_BEFORE_ANGLE = re.compile(r"(?:\b[Ll](?:at|ong?)|°|′|″|(?:\d\s?|\d)(?:deg|min|sec))\.\s\Z")
_ANGLE = re.compile(r"\d{1,3}(?:½|\.\d{1,4})?\s?(?:°|º|deg\.|d\.)")
_DIRECTION = re.compile(r"(?:[NSEWCF]|[NS]\.\s?[EW])(?:\.|\b)(?!\w)")
_KING = re.compile(r"\b(?:Hen|Edw|Geo|Chas|Jas|Rich?|Eliz|Wm|Will)\.\s\Z")
_REIGN = re.compile(r"(?:I|II|III|IV|V|VI|VII|VIII)\b")


def is_in_quantity(before: str, after: str) -> bool:
    """Return whether what follows a stop goes on with a quantity, an angle or the number of a king.

    Args:
        before: The sentence so far, or its end.
        after: What follows.

    >>> is_in_quantity("It cost 5s. ", "6d. or so."), is_in_quantity("It cost 5s. ", "6 men paid.")
    (True, False)
    >>> is_in_quantity("lat. ", "5° N. of it"), is_in_quantity("So did Hen. ", "IV. of old")
    (True, True)
    """
    if after[0].isdecimal():
        if _BEHIND.search(before) and _REST.match(after):
            return True
        return _ANGLE.match(after) is not None and _BEFORE_ANGLE.search(before) is not None
    if after[0] in "IV":
        return _REIGN.match(after) is not None and _KING.search(before) is not None
    if after[0] in "NSEWCF":
        return _DIRECTION.match(after) is not None and _BEFORE_ANGLE.search(before) is not None
    return False
