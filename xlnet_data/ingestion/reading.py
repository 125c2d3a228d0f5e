"""Reads and filters the documents of a file range, and turns what a parser dies on into an error or a counted loss."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from xlnet_data.config import BuildConfig, CorpusConfig
from xlnet_data.corpora import FORMATS
from xlnet_data.corpora.guards import describe_death, document_secs, run_guarded
from xlnet_data.errors import CorpusError, TruncatedError, XlnetDataError
from xlnet_data.files.ranges import FileRange
from xlnet_data.filters import apply_filters
from xlnet_data.filters.settings import FilterSettings
from xlnet_data.ingestion.tasks import list_tasks
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.seeds import hash64
from xlnet_data.text.invisible import drop_invisible
from xlnet_data.text.sentences import replace_surrogates

MOST_CHARS = {"url": 1000, "title": 200, "cause": 400}
"""Characters that are kept of what is said of a document."""

BATCH_CHARS = 1_000_000
"""Characters of text that cross from one stage to the next at a time, about."""


def read_documents(file_range: FileRange, corpus: CorpusConfig) -> Iterator[Document]:
    """Yield a file range's documents as the corpus's parser makes them, dropped ones with their reasons.

    Raises:
        CorpusError: The input cannot be read, is of another format than the corpus's, or ends in the middle and the
            config does not keep what came before; or the parser died on it, and the config does not say to skip.
    """
    reason, last = None, "at its beginning"
    document_secs.set(corpus.max_document_secs)
    try:
        for document in FORMATS[corpus.format].read(file_range, corpus.settings):
            if document.reason is Reason.FAILED and corpus.on_error == "error":
                raise parser_died(f"{file_range.path}, document {document.doc_id!r}", document.cause)
            reason, last = document.reason, f"after document {document.doc_id!r}"
            yield _tidy(document)
    except TruncatedError as error:
        if corpus.on_truncated == "error":
            raise
        if reason != Reason.TRUNCATED:  # the parser has not told of the record that was cut
            yield Document(corpus.name, file_range.file_id, "", Reason.TRUNCATED, cause=str(error))
    except XlnetDataError:
        raise
    except Exception as error:
        if corpus.on_error == "error":
            raise parser_died(f"{file_range}, {last}", describe_death(error)) from error
        # It died between two documents and cannot go on: what is left of its file range, at most RANGE_BYTES, is lost.
        lost = f"{file_range.file_id}@{file_range.start}"
        notes = ("rest_of_split_lost",)
        yield Document(corpus.name, lost, "", Reason.FAILED, notes=notes, cause=describe_death(error))


def _tidy(document: Document) -> Document:
    """Return a document without invisible characters, and what is said of it on one line each, of bounded length."""
    said: dict[str, Any] = {
        name: shorten(value, most) for name, most in MOST_CHARS.items() if (value := getattr(document, name))
    }
    text = drop_invisible(document.text)
    if text is document.text and not text.isspace():
        return replace(document, **said) if said else document
    text = text.strip()
    return replace(document, text=text, reason=document.reason or (None if text else Reason.EMPTY), **said)


def shorten(text: str, most: int) -> str:
    """Return a text on one line of at most so many characters; one that loses its end ends in an ellipsis.

    >>> shorten(" A\\n title ", 20), shorten("A longer title", 8)
    ('A title', 'A longe…')
    """
    line = " ".join(drop_invisible(replace_surrogates(text[: 4 * most])).split())
    return line if len(line) <= most and len(text) <= 4 * most else f"{line[: most - 1]}…"


def filter_documents(documents: Sequence[Document], corpus: CorpusConfig) -> list[Document]:
    """Return the documents with a reason on those that the corpus's filters drop.

    Raises:
        CorpusError: A filter died on a document, and the config does not say to skip such documents.
    """
    if corpus.filters == FilterSettings():
        return list(documents)
    source = f"corpus {corpus.name!r}"
    document_secs.set(corpus.max_document_secs)
    filtered = [
        run_guarded(source, document, apply_filters, document, corpus.filters, corpus.language)
        for document in documents
    ]
    for before, after in zip(documents, filtered, strict=True):
        if after.reason is Reason.FAILED and before.reason is None and corpus.on_error == "error":
            raise parser_died(f"{source}, document {after.doc_id!r}", after.cause)
    return filtered


def read_corpora(config: BuildConfig, corpus: str | None = None) -> Iterator[Document]:
    """Yield the documents of all corpora, or of one, dropped ones with their reasons.

    Raises:
        ConfigError: The config has no such corpus.
        CorpusError: An input cannot be read.
    """
    if corpus is not None:
        config.corpus(corpus)
    for task in list_tasks(config):
        if corpus in (None, task.corpus):
            settings = config.corpus(task.corpus)
            for file_range in task.ranges:
                for document in read_documents(file_range, settings):
                    yield from filter_documents([document], settings)


def num_copies(corpus: CorpusConfig, doc_id: str, seed: int) -> int:
    """Return how many copies of a document the epochs ask for, drawn by the document's hash."""
    whole = int(corpus.epochs)
    part = corpus.epochs - whole
    return whole + (part > 0 and hash64("epochs", seed, corpus.name, doc_id) < part * 2**64)


def parser_died(where: str, cause: str) -> CorpusError:
    """Return the error that names what a parser, a filter or the tokenizer died on, and how to leave it out."""
    return CorpusError(
        f"{where}: {cause}; this is a fault of the program, please report it; "
        'on_error = "skip" in the corpus\'s section counts and leaves out what it dies on'
    )
