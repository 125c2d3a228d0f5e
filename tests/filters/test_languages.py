"""Languages are told apart well enough, on the translations of one text."""

import zipfile
from pathlib import Path

import pytest

from xlnet_data.filters import filter_text
from xlnet_data.filters.languages import STOP_WORDS, has_stop_words, is_language, primary_code
from xlnet_data.filters.presets import PRESETS

CODES = """
afr:af als:sq arb:ar ben:bn bul:bg cat:ca ces:cs cmn_hans:zh cym:cy dan:da deu_1901:de
ell_monotonic:el eng:en est:et eus:eu fin:fi fra:fr glg:gl heb:he hin:hi hrv:hr hun:hu hye:hy ind:id
isl:is ita:it kat:ka khm:km kor:ko lav:lv lit:lt mal:ml mya:my nld:nl nob:nb pes_1:fa pol:pl por_PT:pt
ron_1993:ro rus:ru slk:sk slv:sl spa:es srp_cyrl:sr swe:sv tam:ta tha:th tur:tr ukr:uk urd:ur vie:vi
"""
LANGUAGES = dict(pair.split(":") for pair in CODES.split())
MARGIN = PRESETS["web"].language_margin


@pytest.fixture(scope="module")
def declarations(samples: Path) -> dict[str, str]:
    """Return the Universal Declaration of Human Rights by the name of its translation."""
    with zipfile.ZipFile(samples / "unicode" / "nltk-udhr2.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".txt")]
        return {Path(name).stem: archive.read(name).decode().split("---")[-1].strip() for name in names}


def pieces(text: str, num_chars: int = 600) -> list[str]:
    flat = " ".join(text.split())
    return [flat[start : start + num_chars] for start in range(0, min(len(flat) - num_chars, 6000), num_chars)]


def test_nearly_all_pieces_are_accepted_as_their_own_language_and_all_english_ones(declarations):
    accepted = {
        name: [is_language(piece, language, MARGIN) for piece in pieces(declarations[name])]
        for name, language in LANGUAGES.items()
    }
    assert all(accepted["eng"])
    decisions = [decision for found in accepted.values() for decision in found]
    assert len(decisions) > 400
    assert sum(decisions) / len(decisions) > 0.97


def test_hardly_any_piece_in_another_language_passes_as_english(declarations):
    decisions = [
        is_language(piece, "en", MARGIN)
        for name, text in declarations.items()
        if name != "eng"
        for piece in pieces(text)
    ]
    assert len(decisions) > 2000
    assert sum(decisions) / len(decisions) < 0.02
    own = [
        is_language(piece, "en", MARGIN) for name in LANGUAGES if name != "eng" for piece in pieces(declarations[name])
    ]
    assert not any(own)


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_text_in_any_of_these_languages_passes_the_web_preset(declarations, name):
    cleaned = filter_text(declarations[name], PRESETS["web"], LANGUAGES[name])
    assert len(cleaned) > 0.4 * len(declarations[name])


@pytest.mark.parametrize("language", STOP_WORDS)
def test_every_list_of_stop_words_fits_its_language(declarations, language):
    (name,) = [name for name, code in LANGUAGES.items() if primary_code(code) == language]
    assert all(has_stop_words(piece, language, 2) for piece in pieces(declarations[name]))
