"""Reads HTTP answers as crawlers store them, and decodes their bodies up to a bound."""

import io
import re
from dataclasses import dataclass

from fastwarc.stream_io import BrotliReader
from isal import isal_zlib
from zstandard import ZstdDecompressor, ZstdError

from xlnet_data.corpora.pieces.gzip_members import InflateError
from xlnet_data.corpora.warc.fields import HEADER_END, parse_fields
from xlnet_data.corpora.warc.records import MAX_BLOCK_BYTES

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]{0,4096})?\r?\n")
_CUT_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}\r?")
_FEED_BYTES = 65536
_MAX_MEMBERS = 1000
_GZIP = b"\x1f\x8b\x08"
_TEXT_BYTES = 64
_CODINGS = 4  # that are undone of one body; no server applies as many


class BodyError(Exception):
    """A body that cannot be decoded."""


class BodyTooLargeError(Exception):
    """A body that is beyond MAX_BLOCK_BYTES once decoded."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: E.g. 200.
        fields: Header fields, names in lower case; the first one with a value counts.
        body: As it was sent: its codings are not undone yet.
    """

    status: int
    fields: dict[bytes, bytes]
    body: bytes

    def content(self) -> bytes:
        """Return the body without its transfer and content codings.

        Crawlers keep a header that they have already acted upon: what does not look coded is taken as it is. A body
        that breaks off gives what came before. Fields like X-Crawler-Content-Encoding are left alone: they name what
        the crawler has undone.

        Raises:
            BodyError: It is coded and cannot be decoded.
            BodyTooLargeError: It is beyond MAX_BLOCK_BYTES once decoded.
        """
        body = self.body
        transfer = self.fields.get(b"transfer-encoding", b"").lower()
        if b"chunked" in transfer:
            body = join_chunks(body)
        codings = (self.fields.get(b"content-encoding", b"").lower() + b"," + transfer).split(b",")[-_CODINGS:]
        if b"htm" in self.fields.get(b"content-type", b"").lower():
            codings.insert(0, b"gzip")  # a page that begins like gzip is gzip, whatever its header forgets
        for coding in reversed(codings):
            body = _decode(body, coding.strip())
        return body


def parse_answer(block: bytes) -> Answer | None:
    """Return the HTTP answer in a record's block, None if it is not one."""
    block = block.lstrip(b"\r\n")
    status, end = _STATUS.match(block), HEADER_END.search(block)
    if status and end and status[1].startswith(b"1") and (final := _STATUS.match(block, end.end())):  # "100 Continue"
        block = block[final.start() :]
        status, end = final, HEADER_END.search(block)
    if not status:
        return None
    header, body = (block[: end.end()], block[end.end() :]) if end else (block, b"")
    return Answer(int(status[1]), parse_fields(header), body)


def join_chunks(body: bytes) -> bytes:
    r"""Return a chunked body's content; a body that is not chunked is returned as it is.

    >>> join_chunks(b"4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n"), join_chunks(b"<p>plain")
    (b'Wikipedia', b'<p>plain')
    """
    parts = []
    at = len(body) - len(body.lstrip(b"\r\n"))
    while chunk := _CHUNK.match(body, at):
        size = int(chunk[1], 16)
        if size == 0:
            break
        parts.append(body[chunk.end() : chunk.end() + size])
        at = chunk.end() + size
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)
    else:
        if not parts:
            return body
        if not _CUT_SIZE.fullmatch(body, at):
            parts.append(body[at:])
    return b"".join(parts)


def _decode(body: bytes, coding: bytes) -> bytes:
    if coding in (b"gzip", b"x-gzip"):
        return _inflate(body, 31) if body.startswith(_GZIP) else body
    if coding == b"deflate":
        return _undeflate(body)
    if coding == b"br":
        return _unbrotli(body)
    if coding == b"zstd":
        return _unzstd(body) if body.startswith(b"\x28\xb5\x2f\xfd") else body
    return body


def _inflate(body: bytes, wbits: int) -> bytes:
    """Return what a body inflates to; of gzip, which may have several members, what the sound ones do."""
    inflater = isal_zlib.decompressobj(wbits)
    parts: list[bytes] = []
    size = num_ended = 0
    try:
        for at in range(0, len(body), _FEED_BYTES):
            given = body[at : at + _FEED_BYTES]
            end = at + len(given)
            while given:
                if inflater.eof:
                    num_ended += 1
                    if num_ended == _MAX_MEMBERS or not body.startswith(_GZIP, end - len(given)):
                        return b"".join(parts)
                    inflater = isal_zlib.decompressobj(wbits)
                parts.append(inflater.decompress(given, MAX_BLOCK_BYTES + 1))
                size += len(parts[-1])
                if size > MAX_BLOCK_BYTES:
                    raise BodyTooLargeError
                given = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    except InflateError as error:
        if not num_ended:
            raise BodyError(str(error)) from error
    return b"".join(parts)


def _undeflate(body: bytes) -> bytes:
    """Undo "deflate", which servers take to mean zlib's format or the bare one."""
    if body[:_TEXT_BYTES].isascii():  # decoded already; no deflated text is that plain
        return body
    is_zlib = len(body) > 1 and body[0] & 15 == 8 and (body[0] * 256 + body[1]) % 31 == 0
    try:
        return _inflate(body, 15 if is_zlib else -15)
    except BodyError:
        if is_zlib:
            raise
        return body


def _unbrotli(body: bytes) -> bytes:
    parts: list[bytes] = []
    reader = BrotliReader(io.BytesIO(body))
    size = 0
    try:
        while part := reader.read(_FEED_BYTES):
            parts.append(part)
            size += len(part)
            if size > MAX_BLOCK_BYTES:
                raise BodyTooLargeError
    except (OSError, ValueError):
        if not parts:  # Brotli has no mark of its own: a body that was decoded already is no Brotli
            return body
    return b"".join(parts)


def _unzstd(body: bytes) -> bytes:
    try:
        content: bytes = ZstdDecompressor().stream_reader(body, read_across_frames=True).read(MAX_BLOCK_BYTES + 1)
    except ZstdError as error:
        raise BodyError(str(error)) from error
    if len(content) > MAX_BLOCK_BYTES:
        raise BodyTooLargeError
    return content
