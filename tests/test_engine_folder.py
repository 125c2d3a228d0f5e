"""The folder of a build on an engine: who sees it, what dead workers leave in it, and how a dataset takes its place."""

import contextlib
import dataclasses
import functools
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from fsspec.implementations.memory import MemoryFileSystem

from xlnet_data.config_files import parse_config
from xlnet_data.datasets.manifests import read_manifest, write_manifest
from xlnet_data.errors import CorpusError, ShardError, WorkerError
from xlnet_data.files import moving
from xlnet_data.files.moving import list_names, move_file
from xlnet_data.files.stores import is_url
from xlnet_data.pipelines.engines import folder as engine_folder_module
from xlnet_data.pipelines.engines.folder import check_probe, engine_folder, publish_folder, withdraw_folder
from xlnet_data.pipelines.engines.marker import MARKER_FILE
from xlnet_data.pipelines.engines.tasks import ListTasks
from xlnet_data.pipelines.running import make_pipeline, run_pipeline
from xlnet_data.schemas.example import SCHEMA_VERSION
from xlnet_data.schemas.manifest import Manifest, ShardInfo, SplitInfo, TokenizerInfo
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer


@pytest.fixture
def tokenizer(small_model: Path) -> Tokenizer:
    return Tokenizer.load(str(small_model), TokenizerSettings(vocab_size=300))


def write_parts(folder: str, fingerprint: str, num_shards: int, manifests: str | None = None) -> Manifest:
    """Write what a build writes before it is published, the manifest into the same folder or another."""
    shards = []
    for number in range(num_shards):
        names = f"train/shard-{number}.arrow", f"documents/train-{number}.arrow"
        for name in (*names, f"rejects/{fingerprint}-{number}.jsonl.gz"):
            write_file(f"{folder}/{name}", f"{fingerprint} {name}")
        shards.append(ShardInfo("train", names[0], 5, "a", 1, names[1], 9, "b", 1, 1, {}, 1, 0, 0))
    splits = {"train": SplitInfo(), "dev": SplitInfo()}
    manifest = Manifest(SCHEMA_VERSION, {}, {}, fingerprint, TokenizerInfo("spiece.model", "c", 1), splits, {}, shards)
    return write_manifest(manifest, manifests or folder)


def files_of(fingerprint: str, num_shards: int) -> list[str]:
    """Return the files of a dataset that write_parts made."""
    numbers = range(num_shards)
    names = [f"train/shard-{number}.arrow" for number in numbers] + [f"documents/train-{n}.arrow" for n in numbers]
    names += [f"rejects/{fingerprint}-{number}.jsonl.gz" for number in numbers]
    return sorted([*names, "manifest.json", "spiece.model"])


def write_file(path: str, text: str) -> None:
    with fsspec.open(path, "w", auto_mkdir=True) as file:
        file.write(text)


def read_file(path: str) -> str:
    with fsspec.open(path) as file:
        return str(file.read().decode())


def files_in(folder: str) -> list[str]:
    """Return the files below a folder, hidden ones too."""
    store, path = fsspec.core.url_to_fs(folder)
    return sorted(name.removeprefix(path).lstrip("/") for name in store.find(path))


def fingerprints_in(folder: str) -> set[str]:
    """Return which builds a dataset's files are of."""
    names = [name for name in files_in(folder) if "/" in name and not name.startswith(".")]
    return {read_file(f"{folder}/{name}").split()[0] for name in names} | {read_manifest(folder).fingerprint}


@pytest.fixture(params=["folder", "store"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return a folder that holds nothing else than the test's, a local one or one of a store."""
    if request.param == "folder":
        yield str(tmp_path)
        return
    yield "memory://test"
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture
def old(place: str) -> str:
    """Return the folder of a dataset of three shards."""
    folder = f"{place}/data"
    write_parts(folder, "old", 3)
    write_file(f"{folder}/spiece.model", "old model")
    write_file(f"{folder}/build.json", "{}")  # which a build on one machine writes
    return folder


def test_a_worker_that_sees_another_folder_under_the_name_is_told_so(tmp_path: Path, tokenizer: Tokenizer) -> None:
    with engine_folder(str(tmp_path / "data"), False, tokenizer) as folder:
        check_probe(folder)
        elsewhere = dataclasses.replace(folder, building=str(tmp_path / "scratch"))
        with pytest.raises(WorkerError, match=r"does not see the file .*must be a folder that the launcher and all"):
            check_probe(elsewhere)
        Path(folder.probe).write_text("of another build")
        with pytest.raises(WorkerError, match="does not see the file"):
            check_probe(folder)


def test_a_new_dataset_appears_without_what_dead_workers_left(place: str, tokenizer: Tokenizer) -> None:
    with engine_folder(f"{place}/data", False, tokenizer) as folder:
        manifest = write_parts(folder.building, "new", 2)
        if not is_url(place):  # a store shows no file before it is whole
            write_file(f"{folder.building}/train/shard-1.arrow.0123.tmp", "half")
        assert publish_folder(manifest, folder) == manifest
    assert files_in(place) == [f"data/{name}" for name in files_of("new", 2)]


def test_the_old_dataset_stays_whole_until_the_new_one_takes_its_place(
    place: str, old: str, tokenizer: Tokenizer
) -> None:
    with engine_folder(f"{place}/data", True, tokenizer) as folder:
        manifest = write_parts(folder.building, "new", 2)
        assert fingerprints_in(old) == {"old"}
        assert set(files_of("old", 3)) <= set(files_in(old))
        publish_folder(manifest, folder)
    assert files_in(place) == [f"data/{name}" for name in files_of("new", 2)]
    assert fingerprints_in(old) == {"new"}
    assert fsspec.filesystem(fsspec.utils.get_protocol(old)).cat_file(f"{old}/spiece.model") == tokenizer.model_bytes


def test_an_attempt_that_comes_late_changes_nothing(place: str, old: str, tokenizer: Tokenizer) -> None:
    with engine_folder(f"{place}/data", True, tokenizer) as folder:
        manifest = write_parts(folder.building, "new", 2)
        publish_folder(manifest, folder)
        write_manifest(manifest, folder.building)
        publish_folder(manifest, folder)
    assert files_in(place) == [f"data/{name}" for name in files_of("new", 2)]


class Killed(Exception):  # noqa: N818
    """Stands for the end of a process."""


def test_an_attempt_goes_on_where_a_killed_one_stopped_between_two_moves(
    place: str, old: str, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves = itertools.count()

    def die_at_second(move: Callable[[str, str], None], path: str, target: str) -> None:
        if next(moves) == 1:
            raise Killed
        move(path, target)

    with engine_folder(f"{place}/data", True, tokenizer) as folder:
        manifest = write_parts(folder.building, "new", 2)
        with monkeypatch.context() as patched:
            patched.setattr(engine_folder_module, "NUM_MOVERS", 1)
            patched.setattr(engine_folder_module, "move_file", functools.partial(die_at_second, move_file))
            patched.setattr(os, "rename", functools.partial(die_at_second, os.rename))
            with pytest.raises(Killed):
                publish_folder(manifest, folder)
        write_manifest(manifest, folder.building)
        publish_folder(manifest, folder)
    assert files_in(place) == [f"data/{name}" for name in files_of("new", 2)]
    assert fingerprints_in(old) == {"new"}


def test_a_build_that_fails_leaves_the_old_dataset_and_nothing_of_its_own(
    place: str, old: str, tokenizer: Tokenizer
) -> None:
    with contextlib.suppress(Killed), engine_folder(f"{place}/data", True, tokenizer) as folder:
        write_file(f"{folder.building}/train/shard-0.arrow", "new")
        raise Killed
    with pytest.raises(WorkerError):
        check_probe(folder)
    assert fingerprints_in(old) == {"old"}
    assert files_in(place) == [f"data/{name}" for name in sorted([*files_of("old", 3), "build.json"])]


def test_a_worker_that_lives_on_puts_nothing_there_once_the_build_is_withdrawn(
    place: str, tokenizer: Tokenizer
) -> None:
    with contextlib.suppress(Killed), engine_folder(f"{place}/data", False, tokenizer) as folder:
        write_parts(folder.building, "new", 2, folder.manifests)
        assert withdraw_folder(folder)
        raise Killed
    left = files_in(place)
    manifest = write_parts(folder.building, "new", 0, folder.manifests)
    with pytest.raises(WorkerError, match="was interrupted: nothing is put there any more"):
        publish_folder(manifest, folder)
    assert files_in(place) == left
    assert not any(name.endswith("manifest.json") for name in left)


def test_a_build_whose_dataset_is_being_put_in_its_place_is_not_withdrawn(
    place: str, old: str, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []

    def ask(move: Callable[[str, str], None], path: str, target: str) -> None:
        if path != folder.probe:
            answers.append(withdraw_folder(folder))
        move(path, target)

    with engine_folder(f"{place}/data", True, tokenizer) as folder:
        manifest = write_parts(folder.building, "new", 2)
        monkeypatch.setattr(engine_folder_module, "move_file", functools.partial(ask, move_file))
        monkeypatch.setattr(os, "rename", functools.partial(ask, os.rename))
        publish_folder(manifest, folder)
    assert set(answers) == {False}
    assert fingerprints_in(old) == {"new"}


def test_the_mark_of_a_build_under_way_stays_in_the_folder(place: str, tokenizer: Tokenizer) -> None:
    write_file(f"{place}/data/{MARKER_FILE}", "{}")
    with engine_folder(f"{place}/data", False, tokenizer) as folder:
        publish_folder(write_parts(folder.building, "new", 2), folder)
    assert files_in(place) == [f"data/{name}" for name in sorted([*files_of("new", 2), MARKER_FILE])]


def test_a_dataset_that_came_meanwhile_is_not_replaced(tmp_path: Path, tokenizer: Tokenizer) -> None:
    output = str(tmp_path / "data")
    with engine_folder(output, False, tokenizer) as folder:
        manifest = write_parts(folder.building, "new", 2)
        write_parts(output, "other", 1)
        with pytest.raises(ShardError, match="was not there before: the new one is whole in") as caught:
            publish_folder(manifest, folder)
    assert str(folder.building) in str(caught.value)
    assert fingerprints_in(folder.building) == {"new"}
    assert fingerprints_in(output) == {"other"}


@pytest.mark.parametrize(("name", "message"), [("notes.txt", "other files"), ("manifest.json", "already holds")])
def test_what_else_lies_in_the_folder_is_not_touched(place: str, tokenizer: Tokenizer, name: str, message: str) -> None:
    write_file(f"{place}/data/{name}", "mine")
    with pytest.raises(ShardError, match=message), engine_folder(f"{place}/data", False, tokenizer):
        pass
    assert files_in(place) == [f"data/{name}"]


def test_what_a_killed_build_left_is_removed_by_the_next_one(place: str, tokenizer: Tokenizer) -> None:
    for name in ("train/shard-7.arrow", "spiece.model", "README.md"):
        write_file(f"{place}/data/{name}", "left")
    with engine_folder(f"{place}/data", False, tokenizer) as folder:
        publish_folder(write_parts(folder.building, "new", 2), folder)
    assert files_in(place) == [f"data/{name}" for name in files_of("new", 2)]


def test_a_worker_that_finds_no_input_says_that_it_was_a_worker(tmp_path: Path, tokenizer: Tokenizer) -> None:
    corpus = {"name": "books", "format": "text", "paths": [str(tmp_path / "*.txt")]}
    config = parse_config({"corpora": [corpus]}, str(tmp_path))
    message = r"no file matches .*\*\.txt.*; it was a worker that looked: the inputs must lie where all machines"
    with engine_folder(str(tmp_path / "dataset"), False, tokenizer) as folder:
        pipeline = make_pipeline(FnApiRunner())
        pipeline | ListTasks(config, folder)
        with pytest.raises(CorpusError, match=message):
            run_pipeline(pipeline)


def test_the_package_that_a_store_lacks_is_named_when_its_folder_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def lack(url: str) -> None:
        raise ImportError("no module of that store's")

    monkeypatch.setattr(moving, "client_of", lack)
    hint = r"a package is missing: pip install 'xlnet-data\[s3\]'"
    with pytest.raises(ShardError, match=f"^cannot list s3://bucket/dataset: {hint}$"):
        list_names("s3://bucket/dataset")
