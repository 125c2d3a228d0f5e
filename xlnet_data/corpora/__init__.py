"""One parser per corpus format, and the table of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from xlnet_data.corpora.books import BooksSettings, is_books_cuttable, read_books
from xlnet_data.corpora.clueweb import CluewebSettings, is_clueweb_cuttable, read_clueweb
from xlnet_data.corpora.commoncrawl import (
    CommoncrawlSettings,
    is_commoncrawl_cuttable,
    listed_paths,
    read_commoncrawl_warc,
    read_commoncrawl_wet,
)
from xlnet_data.corpora.gigaword import GigawordSettings, is_gigaword_cuttable, read_gigaword
from xlnet_data.corpora.jsonl import JsonlSettings, is_jsonl_cuttable, read_jsonl
from xlnet_data.corpora.parquet import ParquetSettings, is_parquet_cuttable, read_parquet
from xlnet_data.corpora.text import TextSettings, is_text_cuttable, read_text
from xlnet_data.corpora.wikiextractor import WikiextractorSettings, is_wikiextractor_cuttable, read_wikiextractor
from xlnet_data.corpora.wikipedia import WikipediaSettings, is_wikipedia_cuttable, read_wikipedia
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document


@dataclass(frozen=True)
class Format:
    """How to read one corpus format.

    Attributes:
        settings: Frozen dataclass of the keys that a ``[[corpora]]`` section of this format takes beyond common ones.
        read: Yields the documents that begin in a file range; a record that cannot be parsed is a Document whose reason
            is MALFORMED and whose doc_id names the file and the offset; an input that ends in the middle raises
            TruncatedError after all that could be read.
        is_cuttable: Whether documents can be found from any byte of a file on.
        path_settings: Keys of the settings that name files, relative to the config file.
        expand_path: The files that one entry of ``paths`` stands for where it is a list of files.
    """

    settings: type[Any]
    read: Callable[[FileRange, Any], Iterator[Document]]
    is_cuttable: Callable[[InputFile, Any], bool]
    path_settings: tuple[str, ...] = ()
    expand_path: Callable[[str, Any], list[str]] = lambda path, _: [path]


FORMATS: dict[str, Format] = {
    "text": Format(TextSettings, read_text, is_text_cuttable),
    "books": Format(BooksSettings, read_books, is_books_cuttable),
    "jsonl": Format(JsonlSettings, read_jsonl, is_jsonl_cuttable),
    "parquet": Format(ParquetSettings, read_parquet, is_parquet_cuttable),
    "wikipedia": Format(WikipediaSettings, read_wikipedia, is_wikipedia_cuttable),
    "wikiextractor": Format(WikiextractorSettings, read_wikiextractor, is_wikiextractor_cuttable),
    "gigaword": Format(GigawordSettings, read_gigaword, is_gigaword_cuttable, ("bad_documents",)),
    "clueweb": Format(CluewebSettings, read_clueweb, is_clueweb_cuttable),
    "commoncrawl-wet": Format(
        CommoncrawlSettings, read_commoncrawl_wet, is_commoncrawl_cuttable, expand_path=listed_paths
    ),
    "commoncrawl-warc": Format(
        CommoncrawlSettings, read_commoncrawl_warc, is_commoncrawl_cuttable, expand_path=listed_paths
    ),
}
"""Every format by its name in the config."""
