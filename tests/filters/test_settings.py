"""How a config picks a preset and changes it; the presets' values."""

import dataclasses

import pytest

from xlnet_data.errors import ConfigError
from xlnet_data.filters.languages import check_language
from xlnet_data.filters.presets import PRESETS, filter_settings
from xlnet_data.filters.settings import FilterSettings

LANGUAGE = {"language_check": True, "language_margin": 0.02}
C4 = {
    "end_marks": '.?!"',
    "min_line_words": 5,
    "max_word_chars": 1000,
    "remove_citations": True,
    "remove_script_notices": True,
    "remove_policy_notices": True,
    "drop_curly_braces": True,
    "drop_lorem_ipsum": True,
    "min_sentences": 3,
}
GOPHER = {
    "min_words": 50,
    "max_words": 100_000,
    "min_word_length": 3.0,
    "max_word_length": 10.0,
    "max_symbol_ratio": 0.1,
    "max_bullet_lines": 0.9,
    "max_ellipsis_lines": 0.3,
    "min_alpha_words": 0.8,
    "min_stop_words": 2,
    "max_duplicate_lines": 0.30,
    "max_duplicate_line_chars": 0.20,
    "max_duplicate_paragraphs": 0.30,
    "max_duplicate_paragraph_chars": 0.20,
    "max_top_ngram": (0.20, 0.18, 0.16),
    "max_duplicate_ngrams": (0.15, 0.14, 0.13, 0.12, 0.11, 0.10),
}
GOLDEN = {
    "none": {},
    "c4": {**LANGUAGE, **C4},
    "gopher": {**LANGUAGE, **GOPHER},
    "web": {
        **LANGUAGE,
        **C4,
        **GOPHER,
        "min_chars": 200,
        "max_chars": 1_000_000,
        "min_words": 100,
        "end_marks": ".?!\"'”’»“‘«›‹。．｡！？」』）】》।॥؟۔։።",
        "wrapped_line_chars": 40,
        "min_sentences": 5,
        "min_end_mark_lines": 0.12,
        "max_short_lines": 0.67,
        "max_line_breaks": 0.3,
        "max_duplicate_line_chars": 0.1,
    },
}


def test_the_presets_are_what_they_were():
    defaults = dataclasses.asdict(FilterSettings())
    changed = {
        name: {key: value for key, value in dataclasses.asdict(preset).items() if value != defaults[key]}
        for name, preset in PRESETS.items()
    }
    assert changed == GOLDEN


@pytest.mark.parametrize("name", GOLDEN)
def test_a_preset_is_picked_by_its_name_or_as_the_default(name):
    assert filter_settings(name, "none") == PRESETS[name]
    assert filter_settings(None, name) == PRESETS[name]


def test_a_table_changes_the_preset_that_it_names_or_else_the_default_one():
    named = filter_settings({"preset": "c4", "min_words": 80, "max_top_ngram": [0.5]}, "none")
    assert named == dataclasses.replace(PRESETS["c4"], min_words=80, max_top_ngram=(0.5,))
    assert filter_settings({"min_words": 80}, "web") == dataclasses.replace(PRESETS["web"], min_words=80)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("wep", "unknown preset 'wep': did you mean 'web'?"),
        ({"preset": "gofer"}, "did you mean 'gopher'?"),
        ({"preset": ["web"]}, "unknown preset"),
        ({"min_word": 1}, "unknown setting 'min_word': did you mean 'min_words'?"),
        ({"presets": "web"}, "did you mean 'preset'?"),
        (5, "a preset's name or a table"),
        (False, "a preset's name or a table"),
        ({"min_words": -1}, "min_words must be 0 or more: got -1"),
        ({"min_words": 1.5}, "min_words must be a whole number: got 1.5"),
        ({"min_words": True}, "min_words must be a whole number"),
        ({"language_check": 1}, "language_check must be true or false"),
        ({"max_bullet_lines": 1.1}, "max_bullet_lines must be from 0 to 1: got 1.1"),
        ({"max_bullet_lines": float("nan")}, "max_bullet_lines must be from 0 to 1"),
        ({"max_bullet_lines": "all"}, "max_bullet_lines must be a number"),
        ({"end_marks": 3}, "end_marks must be a string"),
        ({"max_top_ngram": 0.2}, "max_top_ngram must be a list of numbers"),
        ({"max_top_ngram": [0.1] * 4}, "max_top_ngram takes at most 3 numbers: got 4"),
        ({"max_duplicate_ngrams": [2]}, "max_duplicate_ngrams must be from 0 to 1"),
        ({"bad_words": "oaf"}, "bad_words must be a list of strings"),
        ({"bad_words": [""]}, "bad_words must not hold an empty string"),
        ({"min_words": 9, "max_words": 8}, "min_words must be at most max_words: got min_words=9, max_words=8"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(value, message):
    with pytest.raises(ConfigError) as raised:
        filter_settings(value, "none")
    assert message in str(raised.value)


def test_a_language_that_cannot_be_recognised_is_an_error_that_lists_those_that_can():
    with pytest.raises(ConfigError, match=r"'xx' cannot be recognised.* de .* en "):
        check_language("xx")
    check_language("pt-BR")
