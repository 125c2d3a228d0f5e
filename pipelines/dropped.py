"""The documents that deduplication drops, looked up by their hashes."""

import os
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.shards import atomic_write
from xlnet_data.tallies import Tally


class DroppedDocuments:
    """Documents that deduplication drops, as sorted arrays of their hashes, each of a range of its own."""

    def __init__(self, ranges: Sequence[NDArray[np.uint64]]) -> None:
        self._ranges = sorted((documents for documents in ranges if len(documents)), key=lambda documents: documents[0])
        self._firsts = np.array([documents[0] for documents in self._ranges], np.uint64)

    @classmethod
    def load(cls, folder: str) -> "DroppedDocuments":
        """Map what write_dropped wrote into memory; without deduplication there is nothing."""
        inner = os.path.join(folder, "dropped")
        names = sorted(os.listdir(inner)) if os.path.isdir(inner) else []
        return cls([np.load(os.path.join(inner, name), mmap_mode="r") for name in names])

    def contains(self, documents: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return bool [documents]. True: the document is dropped."""
        found = np.zeros(len(documents), bool)
        of_range = np.searchsorted(self._firsts, documents, side="right").astype(np.int64) - 1
        for number in np.unique(of_range[of_range >= 0]).tolist():
            members, held = np.flatnonzero(of_range == number), self._ranges[number]
            place = np.minimum(np.searchsorted(held, documents[members]), len(held) - 1)
            found[members] = held[place] == documents[members]
        return found

    def strike_candidates(self, tally: Tally) -> Tally:
        """Return the tally without the dropped documents among its candidates."""
        if not self._ranges or not tally.candidates:
            return tally
        is_dropped = self.contains(np.array([candidate.place for candidate in tally.candidates], np.uint64))
        kept = [c for c, gone in zip(tally.candidates, is_dropped, strict=True) if not gone]
        return Tally(tally.counts, tuple(kept))

    def without(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Return rows of TOKENIZED_SCHEMA without the dropped documents."""
        if not self._ranges or not rows.num_rows:
            return rows
        return rows.filter(pa.array(~self.contains(rows.column("document").to_numpy())))


def write_dropped(folder: str, number: int, documents: NDArray[np.uint64]) -> None:
    """Write the sorted hashes of one range's dropped documents; ranges are numbered in the order of their hashes."""
    with atomic_write(os.path.join(folder, "dropped", f"{number:03}.npy")) as file:
        np.save(file, documents, allow_pickle=False)
