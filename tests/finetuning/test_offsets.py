from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xlnet_data.text.clean_up import clean_sentences
from xlnet_data.text.offsets import clean_with_origins, locate_tokens
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer

SETTINGS = [
    TokenizerSettings(lowercase=lowercase, keep_accents=keep) for lowercase in (False, True) for keep in (False, True)
]
ODD = st.text(st.one_of(st.sampled_from(" \t\n\u00a0`'\u0301éÉßİΣσﬁ¨½한가\u3000😀\ud83d,.12"), st.characters()))


@pytest.mark.parametrize("cleaning", SETTINGS, ids=lambda s: f"{s.lowercase}-{s.keep_accents}")
@given(text=ODD)
@example(text="''' ΟΔΟΣ İ` ``")
@settings(max_examples=150)
def test_cleaning_with_origins_is_the_clean_up(cleaning: TokenizerSettings, text: str) -> None:
    cleaned, origins = clean_with_origins(text, cleaning)
    assert cleaned == clean_sentences([text], cleaning)[0]
    assert len(origins) == len(cleaned)
    assert all(0 <= start < stop <= len(text) for start, stop in origins)
    assert [start for start, _ in origins] == sorted(start for start, _ in origins)


@given(text=ODD)
@settings(max_examples=150)
def test_tokens_are_those_of_the_tokenizer_and_their_places_rise(small_model: Path, text: str) -> None:
    tokenizer = Tokenizer.load(str(small_model), TokenizerSettings())
    found = locate_tokens(tokenizer, text)
    assert found.ids == tokenizer.encode([text])[0].tolist()
    assert found.starts == sorted(found.starts)
    assert all(0 <= start <= stop <= len(text) for start, stop in zip(found.starts, found.stops, strict=True))


def test_a_token_stands_for_the_characters_of_its_piece(small_model: Path) -> None:
    tokenizer = Tokenizer.load(str(small_model), TokenizerSettings())
    text = "  Wörd\n``ab'',  cafés\u0301 x"
    found = locate_tokens(tokenizer, text)
    shown = [text[start:stop] for start, stop in zip(found.starts, found.stops, strict=True)]
    assert "".join(shown) == "".join(text.split())
    assert "``" in "".join(shown)
