"""Reads documents: one module per corpus format, and the table of them. No filter, no token comes in."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from xlnet_data.corpora.books import BooksSettings, is_books_cuttable, read_books
from xlnet_data.corpora.clueweb import CluewebSettings, read_clueweb
from xlnet_data.corpora.commoncrawl import (
    CommoncrawlSettings,
    listed_paths,
    read_commoncrawl_warc,
    read_commoncrawl_wet,
)
from xlnet_data.corpora.gigaword import GigawordSettings, is_gigaword_cuttable, read_gigaword
from xlnet_data.corpora.jsonl import read_jsonl
from xlnet_data.corpora.parquet import is_parquet_cuttable, read_parquet
from xlnet_data.corpora.pieces.lines import is_cuttable_by_lines
from xlnet_data.corpora.pieces.records import RecordSettings
from xlnet_data.corpora.recognition import check_format
from xlnet_data.corpora.text import TextSettings, read_text
from xlnet_data.corpora.warc.reading import is_warc_cuttable
from xlnet_data.corpora.wikiextractor import WikiextractorSettings, read_wikiextractor
from xlnet_data.corpora.wikipedia import WikipediaSettings, is_wikipedia_cuttable, read_wikipedia
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document


@dataclass(frozen=True)
class Format:
    """How to read one corpus format.

    Attributes:
        settings: Frozen dataclass of the keys that a ``[[corpora]]`` section of this format takes beyond common ones.
        read: Yields the documents that begin in a range of a file; a record that cannot be parsed is a Document whose
            reason is MALFORMED and whose doc_id names the file and the offset; an input that ends in the middle raises
            TruncatedError after all that could be read.
        is_cuttable: Whether documents can be found from any byte of a file on.
        path_settings: Keys of the settings that name files, relative to the config file.
        expand_path: Takes an entry of ``paths``, the config's folder and the settings; returns the paths that the entry
            stands for: itself, or those that it lists.
    """

    settings: type[Any]
    read: Callable[[FileRange, Any], Iterator[Document]]
    is_cuttable: Callable[[InputFile, Any], bool]
    path_settings: tuple[str, ...] = ()
    expand_path: Callable[[str, str, Any], list[str]] = lambda path, base_dir, settings: [path]


_FORMATS: dict[str, Format] = {
    "text": Format(TextSettings, read_text, is_cuttable_by_lines),
    "books": Format(BooksSettings, read_books, is_books_cuttable),
    "jsonl": Format(RecordSettings, read_jsonl, is_cuttable_by_lines),
    "parquet": Format(RecordSettings, read_parquet, is_parquet_cuttable),
    "wikipedia": Format(WikipediaSettings, read_wikipedia, is_wikipedia_cuttable),
    "wikiextractor": Format(WikiextractorSettings, read_wikiextractor, is_cuttable_by_lines),
    "gigaword": Format(GigawordSettings, read_gigaword, is_gigaword_cuttable, ("bad_documents",)),
    "clueweb": Format(CluewebSettings, read_clueweb, is_warc_cuttable),
    "commoncrawl-wet": Format(CommoncrawlSettings, read_commoncrawl_wet, is_warc_cuttable, expand_path=listed_paths),
    "commoncrawl-warc": Format(CommoncrawlSettings, read_commoncrawl_warc, is_warc_cuttable, expand_path=listed_paths),
}


_WHOLE_FILES = ("text", "books", "parquet")
"""Formats whose readers see a blank file too: an empty document, or damaged Parquet. To others it holds nothing."""


def _with_check(name: str, form: Format) -> Format:
    """Return a format whose reader refuses files of other formats, wherever it begins at a file's first byte."""

    @functools.wraps(form.read)
    def read(file_range: FileRange, settings: Any) -> Iterator[Document]:
        if file_range.start == 0 and not check_format(file_range.path, name) and name not in _WHOLE_FILES:
            return
        yield from form.read(file_range, settings)

    return replace(form, read=read)


FORMATS: dict[str, Format] = {name: _with_check(name, form) for name, form in _FORMATS.items()}
"""Every format by its name in the config."""
