"""Applies C4's rules to web pages: removes lines that are not prose, and drops pages for what stands in them."""

import re
from collections.abc import Sequence
from functools import cache

from xlnet_data.filters.lines import ELLIPSES, has_end_mark, may_end
from xlnet_data.filters.settings import FilterSettings
from xlnet_data.filters.words import Script
from xlnet_data.schemas.document import Drop, Reason

_PLACEHOLDER = b"lorem ipsum"
_SCRIPT_NOTICE = b"javascript"
_POLICY_NOTICES = (
    b"terms of use",
    b"privacy policy",
    b"cookie policy",
    b"uses cookies",
    b"use of cookies",
    b"use cookies",
)
_PHRASES = (_PLACEHOLDER, _SCRIPT_NOTICE, *_POLICY_NOTICES)

_CITATION = re.compile(r"\[\d*\]|\[edit\]|\[citation needed\]")
_QUOTED_CHARS = 40

_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")


def clean_text(text: str, settings: FilterSettings, script: Script) -> str | Drop:
    r"""Return what is left of a text, paragraphs kept apart by a blank line; or why the document is dropped.

    >>> from xlnet_data.filters.words import ALPHABETIC
    >>> clean_text("Home\nThis line stays.\n\nThis one, too.", FilterSettings(end_marks="."), ALPHABETIC)
    'This line stays.\n\nThis one, too.'
    """
    if not _has_line_rules(settings):
        return text
    phrases = find_phrases(text, _PHRASES)
    if settings.check_removed_lines and (drop := _judge_content(text, settings, phrases)):
        return drop
    needs_mark = bool(settings.end_marks) and script.has_end_marks
    ends = may_end(settings.end_marks) | {"]"}  # that of a citation, which may be removed
    paragraphs = []
    for paragraph in _PARAGRAPH_BREAK.split(text):
        kept = []
        for line in map(str.strip, _split_paragraph(paragraph, settings.wrapped_line_chars)):
            if needs_mark and line[-1:] not in ends:  # as most of a page
                continue
            cleaned = clean_line(line, settings, script, phrases)
            if isinstance(cleaned, Drop):
                return cleaned
            if cleaned:
                kept.append(cleaned)
        if kept:
            paragraphs.append("\n".join(kept))
    return "\n\n".join(paragraphs)


def clean_line(line: str, settings: FilterSettings, script: Script, phrases: Sequence[bytes]) -> str | Drop:
    """Return a line without citation marks, "" if it is removed, or why its document is dropped.

    The order is that of C4's code: a "{" in a line that mentions JavaScript does no harm; in one about policies it
    does.

    Args:
        line: A line or a hard-wrapped paragraph, without white space around it.
        settings: The limits of every rule.
        script: How the document is written.
        phrases: Those of the phrases C4 looks for that occur in the document.
    """
    if _has_long_word(line, settings.max_word_chars, script):
        return ""
    if settings.remove_citations and "[" in line:
        line = _CITATION.sub("", line).rstrip()
    if not _has_form(line, settings, script):
        return ""
    if phrases and (phrases := find_phrases(line, phrases)):
        is_placeholder = settings.drop_lorem_ipsum and _PLACEHOLDER in phrases
        if settings.remove_script_notices and _SCRIPT_NOTICE in phrases and not is_placeholder:
            return ""
        is_policy = not is_placeholder and any(notice in phrases for notice in _POLICY_NOTICES)
        if settings.remove_policy_notices and is_policy:
            return (
                _drop(Reason.CURLY_BRACE, line, line.index("{")) if settings.drop_curly_braces and "{" in line else ""
            )
    return _judge_content(line, settings, phrases) or line


def find_phrases(text: str, phrases: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the phrases, lower-case ASCII, that occur in a text in any case (bytes.lower is much the fastest way)."""
    lowered = text.encode("utf-8", "surrogatepass").lower()
    return tuple(phrase for phrase in phrases if phrase in lowered)


def _has_line_rules(settings: FilterSettings) -> bool:
    return bool(
        settings.end_marks
        or settings.min_line_words
        or settings.max_word_chars
        or settings.remove_citations
        or settings.remove_script_notices
        or settings.remove_policy_notices
        or settings.drop_curly_braces
        or settings.drop_lorem_ipsum
        or settings.bad_words
    )


def _split_paragraph(paragraph: str, wrapped_line_chars: int) -> list[str]:
    r"""Return the lines of a paragraph, or the paragraph if all lines but its last are so long that they were wrapped.

    >>> _split_paragraph("so long a line\nis wrapped.", 10), _split_paragraph("Home\nAbout us.", 10)
    (['so long a line\nis wrapped.'], ['Home', 'About us.'])
    """
    lines = paragraph.splitlines()
    if wrapped_line_chars and len(lines) > 1 and all(len(line) >= wrapped_line_chars for line in lines[:-1]):
        return [paragraph]
    return lines


def _has_form(line: str, settings: FilterSettings, script: Script) -> bool:
    """Return whether a line ends as a sentence does and has enough words."""
    has_end = not line.endswith(ELLIPSES) and has_end_mark(line, settings.end_marks)
    if settings.end_marks and script.has_end_marks and not has_end:
        return False
    if not script.has_spaces:
        return len(line) >= settings.min_line_words * script.chars_per_word
    return len(line.split(None, settings.min_line_words)) >= settings.min_line_words


def _has_long_word(line: str, max_chars: int, script: Script) -> bool:
    if not max_chars or len(line) <= max_chars or not script.has_spaces:
        return False
    return max(map(len, line.split())) > max_chars


def _judge_content(text: str, settings: FilterSettings, phrases: Sequence[bytes]) -> Drop | None:
    """Return why a document with this text, of one line or all, is dropped; phrases are those in the text."""
    if settings.drop_lorem_ipsum and _PLACEHOLDER in phrases:
        return _drop(Reason.LOREM_IPSUM, text, max(0, text.lower().find(_PLACEHOLDER.decode())))
    if settings.drop_curly_braces and "{" in text:
        return _drop(Reason.CURLY_BRACE, text, text.index("{"))
    if settings.bad_words and (found := _bad_words_pattern(settings.bad_words).search(text)):
        return _drop(Reason.BAD_WORDS, text, found.start())
    return None


def _drop(reason: Reason, text: str, at: int) -> Drop:
    """Return a drop whose cause quotes what stands at a place of the text, with some characters around it."""
    begin, end = max(0, at - _QUOTED_CHARS // 2), at + _QUOTED_CHARS
    before, after = "…" if begin else "", "…" if end < len(text) else ""
    return Drop(reason, f"in “{before}{' '.join(text[begin:end].split())}{after}”")


@cache
def _bad_words_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(word) for word in words)})(?!\w)", re.IGNORECASE)
