"""Finds the codec that a page means by the name of a charset, and decodes what Python's codecs lack."""

import codecs
import re
from functools import cache

from resiliparse.parse.encoding import map_encoding_to_html5

_CODEC = re.compile(r"utf|cp\d|iso|koi8|big5|gb|euc|shift|mac|hz|johab|tis|kz1048")
# what pages mean by a name, where that is more than the name says, as browsers have settled it
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
}
_ALIASES = {
    "x-big5": "big5",
    "x-mac-ukrainian": "mac-cyrillic",
    "x-mac-ce": "mac-latin2",
    "x-mac-centraleurroman": "mac-latin2",
    "x-mac-icelandic": "mac-iceland",
}
_UNREAD = re.compile(
    r"x-user-defined|(?:x-)?(?:viscii|armscii-?8|geostd8|euc-tw|iso-ir-111|ecma-cyrillic|tscii|iscii|tcvn|vps)(?:[-\d.:]*)"
    r"|x-viet-\w+|x-iscii-\w+"
)
"""Charsets that pages have and Python does not know; read as another one, their letters above ASCII come out wrong."""

_WINDOWS = re.compile(r"(?:cp|win|windows|ansi)[-_ ]?(125\d|874)")
_WIDE_AS = {"euc_jp": "cp932", "iso2022_jp": "cp932", "big5": "cp950"}
"""By codec: that of Windows, which has more characters of the same charset."""
_MAX_MENDED = 10_000  # places of a text; each takes a microsecond or two, and one with more is in another charset


def codec_of(name: str) -> str | None:
    """Return the codec that a page means by a charset's name, None for a name that is unknown.

    >>> codec_of("ISO-8859-1"), codec_of("gb2312"), codec_of("utf8"), codec_of("zlib"), codec_of("")
    ('cp1252', 'gb18030', 'utf-8', None, None)
    >>> codec_of("windows-31j"), codec_of("iso88592"), codec_of("win-1251")
    ('cp932', 'iso8859-2', 'cp1251')
    """
    name = name.strip().lower()
    if windows := _WINDOWS.fullmatch(name):
        name = f"cp{windows[1]}"
    codec = _lookup(_ALIASES.get(name, name).removeprefix("x-")) or _lookup(map_encoding_to_html5(name, False) or "")
    codec = _MEANT.get(codec, codec)
    return codec if _CODEC.match(codec) else None


def is_unread(name: str) -> bool:
    """Return whether a charset's name is that of one which pages have and nothing here reads.

    >>> is_unread("VISCII"), is_unread("x-user-defined"), is_unread("latin1")
    (True, True, False)
    """
    return _UNREAD.fullmatch(name.strip().lower()) is not None


def decode_charset(content: bytes, codec: str) -> str:
    r"""Return a text's characters as browsers show them; U+FFFD stands for those that are none.

    Python's codecs for Japanese lack NEC's and IBM's signs and names, and those for Chinese lack the euro sign.

    >>> decode_charset(b"\xad\xa1", "euc_jp"), decode_charset(b"\x80", "gb18030"), decode_charset(b"\xa3\xe1", "big5")
    ('①', '€', '€')
    """
    text = content.decode(codec, "replace")
    if codec.startswith((*_WIDE_AS, "gb18030")) and 0 < text.count("\ufffd") <= _MAX_MENDED:
        text = content.decode(codec, "as_windows")
    return text.translate(_signs_of_big5()) if codec == "big5hkscs" else text


def _lookup(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Return what Windows reads at the place of an error, and where to go on."""
    assert isinstance(error, UnicodeDecodeError)
    pair = error.object[error.start : error.start + 2]
    if error.encoding == "gb18030" and pair[:1] == b"\x80":
        return "€", error.start + 1
    codec = next((codec for name, codec in _WIDE_AS.items() if error.encoding.startswith(name)), "")
    if codec == "cp932":
        pair = _shifted(pair)
    text = pair.decode(codec, "ignore") if codec else ""
    return (text, error.start + 2) if len(text) == 1 and len(pair) == 2 and pair[0] > 0x80 else ("\ufffd", error.end)


def _shifted(pair: bytes) -> bytes:
    """Return two bytes of EUC-JP or ISO-2022-JP as those of Shift_JIS, or nothing if they are none."""
    row, cell = (byte & 0x7F for byte in pair) if len(pair) == 2 else (0, 0)
    if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
        return b""
    lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
    trail = cell + 0x7E if row % 2 == 0 else cell + 0x1F + (cell >= 0x60)
    return bytes((lead, trail))


@cache
def _signs_of_big5() -> dict[int, str]:
    """Return the signs that Big5 has in its first two rows, where Python's codec for Hong Kong has others."""
    pairs = (bytes((row, cell)) for row in (0xA1, 0xA2) for cell in (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    return {ord(pair.decode("big5hkscs")): pair.decode("cp950") for pair in pairs}


codecs.register_error("as_windows", _as_windows)
