"""Names and writes the files of predictions."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.files.writing import atomic_write
from xlnet_data.finetuning.tables import COLA, FORMS
from xlnet_data.finetuning.tasks import CHOICES, CLASSES, NUMBERS, SPANS, TaskFile

ENDINGS = {CLASSES: ".tsv", NUMBERS: ".tsv", CHOICES: ".jsonl", SPANS: ".json"}
_GLUE = {COLA.name, "WNLI", *(form.name for form in FORMS if form.name != "own")}


def name_submission(task: str, file: TaskFile) -> str:
    """Return the name of a file's predictions: GLUE's own of its test files, else the file's.

    >>> test = TaskFile(Path("test_mismatched.tsv"), "RTE", CLASSES, (), has_labels=False)
    >>> name_submission("MNLI", test), name_submission("own", test)
    ('MNLI-mm.tsv', 'predictions-test_mismatched.tsv')
    """
    ending = ENDINGS[file.kind]
    if file.has_labels or task not in _GLUE:
        return f"predictions-{file.path.stem}{ending}"
    suffix = ("-mm" if "mismatched" in file.path.name else "-m") if task == "MNLI" else ""
    return f"{task}{suffix}{ending}"


def check_submissions(task: str, files: Iterable[TaskFile]) -> None:
    """Check that no two files' predictions would have the same name.

    Raises:
        ConfigError: Those of two files would.
    """
    named: dict[str, Path] = {}
    for file in files:
        name = name_submission(task, file)
        if name in named:
            raise ConfigError(
                f"the predictions for {named[name]} and {file.path} would both be named {name}: rename one of the "
                "files, or give it in another call"
            )
        named[name] = file.path


def write_submission(path: Path, text: str) -> None:
    """Write a file of predictions, whole or not at all.

    Raises:
        ShardError: Those of another file have that name, the disk is full, or the folder cannot be written.
    """
    if path.exists():
        raise ShardError(f"cannot write {path}: {os.strerror(errno.EEXIST)}")
    with atomic_write(str(path)) as file:
        file.write(text.encode())
