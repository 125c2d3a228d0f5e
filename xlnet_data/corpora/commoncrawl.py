"""Common Crawl: WET files (text that Common Crawl extracted) and WARC files (the pages themselves; CC-NEWS too)."""

import glob
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from xlnet_data.corpora.guards import read_guarded
from xlnet_data.corpora.warc.reading import malformed, read_records
from xlnet_data.corpora.warc.records import WarcRecord
from xlnet_data.errors import ConfigError, CorpusError
from xlnet_data.files.locations import locate, match_pattern
from xlnet_data.files.opening import open_decompressed
from xlnet_data.files.ranges import FileRange
from xlnet_data.files.stores import is_url
from xlnet_data.schemas.document import Document, Reason

_LANGUAGE = re.compile(r"[a-z]{3}")
_LIST_NAME = re.compile(r"\.paths(?:\.(?:gz|bz2|xz|zst|lz4))?$")
_UNTIDY = re.compile(rb"\n\s")
_LIST_BYTES = 1 << 30


@dataclass(frozen=True)
class CommoncrawlSettings:
    """Settings of the formats ``commoncrawl-wet`` and ``commoncrawl-warc``.

    Raises:
        ConfigError: A value is out of range.
    """

    languages: tuple[str, ...] = ()
    """Keep only records in one of these languages (ISO 639-3, e.g. "eng"), as far as Common Crawl identified any
    (WARC-Identified-Content-Language, since 2018); empty keeps all."""
    base_url: str = "https://data.commoncrawl.org/"
    """What the paths in a list of paths (``wet.paths.gz``) are relative to: a URL, or a folder as ``paths`` has it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "languages", tuple(self.languages))
        for language in self.languages:
            if not _LANGUAGE.fullmatch(language):
                raise ConfigError(f'languages takes codes of three letters (ISO 639-3) such as "eng": got {language!r}')
        if not self.base_url:
            raise ConfigError('base_url must not be empty: "." is the config\'s folder')


def read_commoncrawl_wet(file_range: FileRange, settings: CommoncrawlSettings) -> Iterator[Document]:
    """Yield the texts of the ``conversion`` records that begin in a range of a file; a line is a paragraph.

    Of a conversion to HTML it is the page's text, of one to something else NOT_TEXT. A document's id is its
    WARC-Record-ID, which the writer made for this text alone.

    Raises:
        CorpusError: The file cannot be opened, or is no WET file.
        TruncatedError: The file ends inside a record; what came before has been yielded.
    """
    for record in read_records(file_range):
        kind = record.kind
        if record.reason or not kind:
            yield malformed(file_range, record)
        elif kind == "conversion":
            doc_id, url = record.doc_id(file_range), record.target
            yield read_guarded(file_range, doc_id, _parse_conversion, record, settings, url=url)
        elif kind == "response":
            raise CorpusError(f'{file_range.path} holds web pages, not WET text: its format is "commoncrawl-warc"')
        elif kind == "metadata" and record.text(b"Content-Type").startswith("application/json"):
            raise CorpusError(
                f"{file_range.path} is a WAT file, which holds no text: take the .wet or .warc file of the same name"
            )


def read_commoncrawl_warc(file_range: FileRange, settings: CommoncrawlSettings) -> Iterator[Document]:
    """Yield the main texts of the pages in the records that begin in a range of a file.

    They are ``response`` records, and ``resource`` records of HTML, which hold a page without its HTTP header. A
    document's id is its WARC-Record-ID.

    Raises:
        CorpusError: The file cannot be opened, or is no WARC file of pages.
        TruncatedError: The file ends inside a record; what came before has been yielded.
    """
    from xlnet_data.corpora.warc.web_pages import is_page, read_page  # here: other corpora need not wait for it

    for record in read_records(file_range):
        kind = record.kind
        if record.reason or not kind:
            yield malformed(file_range, record)
        elif is_page(record, kind):
            doc_id = record.doc_id(file_range)
            if unwanted := _unwanted_language(record, settings):
                url = record.target
                yield Document(file_range.corpus, doc_id, "", Reason.LANGUAGE, cause=unwanted, url=url)
            else:
                yield read_page(file_range, doc_id, record)
        elif kind == "conversion":
            raise CorpusError(
                f'{file_range.path} is a WET file, which holds text, not pages: its format is "commoncrawl-wet"'
            )


def listed_paths(path: str, base_dir: str, settings: CommoncrawlSettings) -> list[str]:
    """Return the paths that a list of paths names, made absolute; any other path is returned alone.

    Args:
        path: One entry of a corpus's ``paths``; lists if it ends in ``.paths``, or then in a compression's extension.
        base_dir: What a relative entry is relative to.
        settings: Its base_url goes before the relative paths in the list.

    Raises:
        CorpusError: A list cannot be read.
    """
    if not _LIST_NAME.search(path):
        return [path]
    found = match_pattern(path, base_dir) if glob.has_magic(path) else []
    lists = sorted(name for name, _ in found) or [locate(path, base_dir)]
    return [name for listed in lists for name in _read_list(listed, settings.base_url.rstrip("/"))]


def _read_list(path: str, base: str) -> list[str]:
    with closing(open_decompressed(path)) as reader:
        try:
            lines = reader.read(_LIST_BYTES).decode("utf-8-sig").split("\n")
        except (OSError, EOFError, ValueError) as error:
            raise CorpusError(f"cannot read the list of paths {path}: {error}") from error
    names = [line.strip() for line in lines if line.strip()]
    return [name if is_url(name) or name.startswith("/") else f"{base}/{name}" for name in names]


def _parse_conversion(unread: Document, record: WarcRecord, settings: CommoncrawlSettings) -> Document:
    if unwanted := _unwanted_language(record, settings):
        return replace(unread, reason=Reason.LANGUAGE, cause=unwanted)
    if (content_type := record.text(b"Content-Type")) and not content_type.lower().startswith("text/plain"):
        from xlnet_data.corpora.warc.web_pages import parse_page  # here: other corpora need not wait for it

        return parse_page(unread, record)
    text = _paragraphs(record.block.strip())
    reason = None if text else Reason.EMPTY
    return Document(unread.corpus, unread.doc_id, text, reason, url=unread.url)  # replace takes three times as long


def _paragraphs(block: bytes) -> str:
    r"""Return a text with a blank line after every line.

    >>> _paragraphs(b"Home\nAbout us\r\n \n\nText.")
    'Home\n\nAbout us\n\nText.'
    """
    if _UNTIDY.search(block) or b"\r" in block:
        return "\n\n".join(filter(None, map(str.strip, block.decode("utf-8", "replace").split("\n"))))
    return block.replace(b"\n", b"\n\n").decode("utf-8", "replace")  # as nearly all are: five times as fast


def _unwanted_language(record: WarcRecord, settings: CommoncrawlSettings) -> str:
    """Return which languages a record is in and which are wanted, if it is in none of these; else ""."""
    identified = record.text(b"WARC-Identified-Content-Language") if settings.languages else ""
    if not identified or any(language.strip() in settings.languages for language in identified.split(",")):
        return ""
    return f"{identified}, languages = {', '.join(settings.languages)}"
