"""Reads and writes files of HDFS as Python does other files, which its client's own do not allow."""

import io
import os
from typing import Any


class HdfsFile(io.RawIOBase):
    """The bytes of a file of HDFS, unbuffered.

    Args:
        file: The client's file, which does not say where a seek has led to.
    """

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the file goes, and return the number of bytes."""
        found = self._file.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the file and return it."""
        self._file.seek(offset, whence)
        return self.tell()

    def tell(self) -> int:
        """Return the place in the file."""
        return int(self._file.tell())


class HdfsWriter:
    """A file of HDFS that takes whatever holds bytes.

    Args:
        file: The client's file, which takes other buffers byte by byte, and none whose numbers have a sign.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: Any) -> int:
        """Write bytes and return their number."""
        return int(self._file.write(bytes(data)))
