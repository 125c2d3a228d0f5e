"""A tokenized document, one copy of one text with its lane key, and what deduplication compares and drops."""

import pyarrow as pa

TOKENIZED_SCHEMA = pa.schema(
    [
        pa.field("lane_key", pa.uint64(), nullable=False),
        pa.field("dedup_key", pa.uint64(), nullable=False),
        pa.field("copy", pa.uint16(), nullable=False),
        pa.field("is_dev", pa.bool_(), nullable=False),
        pa.field("corpus", pa.string(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("ids", pa.large_binary(), nullable=False),
        pa.field("sentence_lens", pa.large_binary(), nullable=False),
    ]
)
"""One row is one copy of one document.

``lane_key``: hash that decides the lane and the order in it; ``dedup_key``: hash of id and text, by which deduplication
knows the document, 0 where it takes no part; ``copy``: which of the copies that the epochs ask for, from 0; ``is_dev``:
True: of the dev split by its hash; ``url``, ``title``: as in Document; ``ids``: token ids in little-endian bytes of the
vocabulary's type; ``sentence_lens``: uint32 little-endian bytes, tokens of each sentence.
"""

KEYS_SCHEMA = pa.schema(
    [
        pa.field("key", pa.uint64(), nullable=False),
        pa.field("is_exact", pa.bool_(), nullable=False),
        pa.field("rank", pa.uint16(), nullable=False),
        pa.field("dedup_key", pa.uint64(), nullable=False),
        pa.field("task", pa.int32(), nullable=False),
        pa.field("is_dev", pa.bool_(), nullable=False),
        pa.field("tokens", pa.int64(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("sketch", pa.large_binary(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
    ]
)
"""What deduplication compares: a document has a row for its text and one per band of its signature.

``key``: documents with the same key are compared; ``is_exact``: True: the key is that of the whole text;
``rank``: the corpus's position in the config; ``dedup_key``: as in TOKENIZED_SCHEMA, the same for documents that have
id and text in common; ``task``: number of the task that read it; ``tokens``: of all copies; ``bytes``: of the text;
``sketch``: uint8 [num_perm], empty where is_exact; ``doc_id``: the document's id, its end left out if it is very long;
``title``: its title, or its URL if it has none, shortened as well.
"""

_VERDICT = (
    pa.field("is_repeat", pa.bool_(), nullable=False),
    pa.field("other_rank", pa.uint16(), nullable=False),
    pa.field("other_id", pa.string(), nullable=False),
    pa.field("other_title", pa.string(), nullable=False),
    pa.field("similarity", pa.float32(), nullable=False),
    pa.field("other_key", pa.uint64(), nullable=False),
)

DECIDED_SCHEMA = pa.schema([*KEYS_SCHEMA, *_VERDICT])
"""The rows of documents of which deduplication drops some or all.

``is_repeat``: False: another document makes this one superfluous; True: one of those with its id and text stays;
``other_rank``, ``other_id``, ``other_title``: the document that it was compared with, by its corpus's position in the
config, its id and its title or URL;
``similarity``: of the two, as it is estimated; 1 where the texts are the same; ``other_key``: the other's dedup_key.
"""

DUPLICATES_SCHEMA = pa.schema(
    [
        pa.field("dedup_key", pa.uint64(), nullable=False),
        pa.field("is_exact", pa.bool_(), nullable=False),
        pa.field("is_repeat", pa.bool_(), nullable=False),
        pa.field("task", pa.int32(), nullable=False),
        *_VERDICT[1:5],
    ]
)
"""The duplicates, documents that deduplication drops: each once, by rising dedup_key.

``is_exact``: True: another has the same text; ``is_repeat``: as in DECIDED_SCHEMA; ``task``: the first that read it,
where the one that stays of repeated ones lies; ``other_rank``, ``other_id``, ``other_title``, ``similarity``: as in
DECIDED_SCHEMA.
"""

LINKS_SCHEMA = pa.schema(
    [
        pa.field("dedup_key", pa.uint64(), nullable=False),
        pa.field("root_key", pa.uint64(), nullable=False),
        pa.field("root_rank", pa.uint16(), nullable=False),
        pa.field("root_id", pa.string(), nullable=False),
        pa.field("root_title", pa.string(), nullable=False),
        pa.field("num_gone", pa.int64(), nullable=False),
    ]
)
"""Which group of duplicates a document belongs to: a row for each that deduplication drops, whole or in part.

``root_key``, ``root_rank``, ``root_id``, ``root_title``: the document of the group that stays, or one that leads to it,
by dedup_key, position of its corpus, id, and title or URL; of a repeated document, which stays once, itself;
``num_gone``: how often it is dropped.
"""
