"""The folder of a local build: who may build in it, what in it is still good, and how a dataset appears at once."""

import dataclasses
import errno
import functools
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from xlnet_data.config import BuildConfig
from xlnet_data.config_files import parse_config
from xlnet_data.datasets.manifests import write_manifest
from xlnet_data.errors import CorpusError, ShardError
from xlnet_data.files.ranges import FileRange
from xlnet_data.ingestion.tasks import Task
from xlnet_data.pipelines.local import folder as local_folder
from xlnet_data.pipelines.local import identity as local_identity
from xlnet_data.pipelines.local.folder import HeldFolder, hold_folder, remove_temporary
from xlnet_data.pipelines.local.identity import (
    check_inputs_unchanged,
    check_same_build,
    describe_build,
    find_changes,
    hash_contents,
)
from xlnet_data.schemas.example import SCHEMA_VERSION
from xlnet_data.schemas.manifest import Manifest, ShardInfo, SplitInfo, TokenizerInfo
from xlnet_data.text.tokenizer import Tokenizer

SHARD, SIDECAR = "train/shard-00000-of-00001.arrow", "documents/train-00000-of-00001.arrow"


def manifest_of(fingerprint: str) -> Manifest:
    shard = ShardInfo("train", SHARD, 5, "a", 1, SIDECAR, 9, "b", 1, 1, {}, 1, 0, 0)
    splits = {"train": SplitInfo(), "dev": SplitInfo()}
    return Manifest(SCHEMA_VERSION, {}, {}, fingerprint, TokenizerInfo("spiece.model", "c", 1), splits, {}, [shard])


def write_dataset(folder: Path, fingerprint: str) -> None:
    """Write a dataset's files as far as the folder is concerned with them."""
    for inner in ("train", "documents"):
        (folder / inner).mkdir(parents=True)
    (folder / SHARD).write_bytes(b"shard")
    (folder / SIDECAR).write_bytes(b"documents")
    for name in ("spiece.model", "README.md"):
        (folder / name).write_bytes(b"model")
    write_manifest(manifest_of(fingerprint), str(folder))


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def fingerprint_in(folder: Path) -> str:
    return str(json.loads((folder / "manifest.json").read_text())["fingerprint"])


def test_a_new_folder_is_made_and_built_in_and_two_builds_do_not_share_it(tmp_path: Path) -> None:
    output = tmp_path / "runs" / "data"
    with hold_folder(str(output), overwrite=False) as held:
        assert (held.output, held.building) == (str(output), str(output))
        assert not held.is_published
        assert files_in(output) == [".work/lock"]
        with pytest.raises(ShardError, match="another build is at work"), hold_folder(str(output), overwrite=False):
            pass
    with hold_folder(str(output), overwrite=False) as again:  # what the first began may go on
        assert again == held


def test_a_relative_folder_keeps_its_place_when_the_process_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with hold_folder("data", overwrite=False) as held:
        assert held.output == str(tmp_path / "data")


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    ("name", "message"), [("file", "is a file"), ("foreign", "holds other files"), ("file/data", "cannot write to")]
)
def test_a_folder_that_is_no_place_for_a_dataset_is_refused_and_left_alone(
    tmp_path: Path, name: str, message: str, overwrite: bool
) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "letter").write_bytes(b"mine")
    with pytest.raises(ShardError, match=message), hold_folder(str(tmp_path / name), overwrite):
        pass
    assert files_in(tmp_path) == ["file", "foreign/letter"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    with hold_folder(str(tmp_path), overwrite=True) as held:
        assert held.building == str(tmp_path)


def test_a_dataset_is_refused_without_overwrite_and_built_beside_with_it(tmp_path: Path) -> None:
    output = tmp_path / "data"
    write_dataset(output, "old")
    with pytest.raises(ShardError, match="already holds a dataset"), hold_folder(str(output), overwrite=False):
        pass
    with hold_folder(str(output), overwrite=True) as held:
        assert (held.output, held.building) == (str(output), str(tmp_path / ".data.replacing"))
    assert files_in(output) == ["README.md", SIDECAR, "manifest.json", "spiece.model", SHARD]


@pytest.mark.parametrize("name", ["run", "mine.txt"])
def test_a_dataset_is_not_replaced_where_something_else_would_go_with_it(tmp_path: Path, name: str) -> None:
    output = tmp_path / "data"
    write_dataset(output, "old")
    (output / name).mkdir()
    (output / f"manifest.json.{'0' * 32}.tmp").touch()  # as a killed writer leaves it
    with pytest.raises(ShardError, match=f"holds '{name}' beside its dataset"), hold_folder(str(output), True):
        pass
    (output / name).rename(tmp_path / name)
    with hold_folder(str(output), overwrite=True) as held:
        assert held.building != str(output)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_published_build_that_was_killed_before_its_clean_up_is_held_where_it_is(
    tmp_path: Path, overwrite: bool
) -> None:
    output = tmp_path / "data"
    write_dataset(output, "new")
    (output / ".work").mkdir()
    with hold_folder(str(output), overwrite) as held:
        assert held.building == str(output)
        assert held.is_published
        finished = held.finish()
        assert finished == dataclasses.replace(manifest_of("new"), checksum=finished.checksum)
    assert not (output / ".work").exists()


def test_the_identity_is_unknown_where_its_file_is_missing_or_damaged(tmp_path: Path) -> None:
    held = HeldFolder(str(tmp_path), str(tmp_path))
    assert held.read_identity() is None
    path = tmp_path / ".work" / "identity.json"
    path.parent.mkdir()
    for content, identity in (("{", None), ("[1]", None), ('{"config": "a"}', {"config": "a"})):
        path.write_text(content)
        assert held.read_identity() == identity


def test_forgetting_a_build_leaves_the_lock_and_what_is_not_of_the_build(tmp_path: Path) -> None:
    with hold_folder(str(tmp_path), overwrite=False) as held:
        write_dataset(tmp_path / "made", "x")
        for name in files_in(tmp_path / "made"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            os.rename(tmp_path / "made" / name, tmp_path / name)
        for name in ("dev/a", "rejects/a", ".work/spool/a", ".work/identity.json", "foreign/a"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(b"x")
        held.forget()
        held.forget()  # nothing is there any more
        assert files_in(tmp_path) == [".work/lock", "foreign/a"]
        assert sorted(path.name for path in tmp_path.iterdir()) == [".work", "foreign", "made"]
        assert [path.name for path in (tmp_path / ".work").iterdir()] == ["lock"]


def test_publishing_moves_the_manifest_last_after_strays_are_gone_and_the_files_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset(tmp_path, "new")
    (tmp_path / ".work").mkdir()
    os.rename(tmp_path / "manifest.json", tmp_path / ".work" / "manifest.json")
    for name in (
        "train/old.arrow",
        "documents/old.arrow",
        "train/x.tmp",
        "x.tmp",
        "rejects/x.tmp",
        "rejects/kept.gz",
        "kept.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    synced: list[tuple[str, bool]] = []

    def spy(sync: Callable[[str], None], path: str) -> None:
        synced.append((os.path.relpath(path, tmp_path), (tmp_path / "manifest.json").exists()))
        sync(path)

    for name in ("sync_file", "sync_folder"):
        monkeypatch.setattr(local_folder, name, functools.partial(spy, getattr(local_folder, name)))
    HeldFolder(str(tmp_path), str(tmp_path)).publish(manifest_of("new"))
    assert files_in(tmp_path) == [
        *("README.md", SIDECAR, "kept.txt", "manifest.json", "rejects/kept.gz", "spiece.model", SHARD)
    ]
    assert synced == [("spiece.model", False), ("README.md", False), (".work/manifest.json", False), (".", True)]


def hold_replacement(output: Path) -> HeldFolder:
    write_dataset(output, "old")
    aside = output.parent / f".{output.name}.replacing"
    write_dataset(aside, "new")
    (aside / ".work").mkdir()
    return HeldFolder(str(output), str(aside))


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_dataset_is_replaced_by_the_new_one_and_nothing_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    held = hold_replacement(tmp_path / "data")
    synced: list[str] = []
    sync = local_folder.sync_folder
    monkeypatch.setattr(local_folder, "sync_folder", lambda path: (synced.append(path), sync(path)))
    if not can_exchange:  # a C library without renameat2
        monkeypatch.setattr(local_folder.ctypes, "CDLL", lambda name, use_errno: object())
    assert held.finish().fingerprint == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert files_in(tmp_path / "data") == ["README.md", SIDECAR, "manifest.json", "spiece.model", SHARD]
    assert synced == [str(tmp_path)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges folders in one step")
def test_two_folders_are_exchanged_in_one_step(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name / f"of-{name}").mkdir(parents=True)
    assert local_folder._exchange(str(tmp_path / "one"), str(tmp_path / "other")), "by this file system"
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["of-other"]
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["of-one"]


def test_where_the_dataset_cannot_be_replaced_the_message_says_where_the_new_one_is(tmp_path: Path) -> None:
    held = hold_replacement(tmp_path / "data")
    os.rename(tmp_path / "data", tmp_path / "elsewhere")
    with pytest.raises(ShardError, match=r"whole in .*\.data\.replacing, but cannot be moved to .*No such file"):
        held.finish()
    assert fingerprint_in(tmp_path / ".data.replacing") == "new"


def test_what_a_build_left_that_was_killed_as_it_replaced_a_dataset_is_finished(tmp_path: Path) -> None:
    output, aside = tmp_path / "data", tmp_path / ".data.replacing"
    write_dataset(tmp_path / ".data.replacing.old", "old")
    write_dataset(aside, "new")
    (aside / ".work").mkdir()
    with hold_folder(str(output), overwrite=False) as held:  # killed between the moves: the new one takes its place
        assert held.building == str(output)
        assert fingerprint_in(output) == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_replaced_dataset_that_lies_beside_the_new_one_is_removed(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", "new")
    write_dataset(tmp_path / ".data.replacing", "old")
    with hold_folder(str(tmp_path / "data"), overwrite=True) as held:
        assert not held.is_published
        assert files_in(Path(held.building)) == [".work/lock"]
    assert fingerprint_in(tmp_path / "data") == "new"


@pytest.mark.parametrize("is_published", [True, False])
def test_a_replacement_that_is_still_being_made_stays(tmp_path: Path, is_published: bool) -> None:
    held = hold_replacement(tmp_path / "data")
    if not is_published:
        os.remove(tmp_path / ".data.replacing" / "manifest.json")
    with hold_folder(str(tmp_path / "data"), overwrite=True) as again:
        assert again == held
        assert again.is_published == is_published
        assert (tmp_path / ".data.replacing" / SHARD).exists()


def test_an_unfinished_replacement_is_not_moved_to_where_no_dataset_is(tmp_path: Path) -> None:
    (tmp_path / ".data.replacing" / ".work").mkdir(parents=True)
    with hold_folder(str(tmp_path / "data"), overwrite=False) as held:
        assert held.building == str(tmp_path / "data")
        assert (tmp_path / ".data.replacing").exists()


def test_only_temporary_files_are_removed_and_a_missing_folder_has_none(tmp_path: Path) -> None:
    for name in ("a.tmp", "b.tmp.kept"):
        (tmp_path / name).write_bytes(b"x")
    remove_temporary(str(tmp_path))
    remove_temporary(str(tmp_path / "missing"))
    assert files_in(tmp_path) == ["b.tmp.kept"]


def make_config(name: str = "c", on_error: str = "error", on_truncated: str = "error", seed: int = 0) -> BuildConfig:
    corpus = {"name": name, "format": "text", "paths": ["*"], "on_error": on_error, "on_truncated": on_truncated}
    return parse_config({"seed": seed, "tokenizer": {"vocab_size": 300}, "corpora": [corpus]}, ".")


def task_of(*paths: str) -> Task:
    return Task("c", tuple(FileRange("c", path, os.path.basename(path)) for path in paths), 1)


@pytest.fixture
def tokenizer(small_model: Path) -> Tokenizer:
    return Tokenizer.load(str(small_model), make_config().tokenizer)


def test_a_build_is_another_when_its_config_tokenizer_or_input_is(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    tasks = [task_of(str(tmp_path / "a.txt"))]
    old = json.loads(json.dumps(describe_build(make_config(), tokenizer, tasks)))
    assert find_changes(old, describe_build(make_config(), tokenizer, tasks)) == []
    check_same_build(old, describe_build(make_config(), tokenizer, tasks), "data")
    new = describe_build(make_config(seed=1), tokenizer, [*tasks, *tasks]) | {"tokenizer": "another"}
    assert find_changes(old, new) == ["config", "tokenizer", "input files"]
    assert find_changes({}, new) == ["config", "tokenizer", "input files"]
    with pytest.raises(ShardError, match=r"^data holds an unfinished build, .* config and the tokenizer and the input"):
        check_same_build(old, new, "data")


@pytest.mark.parametrize("strict", [{"on_error": "error"}, {"on_truncated": "error"}])
def test_a_build_that_goes_on_may_tolerate_more_but_not_less(tokenizer: Tokenizer, strict: dict[str, str]) -> None:
    lax = describe_build(make_config(on_error="skip", on_truncated="keep"), tokenizer, [])
    stricter = describe_build(make_config(**{"on_error": "skip", "on_truncated": "keep"} | strict), tokenizer, [])
    assert find_changes(stricter, lax) == []
    assert find_changes(lax, stricter) == ["config"]
    assert find_changes(lax | {"tokenizer": "another"}, stricter) == ["tokenizer"]
    assert stricter["shards"] != lax["shards"]


def test_an_input_that_can_no_longer_be_looked_at_is_named(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> int:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    monkeypatch.setattr(os.path, "getsize", fail)
    with pytest.raises(CorpusError, match=rf"^cannot look at /data/a\.txt: {os.strerror(errno.ESTALE)}$"):
        describe_build(make_config(), tokenizer, [task_of("/data/a.txt")])


@pytest.mark.parametrize("change", ["time", "size", "gone", "another"])
def test_an_input_that_changes_its_time_size_or_name_is_noticed(
    tmp_path: Path, tokenizer: Tokenizer, change: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    other = tmp_path / "b.txt"
    other.write_bytes(b"x")
    os.utime(other, ns=(0, 0))
    tasks = [task_of(str(path), str(other), "http://host.invalid/b.gz")]  # a web server is not asked for a whole file
    identity = describe_build(make_config(), tokenizer, tasks)
    check_inputs_unchanged(identity, tasks, make_config())
    times = path.stat()
    if change == "time":
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns + 1_000_000_000))
    elif change == "size":
        path.write_bytes(b"xy")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif change == "gone":
        path.unlink()
    else:
        tasks = [task_of(str(path), "http://host.invalid/c.gz")]
    with pytest.raises(CorpusError, match=f"an input file changed while .* gone: {path}\\)"):
        check_inputs_unchanged(identity, tasks, make_config())


def test_a_list_of_documents_to_leave_out_is_an_input_too(tmp_path: Path, tokenizer: Tokenizer) -> None:
    corpus = {"name": "c", "format": "gigaword", "paths": ["*"], "bad_documents": ["bad.map"]}
    config = parse_config({"tokenizer": {"vocab_size": 300}, "corpora": [corpus]}, str(tmp_path))
    (tmp_path / "bad.map").write_text("a")
    (tmp_path / "a.gz").write_bytes(b"x")
    tasks = [task_of(str(tmp_path / "a.gz"))]
    identity, contents = describe_build(config, tokenizer, tasks), hash_contents(tasks, config)
    check_inputs_unchanged(identity, tasks, config)
    copied = shutil.copytree(tmp_path, tmp_path / "moved")
    moved = parse_config({"tokenizer": {"vocab_size": 300}, "corpora": [corpus]}, str(copied))
    assert hash_contents([task_of(str(copied / "a.gz"))], moved) == contents
    (tmp_path / "bad.map").write_text("a b")
    assert find_changes(identity, describe_build(config, tokenizer, tasks)) == ["input files"]
    assert hash_contents(tasks, config) != contents
    with pytest.raises(CorpusError, match=rf"an input file changed while .* gone: {tmp_path / 'bad.map'}\)"):
        check_inputs_unchanged(identity, tasks, config)


@pytest.mark.parametrize("content", [b"two", None])
def test_a_file_of_a_store_that_changes_while_it_is_read_is_noticed(
    tokenizer: Tokenizer, content: bytes | None
) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/changing/a.txt", b"one")
    tasks = [task_of("memory://changing/a.txt")]
    identity = describe_build(make_config(), tokenizer, tasks)
    check_inputs_unchanged(identity, tasks, make_config())
    store.rm("/changing/a.txt")
    if content:
        store.pipe("/changing/a.txt", content)
    with pytest.raises(CorpusError, match=r"an input file changed while .* gone: one that a URL names"):
        check_inputs_unchanged(identity, tasks, make_config())


def test_a_web_server_is_asked_for_the_version_of_a_file_that_is_read_in_parts(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = ["one", "one", "two"]
    monkeypatch.setattr(local_identity, "version_of", lambda url: versions.pop(0))
    tasks = [Task("c", (FileRange("c", "http://host.invalid/a.txt", "a.txt", 0, 50),), 50)]
    identity = describe_build(make_config(), tokenizer, tasks)
    check_inputs_unchanged(identity, tasks, make_config())
    with pytest.raises(CorpusError, match="an input file changed while"):
        check_inputs_unchanged(identity, tasks, make_config())
