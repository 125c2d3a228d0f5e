"""Mends the marks by which extraction tells a page's main content from what is around it, where they lie."""

import re

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
_MAX_WORD_CHARS = 20  # on average, in ASCII; longer ones are no language's
_MAX_NODES = 30_000  # of a page that is gone through for it
_MAX_BLOCKS = 2000
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
    first, *pieces = (page if "<P" not in page else page.replace("<P", "<p").replace("</P", "</p")).split("<p")
    paragraphs = [piece if (end := piece.find("</p")) < 0 else piece[:end] for piece in pieces]
    if sum(map(len, paragraphs)) >= least and count_letters(_TAG.sub(" ", "<p".join(paragraphs))) >= least:
        return True
    if num_letters >= _FEW_CHARS:
        return False
    outside = [piece[len(paragraph) :] for piece, paragraph in zip(pieces, paragraphs, strict=True)]
    return sum(map(_count_of_block, _LONG_TEXT.findall("".join([first, *outside])))) >= least


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
    blocks: list[tuple[Node, int]] = []
    letters = _letters_of(tree.body, blocks)
    if letters < _least_lost(num_letters) and num_letters < _FEW_CHARS:
        blocks = _blocks_of(tree.body)
        letters = _letters_of(tree.body, blocks)
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
        least = letters * _MAIN_PERCENT / 100
        likely = (child for child in children if len(child.text or "") > least)  # few, and quickly told
        holder = next((child for child in likely if _letters_of(child, blocks) > least), None)
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


def _letters_of(element: ElementNode, blocks: list[tuple[Node, int]]) -> int:
    """Return how many characters an element's paragraphs have, white space aside; of very long ones not all.

    Args:
        element: The element.
        blocks: Long texts outside of paragraphs, and how many characters they have; those in the element count, too.
    """
    letters = 0
    paragraphs = element.get_elements_by_tag_name("p")[:]  # one by one they take the square of the time
    for paragraph in paragraphs:
        letters += count_letters(paragraph.text or "")
        if letters > _MAX_CHARS:
            break
    return letters + sum(count for text, count in blocks if element.contains(text))


def _blocks_of(body: ElementNode) -> list[tuple[Node, int]]:
    """Return the long texts that stand in blocks without paragraphs, such as a <div> with line breaks.

    Returns:
        Each text and how many characters it has, white space aside; none of a page that has too many nodes.
    """
    blocks: list[tuple[Node, int]] = []
    for i, node in enumerate(body):
        if i == _MAX_NODES or len(blocks) == _MAX_BLOCKS:
            return []
        count = _count_of_block(node.text or "") if node.type == NodeType.TEXT else 0
        if count and not _is_in_paragraph(node):
            blocks.append((node, count))
    return blocks


def _count_of_block(text: str) -> int:
    """Return how many characters a text has, white space aside, if it is long and has words; else 0."""
    if len(text) < _MIN_TEXT_CHARS or (text.isascii() and text.count(" ") * _MAX_WORD_CHARS < len(text)):
        return 0
    return count_letters(text)


def _is_in_paragraph(text: Node) -> bool:
    """Return whether a text stands in a paragraph, in a link, or in what shows no text."""
    around = text.parent
    for _ in range(_INLINE_DEPTH):
        if around is None or around.tag in _NO_BLOCKS:
            break
        around = around.parent
    return around is not None and around.tag in _NO_BLOCKS
