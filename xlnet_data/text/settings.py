"""Describes the tokenizer's settings: how text becomes ids, and how a vocabulary is trained."""

from dataclasses import dataclass

from xlnet_data.errors import ConfigError
from xlnet_data.schemas.example import SPECIAL_PIECES


@dataclass(frozen=True)
class TokenizerSettings:
    """How text becomes ids, and how a model is trained where none is given."""

    model: str | None = None
    """SentencePiece model file; None: one is trained from a sample of the corpora first."""
    vocab_size: int = 32_000
    """Pieces of a model that is trained; one that is given brings its own number."""
    lowercase: bool = False
    """True: capitals are lowered."""
    keep_accents: bool = False
    """True: accents and other combining marks stay. False strips them in every language, as the 2019 code does."""
    eop: bool = True
    """True: a paragraph's last sentence carries <eop>."""
    sample_sentences: int = 10_000_000
    """Sentences that a model is trained from, at most."""
    character_coverage: float = 0.99995
    """Share of the training text's characters that become pieces of their own; the rest are <unk>."""

    def __post_init__(self) -> None:
        if not len(SPECIAL_PIECES) < self.vocab_size < 1 << 31:
            least = len(SPECIAL_PIECES)
            raise ConfigError(
                f"vocab_size must be above {least} (the special pieces) and below 2^31: got {self.vocab_size}"
            )
        if self.sample_sentences <= 100:
            raise ConfigError(f"sample_sentences must be above 100: got {self.sample_sentences}")
        if not 0.98 <= self.character_coverage <= 1:
            raise ConfigError(f"character_coverage must be from 0.98 to 1: got {self.character_coverage}")
