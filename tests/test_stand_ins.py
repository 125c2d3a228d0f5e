"""Danish, Catalan and Italian, split by the rules of another language: as sentencex splits them itself."""

import pytest
import sentencex
from hypothesis import given, settings
from hypothesis import strategies as st

from xlnet_data.text import stand_ins
from xlnet_data.text.stand_ins import splitter

WORDS = {
    "da": "Han kom hjem bl.a. f.eks. kl. Hr. dr. nr. ca. 5 1984 maj Å. N. S. byen var sent Øen og",
    "ca": "Ella va venir p. ex. Sr. Dr. núm. pàg. 5 1984 maig L'hora N. S. és tard Àfrica i",
    "it": "Lei venne ecc. dott. Sig. pag. l'ing. S. N. 5 1984 maggio era tardi È così prof. art.",
}
MARKS = [
    " ",
    " ",
    " ",
    ". ",
    "! ",
    "? ",
    "... ",
    "?! ",
    ".» ",
    "» ",
    " «",
    ".” ",
    " “",
    " (",
    ") ",
    "; ",
    "\n",
    " – ",
    ".[1] ",
]


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    language = draw(st.sampled_from(sorted(WORDS)))
    word = st.sampled_from([word.removesuffix(".") for word in WORDS[language].split()])
    pairs = draw(st.lists(st.tuples(word, st.sampled_from(MARKS)), max_size=10))
    return language, "".join(word + mark for word, mark in pairs)


@settings(max_examples=400, deadline=None)
@given(texts())
def test_the_stand_in_splits_as_the_language_itself(drawn: tuple[str, str]) -> None:
    language, text = drawn
    assert splitter(language)(text) == sentencex.segment(language, text)


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("da", "Han kom d. 5. maj. Hun gik kl. 7 om aftenen! Det var sent.", 3),
        ("da", "1. maj er fri. Så kom regnen.", 2),
        ("ca", "Va venir el Sr. Puig. Era tard, oi? i tant. Fi.", 3),
        ("it", "Venne l'ing. Rossi. Era tardi. Poi partì.", 3),
        ("it", "Secondo l'uso dell'O. G. 23 si apre. Poi venne.", 2),
        ("it", "Era:\nv. Una cosa sola\nv. Due cose sole", 3),
        ("scn", "Vinni lu dott. Rossi. Era tardu.", 2),
    ],
)
def test_sentences_of_slow_languages(language: str, text: str, count: int) -> None:
    pieces = splitter(language)(text)
    assert len(pieces) == count
    assert pieces == sentencex.segment(language, text)


def test_sentencex_is_asked_about_a_word_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    segment = sentencex.segment
    monkeypatch.setattr(stand_ins.sentencex, "segment", lambda *of: (calls.append(of[0]), segment(*of))[1])
    stand_ins.ends_at.cache_clear()
    for _ in range(5):
        splitter("da")("Han sov. Hun sov. De sov.")
    assert calls.count("da") == 1
    assert calls.count("am") == 5
