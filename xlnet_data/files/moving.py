"""Lists, moves and removes the files of a folder, a local one or one of a store, and what killed writers left."""

import contextlib
import os
import posixpath
import re
import shutil
from urllib.parse import urlsplit

from xlnet_data.errors import ShardError
from xlnet_data.files.clients import client_of
from xlnet_data.files.stores import is_url, named_access

_PARTIAL = re.compile(r"\.[0-9a-f]{32}\.tmp$")
"""The end of the name under which `atomic_write` writes where a file would be seen before it is whole."""


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
    with named_access("list", folder, ShardError):
        if is_url(folder):
            store, path = client_of(folder)
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
    with named_access("write", target, ShardError):
        if is_url(path):
            store, source = client_of(path)
            store.invalidate_cache()
            _, end = client_of(target)
            if store.exists(source) or not store.exists(end):
                if store.protocol == "hdfs":  # which, unlike the others, has folders, and replaces no file unasked
                    store.makedirs(posixpath.dirname(end), exist_ok=True)
                    store.mv(source, end, overwrite=True)
                else:
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
    with named_access("remove", path, ShardError), contextlib.suppress(FileNotFoundError):
        if is_url(path):
            store, name = client_of(path)
            store.rm(name)
        else:
            os.remove(path)


def remove_folder(folder: str) -> None:
    """Remove a folder and all that is in it, or a file, if it is there.

    Raises:
        ShardError: The store or the disk does not let it go.
    """
    with named_access("remove", folder, ShardError), contextlib.suppress(FileNotFoundError):
        if is_url(folder):
            store, name = client_of(folder)
            store.invalidate_cache()
            store.rm(name, recursive=True)
        elif os.path.isdir(folder):
            shutil.rmtree(folder)
        else:
            os.remove(folder)


def remove_partial(folder: str) -> None:
    """Remove what killed writers left below a folder, into which nobody may be writing: partial files, uploads to S3.

    Raises:
        ShardError: The store or the disk does not let it go.
    """
    for name in list_names(folder):
        if _PARTIAL.search(name):
            remove_file(join_path(folder, name))
    if urlsplit(folder).scheme == "s3":
        _abort_uploads(folder)


def _abort_uploads(folder: str) -> None:
    """Give up the uploads to a folder of S3 that nobody finishes.

    An object is uploaded in parts, which stay, unseen and paid for, until the upload is completed or aborted; where an
    account may not list them, a rule of the bucket has to.
    """
    with named_access("write", folder, ShardError):
        store, path = client_of(folder)
        bucket, prefix, _ = store.split_path(f"{path}/")
        asked = {"Bucket": bucket, "Prefix": prefix}
        while True:
            try:
                found = store.call_s3("list_multipart_uploads", **asked)
            except (PermissionError, NotImplementedError):
                return
            for upload in found.get("Uploads", ()):
                store.abort_mpu(bucket, upload["Key"], upload["UploadId"])
            if not found.get("IsTruncated"):
                return
            asked |= {"KeyMarker": found["NextKeyMarker"], "UploadIdMarker": found["NextUploadIdMarker"]}
