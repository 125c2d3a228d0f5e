"""Text to ids: the clean-up, SentencePiece, the digit-comma rule, and the training of a model."""

import functools
import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import sentencepiece

from xlnet_data.errors import ConfigError, CorpusError, TokenizerError
from xlnet_data.inputs import open_raw
from xlnet_data.schemas.example import CLS_ID, EOD_ID, EOP_ID, SPECIAL_PIECES, UNK_ID
from xlnet_data.sentences import language_code, replace_surrogates, split_document

CONTROL_SYMBOLS = SPECIAL_PIECES[CLS_ID : EOD_ID + 1]
"""Pieces that no text can spell: <cls> <sep> <pad> <mask> <eod>."""

WORD_MARK = "▁"
"""What SentencePiece writes for the space before a word."""

_SENTENCES_AT_ONCE = 8192  # sentences; about a megabyte, whose characters take 4 MB as numbers
_CLEAN, _DIRTY = range(2)
_START_SYMBOLS = frozenset('!"#$%&()*+,-./:;?@[\\]^_`{|}~')

IdArray: TypeAlias = npt.NDArray[np.uint16] | npt.NDArray[np.int32]


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
            raise ConfigError(f"vocab_size must be above {least} (the special pieces): got {self.vocab_size}")
        if self.sample_sentences <= 100:
            raise ConfigError(f"sample_sentences must be above 100: got {self.sample_sentences}")
        if not 0.98 <= self.character_coverage <= 1:
            raise ConfigError(f"character_coverage must be from 0.98 to 1: got {self.character_coverage}")


@dataclass(frozen=True, slots=True)
class EncodedDocuments:
    """Documents as ids, one after another.

    Attributes:
        ids: uint16 or int32 [num_tokens], with <eop> and <eod>.
        doc_lens: int64 [num_docs], tokens; 0 for a document without text.
        sentence_lens: uint32 [num_sentences], tokens, at least 1.
        doc_sentences: int64 [num_docs], sentences.
    """

    ids: IdArray
    doc_lens: npt.NDArray[np.int64]
    sentence_lens: npt.NDArray[np.uint32]
    doc_sentences: npt.NDArray[np.int64]


class Tokenizer:
    """A SentencePiece model with the ids that XLNet needs; pickled as its path and loaded where it arrives.

    Attributes:
        path: Where the model lies.
        settings: How text is cleaned.
        model_bytes: The model file.
        sha256: Of the model file, in hex.
        pieces: The vocabulary, by id.
        vocab_size: Number of pieces.
        id_dtype: uint16, or int32 above 65,536 pieces.
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
        self.id_dtype: type[np.uint16] | type[np.int32] = np.uint16 if self.vocab_size <= 1 << 16 else np.int32
        self.is_word_start = np.array([piece.startswith(WORD_MARK) for piece in self.pieces])
        is_start = [piece.startswith((WORD_MARK, "<")) or piece in _START_SYMBOLS for piece in self.pieces]
        self.is_start_piece = np.array(is_start)
        self._digit_commas = {i: self._without_comma(p) for i, p in enumerate(self.pieces) if _is_digit_comma(p)}
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

    def __reduce__(self) -> tuple[Callable[..., "Tokenizer"], tuple[str, TokenizerSettings, str]]:
        return _load_same, (self.path, self.settings, self.sha256)

    def encode(self, sentences: Sequence[str]) -> tuple[IdArray, npt.NDArray[np.int64]]:
        """Encode sentences, one after another: clean-up, SentencePiece, digit-comma rule.

        Returns:
            ids: uint16 or int32 [num_tokens].
            lens: int64 [len(sentences)], tokens of each sentence; 0 where nothing is left of it.
        """
        parts = [np.zeros(0, np.int32)]
        lens = np.zeros(len(sentences), np.int64)
        for start in range(0, len(sentences), _SENTENCES_AT_ONCE):
            cleaned = clean_sentences(sentences[start : start + _SENTENCES_AT_ONCE], self.settings)
            buffers = self._encode_batch(cleaned)
            lens[start : start + len(buffers)] = np.fromiter(map(len, buffers), np.int64, len(buffers))
            parts.append(np.frombuffer(b"".join(buffers), np.int32))
        ids = np.concatenate(parts)
        hits = np.flatnonzero(self._is_digit_comma[ids])
        if hits.size:
            ids, lens = self._split_digit_commas(ids, lens, hits)
        return cast(IdArray, ids.astype(self.id_dtype, copy=False)), lens

    def _encode_batch(self, sentences: list[str]) -> list[memoryview]:
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
        """Put each hit's replacement in its place; `hits` are indices into `ids`."""
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


def clean_sentences(sentences: Sequence[str], settings: TokenizerSettings) -> list[str]:
    r"""Return the sentences as SentencePiece shall see them.

    White space runs become one space, `` and '' become ", accents go unless they are kept, capitals go if they shall.
    Most sentences need none of it, and which do is found for thousands at once.

    >>> clean_sentences(["``Wait\t for  caf\u00e9s''"], TokenizerSettings())
    ['"Wait for cafes"']
    """
    cleaned = list(sentences)
    for start in range(0, len(cleaned), _SENTENCES_AT_ONCE):
        part = cleaned[start : start + _SENTENCES_AT_ONCE]
        dirty = _find_dirty(part, settings.keep_accents)
        for i, sentence in zip(dirty, _clean([part[i] for i in dirty], settings.keep_accents), strict=True):
            cleaned[start + i] = sentence
    return [sentence.lower() for sentence in cleaned] if settings.lowercase else cleaned


def encode_documents(
    texts: Sequence[str], tokenizer: Tokenizer, language: str, is_sentence_per_line: bool
) -> EncodedDocuments:
    """Encode whole documents; about a megabyte of text at once is fastest.

    Args:
        texts: Paragraphs separated by blank lines.
        tokenizer: A loaded model.
        language: Code of the texts' language, for the sentence ends.
        is_sentence_per_line: True: each line is a sentence. False: sentence ends are looked for.

    Raises:
        ConfigError: The language's code is not one.
    """
    code = language_code(language)
    documents = [split_document(text, code, is_sentence_per_line) for text in texts]
    ids, lens = tokenizer.encode(list(chain.from_iterable(sentences for sentences, _ in documents)))
    paragraphs = list(chain.from_iterable(sizes for _, sizes in documents))
    paragraph_of = np.repeat(np.arange(len(paragraphs)), paragraphs)
    document_of = np.repeat(np.arange(len(documents)), [len(sentences) for sentences, _ in documents])
    kept = lens > 0  # the others encode to nothing: they vanish, and what ends with them ends one sentence earlier
    lens, paragraph_of, document_of = lens[kept], paragraph_of[kept], document_of[kept]

    ends_document = np.append(document_of[1:] != document_of[:-1], True)[: len(lens)]
    has_eop = np.zeros(len(lens), np.bool_)
    if tokenizer.settings.eop:
        ends_paragraph = np.append(paragraph_of[1:] != paragraph_of[:-1], True)[: len(lens)]
        has_eop = ends_paragraph & (ids[np.cumsum(lens) - 1] != EOP_ID)
    lens = lens + has_eop + ends_document
    ends = np.cumsum(lens)
    with_marks = np.zeros(int(lens.sum()), ids.dtype)
    is_text = np.ones(len(with_marks), np.bool_)
    for mark, places in ((EOD_ID, ends[ends_document] - 1), (EOP_ID, (ends - 1 - ends_document)[has_eop])):
        with_marks[places] = mark
        is_text[places] = False
    with_marks[is_text] = ids
    return EncodedDocuments(
        ids=with_marks,
        doc_lens=np.bincount(document_of, lens, len(texts)).astype(np.int64),
        sentence_lens=lens.astype(np.uint32),
        doc_sentences=np.bincount(document_of, minlength=len(texts)),
    )


def _is_digit_comma(piece: str) -> bool:
    return len(piece) > 1 and piece.endswith(",") and piece[-2].isdigit()


def _find_dirty(sentences: list[str], keep_accents: bool) -> list[int]:
    """Return which sentences a clean-up may change, as indices in rising order."""
    text = "\n".join(["", *sentences, ""])
    if text.count("\n") != len(sentences) + 1:
        text = "\n".join(["", *(sentence.replace("\n", "\t") for sentence in sentences), ""])
    encoded = text.encode() if text.isascii() else text.encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(encoded, np.uint8 if text.isascii() else np.uint32)
    classes = _character_classes(keep_accents)[codes]
    is_pair = (classes[1:] == classes[:-1]) & (classes[1:] != _CLEAN)
    dirty = np.flatnonzero((classes == _DIRTY) | np.append(is_pair, False) | np.append(False, is_pair))
    if not dirty.size:
        return []
    ends = np.cumsum(np.fromiter(map(len, sentences), np.int64, len(sentences)) + 1)
    found = np.unique(np.searchsorted(ends, dirty))
    return found[found < len(sentences)].tolist()  # type: ignore[no-any-return]


@functools.cache
def _character_classes(keep_accents: bool) -> npt.NDArray[np.uint8]:
    """Return the class of every character, uint8 [0x110000]: what must go, and what must not stand twice in a row."""
    classes = np.full(0x110000, _CLEAN, np.uint8)
    if not keep_accents:  # no character from plane 3 on decomposes or combines
        classes[[code for code in range(0x80, 0x30000) if _has_accent(chr(code))]] = _DIRTY
    classes[[code for code in range(0x3001) if chr(code).isspace()]] = _DIRTY
    classes[0xD800:0xE000] = _DIRTY
    for twin, code in enumerate(b"\n`'", start=_DIRTY + 1):
        classes[code] = twin
    classes[ord(" ")] = classes[ord("\n")]
    return classes


def _clean(sentences: list[str], keep_accents: bool) -> list[str]:
    """Apply the rules of `clean_sentences` before lower-casing to one text that has a sentence per line.

    No rule looks across a line break.
    """
    text = "\n".join([" ".join(sentence.split()) for sentence in sentences])
    text = replace_surrogates(text).replace("``", '"').replace("''", '"')
    return (text if keep_accents else _strip_accents(text)).split("\n") if sentences else []


def _strip_accents(text: str) -> str:
    """Decompose (NFKD) and drop combining marks, character by character.

    NFKD has one rule beyond single characters, the order of combining marks, and those are dropped.
    """
    table = {ord(character): _bare(character) for character in set(text)}
    return text.translate(table)


@functools.lru_cache(1 << 16)
def _bare(character: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))


def _has_accent(character: str) -> bool:
    return unicodedata.combining(character) != 0 or not unicodedata.is_normalized("NFKD", character)


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
