"""Splits the paragraphs that are plain, as sentencex does but in a tenth of its time, where a compiler was at hand.

Plain paragraphs, most of a book's, hold only what `_plain_ends.c` knows: how sentencex treats the stops in them depends
on the word before each alone. Behind which words it ends sentences is asked of sentencex itself, once for each word.
"""

from functools import cache

import sentencex

from xlnet_data.text.word_ends import doubtful_word_rules

try:
    from xlnet_data.text import _plain_ends
except ImportError:  # installed without a compiler
    _plain_ends = None  # type: ignore[assignment]

_CODES = "en es fr gl hr hu id nb nl nn no pl pt ro sv tr"
LANGUAGES = frozenset(_CODES.split())
"""Languages that have plain paragraphs: in Latin letters, and split by rules that do not look at the next word."""

_MAX_WORDS = 100_000
"""Words whose answers are kept."""

_QUESTIONS = ("Xq {}. Xq", "Xq 5 {}. Xq")
"""Texts in which sentencex ends no sentence in the middle if the word is an abbreviation, a title or a unit: names
stand around it, and nothing that begins a sentence."""


def split_plain(paragraphs: list[str], language: str) -> list[list[str] | None]:
    """Return the sentences of each paragraph that is plain, without blanks behind them, and None for the others.

    >>> split_plain(["He came. She left.", "Mr. Lo came."], "en") if _plain_ends else [["He came.", "She left."], None]
    [['He came.', 'She left.'], None]
    """
    if _plain_ends is None or language not in LANGUAGES:
        return [None] * len(paragraphs)
    answers = _answers(language)
    rules = doubtful_word_rules(language)
    parts, unknown = _plain_ends.split_plain(paragraphs, answers, *rules)
    if not unknown:
        return parts
    if len(answers) + len(unknown) > _MAX_WORDS:
        answers.clear()
    words = sorted(set(unknown))
    answers.update(zip(words, _ends_sentences(words, language), strict=True))
    others = [number for number, pieces in enumerate(parts) if pieces is None]
    again, _ = _plain_ends.split_plain([paragraphs[number] for number in others], answers, *rules)
    for number, pieces in zip(others, again, strict=True):
        parts[number] = pieces
    return parts


@cache
def _answers(language: str) -> dict[str, bool]:
    """Return whether sentencex ends a sentence behind a word, for all words that it was asked about."""
    return {}


def _ends_sentences(words: list[str], language: str) -> list[bool]:
    """Return for each word whether sentencex ends a sentence behind it wherever a capital letter follows."""
    return [
        all(len(sentencex.segment(language, question.format(word))) == 2 for question in _QUESTIONS) for word in words
    ]
