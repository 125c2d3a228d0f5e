"""Finds the duplicates of a build on one machine, from files of keys beside the spool, range by range."""

import os
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xlnet_data.config import BuildConfig
from xlnet_data.files.writing import atomic_write
from xlnet_data.ingestion.tallies import Tally, add_tallies
from xlnet_data.pipelines.deduplicate import DuplicateIndex, decide, gather
from xlnet_data.pipelines.local.spool import keys_files
from xlnet_data.schemas.tokenized import DECIDED_SCHEMA, KEYS_SCHEMA

NUM_RANGES = 64
"""Equal ranges of the keys that are decided one by one, and of the deduplication keys that are gathered."""

KEY_SHIFT = 64 - NUM_RANGES.bit_length() + 1
"""A 64-bit key shifted right by this is the number of its range."""


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
        )


def load_duplicates(spool: str) -> DuplicateIndex:
    """Map the duplicates that DeduplicateSpool wrote into memory; without deduplication there are none."""
    folder = os.path.join(spool, "duplicates")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return DuplicateIndex([pa.ipc.open_file(pa.memory_map(os.path.join(folder, name))).read_all() for name in names])


def _decide_range(number: int, config: BuildConfig, spool: str) -> int:
    tables = [_read_range(path, "key", number) for path in keys_files(spool)]
    decided = decide(pa.concat_tables([KEYS_SCHEMA.empty_table(), *tables]), config).sort_by("dedup_key")
    with atomic_write(_decided_path(spool, number)) as file, pa.ipc.new_file(file, DECIDED_SCHEMA) as writer:
        writer.write_table(decided.combine_chunks())
    return 1


def _gather_range(number: int, config: BuildConfig, spool: str) -> Tally:
    tables = [_read_range(_decided_path(spool, other), "dedup_key", number) for other in range(NUM_RANGES)]
    duplicates, tally = gather(pa.concat_tables(tables), config)
    # The files are numbered in the order of their keys.
    path = os.path.join(spool, "duplicates", f"{number:03}.arrow")
    with atomic_write(path) as file, pa.ipc.new_file(file, duplicates.schema) as writer:
        writer.write_table(duplicates.combine_chunks())
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
    bound = number << KEY_SHIFT
    return len(values) if bound >= 1 << 64 else int(np.searchsorted(values, np.uint64(bound)))
