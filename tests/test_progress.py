"""What a build shows while it runs."""

import os
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from xlnet_data.cli import progress
from xlnet_data.cli.progress import read_frac, read_further
from xlnet_data.pipelines.engines.progress import describe_spark
from xlnet_data.pipelines.local.status import LocalProgress, StatusFile
from xlnet_data.pipelines.progress import BuildCounts


def test_the_counts_of_a_build_never_fall_even_when_their_files_are_gone(tmp_path: Path) -> None:
    LocalProgress(str(tmp_path), str(tmp_path / "left-out"), "run").add(input_bytes=70, documents_read=3)
    assert read_further(str(tmp_path / "absent"), BuildCounts()) == BuildCounts(0, 0, 0, 0, 0, 0)
    counts = read_further(str(tmp_path), BuildCounts())
    assert (counts.input_bytes, counts.documents_read) == (70, 3)
    for path in tmp_path.iterdir():
        path.unlink()
    assert read_further(str(tmp_path), counts) == counts
    assert read_further(str(tmp_path / "absent"), counts) == counts


def test_a_build_that_waits_for_a_stopped_process_says_how_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now))
    stall = progress._Stall(SimpleNamespace(folders=SimpleNamespace(status=str(tmp_path))))  # type: ignore[arg-type]
    assert stall.message(BuildCounts()) is None
    now = 221.0
    beginning = "nothing has moved for 120 s; "
    assert stall.message(BuildCounts()) == f"{beginning}duplicates are being compared, or a disk or a process hangs"
    assert stall.message(BuildCounts()) is None
    assert stall.message(BuildCounts(1)) is None
    with subprocess.Popen(["sleep", "100"]) as worker:
        os.kill(worker.pid, signal.SIGSTOP)
        os.waitpid(worker.pid, os.WUNTRACED)
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: worker.pid)
            StatusFile(str(tmp_path), "").read_from("c", "a.txt")
        now = 342.0
        said = stall.message(BuildCounts(1))
        worker.kill()
    reason = f"being read: a.txt; stopped: `kill -CONT {worker.pid}` lets these processes go on"
    assert said == beginning + reason


def test_tokens_that_deduplication_drops_are_no_longer_to_be_written(tmp_path: Path) -> None:
    progress = LocalProgress(str(tmp_path), str(tmp_path / "left-out"), "with duplicates")
    progress.add(input_bytes=70, tokens_read=50)
    counts = read_further(str(tmp_path), BuildCounts())
    progress.add(tokens_read=-20, tokens_written=10)
    assert read_further(str(tmp_path), counts) == BuildCounts(70, tokens_read=30, tokens_written=10)


def test_where_nothing_is_left_to_read_all_is_read() -> None:
    assert [read_frac(BuildCounts(35), 70), read_frac(BuildCounts(), 0)] == [0.5, 1.0]


def test_a_task_that_spark_did_twice_counts_once_and_failed_ones_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"numTasks": 16, "numCompleteTasks": 35, "numCompletedIndices": 12, "numFailedTasks": 3}
    answers = {
        "http://page/api/v1/applications": [{"id": "app-1"}],
        "http://page/api/v1/applications/app-1/stages": [
            counts | {"status": "ACTIVE"},
            {"status": "COMPLETE", "numFailedTasks": 1},
            {"status": "PENDING", "numFailedTasks": 0},
        ],
    }
    monkeypatch.setattr("xlnet_data.pipelines.engines.progress.ask_json", answers.__getitem__)
    assert describe_spark("http://page") == "stages done: 1, tasks of the current ones: 12 of 16, failed: 4"
    answers["http://page/api/v1/applications/app-1/stages"] = [{"status": "COMPLETE", "numFailedTasks": 0}]
    assert describe_spark("http://page") == "stages done: 1"
