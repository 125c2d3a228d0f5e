"""Holds copies of remote datasets within a number of bytes: those that were not used for longest go first."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from xlnet_data.errors import ConfigError, ShardError

CACHE_VARIABLE = "XLNET_DATA_CACHE"
"""Environment variable with the folder that copies lie in; without it, ``~/.cache/xlnet-data``."""

LIMIT_VARIABLE = "XLNET_DATA_CACHE_BYTES"
"""Environment variable with the bytes that all copies together may take."""

DEFAULT_LIMIT_BYTES = 100_000_000_000
"""What they may take without it."""

_USED = ".used"
"""In a copy's folder: locked, shared, by every process that reads the copy; its time says when one last came."""

_COPYING = ".copying"
"""In a copy's folder: locked by the process that fills it; holds the bytes that the folder will have."""

_users: dict[str, int] = {}
"""The locks that this process holds on copies that it reads, by folder, as long as it lives."""


def cache_folder() -> str:
    """Return the folder of all copies."""
    return os.environ.get(CACHE_VARIABLE) or os.path.join(Path.home(), ".cache", "xlnet-data")


def limit_bytes() -> int:
    """Return how many bytes all copies together may take.

    Raises:
        ConfigError: The variable holds no number.
    """
    text = os.environ.get(LIMIT_VARIABLE, "")
    if text and not text.isdecimal():
        raise ConfigError(f"{LIMIT_VARIABLE} must be a number of bytes: got {text!r}")
    return int(text or DEFAULT_LIMIT_BYTES)


def use_copy(folder: str) -> None:
    """Make a copy's folder if it is not there; no process takes it away while this one lives."""
    path = os.path.join(folder, _USED)
    if folder not in _users or not os.path.exists(path):
        _users[folder] = _lock(path, fcntl.LOCK_SH)
    os.utime(path)


@contextlib.contextmanager
def fill_copy(folder: str) -> Iterator[None]:
    """Let one process at a time fill a copy's folder; the others wait, and find what it copied."""
    handle = _lock(os.path.join(folder, _COPYING), fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def make_room(folder: str, more_bytes: int) -> None:
    """Remove copies that no process reads, until a copy that is being filled has room.

    Args:
        folder: The copy's folder, which this process fills.
        more_bytes: What will come into it.

    Raises:
        ShardError: Not even all others would make room enough.
        ConfigError: The limit is no number.
    """
    limit, cache = limit_bytes(), os.path.dirname(folder)
    num_bytes = _bytes_in(folder) + more_bytes
    if num_bytes > limit:
        raise ShardError(
            f"the copy takes {num_bytes / 1e9:,.1f} GB, and copies may take {limit / 1e9:,.1f} GB in {cache}: set "
            f"{LIMIT_VARIABLE} to more bytes, or {CACHE_VARIABLE} to a larger disk"
        )
    handle = _lock(os.path.join(cache, ".room"), fcntl.LOCK_EX)  # two that make room would count on the same bytes
    try:
        Path(folder, _COPYING).write_text(str(num_bytes))
        copies = [path for path in _copies_in(cache) if path != folder]
        sizes = {path: _size_of(path) for path in copies}
        excess = num_bytes + sum(sizes.values()) - limit
        for path in sorted(copies, key=lambda path: os.stat(os.path.join(path, _USED)).st_mtime_ns):
            if excess <= 0:
                return
            if _remove_unused(path):
                excess -= sizes[path]
        if excess > 0:
            raise ShardError(
                f"the copy takes {num_bytes / 1e9:,.1f} GB, and of the {limit / 1e9:,.1f} GB that copies may take in "
                f"{cache}, others hold too many that are being read: set {LIMIT_VARIABLE} to more bytes"
            )
    finally:
        os.close(handle)


def _copies_in(cache: str) -> list[str]:
    return [entry.path for entry in os.scandir(cache) if os.path.exists(os.path.join(entry.path, _USED))]


def _size_of(folder: str) -> int:
    """Return the bytes of a copy, or those that it will have, if it is being filled and they are more."""
    expected = 0
    with contextlib.suppress(FileNotFoundError):
        expected = int(Path(folder, _COPYING).read_text() or 0)
    return max(_bytes_in(folder), expected)


def _bytes_in(folder: str) -> int:
    found = 0
    for path in Path(folder).rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # a file that was being copied got its name
            found += path.stat().st_size
    return found


def _remove_unused(folder: str) -> bool:
    """Remove a copy and return True, unless a process reads it."""
    handle = os.open(os.path.join(folder, _USED), os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(folder)
        return True
    finally:
        os.close(handle)


def _lock(path: str, kind: int) -> int:
    """Lock a file, which is made if it is not there, and return its handle."""
    while True:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(handle, kind)
        with contextlib.suppress(FileNotFoundError):  # another process removed the copy meanwhile
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        os.close(handle)
