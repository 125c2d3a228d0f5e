"""Lists the files of a corpus, and cuts large files into ranges of bytes that are read independently."""

import glob
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from xlnet_data.errors import ConfigError, CorpusError
from xlnet_data.files.locations import common_folder, fixed_folder, locate, match_pattern
from xlnet_data.files.stores import is_url
from xlnet_data.showing import name_of_bytes

RANGE_BYTES = 8 * 1024 * 1024
"""Bytes on disk of a range. A constant, not a setting: neither documents nor the bytes written depend on it."""

MAX_REQUESTS = 32
"""Patterns that are looked up at the same time, so that slow servers are waited for together."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file of a corpus.

    Attributes:
        path: Where it lies: a local path or a URL.
        file_id: Its name within the corpus, independent of where the corpus lies; document ids begin with it.
        size: Bytes on disk; -1 if the server does not say.
    """

    path: str
    file_id: str
    size: int


@dataclass(frozen=True, slots=True)
class FileRange:
    """A range of bytes of one file. Whoever reads it reads every document that begins in it, to that document's end.

    Attributes:
        corpus: The corpus's name in the config.
        path: Where the file lies: a local path or a URL.
        file_id: The file's name within the corpus; document ids begin with it.
        start: First byte on disk.
        end: Byte on disk after the last; -1 means to the end of the file.
    """

    corpus: str
    path: str
    file_id: str
    start: int = 0
    end: int = -1

    def __str__(self) -> str:
        """Return the path, with the byte range if it is not the whole file."""
        return self.path if self.is_whole_file else f"{self.path} (bytes {self.start} to {self.end})"

    @property
    def is_whole_file(self) -> bool:
        """True: the range is the whole file."""
        return self.start == 0 and self.end == -1

    def id_at(self, offset: int | str) -> str:
        """Return the id of the document that begins at an offset of the file, unless the document has a name."""
        return f"{self.file_id}@{offset}"


def list_files(patterns: Sequence[str], base_dir: str) -> list[InputFile]:
    """Return the files that the patterns match, sorted by file_id, each once, however many links lead to it.

    A file_id is the path relative to the deepest folder that all patterns share, so it does not change when the
    corpus is moved or when files are added.

    Args:
        patterns: Local paths, globs (``**`` for any depth), or URLs (globs on s3:// gs:// hdfs:// file://).
        base_dir: What relative paths are relative to.

    Raises:
        CorpusError: A pattern matches no file, or what it names cannot be listed.
        ConfigError: Two files would get the same file_id.
    """
    roots = {
        kind: common_folder([fixed_folder(pattern, base_dir) for pattern in patterns if is_url(pattern) is kind])
        for kind in (False, True)
    }
    files: dict[str, InputFile] = {}
    with ThreadPoolExecutor(MAX_REQUESTS) as pool:
        found = list(pool.map(lambda pattern: match_pattern(pattern, base_dir), patterns))
    for pattern, matches in zip(patterns, found, strict=True):
        if not matches:
            looked_for, hint = locate(pattern, base_dir), _hint_for(pattern, base_dir)
            raise CorpusError(f"no file matches {pattern!r} of `paths` in the config (looked for {looked_for}): {hint}")
        root = roots[is_url(pattern)]
        for path, size in matches:
            file = InputFile(path, name_of_bytes(path.removeprefix(root).lstrip("/")), size)
            if files.setdefault(file.file_id, file).path != path:
                raise ConfigError(f"{files[file.file_id].path} and {path} get the same id: make two corpora of them")
    return list(_once([files[file_id] for file_id in sorted(files)]))


def _hint_for(pattern: str, base_dir: str) -> str:
    """Return what to do about a pattern that matches no file."""
    looked_for = locate(pattern, base_dir)
    if not is_url(pattern) and os.path.isdir(looked_for):
        return f"it is a folder: write {os.path.join(pattern, '*')!r}"
    if not is_url(pattern) and any(map(os.path.isdir, glob.iglob(looked_for, recursive=True))):
        return f"it matches folders alone: write {os.path.join(pattern, '*')!r}"
    if re.search(r"\{[^{}]*,[^{}]*\}", pattern):
        return "{a,b} is no wildcard: write an entry for each"
    if re.search(r"\$\w|\$\{", pattern):
        return "variables are not filled in: write what it stands for"
    if pattern.startswith("file:") and "%" in pattern:
        return "characters stand for themselves in file:// URLs: write them without %"
    return "correct it"


def _once(files: Sequence[InputFile]) -> Iterator[InputFile]:
    """Yield the files, but for links to one that is among them, and for all links but the first to one that is not.

    Where links lead is asked only of files of which another has the size.
    """
    paths, seen = {file.path for file in files}, set()
    sizes = Counter(file.size for file in files)
    for file in files:
        if sizes[file.size] > 1 and not is_url(file.path):
            target = os.path.realpath(file.path)
            if file.path != target and (target in paths or target in seen):
                continue
            seen.add(target)
        yield file


def cut_file(file: InputFile, corpus: str, is_cuttable: bool) -> Iterator[FileRange]:
    """Cut a file into ranges of RANGE_BYTES, or into one range if its documents cannot be found from its middle."""
    if not is_cuttable or file.size <= RANGE_BYTES:
        yield FileRange(corpus, file.path, file.file_id)
        return
    for start in range(0, file.size, RANGE_BYTES):
        yield FileRange(corpus, file.path, file.file_id, start, min(start + RANGE_BYTES, file.size))
