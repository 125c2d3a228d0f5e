"""ClueWeb12 (and ClueWeb09) as CMU distributes it: WARC files of web answers."""

from collections.abc import Iterator
from dataclasses import dataclass

from xlnet_data.corpora.warc.reading import malformed, read_records
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Document


@dataclass(frozen=True)
class CluewebSettings:
    """Settings of the format ``clueweb``; there are none beyond those that all corpora have."""


def read_clueweb(file_range: FileRange, settings: CluewebSettings) -> Iterator[Document]:
    """Yield the pages of the ``response`` records that begin in a range of a file, named by their WARC-TREC-ID.

    Redirects and other answers, which ClueWeb12 stores as ``response`` records too, are dropped as HTTP_STATUS.

    Raises:
        CorpusError: The file cannot be opened, or is no WARC file but an ARC file.
        TruncatedError: The file ends inside a record; what came before has been yielded.
    """
    from xlnet_data.corpora.warc.web_pages import read_page  # here: other corpora need not wait for it

    for record in read_records(file_range):
        if record.reason or not record.kind:
            yield malformed(file_range, record)
        elif record.kind == "response":
            doc_id = record.text(b"WARC-TREC-ID") or record.doc_id(file_range)
            yield read_page(file_range, doc_id, record)
