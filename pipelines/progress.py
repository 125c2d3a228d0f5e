"""How far a local build is, told by every worker process in a small file of its own."""

import os
import struct
import threading
import uuid
from dataclasses import dataclass

_SUFFIX = ".counts"
_FIELDS = struct.Struct("<6q")


@dataclass(frozen=True, slots=True)
class Progress:
    """Sums over all workers since the build began or went on.

    Attributes:
        input_bytes: Bytes on disk of the finished input, and of the text read so far from the unfinished.
        documents_read: Documents that the parsers saw.
        documents_dropped: Documents dropped.
        text_bytes: Bytes of the text read.
        tokens_read: Tokens that go into the lanes.
        tokens_written: Tokens of the lanes whose examples are written.
    """

    input_bytes: int = 0
    documents_read: int = 0
    documents_dropped: int = 0
    text_bytes: int = 0
    tokens_read: int = 0
    tokens_written: int = 0


_files: dict[str, tuple[int, list[int]]] = {}
_lock = threading.Lock()


def add_progress(folder: str | None, **amounts: int) -> None:
    """Add to this process's counts; does nothing where there is no folder (on a cluster)."""
    if folder is None:
        return
    with _lock:
        key = f"{folder}:{os.getpid()}"
        if key not in _files:
            name = os.path.join(folder, f"{os.getpid()}-{uuid.uuid4().hex[:8]}{_SUFFIX}")
            _files[key] = (os.open(name, os.O_WRONLY | os.O_CREAT), [0] * len(Progress.__dataclass_fields__))
        handle, totals = _files[key]
        for index, name in enumerate(Progress.__dataclass_fields__):
            totals[index] += amounts.get(name, 0)
        os.pwrite(handle, _FIELDS.pack(*totals), 0)


def read_progress(folder: str) -> Progress:
    """Return the sums over all workers' files."""
    sums = [0] * len(Progress.__dataclass_fields__)
    for name in os.listdir(folder):
        if not name.endswith(_SUFFIX):
            continue
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read(_FIELDS.size)
        if len(data) == _FIELDS.size:
            sums = [total + value for total, value in zip(sums, _FIELDS.unpack(data), strict=True)]
    return Progress(*sums)
