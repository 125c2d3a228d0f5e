"""Makes the table of words that sentences are encoded with, where the model and the machine allow it.

Words repeat, so their ids are kept in a table, and only new words are cut into pieces, by a compiled pass:
`_word_table.c`, whose head says why the ids are SentencePiece's. The few sentences that the pass is unsure of are left
to SentencePiece itself, and so are all where there was no compiler when this package was installed, or where the model
does not qualify (`find_obstacle`).
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from xlnet_data.text.model_files import WORD_MARK, read_fields

if TYPE_CHECKING:
    from xlnet_data.text._word_table import WordTable

try:
    from xlnet_data.text import _word_table
except ImportError:  # installed without a compiler
    _word_table = None  # type: ignore[assignment]

MAX_WORDS = 1 << 18
"""Words that a table holds: it takes 4 MB for their places, and for the words up to MAX_BYTES."""

MAX_BYTES = 1 << 24
"""Bytes of the words that a table holds and of their ids, about 40 each."""

COMPILED_FILE = _word_table.__file__ if _word_table else None
"""The compiled part of this package; None: there is none."""

_SYMBOL_BONUS = 0.1  # SentencePiece prefers a user-defined symbol by this much for each byte behind its first

# numbers of fields and values in SentencePiece's model file
_PIECES, _TRAINING, _NORMALIZING = 1, 2, 3
_PIECE_TYPE, _NORMAL, _USER_DEFINED = 3, 1, 4
_MODEL_TYPE, _UNIGRAM, _SPACE_AS_SUFFIX, _BYTE_FALLBACK = 3, 1, 24, 35
_RULES, _ADDS_SPACE, _JOINS_SPACES, _WRITES_SPACES = 2, 3, 4, 5


@dataclass(frozen=True)
class _Model:
    """What is read from a model file.

    Attributes:
        pieces: By id.
        scores: float32, by id.
        types: By id.
        training: Numbers among the trainer's settings, by field.
        normalizing: Numbers and the rules among the normalizer's settings, by field.
    """

    pieces: list[str]
    scores: npt.NDArray[np.float32]
    types: list[int]
    training: dict[int, Any]
    normalizing: dict[int, Any]

    @property
    def rules(self) -> bytes:
        """The normalization rules, compiled."""
        return cast(bytes, self.normalizing.get(_RULES, b""))

    @cached_property
    def normal(self) -> list[str]:
        """The pieces that text is cut into, but for the symbols."""
        return [piece for piece, kind in zip(self.pieces, self.types, strict=True) if kind == _NORMAL]

    @cached_property
    def symbols(self) -> list[str]:
        """The user-defined symbols."""
        return [piece for piece, kind in zip(self.pieces, self.types, strict=True) if kind == _USER_DEFINED]


def make_word_table(
    model_bytes: bytes, processor: Any, max_words: int = MAX_WORDS, max_bytes: int = MAX_BYTES
) -> "WordTable | None":
    """Return an empty table for a model; None where SentencePiece must do the work.

    Args:
        model_bytes: The model file.
        processor: The same, loaded by SentencePiece.
        max_words: Words that the table holds, at most.
        max_bytes: Bytes that they take, at most.
    """
    model = _read_model(model_bytes, processor)
    if find_obstacle(model, processor) is not None:
        return None
    scores = model.scores.copy()
    for i, piece in enumerate(model.pieces):
        if model.types[i] == _USER_DEFINED:
            scores[i] = _SYMBOL_BONUS * (len(piece.encode()) - 1)
    normal = model.scores[np.array(model.types) == _NORMAL]
    return _word_table.WordTable(
        [
            piece.encode() if kind in (_NORMAL, _USER_DEFINED) else b""
            for piece, kind in zip(model.pieces, model.types, strict=True)
        ],
        scores.tobytes(),
        processor.unk_id(),
        float(normal.min() - np.float32(10)),
        model.rules,
        [symbol.encode() for symbol in model.symbols],
        _find_cuts(model),
        max_words,
        max_bytes,
    )


def why_slow(model_bytes: bytes, processor: Any) -> str | None:
    """Return why SentencePiece must encode all sentences; None if the compiled pass encodes nearly all."""
    return find_obstacle(_read_model(model_bytes, processor), processor)


def find_obstacle(model: _Model, processor: Any) -> str | None:
    """Return what makes a model's words depend on one another, or else keeps them out of a table; None: nothing."""
    if _word_table is None:
        return "the compiled part of xlnet-data is absent: there was no C compiler when it was installed"
    if sys.byteorder != "little":
        return "this machine's byte order is not the one of the normalization rules"
    if model.training.get(_MODEL_TYPE, _UNIGRAM) != _UNIGRAM:
        return "it is not a unigram model"
    if model.training.get(_BYTE_FALLBACK, 0):
        return "it writes unknown characters as bytes"
    if model.training.get(_SPACE_AS_SUFFIX, 0):
        return "its spaces stand behind words"
    if not all(model.normalizing.get(flag, 1) for flag in (_ADDS_SPACE, _JOINS_SPACES, _WRITES_SPACES)):
        return "its normalizer does not treat spaces in the usual way"
    if processor.normalize("a b") != "▁a▁b":
        return "its normalizer changes spaces"
    if any(piece.rfind(WORD_MARK) > 0 for piece in chain(model.normal, model.symbols)):
        return "one of its pieces goes beyond a word"
    if any(mark in symbol for symbol in model.symbols for mark in (" ", WORD_MARK)):
        return "one of its user-defined symbols holds a space"
    if WORD_MARK not in model.normal:
        return "the space is not a piece"
    if model.scores[np.array(model.types) == _NORMAL].max() > 0:
        return "the score of one of its pieces is above 0"
    return None


def _find_cuts(model: _Model) -> bytes:
    """Return the user-defined symbols at which words can be cut, in one bytes: ASCII characters that no piece holds."""
    longer = "".join(piece for piece in chain(model.normal, model.symbols) if len(piece) > 1)
    return b"".join(
        symbol.encode()
        for symbol in model.symbols
        if len(symbol) == 1 and "!" <= symbol <= "~" and symbol not in longer
    )


def splice(
    ids: npt.NDArray[np.int32],
    lens: npt.NDArray[np.int64],
    numbers: Sequence[int],
    found: Sequence[npt.NDArray[np.int32]],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return ids and lengths of all sentences, given those of some that had no ids until now.

    Args:
        ids: int32 [num_tokens], of all other sentences.
        lens: int64 [num_sentences], 0 for those.
        numbers: Their numbers, rising.
        found: Their ids.

    >>> ids, lens = np.array([5, 6, 7], np.int32), np.array([2, 0, 1])
    >>> splice(ids, lens, [1], [np.array([8, 9], np.int32)])
    (array([5, 6, 8, 9, 7], dtype=int32), array([2, 2, 1]))
    """
    chosen = list(numbers)
    parts = np.split(ids, np.cumsum(lens)[chosen])
    new_lens = lens.copy()
    new_lens[chosen] = [len(own) for own in found]
    return np.concatenate([parts[0], *chain.from_iterable(zip(found, parts[1:], strict=True))]), new_lens


def _read_model(model_bytes: bytes, processor: Any) -> _Model:
    size = processor.get_piece_size()
    pieces: list[str] = processor.id_to_piece(list(range(size)))
    training: dict[int, Any] = {}
    normalizing: dict[int, Any] = {}
    types: list[int] = []
    for field, value in read_fields(model_bytes):
        if field == _PIECES:
            # a piece has its text and its score, and is normal if that is all
            is_plain = len(value) == len(pieces[len(types)].encode()) + 7
            types.append(_NORMAL if is_plain else dict(read_fields(value)).get(_PIECE_TYPE, _NORMAL))
        elif field in (_TRAINING, _NORMALIZING):
            (training if field == _TRAINING else normalizing).update(read_fields(value))
    scores = np.array(processor.get_score(list(range(size))), np.float32)
    return _Model(pieces, scores, types, training, normalizing)
