"""Holds what a layer's attention takes: masks, segments and positions of queries and keys, and the projected terms.

Both ways to attend take the same: attention for CPUs, fused_attention for GPUs.
"""

# B rows, Q queries, T seq_len, S keys (memory, then content), P = S + T relative positions, G gathered queries,
# C = half the width
from dataclasses import dataclass, replace

from torch import Tensor

HIDDEN = -1e30
"""Added to the score of a key that a query must not see."""


@dataclass(frozen=True)
class Queries:
    """Which positions the queries of a layer have: first the content stream, then the gathered queries.

    Attributes:
        num_content: Queries of the content stream, at positions 0 .. num_content - 1: all of it, or none.
        seq_len: T, tokens of an example.
        relative_BGS: int64, for each gathered query and key the column of their relative position, ``S - distance``.
            Where a layer has fewer gathered queries than G, they are the last ones. Source: the relative shift of
            Transformer-XL, appendix B, as a look-up.
        num_own: So many gathered queries, the last ones, see one more key than the others: their own state.
    """

    num_content: int
    seq_len: int
    relative_BGS: Tensor
    num_own: int = 0


@dataclass(frozen=True)
class AttentionInputs:
    """Masks, segments and positions of the queries and keys of a layer.

    Attributes:
        bias_BQS: 0 where a query may see a key, HIDDEN elsewhere.
        sees_any_BQ11: True where a query sees at least one key; the output of the others is set to 0.
        segments_BQ: int64, the queries' segment ids.
        key_segments_BS: int64, the keys' segment ids; memory has 0.
        sines_PC, cosines_PC: The two halves of the sinusoidal encoding, by relative position.
        sign_B111: -1.0 for rows read backwards.
        queries: The positions of the queries.
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
        """Return the inputs of the last queries alone, all of them gathered ones."""
        queries = self.queries
        return replace(
            self,
            bias_BQS=self.bias_BQS[:, -num_rows:],
            sees_any_BQ11=self.sees_any_BQ11[:, -num_rows:],
            segments_BQ=self.segments_BQ[:, -num_rows:],
            queries=replace(queries, num_content=0, relative_BGS=queries.relative_BGS[:, -num_rows:]),
        )

    def without_last(self, num_rows: int) -> "AttentionInputs":
        """Return the inputs of all queries but the last, which are all that see themselves."""
        queries = self.queries
        return replace(
            self,
            bias_BQS=self.bias_BQS[:, :-num_rows],
            sees_any_BQ11=self.sees_any_BQ11[:, :-num_rows],
            segments_BQ=self.segments_BQ[:, :-num_rows],
            queries=replace(queries, relative_BGS=queries.relative_BGS[:, :-num_rows], num_own=0),
        )


@dataclass(frozen=True)
class Terms:
    """The projections that a layer's scores and values are computed from; queries are scaled by 1 / sqrt(head size).

    Attributes:
        content_BQNH: Queries plus r_w_bias, for the content scores.
        position_BQNH: Queries plus r_r_bias, for the position scores.
        same_BQN: Extra score of a key in the query's own segment over a key in another. A term common to all keys
            cancels in the softmax, so the difference suffices.
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

    def of(self, rows: slice) -> "Terms":
        """Return the terms of some of the queries, with all keys."""
        return replace(
            self,
            content_BQNH=self.content_BQNH[:, rows],
            position_BQNH=self.position_BQNH[:, rows],
            same_BQN=self.same_BQN[:, rows],
        )
