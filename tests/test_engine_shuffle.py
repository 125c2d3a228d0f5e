"""What a build on an engine sends through the shuffle: how large it is, and that how it is cut decides nothing."""

import itertools
import pickle
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from xlnet_data.config import BuildConfig
from xlnet_data.config_files import parse_config
from xlnet_data.datasets.lane_plans import LanePlan, ShardPlan
from xlnet_data.errors import WorkerError
from xlnet_data.examples.lanes import LaneText, assemble_lane, lane_of
from xlnet_data.ingestion.tallies import Candidate, Tally
from xlnet_data.ingestion.tasks import Task, list_short_tasks, list_tasks
from xlnet_data.pipelines.engines import shards as engine_shards
from xlnet_data.pipelines.engines.duplicates import CountDeduplicated, Gathered, num_ranges, strike_documents
from xlnet_data.pipelines.engines.exchange import EngineExchange
from xlnet_data.pipelines.engines.folder import EngineFolder
from xlnet_data.pipelines.engines.shards import RowBuffers, ShuffledLanes, pack_rows, shard_key, shards_of, unpack_rows
from xlnet_data.pipelines.flow import build
from xlnet_data.pipelines.running import make_pipeline
from xlnet_data.pipelines.stages import TokenizedBatch
from xlnet_data.schemas.tokenized import KEYS_SCHEMA, TOKENIZED_SCHEMA
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer

PLAN = LanePlan({"train": 10, "dev": 2}, {"train": 4, "dev": 1}, {("c", "moved"): 2**62})


@pytest.fixture
def folder(tmp_path: Path) -> EngineFolder:
    """Return the folder of a build, with its probe."""
    made = EngineFolder(str(tmp_path / "data"), str(tmp_path), False, "0123")
    Path(made.probe).write_text(made.token)
    return made


def documents(numbers: range, first_key: int = 0, last_key: int = 2**64 - 1, tokens: int = 20) -> pa.RecordBatch:
    """Return rows of TOKENIZED_SCHEMA, always the same for a number."""
    rows = []
    for number in numbers:
        draw = random.Random(number)
        lens = [draw.randint(1, tokens) for _ in range(draw.randint(1, 4))]
        rows.append(
            {
                "lane_key": draw.randint(first_key, last_key),
                "dedup_key": number + 1,
                "copy": 0,
                "is_dev": False,
                "corpus": "c",
                "doc_id": str(number),
                "ids": np.array([draw.randrange(300) for _ in range(sum(lens))], np.uint16).tobytes(),
                "sentence_lens": np.array(lens, np.uint32).tobytes(),
            }
        )
    return pa.RecordBatch.from_pylist(rows, TOKENIZED_SCHEMA)


def describe(lanes: Iterator[tuple[int, LaneText]]) -> list[tuple[int, list[str], bytes]]:
    return [(number, text.doc_ids, text.lane.ids.tobytes()) for number, text in lanes]


def test_a_build_s_graph_is_as_large_for_ten_thousand_files_as_for_ten(tmp_path: Path, small_model: Path) -> None:
    config = parse_config({"corpora": [{"name": "c", "format": "text", "paths": ["in/*"]}]}, str(tmp_path))
    tokenizer = Tokenizer.load(str(small_model), TokenizerSettings(vocab_size=300))
    folder = EngineFolder(str(tmp_path / "data"), str(tmp_path / "building"), False, "0123")
    (tmp_path / "in").mkdir()
    sizes = []
    for num_files in (10, 10_000):
        for number in range(num_files):
            (tmp_path / "in" / f"{number}.txt").touch()
        pipeline = make_pipeline(FnApiRunner())
        build(pipeline, config, folder.building, tokenizer, EngineExchange(config, folder, tokenizer.id_type))
        sizes.append(len(pipeline.to_runner_api().SerializeToString()))
    assert abs(sizes[1] - sizes[0]) < 100  # names of types hold numbers that Beam counts up
    assert sizes[0] < 300_000


def test_tasks_of_an_engine_stay_short_where_those_of_one_machine_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        (tmp_path / f"{number:02}.txt").write_text("x" * 1000)
    config = parse_config({"corpora": [{"name": "c", "format": "text", "paths": ["*.txt"]}]}, str(tmp_path))
    assert list(list_short_tasks(config)) == list_tasks(config)
    monkeypatch.setattr("xlnet_data.ingestion.tasks.MAX_TASKS", 4)
    monkeypatch.setattr("xlnet_data.ingestion.tasks.RANGE_BYTES", 2000)
    assert [task.num_bytes for task in list_tasks(config)] == [10_000] * 4
    short = list(list_short_tasks(config))
    assert [task.num_bytes for task in short] == [2000] * 20
    read = [list(itertools.chain.from_iterable(task.ranges for task in tasks)) for tasks in (short, list_tasks(config))]
    assert read[0] == read[1]


def test_rows_wait_for_others_of_their_key_and_none_is_lost_or_sent_in_large_values() -> None:
    buffers = RowBuffers()
    sent: list[tuple[Any, bytes]] = []
    for start in range(0, 4000, 10):
        sent += buffers.add(start % 3, documents(range(start, start + 10), tokens=4000))
    waiting = list(buffers.take_all())
    assert len(waiting) == 3
    assert len(sent) > 3
    assert list(buffers.take_all()) == []
    assert max(len(packed) for _, packed in sent) < 1.2 * engine_shards.VALUE_BYTES
    found: dict[int, list[int]] = {}
    for key, packed in [*sent, *waiting]:
        rows = unpack_rows(packed, TOKENIZED_SCHEMA)
        found.setdefault(key, []).extend(number - 1 for number in rows.column("dedup_key").to_pylist())
    for key, numbers in found.items():
        assert sorted(numbers) == [number for number in range(4000) if number // 10 * 10 % 3 == key]


def test_little_of_many_keys_is_sent_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_shards, "WAITING_BYTES", 10_000)
    buffers = RowBuffers()
    sent = [keyed for number in range(300) for keyed in buffers.add(number, documents(range(number, number + 1)))]
    assert len(sent) > 200
    assert {key for key, _ in [*sent, *buffers.take_all()]} == set(range(300))


@pytest.mark.parametrize("run_bytes", [1, 5_000, 2**22], ids=["a run per value", "several runs", "one run"])
def test_a_shard_s_lanes_are_the_same_however_its_documents_come(
    folder: EngineFolder, monkeypatch: pytest.MonkeyPatch, run_bytes: int
) -> None:
    monkeypatch.setattr(engine_shards, "RUN_BYTES", run_bytes)
    shard = ShardPlan("train", 1, 4, 40, 10, 20)
    rows = documents(range(300), 10 * 2**64 // 40 + 1, 20 * 2**64 // 40 - 1)
    dropped = {3, 77, 299}
    by_lane: dict[int, list[int]] = {}
    for row, (key, dedup_key) in enumerate(zip(*(rows.column(i).to_pylist() for i in (0, 1)), strict=True)):
        if dedup_key not in dropped:
            by_lane.setdefault(lane_of(key, 40), []).append(row)
    expected = [
        (lane, assemble_lane([rows.take(pa.array(members))], np.uint16)) for lane, members in sorted(by_lane.items())
    ]
    values = [(False, pack_rows(rows.slice(start, 7))) for start in range(0, 300, 7)]
    values += [(True, b""), *((True, np.array([key], np.uint64).tobytes()) for key in dropped)]
    for seed in range(3):
        random.Random(seed).shuffle(values)
        lanes = ShuffledLanes(shard, iter(values), folder)
        assert describe(lanes.read(np.uint16)) == describe(iter(expected))
    assert len(expected) == 10


def test_a_shard_is_not_written_where_the_build_s_folder_is_another_or_gone(folder: EngineFolder) -> None:
    Path(folder.probe).unlink()
    with pytest.raises(WorkerError, match="does not see the file"):
        list(ShuffledLanes(ShardPlan("train", 0, 1, 1, 0, 1), [], folder).read(np.uint16))


def test_documents_go_to_the_shards_that_the_plan_says() -> None:
    keys = np.array([0, 2**63, 2**64 - 1, *(random.Random(0).randrange(2**64) for _ in range(200))], np.uint64)
    for split in ("train", "dev"):
        lanes = [lane_of(key, PLAN.lanes[split]) for key in keys.tolist()]
        shards = [shard for shard in PLAN.shard_plans() if shard.split == split]
        expected = [shard.number for lane in lanes for shard in shards if shard.first_lane <= lane < shard.end_lane]
        assert shards_of(split, keys, PLAN).tolist() == expected
    plans = [shard_key(shard.split, shard.number, PLAN) for shard in PLAN.shard_plans()]
    assert [ShardPlan(*key) for key in plans] == list(PLAN.shard_plans())


def test_a_dropped_document_is_struck_from_each_shard_that_a_copy_of_it_may_lie_in() -> None:
    low, high, moved = 5, 2**64 - 1, 2**62
    cases = [
        (1, False, False, [low, high]),
        (2, False, True, [high]),
        (3, True, False, [low]),
        (4, False, False, [moved]),
    ]
    names = ("dedup_key", "is_repeat", "is_dev", "lane_keys")
    packed = [(*rest, np.array(keys, np.uint64).tobytes()) for *rest, keys in cases]
    rows = pa.Table.from_pylist([dict(zip(names, values, strict=True)) for values in packed])
    found = {
        key[:2]: np.frombuffer(keys, np.uint64).tolist()
        for key, (_, keys) in strike_documents(Gathered(rows, [], Tally(), b""), PLAN)
    }
    assert found == {("train", 0): [1, 4], ("train", 3): [1], ("dev", 0): [2, 4]}


def keys_of(numbers: range, task: int) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Return documents and their rows of KEYS_SCHEMA; a third of them has the text of another."""
    rows = documents(numbers)
    keys = [
        {"key": random.Random(number // 3 * 2).randrange(2**64), "is_exact": True, "rank": 0, "dedup_key": number + 1}
        | {"task": task, "is_dev": False, "tokens": 10, "bytes": 50, "sketch": b""}
        for number in numbers
    ]
    return rows, pa.RecordBatch.from_pylist(keys, KEYS_SCHEMA)


def test_into_how_many_ranges_keys_are_cut_decides_nothing(tmp_path: Path) -> None:
    config = parse_config(
        {"corpora": [{"name": "c", "format": "text", "paths": ["*"]}], "deduplication": {"exact": True}}, "."
    )
    batches = []
    for task in range(5):
        rows, keys = keys_of(range(40 * task, 40 * task + 40), task)
        candidates = tuple(
            Candidate(number, "c", str(number), 10, 1, 0, number + 1) for number in range(40 * task, 40 * task + 5)
        )
        batches.append(TokenizedBatch(task, rows, keys, Tally(candidates=candidates), True, "c", (0, 0)))
    results = [count_deduplicated(config, batches, input_bytes, tmp_path) for input_bytes in (0, 10**10, 10**13)]
    assert [num_ranges(number) for number in (0, 10**10, 10**13)] == [64, 1024, 65_536]
    assert results[0] == results[1] == results[2]
    tally, dropped = results[0]
    assert len(dropped) == 200 - 67
    assert tally.counts["c", "dropped:duplicate"] == 200 - 67
    kept = {candidate.dedup_key for candidate in tally.candidates}
    assert kept == {candidate.dedup_key for b in batches for candidate in b.tally.candidates} - set(dropped)


def count_deduplicated(
    config: BuildConfig, batches: list[TokenizedBatch], input_bytes: int, scratch: Path
) -> tuple[Tally, dict[int, tuple[Any, ...]]]:
    """Return the tally, and what is found of each document that is dropped."""
    pipeline = beam.Pipeline(runner=FnApiRunner())
    counted = {
        "batches": pipeline | "Batches" >> beam.Create(batches),
        "packs": pipeline | "Packs" >> beam.Create([[(0, Task("c", (), input_bytes))]]),
    } | CountDeduplicated(config)
    for name, values in counted.items():
        values | f"Keep {name}" >> beam.Map(keep, str(scratch / f"{input_bytes}-{name}"))
    pipeline.run().wait_until_finish()
    (tally,) = load(scratch, f"{input_bytes}-tally")
    tables = [gathered.rows for gathered in load(scratch, f"{input_bytes}-found")]
    return tally, {row["dedup_key"]: tuple(row.values()) for table in tables for row in table.to_pylist()}


def keep(value: object, path: str) -> None:
    Path(f"{path}-{uuid.uuid4()}").write_bytes(pickle.dumps(value))


def load(scratch: Path, name: str) -> list[Any]:
    return [pickle.loads(path.read_bytes()) for path in scratch.glob(f"{name}-*")]
