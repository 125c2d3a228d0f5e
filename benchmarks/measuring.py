"""What the benchmarks share: made-up text, a vocabulary for it, and a look at a command's processes while it runs."""

import contextlib
import itertools
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.vocabularies import train_tokenizer

POLL_SECS = 0.2
"""Seconds between two looks: a look takes milliseconds of a core that the watched processes need."""
NUM_WORDS = 100_000
"""Of made-up text: enough for a vocabulary of 32,000 pieces."""
PARAGRAPH_WORDS = 80
"""Of the files that are written."""
TICKS = os.sysconf("SC_CLK_TCK")
COMMAND = (sys.executable, "-m", "xlnet_data")
"""The command line of this checkout's package, in this Python."""


def describe_machine() -> str:
    """Return the processor, the cores, the date and the versions."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.machine()
    names = ("xlnet-data", "apache-beam", "sentencepiece", "pyarrow", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return (
        f"{processor}, {cores} cores (load {load:.1f}), {date.today()}, Python {platform.python_version()}, {versions}"
    )


def write_books(folder: Path, num_bytes: int, book_bytes: int = 400_000, seed: int = 0) -> None:
    """Write text files of made-up words with the lengths and frequencies of English ones; no two alike."""
    folder.mkdir(parents=True)
    draw = random.Random(seed)
    words = [
        "".join(random.Random(i).choices("etaoinshrdlucmfwypvbgkjqxz", range(26, 0, -1), k=1 + i % 9))
        for i in range(NUM_WORDS)
    ]
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))
    for number in range(max(1, num_bytes // book_bytes)):
        paragraphs, written = [], 0
        while written < min(book_bytes, num_bytes):
            sentences = (
                draw.choices(words, cum_weights=weights, k=draw.randint(4, 36)) for _ in range(draw.randint(1, 9))
            )
            paragraphs.append(" ".join(" ".join(sentence).capitalize() + "." for sentence in sentences))
            written += len(paragraphs[-1]) + 1
        (folder / f"book-{number:05}.txt").write_text("\n".join(paragraphs))


def take_texts(source: Path, num_bytes: int) -> list[str]:
    """Return a folder's texts, of about so many bytes."""
    texts, taken = [], 0
    for path in sorted(path for path in source.iterdir() if path.is_file()):
        if taken < num_bytes:
            texts.append(path.read_text(encoding="utf-8"))
            taken += path.stat().st_size
    return texts


def take_or_make_texts(source: Path | None, scratch: Path, num_bytes: int) -> list[str]:
    """Return a folder's texts, or made-up ones where none is given, of about so many bytes."""
    if source is None:
        source = scratch / "books"
        write_books(source, num_bytes)
    return take_texts(source, num_bytes)


def write_shuffled(texts: Sequence[str], folder: Path, num_bytes: int, num_words: int | None = None) -> int:
    """Write the texts again and again as files of shuffled words, at least one, up to so many bytes; return the bytes.

    Args:
        texts: The texts.
        folder: Where the files are written.
        num_bytes: When to stop.
        num_words: Words of a file; None: those of its text.
    """
    folder.mkdir()
    words = [pa.array(text.split()) for text in texts]
    written = number = 0
    while written < max(num_bytes, 1):
        chosen = words[number % len(words)]
        chosen = chosen.take(pa.array(np.random.default_rng(number).permutation(len(chosen))[:num_words]))
        rows = pa.ListArray.from_arrays([*range(0, len(chosen), PARAGRAPH_WORDS), len(chosen)], chosen)
        content = "\n".join(pc.binary_join(rows, " ").to_pylist()).encode()
        (folder / f"{number:06}.txt").write_bytes(content)
        written += len(content)
        number += 1
    return written


def train_model(texts: Sequence[str], path: Path, vocab_size: int) -> None:
    """Train a vocabulary on some paragraphs."""
    train_tokenizer(texts, TokenizerSettings(vocab_size=vocab_size, sample_sentences=200_000), str(path))


def take_or_train_model(model: Path | None, texts: Sequence[str], scratch: Path, vocab_size: int = 32_000) -> Path:
    """Return the absolute path of a vocabulary: the given one, or one that the first forty of some texts train."""
    if model is None:
        model = scratch / "trained.model"
        train_model([line for text in texts[:40] for line in text.split("\n") if line.strip()], model, vocab_size)
    return model.resolve(strict=True)


@dataclass
class Process:
    """What was seen of one process.

    Attributes:
        role: "main" or "worker".
        cpu_secs: User and system time.
        peak_bytes: Peak resident memory.
        open_files: Files and sockets open at a time, at most.
    """

    role: str
    cpu_secs: float = 0.0
    peak_bytes: int = 0
    open_files: int = 0


@dataclass
class Watched:
    """A command that ran, and all its processes.

    Attributes:
        wall_secs: Until it ended.
        status: Its exit status.
        stderr: What it wrote there.
        processes: By process id.
    """

    wall_secs: float
    status: int
    stderr: str
    processes: dict[int, Process] = field(default_factory=dict)

    def cpu_secs(self, role: str) -> float:
        return sum(process.cpu_secs for process in self.processes.values() if process.role == role)

    def peak_bytes(self, role: str) -> int:
        return max((process.peak_bytes for process in self.processes.values() if process.role == role), default=0)


def watch(arguments: Sequence[str], prelude: str = "") -> Watched:
    """Run the command line, after a prelude in Python, and look at its processes until it ends."""
    begin = time.perf_counter()
    command = [*COMMAND, *arguments]
    if prelude:
        command = [sys.executable, "-c", f"{prelude}from xlnet_data.__main__ import main; main()", *arguments]
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    seen: dict[int, Process] = {}
    while process.poll() is None:
        for pid in session_processes(process.pid):
            look_at(pid, seen.setdefault(pid, Process("main" if pid == process.pid else "worker")))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLL_SECS)
    secs = time.perf_counter() - begin
    assert process.stderr is not None
    return Watched(secs, process.returncode, process.stderr.read(), seen)


def session_processes(session: int) -> list[int]:
    """Return the ids of the processes of a session."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and len(fields := _stat(int(name))) > 3 and int(fields[3]) == session:
            found.append(int(name))
    return found


def descendants(roots: Sequence[int]) -> list[int]:
    """Return the ids of some processes and of all that descend from them."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and len(fields := _stat(int(name))) > 1:
            children.setdefault(int(fields[1]), []).append(int(name))
    found = list(roots)
    for pid in found:
        found += children.get(pid, [])
    return found


def look_at(pid: int, process: Process) -> None:
    """Bring a process's figures up to date, as long as it is there."""
    fields = _stat(pid)
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        process.open_files = max(process.open_files, len(os.listdir(f"/proc/{pid}/fd")))
    except OSError:
        return
    if fields:
        process.cpu_secs = max(process.cpu_secs, (int(fields[11]) + int(fields[12])) / TICKS)
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            process.peak_bytes = max(process.peak_bytes, int(line.split()[1]) * 1024)


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; none if the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
