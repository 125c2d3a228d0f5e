"""Reads the marks of Aozora Bunko, the Japanese library: readings 《…》, notes ［＃…］, a legend and a colophon."""

import re

_LEGEND = re.compile(r"^-{20,}\n【テキスト中に現れる記号について】\n(?:(?!-{20,}$).*\n){0,60}-{20,}$", re.MULTILINE)
_COLOPHON = re.compile(r"^底本：", re.MULTILINE)
_COLOPHON_CHARS = 6000
"""How far from a file's end its colophon can begin."""

_CELLS = 94
"""Of a row, and rows of a plane, of JIS X 0213."""

_READING = re.compile(
    r"｜([^《》｜\n]{1,40})《[^《》\n]{1,40}》|(?<=[一-鿿々〆ヵヶ〇])《[ぁ-ゖァ-ヺー・\u3000]{1,40}》"
)
_SIGN = re.compile(
    r"※［＃[^［］\n]{0,200}?(?:(?:第[34]水準)?([12])-(\d{1,2})-(\d{1,2})|U\+([0-9A-Fa-f]{4,5}))[^［］\n]{0,40}］"
)
_NOTE = re.compile(r"※?［＃[^［］\n]{0,300}］")


def strip_annotations(text: str) -> str:
    """Return a text of the library without such marks, each line a paragraph; another text as it is.

    Args:
        text: The whole file, its lines ending in line feeds.

    >>> strip_annotations("山｜小屋《ごや》の※［＃「口＋亞」、第3水準1-15-8］［＃「の」に傍点］中《なか》\\n《山》の本")
    '山小屋の啞中\\n\\n《山》の本'
    """
    if not ("［＃" in text or ("《" in text and _READING.search(text))):
        return text
    text = _LEGEND.sub("", text)
    if colophon := _COLOPHON.search(text, max(len(text) - _COLOPHON_CHARS, 0)):
        text = text[: colophon.start()]
    text = _NOTE.sub("", _SIGN.sub(_decode_sign, text))
    text = text.replace("／″＼", "〴〵").replace("／＼", "〳〵")  # "once more", as tall as two letters
    return _READING.sub(r"\1", text).replace("\n", "\n\n")


def _decode_sign(note: re.Match[str]) -> str:
    """Return the character that a note describes by its place in JIS X 0213 or by its number in Unicode, "" if none."""
    if note[4]:
        return chr(int(note[4], 16))
    row, cell = int(note[2]), int(note[3])
    if max(row, cell) > _CELLS:
        return ""
    place = bytes((row + 0xA0, cell + 0xA0))
    return ((b"\x8f" if note[1] == "2" else b"") + place).decode("euc_jisx0213", "replace")
