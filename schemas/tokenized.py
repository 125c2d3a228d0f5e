"""What crosses from tokenizing to the lanes: documents as token bytes, their place already decided."""

import pyarrow as pa

TOKENIZED_SCHEMA = pa.schema(
    [
        pa.field("place", pa.uint64(), nullable=False),
        pa.field("is_dev", pa.bool_(), nullable=False),
        pa.field("corpus", pa.string(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("ids", pa.large_binary(), nullable=False),
        pa.field("sentence_lens", pa.large_binary(), nullable=False),
    ]
)
"""One row is one copy of one document.

``place``: hash that decides lane and place in the lane; ``is_dev``: True: of the dev split by its hash; ``ids``: token
ids in little-endian bytes of the vocabulary's type; ``sentence_lens``: uint32 little-endian bytes, tokens of each
sentence.
"""
