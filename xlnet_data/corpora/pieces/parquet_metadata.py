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
_HEADER_BYTES = 64
_FIELDS_OF_PAGE = 3  # type, bytes uncompressed, bytes compressed: the first fields of a page's header
_I32 = 0x15  # the next field, a number of 32 bits, in Thrift's compact protocol


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
    content.seek(column.dictionary_page_offset or column.data_page_offset)
    header = content.read(_HEADER_BYTES)
    at = number = 0
    for field in range(_FIELDS_OF_PAGE):
        if header[at : at + 1] != bytes([_I32]):
            return 0
        at, shift, value = at + 1, 0, 0
        while at < len(header):
            value |= (header[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if header[at - 1] < 0x80:
                break
        if field == 1:
            number = value >> 1  # zigzag: sizes are not negative
    return number


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
