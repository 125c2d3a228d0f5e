"""Runs a parser or filter on one document at a time.

An exception costs that document only. The document in progress is recorded, so that a crash or a hang can be traced to
it.
"""

import traceback
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from xlnet_data.errors import XlnetDataError
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Document, Reason

KILLED_WORKER = "the worker process that was at it died, or hung until it was stopped"
"""The cause of a document that took its whole process down earlier in this build."""

T = TypeVar("T")


class Watcher(Protocol):
    """Records which document a process is working on, and knows on which documents processes have died."""

    def begin(self, source: str, doc_id: str) -> bool:
        """Record that a document is begun; False: a process died on it before, so it is left out."""

    def end(self) -> None:
        """Record that the document is done."""


document_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
"""The watcher of this process; None outside a build on one machine."""


def read_guarded(
    file_range: FileRange, doc_id: str, parse: Callable[..., Document], *arguments: Any, **known: Any
) -> Document:
    """Return what a parser makes of one document of a file; a document that it dies on is FAILED.

    Args:
        file_range: The range that the document begins in.
        doc_id: The document's id, as far as it is known before parsing.
        parse: Takes the document without its text, then ``arguments``.
        arguments: What else the parser takes.
        known: Other fields of the document that are known before parsing, such as its notes.

    Raises:
        XlnetDataError: A named error of the parser's own.
    """
    unread = Document(file_range.corpus, doc_id, "", **known)
    return run_guarded(file_range.path, unread, parse, unread, *arguments)


def run_guarded(source: str, document: Document, make: Callable[..., Document], *arguments: Any) -> Document:
    """Return what a parser or a filter makes of one document.

    Args:
        source: The file that the document lies in, or its corpus.
        document: Returned with the reason FAILED, and a cause that says what happened, if ``make`` dies on it.
        make: Parser or filter.
        arguments: What the parser or filter takes.

    Raises:
        XlnetDataError: A named error of the parser's own.
    """
    made, cause = run_or_describe(source, document.doc_id, make, *arguments)
    return replace(document, reason=Reason.FAILED, cause=cause) if made is None else made


def run_or_describe(source: str, doc_id: str, make: Callable[..., T], *arguments: Any) -> tuple[T | None, str]:
    """Return what a function makes of a document and "", or None and what it died of.

    It dies of an unnamed error, or of what took the whole process down when this build tried the document before.

    Raises:
        XlnetDataError: A named error of the function's own.
    """
    watching = document_watcher.get()
    if watching is not None and not watching.begin(source, doc_id):
        return None, KILLED_WORKER
    try:
        return make(*arguments), ""
    except XlnetDataError:
        raise
    except Exception as error:
        return None, describe_death(error)
    finally:
        if watching is not None:
            watching.end()


def describe_death(error: Exception) -> str:
    """Describe an unnamed error in one line: its type, the function that raised it, its message."""
    function = traceback.extract_tb(error.__traceback__)[-1].name
    return f"{type(error).__name__} in {function}: {error}"
