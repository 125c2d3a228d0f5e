"""A build on one machine, before its workers begin and after they die: what is left to do, and what is left out."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from xlnet_data.config import BuildConfig
from xlnet_data.config_files import parse_config
from xlnet_data.corpora.guards import KILLED_WORKER, TOO_SLOW
from xlnet_data.datasets.manifests import read_manifest, write_manifest
from xlnet_data.errors import CorpusError, ShardError, WorkerError
from xlnet_data.files.writing import OutputFile, atomic_write
from xlnet_data.filters.duplicates import DeduplicationSettings
from xlnet_data.pipelines.builds import build_dataset
from xlnet_data.pipelines.local import builds, times
from xlnet_data.pipelines.local.builds import (
    MAX_CHANCE_DEATHS,
    LocalBuild,
    prepare_local,
    raise_unless_skippable,
    run_local,
)
from xlnet_data.pipelines.local.crew import Crew
from xlnet_data.pipelines.local.duplicates import NUM_RANGES
from xlnet_data.pipelines.local.folder import HeldFolder, hold_folder
from xlnet_data.pipelines.local.monitor import WorkerMonitor
from xlnet_data.pipelines.local.queue import drain_queue
from xlnet_data.pipelines.local.records import task_record
from xlnet_data.pipelines.local.status import LocalProgress, WorkerStatus, read_counts, read_left_out
from xlnet_data.pipelines.local.times import BuildClock
from xlnet_data.schemas.example import SCHEMA_VERSION
from xlnet_data.schemas.manifest import Manifest, ShardInfo, SplitInfo, TokenizerInfo
from xlnet_data.text.tokenizer import Tokenizer


@pytest.fixture
def held(tmp_path: Path) -> Iterator[HeldFolder]:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("A text.\n" * 9)
    with hold_folder(str(tmp_path / "data"), overwrite=False) as held:
        yield held


@pytest.fixture
def tokenizer(small_model: Path) -> Tokenizer:
    return Tokenizer.load(str(small_model), make_config(Path()).tokenizer)


def make_config(folder: Path, **keys: Any) -> BuildConfig:
    corpora = [{"name": name, "format": "text", "paths": [f"{name}.txt"]} | keys for name in "ab"]
    return parse_config({"tokenizer": {"vocab_size": 300}, "corpora": corpora}, str(folder))


def prepare(held: HeldFolder, tokenizer: Tokenizer, **keys: Any) -> LocalBuild:
    local = prepare_local(make_config(Path(held.output).parent, **keys), held, tokenizer, 0)
    assert local is not None
    return local


def write(held: HeldFolder, name: str) -> OutputFile:
    path = os.path.join(held.building, name)
    with atomic_write(path) as file:
        file.write(b"written")
    return OutputFile.of(path, file)


def test_nothing_of_an_unknown_build_is_taken_for_this_one_but_a_vocabulary_whose_record_says_what_it_is_of(
    held: HeldFolder, tokenizer: Tokenizer
) -> None:
    prepare(held, tokenizer)
    held.records.keep("vocabulary", [write(held, "spiece.model")], {"config": "known"})
    held.records.keep(task_record(0), [write(held, ".work/spool/a")])
    held.records.keep("train-00000-of-00001", [write(held, "train/a"), write(held, "documents/a")])
    held.records.keep("duplicates-000000", [])
    held.records.keep("duplicates-000001", [write(held, "rejects/a")])
    write(held, ".work/records/left_out.json")
    Path(held.identity_file).write_text("")  # as a crash of the machine leaves it
    local = prepare(held, tokenizer, epochs=2.0)
    assert [number for number, _ in local.pending] == [0, 1]
    names = ("train-00000-of-00001", "duplicates-000000", "duplicates-000001", task_record(0))
    assert [held.records.find(name) for name in names] == [None] * 4
    assert not os.path.exists(local.folders.left_out)
    assert not os.path.exists(os.path.join(held.building, "rejects"))
    assert held.records.find("vocabulary") == {"config": "known"}
    assert held.read_identity() == json.loads(json.dumps(local.identity))


def test_a_build_of_another_config_is_refused_where_it_is_and_gives_way_beside_a_dataset(
    held: HeldFolder, tokenizer: Tokenizer
) -> None:
    prepare(held, tokenizer)
    config = make_config(Path(held.output).parent, epochs=2.0)
    with pytest.raises(ShardError, match="holds an unfinished build, but since then the config changed"):
        prepare_local(config, held, tokenizer, 0)
    assert prepare_local(config, HeldFolder(f"{held.output}-old", held.building), tokenizer, 0) is None
    write(held, "manifest.json")
    with pytest.raises(ShardError, match="already holds a dataset"):
        prepare_local(config, held, tokenizer, 0)
    assert [number for number, _ in prepare(held, tokenizer).pending] == [0, 1]


def test_a_whole_dataset_whose_build_is_not_known_is_compared_by_what_its_manifest_says(
    held: HeldFolder, tokenizer: Tokenizer
) -> None:
    config = make_config(Path(held.output).parent)
    splits = {"train": SplitInfo(), "dev": SplitInfo()}
    info = TokenizerInfo("spiece.model", tokenizer.sha256, 1)
    write_manifest(Manifest(SCHEMA_VERSION, {}, {}, config.fingerprint(), info, splits, {}, []), held.building)
    write(held, ".work/identity.json")  # damaged
    assert [number for number, _ in prepare(held, tokenizer).pending] == [0, 1]
    for keys, sha256 in (({"epochs": 2.0}, tokenizer.sha256), ({}, "another")):
        manifest = read_manifest(held.building)
        write_manifest(replace(manifest, tokenizer=replace(info, sha256=sha256)), held.building)
        with pytest.raises(ShardError, match=r"data already holds a dataset, .* or remove .*\.work, .* --overwrite"):
            prepare(held, tokenizer, **keys)
        other = HeldFolder(f"{held.output}-old", held.building)
        assert prepare_local(replace(config, seed=9), other, tokenizer, 0) is None


def test_a_build_that_goes_on_keeps_what_is_finished_and_shards_unless_more_is_tolerated_now(
    held: HeldFolder, tokenizer: Tokenizer
) -> None:
    first = prepare(held, tokenizer)
    held.records.keep(task_record(0), [write(held, ".work/spool/a")])
    held.records.keep("train-00000-of-00001", [write(held, "train/a")])
    for name in (".work/spool/b.tmp", ".work/status/7.status", ".work/queues/old/tasks/000000"):
        write(held, name)
    again = prepare(held, tokenizer)
    assert (first.pending_bytes, again.pending_bytes) == (144, 72)
    assert [number for number, _ in again.pending] == [1]
    assert again.folders.queues != first.folders.queues
    assert [os.listdir(os.path.join(held.work, name)) for name in ("spool", "status", "queues")] == [["a"], [], []]
    assert held.records.find("train-00000-of-00001") == {}
    assert [number for number, _ in prepare(held, tokenizer, on_error="skip").pending] == [1]
    assert held.records.find("train-00000-of-00001") is None


class CrewStandIn(Crew):
    """Stands for a crew: remembers what it is told, and says of losses what it is to say."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.losses = False

    def prepare(self, model: str, settings: Mapping[str, Any]) -> None:
        self.told.append(f"{model} {settings['vocab_size']}")

    def has_losses(self) -> bool:
        return self.losses

    def end(self) -> None:
        self.told.append("end")


@pytest.mark.parametrize("workers", [0, 2])
def test_the_largest_task_is_begun_first_and_worker_processes_are_looked_after(
    held: HeldFolder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    (Path(held.output).parent / "b.txt").write_text("A longer text.\n" * 9)
    config = make_config(Path(held.output).parent)
    local = prepare_local(config, held, tokenizer, workers)
    assert local is not None
    found: list[Any] = []
    monkeypatch.setattr(builds, "build", lambda *_: None)
    monkeypatch.setattr(builds, "run_pipeline", lambda pipeline, look_after: found.append(look_after))
    crew, monitor = CrewStandIn(), SimpleNamespace(stop_hung=lambda: found.append("looked"))
    builds._run_flow(config, local, tokenizer, cast(WorkerMonitor, monitor), crew)
    assert [number for number, _ in drain_queue(local.folders.tasks)] == [1, 0]
    (look_after,) = found
    if not workers:
        assert (look_after, crew.told) == (None, [])
        return
    assert crew.told == [f"{tokenizer.path} 300"]
    look_after()
    crew.losses = True
    with pytest.raises(WorkerError, match="a worker process died"):
        look_after()
    assert found[1:] == ["looked", "looked"]


class Monitor:
    """Stands for the monitor: what workers were at when they died is told before, and which of them hung."""

    def __init__(self, victims: list[WorkerStatus], hung: set[int]) -> None:
        self.victims = lambda: victims
        self.hung = lambda status: status.process in hung


def at(process: int, doc_id: str, corpus: str = "a") -> WorkerStatus:
    return WorkerStatus(process, 1, corpus, f"{corpus}.txt", doc_id)


def run(
    held: HeldFolder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch, deaths: list[Monitor], **keys: Any
) -> list[dict[tuple[str, str], str]]:
    """Run a build whose workers die as the monitors say, and return what was left out before each attempt."""
    attempts: list[dict[tuple[str, str], str]] = []
    config = make_config(Path(held.output).parent, **keys)

    def attempt(config: BuildConfig, local: LocalBuild, *_: Any) -> None:
        attempts.append(read_left_out(local.folders.left_out))
        if len(attempts) <= len(deaths):
            raise WorkerError("a worker died")
        raise KeyboardInterrupt  # it is not to be published

    waiting = iter([*deaths, Monitor([], set())])
    monkeypatch.setattr(builds, "WorkerMonitor", lambda folder, limits: next(waiting))
    monkeypatch.setattr(builds, "_run_flow", attempt)
    crew = CrewStandIn()
    with pytest.raises((KeyboardInterrupt, WorkerError)) as ended:
        run_local(config, prepare(held, tokenizer, **keys), tokenizer, BuildClock(), crew)
    if ended.type is WorkerError:
        attempts.append({("", str(ended.value)): "ended"})
    assert crew.told == ["end"] * len(deaths)
    return attempts


def test_a_document_is_left_out_when_a_worker_hung_on_it_or_two_died(
    held: HeldFolder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaths = [
        Monitor([at(1, "slow"), at(2, "bad"), at(3, "good")], {1}),
        Monitor([at(4, "bad"), at(5, "slower", "b")], {5}),
        Monitor([at(6, "worse")], set()),
    ]
    slow, slower, bad = ("a.txt", "slow"), ("b.txt", "slower"), ("a.txt", "bad")
    assert run(held, tokenizer, monkeypatch, deaths, on_error="skip") == [
        {},
        {slow: TOO_SLOW},
        {slow: TOO_SLOW, slower: TOO_SLOW, bad: KILLED_WORKER},
        {slow: TOO_SLOW, slower: TOO_SLOW, bad: KILLED_WORKER},
    ]
    assert run(held, tokenizer, monkeypatch, [], on_error="skip") == [
        {slow: TOO_SLOW, slower: TOO_SLOW, bad: KILLED_WORKER}  # the same command again knows it still
    ]


def test_what_finished_tasks_counted_stays_when_workers_die_and_what_they_were_at_is_counted_once(
    held: HeldFolder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def attempt(config: BuildConfig, local: LocalBuild, *_: Any) -> None:
        seen.append(read_counts(local.folders.status))
        progress = LocalProgress(local.folders.status, local.folders.left_out, local.folders.queues)
        progress.add(text_bytes=10, tokens_read=3, tokens_written=2)
        progress.finish_task()
        progress.add(text_bytes=5)
        seen.append(read_counts(local.folders.status))
        raise WorkerError("a worker died") if len(seen) < 6 else KeyboardInterrupt

    monkeypatch.setattr(builds, "_run_flow", attempt)
    monkeypatch.setattr(builds, "WorkerMonitor", lambda folder, limits: Monitor([at(1, f"d{len(seen)}")], set()))
    local = prepare(held, tokenizer, on_error="skip")
    with pytest.raises(KeyboardInterrupt):
        run_local(make_config(Path(held.output).parent, on_error="skip"), local, tokenizer, BuildClock(), CrewStandIn())
    assert [(one.text_bytes, one.tokens_read, one.tokens_written) for one in seen] == [
        (0, 0, 0), (15, 3, 2), (10, 3, 0), (25, 6, 2), (20, 6, 0), (35, 9, 2)
    ]  # fmt: skip


def test_a_build_gives_up_when_workers_die_at_ever_other_documents(
    held: HeldFolder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = [Monitor([at(1, "bad")], set())] * 2
    deaths = [*bad, *(Monitor([at(1, f"good {number}")], set()) for number in range(MAX_CHANCE_DEATHS + 1))]
    attempts = run(held, tokenizer, monkeypatch, deaths, on_error="skip")
    assert attempts[-2:] == [{("a.txt", "bad"): KILLED_WORKER}, {("", "a worker died"): "ended"}]
    assert len(attempts) == len(deaths) + 1
    assert len(run(held, tokenizer, monkeypatch, deaths[:-1], on_error="skip")) == len(deaths)


def test_a_build_ends_at_a_death_on_a_document_that_is_not_to_be_skipped(
    held: HeldFolder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "a worker died; it was at document 'bad' of a.txt"
    assert run(held, tokenizer, monkeypatch, [Monitor([at(1, "bad")], set())]) == [{}, {("", said): "ended"}]


def whole_build(held: HeldFolder, tokenizer: Tokenizer) -> tuple[BuildConfig, LocalBuild]:
    """Return a build that has written all that it is to write, with deduplication."""
    config = replace(make_config(Path(held.output).parent), deduplication=DeduplicationSettings(exact=True))
    local = prepare_local(config, held, tokenizer, 0)
    assert local is not None
    for number in (0, 1):
        held.records.keep(task_record(number), [write(held, f".work/spool/{number}"), write(held, f"rejects/{number}")])
    for number in range(NUM_RANGES):
        write(held, f".work/spool/duplicates/{number:03}.arrow")
    names = "train/shard-00000-of-00001.arrow", "documents/train-00000-of-00001.arrow"
    shard, sidecar = (write(held, name) for name in names)
    held.records.keep("train-00000-of-00001", [shard, sidecar])
    info = ShardInfo("train", names[0], 7, shard.sha256, 1, names[1], 7, sidecar.sha256, 1, 1, {}, 1, 0, 0)
    splits = {"train": SplitInfo(), "dev": SplitInfo()}
    tokenizer_info = TokenizerInfo("spiece.model", tokenizer.sha256, 1)
    write_manifest(Manifest(SCHEMA_VERSION, {}, {}, "f", tokenizer_info, splits, {}, [info]), held.work)
    return config, local


@pytest.mark.parametrize(
    "name",
    [
        *(".work/spool/1", ".work/spool/duplicates/063.arrow", ".work/records/task-000001.json", "rejects/0"),
        *("train/shard-00000-of-00001.arrow", "documents/train-00000-of-00001.arrow"),
    ],
)
@pytest.mark.parametrize("is_cut", [False, True])
def test_nothing_is_published_where_another_process_took_away_what_the_build_had_written(
    held: HeldFolder, tokenizer: Tokenizer, name: str, is_cut: bool
) -> None:
    config, local = whole_build(held, tokenizer)
    builds._check_kept(config, local)
    path = Path(held.building, name)
    if is_cut and "duplicates" not in name:
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.unlink()
    with pytest.raises(ShardError, match=f"another process removed or changed {path} while the build ran: nothing is"):
        builds._check_kept(config, local)


@pytest.mark.parametrize("name", ["spool", "records", "status", "spool/0"])
def test_a_failure_without_a_name_is_that_of_what_is_gone_if_anything_is(
    held: HeldFolder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    config, local = whole_build(held, tokenizer)
    os.makedirs(local.folders.tasks)

    def fail(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(builds, "_run_flow", fail)
    arguments = config, local, tokenizer, cast(WorkerMonitor, None), CrewStandIn()
    with pytest.raises(RuntimeError, match="a bug"):
        builds._run_or_find_loss(*arguments)
    path = Path(held.work, name)
    if path.is_dir():
        path.rename(path.with_name("elsewhere"))
    else:
        path.write_bytes(b"WRITTEN")  # of the same size
    with pytest.raises(ShardError, match=f"another process removed or changed {path} while the build ran"):
        builds._run_or_find_loss(*arguments)


def test_nothing_is_published_of_an_input_that_changed_meanwhile(
    held: HeldFolder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(held.output).parent / "a.txt"
    monkeypatch.setattr(builds, "_run_flow", lambda *_: path.write_text("Another text."))
    with pytest.raises(CorpusError, match="an input file changed"):
        run_local(make_config(path.parent), prepare(held, tokenizer), tokenizer, BuildClock(), CrewStandIn())
    assert not held.is_published


@pytest.mark.parametrize(
    ("on_error", "victims", "said"),
    [
        ("error", [at(2, "d"), at(3, "")], "a worker died; it was at document 'd' of a.txt and a.txt"),
        ("error", [at(1, "slow"), at(2, "d")], "a worker died; it was at document 'd' of a.txt"),
        ("skip", [at(1, "slow"), at(2, "")], "a worker died; it was at a.txt"),
        ("skip", [], "a worker died"),
        ("skip", [at(2, "d")], None),
        ("error", [at(1, "slow")], None),
    ],
)
def test_a_build_ends_at_a_death_that_no_document_may_be_skipped_for_and_says_what_it_was_at(
    on_error: str, victims: list[WorkerStatus], said: str | None
) -> None:
    def check() -> None:
        monitor = cast(WorkerMonitor, Monitor(victims, {1}))
        raise_unless_skippable(WorkerError("a worker died"), victims, monitor, make_config(Path(), on_error=on_error))

    if said is None:
        check()
    else:
        with pytest.raises(WorkerError, match=f"^{said}$"):
            check()


@pytest.mark.parametrize("set_by", [0.0, -500.0, 500.0])
def test_a_build_tells_what_its_stages_took_whoever_sets_the_clock_meanwhile(
    held: HeldFolder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch, set_by: float
) -> None:
    folders = replace(prepare(held, tokenizer).folders, workers=2)
    LocalProgress(folders.status, "left_out", run=folders.status).add(text_bytes=9)
    now = 2.04
    monkeypatch.setattr(times, "time", SimpleNamespace(monotonic=lambda: now, time=lambda: 1_000 + now + set_by))
    clock = BuildClock(began=0.0)
    clock.end_vocabulary()
    for task, ended in ((0, 1_030), (1, 1_020), (2, 1_040)):
        held.records.keep(task_record(task), [])
        os.utime(held.records.path(task_record(task)), (ended, ended))
    now = 100.0
    told = []
    for tasks in ([0, 1], [0, 1, 2], []):  # of three: an earlier part of the build did the others
        clock.write(held, folders, tasks, 3, "it is slow")
        told.append(json.loads(Path(held.building, "build.json").read_text()))
    rest = {"wall_secs": 100.0, "vocabulary_secs": 2.0, "text_bytes": 9, "workers": 2, "slow_because": "it is slow"}
    first, second = {0.0: (28.0, 38.0), -500.0: (98.0, 98.0), 500.0: (0.0, 0.0)}[set_by]
    assert told == [
        rest | {"read_secs": first, "write_secs": round(98 - first, 1), "is_resumed": True},
        rest | {"read_secs": second, "write_secs": round(98 - second, 1), "is_resumed": False},
        rest | {"read_secs": None, "write_secs": 98.0, "is_resumed": True},
    ]


def test_what_workers_were_writing_when_a_build_failed_is_gone_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "dataset"
    writing = [output / "train/shard.1.tmp", output / ".work/spool/task.2.tmp"]

    class Workers(CrewStandIn):
        def end(self) -> None:
            for path in writing:
                path.parent.mkdir(exist_ok=True, parents=True)
                path.write_bytes(b"x")
                path.with_suffix(".arrow").write_bytes(b"x")

    def fail(*_: object) -> None:
        raise ShardError("cannot write")

    monkeypatch.setattr("xlnet_data.pipelines.builds.prepare_local", fail)
    monkeypatch.setattr("xlnet_data.pipelines.builds._local_tokenizer", lambda *_: None)
    with pytest.raises(ShardError, match="cannot write"):
        build_dataset(make_config(tmp_path), str(output), crew=Workers())
    assert all(path.with_suffix(".arrow").exists() for path in writing)
    assert not list(output.rglob("*.tmp"))
