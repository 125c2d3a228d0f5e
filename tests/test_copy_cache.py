"""Copies of remote datasets: within a number of bytes, never taken from a reader, made once by many processes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xlnet_data.datasets import copy_cache
from xlnet_data.datasets.copies import copy_splits
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import ConfigError, ShardError

SPLITS = ("train", "dev")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty cache; what this process holds of it is let go at the end."""
    monkeypatch.setenv("XLNET_DATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(copy_cache, "_users", {})
    yield tmp_path / "cache"
    let_go()


def let_go() -> None:
    """Let go of all copies, as the end of a process does."""
    for handle in copy_cache._users.values():
        os.close(handle)
    copy_cache._users.clear()


@pytest.fixture
def urls(write_small_dataset: Callable[..., Path], tmp_path: Path) -> list[str]:
    """Return the URLs of three equal datasets."""
    first = write_small_dataset(tmp_path / "0")
    for name in "12":
        shutil.copytree(first, tmp_path / name)
    return [f"file://{tmp_path}/{name}" for name in "012"]


def allow(monkeypatch: pytest.MonkeyPatch, copies: float, url: str) -> None:
    """Let copies take as many bytes as some copies of a dataset."""
    num_bytes = sum(path.stat().st_size for path in Path(url.removeprefix("file://")).rglob("*") if path.is_file())
    monkeypatch.setenv("XLNET_DATA_CACHE_BYTES", str(round(copies * num_bytes)))


def shards_of(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).rglob("shard-*"))


def test_the_copy_that_was_not_used_for_longest_makes_room(urls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 2.5, urls[0])
    first, second = (copy_splits(url, SPLITS) for url in urls[:2])
    assert copy_splits(urls[0], SPLITS) == first  # used again
    let_go()
    third = copy_splits(urls[2], SPLITS)
    assert shards_of(first)
    assert shards_of(third)
    assert not os.path.exists(second)


def test_a_copy_that_is_read_stays_and_its_bytes_are_missed(urls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 1.5, urls[0])
    first = copy_splits(urls[0], SPLITS)
    with pytest.raises(ShardError, match=r"others hold too many that are being read: set XLNET_DATA_CACHE_BYTES"):
        copy_splits(urls[1], SPLITS)
    assert shards_of(first)
    let_go()
    assert shards_of(copy_splits(urls[1], SPLITS))
    assert not os.path.exists(first)


def test_a_dataset_larger_than_all_copies_may_be_is_refused_before_any_is_removed(
    urls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = copy_splits(urls[0], SPLITS)
    let_go()
    num_bytes = sum(shard.bytes for shard in read_manifest(urls[1]).shards)
    monkeypatch.setenv("XLNET_DATA_CACHE_BYTES", str(num_bytes - 1))
    with pytest.raises(ShardError, match=r"the copy takes 0\.0 GB, and copies may take 0\.0 GB in .*/cache: set XLNET"):
        copy_splits(urls[1], SPLITS)
    assert shards_of(first)
    monkeypatch.setenv("XLNET_DATA_CACHE_BYTES", "4G")
    with pytest.raises(ConfigError, match="XLNET_DATA_CACHE_BYTES must be a number of bytes: got '4G'"):
        copy_splits(urls[1], SPLITS)


def test_a_copy_gets_the_other_split_later_and_loses_what_a_killed_process_left(urls: list[str]) -> None:
    folder = copy_splits(urls[0], ["train"])
    assert {Path(name).parent.name for name in map(str, Path(folder).rglob("shard-*"))} == {"train"}
    left = Path(folder) / "train" / f"shard-00000-of-00001.arrow.{'0' * 32}.tmp"
    left.write_bytes(b"half")
    assert copy_splits(urls[0], ["dev"]) == folder
    assert {Path(name).parent.name for name in map(str, Path(folder).rglob("shard-*"))} == {"train", "dev"}
    assert not left.exists()


def test_processes_that_come_at_the_same_time_copy_once(urls: list[str]) -> None:
    code = (
        "import sys, xlnet_data.datasets.copies as copies\n"
        "copied, write = [], copies.atomic_write\n"
        "copies.atomic_write = lambda path: copied.append('shard-' in path) or write(path)\n"
        "copies.copy_splits(sys.argv[1], ['train', 'dev'])\n"
        "print(sum(copied))\n"
    )
    command = [sys.executable, "-c", code, urls[0]]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    counts = sorted(int(process.communicate()[0]) for process in started)
    assert counts == [0, 0, len(read_manifest(urls[0]).shards)]
