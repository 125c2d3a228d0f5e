"""The records of a local build: what is finished is found again as long as its files are as they were written."""

import dataclasses
import functools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from xlnet_data.datasets.lane_plans import ShardPlan
from xlnet_data.files.writing import OutputFile, atomic_write
from xlnet_data.pipelines.local import records as local_records
from xlnet_data.pipelines.local.records import LocalShardRecords, Records, task_record
from xlnet_data.schemas.manifest import ShardInfo


def write(path: Path, content: bytes) -> OutputFile:
    with atomic_write(str(path)) as file:
        file.write(content)
    return OutputFile.of(str(path), file)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    (tmp_path / "data" / "records").mkdir(parents=True)
    return Records(str(tmp_path / "data"), str(tmp_path / "data" / "records"))


def test_a_record_is_found_with_what_it_holds_and_no_other_is(records: Records) -> None:
    files = [write(Path(records.output, "spool", name), b"bytes") for name in "ab"]
    records.keep(task_record(7), iter(files), {"documents": 3})
    records.keep(task_record(8), files)
    assert records.find("task-000007") == {"documents": 3}
    assert records.find("task-000008") == {}
    assert records.find("task-000009") is None


def test_a_record_stays_good_when_its_dataset_is_moved(records: Records, tmp_path: Path) -> None:
    records.keep("a", [write(Path(records.output, "spool", "a"), b"bytes")])
    os.rename(records.output, tmp_path / "moved")
    assert Records(str(tmp_path / "moved"), str(tmp_path / "moved" / "records")).find("a") == {}


@pytest.mark.parametrize("damaged", ["first", "second"])
@pytest.mark.parametrize("content", [b"byte", b"bytez", b"bytes!", None])
def test_a_record_of_a_file_that_is_cut_changed_longer_or_gone_is_none(
    records: Records, damaged: str, content: bytes | None
) -> None:
    records.keep("a", [write(Path(records.output, name), b"bytes") for name in ("first", "second")])
    path = Path(records.output, damaged)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert records.find("a") is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"files": []}', b'{"files": [["a"]], "info": {}}'])
def test_a_damaged_record_is_none(records: Records, content: bytes) -> None:
    Path(records.folder, "a.json").write_bytes(content)
    assert records.find("a") is None


def test_a_record_is_written_after_its_files_are_on_the_disk_and_is_put_there_itself(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, bool]] = []

    def spy(sync: Callable[[str], None], path: str) -> None:
        synced.append((os.path.relpath(path, records.output), Path(records.folder, "a.json").exists()))
        sync(path)

    for name in ("sync_file", "sync_folder"):
        monkeypatch.setattr(local_records, name, functools.partial(spy, getattr(local_records, name)))
    records.keep("a", [write(Path(records.output, name), b"bytes") for name in ("y/b", "x/a", "y/c")])
    before = [(name, False) for name in ("y/b", "x/a", "y/c", "x", "y")]
    assert synced == [*before, ("records/a.json", True), ("records", True)]


def test_a_shard_is_known_until_it_or_its_sidecar_is_damaged(records: Records) -> None:
    shard, sidecar = (write(Path(records.output, "train", name), name.encode()) for name in ("shard", "sidecar"))
    info = ShardInfo(
        split="train",
        file="train/shard",
        bytes=shard.num_bytes,
        sha256=shard.sha256,
        examples=6,
        documents_file="train/sidecar",
        documents_bytes=sidecar.num_bytes,
        documents_sha256=sidecar.sha256,
        lanes=2,
        tokens=9,
        tokens_in_no_example={"c": 1},
        positive=3,
        negative=2,
        fallback=1,
        duplicate_ids={"c": 2},
    )
    plan, shards = ShardPlan("train", 3, 16, 32, 6, 8), LocalShardRecords(records)
    assert shards.find(plan) is None
    shards.keep(plan, info)
    assert os.listdir(records.folder) == ["train-00003-of-00016.json"]
    assert shards.find(plan) == info
    for other in ({"split": "dev"}, {"number": 4}, {"total": 17}):
        assert shards.find(dataclasses.replace(plan, **other)) is None
    for file in (shard, sidecar):
        content = Path(file.path).read_bytes()
        Path(file.path).write_bytes(content[:-1] + b"?")
        assert shards.find(plan) is None
        Path(file.path).write_bytes(content)
    assert shards.find(plan) == info


@pytest.mark.parametrize("error", [None, OSError()])
def test_the_disk_is_begun_to_be_written_before_a_large_file_is_whole(
    error: OSError | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []

    def advise(file: int, begin: int, num_bytes: int, advice: int) -> None:
        begun.append((begin, num_bytes))
        if error:
            raise error

    monkeypatch.setattr(os, "posix_fadvise", advise, raising=False)
    with atomic_write(str(tmp_path / "large")) as file:
        for number in range(9):
            file.write(bytes([number]) * 3_000_000)
    assert begun == [(0, 9_000_000), (9_000_000, 9_000_000), (18_000_000, 9_000_000)]
    assert OutputFile.of(str(tmp_path / "large"), file).is_intact()
