"""Replaces the marks of quotations whose pairs sentencex does not know: within these it would end no sentence."""

import re

_ALONE = re.compile(r"(?<![^\s(\[{—–-])[”»](?=[^\s”»,.;:!?)\]}])")
"""The marks that begin a quotation as they end it, in Swedish and Finnish."""

_BEGIN = r"(?<![^\s(\[{—–-])"
_END = r"(?<=\S)(?!\w)"
_DOUBLE = {
    mark: re.compile(rf"{_BEGIN}({mark})(?=\S)({content}){_END}({end})(?!\w)")
    for mark, content, end in (
        ("„", r"[^„“”\"]*?", "\"|''|‟|´´"),
        ("“", r"[^„“”\"]*+", '"'),
        ('"', r"[^„“”\"]*+", "”"),
        ("”", r"[^„“”\"]*+", "“"),
        (",,", r"(?:[^„“”\",]|,(?!,))*?", "''|[\"“”]"),
        (">>", "[^<>]*+", "<<"),
        ("<<", "[^<>]*+", ">>"),
    )
}
"""By the mark that begins a quotation: its end with another mark than sentencex expects, as in „this", ,,this'' and
>>this<<. None holds its own marks, so that a search stays linear."""

_SINGLE = {
    "‚": re.compile(r"(‚)(?=\S)((?:[^‚‘’']|(?<=\w)[’'](?=\w))*+)([‘’'])(?!\w)"),
    "›": re.compile(r"(›)(?=[\w¿¡(])([^›‹]*+)(‹)(?!\w)"),
}
"""The single marks of German, which stand within double ones, too."""


def has_mixed_marks(text: str) -> bool:
    """Return whether `tell_marks_apart` may find a pair in a text, at a glance."""
    if ",," in text or ">>" in text or "<<" in text:
        return True
    return not text.isascii() and any(mark in text for mark in "„“”»‚›")


def tell_marks_apart(text: str) -> str:
    """Return a text of the same length in which the pairs of marks are those that sentencex knows, or neutral.

    >>> [tell_marks_apart(text) for text in ("”Ja.” Hon gick. »Nej.»", "„Ja.” On poszedł.", '„Ja" und "Nein".')]
    ['“Ja.” Hon gick. «Nej.»', '„Ja.” On poszedł.', '“Ja” und "Nein".']
    >>> tell_marks_apart(",,Ja'' und ‚Nein‘.")
    '_“Ja”_ und _Nein_.'
    """
    for mark, pair in _DOUBLE.items():
        if mark in text:
            text = pair.sub(_known_pair, text)
    for mark, pair in _SINGLE.items():
        if mark in text:
            text = pair.sub(r"_\2_", text)
    if ("”" not in text and "»" not in text) or "“" in text or "„" in text or "«" in text:
        return text
    return _ALONE.sub(lambda mark: "“" if mark[0] == "”" else "«", text)


def _known_pair(found: re.Match[str]) -> str:
    """Return a quotation between curly marks, each as long as what it stands for: a stop may stand behind two signs."""
    end = "”_" if found[3] in ("<<", ">>") else "”".rjust(len(found[3]), "_")
    return "“".rjust(len(found[1]), "_") + found[2] + end
