"""JSON lines: one document per line, its text in a field."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xlnet_data.corpora.guards import run_guarded
from xlnet_data.corpora.pieces.lines import read_lines
from xlnet_data.corpora.pieces.paragraphs import Paragraphs, Sentences, check_choice, format_paragraphs
from xlnet_data.errors import ConfigError
from xlnet_data.files import opening, ranges
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.text.sentences import replace_surrogates


@dataclass(frozen=True, slots=True)
class JsonlSettings:
    """The keys of a corpus of JSON lines.

    Attributes:
        text_field: Where the text is; a dot leads into a nested object.
        id_field: Where the document's id is; "" makes ids of the file's name and the line's offset.
        sentences: "split", sentence ends are found; "line", each line of the text is one sentence.
        paragraphs: "line", each line is a paragraph; "blank-line", hard-wrapped text: a blank line ends a paragraph.
            With one sentence per line a blank line ends a paragraph, whatever this says.
    """

    text_field: str = "text"
    id_field: str = ""
    sentences: str = "split"
    paragraphs: str = "line"

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ConfigError: One is out of range.
        """
        check_choice("sentences", self.sentences, Sentences)
        check_choice("paragraphs", self.paragraphs, Paragraphs)
        if not self.text_field:
            raise ConfigError("text_field must name the field that holds the text: got ''")


def read_jsonl(file_range: FileRange, settings: JsonlSettings) -> Iterator[Document]:
    """Yield the documents of the JSON lines that begin in a file range; blank lines are passed over.

    A line that is no JSON object, or has no text or id where the settings say, is malformed; null is an empty text.

    Raises:
        CorpusError: The file cannot be read.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    for offset, line in read_lines(file_range):
        place = f"{file_range.file_id}@{offset}"
        if isinstance(line, Reason):
            yield Document(file_range.corpus, place, "", line)
        elif line and not line.isspace():
            unread = Document(file_range.corpus, place, "")
            yield run_guarded(file_range.path, unread, _parse_line, line, place, file_range.corpus, settings)


def is_jsonl_cuttable(file: InputFile, settings: JsonlSettings) -> bool:
    """Return whether a file is large and not compressed, so that its lines can be found from any byte on."""
    return file.size > ranges.RANGE_BYTES and not opening.is_compressed(file.path)


def look_up_field(record: object, path: str, default: object = None) -> Any:
    """Return what a record holds in a field, after the dots of the path if no field has its name.

    >>> look_up_field({"meta": {"id": 7}, "a.b": 1}, "meta.id"), look_up_field({"meta": {"id": 7}, "a.b": 1}, "a.b")
    (7, 1)
    """
    if not isinstance(record, dict):
        return default
    if path in record:
        return record[path]
    name, dot, rest = path.partition(".")
    return look_up_field(record.get(name), rest, default) if dot else default


def _parse_line(line: bytes, place: str, corpus: str, settings: JsonlSettings) -> Document:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return Document(corpus, place, "", Reason.MALFORMED)
    text = look_up_field(record, settings.text_field, Reason.MALFORMED)
    text = "" if text is None else text
    doc_id = look_up_field(record, settings.id_field) if settings.id_field else place
    if type(text) is not str or type(doc_id) not in (str, int, float):
        return Document(corpus, place, "", Reason.MALFORMED)
    text = format_paragraphs(replace_surrogates(text), settings.sentences, settings.paragraphs)
    doc_id = replace_surrogates(str(doc_id))
    return Document(corpus, doc_id, text, None if text else Reason.EMPTY, settings.sentences == "line")
