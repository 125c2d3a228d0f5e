"""Paragraphs and ends that are plain at a glance: the compiled pass may find plain only what the rules leave alone."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xlnet_data.text import abbreviations, doubts, explanations, list_items, plain_ends, quotations
from xlnet_data.text.sentences import replace_surrogates
from xlnet_data.text.units import UNITS
from xlnet_data.text.word_ends import doubtful_word_rules, split_at_words

_plain_ends = pytest.importorskip("xlnet_data.text._plain_ends", reason="installed without a compiler")

_WORDS = """
late.12 late.3 stol stor House him Act II CNT 1984 3.5 1,250 12 1960s m me etc No x é Привет ( “ ‘ ” ’ » « " ' -- — …
_ * [ ] ) Hr. Mr. km/h A B I I'm The He 日本 ¡ ² ° USA XIV XXXVIII mid-1960s ex-wife re x- -- Högne été ö × ÷ 's ’s Ann
Sun ab Ob 1a McDo eX
"""
_SHORT = """
it it's is i ii xii a an of town etc vol no by I I'm Rome 5 12 1984 x.y e.g 5km 3-ton (in) “so” “so deg St n't II
"""
SHORT = _SHORT.split()
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
@example([["(stol. ", "late.12\ud800"]], "en")
def test_what_is_plain_at_a_glance_is_left_alone_by_the_rules(parts: list[list[str]], language: str) -> None:
    check(parts, language)


def check(parts: list[list[str]], language: str) -> None:
    """Check that a glance changes nothing of what the rules do, of each paragraph and of each end in it."""
    rules = doubtful_word_rules(language)
    others = set(_plain_ends.find_others(parts, *rules))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_ends, "_plain_ends", None)
        try:
            joined = [join(pieces, language) for pieces in parts]
        except UnicodeEncodeError:  # upon which a text is split again without halves of surrogate pairs
            check([[replace_surrogates(piece) for piece in pieces] for pieces in parts], language)
            return
    assert [join(pieces, language) for pieces in parts] == joined
    for number, (pieces, sentences) in enumerate(zip(parts, joined, strict=True)):
        cut = cut_again(sentences, language)
        assert cut == sentences or _plain_ends.may_be_cut(sentences, rules[1])
        assert cut == pieces or number in others


def join(pieces: list[str], language: str) -> list[str]:
    return quotations.join_pieces(list_items.split_items(pieces, language), language)


def cut_again(sentences: list[str], language: str) -> list[str]:
    return quotations.split_behind_marks(split_at_words(sentences, language), language)


def test_short_sentences_in_small_letters_are_left_alone_by_the_rules_or_are_not_plain() -> None:
    marks = [". ", ".\n", ".", ".  ", "? ", ".” ", ", ", ": ", ") ", " "]
    rng = random.Random(0)
    parts = [
        [
            "".join(rng.choice(SHORT) + rng.choice(marks if rng.random() < 0.3 else marks[:1]) for _ in range(length))
            for length in rng.choices([1, 2, 3], k=rng.randrange(1, 5))
        ]
        for _ in range(10_000)
    ]
    for language in ("en", "fr", "hu"):
        check(parts, language)
        assert len(_plain_ends.find_others(parts, *doubtful_word_rules(language))) < 9_500


@pytest.mark.parametrize(
    "language", sorted({*abbreviations.WORDS, *abbreviations.BEFORE_WORDS, *UNITS, *explanations._NEVER_LAST, "ja"})
)
def test_the_words_of_a_language_are_not_plain_at_a_glance(language: str) -> None:
    tables = (abbreviations.WORDS, abbreviations.BEFORE_WORDS, abbreviations.BEFORE_BEGINNERS, UNITS)
    words = [word.replace("_", " ") for table in tables for word in table.get(language, "").split()]
    words += [*explanations.explanations_of(language), *abbreviations.BEFORE_SMALL_LETTERS.get(language, ())]
    texts = [
        [f"{before}{case}.{closing}{blank}", after] if is_end else [f"{before}{case}.{closing}{blank}{after}"]
        for word in [*words, "cm", "x"]
        for case in (word, word.capitalize(), word.upper())
        for before in ("Then 5 ", "Then it is ", "Then (", "At 5 km/", "")
        for closing in ("", '"')
        for blank in (" ", "\n", "  ")
        for after in ("He left.", "it left.")
        for is_end in (True, False)
    ]
    check(texts, language)


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
        ["He left the town. ", "She) II. Then he came."],
        ["He left the town. ", "III.) Then he came."],
        ["He left the town. ", "abc.) it was late."],
        ["Art. 1984. ", "The town pays."],
        ["He left the town. ", "xii: it was late."],
        ["He left the town. ", "xii. it was late."],
        ["He left the town. ", "ab. it was late."],
        ["He left the town. ", "ab) it was late."],
        ["He cut the wd. ", "it was late."],
        ["So did 5 men. ", "it was late."],
        ["It is in vol. ", "it was late."],
        ["It is in Vol. ", "it was late."],
        ["It is in vol. ", "I of it."],
        ["So is subsec. ", "“b” of it."],
        ["So is subsec. ", "“bc” of it."],
        ["It was (town. ", "it was late."],
        ["He came", "town. ", "it was late."],
    ]
    assert _plain_ends.find_others(doubtful, *doubtful_word_rules("en")) == list(range(len(doubtful)))
    assert doubts._search(doubtful, "en") == list(range(len(doubtful)))


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
        ["He left the town. ", "it was late. ", "so? ", "Then he came."],
        ["Mr. Lo met J. Roy of the U.S. Army (at 3.5 per cent). ", "He left it."],
    ]
    assert _plain_ends.find_others([*plain, ["In vol. ", "xii."]], *doubtful_word_rules("en")) == [len(plain)]
