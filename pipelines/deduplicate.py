"""Finds duplicate documents. The keys they are compared by are cut into ranges, and each range is decided alone."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.config import BuildConfig
from xlnet_data.filters.duplicates import dropped_exact, dropped_near, find_repeats
from xlnet_data.ingestion.tallies import Candidate, Tally
from xlnet_data.schemas.document import Reason
from xlnet_data.schemas.tokenized import DECIDED_SCHEMA, DUPLICATES_SCHEMA


def decide(keys: pa.Table, config: BuildConfig) -> pa.Table:
    """Return the rows of documents that another one makes superfluous, and of repeated ones: rows of DECIDED_SCHEMA.

    Args:
        keys: All rows of KEYS_SCHEMA of some range of keys; they may have more columns, which stay.
        config: Deduplication settings.
    """
    is_exact = keys["is_exact"].to_numpy()
    decided = []
    for exact in (True, False):
        part = keys.filter(pa.array(is_exact == exact))
        if not part.num_rows:
            continue
        values, ranks, dedup_keys = (part[name].to_numpy() for name in ("key", "rank", "dedup_key"))
        if exact:
            gone = dropped_exact(values, ranks, dedup_keys)
        else:
            sketches = np.frombuffer(b"".join(part["sketch"].to_pylist()), np.uint8).reshape(part.num_rows, -1)
            gone = dropped_near(values, ranks, dedup_keys, sketches, config.deduplication.threshold)
        is_gone = np.isin(dedup_keys, gone)
        is_chosen = is_gone | find_repeats(values, dedup_keys)
        chosen = part.filter(pa.array(is_chosen))
        decided.append(chosen.append_column(DECIDED_SCHEMA.field("is_repeat"), pa.array(~is_gone[is_chosen])))
    return pa.concat_tables([keys.schema.append(DECIDED_SCHEMA.field("is_repeat")).empty_table(), *decided])


def gather(
    rows: pa.Table, config: BuildConfig, columns: Sequence[str] = DUPLICATES_SCHEMA.names
) -> tuple[pa.Table, Tally]:
    """Return the dropped documents of one range of hashes, and the tally that takes back their counts.

    Args:
        rows: All rows of DECIDED_SCHEMA of some range of documents.
        config: The corpora's names.
        columns: What of the rows is returned.

    Returns:
        A row for each document, by rising dedup_key, and the counts.
    """
    # Rows are sorted so that a document's first row decides: drops before repeats, exact before near. The rows equal to
    # it count how often the document was read.
    tasks, keys, is_exact, is_repeat, dedup_keys = (
        rows[name].to_numpy() for name in ("task", "key", "is_exact", "is_repeat", "dedup_key")
    )
    order = np.lexsort((tasks, keys, ~is_exact, is_repeat, dedup_keys))
    _, first = np.unique(dedup_keys[order], return_index=True)
    told_by = np.repeat(order[first], np.diff(first, append=len(order)))
    is_same = [column[order] == column[told_by] for column in (keys, is_exact, is_repeat)]
    num_read = np.add.reduceat(np.logical_and.reduce(is_same).astype(np.int64), first) if len(first) else first
    chosen = rows.take(pa.array(order[first]))
    counts: Counter[tuple[str, str]] = Counter()
    counted = ["rank", "is_exact", "is_repeat", "is_dev", "tokens", "bytes"]
    for row, num in zip(chosen.select(counted).to_pylist(), num_read.tolist(), strict=True):
        name = config.corpora[row["rank"]].name
        is_duplicate = row["is_exact"] or row["is_repeat"]
        num -= row["is_repeat"]
        counts[name, f"dropped:{Reason.DUPLICATE if is_duplicate else Reason.NEAR_DUPLICATE}"] += num
        counts[name, "kept"] -= num
        counts[name, "tokens"] -= num * row["tokens"]
        counts[name, "bytes"] -= num * row["bytes"]
        counts["", "dev" if row["is_dev"] else "train"] -= num * row["tokens"]
        if row["is_dev"]:
            counts["", "dev_documents"] -= num
            counts["", "dev_room"] -= num * config.examples.room_of(row["tokens"])
    return chosen.select(columns), Tally(counts)


class DuplicateIndex:
    """Looks up the documents that deduplication drops, whole or in part, by their deduplication keys.

    Args:
        tables: Tables of DUPLICATES_SCHEMA, each of a range of keys of its own.
    """

    def __init__(self, tables: Sequence[pa.Table]) -> None:
        ranges = [(table["dedup_key"].to_numpy(), table) for table in tables if table.num_rows]
        self._ranges = sorted(ranges, key=lambda pair: int(pair[0][0]))
        self._firsts = np.array([dedup_keys[0] for dedup_keys, _ in self._ranges], np.uint64)

    def find(self, dedup_keys: NDArray[np.uint64]) -> Iterator[tuple[NDArray[np.intp], pa.Table]]:
        """Yield which of some documents are found, and their rows of DUPLICATES_SCHEMA, range by range."""
        of_range = np.searchsorted(self._firsts, dedup_keys, side="right").astype(np.int64) - 1
        for number in np.unique(of_range[of_range >= 0]).tolist():
            members, (held, table) = np.flatnonzero(of_range == number), self._ranges[number]
            index = np.minimum(np.searchsorted(held, dedup_keys[members]), len(held) - 1)
            is_found = held[index] == dedup_keys[members]
            yield members[is_found], table.take(pa.array(index[is_found]))

    def contains(self, dedup_keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return bool [documents]. True: the document is dropped, however often it was read."""
        is_dropped = np.zeros(len(dedup_keys), bool)
        for members, rows in self.find(dedup_keys):
            is_dropped[members] = ~rows["is_repeat"].to_numpy()
        return is_dropped

    def reasons(self, dedup_keys: NDArray[np.uint64], task: int, met: set[int]) -> list[Reason | None]:
        """Return why documents that a task read one after another are dropped; None for the others.

        Args:
            documents: Their hashes.
            task: Number of the task.
            met: The repeated documents that this task has met so far; more are added.
        """
        reasons: list[Reason | None] = [None] * len(dedup_keys)
        for members, rows in self.find(dedup_keys):
            for member, row in zip(members.tolist(), rows.to_pylist(), strict=True):
                stays = row["is_repeat"] and row["task"] == task and row["dedup_key"] not in met
                met.add(row["dedup_key"])
                if not stays:
                    is_duplicate = row["is_exact"] or row["is_repeat"]
                    reasons[member] = Reason.DUPLICATE if is_duplicate else Reason.NEAR_DUPLICATE
        return reasons

    def without_dropped(self, tally: Tally) -> Tally:
        """Return the tally without the dropped documents among its candidates, and with repeated ones once."""
        dedup_keys = np.array([candidate.dedup_key for candidate in tally.candidates], np.uint64)
        return drop_candidates(tally, set(dedup_keys[self.contains(dedup_keys)].tolist()))

    def without(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Return rows of TOKENIZED_SCHEMA without the dropped documents."""
        if not self._ranges or not rows.num_rows:
            return rows
        return rows.filter(pa.array(~self.contains(rows.column("dedup_key").to_numpy())))


def drop_candidates(tally: Tally, dropped: Set[int]) -> Tally:
    """Return a tally without the candidates that are dropped, and with repeated ones once.

    Args:
        tally: Of the whole input.
        dropped: Deduplication keys of documents that are dropped.
    """
    kept: list[Candidate] = []
    for candidate in tally.candidates:
        is_repeat = candidate.dedup_key != 0 and kept[-1:] == [candidate]
        kept += [] if candidate.dedup_key in dropped or is_repeat else [candidate]
    return replace(tally, candidates=tuple(kept))
