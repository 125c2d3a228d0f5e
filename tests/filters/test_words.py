"""Words as arrays, and repeated phrases, against what plain Python finds."""

import unicodedata
from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.filters import words as words_module
from xlnet_data.filters.repetition import DUPLICATE_NGRAM_SIZES, TOP_NGRAM_SIZES, judge_repeated_phrases
from xlnet_data.filters.settings import FilterSettings
from xlnet_data.filters.words import (
    ALPHABETIC,
    CHINESE_JAPANESE,
    KOREAN,
    THAI,
    hash_plain_words,
    repeated_chars,
    script_of,
    split_words,
    top_ngram_chars,
)
from xlnet_data.schemas.document import Reason

compiled = pytest.mark.skipif(
    words_module._words is None, reason="there was no C compiler when xlnet-data was installed"
)
few_words = st.lists(st.sampled_from(["a", "bb", "ccc", "d.", "é"]), max_size=40)


def kind(char: str) -> str:
    is_selector = unicodedata.name(char, "").startswith("VARIATION SELECTOR-")
    return "-" if is_selector else unicodedata.category(char)[0]


@given(st.text())
def test_words_are_what_white_space_separates(text):
    words = split_words(text, ALPHABETIC)
    expected = text.split()
    assert words.lens.tolist() == [len(word) for word in expected]
    assert words.num_words == sum(any(kind(char) in "LMN" for char in word) for word in expected)
    assert words.num_signs == sum(kind(char) in "LMN" for char in text)


@given(st.text(st.sampled_from("ab é天 \n\x00")), st.text(st.sampled_from("ab é天 \n")))
def test_equal_words_have_equal_hashes_wherever_they_stand(before, after):
    text = f"{before} word {after} word"
    hashes = split_words(text, ALPHABETIC).hashes
    expected = text.split()
    by_word = dict(zip(expected, hashes.tolist(), strict=True))
    assert [by_word[word] for word in expected] == hashes.tolist()
    assert len(set(by_word.values())) == len(by_word)


@given(st.lists(st.text()), st.sampled_from([ALPHABETIC, CHINESE_JAPANESE]))
def test_plain_words_are_letters_and_digits_in_lower_case_text_by_text(texts, script):
    expected = []
    for text in texts:
        plain = "".join(char if kind(char) in "LMN" else " " for char in text.lower())
        expected.append(split_words(plain, script).hashes.tolist())
    hashes, counts = hash_plain_words(texts, script)
    assert counts.tolist() == list(map(len, expected))
    assert hashes.tolist() == list(chain.from_iterable(expected))


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Said in English, with a 词 or two.", ALPHABETIC),
        ("По-русски тоже.", ALPHABETIC),
        ("人人生而自由 in law.", CHINESE_JAPANESE),
        ("すべての人間は", CHINESE_JAPANESE),
        ("모든 인간은 태어날 때부터", KOREAN),
        ("มนุษย์ทั้งหลายเกิดมา", THAI),
        ("", ALPHABETIC),
        ("12:30 -- 45", ALPHABETIC),
    ],
)
def test_the_script_is_that_of_most_letters(text, script):
    assert script_of(text) is script


def test_two_chinese_characters_count_as_a_word_and_four_thai_ones():
    assert split_words("人人，生而。自由1", CHINESE_JAPANESE).num_words == 3
    assert split_words("มนุษย์ทั้", THAI).num_words == 2


def most_frequent_chars(words: list[str], n: int) -> int:
    counts = Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
    most = max(counts.values(), default=0)
    return most * max(len("".join(ngram)) for ngram, count in counts.items() if count == most) if most > 1 else 0


def chars_in_repeats(words: list[str], n: int) -> int:
    seen: set[tuple[str, ...]] = set()
    covered: set[int] = set()
    for i in range(len(words) - n + 1):
        ngram = tuple(words[i : i + n])
        if ngram in seen:
            covered.update(range(i, i + n))
        seen.add(ngram)
    return sum(len(words[i]) for i in covered)


@given(few_words, st.integers(1, 6))
def test_the_characters_of_phrases_are_those_that_counting_finds(words, n):
    split = split_words(" ".join(words), ALPHABETIC)
    assert top_ngram_chars(split, n) == most_frequent_chars(words, n)
    assert repeated_chars(split, n) == chars_in_repeats(words, n)


shares = st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.9])


@given(few_words, st.tuples(*[shares] * 3), st.tuples(*[shares] * 6))
def test_the_shortcuts_change_no_decision(words, top, repeats):
    total = len("".join(words))
    split = split_words(" ".join(words), ALPHABETIC)
    is_top = any(x and most_frequent_chars(words, n) > x * total for n, x in zip(TOP_NGRAM_SIZES, top, strict=True))
    is_repeat = any(
        x and chars_in_repeats(words, n) > x * total for n, x in zip(DUPLICATE_NGRAM_SIZES, repeats, strict=True)
    )
    expected = Reason.TOP_NGRAM if is_top else Reason.DUPLICATE_NGRAMS if is_repeat else None
    settings = FilterSettings(max_top_ngram=top, max_duplicate_ngrams=repeats)
    found = judge_repeated_phrases(split, settings)
    assert (found and found.reason) == expected


@compiled
@given(st.text(), few_words, st.sampled_from([ALPHABETIC, CHINESE_JAPANESE]), st.integers(1, 6))
def test_words_and_their_repeats_are_the_same_without_the_compiled_part(text, words, script, n):
    def look():
        split = split_words(f"{text} {' '.join(words)}", script)
        arrays = [*hash_plain_words([text, *words], script), split.hashes, split.lens, split.classes]
        numbers = split.num_signs, split.num_marks, top_ngram_chars(split, n), repeated_chars(split, n)
        return [(array.dtype, array.tolist()) for array in arrays], numbers

    found = look()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words_module, "_words", None)
        assert look() == found


@compiled
def test_wrong_arguments_are_refused():
    for codes, width, classes in ((b"abc", 2, b"\0"), (b"abc", 4, b"\0"), (b"abc", 1, b"")):
        with pytest.raises(ValueError, match="at least one class"):
            words_module._words.split(codes, width, classes, True)
    for hashes, lens, n in ((b"8" * 8, b"", 1), (b"123", b"123", 1), (b"8" * 8, b"8" * 8, 0)):
        for measure in (words_module._words.top, words_module._words.repeats):
            with pytest.raises(ValueError, match="as many hashes as lengths"):
                measure(hashes, lens, n)
    with pytest.raises(TypeError):
        words_module._words.split("abc", 1, b"\0", True)
