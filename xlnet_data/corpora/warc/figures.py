"""Tells the figures of a page that hold prose from those that hold pictures; extraction drops them all."""

import re

_FIGURE = re.compile(r"""(<(/?)figure(?![\w-])(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>)""", re.IGNORECASE)
_CAPTION = re.compile(r"</?figcaption(?![\w-])", re.IGNORECASE)
_PICTURE = re.compile(
    r"<(?:img|picture|svg|video|audio|iframe|object|embed|canvas|amp-img|noscript|script)\b", re.IGNORECASE
)
_PROSE = re.compile(r"<(?:blockquote|pre|table|ul|ol|dl)\b", re.IGNORECASE)
_WORD = re.compile(r">[^<>]*?\w")


def open_figures(page: str) -> str:
    """Return a page in which figures that hold a quotation, a table, a list, code, or words alone are plain blocks.

    A picture's caption, and a figure that holds a picture and no such thing, stay what they are.

    >>> open_figures("<figure><p>Calm.</p></figure> <figure><img></figure>")
    '<div><p>Calm.</p></div> <figure><img></figure>'
    """
    pieces = _FIGURE.split(page)
    if len(pieces) == 1:
        return page
    opened: list[tuple[int, bool, bool]] = []  # where a figure begins, whether it holds prose, whether a picture
    for i in range(1, len(pieces), 3):
        is_end = bool(pieces[i + 1])
        pieces[i + 1] = ""
        if not is_end:
            opened.append((i, False, False))
        elif opened:
            begin, has_prose, has_picture = opened.pop()
            if has_prose:
                pieces[begin], pieces[i] = "<div>", "</div>"
            if opened:
                outer, outer_prose, outer_picture = opened[-1]
                opened[-1] = outer, outer_prose or has_prose, outer_picture or has_picture
        if opened:
            begin, has_prose, has_picture = opened[-1]
            own = "".join(_CAPTION.split(f">{pieces[i + 2]}")[::2])
            has_picture |= _PICTURE.search(own) is not None
            has_words = not has_picture and _WORD.search(own) is not None
            opened[-1] = begin, has_prose or has_words or _PROSE.search(own) is not None, has_picture
    return "".join(pieces)
