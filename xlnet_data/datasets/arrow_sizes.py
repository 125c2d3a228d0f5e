"""Tells from an Arrow file's own tables how many rows and bytes each batch has, before any of it is decompressed.

A few kilobytes of zstd can stand for gigabytes. pyarrow decompresses a batch before it tells its size, so the few
fields that say so are read here: Footer and Block of Arrow's File.fbs, Message and RecordBatch of its Message.fbs.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from xlnet_data.errors import ShardError

_MAGIC = b"ARROW1"
_MAX_TABLE_BYTES = 1 << 26
_RECORD_BATCH = 3
_UNCOMPRESSED = -1
_BLOCK = struct.Struct("<qi4xq")

ReadAt = Callable[[int, int], bytes]
"""Returns so many bytes from an offset on."""


@dataclass(frozen=True, slots=True)
class BatchSize:
    """What one record batch takes.

    Attributes:
        rows: Its rows.
        buffer_bytes: Bytes of each of its buffers in memory, decompressed, in the order of the columns.
    """

    rows: int
    buffer_bytes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """Where a batch lies in its file.

    Attributes:
        offset: First byte.
        table_bytes: Bytes of its Message.
        body_bytes: Bytes of its buffers, which follow.
    """

    offset: int
    table_bytes: int
    body_bytes: int


def batch_sizes(read_at: ReadAt, file_bytes: int) -> list[BatchSize]:
    """Return the size of each record batch of an Arrow file, in order.

    Args:
        read_at: Reads from the file: bytes, offset.
        file_bytes: Size of the file.

    Raises:
        ShardError: It is no whole Arrow file.
    """
    try:
        tail = read_at(10, file_bytes - 10)
        (footer_bytes,) = struct.unpack_from("<i", tail)
        if tail[4:] != _MAGIC or not 0 < footer_bytes <= min(_MAX_TABLE_BYTES, file_bytes):
            raise ShardError("it does not end as an Arrow file does")
        footer = _Table.root(read_at(footer_bytes, file_bytes - 10 - footer_bytes))
        blocks = [_Block(*_BLOCK.unpack_from(footer.data, at)) for at in footer.vector(3, _BLOCK.size)]
        return [_read_block(read_at, block, file_bytes) for block in blocks]
    except (struct.error, IndexError, OverflowError) as error:
        raise ShardError(f"its Arrow tables are damaged: {error}") from error


def _read_block(read_at: ReadAt, block: _Block, file_bytes: int) -> BatchSize:
    offset, table_bytes, body_bytes = block.offset, block.table_bytes, block.body_bytes
    if offset < 0 or body_bytes < 0 or not 8 < table_bytes <= _MAX_TABLE_BYTES:
        raise ShardError("a batch lies outside the file")
    if offset + table_bytes + body_bytes > file_bytes:
        raise ShardError("a batch lies outside the file")
    message = _Table.root(read_at(table_bytes, offset)[8:])  # behind a continuation mark and the length
    if message.number(1, "<B") != _RECORD_BATCH:
        raise ShardError("a batch is none")
    batch = message.table(2)
    is_compressed = batch.has(3)
    sizes = []
    for at in batch.vector(2, 16):
        start, num_bytes = struct.unpack_from("<qq", batch.data, at)
        if start < 0 or num_bytes < 0 or start + num_bytes > body_bytes:
            raise ShardError("a column lies outside its batch")
        size = num_bytes
        if is_compressed and num_bytes:
            (size,) = struct.unpack("<q", read_at(8, offset + table_bytes + start))
            size = num_bytes if size == _UNCOMPRESSED else size
        sizes.append(size)
    return BatchSize(batch.number(0, "<q"), tuple(sizes))


@dataclass(frozen=True, slots=True)
class _Table:
    """A FlatBuffers table: fields by number, each at an offset that the table's list of offsets holds.

    Attributes:
        data: The bytes that it lies in.
        at: Where.
    """

    data: bytes
    at: int

    @classmethod
    def root(cls, data: bytes) -> "_Table":
        return cls(data, struct.unpack_from("<I", data)[0])

    def has(self, field: int) -> bool:
        return self._offset(field) != 0

    def number(self, field: int, kind: str) -> int:
        offset = self._offset(field)
        return int(struct.unpack_from(kind, self.data, self.at + offset)[0]) if offset else 0

    def table(self, field: int) -> "_Table":
        return _Table(self.data, self._follow(field))

    def vector(self, field: int, item_bytes: int) -> range:
        """Return where each item of a vector of structs lies."""
        if not self.has(field):
            return range(0)
        start = self._follow(field)
        (length,) = struct.unpack_from("<I", self.data, start)
        if start + 4 + length * item_bytes > len(self.data):
            raise ShardError("an Arrow table is longer than its file")
        return range(start + 4, start + 4 + length * item_bytes, item_bytes)

    def _follow(self, field: int) -> int:
        offset = self._offset(field)
        if not offset:
            raise ShardError("an Arrow table lacks a field")
        at = self.at + offset
        return at + int(struct.unpack_from("<I", self.data, at)[0])

    def _offset(self, field: int) -> int:
        start = self.at - int(struct.unpack_from("<i", self.data, self.at)[0])
        if start < 0:
            raise ShardError("an Arrow table lies outside its file")
        (num_bytes,) = struct.unpack_from("<H", self.data, start)
        place = 4 + 2 * field
        return int(struct.unpack_from("<H", self.data, start + place)[0]) if place < num_bytes else 0
