"""Takes out what distributors of e-books say of their files: Smashwords, Feedbooks, Standard Ebooks, Wikisource."""

import re

_NAMES = (
    *("mashwords", "MASHWORDS", "eedbooks", "Standard Ebooks", "ikisource", "lackmask"),
    *("for your personal use", "for your personal enjoyment"),
)
"""Every file of theirs has one."""

_NAMES_IN_LINES = ("smashwords", "licensed for your personal")
"""The same of BookCorpus, which is all from Smashwords and in small letters; long words are found quickly."""

_EDGE_CHARS = 12_000
"""How far from a book's beginning and from its end such words stand."""

_EBOOK = r"(?:this|your) (?:free )?(?:e-?book|book|story|novel|novella|short story)"
_NOTICES = (
    r"(?:[^.]{0,80} )?smashwords edition\b[^.]{0,120}\W{0,3}",
    r"[^.]{0,120}\b(?:published|distributed|available|titles|books|reviews?|store|page)\b[^.]{0,80}"
    r" (?:by|at|on|through|from) smashwords\b.{0,200}",
    r".{0,120}\breturn to (?:your favou?rite \w+ retailer|smashwords).{0,200}",
    rf"(?:\W{{0,9}}licen[cs]e notes?\W{{0,9}})?{_EBOOK} is licen[cs]ed for your personal (?:use|enjoyment).{{0,1200}}",
    rf"{_EBOOK} may not be re-?sold or given away.{{0,900}}",
    rf"if you would like to share {_EBOOK} with another person.{{0,600}}",
    rf"if you ?(?:['’]re| are) reading {_EBOOK} and did not purchase it.{{0,600}}",
    r"thank you for respecting the (?:hard work of this author|author ?['’]s (?:hard )?work)\b.{0,60}",
    rf"(?:thank you|thanks) for downloading {_EBOOK}.{{0,1000}}",
    r"\W{0,9}licen[cs]e notes?\W{0,9}",
    r"(?:copyright|note|published): .{0,600}\b(?:countries where copyright|feedbooks|source: http).{0,600}",
    r"this page formatted \d{4} (?:blackmask|munsey).{0,60}",
    r"https?://www\.(?:blackmask|munseys|feedbooks|smashwords)\.com\S{0,99}",
    r"exported from wikisource on .{0,40}",
    r"the standard ebooks logo\.",
    r"(?:the standard ebooks logo\. )?this ebook is the product of many hours.{0,900}",
    r"this particular ebook is based on a tran.{0,900}",
    r"the source text and artwork in this ebook are believed to be .{0,900}",
    r"standard ebooks is a volunteer-driven project.{0,600}",
)
_NOTICE = re.compile("|".join(_NOTICES), re.IGNORECASE | re.DOTALL)
_LAST_PART = re.compile(
    r"(?:loved this book\?|about this digital edition|à propos de cette édition électronique|colophon)(?=\s)"
    r"(?=.{0,900}\b(?:feedbooks|wikisource|standard ebooks)\b)",
    re.IGNORECASE,
)
"""The heading of what tells of the distributor to the file's end."""

_SEEN_PARAGRAPHS = 6  # behind such a heading
_BLANK_LINES = re.compile(r"\n[ \t]*+\n\s*+")


def strip_distributor(text: str) -> str:
    r"""Return a book's text without the paragraphs in which a distributor of e-books tells of the file.

    >>> strip_distributor("The Mill\n\nSmashwords Edition\n\nIt was late.")
    'The Mill\n\nIt was late.'
    """
    head = _next_paragraph(text, _EDGE_CHARS)
    tail = max(head, _next_paragraph(text, max(len(text) - _EDGE_CHARS, 0)))
    edges = text[:head], text[tail:]
    if not any(name in edge for edge in edges for name in _NAMES):
        return text
    first, last = _strip(edges[0], is_last=head == len(text)), _strip(edges[1], is_last=True)
    return "\n\n".join(filter(None, (first, text[head:tail], last)))


def strip_lines(text: str) -> str:
    r"""Return sentences, each on a line, without those that are a distributor's.

    >>> strip_lines("smashwords edition , license notes\nsnow lay .")
    'snow lay .'
    """
    if not any(name in text for name in _NAMES_IN_LINES):
        return text
    return "\n".join(line for line in text.split("\n") if not is_notice(line.strip()))


def is_notice(words: str) -> bool:
    """Return whether a sentence or a paragraph of one line is a distributor's.

    >>> is_notice("smashwords edition , license notes"), is_notice("she read the license notes .")
    (True, False)
    """
    return _NOTICE.fullmatch(words) is not None


def _next_paragraph(text: str, at: int) -> int:
    blank = _BLANK_LINES.search(text, at)
    return blank.end() if blank else len(text)


def _strip(text: str, is_last: bool) -> str:
    paragraphs = _BLANK_LINES.split(text)
    lines = [" ".join(paragraph.split()) for paragraph in paragraphs]
    kept: list[str] = []
    for i, paragraph in enumerate(paragraphs):
        if is_last and _LAST_PART.match(" ".join(lines[i : i + _SEEN_PARAGRAPHS])):
            break
        if not is_notice(lines[i]):
            kept.append(paragraph)
    return "\n\n".join(kept)
