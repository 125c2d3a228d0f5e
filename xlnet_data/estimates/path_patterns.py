"""Writes globs that match some files of a folder and no others."""

import fnmatch
import itertools
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

PACKED = (".gz", ".bz2", ".xz", ".zst", ".lz4")
"""Endings of compressed files."""

_MANY = 50


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
        if matched == mine and len(mine) > 1 and _is_plain(begin + ending):
            found.append(f"{begin}{'' if is_flat else '**/'}*{ending}")
        else:
            beside: dict[str, list[str]] = defaultdict(list)
            for name in matched:
                beside[os.path.dirname(name)].append(name)
            found += _numbered_patterns(mine, beside)
    return tuple(found)


def _numbered_patterns(files: Sequence[str], beside: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield a glob for files of a folder that differ in numbers alone, if it matches no others, else the files.

    Where so many differ in more, the shortest beginnings of names that no other file has make globs.

    Args:
        files: Of one ending.
        beside: By folder, all files of that ending.
    """
    alike: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in files:
        folder, base = os.path.split(name)
        alike[folder][re.sub(r"\d+", "0", base)].append(name)
    for folder, groups in alike.items():
        if len(groups) > _MANY:
            mine = sorted(itertools.chain.from_iterable(groups.values()))
            others = sorted({*beside[folder]} - {*mine})
            yield from _split_by_beginning(f"{folder}/" if folder else "", mine, others)
            continue
        for members in groups.values():
            begin = _common_beginning(members).rstrip("0123456789")
            end = _common_beginning([name[len(begin) :][::-1] for name in members])[::-1].lstrip("0123456789")
            is_one = len(members) > 2 and _is_plain(begin + end)
            is_one = is_one and len(fnmatch.filter(beside[folder], f"{begin}*{end}")) == len(members)
            yield from [f"{begin}*{end}"] if is_one else members


def _split_by_beginning(begin: str, mine: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    """Yield globs that match the files that begin so and are mine, and none of the others.

    >>> list(_split_by_beginning("", ["a1.txt", "a2.txt", "a3.txt", "b.txt"], ["b2.txt"]))
    ['a*.txt', 'b.txt']
    """
    if len(mine) < 3 or not _is_plain(begin):
        yield from mine
    elif not others:
        yield f"{begin}*{ending_of(mine[0])}"
    else:
        for head, members in itertools.groupby(mine, key=lambda name: name[: len(begin) + 1]):
            yield from _split_by_beginning(head, [*members], [name for name in others if name.startswith(head)])


def _is_plain(name: str) -> bool:
    return re.search(r"[*?\[]", name) is None


def _common_beginning(names: Sequence[str]) -> str:
    """Return the characters that all names begin with.

    >>> _common_beginning(["a/x-01", "a/x-02"])
    'a/x-0'
    """
    same = itertools.takewhile(lambda column: len(set(column)) == 1, zip(*names, strict=False))
    return "".join(column[0] for column in same)
