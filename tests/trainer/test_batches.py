import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch.utils.data import DataLoader

from xlnet_data.datasets.mapped import MappedSplit, open_split
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.trainer.batches import Batch, LaneBatches


def positions(batches: Iterable[Batch]) -> list[list[tuple[int, int]]]:
    """Return (lane, step) of every row of every batch."""
    return [list(zip(b["lane"].tolist(), b["step"].tolist(), strict=True)) for b in batches]


@pytest.fixture(scope="module")
def train(dataset: Path) -> MappedSplit:
    return open_split(dataset, "train")


def test_gathered_rows_are_those_that_arrow_reads(train: MappedSplit) -> None:
    table = pa.concat_tables([pa.ipc.open_file(path).read_all() for path in train.paths])
    examples = np.random.default_rng(0).permutation(len(train))
    rows = train.gather(examples)
    assert len(train) == table.num_rows
    for name in table.column_names:
        assert rows[name].tolist() == table[name].take(examples).to_pylist()


def test_compressed_shards_give_the_same_rows(train: MappedSplit, tmp_path: Path) -> None:
    paths = []
    for path in train.paths:
        paths.append(tmp_path / path.name)
        reader = pa.ipc.open_file(path)
        with pa.ipc.new_file(paths[-1], reader.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
            for i in range(reader.num_record_batches):
                writer.write_batch(reader.get_batch(i))
    packed, everything = MappedSplit(paths).gather(np.arange(len(train))), train.gather(np.arange(len(train)))
    assert all((packed[name] == everything[name]).all() for name in everything)


@pytest.mark.parametrize("num_rows", [1, 3, 8])
def test_an_epoch_reads_every_example_once_and_each_row_one_lane_after_another(
    train: MappedSplit, num_rows: int
) -> None:
    batches = LaneBatches(train, num_rows, seed=5)
    by_epoch: dict[int, Counter[tuple[int, int]]] = {}
    before: list[tuple[int, int] | None] = [None] * num_rows
    while min(epochs := batches.state_dict()["row_epochs"]) < 2:
        (batch,) = positions(islice(batches, 1))
        for row, (lane, step) in enumerate(batch):
            last = before[row]
            assert step == 0 if last is None else step == 0 or (lane, step - 1) == last
            before[row] = (lane, step)
            by_epoch.setdefault(epochs[row], Counter())[lane, step] += 1
    for epoch in (0, 1):
        assert len(by_epoch[epoch]) == len(train)
        assert set(by_epoch[epoch].values()) == {1}


def test_once_reads_every_example_exactly_once_and_marks_the_rows_that_are_done(train: MappedSplit) -> None:
    seen: Counter[tuple[int, int]] = Counter()
    for batch in LaneBatches(train, 5, once=True):
        read = batch["is_read"].tolist()
        seen.update(place for place, is_read in zip(positions([batch])[0], read, strict=True) if is_read)
    assert len(seen) == len(train)
    assert set(seen.values()) == {1}


def test_a_rank_that_is_done_before_the_others_goes_on_with_rows_that_do_not_count(train: MappedSplit) -> None:
    ranks = [list(LaneBatches(train, 8, rank=rank, num_ranks=8, once=True)) for rank in range(8)]
    whole = list(LaneBatches(train, 8, once=True))
    assert [len(rank) for rank in ranks] == [len(whole)] * 8
    done_early = [batch for rank in ranks for batch in rank if not batch["is_read"].any()]
    assert len(done_early) > 8
    for batch in done_early:
        assert batch["is_first"].all()
        assert [(name, column.shape) for name, column in batch.items()] == [
            (name, column[:1].shape) for name, column in whole[0].items()
        ]
    read = [place for rank in ranks for b in rank if b["is_read"].item() for place in positions([b])[0]]
    assert sorted(read) == sorted({place for batch in positions(whole) for place in batch})
    assert len(read) == len(train)


def test_lanes_are_dealt_by_seed_and_epoch(train: MappedSplit) -> None:
    def deal(seed: int) -> list[list[tuple[int, int]]]:
        return positions(islice(LaneBatches(train, 8, seed), 100))

    assert deal(1) == deal(1) != deal(2)
    steps = deal(1)
    assert [lane for lane, _ in steps[0]] != [lane for lane, _ in steps[-1]]


def test_is_first_marks_the_first_example_of_a_lane(train: MappedSplit) -> None:
    for batch in islice(LaneBatches(train, 4), 100):
        assert torch.equal(batch["is_first"], batch["step"] == 0)


@pytest.mark.parametrize("num_ranks", [1, 2, 4])
def test_the_state_goes_on_with_the_same_next_batch_on_any_number_of_ranks(train: MappedSplit, num_ranks: int) -> None:
    before = LaneBatches(train, 4, seed=3)
    for _ in islice(before, 55):  # past the ends of first lanes
        pass
    state = json.loads(json.dumps(before.state_dict()))
    expected = list(islice(before, 60))
    parts = []
    for rank in range(num_ranks):
        after = LaneBatches(train, 4, rank=rank, num_ranks=num_ranks)
        after.load_state_dict(state)
        parts.append(list(islice(after, 60)))
    for number, batch in enumerate(expected):
        for name, column in batch.items():
            assert torch.equal(torch.cat([part[number][name] for part in parts]), column)


@pytest.mark.parametrize("num_workers", [1, 2])
def test_worker_processes_give_the_same_batches_in_the_same_order(train: MappedSplit, num_workers: int) -> None:
    loader = DataLoader(LaneBatches(train, 4), batch_size=None, num_workers=num_workers)
    assert positions(islice(loader, 50)) == positions(islice(LaneBatches(train, 4), 50))


def test_skipping_batches_moves_the_state_as_reading_them_does(train: MappedSplit) -> None:
    read, skipped = LaneBatches(train, 4), LaneBatches(train, 4)
    for _ in islice(read, 70):
        pass
    skipped.skip(70)
    assert read.state_dict() == skipped.state_dict()


def test_more_rows_than_lanes_is_an_error_that_says_what_to_do(train: MappedSplit) -> None:
    with pytest.raises(ConfigError, match=r"a batch of 9 rows .* has 8: use --batch-size 8 or less, or .* lane_tokens"):
        LaneBatches(train, 9)


def test_rows_that_the_ranks_do_not_divide_are_an_error(train: MappedSplit) -> None:
    with pytest.raises(ConfigError, match="got 3 rows, 2 processes"):
        LaneBatches(train, 3, num_ranks=2)


def test_a_state_of_another_batch_or_dataset_is_refused(train: MappedSplit) -> None:
    state = LaneBatches(train, 4).state_dict()
    with pytest.raises(ShardError, match="is of another dataset, or of its other split"):
        LaneBatches(train, 4).load_state_dict(state | {"examples": state["examples"] + 1})
    with pytest.raises(ConfigError, match="the saved state is not of such batches: it has no seed"):
        LaneBatches(train, 4).load_state_dict({"examples": 3})
    with pytest.raises(ConfigError, match="the saved batch has 4 rows"):
        LaneBatches(train, 2).load_state_dict(state)
    with pytest.raises(ShardError, match="reads lane 99"):
        LaneBatches(train, 4).load_state_dict(state | {"lanes": [0, 1, 2, 99]})


def test_redrawn_orders_take_the_place_of_the_written_ones_from_each_rows_own_epoch(train: MappedSplit) -> None:
    def redraw(rows: dict[str, np.ndarray], epoch: int) -> np.ndarray:
        return rows["order"] if epoch == 0 else np.full_like(rows["order"], epoch)

    fresh = LaneBatches(train, 3, redraw=redraw)
    epochs = set()
    stream = iter(fresh)
    for old in islice(LaneBatches(train, 3), 250):
        epoch_of_row = fresh.state_dict()["row_epochs"]
        new = next(stream)
        assert all(torch.equal(new[name], old[name]) for name in old if name != "order")
        for row, epoch in enumerate(epoch_of_row):
            expected = old["order"][row] if epoch == 0 else torch.full_like(old["order"][row], epoch)
            assert torch.equal(new["order"][row], expected)
        epochs |= set(epoch_of_row)
    assert epochs == {0, 1, 2}


def test_a_dataset_without_dev_examples_says_what_to_change(write_dataset: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "data", dev_lanes=0)
    with pytest.raises(ShardError, match="set dev_frac higher"):
        open_split(folder, "dev")


def test_a_damaged_or_foreign_shard_is_named(train: MappedSplit, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.arrow"
    damaged.write_bytes(train.paths[0].read_bytes()[:-100])
    with pytest.raises(ShardError, match=r"cannot read .*damaged\.arrow"):
        MappedSplit([damaged])
    foreign = tmp_path / "foreign.arrow"
    with pa.ipc.new_file(foreign, pa.schema([("text", pa.string())])) as writer:
        writer.write_table(pa.table({"text": ["a"]}))
    with pytest.raises(ShardError, match="is not a shard of this project"):
        MappedSplit([foreign])
    old = tmp_path / "old.arrow"
    reader = pa.ipc.open_file(train.paths[0])
    with pa.ipc.new_file(old, reader.schema.with_metadata({**reader.schema.metadata, b"schema_version": b"0"})):
        pass
    with pytest.raises(ShardError, match="has schema version 0"):
        MappedSplit([old])


def test_a_batch_that_cannot_be_decompressed_is_named_by_its_shard(train: MappedSplit, tmp_path: Path) -> None:
    path, reader = tmp_path / "packed.arrow", pa.ipc.open_file(train.paths[0])
    with pa.ipc.new_file(path, reader.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        for i in range(reader.num_record_batches):
            writer.write_batch(reader.get_batch(i))
    content, magic = path.read_bytes(), bytes.fromhex("28b52ffd")  # with which what zstd writes begins
    last = content.rindex(magic)
    path.write_bytes(content[:last] + bytes(4) + content[last + 4 :])
    with pytest.raises(ShardError, match=rf"^{path} is damaged in batch {reader.num_record_batches - 1} \("):
        MappedSplit([path])


def test_lanes_out_of_order_are_refused(train: MappedSplit, tmp_path: Path) -> None:
    reader = pa.ipc.open_file(train.paths[0])
    path = tmp_path / "shuffled.arrow"
    with pa.ipc.new_file(path, reader.schema) as writer:
        for i in (1, 0):
            writer.write_batch(reader.get_batch(i))
    with pytest.raises(ShardError, match="does not hold its lanes whole and in order"):
        MappedSplit([path])


def test_a_shard_that_is_cut_while_it_is_mapped_is_named_and_one_that_is_replaced_is_read_on(
    dataset: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(dataset, tmp_path / "data")
    split = open_split(folder, "train")
    first = split.gather(np.arange(2))
    path = split.paths[0]
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:100])
    assert np.array_equal(split.gather(np.arange(2))["input_ids"], first["input_ids"])
    split = open_split(shutil.copytree(dataset, tmp_path / "other"), "train")
    with open(split.paths[0], "r+b") as file:
        file.truncate(4096)
    with pytest.raises(
        ShardError, match=f"{re.escape(str(split.paths[0]))} was cut from {len(content):,} to 4,096 bytes while"
    ):
        split.gather(np.arange(2))


def test_a_shard_that_is_written_to_while_it_is_mapped_is_named_and_one_that_is_touched_is_not(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    split = open_split(write_small_dataset(tmp_path / "data"), "train")
    path, examples = split.paths[0], np.arange(len(split))
    before = split.gather(examples)["input_ids"]
    os.utime(path, ns=(0, 0))
    assert (split.gather(examples)["input_ids"] == before).all()
    with open(path, "r+b") as file:  # in place, as `cp` over it does
        file.seek(-1000, os.SEEK_END)
        file.write(b"x")
    os.utime(path, ns=(0, 1))
    with pytest.raises(ShardError, match=f"{re.escape(str(path))} was changed while it was read"):
        split.gather(examples)
