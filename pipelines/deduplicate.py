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
from xlnet_data.duplicates import dropped_exact, dropped_near
from xlnet_data.pipelines.dropped import write_dropped
from xlnet_data.pipelines.spool import keys_files
from xlnet_data.schemas.document import Reason
from xlnet_data.schemas.tokenized import KEYS_SCHEMA
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
    """Decide through the engine's shuffle: TokenizedBatch in; (document hashes, Tally) out, a pair per range."""

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
    """Return the rows of KEYS_SCHEMA whose document another one makes superfluous.

    Args:
        keys: All rows of some range of keys.
        config: Deduplication settings.
    """
    is_exact = keys["is_exact"].to_numpy()
    dropped = []
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
        dropped.append(part.filter(pa.array(np.isin(documents, gone))))
    return pa.concat_tables([KEYS_SCHEMA.empty_table(), *dropped])


def gather(rows: pa.Table, config: BuildConfig) -> tuple[NDArray[np.uint64], Tally]:
    """Return the dropped documents of one range of hashes, ascending, and the tally that takes back their counts."""
    # Of a document's rows the exact one, if there is one, tells the reason.
    order = np.lexsort((~rows["is_exact"].to_numpy(), rows["document"].to_numpy()))
    documents, first = np.unique(rows["document"].to_numpy()[order], return_index=True)
    chosen = rows.take(pa.array(order[first]))
    counts: Counter[tuple[str, str]] = Counter()
    for row in chosen.select(["rank", "is_exact", "is_dev", "tokens", "bytes"]).to_pylist():
        name = config.corpora[row["rank"]].name
        counts[name, f"dropped:{Reason.DUPLICATE if row['is_exact'] else Reason.NEAR_DUPLICATE}"] += 1
        counts[name, "kept"] -= 1
        counts[name, "tokens"] -= row["tokens"]
        counts[name, "bytes"] -= row["bytes"]
        counts["", "dev" if row["is_dev"] else "train"] -= row["tokens"]
    return documents, Tally(counts)


def _decide_range(number: int, config: BuildConfig, spool: str) -> int:
    tables = [_read_range(path, "key", number) for path in keys_files(spool)]
    dropped = decide(pa.concat_tables([KEYS_SCHEMA.empty_table(), *tables]), config).sort_by("document")
    with atomic_write(_decided_path(spool, number)) as file, pa.ipc.new_file(file, KEYS_SCHEMA) as writer:
        writer.write_table(dropped.combine_chunks())
    return 1


def _gather_range(number: int, config: BuildConfig, spool: str) -> Tally:
    tables = [_read_range(_decided_path(spool, other), "document", number) for other in range(NUM_RANGES)]
    documents, tally = gather(pa.concat_tables(tables), config)
    write_dropped(spool, number, documents)
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


def _by_range(keys: pa.RecordBatch | pa.Table, column: str) -> Iterator[tuple[int, bytes]]:
    """Yield (range, Arrow stream) for the ranges that a column's values fall into."""
    ranges = keys.column(column).to_numpy() >> np.uint64(64 - NUM_RANGES.bit_length() + 1)
    for number in np.unique(ranges).tolist():
        part = keys.filter(pa.array(ranges == number))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, KEYS_SCHEMA) as writer:
            writer.write(part)
        yield number, sink.getvalue().to_pybytes()


def _rows(streams: Iterable[bytes]) -> pa.Table:
    return pa.concat_tables([KEYS_SCHEMA.empty_table(), *(pa.ipc.open_stream(stream).read_all() for stream in streams)])
