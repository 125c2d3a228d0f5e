"""Groups of duplicates: each document is counted with the one that stays, however many lead to it."""

import pickle
from collections import Counter
from pathlib import Path
from typing import Any, cast

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from xlnet_data.config import BuildConfig
from xlnet_data.config_files import parse_config
from xlnet_data.ingestion.tallies import Tally, add_tallies
from xlnet_data.pipelines.duplicate_groups import MAX_STEPS, count_groups, follow_links, link_documents
from xlnet_data.pipelines.engines.duplicate_groups import CountGroups
from xlnet_data.pipelines.engines.duplicates import Gathered
from xlnet_data.pipelines.engines.shards import pack_rows
from xlnet_data.pipelines.key_ranges import range_of
from xlnet_data.pipelines.local import duplicates
from xlnet_data.schemas.tokenized import DECIDED_SCHEMA, LINKS_SCHEMA


@pytest.fixture
def config() -> BuildConfig:
    corpora = [{"name": name, "format": "text", "paths": ["*"]} for name in ("first", "second")]
    return parse_config({"corpora": corpora}, ".")


def key_of(number: int) -> int:
    """Return a key whose range has nothing to do with the number."""
    return number * 0x9E3779B97F4A7C15 % 2**64


def links_of(parents: dict[int, int]) -> pa.Table:
    """Return links of documents, by their numbers, to those that they are dropped for; each is dropped once."""
    rows = [(key_of(child), key_of(root), root % 2, f"d{root}", f"D {root}", 1) for child, root in parents.items()]
    return pa.Table.from_pylist([dict(zip(LINKS_SCHEMA.names, r, strict=True)) for r in sorted(rows)], LINKS_SCHEMA)


def local_groups(links: pa.Table, config: BuildConfig, folder: Path) -> Tally:
    for number in range(duplicates.NUM_RANGES):
        is_inside = range_of(links["dedup_key"].to_numpy(), duplicates.NUM_RANGES) == number
        duplicates._write_table(duplicates.range_path(str(folder), "links", number), links.filter(pa.array(is_inside)))
    return duplicates._add_groups(Tally(), config, str(folder))


def engine_groups(links: pa.Table, config: BuildConfig, path: Path) -> Tally:
    halves = links.slice(0, links.num_rows // 2), links.slice(links.num_rows // 2)
    gathered = [Gathered(links, [], Tally(), pack_rows(half.combine_chunks().to_batches()[0])) for half in halves]
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        ranges = beam.pvalue.AsSingleton(pipeline | "Number" >> beam.Create([64]))
        tallies = pipeline | "Found" >> beam.Create(gathered) | CountGroups(config, ranges)
        tallies | beam.CombineGlobally(add_tallies) | beam.Map(lambda tally: path.write_bytes(pickle.dumps(tally)))
    return cast(Tally, pickle.loads(path.read_bytes()))


def expected_sizes(parents: dict[int, int]) -> Counter[int]:
    def root_of(number: int) -> int:
        for _ in range(MAX_STEPS):
            number = parents.get(number, number)
        return number

    return Counter(map(root_of, parents))


def test_documents_are_counted_with_the_one_that_stays_on_one_machine_and_on_engines(
    config: BuildConfig, tmp_path: Path
) -> None:
    draw = np.random.default_rng(3)
    parents = {child: int(draw.integers(0, child // 3 + 1)) for child in range(7, 400)}
    parents |= {1_000 + step: 999 + step for step in range(1, MAX_STEPS + 4)}  # a chain beyond what is followed
    parents |= {2_000 + step: 1_999 + step for step in range(1, 9)}  # and one as long as what is
    sizes = expected_sizes(parents)
    assert max(sizes.values()) > 30
    assert sizes[2_000] == 8
    tally = local_groups(links_of(parents), config, tmp_path)
    expected = Counter(("", f"group:{1 << (size + 1).bit_length() - 1}") for size in sizes.values())
    assert tally.counts == expected
    largest = sorted(sizes.items(), key=lambda item: (-item[1], key_of(item[0])))[:3]
    corpora = ("first", "second")
    assert [(group.num_documents, group.corpus, group.doc_id, group.title) for group in tally.groups] == [
        (size + 1, corpora[root % 2], f"d{root}", f"D {root}") for root, size in largest
    ]
    assert engine_groups(links_of(parents), config, tmp_path / "tally") == tally


def links_between(*pairs: tuple[int, int]) -> pa.Table:
    """Return links by keys."""
    rows = [(key, root, root % 2, f"d{root}", f"D {root}", key) for key, root in pairs]
    return pa.Table.from_pylist([dict(zip(LINKS_SCHEMA.names, row, strict=True)) for row in rows], LINKS_SCHEMA)


def test_a_link_leads_on_where_its_root_is_dropped_too_and_else_stays() -> None:
    links, onward = links_between((1, 51), (2, 30), (3, 60), (4, 10), (5, 30)), links_between((30, 21), (51, 40))
    followed = follow_links(links, onward)
    led = links_between((1, 40), (2, 21), (3, 60), (4, 10), (5, 21))
    assert followed.to_pylist() == led.to_pylist()
    assert followed.schema == LINKS_SCHEMA
    for last in (links_between((9, 8)), links_between()):
        assert follow_links(links, last).to_pylist() == links.to_pylist()
    assert follow_links(links_between(), onward).num_rows == 0


def test_the_largest_groups_of_a_range_are_told_largest_first_and_of_as_large_ones_the_smaller_key(
    config: BuildConfig,
) -> None:
    gone = {10: 2, 20: 1, 30: 7, 40: 3, 50: 3, 60: 1}
    links = links_between(*((number, root) for root, count in gone.items() for number in [1] * count))
    tally = count_groups(links, config)
    assert [(group.num_documents, group.doc_id) for group in tally.groups] == [(8, "d30"), (4, "d40"), (4, "d50")]
    assert tally.counts == {("", "group:2"): 3, ("", "group:4"): 2, ("", "group:8"): 1}


def test_a_document_is_led_by_the_first_of_those_that_it_is_dropped_for_and_repeats_lead_to_themselves() -> None:
    def row(dedup_key: int, key: int, other: int, **fields: Any) -> dict[str, Any]:
        row = {"key": key, "is_exact": False, "rank": 1, "dedup_key": dedup_key, "task": 0, "is_dev": False}
        row |= {
            "tokens": 1,
            "bytes": 1,
            "sketch": b"",
            "doc_id": "d",
            "title": "",
            "is_repeat": False,
            "similarity": 0.9,
        }
        return (
            row | {"other_rank": 1, "other_id": f"d{other}", "other_title": f"D {other}", "other_key": other} | fields
        )

    rows = [
        row(50, 1, 40),
        row(50, 2, 30),  # the smallest key of the first corpus that has one
        row(50, 2, 30, task=1),  # read again, as is the row before that
        row(50, 1, 40, task=1),
        row(50, 3, 90, other_rank=0),
        row(60, 4, 20),
        row(60, 4, 60, is_repeat=True),
        *(row(70, 5, 70, is_repeat=True, task=task) for task in range(3)),
    ]
    links = link_documents(pa.Table.from_pylist(rows, DECIDED_SCHEMA))
    names = ("dedup_key", "root_key", "root_rank", "root_title", "num_gone")
    found = [tuple(link[name] for name in names) for link in links.to_pylist()]
    assert found == [(50, 90, 0, "D 90", 2), (60, 20, 1, "D 20", 1), (70, 70, 1, "D 70", 2)]
