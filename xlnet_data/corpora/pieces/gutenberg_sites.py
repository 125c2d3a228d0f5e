"""Takes off the headers and footers of Gutenberg's sites in Australia and Canada, which no mark begins or ends."""

import re

_HEAD_CHARS = 4000
"""How far into a file the line that names the site can stand."""

_MAX_PARAGRAPHS = 40
"""Paragraphs that such a header or footer has at most."""

_SITE = re.compile(
    r"^[ \t*]*(?:an? )?(?:project gutenberg (?:of )?(?:australia|canada)|distributed proofreaders canada)"
    r"(?: e-?(?:book|text))?[ \t*]*$",
    re.IGNORECASE | re.MULTILINE,
)
# what a header consists of: lines that describe the file, and paragraphs on what may be done with it
_HEADER = re.compile(
    r"(?:title|author|editor|translator|illustrator|e-?book no\.?|edition|language|character set encoding|release date"
    r"|date (?:of first|first|most|last)[\w ]*|(?:project gutenberg canada|faded page) e-?book)\b[ \t]*[:#]"
    r"|this e-?(?:book|text) (?:is made available|was (?:\w+ )?(?:produced|prepared|transcribed)\b)"
    r"|this work is in the canadian public domain|project gutenberg (?:of )?australia\b"
    r"|copyright laws are changing|to contact project gutenberg|a treasure-trove of literature",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"\[(?:the )?end of [^][]{1,400}\]|this site is full of free e-?books\W?"
    r"|(?:this site is full of free e-?books\W{0,3})?project gutenberg (?:of )?(?:australia|canada)",
    re.IGNORECASE,
)
_BLANK_LINES = re.compile(r"\n[ \t]*+\n\s*+")


def strip_site(text: str) -> str:
    """Return a book's text without the header and the footer of one of these sites; another text as it is.

    Args:
        text: The whole file, its lines ending in line feeds.
    """
    mark = _SITE.search(text, 0, _HEAD_CHARS)
    if mark is None:
        return text
    begin = _paragraph_end(text, mark.end())
    for _ in range(_MAX_PARAGRAPHS):
        if not _HEADER.match(text, begin):
            break
        begin = _paragraph_end(text, begin)
    text = text[begin:].rstrip()
    for _ in range(_MAX_PARAGRAPHS):
        before, blank, last = text.rpartition("\n\n")
        if len(last) > _HEAD_CHARS or not _FOOTER.fullmatch(" ".join(last.split())):
            break
        text = before.rstrip() if blank else ""
    return text


def _paragraph_end(text: str, at: int) -> int:
    """Return where the next paragraph begins, or the text ends."""
    blank = _BLANK_LINES.search(text, at)
    return blank.end() if blank else len(text)
