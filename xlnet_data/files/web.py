"""Reads files from web servers: goes on where a connection broke, and takes no early end for the end.

A crawl's files are read for hours, from servers that throttle and drop connections. So an answer that says "later"
(429, 500, 502, 503, 504), a connection that cannot be made or that breaks, and a body that ends early are tried again,
each time from the byte that was reached, and only if the file is still the same (`If-Range`). Of an answer is checked
what can be: its status, its encoding, the range that it says it holds, and how fast it comes.
"""

import http.client
import io
import re
import time
import urllib.error
from collections.abc import Iterator
from typing import Any

from xlnet_data.errors import CorpusError
from xlnet_data.files.requests import ask, length_of, request_url

MAX_TRIES = 6
"""Requests in a row that may fail without progress."""

PROGRESS_BYTES = 64 * 1024
"""What counts as progress; a server that gives less in TIMEOUT_SECS has failed."""

FIRST_PAUSE_SECS = 0.5
"""Before the second try; doubled for each one that follows."""

MAX_PAUSE_SECS = 60.0
"""Longest pause, also where a server asks for a longer one."""

TIMEOUT_SECS = 60.0
"""To connect, and between two pieces of an answer."""

_PASSING = (408, 429, 500, 502, 503, 504)
_WHOLE = (200, 203)  # answers that hold the file; 206 holds a part of it
_ENCODINGS = ("", "identity", "gzip", "x-gzip")  # gzip is known by its first bytes, as in any file
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")
_FAULTS = (OSError, http.client.HTTPException, ValueError)  # OSError: time-outs and urllib's; ValueError: no URL


class WebFile(io.RawIOBase):
    """The bytes that an http(s) URL names, as a file.

    Attributes:
        size: Bytes of the file; -1 if the server does not say.

    Raises:
        CorpusError: The server refuses, or fails too often in a row; the file changed while it was read.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._request_url = request_url(url)
        self._offset = 0
        self._failed, self._reached = 0, 0  # how often since progress, which began at which byte
        self._answer: Any = None
        self._validator = ""  # what says that the file is still the same
        self._has_ranges = False
        self.size = -1
        self._is_open = False
        self._attempt(self._connect)
        self._is_open = True

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return whether the server can begin in the middle of the file."""
        return self._has_ranges and self.size >= 0

    def tell(self) -> int:
        """Return the byte that is read next."""
        return self._offset

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on at another byte; the server is asked when it is read."""
        if not self.seekable():
            raise io.UnsupportedOperation(f"{self._url}: its server cannot begin in the middle of a file")
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._offset, io.SEEK_END: self.size}[whence] + offset
        if begin != self._offset:
            self._hang_up()
            self._offset = self._reached = begin
        return begin

    def readinto(self, buffer: Any) -> int:
        """Read what the connection has, at most as much as the buffer holds.

        Raises:
            CorpusError: The server fails too often in a row, or the file changed.
        """
        data: bytes = self._attempt(lambda: self._read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the connection."""
        self._hang_up()
        super().close()

    def _read(self, num_bytes: int) -> bytes:
        if 0 <= self.size <= self._offset:
            return b""
        if self._answer is None:
            self._connect()
        pieces: list[bytes] = []
        fault = None
        try:
            pieces.extend(_pieces(self._answer, num_bytes))
        except _FAULTS as error:
            if not pieces:
                raise
            fault = error
        if not pieces and self._offset < self.size:
            raise http.client.IncompleteRead(b"", self.size - self._offset)
        data = b"".join(pieces)
        self._offset += len(data)
        if fault is not None:
            self._wait_after(fault)
        return data

    def _connect(self) -> None:
        """Ask for the file from the byte that was reached.

        Raises:
            CorpusError: It is another file now, or the answer is not what was asked for.
        """
        headers = {}
        if self._offset:
            headers["Range"] = f"bytes={self._offset}-"
            if self._validator:
                headers["If-Range"] = self._validator
        answer = ask(self._request_url, headers, TIMEOUT_SECS)
        try:
            size = self._check(answer)
        except CorpusError:
            answer.close()
            raise
        tag = answer.headers.get("ETag", "")
        validator = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
        if answer.status != 206:
            self._has_ranges = answer.headers.get("Accept-Ranges", "") == "bytes"
        if self._is_open and (validator != self._validator or size != self.size):
            answer.close()
            raise CorpusError(f"{self._url} changed while it was read: give the command again with --no-resume")
        self._validator, self.size, self._answer = validator, size, answer
        if answer.status != 206:
            _skip(answer, self._offset)  # a server without ranges begins anew

    def _check(self, answer: Any) -> int:
        """Return the bytes of the file, of which an answer holds all or those from the byte that was reached; or -1.

        Raises:
            CorpusError: It holds anything else.
        """
        if answer.status not in (*_WHOLE, 206):
            raise CorpusError(f"cannot read {self._url}: its server answers {answer.status}, which is no file")
        encoding = answer.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in _ENCODINGS:
            raise CorpusError(
                f"cannot read {self._url}: its server packs it by {encoding!r}, though asked not to: download it"
            )
        if answer.status != 206:
            if len({*answer.headers.get_all("Content-Length", [])}) > 1:
                raise CorpusError(f"cannot read {self._url}: its server names several sizes of it: download it")
            return length_of(answer)
        found = _RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
        if not found or int(found[1]) != self._offset:
            raise CorpusError(
                f"cannot read {self._url}: its server sends other bytes than those from {self._offset:,} on, which it "
                "was asked for: download it"
            )
        return -1 if found[2] == "*" else int(found[2])

    def _attempt(self, action: Any) -> Any:
        """Return what an action returns, tried again while what it fails of may pass."""
        while True:
            try:
                return action()
            except _FAULTS as error:
                self._wait_after(error)

    def _wait_after(self, error: BaseException) -> None:
        """Hang up, and wait until the next try.

        Raises:
            CorpusError: There were too many without progress, or no further one can help.
        """
        self._hang_up()
        if self._offset - self._reached >= PROGRESS_BYTES:
            self._failed, self._reached = 0, self._offset
        self._failed += 1
        if self._failed >= MAX_TRIES or not _may_pass(error):
            raise CorpusError(_describe(self._url, error, self._failed)) from error
        time.sleep(_pause_secs(error, self._failed))

    def _hang_up(self) -> None:
        if self._answer is not None:
            self._answer.close()
            self._answer = None


def ask_about(url: str) -> tuple[int, str]:
    """Return the size in bytes of the file that an http(s) URL names, and its ETag, or else its date.

    What the server does not say is -1, and "".

    Raises:
        CorpusError: The server refuses, or fails too often in a row.
    """
    address = request_url(url)
    for failed in range(1, MAX_TRIES + 1):
        try:
            with ask(address, {}, TIMEOUT_SECS, "HEAD") as answer:
                version = answer.headers.get("ETag") or answer.headers.get("Last-Modified", "")
                return length_of(answer) if answer.status in _WHOLE else -1, version
        except _FAULTS as error:
            if isinstance(error, urllib.error.HTTPError) and error.code in (405, 501):  # it answers GET alone
                return -1, ""
            if failed == MAX_TRIES or not _may_pass(error):
                raise CorpusError(_describe(url, error, failed)) from error
            time.sleep(_pause_secs(error, failed))
    raise AssertionError("the last try returns or raises")


def _may_pass(error: BaseException) -> bool:
    """Return whether the same request may succeed a little later."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return error.code in _PASSING
    reason = getattr(error, "reason", error)  # urllib wraps the system's error
    return not isinstance(reason, (ValueError, http.client.InvalidURL)) and "Name or service not known" not in str(
        reason
    )


def _pause_secs(error: BaseException, failed: int) -> float:
    """Return how long to wait: what the server asks for, else twice as long each time."""
    asked = error.headers.get("Retry-After", "") if isinstance(error, urllib.error.HTTPError) else ""
    secs = float(asked) if asked.isdecimal() else FIRST_PAUSE_SECS * 2 ** (failed - 1)
    return min(secs, MAX_PAUSE_SECS)


def _describe(url: str, error: BaseException, failed: int) -> str:
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, OSError) else error
    if isinstance(cause, http.client.IncompleteRead):
        cause = EOFError("the answer ends early")
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause) or type(cause).__name__
    said = " ".join(said.split())  # a server's words may have lines
    times = f", {failed} times in a row" if failed > 1 else ""
    return f"cannot read {url}: {said}{times}"


def _pieces(answer: Any, num_bytes: int) -> Iterator[bytes]:
    """Yield an answer's next bytes as they come, so many or up to its end.

    Raises:
        TimeoutError: They come too slowly.
    """
    begun, found = time.monotonic(), 0
    while num_bytes > 0 and (data := answer.read1(num_bytes)):
        yield data
        num_bytes -= len(data)
        found += len(data)
        if found >= PROGRESS_BYTES:
            begun, found = time.monotonic(), 0
        elif time.monotonic() - begun > TIMEOUT_SECS:
            raise TimeoutError(f"only {found:,} bytes came in {TIMEOUT_SECS:g} seconds")


def _skip(answer: Any, num_bytes: int) -> None:
    missing = num_bytes - sum(map(len, _pieces(answer, num_bytes)))
    if missing:
        raise http.client.IncompleteRead(b"", missing)
