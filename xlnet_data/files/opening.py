"""Opens files, local or remote, and decompresses what their first bytes say is compressed."""

import bz2
import contextlib
import io
import lzma
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, cast

from backports import zstd

from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files.stores import describe_cause, is_url, open_url

READ_BYTES = 1024 * 1024
"""Bytes of content that are read at a time."""

_MAGIC = {
    b"\x1f\x8b": ".gz",
    b"\xfd7zXZ": ".xz",
    b"\x28\xb5\x2f\xfd": ".zst",
    b"\x04\x22\x4d\x18": ".lz4",
}
_BZIP2 = re.compile(rb"BZh[1-9]")
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")  # a zstd frame that holds something else
_PACKED_DOCUMENT = re.compile(
    rb"PK\x03\x04.{26}(?:\[Content_Types\]\.xml|_rels/|docProps/|word/|mimetypeapplication/)", re.DOTALL
)
"""What a zip archive that is a document begins with: a .docx, .odt or .epub."""
_DICTIONARY = b"\x5d\x2a\x4d\x18"  # the zstd frame in which a WARC file brings the dictionary of the others
_MAX_DICTIONARY_BYTES = 64 * 1024 * 1024
_WINDOW_BITS = 31
"""Of the memory that decompression may look back on, 2 GiB: `zstd --long=31` asks for that, by which some corpora are
packed, and xz for no more than 1.5 GiB. It is taken only as far as there is content to fill it."""

_ZSTD_OPTIONS: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: _WINDOW_BITS}
_FED_BYTES = 64 * 1024
"""Bytes of a bzip2 or xz file that are unpacked at a time: at the end of each stream the rest of them is copied."""

_STREAMS: dict[str, Callable[[], "bz2.BZ2Decompressor | lzma.LZMADecompressor"]] = {
    ".bz2": bz2.BZ2Decompressor,
    ".xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, 1 << _WINDOW_BITS),
}


class _LocalFile(io.FileIO):
    """A local file's bytes, as a stream that names the file when reading fails, as of a broken disk."""

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        with self._named():
            return super().readinto(buffer)

    def readall(self) -> bytes:
        with self._named():
            return super().readall()

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CorpusError(f"cannot read {self.name}: {describe_cause(error)}") from error


def open_raw(path: str) -> BinaryIO:
    """Open a file's bytes as they lie on disk; an error while they are read is a CorpusError that names the file, too.

    Raises:
        CorpusError: The file cannot be opened.
    """
    if is_url(path):
        return open_url(path)
    try:
        mode = os.stat(path).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # to open a pipe waits for whoever may write into it
            raise CorpusError(f"cannot open {path}: it is a pipe or a device")
        return io.BufferedReader(_LocalFile(path))
    except OSError as error:
        raise CorpusError(f"cannot open {path}: {describe_cause(error)}") from error


def open_decompressed(path: str, buffer_bytes: int = READ_BYTES) -> BinaryIO:
    """Open a file's content, decompressed if its first bytes are those of gzip, bzip2, xz, zstd or lz4.

    The name does not matter: real corpora hold plain files named ``.gz`` and compressed files named anything. Whatever
    goes wrong while the content is read is a named error too: TruncatedError where the file ends in the middle
    (``read1`` has then returned all that came before), CorpusError where it is damaged.

    Args:
        path: Where the file lies.
        buffer_bytes: Bytes that are read at a time.

    Raises:
        CorpusError: The file cannot be opened, or is an archive of files.
    """
    raw = open_raw(path)
    try:
        buffered = io.BufferedReader(_Content(path, raw), buffer_bytes)
        head = buffered.peek(64)[:64]
        if _PACKED_DOCUMENT.match(head):
            raise CorpusError(f"cannot read {path}: it is an Office document or an e-book; extract its text first")
        if head.startswith(b"PK\x03\x04"):
            raise CorpusError(f"cannot read {path}: it is a zip archive of files; unpack it")
        found = compression_of(head)
        if found is None:
            return buffered
        decoder: BinaryIO
        if head.startswith(_DICTIONARY):
            decoder = _open_with_dictionary(buffered, path)
        elif found in _STREAMS:
            decoder = cast(BinaryIO, _Streams(path, buffered, _STREAMS[found]))
        else:
            from smart_open import compression  # takes a quarter of a second: every client of a store comes with it

            options = {"options": _ZSTD_OPTIONS} if found == ".zst" else None
            decoder = cast(BinaryIO, compression.compression_wrapper(buffered, "rb", found, compression_kwargs=options))
        if isinstance(decoder, io.BufferedReader):
            # this buffer would lose what it holds when the file ends in the middle
            decoder = cast(BinaryIO, decoder.detach())
        return io.BufferedReader(_Content(path, decoder, buffered), buffer_bytes)
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

    def __init__(self, path: str, content: BinaryIO, packed: BinaryIO | None = None) -> None:
        self._path = path
        self._content = content
        self._packed = packed

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
        self._content.close()
        if self._packed is not None:
            self._packed.close()
        super().close()


class _Streams(io.RawIOBase):
    """The content of a file's bzip2 or xz streams, between and behind which zero bytes may stand.

    Python's own files take whatever follows a stream and is none for the end, and leave out the streams behind it.
    """

    def __init__(
        self, path: str, packed: BinaryIO, make: "Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]"
    ) -> None:
        self._path = path
        self._packed = packed
        self._make = make
        self._decompressor = make()

    def read1(self, size: int) -> bytes:
        """Return up to so many bytes, none at the file's end.

        Raises:
            EOFError: The file ends in the middle of a stream.
            CorpusError: A stream asks for too much memory.
        """
        given = b""
        while True:
            if self._decompressor.eof:
                given = self._decompressor.unused_data.lstrip(b"\0")
                while not given and (block := self._packed.read1(_FED_BYTES)):  # type: ignore[attr-defined]
                    given = block.lstrip(b"\0")
                if not given:
                    return b""
                self._decompressor = self._make()
            elif self._decompressor.needs_input and not (given := self._packed.read1(_FED_BYTES)):  # type: ignore[attr-defined]
                raise EOFError
            try:
                data = self._decompressor.decompress(given, size)
            except lzma.LZMAError as error:
                if "Memory" not in str(error):
                    raise
                needs = f"it needs more than {1 << _WINDOW_BITS:,} bytes of memory to be unpacked"
                raise CorpusError(f"cannot read {self._path}: {needs}: pack it anew") from error
            if data:
                return data
            given = b""


def compression_of(head: bytes) -> str | None:
    """Return the usual extension of the compression that the first bytes belong to, None if there is none.

    >>> compression_of(b"BZh91AY"), compression_of(b"plain")
    ('.bz2', None)
    """
    if _SKIPPABLE.match(head):
        return ".zst"
    if _BZIP2.match(head):
        return ".bz2"
    return next((extension for magic, extension in _MAGIC.items() if head.startswith(magic)), None)


def _open_with_dictionary(content: BinaryIO, path: str) -> BinaryIO:
    """Open zstd frames before which a file holds the dictionary that they need, itself compressed or not.

    Raises:
        CorpusError: It is no dictionary.
    """
    size = int.from_bytes(content.read(8)[4:], "little")
    packed = content.read(min(size, _MAX_DICTIONARY_BYTES))
    try:
        if packed.startswith(b"\x28\xb5\x2f\xfd"):
            packed = zstd.ZstdDecompressor().decompress(packed, _MAX_DICTIONARY_BYTES)
        dictionary = zstd.ZstdDict(packed)
    except (zstd.ZstdError, ValueError) as error:
        raise CorpusError(f"cannot read {path}: its zstd dictionary is damaged ({describe_cause(error)})") from error
    return cast(BinaryIO, zstd.ZstdFile(content, zstd_dict=dictionary, options=_ZSTD_OPTIONS))


def is_compressed(path: str) -> bool:
    """Return whether a file's first bytes are those of a compression.

    Raises:
        CorpusError: The file cannot be opened.
    """
    with open_raw(path) as raw:
        return compression_of(raw.read(8)) is not None


def _skip(content: BinaryIO, num_bytes: int) -> None:
    try:
        content.seek(num_bytes)
    except io.UnsupportedOperation:  # an http server without ranges
        while num_bytes > 0 and (block := content.read(min(num_bytes, READ_BYTES))):
            num_bytes -= len(block)


def modified_time(path: str) -> int:
    """Return when a local file was last modified, in nanoseconds."""
    return os.stat(path).st_mtime_ns
