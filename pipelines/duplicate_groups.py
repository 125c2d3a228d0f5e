"""Brings duplicates together in groups, each around the document that stays, and counts how large the groups are."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xlnet_data.config import BuildConfig
from xlnet_data.ingestion.tallies import NUM_GROUPS, LargeGroup, Tally
from xlnet_data.pipelines.deduplicate import deciding_rows
from xlnet_data.schemas.tokenized import LINKS_SCHEMA

NUM_DOUBLINGS = 3
"""How often links are followed, each time twice as far: a document may be dropped for one that is dropped itself."""

MAX_STEPS = 1 << NUM_DOUBLINGS
"""Links that are followed to the document that stays; what is farther from it counts as a group of its own."""

_OTHER = ("other_key", "other_rank", "other_id", "other_title")
_ROOT = ("root_key", "root_rank", "root_id", "root_title")


def link_documents(rows: pa.Table) -> pa.Table:
    """Return a link from each dropped document to the one that it is dropped for: a table of LINKS_SCHEMA.

    If it is dropped for several, the link leads to that of the first corpus, and in it of the smallest key. Rows are
    by rising dedup_key.

    Args:
        rows: All rows of DECIDED_SCHEMA of some range of documents.
    """
    deciding, num_read = deciding_rows(rows)
    is_repeat, dedup_keys, ranks, keys = (
        rows[name].to_numpy() for name in ("is_repeat", "dedup_key", "other_rank", "other_key")
    )
    order = np.lexsort((keys, ranks, is_repeat, dedup_keys))
    _, first = np.unique(dedup_keys[order], return_index=True)
    leading = rows.take(pa.array(order[first])).select(["dedup_key", *_OTHER])
    num_gone = pa.array(num_read - is_repeat[deciding], pa.int64())
    return pa.table([*leading.columns, num_gone], schema=LINKS_SCHEMA)


def follow_links(links: pa.Table, onward: pa.Table) -> pa.Table:
    """Return the links, each led on to where its root's own link leads if the root is dropped, too.

    Args:
        links: Of LINKS_SCHEMA.
        onward: The links of documents that may be among the roots, by rising dedup_key.
    """
    if not onward.num_rows or not links.num_rows:
        return links
    held, roots = onward["dedup_key"].to_numpy(), links["root_key"].to_numpy()
    place = np.minimum(np.searchsorted(held, roots), len(held) - 1)
    leads_on, found = pa.array(held[place] == roots), onward.take(pa.array(place))
    for name in _ROOT:
        column = pc.if_else(leads_on, found[name], links[name])
        links = links.set_column(LINKS_SCHEMA.get_field_index(name), LINKS_SCHEMA.field(name), column)
    return links


def count_groups(links: pa.Table, config: BuildConfig) -> Tally:
    """Return the sizes of groups: "group:N" counts those of N to 2N - 1 documents, N a power of two; and the largest.

    Args:
        links: All rows of LINKS_SCHEMA of some range of roots.
        config: The corpora's names.
    """
    keys, num_gone = links["root_key"].to_numpy(), links["num_gone"].to_numpy()
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    sizes = 1 + np.bincount(group, weights=num_gone, minlength=len(first)).astype(np.int64)
    powers = 1 << np.log2(sizes).astype(np.int64)
    counts = Counter({("", f"group:{power}"): count for power, count in Counter(powers.tolist()).items()})
    largest = np.argsort(-sizes, kind="stable")[:NUM_GROUPS]
    rows = links.select(_ROOT).take(pa.array(first[largest])).to_pylist()
    groups = (
        LargeGroup(size, row["root_key"], config.corpora[row["root_rank"]].name, row["root_id"], row["root_title"])
        for size, row in zip(sizes[largest].tolist(), rows, strict=True)
    )
    return Tally(counts, groups=tuple(groups))
