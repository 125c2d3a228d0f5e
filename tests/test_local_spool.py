"""The spool of a local build: whatever is spilled, each lane gets its documents, and no scratch file stays."""

import random
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from xlnet_data.datasets.lane_plans import LanePlan
from xlnet_data.examples.lanes import lane_of
from xlnet_data.files.writing import OutputFile
from xlnet_data.ingestion.tallies import Candidate, DropSample, Tally
from xlnet_data.pipelines.deduplicate import DuplicateIndex
from xlnet_data.pipelines.local import duplicates, spool
from xlnet_data.pipelines.local.duplicates import load_duplicates
from xlnet_data.schemas.tokenized import DUPLICATES_SCHEMA, KEYS_SCHEMA, TOKENIZED_SCHEMA

LANES = {"train": 11, "dev": 2}  # a shard of train holds more lanes than are read at a time
SHARDS = {"train": 2, "dev": 1}


def document(number: int, draw: random.Random) -> dict[str, Any]:
    return {
        "lane_key": draw.choice((0, 2**63, 2**64 - 1, draw.randrange(2**64))),
        "dedup_key": number + 1 if number < 30 else 0,  # without one, nothing hides that a document came twice
        "copy": 0,
        "is_dev": draw.random() < 0.2,
        "corpus": "c",
        "doc_id": f"d{number:03}",
        "url": f"u{number}",
        "title": "",
        "ids": np.array([number] * 3, np.uint16).tobytes(),
        "sentence_lens": np.array([1, 2], np.uint32).tobytes(),
    }


def empty_row(schema: pa.Schema) -> dict[str, Any]:
    empty: dict[Any, Any] = {pa.string(): "", pa.bool_(): False, pa.large_binary(): b""}
    return {field.name: empty.get(field.type, 0) for field in schema}


def key(number: int) -> dict[str, Any]:
    return empty_row(KEYS_SCHEMA) | {"key": number, "is_exact": True}


def tally(number: int) -> Tally:
    samples = (DropSample("c", "empty", 5, f"d{number}", *[""] * (len(fields(DropSample)) - 4)),) if number == 0 else ()
    return Tally(Counter({("c", "read"): 1, ("c", f"note:{number}"): 2}), (), samples)


def write(folder: Path, tasks: list[list[dict[str, Any]]], batch_rows: int) -> list[list[OutputFile]]:
    (folder / "keys").mkdir(exist_ok=True)
    files = []
    for task, documents in enumerate(tasks):
        writer = spool.SpoolWriter(str(folder), task)
        for start in range(0, len(documents), batch_rows):
            rows = documents[start : start + batch_rows]
            keys = [key(1000 - start)] if task != 1 else []
            writer.add(
                pa.RecordBatch.from_pylist(rows, TOKENIZED_SCHEMA),
                pa.RecordBatch.from_pylist(keys, KEYS_SCHEMA),
                tally(start),
            )
        files.append(writer.finish())
    return files


def read(folder: Path, plan: LanePlan, duplicates: DuplicateIndex) -> dict[str, dict[int, list[str]]]:
    found: dict[str, dict[int, list[str]]] = {"train": {}, "dev": {}}
    for shard in plan.shard_plans():
        for lane, text in spool.read_lanes(str(folder), shard, plan, duplicates, np.uint16):
            assert lane not in found[shard.split]
            found[shard.split][lane] = text.doc_ids
            assert text.lane.ids.tolist() == [int(name[1:]) for name in text.doc_ids for _ in range(3)]
    return found


@pytest.mark.parametrize("run_bytes", [0, 300, 1 << 20])
@pytest.mark.parametrize("moves", [False, True])
def test_each_lane_gets_its_documents_in_order_and_no_duplicates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_bytes: int, moves: bool
) -> None:
    monkeypatch.setattr(spool, "RUN_BYTES", run_bytes)
    draw = random.Random(run_bytes)
    tasks = [[document(task * 60 + number, draw) for number in range(60)] for task in range(3)]
    documents = sorted((row for rows in tasks for row in rows), key=lambda row: (row["lane_key"], row["doc_id"]))
    moved = next(row for row in documents if not row["is_dev"] and row["dedup_key"] not in (3, 7))
    plan = LanePlan(LANES, SHARDS, {("c", moved["doc_id"]): moved["lane_key"]} if moves else {})
    dropped = [empty_row(DUPLICATES_SCHEMA) | {"dedup_key": number, "is_exact": True} for number in (3, 7)]
    expected: dict[str, dict[int, list[str]]] = {"train": {}, "dev": {}}
    for row in documents:
        if row["dedup_key"] not in (3, 7):
            split = "dev" if row["is_dev"] or (moves and row is moved) else "train"
            expected[split].setdefault(lane_of(row["lane_key"], LANES[split]), []).append(row["doc_id"])
    write(tmp_path, tasks, 7)
    index = DuplicateIndex([pa.Table.from_pylist(dropped, DUPLICATES_SCHEMA)])
    assert read(tmp_path, plan, index) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "keys",
        *(f"task-00000{task}.arrow" for task in (0, 1, 2)),
    ]


def test_files_are_named_with_their_sizes_keys_are_sorted_and_the_tally_is_kept(tmp_path: Path) -> None:
    draw = random.Random(1)
    files = write(tmp_path, [[document(number, draw) for number in range(20)] for _ in range(2)], 7)
    assert [[Path(file.path).name for file in task] for task in files] == [
        ["task-000000.arrow"] * 2,
        ["task-000001.arrow"],
    ]
    assert all(file.is_intact() and file.num_bytes > 0 for task in files for file in task)
    assert spool.keys_files(str(tmp_path)) == [files[0][0].path] == [spool.keys_path(str(tmp_path), 0)]
    assert spool.keys_files(str(tmp_path / "keys")) == []
    with pa.memory_map(files[0][0].path) as file:
        assert pa.ipc.open_file(file).read_all()["key"].to_pylist() == [986, 993, 1000]
    found = spool.read_tally(spool.spool_path(str(tmp_path), 0))
    assert found.counts == {("c", "read"): 3, ("c", "note:0"): 2, ("c", "note:7"): 2, ("c", "note:14"): 2}
    assert found.samples == tally(0).samples


def test_many_keys_go_to_several_files_and_those_of_a_killed_worker_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(1)
    documents = [[document(number, draw) for number in range(20)]]
    whole = [file.path for file in write(tmp_path, documents, 7)[0][:-1]]
    expected = pa.concat_tables([duplicates._read_table(path) for path in whole]).sort_by("key")
    monkeypatch.setattr(spool, "KEYS_BYTES", 0)
    files = [file.path for file in write(tmp_path, documents, 7)[0][:-1]]
    assert len(files) == 3
    assert sorted(files) == spool.keys_files(str(tmp_path))
    assert files == [spool.keys_path(str(tmp_path), 0, n) for n in range(3)]
    assert pa.concat_tables([duplicates._read_table(path) for path in files]).sort_by("key").equals(expected)
    monkeypatch.undo()
    assert [file.path for file in write(tmp_path, documents, 7)[0][:-1]] == spool.keys_files(str(tmp_path)) == whole


def test_a_spool_may_lie_in_a_folder_whose_name_is_no_unicode(tmp_path: Path) -> None:
    folder = tmp_path / "odd \udce9"
    folder.mkdir()
    (files,) = write(folder, [[document(number, random.Random(1)) for number in range(20)]], 7)
    assert duplicates._read_table(files[0].path).num_rows == 3
    assert spool.read_tally(files[1].path).counts["c", "read"] == 3


def test_candidates_come_back_as_they_were(tmp_path: Path) -> None:
    writer = spool.SpoolWriter(str(tmp_path), 5)
    empty = pa.RecordBatch.from_pylist([], TOKENIZED_SCHEMA), pa.RecordBatch.from_pylist([], KEYS_SCHEMA)
    candidates = (Candidate(1, "c", "d", 2, 3, 2**63, 2**64 - 1),)
    writer.add(*empty, Tally(Counter(), candidates, ()))
    assert [Path(file.path).name for file in writer.finish()] == ["task-000005.arrow"]
    assert spool.read_tally(spool.spool_path(str(tmp_path), 5)).candidates == candidates


def test_an_abandoned_task_leaves_nothing(tmp_path: Path) -> None:
    writer = spool.SpoolWriter(str(tmp_path), 0)
    assert [path.suffix for path in tmp_path.iterdir()] == [".tmp"]
    writer.abandon()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_worker_was_writing_is_no_range_of_duplicates(tmp_path: Path) -> None:
    folder = tmp_path / "duplicates"
    folder.mkdir()
    found = pa.Table.from_pylist([empty_row(DUPLICATES_SCHEMA) | {"dedup_key": 7}], DUPLICATES_SCHEMA)
    with pa.OSFile(str(folder / "000.arrow"), "wb") as file, pa.ipc.new_file(file, DUPLICATES_SCHEMA) as writer:
        writer.write_table(found)
    (folder / "001.arrow.c0ffee.tmp").touch()
    assert load_duplicates(str(tmp_path)).contains(np.array([7, 8], np.uint64)).tolist() == [True, False]
