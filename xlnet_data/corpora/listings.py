"""Recognises files of text that hold no running text: tables, indexes, lists, and lines of markup."""

import csv
import re
from collections.abc import Sequence

_FEWEST_ROWS = 20
"""Lines with equally many tabs from which on a file is a table, whatever its name."""

_NAME = re.compile(r"\.([ct])sv(?:\.\w{1,4})?$", re.IGNORECASE)
_AS_RECORDS = "write it as JSON lines or as Parquet"
_COLUMN = rb'(?:"[^",;|\n]{1,40}"|[A-Za-z_][\w.-]{0,40})'
_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?" + _COLUMN + rb"([,;|])" + _COLUMN + rb"(?:\1" + _COLUMN + rb")*\r?\n")
"""The line of a table that names its columns."""

_FEWEST_CELL_ROWS = 3  # below such a line, which no prose begins with

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4}){10,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_MARKUP = re.compile(rb"<([A-Za-z][\w.-]*+)(?:\s[^<>\n]*+)?>\s*")
_FEWEST_MARKUP, _MIN_MARKUP_FRAC = 5, 0.1
_INDEX_LINE, _FEWEST_INDEX_LINES = re.compile(rb"\d{3,}:\d+:\S.*"), 3
_CHECKSUM_LINE = re.compile(rb"[0-9a-fA-F]{32,128} [ *]\S.*|(?:MD5|SHA\d+) \(.*\) = [0-9a-f]+")
_WARC_INDEX_LINE = re.compile(rb" ?CDX(?: [A-Za-z])+\s*|\S+ \d{14} \{.*\}\s*")
_WORD = re.compile(rb"[^\s.!?]{1,40}\s*")
_FEWEST_WORDS, _MIN_WORDS_FRAC, _MAX_WORD_BYTES = 100, 0.95, 12


def recognise_listing(path: str, head: bytes) -> tuple[str, str] | None:
    r"""Return what a file of text is that holds no running text, and what to do with it; None if it may hold some.

    Args:
        path: The file; a name that ends in ".csv" or ".tsv" says that it is a table.
        head: The first kilobytes of its content.

    >>> recognise_listing("index.txt", b"597:10:Ada\n597:12:Anarchism\n597:25:Autism\n")
    ('the index of a multistream dump', 'leave it out, the dump is read without it')
    """
    name = _NAME.search(path)
    begin = head[:4096].lstrip(b"\r\n")
    if not name and _has_cells(head):
        return "a table (CSV)", _AS_RECORDS
    if not name and not begin[:1].isdigit() and not begin.startswith(b"<") and b"\t" not in begin.partition(b"\n")[0]:
        return None  # as nearly all texts are
    lines = _whole_lines(head)
    if lines and (name or len(lines) >= _FEWEST_ROWS) and _has_columns(lines):
        return "a table (columns between tabs)", _advise_column(lines[:_FEWEST_ROWS])
    if lines and name and any(mark in lines[0] for mark in (b"\t" if name[1] in "tT" else b",;\t")):
        return "a table (CSV)", _AS_RECORDS
    if len(lines) >= _FEWEST_INDEX_LINES and all(map(_INDEX_LINE.fullmatch, lines)):
        return "the index of a multistream dump", "leave it out, the dump is read without it"
    first = _MARKUP.fullmatch(lines[0]) if lines else None
    num_tags = sum(_MARKUP.fullmatch(line) is not None for line in lines) if first else 0
    if first and num_tags >= max(_FEWEST_MARKUP, _MIN_MARKUP_FRAC * len(lines)):
        tag = first[1].decode("ascii", "replace")
        return f"text with lines of markup (<{tag}>)", "take these lines away, as `grep -v '^<'` does"
    return None


def recognise_companion(head: bytes) -> str:
    """Return what a file is that often lies beside a corpus and holds no text of it, "" if it may hold some.

    >>> recognise_companion(b"0123456789abcdef0123456789abcdef  part_1.txt.gz"), recognise_companion(b"0012  0700")
    ('a list of checksums', 'numbers')
    """
    lines = _whole_lines(head)
    if lines and all(map(_CHECKSUM_LINE.fullmatch, lines)):
        return "a list of checksums"
    if lines and _WARC_INDEX_LINE.fullmatch(lines[0]):
        return "an index of WARC files"
    if head.isascii() and not re.search(rb"[A-Za-z]", head):
        return "numbers"
    words = [line for line in lines if _WORD.fullmatch(line)]
    is_list = len(lines) >= _FEWEST_WORDS and len(words) >= _MIN_WORDS_FRAC * len(lines)
    return "one word a line" if is_list and sum(map(len, words)) <= _MAX_WORD_BYTES * len(words) else ""


def _whole_lines(head: bytes) -> list[bytes]:
    """Return the lines of a file's beginning that are not blank, without the last of several, which may be cut."""
    lines = head.split(b"\n")
    kept = lines[:-1] if len(lines) > 2 else lines
    return [line.rstrip(b"\r") for line in kept if line.strip()]


def _has_columns(lines: Sequence[bytes]) -> bool:
    """Return whether all lines have equally many tabs, which stand between columns and not before a paragraph."""
    num_tabs = lines[0].count(b"\t")
    return num_tabs > 0 and all(line.count(b"\t") == num_tabs and not line.startswith(b"\t") for line in lines)


def _has_cells(head: bytes) -> bool:
    """Return whether the columns' names stand in the first line, and all others have as many cells, as of a CSV file.

    A cell in quotation marks may hold the mark between cells, and line ends.
    """
    header = _HEADER.match(head)
    if header is None:
        return False
    lines = head.decode("utf-8", "replace").splitlines(keepends=True)
    try:
        *rows, _ = (row for row in csv.reader(lines, delimiter=header[1].decode()) if row)
    except (csv.Error, ValueError):
        return False
    return len(rows) >= _FEWEST_CELL_ROWS and all(len(row) == len(rows[0]) for row in rows)


def _advise_column(rows: Sequence[bytes]) -> str:
    """Return how to get at the column that has the most text of a table whose columns stand between tabs."""
    columns = list(zip(*(row.split(b"\t") for row in rows), strict=True))
    best = max(range(len(columns)), key=lambda column: sum(map(_text_bytes, columns[column])))
    if all(map(_BASE64.fullmatch, columns[-1])):
        return "its texts are in base64: decode them, and write them as JSON lines"
    if not any(map(_text_bytes, columns[best])):
        return "leave it out, as no column of it has text"
    return f"keep its column of texts, as `cut -f {best + 1}` does, or write it as JSON lines"


def _text_bytes(cell: bytes) -> int:
    """Return the bytes of a cell that has several words, 0 of one that is a number or a name."""
    return len(cell) if cell.count(b" ") > 1 or not cell.isascii() else 0
