"""Reads RACE: an article, questions on it, and four options for each."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from xlnet_data.finetuning.tables import parse_lines
from xlnet_data.finetuning.tasks import CHOICES, ChoiceQuestion, TaskError, TaskFile

LETTERS = "ABCDEFGH"
BLANK = "_"
"""Stands in a question where the option belongs; a question without it goes before the option."""


def is_race(record: object) -> bool:
    """Return whether a JSON value is an article of RACE."""
    return isinstance(record, dict) and {"article", "questions", "options"} <= {*record}


def read_race(path: Path, *, has_labels: bool) -> TaskFile:
    """Read a file of one article, of one on each line, or a folder with files of one article (.txt or .json).

    Args:
        path: The file or folder; folders in it are read, too.
        has_labels: False: the answers may be missing.

    Raises:
        TaskError: It has no article, or an article lacks something.
    """
    items = [item for where, record in _records(path) for item in _items_of(where, record, has_labels)]
    if not items:
        raise TaskError(f"{path} has no question")
    return TaskFile(path, "RACE", CHOICES, tuple(items), all(item.label is not None for item in items))


def _records(path: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield articles, each with where it stands."""
    files = sorted(one for one in path.rglob("*") if one.suffix in (".txt", ".json")) if path.is_dir() else [path]
    if not files:
        raise TaskError(f"{path} is a folder without a .txt or .json file of RACE")
    for file in files:
        text = file.read_text(encoding="utf-8-sig")
        try:
            yield str(file), json.loads(text)
        except (ValueError, RecursionError):
            yield from ((f"{file}, line {number}", record) for number, record in parse_lines(file, text))


def _items_of(where: str, record: Mapping[str, object], has_labels: bool) -> Iterator[ChoiceQuestion]:
    """Yield the questions of an article."""
    if not is_race(record):
        raise TaskError(f"{where} must be an object with article, questions, options and answers, as RACE's")
    article, questions, options = record["article"], record["questions"], record["options"]
    answers = record.get("answers")
    if answers is None and has_labels:
        raise TaskError(f"{where} has no answers")
    if not isinstance(article, str) or not isinstance(questions, list) or not isinstance(options, list):
        raise TaskError(f"{where}: article must be a text, questions and options lists")
    if len(questions) != len(options) or (isinstance(answers, list) and len(answers) != len(questions)):
        raise TaskError(f"{where} has {len(questions)} questions, and another number of options or answers")
    key = str(record.get("id", Path(where).name))
    for number, (question, choices) in enumerate(zip(questions, options, strict=True)):
        if not isinstance(choices, list) or len(choices) < 2:
            raise TaskError(f"{where}: question {number + 1} must have a list of options, got {choices!r}")
        letter = answers[number] if isinstance(answers, list) else None
        is_letter = isinstance(letter, str) and letter in [*LETTERS[: len(choices)]]
        if not is_letter and (letter is not None or has_labels):
            raise TaskError(
                f"{where}: the answer to question {number + 1} must be a letter from A to {LETTERS[len(choices) - 1]}, "
                f"got {letter!r}"
            )
        endings = tuple(complete(str(question), str(choice)) for choice in choices)
        yield ChoiceQuestion(key, article, endings, None if letter is None else LETTERS.index(letter))


def complete(question: str, choice: str) -> str:
    """Return a question with an option in its blank, or behind it.

    >>> complete("He came by _ .", "train"), complete("How did he come?", "By train.")
    ('He came by train .', 'How did he come? By train.')
    """
    return question.replace(BLANK, choice) if BLANK in question else f"{question} {choice}"
