"""Plain text files: a document is a file, or a passage between blank lines."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from xlnet_data.corpora.guards import run_guarded
from xlnet_data.corpora.pieces.lines import read_parts, read_passages
from xlnet_data.corpora.pieces.paragraphs import Paragraphs, Sentences, check_choice, format_paragraphs
from xlnet_data.errors import ConfigError, CorpusError
from xlnet_data.files import opening, ranges
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Reason

Documents = Literal["file", "blank-line"]


@dataclass(frozen=True, slots=True)
class TextSettings:
    """The keys of a corpus of plain text.

    Attributes:
        documents: "file", each file is a document; "blank-line", a blank line ends a document.
        sentences: "split", sentence ends are found; "line", each line is one sentence.
        paragraphs: "line", each line is a paragraph; "blank-line", hard-wrapped text: a blank line ends a paragraph.
            With one sentence per line a blank line ends a paragraph, whatever this says.
        encoding: What the files are written in, by Python's name for it.
    """

    documents: str = "file"
    sentences: str = "split"
    paragraphs: str = "line"
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ConfigError: One is out of range.
        """
        check_choice("documents", self.documents, Documents)
        check_choice("sentences", self.sentences, Sentences)
        check_choice("paragraphs", self.paragraphs, Paragraphs)
        try:
            line_end = "\n".encode(self.encoding)
        except LookupError as error:
            raise ConfigError(f"encoding must be one that Python knows: got {self.encoding!r}") from error
        if line_end != b"\n":
            raise ConfigError(f"encoding must write a line end as one byte: got {self.encoding!r}; convert to utf-8")


def read_text(file_range: FileRange, settings: TextSettings) -> Iterator[Document]:
    """Yield the documents of plain text that begin in a file range.

    A file is one document with the file's id; a larger one is cut into documents of about 8 MiB, and from the second on
    their ids end in ``@`` and the offset of their first byte. So do the ids of passages between blank lines.

    Raises:
        CorpusError: The file cannot be read, or is not in the encoding that the settings say.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    is_file = settings.documents == "file"
    is_empty = True
    for offset, piece in read_parts(file_range) if is_file else read_passages(file_range):
        is_empty = False
        doc_id = f"{file_range.file_id}@{offset}" if offset or not is_file else file_range.file_id
        if isinstance(piece, Reason):
            yield Document(file_range.corpus, doc_id, "", piece)
            continue
        unread = Document(file_range.corpus, doc_id, "")
        yield run_guarded(file_range.path, unread, _read_document, doc_id, piece, offset, file_range, settings)
    if is_file and is_empty and file_range.start == 0:
        yield Document(file_range.corpus, file_range.file_id, "", Reason.EMPTY)


def is_text_cuttable(file: InputFile, settings: TextSettings) -> bool:
    """Return whether a file is large and not compressed, so that its documents can be found from any byte on."""
    return file.size > ranges.RANGE_BYTES and not opening.is_compressed(file.path)


def _read_document(doc_id: str, piece: bytes, offset: int, file_range: FileRange, settings: TextSettings) -> Document:
    text = format_paragraphs(_decode(piece, offset, file_range, settings), settings.sentences, settings.paragraphs)
    return Document(file_range.corpus, doc_id, text, None if text else Reason.EMPTY, settings.sentences == "line")


def _decode(piece: bytes, offset: int, file_range: FileRange, settings: TextSettings) -> str:
    if offset == 0 and piece.startswith(codecs.BOM_UTF8):
        offset, piece = len(codecs.BOM_UTF8), piece[len(codecs.BOM_UTF8) :]
    try:
        return piece.decode(settings.encoding)
    except UnicodeDecodeError as error:
        what = f"byte 0x{piece[error.start]:02x} at offset {offset + error.start} is not {settings.encoding}"
        hint = "set `encoding` of this corpus to what its files are written in, such as 'cp1252'"
        raise CorpusError(f"cannot read {file_range.path}: {what}; {hint}") from error
