"""Judges by the beginning of a text how it is laid out: wrapped, a sentence a line, documents between blank lines."""

import io
import itertools
import re
import statistics
from collections.abc import Sequence

_END_MARKS = tuple(".!?:;\"'”’»…。！？।)")
_WRAPPED_CHARS = (40, 100)  # of a line in a text that was wrapped by hand
_INNER_END = re.compile(r"[^\W\d_]{4,} ?[.!?…][\"'”’»)\]]*\s+\S|[。！？।][”」』)]*[^\s”」』)]")
"""An end of a sentence within a line; short words before a stop may be abbreviations."""

_FEWEST_SENTENCES, _MIN_ENDED_FRAC, _MAX_INNER_FRAC = 20, 0.7, 0.15
_FEWEST_BLOCKS, _MIN_BLOCK_LINES, _MIN_PARAGRAPH_BYTES = 3, 2.0, 80
_HEADING = re.compile(r"= (?:= )*[^=\s](?:.*[^=\s])? (?:= )*=")
_FEWEST_HEADINGS = 2


def find_layout(head: bytes, is_collection: bool) -> dict[str, str]:
    """Return the keys of format "text" that a text needs.

    Args:
        head: The first kilobytes of its content, in UTF-8.
        is_collection: The file may hold many documents, as large ones do, and not one of many that do not.

    >>> find_layout(b"One comes home. Two goes.\\n" * 9, is_collection=False)
    {}
    >>> find_layout(b"The boat comes home.\\n" * 30, is_collection=False)
    {'sentences': 'line'}
    """
    lines = [line.strip() for line in io.StringIO(head.decode("utf-8", "replace"))]
    if _is_wrapped(lines):
        return {"paragraphs": "blank-line"}
    visible = [line for line in lines if line]
    has_sentences = _is_sentence_a_line(visible)
    num_blocks = sum(bool(line) and not before for before, line in itertools.pairwise(["", *lines]))
    is_long = has_sentences or sum(len(line.encode()) for line in visible) >= _MIN_PARAGRAPH_BYTES * len(visible)
    has_blocks = num_blocks >= _FEWEST_BLOCKS and len(visible) >= _MIN_BLOCK_LINES * num_blocks
    keys = {"documents": "blank-line"} if is_collection and has_blocks and is_long and not has_headings(head) else {}
    return keys | ({"sentences": "line"} if has_sentences else {})


def has_headings(head: bytes) -> bool:
    """Return whether some lines are headings as in WikiText, whose articles have blank lines in them.

    >>> has_headings(b" = Boats = \\n \\n They are late . \\n \\n = = Sails = = \\n"), has_headings(b"a = b\\n")
    (True, False)
    """
    lines = (line.strip() for line in io.StringIO(head.decode("utf-8", "replace")))
    return sum(_HEADING.fullmatch(line) is not None for line in lines) >= _FEWEST_HEADINGS


def is_wrapped(text: str) -> bool:
    """Return whether a text's lines were broken by hand: of one length, and most end in the middle of a sentence."""
    return _is_wrapped([line.strip() for line in text.split("\n")])


def _is_wrapped(lines: Sequence[str]) -> bool:
    inner = [line for line, after in itertools.pairwise(lines) if line and after]
    if len(inner) < 8 or "" not in lines:
        return False
    least, most = _WRAPPED_CHARS
    num_open = sum(not line.endswith(_END_MARKS) for line in inner)
    is_narrow = least <= statistics.median(map(len, inner)) and statistics.quantiles(map(len, inner), n=20)[-1] <= most
    return is_narrow and num_open > 0.6 * len(inner)


def _is_sentence_a_line(lines: Sequence[str]) -> bool:
    num_inner = sum(_INNER_END.search(line) is not None for line in lines)
    num_ended = sum(line.endswith(_END_MARKS) for line in lines)
    has_enough = len(lines) >= _FEWEST_SENTENCES
    return has_enough and num_ended >= _MIN_ENDED_FRAC * len(lines) and num_inner <= _MAX_INNER_FRAC * len(lines)
