"""Decides which documents are worth learning from: each is cleaned, or gets a reason. No file and no tokens."""

import dataclasses

import numpy as np

from xlnet_data.filters.cleaning import clean_text
from xlnet_data.filters.languages import has_stop_words, is_language
from xlnet_data.filters.lines import has_sentences, judge_marks, judge_shapes, split_lines
from xlnet_data.filters.repetition import judge_repeated_lines, judge_repeated_phrases
from xlnet_data.filters.settings import FilterSettings
from xlnet_data.filters.words import ALPHABETIC, LETTER, Script, Words, script_of, split_words
from xlnet_data.schemas.document import Document, Reason

_OFF = FilterSettings()


def apply_filters(document: Document, settings: FilterSettings, language: str | None) -> Document:
    """Return a document with its text cleaned, or unchanged but for the reason why it is dropped.

    A document that already has a reason, or that no rule touches, is returned as it is.

    Args:
        document: Paragraphs separated by a blank line.
        settings: The limits of every rule.
        language: What the text should be in, a code of ISO 639-1; None leaves out the rules that need it.
    """
    if document.reason is not None or settings == _OFF:
        return document
    cleaned = filter_text(document.text, settings, language)
    if isinstance(cleaned, Reason):
        return dataclasses.replace(document, reason=cleaned)
    return document if cleaned == document.text else dataclasses.replace(document, text=cleaned)


def filter_text(text: str, settings: FilterSettings, language: str | None) -> str | Reason:
    """Return a text cleaned, or the first reason to drop it: the page's size and shape, then what cleaning leaves."""
    if len(text) < settings.min_chars:
        return Reason.TOO_SHORT
    if 0 < settings.max_chars < len(text):
        return Reason.TOO_LONG
    script = script_of(text)
    lines = split_lines(text)
    if reason := judge_shapes(lines, settings, script):
        return reason
    cleaned = clean_text(text, settings, script)
    if isinstance(cleaned, Reason):
        return cleaned
    if cleaned is not text:
        lines = split_lines(cleaned)
    return judge_text(cleaned, lines, settings, language, script) or cleaned


def judge_text(
    text: str, lines: list[str], settings: FilterSettings, language: str | None, script: Script
) -> Reason | None:
    """Return why a cleaned text is dropped: sentences, length, language, words, marks, repetitions."""
    if not lines:
        return Reason.EMPTY
    if settings.min_sentences and script.has_end_marks and not has_sentences(text, settings.min_sentences):
        return Reason.FEW_SENTENCES
    words = split_words(text, script)
    if reason := judge_length(words, settings):
        return reason
    if language and settings.language_check and not is_language(text, language, settings.language_margin):
        return Reason.LANGUAGE
    return (
        judge_words(words, settings)
        or judge_marks(text, lines, words.num_words, settings)
        or judge_stop_words(text, language, settings)
        or judge_repeated_lines(text, lines, settings)
        or judge_repeated_phrases(words, settings)
    )


def judge_length(words: Words, settings: FilterSettings) -> Reason | None:
    """Return whether a text has too few or too many words."""
    if words.num_words < settings.min_words:
        return Reason.TOO_SHORT
    return Reason.TOO_LONG if 0 < settings.max_words < words.num_words else None


def judge_words(words: Words, settings: FilterSettings) -> Reason | None:
    """Return why a text's words are not those of a language (Gopher); texts in scripts without spaces pass."""
    if words.script is ALPHABETIC and words.num_words:
        mean = words.num_signs / words.num_words
        if mean < settings.min_word_length or 0 < settings.max_word_length < mean:
            return Reason.WORD_LENGTH
    if words.script.has_spaces and settings.min_alpha_words:
        num_alpha = int(np.count_nonzero(words.classes & LETTER))
        if num_alpha < settings.min_alpha_words * len(words.classes):
            return Reason.ALPHA_WORDS
    return None


def judge_stop_words(text: str, language: str | None, settings: FilterSettings) -> Reason | None:
    """Return whether a text lacks its language's stop words (Gopher)."""
    if not settings.min_stop_words or not language or has_stop_words(text, language, settings.min_stop_words):
        return None
    return Reason.STOP_WORDS
