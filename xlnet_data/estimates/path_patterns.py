"""Writes globs that match some files of a folder and no others."""

import fnmatch
import itertools
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

PACKED = (".gz", ".bz2", ".xz", ".zst", ".lz4")
"""Endings of compressed files."""


def ending_of(name: str) -> str:
    """Return a file's ending, with that of its compression.

    What numbers the parts of a file is no ending.

    >>> ending_of("a/b.txt.gz"), ending_of("wiki_00"), ending_of("a.warc.wet.gz"), ending_of("news.en-00001-of-00100")
    ('.txt.gz', '', '.wet.gz', '')
    """
    stem, last = os.path.splitext(os.path.basename(name))
    inner, packed = (os.path.splitext(stem)[1], last) if last in PACKED else (last, "")
    return ("" if re.search(r"\d{2}", inner) else inner) + packed


def find_patterns(top: str, files: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return globs by ending or by the beginning of the names where they match no other file, else the files."""
    found: list[str] = []
    for ending in sorted({ending_of(name) for name in files}):
        mine = [name for name in files if ending_of(name) == ending]
        begin = f"{top}/" if top else ""
        matched = [name for name in names if name.startswith(begin) and name.endswith(ending)]
        is_flat = all(name.count("/") == begin.count("/") for name in matched)
        if matched == mine and len(mine) > 1 and not re.search(r"[*?\[]", begin + ending):
            found.append(f"{begin}{'' if is_flat else '**/'}*{ending}")
        else:
            found += _numbered_patterns(mine, names)
    return tuple(found)


def _numbered_patterns(files: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """Yield a glob for each folder's files that differ in numbers alone and that it matches alone, else the files."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in files:
        folder, base = os.path.split(name)
        alike[os.path.join(folder, re.sub(r"\d+", "0", base))].append(name)
    for members in alike.values():
        begin = _common_beginning(members).rstrip("0123456789")
        end = _common_beginning([name[len(begin) :][::-1] for name in members])[::-1].lstrip("0123456789")
        pattern = f"{begin}*{end}"
        folder = os.path.dirname(begin)
        beside = [name for name in names if os.path.dirname(name) == folder]
        if len(members) > 2 and not re.search(r"[*?\[]", begin + end) and fnmatch.filter(beside, pattern) == members:
            yield pattern
        else:
            yield from members


def _common_beginning(names: Sequence[str]) -> str:
    """Return the characters that all names begin with.

    >>> _common_beginning(["a/x-01", "a/x-02"])
    'a/x-0'
    """
    same = itertools.takewhile(lambda column: len(set(column)) == 1, zip(*names, strict=False))
    return "".join(column[0] for column in same)
