"""What a build shows while it runs."""

import json
import os
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from xlnet_data.cli import displays, progress
from xlnet_data.cli.progress import read_frac, read_further
from xlnet_data.pipelines.engines.jobs import EngineJob
from xlnet_data.pipelines.engines.progress import ASK, ask_flink, ask_spark
from xlnet_data.pipelines.local.status import LocalProgress, StatusFile
from xlnet_data.pipelines.progress import BuildCounts


class FakeClock:
    """A clock that stands still but for waiting on it, until it is 150 seconds late; at 30 seconds a line is told."""

    now = 0.0

    def __init__(self, last: list[float]) -> None:
        self._last = last

    def monotonic(self) -> float:
        return self.now

    def wait(self, secs: float) -> bool:
        self.now += secs
        if self.now == 30.0:
            self._last[0] = 30.0
        return self.now > 155.0


def test_work_that_tells_nothing_for_a_minute_is_said_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    last = [0.0]
    clock = FakeClock(last)
    monkeypatch.setattr(displays, "time", clock)
    displays._watch_silence(last, clock)  # type: ignore[arg-type]
    assert capsys.readouterr().err == (
        "still at work, 60 seconds after the last line\nstill at work, 120 seconds after the last line\n"
    )


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


def counter_on_spark(name: str, value: int, namespace: str = "xlnet-data", step: str = "read") -> str:
    labels = f"NAMESPACE={namespace}, NAME={name}, PTRANSFORM={step}"
    return f"MetricQueryResults(Counters({step}:beam:metric:user:sum_int64:v1 {{{labels}}}: {value})Distributions())"


def test_a_task_that_spark_did_twice_counts_once_and_failed_ones_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = {"numTasks": 16, "numCompleteTasks": 35, "numCompletedIndices": 12, "numFailedTasks": 3}
    answers = {
        "http://page/api/v1/applications": [{"id": "app-1"}],
        "http://page/api/v1/applications/app-1/stages": [
            tasks | {"status": "ACTIVE"},
            {"status": "COMPLETE", "numFailedTasks": 1},
            {"status": "PENDING", "numFailedTasks": 0},
        ],
    }
    monkeypatch.setattr("xlnet_data.pipelines.engines.progress.ask_json", answers.__getitem__)
    assert ask_spark("http://page")[0] == "stages done: 1, tasks of the current ones: 12 of 16, failed: 4"
    answers["http://page/api/v1/applications/app-1/stages"] = [{"status": "COMPLETE", "numFailedTasks": 0}]
    assert ask_spark("http://page") == ("stages done: 1", BuildCounts())


def test_what_spark_counted_by_the_end_of_each_stage_is_the_newest_of_each_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stage(*counters: str) -> dict[str, object]:
        updates = [{"name": "Beam.Metrics", "value": counter} for counter in counters]
        return {"status": "COMPLETE", "numFailedTasks": 0, "accumulatorUpdates": updates}

    answers = {
        "http://page/api/v1/applications": [{"id": "app-1"}],
        "http://page/api/v1/applications/app-1/stages": [
            stage(counter_on_spark("documents_read", 30), counter_on_spark("tokens_written", 7, step="one")),
            stage(counter_on_spark("tokens_written", 5, step="two"), counter_on_spark("rows", 9, namespace="other")),
            stage(counter_on_spark("documents_read", 12)),
        ],
    }
    monkeypatch.setattr("xlnet_data.pipelines.engines.progress.ask_json", answers.__getitem__)
    assert ask_spark("http://page")[1] == BuildCounts(documents_read=30, tokens_written=12)


def test_the_counts_of_a_running_job_on_flink_are_those_of_its_accumulator(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = {
        "urn": "beam:metric:user:sum_int64:v1",
        "type": "beam:metrics:sum_int64:v1",
        "payload": "jgE=",  # a varint in base 64
        "labels": {"NAME": "documents_read", "PTRANSFORM": "read", "NAMESPACE": "xlnet-data"},
    }
    metrics = {"name": "__metricscontainers", "value": json.dumps({"metrics": {"attempted": [documents]}})}
    answers = {
        "http://page/jobs/overview": {
            "jobs": [
                {"jid": "1", "state": "FINISHED"},
                {"jid": "2", "state": "RUNNING", "name": "build", "tasks": {"finished": 3, "total": 8}},
            ]
        },
        "http://page/jobs/2/accumulators": {"user-task-accumulators": [metrics]},
    }
    monkeypatch.setattr("xlnet_data.pipelines.engines.progress.ask_json", answers.__getitem__)
    assert ask_flink("http://page") == ("tasks of build done: 3 of 8", BuildCounts(documents_read=142))


def test_when_the_writing_began_is_unknown_where_the_first_counts_come_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts: list[BuildCounts] = []
    monkeypatch.setattr("xlnet_data.pipelines.engines.jobs.read_counts", lambda result: counts.pop(0))
    counts += [BuildCounts(), BuildCounts(documents_read=9, tokens_written=5)]
    late = EngineJob("flink", result=object())
    assert [late.look()[1], late.look()[1]] == [BuildCounts(), BuildCounts(documents_read=9, tokens_written=5)]
    assert late.writing_began is None

    counts += [BuildCounts(documents_read=9), BuildCounts(documents_read=9, tokens_written=5)]
    followed = EngineJob("prism", result=object())
    followed.look()
    assert followed.writing_began is None
    followed.look()
    assert followed.writing_began is not None


def test_the_counts_of_a_page_serve_where_beam_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xlnet_data.pipelines.engines.jobs.read_counts", lambda result: BuildCounts())
    monkeypatch.setitem(ASK, "spark", lambda page: ("stages done: 1", BuildCounts(documents_read=4)))
    job = EngineJob("spark", page="http://page", result=object())
    assert job.look() == ("stages done: 1", BuildCounts(documents_read=4))
    monkeypatch.setattr("xlnet_data.pipelines.engines.jobs.read_counts", lambda result: BuildCounts(documents_read=6))
    assert job.look() == ("stages done: 1", BuildCounts(documents_read=6))
