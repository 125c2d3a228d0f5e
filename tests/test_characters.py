"""Characters by their classes: counted and found, the same with the compiled part as without it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.text import characters
from xlnet_data.text.characters import count_characters, find_marked
from xlnet_data.text.clean_up import clean_sentences, count_letters
from xlnet_data.text.invisible import drop_invisible
from xlnet_data.text.settings import TokenizerSettings

TEXTS = st.text(
    st.sampled_from("aZ \t\n`'\"é\u0301\xa0\xad\u2028\u200d中が\ufeffﷺ😀\U0002f800\ud800\udfff") | st.characters()
)

compiled = pytest.mark.skipif(
    characters._characters is None, reason="there was no C compiler when xlnet-data was installed"
)


def classes(stop: int) -> bytes:
    """Letters by their case, two kinds of marks, and what is far away."""
    return bytes({"a": 1, "b": 2, "c": 3, " ": 2, "é": 1, "中": 4, "😀": 3}.get(chr(code), 0) for code in range(stop))


def test_characters_are_counted_by_the_bits_of_their_classes() -> None:
    assert count_characters("aabcx é", classes) == (4, 3)
    assert count_characters("a中😀b", classes) == (2, 2)
    assert count_characters("a\ud800b", classes) == (1, 1)


@compiled
def test_texts_are_found_by_a_character_or_by_two_of_a_kind_with_a_space_on_either_side() -> None:
    texts = ["", "xa", "xyz", "xby", "xbby", "b", "xb", "x y", " x", "中x中", "x中中", "x\ud800", "é"]
    assert [texts[n] for n in find_marked(texts, classes)] == [
        "",
        "xa",
        "xbby",
        "b",
        "xb",
        " x",
        "x中中",
        "x\ud800",
        "é",
    ]


@compiled
def test_wrong_arguments_are_refused() -> None:
    for look, what in (("count", b"a"), ("find", ["a", 1]), ("find", ("a",))):
        with pytest.raises(TypeError):
            getattr(characters._characters, look)(what, bytes(256))
    for size in (0, 0x7F, 0x110001):
        with pytest.raises(ValueError, match="from 0x80 to 0x110000"):
            characters._characters.count("a", bytes(size))


@compiled
@given(st.lists(TEXTS), st.booleans(), st.booleans())
def test_a_text_comes_out_the_same_without_the_compiled_part(
    texts: list[str], keep_accents: bool, lowercase: bool
) -> None:
    settings = TokenizerSettings(keep_accents=keep_accents, lowercase=lowercase)

    def results() -> list[object]:
        return [
            clean_sentences(texts, settings),
            [(count_letters(text, settings), drop_invisible(text)) for text in texts],
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(characters, "_characters", None)
        expected = results()
    assert results() == expected
