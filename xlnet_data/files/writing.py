"""TODO xlnet_data.files.writing."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import smart_open

from xlnet_data.errors import ShardError
from xlnet_data.files.locations import is_url


class HashingFile:
    """A file being written whose bytes are counted and hashed on the way; what pyarrow writes to."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        self._file = file
        self._path = path
        self._hash = hashlib.sha256()
        self.num_bytes = 0
        self.closed = False

    def write(self, data: Any) -> int:
        """Write bytes.

        Raises:
            ShardError: The disk is full.
        """
        view = memoryview(data)
        self._hash.update(view)
        self.num_bytes += view.nbytes
        with named_write(self._path):
            self._file.write(view)
        return view.nbytes

    def flush(self) -> None:
        """Do nothing: the file is flushed when it is closed."""

    def close(self) -> None:
        """Do nothing: atomic_write closes the file."""

    def hexdigest(self) -> str:
        """Return the sha256 of what was written so far."""
        return self._hash.hexdigest()


@contextmanager
def atomic_write(path: str) -> Iterator[HashingFile]:
    """Write a file that appears under its name whole or not at all.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    if is_url(path):  # an object appears when it is complete
        with cast(BinaryIO, smart_open.open(path, "wb", compression="disable")) as file:
            yield HashingFile(file, path)
        return
    temporary = f"{path}.{uuid.uuid4().hex}.tmp"
    try:
        with named_write(path):
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
            file = open(temporary, "wb")  # noqa: SIM115 - closed below, where a full disk may show
        try:
            yield HashingFile(file, path)
        finally:
            with named_write(path):
                file.close()
        with named_write(path):
            os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


@contextmanager
def named_write(path: str) -> Iterator[None]:
    """Name a file that cannot be written.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise ShardError(f"cannot write {path}: {error.strerror or error}") from error
