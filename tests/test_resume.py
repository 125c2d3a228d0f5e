"""Builds that are killed, interrupted or out of disk: the same command goes on and gives the same bytes."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from xlnet_data.cli import main
from xlnet_data.files.writing import atomic_write
from xlnet_data.ingestion.tallies import Tally
from xlnet_data.pipelines.local import folder as local_folder
from xlnet_data.pipelines.local import spool
from xlnet_data.pipelines.local.crew import Crew
from xlnet_data.pipelines.local.folder import hold_folder
from xlnet_data.pipelines.local.spool import keys_path
from xlnet_data.schemas.manifest import BUILD_FILE
from xlnet_data.schemas.tokenized import KEYS_SCHEMA, TOKENIZED_SCHEMA

COMMAND = (sys.executable, "-m", "xlnet_data")
NUM_CORPORA = 6
DEADLINE_SECS = 120

Marks = dict[str, tuple[int, int]]
"""Files with their inode and time: what is written again gets others."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, small_model: Path, invent: Callable[..., str]) -> Path:
    """Return a folder of a config, its corpora and its vocabulary."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "small.model").write_bytes(small_model.read_bytes())
    sections = []
    for corpus in range(NUM_CORPORA):
        lines = [json.dumps({"text": invent(100 * corpus + number, 16)}) for number in range(60)]
        (folder / f"{corpus}.jsonl").write_text("\n".join(lines))
        sections.append(f'[[corpora]]\nname = "c{corpus}"\nformat = "jsonl"\npaths = ["{corpus}.jsonl"]\n')
    examples = "[examples]\nseq_len = 64\nreuse_len = 32\n[lanes]\nlane_tokens = 4096\n[output]\ndev_frac = 0.1\n"
    (folder / "config.toml").write_text('[tokenizer]\nmodel = "small.model"\n' + examples + "".join(sections))
    return folder


@pytest.fixture(scope="module")
def undisturbed(project: Path) -> dict[str, bytes]:
    """Return the files of a build that nobody disturbed."""
    finish(project, "undisturbed")
    return read_files(project / "undisturbed")


@pytest.fixture(scope="module")
def interrupted(project: Path) -> tuple[Path, str]:
    """Return the folder of a build that was interrupted at its first spool file, and what it said."""
    output, scratch = project / "interrupted", project / "scratch"
    scratch.mkdir()
    build = begin(project, "interrupted", scratch=scratch)
    wait_for(build, lambda: len(records(output, "task")) > 0)
    os.killpg(build.pid, signal.SIGINT)  # as a terminal does, to all processes
    _, errors = build.communicate(timeout=DEADLINE_SECS)
    assert build.returncode == -signal.SIGINT
    assert os.listdir(scratch) == []
    return output, errors


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_build_goes_on_with_what_is_left_and_gives_the_same_bytes(
    project: Path, undisturbed: dict[str, bytes], seed: int
) -> None:
    draw, output = random.Random(seed), project / f"killed-{seed}"
    build = begin(project, output.name)
    steps = [1, draw.randrange(2), NUM_CORPORA + draw.randrange(1, 6)][seed]
    wait_for(build, lambda: len(records(output, "task", "train", "dev")) >= steps)
    if seed == 0:
        os.kill(draw.choice(workers_of(build)), signal.SIGKILL)
        _, errors = build.communicate(timeout=DEADLINE_SECS)
        assert "a worker process died" in errors
        assert "Traceback" not in errors
        assert build.returncode == 1
    else:
        os.killpg(build.pid, signal.SIGKILL)
        build.communicate()
        assert build.returncode == -signal.SIGKILL
    tasks, shards = finished_tasks(output), finished_shards(output)
    assert len(records(output, "task", "train", "dev")) >= steps
    assert not (output / "manifest.json").exists()
    redone: set[str] = set()
    again = begin(project, output.name)
    while again.poll() is None:
        redone |= {name for name, seen in finished_tasks(output).items() if tasks.get(name, seen) != seen}
        time.sleep(0.005)
    _, errors = again.communicate()
    assert again.returncode == 0, errors
    assert redone == set()
    assert {name: mark(Path(name)) for name in shards} == shards
    assert read_files(output) == undisturbed


def test_an_interrupt_does_not_reach_what_starts_the_workers_from_its_first_moment_on() -> None:
    with Crew() as crew:
        crew.begin()
        assert crew._process is not None
        status = Path(f"/proc/{crew._process.pid}/status").read_text()
        crew._process.kill()
    assert int(status.split("SigBlk:")[1].split()[0], 16) == 1 << (signal.SIGINT - 1)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, set()) == set()


def test_an_interrupted_build_says_how_to_go_on(interrupted: tuple[Path, str]) -> None:
    output, errors = interrupted
    assert errors == "Error: interrupted: give the same command again to go on from here\n"
    assert not (output / "manifest.json").exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("config.toml", b"seq_len = 64", b"seq_len = 66", "the config changed"),
        ("0.jsonl", b'{"text": "', b'{"text": "More ', "the input files changed"),
        ("small.model", b"", b"", "the tokenizer changed"),
    ],
)
def test_what_changed_since_the_interruption_is_named_and_refused(
    project: Path, interrupted: tuple[Path, str], file: str, old: bytes, new: bytes, what: str
) -> None:
    path = project / file
    content, times = path.read_bytes(), path.stat()
    changed = content.replace(old, new, 1) if old else another_model(content)
    before = read_files(interrupted[0] / ".work" / "spool")
    try:
        path.write_bytes(changed)
        result = invoke(project, "interrupted", status=1)
    finally:
        path.write_bytes(content)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert what in result.output
    assert "give --no-resume to begin anew" in result.output
    assert read_files(interrupted[0] / ".work" / "spool") == before


def test_a_second_build_into_the_same_folder_is_refused(project: Path, interrupted: tuple[Path, str]) -> None:
    with hold_folder(str(interrupted[0]), overwrite=False):
        result = invoke(project, "interrupted", status=1)
    assert "another build is at work in" in result.output


def test_a_full_disk_is_named_publishes_nothing_and_the_build_goes_on_when_there_is_room(
    project: Path, interrupted: tuple[Path, str], undisturbed: dict[str, bytes]
) -> None:
    output = interrupted[0]
    largest = max(len(content) for name, content in undisturbed.items() if name.startswith("train/shard-"))
    build = begin(project, output.name, file_bytes=largest - 1)
    _, errors = build.communicate(timeout=DEADLINE_SECS)
    assert build.returncode == 1
    assert "Error: cannot write " in errors
    assert "File too large" in errors
    assert errors.count("\n") == 1
    assert not (output / "manifest.json").exists()
    assert not list(output.rglob("*.tmp"))
    finish(project, output.name)
    assert read_files(output) == undisturbed


def test_the_keys_of_a_task_are_written_before_its_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def write(path: str) -> Any:
        written.append(path)
        if path == keys_path(str(tmp_path), 0):
            raise KeyboardInterrupt
        return atomic_write(path)

    monkeypatch.setattr(spool, "atomic_write", write)
    numbers = {name: 0 for name in KEYS_SCHEMA.names}
    row = pa.RecordBatch.from_pylist(
        [numbers | {"is_exact": True, "is_dev": False, "sketch": b"", "doc_id": "a", "title": ""}], KEYS_SCHEMA
    )
    writer = spool.SpoolWriter(str(tmp_path), 0)
    writer.add(pa.RecordBatch.from_pylist([], TOKENIZED_SCHEMA), row, Tally())
    with pytest.raises(KeyboardInterrupt):
        writer.finish()
    writer.abandon()
    assert written == [keys_path(str(tmp_path), 0)]
    assert list(tmp_path.iterdir()) == []


DAMAGES = {
    "emptied": lambda content: b"",
    "zeroed": lambda content: bytes(len(content)),
    "cut": lambda content: content[: len(content) // 2],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_a_crash_of_the_machine_left_damaged_is_found_and_done_again(
    project: Path, undisturbed: dict[str, bytes], damage: str
) -> None:
    output = project / f"crashed-{damage}"
    build = begin(project, output.name)
    wait_for(build, lambda: bool(records(output, "train", "dev")))
    os.killpg(build.pid, signal.SIGKILL)
    build.communicate()
    work = output / ".work"
    damaged = [
        min(work.glob("spool/*.arrow")),
        records(output, "task")[-1],
        Path(min(finished_shards(output))),
        records(output, "train", "dev")[-1],
    ]
    damaged += [work / "identity.json"] if damage == "cut" else [output / "spiece.model"]
    for path in damaged:
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    finish(project, output.name)
    assert read_files(output) == undisturbed


def test_a_dataset_stays_whole_until_the_one_that_replaces_it_is(project: Path, undisturbed: dict[str, bytes]) -> None:
    output = project / "replaced"
    invoke(project, output.name)
    config = (project / "config.toml").read_bytes()
    try:
        (project / "config.toml").write_bytes(config.replace(b"seq_len = 64", b"seq_len = 66"))
        for steps in (1, NUM_CORPORA + 1):
            build = begin(project, output.name, overwrite=True)
            wait_for(build, lambda: len(records(project / ".replaced.replacing", "task", "train", "dev")) >= steps)  # noqa: B023
            os.killpg(build.pid, signal.SIGKILL)
            build.communicate()
            assert read_files(output) == undisturbed
        invoke(project, output.name, "--overwrite")
        replaced = read_files(output)
        assert b'"seq_len": 66' in replaced["manifest.json"]
    finally:
        (project / "config.toml").write_bytes(config)
    invoke(project, output.name, "--overwrite")
    assert read_files(output) == undisturbed
    assert not list(project.glob(".replaced*"))


def test_a_build_needs_nothing_of_earlier_ones_of_the_same_process(
    project: Path, undisturbed: dict[str, bytes]
) -> None:
    for name in ("first", "second"):
        invoke(project, name)
        assert read_files(project / name) == undisturbed
        shutil.rmtree(project / name)


def test_what_lies_beside_a_dataset_from_another_unfinished_build_is_not_taken_for_this_one(
    project: Path, undisturbed: dict[str, bytes]
) -> None:
    output = project / "again"
    invoke(project, output.name)
    config = (project / "config.toml").read_bytes()
    try:
        (project / "config.toml").write_bytes(config.replace(b"seq_len = 64", b"seq_len = 66"))
        build = begin(project, output.name, overwrite=True)
        wait_for(build, lambda: len(records(project / ".again.replacing", "task")) > 0)
        os.killpg(build.pid, signal.SIGKILL)
        build.communicate()
    finally:
        (project / "config.toml").write_bytes(config)
    invoke(project, output.name, "--overwrite")
    assert read_files(output) == undisturbed


def test_a_build_killed_between_its_manifest_and_the_clean_up_is_finished_or_refused(
    project: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = project / "published"
    with monkeypatch.context() as patch:
        patch.setattr(local_folder.HeldFolder, "finish", lambda held: (_ for _ in ()).throw(KeyboardInterrupt))
        invoke(project, output.name, status=130)
    assert (output / "manifest.json").exists()
    assert (output / ".work").exists()
    config = (project / "config.toml").read_bytes()
    try:
        (project / "config.toml").write_bytes(config.replace(b"seq_len = 64", b"seq_len = 66"))
        result = invoke(project, output.name, status=1)
    finally:
        (project / "config.toml").write_bytes(config)
    assert "already holds a dataset" in result.output
    invoke(project, output.name)
    assert read_files(output) == undisturbed


def test_an_input_that_changes_while_it_is_read_is_noticed(project: Path) -> None:
    path = project / "0.jsonl"
    content, times = path.read_bytes(), path.stat()
    build = begin(project, "changing")
    try:
        wait_for(build, lambda: len(records(project / "changing", "task")) > 0)
        path.write_bytes(content)  # the same bytes at another time: whether they were other ones in between is unknown
        _, errors = build.communicate(timeout=DEADLINE_SECS)
    finally:
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert build.returncode == 1
    assert "an input file changed while the build was reading" in errors
    assert not (project / "changing" / "manifest.json").exists()


def test_nothing_that_the_manifest_does_not_name_survives_in_a_dataset(
    project: Path, undisturbed: dict[str, bytes]
) -> None:
    output = project / "strays"
    build = begin(project, output.name)
    wait_for(build, lambda: bool(records(output, "train", "dev")))
    os.killpg(build.pid, signal.SIGKILL)
    build.communicate()
    again = begin(project, output.name)
    wait_for(again, lambda: (output / "train").is_dir())
    strays = (
        "train/shard-00000-of-00099.arrow",
        "documents/train-00000-of-00099.arrow",
        "train/shard-00000-of-00016.arrow.abc.tmp",
        "x.tmp",
    )
    for name in strays:
        (output / name).write_bytes(b"left")
    _, errors = again.communicate(timeout=DEADLINE_SECS)
    assert again.returncode == 0, errors
    assert read_files(output) == undisturbed


def test_a_limit_of_the_system_that_the_engine_cannot_run_under_is_named(project: Path) -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (2_600_000_000,) * 2)\n"
        "from xlnet_data.cli import main; main()"
    )
    arguments = ["build-corpus", str(project / "config.toml"), "--output", str(project / "limited"), "--quiet"]
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=DEADLINE_SECS
    )
    assert run.returncode == 1
    assert run.stderr.startswith("Error: this process may have 2.6 GB of address space (ulimit -v), and the engine")
    assert not (project / "limited").exists()


def begin(
    project: Path,
    output: str,
    file_bytes: int | None = None,
    overwrite: bool = False,
    scratch: Path | None = None,
) -> "subprocess.Popen[str]":
    """Begin a build in a process group of its own, which may be forbidden to write larger files."""

    def limit() -> None:
        if file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    arguments = ["build-corpus", str(project / "config.toml"), "--output", str(project / output)]
    return subprocess.Popen(
        [*COMMAND, *arguments, "--workers", "2", "--quiet", *(["--overwrite"] if overwrite else [])],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
        env=os.environ | ({"TMPDIR": str(scratch)} if scratch else {}),
    )


def finish(project: Path, output: str) -> None:
    build = begin(project, output)
    _, errors = build.communicate(timeout=DEADLINE_SECS)
    assert build.returncode == 0, errors


def invoke(project: Path, output: str, *options: str, status: int = 0) -> Result:
    """Give the command within this process, and build without others."""
    arguments = ["build-corpus", str(project / "config.toml"), "--output", str(project / output), "--quiet"]
    result = CliRunner().invoke(main, [*arguments, "--workers", "0", *options])
    assert result.exit_code == status, (result.output, result.exception)
    return result


def wait_for(build: "subprocess.Popen[str]", condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_SECS
    while not condition():
        assert build.poll() is None, f"the build ended before it was to be disturbed: {build.communicate()[1]}"
        assert time.monotonic() < end
        time.sleep(0.002)


def workers_of(build: "subprocess.Popen[str]") -> list[int]:
    """Return a build's workers, which are forks of one process that the build began."""
    return [worker for child in children_of(build.pid) for worker in children_of(child)]


def children_of(process: int) -> list[int]:
    threads = Path(f"/proc/{process}/task").glob("*/children")  # a child is listed with the thread that began it
    return sorted(int(pid) for thread in threads for pid in thread.read_text().split())


def records(output: Path, *kinds: str) -> list[Path]:
    """Return the records of what a build has finished: of tasks, or of the shards of a split."""
    return [path for kind in kinds for path in (output / ".work" / "records").glob(f"{kind}-*.json")]


def finished_tasks(output: Path) -> Marks:
    return marks_of(output, records(output, "task"))


def finished_shards(output: Path) -> Marks:
    return marks_of(output, records(output, "train", "dev"))


def marks_of(output: Path, found: list[Path]) -> Marks:
    """Return the marks of the files that some records name; a build that ends well removes both while we look."""
    marks = {str(output / name): mark(output / name) for path in found for name in files_of(path)}
    return {name: seen for name, seen in marks.items() if seen is not None}


def files_of(record: Path) -> list[str]:
    try:
        return [file[0] for file in json.loads(record.read_text())["files"]]
    except FileNotFoundError:
        return []


def mark(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns


def read_files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content, but for the one that says how long the build took."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != BUILD_FILE)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def another_model(content: bytes) -> bytes:
    """Return a model that differs in one piece's score."""
    at = content.index(b"\x15", content.index("▁".encode()))  # the tag of the first score after a piece of text
    return content[: at + 1] + bytes([content[at + 1] ^ 1]) + content[at + 2 :]
