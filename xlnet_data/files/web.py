"""Reads files from web servers: goes on where a connection broke, and takes no early end for the end.

A crawl's files are read for hours, from servers that throttle and drop connections. So an answer that says "later"
(429, 500, 502, 503, 504), a connection that cannot be made or that breaks, and a body that ends early are tried again,
each time from the byte that was reached, and only if the file is still the same (`If-Range`).
"""

import http.client
import io
import time
import urllib.error
import urllib.request
from typing import Any

from xlnet_data.errors import CorpusError

MAX_TRIES = 6
"""Requests in a row that may fail without one byte of progress."""

FIRST_PAUSE_SECS = 0.5
"""Before the second try; doubled for each one that follows."""

MAX_PAUSE_SECS = 60.0
"""Longest pause, also where a server asks for a longer one."""

TIMEOUT_SECS = 60.0
"""To connect, and between two pieces of an answer."""

_PASSING = (408, 429, 500, 502, 503, 504)
_FAULTS = (OSError, http.client.HTTPException)  # the system's errors, time-outs and urllib's among them


class WebFile(io.RawIOBase):
    """The bytes that an http(s) URL names, as a file.

    Attributes:
        size: Bytes of the file; -1 if the server does not say.

    Raises:
        CorpusError: The server refuses, or fails too often in a row; the file changed while it was read.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._offset = 0
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
            self._offset = begin
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
        data: bytes = self._answer.read(num_bytes)
        if not data and self._offset < self.size:
            raise http.client.IncompleteRead(b"", self.size - self._offset)
        self._offset += len(data)
        return data

    def _connect(self) -> None:
        """Ask for the file from the byte that was reached.

        Raises:
            CorpusError: It is another file now.
        """
        headers = {"Accept-Encoding": "identity"}  # what is counted are the file's own bytes
        if self._offset:
            headers["Range"] = f"bytes={self._offset}-"
            if self._validator:
                headers["If-Range"] = self._validator
        answer = urllib.request.urlopen(urllib.request.Request(self._url, headers=headers), timeout=TIMEOUT_SECS)
        tag = answer.headers.get("ETag", "")
        validator = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
        length = int(answer.headers.get("Content-Length") or -1)
        if answer.status == 206:
            size = int(answer.headers.get("Content-Range", "/-1").rpartition("/")[2].replace("*", "-1"))
        else:
            size = length
            self._has_ranges = answer.headers.get("Accept-Ranges", "") == "bytes"
        if self._is_open and (validator != self._validator or size != self.size):
            answer.close()
            raise CorpusError(f"{self._url} changed while it was read: give the command again with --no-resume")
        self._validator, self.size, self._answer = validator, size, answer
        if answer.status != 206:
            _skip(answer, self._offset)  # a server without ranges begins anew

    def _attempt(self, action: Any) -> Any:
        """Return what an action returns, tried again while what it fails of may pass."""
        failed, reached = 0, self._offset
        while True:
            try:
                return action()
            except _FAULTS as error:
                self._hang_up()
                failed = failed + 1 if self._offset == reached else 1
                reached = self._offset
                if failed >= MAX_TRIES or not _may_pass(error):
                    raise CorpusError(_describe(self._url, error, failed)) from error
                time.sleep(_pause_secs(error, failed))

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
    for failed in range(1, MAX_TRIES + 1):
        try:
            request = urllib.request.Request(url, method="HEAD", headers={"Accept-Encoding": "identity"})
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECS) as answer:
                version = answer.headers.get("ETag") or answer.headers.get("Last-Modified", "")
                return int(answer.headers.get("Content-Length") or -1), version
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
    return not isinstance(reason, ValueError) and "Name or service not known" not in str(reason)


def _pause_secs(error: BaseException, failed: int) -> float:
    """Return how long to wait: what the server asks for, else twice as long each time."""
    asked = error.headers.get("Retry-After", "") if isinstance(error, urllib.error.HTTPError) else ""
    secs = float(asked) if asked.isdecimal() else FIRST_PAUSE_SECS * 2 ** (failed - 1)
    return min(secs, MAX_PAUSE_SECS)


def _describe(url: str, error: BaseException, failed: int) -> str:
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, OSError) else error
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause) or type(cause).__name__
    times = f", {failed} times in a row" if failed > 1 else ""
    return f"cannot read {url}: {said}{times}"


def _skip(answer: Any, num_bytes: int) -> None:
    while num_bytes > 0:
        data = answer.read(min(num_bytes, 1 << 20))
        if not data:
            raise http.client.IncompleteRead(b"", num_bytes)
        num_bytes -= len(data)
