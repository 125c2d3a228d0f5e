"""Decides the layout of an example from the settings: its lengths and its quotas of targets."""

import math
from dataclasses import dataclass

from xlnet_data.checks import check_choice
from xlnet_data.errors import ConfigError
from xlnet_data.schemas.example import NUM_FUNCTIONAL

RECIPES = ("paper", "reference")


@dataclass(frozen=True)
class ExampleSettings:
    """The ``[examples]`` section: what one example looks like.

    Raises:
        ConfigError: A value is out of range or does not fit the others.
    """

    seq_len: int = 512
    """Tokens of one example."""
    reuse_len: int = 256
    """Tokens at the front of an example whose hidden states the next example finds in its memory; 0: no memory."""
    k: float = 6.0
    """One of K tokens is predicted: num_targets = floor(seq_len / k)."""
    max_span: int = 5
    """Longest span of targets, in tokens (words with whole_words); lengths are drawn with p(L) proportional to 1/L."""
    spans: bool = True
    """Predict spans of tokens; false: single tokens."""
    whole_words: bool = False
    """Measure spans in words and keep words whole (needs a language with word marks)."""
    pairs: bool = True
    """Half of the examples are negative pairs; false: B always follows A."""
    bidirectional: bool = True
    """Read every lane forward and backward."""
    perm_size: int = 0
    """Tokens of a block within which the order is free; blocks keep their places. 0: a half is one block."""
    recipe: str = "paper"
    """"paper": what the paper says; "reference": the distribution of the authors' 2019 code."""

    def __post_init__(self) -> None:
        self._check_lengths()
        if not self.k >= 1:
            raise ConfigError(f"k must be at least 1 (one of k tokens is predicted): got k={self.k}")
        if not 1 <= self.max_span <= self.seq_len:
            raise ConfigError(f"max_span must be between 1 and seq_len: got max_span={self.max_span}")
        check_choice("recipe", self.recipe, RECIPES)
        if self.recipe == "reference" and self.whole_words:
            raise ConfigError('whole_words needs recipe = "paper": the reference recipe measures spans in pieces')
        for name, quota, room in (
            ("reuse_len", self.reuse_targets, self.reuse_len),
            ("seq_len - reuse_len - 3", self.rest_targets, self.pair_len),
        ):
            if quota > room:
                raise ConfigError(
                    f"k is too small: k={self.k} asks for {quota} targets among the {room} tokens of {name}; raise k"
                )
        if self.num_targets < 1:
            raise ConfigError(f"k must be at most seq_len, else nothing is predicted: got k={self.k}")

    def _check_lengths(self) -> None:
        if not 8 <= self.seq_len <= 65_535:
            raise ConfigError(f"seq_len must be between 8 and 65,535: got seq_len={self.seq_len}")
        if not 0 <= self.reuse_len < self.seq_len - NUM_FUNCTIONAL - 1:
            raise ConfigError(
                "reuse_len must leave room for two <sep>, one <cls> and at least one token each of A and B, so be at "
                f"most seq_len - 5: got reuse_len={self.reuse_len}, seq_len={self.seq_len}"
            )
        halves = (self.reuse_len, self.seq_len - self.reuse_len)
        if self.perm_size and (
            self.perm_size < 0
            or any(half % self.perm_size for half in halves)
            or self.perm_size > (self.reuse_len or self.seq_len)
        ):
            raise ConfigError(
                f"perm_size must divide reuse_len and seq_len - reuse_len ({halves[0]} and {halves[1]}) and be at most "
                f"reuse_len, else memory would hold the future: got perm_size={self.perm_size}"
            )

    @property
    def num_targets(self) -> int:
        """Targets of an example: floor(seq_len / k)."""
        return math.floor(self.seq_len / self.k + 1e-9)  # 110 / 1.1 is a hair below 100

    @property
    def rest_targets(self) -> int:
        """Targets among A and B."""
        return math.floor(self.num_targets * (self.seq_len - self.reuse_len) / self.seq_len)

    @property
    def reuse_targets(self) -> int:
        """Targets among the reuse tokens."""
        return self.num_targets - self.rest_targets

    @property
    def pair_len(self) -> int:
        """Tokens of A and B together."""
        return self.seq_len - self.reuse_len - NUM_FUNCTIONAL

    @property
    def rest_span_len(self) -> int:
        """Tokens that spans of targets are drawn over behind the reuse half: A and B, as if they lay side by side.

        In the reference recipe [A, <sep>, B, <sep>, <cls>], as in the 2019 code: no span may reach the end of what
        spans are drawn over, and where <sep> and <cls> stand at the end, B's last tokens are targets like others.
        """
        return self.seq_len - self.reuse_len if self.spans and self.recipe == "reference" else self.pair_len

    @property
    def num_readings(self) -> int:
        """Lanes that one stream of documents makes: forward and backward, or forward alone."""
        return 2 if self.bidirectional else 1

    @property
    def needs_span_starts(self) -> bool:
        """True: where a span of targets may begin depends on the text."""
        return self.spans and (self.recipe == "reference" or self.whole_words)

    def row_bytes(self, id_bytes: int) -> float:
        """Return the bytes of one example in a shard, with ids of so many bytes.

        Besides ``input_ids`` and ``order`` a row has 18 bytes of numbers and 2 bits of booleans (schemas/example.py).
        """
        return self.seq_len * id_bytes + (self.num_targets + NUM_FUNCTIONAL) * 2 + 18.25

    @property
    def window_len(self) -> int:
        """Lane tokens that must lie at and after an example's first token: reuse, A and a B that follows A."""
        return self.reuse_len + self.pair_len

    def room_of(self, num_tokens: int) -> int:
        """Return how much of one example a document of so many tokens fills at most, in tokens."""
        return min(num_tokens, self.window_len)

    @property
    def stride(self) -> int:
        """Lane tokens from one step's first token to the next.

        With memory it is reuse_len: reuse halves stand end to end and hold every token but the lane's last ones.
        Without memory and pairs it is pair_len: A and B stand end to end.

        Without memory but with pairs, a token at distance d behind A's start lies in the example if the pair is
        positive or |A| > d. As |A| is about uniform, it lies outside with probability d / (2 pair_len). With r examples
        per pair_len tokens about r of them begin within pair_len before a token; the product of their probabilities is
        0.25 on average for r = 1, 0.052 for r = 2 and 0.030 for r = 2.5. The B of the negative pairs, which come from
        anywhere, leave out exp(-r / 4) of that: 0.195, 0.032 and 0.016. So r is 2.5: less than 2% of a reading's tokens
        lie in none of its examples.
        """
        if self.reuse_len:
            return self.reuse_len
        return max(1, self.pair_len * 2 // 5) if self.pairs else self.pair_len

    def num_steps(self, lane_len: int) -> int:
        """Return how many examples a lane holds: steps go on while a whole window fits.

        >>> ExampleSettings().num_steps(509), ExampleSettings().num_steps(508), ExampleSettings().num_steps(765)
        (1, 0, 2)
        """
        return max(0, (lane_len - self.window_len) // self.stride + 1)
