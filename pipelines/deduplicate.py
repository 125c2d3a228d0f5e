"""Which documents another one makes superfluous, decided range by range of the keys they are compared by."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.config import BuildConfig
from xlnet_data.duplicates import dropped_exact, dropped_near, find_repeats
from xlnet_data.pipelines.dropped import write_dropped
from xlnet_data.pipelines.spool import keys_files
from xlnet_data.schemas.document import Reason
from xlnet_data.schemas.tokenized import DECIDED_SCHEMA, DROPPED_SCHEMA, KEYS_SCHEMA
from xlnet_data.shards import atomic_write
from xlnet_data.tallies import Tally

NUM_RANGES = 64
"""Equal ranges of the keys, and of the documents' hashes, that are decided one by one."""


class DeduplicateSpool(beam.PTransform):  # type: ignore[misc]
    """Decide from the spool's keys, and leave the dropped documents' hashes beside it: anything in, Tally out.

    The tallies take back what was counted of the dropped documents when they were tokenized.
    """

    def __init__(self, config: BuildConfig, spool: str) -> None:
        super().__init__()
        self._config, self._spool = config, spool

    def expand(self, finished: Any) -> Any:
        """Decide by ranges of keys, then bring each range of documents together."""
        return (
            finished
            | "ListKeys" >> beam.FlatMap(lambda _: range(NUM_RANGES))
            | "SpreadKeys" >> beam.Reshuffle()
            | "Decide" >> beam.Map(_decide_range, config=self._config, spool=self._spool)
            | "WaitDecided" >> beam.CombineGlobally(sum)
            | "ListDocuments" >> beam.FlatMap(lambda _: range(NUM_RANGES))
            | "SpreadDocuments" >> beam.Reshuffle()
            | "Gather" >> beam.Map(_gather_range, config=self._config, spool=self._spool)
        )


class DeduplicateBatches(beam.PTransform):  # type: ignore[misc]
    """Decide through the engine's shuffle: TokenizedBatch in; (rows of DROPPED_SCHEMA, Tally) out, a pair per range."""

    def __init__(self, config: BuildConfig) -> None:
        super().__init__()
        self._config = config

    def expand(self, batches: Any) -> Any:
        """Group by ranges of keys, then by ranges of documents."""
        return (
            batches
            | "Keys" >> beam.FlatMap(lambda batch: _by_range(batch.keys, "key"))
            | "GroupKeys" >> beam.GroupByKey()
            | "Decide"
            >> beam.FlatMap(lambda group, config: _by_range(decide(_rows(group[1]), config), "document"), self._config)
            | "GroupDocuments" >> beam.GroupByKey()
            | "Gather" >> beam.Map(lambda group, config: gather(_rows(group[1]), config), self._config)
        )


def decide(keys: pa.Table, config: BuildConfig) -> pa.Table:
    """Return the rows of documents that another one makes superfluous, and of repeated ones: rows of DECIDED_SCHEMA.

    Args:
        keys: All rows of KEYS_SCHEMA of some range of keys.
        config: Deduplication settings.
    """
    is_exact = keys["is_exact"].to_numpy()
    decided = []
    for exact in (True, False):
        part = keys.filter(pa.array(is_exact == exact))
        if not part.num_rows:
            continue
        values, ranks, documents = (part[name].to_numpy() for name in ("key", "rank", "document"))
        if exact:
            gone = dropped_exact(values, ranks, documents)
        else:
            sketches = np.frombuffer(b"".join(part["sketch"].to_pylist()), np.uint8).reshape(part.num_rows, -1)
            gone = dropped_near(values, ranks, documents, sketches, config.deduplication.threshold)
        is_gone = np.isin(documents, gone)
        is_chosen = is_gone | find_repeats(values, documents)
        chosen = part.filter(pa.array(is_chosen))
        decided.append(chosen.append_column(DECIDED_SCHEMA.field("is_repeat"), pa.array(~is_gone[is_chosen])))
    return pa.concat_tables([DECIDED_SCHEMA.empty_table(), *decided])


def gather(rows: pa.Table, config: BuildConfig) -> tuple[pa.Table, Tally]:
    """Return the dropped documents of one range of hashes, and the tally that takes back their counts.

    Args:
        rows: All rows of DECIDED_SCHEMA of some range of documents.
        config: The corpora's names.

    Returns:
        Rows of DROPPED_SCHEMA, and the counts.
    """
    # Of a document's rows the first tells what becomes of it: one that drops it whole, the exact one if there is one.
    # As often as a document was read, so often it has a row with that one's key.
    tasks, keys, is_exact, is_repeat, documents = (
        rows[name].to_numpy() for name in ("task", "key", "is_exact", "is_repeat", "document")
    )
    order = np.lexsort((tasks, keys, ~is_exact, is_repeat, documents))
    _, first = np.unique(documents[order], return_index=True)
    told_by = np.repeat(order[first], np.diff(first, append=len(order)))
    is_same = [column[order] == column[told_by] for column in (keys, is_exact, is_repeat)]
    num_read = np.add.reduceat(np.logical_and.reduce(is_same).astype(np.int64), first) if len(first) else first
    chosen = rows.take(pa.array(order[first]))
    counts: Counter[tuple[str, str]] = Counter()
    columns = ["rank", "is_exact", "is_repeat", "is_dev", "tokens", "bytes"]
    for row, num in zip(chosen.select(columns).to_pylist(), num_read.tolist(), strict=True):
        name = config.corpora[row["rank"]].name
        is_duplicate = row["is_exact"] or row["is_repeat"]
        num -= row["is_repeat"]
        counts[name, f"dropped:{Reason.DUPLICATE if is_duplicate else Reason.NEAR_DUPLICATE}"] += num
        counts[name, "kept"] -= num
        counts[name, "tokens"] -= num * row["tokens"]
        counts[name, "bytes"] -= num * row["bytes"]
        counts["", "dev" if row["is_dev"] else "train"] -= num * row["tokens"]
    return chosen.select(DROPPED_SCHEMA.names), Tally(counts)


def _decide_range(number: int, config: BuildConfig, spool: str) -> int:
    tables = [_read_range(path, "key", number) for path in keys_files(spool)]
    decided = decide(pa.concat_tables([KEYS_SCHEMA.empty_table(), *tables]), config).sort_by("document")
    with atomic_write(_decided_path(spool, number)) as file, pa.ipc.new_file(file, DECIDED_SCHEMA) as writer:
        writer.write_table(decided.combine_chunks())
    return 1


def _gather_range(number: int, config: BuildConfig, spool: str) -> Tally:
    tables = [_read_range(_decided_path(spool, other), "document", number) for other in range(NUM_RANGES)]
    dropped, tally = gather(pa.concat_tables(tables), config)
    write_dropped(spool, number, dropped)
    return tally


def _decided_path(spool: str, number: int) -> str:
    return os.path.join(spool, "decided", f"{number:03}.arrow")


def _read_range(path: str, column: str, number: int) -> pa.Table:
    """Return the rows of one range from a file that is sorted by the column."""
    with pa.memory_map(path) as file:
        table = pa.ipc.open_file(file).read_all()
    if not table.num_rows:
        return table
    start, end = (_first_of(table[column].to_numpy(), bound) for bound in (number, number + 1))
    return table.slice(start, end - start)


def _first_of(values: NDArray[np.uint64], number: int) -> int:
    bound = number << 64 - NUM_RANGES.bit_length() + 1
    return len(values) if bound >= 1 << 64 else int(np.searchsorted(values, np.uint64(bound)))


def _by_range(rows: pa.RecordBatch | pa.Table, column: str) -> Iterator[tuple[int, bytes]]:
    """Yield (range, Arrow stream) for the ranges that a column's values fall into."""
    ranges = rows.column(column).to_numpy() >> np.uint64(64 - NUM_RANGES.bit_length() + 1)
    for number in np.unique(ranges).tolist():
        part = rows.filter(pa.array(ranges == number))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as writer:
            writer.write(part)
        yield number, sink.getvalue().to_pybytes()


def _rows(streams: Iterable[bytes]) -> pa.Table:
    """Return the rows of Arrow streams, at least one."""
    return pa.concat_tables([pa.ipc.open_stream(stream).read_all() for stream in streams])
