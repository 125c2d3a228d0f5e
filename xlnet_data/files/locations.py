"""Finds the files that a path, a glob or a URL of the config matches."""

import glob
import itertools
import os
from collections.abc import Sequence

from xlnet_data.files.stores import is_url, match_url


def locate(path: str, base_dir: str) -> str:
    """Return a path or URL of the config as one that can be opened from anywhere.

    >>> locate("books/*.txt", "/data"), locate("gs://bucket/a.txt", "/data")
    ('/data/books/*.txt', 'gs://bucket/a.txt')
    """
    return path if is_url(path) else os.path.abspath(os.path.join(base_dir, os.path.expanduser(path)))


def match_pattern(pattern: str, base_dir: str) -> list[tuple[str, int]]:
    """Return the path and the bytes on disk (-1 if unknown) of each file that a pattern matches, in no set order.

    A file whose name looks like a glob is found by its name. Wildcards in the name of ``base_dir`` mean nothing.

    Args:
        pattern: A local path, a glob (``**`` for any depth) or a URL (globs on s3:// gs:// hdfs:// file://).
        base_dir: What a relative path is relative to.

    Raises:
        CorpusError: A store or a server cannot be reached or listed.
    """
    if is_url(pattern):
        return match_url(pattern)
    names = [locate(pattern, base_dir)]
    if glob.has_magic(pattern) and not os.path.exists(names[0]):
        found = glob.iglob(os.path.expanduser(pattern), root_dir=base_dir, recursive=True)
        names = [locate(name, base_dir) for name in found]
    return [(name, os.path.getsize(name)) for name in names if os.path.isfile(name)]


def fixed_folder(pattern: str, base_dir: str) -> str:
    """Return the folder of a pattern up to its first wildcard, as `locate` has it.

    >>> fixed_folder("books/*/a.txt", "/data"), fixed_folder("/data/books/a.txt", "/"), fixed_folder("a.txt", "/[1]")
    ('/data/books', '/data/books', '/[1]')
    """
    parts = pattern.split("/")
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
