"""Mends the lists of pages before extraction, which drops some that are prose and numbers all from one.

resiliparse 2.0.1 takes an <ul> for a menu if more than a fifth of its letters are links, or if it lies less than four
levels below <body>, whatever it holds; the items of an <ol> are 1, 2, 3 to it, whatever the page says; and what comes
behind a <menu> or <dir> is one more item of it.
"""

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from resiliparse.parse.html import HTMLTree, Node, NodeType

from xlnet_data.corpora.warc.main_content import count_letters
from xlnet_data.corpora.warc.xhtml import end_anchors

PAD = "\ufeff"
"""Stands in texts that are made longer, and around numbers; to be taken out of the text again."""

_MAX_LISTS = 10_000
_MAX_ITEMS = 100_000  # of a list; a part of the tree's children is taken in time, going through them is not
_DEPTH = 4
_SHALLOW_LISTS = ", ".join("body" + " > *" * depth + " > ul" for depth in range(_DEPTH))

_OTHER_NAMES = frozenset(("menu", "dir"))
_OTHER_LIST = re.compile(r"(</?)(?:menu|dir)(?![\w-])", re.IGNORECASE)
_LIST_OR_LINK = re.compile(r"(<(/?)(ul|a)(?![\w-])[^<>]*+>)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*+>")
_TEXT = re.compile(r"(?:\A|(?<=>))\s*+(?=[^<>\s])")
_FEWEST_LETTERS = 5  # for each letter of a link, or the list is a menu to extraction

_COUNTED = "ol[start], ol[type], ol[reversed], ol:has(> li[value])"
_HAS_COUNTED = re.compile(r"<ol\s[^<>]*?(?:start|type|reversed)|<li\s[^<>]*?value\s*=", re.IGNORECASE)
_NUMBER = re.compile(rf"\d+\. {PAD}([^{PAD}\n]{{1,40}}){PAD}")
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_MOST = 3999


@dataclass(slots=True)
class _List:
    """A list of a page.

    Attributes:
        around: The list that it stands in.
        letters: Letters of lists before it.
        in_links: Those of links.
        padded: Letters of its own links, and of menus within it.
        is_prose: It is ended, and more letters stand outside of its links than in them.
        text: The piece of the page that holds its first text outside of links; 0 if it has none.
    """

    around: "_List | None"
    letters: int
    in_links: int
    padded: int = 0
    is_prose: bool = False
    text: int = 0

    def end(self, letters: int, in_links: int) -> None:
        """Tell prose from a menu, given how many letters of lists have come so far, and how many of links."""
        self.is_prose = letters - self.letters > 2 * (in_links - self.in_links)
        if not self.is_prose and self.around is not None:
            self.around.padded += self.padded


def rename_lists(page: str, names: frozenset[str]) -> tuple[str, frozenset[str]]:
    """Return a page, and the names of its tags, in which the lists <menu> and <dir> are <ul>, as browsers show them.

    >>> rename_lists("<menu><li>a</menu>", frozenset(["menu"]))
    ('<ul><li>a</ul>', frozenset({'ul'}))
    """
    if names.isdisjoint(_OTHER_NAMES):
        return page, names
    return _OTHER_LIST.sub(r"\1ul", page), names - _OTHER_NAMES | {"ul"}


def lengthen_lists(page: str) -> str:
    """Return a page in which lists with more letters outside of links than in them are too long to be menus.

    If links have no end, anchors are ended first: all lists behind them would be links.

    >>> lengthen_lists("<ul><li><a>Home</a></ul>")
    '<ul><li><a>Home</a></ul>'
    >>> lengthen_lists("<ul><li>See <a>it</a> now.</ul>").count(PAD)
    10
    """
    pieces = _LIST_OR_LINK.split(page)
    lists: list[_List] = []
    opened: list[_List] = []
    letters = in_links = open_links = 0
    is_link = False
    for i in range(1, len(pieces), 4):
        is_end, name = bool(pieces[i + 1]), pieces[i + 2].lower()
        pieces[i + 1] = pieces[i + 2] = ""
        if name == "a":
            is_link = not is_end
            open_links += 1 if is_link else -1
        elif not is_end:
            opened.append(_List(opened[-1] if opened else None, letters, in_links))
            lists.append(opened[-1])
        elif opened:
            opened.pop().end(letters, in_links)
        text = pieces[i + 3]
        if opened and (num_letters := count_letters(_TAG.sub("", text) if "<" in text else text)):
            letters += num_letters
            in_links += num_letters * is_link
            opened[-1].padded += num_letters * is_link
            for around in reversed(opened):
                if is_link or around.text:
                    break
                around.text = i + 3
    if open_links > 0 and (mended := end_anchors(page)) != page:
        return lengthen_lists(mended)
    padded: Counter[int] = Counter()
    for found in lists:
        found.is_prose &= found.around is None or found.around.is_prose
        padded[found.text] += found.padded * found.is_prose
    for text, num_letters in padded.items():
        pad = PAD * (_FEWEST_LETTERS * num_letters)
        pieces[text] = _TEXT.sub(rf"\g<0>{pad}", pieces[text], 1) if text and pad else pieces[text]
    return "".join(pieces)


def deepen_lists(tree: HTMLTree) -> None:
    """Put the lists near a page's body as deep as extraction wants them: menus are told by their links all the same."""
    if tree.body is None:
        return
    for found in tree.body.query_selector_all(_SHALLOW_LISTS)[:_MAX_LISTS]:
        wrappers = [wrapper for _ in range(_DEPTH) if (wrapper := tree.create_element("div"))]
        if found.parent is None or len(wrappers) < _DEPTH:
            continue
        found.parent.insert_before(wrappers[0], found)
        for outer, inner in itertools.pairwise([*wrappers, found]):
            outer.append_child(inner)


def has_counted_lists(page: str) -> bool:
    """Return whether a page says itself how some of its lists are counted."""
    return _HAS_COUNTED.search(page) is not None


def write_numbers(tree: HTMLTree) -> None:
    """Write the number that a page gives an item before its text, where the page says how its lists are counted."""
    if tree.body is None:
        return
    for found in tree.body.query_selector_all(_COUNTED)[:_MAX_LISTS]:
        items = [child for child in found.children[:_MAX_ITEMS] if child.tag == "li"]
        step = -1 if found.hasattr("reversed") else 1
        number = _integer(found.getattr("start"), len(items) if step < 0 else 1)
        for item in items:
            number = _integer(item.getattr("value"), number)
            text = _first_text(item)
            written = tree.create_text_node(f"{PAD}{_label(number, found.getattr('type') or '')}. {PAD}")
            if text is not None and text.parent is not None and written is not None:
                text.parent.insert_before(written, text)
            number += step


def take_numbers(text: str) -> str:
    """Return a text in which the numbers that `write_numbers` wrote stand instead of those that extraction gave.

    >>> take_numbers(f"1. {PAD}iv. {PAD}Fourth.")
    'iv. Fourth.'
    """
    return _NUMBER.sub(r"\1", text)


def _integer(written: str | None, otherwise: int) -> int:
    found = re.match(r"\s*([+-]?\d{1,9})", written or "", re.ASCII)
    return int(found[1]) if found else otherwise


def _first_text(item: Node) -> Node | None:
    """Return the text that an item begins with, None if it begins with another list or has none."""
    node = item.first_child
    while node is not None and node.tag not in ("ol", "ul"):
        if node.type == NodeType.TEXT and (node.text or "").strip():
            return node
        node = node.first_child or node.next
    return None


def _label(number: int, kind: str) -> str:
    """Return how a list counts: 1, a, A, i or I.

    >>> [_label(number, kind) for number, kind in ((3, ""), (27, "a"), (4, "I"), (0, "i"))]
    ['3', 'aa', 'IV', '0']
    """
    letters = ""
    if kind in ("a", "A") and number > 0:
        while number:
            number, digit = divmod(number - 1, 26)
            letters = chr(ord(kind) + digit) + letters
    elif kind in ("i", "I") and 0 < number <= _MOST:
        for value, sign in _ROMAN:
            letters += sign * (number // value)
            number %= value
        letters = letters.upper() if kind == "I" else letters
    return letters or str(number)
