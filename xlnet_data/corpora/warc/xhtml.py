"""Rewrites pages that are sent as XHTML in the syntax of HTML, the only one that the parser knows.

To HTML ``<script src="a.js"/>`` begins a script that never ends, and the page is gone.
"""

import html
import re

_EMPTY = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"
_SELF_CLOSED = re.compile(rf"""<(?!(?:{_EMPTY})\b)([a-zA-Z][\w:-]*+)((?:[^<>"'/]++|/(?!>)|"[^"]*+"|'[^']*+')*+)/>""")
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
