"""Knows where citations of laws go on behind a stop: "alin. (2) lit. a)", "подп. «б»", "l'art. R. 5-2", "5. § (2)"."""

import re

_SHORT_NAMES = """
alin lit litt let lett al odst ods ust pkt pct toč tač čl art arts abs para paras cl par bek písm pism st mom stk apdo
sec sect kap cap afs subsec subsect ал ст п пп подп чл ч тач точ абз παρ εδ άρθρ
"""
_PART = re.compile(rf"(?:\A|[\s(,;-])(?:{'|'.join(_SHORT_NAMES.split())})\.\s\Z", re.IGNORECASE)
_PART_NUMBER = re.compile(r"\(?(?:\d{1,3}|[a-zα-ωа-яçğšž]{1,2}|[ivx]{1,4})\)(?!\w)")
_QUOTED_LETTER = re.compile(r"[«„“\"][a-zα-ωа-я]{1,2}[»“”\"]")

_LETTER = re.compile(r"(?:\b[Aa]rts?\.|\b[Aa]rticles?|\d,?\s(?:et|ou|à)|\d,)\s\*?[LRDA]\.\s\Z")
_SHORT_WORD = re.compile(r"\b[Aa]rts?\.\s\Z")
_LETTER_AND_NUMBER = re.compile(r"[LRDA]\.\s?\*?\d")
_SECTION = re.compile(r"(?<!\d)\d{1,3}\.\s\Z")


def is_in_statute(before: str, after: str, language: str) -> bool:
    """Return whether what follows a stop goes on with the parts of a law that a sentence names.

    Args:
        before: The sentence so far, or its end.
        after: What follows.
        language: A code from `language_code`.

    >>> is_in_statute("Potrivit art. 5 alin. ", "(2) din lege", "ro"), is_in_statute("It fell. ", "(2) It rose.", "en")
    (True, False)
    >>> is_in_statute("Selon l'art. ", "R. 5-2 du code", "fr"), is_in_statute("Selon l'art. R. ", "5-2 du code", "fr")
    (True, True)
    """
    if after[0].isupper() and language != "fr":
        return False
    if (_PART_NUMBER.match(after) or _QUOTED_LETTER.match(after)) and _PART.search(before):
        return True
    if language == "hu":
        return after[0] == "§" and _SECTION.search(before) is not None
    if language != "fr":
        return False
    if after[0].isdecimal():
        return _LETTER.search(before) is not None
    return _LETTER_AND_NUMBER.match(after) is not None and _SHORT_WORD.search(before) is not None
