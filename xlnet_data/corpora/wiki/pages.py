"""Finds the pages of a MediaWiki XML dump by their tags alone, so that neither size nor entities can cost memory."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from xlnet_data.corpora.pieces.bz2_streams import Block, read_range_blocks
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Reason

HEADER_BYTES = 1024 * 1024
"""Bytes within which a dump's header ends, and the most that is kept of what stands between two pages."""

PAGE_BYTES = 8 * 1024 * 1024
"""Bytes above which one revision of a page is TOO_LARGE; MediaWiki itself accepts no text above 2 MiB."""

_OPEN = re.compile(rb"<page[\s>]")
_BORDER = re.compile(rb"</page>|<page[\s>]")
_CLOSE = b"</page>"
_OPEN_BYTES = 6
_HEADER_END = re.compile(rb"</siteinfo>|<page[\s>]")
_ROOT = re.compile(rb"^\xef\xbb\xbf|<\?xml[^<>]*+\?>|</?mediawiki\b[^<>]*+>")
_REVISION = b"<revision>"
_TIMESTAMP = re.compile(rb"<timestamp>([^<]*)<")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a dump, or a stretch that should be one and is not.

    Attributes:
        offset: Where it begins: the byte of the content, or of bz2 files ``STREAM+BYTE``.
        xml: The page's element without its closing tag; of many revisions at least the newest.
        reason: Why there is no whole page here.
    """

    offset: str
    xml: bytes
    reason: Reason | None = None


def read_header(path: str, file_id: str) -> bytes:
    """Return the first bytes of a dump, up to its first page or the end of what it says of its wiki.

    Raises:
        CorpusError: The file cannot be read.
    """
    header = bytearray()
    try:
        for block in read_range_blocks(FileRange("", path, file_id)):
            header += block.data
            if len(header) > HEADER_BYTES or _HEADER_END.search(header):
                break
    except TruncatedError:
        pass  # whoever reads the pages meets it again
    found = _HEADER_END.search(header)
    return bytes(header[: found.start() if found else HEADER_BYTES])


def read_pages(file_range: FileRange) -> Iterator[Page]:
    """Yield the pages that begin in a range of a file, whole.

    What stands between pages and is neither a dump's header nor its footer is MALFORMED, as is a page without an end.

    Raises:
        CorpusError: The file cannot be read, or is no dump.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    scanner = _Scanner(file_range)
    try:
        for block in read_range_blocks(file_range):
            yield from scanner.feed(block)
            if scanner.is_done:
                return
    except TruncatedError:
        yield from scanner.end(Reason.TRUNCATED)
        raise
    is_closed = scanner.is_closed()
    yield from scanner.end(Reason.MALFORMED if is_closed else Reason.TRUNCATED)
    if not is_closed:
        raise TruncatedError(
            f'{file_range.path}: ends in the middle of a page: get a whole copy, or set on_truncated = "keep" to keep '
            "what came before"
        )


def newest_revision(xml: bytes | bytearray) -> bytes:
    """Return what follows the opening tag of a page's newest revision, nothing if it has none.

    The newest is so by its timestamp; among equals, or without any, it is the last.
    """
    revisions = bytes(xml).split(_REVISION)[1:]
    if len(revisions) == 1:
        return revisions[0]
    return max(reversed(revisions), key=_timestamp_of, default=b"")


def _timestamp_of(revision: bytes) -> bytes:
    found = _TIMESTAMP.search(revision)
    return found[1] if found else b""


class _Bytes:
    """The content at hand, and the offset of each byte of it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._marks: list[tuple[int, int, int]] = []  # from an index in data on: stream, offset
        self._limit = -1  # index at which the range ends, -1 if not reached

    def add(self, block: Block) -> None:
        if block.is_beyond and self._limit < 0:
            self._limit = len(self.data)
        self._marks.append((len(self.data), block.stream, block.offset))
        self.data += block.data

    def is_beyond(self, index: int) -> bool:
        return 0 <= self._limit <= index

    def offset(self, index: int) -> str:
        stream, offset = self._locate(index)
        return str(offset) if stream < 0 else f"{stream}+{offset}"

    def cut(self, start: int, end: int) -> None:
        """Delete the bytes between two indices; those after keep their offsets."""
        after = [(mark - end + start, stream, offset) for mark, stream, offset in self._marks if mark > end]
        before = [mark for mark in self._marks if mark[0] < start]
        self._marks = [*before, (start, *self._locate(end)), *after]
        if self._limit > start:
            self._limit = max(self._limit - end + start, start)
        del self.data[start:end]

    def _locate(self, index: int) -> tuple[int, int]:
        mark, stream, offset = next((m for m in reversed(self._marks) if m[0] <= index), (index, -1, 0))
        return stream, offset + index - mark


class _Scanner:
    """Finds pages in blocks. The content at hand begins with an open page, or with the gap before the next one."""

    def __init__(self, file_range: FileRange) -> None:
        self.is_done = False  # no page that follows begins in the range
        self._range = file_range
        self._content = _Bytes()
        self._searched = 0
        self._in_page = False
        self._is_skipping = False  # the page is too large: only its beginning is kept
        self._offset = ""  # of the page
        self._owns_gap = file_range.start == 0
        self._has_found = file_range.start > 0  # a page, or a dump's header

    def feed(self, block: Block) -> Iterator[Page]:
        """Take a block, and yield the pages that it completes."""
        if block.reason is not None:
            yield from self.end(Reason.MALFORMED)
            if block.is_beyond:
                self.is_done = True
            else:
                yield Page(f"{block.stream}+{block.offset}", b"", block.reason)
            self._content, self._owns_gap, self._searched = _Bytes(), False, 0
            return
        self._content.add(block)
        while not self.is_done:
            pages = self._close_page() if self._in_page else self._open_page()
            if pages is None:
                return
            yield from pages

    def is_closed(self) -> bool:
        """Return whether the file, now at its end, does not end within a page."""
        return not self._in_page or self._content.data.rstrip().endswith(b"</mediawiki>")

    def end(self, reason: Reason) -> Iterator[Page]:
        """Yield what is left when no more bytes follow, an open page with a reason."""
        data = self._content.data
        while self._in_page and (inner := _OPEN.search(data, _OPEN_BYTES)):
            yield self._take_page(inner.start(), Reason.MALFORMED)
            self._start_page(inner.start())
            if self.is_done:
                return
        if self._in_page:
            yield self._take_page(len(data), reason)
            self._in_page = False
        elif self._owns_gap and (page := self._check_gap(len(data))):
            yield page

    def _open_page(self) -> list[Page] | None:
        """Go to the next page; None if it is not at hand."""
        data = self._content.data
        found = _OPEN.search(data, self._searched)
        if found is None:
            self._searched = max(len(data) - _OPEN_BYTES + 1, 0)
            if not self._owns_gap and self._content.is_beyond(self._searched):
                self.is_done = True
            if len(data) <= HEADER_BYTES:
                return None
            page = self._check_gap(len(data)) if self._owns_gap else None
            self._owns_gap = self._owns_gap and page is None  # it is counted once
            self._content.cut(0, self._searched)
            self._searched = 0
            return [page] if page else None
        page = self._check_gap(found.start()) if self._owns_gap else None
        self._start_page(found.start())
        return [page] if page else []

    def _start_page(self, index: int) -> None:
        if self._content.is_beyond(index):
            self.is_done, self._in_page = True, False
            return
        self._content.cut(0, index)
        self._offset = self._content.offset(0)
        self._searched = _OPEN_BYTES
        self._in_page = self._has_found = self._owns_gap = True
        self._is_skipping = False

    def _close_page(self) -> list[Page] | None:
        """Take the open page; None if its end is not at hand."""
        data = self._content.data
        found = _BORDER.search(data, self._searched)
        if found is None:
            self._searched = max(len(data) - len(_CLOSE) + 1, _OPEN_BYTES)
            if len(data) > PAGE_BYTES:
                self._shrink()
            return None
        if found[0] != _CLOSE:
            page = self._take_page(found.start(), Reason.MALFORMED)
            self._start_page(found.start())
            return [page]
        page = self._take_page(found.start(), None)
        self._content.cut(0, found.end())
        self._in_page, self._searched = False, 0
        return [page]

    def _take_page(self, end: int, reason: Reason | None) -> Page:
        xml = bytes(self._content.data[:end])
        if len(xml) > PAGE_BYTES and not self._is_skipping:
            xml = xml.partition(_REVISION)[0] + _REVISION + newest_revision(xml)
        if self._is_skipping or len(xml) > PAGE_BYTES:
            xml, reason = xml[:HEADER_BYTES], reason or Reason.TOO_LARGE
        return Page(self._offset, xml, reason)

    def _shrink(self) -> None:
        """Keep of a page that grows too large its newest revision; if that is too large, its beginning."""
        data = self._content.data
        first, last = data.find(_REVISION), data.rfind(_REVISION)
        if first < last and not self._is_skipping:
            begin = first + len(_REVISION)
            newest = newest_revision(data[first:last])
            data[begin : begin + len(newest)] = newest
            self._content.cut(begin + len(newest), last)
        if len(data) > PAGE_BYTES:
            self._is_skipping = True
            self._content.cut(HEADER_BYTES, len(data) - len(_CLOSE))
        self._searched = max(len(data) - len(_CLOSE) + 1, _OPEN_BYTES)

    def _check_gap(self, end: int) -> Page | None:
        """Return a MALFORMED page if what is at hand up to an index does not belong between two pages.

        Raises:
            CorpusError: The file has begun with it, and is no dump.
        """
        gap = bytes(self._content.data[:end])
        is_no_dump = not self._has_found and end == len(self._content.data) and gap.strip()
        if is_no_dump and b"<mediawiki" not in gap and b"</mediawiki>" not in gap:
            raise CorpusError(
                f"{self._range.path} is no dump of a wiki's pages: it begins with {gap.lstrip()[:40]!r}; "
                "get pages-articles.xml.bz2 or its multistream form, without the index"
            )
        self._has_found = True
        return None if _is_frame(gap) else Page(self._content.offset(0), b"", Reason.MALFORMED)


def _is_frame(gap: bytes) -> bool:
    """Return whether bytes are nothing but a dump's header, footer or XML comments.

    >>> _is_frame(b"\\n<!-- a --></mediawiki>\\n"), _is_frame(b"</page>")
    (True, False)
    """
    if not gap.strip():
        return True
    for opening, closing in ((b"<!--", b"-->"), (b"<siteinfo>", b"</siteinfo>")):
        first, *pieces = gap.split(opening)
        if not all(closing in piece for piece in pieces):
            return False
        gap = b"".join([first, *(piece.partition(closing)[2] for piece in pieces)])
    return not _ROOT.sub(b"", gap).strip()
