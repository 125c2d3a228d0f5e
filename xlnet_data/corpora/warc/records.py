"""Reads records out of a stream of WARC bytes, and goes on behind broken ones."""

from collections.abc import Iterator
from typing import NamedTuple

from xlnet_data.corpora.pieces.gzip_members import Ending
from xlnet_data.corpora.warc.fields import HEADER_END, content_length, find_header_field, has_right_digest
from xlnet_data.corpora.warc.streams import VERSION_LINE, Stream
from xlnet_data.errors import CorpusError
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Reason

MAX_BLOCK_BYTES = 8 << 20
"""The largest record that is read; crawlers cut pages off before. Bounds what one record can take in memory."""

MAX_HEADER_BYTES = 1 << 16
SEPARATOR = b"\r\n\r\n"
DOCUMENT_KINDS = (b"response", b"conversion")
_ARC_OPENING = b"filedesc://"


class WarcRecord(NamedTuple):
    """One record of a WARC file, or what is left of it.

    Attributes:
        disk_offset: Byte on disk at which it begins; in a gzip file, at which the anchor member before it begins.
        inner_offset: Byte of what that member and those after it inflate to; 0 in a file that is not compressed.
        header: What comes before the block, with the version line and the blank line.
        block: What follows the header, without the blank lines at its end.
        reason: MALFORMED, TOO_LARGE or TRUNCATED if it could not be read, else None; the block is empty then.
    """

    disk_offset: int
    inner_offset: int
    header: bytes
    block: bytes
    reason: Reason | None = None

    @property
    def kind(self) -> str:
        """WARC-Type in lower case, empty if there is none."""
        return find_header_field(self.header, b"WARC-Type").decode("latin-1").lower()

    @property
    def offset(self) -> str:
        """Where the record begins in its file, as document ids say it: ``DISK`` or ``DISK+INNER``."""
        return f"{self.disk_offset}+{self.inner_offset}" if self.inner_offset else str(self.disk_offset)

    def text(self, name: bytes) -> str:
        """Return a field's value, empty if it is missing."""
        return find_header_field(self.header, name).decode("utf-8", "replace")

    def uri(self, name: bytes) -> str:
        """Return a field's value without the angle brackets that some writers put around URIs."""
        return self.text(name).removeprefix("<").removesuffix(">").strip()

    @property
    def target(self) -> str:
        """The URL of the page that the record is about, empty if it names none."""
        return self.uri(b"WARC-Target-URI")

    def doc_id(self, file_range: FileRange) -> str:
        """Return the record's WARC-Record-ID, or where it begins if it has none."""
        return self.uri(b"WARC-Record-ID") or file_range.id_at(self.offset)


def parse_records(stream: Stream, member: int | None, path: str) -> Iterator[WarcRecord]:
    """Yield the records of a stream.

    Args:
        stream: Where the records are looked for.
        member: Byte on disk at which the gzip member begins that the stream is made of; None: it is the file itself.
        path: Of the file, for messages.

    Raises:
        CorpusError: It is an ARC file.
    """
    reason: Reason | None = None
    while stream.skip_blank():
        begin = stream.position
        if stream.is_at_version():
            header, block, reason = _read_record(stream)
        elif begin == 0 and stream.data.startswith(_ARC_OPENING):
            raise CorpusError(f"{path} is an ARC file, the format before WARC: convert it to WARC first")
        else:
            header, block, reason = b"", b"", _pass_garbage(stream)
        offsets = (begin, 0) if member is None else (member, begin)
        yield WarcRecord(*offsets, header, block, reason)
    offsets = (stream.position, 0) if member is None else (member, stream.position)
    if stream.ending is Ending.DAMAGED and reason is None:
        yield WarcRecord(*offsets, b"", b"", Reason.MALFORMED)
    if stream.ending is Ending.TRUNCATED and reason is not Reason.TRUNCATED:
        yield WarcRecord(*offsets, b"", b"", Reason.TRUNCATED)


def _pass_garbage(stream: Stream) -> Reason:
    """Leave the stream where the next record begins, and return what became of the bytes before it."""
    is_version_cut = stream.ending is Ending.OPEN and b"WARC/1.0\r\n".startswith(stream.data[stream.pos :])
    is_found = stream.skip_to_boundary(1)
    is_cut = is_version_cut or stream.ending is Ending.TRUNCATED
    return Reason.TRUNCATED if is_cut and not is_found else Reason.MALFORMED


def _read_record(stream: Stream) -> tuple[bytes, bytes, Reason | None]:
    """Read the record at whose version line the stream stands, and leave the stream behind it."""
    size = _header_size(stream)
    if size is None:
        found = stream.skip_to_boundary(5)
        is_cut = not found and stream.ending in (Ending.TRUNCATED, Ending.OPEN)
        return b"", b"", Reason.TRUNCATED if is_cut else Reason.MALFORMED
    header = stream.data[stream.pos : stream.pos + size]
    if nested := VERSION_LINE.search(header, 5):
        stream.pos += nested.start()
        return b"", b"", Reason.MALFORMED
    length = content_length(header)
    if length is not None and length <= MAX_BLOCK_BYTES and stream.has(size + length):
        end = size + length
        if _is_followed(stream, end):
            block = stream.data[stream.pos + size : stream.pos + end]
            stream.pos += end
            return header, block, None
    return header, *_mend(stream, size, length, header)


def _header_size(stream: Stream) -> int | None:
    """Return the length of the header up to its blank line, None if it has none within bounds."""
    searched = 0
    while True:
        end = HEADER_END.search(stream.data, stream.pos + searched, stream.pos + MAX_HEADER_BYTES)
        if end:
            return end.end() - stream.pos
        have = len(stream.data) - stream.pos
        if have >= MAX_HEADER_BYTES or not stream.has(have + 1):
            return None
        searched = max(0, have - 3)


def _is_followed(stream: Stream, at: int) -> bool:
    """Return whether what the format wants comes after pos + at: blank lines, then a record or a sound end."""
    while True:
        has_more = stream.has(at + 64)
        end = stream.blank_end(at)
        if not has_more or end < stream.pos + at + 32:
            break
        at = end - stream.pos
    if end == len(stream.data):
        return stream.ending is not Ending.DAMAGED
    return VERSION_LINE.match(stream.data, end) is not None


def _mend(stream: Stream, size: int, length: int | None, header: bytes) -> tuple[bytes, Reason | None]:
    """Read the block that begins at pos + size and is not as long as its header says, and leave the stream behind it.

    Up to the next record, or the end, everything is the block's. Only if that is more than the header says, and neither
    by so little nor by so much as if characters had been counted, the header is right and the surplus is not.
    """
    next_record = stream.find_boundary(size, size + MAX_BLOCK_BYTES + MAX_HEADER_BYTES)
    rest = stream.data[stream.pos + size : None if next_record is None else stream.pos + next_record]
    block = rest.removesuffix(SEPARATOR) if rest.endswith(SEPARATOR) else rest.removesuffix(b"\n\n")
    is_near = length is not None and _is_near(block, length)
    if length is not None and length < len(rest) and length <= MAX_BLOCK_BYTES:
        is_damaged = stream.ending is Ending.DAMAGED and not rest[length:].strip()
        is_ended = has_right_digest(rest[:length], header) or rest.startswith(SEPARATOR, length) or not is_near
        if is_ended and not is_damaged:
            stream.pos += size + length
            return rest[:length], None
    if (next_record is None and not stream.is_ended) or len(rest) > MAX_BLOCK_BYTES:
        stream.skip_to_boundary(size, size + length if length is not None and length > MAX_BLOCK_BYTES else None)
        return b"", Reason.TOO_LARGE
    stream.pos = len(stream.data) if next_record is None else stream.pos + next_record
    if next_record is None and stream.ending is Ending.DAMAGED:
        return b"", Reason.MALFORMED
    is_cut = stream.ending is Ending.TRUNCATED or (stream.ending is Ending.OPEN and (length or 0) > len(rest))
    if next_record is None and is_cut:
        return b"", Reason.TRUNCATED
    if not is_near and find_header_field(header, b"WARC-Type").lower() not in DOCUMENT_KINDS:
        return b"", Reason.MALFORMED  # nobody will look at it, and it may have swallowed a document
    return block, None


def _is_near(block: bytes, length: int) -> bool:
    """Return whether a block's length in bytes or characters is about what its header says."""
    lengths = (len(block), len(block.decode("utf-8", "ignore")))
    return min(abs(found - length) for found in lengths) <= 16 + length // 50
