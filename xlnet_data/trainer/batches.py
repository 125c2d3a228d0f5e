"""Batches a dataset: deals lanes to rows, so that each row reads one lane after another; can resume at any batch."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from xlnet_data.datasets.mapped import MappedSplit
from xlnet_data.datasets.redraws import Redraw
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.seeds import draw_words

Batch = dict[str, Tensor]


@dataclass
class RowPositions:
    """Which example every row of the global batch reads next.

    Attributes:
        epoch: Epoch whose lanes are being dealt.
        num_dealt: Lanes of that epoch that have been dealt.
        lane: int64 [rows], each row's lane (by its place in the split), -1 if it has none left.
        step: int64 [rows], the next example's step in it.
        row_epoch: int64 [rows], the epoch that dealt the row its lane.
    """

    epoch: int
    num_dealt: int
    lane: NDArray[np.int64]
    step: NDArray[np.int64]
    row_epoch: NDArray[np.int64]


class LaneBatches(IterableDataset[Batch]):
    """Batches of one split, endless, or a single pass with ``once``.

    Every batch gives each row its lane's next example; a row whose lane ends takes the next lane that no row has
    read in this epoch. Lanes are dealt in an order drawn from (seed, epoch), so every epoch reads every example once.
    The state describes the global batch, so any number of ranks may load it. Worker processes take turns at the
    batches, so use it as ``DataLoader(batches, batch_size=None, num_workers=...)``. A plain DataLoader's workers keep
    their place to themselves; `loading.BatchLoader` and torchdata's StatefulDataLoader have a state with workers too.

    A batch is a dict of CPU tensors, rows first: the shard's columns (``input_ids``, ``order``, ``a_len``, ``b_len``,
    ``b_start``, ``is_next``, ``backward``, ``memory_len``, ``lane``, ``step``), ``is_first`` (True: the row begins a
    lane, so its memory must be cleared) and ``is_read`` (False: the row has no lane left and repeats another
    example, which must not count; only with ``once``). After a pass the next iteration reads the next epoch. In a loop
    of your own::

        split = open_split("dataset", "train")
        batches = LaneBatches(split, num_rows=32, seed=1)
        memory = model.start_memory(32, mem_len=384)
        for batch in DataLoader(batches, batch_size=None, num_workers=2, pin_memory=True):
            memory = memory.masked_fill(batch["is_first"][:, None, None], 0)
            masks = build_masks(batch, split.settings.reuse_len, 384, "paper")
            ids = batch["input_ids"].long()
            logits, memory, _ = model(ids, masks, memory, split.settings.reuse_len)
            loss = cross_entropy(logits.transpose(1, 2), ids.gather(1, masks.targets_BK))

    Raises:
        ConfigError: There are more rows than lanes, the ranks do not divide the rows, or no rank has that number.
    """

    def __init__(
        self,
        split: MappedSplit,
        num_rows: int,
        seed: int = 0,
        *,
        rank: int = 0,
        num_ranks: int = 1,
        once: bool = False,
        redraw: Redraw | None = None,
    ) -> None:
        num_lanes = len(split.lanes)
        if num_rows > num_lanes:
            raise ConfigError(
                f"a batch of {num_rows} rows needs as many lanes, and this split has {num_lanes}: use --batch-size "
                f"{num_lanes} or less, or build with a smaller lane_tokens"
            )
        if not 0 <= rank < num_ranks:
            raise ConfigError(f"rank must be from 0 to num_ranks - 1: got rank {rank} of {num_ranks}")
        if num_rows < 1 or num_rows % num_ranks:
            raise ConfigError(
                f"the batch must have rows for every process alike: got {num_rows} rows, {num_ranks} processes"
            )
        self.split, self.num_rows, self.seed = split, num_rows, seed
        self.once, self.redraw = once, redraw
        self._lane_lens = np.diff(split.lane_starts)
        self.own_rows = slice(rank * num_rows // num_ranks, (rank + 1) * num_rows // num_ranks)
        self._positions = self._start(0)
        self.is_over = False  # True: a pass has ended here, so the next iteration reads the next epoch
        self._turn: list[int] | None = None  # of a worker whose positions are those of its own next batch
        self._has_workers = _shared_flag()  # set by workers, read by their parent

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches from the current state on; the state always describes the next batch."""
        worker = get_worker_info()
        turn, turns = (worker.id, worker.num_workers) if worker else (0, 1)
        if worker:
            self._has_workers.fill_(True)
            self._take_turn(turn, turns)
        elif self._turn:
            raise ConfigError(
                f"the state is that of worker {self._turn[0]} of {self._turn[1]}: go on with as many workers as before"
            )
        else:
            self.begin_pass()
        while (self._positions.lane >= 0).any():
            positions, self._positions = self._positions, _copy(self._positions)
            for _ in range(turns):
                self._advance()
            yield self._read(positions)
        self.is_over = True

    def begin_pass(self) -> None:
        """Go to the next epoch if a pass has ended; a state that was loaded at a pass's end still has nothing more."""
        if self.is_over:
            self._positions, self.is_over = self._start(self._positions.epoch + 1), False

    @property
    def num_own_rows(self) -> int:
        """Rows of this rank's batches."""
        return self.own_rows.stop - self.own_rows.start

    def copy(self) -> "LaneBatches":
        """Return batches of their own that go on from the same state."""
        copied = copy(self)
        copied._positions = _copy(self._positions)
        copied._has_workers = _shared_flag()
        return copied

    def state_dict(self) -> dict[str, Any]:
        """Return which example every row reads next, as values that JSON can hold.

        In a worker process it is the state of that worker alone, which a worker of the same number can load.

        Raises:
            ConfigError: Workers read the batches, so this process does not know how many there were.
        """
        if self._has_workers and not get_worker_info():
            raise ConfigError(
                "a DataLoader's workers read these batches, so their state is not known here: use open_dataset(...)"
                ".batches(..., num_workers=...), whose state is right, or torchdata's StatefulDataLoader"
            )
        positions = self._positions
        return {
            "examples": len(self.split),
            "seed": self.seed,
            "epoch": positions.epoch,
            "num_dealt": positions.num_dealt,
            "lanes": [int(self.split.lanes[lane]) if lane >= 0 else -1 for lane in positions.lane],
            "steps": positions.step.tolist(),
            "row_epochs": positions.row_epoch.tolist(),
        } | ({} if self._turn is None else {"turn": self._turn})

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state of the same split and global batch, whatever the number of ranks.

        Raises:
            ConfigError: The state has another number of rows, or is none of such batches.
            ShardError: The state is of another split or dataset.
        """
        keys = ("examples", "seed", "epoch", "num_dealt", "lanes", "steps", "row_epochs")
        if not isinstance(state, dict) or (missing := [key for key in keys if key not in state]):
            what = f"has no {missing[0]}" if isinstance(state, dict) else "is no dict"
            raise ConfigError(f"the saved state is not of such batches: it {what}")
        if state["examples"] != len(self.split):
            raise ShardError(
                f"the saved state is of a split of {state['examples']:,} examples, and this one has "
                f"{len(self.split):,}: it is of another dataset, or of its other split"
            )
        if len(state["lanes"]) != self.num_rows:
            raise ConfigError(
                f"the saved batch has {len(state['lanes'])} rows: go on with --batch-size {len(state['lanes'])}, not "
                f"{self.num_rows}"
            )
        number_of = {int(lane): number for number, lane in enumerate(self.split.lanes)} | {-1: -1}
        try:
            lanes = np.array([number_of[lane] for lane in state["lanes"]], np.int64)
        except KeyError as error:
            raise ShardError(f"the saved state reads lane {error}, which this dataset does not have") from error
        for lane, step in zip(lanes, state["steps"], strict=True):
            if lane >= 0 and not 0 <= step < self._lane_lens[lane]:
                raise ShardError(
                    f"the saved state reads step {step} of lane {self.split.lanes[lane]}, which this dataset does not "
                    "have: it is of another dataset"
                )
        self.seed, self.is_over = state["seed"], False
        self._positions = RowPositions(
            state["epoch"],
            state["num_dealt"],
            lanes,
            np.array(state["steps"], np.int64),
            np.array(state["row_epochs"], np.int64),
        )
        self._turn = state.get("turn")
        if not get_worker_info():
            self._has_workers.fill_(False)

    def skip(self, num_batches: int) -> None:
        """Advance the state by some batches without reading them; a DataLoader's workers advance their own copies."""
        for _ in range(num_batches):
            self._advance()

    def _take_turn(self, turn: int, turns: int) -> None:
        """Advance to a worker's first batch, unless a loaded state already stands at its next one."""
        if self._turn is None:
            self.skip(turn)
            self._turn = [turn, turns]
        elif self._turn != [turn, turns]:
            raise ConfigError(
                f"the state is that of worker {self._turn[0]} of {self._turn[1]}, and worker {turn} of {turns} loads "
                "it: go on with as many workers as before"
            )

    def _start(self, epoch: int) -> RowPositions:
        rows = np.zeros((3, self.num_rows), np.int64)
        positions = RowPositions(epoch, 0, rows[0] - 1, rows[1], rows[2])
        _deal(positions, np.arange(self.num_rows), self)
        return positions

    def _advance(self) -> None:
        positions = self._positions
        positions.step += 1
        done = np.flatnonzero((positions.lane >= 0) & (positions.step >= self._lane_lens[positions.lane]))
        if len(done):
            _deal(positions, done, self)

    def _read(self, positions: RowPositions) -> Batch:
        lane, step, epoch = (a[self.own_rows] for a in (positions.lane, positions.step, positions.row_epoch))
        is_read = lane >= 0
        if not is_read.any():  # this rank is done before the others
            lane, step = np.zeros_like(lane), np.zeros_like(step)
        stand_in = int(np.argmax(is_read))
        lane, step = np.where(is_read, lane, lane[stand_in]), np.where(is_read, step, step[stand_in])
        columns = self.split.gather(self.split.lane_starts[lane] + step)
        if self.redraw is not None:
            for number in np.unique(epoch):
                here = epoch == number
                columns["order"][here] = self.redraw({k: v[here] for k, v in columns.items()}, int(number))
        columns |= {"is_first": step == 0, "is_read": is_read}
        return {name: torch.from_numpy(column) for name, column in columns.items()}


def _deal(positions: RowPositions, rows: NDArray[np.intp], batches: LaneBatches) -> None:
    """Give each of some rows its next lane, in the order of (seed, epoch)."""
    num_lanes = len(batches.split.lanes)
    order = _order_lanes(batches.seed, positions.epoch, num_lanes)
    for row in rows:
        if positions.num_dealt == num_lanes and batches.once:
            positions.lane[row] = -1
            continue
        if positions.num_dealt == num_lanes:
            positions.epoch, positions.num_dealt = positions.epoch + 1, 0
            order = _order_lanes(batches.seed, positions.epoch, num_lanes)
        positions.lane[row], positions.step[row], positions.row_epoch[row] = (
            order[positions.num_dealt],
            0,
            positions.epoch,
        )
        positions.num_dealt += 1


def _order_lanes(seed: int, epoch: int, num_lanes: int) -> NDArray[np.int64]:
    return np.argsort(draw_words(("rows", seed, epoch), 0, 1, num_lanes)[0], kind="stable")


def _copy(positions: RowPositions) -> RowPositions:
    return RowPositions(
        positions.epoch, positions.num_dealt, positions.lane.copy(), positions.step.copy(), positions.row_epoch.copy()
    )


def _shared_flag() -> Tensor:
    """Return bool [1], False, in memory that this process shares with its workers."""
    return torch.zeros(1, dtype=torch.bool).share_memory_()  # type: ignore[no-any-return, no-untyped-call]
