"""Turns web pages into text: finds the main content, and refuses pages that would cost too much."""

import html
import re
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from xlnet_data.corpora.warc.left_overs import drop_left_overs, drop_shortcodes
from xlnet_data.corpora.warc.lists import (
    PAD,
    deepen_lists,
    has_counted_lists,
    rename_lists,
    take_numbers,
    write_numbers,
)
from xlnet_data.corpora.warc.main_content import (
    count_letters,
    may_lack_content,
    mend_lost_content,
    mend_marked_content,
)
from xlnet_data.corpora.warc.markup import mend_markup, skipped_elements, tag_names
from xlnet_data.corpora.warc.signs import write_formulas
from xlnet_data.corpora.warc.tex_formulas import show_formulas

MAX_ELEMENTS = 300_000
"""Elements of a page at most, about 150 MB in memory; a page that needs more is too large."""

_MAX_ANCESTORS = 20_000_000  # the main content is found in time of elements times depth: 0.5 seconds
_MAX_WORK = 20_000_000  # steps that nesting costs the parser: 0.3 seconds
_MAX_ATTRIBUTES = 10_000  # of one element; the parser compares each with each: 0.2 seconds
_LONG_TAG_BYTES = 32_768
_CHEAP_TAGS = 1000  # cannot make more elements than MAX_ELEMENTS
_TAG = re.compile(rb"<[a-zA-Z]")
_ATTRIBUTE = re.compile(rb"""[^\s"'>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?""")
_ICON = re.compile(f"[{PAD}\ue000-\uf8ff\U000f0000-\U0010fffd]")  # what an icon font draws is no character
_EMPTY_LINES = frozenset(("", "•"))  # the latter is an item of a list that shows a picture or nothing
_TITLE = re.compile(r"((?:[^<]|<(?!/title)){0,2000})", re.IGNORECASE)
_MAY_BE_TITLE = re.compile(r"<(title|!--|script|style|svg)(?:(?<=-)|(?=[\s/>])[^<>]{0,500}+>)", re.IGNORECASE)
_TITLE_ELEMENT = re.compile(r"<title\b[^<>]*+>[^<]*+</title\s*+>", re.IGNORECASE)
_ENDS = {"!--": "-->", **{name: f"</{name}" for name in ("script", "style", "svg")}}
"""By what begins there: what ends a part of a page in which a title is none of the page's."""

_TITLE_CHARS = 1_048_576  # scripts and styles before it are long on some pages
_OPTION_GROUP = re.compile(r"<(/?)optgroup\b", re.IGNORECASE)
_SCRIPT = re.compile(r"</?script\b", re.IGNORECASE)
_CODE = "script|style"
_SCRIPT_OR_STYLE = re.compile(
    rf"(<({_CODE})\b[^<>]*+>)([^<]*+(?:<(?!/?(?:{_CODE})\b|!--)[^<]*+)*+)(?=</\2\b)", re.IGNORECASE
)
"""A script or style sheet, up to its end; one that holds the tag of another may be a part of something else."""


_FORMATTING_NAMES = ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
_EMPTY_NAMES = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr")
_ENDED_BY_SIBLINGS = ("p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option", "rp", "rt")
_OF_SVG = ("path", "use", "circle", "rect", "line", "ellipse", "polygon", "stop")
_FORMATTING_TAG = re.compile(rf"<(?:{'|'.join(_FORMATTING_NAMES)})\b[^>]{{0,99}}", re.IGNORECASE)


def _code(name: str) -> int:
    """Return a tag name's first three letters as a number, five bits each."""
    letters = [ord(letter) & 31 for letter in name[:3]] + [0, 0]
    return letters[0] << 10 | letters[1] << 5 | letters[2]


def _classes(otherwise: int, named: dict[int, tuple[str, ...]]) -> NDArray[np.int8]:
    """Return the kind of each code's element, that of the names given or another; 0 for the code of no name."""
    classes = np.full(1 << 15, otherwise, np.int8)
    classes[:1024] = 0
    for kind, names in named.items():
        classes[[_code(name) for name in names]] = kind
    return classes


_BLOCK, _FORMATTING, _NEVER_NESTED = 1, 2, 3
_CLASSES = _classes(
    _BLOCK, {_FORMATTING: _FORMATTING_NAMES, _NEVER_NESTED: (*_EMPTY_NAMES, *_ENDED_BY_SIBLINGS, *_OF_SVG)}
)
_LIST, _ITEM, _ROOT = 1, 2, 3
_GROUPS = _classes(0, {_LIST: ("ul", "ol", "menu", "dir"), _ITEM: ("li",), _ROOT: ("body", "html")})


def page_title(page: str) -> str:
    """Return what a page says its title is, "" if it says none in its first million characters.

    >>> page_title("<html><head><title lang=en>\\n A &amp; B &lt; C <3 &copy</title>")
    'A & B < C <3 ©'
    >>> page_title("<!-- <title>A</title> --><svg><title>B</title></svg><title>C</title>")
    'C'
    """
    at = 0
    while found := _MAY_BE_TITLE.search(page, at, _TITLE_CHARS):
        name = found[1].lower()
        if name == "title":
            content = _TITLE.match(page, found.end(), _TITLE_CHARS)
            return " ".join(html.unescape(content[1]).split()) if content else ""
        end = re.compile(_ENDS[name], re.IGNORECASE).search(page, found.end(), _TITLE_CHARS)
        if end is None:
            break
        at = end.end()
    return ""


def main_text(page: str) -> str | None:
    """Return the main text of an HTML page, its paragraphs separated by blank lines; None if the page costs too much.

    Every line that the page shows is a paragraph: pages end one by block elements and breaks alike. A page nested so
    deeply that its main content cannot be told in time gives all its text.
    """
    title = page_title(page)
    page = _SCRIPT_OR_STYLE.sub(_without_content, show_formulas(page))
    page = _TITLE_ELEMENT.sub("", page, count=1)  # it is text to extraction if its <head> was ended before it
    is_small = page.count("<") <= _CHEAP_TAGS and len(page) <= _LONG_TAG_BYTES
    tags = tags_of("" if is_small else page)
    elements, ancestors, attributes = cost_of(tags)
    if elements > MAX_ELEMENTS or ancestors > _MAX_ANCESTORS or attributes > _MAX_ATTRIBUTES:
        elements, ancestors, attributes = cost_of(tags_of(_without_scripts(page)))
    if elements > MAX_ELEMENTS or attributes > _MAX_ATTRIBUTES or work_of(tags) > _MAX_WORK:
        return None
    page, names = rename_lists(page, tag_names(page))
    tree = HTMLTree.parse(mend_markup(page, names))
    has_main_content = ancestors <= _MAX_ANCESTORS
    if has_main_content and "ul" in names:
        deepen_lists(tree)
    if has_main_content:
        mend_marked_content(tree, title)
    is_counted = "ol" in names and has_counted_lists(page)
    if is_counted:
        write_numbers(tree)
    if "math" in names:
        write_formulas(tree)
    skipped = skipped_elements(page, names) or None
    text = _extract(tree, has_main_content, skipped)
    found = count_letters(text)
    if has_main_content and may_lack_content(page, found) and (letters := mend_lost_content(tree, found)):
        mended = _extract(tree, has_main_content, skipped)
        text = mended if count_letters(mended) * 2 > letters else text
    text = _ICON.sub("", take_numbers(text) if is_counted else text)
    text = drop_shortcodes(text) if "[" in text else text
    lines = [line for line in map(str.strip, text.split("\n")) if line not in _EMPTY_LINES]
    return "\n\n".join(drop_left_overs(lines))


def _extract(tree: HTMLTree, has_main_content: bool, skipped: list[str] | None) -> str:
    text: str = extract_plain_text(
        tree,
        preserve_formatting=True,
        main_content=has_main_content,
        alt_texts=False,
        links=False,
        skip_elements=skipped,
    )
    return text


def plain_text(page: str) -> str:
    """Return a plain text's paragraphs, which blank lines separate already."""
    paragraphs = re.split(r"\n[^\S\n]*\n\s*", page.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    return "\n\n".join(stripped for stripped in (paragraph.strip() for paragraph in paragraphs) if stripped)


class PageTags(NamedTuple):
    """What the costs of a page are estimated from.

    Attributes:
        page: The page.
        data: Its bytes, uint8.
        codes: The code of each tag's name, int64 [num_tags].
        steps: 1 for each opening tag, -1 for each closing one, int64 [num_tags].
    """

    page: str
    data: NDArray[np.uint8]
    codes: NDArray[np.int64]
    steps: NDArray[np.int64]


def tags_of(page: str) -> PageTags:
    """Return a page's tags."""
    data = np.frombuffer(page.encode("utf-8", "replace") + bytes(4), np.uint8)
    at = np.flatnonzero(data == ord("<"))
    is_end = data[at + 1] == ord("/")
    return PageTags(page, data, _tag_codes(data, at + 1 + is_end), np.where(is_end, -1, 1))


def cost_of(tags: PageTags) -> tuple[int, int, int]:
    """Return how many elements a page has, elements times depth, and the attributes of its largest tag; estimates.

    A formatting element (<b>, <font>) that is left open is opened again in every block that follows, so a few
    kilobytes can stand for millions of elements.
    """
    kinds = _CLASSES[tags.codes]
    depth = int(_num_open(tags.steps * (kinds == _BLOCK)).max(initial=0))
    starts = (kinds > 0) & (tags.steps > 0)
    num_starts = int(starts.sum())
    reopened = _num_open(tags.steps * (kinds == _FORMATTING))[starts & (kinds != _FORMATTING)]
    elements = num_starts + int(reopened.sum())
    if elements > MAX_ELEMENTS:  # a parser reopens no more than three of a kind
        num_kinds = len(set(_FORMATTING_TAG.findall(tags.page)))
        elements = num_starts + int(np.minimum(reopened, 3 * num_kinds).sum())
    return elements, depth * num_starts, _num_attributes(tags.data)


def work_of(tags: PageTags) -> int:
    """Return how many steps it costs that elements of a kind stand in one another; an estimate.

    The parser compares a formatting element with each one that is open, and an attribute of another <body> or <html>
    with each of the first's, and goes through all open <optgroup> (by three letters, an <option>) at each; extraction
    indents each item of a list by the lists that it is in.
    """
    is_formatting = _CLASSES[tags.codes] == _FORMATTING
    most_open = _num_open(tags.steps * is_formatting).max(initial=0)
    formatting = int(most_open) * int(is_formatting.sum())
    if formatting > _MAX_WORK:  # of those that are alike the parser remembers three
        formatting = min(int(most_open), 3 * len(set(_FORMATTING_TAG.findall(tags.page)))) * int(is_formatting.sum())
    groups = _GROUPS[tags.codes]
    deepest = int(_num_open(tags.steps * (groups == _LIST)).max(initial=0))
    items = int(np.count_nonzero((groups == _LIST) | (groups == _ITEM)))
    has_options = (tags.codes == _code("option")).any()
    ends = _OPTION_GROUP.findall(tags.page) if has_options else []
    options = np.array([-1 if end else 1 for end in ends], np.int64)
    option_groups = int(_num_open(options).max(initial=0)) * len(options)
    return max(formatting, deepest * items, int(np.count_nonzero(groups == _ROOT)) ** 2, option_groups)


def _num_open(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many are open after each of the steps (1 opens, -1 closes, an end without a start does nothing).

    >>> _num_open(np.array([-1, 1, 1, -1, 0])).tolist()
    [0, 1, 2, 1, 1]
    """
    total = np.cumsum(steps)
    return total - np.minimum(np.minimum.accumulate(total), 0) if total.size else total


def _tag_codes(data: NDArray[np.uint8], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the codes of the tag names that begin at some bytes; below 1024 where no name does."""
    codes = np.zeros(len(at), np.int64)
    is_name = np.ones(len(at), np.bool_)
    for i in range(3):
        letters = data[at + i]
        is_name &= ((letters | 32) - ord("a")) < 26  # unsigned, so what comes before "a" is far above
        codes = (codes << 5) | np.where(is_name, letters & 31, 0)
    return codes


def _num_attributes(data: NDArray[np.uint8]) -> int:
    """Return how many attributes the tag with the most has; tags below _LONG_TAG_BYTES are not looked at."""
    if len(data) <= _LONG_TAG_BYTES:
        return 0
    ends = np.concatenate(([0], np.flatnonzero(data == ord(">")), [len(data)]))
    most = 0
    for i in np.flatnonzero(np.diff(ends) > _LONG_TAG_BYTES):
        stretch = data[ends[i] : ends[i + 1]].tobytes()
        begin = _TAG.search(stretch)
        if begin:
            attributes = islice(_ATTRIBUTE.finditer(stretch, begin.end()), _MAX_ATTRIBUTES + 1)
            most = max(most, sum(1 for _ in attributes))
    return most


def _without_content(code: re.Match[str]) -> str:
    """Return the tag of a script or style sheet without what stands in it, unless a comment may end there."""
    return code[0] if "-->" in code[3] else code[1]


def _without_scripts(page: str) -> str:
    """Return a page without what stands in scripts, where "<" is no tag."""
    return "".join(_SCRIPT.split(page)[::2])
