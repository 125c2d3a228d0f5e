"""Finds the files that a path, a glob or a URL of the config matches."""

import contextlib
import fnmatch
import glob
import itertools
import os
import re
import stat
from collections.abc import Iterator, Sequence

from xlnet_data.errors import CorpusError
from xlnet_data.files.stores import describe_cause, is_url, match_url
from xlnet_data.schemas.manifest import LOCK_FILE, MANIFEST_FILE, TOKENIZER_FILE

NO_FILE = "a pipe, a socket or a device"


def locate(path: str, base_dir: str) -> str:
    """Return a path or URL of the config as one that can be opened from anywhere.

    >>> locate("books/*.txt", "/data"), locate("gs://bucket/a.txt", "/data")
    ('/data/books/*.txt', 'gs://bucket/a.txt')
    """
    return path if is_url(path) else os.path.abspath(os.path.join(base_dir, os.path.expanduser(path)))


def match_pattern(pattern: str, base_dir: str, others: list[str] | None = None) -> list[tuple[str, int]]:
    """Return the path and the bytes on disk (-1 if unknown) of each file that a pattern matches, in no set order.

    A file whose name looks like a glob is found by its name. Wildcards in the name of ``base_dir`` mean nothing. Those
    of a local glob enter no folder that holds a dataset or an unfinished build: what a build writes is not its input.

    Args:
        pattern: A local path, a glob (``**`` for any depth) or a URL (globs on s3:// gs:// hdfs:// file://).
        base_dir: What a relative path is relative to.
        others: Gets the pipes, sockets and devices that are matched; None: they are an error.

    Raises:
        CorpusError: A store, a server or a folder cannot be reached or listed, a link leads nowhere, or a pipe, a
            socket or a device is matched.
    """
    if is_url(pattern):
        return match_url(pattern)
    path = locate(pattern, base_dir)
    if not glob.has_magic(pattern) or os.path.exists(path):
        found = [path]
    else:
        expanded = os.path.expanduser(pattern)
        found = list(_expand("/" if expanded.startswith("/") else base_dir, expanded.split("/")))
    states = [(os.path.abspath(name), state) for name in found if (state := _state(name))]
    found_others = [name for name, state in states if not (stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode))]
    if found_others and others is None:
        advice = "write what it gives into a file, or match other files"
        raise CorpusError(f"{found_others[0]} is {NO_FILE}, which {pattern!r} matches: {advice}")
    if others is not None:
        others += found_others
    return [(name, state.st_size) for name, state in states if stat.S_ISREG(state.st_mode)]


def _expand(folder: str, parts: Sequence[str], above: frozenset[tuple[int, int]] = frozenset()) -> Iterator[str]:
    """Yield what the parts of a glob match below a folder; ``**`` follows no link to a folder that it came through.

    Python's own glob passes over folders that it may not list and over links that lead nowhere, and says nothing.

    Args:
        folder: Where to look.
        parts: What stands between the slashes of the glob.
        above: Device and inode of the folders that a first part ``**`` came through.
    """
    part, rest = parts[0], parts[1:]
    if not glob.has_magic(part):
        path = os.path.join(folder, part)
        if not rest:
            yield path
        elif _is_folder(path):
            yield from _expand(path, rest)
        return
    if part == "**":
        state = _state(folder)
        if state is None or (state.st_dev, state.st_ino) in above:
            return
        above |= {(state.st_dev, state.st_ino)}
        if rest:
            yield from _expand(folder, rest)
    is_wanted = re.compile(fnmatch.translate(part)).match
    for entry in _list_folder(folder):
        is_hidden = entry.name.startswith(".") and not part.startswith(".")
        if is_hidden or not is_wanted(entry.name):
            continue
        is_folder = _leads_to_folder(entry)
        if not is_folder and not rest:
            yield entry.path
        elif is_folder and (part == "**" or any(map(glob.has_magic, rest[:1]))) and _holds_dataset(entry.path):
            continue
        elif is_folder and part == "**":
            yield from _expand(entry.path, parts, above)
        elif is_folder and rest:
            yield from _expand(entry.path, rest)


def find_passed_over(patterns: Sequence[str], base_dir: str) -> dict[str, int]:
    """Return the local folders that a glob matches itself, and how many files lie in each, if no pattern matches those.

    A folder that may not be listed is left out: it need not hold any input.
    """
    within: dict[str, set[str]] = {}
    for pattern in patterns:
        parts = os.path.expanduser(pattern).split("/")
        if is_url(pattern) or parts[-1] == "**" or not glob.has_magic(parts[-1]):
            continue
        with contextlib.suppress(CorpusError):
            for path in _expand("/" if pattern.startswith(("/", "~")) else base_dir, [*parts, "*"]):
                within.setdefault(os.path.dirname(path), set()).add(os.path.abspath(path))
    if not within:
        return {}
    found = {path for pattern in patterns if not is_url(pattern) for path, _ in match_pattern(pattern, base_dir, [])}
    return {folder: len(within[folder]) for folder in sorted(within) if found.isdisjoint(within[folder])}


def _list_folder(folder: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        lost = "what it holds would be left out: let it be read, or name other folders in `paths`"
        raise CorpusError(f"cannot list {folder}: {describe_cause(error)}; {lost}") from error


def _holds_dataset(folder: str) -> bool:
    """Return whether a folder holds a dataset of ours, or a build of one on this machine that is not finished."""
    return os.path.exists(os.path.join(folder, LOCK_FILE)) or all(
        os.path.exists(os.path.join(folder, name)) for name in (MANIFEST_FILE, TOKENIZER_FILE)
    )


def _leads_to_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        is_link, is_folder = entry.is_symlink(), entry.is_dir(follow_symlinks=False)
    except OSError as error:  # some file systems say it only when they are asked for the entry itself
        raise CorpusError(f"cannot look at {entry.path}: {describe_cause(error)}") from error
    return _is_folder(entry.path) if is_link else is_folder


def _is_folder(path: str) -> bool:
    state = _state(path)
    return state is not None and stat.S_ISDIR(state.st_mode)


def _state(path: str) -> os.stat_result | None:
    """Return what the system says of a file or folder, None if there is none.

    Raises:
        CorpusError: It is a link that leads nowhere, or it cannot be reached.
    """
    try:
        return os.stat(path)
    except OSError as error:
        if os.path.islink(path):
            link = f"{path} is a link to {os.readlink(path)}"
            raise CorpusError(
                f"{link}, which leads nowhere ({describe_cause(error)}): mend it, or remove it"
            ) from error
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return None
        raise CorpusError(f"cannot look at {path}: {describe_cause(error)}") from error
    except ValueError:  # a zero byte is in no name
        return None


def fixed_folder(pattern: str, base_dir: str) -> str:
    """Return the folder of a pattern up to its first wildcard, as `locate` has it.

    >>> fixed_folder("books/*/a.txt", "/data"), fixed_folder("/data/books/a.txt", "/"), fixed_folder("a.txt", "/[1]")
    ('/data/books', '/data/books', '/[1]')
    """
    parts = pattern.rstrip("/").split("/")
    fixed = next((i for i, part in enumerate(parts) if glob.has_magic(part)), len(parts) - 1)
    folder = "/".join(parts[: min(fixed, len(parts) - 1)])
    return locate(folder or "/" * pattern.startswith("/"), base_dir)


def common_folder(folders: Sequence[str]) -> str:
    """Return the deepest folder of all, with a slash at its end.

    >>> common_folder(["/data/books/a", "/data/books/b"]), common_folder(["s3://bucket/a", "s3://bucket/ab"])
    ('/data/books/', 's3://bucket/')
    """
    levels = zip(*(folder.rstrip("/").split("/") for folder in folders), strict=False)
    shared = itertools.takewhile(lambda level: len(set(level)) == 1, levels)
    return "".join(level[0] + "/" for level in shared)
