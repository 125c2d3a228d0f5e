"""Deduplication on one machine: what ranges of keys decide together is what one table of all keys decides."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from xlnet_data.config_files import parse_config
from xlnet_data.ingestion.tallies import add_tallies
from xlnet_data.pipelines.deduplicate import decide, gather
from xlnet_data.pipelines.duplicate_groups import MAX_STEPS, count_groups, follow_links, link_documents
from xlnet_data.pipelines.local import duplicates
from xlnet_data.pipelines.local.duplicates import load_duplicates
from xlnet_data.pipelines.local.spool import keys_path
from xlnet_data.schemas.tokenized import DECIDED_SCHEMA, DUPLICATES_SCHEMA, KEYS_SCHEMA

RANGES = 8  # instead of many, for the sake of the test's time

BOUNDS = [number * 2**64 // RANGES + step for number in range(RANGES + 1) for step in (-1, 0, 1)][1:-2]
"""The first and the last key, and those beside the bounds of ranges."""


def key_row(key: int, dedup_key: int, task: int) -> dict[str, Any]:
    row = {"key": key, "is_exact": True, "rank": dedup_key % 2, "dedup_key": dedup_key, "task": task, "is_dev": False}
    return row | {"tokens": 10, "bytes": 100, "sketch": b"", "doc_id": f"d{dedup_key}", "title": ""}


@pytest.mark.parametrize("num_tasks", [0, 3])
def test_ranges_of_keys_and_of_documents_decide_together_what_one_table_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, num_tasks: int
) -> None:
    monkeypatch.setattr(duplicates, "NUM_RANGES", RANGES)
    corpora = [{"name": name, "format": "text", "paths": ["*"]} for name in "ab"]
    config = parse_config({"corpora": corpora, "deduplication": {"exact": True}}, ".")
    draw = random.Random(1)
    keys = [*BOUNDS, *(draw.randrange(2**64) for _ in range(30))]
    tables = []
    for task in range(num_tasks):
        documents = [key for key in keys if draw.random() < 0.7] + [draw.randrange(2**64) for _ in range(40)]
        rows = [key_row(draw.choice(keys), dedup_key, task) for dedup_key in documents]
        tables.append(pa.Table.from_pylist(sorted(rows, key=lambda row: row["key"]), KEYS_SCHEMA))
        duplicates._write_table(keys_path(str(tmp_path), task), tables[-1])
    for number in range(RANGES):
        duplicates._decide_range(number, config, str(tmp_path))
    tallies = [duplicates._gather_range(number, config, str(tmp_path)) for number in range(RANGES)]
    keys = pa.concat_tables([KEYS_SCHEMA.empty_table(), *tables])
    decided = pa.Table.from_batches(decide(keys, config), DECIDED_SCHEMA)
    expected, taken_back = gather(decided, config)
    found = [table for _, table in load_duplicates(str(tmp_path))._ranges]
    assert pa.concat_tables([DUPLICATES_SCHEMA.empty_table(), *found]).to_pylist() == expected.to_pylist()
    assert (expected.num_rows > 50) == (num_tasks > 0)
    links = followed = link_documents(decided)
    for _ in range(MAX_STEPS - 1):
        followed = follow_links(followed, links)
    groups = count_groups(followed, config)
    tally = duplicates._add_groups(add_tallies(tallies), config, str(tmp_path))
    assert tally == add_tallies([taken_back, groups])
