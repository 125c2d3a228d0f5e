"""Holds the limits of every filter, and checks their types and ranges."""

import dataclasses
from dataclasses import dataclass

from xlnet_data.checks import check_type
from xlnet_data.errors import ConfigError


@dataclass(frozen=True)
class FilterSettings:
    """The limits of every rule; 0, an empty value or false switches a rule off. A limit itself is still allowed.

    Lines are those that are not blank. Shares run from 0 to 1. In scripts without spaces two characters (Chinese,
    Japanese) or four (Thai, Lao, Khmer, Burmese, Tibetan) count as one word.
    """

    language_check: bool = False
    """Drop documents whose text is not in the corpus's language."""
    language_margin: float = 0.0
    """Share by which the corpus's language may fit worse than the best: close relatives are hard to tell apart."""
    min_chars: int = 0
    """Characters before cleaning, at least."""
    max_chars: int = 0
    """Characters before cleaning, at most."""
    min_words: int = 0
    """Words after cleaning, at least."""
    max_words: int = 0
    """Words after cleaning, at most."""

    end_marks: str = ""
    """Lines that end in none of these characters, or in an ellipsis, are removed."""
    min_line_words: int = 0
    """Lines with fewer words are removed."""
    max_word_chars: int = 0
    """Lines that hold a longer word are removed, in scripts with spaces."""
    wrapped_line_chars: int = 0
    """Paragraphs all of whose lines but the last have so many characters are hard-wrapped: kept or removed whole."""
    remove_citations: bool = False
    """Remove marks like [1], [edit] and [citation needed]."""
    remove_script_notices: bool = False
    """Remove lines that mention JavaScript."""
    remove_policy_notices: bool = False
    """Remove lines about terms of use, privacy and cookies."""

    drop_curly_braces: bool = False
    """Drop documents with a "{" in a line that is kept."""
    drop_lorem_ipsum: bool = False
    """Drop documents with "lorem ipsum" in a line that is kept."""
    check_removed_lines: bool = False
    """Drop documents for a "{", "lorem ipsum" or bad word in lines that are removed, too."""
    bad_words: tuple[str, ...] = ()
    """Drop documents that hold one of these words, in any case, in a line that is kept."""
    min_sentences: int = 0
    """Sentences after cleaning, at least; counted by the marks at their ends."""

    min_word_length: float = 0.0
    """Mean of a word's letters and digits, at least; for alphabetic scripts only."""
    max_word_length: float = 0.0
    """Mean of a word's letters and digits, at most, combining marks left out; for alphabetic scripts only."""
    max_symbol_ratio: float = 0.0
    """Hash signs by words, and ellipses by words, at most."""
    max_bullet_lines: float = 0.0
    """Share of lines that begin with a bullet, at most."""
    max_ellipsis_lines: float = 0.0
    """Share of lines that end in an ellipsis, at most."""
    min_alpha_words: float = 0.0
    """Share of words that hold a letter, at least, in scripts with spaces."""
    min_stop_words: int = 0
    """Different stop words of the corpus's language, at least; off for languages without a list."""

    min_end_mark_lines: float = 0.0
    """Share of lines before cleaning that end in an end mark, at least."""
    max_short_lines: float = 0.0
    """Share of lines before cleaning that are shorter than short_line_chars, at most."""
    short_line_chars: int = 30
    """Characters from which on a line is not short: five English words; a third of it in Chinese and Japanese."""
    max_line_breaks: float = 0.0
    """Line breaks by words, before cleaning, at most."""

    max_duplicate_lines: float = 0.0
    """Share of lines that repeat an earlier line, at most."""
    max_duplicate_line_chars: float = 0.0
    """Share of characters in lines that repeat an earlier line, at most."""
    max_duplicate_paragraphs: float = 0.0
    """Share of paragraphs that repeat an earlier paragraph, at most."""
    max_duplicate_paragraph_chars: float = 0.0
    """Share of characters in paragraphs that repeat an earlier paragraph, at most."""
    max_top_ngram: tuple[float, ...] = ()
    """Share of characters in the most frequent phrase of 2, 3, 4 words, at most."""
    max_duplicate_ngrams: tuple[float, ...] = ()
    """Share of characters in phrases of 5, 6, 7, 8, 9, 10 words that repeat an earlier phrase, at most."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            _check_value(field.name, getattr(self, field.name))
        for low, high in (
            ("min_chars", "max_chars"),
            ("min_words", "max_words"),
            ("min_word_length", "max_word_length"),
        ):
            least, most = getattr(self, low), getattr(self, high)
            if 0 < most < least:
                raise ConfigError(f"filters: {low} must be at most {high}: got {low}={least}, {high}={most}")


_SHARES = {
    "language_margin",
    "max_symbol_ratio",
    "max_bullet_lines",
    "max_ellipsis_lines",
    "min_alpha_words",
    "min_end_mark_lines",
    "max_short_lines",
    "max_line_breaks",
    "max_duplicate_lines",
    "max_duplicate_line_chars",
    "max_duplicate_paragraphs",
    "max_duplicate_paragraph_chars",
    "max_top_ngram",
    "max_duplicate_ngrams",
}
_MOST_SHARES = {"max_top_ngram": 3, "max_duplicate_ngrams": 6}

LATIN_END_MARKS = '.?!"'
ALL_END_MARKS = LATIN_END_MARKS + "'”’»“‘«›‹。．｡！？」』）】》।॥؟۔։።"


def _check_value(name: str, value: object) -> None:
    """Raise ConfigError unless the value has the type of the setting's default and is in range."""
    default = FilterSettings.__dataclass_fields__[name].default
    example = default if default != () else ("",) if name == "bad_words" else (0.0,)
    check_type(f"filters: {name}", value, example)
    for entry in value if isinstance(value, tuple) else (value,):
        if isinstance(entry, (int, float)) and not 0 <= entry <= (1 if name in _SHARES else float("inf")):
            limits = "from 0 to 1" if name in _SHARES else "0 or more"
            raise ConfigError(f"filters: {name} must be {limits}: got {value!r}")
    if isinstance(value, tuple) and len(value) > _MOST_SHARES.get(name, len(value)):
        raise ConfigError(f"filters: {name} takes at most {_MOST_SHARES[name]} numbers: got {len(value)}")
    if isinstance(value, tuple) and "" in value:
        raise ConfigError(f"filters: {name} must not hold an empty string")
