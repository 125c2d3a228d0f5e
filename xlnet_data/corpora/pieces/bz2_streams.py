"""Reads the decompressed bytes of a range of a file; of a multistream bz2 file, the streams that begin in the range."""

import bz2
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files.opening import READ_BYTES, compression_of, open_raw, read_blocks
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Reason

_STREAM = re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)")  # a header, then a block's magic or the end's
_MAGIC_BYTES = 10
_COMPRESSED_BYTES = 64 * 1024
_MAX_RATIO = 1000  # text never reaches 100; beyond is a bomb
_BOMB_BYTES = 8 * 1024 * 1024  # what a stream may yield before its ratio counts
_PROBE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Block:
    """Some bytes of a file's content.

    Attributes:
        data: The bytes; none if something is wrong here.
        stream: Byte on disk where their bz2 stream begins; -1 if the file is not bz2.
        offset: Of the first byte, in the stream's content, or in the file's if it is not bz2.
        is_beyond: True: they begin at or after the range's end, and are read only to finish what began before it.
        reason: What is wrong if the stream is damaged here; the next block's bytes do not follow on this one's.
    """

    data: bytes
    stream: int
    offset: int
    is_beyond: bool
    reason: Reason | None = None


def read_range_blocks(file_range: FileRange) -> Iterator[Block]:
    """Yield the blocks of a range of a file, then those beyond it, until the file ends or the caller has enough.

    Plain files are read from the range's first byte, bz2 files from the first stream that begins in the range. Other
    compressed files, and bz2 from servers that cannot seek, are read as one range. A damaged bz2 stream is left at the
    fault, and reading goes on with the next one.

    Raises:
        CorpusError: The file cannot be read.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    with open_raw(file_range.path) as raw:
        found = compression_of(raw.read(8))
        if found == ".bz2" and raw.seekable():
            yield from _read_streams(file_range, raw)
            return
    if found is not None and file_range.start > 0:
        raise CorpusError(f"{file_range} cannot be read from its middle: it is compressed ({found})")
    offset = file_range.start
    for data in read_blocks(file_range.path, file_range.start):
        own = len(data) if file_range.end < 0 else min(max(file_range.end - offset, 0), len(data))
        if own:
            yield Block(data[:own], -1, offset, False)
        if own < len(data):
            yield Block(data[own:], -1, offset + own, True)
        offset += len(data)


def is_multistream(path: str) -> bool:
    """Return whether a file's ranges can be read apart: it is plain, or bz2 with a second stream near its beginning.

    Raises:
        CorpusError: The file cannot be opened.
    """
    with open_raw(path) as raw:
        head = raw.read(8)
        found = compression_of(head)
        if found != ".bz2":
            return found is None
        return raw.seekable() and _STREAM.search(head + raw.read(_PROBE_BYTES), 1) is not None


def _read_streams(file_range: FileRange, raw: BinaryIO) -> Iterator[Block]:
    start = _find_stream(raw, file_range.start, file_range)
    if file_range.start == 0 != start:
        yield Block(b"", 0, 0, False, Reason.MALFORMED)
        if start < 0:
            raise _truncated(file_range, "is damaged from here on:", 0)
    first, num_bytes = start, 0
    while start >= 0:
        is_beyond = 0 <= file_range.end <= start
        if num_bytes > 16 * _BOMB_BYTES and num_bytes > _MAX_RATIO * (start - first):  # a bomb in many small streams
            yield Block(b"", start, 0, is_beyond, Reason.TOO_LARGE)
            return
        end = -1
        for block, end in _decompress(file_range, raw, start, is_beyond):  # noqa: B007 # the last one is used below
            num_bytes += len(block.data)
            yield block
        after = _find_stream(raw, end if end >= 0 else start + 1, file_range)
        if end >= 0 and after != end and _is_garbage(raw, end, file_range):
            yield Block(b"", end, 0, is_beyond, Reason.MALFORMED)
        if end < 0 and after < 0:
            raise _truncated(file_range, "is damaged from here on:", start)
        start = after


def _decompress(file_range: FileRange, raw: BinaryIO, start: int, is_beyond: bool) -> Iterator[tuple[Block, int]]:
    """Yield the blocks of one stream, each with the byte on disk after the stream: -1 unless its end is reached."""
    raw.seek(start)
    decompressor = bz2.BZ2Decompressor()
    offset, num_read = 0, 0
    while not decompressor.eof:
        compressed = _read(raw, file_range, _COMPRESSED_BYTES) if decompressor.needs_input else b""
        num_read += len(compressed)
        if decompressor.needs_input and not compressed:
            raise _truncated(file_range, "ends in the middle of", start)
        try:
            data = decompressor.decompress(compressed, READ_BYTES)
        except (OSError, EOFError, ValueError):
            yield Block(b"", start, offset, is_beyond, Reason.MALFORMED), -1
            return
        if offset > _BOMB_BYTES and offset > _MAX_RATIO * num_read:
            yield Block(b"", start, offset, is_beyond, Reason.TOO_LARGE), -1
            return
        end = start + num_read - len(decompressor.unused_data) if decompressor.eof else -1
        yield Block(data, start, offset, is_beyond), end
        offset += len(data)


def _find_stream(raw: BinaryIO, start: int, file_range: FileRange) -> int:
    """Return where the first bz2 stream at or after a byte begins, -1 if none does."""
    raw.seek(start)
    tail, num_bytes = b"", _MAGIC_BYTES  # nearly always it is right there
    while data := _read(raw, file_range, num_bytes):
        if found := _STREAM.search(tail + data):
            return start - len(tail) + found.start()
        start += len(data)
        tail, num_bytes = (tail + data)[1 - _MAGIC_BYTES :], READ_BYTES
    return -1


def _is_garbage(raw: BinaryIO, start: int, file_range: FileRange) -> bool:
    """Return whether what follows a stream, though not a stream, is more than padding.

    Raises:
        TruncatedError: The file ends in the first bytes of a stream.
    """
    raw.seek(start)
    head = _read(raw, file_range, _MAGIC_BYTES)
    if head and len(head) < _MAGIC_BYTES and b"BZh".startswith(head[:3]):
        raise _truncated(file_range, "ends in the middle of", start)
    return bool(head.strip(b"\0"))


def _truncated(file_range: FileRange, what: str, start: int) -> TruncatedError:
    return TruncatedError(
        f"{file_range.path}: {what} the bz2 stream that begins at byte {start}: get a whole copy, or set "
        'on_truncated = "keep" to keep what came before'
    )


def _read(raw: BinaryIO, file_range: FileRange, num_bytes: int) -> bytes:
    try:
        return raw.read(num_bytes)
    except OSError as error:
        raise CorpusError(f"cannot read {file_range.path}: {error.strerror or error}") from error
