"""Kill builds at random moments, give the same command again, and compare the bytes with an undisturbed build's.

    python benchmarks/kills.py [--seeds 20] [--workers 2] [--megabytes 24]

Even seeds kill one worker, odd ones the whole process group, with SIGKILL. A finished input split (its spool file) or
shard (its record) that is written again is a failure, and so is any byte that differs.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import COMMAND, describe_machine, session_processes, train_model, watch, write_books

NUM_CORPORA = 12  # a task never reads two corpora, so there are at least as many tasks

Marks = dict[Path, tuple[int, int]]
"""Files with their inode and time: what is written again gets others."""


@dataclass(frozen=True)
class Outcome:
    """One kill and what followed.

    Attributes:
        moment: When the kill came, as a share of the undisturbed build's time.
        tasks: Finished input splits at that moment.
        shards: Finished shards at that moment.
        redone: Of both, how many were written again.
        verdict: "same bytes", or what went wrong.
    """

    moment: float
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
            f"{options.megabytes:g} MB of made-up text, undisturbed in {undisturbed.wall_secs:.1f} s, {len(expected)} files"
        )
        print(
            f"{'seed':>4}  {'killed':6}  {'moment':>6}  {'tasks done':>10}  {'shards done':>11}  {'redone':>6}  outcome"
        )
        failures = 0
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            target = "worker" if seed % 2 == 0 else "group"
            output = folder / f"killed-{seed}"
            found = kill_and_resume([*command, str(output)], output, target, seed, undisturbed.wall_secs, expected)
            failures += found.redone > 0 or found.verdict != "same bytes"
            print(
                f"{seed:4}  {target:6}  {found.moment:6.0%}  {found.tasks:10}  {found.shards:11}  {found.redone:6}  "
                f"{found.verdict}",
                flush=True,
            )
            subprocess.run(["rm", "-r", str(output)], check=True)
        print(
            f"{options.seeds - failures} of {options.seeds} builds ended with the undisturbed build's bytes, none of them redone"
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
    moment = draw.random()
    first = subprocess.Popen(
        [*COMMAND, *command], start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    time.sleep(moment * undisturbed_secs)
    workers = [pid for pid in session_processes(first.pid) if pid != first.pid]
    if target == "worker" and workers:
        kill(draw.choice(sorted(workers)))
        status = first.wait()
    else:
        os.killpg(first.pid, signal.SIGKILL)
        status = first.wait()
    time.sleep(1.5)  # a worker whose main process is killed follows within a second
    work = output / ".work"
    tasks, shards = mark(work / "spool"), mark_shards(output)
    if (output / "manifest.json").exists():
        return Outcome(moment, len(tasks), len(shards), 0, compare(output, expected) or "finished before it was killed")
    if target == "worker" and status == 0:
        return Outcome(moment, len(tasks), len(shards), 0, "the build did not notice its worker's death")
    redone, status = resume(command, work / "spool", tasks)
    redone += sum(mark_file(path) != seen for path, seen in shards.items())
    verdict = f"the command failed the second time, with status {status}" if status else compare(output, expected)
    return Outcome(moment, len(tasks), len(shards), redone, verdict or "same bytes")


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def resume(command: Sequence[str], spool: Path, tasks: Marks) -> tuple[int, int]:
    """Give the command again; return how many spool files were written again, and the exit status."""
    second = subprocess.Popen(
        [*COMMAND, *command], start_new_session=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    redone = set()
    while second.poll() is None:
        redone |= {path for path, seen in mark(spool).items() if path in tasks and tasks[path] != seen}
        time.sleep(0.01)
    return len(redone), second.returncode


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
