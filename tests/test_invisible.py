"""Invisible characters: which go, and which stay because they change what is seen."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.text.characters import ALL_CODES, FEW_CODES
from xlnet_data.text.invisible import _DROPPED, _INVISIBLE, _classes, drop_invisible


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Donau\u00addampf\u00adschiff", "Donaudampfschiff"),
        ("\ufeffone\ufeff two\u2060", "one two"),
        ("\u200fab\u202ec\u202c \u2066d\u2069\u061c\u200e", "abc d"),
        ("x\u2062y, a\ufff9b\ufffabb\ufffbc\ufffc", "xy, abc"),
        ("ស\u17b4\u17b5 \ufdd0\ufffe, 가\u3164나\u115f\u1160다", "ស , 가 나다"),
        ("a\0b\x07c\x1b[31md\x7f\x9b", "abc[31md"),
        ("\u034f \u200c\u034fза\u0301\u034fмок \U0001d173", " за\u0301мок "),
        ("file\u200bname\u200b", "filename"),
        ("f\u200cl and \u200djoin", "fl and join"),
        ("a\U000e0041b", "ab"),
        ("tabs\tand\nlines\r\n\x85\x0b\x0c", None),
        ("می\u200cروم، نمی\u200cدانم", None),
        ("क्\u200dष क्\u200cष", None),
        ("ශ්\u200dරී", None),
        ("\U0001f469\u200d\U0001f4bb \u2764\ufe0f\u200d\U0001f525", None),
        ("ភាសា\u200bខ្មែរ and ไทย\u200bคำ", None),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", None),
        ("中文\u3000あ \u00a0é क\u093c", None),
    ],
)
def test_what_stands_for_nothing_goes_and_what_shapes_words_stays(text: str, left: str | None) -> None:
    assert drop_invisible(text) == (text if left is None else left)


@given(st.text(st.characters(exclude_characters="\ufffa\u115f\u1160\u3164\uffa0")))
def test_no_letter_goes_and_a_second_time_changes_nothing(text: str) -> None:
    left = drop_invisible(text)
    assert list(filter(str.isalnum, normalize("NFD", left))) == list(filter(str.isalnum, normalize("NFD", text)))
    assert drop_invisible(left) == left


@pytest.mark.parametrize("text", ["für Ágnes", "Ἑλλάς, καλή", "ёлка й", "가나다 각", "がぎ パ", "Tiếng Việt"])
def test_letters_are_composed_with_their_marks(text: str) -> None:
    assert normalize("NFD", text) != text
    assert drop_invisible(normalize("NFD", text)) == text


@given(st.text(st.sampled_from("\xad\u200b\u200c\u200d\ufffc\ufeff\x07\n\t\u2028\U000e0041\U0001f3f4aا ไक\U0001f525")))
def test_looking_only_at_invisible_characters_drops_what_trying_every_character_drops(text: str) -> None:
    assert drop_invisible(text) == _DROPPED.sub("", text)


def test_a_character_is_looked_for_if_and_only_if_it_may_go() -> None:
    characters = "".join(map(chr, range(ALL_CODES)))
    for stop in (FEW_CODES, ALL_CODES):
        found = {match.start() for match in _INVISIBLE.finditer(characters[:stop])}
        assert {code for code, kind in enumerate(_classes(stop)) if kind & 1} == found
