"""Records out of WARC files, plain or compressed, good or broken, from any byte of the file on."""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from typing import BinaryIO, NamedTuple

from xlnet_data.corpora.gzip_members import MAGIC, Ending, Members, Piece, Window
from xlnet_data.corpora.warc_streams import VERSION, GroupStream, PlainStream, Stream, find_candidate
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.inputs import InputFile, Split, compression_of, open_decompressed, open_raw
from xlnet_data.schemas.document import Document, Reason

RECORD_BYTES = 8 << 20
"""The largest record that is read; crawlers cut pages off before. Bounds what one record can take in memory."""

_BACK_BYTES = RECORD_BYTES + (1 << 20)  # how far before a split the search begins: no readable record reaches further
_HEADER_BYTES = 1 << 16
_HEAD_BYTES = 1 << 16
_READ_BYTES = 1 << 20
_OPENING = re.compile(rb"[\r\n\t ]{0,16}WARC/\d\.", re.IGNORECASE)
_ARC_OPENING = b"filedesc://"
_SEPARATOR = b"\r\n\r\n"
_HEADER_END = re.compile(rb"\n\r?\n")
_USUAL_VERSIONS = (b"WARC/1.0\r\n", b"WARC/1.1\r\n")


class Record(NamedTuple):
    """One record of a WARC file, or what is left of it.

    Attributes:
        offset: Byte on disk at which it begins; in a gzip file, at which the member begins that starts its records.
        inner: Bytes after `offset` at which it begins, once inflated; 0 in a file that is not compressed.
        headers: Its fields, names in lower case; the first that has a value counts.
        block: What follows the header, without the blank lines at its end.
        reason: MALFORMED, TOO_LARGE or TRUNCATED if it could not be read, else None; the block is empty then.
    """

    offset: int
    inner: int
    headers: dict[bytes, bytes]
    block: bytes
    reason: Reason | None = None

    @property
    def kind(self) -> str:
        """WARC-Type in lower case, empty if there is none."""
        return self.headers.get(b"warc-type", b"").decode("latin-1").lower()

    @property
    def place(self) -> str:
        """Where the record lies in its file, as the ids of documents that have no other name it."""
        return f"{self.offset}+{self.inner}" if self.inner else str(self.offset)

    def text(self, name: bytes) -> str:
        """Return a field's value, empty if it is missing."""
        return self.headers.get(name, b"").decode("utf-8", "replace")

    def uri(self, name: bytes) -> str:
        """Return a field's value without the angle brackets that some writers put around URIs."""
        return self.text(name).removeprefix("<").removesuffix(">").strip()


def read_records(split: Split) -> Iterator[Record]:
    """Yield the records that begin in a split, and one with a reason for every stretch that could not be read.

    In a gzip file the records belong to the split in which the member lies that starts with them (or with records
    before them); any writer's members will do, but only one member per record gives splits of equal size.

    Raises:
        CorpusError: The file cannot be opened or is an ARC file.
        TruncatedError: The file ends inside a record or a gzip member; what came before has been yielded.
    """
    with closing(open_raw(split.path)) as raw:
        for record in _dispatch(split, raw):
            if record.reason is Reason.TRUNCATED:
                raise TruncatedError(
                    f"{split.path} ends inside the record that begins at byte {record.place}: fetch the file again, "
                    'or set on_truncated = "keep" to keep what came before'
                )
            yield record


def is_warc_splittable(file: InputFile) -> bool:
    """Return whether records can be found from any byte of a file on: it is plain, or gzip by small members.

    Raises:
        CorpusError: The file cannot be opened.
    """
    with closing(open_raw(file.path)) as raw:
        if not raw.seekable():
            return False
        window = Window(raw)
        if VERSION.match(window.at(0, 32)):
            return True
        if not window.at(0, 3).startswith(MAGIC):
            return False
        first = next(Members(window, _OPENING, -1).pieces(0))
        return first.is_anchor and first.ending is Ending.SOUND


def malformed(split: Split, record: Record) -> Document:
    """Return the document that stands for a record that could not be read."""
    return Document(split.corpus, f"{split.file_id}@{record.place}", "", record.reason or Reason.MALFORMED)


def _dispatch(split: Split, raw: BinaryIO) -> Iterator[Record]:
    window = Window(raw)
    head = window.at(0, _HEAD_BYTES)
    if head.startswith(MAGIC):
        return _gzip_records(split, window)
    if split.is_whole_file and compression_of(head):
        return _compressed_records(split)
    is_plain = VERSION.match(head.lstrip()[:32]) is not None
    if not is_plain and Members(window, _OPENING, len(head)).find(0) is not None:
        return _gzip_records(split, window)
    return _plain_records(split, window)


def _gzip_records(split: Split, window: Window) -> Iterator[Record]:
    members = Members(window, _OPENING, split.end)
    start: int | None = 0
    if split.start > _BACK_BYTES:
        start = members.find(split.start - _BACK_BYTES)
    if start is None:
        return
    pieces = members.pieces(start)
    piece = next(pieces, None)
    while piece is not None and not (piece.offset >= split.end >= 0):
        is_owned = piece.offset >= split.start
        record = _whole_record(piece)
        following = next(pieces, None) if record else None
        if record and (following is None or following.is_anchor):  # as nearly all are
            if is_owned:
                yield record
            piece = following
        elif piece.ending is Ending.GARBAGE:  # before the first member, or after a damaged one
            if is_owned:
                yield Record(piece.offset, 0, {}, b"", Reason.MALFORMED)
            piece = next(pieces, None)
        else:
            stream = GroupStream(members, chain([following] if following else [], pieces), piece)
            if is_owned:
                yield from parse_records(stream, piece.offset, split.path)
            piece = stream.following()
            if is_owned and stream.garbage is not None:
                yield Record(stream.garbage, 0, {}, b"", Reason.MALFORMED)


def _whole_record(piece: Piece) -> Record | None:
    """Return the record that a member holds from its first byte to its last, None if anything is unusual about it."""
    data = piece.data
    if piece.ending is not Ending.SOUND or not (data.startswith(_USUAL_VERSIONS) and data.endswith(_SEPARATOR)):
        return None
    end = data.find(_SEPARATOR)
    header = data[:end]
    if find_candidate(header, 5, end) >= 0 or b"\n\n" in header:
        return None
    headers = parse_fields(header)
    if _content_length(headers) != len(data) - end - 8 or end > _HEADER_BYTES or not piece.is_anchor:
        return None
    return Record(piece.offset, 0, headers, data[end + 4 : -4])


def _plain_records(split: Split, window: Window) -> Iterator[Record]:
    start = max(0, split.start - _BACK_BYTES)
    stream = PlainStream(window.blocks(start), start)
    if start and not stream.skip_to_boundary(0, split.end - start if split.end >= 0 else None):
        return
    for record in parse_records(stream, None, split.path):
        if record.offset >= split.end >= 0:
            return
        if record.offset >= split.start:
            yield record


def _compressed_records(split: Split) -> Iterator[Record]:
    with closing(open_decompressed(split.path)) as reader:
        blocks = iter(lambda: reader.read(_READ_BYTES), b"")
        yield from parse_records(PlainStream(blocks, 0), None, split.path)


def parse_records(stream: Stream, member: int | None, path: str) -> Iterator[Record]:
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
            headers, block, reason = _read_record(stream)
        elif begin == 0 and stream.data.startswith(_ARC_OPENING):
            raise CorpusError(f"{path} is an ARC file, the format before WARC: convert it to WARC first")
        else:
            headers, block, reason = {}, b"", _pass_garbage(stream)
        yield (
            Record(begin, 0, headers, block, reason)
            if member is None
            else Record(member, begin, headers, block, reason)
        )
    end = (stream.position, 0) if member is None else (member, stream.position)
    if stream.ending is Ending.DAMAGED and reason is None:
        yield Record(*end, {}, b"", Reason.MALFORMED)
    if stream.ending is Ending.TRUNCATED and reason is not Reason.TRUNCATED:
        yield Record(*end, {}, b"", Reason.TRUNCATED)


def _pass_garbage(stream: Stream) -> Reason:
    """Leave the stream where the next record begins, and return what became of the bytes before it."""
    is_version_cut = stream.ending is Ending.OPEN and b"WARC/1.0\r\n".startswith(stream.data[stream.pos :])
    is_found = stream.skip_to_boundary(1)
    is_cut = is_version_cut or stream.ending is Ending.TRUNCATED
    return Reason.TRUNCATED if is_cut and not is_found else Reason.MALFORMED


def _read_record(stream: Stream) -> tuple[dict[bytes, bytes], bytes, Reason | None]:
    """Read the record at whose version line the stream stands, and leave the stream behind it."""
    size = _header_size(stream)
    if size is None:
        found = stream.skip_to_boundary(5)
        is_cut = not found and stream.ending in (Ending.TRUNCATED, Ending.OPEN)
        return {}, b"", Reason.TRUNCATED if is_cut else Reason.MALFORMED
    header = stream.data[stream.pos : stream.pos + size]
    if nested := VERSION.search(header, 5):
        stream.pos += nested.start()
        return {}, b"", Reason.MALFORMED
    headers = parse_fields(header)
    length = _content_length(headers)
    if (
        length is not None
        and length <= RECORD_BYTES
        and stream.has(size + length)
        and _is_followed(stream, size + length)
    ):
        begin = stream.pos + size
        stream.pos = begin + length
        return headers, stream.data[begin : stream.pos], None
    return headers, *_mend(stream, size, length, headers)


def _header_size(stream: Stream) -> int | None:
    """Return the length of the header up to its blank line, None if it has none within bounds."""
    searched = 0
    while True:
        end = _HEADER_END.search(stream.data, stream.pos + searched, stream.pos + _HEADER_BYTES)
        if end:
            return end.end() - stream.pos
        have = len(stream.data) - stream.pos
        if have >= _HEADER_BYTES or not stream.has(have + 1):
            return None
        searched = max(0, have - 2)


def parse_fields(header: bytes) -> dict[bytes, bytes]:
    r"""Return the fields of a WARC or HTTP header after its first line; the first one with a value counts.

    >>> parse_fields(b"WARC/1.0\r\nWARC-Type:\r\n response\r\ncontent-length: 5\r\n\r\n")
    {b'warc-type': b'response', b'content-length': b'5'}
    """
    lines = header.strip().split(b"\n")
    fields = {}
    for line in lines:
        name, _, value = line.partition(b":")
        fields[name.lower()] = value.strip()
    if len(fields) < len(lines) or b"\n " in header or b"\n\t" in header or b" :" in header:
        return _parse_unusual_fields(lines[1:])
    del fields[lines[0].partition(b":")[0].lower()]
    return fields


def _parse_unusual_fields(lines: list[bytes]) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    name = b""
    for line in lines:
        value = line.strip()
        if line[:1] not in (b" ", b"\t"):
            name, colon, value = line.partition(b":")
            name = name.strip().lower()
            value = value.strip()
            if not colon or fields.get(name):
                name = b""
        if name:  # a line that begins with white space goes on with the value before
            fields[name] = (fields.get(name, b"") + b" " + value).strip()
    return fields


def _content_length(headers: dict[bytes, bytes]) -> int | None:
    value = headers.get(b"content-length", b"")
    return int(value) if value.isdigit() and len(value) <= 18 else None


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
    return VERSION.match(stream.data, end) is not None


def _mend(stream: Stream, size: int, length: int | None, headers: dict[bytes, bytes]) -> tuple[bytes, Reason | None]:
    """Read the block that begins at pos + size and is not as long as its header says, and leave the stream behind it.

    Believed in this order: a record that begins inside the block; the block's or payload's digest; the blank lines
    that end a block; otherwise the block goes on to the next record, as where lengths were counted in characters.
    """
    next_record = stream.find_boundary(size, size + RECORD_BYTES + _HEADER_BYTES)
    rest = stream.data[stream.pos + size : None if next_record is None else stream.pos + next_record]
    if length is not None and length < len(rest) and length <= RECORD_BYTES:
        is_damaged = stream.ending is Ending.DAMAGED and not rest[length:].strip()
        if _has_right_digest(rest[:length], headers) or (rest.startswith(_SEPARATOR, length) and not is_damaged):
            stream.pos += size + length
            return rest[:length], None
    if (next_record is None and not stream.is_ended) or len(rest) > RECORD_BYTES:
        stream.skip_to_boundary(size, size + length if length is not None and length > RECORD_BYTES else None)
        return b"", Reason.TOO_LARGE
    if next_record is None:
        is_short = length is None or len(rest) < length
        stream.pos = len(stream.data)
        if stream.ending is Ending.DAMAGED:
            return b"", Reason.MALFORMED
        if stream.ending is Ending.TRUNCATED or (stream.ending is Ending.OPEN and is_short and length is not None):
            return b"", Reason.TRUNCATED
    else:
        stream.pos += next_record
    return _without_separator(rest), None


def _without_separator(block: bytes) -> bytes:
    return block.removesuffix(_SEPARATOR) if block.endswith(_SEPARATOR) else block.removesuffix(b"\n\n")


def _has_right_digest(block: bytes, headers: dict[bytes, bytes]) -> bool:
    """Return whether a digest in the record's header is that of the block, or of the HTTP payload in it."""
    end = _HEADER_END.search(block)
    payload = block[end.end() :] if end else b""
    for name, content in ((b"warc-block-digest", block), (b"warc-payload-digest", payload)):
        algorithm, _, digest = headers.get(name, b"").partition(b":")
        if digest and algorithm.lower() in (b"sha1", b"sha256", b"md5"):
            found = hashlib.new(algorithm.decode().lower(), content, usedforsecurity=False)
            if digest.lower() in (found.hexdigest().encode(), base64.b32encode(found.digest()).lower().rstrip(b"=")):
                return True
    return False
