"""Finds the duplicates of a build on one machine, from files of keys beside the spool, range by range."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from xlnet_data.config import BuildConfig
from xlnet_data.files.writing import atomic_write
from xlnet_data.ingestion.tallies import Tally, add_tallies
from xlnet_data.pipelines.deduplicate import DuplicateIndex, decide, gather
from xlnet_data.pipelines.duplicate_groups import MAX_STEPS, count_groups, follow_links, link_documents
from xlnet_data.pipelines.key_ranges import cuts_at, range_of
from xlnet_data.pipelines.local.spool import keys_files, spool_files
from xlnet_data.schemas.tokenized import DECIDED_SCHEMA, KEYS_SCHEMA

NUM_RANGES = 64
"""Equal ranges of the keys that are decided one by one, and of the deduplication keys that are gathered."""


class DeduplicateSpool(beam.PTransform):
    """Decide from the keys in the spool, and write the duplicates beside them: anything in, one Tally out.

    The tally takes back what was counted of the dropped documents when they were tokenized.
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
            | "SumTakenBack" >> beam.CombineGlobally(add_tallies)
            | "Groups" >> beam.Map(_add_groups, config=self._config, spool=self._spool)
        )


def load_duplicates(spool: str) -> DuplicateIndex:
    """Map the duplicates that DeduplicateSpool wrote into memory; without deduplication there are none."""
    folder = os.path.join(spool, "duplicates")
    paths = spool_files(folder) if os.path.isdir(folder) else []
    return DuplicateIndex([_read_table(path) for path in paths])


def _decide_range(number: int, config: BuildConfig, spool: str) -> int:
    tables = [_read_range(path, "key", number) for path in keys_files(spool)]
    keys = pa.concat_tables([KEYS_SCHEMA.empty_table(), *tables])
    _write_batches(range_path(spool, "decided", number), DECIDED_SCHEMA, decide(keys, config))
    return 1


def _gather_range(number: int, config: BuildConfig, spool: str) -> Tally:
    decided = [range_path(spool, "decided", other) for other in range(NUM_RANGES)]
    rows = pa.concat_tables([_read_range(path, "dedup_key", number) for path in decided])
    duplicates, tally = gather(rows, config)
    _write_table(range_path(spool, "duplicates", number), duplicates)
    _write_table(range_path(spool, "links", number), link_documents(rows))
    return tally


def _add_groups(tally: Tally, config: BuildConfig, spool: str) -> Tally:
    """Count the groups of duplicates range by range, in two passes over files: follow all links, then sort by root."""
    links = [_read_table(range_path(spool, "links", number)) for number in range(NUM_RANGES)]
    for number, table in enumerate(links):
        _write_table(range_path(spool, "roots", number), _follow(table, links).sort_by("root_key"))
    roots = [range_path(spool, "roots", number) for number in range(NUM_RANGES)]
    groups = (
        count_groups(pa.concat_tables([_read_range(path, "root_key", number) for path in roots]), config)
        for number in range(NUM_RANGES)
    )
    return add_tallies([tally, *groups])


def _follow(links: pa.Table, all_links: Sequence[pa.Table]) -> pa.Table:
    """Return links that lead MAX_STEPS on, or to the document that stays."""
    for _ in range(MAX_STEPS - 1):  # each leads one step already
        ranges = range_of(links["root_key"].to_numpy(), NUM_RANGES)
        parts = [
            follow_links(links.filter(pa.array(ranges == number)), all_links[number])
            for number in np.unique(ranges).tolist()
        ]
        before, links = links, pa.concat_tables([links.slice(0, 0), *parts])
        if links["root_key"].equals(before["root_key"]):
            break
    return links


def range_path(spool: str, kind: str, number: int) -> str:
    """Return the path of a range's file; the files are numbered in the order of their keys."""
    return os.path.join(spool, kind, f"{number:03}.arrow")


def _write_table(path: str, table: pa.Table) -> None:
    _write_batches(path, table.schema, table.combine_chunks().to_batches())


def _write_batches(path: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    with atomic_write(path) as file, pa.ipc.new_file(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _read_table(path: str) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(os.fsencode(path))).read_all()


def _read_range(path: str, column: str, number: int) -> pa.Table:
    """Return the rows of one range from a file that is sorted by the column."""
    with pa.memory_map(os.fsencode(path)) as file:
        table = pa.ipc.open_file(file).read_all()
    if not table.num_rows:
        return table
    bounds = [at * 2**64 // NUM_RANGES for at in (number, number + 1)]
    start, end = cuts_at(table[column].to_numpy(), bounds)
    return table.slice(start, end - start)
