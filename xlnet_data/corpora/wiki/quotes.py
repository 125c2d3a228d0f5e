"""Takes the marks of italic and bold text out of wikitext, and leaves the apostrophes between them."""

import re

_MARKS = re.compile(r"('{2,})")
_BOLD, _BOTH = 3, 5


def drop_quotes(text: str) -> str:
    """Return wikitext without marks of italics and bold, line by line, by MediaWiki's own rules.

    One rule is added: three apostrophes within a word that no others end were meant as an apostrophe and italics. Where
    they stand as often as marks of italics, MediaWiki takes them for bold, and readers miss the apostrophe.

    >>> drop_quotes("L'''Iliade'' d'''Homère''"), drop_quotes("'''A''' is ''one'''s first")
    ("L'Iliade d'Homère", "A is one's first")
    """
    if "'''" not in text:
        return text.replace("''", "")
    lines = text.split("\n")
    return "\n".join([_drop_in_line(line) if "'''" in line else line.replace("''", "") for line in lines])


def _drop_in_line(line: str) -> str:
    pieces = _MARKS.split(line)
    num_italic = num_bold = 0
    is_bold = False
    for i in range(1, len(pieces), 2):
        length = len(pieces[i])
        surplus = length - _BOTH if length > _BOTH else int(length == _BOLD + 1)
        if surplus:  # apostrophes before the mark
            pieces[i - 1] += "'" * surplus
            length -= surplus
            pieces[i] = pieces[i][surplus:]
        if length == _BOLD and not is_bold and _is_within_word(pieces, i):
            pieces[i - 1] += "'"
            length -= 1
            pieces[i] = "''"
        is_bold ^= length >= _BOLD
        num_italic += length != _BOLD
        num_bold += length >= _BOLD
    if num_italic % 2 and num_bold % 2 and (apostrophe := _find_apostrophe(pieces)):
        pieces[apostrophe - 1] += "'"
    return "".join(pieces[::2])


def _is_within_word(pieces: list[str], i: int) -> bool:
    """Return whether a mark stands between two letters, and an odd number of italic marks before the next bold one."""
    if not (pieces[i - 1][-1:].isalnum() and pieces[i + 1][:1].isalnum()):
        return False
    for other in range(i + 2, len(pieces), 2):
        if len(pieces[other]) >= _BOLD:
            return (other - i) % 4 == 0
    return True


def _find_apostrophe(pieces: list[str]) -> int:
    """Return the index of the mark of bold text that must be an apostrophe and one of italics, 0 if there is none.

    It is the first after a word of one letter, else after a longer word, else after a space.
    """
    found = {"letter": 0, "word": 0, "space": 0}
    for i in range(1, len(pieces), 2):
        if len(pieces[i]) != _BOLD:
            continue
        before = pieces[i - 1]
        kind = "space" if before.endswith(" ") else "letter" if before[-2:-1] == " " else "word"
        found[kind] = found[kind] or i
    return found["letter"] or found["word"] or found["space"]
