"""Splits the paragraphs that are plain, as sentencex does but in a tenth of its time, where a compiler was at hand.

Plain paragraphs, most of a book's, hold only what `_plain_ends.c` knows: how sentencex treats the stops in them depends
on the word before each alone. Behind which words it ends sentences is asked of sentencex itself, once for each word.
"""

import itertools
from collections.abc import Iterable
from functools import cache

import sentencex

from xlnet_data.text.titles import titles_of
from xlnet_data.text.word_ends import doubtful_word_rules

try:
    from xlnet_data.text import _plain_ends
except ImportError:  # installed without a compiler
    _plain_ends = None  # type: ignore[assignment]

_CODES = "en es fr gl hr hu id nb nl nn no pl pt ro sv tr"
LANGUAGES = frozenset(_CODES.split())
"""Languages that have plain paragraphs: in Latin letters, and split by rules that do not look at the next word."""

_MAX_TEXTS = 30_000
"""Texts whose answers are kept."""

_MAX_ROUNDS = 3
"""What is asked about a stop may depend on an answer; what is still asked then is known the next time."""

_BREAK = "\n\n"
_TEXTS_AT_ONCE = 80
"""Sentencex leaves out breaks between paragraphs from 10 kB on."""

_QUESTIONS, _OTHER_QUESTIONS = ("Xq {}", "Xq 5 {}"), ("xq {}", "xq 5 {}")
"""What the texts that the compiled pass asks about are put behind. Whether sentencex ends a sentence between an
abbreviation, a title or a unit and a name depends on what is before it; in the first of these, behind a name, it ends
none. So a word behind which it ends one there ends sentences everywhere."""


def split_plain(paragraphs: list[str], language: str) -> list[list[str] | None]:
    """Return the sentences of each paragraph that is plain, without blanks behind them, and None for the others.

    >>> split_plain(["He came. She left.", "I. Lo came."], "en") if _plain_ends else [["He came.", "She left."], None]
    [['He came.', 'She left.'], None]
    """
    if _plain_ends is None or language not in LANGUAGES:
        return [None] * len(paragraphs)
    answers, rules = _answers(language), doubtful_word_rules(language)
    parts: list[list[str] | None] = [None] * len(paragraphs)
    numbers = list(range(len(paragraphs)))
    for _ in range(_MAX_ROUNDS):
        found, unknown = _plain_ends.split_plain([paragraphs[number] for number in numbers], answers, *rules)
        for number, pieces in zip(numbers, found, strict=True):
            parts[number] = pieces
        if not unknown:
            break
        if len(answers) + len(unknown) > _MAX_TEXTS:
            answers.clear()
        texts = sorted(set(unknown))
        answers.update(zip(texts, _ends_sentences(texts, language), strict=True))
        numbers = [number for number in numbers if parts[number] is None]
    return parts


@cache
def _answers(language: str) -> dict[str, bool | None]:
    """Return whether sentencex ends a sentence in a text, for all that it was asked about."""
    return {}


def _ends_sentences(texts: list[str], language: str) -> list[bool | None]:
    """Return whether sentencex ends a sentence in each text, wherever it stands; None: it depends."""
    answers = dict(zip(texts, _ends_in(texts, _QUESTIONS, language), strict=True))
    unsure = [text for text, answer in answers.items() if not answer]
    for text, answer in zip(unsure, _ends_in(unsure, _OTHER_QUESTIONS, language), strict=True):
        answers[text] = answer if answer is answers[text] else None
    titles = titles_of(language)
    return [None if text.rpartition(". ")[0] in titles else answers[text] for text in texts]


def _ends_in(texts: list[str], questions: tuple[str, ...], language: str) -> list[bool | None]:
    """Return whether sentencex ends a sentence at the blank before each text's last word in all questions, or in none.

    None: it does in some, or ends one elsewhere.
    """
    answers: list[bool | None] = []
    for first in range(0, len(texts), _TEXTS_AT_ONCE):
        some = texts[first : first + _TEXTS_AT_ONCE]
        found = [_judge(map(question.format, some), language) for question in questions]
        answers += [of_text[0] if len(set(of_text)) == 1 else None for of_text in zip(*found, strict=True)]
    return answers


def _judge(texts: Iterable[str], language: str) -> list[bool | None]:
    """Return the same of each text as it is; sentencex is asked about all at once, which takes less time."""
    pieces = sentencex.segment(language, _BREAK.join(texts))
    breaks = [-1, *(number for number, piece in enumerate(pieces) if piece == _BREAK), len(pieces)]
    return [
        False if end - begin == 2 else True if end - begin == 3 and " " not in pieces[end - 1] else None
        for begin, end in itertools.pairwise(breaks)
    ]
