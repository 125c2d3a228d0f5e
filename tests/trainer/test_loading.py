"""Batches with a state in mid-epoch: from any number of worker processes, and in torchdata's loader."""

import json
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader
from torchdata.stateful_dataloader import StatefulDataLoader

import xlnet_data
from xlnet_data.dataset import Dataset
from xlnet_data.datasets.mapped import open_split
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.trainer.batches import Batch, LaneBatches

pytestmark = [
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),  # more workers than this machine has cores
    pytest.mark.filterwarnings("ignore:'set_vital' is deprecated"),  # torchdata calls it
]


@pytest.fixture(scope="module")
def small(write_dataset: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Return a split of 3 lanes, whose epoch ends after about 60 batches of 2 rows."""
    return xlnet_data.open_dataset(write_dataset(tmp_path_factory.mktemp("data") / "small", train_lanes=3))


def assert_equal(found: Iterable[Batch], expected: Iterable[Batch]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)


def saved(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state as it comes back from a file."""
    return json.loads(json.dumps(state))  # type: ignore[no-any-return]


def places_of(batch: Batch) -> list[tuple[int, int, list[int]]]:
    """Return lane, step and order of the examples that a batch reads."""
    columns = (batch[name][batch["is_read"]].tolist() for name in ("lane", "step", "order"))
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("after", [0, 7, 70])
@pytest.mark.parametrize("num_workers", [0, 1, 2, 4])
def test_any_loader_goes_on_with_the_batch_after_the_last_one(small: Dataset, num_workers: int, after: int) -> None:
    expected = list(islice(small.batches(2, seed=3, fresh_targets=True), after + 70))
    assert expected[0]["lane"].tolist() != expected[-1]["lane"].tolist()
    before = small.batches(2, seed=3, num_workers=num_workers, fresh_targets=True)
    assert_equal(islice(before, after), expected[:after])
    state = saved(before.state_dict())
    for others in (0, 1, 2, 4):
        loader = small.batches(2, num_workers=others, fresh_targets=True)
        loader.load_state_dict(state)
        assert_equal(islice(loader, 5), expected[after : after + 5])
        assert_equal(islice(loader, 3), expected[after + 5 : after + 8])
    assert_equal(islice(before, 60), expected[after : after + 60])


@pytest.mark.parametrize("num_workers", [0, 1, 2, 4])
def test_a_single_pass_ends_after_the_same_batch_however_often_it_was_stopped(small: Dataset, num_workers: int) -> None:
    expected = list(small.batches(2, once=True))
    found = []
    state = small.batches(2, once=True).state_dict()
    for count in (1, 33, len(expected) - 36, 100):
        loader = small.batches(2, once=True, num_workers=num_workers)
        loader.load_state_dict(saved(state))
        found += list(islice(loader, count))
        state = loader.state_dict()
    assert_equal(found, expected)
    assert sum(int(batch["is_read"].sum()) for batch in found) == len(small)
    ended = small.batches(2, once=True, num_workers=num_workers)
    ended.load_state_dict(saved(state))
    assert list(ended) == []


@pytest.mark.parametrize("num_workers", [0, 2])
def test_after_a_single_pass_the_next_iteration_reads_the_next_epoch(small: Dataset, num_workers: int) -> None:
    loader = small.batches(2, seed=3, once=True, num_workers=num_workers, fresh_targets=True)
    first, second = list(loader), list(loader)
    orders, others = (
        {(lane, step): order for batch in batches for lane, step, order in places_of(batch)}
        for batches in (first, second)
    )
    assert orders.keys() == others.keys()
    assert len(orders) == len(small)
    assert orders != others
    assert [batch["lane"].tolist() for batch in first] != [batch["lane"].tolist() for batch in second]


@pytest.mark.parametrize(("rank", "num_ranks"), [(2, 2), (-1, 2), (0, 0)])
def test_a_rank_that_is_none_of_the_ranks_is_refused(small: Dataset, rank: int, num_ranks: int) -> None:
    with pytest.raises(ConfigError, match=f"got rank {rank} of {num_ranks}"):
        small.batches(2, rank=rank, num_ranks=num_ranks)


@pytest.mark.parametrize("step", [-1, 1_000])
def test_a_state_of_a_step_that_a_lane_does_not_have_is_refused(small: Dataset, step: int) -> None:
    loader = small.batches(2)
    state = loader.state_dict()
    with pytest.raises(ShardError, match=f"reads step {step} of lane {state['lanes'][1]}"):
        loader.load_state_dict(state | {"steps": [0, step]})


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_state_of_one_rank_serves_every_rank_of_another_number(small: Dataset, num_workers: int) -> None:
    expected = list(islice(small.batches(2), 30))
    before = small.batches(2, rank=1, num_ranks=2, num_workers=num_workers)
    assert_equal(islice(before, 9), [{name: rows[1:] for name, rows in batch.items()} for batch in expected[:9]])
    parts = []
    for rank in range(2):
        loader = small.batches(2, rank=rank, num_ranks=2, num_workers=num_workers)
        loader.load_state_dict(saved(before.state_dict()))
        parts.append(list(islice(loader, 21)))
    both = [{name: torch.cat([one[name], two[name]]) for name in one} for one, two in zip(*parts, strict=True)]
    assert_equal(both, expected[9:])
    whole = small.batches(2, num_workers=num_workers)
    whole.load_state_dict(before.state_dict())
    assert_equal(islice(whole, 21), expected[9:])


def test_fewer_workers_than_none_are_refused(small: Dataset) -> None:
    with pytest.raises(ConfigError, match="num_workers must be at least 0: got -1"):
        small.batches(2, num_workers=-1)


def test_batches_that_a_plain_loaders_workers_read_refuse_to_tell_a_state(small: Dataset) -> None:
    batches = LaneBatches(open_split(small.folder, "train"), 2)
    start = batches.state_dict()
    for _ in islice(DataLoader(batches, batch_size=None, num_workers=2), 3):
        pass
    with pytest.raises(ConfigError, match=r"use open_dataset\(\.\.\.\)\.batches\(\.\.\., num_workers=\.\.\.\)"):
        batches.state_dict()
    batches.load_state_dict(start)
    assert batches.state_dict() == start
    for _ in islice(DataLoader(batches, batch_size=None), 3):
        pass
    expected = LaneBatches(batches.split, 2)
    expected.skip(3)
    assert batches.state_dict() == expected.state_dict()


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("num_workers", [0, 1, 2])
@pytest.mark.parametrize("after", [1, 41])
def test_torchdatas_loader_goes_on_with_the_batch_after_the_last_one(
    small: Dataset, num_workers: int, after: int, once: bool
) -> None:
    def load() -> StatefulDataLoader[Batch]:
        batches = LaneBatches(open_split(small.folder, "train"), 2, seed=1, once=once)
        return StatefulDataLoader(batches, batch_size=None, num_workers=num_workers)

    expected = list(islice(small.batches(2, seed=1, once=once), 70))
    before = load()
    stream = iter(before)
    assert_equal(islice(stream, after), expected[:after])
    state = before.state_dict()
    assert_equal(islice(stream, 70 - after), expected[after:])
    again = load()
    again.load_state_dict(state)
    assert_equal(islice(again, 70 - after), expected[after:])


def test_a_workers_state_is_refused_where_another_worker_or_none_would_go_on_from_it(small: Dataset) -> None:
    split = open_split(small.folder, "train")
    loader = StatefulDataLoader(LaneBatches(split, 2), batch_size=None, num_workers=2)
    for _ in islice(loader, 3):
        pass
    workers = loader.state_dict()["_snapshot"]["_worker_snapshots"]
    batches = LaneBatches(split, 2)
    batches.load_state_dict(workers["worker_1"]["dataset_state"])
    with pytest.raises(ConfigError, match="that of worker 1 of 2: go on with as many workers"):
        next(iter(batches))
    with pytest.raises(ConfigError, match="that of worker 1 of 2, and worker 0 of 1 loads it"):
        next(iter(DataLoader(batches, batch_size=None, num_workers=1)))
