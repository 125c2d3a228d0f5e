"""Lists, moves and removes the files of a folder, a local one or one of a store."""

import contextlib
import os
import shutil
from collections.abc import Iterator

import fsspec

from xlnet_data.errors import ShardError
from xlnet_data.files.stores import describe_cause, is_url


def join_path(folder: str, name: str) -> str:
    """Return the path or URL of a file in a folder.

    >>> join_path("s3://bucket/data/", "train/a"), join_path("/data", "a")
    ('s3://bucket/data/train/a', '/data/a')
    """
    return f"{folder.rstrip('/')}/{name}"


def list_names(folder: str) -> list[str]:
    """Return the paths, relative to a folder, of all files in it and below it, sorted; none if it does not exist.

    Raises:
        ShardError: It cannot be listed.
    """
    with _named("list", folder):
        if is_url(folder):
            store, path = fsspec.core.url_to_fs(folder)
            store.invalidate_cache()
            root = path.rstrip("/") + "/"
            return sorted(name.removeprefix(root) for name in store.find(path) if name.startswith(root))
        return sorted(
            os.path.relpath(os.path.join(parent, name), folder)
            for parent, _, names in os.walk(folder)
            for name in names
        )


def move_file(path: str, target: str) -> None:
    """Move a file; one that is at its target already stays there.

    Raises:
        ShardError: It is in neither place, or the store or the disk does not take it.
    """
    with _named("write", target):
        if is_url(path):
            store, source = fsspec.core.url_to_fs(path)
            store.invalidate_cache()
            _, end = fsspec.core.url_to_fs(target)
            if store.exists(source) or not store.exists(end):
                store.mv(source, end)
            return
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            os.replace(path, target)
        except FileNotFoundError:
            if not os.path.exists(target):
                raise


def remove_file(path: str) -> None:
    """Remove a file if it is there.

    Raises:
        ShardError: The store or the disk does not let it go.
    """
    with _named("remove", path), contextlib.suppress(FileNotFoundError):
        if is_url(path):
            store, name = fsspec.core.url_to_fs(path)
            store.rm(name)
        else:
            os.remove(path)


def remove_folder(folder: str) -> None:
    """Remove a folder and all that is in it, if it is there.

    Raises:
        ShardError: The store or the disk does not let it go.
    """
    with _named("remove", folder), contextlib.suppress(FileNotFoundError):
        if is_url(folder):
            store, name = fsspec.core.url_to_fs(folder)
            store.invalidate_cache()
            store.rm(name, recursive=True)
        else:
            shutil.rmtree(folder)


@contextlib.contextmanager
def _named(verb: str, path: str) -> Iterator[None]:
    """Make a named error of whatever goes wrong: every store's client has exceptions of its own."""
    try:
        yield
    except Exception as error:
        raise ShardError(f"cannot {verb} {path}: {describe_cause(error)}") from error
