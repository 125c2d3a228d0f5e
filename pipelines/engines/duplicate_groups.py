"""Counts the groups of duplicates of a build on an engine: links meet those of their roots in the shuffle."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from xlnet_data.config import BuildConfig
from xlnet_data.ingestion.tallies import Tally
from xlnet_data.pipelines.duplicate_groups import NUM_DOUBLINGS, count_groups, follow_links
from xlnet_data.pipelines.engines.shards import KeyRows, pack_rows, split_rows, unpack_rows, unpack_table
from xlnet_data.pipelines.key_ranges import range_of
from xlnet_data.schemas.tokenized import LINKS_SCHEMA

_ROUTED_LINKS_SCHEMA = LINKS_SCHEMA.append(pa.field("place", pa.uint8(), nullable=False))


class CountGroups(beam.PTransform):
    """Count the groups of duplicates: Gathered in, a Tally of each range of roots out."""

    def __init__(self, config: BuildConfig, ranges: beam.pvalue.AsSingleton) -> None:
        super().__init__()
        self._config, self._ranges = config, ranges

    def expand(self, found: Any) -> Any:
        """Let each link meet that of its root, NUM_DOUBLINGS times; then bring those of one root together."""
        links = found | "Links" >> beam.Map(lambda gathered: gathered.links)
        for number in range(NUM_DOUBLINGS):
            links = (
                links
                | f"Meet{number}" >> beam.ParDo(_RouteLinks(("root_key", "dedup_key")), self._ranges)
                | f"GroupLinks{number}" >> beam.GroupByKey()
                | f"Follow{number}" >> beam.FlatMap(_follow)
            )
        return (
            links
            | "Roots" >> beam.ParDo(_RouteLinks(("root_key",)), self._ranges)
            | "GroupRoots" >> beam.GroupByKey()
            | "CountGroups" >> beam.Map(_count_groups, self._config)
        )


class _RouteLinks(KeyRows):
    """Sends each link once for each of some columns, to the range of its key there, with the place of the column."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__()
        self._columns = columns

    def rows_by_key(self, element: bytes, side: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        rows = unpack_rows(element, LINKS_SCHEMA)
        for place, column in enumerate(self._columns):
            routed = pa.record_batch(
                [*rows.columns, pa.array(np.full(rows.num_rows, place, np.uint8))], schema=_ROUTED_LINKS_SCHEMA
            )
            yield from split_rows(routed, range_of(rows.column(column).to_numpy(), side))


def _follow(group: tuple[int, Iterable[bytes]]) -> Iterator[bytes]:
    """Yield, packed, the links whose roots lie in a range of documents, each followed by its root's own."""
    routed = unpack_table(group[1], _ROUTED_LINKS_SCHEMA)
    is_onward = routed["place"].to_numpy() == 1
    onward = routed.filter(pa.array(is_onward)).sort_by("dedup_key")
    links = follow_links(routed.filter(pa.array(~is_onward)).select(LINKS_SCHEMA.names), onward)
    yield from map(pack_rows, links.combine_chunks().to_batches())


def _count_groups(group: tuple[int, Iterable[bytes]], config: BuildConfig) -> Tally:
    return count_groups(unpack_table(group[1], _ROUTED_LINKS_SCHEMA), config)
