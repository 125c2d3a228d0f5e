"""Composed characters: the same as Python's own, in time that grows with the text, however many marks it holds."""

import time
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.filters.duplicates import content_hash
from xlnet_data.filters.languages import has_stop_words
from xlnet_data.text.composition import compose, compose_marks

MARKS = "\u0301\u0316\u0345\u0f71\u0f73\u0344\u05b4\U0001e94a"
LETTERS = st.sampled_from("aU\u01d5\u212b\u1100\u1161\u11a8\uac00\u0958 .")


@given(st.lists(st.tuples(LETTERS | st.characters(), st.text(MARKS, max_size=4), st.sampled_from([0, 1, 60, 200]))))
def test_composed_texts_are_those_of_unicode(pieces: list[tuple[str, str, int]]) -> None:
    text = "".join(letter + marks * times for letter, marks, times in pieces)
    assert compose(text) == unicodedata.normalize("NFC", text)


@given(st.text("aU\u1100\u1161\u11a8\uac00\u304b\u3099\u212b\u0301\u0316 ."))
def test_letters_are_composed_with_the_marks_behind_them_and_nothing_else_is(text: str) -> None:
    parts: list[str] = []
    for character in text:
        if parts and character in "\u1161\u11a8\u3099\u0301\u0316":
            parts[-1] += character
        else:
            parts.append(character)
    composed = [unicodedata.normalize("NFC", part) if len(part) > 1 else part for part in parts]
    assert compose_marks(text) == "".join(composed)


@pytest.mark.parametrize("unit", ["\u0301\u0316", "\u0f73\u0f71", "\u0344\u0316"])
@pytest.mark.parametrize("ask", [content_hash, lambda text: has_stop_words(text, "en", 2)], ids=["hash", "stop words"])
def test_time_grows_no_faster_than_the_marks_on_one_letter(ask: Callable[[str], object], unit: str) -> None:
    def measure(num_marks: int) -> float:
        started = time.process_time()
        ask("cafe" + unit * (num_marks // len(unit)))
        return time.process_time() - started

    measure(1000)
    assert measure(160_000) < 32 * max(measure(20_000), 0.005)  # 8 times if linear, 64 times if quadratic
