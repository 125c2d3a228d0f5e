"""Turns sentences into ids: the clean-up, SentencePiece's ids, and the digit-comma rule."""

import functools
import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import sentencepiece

from xlnet_data.errors import CorpusError, TokenizerError
from xlnet_data.files.opening import open_raw
from xlnet_data.schemas.example import CLS_ID, EOD_ID, SPECIAL_PIECES, UNK_ID
from xlnet_data.text.clean_up import clean_sentences
from xlnet_data.text.ids import IdArray, id_type_of
from xlnet_data.text.model_files import WORD_MARK
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.word_tables import COMPILED_FILE, make_word_table, splice, why_slow

if TYPE_CHECKING:
    from xlnet_data.text._word_table import WordTable

CONTROL_SYMBOLS = SPECIAL_PIECES[CLS_ID : EOD_ID + 1]
"""Pieces that no text can spell: <cls> <sep> <pad> <mask> <eod>."""

SENTENCES_AT_ONCE = 2048
"""Sentences that are cleaned and then encoded at a time: about 250 kB, which a core's cache holds in between."""

_START_SYMBOLS = frozenset('!"#$%&()*+,-./:;?@[\\]^_`{|}~')


class Tokenizer:
    """A SentencePiece model with the ids that XLNet needs; pickled as its path and loaded where it arrives.

    Attributes:
        path: Where the model lies.
        settings: How text is cleaned.
        model_bytes: The model file.
        sha256: Of the model file, in hex.
        pieces: The vocabulary, by id.
        vocab_size: Number of pieces.
        id_type: uint16, or int32 above 65,536 pieces.
        is_word_start: bool [vocab_size], True: the piece begins a word.
        is_start_piece: bool [vocab_size], True: a span of the `reference` recipe may begin here.
    """

    def __init__(self, path: str, settings: TokenizerSettings, model_bytes: bytes) -> None:
        self.path = path
        self.settings = settings
        self.model_bytes = model_bytes
        self.sha256 = hashlib.sha256(model_bytes).hexdigest()
        self._processor = _parse_model(model_bytes, path)
        self.pieces: list[str] = self._processor.id_to_piece(list(range(self._processor.get_piece_size())))
        _check_ids(self.pieces, self._processor, path)
        self.vocab_size = len(self.pieces)
        self.id_type = id_type_of(self.vocab_size)
        self.is_word_start = np.array([piece.startswith(WORD_MARK) for piece in self.pieces])
        is_start = [piece.startswith((WORD_MARK, "<")) or piece in _START_SYMBOLS for piece in self.pieces]
        self.is_start_piece = np.array(is_start)
        ends_in_comma = [i for i, piece in enumerate(self.pieces) if piece.endswith(",") and piece[-2:-1].isdigit()]
        self._digit_commas = {i: self._without_comma(self.pieces[i]) for i in ends_in_comma}
        self._extra_tokens = np.zeros(self.vocab_size, np.int8)  # what the digit-comma rule adds to an id
        for piece_id, replacement in self._digit_commas.items():
            self._extra_tokens[piece_id] = len(replacement) - 1
        self._is_digit_comma = np.zeros(self.vocab_size, np.bool_)
        self._is_digit_comma[list(self._digit_commas)] = True

    @classmethod
    def load(cls, path: str, settings: TokenizerSettings) -> "Tokenizer":
        """Load a model, once per process.

        Args:
            path: A local path or a URL.
            settings: How text is cleaned.

        Raises:
            TokenizerError: The file cannot be read, is not a SentencePiece model, or has other ids than XLNet's.
        """
        try:
            with open_raw(path) as file:
                return _load_once(path, settings, file.read())
        except (OSError, CorpusError) as error:
            raise TokenizerError(f"cannot read the tokenizer's model: {error}") from error

    def copied_to(self, path: str) -> "Tokenizer":
        """Return this tokenizer with the path of a copy of its model."""
        copied = object.__new__(Tokenizer)
        copied.__dict__.update(self.__dict__, path=path)
        return copied

    def __reduce__(self) -> tuple[Callable[..., "Tokenizer"], tuple[str, TokenizerSettings, str]]:
        return _load_same, (self.path, self.settings, self.sha256)

    def encode(self, sentences: Sequence[str], check_ids: float = 0.0) -> tuple[IdArray, npt.NDArray[np.int64]]:
        """Encode sentences, one after another: clean-up, SentencePiece's ids, digit-comma rule.

        Args:
            sentences: The sentences.
            check_ids: Share of them whose ids are compared with SentencePiece's own.

        Returns:
            ids: uint16 or int32 [num_tokens].
            lens: int64 [len(sentences)], tokens of each sentence; 0 where nothing is left of it.

        Raises:
            TokenizerError: Compared ids differ.
        """
        parts = [np.zeros(0, np.int32)]
        lens = np.zeros(len(sentences), np.int64)
        for start in range(0, len(sentences), SENTENCES_AT_ONCE):
            cleaned = clean_sentences(sentences[start : start + SENTENCES_AT_ONCE], self.settings)
            part, lens[start : start + len(cleaned)] = self._encode_batch(cleaned)
            if check_ids:
                self._check_some(cleaned, part, lens[start : start + len(cleaned)], round(1 / check_ids))
            parts.append(part)
        ids = np.concatenate(parts)
        hits = np.flatnonzero(self._is_digit_comma[ids])
        if hits.size:
            ids, lens = self._split_digit_commas(ids, lens, hits)
        return cast(IdArray, ids.astype(self.id_type, copy=False)), lens

    def why_slow(self) -> str | None:
        """Return why SentencePiece must give all ids; None if the table of words gives nearly all."""
        return why_slow(self.model_bytes, self._processor)

    def locate(self, sentence: str) -> Iterator[tuple[int, int, int]]:
        """Yield the ids of a cleaned sentence, each with the first of its characters, and the one behind its last.

        Of a piece that the digit-comma rule splits, each part has as many characters as it shows.
        """
        places = np.append(np.cumsum([0, *(len(char.encode()) for char in sentence)]), np.iinfo(np.int64).max)
        for found in self._processor.encode(sentence, return_type="proto").pieces:
            start, stop = (int(np.searchsorted(places, place)) for place in (found.begin, found.end))
            parts = self._digit_commas.get(found.id, [found.id])
            for part in parts[:-1]:
                end = min(stop, start + len(self.pieces[part].replace(WORD_MARK, "")) + (sentence[start] == " "))
                yield part, start, end
                start = end
            yield parts[-1], start, stop

    def unknown_chars(self, sentences: Sequence[str]) -> Counter[str]:
        """Return the characters of sentences that become <unk>, as SentencePiece sees them, with their number."""
        pieces = self._processor.encode_as_pieces(clean_sentences(sentences, self.settings)) if sentences else []
        found = Counter(piece for of_sentence in pieces for piece in of_sentence)
        counts: Counter[str] = Counter()
        for piece, number in found.items():
            if self._processor.piece_to_id(piece) == UNK_ID:
                counts.update({char: number * times for char, times in Counter(piece).items()})
        return counts

    @functools.cached_property
    def _word_table(self) -> "WordTable | None":
        """The table of words, made when the first sentence comes; None: SentencePiece must do the work."""
        return make_word_table(self.model_bytes, self._processor)

    def _encode_batch(self, sentences: list[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Return the ids that SentencePiece gives to cleaned sentences, one after another, and their number in each.

        It is asked itself only for the sentences whose words do not tell their ids, about one in a thousand, unless the
        model or the machine allows no table of words.
        """
        if self._word_table is None:
            found = self._ask_sentencepiece(sentences)
            lens = np.fromiter(map(len, found), np.int64, len(found))
            return np.frombuffer(b"".join(found), np.int32), lens
        id_bytes, len_bytes, unsure = self._word_table.encode(sentences)
        ids, lens = np.frombuffer(id_bytes, np.int32), np.frombuffer(len_bytes, np.int64)
        if unsure:
            found = self._ask_sentencepiece([sentences[i] for i in unsure])
            ids, lens = splice(ids, lens, unsure, [np.frombuffer(buffer, np.int32) for buffer in found])
        return ids, lens

    def _check_some(
        self, sentences: list[str], ids: npt.NDArray[np.int32], lens: npt.NDArray[np.int64], every: int
    ) -> None:
        """Compare the ids of one sentence in so many with SentencePiece's; which ones follows from all their lengths.

        Raises:
            TokenizerError: They differ.
        """
        ends = np.cumsum(lens)
        for i in range(zlib.crc32(lens.tobytes()) % every, len(sentences), every):
            if ids[ends[i] - lens[i] : ends[i]].tolist() != self._processor.encode(sentences[i]):
                raise TokenizerError(
                    f"the table of words gives other ids than SentencePiece to {sentences[i]!r}: please report it with "
                    f"the model; without the file {COMPILED_FILE}, SentencePiece gives all ids"
                )

    def _ask_sentencepiece(self, sentences: list[str]) -> list[memoryview]:
        """Return each sentence's ids, int32 [tokens]: the buffers that encode_as_numpy makes arrays of, one by one.

        The arrays alone would take a fifth of the time that SentencePiece takes.
        """
        threads, pool, sampling, nbest, alpha, bos, eos, reverse = 1, None, False, -1, 0.1, False, False, False
        encode = self._processor._processor._EncodeAsBufferBatch  # a name of the pinned version's own
        buffers = encode(sentences, threads, pool, sampling, nbest, alpha, bos, eos, reverse)
        return [memoryview(buffer) for buffer in buffers]

    def _split_digit_commas(
        self, ids: npt.NDArray[np.int32], lens: npt.NDArray[np.int64], hits: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Replace each digit-comma piece by its ids; `hits` are the indices of these pieces in `ids`."""
        found = ids[hits]
        extra = self._extra_tokens[found].astype(np.int64)
        sentence = np.searchsorted(np.cumsum(lens), hits, side="right")
        new_lens = lens.copy()
        np.add.at(new_lens, sentence, extra)
        repeats = np.ones(len(ids), np.int64)
        repeats[hits] += extra
        new_ids = np.repeat(ids, repeats)
        starts = hits + np.cumsum(extra) - extra
        for piece_id in np.unique(found).tolist():
            replacement = np.array(self._digit_commas[piece_id], np.int32)
            new_ids[starts[found == piece_id][:, None] + np.arange(len(replacement))] = replacement
        return new_ids, new_lens

    def _without_comma(self, piece: str) -> list[int]:
        """Return the ids that replace a piece such as ``▁2000,``: those of 2000, and the comma's."""
        text = piece[:-1].replace(WORD_MARK, "")
        ids: list[int] = self._processor.encode_as_ids(text)
        if ids and not piece.startswith(WORD_MARK) and self.pieces[ids[0]].startswith(WORD_MARK):
            cut = self.pieces[ids[0]][1:]
            ids = ([self._id_of(cut)] if cut else []) + ids[1:]
        return [*ids, self._id_of(",")]

    def _id_of(self, piece: str) -> int:
        piece_id: int = self._processor.piece_to_id(piece)
        return UNK_ID if self._processor.is_control(piece_id) else piece_id


def _parse_model(model_bytes: bytes, path: str) -> Any:
    sentencepiece.set_min_log_level(2)
    processor = sentencepiece.SentencePieceProcessor()
    try:
        processor.LoadFromSerializedProto(model_bytes)
        num_pieces = processor.get_piece_size()
    except (RuntimeError, OSError, ValueError) as error:
        raise TokenizerError(f"{path} is not a SentencePiece model ({len(model_bytes)} bytes)") from error
    if num_pieces == 0:
        raise TokenizerError(f"{path} is not a SentencePiece model: it has no pieces")
    return processor


def _check_ids(pieces: Sequence[str], processor: Any, path: str) -> None:
    wrong = [
        f"id {i} must be {expected!r}, found {pieces[i]!r}"
        if i < len(pieces)
        else f"id {i} must be {expected!r}, absent"
        for i, expected in enumerate(SPECIAL_PIECES)
        if pieces[i : i + 1] != [expected]
    ]
    if not wrong:
        wrong = [
            f"id {i} ({pieces[i]!r}) must be a control symbol, which no text can spell"
            for i in range(CLS_ID, EOD_ID + 1)
            if not processor.is_control(i)
        ]
    if wrong:
        raise TokenizerError(f"{path} has not XLNet's vocabulary: {'; '.join(wrong)}. Train one with train-tokenizer")


@functools.lru_cache(maxsize=4)
def _load_once(path: str, settings: TokenizerSettings, model_bytes: bytes) -> Tokenizer:
    return Tokenizer(path, settings, model_bytes)


def _load_same(path: str, settings: TokenizerSettings, sha256: str) -> Tokenizer:
    tokenizer = Tokenizer.load(path, settings)
    if tokenizer.sha256 != sha256:
        raise TokenizerError(f"{path} has changed since the build began: sha256 {tokenizer.sha256}, not {sha256}")
    return tokenizer
