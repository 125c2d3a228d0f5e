"""Tells at a glance where a splitter has plainly cut at a sentence's end, where a compiler was at hand."""

from collections.abc import Container, Sequence

from xlnet_data.text.word_ends import doubtful_word_rules

try:
    from xlnet_data.text import _plain_ends
except ImportError:  # installed without a compiler
    _plain_ends = None  # type: ignore[assignment]

KNOWN_LANGUAGES = frozenset({"en"} if _plain_ends else ())
"""Languages of which a glance tells so much that a second look takes longer than it saves."""


def other_paragraphs(parts: list[list[str]], language: str) -> Sequence[int]:
    """Return the numbers of the paragraphs that are not plain at a glance.

    Args:
        parts: The pieces that a splitter made of each paragraph.
        language: A code from `language_code`.
    """
    if _plain_ends is None:
        return range(len(parts))
    return _plain_ends.find_others(parts, *doubtful_word_rules(language))


def doubtful_joints(pieces: list[str], language: str) -> Container[int]:
    """Return the numbers of a paragraph's pieces before which it is not plain at a glance that a sentence ends.

    >>> 1 in doubtful_joints(["In vol. ", "xii. ", "He left."], "en")
    True
    """
    if _plain_ends is None:
        return range(1, len(pieces))
    return set(_plain_ends.doubtful_joints(pieces, *doubtful_word_rules(language)))


def may_be_cut(sentences: list[str], language: str) -> bool:
    """Return whether a sentence may end within one of some, or behind a bracket with which it begins, at a glance.

    >>> may_be_cut(["(No one came.) She left."], "en")
    True
    """
    return _plain_ends is None or _plain_ends.may_be_cut(sentences, doubtful_word_rules(language)[1])
