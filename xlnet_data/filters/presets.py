"""Holds the presets, named sets of limits with their sources, and reads what a config makes of one."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from xlnet_data.checks import describe_unknown
from xlnet_data.errors import ConfigError
from xlnet_data.filters.settings import ALL_END_MARKS, LATIN_END_MARKS, FilterSettings

_LANGUAGE: dict[str, Any] = {"language_check": True, "language_margin": 0.02}

_GOPHER_QUALITY: dict[str, Any] = {
    "min_words": 50,
    "max_words": 100_000,
    "min_word_length": 3.0,
    "max_word_length": 10.0,
    "max_symbol_ratio": 0.1,
    "max_bullet_lines": 0.9,
    "max_ellipsis_lines": 0.3,
    "min_alpha_words": 0.8,
    "min_stop_words": 2,
}
"""Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher" (arXiv 2112.11446),
appendix A1.1, "Quality filtering"."""

_GOPHER_REPETITION: dict[str, Any] = {
    "max_duplicate_lines": 0.30,
    "max_duplicate_paragraphs": 0.30,
    "max_duplicate_line_chars": 0.20,
    "max_duplicate_paragraph_chars": 0.20,
    "max_top_ngram": (0.20, 0.18, 0.16),
    "max_duplicate_ngrams": (0.15, 0.14, 0.13, 0.12, 0.11, 0.10),
}
"""The same, "Repetition removal", table A1."""

_C4: dict[str, Any] = {
    "end_marks": LATIN_END_MARKS,
    "min_line_words": 5,
    "max_word_chars": 1000,
    "remove_citations": True,
    "remove_script_notices": True,
    "remove_policy_notices": True,
    "drop_curly_braces": True,
    "drop_lorem_ipsum": True,
    "min_sentences": 3,
}
"""Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer" (JMLR 21,
section 2.2), as the code does it: tensorflow_datasets/text/c4_utils.py, clean_page. 5 words and 3 sentences are the
numbers of the code and of the journal version; the first version on arXiv said 3 and 5. The code alone removes lines
that end in "..." or hold a word of more than 1,000 characters, and it looks for "{" and "lorem ipsum" in the lines that
it keeps, where the paper says anywhere on the page (check_removed_lines)."""

_FINEWEB: dict[str, Any] = {
    "min_end_mark_lines": 0.12,
    "max_short_lines": 0.67,
    "max_line_breaks": 0.3,
    "max_duplicate_line_chars": 0.1,
}
"""Penedo et al. 2024, "The FineWeb Datasets" (arXiv 2406.17557), section 3.6; line breaks by words stand only in its
code (datatrove, fineweb_quality_filter.py), where duplicated lines default to 0.01 instead of the paper's 0.1."""

_WEB: dict[str, Any] = {
    "min_chars": 200,
    "max_chars": 1_000_000,
    "min_words": 100,
    "end_marks": ALL_END_MARKS,
    "wrapped_line_chars": 40,
    "min_sentences": 5,
}
"""Where ours is stricter than its sources, or fit for other scripts than Latin."""

PRESETS: Mapping[str, FilterSettings] = {
    "none": FilterSettings(),
    "c4": FilterSettings(**(_LANGUAGE | _C4)),
    "gopher": FilterSettings(**(_LANGUAGE | _GOPHER_QUALITY | _GOPHER_REPETITION)),
    "web": FilterSettings(**(_LANGUAGE | _C4 | _GOPHER_QUALITY | _GOPHER_REPETITION | _FINEWEB | _WEB)),
}


def filter_settings(value: str | Mapping[str, Any] | None, default_preset: str) -> FilterSettings:
    """Return the settings that a corpus's ``filters`` key asks for.

    >>> filter_settings({"preset": "gopher", "min_words": 80}, "none").min_words
    80

    Args:
        value: A preset's name, or a table of settings with ``preset`` naming the one they change; None if absent.
        default_preset: The preset if the value names none.

    Raises:
        ConfigError: An unknown preset or setting, a value of the wrong type or out of range.
    """
    table: Mapping[str, Any] = {} if value is None else {"preset": value} if isinstance(value, str) else value
    if not isinstance(table, Mapping):
        raise ConfigError(f"filters must be a preset's name or a table of settings: got {value!r}")
    known = [field.name for field in dataclasses.fields(FilterSettings)]
    changes = {key: _lists_to_tuples(setting) for key, setting in table.items() if key != "preset"}
    for key in changes:
        if key not in known:
            raise ConfigError(f"filters: {describe_unknown('setting', key, [*known, 'preset'])}")
    preset = table.get("preset", default_preset)
    if preset not in list(PRESETS):
        raise ConfigError(f"filters: {describe_unknown('preset', str(preset), list(PRESETS))}")
    return dataclasses.replace(PRESETS[preset], **changes)


def _lists_to_tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
