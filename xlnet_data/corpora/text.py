"""Plain text files: a document is a file, or a passage between blank lines."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xlnet_data.checks import check_choice
from xlnet_data.corpora.encodings import check_encoding, decode_as
from xlnet_data.corpora.guards import read_guarded
from xlnet_data.corpora.pieces.lines import TOO_LARGE_CAUSE, read_parts, read_passages
from xlnet_data.corpora.pieces.paragraphs import check_paragraphs, format_paragraphs
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Document, Reason

DOCUMENTS = ("file", "blank-line")
"""Where a document ends: "file", at the end of its file; "blank-line", at a blank line."""


@dataclass(frozen=True, slots=True)
class TextSettings:
    """The keys of a corpus of plain text.

    Raises:
        ConfigError: A value is out of range.
    """

    documents: str = "file"
    """"file", each file is a document; "blank-line", a blank line ends a document."""
    sentences: str = "split"
    """"split", sentence ends are found; "line", each line is one sentence."""
    paragraphs: str = "line"
    """"line", each line is a paragraph; "blank-line", hard-wrapped text: a blank line ends a paragraph. With one
    sentence per line a blank line ends a paragraph, whatever this says."""
    encoding: str = "utf-8"
    """What the files are written in, by Python's name for it."""

    def __post_init__(self) -> None:
        check_choice("documents", self.documents, DOCUMENTS)
        check_paragraphs(self.sentences, self.paragraphs)
        check_encoding(self.encoding)


def read_text(file_range: FileRange, settings: TextSettings) -> Iterator[Document]:
    """Yield the documents of plain text that begin in a range of a file.

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
        doc_id = file_range.id_at(offset) if offset or not is_file else file_range.file_id
        if isinstance(piece, Reason):
            yield Document(file_range.corpus, doc_id, "", piece, cause=TOO_LARGE_CAUSE)
        else:
            yield read_guarded(file_range, doc_id, _parse_document, piece, offset, file_range.path, settings)
    if is_file and is_empty and file_range.start == 0:
        yield Document(file_range.corpus, file_range.file_id, "", Reason.EMPTY)


def _parse_document(unread: Document, piece: bytes, offset: int, path: str, settings: TextSettings) -> Document:
    text = format_paragraphs(decode_as(settings.encoding, piece, offset, path), settings.sentences, settings.paragraphs)
    reason = None if text else Reason.EMPTY
    return replace(unread, text=text, reason=reason, is_sentence_per_line=settings.sentences == "line")
