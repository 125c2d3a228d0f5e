"""Kill builds at random moments, give the same command again, and compare the bytes with an undisturbed build's.

    python benchmarks/kills.py [--seeds 20] [--workers 2] [--megabytes 24]

Even seeds kill one worker, odd ones the whole process group, with SIGKILL. A finished input split (its spool file) or
shard (its record) that is written again is a failure, and so is any byte that differs.
"""

import argparse
import contextlib
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from measuring import COMMAND, describe_machine, session_processes, train_model, watch, write_books

NUM_CORPORA = 12  # a task never reads two corpora, so there are at least as many tasks

HUNG = 1000  # what stands for the exit status of a build that had to be ended

Marks = dict[Path, tuple[int, int]]
"""Files with their inode and time: what is written again gets others."""


@dataclass(frozen=True)
class Outcome:
    """What came of a kill and a second command.

    Attributes:
        tasks: Finished input splits at that moment.
        shards: Finished shards at that moment.
        redone: Of both, how many were written again.
        verdict: "same bytes", or what went wrong.
    """

    tasks: int
    shards: int
    redone: int
    verdict: str


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--megabytes", type=float, default=24)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = write_inputs(folder, int(options.megabytes * 1e6))
        command = ["build-corpus", str(config), "--workers", str(options.workers), "--quiet", "--output"]
        undisturbed = watch([*command, str(folder / "undisturbed")])
        if undisturbed.status:
            sys.exit(undisturbed.stderr)
        expected = hash_files(folder / "undisturbed")
        print(describe_machine())
        print(
            f"{options.megabytes:g} MB of made-up text, {options.workers} workers, undisturbed in "
            f"{undisturbed.wall_secs:.1f} s, {len(expected)} files"
        )
        print(f"{'seed':>4}  {'killed':6}  {'tasks done':>10}  {'shards done':>11}  {'redone':>6}  outcome")
        failures = 0
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            target = "worker" if seed % 2 == 0 else "group"
            output = folder / f"killed-{seed}"
            found = kill_and_resume([*command, str(output)], output, target, seed, undisturbed.wall_secs, expected)
            if found.verdict == "too late":
                shutil.rmtree(output)
                found = kill_and_resume(
                    [*command, str(output)], output, target, seed + 1000, undisturbed.wall_secs, expected
                )
            failures += found.redone > 0 or found.verdict != "same bytes"
            print(
                f"{seed:4}  {target:6}  {found.tasks:10}  {found.shards:11}  {found.redone:6}  {found.verdict}",
                flush=True,
            )
            shutil.rmtree(output)
        print(
            f"{options.seeds - failures} of {options.seeds} builds ended with the undisturbed build's bytes and redid "
            "nothing that was finished"
        )
        sys.exit(failures > 0)


def write_inputs(folder: Path, num_bytes: int) -> Path:
    """Write corpora, a vocabulary and a config, and return the config's path."""
    sections = []
    for number in range(NUM_CORPORA):
        write_books(folder / f"corpus-{number}", num_bytes // NUM_CORPORA, 100_000, seed=number)
        sections.append(f'[[corpora]]\nname = "corpus-{number}"\nformat = "text"\npaths = ["corpus-{number}/*.txt"]\n')
    train_model((folder / "corpus-0" / "book-00000.txt").read_text().split("\n"), folder / "small.model", 1000)
    config = folder / "config.toml"
    config.write_text('[tokenizer]\nmodel = "small.model"\n[lanes]\nlane_tokens = 65536\n' + "".join(sections))
    return config


def kill_and_resume(
    command: Sequence[str], output: Path, target: str, seed: int, undisturbed_secs: float, expected: dict[str, str]
) -> Outcome:
    """Begin a build, kill it, give the command again, and say what came of it."""
    draw = random.Random(seed)
    work = output / ".work"
    num_steps = NUM_CORPORA + sum("shard-" in name for name in expected)
    status = begin_and_kill(command, work, target, draw, draw.randrange(num_steps), undisturbed_secs)
    time.sleep(1.5)  # a worker whose main process is killed follows within a second
    tasks, shards = mark(work / "spool"), mark_shards(output)
    if (output / "manifest.json").exists():
        shutil.rmtree(work, ignore_errors=True)
        return Outcome(len(tasks), len(shards), 0, compare(output, expected) or "too late")
    if status == HUNG:
        return Outcome(len(tasks), len(shards), 0, "the build did not notice that its worker was gone")
    redone, errors = resume(command, work / "spool", tasks)
    redone += sum(mark_file(path) != seen for path, seen in shards.items())
    verdict = f"failed the second time: {errors}" if errors else compare(output, expected)
    return Outcome(len(tasks), len(shards), redone, verdict or "same bytes")


def begin_and_kill(
    command: Sequence[str], work: Path, target: str, draw: random.Random, steps: int, undisturbed_secs: float
) -> int:
    """Begin a build, kill it some time after so many input splits and shards are done, and return its exit status."""
    first = begin(command)
    while first.poll() is None and count_steps(work) < steps:
        time.sleep(0.002)
    time.sleep(draw.random() * undisturbed_secs * (0.05 if steps else 0.5))
    workers = [pid for pid in session_processes(first.pid) if pid != first.pid]
    with contextlib.suppress(ProcessLookupError):
        if target == "worker" and workers:
            os.kill(draw.choice(sorted(workers)), signal.SIGKILL)
        else:
            os.killpg(first.pid, signal.SIGKILL)
    try:
        return first.wait(timeout=60 + 5 * undisturbed_secs)
    except subprocess.TimeoutExpired:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        return HUNG


def begin(command: Sequence[str], errors: IO[str] | int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([*COMMAND, *command], start_new_session=True, stderr=errors, stdout=subprocess.DEVNULL)


def count_steps(work: Path) -> int:
    """Return how many input splits and shards are finished."""
    return len(list(work.glob("spool/*.arrow"))) + len(list(work.glob("records/*.json")))


def resume(command: Sequence[str], spool: Path, tasks: Marks) -> tuple[int, str]:
    """Give the command again; return how many spool files were written again, and what it said if it failed."""
    redone = set()
    with tempfile.TemporaryFile("w+") as errors:
        second = begin(command, errors)
        while second.poll() is None:
            redone |= {path for path, seen in mark(spool).items() if path in tasks and tasks[path] != seen}
            time.sleep(0.01)
        errors.seek(0)
        return len(redone), errors.read().strip() if second.returncode else ""


def mark(folder: Path) -> Marks:
    """Return the finished files of a folder."""
    found = {path: mark_file(path) for path in (folder.iterdir() if folder.is_dir() else ()) if path.suffix == ".arrow"}
    return {path: seen for path, seen in found.items() if seen is not None}


def mark_shards(output: Path) -> Marks:
    """Return the shards that have a record."""
    records = output / ".work" / "records"
    found: Marks = {}
    for record in records.glob("*.json") if records.is_dir() else ():
        split, number = record.stem.split("-")
        for path in (output / split).glob(f"shard-{number}-of-*.arrow"):
            seen = mark_file(path)
            if seen is not None:
                found[path] = seen
    return found


def mark_file(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns


def hash_files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def compare(output: Path, expected: dict[str, str]) -> str:
    """Return what differs from the undisturbed build, "" if nothing does."""
    found = hash_files(output)
    different = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
    return f"{len(different)} files differ, {different[0]} first" if different else ""


if __name__ == "__main__":
    main()
