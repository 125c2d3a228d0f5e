"""What the queries of a layer see, and from where: a batch's sight as the layers need it."""

# B rows, Q queries, T seq_len, S keys (memory, then content), P = S + T relative positions, G gathered queries,
# C = half the width
from dataclasses import dataclass, replace

from torch import Tensor

HIDDEN = -1e30
"""Added to the score of a key that a query must not see."""


@dataclass(frozen=True)
class Queries:
    """Where the queries of a layer stand.

    Attributes:
        num_content: The first queries are the content stream at positions 0 .. num_content - 1 (all of it, or none).
        seq_len: T, tokens of an example.
        relative_BGS: int64, for the gathered queries that follow, which are its last: the column of the relative
            positions at each key, ``S - distance``. Source: the relative shift of Transformer-XL, appendix B, as a
            look-up.
    """

    num_content: int
    seq_len: int
    relative_BGS: Tensor


@dataclass(frozen=True)
class AttentionInputs:
    """What the queries of a layer see, and from where.

    Attributes:
        bias_BQS: 0 where a query may see a key, HIDDEN elsewhere.
        sees_any_BQ11: 1.0 where a query sees at least one key; the others attend to nothing.
        segments_BQ: int64, the queries' segments.
        key_segments_BS: int64, the keys'; memory is of segment 0.
        sines_PC, cosines_PC: Halves of the sinusoid, by relative position.
        sign_B111: -1.0 for rows read backwards.
        queries: Where the queries stand.
    """

    bias_BQS: Tensor
    sees_any_BQ11: Tensor
    segments_BQ: Tensor
    key_segments_BS: Tensor
    sines_PC: Tensor
    cosines_PC: Tensor
    sign_B111: Tensor
    queries: Queries

    def of_last(self, num_rows: int) -> "AttentionInputs":
        """Return the view of the last rows alone, none of them a whole content stream."""
        return replace(
            self,
            bias_BQS=self.bias_BQS[:, -num_rows:],
            sees_any_BQ11=self.sees_any_BQ11[:, -num_rows:],
            segments_BQ=self.segments_BQ[:, -num_rows:],
            queries=Queries(0, self.queries.seq_len, self.queries.relative_BGS[:, -num_rows:]),
        )


@dataclass(frozen=True)
class Terms:
    """What a layer's scores and values are made of; queries are scaled by 1 / sqrt(head size).

    Attributes:
        content_BQNH: Queries with the content's bias.
        position_BQNH: Queries with the positions' bias.
        same_BQN: What a key of the query's own segment scores above one of another; what all keys of a query share
            drops out of the softmax.
        key_BSNH: Keys.
        value_BSNH: Values.
        relative_BPNH: Projected relative positions, distance S first, 1 - T last.
    """

    content_BQNH: Tensor
    position_BQNH: Tensor
    same_BQN: Tensor
    key_BSNH: Tensor
    value_BSNH: Tensor
    relative_BPNH: Tensor
