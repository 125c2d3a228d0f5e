"""Reads the records of WARC files, plain or compressed, good or broken, from any byte of the file on."""

import re
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from typing import BinaryIO

from xlnet_data.corpora.pieces.gzip_members import MAGIC, Ending, Members, Piece, Window
from xlnet_data.corpora.warc.fields import content_length
from xlnet_data.corpora.warc.records import MAX_BLOCK_BYTES, MAX_HEADER_BYTES, SEPARATOR, WarcRecord, parse_records
from xlnet_data.corpora.warc.streams import VERSION_LINE, GroupStream, PlainStream, find_candidate
from xlnet_data.errors import TruncatedError
from xlnet_data.files.opening import READ_BYTES, compression_of, open_decompressed, open_raw
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Reason

_BACK_BYTES = MAX_BLOCK_BYTES + (1 << 20)  # the search begins this far before a range: no record read reaches further
_HEAD_BYTES = 1 << 16
_OPENING = re.compile(rb"[\r\n\t ]{0,16}WARC/\d\.", re.IGNORECASE)
_USUAL_VERSIONS = (b"WARC/1.0\r\n", b"WARC/1.1\r\n")


def read_records(file_range: FileRange) -> Iterator[WarcRecord]:
    """Yield the records that begin in a range, and one with a reason for every stretch that could not be read.

    In a gzip file a record belongs to the range in which its anchor begins: the last member before it that starts with
    a record. Any writer's members will do, but only one member per record gives ranges of equal work.

    Raises:
        CorpusError: The file cannot be opened or is an ARC file.
        TruncatedError: The file ends inside a record or a gzip member; what came before has been yielded.
    """
    with closing(open_raw(file_range.path)) as raw:
        for record in _dispatch(file_range, raw):
            if record.reason is Reason.TRUNCATED:
                raise TruncatedError(
                    f"{file_range.path} ends inside the record that begins at byte {record.offset}: fetch the file "
                    'again, or set on_truncated = "keep" to keep what came before'
                )
            yield record


def is_warc_cuttable(file: InputFile, settings: object) -> bool:
    """Return whether records can be found from any byte of a file on: it is plain, or gzip by small members.

    Raises:
        CorpusError: The file cannot be opened.
    """
    with closing(open_raw(file.path)) as raw:
        if not raw.seekable():
            return False
        window = Window(raw)
        if VERSION_LINE.match(window.at(0, 32)):
            return True
        if not window.at(0, 3).startswith(MAGIC):
            return False
        first = next(Members(window, _OPENING, -1).pieces(0))
        return first.is_anchor and first.ending is Ending.SOUND


def malformed(file_range: FileRange, record: WarcRecord) -> Document:
    """Return the document that stands for a record that could not be read."""
    is_large = record.reason is Reason.TOO_LARGE
    cause = f"more than {MAX_BLOCK_BYTES:,} bytes" if is_large else "no WARC record, or none with a type"
    reason, url = record.reason or Reason.MALFORMED, record.target
    return Document(file_range.corpus, file_range.id_at(record.offset), "", reason, cause=cause, url=url)


def _dispatch(file_range: FileRange, raw: BinaryIO) -> Iterator[WarcRecord]:
    window = Window(raw)
    head = window.at(0, _HEAD_BYTES)
    if head.startswith(MAGIC):
        return _gzip_records(file_range, window)
    if file_range.is_whole_file and compression_of(head):
        return _compressed_records(file_range)
    is_plain = VERSION_LINE.match(head.lstrip()[:32]) is not None
    if not is_plain and Members(window, _OPENING, len(head)).find(0) is not None:
        return _gzip_records(file_range, window)
    return _plain_records(file_range, window)


def _gzip_records(file_range: FileRange, window: Window) -> Iterator[WarcRecord]:
    members = Members(window, _OPENING, file_range.end)
    start: int | None = 0
    if file_range.start > _BACK_BYTES:
        start = members.find(file_range.start - _BACK_BYTES)
    if start is None:
        return
    pieces = members.pieces(start)
    piece = next(pieces, None)
    while piece is not None and not (piece.offset >= file_range.end >= 0):
        is_owned = piece.offset >= file_range.start
        record = _whole_record(piece)
        following = next(pieces, None) if record else None
        if record and (following is None or following.is_anchor):  # as nearly all are
            if is_owned:
                yield record
            piece = following
        elif piece.ending is Ending.GARBAGE:  # before the first member, or after a damaged one
            if is_owned:
                yield WarcRecord(piece.offset, 0, b"", b"", Reason.MALFORMED)
            piece = next(pieces, None)
        else:
            stream = GroupStream(members, chain([following] if following else [], pieces), piece)
            if is_owned:
                yield from parse_records(stream, piece.offset, file_range.path)
            piece = stream.following()
            if is_owned and stream.garbage is not None:
                yield WarcRecord(stream.garbage, 0, b"", b"", Reason.MALFORMED)


def _whole_record(piece: Piece) -> WarcRecord | None:
    """Return the record that a member holds from its first byte to its last, None if anything is unusual about it."""
    data = piece.data
    if piece.ending is not Ending.SOUND or not (data.startswith(_USUAL_VERSIONS) and data.endswith(SEPARATOR)):
        return None
    end = data.find(SEPARATOR)
    header = data[: end + 4]
    if find_candidate(header, 5, end) >= 0 or b"\n\n" in header or end > MAX_HEADER_BYTES or not piece.is_anchor:
        return None
    if content_length(header) != len(data) - end - 8:
        return None
    return WarcRecord(piece.offset, 0, header, data[end + 4 : -4])


def _plain_records(file_range: FileRange, window: Window) -> Iterator[WarcRecord]:
    start = max(0, file_range.start - _BACK_BYTES)
    stream = PlainStream(window.blocks(start), start)
    if start and not stream.skip_to_boundary(0, file_range.end - start if file_range.end >= 0 else None):
        return
    for record in parse_records(stream, None, file_range.path):
        if record.disk_offset >= file_range.end >= 0:
            return
        if record.disk_offset >= file_range.start:
            yield record


def _compressed_records(file_range: FileRange) -> Iterator[WarcRecord]:
    with closing(open_decompressed(file_range.path)) as reader:
        blocks = iter(lambda: reader.read(READ_BYTES), b"")
        yield from parse_records(PlainStream(blocks, 0), None, file_range.path)
