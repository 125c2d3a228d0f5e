"""Reads the pictures of pages that stand for signs and letters, and keeps words apart between which one stands."""

import re

_PICTURE = re.compile(r"<img\b[^<>]*+>(?=(?:</(?:a|b|i|span)>){0,3}\w)", re.IGNORECASE)
_INITIAL = re.compile(r"""\balt\s?=\s?(?:"([^\W\d_])"|'([^\W\d_])'|([^\W\d_])(?=[\s/>]))""", re.IGNORECASE)
_DRAWN_SIGN = re.compile(
    r"<img\s(?=[^<>]{0,1000}?(?:emoji|smiley))[^<>]{0,1000}?\balt=(?:\"([^\"<>\w]{1,16})\"|'([^'<>\w]{1,16})')[^<>]*+>",
    re.IGNORECASE,
)
"""The picture by which a page draws a sign that was written in it, such as "😀"."""


def read_pictures(page: str) -> str:
    """Return a page with signs and the first letters of words instead of pictures of them.

    >>> read_pictures('<p><img alt="O">n it <img class="emoji" alt="😀">! One<img alt="b">two')
    '<p>On it 😀! One <img alt="b">two'
    """
    is_drawn = "emoji" in page or "Emoji" in page or "smiley" in page
    page = _DRAWN_SIGN.sub(lambda sign: sign[1] or sign[2], page) if is_drawn else page
    return _PICTURE.sub(_keep_apart, page)


def _keep_apart(picture: re.Match[str]) -> str:
    """Return the tag of a picture, behind a space where a word ends before it, for one begins behind it.

    A picture of the letter with which that word begins is the letter: <img alt="T">he.
    """
    before = picture.string[picture.start() - 1 : picture.start()]
    if before.isalnum() or before in (".", ",", "!", "?"):
        return f" {picture[0]}"
    initial = _INITIAL.search(picture[0])
    if initial is None or picture.string[picture.end() : picture.end() + 1] in "0123456789":
        return picture[0]
    return initial[1] or initial[2] or initial[3]
