"""One document in view at a time: a parser that dies loses that one alone, and whoever watches sees which it is at."""

import traceback
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from xlnet_data.errors import XlnetDataError
from xlnet_data.schemas.document import Document, Reason

KILLED_WORKER = "the worker process that was at it died, or hung until it was stopped"


T = TypeVar("T")


class Watcher(Protocol):
    """Is told which document a process is at, and knows which ones processes died on before."""

    def begin(self, source: str, doc_id: str) -> bool:
        """Note a document of a file or a corpus; False: it is to be left out."""

    def end(self) -> None:
        """Note that the document is done."""


document_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
"""Who watches this process; nobody outside a build on one machine."""


def run_guarded(source: str, document: Document, make: Callable[..., Document], *arguments: Any) -> Document:
    """Return what a parser or a filter makes of one document.

    Args:
        source: The file that the document lies in, or its corpus.
        document: Stands for it if ``make`` dies on it: its reason is then FAILED, and its cause says what happened.
        make: Parser or filter.
        arguments: What it takes.

    Raises:
        XlnetDataError: A named error of the parser's own.
    """
    made, cause = run_or_describe(source, document.doc_id, make, *arguments)
    return replace(document, reason=Reason.FAILED, cause=cause) if made is None else made


def run_or_describe(source: str, doc_id: str, make: Callable[..., T], *arguments: Any) -> tuple[T | None, str]:
    """Return what a function makes of a document and "", or None and what it died of.

    That is an error that is not named, or the death of the whole process that was at it in this build before.

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
    """Return an unnamed error in a few words: what it is, where it came from, what it says."""
    function = traceback.extract_tb(error.__traceback__)[-1].name
    return f"{type(error).__name__} in {function}: {error}"
