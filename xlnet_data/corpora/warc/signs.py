"""Writes as signs what pages show by elements alone: quotation marks, fractions, roots and powers.

Marks of notes go, and line ends within Chinese and Japanese, which browsers do not show.
"""

import re
from itertools import islice
from typing import TypeAlias

from resiliparse.parse.html import HTMLTree, Node, NodeType

from xlnet_data.corpora.pieces.inline_tags import RAISED, mark_powers
from xlnet_data.corpora.pieces.paragraphs import CJK
from xlnet_data.corpora.warc.lists import PAD
from xlnet_data.corpora.warc.note_links import BEFORE_NOTE, GONE, TO_NOTE

_MARKS = {
    **dict.fromkeys(("de", "cs", "sk", "sl", "bg", "et", "lt", "is", "mk"), "„“‚‘"),
    **dict.fromkeys(("pl", "ro", "hu"), "„”«»"),
    **dict.fromkeys(("hr", "sr", "bs"), "„”‚’"),
    **dict.fromkeys(("ru", "uk", "be"), "«»„“"),
    **dict.fromkeys(("it", "es", "el", "ca", "gl", "pt", "lv", "hy", "eu"), "«»“”"),
    **dict.fromkeys(("no", "nb", "nn"), "«»‘’"),
    **dict.fromkeys(("fa", "ku", "am", "ti", "de-ch", "fr-ch", "it-ch"), "«»‹›"),
    **dict.fromkeys(("ar", "ur"), "”“’‘"),
    **dict.fromkeys(("sv", "fi", "he"), "””’’"),
    **dict.fromkeys(("ja", "zh-hant", "zh-tw", "zh-hk"), "「」『』"),
}
"""By language: the marks of a quotation, and of one within it, as browsers show them."""

_Pairs: TypeAlias = tuple[tuple[str, str], tuple[str, str]]
_ENGLISH = (("“", "”"), ("‘", "’"))
_FRENCH = (("« ", " »"), ("« ", " »"))
_LANGUAGE = re.compile(
    r"<([a-z][a-z0-9]{0,20})\b[^<>]{0,500}?(?<![\w-])lang\s?=\s?[\"']?([a-z]{2,3})(-(?:hant|tw|hk|ch))?\b[^<>]*+>",
    re.IGNORECASE,
)
_ENDED_BY_SIBLINGS = frozenset(("p", "li", "dd", "dt", "td", "th"))
_MAX_LANGUAGES = 200  # elements of a page that say their language
_QUOTE = re.compile(r"<(/?)q(?:\s[^<>]*+)?>", re.IGNORECASE)
_OPENING_MARKS = frozenset("\"'“‘„‚«‹»”「『&")
_MARK_BEFORE = re.compile(r"(?:[\"“„«‹»”「『]|(?<!\w)['‘‚]|&(?:quot|[lb]dquo|lsquo|sbquo|[lr]aquo|lsaquo);)\Z")

_AROUND_NOTE = r"&(?:#91|#93|#x5b|#x5d|lsqb|rsqb|lbrack|rbrack);|</?(?:span|small|b|i)\b[^<>]{0,200}+>"
_AROUND = rf"(?:[\s\[\]()]|{_AROUND_NOTE}){{0,9}}"
_BETWEEN = rf"(?:[\s\[\](),;–—-]|{_AROUND_NOTE}){{0,9}}+"
_NUMBERED = r"(?:(?:[^\W\d_]{1,12}\.?\s|[注註][釈釋]?)?\d{1,3}"
_NOTE = rf"{_AROUND}{_NUMBERED}|[^\W\d_]|[ivx]{{1,5}}|[*†‡§]{{1,3}}){_AROUND}"
_LINK = rf"(?>{TO_NOTE}{_NOTE}</a>)"
_RAISED_LINK = re.compile(
    rf"<sup\b[^<>]*+>{_AROUND}{_LINK}(?:{_BETWEEN}{_LINK}){{0,20}}+{_AROUND}</sup>", re.IGNORECASE
)
_LINK_TO_NOTE = re.compile(
    rf"{TO_NOTE}(?:\s*+<sup\b[^<>]*+>{_NOTE}</sup>\s*+|\[\d{{1,3}}(?:[,;–-]\s?\d{{1,3}}){{0,9}}\]|[*†‡]{{1,3}}|[¹²³⁰⁴-⁹]{{1,3}}"
    r"|(\d{1,3}))</a>",
    re.IGNORECASE,
)
_NAMED_NOTE = re.compile(r"#[\w.:-]{0,30}?(?:f(?:oot)?n|ftn|_edn|foot|note|cite|bib)", re.IGNORECASE)
"""The name of a note; a plain number that links to one is its mark if it is glued to a word."""

_MARKED_NOTE = re.compile(
    rf"<a\b[^<>]{{0,300}}?\b(?:epub:type|role)=[\"']?(?:doc-)?noteref\b[^<>]{{0,300}}+>{_NOTE}</a>", re.IGNORECASE
)
_WIKI_NOTE = re.compile(
    r"<sup\b[^<>]{0,300}?\bclass=[\"'](?:[\w-]{1,40}\s){0,5}(?:reference|inline-template)\b[^<>]{0,300}+>"
    r"(?:[^<]|<(?!/?sup)){0,1000}+</sup>",
    re.IGNORECASE,
)
"""What MediaWiki raises: a link to a note, the page of a source, "citation needed"."""

_BACK_TO_MENTION = re.compile(
    r"<a\b[^<>]{0,200}?\bhref=[\"'][^\"'<>]{0,300}?#cite_ref[^<>]{0,300}+>(?:[^<]|<(?!/?a\b)){0,200}+</a>",
    re.IGNORECASE,
)
_BEFORE_BACKS = re.compile(r"[\^↑](?=\s*+(?:<sup\b[^<>]{0,200}+>)?<a\b[^<>]{0,200}?#cite_ref)")
"""What leads from a note of a wiki's page back to where it is mentioned, and the sign before several."""

INLINE_NAMES = """
a abbr acronym address b bdi bdo big button cite code data del dfn em font i ins kbd label mark nobr q s samp small
span strike strong sub sup time tt u var wbr
"""
"""Elements that stand within a sentence."""

_INLINE = rf"</?(?:{'|'.join(INLINE_NAMES.split())})(?:\s[^<>]{{0,300}})?>"
_INLINE_TAG = re.compile(_INLINE, re.IGNORECASE)
_ENDS_BEFORE = "|".join(
    f"(?<={end}.)" for end in (f"[{CJK}]", f"[{CJK}][ \\t\\r]", "</[abiqsu]>", "em>", "span>", "strong>", "font>")
)
_LINE_END = re.compile(rf"[\r\n](?:{_ENDS_BEFORE})[ \t\r\n]*+(?=[<{CJK}])", re.DOTALL)
_COMMON = "。，、的一のをに"
"""Of which every long text of Chinese or Japanese has some; to look for eight characters is quick, for all is not."""

_MANY_CHARS = 10_000

_WIDE = re.compile(rf"[{CJK}]")
_WIDE_BEHIND_TAGS = re.compile(rf"(?:{_INLINE}[ \t\r\n]*+){{0,8}}[{CJK}]", re.IGNORECASE)
_MAX_TAGS = 8  # between a letter and a line end
_SEEN_CHARS = 200  # before a line end
_MAX_FORMULAS = 2_000  # of each kind
_SEEN_DEPTH = 5  # of elements that begin a part of a formula
_ROWS = ("mrow", "mfrac", "msqrt")


def write_quotes(page: str) -> str:
    """Return a page with the marks around <q> that browsers show in the language of the element that it is in.

    >>> write_quotes("<q>Say <q>no</q></q> <q>“Yes”</q>")
    '<q>“Say <q>‘no’</q>”</q> <q>“Yes”</q>'
    >>> write_quotes("<html lang=de-AT><q>Ja</q> »<q>Nein</q>«")
    '<html lang=de-AT><q>„Ja“</q> »<q>Nein</q>«'
    """
    languages = _languages_of(page) if "lang" in page else []
    opened: list[str] = []

    def write(tag: re.Match[str]) -> str:
        if tag[1]:
            return (opened.pop() if opened else "") + tag[0]
        at = tag.start()
        has_mark = page[tag.end() : tag.end() + 1] in _OPENING_MARKS or _MARK_BEFORE.search(page[max(at - 9, 0) : at])
        marks = next((marks for start, end, marks in reversed(languages) if start < at < end), _ENGLISH)
        opening, closing = ("", "") if has_mark else marks[len(opened) % 2]
        opened.append(closing)
        return tag[0] + opening

    return _QUOTE.sub(write, page)


def _languages_of(page: str) -> list[tuple[int, int, _Pairs]]:
    """Return where elements that say their language begin and end, and the marks of it, in the order of the page."""
    found = {tag.start(): tag for tag in islice(_LANGUAGE.finditer(page), _MAX_LANGUAGES)}
    names = {tag[1].lower() for tag in found.values()}
    opened: dict[str, list[int]] = {name: [] for name in names}
    ends = dict.fromkeys(found, len(page))
    for tag in re.compile(rf"<(/?)({'|'.join(names) or '(?!)'})(?![\w-])", re.IGNORECASE).finditer(page):
        name = tag[2].lower()
        if opened[name] and (tag[1] or name in _ENDED_BY_SIBLINGS):
            begin = opened[name].pop()
            ends[begin] = tag.start()
        if not tag[1]:
            opened[name].append(tag.start())
    return [(begin, ends[begin], _marks_of(tag[2].lower(), (tag[3] or "").lower())) for begin, tag in found.items()]


def _marks_of(language: str, script: str) -> _Pairs:
    """Return the marks of a quotation and of one within it, in a language."""
    marks = _MARKS.get(language + script, _MARKS.get(language))
    if language == "fr" and not script:
        return _FRENCH
    return ((marks[0], marks[1]), (marks[2], marks[3])) if marks else _ENGLISH


def mend_notes_and_powers(page: str) -> str:
    """Return a page with GONE instead of the marks that lead to notes, and with powers of ten told from numbers.

    >>> mend_notes_and_powers("It weighs 10<sup>6</sup> kg.<sup id=r><a href='#n1'>[1]</a></sup>").strip(GONE)
    'It weighs 10^<sup>6</sup> kg.'
    """
    page = _MARKED_NOTE.sub(GONE, page) if "noteref" in page else page
    page = _RAISED_LINK.sub(GONE, _WIKI_NOTE.sub(GONE, page))
    page = _BACK_TO_MENTION.sub("", _BEFORE_BACKS.sub("", page)) if "#cite_ref" in page else page
    return mark_powers(_LINK_TO_NOTE.sub(_drop_link, page) if "#" in page else page)


def _drop_link(link: re.Match[str]) -> str:
    """Return GONE instead of a link that is the mark of a note; a plain number may be a word of the text."""
    before = link.string[link.start() - 1 : link.start()]
    is_mark = not link[1] or ((before.isalpha() or before in BEFORE_NOTE) and _NAMED_NOTE.search(link[0]))
    return GONE if is_mark else link[0]


def join_wide_lines(page: str) -> str:
    r"""Return a page without line ends between letters of Chinese and Japanese, between which no blank is shown.

    >>> join_wide_lines("我们\n  今天<br>\n来 a\n我") == "我们今天<br>\n来 a\n我"
    True
    """
    if len(page) > _MANY_CHARS and not any(letter in page for letter in _COMMON):
        return page
    return _LINE_END.sub(lambda end: "" if _is_within_text(page, end.start(), end.end()) else end[0], page)


def _is_within_text(page: str, begin: int, end: int) -> bool:
    """Return whether a line end stands behind a letter of Chinese or Japanese, or behind inline elements' tags and one.

    Between two elements of one name, as in a list of links, it stands for a blank.
    """
    before = page[max(begin - _SEEN_CHARS, 0) : begin].rstrip(" \t\r\n")
    last = before[-1:]
    for _ in range(_MAX_TAGS):
        if last != ">":
            break
        tag = before[before.rfind("<") :]
        if not _INLINE_TAG.fullmatch(tag) or (tag[1] == "/" and page.startswith(f"<{tag[2:-1]}", end)):
            return False
        before = before[: -len(tag)].rstrip(" \t\r\n")
        last = before[-1:]
    return _WIDE.fullmatch(last) is not None and _WIDE_BEHIND_TAGS.match(page, end) is not None


def write_formulas(tree: HTMLTree) -> None:
    """Put the signs into a page's MathML that its elements stand for: "1/2", "(a+b)/2", "√2", "x^2", "∑_(i=1)^n"."""
    if tree.body is None:
        return
    for name, sign in (("mfrac", "/"), ("msup", "^")):
        for found in tree.body.query_selector_all(name)[:_MAX_FORMULAS]:
            parts = _elements(found)
            if len(parts) != 2 or not (name == "mfrac" or _is_quantity(parts[1])):
                continue
            for part in parts:
                _put_in_brackets(tree, part)
            _insert(tree, found, sign, parts[1])
    for name, signs in (("munder", "_"), ("msubsup", "_^"), ("munderover", "_^")):
        for found in tree.body.query_selector_all(name)[:_MAX_FORMULAS]:
            parts = _elements(found)
            if len(parts) != len(signs) + 1 or not all(map(_is_quantity, parts[1:])):
                continue
            for sign, part in zip(signs, parts[1:], strict=True):
                _put_in_brackets(tree, part)
                _insert(tree, found, sign, part)
            if name != "msubsup":
                _insert(tree, found, f" {PAD}")
    for found in tree.body.query_selector_all("mroot")[:_MAX_FORMULAS]:
        parts = _elements(found)
        if len(parts) == 2 and (parts[1].text or "").strip().isalnum():
            _put_in_brackets(tree, parts[0])
            degree = (parts[1].text or "").strip().translate(RAISED)
            found.remove_child(parts[1])
            _insert(tree, found, f"{degree}√{PAD}", parts[0])
    for found in tree.body.query_selector_all("msqrt")[:_MAX_FORMULAS]:
        if parts := _elements(found):
            is_long = len(parts) > 1 or parts[0].tag in _ROWS
            _insert(tree, found, f"√{PAD}(" if is_long else f"√{PAD}", parts[0])
            if is_long:
                _insert(tree, found, ")")


def _is_quantity(part: Node) -> bool:
    """Return whether a part of a formula says how much, and is no accent."""
    beginning = _beginning(part).lstrip("-−(")[:1]
    return beginning.isalnum() or beginning == "∞"


def _put_in_brackets(tree: HTMLTree, part: Node) -> None:
    """Put brackets into a part of a formula if it has several elements, and no brackets already."""
    parts = _elements(part)
    if part.tag in _ROWS[:2] and len(parts) > 1 and _beginning(part)[:1] not in ("(", "["):
        _insert(tree, part, "(", parts[0])
        _insert(tree, part, ")")


def _insert(tree: HTMLTree, node: Node, sign: str, before: Node | None = None) -> None:
    """Put a sign into an element, before one of its children or at its end."""
    written = tree.create_text_node(sign)
    if written and before:
        node.insert_before(written, before)
    elif written:
        node.append_child(written)


def _elements(node: Node) -> list[Node]:
    return [child for child in node.child_nodes if child.type == NodeType.ELEMENT]


def _beginning(node: Node) -> str:
    """Return the text with which a part of a formula begins, "" if its elements do not begin with text."""
    at: Node | None = node
    for _ in range(_SEEN_DEPTH):
        while at is not None and at.type == NodeType.TEXT and not (at.text or "").strip():
            at = at.next
        if at is None or at.type == NodeType.TEXT:
            break
        at = at.first_child
    return (at.text or "").strip() if at is not None and at.type == NodeType.TEXT else ""
