"""What the tests of several formats ask of the documents that a reader yields."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from xlnet_data.errors import CorpusError
from xlnet_data.schemas.document import Document, Reason


def bare(documents: Iterable[Document]) -> list[Document]:
    """Return documents without cause, url and title, which tests/corpora/test_descriptions.py is about."""
    return [replace(document, cause="", url="", title="") for document in documents]


def count(documents: Iterable[Document]) -> dict[Reason | None, int]:
    """Return how many documents have each reason."""
    return dict(Counter(document.reason for document in documents))


def until_error(documents: Iterable[Document]) -> tuple[list[Document], str]:
    """Return the documents that come before an error of the corpus, bare, and what it says; "" if there is none."""
    found: list[Document] = []
    try:
        for document in documents:
            found += bare([document])
    except CorpusError as error:
        return found, str(error)
    return found, ""
