"""Removes files, local or of a store, and what killed writers left of theirs."""

import contextlib
import glob
import os
import re

from xlnet_data.files.locations import match_pattern
from xlnet_data.files.stores import abort_uploads, is_url, remove_url
from xlnet_data.files.writing import named_write

_PARTIAL = re.compile(r"\.[0-9a-f]{32}\.tmp$")
"""The end of the name under which `atomic_write` writes where a file would be seen before it is whole."""


def files_in(folder: str) -> list[str]:
    """Return the paths or URLs of a folder's files, hidden ones left out; none if there is no such folder.

    Raises:
        CorpusError: The store cannot be reached.
    """
    pattern = f"{folder.rstrip('/') if is_url(folder) else glob.escape(folder)}/*"
    return sorted(path for path, _ in match_pattern(pattern, "/"))


def remove_file(path: str) -> None:
    """Remove a file; one that is gone already is no error.

    Raises:
        ShardError: It cannot be removed.
    """
    if is_url(path):
        remove_url(path)
        return
    with named_write(path), contextlib.suppress(FileNotFoundError):
        os.remove(path)


def remove_partial(folder: str, subfolders: tuple[str, ...]) -> None:
    """Remove what killed writers left of files that they did not finish: partial files, and uploads to S3.

    Args:
        folder: Path or URL of a dataset folder, into which nobody may be writing.
        subfolders: Its folders in which files are looked for, besides itself.

    Raises:
        XlnetDataError: The store cannot be reached, or a file cannot be removed.
    """
    for place in (folder, *(os.path.join(folder, name) for name in subfolders)):
        for path in files_in(place):
            if _PARTIAL.search(path):
                remove_file(path)
    abort_uploads(folder)
