"""Reads the files of a task; what they are is told by their content."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xlnet_data.finetuning.race import is_race, read_race
from xlnet_data.finetuning.squad import is_squad, read_squad
from xlnet_data.finetuning.tables import Form, parse_lines, read_json_lines, read_table
from xlnet_data.finetuning.tasks import ChoiceQuestion, Item, SpanQuestion, TaskError, TaskFile
from xlnet_data.seeds import hash64

HELD_OUT_FRAC = 0.1
"""Of the texts, where no dev file is given."""


@dataclass(frozen=True)
class TaskFiles:
    """All files of a task, read.

    Attributes:
        train: What is learned; None: nothing, the model is fine-tuned already.
        dev: With labels, to be scored.
        test: Without, to be predicted.
        form: The columns of the table; None: it is none.
    """

    train: TaskFile | None
    dev: tuple[TaskFile, ...]
    test: tuple[TaskFile, ...]
    form: Form | None


def read_task(task: Path | None, dev: Sequence[Path], test: Sequence[Path], form: Form | None = None) -> TaskFiles:
    """Read the files of a task.

    Args:
        task: What is learned.
        dev: What is scored.
        test: What is predicted.
        form: The columns of the table that the model was trained on, where there is no task.

    Raises:
        TaskError: A file cannot be understood, is empty, or of another kind than the first.
    """
    train = None
    if task is not None:
        train, form = read_file(task, None, has_labels=True)
    scored = tuple(read_file(path, form, has_labels=True)[0] for path in dev)
    predicted = tuple(read_file(path, form, has_labels=False)[0] for path in test)
    first = next(iter(([train] if train else []) + [*scored, *predicted]))
    for other in (*scored, *predicted):
        if other.kind != first.kind:
            raise TaskError(f"{other.path} is a task of {other.kind}, {first.path} one of {first.kind}")
    return TaskFiles(train, scored, predicted, form)


def read_file(path: Path, form: Form | None, *, has_labels: bool) -> tuple[TaskFile, Form | None]:
    """Read a file, and return its examples with the columns that they stood in, None where there are none.

    Args:
        path: The file.
        form: The columns of the file that was trained on; None: they are told by the header.
        has_labels: False: labels may be missing.

    Raises:
        TaskError: It cannot be understood, or is empty.
    """
    try:
        return _read(path, form, has_labels)
    except (OSError, UnicodeDecodeError) as error:
        raise TaskError(f"{path} cannot be read: {error}") from error


def _read(path: Path, form: Form | None, has_labels: bool) -> tuple[TaskFile, Form | None]:
    if path.is_dir():
        return read_race(path, has_labels=has_labels), None
    text = path.read_text(encoding="utf-8-sig")
    if not text.strip():
        raise TaskError(f"{path} is empty")
    if text.lstrip().startswith("["):
        raise TaskError(f"{path} is a JSON list: write one object a line, without brackets and commas around them")
    if not text.lstrip().startswith("{"):
        found, form = read_table(path, text, form, has_labels=has_labels)
    else:
        content = _first_object(path, text)
        if is_squad(content):
            return read_squad(path, content, has_labels=has_labels), None
        if is_race(content):
            return read_race(path, has_labels=has_labels), None
        found, form = read_json_lines(path, text, form, has_labels=has_labels)
    if not found.items:
        raise TaskError(f"{path} has no example, only a header")
    return found, form


def _first_object(path: Path, text: str) -> dict[str, object]:
    """Return the JSON object that a file consists of, or that its first line is."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return next(parse_lines(path, text))[1]
    assert isinstance(found, dict)
    return found


def hold_out(files: TaskFiles) -> TaskFiles:
    """Return a task whose dev examples are a tenth of those to learn from; the same tenth in every run.

    Questions on one text are held out together.

    Raises:
        TaskError: There are too few.
    """
    train = files.train
    assert train is not None
    texts = sorted({_text_of(item) for item in train.items}, key=lambda text: hash64("held out", text))
    held_out = {*texts[: max(1, round(HELD_OUT_FRAC * len(texts)))]}
    kept = tuple(item for item in train.items if _text_of(item) not in held_out)
    if not kept:
        raise TaskError(f"{train.path} has examples of one text only, too few to hold some out: give --dev")
    dev = tuple(item for item in train.items if _text_of(item) in held_out)
    note = f"{len(dev):,} examples of {train.path} are held out as dev, as no --dev was given"
    held = replace(train, path=train.path.with_name(f"held-out-{train.path.name}"), items=dev, notes=(note,))
    return replace(files, train=replace(train, items=kept), dev=(held,))


def _text_of(item: Item) -> str:
    """Return the text that an example shares with others."""
    if isinstance(item, SpanQuestion):
        return item.context
    return item.article if isinstance(item, ChoiceQuestion) else item.a
