"""Compares documents by what goes into the lanes, where what else is known of them is not the question."""

from collections.abc import Iterable
from dataclasses import replace

from xlnet_data.schemas.document import Document


def bare(documents: Iterable[Document]) -> list[Document]:
    """Return documents without cause, url and title, which tests/corpora/test_descriptions.py is about."""
    return [replace(document, cause="", url="", title="") for document in documents]
