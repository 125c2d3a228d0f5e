"""Paragraphs that are cut at a glance: their sentences must be those that sentencex and the rules behind it find."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlnet_data.text import plain_paragraphs, sentences
from xlnet_data.text.plain_paragraphs import LANGUAGES, split_plain

pytest.importorskip("xlnet_data.text._plain_ends", reason="installed without a compiler")

_WORDS = """
He she his town night came late The Then And I A me No etc Mr Mrs Dr Inc Yahoo Jan fig ft in a m b p v vs e J S U
civil mid mix ii IV 5 12 1984 3.5 c. said asked don't boys' n° Ångström élan naïve 20% x_y km/h and/or Lo 'tis ‘Oh’
U.S. D.C. Ph.D. M.A. A.M. p.m. i.e. J. T. M. Mr. John Smith's 'No 'Yes '90s o' USA XIV 1960s ex-wife Högne [7] C++ Ω
"""
WORDS = _WORDS.split()
_SIGNS = ". ! ? ... ?! … .' ' ',' ''  , ; : - -- – — \" “ ” ‘ ’ ' ( ) [ ] « » / é Привет 日本。"
MARKS = [
    *_SIGNS.split(),
    ". ",
    "! ",
    "? ",
    ", ",
    ".” ",
    "?” ",
    '." ',
    '?" ',
    " “",
    ' "',
    " (",
    ") ",
    ".) ",
    "\n",
    ".\n",
    ".' ",
    "?' ",
    ",' ",
    " '",
    "... ",
    "?! ",
    "., ",
    " [",
    "] ",
]
MARKS += ["  ", "\t", " - ", "\n- ", "* ", "1) ", "a) ", "(a) ", "ii. ", "\xa0", ".\xa0", "\u2028", "\0", "\ud800"]

BEGINNINGS = "The He And I A They Lo", '“The "He (The the 5 —He Été _So 1) J. May I. ‘Oh and'
MIDDLES = (
    "night came his town was late and",
    "5 (it was) “no” \"no\" boys' don't St. e.g. – -- p.m. U.S. (c) ‘no’ naïve at\xa05 John J. R. Lo, M. well... so?! "
    "'no' 'tis [it was] D.C. Ph.D. A. i.e. Inc., x-ray",
)
ENDS = (
    "came town him late gone",
    'Mr ft p fig J 1984 “no” "no" it) a etc I 5 km/h Yahoo ii me Øl Jan said,” sq U.S '
    "'no' USA XIV 1960s ex-wife Högne it] …",
)
STOPS = [
    [". ", "? "],
    [
        "! ",
        ".” ",
        '." ',
        ".' ",
        ",' he said. ",
        "'. ",
        "... ",
        "?! ",
        ".\n",
        ".) ",
        ".  ",
        "?” said he. ",
        '!" he said. ',
        "”. ",
        '". ',
        ".",
    ],
]
"""Parts of sentences: usual ones and others."""

PARAGRAPHS = st.lists(
    st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS).map(lambda word: f"{word} "), st.sampled_from(MARKS)),
    max_size=24,
).map("".join)


def make_prose(rng: random.Random) -> str:
    """Return a few sentences, in some of which something is unusual."""

    def choose(usual: Sequence[str], others: Sequence[str]) -> str:
        return rng.choice(others if rng.random() < 0.06 else usual)

    beginnings, middles, ends = [[part.split(" ") for part in parts] for parts in (BEGINNINGS, MIDDLES, ENDS)]
    return "".join(
        " ".join([choose(*beginnings), *[choose(*middles) for _ in range(rng.randrange(4))], choose(*ends)])
        + choose(*STOPS)
        for _ in range(rng.randrange(1, 6))
    )


def split_slowly(paragraph: str, language: str) -> list[str]:
    return [piece.strip() for piece in sentences._split_others([paragraph], language)[0]]


@settings(max_examples=3000, deadline=None)
@given(PARAGRAPHS, st.sampled_from(sorted(LANGUAGES)))
def test_what_is_cut_at_a_glance_is_cut_so_by_the_splitter_and_its_rules(paragraph: str, language: str) -> None:
    pieces = split_plain([paragraph], language)[0]
    if pieces is not None:
        assert list(map(str.strip, pieces)) == split_slowly(paragraph, language)


def test_prose_is_cut_at_a_glance_as_by_the_splitter_and_its_rules() -> None:
    rng = random.Random(0)
    paragraphs = [make_prose(rng) for _ in range(20_000)]
    for language in ("en", "fr", "sv"):
        cut = [pieces for pieces in split_plain(paragraphs, language) if pieces is not None]
        assert sum(len(pieces) > 1 for pieces in cut) > 1_000
        slowly = sentences._split_others(paragraphs, language)
        for paragraph, pieces, other in zip(paragraphs, split_plain(paragraphs, language), slowly, strict=True):
            assert pieces is None or pieces == list(map(str.strip, other)), paragraph


@pytest.mark.parametrize(
    ("paragraph", "pieces"),
    [
        ("The night came. It was late.", ["The night came.", "It was late."]),
        ("“Where is she?” he asked. “She left.” He rose.", ["“Where is she?” he asked.", "“She left.”", "He rose."]),
        ('"Come in. Sit down," he said. "Thank you."', ['"Come in. Sit down," he said.', '"Thank you."']),
        (
            "The town (it was old. Very old) slept. He\ndid too.",
            ["The town (it was old. Very old) slept.", "He\ndid too."],
        ),
        ("It don't matter. The boys' room – all of it – cost 3.5 francs.", 2),
        ("Été came. She left in 1984. They stayed!", 3),
        ("He came. he left. it was late.", 3),
        ("“The night (it was late) came,” he said. It\xa0is (“no one”) gone. Then he left.", 3),
        ("The (“Where?” it is) town (see 5) slept.", 1),
        ("He said “it was gone.” then. “Yes?”—he asked. “So it is!”, he said.", 3),
        ("'The night came. It was late,' he said. 'Where is she?' They did not say.", 3),
        ("The town ('where is she') slept. It is the boys' room.", 2),
        ("'Tis late. They don't mind. He left.", 3),
        ("'I don't know. I went,' he said. 'It don't matter.' He left.", 3),
        ("“The night came. It was late.", 2),
        ('"The night came. It was late.', 2),
        ("John C. Lo and Mr. J. R. R. Roe came. He left the U.S. Army in the D.C. area.", 2),
        ("He came to Lo, Q. Roe and Mr. Z. Lo. He left.", 2),
        ("It was late... and so?! He left... He came.", 3),
        ("Well...but he left. He came [at night. Then he left], then he rose.", 2),
        ("Lo Inc., and Roe Inc. of Ω, came. He wrote C++ late. The Привет is Hi.", 3),
    ],
)
def test_plain_paragraphs_are_cut(paragraph: str, pieces: list[str] | int) -> None:
    for _ in range(2):  # the words, then the pairs of words are learnt
        found = split_plain([paragraph], "en")[0]
    assert found is not None
    assert found == pieces if isinstance(pieces, list) else len(found) == pieces
    assert found == split_slowly(paragraph, "en")


@pytest.mark.parametrize(
    "paragraph",
    [
        "He and J. Lo came. He left.", "At 5 A. M. Lo came. He left.", "He has a Ph.D. He left.",
        "It is 'Tis late. He left.", "'I don't know. It was late,' he said. He left.",
        "'I don't know.It was late,' he said. He left.", "'He came--and he left. 'Twas late. He rose.",
        "It was “N.F.” Lo left.", "It was “late! [7]” He left.", "Yahoo... He left.", "It was late... I left.",
        "It was late ... he left. They came.", "It was late! he said. They came.", "It was C. and D. They came.",
        "It was W.M.P.-like. He left.", "He said '' no. He left.", "He ('said no) it is' here. He left.",
        "It was 5×'so it. Then' it fell. He left.", "It was 5÷'so it. Then' it fell. He left.",
        "It was 5°'so it. Then' it fell. He left.", "“It was late.”He left. They came.",
        *(f"Now '{word} it' is. He left." for word in ("tis", "twas", "twere", "twill", "til", "em", "n", "cause")),
        "Now 'bout it' is. He left.", "Now 'round it' is. He left.",
        "'He said \"no\" to it.' He left.", "It was the '90s. He left.", "He left. ' No. They came.",
        "He left.' They came.", "He left. 'Lo came. They rose.",
        "It was 5 in the morning. 'Lo', he said. M 'n' M came. He left.", "'—He came. He left.'",
        "He 'came ' late. He left.", "He came at 5 p.m. Then he left.", "It is J. Smith. He left.",
        "It was 5 ft. He left.", "“Come in. He left.", "He came . . . He left.", "He came.” He left.",
        "He said ‘no’. He left.", "He came. (He left.)", "See [1]. He left.",
        "He came.[2] He left.", "He wrote to a@b.org. He left.", "Yahoo! He left.", "He came. Привет.", "",
        " He came.", "He came.\tHe left.", "He “came (and” left). He rose.", "He came.— He left.",
        "He came.   He left.", "“He came. ” He left.", "“He came?!” He left.", "“He said “no” to it.” He left.",
        "“He said \"no\" to it.” He left.", "«Il vint.» Il partit.", "ii. He came. He left.",
        "Civil. He came.\nMild. He left.", "He came.\nCivil. He left.\nMild. He rose.",
        "12. The town.\n13. The night.", "The town\n a. was old\n b. and late", "He came\n- late\n- and gone",
        "The town (at mid) Then (at mix) They left.", "The town (see 12) Then (see 13) They left.",
        "The town (see a) Then (see b) They left.", "He came: a) The dog. He left.", "He came (a.) The dog. He left.",
        "It was A\xa0. He left.", "The boys ’came. He left.", "He came.He left.", "It “was late.”—He left.",
        "“He saw Mr.” He left.", "It was late..... He left.", f"It was late{'.' * 500} he left.",
        "Well...He left.", "What!and he left.", "He saw/U.S. and left.", "He saw-U.S.A. and left.",
        f"He saw {'x' * 41}. He left.", f"He saw Mr. {'X' * 41} late.",
        f"He saw J. {'X' * 41} late.", f"The {'U.' * 21} came.",
    ],
)  # fmt: skip
def test_what_the_glance_does_not_know_is_left_to_the_splitter(paragraph: str) -> None:
    for _ in range(2):  # the words, then the pairs of words are learnt
        assert split_plain([paragraph], "en") == [None]


def test_a_language_whose_rules_look_at_the_next_word_has_no_plain_paragraphs() -> None:
    assert split_plain(["Er kam. Sie ging."], "de") == [None]


def test_answers_are_asked_for_once_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = plain_paragraphs._ends_sentences
    monkeypatch.setattr(plain_paragraphs, "_answers", lambda language, answers={}: answers)
    monkeypatch.setattr(plain_paragraphs, "_MAX_TEXTS", 3)
    monkeypatch.setattr(
        plain_paragraphs, "_ends_sentences", lambda words, language: (asked.extend(words), ask(words, language))[1]
    )
    for word in ("came", "came", "saw Mr", "saw Mr", "slept"):
        split_plain([f"He {word}. Lo did."], "en")
    assert asked == ["came. Xq", "Mr. Xq", "Mr. Lo", "slept. Xq"]
    assert set(plain_paragraphs._answers("en")) == {"slept. Xq"}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("came. Xq", True), ("Mr. Xq", False), ("ft. Xq", None), ("in. Xq", None), ("Mr. Lo", False), ("Mr. He", True),
        ("p.m. Xq", None), ("U.S.", False), ("Ph.D.", False), ("Xq Q. Lo", False), ("i.e. x", False), ("came. x", True),
        ("x... x", False), ("x... Xq", True), ('"N.F. Xq', None),
    ],
)  # fmt: skip
def test_sentencex_is_asked_in_all_surroundings_that_count(text: str, answer: bool | None) -> None:
    assert plain_paragraphs._ends_sentences([text], "en") == [answer]


def test_a_name_behind_a_title_is_within_a_sentence() -> None:
    paragraph = "He saw Mr. Doe late. She saw Dr. Doe too."
    for _ in range(3):  # the words, then the pairs of words are learnt
        pieces = split_plain([paragraph], "en")[0]
    assert pieces == ["He saw Mr. Doe late.", "She saw Dr. Doe too."] == split_slowly(paragraph, "en")
