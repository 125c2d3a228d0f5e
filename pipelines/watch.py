"""Which document every worker process is at, so that one that dies or hangs can be blamed on it."""

import contextlib
import json
import mmap
import os
import signal
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass

from xlnet_data.parsing import watcher
from xlnet_data.pipelines.work import LocalWork
from xlnet_data.shards import atomic_write

_SUFFIX = ".at"
_HEAD = struct.Struct("<5q")  # changes so far, bytes of the texts: corpus, input, the document's source, its id
_TEXT_BYTES = 4096
_PLACES = [_HEAD.size + number * _TEXT_BYTES for number in range(5)]  # of the texts, and the file's end

Name = tuple[str, str]
"""A document by its source and its id."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a worker process is at.

    Attributes:
        process: Its id.
        changes: How often what it is at has changed.
        corpus: The corpus's name.
        source: What the document comes from: a file, or the corpus where it is filtered and tokenized.
        doc_id: The document; "" between two of them.
    """

    process: int
    changes: int
    corpus: str
    source: str
    doc_id: str

    @property
    def name(self) -> Name:
        """The document."""
        return self.source, self.doc_id

    def __str__(self) -> str:
        return f"document {self.doc_id!r} of {self.source}" if self.doc_id else self.source


class DocumentWatch:
    """Tells what this process is at, in a small file that outlives it; what a parser is watched by."""

    def __init__(self, folder: str, left_out: str) -> None:
        with open(os.path.join(folder, f"{os.getpid()}{_SUFFIX}"), "w+b") as file:
            file.truncate(_PLACES[-1])
            self._memory = mmap.mmap(file.fileno(), 0)
        self._left_out = frozenset(read_left_out(left_out))
        self._source = ""
        self._head = [0] * 5

    def read(self, corpus: str, source: str) -> None:
        """Note what is read from now on, "" for nothing."""
        self._write(1, corpus)
        self._write(2, source)
        self.end()

    def begin(self, source: str, doc_id: str) -> bool:
        """Note a document; False: it is to be left out."""
        if source != self._source:
            self._write(3, source)
            self._source = source
        self._write(4, doc_id)
        self._tell()
        return not self._left_out or (_shown(source), _shown(doc_id)) not in self._left_out

    def end(self) -> None:
        """Note that the document is done."""
        self._head[4] = 0
        self._tell()

    def _write(self, number: int, text: str) -> None:
        data = _to_bytes(text)
        place = _PLACES[number - 1]
        self._memory[place : place + len(data)] = data
        self._head[number] = len(data)

    def _tell(self) -> None:
        self._head[0] += 1
        _HEAD.pack_into(self._memory, 0, *self._head)


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")[:_TEXT_BYTES]


def _shown(text: str) -> str:
    """Return a text as another process sees it: without what is too long, or no UTF-8."""
    return _to_bytes(text).decode("utf-8", "replace")


_watches: dict[tuple[str, int], DocumentWatch] = {}


def watch_input(work: LocalWork | None, corpus: str, source: str) -> None:
    """Note what this process reads from now on, "" for nothing, and have its documents watched; not on a cluster."""
    if work is None:
        return
    key = work.progress, os.getpid()
    if key not in _watches:
        _watches[key] = DocumentWatch(work.progress, work.left_out)
    _watches[key].read(corpus, source)
    watcher.set(_watches[key])


class Warden:
    """Looks after the worker processes of a build: stops those that hang on a document, and tells who died on which.

    Args:
        folder: Where the processes tell what they are at.
        limits: Seconds that one document may take, by corpus.
    """

    def __init__(self, folder: str, limits: dict[str, float]) -> None:
        self._folder, self._limits = folder, limits
        self._since: dict[int, tuple[int, float]] = {}
        self._hung: set[int] = set()

    def stop_hung(self) -> None:
        """Kill every process that has been at the same document for too long."""
        for sight in read_sights(self._folder):
            changes, since = self._since.setdefault(sight.process, (sight.changes, time.monotonic()))
            if changes != sight.changes:
                self._since[sight.process] = sight.changes, time.monotonic()
            elif sight.doc_id and time.monotonic() - since > self._limits[sight.corpus]:
                self._hung.add(sight.process)
                _kill(sight.process)

    def victims(self) -> list[Sight]:
        """Return what the processes that died were at, and kill the others."""
        sights = read_sights(self._folder)
        dead = [sight for sight in sights if sight.process in self._hung or not _is_alive(sight.process)]
        for sight in sights:
            if sight not in dead:
                _kill(sight.process)
        return [sight for sight in dead if sight.source]

    def hung(self, sight: Sight) -> bool:
        """Return whether a process was stopped because it hung."""
        return sight.process in self._hung


def read_sights(folder: str) -> list[Sight]:
    """Return what the worker processes are at, or were at when they died."""
    sights = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(_SUFFIX):
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            if len(data) >= _HEAD.size:  # else it is being made
                changes, *sizes = _HEAD.unpack_from(data)
                corpus, read, source, doc_id = (
                    data[place : place + size].decode("utf-8", "replace")
                    for place, size in zip(_PLACES, sizes, strict=False)
                )
                process = int(name.removesuffix(_SUFFIX))
                sights.append(Sight(process, changes, corpus, source if doc_id else read, doc_id))
    return sights


def read_left_out(path: str) -> list[Name]:
    """Return the documents to leave out; none where there is no file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [(source, doc_id) for source, doc_id in json.load(file)]


def write_left_out(path: str, names: Iterable[Name]) -> None:
    """Write the documents to leave out."""
    with atomic_write(path) as file:
        file.write(json.dumps(sorted(names)).encode())


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
