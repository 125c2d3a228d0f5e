"""Rewrites pages that are sent as XHTML in the syntax of HTML, the only one that the parser knows.

To HTML ``<script src="a.js"/>`` begins a script that never ends, and the page is gone.
"""

import html
import re

_EMPTY = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"
_SELF_CLOSED = re.compile(rf"""<(?!(?:{_EMPTY})\b)([a-zA-Z][\w:-]*+)((?:[^<>"'/]++|/(?!>)|"[^"]*+"|'[^']*+')*+)/>""")
_BLOCK = "p|div|blockquote|pre|h[1-6]|[uod]l|li|d[dt]|table|t[rdh]|hr|body"
_OPEN_ANCHOR = re.compile(
    rf"(<a\s(?![^<>]*\bhref\b)[^<>]*+>)(?=(?:[^<]|<(?!/?(?:a|{_BLOCK})\b)){{0,2000}}+<(?!/a\b))", re.IGNORECASE
)
"""The name of a place in a page that is not ended before a block, or another."""

_CDATA, _CDATA_END = "<![CDATA[", "]]>"


def to_html(page: str) -> str:
    """Return a page with an end tag for every element that has none in XHTML, and marked sections as plain text.

    >>> to_html("<script src='a.js'/><p>a<br/><![CDATA[1 < 2]]></p>")
    "<script src='a.js'></script><p>a<br/>1 &lt; 2</p>"
    """
    page = _SELF_CLOSED.sub(r"<\1\2></\1>", page)
    first, *sections = page.split(_CDATA)
    parts = [first]
    for section in sections:
        content, end, after = section.partition(_CDATA_END)
        parts += [html.escape(content, quote=False), after] if end else [_CDATA, section]
    return "".join(parts)


def end_anchors(page: str) -> str:
    """Return a page in which names of places are ended that have no end, or one in the syntax of XHTML.

    To the parser all that follows them is a link, and to extraction lists, tables and headings of links are menus.

    >>> end_anchors('<h2><a id="m"/>Mills</h2><a name="w"><p>Weirs <a href="b">fell</a>')
    '<h2><a id="m"/></a>Mills</h2><a name="w"></a><p>Weirs <a href="b">fell</a>'
    """
    return _OPEN_ANCHOR.sub(r"\1</a>", page)
