"""Cleans sentences before SentencePiece sees them: white space, quotes, accents, capitals."""

import functools
import itertools
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from xlnet_data.text.sentences import replace_surrogates
from xlnet_data.text.settings import TokenizerSettings

SENTENCES_AT_ONCE = 2048
"""Sentences that are cleaned at a time: about 250 kB, whose characters as numbers fit in a processor's cache."""

_ALL_CODES = 0x110000
_FEW_CODES = 0x3001
"""Most texts have no character from here on, and the classes of these take a thirtieth of the time of all."""

_CLEAN, _DIRTY = range(2)
_LETTER, _CHANGED = 1, 2


def clean_sentences(sentences: Sequence[str], settings: TokenizerSettings) -> list[str]:
    r"""Return the sentences as SentencePiece shall see them.

    White space runs become one space, `` and '' become ", accents go unless they are kept, capitals go if they shall.
    Most sentences need none of it, and which do is found for thousands at once.

    >>> clean_sentences(["``Wait\t for  caf\u00e9s''"], TokenizerSettings())
    ['"Wait for cafes"']
    """
    cleaned = list(sentences)
    for start in range(0, len(cleaned), SENTENCES_AT_ONCE):
        part = cleaned[start : start + SENTENCES_AT_ONCE]
        dirty = _find_dirty(part, settings.keep_accents)
        for i, sentence in zip(dirty, _clean([part[i] for i in dirty], settings.keep_accents), strict=True):
            cleaned[start + i] = sentence
    return [sentence.lower() for sentence in cleaned] if settings.lowercase else cleaned


def count_letters(text: str, settings: TokenizerSettings) -> tuple[int, int]:
    """Return the letters of a text and how many of them lose something as accents are stripped; marks are letters.

    >>> count_letters("caf\u00e9 \u304c", TokenizerSettings())
    (5, 2)
    """
    if text.isascii():
        codes = np.frombuffer(text.encode(), np.uint8)
        return int(np.count_nonzero((codes | 32) - np.uint8(ord("a")) < 26)), 0
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    classes = _letter_classes(_stop_for(codes)).take(codes)
    changed = 0 if settings.keep_accents else int(np.count_nonzero(classes == _CHANGED))
    return int(np.count_nonzero(classes)), changed


def _find_dirty(sentences: list[str], keep_accents: bool) -> list[int]:
    """Return the indices of the sentences that a clean-up may change, in rising order."""
    text = "\n".join(["", *sentences, ""])
    if text.count("\n") != len(sentences) + 1:
        text = "\n".join(["", *(sentence.replace("\n", "\t") for sentence in sentences), ""])
    encoded = text.encode() if text.isascii() else text.encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(encoded, np.uint8 if text.isascii() else np.uint32)
    classes = _character_classes(keep_accents, _stop_for(codes)).take(codes)
    before, at = classes[:-1], classes[1:]
    is_dirty = (at == before) & (at != _CLEAN) | (at == _DIRTY)
    dirty = np.flatnonzero(is_dirty) + 1
    if not dirty.size:
        return []
    ends = np.cumsum(np.fromiter(map(len, sentences), np.int64, len(sentences)) + 1)  # where the next line break is
    return np.unique(np.searchsorted(ends, dirty)).tolist()  # type: ignore[no-any-return]


def _stop_for(codes: npt.NDArray[Any]) -> int:
    """Return below which code all characters are whose classes a text needs."""
    return _FEW_CODES if codes.max(initial=0) < _FEW_CODES else _ALL_CODES


@functools.cache
def _character_classes(keep_accents: bool, stop: int) -> npt.NDArray[np.uint8]:
    """Return the class of each character below a code, uint8 [stop]: clean, dirty, or dirty beside one of its class."""
    classes = np.full(stop, _CLEAN, np.uint8)
    if not keep_accents:  # no character from plane 3 on decomposes or combines
        classes[[code for code in range(0x80, min(stop, 0x30000)) if _has_accent(chr(code))]] = _DIRTY
    classes[[code for code in range(_FEW_CODES) if chr(code).isspace()]] = _DIRTY
    classes[0xD800:0xE000] = _DIRTY
    for twin, code in enumerate(b"\n`'", start=_DIRTY + 1):
        classes[code] = twin
    classes[ord(" ")] = classes[ord("\n")]
    return classes


@functools.cache
def _letter_classes(stop: int) -> npt.NDArray[np.uint8]:
    """Return the class of each character below a code, uint8 [stop]: no letter, a letter, one that loses its accent."""
    classes = np.zeros(stop, np.uint8)
    for code in itertools.chain(range(min(stop, 0x34000)), range(0xE0100, min(stop, 0xE01F0))):  # no others
        if unicodedata.category(chr(code))[0] in "LM":
            classes[code] = _CHANGED if _has_accent(chr(code)) else _LETTER
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
    table = {ord(character): bare_character(character) for character in set(text)}
    return text.translate(table)


@functools.lru_cache(1 << 16)
def bare_character(character: str) -> str:
    """Return a character decomposed, without its combining marks."""
    return "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))


def _has_accent(character: str) -> bool:
    return unicodedata.combining(character) != 0 or not unicodedata.is_normalized("NFKD", character)
