"""Cuts a text into words, as arrays, also in scripts that are written without spaces."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

try:
    from xlnet_data.filters import _words
except ImportError:  # installed without a compiler
    _words = None  # type: ignore[assignment]

MAX_WORDS_CHARS = 1 << 20
"""Characters of a text that are cut into words, at most: it bounds time and memory for a document of any size."""

SPACE, LETTER, DIGIT, HAN, HANGUL, SOUTHEAST_ASIAN, MARK = (1 << bit for bit in range(7))
"""The bits of a character's class; a combining mark counts as a letter, too, a variation selector as nothing."""

_LAST_CODE = 0x34000
"""Code points from here on are unassigned, private or select a variant; they have class 0."""

_RANGES = (
    (HAN, 0x3040, 0x30FF),  # hiragana, katakana
    (HAN, 0x3400, 0x9FFF),
    (HAN, 0xF900, 0xFAFF),
    (HAN, 0x20000, 0x31FFF),
    (HANGUL, 0xAC00, 0xD7AF),
    (SOUTHEAST_ASIAN, 0x0E00, 0x0EFF),  # Thai, Lao
    (SOUTHEAST_ASIAN, 0x0F00, 0x109F),  # Tibetan, Burmese
    (SOUTHEAST_ASIAN, 0x1780, 0x17FF),  # Khmer
)

_SAMPLE_CHARS = 2048

_BASE = 0x9E3779B97F4A7C15
_NGRAM_BASE = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True)
class Script:
    """How a text is written, as far as counting its words and sentences goes.

    Attributes:
        chars_per_word: Characters that say as much as one English word with its space (6).
        has_spaces: True: white space separates words.
        has_end_marks: True: a mark ends every sentence.
    """

    chars_per_word: int
    has_spaces: bool
    has_end_marks: bool

    def units(self, num_words: int) -> int:
        """Return how many entries of Words make so many words: more than one each in a script without spaces."""
        return num_words if self.has_spaces else num_words * self.chars_per_word


ALPHABETIC = Script(chars_per_word=6, has_spaces=True, has_end_marks=True)
KOREAN = Script(chars_per_word=4, has_spaces=True, has_end_marks=True)
CHINESE_JAPANESE = Script(chars_per_word=2, has_spaces=False, has_end_marks=True)
THAI = Script(chars_per_word=4, has_spaces=False, has_end_marks=False)


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a text; in a script without spaces, its letters and digits stand for words, one by one.

    Attributes:
        script: How the text is written.
        hashes: uint64 [words], equal for equal words.
        lens: int64 [words], characters of each word, punctuation that touches it included.
        classes: uint8 [words], the classes of the characters in each word, or-ed.
        num_signs: Letters and digits in the text.
        num_marks: How many of them are combining marks, such as the vowels of Indian scripts.
    """

    script: Script
    hashes: NDArray[np.uint64]
    lens: NDArray[np.int64]
    classes: NDArray[np.uint8]
    num_signs: int
    num_marks: int

    @cached_property
    def num_words(self) -> int:
        """Words with a letter or digit; without spaces, characters by how many make a word."""
        count = int(np.count_nonzero(self.classes & (LETTER | DIGIT)))
        return count if self.script.has_spaces else count // self.script.chars_per_word

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """int64 [words + 1]: characters before each word and in all, white space left out."""
        offsets = np.zeros(len(self.lens) + 1, np.int64)
        np.cumsum(self.lens, out=offsets[1:])
        return offsets


def script_of(text: str) -> Script:
    """Return how a text is written, judged by most of the letters among 2,048 characters in its middle.

    >>> script_of("Plain English.").has_spaces, script_of("天地玄黄").has_spaces
    (True, False)
    """
    start = max(0, (len(text) - _SAMPLE_CHARS) // 2)
    sample = text[start : start + _SAMPLE_CHARS]
    if sample.isascii():
        return ALPHABETIC
    classes = classify(char_codes(sample))
    half = np.count_nonzero(classes & LETTER) / 2
    for bit, script in ((HAN, CHINESE_JAPANESE), (HANGUL, KOREAN), (SOUTHEAST_ASIAN, THAI)):
        if np.count_nonzero(classes & bit) > half:
            return script
    return ALPHABETIC


def split_words(text: str, script: Script) -> Words:
    """Cut the first MAX_WORDS_CHARS characters of a text into words.

    >>> words = split_words("One, two: 3 -", ALPHABETIC)
    >>> words.lens.tolist(), words.num_words, words.num_signs
    ([4, 4, 1, 1], 3, 7)
    """
    codes = char_codes(text[:MAX_WORDS_CHARS])
    hashes, _, lens, classes, num_signs, num_marks = _split(codes, _class_table(), script)
    return Words(script, hashes, lens, classes, num_signs, num_marks)


def hash_plain_words(texts: Sequence[str], script: Script) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Cut texts into words as split_words does, but in lower case and with all that is no letter or digit as space.

    One call for many short texts takes less time than a call for each.

    Returns:
        uint64 [words]: The hashes of all texts' words.
        int64 [texts]: How many words each text has.

    >>> hash_plain_words(["One-two!", "Three"], ALPHABETIC)[1].tolist()
    [2, 1]
    """
    lowered = [text[:MAX_WORDS_CHARS].lower() for text in texts]
    codes = char_codes(" ".join(lowered))
    hashes, starts, *_ = _split(codes, _plain_classes(), script)
    ends_of_texts = np.cumsum([len(text) + 1 for text in lowered])
    return hashes, np.diff(np.searchsorted(starts, ends_of_texts), prepend=0)


def ngram_hashes(hashes: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """Return uint64 [words - n + 1]: the hash of the n words that begin at each word.

    >>> ngram_hashes(np.arange(3, dtype=np.uint64), 4)
    array([], dtype=uint64)
    """
    size = len(hashes) - n + 1
    if size <= 0:
        return np.zeros(0, np.uint64)
    ngrams = hashes[:size].copy()
    for shift in range(1, n):
        ngrams *= _NGRAM_BASE
        ngrams += hashes[shift : shift + size]
    return ngrams


def mix_bits(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every bit over all others (the finalizer of MurmurHash3, Austin Appleby, public domain)."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    mixed: NDArray[np.uint64] = values ^ (values >> np.uint64(33))
    return mixed


def char_codes(text: str) -> NDArray[np.uint8] | NDArray[np.uint32]:
    """Return the code points of a text: uint8 [characters] if it is ASCII, else uint32 [characters]."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def classify(codes: NDArray[np.uint8] | NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return uint8 [characters]: the class bits of each code point."""
    table = _class_table()
    return table[codes] if codes.dtype == np.uint8 else np.take(table, codes, mode="clip")


def top_ngram_chars(words: Words, n: int) -> int:
    """Return the characters in all occurrences of the most frequent n-gram; 0 if none occurs twice.

    Of several that are equally frequent, the longest counts.
    """
    if _words is not None:
        return _words.top(words.hashes, words.lens, n)
    ngrams = ngram_hashes(words.hashes, n)
    if not len(ngrams):
        return 0
    _, indices, counts = np.unique(ngrams, return_inverse=True, return_counts=True)
    most = int(counts.max())
    lens = words.offsets[n:] - words.offsets[:-n]
    return 0 if most == 1 else most * int(lens[counts[indices] == most].max())


def repeated_chars(words: Words, n: int) -> int:
    """Return the characters in n-grams that repeat an earlier one, each counted once."""
    if _words is not None:
        return _words.repeats(words.hashes, words.lens, n)
    ngrams = ngram_hashes(words.hashes, n)
    _, firsts, indices = np.unique(ngrams, return_index=True, return_inverse=True)
    repeats = np.flatnonzero(firsts[indices] != np.arange(len(ngrams)))
    is_covered = np.zeros(len(words.lens), np.bool_)
    for shift in range(n):
        is_covered[repeats + shift] = True
    return int(words.lens[is_covered].sum())


_Split = tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8], int, int]


def _split(codes: NDArray[np.uint8] | NDArray[np.uint32], table: NDArray[np.uint8], script: Script) -> _Split:
    """Return the hashes, starts, lengths and classes of the words, and the numbers of signs and of marks.

    Args:
        codes: The characters.
        table: The class of each code; the last is that of all behind it.
        script: How the words are written.
    """
    if _words is not None:
        *arrays, num_signs, num_marks = _words.split(codes, codes.itemsize, table, script.has_spaces)
        hashes, starts, lens, found = map(np.frombuffer, arrays, (np.uint64, np.int64, np.int64, np.uint8))
        return hashes, starts, lens, found, num_signs, num_marks
    classes = np.take(table, codes, mode="clip")
    is_sign = (classes & (LETTER | DIGIT)) != 0
    num_signs, num_marks = int(np.count_nonzero(is_sign)), int(np.count_nonzero(classes & MARK))
    if script.has_spaces:
        starts, ends = _edges(classes)
        hashes = _hash_words(codes, starts, ends)
        found = np.bitwise_or.reduceat(classes & np.uint8(0xFF ^ SPACE), starts) if len(starts) else classes[:0]
    else:
        starts = np.flatnonzero(is_sign)
        ends, found = starts + 1, classes[starts]
        hashes = mix_bits(codes[starts].astype(np.uint64))
    return hashes, starts, ends - starts, found, num_signs, num_marks


def _edges(classes: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the words of a text begin and end, given its characters' classes."""
    is_space = np.ones(len(classes) + 2, np.uint8)
    np.bitwise_and(classes, SPACE, out=is_space[1:-1])
    edges = np.flatnonzero(is_space[1:] != is_space[:-1])
    return edges[::2], edges[1::2]


@cache
def _plain_classes() -> NDArray[np.uint8]:
    """Return the class of each character where all that is no letter or digit is a space."""
    table = _class_table()
    return np.where(table & (LETTER | DIGIT), table, np.uint8(SPACE))


@cache
def _class_table() -> NDArray[np.uint8]:
    table = np.zeros(_LAST_CODE + 1, np.uint8)
    kinds = {"L": LETTER, "M": LETTER | MARK, "N": DIGIT}
    for code in range(_LAST_CODE):
        char = chr(code)
        table[code] = SPACE if char.isspace() else kinds.get(unicodedata.category(char)[0], 0)
    table[0xFE00:0xFE10] = 0  # variation selectors, of emoji above all
    for bit, first, last in _RANGES:
        table[first : last + 1] |= np.where(table[first : last + 1] & LETTER, bit, 0).astype(np.uint8)
    return table


def _hash_words(
    codes: NDArray[np.uint8] | NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Hash each word as a polynomial in an odd base modulo 2**64, so that sums over the whole text can be cut up."""
    powers, inverses = _powers(1 << max(12, (len(codes) - 1).bit_length()))
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(powers[: len(codes)] * codes, out=sums[1:])
    lens = (ends - starts).astype(np.uint64)
    return mix_bits((sums[ends] - sums[starts]) * inverses[starts] + lens * _NGRAM_BASE)


@cache
def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the powers of the base modulo 2**64, exponents 0 to size - 1, and their inverses: uint64 [size] each."""
    both = []
    for base in (_BASE, pow(_BASE, -1, 1 << 64)):
        factors = np.full(size, base, np.uint64)
        factors[0] = 1
        both.append(np.multiply.accumulate(factors))
    return both[0], both[1]
