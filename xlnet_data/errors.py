"""What can go wrong that a user can mend: one clear message each, no traceback."""

from xlnet_data.showing import make_safe

MAX_MESSAGE_CHARS = 4000
"""Of a message, which may quote a value of any length; from a longer one the middle is left out."""


class XlnetDataError(Exception):
    """A named error; its message says what is wrong, with which value, and what to do."""

    def __init__(self, message: str) -> None:
        if len(message) > MAX_MESSAGE_CHARS:
            half = MAX_MESSAGE_CHARS // 2
            left_out = len(message) - 2 * half
            message = f"{message[:half]} ... {left_out:,} characters left out ... {message[-half:]}"
        super().__init__(make_safe(message))  # it may name files, and travels between processes and to a terminal


class ConfigError(XlnetDataError):
    """A setting that is unknown, out of range or in conflict with another."""


class CorpusError(XlnetDataError):
    """An input that cannot be found, read or understood."""


class TruncatedError(CorpusError):
    """An input that ends in the middle; what came before it has been yielded."""


class TokenizerError(XlnetDataError):
    """A SentencePiece model that cannot be loaded or has the wrong vocabulary."""


class VocabularySizeError(TokenizerError):
    """A vocabulary that is too large for the text it is trained on, or too small for its characters.

    Attributes:
        fitting: A size that the text bears.
    """

    def __init__(self, message: str, fitting: int) -> None:
        super().__init__(message)
        self.fitting = fitting


class WorkerError(XlnetDataError):
    """A worker process that died: killed, or out of memory."""


class EngineError(XlnetDataError):
    """An engine that cannot be started or reached, or whose job failed for no reason of the data."""


class ShardError(XlnetDataError):
    """A dataset folder that is missing, incomplete, foreign or damaged."""
