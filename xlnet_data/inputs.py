"""Which files a corpus has, how they are cut into splits, and how to open them."""

import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO, cast

import smart_open
from smart_open import compression

from xlnet_data.errors import ConfigError, CorpusError, TruncatedError
from xlnet_data.locations import common_folder, describe_cause, fixed_folder, is_url, locate, match_pattern

SPLIT_BYTES = 8 * 1024 * 1024
"""Bytes on disk of a split. A constant, not a knob: no document depends on it, and neither do the bytes written."""

READ_BYTES = 1024 * 1024
"""Bytes of content that are read at a time."""

_MAGIC = {
    b"\x1f\x8b": ".gz",
    b"BZh": ".bz2",
    b"\xfd7zXZ": ".xz",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"\x04\x22\x4d\x18": ".lz4",
}

MAX_REQUESTS = 32
"""Servers' answers to wait for at a time when files are listed."""


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
class Split:
    """A range of bytes of one file: the documents that begin in it are this split's, whole.

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
        """True: the split is the whole file."""
        return self.start == 0 and self.end == -1


def list_files(patterns: Sequence[str], base_dir: str) -> list[InputFile]:
    """Return the files that the patterns match, sorted by file_id, each once.

    A file_id is the path relative to the deepest folder that all patterns share, so it does not change when the
    corpus is moved or when files are added.

    Args:
        patterns: Local paths, globs (``**`` for any depth), or URLs (globs on s3:// gs:// hdfs:// file://).
        base_dir: What relative paths are relative to.

    Raises:
        CorpusError: A pattern matches no file, or what it names cannot be listed.
        ConfigError: Two files would get the same file_id.
    """
    absolute = [locate(pattern, base_dir) for pattern in patterns]
    roots = {kind: common_folder([fixed_folder(p) for p in absolute if is_url(p) is kind]) for kind in (False, True)}
    files: dict[str, InputFile] = {}
    with ThreadPoolExecutor(MAX_REQUESTS) as pool:
        found = list(pool.map(match_pattern, absolute))
    for pattern, shown, matches in zip(absolute, patterns, found, strict=True):
        if not matches:
            is_folder = not is_url(pattern) and os.path.isdir(pattern)
            hint = f"it is a folder: write {shown.rstrip('/') + '/*'!r}" if is_folder else "correct it"
            raise CorpusError(f"no file matches {shown!r} of `paths` in the config (looked for {pattern}): {hint}")
        root = roots[is_url(pattern)]
        for path, size in matches:
            file = InputFile(path, path.removeprefix(root).lstrip("/"), size)
            if files.setdefault(file.file_id, file).path != path:
                raise ConfigError(f"{files[file.file_id].path} and {path} get the same id: make two corpora of them")
    return [files[file_id] for file_id in sorted(files)]


def open_raw(path: str) -> BinaryIO:
    """Open a file's bytes as they lie on disk.

    Raises:
        CorpusError: The file cannot be opened.
    """
    try:
        if is_url(path):
            return cast(BinaryIO, smart_open.open(path, "rb", compression="disable"))
        return open(path, "rb")
    except ImportError as error:
        extra = {"s3": "s3", "gs": "gcs"}.get(path.partition("://")[0], "")
        hint = f"pip install 'xlnet-data[{extra}]'" if extra else describe_cause(error)
        raise CorpusError(f"cannot open {path}: a package is missing: {hint}") from error
    except Exception as error:  # every network client has exceptions of its own
        raise CorpusError(f"cannot open {path}: {describe_cause(error)}") from error


def open_decompressed(path: str) -> BinaryIO:
    """Open a file's content, decompressed if its first bytes are those of gzip, bzip2, xz, zstd or lz4.

    The name does not matter: real corpora hold plain files named ``.gz`` and compressed files named anything. Whatever
    goes wrong while the content is read is a named error too: TruncatedError where the file ends in the middle
    (``read1`` has then returned all that came before), CorpusError where it is damaged.

    Raises:
        CorpusError: The file cannot be opened, or is an archive of files.
    """
    raw = open_raw(path)
    try:
        buffered = io.BufferedReader(_Content(path, raw), READ_BYTES)
        head = buffered.peek(8)[:8]
        if head.startswith(b"PK\x03\x04"):
            raise CorpusError(f"cannot read {path}: it is a zip archive of files; unpack it")
        found = compression_of(head)
        if found is None:
            return buffered
        decoder = compression.compression_wrapper(buffered, "rb", found)
        if isinstance(decoder, io.BufferedReader):
            decoder = decoder.detach()  # this buffer would lose what it holds when the file ends in the middle
        return io.BufferedReader(_Content(path, decoder, (buffered,)), READ_BYTES)
    except BaseException:
        raw.close()
        raise


def read_blocks(path: str, start: int = 0) -> Iterator[bytes]:
    """Yield a file's content in blocks of about READ_BYTES, none empty.

    Args:
        path: Where the file lies.
        start: The byte of the content to begin at; above 0 only for files that are not compressed.

    Raises:
        CorpusError: The file cannot be opened, or is damaged.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    with open_decompressed(path) as content:
        if start:
            _skip(content, start)
        while block := content.read1(READ_BYTES):  # type: ignore[attr-defined] # BinaryIO leaves it out
            yield block


class _Content(io.RawIOBase):
    """A file's content, as a stream that names the file when reading fails."""

    def __init__(self, path: str, content: BinaryIO, below: tuple[BinaryIO, ...] = ()) -> None:
        self._path = path
        self._content = content
        self._below = below

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._content.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._content.seek(offset, whence)

    def tell(self) -> int:
        return self._content.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._content.read1(len(buffer))  # type: ignore[attr-defined] # BinaryIO leaves it out
            if not data and any(stream.read(1) for stream in self._below):
                raise ValueError("its compressed data ends before the file")  # bzip2 and xz would end here in silence
        except CorpusError:
            raise
        except EOFError as error:
            keep = 'get a whole copy, or set on_truncated = "keep"'
            raise TruncatedError(f"{self._path}: ends in the middle of its compressed data: {keep}") from error
        except Exception as error:  # every decoder and every network client has exceptions of its own
            raise CorpusError(f"cannot read {self._path}: it is damaged ({describe_cause(error)})") from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        for stream in (self._content, *self._below):
            stream.close()
        super().close()


def compression_of(head: bytes) -> str | None:
    """Return the usual extension of the compression that the first bytes belong to, None if there is none.

    >>> compression_of(b"BZh91AY"), compression_of(b"plain")
    ('.bz2', None)
    """
    return next((extension for magic, extension in _MAGIC.items() if head.startswith(magic)), None)


def is_compressed(path: str) -> bool:
    """Return whether a file's first bytes are those of a compression.

    Raises:
        CorpusError: The file cannot be opened.
    """
    with open_raw(path) as raw:
        return compression_of(raw.read(8)) is not None


def split_file(file: InputFile, corpus: str, is_splittable: bool) -> Iterator[Split]:
    """Cut a file into splits of SPLIT_BYTES, or one if it cannot be cut."""
    if not is_splittable or file.size <= SPLIT_BYTES:
        yield Split(corpus, file.path, file.file_id)
        return
    for start in range(0, file.size, SPLIT_BYTES):
        yield Split(corpus, file.path, file.file_id, start, min(start + SPLIT_BYTES, file.size))


def _skip(content: BinaryIO, num_bytes: int) -> None:
    try:
        content.seek(num_bytes)
    except io.UnsupportedOperation:  # an http server without ranges
        while num_bytes > 0 and (block := content.read(min(num_bytes, READ_BYTES))):
            num_bytes -= len(block)


def modified_time(path: str) -> int:
    """Return when a local file was last modified, in nanoseconds."""
    return os.stat(path).st_mtime_ns
