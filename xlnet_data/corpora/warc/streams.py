"""Reads ahead in the decompressed bytes of a WARC file, and finds where the next record begins."""

import re
from collections.abc import Iterator
from lzma import LZMAError

from zstandard import ZstdError

from xlnet_data.corpora.pieces.gzip_members import Ending, Members, Piece

VERSION_LINE = re.compile(rb"WARC/\d\.\d{1,2}[ \t]{0,16}\r?\n", re.IGNORECASE)
_FIELD_LINE = rb"(?:[^\s:][^\n:]{0,80}:[^\n]*\n|[ \t][^\n]*\n)"  # a line is a field or goes on with one, never both
_BOUNDARY = re.compile(VERSION_LINE.pattern + _FIELD_LINE + rb"{0,40}?WARC-(?:Type|Record-ID)[ \t]*:", re.IGNORECASE)
_BLANK = re.compile(rb"[\r\n\t ]*")
_CANDIDATE_BYTES = 32  # the longest version line, white space in it within reason
_BOUNDARY_BYTES = 8192  # in which a boundary shows itself
_BOMB_RATIO = 200  # no text of such a length is that repetitive
_BOMB_BYTES = 4 << 30  # four times the longest record that anybody has found


class Stream:
    """Bytes in which records are looked for; what lies before `pos` may be forgotten.

    A boundary is where a record most likely begins: a version line, and soon a WARC-Type or WARC-Record-ID field.

    Attributes:
        data: The bytes in memory.
        pos: Where in them the reader stands.
        base: Where `data` begins in the whole stream.
        ending: How the stream ends; OPEN until that is known, and for a plain file, where nobody can tell.
        is_ended: True: nothing comes after `data`.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.pos = 0
        self.base = 0
        self.ending = Ending.OPEN
        self.is_ended = False

    @property
    def position(self) -> int:
        """Bytes of the stream before `pos`."""
        return self.base + self.pos

    def has(self, size: int) -> bool:
        """Return whether there are at least size bytes from `pos` on, after reading on as far as needed."""
        missing = self.pos + size - len(self.data)
        if missing <= 0 or self.is_ended:
            return missing <= 0
        parts = [self.data[self.pos :]]
        while missing > 0 and not self.is_ended:
            more = self._more()
            parts.append(more)
            missing -= len(more)
        self.base += self.pos
        self.pos = 0
        self.data = b"".join(parts)
        return missing <= 0

    def skip_blank(self) -> bool:
        """Pass over white space; return whether anything follows."""
        while True:
            self.pos = self.blank_end(0)
            if self.pos < len(self.data):
                return True
            if not self.has(1):
                return False

    def is_at_version(self) -> bool:
        """Return whether a record's version line begins at `pos`."""
        self.has(_CANDIDATE_BYTES)
        return VERSION_LINE.match(self.data, self.pos) is not None

    def blank_end(self, at: int) -> int:
        """Return the index in `data` at which the white space after pos + at ends."""
        blank = _BLANK.match(self.data, self.pos + at)
        assert blank is not None  # it matches nothing at all too
        return blank.end()

    def find_boundary(self, at: int, reach: int) -> int | None:
        """Return how far from `pos` the next boundary is, from `at` up to `reach`; nothing is forgotten."""
        while at < reach:
            hit = find_candidate(self.data, self.pos + at, self.pos + reach)
            if hit >= 0:
                at = hit - self.pos
                self.has(at + _BOUNDARY_BYTES)
                if _BOUNDARY.match(self.data, self.pos + at):
                    return at
                at += 5
                continue
            have = len(self.data) - self.pos
            at = max(at, min(have, reach) - _CANDIDATE_BYTES)
            if have >= reach or not self.has(have + 1):
                return None
        return None

    def skip_to_boundary(self, at: int, until: int | None = None) -> bool:
        """Pass to the next boundary from pos + at on, but not beyond pos + until; return whether there is one."""
        target = None if until is None else self.position + until
        self.pos = min(self.pos + at, len(self.data))
        while True:
            hit = find_candidate(self.data, self.pos, len(self.data))
            self.pos = hit if hit >= 0 else max(self.pos, len(self.data) - _CANDIDATE_BYTES)
            if target is not None and self.position >= target:
                self.pos -= self.position - target
                return False
            if hit >= 0:
                self.has(_BOUNDARY_BYTES)
                if _BOUNDARY.match(self.data, self.pos):
                    return True
                self.pos += 5
            elif not self.has(len(self.data) - self.pos + 1):
                self.pos = len(self.data)
                return False

    def _more(self) -> bytes:
        """Return the next bytes; empty ones may come, and `is_ended` says when no more do."""
        raise NotImplementedError


class PlainStream(Stream):
    """The bytes that an iterator yields, which begin at some offset of the whole."""

    def __init__(self, blocks: Iterator[bytes], start: int) -> None:
        super().__init__(b"")
        self.base = start
        self._blocks = blocks

    def _more(self) -> bytes:
        try:
            more = next(self._blocks, b"")
        except EOFError:
            more, self.ending = b"", Ending.TRUNCATED
        except (LZMAError, ZstdError, RuntimeError):
            more, self.ending = b"", Ending.DAMAGED
        except OSError as error:
            if error.errno is not None:  # the disk or the net, not what the decompressor thinks of the data
                raise
            more, self.ending = b"", Ending.DAMAGED
        self.is_ended = not more
        return more


class GroupStream(Stream):
    """The bytes of one anchor member of a gzip file and of those after it that are none.

    Attributes:
        garbage: Where bytes that are no member follow the group; None if none do.
    """

    def __init__(self, members: Members, pieces: Iterator[Piece], first: Piece) -> None:
        super().__init__(first.data)
        self.garbage: int | None = None
        self._following: Piece | None = None
        self._members = members
        self._pieces = pieces
        self._disk_bytes = 0  # of the current member
        self._skipped_bytes = -1  # while skipping: inflated, and the bytes on disk they came from
        self._skipped_disk_bytes = 0
        self._take(first)

    def following(self) -> Piece | None:
        """Return the first piece after the group, None at the file's end; the group itself is passed over."""
        while not self.is_ended:
            self._more()
        return self._following or next(self._pieces, None)

    def skip_to_boundary(self, at: int, until: int | None = None) -> bool:
        """Pass on as any stream does; a member that unfolds without end is left there."""
        self._skipped_bytes = self._skipped_disk_bytes = 0
        found = super().skip_to_boundary(at, until)
        self._skipped_bytes = -1
        return found

    def _more(self) -> bytes:
        if self._skipped_bytes > max(_BOMB_BYTES, _BOMB_RATIO * self._skipped_disk_bytes):
            self._members.abandon()
        piece = next(self._pieces, None)
        if piece is None or piece.is_anchor:
            self._following, self.is_ended = piece, True
            return b""
        is_nothing = piece.ending is Ending.DAMAGED and piece.is_first and not piece.data
        if piece.ending is Ending.GARBAGE or is_nothing:
            self.garbage, self.is_ended = piece.offset, True
            return b""
        self._take(piece)
        return piece.data

    def _take(self, piece: Piece) -> None:
        self.ending = piece.ending
        self.is_ended = piece.ending in (Ending.DAMAGED, Ending.TRUNCATED)
        if self._skipped_bytes >= 0:
            self._skipped_bytes += len(piece.data)
            self._skipped_disk_bytes += piece.disk_bytes - (0 if piece.is_first else self._disk_bytes)
        self._disk_bytes = piece.disk_bytes


def find_candidate(data: bytes, start: int, end: int) -> int:
    """Return where "WARC/" comes first, in capitals or small letters as writers have it; -1 if it does not."""
    upper = data.find(b"WARC/", start, end)
    lower = data.find(b"warc/", start, end if upper < 0 else upper)
    return upper if lower < 0 else lower
