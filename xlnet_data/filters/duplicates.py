"""Finds duplicate documents: hashes and MinHash signatures of texts, and which document of a group is kept."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import rensa
from numpy.typing import NDArray

from xlnet_data.checks import check_type, is_whole_number
from xlnet_data.errors import ConfigError
from xlnet_data.filters.words import (
    ALPHABETIC,
    DIGIT,
    LETTER,
    Script,
    char_codes,
    classify,
    hash_plain_words,
    mix_bits,
    ngram_hashes,
    script_of,
)
from xlnet_data.text.composition import compose

MIN_RECALL = 0.9
"""How surely a pair whose similarity is the threshold must share a band."""

_SEED = 190608237
_ROWS_AT_A_TIME = 1 << 16
_CHARS_AT_A_TIME = 1 << 15


@dataclass(frozen=True)
class DeduplicationSettings:
    """What counts as a duplicate, across all corpora."""

    exact: bool | None = None
    """Drop documents whose text another has, but for case, punctuation and white space; None: in web corpora only."""
    near: bool = False
    """Drop documents whose text another nearly has."""
    threshold: float = 0.8
    """Jaccard similarity of the n-grams of two documents from which on they are near-duplicates."""
    num_perm: int = 128
    """Length of a signature; the similarity's standard error is at most 0.5 / sqrt(num_perm)."""
    ngram: int = 5
    """Words per n-gram; in scripts without spaces twice or four times as many characters."""

    def __post_init__(self) -> None:
        if self.exact is not None:
            check_type("deduplication: exact", self.exact, True)
        check_type("deduplication: near", self.near, True)
        check_type("deduplication: threshold", self.threshold, 0.8)
        if not 0 < self.threshold <= 1:
            raise ConfigError(f"deduplication: threshold must be above 0 and at most 1: got {self.threshold!r}")
        for name, most in (("num_perm", 4096), ("ngram", 100)):
            value = getattr(self, name)
            if not is_whole_number(value) or not 1 <= value <= most:
                raise ConfigError(f"deduplication: {name} must be a whole number from 1 to {most}: got {value!r}")
        for name in ("threshold", "num_perm", "ngram"):
            if not self.near and (value := getattr(self, name)) != getattr(DeduplicationSettings, name):
                raise ConfigError(
                    f"deduplication: {name} is of near-duplicates alone: set near = true, or leave it out, got {value}"
                )

    @property
    def rows(self) -> int:
        """Entries of a signature per band: as many as MIN_RECALL allows, for the fewest comparisons in vain."""
        fit = (
            r for r in range(self.num_perm, 1, -1) if band_recall(self.threshold, r, self.num_perm // r) >= MIN_RECALL
        )
        return next(fit, 1)

    @property
    def bands(self) -> int:
        """Bands of a signature: documents that agree in all entries of one are compared."""
        return self.num_perm // self.rows


def band_recall(similarity: float, rows: int, bands: int) -> float:
    """Return the probability that two documents agree in a whole band.

    Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", section 3.4.

    >>> round(band_recall(0.8, 8, 16), 3), round(band_recall(0.5, 8, 16), 3)
    (0.947, 0.061)
    """
    return float(1 - (1 - similarity**rows) ** bands)


def content_hash(text: str) -> int:
    """Return 64 bits that are equal for texts that differ in nothing but case, punctuation, white space and layout.

    Letters with their marks and digits are hashed, in lower case and in Unicode's composed form. CCNet (Wenzek et al.
    2020, arXiv 1911.00359, section 3.1) normalises paragraphs so, but also takes away digits and accents, which would
    make one of two price lists or league tables. A text without letters or digits is hashed as it is.
    Among 100 million different texts a pair with equal hashes comes up with probability 0.0003, among a billion 0.03.

    >>> content_hash("Say “yes”, now!") == content_hash("say yes  now"), content_hash("1 - 2") == content_hash("1 - 3")
    (True, False)
    """
    codes = char_codes(compose(text.lower()))
    signs = codes[(classify(codes) & (LETTER | DIGIT)) != 0]
    if not len(signs):
        signs = codes
    if len(signs) and signs.max() < 128:
        signs = signs.astype(np.uint8)
    return int.from_bytes(hashlib.blake2b(signs.tobytes(), digest_size=8).digest(), "little")


def signatures(texts: Sequence[str], settings: DeduplicationSettings) -> NDArray[np.uint32]:
    """Return uint32 [texts, num_perm]: the MinHash signatures of the texts' n-grams of words.

    Case and punctuation do not matter; the first 2**20 characters count; a text shorter than an n-gram is one n-gram.
    The share of equal entries of two signatures estimates their Jaccard similarity as sets of n-grams (Broder 1997).
    """
    shingles = list(_shingles(texts, settings.ngram))
    offsets = np.zeros(len(shingles) + 1, np.uint64)
    np.cumsum([len(found) for found in shingles], out=offsets[1:])
    flat = np.concatenate([*shingles, np.zeros(0, np.uint64)])
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, settings.num_perm, _SEED)
    return np.array(matrix.to_rows(), np.uint32).reshape(len(texts), settings.num_perm)


def band_keys(signatures: NDArray[np.uint32], settings: DeduplicationSettings) -> NDArray[np.uint64]:
    """Return uint64 [documents, bands]: documents with a key in common agree in all entries of a band."""
    rows, bands = settings.rows, settings.bands
    entries = signatures[:, : rows * bands].reshape(len(signatures), bands, rows).astype(np.uint64)
    keys = np.broadcast_to(mix_bits(np.arange(1, bands + 1, dtype=np.uint64)), (len(signatures), bands))
    for row in range(rows):
        keys = mix_bits(keys ^ entries[:, :, row])
    return keys


def sketches(signatures: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return uint8 [documents, num_perm]: the low byte of each entry, enough to estimate a similarity by.

    b-bit minwise hashing (Li and König 2010): a quarter of the bytes; unequal entries agree once in 256 times, which
    similarities corrects for.
    """
    return signatures.astype(np.uint8)


def similarities(sketches: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return float64 [pairs]: the estimated Jaccard similarity of sketches[i] and others[i]."""
    agreement: NDArray[np.float64] = np.mean(sketches == others, axis=1)
    return (agreement - 1 / 256) / (1 - 1 / 256)


@dataclass(frozen=True, eq=False)
class Matches:
    """Rows whose documents are dropped, each because of another row.

    Attributes:
        rows: int64 [matches], the rows.
        others: int64 [matches], for each the row of the document that it is dropped for.
        similarities: float64 [matches], of the two, as it is estimated; 1 for the same text.
    """

    rows: NDArray[np.int64]
    others: NDArray[np.int64]
    similarities: NDArray[np.float64]


def match_exact(keys: NDArray[np.uint64], ranks: NDArray[np.uint16], dedup_keys: NDArray[np.uint64]) -> Matches:
    """Return the rows of the documents that are dropped because another has the same text.

    Of the rows with one key that of the smallest (rank, dedup_key) survives; so does any row equal to it. The result
    does not depend on the order of rows, nor on how they are cut into ranges, as long as a key's rows stay together.

    Args:
        keys: uint64 [rows], content hashes.
        ranks: uint16 [rows], position of each document's corpus in the config.
        dedup_keys: uint64 [rows], the documents' keys.
    """
    rows, firsts = _group(keys, ranks, dedup_keys)
    return Matches(rows, firsts, np.ones(len(rows)))


def find_repeats(keys: NDArray[np.uint64], dedup_keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return bool [rows]. True: another row has the same key and the same document.

    >>> find_repeats(np.array([1, 1, 2, 1]), np.array([7, 8, 7, 7])).tolist()
    [True, False, False, True]
    """
    order = np.lexsort((dedup_keys, keys))
    is_same = (keys[order[1:]] == keys[order[:-1]]) & (dedup_keys[order[1:]] == dedup_keys[order[:-1]])
    repeats = np.zeros(len(keys), bool)
    repeats[order[1:]] |= is_same
    repeats[order[:-1]] |= is_same
    return repeats


def match_near(
    keys: NDArray[np.uint64],
    ranks: NDArray[np.uint16],
    dedup_keys: NDArray[np.uint64],
    sketches: Callable[[NDArray[np.int64]], NDArray[np.uint8]],
    threshold: float,
) -> Matches:
    """Return the rows of the documents that are dropped because another says nearly the same.

    Each row is compared with one other alone, that of the smallest (rank, dedup_key) with its key, and dropped if the
    two are similar enough: so the work grows with the rows, however large a group. Two consequences: a document may be
    dropped for one that is dropped itself, in another band; and of a group whose smallest is like none of the others,
    all stay unless another band brings them together. A document is dropped if any of its rows is.

    Args:
        keys: uint64 [rows], band keys; one row per document and band.
        ranks: uint16 [rows], position of each document's corpus in the config.
        dedup_keys: uint64 [rows], the documents' keys.
        sketches: Returns the sketches of some rows, uint8 [rows, num_perm].
        threshold: Estimated Jaccard similarity from which on a document is dropped.
    """
    rows, firsts = _group(keys, ranks, dedup_keys)
    found = [np.zeros(0)]
    for start in range(0, len(rows), _ROWS_AT_A_TIME):
        part = slice(start, start + _ROWS_AT_A_TIME)
        found.append(similarities(sketches(rows[part]), sketches(firsts[part])))
    similar = np.concatenate(found)
    is_dropped = similar >= threshold
    return Matches(rows[is_dropped], firsts[is_dropped], similar[is_dropped])


def _group(
    keys: NDArray[np.uint64], ranks: NDArray[np.uint16], dedup_keys: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that share their key with a smaller (rank, dedup_key), and for each the row of the smallest."""
    order = np.lexsort((dedup_keys, ranks, keys))
    if not len(order):
        return order, order
    starts = np.flatnonzero(np.concatenate([[True], keys[order[1:]] != keys[order[:-1]]]))
    firsts = np.repeat(order[starts], np.diff(starts, append=len(order)))
    is_other = (dedup_keys[order] != dedup_keys[firsts]) | (ranks[order] != ranks[firsts])
    return order[is_other], firsts[is_other]


def _shingles(texts: Sequence[str], ngram: int) -> Iterator[NDArray[np.uint64]]:
    """Yield uint64 [n-grams], at least one: the hashes of each text's n-grams of words."""
    for script, alike in _groups(texts):
        hashes, counts = hash_plain_words(alike, script)
        size = script.units(ngram)
        ngrams = mix_bits(ngram_hashes(hashes, size))
        for text, count, end in zip(alike, counts.tolist(), np.cumsum(counts).tolist(), strict=True):
            if count >= size:
                yield ngrams[end - count : end - size + 1]
            elif count:
                yield mix_bits(ngram_hashes(hashes[end - count : end], count))
            else:
                yield np.array([content_hash(text)], np.uint64)


def _groups(texts: Sequence[str]) -> Iterator[tuple[Script, list[str]]]:
    """Yield texts that follow one another in one script, as many as a core's cache holds, and the script."""
    alike: list[str] = []
    chars = 0
    last = ALPHABETIC
    for text in texts:
        script = script_of(text)
        if alike and (script is not last or chars + len(text) > _CHARS_AT_A_TIME):
            yield last, alike
            alike, chars = [], 0
        alike.append(text)
        last, chars = script, chars + len(text)
    if alike:
        yield last, alike
