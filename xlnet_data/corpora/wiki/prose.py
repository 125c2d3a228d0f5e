"""Turns wikitext into prose, in time linear in its length whatever it holds."""

import re
from collections.abc import Iterator

from xlnet_data.corpora.pieces.entities import decode_entities
from xlnet_data.corpora.pieces.inline_tags import drop_struck, mark_wiki_powers
from xlnet_data.corpora.wiki.arguments import BAR, EQUALS_SIGN, HOLE, UNKNOWN
from xlnet_data.corpora.wiki.brackets import resolve_brackets
from xlnet_data.corpora.wiki.gaps import close_gaps, drop_unknown
from xlnet_data.corpora.wiki.line_starts import protect_start, protect_starts
from xlnet_data.corpora.wiki.names import HIDDEN_NAMES
from xlnet_data.corpora.wiki.quotes import drop_quotes
from xlnet_data.corpora.wiki.variants import choose_variants

_ELEMENT = re.compile(
    r"(</?(?:ref|references|nowiki|math|gallery|timeline|syntaxhighlight|source|score|hiero|graph|imagemap"
    r"|templatedata|inputbox|categorytree|chem|ce|mapframe|maplink|pre|poem|includeonly|style|script|table|indicator"
    r"|dynamicpagelist|ruby-annotation|templatestyles|section|languages|rt|rtc|rp|pages|pagelist|pagequality|quiz"
    r"|rss)\b[^<>]*+>)",
    re.IGNORECASE,
)
_NAME = re.compile(r"/?[a-zA-Z-]+")
_VERBATIM = re.compile(r"<(?:!--|(nowiki|pre|syntaxhighlight|source|math|ref)\b[^<>]*+(?<!/)>)", re.IGNORECASE)
_NOWIKI_CALL = re.compile(r"\{\{\s*+#tag:\s*+nowiki\s*+\|([^{}|]*+)\}\}", re.IGNORECASE)
_CONTROL = re.compile(r"[\0-\4]")
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)[^<>]*+>")
_EXTERNAL = re.compile(
    r"\[(?:(?:[a-z]{3,8}:)?//|mailto:)[^\s\[\]']*+(?:'(?!')[^\s\[\]']*+)*+[ \t]*+"
    r"([^\[\]\n<]*+(?:<(?:/?[a-z][^<>\n]*+>)?[^\[\]\n<]*+)*+)\]|\[(?:https?:|ftp:)?//[^\s\[\]]*+",
    re.IGNORECASE,
)
"""A link to another site and its words; italics end its address."""

_SWITCH = re.compile(r"__([^\W\d_]{2,40}(?:_[^\W\d_]{2,40}){0,5})__")
_SWITCHES = frozenset(("NOTOC", "FORCETOC", "TOC", "NOEDITSECTION", "NOGALLERY"))  # in small letters, too
_UNSEEN = re.compile(r"<(span|div)\b[^<>]{0,500}?display\s{0,9}:\s{0,9}none[^<>]{0,500}>[^<]*+</\1\s*+>", re.IGNORECASE)
_INDENTATION = re.compile(r"^[:*#; ]++", re.MULTILINE)
_WORD = re.compile(r"\w")
_PLACE = r"(?:[\d.]{1,12}[°′″]){1,3}[NSEWO]"
_PLACE_ALONE = re.compile(rf"{_PLACE} {_PLACE}")

_DEFINITION = re.compile(r"\s*+:\s|\s:(?!//)")  # parts a term and its definition on one line

_LITERAL = str.maketrans({c: f"&#{ord(c)};" for c in "<>[]{}|'*#:;=_-&"})
_KNOWN_TAGS = """
a abbr b bdi bdo big blockquote br caption center cite code data dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i ins
kbd li link mark meta noinclude ol onlyinclude p poem q rb rp rt rtc ruby s samp small span strike strong sub sup table
tbody td th thead time tr translate tt tvar u ul var wbr ref references nowiki math gallery timeline syntaxhighlight
source score hiero graph imagemap templatedata inputbox categorytree chem ce mapframe maplink pre includeonly style
script indicator dynamicpagelist templatestyles section languages img nobr pages
pagelist pagequality quiz rss phonos charinsert
"""
_HTML = frozenset(_KNOWN_TAGS.split())
_BREAKS = {
    "p": "\n\n",
    "blockquote": "\n\n",
    "center": "\n\n",
    "poem": "\n\n",
    **dict.fromkeys(("br", "div", "td", "hr"), " "),
    **{f"h{level}": f"\n{'=' * level}" for level in range(1, 7)},
    "li": "\n*",
    "dt": "\n;",
    "dd": "\n:",
    "q": '"',
}
"""What stands for a tag that begins something."""
_ENDS = {
    **_BREAKS,
    **{f"h{level}": f"{'=' * level}\n" for level in range(1, 7)},
    **dict.fromkeys(("li", "dt", "dd"), "\n"),
}


def extract_prose(
    text: str,
    *,
    headings: bool = False,
    lists: bool = False,
    hidden_names: frozenset[str] = HIDDEN_NAMES,
    language: str = "",
) -> str:
    r"""Return the prose of a page: what a reader reads as running text.

    Templates, tables, references, files, categories, formulas, magic words, comments and markup go; links leave their
    text; templates that stand for words of the sentence leave these words. Entities are decoded once (a dump's XML
    holds them encoded once more). Nothing in the text makes this slower than linear or deeper than its own stack.

    Args:
        text: Wikitext.
        headings: Keep headings of sections that have text, as paragraphs of their own.
        lists: Keep list items, as paragraphs of their own.
        hidden_names: Lower-case namespaces whose links show no text.
        language: Code of the wiki's language, in which dates are written; "" if it is not known.

    Returns:
        Paragraphs separated by a blank line, each on one line.

    >>> extract_prose("'''Ur''' ({{IPA|x}}) is a [[City|city]].<ref>X</ref>\n[[Image:A.png|[[Ur]]]]\n== B ==\n* [[C]]")
    'Ur is a city.'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(control in text for control in "\0\1\2\3\4"):
        text = _CONTROL.sub("", text)
    if "<!--" in text:
        text = _drop_comments(text)
    if "display" in text:
        text = _UNSEEN.sub(HOLE, text)
    if "</s" in text or "</del" in text:
        text = drop_struck(text, HOLE)
    if "#tag:" in text:
        text = _NOWIKI_CALL.sub(lambda m: _protect(m[1]), text)
    text = _drop_elements(mark_wiki_powers(text, language))
    text = resolve_brackets(text, hidden_names, language)
    text = choose_variants(text)
    text = _EXTERNAL.sub(_label_of_external, protect_starts(text))
    text = drop_quotes(text)
    text = _TAG.sub(_replace_tag, text)
    text = _SWITCH.sub(_drop_switch, text) if "__" in text else text
    return "\n\n".join(_blocks(text.replace(EQUALS_SIGN, "=").replace(BAR, "|"), headings, lists))


def _drop_comments(text: str) -> str:
    """Take out comments, with their line if they fill it; one that is never closed runs to the end.

    What an element shows as it stands, such as <nowiki>, holds none. A reference ends one that is not closed in it.

    >>> _drop_comments("a\\n<!-- b <!-- -->\\nc<nowiki><!--</nowiki><!-- d")
    'a\\nc<nowiki><!--</nowiki>'
    >>> _drop_comments("a<ref>b <!-- c</ref> d")
    'a<ref>b <!-- c</ref> d'
    """
    out: list[str] = []
    never_closed: set[str] = set()
    begin = at = 0
    is_line_start = True  # nothing but comments stands before this one
    while found := _VERBATIM.search(text, at):
        at = found.end()
        if name := (found[1] or "").lower():
            close = None if name in never_closed else re.compile(f"</{name}\\b", re.IGNORECASE).search(text, at)
            at = close.end() if close else at
            never_closed |= set() if close else {name}
            continue
        if begin < found.start():
            out.append(text[begin : found.start()])
            is_line_start = out[-1].endswith("\n")
        end = text.find("-->", at)
        begin = at = end + len("-->") if end >= 0 else len(text)
        if is_line_start and text.startswith("\n", at):
            begin = at = at + 1
    return "".join([*out, text[begin:]])


def _drop_elements(text: str) -> str:
    """Take out the elements whose content is not prose; make what <nowiki> protects inert.

    An element that is never closed loses its tag only.
    """
    parts = _ELEMENT.split(text)
    out = [parts[0]]
    never_closed: set[str] = set()
    i = 1
    while i < len(parts):
        name = _name_of_tag(parts[i])
        close = -1
        if not (name.startswith("/") or parts[i].endswith("/>") or name in never_closed):
            close = _find_close(parts, i + 2, "/" + name)
            if close < 0:
                never_closed.add(name)
        if close >= 0:
            out.append(_words_of_element(name, parts[i], "".join(parts[i + 1 : close])))
            i = close
        elif name == "nowiki":
            out.append(HOLE)  # which keeps the apostrophes around it apart
        out.append(parts[i + 1])
        i += 2
    return "".join(out)


def _words_of_element(name: str, tag: str, content: str) -> str:
    """Return what an element leaves: what it shows as it stands, the lines of a poem, or nothing."""
    if name == "nowiki" or (name in ("syntaxhighlight", "source") and "inline" in tag):
        return _protect(content)
    return f"\n\n{_INDENTATION.sub('', _drop_elements(content))}\n\n" if name == "poem" else HOLE


def _protect(text: str) -> str:
    """Return what <nowiki> holds as text without markup; its entities are characters, as everywhere."""
    return decode_entities(text).translate(_LITERAL) or HOLE


def _name_of_tag(tag: str) -> str:
    found = _NAME.match(tag, 1)
    return found[0].lower() if found else ""


def _find_close(parts: list[str], start: int, name: str) -> int:
    """Return the index of the part that is the tag of a name, -1 if none is."""
    return next((i for i in range(start, len(parts), 2) if _name_of_tag(parts[i]) == name), -1)


def _replace_tag(found: re.Match[str]) -> str:
    name = found[1].lower()
    if name not in _HTML:
        return found[0]
    if name == "div" and _fills_line(found):
        return "\n\n"
    return (_ENDS if found[0].startswith("</") else _BREAKS).get(name, "")


def _fills_line(tag: re.Match[str]) -> bool:
    """Return whether a block's tag begins a line or its closing tag ends one; within a list's item it does not."""
    at = tag.end() if tag[0].startswith("</") else tag.start() - 1
    return tag.string[max(at, 0) : at + 1] in ("", "\n")


def drop_tags(line: str) -> str:
    """Return a line without the tags of HTML and of wikitext that are left in it.

    >>> drop_tags("a<br>b is <i>c</i> <stdio.h>")
    'a b is c <stdio.h>'
    """
    return _TAG.sub(lambda m: m[0] if m[1].lower() not in _HTML else " " if m[1].lower() in _BREAKS else "", line)


def _drop_switch(found: re.Match[str]) -> str:
    """Return nothing instead of a word that says how the page is shown, such as __NOTOC__, and another as it stands."""
    name = found[1].upper()
    return HOLE if found[1] == name or name in _SWITCHES else found[0]


def _label_of_external(found: re.Match[str]) -> str:
    return protect_start(found[1]) or HOLE


def _blocks(text: str, headings: bool, lists: bool) -> Iterator[str]:
    """Yield the paragraphs, and if wanted the list items and the headings of sections that have any."""
    pending: list[tuple[int, str]] = []  # headings that have no text yet
    for level, block in _raw_blocks(text):
        if level > 0:
            while pending and pending[-1][0] >= level:
                pending.pop()
            pending.append((level, block))
            continue
        if level < 0 and not lists:
            continue
        block = _mend(block)
        if not _WORD.search(block) or ("://" in block and " " not in block):
            continue
        if "°" in block and _PLACE_ALONE.fullmatch(block):
            continue
        if headings:
            yield from (heading for _, raw in pending if _WORD.search(heading := _mend(raw)))
        pending.clear()
        yield block


def _raw_blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield (level of the heading, 0 for a paragraph, -1 for a list item; its text)."""
    paragraph: list[str] = []
    for line in text.split("\n"):
        stripped = line.strip(" \t\r\0")
        first = line[:1]
        if stripped and first not in "=*#:;|-" and not stripped.startswith(("|", "{|", "}}")):
            paragraph.append(line)
            continue
        is_rule = first == "-" and not stripped.startswith("----")
        if is_rule:
            paragraph.append(line)
            continue
        if paragraph:
            yield 0, "\n".join(paragraph)
            paragraph = []
        if not stripped or first == "|":
            continue
        if first == "=" and stripped.endswith("=") and len(stripped) > 2:
            level = min(len(stripped) - len(stripped.lstrip("=")), len(stripped) - len(stripped.rstrip("=")), 6)
            yield level, stripped[level:-level]
        elif first in "*#:;":
            item = stripped.lstrip("*#:; ")
            is_term = ";" in stripped[: len(stripped) - len(item)].rstrip()[-1:]
            yield from ((-1, part) for part in (_DEFINITION.split(item, 1) if is_term else [item]))
        elif first == "-":
            paragraph = [stripped.lstrip("-")]
        elif first == "=":
            paragraph = [line]
    if paragraph:
        yield 0, "\n".join(paragraph)


def _mend(block: str) -> str:
    """Decode entities, make blanks single, and close the gaps that markup left.

    >>> _mend("Ur (\\0) (\\0; born &amp;  raised\\0 , \\0)\\0.")
    'Ur (born & raised).'
    """
    if "&" in block:
        block = decode_entities(block).replace("\xa0", " ")
    block = block.replace("\n", " ")
    if UNKNOWN in block:
        block = drop_unknown(block)
    if HOLE in block:
        block = close_gaps(block)
    return (" ".join(block.split()) if "  " in block or "\t" in block else block).strip()
