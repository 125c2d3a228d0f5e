"""Paragraphs that are plain at a glance: the compiled pass may find plain only what the patterns find so too."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlnet_data.text import abbreviations, doubts
from xlnet_data.text.doubts import doubtful_paragraphs
from xlnet_data.text.units import UNITS
from xlnet_data.text.word_ends import doubtful_word_rules

_plain_ends = pytest.importorskip("xlnet_data.text._plain_ends", reason="installed without a compiler")

_WORDS = """
late.12 late.3 stol stor House him Act II CNT 1984 3.5 1,250 12 1960s m me etc No x é Привет ( “ ‘ ” ’ » « " ' -- — …
_ * [ ] ) Hr. Mr. km/h A B I I'm The He 日本 ¡ ² ° USA XIV XXXVIII mid-1960s ex-wife re x- -- Högne été ö × ÷ 's ’s Ann
Sun ab Ob 1a McDo eX
"""
WORDS = [*_WORDS.split(), "= x", "\u2028", "\x1c", "\0", "\ud800"]


@settings(max_examples=1000)
@given(
    st.lists(
        st.lists(
            st.lists(st.sampled_from([*WORDS, *" .!?,a\n\t\xa0", " ", ". ", ".” ", "  "]), max_size=6).map("".join),
            min_size=1,
            max_size=3,
        ),
        max_size=4,
    ),
    st.sampled_from(["en", "de", "sv", "it", "cs", "hi", "zh", "ta"]),
)
def test_what_is_plain_at_a_glance_is_plain_to_the_patterns(parts: list[list[str]], language: str) -> None:
    assert doubtful_paragraphs(parts, language) == doubts._search(parts, language)


@pytest.mark.parametrize("language", sorted({*abbreviations.WORDS, *abbreviations.BEFORE_WORDS, *UNITS, "hr", "ja"}))
def test_the_words_of_a_language_are_not_plain_at_a_glance(language: str) -> None:
    tables = (abbreviations.WORDS, abbreviations.BEFORE_WORDS, abbreviations.BEFORE_BEGINNERS, UNITS)
    words = [word.replace("_", " ") for table in tables for word in table.get(language, "").split()]
    texts = [
        [f"{before}{case}.{closing}{blank}", "He left."] if is_end else [f"{before}{case}.{closing}{blank}He left."]
        for word in [*words, "cm", "x"]
        for case in (word, word.capitalize(), word.upper())
        for before in ("Then 5 ", "Then it is ", "Then (", "At 5 km/", "")
        for closing in ("", '"')
        for blank in (" ", "\n", "  ")
        for is_end in (True, False)
    ]
    assert doubtful_paragraphs(texts, language) == doubts._search(texts, language)


def test_what_is_seldom_doubtful_is_not_plain_at_a_glance() -> None:
    doubtful = [
        ["To bylo 19. stol. ", "Potom přišel."],
        ["To bylo 19. stor. ", "Potom přišel."],
        ["He came.   ", "She left."],
        ["He came. ", "Chr. geboren."],
        ["He came. ", "IV. Then he left."],
        ["“But—” He paused."],
        ["“He said ‘well…’” She left."],
        ["Let x = α. Then it is."],
        ["It was late.12 He left."],
        ["It rained in 1984.  ", "No one came."],
        ["It is the USA.  ", "No one came."],
        ["It was Charles XVIII. ", "No one came."],
        ["It was the x-ray. ", "No one came."],
        ["It was (USA. ", "No one came."],
        ["It was 5×bcd. ", "No one came."],
        ["It was mid-12. ", "No one came."],
        ["It is 3.14159. ", "No one came."],
        ["It was 12nb. ", "No one came."],
        ["It was nb1bd. ", "No one came."],
        ["It was Lo XXXVIII. ", "No one came."],
        ["It was 1abcd.  ", "No one came."],
        ["It was aEb.  ", "No one came."],
        ["It was Abb.  ", "No one came."],
        ["It was DnB. ", "No one came."],
        ["It was bRd. ", "No one came."],
    ]
    assert doubtful_paragraphs(doubtful, "en") == list(range(len(doubtful)))


def test_most_text_is_plain_at_a_glance() -> None:
    plain = [
        [
            "It rained in 1984. ",
            "No one came.  ",
            '"Where are you?" ',
            "She asked me twice. ",
            "I'm here. ",
            "BBC News.",
        ],
        [
            "He saw Högne. ",
            "His ex-wife saw Ann. ",
            "The mid-1960s. ",
            "In the USA. ",
            "It is\nSun. ",
            "It is 3.5. ",
            "It is 1,250. ",
            "At the café. ",
            "No one came.",
        ],
        ["Mr. Lo met J. Roy of the U.S. Army (at 3.5 per cent). ", "He left it."],
    ]
    assert _plain_ends.find_others([*plain, ["In vol. ", "xii."]], *doubtful_word_rules("en")) == [len(plain)]
