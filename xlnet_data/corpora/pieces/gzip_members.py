"""Finds the members of a gzip file from any byte on, inflates them, and passes over damaged ones."""

import re
from collections.abc import Generator, Iterator
from enum import Enum
from typing import BinaryIO, NamedTuple, cast

from isal import isal_zlib

MAGIC = b"\x1f\x8b\x08"
InflateError = cast(type[Exception], isal_zlib.error)  # its stubs call it an instance
_HEADER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04].", re.DOTALL)
_HEADER_BYTES = 10
_BLOCK_BYTES = 1 << 20  # read from disk at a time, and kept for looking back
_PIECE_BYTES = 1 << 20  # inflated at a time, so that a decompression bomb never unfolds in memory
_FIRST_FEED_BYTES = 8192  # most members are small; what is fed beyond a member's end is copied back
_FEED_BYTES = 65536
_SMALL_FEED_BYTES = 16  # where a fault is near
_OPENING_BYTES = 64


class Ending(Enum):
    """How a piece leaves its member."""

    OPEN = "open"  # the member goes on
    SOUND = "sound"  # the member is whole and its checksum right
    DAMAGED = "damaged"  # the rest of the member cannot be inflated, or its checksum is wrong
    TRUNCATED = "truncated"  # the file ends inside the member
    GARBAGE = "garbage"  # not a member: bytes that belong to none begin at `offset`


class Piece(NamedTuple):
    """Bytes inflated from one member.

    Attributes:
        offset: Byte on disk at which the member begins.
        data: The inflated bytes; at most _PIECE_BYTES.
        is_first: True: they are the member's first.
        is_anchor: True: the member begins with what the caller looks for, so a search from here on finds it.
        ending: How the member goes on after them.
        disk_bytes: Bytes on disk read from this member so far.
    """

    offset: int
    data: bytes
    is_first: bool
    is_anchor: bool
    ending: Ending
    disk_bytes: int


class Window:
    """A file's bytes from any offset on; the last ones read are kept, so that looking back needs no seek."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._base = 0
        self._block = b""

    def at(self, offset: int, size: int) -> bytes:
        """Return up to size bytes from an offset of the file.

        Fewer come at its end; none from an offset that is forgotten, if the file cannot be read from there again.
        """
        begin = offset - self._base
        if not 0 <= begin <= len(self._block):
            if not self._raw.seekable():
                return b""
            self._raw.seek(offset)
            self._base, self._block, begin = offset, b"", 0
        while begin + size > len(self._block):
            more = self._raw.read(_BLOCK_BYTES)
            if not more:
                break
            dropped = max(0, min(begin - _BLOCK_BYTES, len(self._block)))
            self._block = self._block[dropped:] + more
            self._base += dropped
            begin -= dropped
        return self._block[begin : begin + size]

    def blocks(self, offset: int) -> Iterator[bytes]:
        """Yield the file's bytes from an offset on."""
        while block := self.at(offset, _BLOCK_BYTES):
            yield block
            offset += len(block)


class Members:
    """The members of a gzip file that begin in a range of it, in pieces, and whatever lies between them.

    An anchor is a member whose content begins with `opening`. A search can find it from any byte before it; so readers
    that share a file agree on who reads which members.
    """

    def __init__(self, window: Window, opening: re.Pattern[bytes], end: int) -> None:
        """Take the range's end: no anchor at or after it is searched for; -1 means none."""
        self._window = window
        self._opening = opening
        self._end = end
        self._is_abandoned = False

    def abandon(self) -> None:
        """Leave the current member where it is; the next piece is the next anchor's that a search finds."""
        self._is_abandoned = True

    def find(self, offset: int) -> int | None:
        """Return where the first anchor at or after an offset begins, None if there is none before the end."""
        while block := self._window.at(offset, _BLOCK_BYTES):
            for match in _HEADER.finditer(block):
                found = offset + match.start()
                if 0 <= self._end <= found:
                    return None
                if self._is_anchor(found):
                    return found
            if len(block) < _BLOCK_BYTES:
                return None
            offset += len(block) - _HEADER_BYTES + 1
            if 0 <= self._end <= offset:
                return None
        return None

    def pieces(self, start: int) -> Iterator[Piece]:
        """Yield the members from start on to the file's end; start is the file's first byte or an anchor's."""
        offset: int | None = start
        while offset is not None and (head := self._window.at(offset, _FIRST_FEED_BYTES)):
            if head.startswith(MAGIC):
                inflater = isal_zlib.decompressobj(31)
                try:
                    data = inflater.decompress(head, _PIECE_BYTES)
                except InflateError:
                    offset = yield from self._pass_fault(offset, offset + len(head), 0)
                    continue
                if inflater.eof:  # as most members do, being small
                    disk_bytes = len(head) - len(inflater.unused_data)
                    yield Piece(offset, data, True, self._is_opening(head, data), Ending.SOUND, disk_bytes)
                    offset += disk_bytes
                else:
                    offset = yield from self._inflate(offset, head, inflater, data)
            elif MAGIC.startswith(head):
                yield Piece(offset, b"", False, False, Ending.TRUNCATED, len(head))
                return
            elif padding := self._num_zeros(offset):
                offset += padding
            else:
                yield Piece(offset, b"", False, False, Ending.GARBAGE, 0)
                offset = self.find(offset)

    def _inflate(
        self, offset: int, head: bytes, inflater: "isal_zlib.Decompress", data: bytes
    ) -> Generator[Piece, None, int | None]:
        """Yield the pieces of the member that begins with head, of which data has been inflated; return where to go on.

        Returns None at the file's end.
        """
        position, delivered = offset + len(head), 0
        given = more = head
        while True:
            is_cut = not given and not more
            if inflater.eof or is_cut or len(data) >= _OPENING_BYTES:
                position -= len(inflater.unused_data)
                ending = Ending.SOUND if inflater.eof else Ending.TRUNCATED if is_cut else Ending.OPEN
                is_anchor = not delivered and (self._is_anchor(offset) if is_cut else self._is_opening(head, data))
                yield Piece(offset, data, not delivered, is_anchor, ending, position - offset)
                if ending is not Ending.OPEN:
                    return position if inflater.eof else None
                delivered += len(data)
                data = b""
            given = inflater.unconsumed_tail
            if self._is_abandoned:
                self._is_abandoned = False
                return self.find(position - len(given))
            if not given:
                given = self._window.at(position, _FEED_BYTES)
                position += len(given)
            try:
                data += (more := inflater.decompress(given, _PIECE_BYTES))
            except InflateError:
                return (yield from self._pass_fault(offset, position, delivered))

    def _pass_fault(self, offset: int, position: int, delivered: int) -> Generator[Piece, None, int | None]:
        """Yield what a member holds before a fault, and return where the next anchor begins."""
        data = self._salvage(offset, position, delivered)
        is_anchor = not delivered and self._is_anchor(offset)
        yield Piece(offset, data, not delivered, is_anchor, Ending.DAMAGED, position - offset)
        return self.find(max(offset + 1, position - _BLOCK_BYTES))

    def _is_opening(self, head: bytes, data: bytes) -> bool:
        """Return whether a member with this head and content is an anchor."""
        return _HEADER.match(head) is not None and self._opening.match(data, 0, _OPENING_BYTES) is not None

    def _salvage(self, offset: int, position: int, delivered: int) -> bytes:
        """Return what a damaged member holds before the fault and beyond the bytes already delivered.

        A fault loses the output of the call that meets it: feed the same bytes again, a few at a time.
        """
        inflater = isal_zlib.decompressobj(31)
        kept: list[bytes] = []
        passed = 0
        at = offset
        try:
            while at < position:
                feed = _FEED_BYTES if position - at > 2 * _FEED_BYTES else _SMALL_FEED_BYTES
                given = self._window.at(at, min(feed, position - at))
                at += len(given) or position
                while given:
                    data = inflater.decompress(given, _PIECE_BYTES)
                    kept.append(data[max(0, delivered - passed) :])
                    passed += len(data)
                    given = inflater.unconsumed_tail
        except InflateError:
            pass
        return b"".join(kept)

    def _is_anchor(self, offset: int) -> bool:
        """Return whether an anchor begins at an offset: what a search says, which may see less of a damaged member."""
        for feed in (4096, _SMALL_FEED_BYTES):  # a fault loses the output of the call that meets it
            inflater = isal_zlib.decompressobj(31)
            opening = b""
            try:
                for at in range(offset, offset + 32 * feed, feed):
                    opening += inflater.decompress(self._window.at(at, feed), _OPENING_BYTES)
                    if inflater.eof or len(opening) >= _OPENING_BYTES:
                        break
            except InflateError:
                continue
            break
        return self._is_opening(self._window.at(offset, _HEADER_BYTES), opening)

    def _num_zeros(self, offset: int) -> int:
        """Return how many zeros there are from an offset on."""
        start = offset
        while block := self._window.at(offset, _BLOCK_BYTES):
            rest = len(block.lstrip(b"\0"))
            offset += len(block) - rest
            if rest:
                break
        return offset - start
