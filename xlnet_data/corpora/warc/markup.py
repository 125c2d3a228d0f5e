"""Mends the markup of pages before extraction, so that no letter of their running text is lost.

resiliparse 2.0.1 takes for something else, and drops, while it looks for a page's main content:

- a text node of three bytes whose last is none of ASCII's: one character from U+0800 on ("—", "€", "本"), or one of
  ASCII and one of two bytes ("né", "5" with a no-break space). It is meant for the private use area, and compares the
  bytes in the wrong order.
- a heading, or a section, whose id spells what it is about (<h2 id="search">), and a <blockquote> by its class.
- inline elements of a sentence, of which `marked_runs` says more.
- the line breaks around elements that it does not know for blocks, such as <summary>, and around those that it drops.
- <label> and <button>, which stand within sentences and headings, too, and <figure>, which holds quotations, tables and
  code, too.
- lists, of which `lists` says more.
"""

import html
import re

from xlnet_data.corpora.pieces.inline_tags import drop_struck
from xlnet_data.corpora.warc.figures import open_figures
from xlnet_data.corpora.warc.lists import PAD, lengthen_lists
from xlnet_data.corpora.warc.marked_runs import HIDDEN, mend_runs
from xlnet_data.corpora.warc.note_links import GONE, close_gaps, drop_bracketed_notes, drop_note_links, drop_permalinks
from xlnet_data.corpora.warc.pictures import read_pictures
from xlnet_data.corpora.warc.signs import (
    join_wide_lines,
    mend_notes_and_powers,
    write_quotes,
)
from xlnet_data.corpora.warc.xhtml import end_anchors

_CAPTION_CLASSES = """
wp-caption-text thumbcaption gallerytext gallery-caption image-caption img-caption photo-caption picture-caption
figure-caption media-caption image_caption photo_caption imagecaption photocaption
"""
_OF_WIKIS = """
.mw-jump-link #jump-to-nav #siteSub [data-id=siteSub] .hatnote .dablink .rellink .ambox .toc .navbox .noprint
.printfooter .catlinks #mw-head #mw-panel #column-one #footer
"""
"""What MediaWiki and the skins of its wikis have around an article."""

_SKIPPED_CLASSES = {
    **dict.fromkeys(("mediawiki", "mw-parser-output"), _OF_WIKIS.split()),
    "editsection": [".editsection", ".mw-editsection"],
    "caption": [f".{name}" for name in _CAPTION_CLASSES.split()],  # extraction drops <figcaption> itself
    "sr-only": [".sr-only"],
    "screen-reader-text": [".screen-reader-text"],
    "visuallyhidden": [".visuallyhidden"],
    "element-invisible": [".element-invisible"],
    'class="aural': [".aural"],
    "tooltip": [".tooltiptext", ".tooltip-text", ".tooltip-content", "[role=tooltip]"],
    "respond": [".comment-respond", "#respond", "[data-id=respond]", "[data-id=reply-title]"],  # WordPress's form
    "wp-content": [".akismet_comment_form_privacy_notice", ".widget_eu_cookie_law_widget", "#likes-other-gravatars"],
    "sidenote": [".sidenote"],
    "marginnote": [".marginnote"],
    "pagen": [".pagenum", ".pagenumber", ".pageno"],
    "pagebreak": ["[role=doc-pagebreak]"],
}
"""By a word of a page: classes of what is no part of its text."""

_NUMBERS_OF_LINES = (".lineno", ".linenos", ".line-number", "pre .ln", "pre .lnt", "td.gutter")
"""Beside code; Prism calls code that has some "line-numbers"."""

_SKIPPED_TAGS = (
    *("rt", "rp", "rtc"),  # how the word before them is read; glued to it they would be no word
    *("annotation", "annotation-xml"),  # a formula's own, which no browser shows
    *("canvas", "dialog", "noframes", "noembed"),  # the last two's tags are text to a parser
    *("meter", "progress", "video", "audio"),  # what they hold is for old browsers
)
_CLOSED = {"dialog": "dialog:not([open])"}

_SHORT_NODE = re.compile(r"(>[ \t\n\r]*+(?:[^<>\s]?[^<>\x00-\x7f]|[^<>&]{0,8}&[^<>]{1,40}?))(?=\s*+(?:<|\Z))")
_ICON_NAME = re.compile(
    r"<(i|span)\s(?:[^<>]{0,300}?\s)?class\s?=[^<>]{0,300}?\bmaterial-(?:icons|symbols)\b[^<>]*+>\s*+\w{1,40}\s*+</\1>",
    re.IGNORECASE,
)
"""The name by which a font draws an icon: it is no word of the page."""

_HIDDEN_ADDRESS = re.compile(
    r"""<(a|span)\b[^<>]{0,300}?\bdata-cfemail=["']?([0-9a-f]{6,400})["']?[^<>]{0,300}+>[^<>]{0,80}</\1>""",
    re.IGNORECASE,
)
"""Instead of which a script of Cloudflare's shows an address: the first of its bytes is laid over the others."""

_SHOWN_AS_BLOCK = re.compile(
    r"<(a|b|cite|em|font|i|label|small|span|strong)\s[^<>]{0,300}?\bdisplay\s?:\s?(?:block|table|list-item)\b[^<>]{0,300}+>"
    r"(?:[^<]|<(?!/?\1\b)){0,2000}+(</\1>)?",
    re.IGNORECASE,
)
"""An inline element that stands on lines of its own by its style."""

_HEADING_ID = re.compile(r"(<h[1-6]\s(?:[^<>]*?\s)?)id(?=\s?=)", re.IGNORECASE)
_SECTION_ID = re.compile(
    r"""(<(section|div)\s(?:[^<>]{0,300}?\s)?)id(?=\s?=\s?["']?([\w.:-]{1,80}+)["'\s>])(?=([^<>]{0,300}+>)\s*+"""
    r"(?:<(?:a|div|header|span)\b[^<>]*+>\s*+(?:</(?:a|span)>\s*+)?){0,4}<h[1-6]\b[^<>]*+>((?:[^<]|<(?!/?h\d)){1,500}+))",
    re.IGNORECASE,
)
_OF_SECTION = re.compile(r"""class=["']?(?:[^"'<>]*\s)?(?:(?:sub){0,3}section|chapter|level\d|sect\d|outline-\d)\b""")
"""What tells a <div> that is a section of a text from a box beside it."""

_HEADING_BUTTON = re.compile(r"(<h[1-6]\b[^<>]*+>\s*+)<button\b[^<>]*+>", re.IGNORECASE)
_LINK_TO_NOTE = re.compile("#(?:fn|_?ftn|foot|note|_edn|cite)")
_NOTE_END = re.compile(r"</a>(?<=[\]*†‡¹²³⁴-⁹⁰]....)")
_IMPORTANT = re.compile(r":(\s?(?:none|hidden))\s{0,9}!\s{0,9}important", re.IGNORECASE)
_HIDES = re.compile(r"(?:display\s?:\s?none|visibility\s?:\s?hidden)\Z", re.IGNORECASE)
"""What hides an element; extraction does not know it with this word behind it."""

_QUOTATION = re.compile(r"<blockquote\s[^<>]*+>", re.IGNORECASE)
_QUOTED_AUTHOR = re.compile(
    r"(<blockquote\b[^<>]*+>\s*+(?:<div\b[^<>]*+>\s*+)?<cite\b[^<>]*+>(?:[^<]|<(?!/?cite)){1,200}+</cite>)",
    re.IGNORECASE,
)
"""Who said what a forum quotes, a line of its own."""

_NO_WORD = re.compile(r"[\W_]+")
_TAG = re.compile(r"<[^<>]*+>")
_SECTION_NUMBER = re.compile(r"\A\s*(?:<span\b[^<>]*+>\s*[\d.]+\s*</span>|\d+\.[\d.]*)")
_ANY_NUMBER = re.compile(r"\A\s*(?:<span\b[^<>]*+>\s*)?[\d.]+")
"""The number of a section that its heading begins with, for certain ("5.2.", or in an element of its own) or any."""


_BLOCKS = ("summary", "legend", "caption", "dialog", "search", "listing", "optgroup", "marquee")
_DROPPED_BLOCKS = ("nav", "aside", "figcaption", "figure")
_BLOCK_TAG = re.compile(rf"<(/?)({'|'.join(_BLOCKS + _DROPPED_BLOCKS)})(?![\w-])[^<>]*+>", re.IGNORECASE)
_BLOCK_NAMES = frozenset(_BLOCKS + _DROPPED_BLOCKS)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_STRUCK_NAMES = frozenset(("del", "s", "strike"))
_NAME = re.compile(r"<([a-zA-Z][^\s/<>]{0,30})")


def mend_markup(page: str, names: frozenset[str]) -> str:
    """Return a page whose text is apart where blocks are, and in which nothing of a sentence is short or marked.

    Args:
        page: The page.
        names: What `tag_names` returns of it: passes that look for other tags are left out.
    """
    page = write_quotes(page) if "q" in names else page  # by the languages that elements say, which may go
    page = lengthen_lists(page) if "ul" in names else end_anchors(page)
    page = open_figures(page) if "figure" in names else page
    page = _BLOCK_TAG.sub(_set_apart, page) if not _BLOCK_NAMES.isdisjoint(names) else page
    if not _HEADINGS.isdisjoint(names):
        page = _HEADING_ID.sub(r"\1data-id", _SECTION_ID.sub(_free_section, page))
        page = _HEADING_BUTTON.sub(r"\1<span>", page) if "button" in names else page
    page = _SHOWN_AS_BLOCK.sub(_set_on_lines, page) if "display" in page else page
    page = _IMPORTANT.sub(_drop_important, page) if "important" in page else page
    page = _ICON_NAME.sub("", page) if "material-" in page else page
    page = _HIDDEN_ADDRESS.sub(_show_address, page) if "data-cfemail" in page else page
    page = drop_permalinks(page)
    if "blockquote" in names:
        page = _QUOTATION.sub(lambda tag: tag[0] if HIDDEN.search(tag[0]) else "<blockquote>", page)
        page = _QUOTED_AUTHOR.sub(r"\1<br>", page) if "cite" in names else page
    page = drop_note_links(page) if "#" in page else page
    has_notes = "sup" in names or "noteref" in page or _LINK_TO_NOTE.search(page) or _NOTE_END.search(page)
    page = mend_notes_and_powers(page) if has_notes else page
    page = drop_bracketed_notes(page) if ">[" in page and names.isdisjoint(("pre", "code")) else page
    page = close_gaps(page) if GONE in page else page
    page = drop_struck(page) if not _STRUCK_NAMES.isdisjoint(names) else page
    page = page if page.isascii() or "pre" in names else join_wide_lines(page)
    page = read_pictures(page) if "img" in names else page
    return _SHORT_NODE.sub(rf"\1{PAD}", f">{mend_runs(page)}")[1:]  # as if a tag had ended: it may begin with text


def tag_names(page: str) -> frozenset[str]:
    """Return the names of the elements that a page has, in small letters.

    >>> sorted(tag_names("<DIV><h1 id=a>1 < 2</h1><br/></DIV>"))
    ['br', 'div', 'h1']
    """
    return frozenset(name.lower() for name in set(_NAME.findall(page)))


def skipped_elements(page: str, names: frozenset[str]) -> list[str]:
    """Return what extraction shall leave out of a page with such tags, as it names elements and classes.

    >>> skipped_elements("<ruby>a<RT>b</RT></ruby>", frozenset(["ruby", "rt"]))
    ['rt']
    """
    skipped = [_CLOSED.get(name, name) for name in _SKIPPED_TAGS if name in names]
    found = [name for word, classes in _SKIPPED_CLASSES.items() if word in page for name in classes]
    found += _NUMBERS_OF_LINES if "pre" in names else ()
    return skipped + list(dict.fromkeys(found))


def _free_section(section: re.Match[str]) -> str:
    """Return the beginning of a section's tag, without its id if that is made of the words of the section's heading."""
    begin, element, name, rest, heading = section.groups()
    is_section = element.lower() == "section"
    if not is_section and not _OF_SECTION.search(begin + rest):
        return section[0]
    heading = (_SECTION_NUMBER if is_section else _ANY_NUMBER).sub("", heading)  # not that of "3 related pages"
    name, heading = (_NO_WORD.sub("", words).lower() for words in (name, _TAG.sub("", heading)))
    is_made_of_it = name and heading and (heading.startswith(name) or name.endswith(heading))
    return f"{begin}data-id" if is_made_of_it else section[0]


def _drop_important(value: re.Match[str]) -> str:
    """Return the value of a style without the word that makes it important, if it is one that hides an element."""
    hides = _HIDES.search(value.string, max(value.start() - len("visibility "), 0), value.end(1))
    return f":{value[1]}" if hides else value[0]


def _show_address(hidden: re.Match[str]) -> str:
    """Return the address of electronic mail that is hidden from programs, as its element's text.

    >>> _show_address(_HIDDEN_ADDRESS.match('<a data-cfemail="2a4b6a4804495f">[email protected]</a>'))
    '<span>a@b.cu</span>'
    """
    key, *others = bytes.fromhex(hidden[2][: len(hidden[2]) // 2 * 2])
    return f"<span>{html.escape(bytes(key ^ other for other in others).decode('utf-8', 'replace'))}</span>"


def _set_on_lines(shown: re.Match[str]) -> str:
    """Return an element with a line break before it, and one behind it if its end was found."""
    return f"<br>{shown[0]}{'<br>' * bool(shown[2])}"


def _set_apart(tag: re.Match[str]) -> str:
    """Return the tag of a block with a line break within the block, outside of one that goes as a whole, or both."""
    name = tag[2].lower()
    if name == "dialog":  # which goes unless it is open
        return f"<br>{tag[0]}<br>"
    return f"<br>{tag[0]}" if (tag[1] == "/") != (name in _DROPPED_BLOCKS) else f"{tag[0]}<br>"
