"""Runs a parser or filter on one document at a time.

An exception costs that document only, and so does a document that takes too long. The document in progress is recorded,
so that a crash or a hang can be traced to it.
"""

import traceback
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from types import FrameType
from typing import Any, Protocol, TypeVar

from xlnet_data.corpora.time_limits import TooSlowError, in_main_thread, time_limit
from xlnet_data.errors import XlnetDataError
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Document, Reason

KILLED_WORKER = "the worker process that was at it died"
"""The cause of a document that took its whole process down earlier in this build."""

TOO_SLOW = "it took longer than max_document_secs"
"""The cause of a document that was given up, here or in a worker process that was stopped at it."""

T = TypeVar("T")


class Watcher(Protocol):
    """Records which document a process is working on, and knows on which documents processes have died."""

    def begin(self, source: str, doc_id: str) -> str:
        """Record that a document is begun, and return "", or why it is left out."""

    def end(self) -> None:
        """Record that the document is done."""

    @property
    def is_at_document(self) -> bool:
        """Whether one has been begun and not ended."""


document_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
"""The watcher of this process; None outside a build on one machine."""

document_secs: ContextVar[float] = ContextVar("document_secs", default=0.0)
"""Seconds that a document may take where nobody watches the process from outside; 0: as long as it likes."""


def read_guarded(
    file_range: FileRange, doc_id: str, parse: Callable[..., Document], *arguments: Any, **known: Any
) -> Document:
    """Return what a parser makes of one document of a file, or the document with the reason why it makes nothing of it.

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
        document: Returned with a cause and the reason FAILED if ``make`` dies on it, MALFORMED if it takes too long.
        make: Parser or filter.
        arguments: What the parser or filter takes.

    Raises:
        XlnetDataError: A named error of the parser's own.
    """
    made, cause = run_or_describe(source, document.doc_id, make, *arguments)
    return without_text(document, cause) if made is None else made


def without_text(document: Document, cause: str) -> Document:
    """Return a document with the reason that follows from what a parser or filter has died of."""
    if cause == TOO_SLOW:
        return replace(document, text="", reason=Reason.MALFORMED, cause=cause, notes=(*document.notes, "too_slow"))
    return replace(document, reason=Reason.FAILED, cause=cause)


def run_or_describe(source: str, doc_id: str, make: Callable[..., T], *arguments: Any) -> tuple[T | None, str]:
    """Return what a function makes of a document and "", or None and what it died of.

    It dies of an unnamed error, of the time that it takes, or of what took the whole process down when this build tried
    the document before.

    Raises:
        XlnetDataError: A named error of the function's own.
    """
    watching, secs = document_watcher.get(), document_secs.get()
    if watching is not None and in_main_thread():
        secs = 0.0  # who watches this process from outside tells it to give up
    try:
        try:
            cause = watching.begin(source, doc_id) if watching is not None else ""
            if cause or not secs:  # a context costs more than many a document
                return (None if cause else make(*arguments)), cause
            with time_limit(secs):
                return make(*arguments), ""
        finally:
            if watching is not None:
                watching.end()
    except XlnetDataError:
        raise
    except TooSlowError:
        if watching is not None:
            watching.end()  # the error may have come before the end above could do that
        return None, TOO_SLOW
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":  # Rust's is no Exception
            raise
        return None, describe_death(error)


def give_up_document(number: int, frame: FrameType | None) -> None:
    """Give up the document that this process is at, if it still is: a handler of signals.

    Raises:
        TooSlowError: In the midst of what is done with the document.
    """
    watching = document_watcher.get()
    if watching is not None and watching.is_at_document:
        raise TooSlowError


def describe_death(error: BaseException) -> str:
    """Describe an unnamed error in one line: its type, the function that raised it, its message."""
    function = traceback.extract_tb(error.__traceback__)[-1].name
    return f"{type(error).__name__} in {function}: {error}"
