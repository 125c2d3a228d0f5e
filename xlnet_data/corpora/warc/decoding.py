"""Finds out in which charset a web page is written, and decodes it."""

import codecs
import re

from xlnet_data.corpora.encodings import find_encoding
from xlnet_data.corpora.warc.charsets import codec_of, decode_charset, is_unread

_BEGINNINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_META_BYTES = 4096
_META_CHARSET = re.compile(
    rb"""<meta[^>]{1,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w:.-]{2,40})|<\?xml[^>]{1,200}?encoding\s?=\s?["']([\w:.-]{2,40})""",
    re.IGNORECASE,
)
_CODE = re.compile(rb"</?(?:script|style)\b", re.IGNORECASE)
_MARKUP = re.compile(rb"<[^<>]*+>|\s++")
_JAPANESE = (b"\x1b$B", b"\x1b$@")  # how ISO-2022-JP, which is ASCII otherwise, begins what is none
_SERVERS_OWN = "cp1252"  # what servers say of every page unless they are told otherwise
_NEVER_ON_PAGES = ("mac-roman", "mac-latin2", "mac-turkish", "cp437", "cp737", "cp775", "cp850", "cp852", "cp857")
_REPLACED = "\ufffd".encode()  # what a page holds whose own characters were lost before; it is UTF-8
_UNKNOWN = re.compile("[\ufffd\x80-\x9f]")
_SAMPLE_BYTES = 4096  # of a page's text; looking at all of it would take longer than the page's extraction
_ASCII = bytes(range(128))
_OTHER_LATIN = ("cp1250", "iso8859-2", "cp1254", "cp1257")
_MIN_UNREAD_FRAC = 0.1
_MIN_FOREIGN_BYTES, _MIN_FOREIGN_FRAC = 16, 0.3  # above ASCII; no text in Latin letters has as many


class CharsetError(Exception):
    """A page is written in a charset that nothing here reads."""


def find_beginning(body: bytes) -> str | None:
    """Return the codec that a page's first bytes show: a byte order mark, or "<" in two bytes."""
    return next((codec for beginning, codec in _BEGINNINGS if body.startswith(beginning)), None)


def decode_page(body: bytes, charset: str) -> str:
    """Return a page's characters.

    What its first bytes show wins, then UTF-8 if all the bytes are, whatever the page says; then the charset of the
    HTTP header, the page's own, and what the bytes look like. A name is not believed if more than one character in a
    thousand is none in it. Nor is the charset of Western languages, if a third of the text is above ASCII, or if
    another one makes a language of it. A header's "ISO-8859-1" is what servers say of any page: the page's own counts
    more.

    Args:
        body: The page.
        charset: What the HTTP header says; may be empty.

    Raises:
        CharsetError: It names a charset that nothing here reads, and has letters of it.
    """
    if codec := find_beginning(body):
        return body.decode(codec, "replace").removeprefix("\ufeff")
    named = _named_codecs(body, charset)
    if not any(codec.startswith(("utf-16", "utf-7", "iso2022", "hz")) for codec in named):
        text = body.decode("utf-8", "replace")
        # bytes that belong together, against others; the end may be within a character
        num_more = len(body) - len(text)
        num_wrong = (text.count("\ufffd") - body.count(_REPLACED)) if "\ufffd" in text else 0
        if num_more >= 20 * (num_wrong - (num_more > 0 and text.endswith("\ufffd"))):
            return text
    for codec in named:
        if codec == _SERVERS_OWN and (_is_foreign(visible := _visible(body)) or _is_of_other_letters(visible)):
            continue
        text = decode_charset(body, codec)
        if len(_UNKNOWN.findall(text)) * 1000 <= len(text):
            return text
    visible = _visible(body)
    for name in filter(is_unread, (charset, _own_charset(body))):
        if not named and _num_above_ascii(visible) >= _MIN_UNREAD_FRAC * len(visible):
            raise CharsetError(name)
    codec, is_sure = find_encoding(visible)
    return decode_charset(body, codec if is_sure and not codec.startswith(_NEVER_ON_PAGES) else _SERVERS_OWN)


def _named_codecs(body: bytes, charset: str) -> list[str]:
    """Return the codecs that a page may be written in by what is said of it, the likeliest one first."""
    in_page, in_header = codec_of(_own_charset(body)), codec_of(charset)
    names = [in_page, in_header] if in_header == _SERVERS_OWN else [in_header, in_page]
    if body.isascii() and any(mark in body for mark in _JAPANESE):
        names = ["iso2022_jp", *names]
    is_wide = b"\0" in body[:_META_BYTES]
    return [name for name in names if name and (is_wide or not name.startswith("utf-16"))]


def _own_charset(body: bytes) -> str:
    """Return the name of the charset that a page says it is written in, "" if it says nothing."""
    meta = _META_CHARSET.search(body, 0, _META_BYTES)
    return (meta[1] or meta[2]).decode("ascii", "replace") if meta else ""


def _visible(body: bytes) -> bytes:
    """Return a page without its markup, scripts, styles and white space runs."""
    return _MARKUP.sub(b" ", b" ".join(_CODE.split(body)[::2]))


def _num_above_ascii(text: bytes) -> int:
    return len(text.translate(None, _ASCII))


def _is_foreign(text: bytes) -> bool:
    """Return whether so much of a text is above ASCII that its letters are not Latin."""
    return _num_above_ascii(text) >= max(_MIN_FOREIGN_BYTES, _MIN_FOREIGN_FRAC * len(text))


def _is_of_other_letters(text: bytes) -> bool:
    """Return whether a text said to be in Western letters is for certain in others, such as Polish or Turkish ones."""
    sample = text[:_SAMPLE_BYTES]
    if _num_above_ascii(sample) < _MIN_FOREIGN_BYTES:
        return False
    codec, is_sure = find_encoding(sample)
    return is_sure and codec.startswith(_OTHER_LATIN)
