"""Where files lie: what a path, a glob or a URL matches."""

import glob
import itertools
import os
import re
import urllib.error
import urllib.request
from collections.abc import Sequence
from urllib.parse import urlsplit

from xlnet_data.errors import CorpusError


def is_url(path: str) -> bool:
    """Return whether a path is a URL rather than a local path."""
    return len(urlsplit(path).scheme) > 1 and "://" in path


def locate(path: str, base_dir: str) -> str:
    """Return a path or URL of the config as one that can be opened from anywhere.

    >>> locate("books/*.txt", "/data"), locate("gs://bucket/a.txt", "/data")
    ('/data/books/*.txt', 'gs://bucket/a.txt')
    """
    return path if is_url(path) else os.path.abspath(os.path.join(base_dir, os.path.expanduser(path)))


def match_pattern(pattern: str) -> list[tuple[str, int]]:
    """Return the path and the bytes on disk (-1 if unknown) of each file that a pattern matches, in no set order.

    Args:
        pattern: An absolute local path, a glob (``**`` for any depth) or a URL (globs on s3:// gs:// hdfs:// file://).

    Raises:
        CorpusError: What it names cannot be reached or listed.
    """
    return _match_url(pattern) if is_url(pattern) else _match_local(pattern)


def fixed_folder(pattern: str) -> str:
    """Return the folder of a pattern up to its first wildcard.

    >>> fixed_folder("/data/books/*/a.txt"), fixed_folder("/data/books/a.txt")
    ('/data/books', '/data/books')
    """
    parts = pattern.split("/")
    fixed = next((i for i, part in enumerate(parts) if glob.has_magic(part)), len(parts) - 1)
    return "/".join(parts[: min(fixed, len(parts) - 1)])


def common_folder(folders: Sequence[str]) -> str:
    """Return the deepest folder of all, with a slash at its end.

    >>> common_folder(["/data/books/a", "/data/books/b"]), common_folder(["s3://bucket/a", "s3://bucket/ab"])
    ('/data/books/', 's3://bucket/')
    """
    levels = zip(*(folder.split("/") for folder in folders), strict=False)
    shared = itertools.takewhile(lambda level: len(set(level)) == 1, levels)
    return "".join(level[0] + "/" for level in shared)


def _match_local(pattern: str) -> list[tuple[str, int]]:
    names = glob.glob(pattern, recursive=True) if glob.has_magic(pattern) and not os.path.exists(pattern) else [pattern]
    return [(name, os.path.getsize(name)) for name in names if os.path.isfile(name)]


def _match_url(pattern: str) -> list[tuple[str, int]]:
    if urlsplit(pattern).scheme in ("http", "https"):
        return [(pattern, _http_size(pattern))]
    from pyarrow import fs  # cloud file systems load slowly and are needed by few

    bucket, path = re.fullmatch(r"(\w+://[^/]*)/*(.*)", pattern).groups()  # type: ignore[union-attr] # is_url saw ://
    try:
        ending = {"s3": "", "gs": "?retry_limit_seconds=60"}.get(urlsplit(pattern).scheme, "/")
        filesystem, root = fs.FileSystem.from_uri(bucket + ending)
        root = root.rstrip("/") + "/"
        if not glob.has_magic(path):
            found = [filesystem.get_file_info(root + path)]
        else:
            folder = fs.FileSelector(root + fixed_folder(path), recursive=True, allow_not_found=True)
            found = filesystem.get_file_info(folder)
    except (OSError, ValueError, NotImplementedError) as error:
        raise CorpusError(f"cannot list {pattern}: {describe_cause(error)}") from error
    sizes = {info.path.removeprefix(root): info.size for info in found if info.is_file}
    is_wanted = re.compile(_glob_regex(path)).fullmatch if glob.has_magic(path) else path.__eq__
    return [(f"{bucket}/{name}", size) for name, size in sizes.items() if is_wanted(name)]


def _glob_regex(pattern: str) -> str:
    """Return the regular expression of a glob over a whole path; as in a shell, wildcards pass over hidden names.

    >>> bool(re.fullmatch(_glob_regex("raw/**/part-[!x]?.txt"), "raw/a/b/part-01.txt"))
    True
    """
    folders = r"(?:(?!\.)[^/]+/)*"
    *outer, name = pattern.split("/")
    regex = "".join(folders if part == "**" else _name_regex(part) + "/" for part in outer)
    return regex + (folders + _name_regex("*") if name == "**" else _name_regex(name))


def _name_regex(name: str) -> str:
    tokens = re.findall(r"\*+|\?|\[[!^]?\]?[^\]]*\]|.", name, re.DOTALL)
    return (r"(?!\.)" if name[:1] in ("*", "?", "[") else "") + "".join(map(_token_regex, tokens))


def _token_regex(token: str) -> str:
    if token[0] in "*?":
        return "[^/]" + "*" * (token[0] == "*")
    if token[0] == "[" and len(token) > 2:
        return re.sub(r"^\[!", "[^", token.replace("\\", r"\\"))
    return re.escape(token)


def _http_size(url: str) -> int:
    request = urllib.request.Request(url, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.headers.get("Content-Length") or -1)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (405, 501):  # the server answers GET alone
            return -1
        raise CorpusError(f"cannot reach {url}: {error}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None)  # urllib wraps the system's error
        cause = describe_cause(reason if isinstance(reason, OSError) else error)
        raise CorpusError(f"cannot reach {url}: {cause}") from error


def describe_cause(error: BaseException) -> str:
    """Return what the system or a library says of an error, without its number and path."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
