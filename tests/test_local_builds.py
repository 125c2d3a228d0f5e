"""A build on one machine, before its workers begin and after they die: what is left to do, and what is left out."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xlnet_data.config import BuildConfig
from xlnet_data.config_files import parse_config
from xlnet_data.files.writing import OutputFile, atomic_write
from xlnet_data.pipelines.local.builds import LocalBuild, prepare_local
from xlnet_data.pipelines.local.folder import HeldFolder, hold_folder
from xlnet_data.pipelines.local.records import task_record
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
