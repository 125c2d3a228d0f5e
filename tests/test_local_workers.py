"""The processes of a local build: what the crew tells them and hears of them, and that none outlives its build."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from xlnet_data.pipelines.local import crew as crews
from xlnet_data.pipelines.local.crew import CREWS, Crew

DEADLINE_SECS = 60


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that has a shell script stand in for the process that workers are forked from."""

    def write(script: str) -> None:
        path = tmp_path / "stand-in"
        path.write_text(f"#!/bin/sh\ncd {tmp_path}\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(crews, "module_command", lambda name: [str(path), name])

    return write


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_SECS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_crew_gives_its_orders_to_one_process_and_waits_for_its_end(
    tmp_path: Path, stand_in: Callable[[str], None]
) -> None:
    stand_in('echo "$MALLOC_ARENA_MAX $OPENBLAS_NUM_THREADS $@" >> begun; cat >> orders; sleep 0.1; echo >> ended')
    with Crew() as crew, Crew() as other:
        assert not crew.has_losses()
        crew.begin()
        crew.prepare("a.model", {"vocab_size": 300})
        crew.add_worker({"WORKER_ID": "1"})
        wait_for(lambda: (tmp_path / "orders").exists() and (tmp_path / "orders").read_text().count("\n") == 2)
        assert not crew.has_losses()
        assert [CREWS[one.number] for one in (crew, other)] == [crew, other]
    assert (tmp_path / "ended").read_text() == "\n"
    assert (tmp_path / "begun").read_text() == "1 1 xlnet_data.pipelines.local.worker\n"
    orders = [json.loads(line) for line in (tmp_path / "orders").read_text().splitlines()]
    assert orders == [{"model": "a.model", "settings": {"vocab_size": 300}}, {"variables": {"WORKER_ID": "1"}}]
    crew.end()
    crew.add_worker({})  # after the workers were ended, others are forked from another process
    crew.end()
    assert (tmp_path / "ended").read_text() == "\n\n"


def test_a_crew_that_has_no_orders_ends_at_once(tmp_path: Path, stand_in: Callable[[str], None]) -> None:
    stand_in("echo >> begun; exec sleep 60")  # it imports, and does not see yet that its orders end
    with Crew() as crew:
        crew.begin()
        wait_for((tmp_path / "begun").exists)
        begin = time.monotonic()
    assert time.monotonic() - begin < DEADLINE_SECS / 2
    with Crew() as crew:  # one with orders is waited for, as it ends the workers
        crew.begin()
        crew.end()
        stand_in("cat; echo >> ended")
        crew.prepare("a.model", {})
    assert (tmp_path / "ended").exists()


@pytest.mark.parametrize("script", ["printf x; cat > read", "exit 1", "exec >&-; exit 0"])
def test_a_crew_hears_of_the_death_of_a_worker_or_of_the_process_that_forks_them(
    stand_in: Callable[[str], None], script: str
) -> None:
    stand_in(script)
    with Crew() as crew:
        crew.begin()
        wait_for(crew.has_losses)
        crew.add_worker({"more": "x" * 100_000})  # which nobody may read


def test_a_process_ends_once_the_one_that_began_it_is_gone() -> None:
    code = (
        "import os, time\n"
        "from xlnet_data.pipelines import orphans\n"
        "orphans.POLL_SECS = 0.01\n"
        "if os.fork():\n"
        "    os.close(1)\n"
        "    os.read(0, 1)\n"
        "else:\n"
        "    orphans.follow_parent()\n"
        "    for _ in range(100):\n"
        "        print('lives', flush=True)\n"
        "        time.sleep(0.05)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        assert [parent.stdout.readline() for _ in range(5)] == [b"lives\n"] * 5
        parent.stdin.close()
        rest = parent.stdout.read().splitlines()  # ends when no process can write any more
    assert len(rest) < 50


FORKS = """
import os, sys, time, types

beam, told = types.ModuleType("worker"), int(sys.argv[1])  # Beam's import would take a second

def run():
    os.write(1, b"x")  # which is not to be taken for a death
    os.write(told, os.environ["DO"].encode() + b"\\n")
    if os.environ["DO"] == "die":
        raise RuntimeError
    if os.environ["DO"] == "sleep":
        time.sleep(60)

harness = types.SimpleNamespace(run=run)
beam.sdk_worker_main = types.SimpleNamespace(create_harness=lambda environment: (None, harness, None))
sys.modules["apache_beam.runners.worker"] = beam
for name in ("xlnet_data.pipelines.flow", "xlnet_data.pipelines.local.exchange"):
    sys.modules[name] = types.ModuleType(name)
from xlnet_data.pipelines.local import worker
worker.serve_one_build = lambda: None

fork = os.fork

def fork_and_pause():  # so that a worker that dies at once is dead before its process knows it
    process = fork()
    if process:
        time.sleep(0.05)
    return process

os.fork = fork_and_pause
worker.follow_parent = lambda: os.write(told, b"follows ")
worker.main()
"""


def test_workers_are_forked_as_they_are_ordered_and_a_death_is_told_and_none_is_left(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    with (
        open(ours, "rb") as told,
        subprocess.Popen(
            [sys.executable, "-c", FORKS, str(theirs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(theirs,),
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}),  # as the crew begins it
        ) as process,
    ):
        os.close(theirs)
        assert process.stdin is not None
        assert process.stdout is not None
        watchdog = threading.Timer(DEADLINE_SECS, process.kill)
        watchdog.daemon = True
        watchdog.start()

        def order(**what: object) -> None:
            assert process.stdin is not None
            process.stdin.write(json.dumps(what).encode() + b"\n")
            process.stdin.flush()

        order(model=str(tmp_path / "none.model"), settings={})  # a worker will say that there is none
        order(variables={"DO": "end"})
        assert told.readline() == b"follows end\n"
        process.send_signal(signal.SIGINT)  # as a terminal does to all processes; the main one ends its workers
        order(variables={"DO": "sleep"})
        assert told.readline() == b"follows sleep\n"
        os.set_blocking(process.stdout.fileno(), False)
        assert process.stdout.read() is None, "no worker has died"
        for _ in range(2):
            order(variables={"DO": "die"})
            assert told.readline() == b"follows die\n"
        os.set_blocking(process.stdout.fileno(), True)
        assert process.stdout.read(2) == b"xx"
        process.stdin.close()
        assert (process.wait(DEADLINE_SECS), told.read(), process.stdout.read()) == (0, b"", b"")
        watchdog.cancel()
