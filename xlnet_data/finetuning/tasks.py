"""Holds what a task's file says: its examples, and what kind of task they make."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from xlnet_data.errors import CorpusError


@dataclass(frozen=True)
class TextPair:
    """A text, or two, with its class or its number.

    Attributes:
        key: Its name in a submission.
        a: The text.
        b: The second text; None: there is none.
        label: A class's name, or a number; None: unknown.
    """

    key: str
    a: str
    b: str | None
    label: str | float | None


@dataclass(frozen=True)
class ChoiceQuestion:
    """A question on an article, with what may answer it.

    Attributes:
        key: The article's id.
        article: The text.
        endings: The question with each of the options.
        label: The right one's number; None: unknown.
    """

    key: str
    article: str
    endings: tuple[str, ...]
    label: int | None


@dataclass(frozen=True)
class SpanQuestion:
    """A question whose answers are parts of its context.

    Attributes:
        key: The question's id.
        context: The text.
        question: The question.
        answers: Where each begins in the context, in characters, and its text; (): none.
    """

    key: str
    context: str
    question: str
    answers: tuple[tuple[int, str], ...]


Item: TypeAlias = TextPair | ChoiceQuestion | SpanQuestion

CLASSES, NUMBERS, CHOICES, SPANS = "classes", "numbers", "choices", "spans"
"""The kinds of tasks: which class, which number, which of the choices, which part of the context."""


@dataclass(frozen=True)
class TaskFile:
    """A file's examples.

    Attributes:
        path: The file.
        name: Of the task, as far as the file tells: "CoLA", "SQuAD 2.0", ...
        kind: CLASSES, NUMBERS, CHOICES or SPANS.
        items: The examples.
        has_labels: True: what is to be told is known of all of them.
        notes: What is to be said of the file.
    """

    path: Path
    name: str
    kind: str
    items: tuple[Item, ...]
    has_labels: bool
    notes: tuple[str, ...] = ()


class TaskError(CorpusError):
    """A task's file that cannot be understood."""
