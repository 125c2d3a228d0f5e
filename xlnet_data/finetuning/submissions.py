"""Names and writes the files of predictions."""

from pathlib import Path

from xlnet_data.errors import ShardError
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


def write_submission(path: Path, text: str) -> None:
    """Write predictions beside those of files of the same name.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ShardError(f"cannot write {path}: {error.strerror or error}") from error
