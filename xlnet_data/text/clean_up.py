"""Cleans sentences before SentencePiece sees them: white space, quotes, accents, capitals."""

import functools
import unicodedata
from collections.abc import Sequence

from xlnet_data.text.characters import FEW_CODES, count_characters, find_marked
from xlnet_data.text.sentences import replace_surrogates
from xlnet_data.text.settings import TokenizerSettings

_ALWAYS = 1
_LETTER, _CHANGED = 1, 2


def clean_sentences(sentences: Sequence[str], settings: TokenizerSettings) -> list[str]:
    r"""Return the sentences as SentencePiece shall see them.

    White space runs become one space, `` and '' become ", accents go unless they are kept, capitals go if they shall.
    Most sentences need none of it, and which do takes one look at each character.

    >>> clean_sentences(["``Wait\t for  caf\u00e9s''"], TokenizerSettings())
    ['"Wait for cafes"']
    """
    cleaned = list(sentences)
    dirty = find_marked(cleaned, _dirty_classes if settings.keep_accents else _accented_classes)
    for i, sentence in zip(dirty, _clean([cleaned[i] for i in dirty], settings.keep_accents), strict=True):
        cleaned[i] = sentence
    return [sentence.lower() for sentence in cleaned] if settings.lowercase else cleaned


def count_letters(text: str, settings: TokenizerSettings) -> tuple[int, int]:
    """Return the letters of a text and how many of them lose something as accents are stripped; marks are letters.

    >>> count_letters("caf\u00e9 \u304c", TokenizerSettings())
    (5, 2)
    """
    letters, changed = count_characters(text, _letter_classes)
    return letters, 0 if settings.keep_accents else changed


@functools.cache
def _dirty_classes(stop: int) -> bytes:
    """Return each character's class for `find_marked`: changed wherever it stands, or beside its like."""
    classes = bytearray(stop)
    for code in range(FEW_CODES):
        classes[code] = _ALWAYS if chr(code).isspace() else 0
    for twin, character in enumerate(b" `'", start=_ALWAYS + 1):
        classes[character] = twin
    return bytes(classes)


@functools.cache
def _accented_classes(stop: int) -> bytes:
    """Return the same where accents go too."""
    classes = bytearray(_dirty_classes(stop))
    for code in _accented_codes(stop):
        classes[code] = _ALWAYS
    return bytes(classes)


@functools.cache
def _letter_classes(stop: int) -> bytes:
    """Return each character's class for `count_characters`: a letter, or a letter that loses its accent."""
    classes = bytearray(stop)
    for codes in (range(min(stop, 0x34000)), range(0xE0100, min(stop, 0xE01F0))):  # no others
        for code, category in zip(codes, map(unicodedata.category, map(chr, codes)), strict=True):
            if category[0] in "LM":
                classes[code] = _LETTER
    for code in _accented_codes(stop):
        classes[code] *= _LETTER | _CHANGED
    return bytes(classes)


@functools.cache
def _accented_codes(stop: int) -> tuple[int, ...]:
    """Return the codes below one of the characters that decompose (NFKD) or combine."""
    codes: list[int] = []
    for start in range(0x80, min(stop, 0x30000), 0x1000):  # none of ASCII does, and none from plane 3 on
        characters = list(map(chr, range(start, min(start + 0x1000, stop))))
        decomposed = unicodedata.normalize("NFKD", "\0".join(characters)).split("\0")
        codes += [
            ord(character)
            for character, parts in zip(characters, decomposed, strict=True)
            if character != parts or unicodedata.combining(character)
        ]
    return tuple(codes)


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
