"""How a config picks a preset and changes it; the reference, which is compared with the code, has their values."""

import dataclasses

import pytest

from xlnet_data.errors import ConfigError
from xlnet_data.filters.languages import check_language
from xlnet_data.filters.presets import PRESETS, filter_settings


@pytest.mark.parametrize("name", PRESETS)
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
