"""Replaces the marks of quotations whose pairs sentencex does not know: within these it would end no sentence."""

import re
from collections.abc import Callable, Sequence

_ALONE = re.compile(r"(?<![^\s(\[{—–-])[”»](?=[^\s”»,.;:!?)\]}])")
"""The marks that begin a quotation as they end it, in Swedish and Finnish."""


def _known_pair(found: re.Match[str]) -> str:
    """Return a quotation between curly marks, each as long as what it stands for: a stop may stand behind two signs."""
    end = "”_" if found[3] in ("<<", ">>") else "”".rjust(len(found[3]), "_")
    return "“".rjust(len(found[1]), "_") + found[2] + end


Pair = tuple[str, tuple[str, ...], re.Pattern[str], Callable[[re.Match[str]], str]]
"""A mark that begins quotations, those that end them, what finds a quotation, and what replaces it."""

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

_PAIRS: tuple[Pair, ...] = (
    *(
        (
            mark,
            ends,
            re.compile(rf"({mark})(?<![^\s(\[{{—–-]{mark})(?=\S)({content})(?<=\S)({'|'.join(ends)})(?!\w)"),
            _known_pair,
        )
        for mark, ends, content in _DOUBLE
    ),
    *((mark, ends, re.compile(pattern), lambda found: f"_{found[2]}_") for mark, ends, pattern in _SINGLE),
)


def mixed_pairs(text: str) -> list[Pair]:
    """Return the pairs of marks, of those that sentencex does not know, that a text may hold, at a glance."""
    return [pair for pair in _PAIRS if pair[0] in text and any(end in text for end in pair[1])]


def replace_pairs(text: str, pairs: Sequence[Pair]) -> str:
    """Return a text of the same length with marks that sentencex knows, or neutral ones, instead of some pairs.

    >>> replace_pairs(",,Ja'' und ‚Nein‘.", mixed_pairs(",,Ja'' und ‚Nein‘."))
    '_“Ja_” und _Nein_.'
    """
    for mark, _, quotation, replace in pairs:
        if mark in text:
            text = quotation.sub(replace, text)
    return text


def tell_marks_apart(text: str) -> str:
    """Return a text of the same length in which other marks begin quotations than end them.

    >>> tell_marks_apart("”Ja.” Hon gick. »Nej.»"), tell_marks_apart("„Ja.” On poszedł.")
    ('“Ja.” Hon gick. «Nej.»', '„Ja.” On poszedł.')
    """
    if ("”" not in text and "»" not in text) or "“" in text or "„" in text or "«" in text:
        return text
    return _ALONE.sub(lambda mark: "“" if mark[0] == "”" else "«", text)
