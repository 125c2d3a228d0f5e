"""Closes the gaps that markup leaves in a sentence, and drops what is said by amounts that no page tells."""

import re

from xlnet_data.corpora.wiki.arguments import HOLE

_PARTS = ",;:、，；：،؛"  # what parts the words in a bracket
_EMPTY_BRACKETS = re.compile(  # begins with one set of characters, which the search skips to
    rf"[(（\[/](?:(?<!/)(?:\w{{1,30}}[:：])?((?:[\0 {_PARTS}/–—*†&-]|(?:or|and|und|oder|ou|et|или|и)(?=[\0 ]))*+)"
    r"[)）\]]|(?<=/)(?<![^\s(\[]/)([\0 ]*+)/)"
)
_BEFORE_MARK = re.compile(rf" ?[{_PARTS}] ?\0[\0 ]*+(?=[{_PARTS}.。)）])")
_AFTER_BRACKET = re.compile(rf"([(（])[ {_PARTS}]{{0,4}}\0[\0 {_PARTS}]*+(?:[–—-] )?")
_GAP = re.compile(rf"\0[\0 ]*+([{_PARTS}.!?)\]。）]?)")
_IN_BRACKETS = re.compile(r" ?[(（][^()（）\x04]{0,120}+\x04[^()（）]{0,120}+[)）]")
_INTRODUCTIONS = """
about approximately around roughly some nearly now today equivalent equal equating worth valued comparable
corresponding or which adjusted the i.e. entspricht entsprechend heute umgerechnet soit équivalant équivalent environ
age aged
"""
_CLAUSE = re.compile(
    rf"[,;] (?=(?:{'|'.join(map(re.escape, _INTRODUCTIONS.split()))}) )[^,;()\x04]{{0,120}}+\x04[^,;()]{{0,80}}?"
    r"(?=[,;)]|[.!?](?: |$)|$)"
)
_ALONE = re.compile(r"(?:[A-Z]{0,3}[$£€¥₹] ?)?\x04")


def drop_unknown(block: str) -> str:
    r"""Return a text without the brackets and clauses whose amount is not known, or else without the amount.

    >>> drop_unknown("It cost $5 (about $\4 in \4), or $\4 today, then."), drop_unknown("It is $\4.")
    ('It cost $5, then.', 'It is \x00.')
    """
    block = _IN_BRACKETS.sub("", _CLAUSE.sub("", block))
    return _ALONE.sub(HOLE, block)


def close_gaps(block: str) -> str:
    """Return a text without the marks of what was taken out of it, and without brackets that held nothing else."""
    has_brackets = any(mark in block for mark in "(（[/")
    if has_brackets:
        block = _EMPTY_BRACKETS.sub(lambda m: HOLE if HOLE in (m[1] or m[2] or "") else m[0], block)
    block = _BEFORE_MARK.sub(HOLE, block)
    if has_brackets:
        block = _AFTER_BRACKET.sub(r"\1", block)
    block = block.replace(" \0", "\0 ")
    block = _GAP.sub(lambda m: m[1] or (" " if " " in m[0] else ""), block)
    return block.replace(";)", ")").replace(",)", ")")
