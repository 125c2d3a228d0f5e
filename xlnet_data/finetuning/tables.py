"""Reads tasks of classes and numbers: GLUE's tables as they are distributed, tables of one's own, and JSON lines."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from xlnet_data.checks import is_number
from xlnet_data.finetuning.tasks import CLASSES, NUMBERS, TaskError, TaskFile, TextPair

MAX_MALFORMED_FRAC = 0.01
"""Of a table's rows: some of GLUE's files have a few that are cut."""


@dataclass(frozen=True)
class Form:
    """The columns of a task.

    Attributes:
        name: The task's.
        a: Column of the text.
        b: Column of the second text; None: there is none.
        label: Column of the class or number.
    """

    name: str
    a: str
    b: str | None
    label: str

    @property
    def texts(self) -> list[str]:
        """The columns of the texts."""
        return [self.a] if self.b is None else [self.a, self.b]

    @property
    def kind(self) -> str:
        """NUMBERS if the column is called score, else CLASSES."""
        return NUMBERS if self.label == "score" else CLASSES


COLA = Form("CoLA", "sentence", None, "label")
COLA_COLUMNS = ("source", "label", "mark", "sentence")
"""CoLA's file has no header, but for that of its test file: index and sentence."""

FORMS = (
    Form("MRPC", "#1 String", "#2 String", "Quality"),
    Form("QQP", "question1", "question2", "is_duplicate"),
    Form("MNLI", "sentence1", "sentence2", "gold_label"),
    Form("QNLI", "question", "sentence", "label"),
    Form("STS-B", "sentence1", "sentence2", "score"),
    Form("RTE", "sentence1", "sentence2", "label"),
    Form("SST-2", "sentence", None, "label"),
    Form("own", "text_a", "text_b", "label"),
    Form("own", "text_a", "text_b", "score"),
    Form("own", "text", None, "label"),
    Form("own", "text", None, "score"),
)
"""GLUE's by their headers, and one's own. RTE and WNLI have the same; `_make_file` tells them by their labels."""

KEYS = ("index", "id")
"""Columns with an example's name."""


def is_cola(line: str) -> bool:
    """Return whether a line is one of CoLA's: a source, 0 or 1, the author's mark, and a sentence."""
    cells = line.split("\t")
    return len(cells) == len(COLA_COLUMNS) and cells[1] in ("0", "1") and cells[2] in ("", "*")


def read_table(path: Path, text: str, wanted: Form | None, *, has_labels: bool) -> tuple[TaskFile, Form]:
    """Read a table of tab-separated columns; quotation marks are text, as in GLUE's files.

    Args:
        path: Named in messages.
        text: The file's.
        wanted: The columns of the file that was trained on; None: they are told by the header.
        has_labels: False: labels may be missing.

    Returns:
        The examples, and the columns that they were found in.

    Raises:
        TaskError: A column is missing, too many rows are cut, or a label is none.
    """
    lines = text.removesuffix("\n").split("\n")
    if is_cola(lines[0]) and wanted in (None, COLA):
        header, form, first = list(COLA_COLUMNS), COLA, 1
    else:
        header, first = lines.pop(0).split("\t"), 2
        form = wanted or _find_form(path, header, has_labels)
    needed = form.texts + [form.label] * has_labels
    if missing := [name for name in needed if name not in header]:
        raise TaskError(f"{path} has no column {missing[0]!r}: its columns are {', '.join(header)}")
    items: list[TextPair] = []
    malformed = []
    for number, line in enumerate(lines, first):
        cells = line.split("\t")
        if len(cells) < len(header):
            malformed.append(number)
            continue
        record = dict(zip(header, cells, strict=False))
        items.append(_make_item(f"{path}, line {number}", record, form, len(items), has_labels=has_labels))
    if len(malformed) > MAX_MALFORMED_FRAC * len(lines):
        raise TaskError(
            f"{path}, line {malformed[0]} has fewer columns than the {len(header)} of its header, and so have "
            f"{len(malformed) - 1} others: the columns of a table are separated by tabs"
        )
    notes = [f"{path}: {len(malformed)} rows are cut and left out, the first is line {line}" for line in malformed[:1]]
    return _make_file(path, form, items, tuple(notes)), form


def read_json_lines(path: Path, text: str, wanted: Form | None, *, has_labels: bool) -> tuple[TaskFile, Form]:
    """Read one JSON object a line: `read_table` describes arguments and results.

    Raises:
        TaskError: A line is no JSON object, or lacks a field.
    """
    records = [record for _, record in parse_lines(path, text)]
    form = wanted or _find_form(path, list(records[0]), has_labels)
    items: list[TextPair] = []
    for number, record in parse_lines(path, text):
        where = f"{path}, line {number}"
        for name in form.texts + [form.label] * has_labels:
            if name not in record:
                raise TaskError(f"{where} has no field {name!r}: its fields are {', '.join(record)}")
        for name in form.texts:
            if not isinstance(record[name], str):
                raise TaskError(f"{where}: {name} must be a text, got {record[name]!r}")
        items.append(_make_item(where, record, form, len(items), has_labels=has_labels))
    return _make_file(path, form, items), form


def parse_lines(path: Path, text: str) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the JSON objects of lines, each with its line's number.

    Raises:
        TaskError: A line holds none.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise TaskError(f"{path}, line {number} is no JSON ({error}): write one object a line") from error
        if not isinstance(record, dict):
            raise TaskError(f"{path}, line {number} must be a JSON object, got {line[:40]!r}")
        yield number, record


def _find_form(path: Path, header: list[str], has_labels: bool) -> Form:
    """Return the columns of a task by its header; a file without labels is taken for the first that its texts fit."""
    for form in FORMS:
        if {*form.texts, form.label} <= {*header}:
            return form
    for form in FORMS:
        if {*form.texts} <= {*header}:
            if has_labels:
                labels = dict.fromkeys(one.label for one in FORMS if {*one.texts} <= {*header})
                raise TaskError(
                    f"{path} has no column {' or '.join(map(repr, labels))}: its columns are {', '.join(header)}"
                )
            return form
    raise TaskError(
        f"{path} is none of GLUE's files by its first line, which has {', '.join(map(repr, header))[:200]}: name the "
        "columns text and label, or text_a, text_b and label; score in place of label for numbers"
    )


def _make_item(where: str, record: Mapping[str, object], form: Form, place: int, *, has_labels: bool) -> TextPair:
    """Return an example; its name is the record's own, or its place. An empty label is none."""
    found = next((str(record[key]) for key in KEYS if key in record), str(place))
    value = record.get(form.label)
    label = None if value in (None, "") else _label_of(where, value, form)
    if label is None and has_labels:
        raise TaskError(f"{where} has no {form.label}: leave the line out, or only predict the file (--test)")
    return TextPair(found, str(record[form.a]), None if form.b is None else str(record[form.b]), label)


def _label_of(where: str, value: object, form: Form) -> str | float:
    if form.kind == CLASSES:
        if isinstance(value, float) or not isinstance(value, str | int):
            raise TaskError(f"{where}: {form.label} must be a class's name, got {value!r}: call numbers score")
        return value if isinstance(value, str) else json.dumps(value)
    try:
        number = float(value) if isinstance(value, str) or is_number(value) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise TaskError(f"{where}: {form.label} must be a number, got {value!r}")
    return number


def _make_file(path: Path, form: Form, items: list[TextPair], notes: tuple[str, ...] = ()) -> TaskFile:
    """Return a file's examples; WNLI has RTE's columns, and classes 0 and 1."""
    labels = {item.label for item in items}
    name = "WNLI" if form.name == "RTE" and labels <= {"0", "1"} else form.name
    return TaskFile(path, name, form.kind, tuple(items), None not in labels, notes)
