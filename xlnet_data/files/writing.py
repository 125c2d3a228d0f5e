"""Writes files that appear whole or not at all, and hashes what is written."""

import contextlib
import hashlib
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from xlnet_data.errors import ShardError
from xlnet_data.files.stores import check_store, is_url, write_url

_FLUSHED_BYTES = 8_000_000
"""Of a file, after which the system is asked to begin to write them to the disk."""


class HashingFile:
    """A file that counts and hashes the bytes written to it; pyarrow takes it for a file."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        self._file = file
        self._path = path
        self._hash = hashlib.sha256()
        self.num_bytes = 0
        self._num_flushed = 0
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
        if self.num_bytes - self._num_flushed > _FLUSHED_BYTES and not is_url(self._path):
            _start_flush(self._file, self._num_flushed, self.num_bytes - self._num_flushed)
            self._num_flushed = self.num_bytes
        return view.nbytes

    def flush(self) -> None:
        """Do nothing: the file is flushed when it is closed."""

    def close(self) -> None:
        """Do nothing: atomic_write closes the file."""

    def hexdigest(self) -> str:
        """Return the sha256 of what was written so far."""
        return self._hash.hexdigest()


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file that was written whole.

    Attributes:
        path: Where it lies.
        num_bytes: Its size.
        sha256: Of its bytes, in hex.
    """

    path: str
    num_bytes: int
    sha256: str

    @classmethod
    def of(cls, path: str, file: HashingFile) -> "OutputFile":
        """Return the file that `atomic_write` wrote."""
        return cls(path, file.num_bytes, file.hexdigest())

    def is_intact(self) -> bool:
        """Return whether the file has its size and bytes; a crash of the machine can leave it cut or zeroed."""
        try:
            return self.has_size() and hash_file(self.path) == self.sha256
        except OSError:
            return False

    def has_size(self) -> bool:
        """Return whether the file is there, in its size."""
        try:
            return os.path.getsize(self.path) == self.num_bytes
        except OSError:
            return False


def hash_file(path: str) -> str:
    """Return the sha256 of a local file, in hex.

    Raises:
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def atomic_write(path: str) -> Iterator[HashingFile]:
    """Write a file that appears under its name whole or not at all.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    if is_url(path):
        with write_url(path) as remote:
            yield HashingFile(remote, path)
        return
    temporary = _temporary_name(path)
    _check_file(path)
    try:
        with named_write(path):
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
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


def check_output(path: str) -> None:
    """Check, before the work is done, that a file can be written under a name; its folder is made.

    Raises:
        ShardError: The name is a folder's, its folder cannot be made or written, or no store takes it.
    """
    if is_url(path):
        check_store(path)
        return
    _check_file(path)
    temporary = _temporary_name(path)
    with named_write(path):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        open(temporary, "wb").close()
        os.remove(temporary)


def _temporary_name(path: str) -> str:
    """Return the name under which a file is written before it has its own."""
    return f"{path}.{uuid.uuid4().hex}.tmp"


def _check_file(path: str) -> None:
    """Refuse a name under which no file can lie, or something other than a file does: what is written replaces it."""
    if not os.path.basename(path) or os.path.isdir(path):
        raise ShardError(f"cannot write {path!r}: it names a folder; name a file in it")
    if os.path.exists(path) and not os.path.isfile(path):
        raise ShardError(f"cannot write {path!r}: it is a pipe or a device; name a file")
    folder = os.path.dirname(path)
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise ShardError(f"cannot write {path!r}: {folder!r} is a file, not a folder")


def check_replaced(path: str, kind: str, is_of_kind: Callable[[bytes], bool]) -> None:
    """Check that a file can be written under a name, and that it replaces nothing but a file of its own kind.

    Args:
        path: A local path; or a URL, of which only its store is checked.
        kind: What the file is called in the message.
        is_of_kind: Tells a file of the kind by its first kilobyte.

    Raises:
        ShardError: It cannot be written, or another file lies there.
    """
    check_output(path)
    if is_url(path) or not os.path.isfile(path):
        return
    with named_write(path), open(path, "rb") as file:
        head = file.read(1024)
    if head and not is_of_kind(head):
        raise ShardError(f"{path} is there already and is no {kind}, so it is not replaced: give another name")


@contextlib.contextmanager
def named_write(path: str) -> Iterator[None]:
    """Make a named error of a failure to write a file.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise ShardError(f"cannot write {path}: {error.strerror or error}") from error


def _start_flush(file: BinaryIO, begin: int, num_bytes: int) -> None:
    """Have the system begin to write a part of a file to the disk, so that `sync_file` has less to wait for.

    Linux does so where it is told that the part is not needed again; PostgreSQL uses this, too (`pg_flush_data`). A
    system that knows no such advice writes when it likes.
    """
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(file.fileno(), begin, num_bytes, os.POSIX_FADV_DONTNEED)


def sync_file(path: str) -> None:
    """Wait until a file's bytes are on the disk itself, where a crash of the machine leaves them.

    Raises:
        ShardError: The disk does not take them.
    """
    with named_write(path), open(path, "rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: str) -> None:
    """Wait until a folder's names are on the disk itself.

    Raises:
        ShardError: The disk does not take them.
    """
    with named_write(path):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_temporary_folder() -> None:
    """Check that there is a folder that temporary files can be written to.

    Raises:
        ShardError: There is none.
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError as error:
        advice = "make room in one of them, or set TMPDIR to a folder that can be written"
        raise ShardError(f"no folder for temporary files can be written (TMPDIR, /tmp, /var/tmp): {advice}") from error
