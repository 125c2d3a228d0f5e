"""One parser per corpus format, and the table of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from xlnet_data.corpora.books import BooksSettings, is_books_splittable, read_books
from xlnet_data.corpora.clueweb import CluewebSettings, is_clueweb_splittable, read_clueweb
from xlnet_data.corpora.commoncrawl import (
    CommoncrawlSettings,
    is_commoncrawl_splittable,
    listed_paths,
    read_commoncrawl_warc,
    read_commoncrawl_wet,
)
from xlnet_data.corpora.gigaword import GigawordSettings, is_gigaword_splittable, read_gigaword
from xlnet_data.corpora.jsonl import JsonlSettings, is_jsonl_splittable, read_jsonl
from xlnet_data.corpora.parquet import ParquetSettings, is_parquet_splittable, read_parquet
from xlnet_data.corpora.text import TextSettings, is_text_splittable, read_text
from xlnet_data.corpora.wikiextractor import WikiextractorSettings, is_wikiextractor_splittable, read_wikiextractor
from xlnet_data.corpora.wikipedia import WikipediaSettings, is_wikipedia_splittable, read_wikipedia
from xlnet_data.inputs import InputFile, Split
from xlnet_data.schemas.document import Document


@dataclass(frozen=True)
class Format:
    """How to read one corpus format.

    Attributes:
        settings: Frozen dataclass of the keys that a ``[[corpora]]`` section of this format takes beyond common ones.
        read: Yields the documents that begin in a split; a record that cannot be parsed is a Document whose reason is
            MALFORMED and whose doc_id names the file and the offset; an input that ends in the middle raises
            TruncatedError after all that could be read.
        is_splittable: Whether documents can be found from any byte of a file on.
        path_settings: Keys of the settings that name files, relative to the config file.
        expand_path: The files that one entry of ``paths`` stands for where it is a list of files.
    """

    settings: type[Any]
    read: Callable[[Split, Any], Iterator[Document]]
    is_splittable: Callable[[InputFile, Any], bool]
    path_settings: tuple[str, ...] = ()
    expand_path: Callable[[str, Any], list[str]] = lambda path, _: [path]


FORMATS: dict[str, Format] = {
    "text": Format(TextSettings, read_text, is_text_splittable),
    "books": Format(BooksSettings, read_books, is_books_splittable),
    "jsonl": Format(JsonlSettings, read_jsonl, is_jsonl_splittable),
    "parquet": Format(ParquetSettings, read_parquet, is_parquet_splittable),
    "wikipedia": Format(WikipediaSettings, read_wikipedia, is_wikipedia_splittable),
    "wikiextractor": Format(WikiextractorSettings, read_wikiextractor, is_wikiextractor_splittable),
    "gigaword": Format(GigawordSettings, read_gigaword, is_gigaword_splittable, ("bad_documents",)),
    "clueweb": Format(CluewebSettings, read_clueweb, is_clueweb_splittable),
    "commoncrawl-wet": Format(
        CommoncrawlSettings, read_commoncrawl_wet, is_commoncrawl_splittable, expand_path=listed_paths
    ),
    "commoncrawl-warc": Format(
        CommoncrawlSettings, read_commoncrawl_warc, is_commoncrawl_splittable, expand_path=listed_paths
    ),
}
"""Every format by its name in the config."""
