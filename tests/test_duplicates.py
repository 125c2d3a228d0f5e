"""Who is dropped as a duplicate, against plain Python; how surely near-duplicates are found."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.errors import ConfigError
from xlnet_data.filters.duplicates import (
    DeduplicationSettings,
    band_keys,
    band_recall,
    content_hash,
    match_exact,
    match_near,
    signatures,
    similarities,
    sketches,
)

SETTINGS = DeduplicationSettings(near=True)
RNG_SEED = 7

GOLDEN_HASH = 14536883632116679928
GOLDEN_SIGNATURES = [
    [1160482498, 37178646, 887958782, 685702690],
    [3767691233, 2321397133, 1364665801, 171932119],
    [29314003, 195276293, 248073300, 423876556],
]
GOLDEN_KEYS = [5333071460137748264, 10246930161421065055, 8032436219935490771, 16743708830046759615]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Twice told.", " twice\n\n“TOLD”", True),
        ("caf\u00e9", "cafe\u0301", True),
        ("café", "cafe", False),
        ("Open 9 to 5.", "Open 9 to 6.", False),
        ("कि", "का", False),
        ("...", "!!!", False),
        ("天地 玄黄", "天地，玄黄", True),
        ("a\u2014b", "ab", True),
        ("", " ", False),
    ],
)
def test_case_punctuation_and_white_space_make_no_other_text(one, other, is_same):
    assert (content_hash(one) == content_hash(other)) is is_same


def test_hashes_and_signatures_are_the_same_on_every_machine():
    assert content_hash("The same everywhere.") == GOLDEN_HASH
    texts = ["The same words, in the same order, everywhere.", "", "各地都一样的文字，顺序也一样。"]
    found = signatures(texts, DeduplicationSettings(near=True, num_perm=4, ngram=2))
    assert found.tolist() == GOLDEN_SIGNATURES
    assert band_keys(found, DeduplicationSettings(near=True, num_perm=4))[0].tolist() == GOLDEN_KEYS


def test_a_signature_does_not_depend_on_the_batch_nor_on_case_and_punctuation():
    texts = ["One two three four five six.", "Quite another thing, said he, and left.", "", "Short"]
    together = signatures(texts, SETTINGS)
    assert together.dtype == np.uint32
    assert together.shape == (4, 128)
    assert [signatures([text], SETTINGS)[0].tolist() for text in texts] == together.tolist()
    assert signatures(["one TWO three - four, five six"], SETTINGS)[0].tolist() == together[0].tolist()
    assert signatures([], SETTINGS).shape == (0, 128)


@pytest.mark.parametrize(
    ("threshold", "num_perm", "bands", "rows"),
    [(0.8, 128, 16, 8), (0.5, 128, 42, 3), (0.9, 64, 6, 10), (1.0, 128, 1, 128)],
)
def test_bands_find_pairs_at_the_threshold_with_as_many_rows_as_that_allows(threshold, num_perm, bands, rows):
    settings = DeduplicationSettings(near=True, threshold=threshold, num_perm=num_perm)
    assert (settings.bands, settings.rows) == (bands, rows)
    assert band_recall(threshold, rows, bands) >= 0.9 > band_recall(threshold, rows + 1, num_perm // (rows + 1))


def exact_oracle(rows: list[tuple[int, int, int]]) -> list[int]:
    least: dict[int, tuple[int, int]] = {}
    for key, rank, doc in rows:
        least[key] = min(least.get(key, (rank, doc)), (rank, doc))
    return sorted({doc for key, rank, doc in rows if (rank, doc) != least[key]})


def near_oracle(rows: list[tuple[int, int, int]], sketch_of: dict[int, list[int]], threshold: float) -> list[int]:
    least: dict[int, tuple[int, int]] = {}
    for key, rank, doc in rows:
        least[key] = min(least.get(key, (rank, doc)), (rank, doc))
    dropped = set()
    for key, rank, doc in rows:
        if (rank, doc) != least[key]:
            pairs = list(zip(sketch_of[doc], sketch_of[least[key][1]], strict=True))
            share = sum(a == b for a, b in pairs) / len(pairs)
            if (share - 1 / 256) / (255 / 256) >= threshold:
                dropped.add(doc)
    return sorted(dropped)


rows_strategy = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 12)), max_size=40)


def dropped_exact(keys: np.ndarray, ranks: np.ndarray, docs: np.ndarray) -> np.ndarray:
    return np.unique(docs[match_exact(keys, ranks, docs).rows])


def dropped_near(
    keys: np.ndarray, ranks: np.ndarray, docs: np.ndarray, sketches: np.ndarray, threshold: float
) -> np.ndarray:
    return np.unique(docs[match_near(keys, ranks, docs, sketches.__getitem__, threshold).rows])


def columns(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    keys, ranks, docs = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    return np.array(keys, np.uint64), np.array(ranks, np.uint16), np.array(docs, np.uint64)


@given(rows_strategy, st.randoms(use_true_random=False), st.integers(0, 6))
def test_the_smallest_of_equal_texts_survives_in_any_order_and_range(rows, random, cut):
    expected = exact_oracle(rows)
    random.shuffle(rows)
    assert dropped_exact(*columns(rows)).tolist() == expected
    parts = [[row for row in rows if row[0] < cut], [row for row in rows if row[0] >= cut]]
    assert sorted({int(doc) for part in parts for doc in dropped_exact(*columns(part))}) == expected


@given(rows_strategy, st.randoms(use_true_random=False), st.integers(0, 6), st.sampled_from([0.2, 0.5, 0.99]))
def test_the_near_duplicates_are_those_of_plain_python_in_any_order_and_range(rows, random, cut, threshold):
    sketch_of = {doc: [doc % 2, doc % 3, doc % 5, 0] for doc in range(13)}
    expected = near_oracle(rows, sketch_of, threshold)
    random.shuffle(rows)

    def dropped(part: list[tuple[int, int, int]]) -> list[int]:
        entries = np.array([sketch_of[doc] for _, _, doc in part], np.uint8).reshape(-1, 4)
        return dropped_near(*columns(part), entries, threshold).tolist()

    assert dropped(rows) == expected
    parts = [[row for row in rows if row[0] < cut], [row for row in rows if row[0] >= cut]]
    assert sorted({doc for part in parts for doc in dropped(part)}) == expected


def test_at_a_threshold_of_1_a_document_with_the_same_signature_is_dropped_and_no_other():
    sketch = np.arange(16, dtype=np.uint8)
    other = np.append(sketch[:-1], np.uint8(99))
    rows = columns([(1, 0, 5), (1, 0, 6), (1, 0, 7)])
    assert dropped_near(*rows, np.stack([sketch, sketch, other]), 1.0).tolist() == [6]


def test_a_group_of_a_hundred_thousand_rows_is_decided_at_once():
    size = 100_000
    docs = np.arange(size, dtype=np.uint64)[::-1].copy()
    same = np.zeros((size, 16), np.uint8)
    keys, ranks = np.zeros(size, np.uint64), np.zeros(size, np.uint16)
    assert dropped_near(keys, ranks, docs, same, 0.8).tolist() == list(range(1, size))


def perturbed_pair(rng: np.random.Generator, num_changes: int) -> tuple[str, str, float]:
    """Return a text of 400 words, one with some of them changed, and the Jaccard similarity of their 5-grams."""
    words = [f"w{number}" for number in rng.integers(0, 3000, 400)]
    changed = list(words)
    for place in rng.choice(400, num_changes, replace=False):
        changed[place] = f"x{rng.integers(0, 3000)}"
    one, other = ({tuple(text[i : i + 5]) for i in range(396)} for text in (words, changed))
    return " ".join(words), " ".join(changed), len(one & other) / len(one | other)


def found_pairs(pairs: list[tuple[str, str, float]]) -> list[bool]:
    """Return for each pair whether its second text is dropped as a near-duplicate of the first."""
    entries = signatures([text for one, other, _ in pairs for text in (one, other)], SETTINGS)
    num_docs, bands = len(entries), SETTINGS.bands
    keys = band_keys(entries, SETTINGS)
    docs = np.repeat(np.arange(num_docs, dtype=np.uint64), bands)
    ranks = np.zeros(num_docs * bands, np.uint16)
    dropped = dropped_near(keys.ravel(), ranks, docs, np.repeat(sketches(entries), bands, axis=0), SETTINGS.threshold)
    assert not (dropped % 2 == 0).any()
    return [2 * i + 1 in dropped for i in range(len(pairs))]


def test_near_duplicates_are_found_and_others_are_left():
    rng = np.random.default_rng(RNG_SEED)
    pairs = [perturbed_pair(rng, num_changes) for num_changes in (0, 2, 5, 9, 20, 30, 60) for _ in range(40)]
    found = np.array(found_pairs(pairs))
    truth = np.array([similarity for *_, similarity in pairs])
    assert found[truth >= 0.9].mean() >= 0.99
    assert found[truth < 0.65].mean() <= 0.01
    is_duplicate = truth >= 0.8
    recall = found[is_duplicate].mean()
    precision = is_duplicate[found].mean()
    assert recall >= 0.9
    assert precision >= 0.9


def test_the_estimate_is_close_to_the_true_similarity():
    rng = np.random.default_rng(RNG_SEED)
    pairs = [perturbed_pair(rng, num_changes) for num_changes in (1, 5, 10, 20, 40) for _ in range(40)]
    entries = sketches(signatures([text for one, other, _ in pairs for text in (one, other)], SETTINGS))
    errors = similarities(entries[::2], entries[1::2]) - np.array([similarity for *_, similarity in pairs])
    assert abs(errors.mean()) < 0.01
    assert errors.std() < 0.5 / np.sqrt(128)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"exact": "yes"}, "exact must be true or false: got 'yes'"),
        ({"exact": 1}, "exact must be true or false: got 1"),
        ({"near": 1}, "near must be true or false: got 1"),
        ({"threshold": 0.0}, "threshold must be above 0 and at most 1: got 0.0"),
        ({"threshold": 1.5}, "threshold must be above 0 and at most 1: got 1.5"),
        ({"num_perm": 0}, "num_perm must be a whole number from 1 to 4096: got 0"),
        ({"ngram": True}, "ngram must be a whole number from 1 to 100: got True"),
    ],
)
def test_a_wrong_setting_is_named(setting, message):
    with pytest.raises(ConfigError) as raised:
        DeduplicationSettings(**setting)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "unit", ["a", "\n", "\u0301", "\u0316\u0301", "\u200b", "天", "ก", "\u1100\u1161", "\U0001f468\u200d", "same "]
)
def test_a_million_characters_of_anything_are_compared_in_little_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    start = time.process_time()
    content_hash(text)
    signatures([text], SETTINGS)
    assert time.process_time() - start < 5


def test_a_million_documents_with_one_key_are_compared_with_one_alone() -> None:
    num = 1_000_000
    ranks, dedup_keys = np.zeros(num, np.uint16), np.arange(num, 0, -1, dtype=np.uint64)
    start = time.process_time()
    found = match_exact(np.full(num, 7, np.uint64), ranks, dedup_keys)
    assert time.process_time() - start < 10
    assert len(found.rows) == num - 1
    assert set(found.others.tolist()) == {num - 1}
