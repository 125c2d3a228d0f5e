"""Mends the marks by which extraction tells a page's main content from what is around it, where they lie."""

import re
from itertools import islice

from resiliparse.parse.html import ElementNode, HTMLTree, Node, NodeType

_MARKED_CONTENT = (
    ".article-body, .articleBody, .contentBody, .article-text, .main-content, .postcontent, .post-content, "
    '.single-post, [role="main"]'
)
"""The marks by which extraction finds the main content, if one element of a page has any."""

_MIN_OUTSIDE = 9  # times as many letters, or the mark is right
_MIN_LOST_CHARS = 800  # fewer are a notice's
_LOST_TIMES = 5  # as many letters of paragraphs as of text: the main content is lost
_MAIN_PERCENT = 75  # of the paragraphs' letters are in what holds the main content
_MAX_DEPTH = 12  # below which the main content is looked for
_MAX_COUNTED = 2000  # paragraphs, and elements side by side
_MAX_CHARS = 2_000_000  # that are counted
_FEW_CHARS = 400  # of a page's text: below, what stands in blocks outside of paragraphs is looked at, too
_MIN_TEXT_CHARS = 80  # of such text; shorter ones are names, dates and menus
_MAX_NODES = 30_000  # of a page that is gone through for it
_LONG_TEXT = re.compile(rf">([^<>]{{{_MIN_TEXT_CHARS},}}+)")
_NO_BLOCKS = frozenset(("p", "a", "script", "style", "noscript", "button", "option", "textarea", "title", "label"))
_INLINE_DEPTH = 4  # of elements that a text stands in within a block
_TAG = re.compile(r"(?:\A|<)[^<>]*+>")
_MARKS = ("class", "id", "role", "aria-label", "itemprop")
_DROPPED = ("aside", "header", "noscript", "nav", "footer")
"""Elements that extraction drops; some pages have their article in one."""

_ASIDE = re.compile(
    r"dialog(?!-off-canvas-main)|modal|popup|pop-up|overlay|cookie|consent|gdpr|privacy|comment|respond|responses|footer|log-?in|signup|hidden"
    r"|invisible|none|mega-?menu|disclaimer|terms|lightbox|sr-only|related",
    re.IGNORECASE,
)
"""What marks an element that is no main content, however many of a page's paragraphs it holds."""


def mend_marked_content(tree: HTMLTree, title: str) -> None:
    """Take the marks from the one element that is marked as the main content if nearly all paragraphs lie elsewhere.

    Extraction would give what it holds and nothing else, be it the empty target of a link or a box beside the article.
    If it is the main content, the page's heading is moved into it: the one <h1> with which the title begins.
    """
    marked = tree.body.query_selector_all(_MARKED_CONTENT)[:2] if tree.body else []
    if tree.body is None or len(marked) != 1:
        return
    own = len(marked[0].text or "")
    paragraphs = sum(len(found.text or "") for found in tree.body.query_selector_all("p")[:])
    if paragraphs > (_MIN_OUTSIDE + 1) * own:
        marked[0].setattr("class", "")
        marked[0].setattr("role", "")
        return
    headings = tree.body.query_selector_all("h1")[:2]
    if len(headings) != 1 or marked[0].query_selector("h1") or headings[0].contains(marked[0]):
        return
    heading = " ".join((headings[0].text or "").split())
    if heading and title.startswith(heading) and marked[0].first_child:
        marked[0].insert_before(headings[0], marked[0].first_child)


def count_letters(text: str) -> int:
    """Return how many characters a text has, white space aside."""
    return sum(map(len, text.split()))


def may_lack_content(page: str, num_letters: int) -> bool:
    """Return whether extraction found so little of a page that its main content may be missing; a quick look at tags.

    Args:
        page: The page.
        num_letters: How many characters extraction found, white space aside.

    >>> may_lack_content("<p>word</p>" * 1000, 500), may_lack_content("<p>word</p>" * 1000, 2000)
    (True, False)
    """
    least = _least_lost(num_letters)
    if num_letters < _FEW_CHARS and sum(map(len, _LONG_TEXT.findall(page))) >= least:
        return True
    pieces = (page if "<P" not in page else page.replace("<P", "<p").replace("</P", "</p")).split("<p")[1:]
    paragraphs = [piece if (end := piece.find("</p")) < 0 else piece[:end] for piece in pieces]
    if sum(map(len, paragraphs)) < least:
        return False
    return count_letters(_TAG.sub(" ", "<p".join(paragraphs))) >= least


def mend_lost_content(tree: HTMLTree, num_letters: int) -> int:
    """Take the marks from the elements that hold most of a page's paragraphs if extraction found few of their letters.

    Extraction goes by words: a theme's <div class="entry share"> is no button for sharing if the article is in it, nor
    is <article class="newsletter-post"> a form, or an <aside> that holds the article beside it.

    Args:
        tree: The page.
        num_letters: How many characters extraction found, white space aside.

    Returns:
        How many characters the paragraphs have if marks were taken, so that another extraction can find more; else 0.
    """
    if tree.body is None or len(tree.body.get_elements_by_tag_name("p")) > _MAX_COUNTED:
        return 0
    has_blocks = num_letters < _FEW_CHARS and sum(1 for _ in islice(tree.body, _MAX_NODES)) < _MAX_NODES
    letters = _letters_of(tree.body, has_blocks)
    if letters < _least_lost(num_letters):
        return 0
    holder: ElementNode | None = tree.body
    holders: list[ElementNode] = []
    while holder is not None and len(holders) < _MAX_DEPTH:
        if holder.tag in _DROPPED:
            holder = _rename(tree, holder)
        if holder is not tree.body and _ASIDE.search(
            " ".join(holder.getattr(name) or "" for name in (*_MARKS, "style"))
        ):
            return 0
        holders.append(holder)
        children = [
            child for child in holder.child_nodes[:_MAX_COUNTED] if isinstance(child, ElementNode) and child.tag != "p"
        ]
        holder = next(
            (child for child in children if _letters_of(child, has_blocks) * 100 > letters * _MAIN_PERCENT), None
        )
    for holder in holders:
        for name in _MARKS:
            holder.delattr(name)
    return letters


def _rename(tree: HTMLTree, element: ElementNode) -> ElementNode:
    """Put a <div> with the same marks and content in an element's place; the element itself if it has none."""
    block, parent = tree.create_element("div"), element.parent
    if not isinstance(block, ElementNode) or parent is None:
        return element
    for name in (*_MARKS, "style"):
        block.setattr(name, element.getattr(name) or "")
    parent.insert_before(block, element)
    while element.first_child:
        block.append_child(element.first_child)
    parent.remove_child(element)
    return block


def _least_lost(num_letters: int) -> int:
    """Return how many letters the paragraphs of a page have at least whose main content is lost."""
    return max(_MIN_LOST_CHARS, _LOST_TIMES * num_letters)


def _letters_of(element: ElementNode, has_blocks: bool) -> int:
    """Return how many characters an element's paragraphs have, white space aside; of very long ones not all.

    Args:
        element: The element.
        has_blocks: Count long texts, too, that stand in blocks without paragraphs, such as a <div> with line breaks.
    """
    letters = 0
    paragraphs = element.get_elements_by_tag_name("p")[:]  # one by one they take the square of the time
    for paragraph in paragraphs:
        letters += count_letters(paragraph.text or "")
        if letters > _MAX_CHARS:
            break
    return letters + (sum(map(_letters_of_block, element)) if has_blocks else 0)


def _letters_of_block(node: Node) -> int:
    """Return how many characters a node has, white space aside, that is a long text outside of paragraphs; else 0."""
    if node.type != NodeType.TEXT:
        return 0
    text = node.text or ""
    if len(text) < _MIN_TEXT_CHARS or (text.isascii() and text.count(" ") * 20 < len(text)):
        return 0
    around = node.parent
    for _ in range(_INLINE_DEPTH):
        if around is None:
            break
        if around.tag in _NO_BLOCKS:
            return 0
        around = around.parent
    return count_letters(text)
