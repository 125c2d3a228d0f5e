"""The documents that deduplication drops, looked up by their hashes."""

import os
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.schemas.document import Reason
from xlnet_data.shards import atomic_write
from xlnet_data.tallies import Candidate, Tally


class DroppedDocuments:
    """Documents that deduplication drops, as tables of DROPPED_SCHEMA, each of a range of hashes of its own."""

    def __init__(self, tables: Sequence[pa.Table]) -> None:
        ranges = [(table["document"].to_numpy(), table) for table in tables if table.num_rows]
        self._ranges = sorted(ranges, key=lambda pair: int(pair[0][0]))
        self._firsts = np.array([documents[0] for documents, _ in self._ranges], np.uint64)

    @classmethod
    def load(cls, folder: str) -> "DroppedDocuments":
        """Map what write_dropped wrote into memory; without deduplication there is nothing."""
        inner = os.path.join(folder, "dropped")
        names = sorted(os.listdir(inner)) if os.path.isdir(inner) else []
        return cls([pa.ipc.open_file(pa.memory_map(os.path.join(inner, name))).read_all() for name in names])

    def find(self, documents: NDArray[np.uint64]) -> Iterator[tuple[NDArray[np.intp], pa.Table]]:
        """Yield which of some documents are found, and their rows of DROPPED_SCHEMA, range by range."""
        of_range = np.searchsorted(self._firsts, documents, side="right").astype(np.int64) - 1
        for number in np.unique(of_range[of_range >= 0]).tolist():
            members, (held, table) = np.flatnonzero(of_range == number), self._ranges[number]
            place = np.minimum(np.searchsorted(held, documents[members]), len(held) - 1)
            is_found = held[place] == documents[members]
            yield members[is_found], table.take(pa.array(place[is_found]))

    def contains(self, documents: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return bool [documents]. True: the document is dropped, however often it was read."""
        is_dropped = np.zeros(len(documents), bool)
        for members, rows in self.find(documents):
            is_dropped[members] = ~rows["is_repeat"].to_numpy()
        return is_dropped

    def reasons(self, documents: NDArray[np.uint64], task: int, met: set[int]) -> list[Reason | None]:
        """Return why documents that a task read one after another are dropped; None for the others.

        Args:
            documents: Their hashes.
            task: Number of the task.
            met: The repeated documents that this task has met so far; more are added.
        """
        reasons: list[Reason | None] = [None] * len(documents)
        for members, rows in self.find(documents):
            for member, row in zip(members.tolist(), rows.to_pylist(), strict=True):
                stays = row["is_repeat"] and row["task"] == task and row["document"] not in met
                met.add(row["document"])
                if not stays:
                    is_duplicate = row["is_exact"] or row["is_repeat"]
                    reasons[member] = Reason.DUPLICATE if is_duplicate else Reason.NEAR_DUPLICATE
        return reasons

    def strike_candidates(self, tally: Tally) -> Tally:
        """Return the tally without the dropped documents among its candidates, and with repeated ones once."""
        is_dropped = self.contains(np.array([candidate.document for candidate in tally.candidates], np.uint64))
        kept: list[Candidate] = []
        for candidate, is_gone in zip(tally.candidates, is_dropped.tolist(), strict=True):
            is_repeat = candidate.document != 0 and kept[-1:] == [candidate]
            kept += [] if is_gone or is_repeat else [candidate]
        return Tally(tally.counts, tuple(kept))

    def without(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Return rows of TOKENIZED_SCHEMA without the dropped documents."""
        if not self._ranges or not rows.num_rows:
            return rows
        return rows.filter(pa.array(~self.contains(rows.column("document").to_numpy())))


def write_dropped(folder: str, number: int, dropped: pa.Table) -> None:
    """Write the dropped documents of one range of hashes; ranges are numbered in the order of their hashes."""
    path = os.path.join(folder, "dropped", f"{number:03}.arrow")
    with atomic_write(path) as file, pa.ipc.new_file(file, dropped.schema) as writer:
        writer.write_table(dropped.combine_chunks())
