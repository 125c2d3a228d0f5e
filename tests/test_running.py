"""A pipeline that fails: which error comes out, what is shown of it, and that nothing waits for what will not come."""

import logging
import resource
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.portability.job_server import StopOnExitJobServer, SubprocessJobServer

from xlnet_data.errors import CorpusError, WorkerError, XlnetDataError
from xlnet_data.pipelines import running
from xlnet_data.pipelines.engines.runners import EngineSetup
from xlnet_data.pipelines.running import check_address_space, make_pipeline, named_error, run_pipeline


class Pipeline:
    """Stands for a pipeline whose end is a function's."""

    def __init__(self, wait: Callable[[], Any]) -> None:
        self._wait = wait

    def run(self) -> Any:
        return SimpleNamespace(wait_until_finish=self._wait)


def fail_with(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what threads that died are shown to have died of."""
    texts: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: texts.append(str(arguments.exc_value)))
    monkeypatch.setattr(running, "DEATH_SECS", 0.01)
    return texts


def die(text: str) -> None:
    """Let a thread die."""
    thread = threading.Thread(target=fail_with(RuntimeError(text)))
    thread.start()
    thread.join()


def test_a_build_is_looked_after_until_it_ends(shown: list[str]) -> None:
    looks: list[int] = []
    done = threading.Event()

    def look_after() -> None:
        looks.append(1)
        if len(looks) == 3:
            done.set()

    hook = threading.excepthook
    run_pipeline(Pipeline(lambda: done.wait(60)), look_after)
    assert len(looks) >= 3
    assert threading.excepthook is hook
    run_pipeline(Pipeline(lambda: None))


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (CorpusError("cannot open a [while running 'Read']"), CorpusError("cannot open a")),
        (RuntimeError("Traceback\nxlnet_data.errors.CorpusError: no b\n\nmore"), CorpusError("no b")),
        (RuntimeError("no name"), RuntimeError("no name")),
    ],
)
def test_an_error_comes_out_by_its_name_and_what_threads_died_of_is_shown_with_it(
    shown: list[str], raised: BaseException, expected: BaseException
) -> None:
    def fail() -> None:
        die("a thread of the runner")
        raise raised

    hook = threading.excepthook
    with pytest.raises(type(expected)) as caught:
        run_pipeline(Pipeline(fail))
    assert str(caught.value) == str(expected)
    assert threading.excepthook is hook
    assert shown == ["a thread of the runner"]


@pytest.mark.parametrize("notices", ["the runner", "whoever looks after it", "the user"])
def test_the_end_of_workers_is_told_alone_without_the_threads_that_die_of_it(shown: list[str], notices: str) -> None:
    dies = threading.Event()
    later = threading.Thread(target=lambda: fail_with(RuntimeError("Channel closed"))() if dies.wait(60) else None)

    def wait() -> None:
        die("Channel closed")
        later.start()
        if notices == "the runner":
            raise RuntimeError("Channel closed prematurely.")
        threading.Event().wait(60)

    def look_after() -> None:
        if notices == "whoever looks after it" and later.is_alive():
            raise WorkerError("a worker process died")
        if notices == "the user" and later.is_alive():
            raise KeyboardInterrupt

    with pytest.raises((WorkerError, KeyboardInterrupt), match=r"^a worker process died|^$"):
        run_pipeline(Pipeline(wait), look_after)
    dies.set()
    later.join()
    assert shown == []
    die("the caller's own")
    assert shown == ["the caller's own"]


def test_an_engine_that_cannot_start_its_threads_is_not_waited_for(shown: list[str]) -> None:
    def wait() -> None:
        die("can't start new thread")
        threading.Event().wait(60)

    with pytest.raises(WorkerError, match="cannot start its threads: memory, or the number of processes"):
        run_pipeline(Pipeline(wait))


def test_a_thread_that_was_there_before_and_dies_is_shown_and_ends_no_build(shown: list[str]) -> None:
    begun = threading.Event()

    def die_late() -> None:
        begun.wait(60)
        raise RuntimeError("can't start new thread")

    def wait() -> None:
        begun.set()
        earlier.join()
        threading.Event().wait(0.1)

    earlier = threading.Thread(target=die_late)
    earlier.start()
    run_pipeline(Pipeline(wait))
    assert shown == ["can't start new thread"]


@pytest.mark.parametrize("is_asked_for", [False, True])
def test_warnings_of_the_engine_are_told_to_who_asked_for_its_log_alone(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, is_asked_for: bool
) -> None:
    root, log = logging.getLogger(), logging.getLogger("apache_beam")
    monkeypatch.setattr(log, "level", logging.INFO if is_asked_for else logging.NOTSET)
    monkeypatch.setattr(log, "_cache", {})

    def talk() -> None:
        logging.getLogger("apache_beam.runners").warning("running mode")
        for level, path in (
            (logging.WARNING, "apache_beam"),
            (logging.ERROR, "apache_beam"),
            (logging.WARNING, "mine"),
        ):
            said = {"levelno": level, "pathname": f"/x/{path}/y.py", "msg": f"{path} {level}"}
            root.handle(logging.makeLogRecord(said))

    run_pipeline(Pipeline(talk))
    asked = ["running mode", "apache_beam 30"] if is_asked_for else []
    assert caplog.messages == [*asked, "apache_beam 40", "mine 30"]
    assert not root.filters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "xlnet_data.errors.CorpusError: a\n\nIn it:\nxlnet_data.errors.ShardError: cannot write\n b",
            "cannot write\n b",
        ),
        ("RuntimeError: a", None),
        ("xlnet_data.errors.ShardError: b\nChannel closed prematurely", running.WORKER_DIED),
        ("can't start new thread", running.THREADS_SHORT),
    ],
)
def test_the_last_named_error_of_a_traceback_counts(text: str, expected: str | None) -> None:
    found = named_error(text)
    assert (found is None) == (expected is None)
    if isinstance(found, XlnetDataError):
        assert str(found) == str(XlnetDataError(str(expected)))


@pytest.mark.parametrize("limit", [resource.RLIM_INFINITY, running.MIN_ADDRESS_BYTES])
def test_address_space_that_suffices_is_no_error(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    limits = {resource.RLIMIT_AS: (limit, limit)}
    monkeypatch.setattr(resource, "getrlimit", limits.__getitem__)
    check_address_space()
    limits[resource.RLIMIT_AS] = (running.MIN_ADDRESS_BYTES - 1, resource.RLIM_INFINITY)
    with pytest.raises(WorkerError, match=r"may have 3\.0 GB of address space"):
        check_address_space()


def test_a_pipeline_leaves_nothing_in_the_temporary_folder_even_if_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pipeline = make_pipeline(FnApiRunner())
    assert list(tmp_path.iterdir()) == []
    pipeline | beam.Create([1]) | beam.Map(lambda number: number + 1)
    run_pipeline(pipeline)
    assert list(tmp_path.iterdir()) == []


def test_a_job_server_that_cannot_be_started_leaves_nothing_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(SubprocessJobServer):
        def subprocess_cmd_and_endpoint(self) -> Any:
            self.local_temp_dir(prefix="artifacts")
            raise RuntimeError("no Java")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    runner = EngineSetup("prism", []).make_runner()
    runner.server = StopOnExitJobServer(Failing())
    with pytest.raises(RuntimeError):
        runner.server.start()
    runner.stop()
    assert list(tmp_path.iterdir()) == []
