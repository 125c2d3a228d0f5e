"""An example, one training row: the Arrow schema of a shard, its version, and the special ids."""

import pyarrow as pa

SCHEMA_VERSION = "3"
"""Rises with every change of a column's name, type or meaning, of where files lie, and of what is drawn from a seed."""

MAX_ROWS_PER_BATCH = 1024
"""Examples per Arrow record batch, at most; a batch never crosses lanes."""

NUM_FUNCTIONAL = 3
"""Tokens of an example that are neither lane text nor targets: two <sep>, one <cls>."""

UNK_ID, BOS_ID, EOS_ID, CLS_ID, SEP_ID, PAD_ID, MASK_ID, EOD_ID, EOP_ID = range(9)
"""The special ids; USER_SYMBOLS follow them as 9..16."""

USER_SYMBOLS = (".", "(", ")", '"', "-", "–", "£", "€")

SPECIAL_PIECES = ("<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>", "<eod>", "<eop>", *USER_SYMBOLS)
"""The piece that must stand at id 0, 1, ... of every vocabulary."""


def token_type(vocab_size: int) -> pa.DataType:
    """Return the Arrow type of a token id: uint16, or int32 above 65,536 ids."""
    return pa.uint16() if vocab_size <= 65_536 else pa.int32()


def example_schema(
    seq_len: int, num_targets: int, vocab_size: int, metadata: dict[str, str] | None = None
) -> pa.Schema:
    """Return the schema of a shard.

    Columns:
        lane: Lane number, unique in the split; with ``bidirectional``, 2i and 2i+1 are the two readings of a stream.
        step: 0, 1, 2, ... within the lane.
        backward: True: the lane is read backwards.
        input_ids: The true tokens: reuse, A, <sep>, B, <sep>, <cls>; int32 above 65,536 ids.
        a_len: Tokens of A.
        b_len: Tokens of B.
        is_next: True: B follows A.
        b_start: Place of B's first token in the lane.
        order: Positions in factorization order: the reuse half's targets, then the rest's, <sep> and <cls> among them.
        memory_len: Lane tokens right before this example that belong to the same document as its first token, at most
            65,535.
    """
    return pa.schema(
        [
            pa.field("lane", pa.int32(), nullable=False),
            pa.field("step", pa.int32(), nullable=False),
            pa.field("backward", pa.bool_(), nullable=False),
            pa.field("input_ids", pa.list_(token_type(vocab_size), seq_len), nullable=False),
            pa.field("a_len", pa.uint16(), nullable=False),
            pa.field("b_len", pa.uint16(), nullable=False),
            pa.field("is_next", pa.bool_(), nullable=False),
            pa.field("b_start", pa.int32(), nullable=False),
            pa.field("order", pa.list_(pa.uint16(), num_targets + NUM_FUNCTIONAL), nullable=False),
            pa.field("memory_len", pa.uint16(), nullable=False),
        ],
        metadata=metadata,
    )


DOCUMENTS_SCHEMA = pa.schema(
    [
        pa.field("lane", pa.int32(), nullable=False),  # the lane it lies in
        pa.field("start", pa.int64(), nullable=False),  # place of its first token in the lane, as the lane is read
        pa.field("length", pa.int32(), nullable=False),  # its tokens
        pa.field("corpus", pa.string(), nullable=False),  # the corpus's name in the config
        pa.field("doc_id", pa.string(), nullable=False),  # its id in the corpus, as `xlnet-data documents` shows it
        pa.field("url", pa.string(), nullable=False),  # where its text comes from; empty where the format does not say
        pa.field("title", pa.string(), nullable=False),  # what people call it; empty where the format does not say
    ]
)
"""The sidecar of a shard: which document lies at which tokens of which lane, starts in reading order."""
