"""Replaces the marks of quotations whose pairs sentencex does not know: within these it would end no sentence."""

import re
from collections.abc import Callable, Iterator
from functools import partial

_ALONE = re.compile(r"(?<![^\s(\[{—–-])[”»](?=[^\s”»,.;:!?)\]}])")
"""The marks that begin a quotation as they end it, in Swedish and Finnish."""


def _known_pair(found: re.Match[str]) -> str:
    """Return a quotation between curly marks, each as long as what it stands for: a stop may stand behind two signs."""
    end = "”_" if found[3] in ("<<", ">>") else "”".rjust(len(found[3]), "_")
    return "“".rjust(len(found[1]), "_") + found[2] + end


_DOUBLE = (
    ("„", ('"', "''", "‟", "´´"), r"[^„“”\"]*?"),
    ("“", ('"',), r"[^„“”\"]*+"),
    ('"', ("”",), r"[^„“”\"]*+"),
    ("”", ("“",), r"[^„“”\"]*+"),
    (",,", ("''", '"', "“", "”"), r"(?:[^„“”\",]|,(?!,))*?"),
    (">>", ("<<",), "[^<>]*+"),
    ("<<", (">>",), "[^<>]*+"),
)
"""Marks that end a quotation though sentencex expects others, „this", ,,this'', >>this<<, and what may stand in one.
None holds the marks themselves, so that a search stays linear."""

_SINGLE = (
    ("‚", ("‘", "’", "'"), r"(‚)(?=\S)((?:[^‚‘’']|(?<=\w)[’'](?=\w))*+)([‘’'])(?!\w)"),
    ("›", ("‹",), r"(›)(?=[\w¿¡(])([^›‹]*+)(‹)(?!\w)"),
)
"""The single marks of German, which stand within double ones, too, and so become neutral."""

_PAIRS = (
    *(
        (
            mark,
            ends,
            partial(
                re.compile(rf"({mark})(?<![^\s(\[{{—–-]{mark})(?=\S)({content})(?<=\S)({'|'.join(ends)})(?!\w)").sub,
                _known_pair,
            ),
        )
        for mark, ends, content in _DOUBLE
    ),
    *((mark, ends, partial(re.compile(quotation).sub, r"_\2_")) for mark, ends, quotation in _SINGLE),
)
"""A mark that begins quotations, those that end them, and what replaces both."""

_INCHES = re.compile(r"\"(?<=\d\")(?!\w)")
_DOUBLE_PRIMES = re.compile(r"''(?<=\d'')")
_QUOTED_OR_INCHES = re.compile(rf"\"(?<![^\s(\[{{—–/'“‘*_=>:;-]\")[^\"]*+\"(?!(?<=[\s(\[{{]\")\S)|{_INCHES.pattern}")


def mark_replacements(text: str) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield what replaces marks in the paragraphs of a text that may need it, and a mark that all of those hold."""
    for mark, ends, replace in _PAIRS:
        if _holds(text, mark) and any(_holds(text, end) for end in ends):
            yield mark if mark[0] == "," else mark[0], replace
    if _INCHES.search(text):
        yield '"', _replace_inches
    if "''" in text:
        yield "''", partial(_DOUBLE_PRIMES.sub, "__")
    if "”" in text or "»" in text:
        yield "", _part_marks


def _holds(text: str, mark: str) -> bool:
    """Return whether a text holds a mark: a search for one sign is quicker than for two."""
    return mark[0] in text and mark in text


def _replace_inches(text: str) -> str:
    """Return a text with neutral marks for those behind numbers of inches, which would begin quotations.

    >>> _replace_inches('A 5" wheel, "and a 6"')
    'A 5_ wheel, "and a 6"'
    """
    if not _INCHES.search(text):
        return text
    return _QUOTED_OR_INCHES.sub(lambda found: "_" if found[0] == '"' else found[0], text)


def _part_marks(text: str) -> str:
    """Return a text of the same length in which other marks begin quotations than end them.

    >>> _part_marks("”Ja.” Hon gick. »Nej.»"), _part_marks("„Ja.” On poszedł.")
    ('“Ja.” Hon gick. «Nej.»', '„Ja.” On poszedł.')
    """
    if ("”" not in text and "»" not in text) or "“" in text or "„" in text or "«" in text:
        return text
    return _ALONE.sub(lambda mark: "“" if mark[0] == "”" else "«", text)
