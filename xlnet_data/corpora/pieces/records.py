"""Describes the settings of formats whose documents are records with fields: JSON lines and Parquet."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlnet_data.corpora.pieces.paragraphs import check_paragraphs
from xlnet_data.errors import ConfigError, CorpusError

RECORD_FIELDS = ("text_field", "id_field", "url_field", "title_field")
"""The keys that name a field or column."""

_FEWEST_PAGES = 5
_ESCAPE = re.compile(r"\\n(?![a-z])|\\u[0-9a-fA-F]{4}")
"""What JSON writes for a line's end or another character, in a text: it was written as JSON twice."""


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """The keys of a corpus of records.

    Raises:
        ConfigError: A value is out of range.
    """

    text_field: str = "text"
    """Field or column that holds the text; a dot leads into a nested one."""
    id_field: str = ""
    """Field or column that holds the document's id; "" makes ids of the file's name and the line's offset or the row's
    number."""
    url_field: str = ""
    """Field or column that says where the text comes from; "" for none."""
    title_field: str = ""
    """Field or column that holds the title by which people know the text; "" for none. It is no part of the text."""
    sentences: str = "split"
    """"split", sentence ends are found; "line", each line of the text is one sentence."""
    paragraphs: str = "line"
    """"line", each line is a paragraph; "blank-line", hard-wrapped text: a blank line ends a paragraph. With one
    sentence per line a blank line ends a paragraph, whatever this says."""

    def __post_init__(self) -> None:
        check_paragraphs(self.sentences, self.paragraphs)
        if not self.text_field:
            raise ConfigError("text_field must name the field or column that holds the text: got ''")


def joining_of(name: str, pieces: Sequence[object]) -> str:
    r"""Return what tells jq to make one text of a list: of strings, or of records with their text in a field.

    >>> joining_of("body", ["Once upon a time"])
    '.body |= join("\\n")'
    >>> joining_of("body", [{"section": "Boats", "text": "Once upon a time"}])
    '.body |= (map(.text) | join("\\n"))'
    """
    sizes: dict[str, int] = {}
    for piece in pieces:
        for key, value in piece.items() if isinstance(piece, Mapping) else ():
            sizes[key] = sizes.get(key, 0) + (len(value) if isinstance(value, str) else 0)
    best = max(sizes, key=lambda key: sizes[key], default="")
    return f'.{name} |= (map(.{best}) | join("\\n"))' if best else f'.{name} |= join("\\n")'


@dataclass(slots=True)
class PageCounter:
    """Counts the documents of a file, and which of them are the sources of web pages, or escaped twice.

    Attributes:
        num_documents: All.
        num_pages: Sources of web pages.
        num_escaped: Texts that hold escapes of JSON.
        has_lines: True: one has a line's end, as nothing has that is escaped twice.
    """

    num_documents: int = 0
    num_pages: int = 0
    num_escaped: int = 0
    has_lines: bool = False

    def add(self, text: str) -> None:
        """Count a document."""
        self.num_documents += 1
        self.num_pages += text[:14].lower().startswith(("<!doctype html", "<html"))
        self.has_lines = self.has_lines or "\n" in text
        self.num_escaped += not self.has_lines and "\\" in text and _ESCAPE.search(text) is not None

    def check(self, where: str, field: str) -> None:
        """Check that not all documents are web pages, nor most escaped twice; of very few they may be.

        Raises:
            CorpusError: They are.
        """
        if self.num_escaped >= _FEWEST_PAGES and not self.has_lines and self.num_escaped * 2 > self.num_documents:
            raise CorpusError(
                f'{where}: the texts in {field!r} were written as JSON twice, and hold "\\n" or "\\u00e9" as they are '
                f'spelt: read them once more, as `jq -c \'.{field} |= ("\\"" + . + "\\"" | fromjson)\'` does'
            )
        if self.num_documents >= _FEWEST_PAGES and self.num_pages == self.num_documents:
            raise CorpusError(
                f"{where}: the texts in {field!r} are the sources of web pages (HTML): extract their text first, as "
                "resiliparse's extract_plain_text does"
            )
