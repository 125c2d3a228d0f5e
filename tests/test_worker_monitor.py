"""What watches over the worker processes: who is told to give up a document, who is killed, and who died of which."""

import math
import os
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from xlnet_data.pipelines.local import monitor
from xlnet_data.pipelines.local.monitor import WorkerMonitor
from xlnet_data.pipelines.local.status import StatusFile

DEADLINE_SECS = 120


def test_the_worker_that_hangs_is_killed_and_those_that_died_are_told_apart_from_those_that_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("hung", "obedient", "busy", "patient", "idle", "died", "begun")
    workers = {name: sleep_on() for name in names}
    files = {}
    for name, worker in workers.items():
        monkeypatch.setattr(os, "getpid", lambda worker=worker: worker.pid)
        files[name] = StatusFile(str(tmp_path), str(tmp_path / "left_out"))
    for name in names[:-1]:
        files[name].read_from("patient" if name == "patient" else "c", "a.jsonl")
        if name != "idle":
            files[name].begin("a.jsonl", name)
    now = 100.0
    monkeypatch.setattr(monitor, "time", SimpleNamespace(monotonic=lambda: now))
    sent, send = [], monitor._send
    monkeypatch.setattr(monitor, "_send", lambda *signalled: (sent.append(signalled), send(*signalled)))
    watch = WorkerMonitor(str(tmp_path), {"c": 10, "patient": math.inf})
    for now in (100.0, 105.0, 110.0):
        files["busy"].begin("a.jsonl", f"busy at {now}")
        watch.stop_hung()
    for name in ("died", "begun"):
        workers[name].kill()
        workers[name].wait()
    for now in (111.0, 112.0):
        files["died"].begin("a.jsonl", f"died at {now}")
        watch.stop_hung()
    assert [worker.poll() for worker in workers.values()][:5] == [None] * 5
    files["obedient"].begin("a.jsonl", "another")
    files["died"].begin("a.jsonl", "died")
    now = 113.0
    watch.stop_hung()
    assert workers["hung"].wait(DEADLINE_SECS) == -signal.SIGKILL
    for now in (123.0, 124.0):
        files["busy"].begin("a.jsonl", f"busy at {now}")
        watch.stop_hung()
    assert sent.count((workers["obedient"].pid, monitor.GIVE_UP)) == 2, "once for each document"
    assert [workers[name].poll() for name in ("obedient", "busy", "patient", "idle")] == [None] * 4
    victims = watch.victims()
    assert {(victim.name, watch.hung(victim)) for victim in victims} == {
        (("a.jsonl", "hung"), True),
        (("a.jsonl", "died"), False),
    }
    assert [worker.wait(DEADLINE_SECS) for worker in workers.values()] == [-signal.SIGKILL] * len(workers)


def sleep_on() -> "subprocess.Popen[bytes]":
    """Begin a process that gives up nothing when it is told to."""
    return subprocess.Popen(["sleep", "100"], preexec_fn=lambda: signal.signal(monitor.GIVE_UP, signal.SIG_IGN))


def test_the_time_for_which_a_worker_or_the_whole_build_is_stopped_is_no_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(monitor, "time", SimpleNamespace(monotonic=lambda: now))
    with sleep_on() as worker:
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: worker.pid)
            file = StatusFile(str(tmp_path), "")
        file.read_from("c", "a.jsonl")
        file.begin("a.jsonl", "d")
        watch = WorkerMonitor(str(tmp_path), {"c": 11})
        watch.stop_hung()
        now = 10_000.0  # this process was stopped, too
        watch.stop_hung()
        os.kill(worker.pid, signal.SIGSTOP)
        os.waitpid(worker.pid, os.WUNTRACED)
        now = 10_008.0
        watch.stop_hung()
        assert worker.poll() is None
        os.kill(worker.pid, signal.SIGCONT)
        os.waitpid(worker.pid, os.WCONTINUED)
        now = 10_010.0
        watch.stop_hung()
        now = 10_012.0
        watch.stop_hung()
        assert worker.wait(DEADLINE_SECS) == -signal.SIGKILL
