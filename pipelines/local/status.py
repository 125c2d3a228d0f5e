"""Follows the processes of a local build: how far each is, and which document it is at.

Every process writes both into a small mapped file of its own, a microsecond or two each time. So a document that takes
its process down, or that hangs it with the interpreter's lock held, can be named from outside.
"""

import contextlib
import dataclasses
import json
import mmap
import os
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from xlnet_data.corpora.guards import document_watcher
from xlnet_data.files.writing import atomic_write, named_write
from xlnet_data.pipelines.progress import BuildCounts, Progress

_SUFFIX = ".status"
_CARRIED = "carried.json"
_COUNTS = tuple(BuildCounts.__dataclass_fields__)

_CHANGES, _CORPUS, _INPUT, _SOURCE, _DOC_ID, _FIRST_COUNT = range(6)
"""Places in a file's head: how often what is read has changed; the bytes of four texts, of which _INPUT is what is read
and _SOURCE the document's own source; and the first of the counts."""

_NOW, _FINISHED = slice(_FIRST_COUNT, _FIRST_COUNT + len(_COUNTS)), slice(_FIRST_COUNT + len(_COUNTS), None)
"""Places of the counts so far, and of those when a task was last finished."""

_HEAD = struct.Struct(f"<{_FIRST_COUNT + 2 * len(_COUNTS)}q")

_TEXT_BYTES = 4096
_OFFSETS = {text: _HEAD.size + number * _TEXT_BYTES for number, text in enumerate((_CORPUS, _INPUT, _SOURCE, _DOC_ID))}
"""Where each text lies in a file, behind the head."""

Name = tuple[str, str]
"""A document by its source and its id."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """Which document a worker process is at.

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


class StatusFile:
    """The file in which this process says how far it is and which document it is at; it outlives the process."""

    def __init__(self, folder: str, left_out: str) -> None:
        path = os.path.join(folder, f"{os.getpid()}{_SUFFIX}")
        with named_write(path), open(path, "w+b", buffering=0) as file:
            # Not truncate: where a full disk has no room for it is said here.
            file.write(bytes(_HEAD.size + len(_OFFSETS) * _TEXT_BYTES))
            self._memory = mmap.mmap(file.fileno(), 0)
        self._left_out = read_left_out(left_out)
        self._source = ""
        self._head = [0] * (_FIRST_COUNT + 2 * len(_COUNTS))
        self._lock = threading.Lock()

    def add(self, **amounts: int) -> None:
        """Add to this process's counts."""
        with self._lock:
            for name, amount in amounts.items():
                self._head[_FIRST_COUNT + _COUNTS.index(name)] += amount
            _HEAD.pack_into(self._memory, 0, *self._head)

    def finish_task(self) -> None:
        """Note that the counts so far are of finished tasks: they stay if this process dies."""
        with self._lock:
            self._head[_FINISHED] = self._head[_NOW]
            _HEAD.pack_into(self._memory, 0, *self._head)

    def read_from(self, corpus: str, source: str) -> None:
        """Note which input is read from now on, "" for none."""
        self._write(_CORPUS, corpus)
        self._write(_INPUT, source)
        self.end()

    def begin(self, source: str, doc_id: str) -> str:
        """Note a document, and return "", or why it is to be left out."""
        if source != self._source:
            self._write(_SOURCE, source)
            self._source = source
        self._write(_DOC_ID, doc_id)
        self._tell()
        return self._left_out.get((_as_read(source), _as_read(doc_id)), "") if self._left_out else ""

    def end(self) -> None:
        """Note that the document is done."""
        self._head[_DOC_ID] = 0
        self._tell()

    @property
    def is_at_document(self) -> bool:
        """Whether a document has been begun and not ended."""
        return self._head[_DOC_ID] > 0

    def _write(self, place: int, text: str) -> None:
        data = _to_bytes(text)
        offset = _OFFSETS[place]
        self._memory[offset : offset + len(data)] = data
        self._head[place] = len(data)

    def _tell(self) -> None:
        with self._lock:
            self._head[_CHANGES] += 1
            _HEAD.pack_into(self._memory, 0, *self._head)


def _to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")[:_TEXT_BYTES]


def _as_read(text: str) -> str:
    """Return a text as another process reads it: without what is too long, or no UTF-8."""
    return _to_bytes(text).decode("utf-8", "replace")


_open_files: dict[tuple[str, int], StatusFile] = {}
_opening = threading.Lock()


@dataclass(frozen=True)
class LocalProgress(Progress):
    """Takes what the stages report and writes it into this process's status file.

    Attributes:
        folder: Of the status files.
        left_out: File that names the documents to leave out.
        run: Name of this part of the build: a process that takes part in another one begins another file.
    """

    folder: str
    left_out: str
    run: str

    def add(self, **amounts: int) -> None:
        """Add to this process's counts, by the fields of BuildCounts."""
        self._file().add(**amounts)

    def finish_task(self) -> None:
        """Note that the task that this process was at has its record."""
        self._file().finish_task()

    def read_from(self, corpus: str, source: str) -> None:
        """Note what this process reads from now on, "" for nothing, and have its documents watched."""
        file = self._file()
        file.read_from(corpus, source)
        document_watcher.set(file)

    def _file(self) -> StatusFile:
        key = self.run, os.getpid()
        with _opening:
            if key not in _open_files:
                _open_files[key] = StatusFile(self.folder, self.left_out)
        return _open_files[key]


def read_statuses(folder: str) -> list[WorkerStatus]:
    """Return what the worker processes are at, or were at when they died."""
    return [status for status, _ in _read_files(folder)]


def read_counts(folder: str) -> BuildCounts:
    """Return the sums of the processes' counts; all are 0 once the folder is gone."""
    return _sum_counts(folder, _NOW)


def read_finished(folder: str) -> BuildCounts:
    """Return the sums of the processes' counts as far as they stay when workers die: those of the finished tasks."""
    finished = _sum_counts(folder, _FINISHED)
    return dataclasses.replace(finished, tokens_written=0)  # finished shards are told of again


def carry_counts(folder: str, counts: BuildCounts) -> None:
    """Have the counts of an earlier part of this process's build added to those of the processes."""
    with atomic_write(os.path.join(folder, _CARRIED)) as file:
        file.write(json.dumps(dataclasses.astuple(counts)).encode())


def _sum_counts(folder: str, chosen: slice) -> BuildCounts:
    totals = [0] * len(_COUNTS)
    with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, _CARRIED), "rb") as file:
        totals = json.load(file)
    for _, head in _read_files(folder):
        totals = [total + count for total, count in zip(totals, head[chosen], strict=True)]
    return BuildCounts(*totals)


def _read_files(folder: str) -> list[tuple[WorkerStatus, tuple[int, ...]]]:
    """Return what each process is at, and the head of its file, which holds its counts."""
    found = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if name.endswith(_SUFFIX):
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            if len(data) >= _HEAD.size:  # else it is being made
                head = _HEAD.unpack_from(data)
                corpus, read, source, doc_id = (
                    data[offset : offset + head[place]].decode("utf-8", "replace") for place, offset in _OFFSETS.items()
                )
                process = int(name.removesuffix(_SUFFIX))
                status = WorkerStatus(process, head[_CHANGES], corpus, source if doc_id else read, doc_id)
                found.append((status, head))
    return found


def read_left_out(path: str) -> dict[Name, str]:
    """Return the documents to leave out and why; none where there is no file."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return {(source, doc_id): cause for source, doc_id, cause in json.load(file)}


def write_left_out(path: str, causes: Mapping[Name, str]) -> None:
    """Write the documents to leave out and why."""
    with atomic_write(path) as file:
        file.write(json.dumps(sorted((*name, cause) for name, cause in causes.items())).encode())
