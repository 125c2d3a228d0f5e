"""Disturb builds at random moments, give the same command again, and compare the bytes with an undisturbed build's.

    python benchmarks/kills.py [--groups 200] [--processes 100] [--disks 100] [--workers 2] [--megabytes 8]

A disturbance kills the whole process group, kills one of its processes, or fills the disk (a small tmpfs, which needs
root; without it that part is left out and says so). The corpora have exact and near duplicates and keep their rejects;
every other build replaces a dataset by --overwrite. A failure is any byte that differs, a traceback, a dataset that is
not whole between the disturbance and the second command, or a finished task or shard that is written again.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import COMMAND, describe_machine, session_processes, train_model, watch, write_books

from xlnet_data.schemas.manifest import BUILD_FILE

NUM_CORPORA = 12  # a task never reads two corpora, so there are at least as many tasks

DISK_BYTES = 400_000_000

WAIT_SECS = 300.0
"""After which a build counts as hung."""

Files = dict[str, str]
"""The files of a folder and their sha256."""


@dataclass(frozen=True)
class Scene:
    """What all disturbances have in common.

    Attributes:
        folder: Where builds write.
        command: The build, without its output.
        expected: The files of an undisturbed build.
        before: The files of the dataset that --overwrite replaces, and the folder they lie in.
        steps: Tasks and shards of a build.
        secs: What an undisturbed build takes.
    """

    folder: Path
    command: Sequence[str]
    expected: Files
    before: tuple[Files, Path]
    steps: int
    secs: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind, number in (("groups", 200), ("processes", 100), ("disks", 100)):
        parser.add_argument(f"--{kind}", type=int, default=number)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--megabytes", type=float, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, mounted(Path(name) / "disk") as disk:
        scene = prepare(Path(name), disk or Path(name) / "disk", options.workers, int(options.megabytes * 1e6))
        print(describe_machine())
        print(f"{options.megabytes:g} MB of made-up text, {options.workers} workers, {len(scene.expected)} files")
        outcomes: Counter[tuple[str, str]] = Counter()
        for kind in ("groups", "processes", "disks"):
            if kind == "disks" and disk is None:
                print("disks: left out, a tmpfs cannot be mounted here")
                continue
            for seed in range(options.first_seed, options.first_seed + getattr(options, kind)):
                verdict = disturb(scene, kind, random.Random(f"{kind} {seed}"))
                outcomes[kind, verdict] += 1
                if verdict != "same bytes":
                    print(f"{kind} {seed}: {verdict}", flush=True)
        for (kind, verdict), number in sorted(outcomes.items()):
            print(f"{kind:10}  {number:4}  {verdict}")
        sys.exit(any(verdict != "same bytes" for _, verdict in outcomes))


@contextlib.contextmanager
def mounted(folder: Path) -> Iterator[Path | None]:
    """Mount a small disk in memory and yield its folder; None where that is not allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def prepare(folder: Path, disk: Path, workers: int, num_bytes: int) -> Scene:
    """Write corpora, a vocabulary and a config, and build what the others are compared with."""
    sections = []
    for number in range(NUM_CORPORA):
        write_books(folder / f"corpus-{number}", num_bytes // NUM_CORPORA, 100_000, seed=number // 2 * 2)
        sections.append(f'[[corpora]]\nname = "corpus-{number}"\nformat = "text"\npaths = ["corpus-{number}/*.txt"]\n')
    train_model((folder / "corpus-0" / "book-00000.txt").read_text().split("\n"), folder / "small.model", 1000)
    settings = "[lanes]\nlane_tokens = 65536\n[deduplication]\nexact = true\nnear = true\n[output]\nrejects = true\n"
    for name, seed in (("config.toml", 0), ("before.toml", 1)):
        text = f'seed = {seed}\n[tokenizer]\nmodel = "small.model"\n{settings}' + "".join(sections)
        (folder / name).write_text(text)
    command = ["build-corpus", "--workers", str(workers), "--quiet"]
    found = {}
    for name in ("before", "config"):
        run = watch([*command, str(folder / f"{name}.toml"), "--output", str(folder / name)])
        if run.status:
            sys.exit(run.stderr)
        found[name] = hash_files(folder / name), run.wall_secs
    expected, secs = found["config"]
    manifest = json.loads((folder / "config" / "manifest.json").read_text())
    before = found["before"][0], folder / "before"
    steps = NUM_CORPORA + len(manifest["shards"])
    return Scene(disk, [*command, str(folder / "config.toml")], expected, before, steps, secs)


def disturb(scene: Scene, kind: str, draw: random.Random) -> str:
    """Begin a build, disturb it, give the command again, and return what came of it."""
    output = scene.folder / "data"
    aside = scene.folder / ".data.replacing"
    for folder in (output, aside):
        shutil.rmtree(folder, ignore_errors=True)
    replaces = draw.random() < 0.5
    if replaces:
        shutil.copytree(scene.before[1], output)
    command = [*scene.command, "--output", str(output), *(["--overwrite"] if replaces else [])]
    work = (aside if replaces else output) / ".work"
    with tempfile.TemporaryFile("w+") as errors:
        build = begin(command, errors)
        wait_for_step(build, work, draw.randrange(scene.steps))
        time.sleep(draw.random() * scene.secs * 0.1)
        {"groups": kill_group, "processes": kill_one, "disks": fill_disk}[kind](build, scene, draw)
        try:
            build.wait(timeout=WAIT_SECS)
        except subprocess.TimeoutExpired:
            os.killpg(build.pid, signal.SIGKILL)
            return "the first build hung"
        finally:
            (scene.folder / "filler").unlink(missing_ok=True)
        errors.seek(0)
        if "Traceback" in (said := errors.read()):
            return f"a traceback: {said.strip().splitlines()[-1]}"
    time.sleep(1.5)  # a worker whose main process is killed follows within a second
    if (output / "manifest.json").exists():
        there = {name: digest for name, digest in hash_files(output).items() if not name.startswith(".work/")}
        if there != scene.expected and there != (scene.before[0] if replaces else None):
            return "neither the old dataset nor the new one was whole"
    elif replaces:
        return "the old dataset was gone before the new one was there"
    finished = marks(work)
    with tempfile.TemporaryFile("w+") as errors:
        again = begin(command, errors)
        while again.poll() is None:
            if any(work.exists() and moved(path, seen) for path, seen in finished.items()):
                finished["redone"] = (0, 0)
            time.sleep(0.01)
        errors.seek(0)
        said = errors.read().strip()
        if again.returncode and "already holds a dataset" not in said:
            return f"the second build failed: {said.splitlines()[-1] if said else again.returncode}"
    found = hash_files(output)
    different = [name for name in found.keys() | scene.expected.keys() if found.get(name) != scene.expected.get(name)]
    if different:
        return f"{len(different)} files differ, {min(different)} first"
    return "finished work was done again" if "redone" in finished else "same bytes"


def begin(command: Sequence[str], errors: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([*COMMAND, *command], start_new_session=True, stderr=errors, stdout=subprocess.DEVNULL)  # type: ignore[call-overload,no-any-return]


def wait_for_step(build: "subprocess.Popen[bytes]", work: Path, steps: int) -> None:
    """Wait until so many tasks and shards have their records, or the build has ended."""
    while build.poll() is None and len(list(work.glob("records/*.json"))) < steps:
        time.sleep(0.002)


def kill_group(build: "subprocess.Popen[bytes]", scene: Scene, draw: random.Random) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(build.pid, signal.SIGKILL)


def kill_one(build: "subprocess.Popen[bytes]", scene: Scene, draw: random.Random) -> None:
    workers = [pid for pid in session_processes(build.pid) if pid != build.pid]
    with contextlib.suppress(ProcessLookupError):
        os.kill(draw.choice(sorted(workers)) if workers else build.pid, signal.SIGKILL)


def fill_disk(build: "subprocess.Popen[bytes]", scene: Scene, draw: random.Random) -> None:
    """Take all room but a few bytes."""
    left = draw.randrange(100_000)
    with contextlib.suppress(OSError), open(scene.folder / "filler", "wb") as file:
        block = bytes(1 << 20)
        while shutil.disk_usage(scene.folder).free > left + len(block):
            file.write(block)
        file.write(bytes(max(0, shutil.disk_usage(scene.folder).free - left)))


def marks(work: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of every file that a record names; what is written again gets others."""
    found = {}
    for path in work.glob("records/*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            for name, *_ in json.loads(path.read_text())["files"]:
                stat = (work.parent / name).stat()
                found[str(work.parent / name)] = stat.st_ino, stat.st_mtime_ns
    return found


def moved(path: str, seen: tuple[int, int]) -> bool:
    try:
        stat = os.stat(path)
    except OSError:
        return False
    return (stat.st_ino, stat.st_mtime_ns) != seen


def hash_files(folder: Path) -> Files:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != BUILD_FILE  # which says how long the build took
    }


if __name__ == "__main__":
    main()
