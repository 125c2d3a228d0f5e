"""Splits the paragraphs that are plain, as sentencex does but in a tenth of its time, where a compiler was at hand.

Plain paragraphs, most of a book's, hold only what `_plain_ends.c` knows: how sentencex treats the stops in them depends
on the word before each alone. Behind which words it ends sentences is asked of sentencex itself, once for each word.
"""

import itertools
from collections.abc import Iterable
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

_BREAK = "\n\n"
_TEXTS_AT_ONCE = 80
"""Sentencex leaves out breaks between paragraphs from 10 kB on."""

_QUESTIONS, _OTHER_QUESTIONS = ("Xq {}", "Xq 5 {}"), ("xq {}", "xq 5 {}")
_NAME = "Xq"
"""Texts in which words stand, and a name behind them. Whether sentencex ends a sentence between an abbreviation, a
title or a unit and a name depends on what is before it; in the first of the texts, behind a name, it ends none. So a
word behind which it ends one there ends sentences everywhere."""


def split_plain(paragraphs: list[str], language: str) -> list[list[str] | None]:
    """Return the sentences of each paragraph that is plain, without blanks behind them, and None for the others.

    >>> split_plain(["He came. She left.", "I. Lo came."], "en") if _plain_ends else [["He came.", "She left."], None]
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
def _answers(language: str) -> dict[str, bool | None]:
    """Return whether sentencex ends a sentence behind a word, for all words that it was asked about."""
    return {}


def _ends_sentences(words: list[str], language: str) -> list[bool | None]:
    """Return whether sentencex ends a sentence behind each word where a capital letter follows; None: it depends.

    A word may be followed by a stop and another, as in "Mr. Lo": whether it does between these.
    """
    texts = [word if ". " in word else f"{word}. {_NAME}" for word in words]
    answers = dict(zip(texts, _ends_in(texts, _QUESTIONS, language), strict=True))
    unsure = [text for text, answer in answers.items() if not answer]
    for text, answer in zip(unsure, _ends_in(unsure, _OTHER_QUESTIONS, language), strict=True):
        answers[text] = answer if answer is answers[text] else None
    return [answers[text] for text in texts]


def _ends_in(texts: list[str], questions: tuple[str, ...], language: str) -> list[bool | None]:
    """Return whether sentencex cuts each text in all questions (True), in none (False) or in some (None)."""
    answers: list[bool | None] = []
    for first in range(0, len(texts), _TEXTS_AT_ONCE):
        some = texts[first : first + _TEXTS_AT_ONCE]
        counts = [_count_sentences(map(question.format, some), language) for question in questions]
        answers += [{(1,): False, (2,): True}.get(tuple(set(of_text))) for of_text in zip(*counts, strict=True)]
    return answers


def _count_sentences(texts: Iterable[str], language: str) -> list[int]:
    """Return how many sentences sentencex finds in each text, asked about all at once, which takes less time."""
    pieces = sentencex.segment(language, _BREAK.join(texts))
    breaks = [-1, *(number for number, piece in enumerate(pieces) if piece == _BREAK), len(pieces)]
    return [end - begin - 1 for begin, end in itertools.pairwise(breaks)]
