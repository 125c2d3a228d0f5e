"""Takes the marks from elements that stand within sentences, by which extraction would drop them.

resiliparse 2.0.1 drops inline elements by what they are or are marked as, wherever they stand: <time>, rel="tag",
itemprop="author", class="share".
"""

import functools
import re

from xlnet_data.corpora.warc.signs import INLINE_NAMES

_LONE_SIGN = re.compile(
    r"<span\s([^<>]*+)>((?:[\s:/|,;.·–—-]|&nbsp;|&[nm]dash;){1,5})</span>"
    r"(?=\w|<(?:a|b|em|i|span|strong|time)\b)"
)
_HIDING_WORDS = ("hidden", "invisible", "sr-only", "screen-reader")
"""What marks a sign that only stands for a gap which the page shows: <span class="hidden">: </span>."""

_INLINE = rf"(?:</?(?:{'|'.join(INLINE_NAMES.split())}|img|input)(?:\s[^<>]*+)?>|<!--[^<>]*-->)"
_RUN = re.compile(rf">[^<>]*+(?:{_INLINE}[^<>]*+)++")  # case counts: what marks elements is younger than <FONT>
_ATTRIBUTES = (" class=", " rel=", " id=", " itemprop=", "<time", "<label", "<button", " role=", " data-", " aria-")
_MARKED = re.compile(r"<(?:time|label|button)\b|\s(?:rel|itemprop|class|id|role|data-|aria-)")
_MARK_WORDS = """
<time <label <button
author icon search prev next tag datePublished url aria- role= data- logo ad sponsor promot paid banner
donate nav menu drop bread link modal popup lightbox print footer copyright cookie consent legal header sign
log account user social shar syndic newsletter follow mail like feedback engagement facebook twitter subscri
wa jp gallery carousel side sticky third comment reply skip scroll perma pagin spinner view trend recommend
featured popular pick related expandable
"""
_MARKS = (*_MARK_WORDS.split(), *_HIDING_WORDS)  # what extraction goes by, and more
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "।", "؟", "۔")
_MANY_CHARS = 1000
"""Of tags side by side, whose marks are not remembered."""

_TAGS = re.compile(r"(<[^<>]*+>)")
_TAG = re.compile(r"<(/?)([a-z]+)([^<>]*+)>")
_DROPPED_NAMES = ("time", "label", "button")  # dropped whatever marks them, so they get another name
_HOLD_NOTHING = ("<wbr", "<img", "<input", "<!")
HIDDEN = re.compile(
    r"hidden|display|invisible|visibility|collapsed|sr-only|screen-reader|nocontent|editsection"
    r"|tooltip|aural|sidenote|marginnote|lineno|line-number|pagenum|pageno|pagebreak",
    re.IGNORECASE,
)
"""What marks an element that a page hides."""


def mend_runs(page: str) -> str:
    """Return a page in whose sentences nothing is marked.

    >>> mend_runs('<p>It opens <time>3 May</time>.<p>Tags: <a rel=tag>politics</a>')
    '<p>It opens <span>3 May</span>.<p>Tags: <a rel=tag>politics</a>'
    """
    return _RUN.sub(_mend_run, f">{page}")[1:]  # as if a tag had ended: a page may begin with text


def _mend_run(found: re.Match[str]) -> str:
    """Return a run of text and inline elements; if it is a sentence, the elements without what marks them.

    It is one if it ends as one, or if more letters stand outside of marked elements than in them: not
    "Tags: <a>politics</a> <a>money</a>".
    """
    run = found[0]
    if not _has_any(run.replace("\n", " ").replace("\t", " "), _ATTRIBUTES):
        return run
    pieces = _TAGS.split(run)
    tags = "".join(pieces[1::2])
    if not (_are_marked(tags) if len(tags) < _MANY_CHARS else _has_any(tags, _MARKS)):
        return run
    if _has_any(tags, _HIDING_WORDS) and (shown := _LONE_SIGN.sub(_show_sign, run)) != run:
        run, pieces = shown, _TAGS.split(shown)
    outside = inside = depth = 0
    for i, piece in enumerate(pieces):
        if not piece:
            continue
        if not i % 2:
            num_letters = len("".join(piece.split()))
            if depth:
                inside += num_letters
            else:
                outside += num_letters
        elif piece.startswith("</"):
            depth -= depth > 0
        elif depth or _MARKED.search(piece):
            depth += not piece.startswith(_HOLD_NOTHING)
    is_sentence = outside > inside or (outside > 1 and pieces[-1].rstrip().endswith(_SENTENCE_ENDS))
    return _unmark(run) if is_sentence else run


@functools.lru_cache(maxsize=4096)
def _are_marked(tags: str) -> bool:
    """Return whether some tags have one of the words that extraction goes by; most stand in a page again and again."""
    return _has_any(tags, _MARKS)


def _has_any(text: str, words: tuple[str, ...]) -> bool:
    """Return whether one of some words stands in a text; three times as fast as any(), for it is asked often."""
    for word in words:  # noqa: SIM110
        if word in text:
            return True
    return False


def _unmark(run: str) -> str:
    """Return a run with plain tags, but for those that hide what they hold or cannot be told from the text around them.

    >>> _unmark('<time id=a>3 May</time>: <b class="mail">ask</b> <label class=hidden>or</label>')
    '<span>3 May</span>: <b>ask</b> <label class=hidden>or</label>'
    """
    opened: list[bool] = []  # for each open element of _DROPPED_NAMES: whether its tags are renamed

    def unmark(tag: re.Match[str]) -> str:
        slash, name, attributes = tag[1], tag[2], tag[3]
        is_torn = any(attributes.count(mark) % 2 for mark in "\"'")
        is_kept = is_torn or tag[0].startswith(_HOLD_NOTHING) or HIDDEN.search(attributes) is not None
        if name in _DROPPED_NAMES and slash:
            is_kept = not opened or not opened.pop()
        elif name in _DROPPED_NAMES:
            opened.append(not is_kept)
        return tag[0] if is_kept else f"<{slash}{'span' if name in _DROPPED_NAMES else name}>"

    return _TAG.sub(unmark, run)


def _show_sign(sign: re.Match[str]) -> str:
    """Return the sign that an element hides behind a word, or the element if it does not hide it."""
    before = sign.string[sign.start() - 1 : sign.start()]
    return sign[2] if (before.isalnum() or before in ">;") and _has_any(sign[1], _HIDING_WORDS) else sign[0]
