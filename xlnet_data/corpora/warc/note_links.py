"""Drops links that are no words: to and back from notes, of a heading to itself, on to the next page of a manual."""

import re

TO_NOTE = r"<a\b[^<>]{0,200}?\bhref\s?=\s?[\"']?[^\s\"'<>]{0,300}#[^<>]{0,300}+>"
"""The tag of a link to a place of a page."""

GONE = "\x02"
"""Stands where a mark was, until the blank before it goes, too; a control character, and none of a text."""

BEFORE_NOTE = frozenset(f".,;:!?)]”\"’'»。，、{GONE}")
"""What stands before the mark of a note, letters and digits aside."""

_NUMBERED = rf"{TO_NOTE}\d{{1,3}}</a>"
_IN_BRACKETS = re.compile(rf"\[\s?{_NUMBERED}(?:\s?[,;–-]\s?{_NUMBERED}){{0,20}}\s?\]", re.IGNORECASE)
_BACK_SIGNS = ("↩", "↵", "⤴", "⏎", "↑", "&#8617;", "&#x21a9;", "&larrhk;", "&hookleftarrow;", "&#8593;", "&uarr;")
_BACK = "|".join(_BACK_SIGNS)
_LINK_BACK = re.compile(
    rf"{TO_NOTE}\s*+(?:<sup\b[^<>]*+>)?(?:{_BACK})"
    r"[\ufe0e\ufe0f]?(?:&#(?:65038|xfe0e);)?(?:</sup>)?\s*+</a>",
    re.IGNORECASE,
)

_BRACKETED = re.compile(r">\[\d{1,3}(?:[,;–-]\s?\d{1,3}){0,9}\]</(a|span|sup)>", re.IGNORECASE)
_NOTE_TAG = re.compile(r"<(a|span|sup)[\s>]", re.IGNORECASE)
_MAX_TAG_CHARS = 300
_GAP = re.compile(r"(?:\s|&nbsp;|&#160;)++((?:<(?:span|small|b|i)\b[^<>]*+>)*+)\Z", re.IGNORECASE)
_AFTER_GAP = re.compile(
    r"(?:</(?:span|small|sup|b|i)>)*+(?:[\s.,;:!?)\]”»。，、]|&nbsp;|</(?:p|li|td|dd|div|h\d)>|\Z)", re.IGNORECASE
)

_SIGN = r">\s*+(?:[¶§#]|&(?:para|sect|#182|#167|#xb6|#xa7);)\s*+</a>"
_PERMALINK = re.compile(rf"""<a\s[^<>]{{0,300}}?href=["']?[^<>"'\s]{{0,300}}#[^<>]*+{_SIGN}""", re.IGNORECASE)
_HAS_SIGN = re.compile(_SIGN, re.IGNORECASE)
_OPENING, _CLOSING = ('"', "'", "`", "‘", "“", "«", "quot;", "#34;", "#39;"), frozenset("\"'`’”»&")
_LINKS_ON = re.compile(
    r"<p>\s*+(?:<a\sname=[^<>]*+></a>\s*+)?[^<>:]{1,40}:(?:\s|&nbsp;)*+"
    r"<a\s(?=[^<>]*?\baccesskey=\"[npu]\")(?=[^<>]*?\brel=)[^<>]*+>(?:[^<]|<(?!/?p\b|hr\b|/div\b)){0,2000}+"
)
"""The paragraph by which manuals made by Texinfo lead on: "Next: Mills, Previous: Weirs, Up: Rivers"."""


def drop_note_links(page: str) -> str:
    """Return a page with GONE instead of such links.

    >>> page = 'It fell [<a href="#n1">1</a>, <a href="#n2">2</a>]. <p>So Lo. <a href="#r1">↩</a></p>'
    >>> close_gaps(drop_note_links(page))
    'It fell. <p>So Lo.</p>'
    """
    page = _LINK_BACK.sub(GONE, page) if any(sign in page for sign in _BACK_SIGNS) else page
    return _IN_BRACKETS.sub(GONE, page) if "</a>]" in page else page


def drop_permalinks(page: str) -> str:
    """Return a page without links of headings to themselves, and without those of a manual to its next page.

    >>> drop_permalinks('<h2>Mills<a href="#m">#</a></h2> "<a href="#hash">#</a>"')
    '<h2>Mills</h2> "<a href="#hash">#</a>"'
    """
    page = _LINKS_ON.sub("", page) if 'accesskey="' in page else page
    return _PERMALINK.sub(_drop_permalink, page) if _HAS_SIGN.search(page) else page


def _drop_permalink(link: re.Match[str]) -> str:
    """Return nothing instead of a link that is a sign, or the link if the sign is quoted: it is meant itself."""
    before = link.string[max(link.start() - 5, 0) : link.start()]
    after = link.string[link.end() : link.end() + 1]
    return link[0] if before.endswith(_OPENING) and after in _CLOSING else ""


def drop_bracketed_notes(page: str) -> str:
    """Return a page with GONE instead of marks of notes in elements of their own behind a word, wherever they lead.

    >>> page = 'It fell<span class="cite">[3]</span><a href="/n4">[4]</a>. <span>[5]</span> Lo'
    >>> close_gaps(drop_bracketed_notes(page))
    'It fell. <span>[5]</span> Lo'
    """
    kept: list[str] = []
    at = 0
    for found in _BRACKETED.finditer(page):
        begin = page.rfind("<", max(found.start() - _MAX_TAG_CHARS, at), found.start())
        opened = _NOTE_TAG.match(page, max(begin, 0))
        is_own = opened is not None and opened[1].lower() == found[1].lower()
        last = page[begin - 1 : begin]
        is_raised = found[1].lower() == "sup"  # no word is
        if is_own and (is_raised or last.isalnum() or last in BEFORE_NOTE or (begin == at > 0)):
            kept += (page[at:begin], GONE)
            at = found.end()
    return "".join([*kept, page[at:]])


def close_gaps(page: str) -> str:
    """Return a page without what stands for marks of notes, and without the blank before one that parts no words.

    >>> close_gaps(f"a {GONE}. b {GONE} c {GONE}d <i>&nbsp;{GONE}</i>, e. {GONE}. F")
    'a. b c d <i></i>, e. F'
    """
    parts = page.split(GONE)
    for i, after in enumerate(parts[1:]):
        before = parts[i]
        if before[-1:].isalnum() or not _AFTER_GAP.match(after):
            continue
        if gap := _GAP.search(before, max(len(before) - _MAX_TAG_CHARS, 0)):
            is_twice = after.startswith((".", ",", ";")) and before[: gap.start()].endswith(
                after[0]
            )  # it ends what the mark was in
            parts[i] = before[: gap.start() - is_twice] + gap[1]
    return "".join(parts)
