"""Reads the lines, parts and passages that begin in a range of a file, each with its byte offset.

The bytes decide where a piece begins and ends, never the end of a range: a file gives the same pieces in ranges of any
size, and compressed. Offsets count bytes of the content, after decompression.
"""

import itertools
from collections.abc import Iterator

from xlnet_data.errors import TruncatedError
from xlnet_data.files import ranges
from xlnet_data.files.opening import is_compressed, read_blocks
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Reason

PART_BYTES = 8 * 1024 * 1024
"""Bytes after which a text without document borders is cut: above the largest books, below what strains memory."""

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""Bytes above which a record is TOO_LARGE: about four lanes' tokens, and what a worker can hold several times over."""


TOO_LARGE_CAUSE = f"more than {MAX_RECORD_BYTES:,} bytes"


def is_cuttable_by_lines(file: InputFile, settings: object) -> bool:
    """Return whether a file is large and not compressed, so that its lines can be found from any byte on."""
    return file.size > ranges.RANGE_BYTES and not is_compressed(file.path)


def read_lines(file_range: FileRange) -> Iterator[tuple[int, bytes | Reason]]:
    """Yield the lines that begin in a range of a file, with the offset of their first byte and without their line end.

    TOO_LARGE is yielded instead of a line above MAX_RECORD_BYTES. A line in whose middle a file ends is left out.

    Raises:
        CorpusError: The file cannot be read.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    lines = _read_lines_from(file_range.path, max(file_range.start - 1, 0), file_range.end)
    if file_range.start:
        next(lines, None)  # the end of a line that began in the range before
    return itertools.takewhile(lambda line: not 0 <= file_range.end <= line[0], lines)


def _read_lines_from(path: str, offset: int, end: int) -> Iterator[tuple[int, bytes | Reason]]:
    """Yield the lines from a byte on; stop before the end of the file only in a line too large that runs over end."""
    pieces: list[bytes] = []  # of the line that begins at offset
    num_bytes = 0
    for block in read_blocks(path, offset):
        *ended, rest = block.split(b"\n")
        for piece in ended:
            line = b"".join((*pieces, piece)) if pieces else piece
            if num_bytes <= MAX_RECORD_BYTES:
                yield offset, line if num_bytes + len(piece) <= MAX_RECORD_BYTES else Reason.TOO_LARGE
            offset += num_bytes + len(piece) + 1
            pieces, num_bytes = [], 0
        if num_bytes <= MAX_RECORD_BYTES < num_bytes + len(rest):
            yield offset, Reason.TOO_LARGE
        num_bytes += len(rest)
        pieces.append(rest)
        if num_bytes > MAX_RECORD_BYTES:
            pieces = []
            if 0 <= end <= offset + num_bytes:
                return
    if 0 < num_bytes <= MAX_RECORD_BYTES:
        yield offset, b"".join(pieces)


def read_parts(file_range: FileRange) -> Iterator[tuple[int, bytes]]:
    """Yield the parts of a file that belong to a range of it, with their offset, at most about PART_BYTES each.

    Part k begins with the first line that begins at byte k * PART_BYTES or after it, and belongs to the range in which
    that byte lies; so no reader needs to know earlier parts. Where no line ends for long, a part ends after white
    space, or at least between two characters of UTF-8.

    Raises:
        CorpusError: The file cannot be read.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    grid = -(-file_range.start // PART_BYTES) * PART_BYTES
    if 0 <= file_range.end <= grid:
        return
    offset = max(grid - 1, 0)  # of the buffer's first byte
    is_foreign = grid > 0  # what the buffer holds up to the next border is another part's
    grid += 0 if is_foreign else PART_BYTES
    buffer = bytearray()
    try:
        for block in read_blocks(file_range.path, offset):
            buffer += block
            while len(buffer) >= grid + _search_bytes() - offset:
                cut = _find_border(buffer, grid - offset)
                if not is_foreign:
                    yield offset, bytes(buffer[:cut])
                if not is_foreign and 0 <= file_range.end <= grid:
                    return
                del buffer[:cut]
                offset, grid, is_foreign = offset + cut, grid + PART_BYTES, False
    except TruncatedError:
        del buffer[end_of_characters(buffer) :]
        yield from _last_parts(buffer, offset, grid, is_foreign, file_range.end)
        raise
    yield from _last_parts(buffer, offset, grid, is_foreign, file_range.end)


def _last_parts(buffer: bytearray, offset: int, grid: int, is_foreign: bool, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield the parts that are left in the buffer when the file has ended: one, or two if byte `grid` lies in it."""
    cut = _find_border(buffer, grid - offset) if offset + len(buffer) > grid else len(buffer)
    if cut and not is_foreign:
        yield offset, bytes(buffer[:cut])
    if cut < len(buffer) and (is_foreign or not 0 <= end <= grid):
        yield offset + cut, bytes(buffer[cut:])


def _search_bytes() -> int:
    """Return how far after its byte a border is looked for: at least one character of UTF-8."""
    return PART_BYTES // 16 + 4


def _find_border(buffer: bytearray, at: int) -> int:
    """Return where a part ends that should end at a byte: there or a little later."""
    window = max(at - 1, 0), at + _search_bytes()
    for border in (b"\n", b" "):
        if (found := buffer.find(border, *window)) >= 0:
            return found + 1
    return next((at + i for i in range(4) if at + i == len(buffer) or buffer[at + i] & 0xC0 != 0x80), at)


def end_of_characters(buffer: bytearray) -> int:
    """Return how many bytes are whole characters of UTF-8.

    >>> end_of_characters(bytearray("né".encode())), end_of_characters(bytearray("né".encode()[:-1]))
    (3, 1)
    """
    for length in range(1, min(3, len(buffer)) + 1):
        lead = buffer[-length]
        if lead >= 0xC0:
            return len(buffer) - length * (length < 2 + (lead >= 0xE0) + (lead >= 0xF0))
        if lead < 0x80:
            break
    return len(buffer)


def read_passages(file_range: FileRange) -> Iterator[tuple[int, bytes | Reason]]:
    """Yield the passages between blank lines that begin in a range, with the offset of their first visible byte.

    A line of ASCII white space is blank too. TOO_LARGE is yielded instead of a passage above MAX_RECORD_BYTES.

    Raises:
        CorpusError: The file cannot be read.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    lines: list[bytes] = []
    begin = num_bytes = 0  # of the passage that the lines make
    is_border = True  # the line before is blank, or there is none
    first = _find_line_before(file_range.path, file_range.start)
    try:
        for offset, line in _read_lines_from(file_range.path, first, file_range.end):
            is_blank = not line.strip()
            if is_blank and num_bytes:
                yield begin, _join_lines(lines, num_bytes)
                lines, num_bytes = [], 0
            if not num_bytes and 0 <= file_range.end <= offset:
                return
            if not is_blank and (num_bytes or (is_border and offset >= file_range.start)):
                begin = begin if num_bytes else offset
                num_bytes += len(line) + 1 if isinstance(line, bytes) else MAX_RECORD_BYTES + 1
                if num_bytes <= MAX_RECORD_BYTES and isinstance(line, bytes):
                    lines.append(line)
            is_border = is_blank
    except TruncatedError:
        if num_bytes:
            yield begin, _join_lines(lines, num_bytes)
        raise
    if num_bytes:
        yield begin, _join_lines(lines, num_bytes)


def _join_lines(lines: list[bytes], num_bytes: int) -> bytes | Reason:
    return b"\n".join(lines) if num_bytes <= MAX_RECORD_BYTES else Reason.TOO_LARGE


def _find_line_before(path: str, start: int) -> int:
    """Return an offset in the line before the first one that begins at start or after it.

    It is that line's beginning, or lies so that the rest of the line tells whether the line is blank.
    """
    end = start - 1
    while end > 0:
        begin = max(end - 4096, 0)
        tail = b""
        for block in read_blocks(path, begin):
            tail = (tail + block)[: end - begin]
            if len(tail) == end - begin:
                break
        if (line_end := tail.rfind(b"\n")) >= 0:
            return begin + line_end + 1
        if tail.strip():
            return begin
        end = begin
    return 0
