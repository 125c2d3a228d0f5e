"""Finds the codec that a page means by the name of a charset."""

import codecs
import re

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
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-big5": "big5hkscs",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-cyrillic": "mac-cyrillic",
    "ks_c_5601-1987": "cp949",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
}


def codec_of(name: str) -> str | None:
    """Return the codec that a page means by a charset's name, None for a name that is unknown.

    >>> codec_of("ISO-8859-1"), codec_of("gb2312"), codec_of("utf8"), codec_of("zlib"), codec_of("")
    ('cp1252', 'gb18030', 'utf-8', None, None)
    """
    name = name.strip().lower()
    try:
        codec = codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError):
        return None
    codec = _MEANT.get(codec, codec)
    return codec if _CODEC.match(codec) and codec != "utf-7" else None
