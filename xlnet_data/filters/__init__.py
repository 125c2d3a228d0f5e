"""Decides which documents are worth learning from: each is cleaned, or gets a reason. No file and no tokens."""

import dataclasses

import numpy as np

from xlnet_data.filters.cleaning import clean_text
from xlnet_data.filters.languages import detect_language, has_stop_words, is_language
from xlnet_data.filters.lines import count_sentences, has_sentences, judge_marks, judge_shapes, split_lines
from xlnet_data.filters.repetition import judge_repeated_lines, judge_repeated_phrases
from xlnet_data.filters.settings import FilterSettings
from xlnet_data.filters.words import ALPHABETIC, LETTER, Script, Words, script_of, split_words
from xlnet_data.schemas.document import Document, Drop, Reason

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
    if isinstance(cleaned, Drop):
        return dataclasses.replace(document, reason=cleaned.reason, cause=cleaned.cause)
    return document if cleaned == document.text else dataclasses.replace(document, text=cleaned)


def filter_text(text: str, settings: FilterSettings, language: str | None) -> str | Drop:
    """Return a text cleaned, or the first reason to drop it: the page's size and shape, then what cleaning leaves."""
    if len(text) < settings.min_chars:
        return Drop(Reason.TOO_SHORT, f"{len(text):,} characters, min_chars = {settings.min_chars:,}")
    if 0 < settings.max_chars < len(text):
        return Drop(Reason.TOO_LONG, f"{len(text):,} characters, max_chars = {settings.max_chars:,}")
    script = script_of(text)
    lines = split_lines(text)
    if drop := judge_shapes(lines, settings, script):
        return drop
    cleaned = clean_text(text, settings, script)
    if isinstance(cleaned, Drop):
        return cleaned
    if cleaned is not text:
        lines = split_lines(cleaned)
    return judge_text(cleaned, lines, settings, language, script) or cleaned


def judge_text(
    text: str, lines: list[str], settings: FilterSettings, language: str | None, script: Script
) -> Drop | None:
    """Return why a cleaned text is dropped: sentences, length, language, words, marks, repetitions."""
    if not lines:
        return Drop(Reason.EMPTY, "no line is left after cleaning")
    if settings.min_sentences and script.has_end_marks and not has_sentences(text, settings.min_sentences):
        return Drop(
            Reason.FEW_SENTENCES, f"{count_sentences(text)} sentences, min_sentences = {settings.min_sentences}"
        )
    words = split_words(text, script)
    if drop := judge_length(words, settings):
        return drop
    if language and settings.language_check and not is_language(text, language, settings.language_margin):
        return Drop(Reason.LANGUAGE, f"{detect_language(text)}, language = {language}")
    return (
        judge_words(words, settings)
        or judge_marks(text, lines, words.num_words, settings)
        or judge_stop_words(text, language, settings)
        or judge_repeated_lines(text, lines, settings)
        or judge_repeated_phrases(words, settings)
    )


def judge_length(words: Words, settings: FilterSettings) -> Drop | None:
    """Return whether a text has too few or too many words."""
    if words.num_words < settings.min_words:
        return Drop(Reason.TOO_SHORT, f"{words.num_words:,} words, min_words = {settings.min_words:,}")
    if 0 < settings.max_words < words.num_words:
        return Drop(Reason.TOO_LONG, f"{words.num_words:,} words, max_words = {settings.max_words:,}")
    return None


def judge_words(words: Words, settings: FilterSettings) -> Drop | None:
    """Return why a text's words are not those of a language (Gopher); texts in scripts without spaces pass."""
    if words.script is ALPHABETIC and words.num_words:
        mean = words.num_signs / words.num_words
        if mean < settings.min_word_length:
            cause = f"{mean:.1f} letters in a word on average, min_word_length = {settings.min_word_length:g}"
            return Drop(Reason.WORD_LENGTH, cause)
        mean -= words.num_marks / words.num_words
        if 0 < settings.max_word_length < mean:
            cause = f"{mean:.1f} letters in a word on average, max_word_length = {settings.max_word_length:g}"
            return Drop(Reason.WORD_LENGTH, cause)
    if words.script.has_spaces and settings.min_alpha_words:
        num_alpha = int(np.count_nonzero(words.classes & LETTER))
        if num_alpha < settings.min_alpha_words * len(words.classes):
            share = num_alpha / len(words.classes)
            cause = f"{share:.1%} of the words hold a letter, min_alpha_words = {settings.min_alpha_words:g}"
            return Drop(Reason.ALPHA_WORDS, cause)
    return None


def judge_stop_words(text: str, language: str | None, settings: FilterSettings) -> Drop | None:
    """Return whether a text lacks its language's stop words (Gopher)."""
    if not settings.min_stop_words or not language or has_stop_words(text, language, settings.min_stop_words):
        return None
    cause = f"fewer different stop words of {language} than min_stop_words = {settings.min_stop_words}"
    return Drop(Reason.STOP_WORDS, cause)
