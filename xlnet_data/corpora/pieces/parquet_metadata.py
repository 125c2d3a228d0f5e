"""Checks what a Parquet file says of itself before pyarrow takes it at its word."""

import faulthandler
import functools
import io
import os
import signal
from typing import BinaryIO

from pyarrow import parquet

MAGIC = b"PAR1"
MAX_FOOTER_BYTES = 256 * 1024 * 1024
_CHECK_SECS = 20
_HEADER_BYTES, _LONG_HEADER_BYTES = 256, 1024 * 1024  # of a page, usually and at most
_UNPACKED, _PACKED = 2, 3  # the fields of a page's header that hold its sizes


def dies_of_metadata(content: BinaryIO) -> bool:
    """Return whether a file's footer ends the process that reads it, as pyarrow does where statistics are damaged."""
    size = content.seek(0, io.SEEK_END)
    if size < 12:
        return False
    content.seek(size - 8)
    length = int.from_bytes(content.read(8)[:4], "little")
    if not 0 < length <= min(MAX_FOOTER_BYTES, size - 12):
        return False  # pyarrow says so
    content.seek(size - 8 - length)
    return _is_deadly(content.read(length + 8))


def dictionary_bytes(content: BinaryIO, column: parquet.ColumnChunkMetaData) -> int:
    """Return how many bytes the dictionary of a column takes in memory, 0 if it has none or does not say.

    No value that a dictionary holds is longer than that, however often the column repeats it.
    """
    if not column.has_dictionary_page:
        return 0
    header, _ = _read_page_header(content, _first_page(column))
    return header.get(_UNPACKED, 0)


def largest_page_bytes(content: BinaryIO, column: parquet.ColumnChunkMetaData) -> int:
    """Return how many bytes the largest page of a column takes in memory; pyarrow unpacks one as a whole.

    Raises:
        ValueError: A page is longer than the file, which pyarrow would make room for.
    """
    at, largest = _first_page(column), 0
    file_bytes = content.seek(0, io.SEEK_END)
    end = at + column.total_compressed_size
    while at < end:
        header, num_bytes = _read_page_header(content, at)
        if _PACKED not in header:
            break  # pyarrow says that it is damaged
        largest = max(largest, header.get(_UNPACKED, 0))
        at += num_bytes + max(0, header[_PACKED])
        if at > file_bytes:
            raise ValueError(f"a page of {header[_PACKED]:,} bytes is longer than the file: get a whole copy")
    return largest


def _first_page(column: parquet.ColumnChunkMetaData) -> int:
    return int(column.dictionary_page_offset or column.data_page_offset)


def _read_page_header(content: BinaryIO, offset: int) -> tuple[dict[int, int], int]:
    """Return the numbers in a page's header by their fields, and its length; none and 0 if it cannot be read."""
    for size in (_HEADER_BYTES, _LONG_HEADER_BYTES):
        content.seek(offset)
        reader = _Thrift(content.read(size))
        try:
            return reader.read_numbers(), reader.at
        except (IndexError, RecursionError):
            continue
    return {}, 0


class _Thrift:
    """Reads Thrift's compact protocol, as far as the header of a page needs it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def read_numbers(self) -> dict[int, int]:
        """Return the whole numbers of a structure by field, and pass over all else that it holds.

        Raises:
            IndexError: The data ends before the structure.
        """
        numbers: dict[int, int] = {}
        field = 0
        while (head := self._byte()) & 15:  # whatever stands above: the reader of pyarrow looks no further
            field = field + (head >> 4) if head >> 4 else self._number()
            if head & 15 in (4, 5, 6):
                numbers[field] = self._number()
            else:
                self._skip(head & 15)
        return numbers

    def _byte(self) -> int:
        self.at += 1
        return self._data[self.at - 1]

    def _pass(self, num_bytes: int) -> None:
        self.at += num_bytes
        if self.at > len(self._data):
            raise IndexError

    def _unsigned(self) -> int:
        value = shift = 0
        while (byte := self._byte()) >= 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def _number(self) -> int:
        value = self._unsigned()
        return value >> 1 ^ -(value & 1)

    def _skip(self, kind: int) -> None:
        """Pass over a value: a byte (3), a number (4 to 6), a double (7), bytes (8), a list (9, 10) or a structure."""
        if kind == 3:
            self._pass(1)
        elif kind in (4, 5, 6):
            self._unsigned()
        elif kind == 7:
            self._pass(8)
        elif kind == 8:
            self._pass(self._unsigned())
        elif kind in (9, 10):
            head = self._byte()
            for _ in range(self._unsigned() if head >> 4 == 15 else head >> 4):
                self._skip(max(3, head & 15))
        elif kind == 12:
            self.read_numbers()
        elif kind not in (1, 2):  # true and false, which take no byte; a list of what is unknown would never end
            raise IndexError


@functools.lru_cache(maxsize=1)
def _is_deadly(footer: bytes) -> bool:
    """Return whether a process of its own dies of reading all that a footer says of row groups and columns."""
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(_CHECK_SECS)
            faulthandler.disable()
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            metadata = parquet.read_metadata(io.BytesIO(MAGIC + footer))
            for group in range(metadata.num_row_groups):
                for column in range(metadata.num_columns):
                    metadata.row_group(group).column(column)
        finally:
            os._exit(0)  # what raises an exception does so in the reader too
    status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGALRM
