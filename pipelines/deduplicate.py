"""Finds duplicate documents. The keys they are compared by are cut into ranges, and each range is decided alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.config import BuildConfig
from xlnet_data.filters.duplicates import find_repeats, match_exact, match_near
from xlnet_data.ingestion.tallies import NUM_SAMPLES, Candidate, DropSample, Tally
from xlnet_data.schemas.document import Drop, Reason
from xlnet_data.schemas.tokenized import DECIDED_SCHEMA, DUPLICATES_SCHEMA, KEYS_SCHEMA

ROWS_AT_A_TIME = 1 << 16
"""Rows whose names and sketches are in memory at a time: a range may have millions, all of documents of one text."""

_VERDICT = DECIDED_SCHEMA.names[len(KEYS_SCHEMA) :]


def decide(keys: pa.Table, config: BuildConfig) -> Iterator[pa.RecordBatch]:
    """Yield the rows of documents that another one makes superfluous, and of repeated ones, by rising dedup_key.

    The batches are of DECIDED_SCHEMA and have at most ROWS_AT_A_TIME rows.

    Args:
        keys: All rows of KEYS_SCHEMA of some range of keys; they may have more columns, which stay.
        config: Deduplication settings.
    """
    rows = TableRows(keys)
    schema = pa.schema([*keys.schema, *(DECIDED_SCHEMA.field(name) for name in _VERDICT)])
    verdicts = np.concatenate([_decide_kind(rows, keys, is_exact, config) for is_exact in (True, False)])
    verdicts = verdicts[np.argsort(keys["dedup_key"].to_numpy()[verdicts["row"]], kind="stable")]
    for start in range(0, len(verdicts), ROWS_AT_A_TIME):
        part = verdicts[start : start + ROWS_AT_A_TIME]
        others = rows.take(part["other"], ("rank", "doc_id", "title", "dedup_key"))
        columns = [pa.array(~part["is_gone"]), *others.columns[:3], pa.array(part["similarity"]), others.column(3)]
        yield pa.RecordBatch.from_arrays([*rows.take(part["row"], keys.column_names).columns, *columns], schema=schema)


def _decide_kind(rows: "TableRows", keys: pa.Table, is_exact: bool, config: BuildConfig) -> NDArray[Any]:
    """Return the rows of one kind that match another, and those that are repeated, which match themselves.

    Returns:
        [rows] with the fields "row" and "other", places in the table, "is_gone" and "similarity".
    """
    places = np.flatnonzero(keys["is_exact"].to_numpy() == is_exact)
    values, ranks, dedup_keys = (keys[name].to_numpy()[places] for name in ("key", "rank", "dedup_key"))
    if is_exact:
        found = match_exact(values, ranks, dedup_keys)
    else:
        threshold = config.deduplication.threshold
        found = match_near(values, ranks, dedup_keys, lambda part: rows.sketches(places[part]), threshold)
    others, similarities = np.arange(len(places)), np.ones(len(places), np.float32)
    others[found.rows], similarities[found.rows] = found.others, found.similarities
    is_gone = np.zeros(len(places), bool)
    is_gone[found.rows] = True
    chosen = np.flatnonzero(is_gone | find_repeats(values, dedup_keys))
    verdicts = np.zeros(len(chosen), [("row", np.int64), ("other", np.int64), ("is_gone", bool), ("similarity", "f4")])
    verdicts["row"], verdicts["other"] = places[chosen], places[others[chosen]]
    verdicts["is_gone"], verdicts["similarity"] = is_gone[chosen], similarities[chosen]
    return verdicts


class TableRows:
    """Takes some of a table's rows at a time; Arrow's own way would first copy a whole table of several chunks.

    Args:
        table: The table.
    """

    def __init__(self, table: pa.Table) -> None:
        self._batches = table.to_batches()
        self._starts = np.cumsum([0, *(batch.num_rows for batch in self._batches[:-1])])

    def take(self, rows: NDArray[np.int64], columns: Sequence[str]) -> pa.RecordBatch:
        """Return some rows, at least one, in this order."""
        of_batch = np.searchsorted(self._starts, rows, side="right") - 1
        parts = [
            self._batches[number].select(columns).take(pa.array(rows[of_batch == number] - self._starts[number]))
            for number in np.unique(of_batch).tolist()
        ]
        back = np.empty(len(rows), np.int64)
        back[np.argsort(of_batch, kind="stable")] = np.arange(len(rows))
        return pa.concat_batches(parts).take(pa.array(back))

    def sketches(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the sketches of some rows, uint8 [rows, num_perm]."""
        packed = b"".join(self.take(rows, ("sketch",)).column(0).to_pylist())
        return np.frombuffer(packed, np.uint8).reshape(len(rows), -1)


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
    deciding, num_read = deciding_rows(rows)
    chosen = rows.take(pa.array(deciding))
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
    return chosen.select(columns), Tally(counts, samples=tuple(sorted(_samples(chosen, config))))


def deciding_rows(rows: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return int64 [documents] twice: which row tells what becomes of each, and how often the document was read.

    Args:
        rows: Of DECIDED_SCHEMA; the documents are those in it, by rising dedup_key.
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
    return order[first], num_read


def _samples(gone: pa.Table, config: BuildConfig) -> Iterator[DropSample]:
    """Yield the documents of the smallest keys of each corpus and reason; their text is not at hand."""
    ranks, is_near = gone["rank"].to_numpy(), ~(gone["is_exact"].to_numpy() | gone["is_repeat"].to_numpy())
    groups = ranks.astype(np.int64) * 2 + is_near
    for group in np.unique(groups).tolist():
        first = np.flatnonzero(groups == group)[:NUM_SAMPLES]
        for row in gone.take(pa.array(first)).to_pylist():
            drop, name = describe_drop(row, config), config.corpora[row["rank"]].name
            yield DropSample(name, str(drop.reason), row["dedup_key"], row["doc_id"], drop.cause, "", row["title"])


def describe_drop(row: Mapping[str, Any], config: BuildConfig) -> Drop:
    """Return why a document goes, and because of which other one.

    Args:
        row: Of DUPLICATES_SCHEMA.
        config: The corpora's names and the limit.
    """
    if row["is_repeat"]:
        return Drop(Reason.DUPLICATE, "its id and its text were read more than once")
    title = f" ({row['other_title']!r})" if row["other_title"] else ""
    other = f"{row['other_id']!r}{title} of corpus {config.corpora[row['other_rank']].name!r}"
    if row["is_exact"]:
        return Drop(Reason.DUPLICATE, f"the text of {other}")
    limit = f"threshold = {config.deduplication.threshold:g}"
    return Drop(Reason.NEAR_DUPLICATE, f"similarity {row['similarity']:.2f} to {other}, {limit}")


class DuplicateIndex:
    """Looks up the documents that deduplication drops, whole or in part, by their deduplication keys.

    Args:
        tables: Tables of DUPLICATES_SCHEMA, each of a range of keys of its own.
    """

    def __init__(self, tables: Sequence[pa.Table]) -> None:
        ranges = [(table["dedup_key"].to_numpy(), table) for table in tables if table.num_rows]
        self._ranges = sorted(ranges, key=lambda pair: int(pair[0][0]))
        self._firsts = np.array([dedup_keys[0] for dedup_keys, _ in self._ranges], np.uint64)

    def find(
        self, dedup_keys: NDArray[np.uint64], columns: Sequence[str] = DUPLICATES_SCHEMA.names
    ) -> Iterator[tuple[NDArray[np.intp], pa.Table]]:
        """Yield which of some documents are found, and these columns of their rows, range by range."""
        of_range = np.searchsorted(self._firsts, dedup_keys, side="right").astype(np.int64) - 1
        for number in np.unique(of_range[of_range >= 0]).tolist():
            members, (held, table) = np.flatnonzero(of_range == number), self._ranges[number]
            index = np.minimum(np.searchsorted(held, dedup_keys[members]), len(held) - 1)
            is_found = held[index] == dedup_keys[members]
            yield members[is_found], table.select(columns).take(pa.array(index[is_found]))

    def contains(self, dedup_keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return bool [documents]. True: the document is dropped, however often it was read."""
        is_dropped = np.zeros(len(dedup_keys), bool)
        for members, rows in self.find(dedup_keys, ("is_repeat",)):
            is_dropped[members] = ~rows["is_repeat"].to_numpy()
        return is_dropped

    def drops(self, dedup_keys: NDArray[np.uint64], task: int, met: set[int], config: BuildConfig) -> list[Drop | None]:
        """Return why documents that a task read one after another are dropped; None for the others.

        Args:
            dedup_keys: Their deduplication keys.
            task: Number of the task.
            met: The repeated documents that this task has met so far; more are added.
            config: What they are described by.
        """
        drops: list[Drop | None] = [None] * len(dedup_keys)
        for members, rows in self.find(dedup_keys):
            for member, row in zip(members.tolist(), rows.to_pylist(), strict=True):
                stays = row["is_repeat"] and row["task"] == task and row["dedup_key"] not in met
                met.add(row["dedup_key"])
                if not stays:
                    drops[member] = describe_drop(row, config)
        return drops

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
