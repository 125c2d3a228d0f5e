"""JSON lines: one document per line, its text in a field."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from xlnet_data.checks import find_near
from xlnet_data.corpora.guards import read_guarded
from xlnet_data.corpora.pieces.lines import TOO_LARGE_CAUSE, read_lines
from xlnet_data.corpora.pieces.paragraphs import format_paragraphs
from xlnet_data.corpora.pieces.records import RECORD_FIELDS, PageCounter, RecordSettings, joining_of
from xlnet_data.errors import CorpusError
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.text.sentences import replace_surrogates

_ONE_PER_LINE = "write one per line, as `jq -c .` does"

_SEPARATORS = b"\x1e"
"""Stands before each object of a JSON text sequence (RFC 7464), which is JSON lines otherwise."""


def read_jsonl(file_range: FileRange, settings: RecordSettings) -> Iterator[Document]:
    """Yield the documents of the JSON lines that begin in a range of a file; blank lines are passed over.

    A line that is no JSON object, or has no text or id where the settings say, is malformed; null is an empty text.

    Raises:
        CorpusError: The file cannot be read, or none of the objects in its first range stands on a line of its own and
            has the fields that the settings name, the text's with text in it; or all texts are web pages.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    first_bad: bytes | None = None
    has_good = False
    pages = PageCounter()
    for offset, line in read_lines(file_range):
        if isinstance(line, Reason):
            yield Document(file_range.corpus, file_range.id_at(offset), "", line, cause=TOO_LARGE_CAUSE)
        elif line and not (line := line.lstrip(_SEPARATORS)).isspace() and line:
            document = read_guarded(file_range, file_range.id_at(offset), _parse_line, line, settings)
            if document.reason is Reason.MALFORMED:
                first_bad = first_bad or line
            else:
                has_good = True
            pages.add(document.text)
            yield document
    if first_bad is not None and not has_good and file_range.start == 0:
        _check_fields(first_bad, str(file_range), settings)
    if file_range.start == 0:
        pages.check(str(file_range), settings.text_field)


def look_up_field(record: object, path: str, default: object = None) -> Any:
    """Return what a record holds in a field, after the dots of the path if no field has its name.

    >>> look_up_field({"meta": {"id": 7}, "a.b": 1}, "meta.id"), look_up_field({"meta": {"id": 7}, "a.b": 1}, "a.b")
    (7, 1)
    """
    if not isinstance(record, dict):
        return default
    if path in record:
        return record[path]
    name, dot, rest = path.partition(".")
    return look_up_field(record.get(name), rest, default) if dot else default


def _check_fields(line: bytes, path: str, settings: RecordSettings) -> None:
    """Check that a line is one object and no comma, and that an object has the fields that the settings name.

    Raises:
        CorpusError: It is not, or it lacks one; the message names those that it has. Or what the text's field holds is
            a list or an object.
    """
    try:
        text = line.decode("utf-8-sig").lstrip()
        record, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return
    if _has_several(text, end):
        raise CorpusError(f"{path}: a line holds several JSON objects: {_ONE_PER_LINE}")
    if isinstance(record, dict) and text[end:].strip() == ",":
        raise CorpusError(f"{path}: a comma stands behind each object: take it away, as `sed 's/,$//'` does")
    if text[end:].strip():
        return
    for key in RECORD_FIELDS:
        name = getattr(settings, key)
        if isinstance(record, dict) and name and look_up_field(record, name, Reason.MALFORMED) is Reason.MALFORMED:
            near = find_near(name, record)
            hint = f"; did you mean {near!r}?" if near else ""
            fields = ", ".join(map(str, list(record)[:20])) or "none"
            raise CorpusError(f"{path}: no record has the field {name!r} ({key}): they have {fields}{hint}")
    value = look_up_field(record, settings.text_field)
    if isinstance(value, list):
        hint = f"make one string of it, as `jq -c '{joining_of(settings.text_field, value)}'` does"
        raise CorpusError(
            f"{path}: the field {settings.text_field!r} (text_field) must hold text: it holds a list; {hint}"
        )
    if isinstance(value, dict):
        fields = ", ".join(f"{settings.text_field}.{name}" for name in list(value)[:20]) or "none"
        raise CorpusError(f"{path}: the field {settings.text_field!r} (text_field) must hold text: in it are {fields}")


def _has_several(text: str, end: int) -> bool:
    """Return whether another object follows the one that ends before an index."""
    return text.lstrip().startswith("{") and text[end:].lstrip(" \t\r,").startswith("{")


def _cause_of(error: ValueError | RecursionError) -> str:
    """Return why a line is no JSON object."""
    if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data" and _has_several(error.doc, error.pos):
        return f"several JSON objects on one line: {_ONE_PER_LINE}"
    return f"no JSON: {error}"


def _parse_line(unread: Document, line: bytes, settings: RecordSettings) -> Document:
    try:
        record = json.loads(line.removeprefix(BOM_UTF8).decode())
    except (ValueError, RecursionError) as error:
        return replace(unread, reason=Reason.MALFORMED, cause=_cause_of(error))
    text = look_up_field(record, settings.text_field, Reason.MALFORMED)
    text = "" if text is None else text
    doc_id = look_up_field(record, settings.id_field) if settings.id_field else unread.doc_id
    is_named = type(doc_id) in (str, int, float) and doc_id != "" and doc_id == doc_id  # NaN: pandas has no value
    if type(text) is not str or not is_named:
        name = settings.text_field if type(text) is not str else settings.id_field
        return replace(unread, reason=Reason.MALFORMED, cause=f"no string in the field {name!r}")
    url, title = (look_up_field(record, name) if name else "" for name in (settings.url_field, settings.title_field))
    text = format_paragraphs(replace_surrogates(text), settings.sentences, settings.paragraphs)
    return Document(  # replace takes three times as long
        unread.corpus,
        replace_surrogates(str(doc_id)),
        text,
        reason=None if text else Reason.EMPTY,
        is_sentence_per_line=settings.sentences == "line",
        url=url if type(url) is str else "",
        title=str(title) if type(title) in (str, int) else "",
    )
