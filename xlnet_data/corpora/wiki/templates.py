"""Returns the words of templates that stand for words of the sentence they are in."""

import re
from collections.abc import Callable, Sequence

_NAMED = re.compile(r"\s*[\w -]{1,24}=")
_RANGE_WORDS = {
    "-": "–",
    "–": "–",
    "to": " to ",
    "to(-)": " to ",
    "and": " and ",
    "or": " or ",
    "x": " × ",
    "by": " by ",
}


def words_of_template(content: str) -> str | None:
    """Return the words that a template stands for, None if it stands for none.

    Only templates that pass words of the sentence through are known: language marks, unbreakable text, quotations,
    measures. All others (boxes, citations, notes, navigation) stand for nothing that belongs to prose.

    Args:
        content: What is between the braces, templates and links in it already resolved.

    >>> words_of_template("lang|fr|raison d'être"), words_of_template("convert|12|to|15|km|mi|abbr=on")
    ("raison d'être", '12 to 15 km')
    >>> words_of_template("Cite web|title=A page") is None
    True
    """
    name, *args = content.split("|")
    name = name.strip().lower().replace("_", " ")
    words = _WORDS.get(name) or (_last if name.startswith(("lang-", "transl")) else None)
    if words is None:
        return None
    values = [arg.partition("=")[2] if arg.lstrip()[:2] in ("1=", "2=") else arg for arg in args]
    return words([value.strip() for value in values if not _NAMED.match(value)])


def may_have_words(start: str) -> bool:
    """Return whether a template whose content starts so stands for words; cheap, so that most need not be read."""
    name = start.partition("|")[0].strip().lower().replace("_", " ")
    return name in _WORDS or name.startswith(("lang-", "transl"))


def _first(args: Sequence[str]) -> str:
    return args[0] if args else ""


def _last(args: Sequence[str]) -> str:
    return args[-1] if args else ""


def _all(args: Sequence[str]) -> str:
    return "".join(args)


def _paragraph(args: Sequence[str]) -> str:
    return f"\n\n{args[0]}\n\n" if args else ""


def _measure(args: Sequence[str]) -> str:
    """Return a quantity and its unit as given, without the converted one."""
    if len(args) < 2:
        return _first(args)
    if len(args) > 3 and (word := _RANGE_WORDS.get(args[1])):
        return f"{args[0]}{word}{args[2]} {args[3]}"
    return f"{args[0]} {args[1]}"


def _fraction(args: Sequence[str]) -> str:
    """Return a fraction of one (n), two (m/n) or three (w m/n) given numbers."""
    if len(args) < 2:
        return f"1/{_first(args)}"
    return f"{args[0]}/{args[1]}" if len(args) == 2 else f"{args[0]} {args[1]}/{args[2]}"


def _author_and_year(args: Sequence[str]) -> str:
    """Return a citation that is part of the sentence: authors, and the year in brackets."""
    if len(args) < 2:
        return _first(args)
    authors = args[:-1] if args[-1][:4].isdigit() else args
    year = f" ({args[-1]})" if len(authors) < len(args) else ""
    return (", ".join(authors[:-1]) + " & " + authors[-1] if len(authors) > 1 else authors[0]) + year


def _ship(args: Sequence[str]) -> str:
    return " ".join(arg for arg in args[:2] if arg)


def _foreign_name(args: Sequence[str]) -> str:
    """Return an English name with its original and its transcription in brackets."""
    origin = ", ".join(arg for arg in args[1:3] if arg)
    return f"{_first(args)} ({origin})" if origin else _first(args)


def _constant(words: str) -> Callable[[Sequence[str]], str]:
    return lambda args: words


def _prefixed(prefix: str) -> Callable[[Sequence[str]], str]:
    return lambda args: prefix + _first(args)


_FIRST = """
nowrap nobr j small smaller big larger abbr tooltip ill interlanguage_link sc smallcaps mvar math nobold noitalic em
strong keypress kbd var angbr angle_bracket flag flagcountry flagu country formatnum: visible_anchor anchor_text vanchor
not_a_typo as_written sic proper_name script/hebrew script/arabic nihongo2 okina code mono monospace
"""

_WORDS: dict[str, Callable[[Sequence[str]], str]] = {
    **{name.replace("_", " "): _first for name in _FIRST.split()},
    **dict.fromkeys(
        ["lang", "langx", "transl", "transliteration", "color", "font color", "script", "wikt-lang"], _last
    ),
    **dict.fromkeys(["wikt", "hover title"], _last),
    **dict.fromkeys(["chem", "chem2", "sub", "sup", "su", "linktext"], _all),
    **dict.fromkeys(["quote", "blockquote", "cquote", "quotation", "quote box", "poemquote", "bq"], _paragraph),
    **dict.fromkeys(["convert", "cvt", "unité", "unidad", "nombre"], _measure),
    **dict.fromkeys(["frac", "fraction", "sfrac"], _fraction),
    **dict.fromkeys(["nihongo", "nihongo foot", "nihongo krt"], _foreign_name),
    **dict.fromkeys(["harvtxt", "harvcoltxt", "harvard citation text"], _author_and_year),
    **dict.fromkeys(["circa", "ca.", "c."], _prefixed("c. ")),
    **dict.fromkeys(["ndash", "en dash", "–", "nd"], _constant("–")),
    **dict.fromkeys(["spaced ndash", "snd", "spnd", "sndash"], _constant(" – ")),
    **dict.fromkeys(["mdash", "em dash", "—"], _constant("—")),
    **dict.fromkeys(["nbsp", "space", "spaces"], _constant(" ")),
    **dict.fromkeys(["'", "`", "apostrophe"], _constant("'")),
    "'s": _constant("'s"),
    **dict.fromkeys(["us$", "usd"], _prefixed("US$")),
    **dict.fromkeys(["£", "gbp"], _prefixed("£")),
    **dict.fromkeys(["€", "eur", "euro"], _prefixed("€")),
    "as of": _prefixed("As of "),
    "val": _first,
    "hms": _prefixed("HMS "),
    "uss": _prefixed("USS "),
    "ss": _prefixed("SS "),
    "ship": _ship,
    "!": _constant("|"),
    "=": _constant("="),
}
