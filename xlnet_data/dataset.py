"""Opens one split of a dataset for reading: examples by number, by lane, as Arrow, or as batches for training."""

import operator
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.datasets.checksums import check_files
from xlnet_data.datasets.copies import copy_splits
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.mapped import open_split
from xlnet_data.datasets.redraws import Redraw, make_redraw
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.files.stores import is_url
from xlnet_data.schemas.manifest import Manifest

if TYPE_CHECKING:
    from xlnet_data.trainer.loading import BatchLoader

Example = dict[str, Any]
"""One row of a shard by column: NumPy arrays for ``input_ids`` and ``order``, NumPy scalars for the rest."""

ROWS_AT_ONCE = 1024
"""Examples that an iteration reads at a time."""


class Dataset:
    """The examples of one split, read in place: lane after lane, step after step.

    >>> data = Dataset("dataset", "train")  # doctest: +SKIP
    >>> example = data[0]  # doctest: +SKIP
    >>> example["input_ids"].shape, example["a_len"].dtype, len(data) == sum(1 for _ in data)  # doctest: +SKIP
    ((512,), dtype('uint16'), True)
    >>> lane = data.lane(data.lanes[-1])  # doctest: +SKIP
    >>> int(lane["step"][-1]) + 1 == len(lane["input_ids"])  # doctest: +SKIP
    True

    Attributes:
        folder: The dataset folder.
        split: "train" or "dev".
        manifest: What the folder holds.

    Raises:
        ShardError: The folder is no dataset, or has no such split, or a file has other bytes than its manifest says.
    """

    def __init__(self, folder: str, split: str = "train", *, check: bool = True) -> None:
        """Open a split.

        Args:
            folder: The dataset folder; of a URL the split is copied into a folder of this machine first.
            split: "train" or "dev".
            check: Compare its files with the manifest's checksums first, which reads every byte once.
        """
        self.folder, self.split = folder, split
        self.manifest: Manifest = read_manifest(folder)
        if split not in self.manifest.splits:
            raise ShardError(f"{folder} has no split {split!r}: it has {', '.join(self.manifest.splits)}")
        if is_url(folder):
            folder = copy_splits(folder, [split])
        self._local = folder
        if check:
            check_files(folder, [split])
        self._mapped = open_split(folder, split)

    def __repr__(self) -> str:
        return f"Dataset({self.folder!r}, {self.split!r}): {len(self):,} examples in {len(self.lanes):,} lanes"

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self._mapped)

    def __getitem__(self, number: int) -> Example:
        """Return an example by its number; negative ones count from the end.

        Raises:
            IndexError: There is none.
            TypeError: It is no whole number; `gather` reads many at once.
        """
        number = operator.index(number)
        if not -len(self) <= number < len(self):
            raise IndexError(f"example {number} of {len(self):,}")
        return _row(self.gather(np.array([number % len(self)])), 0)

    def __iter__(self) -> Iterator[Example]:
        """Yield every example, lane after lane, step after step."""
        for first in range(0, len(self), ROWS_AT_ONCE):
            numbers = np.arange(first, min(first + ROWS_AT_ONCE, len(self)))
            columns = self.gather(numbers)
            for row in range(len(numbers)):
                yield _row(columns, row)

    @property
    def schema(self) -> pa.Schema:
        """The columns, and what the shards say of themselves in the metadata."""
        return self._mapped.schema

    @property
    def lanes(self) -> list[int]:
        """The lanes' numbers, in the order of the examples."""
        return self._mapped.lanes.tolist()  # type: ignore[no-any-return]

    def lane(self, number: int) -> dict[str, NDArray[Any]]:
        """Return all examples of a lane, column by column, [steps] or [steps, length].

        Raises:
            ConfigError: The split has no such lane.
        """
        if number not in self.lanes:
            raise ConfigError(f"split {self.split!r} has no lane {number}: it has {len(self.lanes):,} lanes")
        start, end = self._mapped.lane_starts[self.lanes.index(number) :][:2]
        return self.gather(np.arange(start, end))

    def gather(self, numbers: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Return examples by number, column by column: [n], or [n, length] for lists.

        Args:
            numbers: Whole numbers [n], from 0 on, in any order.

        Raises:
            IndexError: An example of such a number is not there.
            TypeError: They are no list of whole numbers; a mask is none.
        """
        found = np.asarray(numbers)
        if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
            raise TypeError(f"examples are chosen by a list of whole numbers: got {found.dtype} of shape {found.shape}")
        if found.size and not 0 <= found.min() <= found.max() < len(self):
            raise IndexError(f"examples {found.min()} to {found.max()} of {len(self):,}")
        return self._mapped.gather(found.astype(np.int64))

    def to_arrow(self) -> pa.Table:
        """Return all examples as one Arrow table, which lies in the mapped files and takes no memory of its own."""
        return self._mapped.to_table()

    def batches(
        self,
        num_rows: int,
        *,
        seed: int = 0,
        num_workers: int = 0,
        rank: int = 0,
        num_ranks: int = 1,
        once: bool = False,
        fresh_targets: bool = False,
    ) -> "BatchLoader":
        """Return batches for torch, each row reading one lane after another, so that memory fits.

        Args:
            num_rows: Rows of the batch over all ranks, at most the number of lanes.
            seed: Of the order in which lanes are dealt to rows.
            num_workers: Processes that read ahead; 0: none.
            rank: This process's number in a distributed run.
            num_ranks: Processes of the run.
            once: End when every example was read once, and read the next epoch in the next iteration; else go on
                without end.
            fresh_targets: Draw targets and orders afresh from the second epoch on.

        Raises:
            ConfigError: There are more rows than lanes, the ranks do not divide the rows, no rank has that number, or
                torch is missing.
        """
        try:
            from xlnet_data.trainer.loading import BatchLoader
        except ImportError as error:
            raise ConfigError(f"batches need torch ({error}): pip install 'xlnet-data[train]'") from error
        return BatchLoader(
            self._mapped,
            num_rows,
            seed=seed,
            num_workers=num_workers,
            rank=rank,
            num_ranks=num_ranks,
            once=once,
            redraw=self._redraw() if fresh_targets else None,
        )

    def _redraw(self) -> Redraw:
        """Return the function that draws the split's targets and orders afresh."""
        return make_redraw(Path(self._local), self.split)


def _row(columns: dict[str, NDArray[Any]], row: int) -> Example:
    return {name: values[row] for name, values in columns.items()}
