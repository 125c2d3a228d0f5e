"""Builds datasets of growing amounts of text and reports what grows with them: time, memory, open files, disk.

    python benchmarks/scale.py [FOLDER] [--gigabytes 0.1 1 10 ...] [--workers N] [--scratch DIR] [--interrupt]

The texts of FOLDER, or made-up ones, are written again and again with their words in another order, so that no two
documents are alike; a word keeps its marks, and so sentences keep about their lengths. No new words come, so that real
text of this size would fill the table of words faster. With --interrupt the largest build is killed half-way and begun
again with the same command, and its dataset must be the other's. Start-up is that of a build of a few kilobytes and is
left out of the throughput.
"""

import argparse
import dataclasses
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from measuring import (
    COMMAND,
    Watched,
    describe_machine,
    take_or_make_texts,
    take_or_train_model,
    watch,
    write_shuffled,
)

from xlnet_data.datasets.manifests import read_manifest

SOURCE_BYTES = 64_000_000
LOOK_SECS = 0.5


@dataclasses.dataclass
class Disk:
    """What was seen of a build's folder.

    Attributes:
        spool_bytes: The spool's largest size.
        read_secs: Until the last document was in the spool.
    """

    spool_bytes: int = 0
    read_secs: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--gigabytes", type=float, nargs="+", default=[0.02, 0.1])
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--scratch", type=Path, help="where text and datasets are written, three times the text's size")
    parser.add_argument("--interrupt", action="store_true")
    options = parser.parse_args()
    print(describe_machine())
    print(f"{options.workers} workers\n")
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        scratch = Path(name)
        texts = take_or_make_texts(options.folder, scratch, SOURCE_BYTES)
        shutil.copy(take_or_train_model(None, texts, scratch, 16_000), scratch / "m")
        start, _ = build(scratch, write_texts(texts, scratch, 0), options.workers)
        print(f"start-up {start.wall_secs:.1f} s")
        print("      text    wall  MB/s  reading  writing   main  worker  files    spool  dataset")
        for size in options.gigabytes:
            num_bytes = write_texts(texts, scratch, int(size * 1e9))
            seen, disk = build(scratch, num_bytes, options.workers)
            report(scratch, num_bytes, seen, disk, start.wall_secs)
        if options.interrupt:
            interrupt(scratch, options.workers, seen.wall_secs)


def write_texts(texts: list[str], scratch: Path, num_bytes: int) -> int:
    """Write files of shuffled words, at least a small one, up to so many bytes; return the bytes."""
    shutil.rmtree(scratch / "text", ignore_errors=True)
    written = write_shuffled(texts, scratch / "text", num_bytes, num_words=None if num_bytes else 10_000)
    (scratch / "config.toml").write_text(
        f'[tokenizer]\nmodel = "{scratch / "m"}"\n\n'
        '[[corpora]]\nname = "texts"\nformat = "text"\npaths = ["text/*.txt"]\n'
    )
    return written


def arguments(scratch: Path, workers: int) -> list[str]:
    return ["build-corpus", str(scratch / "config.toml"), "--output", str(scratch / "out"), "--quiet",
            "--workers", str(workers)]  # fmt: skip


def build(scratch: Path, num_bytes: int, workers: int) -> tuple[Watched, Disk]:
    """Build the texts anew, and look at the folder meanwhile."""
    shutil.rmtree(scratch / "out", ignore_errors=True)
    disk, is_over = Disk(), threading.Event()
    looking = threading.Thread(target=look_at_folder, args=(scratch / "out", disk, is_over))
    looking.start()
    seen = watch(arguments(scratch, workers))
    is_over.set()
    looking.join()
    if seen.status:
        raise SystemExit(f"a build of {num_bytes:,} bytes failed: {seen.stderr}")
    return seen, disk


def look_at_folder(folder: Path, disk: Disk, is_over: threading.Event) -> None:
    begin = time.perf_counter()
    while not is_over.wait(LOOK_SECS):
        size = sum(file_bytes(path) for path in folder.rglob("spool/*"))
        if size > disk.spool_bytes:
            disk.spool_bytes, disk.read_secs = size, time.perf_counter() - begin


def file_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it is gone
        return 0


def report(scratch: Path, num_bytes: int, seen: Watched, disk: Disk, start_secs: float) -> None:
    manifest = read_manifest(str(scratch / "out"))
    dataset = sum(shard.bytes for shard in manifest.shards)
    files = max(process.open_files for process in seen.processes.values())
    print(
        f"{num_bytes / 1e9:7.2f} GB {seen.wall_secs:5.0f} s {num_bytes / 1e6 / (seen.wall_secs - start_secs):5.1f} "
        f"{disk.read_secs:6.0f} s {seen.wall_secs - disk.read_secs:6.0f} s {seen.peak_bytes('main') / 1e6:4.0f} MB "
        f"{seen.peak_bytes('worker') / 1e6:4.0f} MB {files:6} {disk.spool_bytes / 1e9:5.2f} GB {dataset / 1e9:5.2f} GB",
        flush=True,
    )


def interrupt(scratch: Path, workers: int, whole_secs: float) -> None:
    """Kill a build half-way, begin again, and compare."""
    expected = read_manifest(str(scratch / "out")).checksum
    shutil.rmtree(scratch / "out")
    process = subprocess.Popen([*COMMAND, *arguments(scratch, workers)], start_new_session=True)
    time.sleep(whole_secs / 2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    seen = watch(arguments(scratch, workers))
    if seen.status:
        raise SystemExit(f"the build that goes on failed: {seen.stderr}")
    is_same = read_manifest(str(scratch / "out")).checksum == expected
    print(
        f"killed after {whole_secs / 2:.0f} s, it goes on for {seen.wall_secs:.0f} s: the dataset is "
        f"{'the same' if is_same else 'ANOTHER'}"
    )
    if not is_same:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
