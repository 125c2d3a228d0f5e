"""Tells whether a stop stands within a number, a name, an address or an abbreviation: "३.५", "ASP.NET", "कि.मी."."""

import re

_SEEN_CHARS = 32  # of what stands before a stop

_ROMAN_NUMBER = re.compile(r"[IVX]{1,7}(?![\w'’])")
_FILE = re.compile(r"[A-Z]\w*\.(?:[A-Za-z]|\Z)")
_IDENTIFIER = re.compile(r"\w*_\w")  # "locale.LC_NAME"
_EXTENSION = re.compile(r"(?:[A-Z][A-Z\d]{0,5}|Net)\b")  # of a file, as in "two .WAV files"
_SIGNS_BEFORE_STOP = ("/", "-", "(", "*", "„", "«", "、", "，", "（", "「")  # "(.Z)", "./configure"
_DOTTED_NAME = re.compile(r"(?<![^\W_])[A-Za-z]\w*\.[A-Z]\w*\.\Z|(?<![\w.])[A-Z]\.\Z")  # "Data.List.", "X."
_GLUED_ITEM = re.compile(r"[,;:]\s\d{1,2}\.\Z")  # "1.Rice, 2.Tea"
_ADDRESS = re.compile(r"(?:://\S*|\bwww\.|\b[a-z]{2,}(?:\.[a-z]{2,})+\.)\Z")
"""The beginning of an address or of a dotted name, as of a package: "https://www.", "org.example."."""

_MANUAL = re.compile(r"(?:README|NEWS|TODO|LICENSE|COPYING)\.\Z")
_TYPE = re.compile(r"(?<!\w)[A-Z]\w{1,2}\.\Z")
_DEGREE = re.compile(r"[A-Z][a-z]{0,2}\.")
_SYLLABLE = re.compile(r"[\u0900-\u0dff]{1,3}\.")
_BEFORE_SIGN = re.compile(r"(?<![\u0900-\u0dff])[\u0900-\u0dff]{1,3}\.\Z")
"""A letter of a script of India with its vowel and a stop, as abbreviations are written."""


def is_dotted(before: str, after: str) -> bool:
    """Return whether Latin letters stand on both sides of a stop without a blank: they are a name in other scripts."""
    return before[-2:-1].isalnum() and f"{before[-2:-1]}{after[0]}".isascii() and after[0].isalpha()


def is_within_word(before: str, after: str) -> bool:
    """Return whether a stop without a blank stands within a number or an abbreviation: "३.५", "a.C.", "कि.मी."."""
    if before[-2:-1].isdecimal() and (after[0].isdecimal() or after[0] in "ºª" or "가" <= after[0] <= "힣"):  # "2.ª"
        return True
    if _BEFORE_SIGN.search(before[-6:]) and _SYLLABLE.match(after):
        return True
    if before.endswith("..") and (after[0].islower() or not before.strip(". ")):  # "...and so on"
        return True
    if _GLUED_ITEM.search(before[-8:]) and after[0].isalpha():
        return True
    sign = before[-2:-1]
    if sign in _SIGNS_BEFORE_STOP or (sign.isspace() and (after[0].islower() or _EXTENSION.match(after))):
        return True
    if _ADDRESS.search(before[-_SEEN_CHARS:]) or (after[0].isupper() and _DOTTED_NAME.search(before[-_SEEN_CHARS:])):
        return True
    if all(map(str.isupper, f"{before[-3:-1]:2}{after[:2]:2}")):  # "ASP.NET", but not in text of capitals
        return any(map(str.islower, before[-_SEEN_CHARS:] + after[:_SEEN_CHARS]))
    if _FILE.match(after) or _IDENTIFIER.match(after) or _MANUAL.search(before[-8:]):  # "x.Debian.gz", "Data.List.Sort"
        return True
    if _TYPE.search(before[-5:]) and (_ROMAN_NUMBER.match(after) or _DEGREE.match(after)):  # "Mk.IV", "Ph.D."
        return True
    is_letter = before[-2:-1].isalpha() and not (before[-3:-2].isalpha() and before[-3:-2] < "\u2e80")  # "是J.K.罗琳"
    if is_letter and "Ａ" <= before[-2] <= "Ｚ":  # an initial as wide as Japanese letters
        return True
    return is_letter and (after[1:2] == "." or after[0].isdecimal() or after[0].islower() or after[0] in "ºª")
