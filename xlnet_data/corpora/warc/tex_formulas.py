"""Shows the formulas that a page has as TeX for a program or a picture: without them sentences have holes."""

import re

_SCRIPT = re.compile(
    r"<script\s[^<>]{0,99}?type=[\"']?math/tex\b[^<>]{0,99}>((?:[^<]|<(?!/script)){0,1000}+)</script\s*+>",
    re.IGNORECASE,
)
_SHOWN = ("MathJax_Preview", 'class="MathJax', "MathJax_SVG", "MathJax_CHTML", "mjx-")
"""What a page has where a script's formula is shown beside it."""

_HIDDEN_MATHML = re.compile(
    r"(<span\sclass=\"mwe-math-mathml-(?:inline|display)[^<>\"]{0,99}\"\s)style=\"display:\s?none;?\""
)
"""Wikis hide formulas as MathML, and show pictures of them."""

_MAY_BE_PICTURES = ("latex", 'tex"', "tex'", "=tex", "formula", "equation")
_PICTURE = re.compile(
    r"<img\s(?=[^<>]{0,2000}?(?:class=[\"']?(?:[\w-]{1,40}\s)?(?:latex|tex|math|mathtex|equation|formula)[\"'\s]"
    r"|src=[\"'][^\"'<>]{0,200}(?:latex\.php|\.latex\?|mimetex|mathtex)))"
    r"[^<>]{0,2000}?\balt=(?:\"([^\"<>]{1,1000})\"|'([^'<>]{1,1000})')[^<>]*+>",
    re.IGNORECASE,
)


def show_formulas(page: str) -> str:
    """Return a page with the formulas as text that it has as TeX for a script, as hidden MathML or as pictures.

    >>> show_formulas('<img src="a" class="latex" alt="n+1">, <script type="math/tex">2k</script>')
    '<span>n+1</span>, <span>2k</span>'
    """
    has_math = "math" in page  # one search for most pages
    if has_math and "math/tex" in page and not any(shown in page for shown in _SHOWN):
        page = _SCRIPT.sub(lambda script: f"<span>{script[1].replace('<', '&lt;')}</span>", page)
    if has_math and "mwe-math-mathml" in page:
        return _HIDDEN_MATHML.sub(r"\1", page)
    if has_math or any(word in page for word in _MAY_BE_PICTURES):
        page = _PICTURE.sub(lambda picture: f"<span>{picture[1] or picture[2]}</span>", page)
    return page
