"""Lists, opens and writes what URLs name: fsspec serves stores such as s3:// and gs://, `web` serves http(s)://."""

import glob
import io
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from xlnet_data.errors import ConfigError, CorpusError, ShardError, XlnetDataError
from xlnet_data.files.clients import client_of
from xlnet_data.files.hdfs import HdfsFile, HdfsWriter
from xlnet_data.files.web import WebFile, ask_about

_BUFFER_BYTES = 1024 * 1024

AHEAD_BYTES = 8 * 1024 * 1024
"""Bytes that are read ahead: about a range of a file. (S3's client would read 50 MB for each.)"""

PART_BYTES = 16 * 1024 * 1024
"""Bytes that are sent at a time, and kept until they are; an object of S3 has at most 10,000 such parts."""

_VERSION_KEYS = (
    "size", "ETag", "etag", "generation", "LastModified", "mtime", "modified", "modification_time", "created",
)  # fmt: skip
"""What the clients of stores call what changes with a file."""

_URL = re.compile("[A-Za-z][A-Za-z0-9+.-]+://")  # one letter alone is a drive

_EXTRAS = {"s3": "s3", "gs": "gcs", "hdfs": "hdfs"}


def is_url(path: str) -> bool:
    """Return whether a path is a URL rather than a local path."""
    return _URL.match(path) is not None


def check_named(path: str | os.PathLike[str], name: str) -> None:
    """Check that a path is not the empty text, which elsewhere stands for the current folder.

    Raises:
        ConfigError: It is.
    """
    if not os.fspath(path):
        raise ConfigError(f"{name} must be a path: got '', and the current folder is called '.'")


def local_path(path: str | os.PathLike[str], name: str) -> Path:
    """Return a path where no store is read or written.

    Args:
        path: As it was given.
        name: What it is called in the message.

    Raises:
        ConfigError: It is a URL, which as a path would name a folder of this machine; or empty.
    """
    check_named(path, name)
    if is_url(os.fspath(path)):
        raise ConfigError(
            f"{name} must lie on this machine: got {path}; give a path, and copy to or from there yourself"
        )
    return Path(path)


def real_path(path: str | os.PathLike[str]) -> Path:
    """Return an absolute path without links; a link that leads to itself stays, where Path.resolve would raise."""
    return Path(os.path.realpath(path))


def is_web(url: str) -> bool:
    """Return whether a URL is of a web server rather than of a store."""
    return url.lower().startswith(("http://", "https://"))


def match_url(pattern: str) -> list[tuple[str, int]]:
    """Return the URL and the bytes (-1 if unknown) of each file that a URL matches, wildcards as in local paths.

    Web servers cannot list files, so http(s):// URLs have no wildcards.

    Raises:
        CorpusError: The store or the server cannot be reached, or the store cannot be listed.
    """
    if is_web(pattern):
        return [(pattern, ask_about(pattern)[0])]
    with named_access("list", pattern):
        store, path = client_of(pattern)
        store.invalidate_cache()  # a listing that is kept would hide files that have come since
        found = store.glob(path, detail=True) if glob.has_magic(path) else {}
        if not found and store.isfile(path):
            found = {path: store.info(path)}
        root = pattern.removesuffix(path)  # fsspec's paths leave out the host of hdfs://HOST/PATH
        return [
            (root + name, info["size"])
            for name, info in found.items()
            if info["type"] == "file"
            and ("/." in path or "/." not in name)  # as in a shell, * passes over hidden names
        ]


def version_of(url: str) -> str | None:
    """Return what tells this version of a file from others, such as its size, tag and time; None if it is gone.

    Raises:
        CorpusError: The store or the server cannot be reached.
    """
    if is_web(url):
        return str(ask_about(url))
    with named_access("look at", url):
        store, path = client_of(url)
        store.invalidate_cache(path)
        try:
            info = store.info(path)
        except FileNotFoundError:
            return None
        return str([info.get(key) for key in _VERSION_KEYS])


def open_url(url: str) -> BinaryIO:
    """Open the bytes that a URL names.

    Raises:
        CorpusError: They cannot be opened.
    """
    if is_web(url):
        return io.BufferedReader(WebFile(url), _BUFFER_BYTES)
    with named_access("open", url):
        store, path = client_of(url)
        if store.protocol == "hdfs":
            return io.BufferedReader(HdfsFile(store.open(path, "rb", block_size=None)), AHEAD_BYTES)
        return io.BufferedReader(store.open(path, "rb", block_size=AHEAD_BYTES), _BUFFER_BYTES)


def check_store(url: str) -> None:
    """Check that what a URL names is in a store that takes files.

    Raises:
        ShardError: It is on a web server, or the store's package is missing or does not know the URL.
    """
    if is_web(url):
        raise ShardError(f"cannot write {url}: web servers take no files; name a local file or one of a store (s3, gs)")
    with named_access("write", url, ShardError):
        client_of(url)


@contextmanager
def write_url(url: str) -> Iterator[Any]:
    """Write a file of a store, which appears when the block ends, and does not appear if the block raises.

    Raises:
        ShardError: The store cannot be reached or takes no files.
    """
    with named_access("write", url, ShardError):
        store, path = client_of(url)
        has_commit = store.protocol != "hdfs"
        written = path if has_commit else f"{path}.{uuid.uuid4().hex}.tmp"
        part_bytes = PART_BYTES if has_commit else None  # which HDFS would take for the size of its blocks
        file = store.open(written, "wb", block_size=part_bytes, autocommit=False)
        store.transaction.files.clear()  # a list for transactions, which are not used: it would keep every file
    is_whole = False
    try:
        yield file if has_commit else HdfsWriter(file)
        is_whole = True
    finally:
        with named_access("write", url, ShardError):
            file.close()
            if has_commit:
                (file.commit if is_whole else file.discard)()
            elif is_whole:
                store.mv(written, path, overwrite=True)  # a task that is done again writes it again
            else:
                store.rm(written)


def describe_cause(error: BaseException) -> str:
    """Return what the system or a library says of an error, without its number and path."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


@contextmanager
def named_access(verb: str, path: str, kind: type[XlnetDataError] = CorpusError) -> Iterator[None]:
    """Make named errors of whatever goes wrong: every store's client has exceptions of its own."""
    try:
        yield
    except ImportError as error:
        extra = _EXTRAS.get(urlsplit(path).scheme)
        hint = f"pip install 'xlnet-data[{extra}]'" if extra else describe_cause(error)
        raise kind(f"cannot {verb} {path}: a package is missing: {hint}") from error
    except Exception as error:
        said = describe_cause(error)
        if isinstance(error, FileNotFoundError) and not error.strerror:
            said = f"no such bucket or file ({said})"
        raise kind(f"cannot {verb} {path}: {said}") from error
