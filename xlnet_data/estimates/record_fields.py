"""Chooses the fields of records that hold text, id, address and title, judged by what some records hold."""

import contextlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from xlnet_data.corpora.parquet import is_text
from xlnet_data.corpora.pieces.lines import read_lines
from xlnet_data.corpora.pieces.records import joining_of
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files.ranges import FileRange

_RECORDS, _RECORD_BYTES = 100, 4_000_000
"""Records of a file that its fields are judged by, and bytes after which no more are read."""

_TEXT_FIELDS = ("text", "content", "contents", "raw_content", "body", "selftext", "article", "document", "clean-text")
_NO_TEXT_FIELDS = ("title", "name", "headline", "author", "authors", "license", "permalink", "url", "id")
_ID_FIELDS = ("id", "_id", "doc_id", "docid", "document_id", "docno", "uuid")
_ID = re.compile(r"(?:.*[-_.])?(?:id|no)|(?:doc|corpus|page|paper)id", re.IGNORECASE)
_NO_ID = re.compile(r"(?:.*[-_.])?(?:parent|link|user|author|shard|subreddit|dump|int|version)[-_]?id", re.IGNORECASE)
_URL = re.compile(r"https?://\S+\s*")
_HTML = re.compile(r"\s*<(?:!doctype\s|html|body|div|p|section|article)\b", re.IGNORECASE)
_MAX_DEPTH = 3


def choose_fields(records: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]] = ()) -> dict[str, str]:
    """Return the keys of a corpus of records: text_field, id_field, url_field, title_field, as far as they are needed.

    The text is in a field that is called so, or in the one with the most words. An id differs from record to record.

    Args:
        records: Some of one file.
        others: Some of another file, whose ids shall differ from the first one's.

    Raises:
        CorpusError: No field holds text; the message says what they hold instead.

    >>> choose_fields([{"url": "http://a", "n": 1, "story": "Once upon a time"}])
    {'text_field': 'story', 'id_field': 'url'}
    """
    values: dict[str, list[Any]] = defaultdict(list)
    for record in (*records, *others):
        for name, value in _flatten(record):
            values[name].append(value)
    num_records = len(records) + len(others)
    text = _choose_text(values)
    everywhere = {
        name: found for name, found in values.items() if name != text and len([*filter(_is_name, found)]) == num_records
    }
    ids = [name for name in everywhere if _ID.fullmatch(name) and not _NO_ID.fullmatch(name)]
    ids.sort(key=lambda name: (name.count("."), _ID_FIELDS.index(name) if name in _ID_FIELDS else len(_ID_FIELDS)))
    urls = [name for name, found in everywhere.items() if all(_URL.fullmatch(str(value)) for value in found)]
    urls.sort(key=lambda name: (not re.search("ur[il]", name, re.IGNORECASE), name.count(".")))
    ids += [name for name in urls if "." not in name]
    doc_id = next((name for name in ids if len(set(map(str, everywhere[name]))) == num_records), "")
    titles = [
        name
        for name, found in values.items()
        if name.rpartition(".")[2].lower() in ("title", "headline")
        and name != text
        and all(value is None or isinstance(value, str) for value in found)
        and not any(str(value).startswith("[{") for value in found)  # where a title lies, as JSON
    ]
    chosen = {
        "text_field": "" if text == "text" else text,
        "id_field": doc_id,
        "url_field": next((name for name in urls if doc_id not in urls), ""),
        "title_field": min(titles, key=lambda name: name.count("."), default=""),
    }
    return {key: name for key, name in chosen.items() if name}


def _flatten(record: Mapping[str, Any], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a record by their names, those of inner records after a dot."""
    for name, value in record.items():
        if isinstance(value, Mapping) and depth < _MAX_DEPTH:
            yield from _flatten(value, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", value


def _choose_text(values: Mapping[str, Sequence[Any]]) -> str:
    """Return the field that holds text.

    Raises:
        CorpusError: None does.
    """
    sizes = {name: sum(map(_prose_chars, found)) for name, found in values.items()}
    called = [
        name for name in values if name.rpartition(".")[2].lower() in _TEXT_FIELDS and _holds_strings(values[name])
    ]
    called.sort(key=lambda name: _TEXT_FIELDS.index(name.rpartition(".")[2].lower()))
    for name in called:
        if sizes[name]:
            return name
    texts = [name for name, size in sizes.items() if size and name.rpartition(".")[2].lower() not in _NO_TEXT_FIELDS]
    best = max(texts, key=lambda name: sizes[name], default="")
    pages = [name for name, found in values.items() if any(isinstance(v, str) and _HTML.match(v) for v in found)]
    for name in pages:
        if sum(len(value) for value in values[name] if isinstance(value, str)) > sizes.get(best, 0):
            raise CorpusError(f"its texts are HTML (in {name}): extract their text first")
    if best or called:
        return best or called[0]
    lists = {
        name: [piece for value in found if isinstance(value, list) for piece in value] for name, found in values.items()
    }
    longest = max(lists, key=lambda name: _pieces_chars(lists[name]), default="")
    if longest and _pieces_chars(lists[longest]):
        joining = joining_of(longest, lists[longest])
        raise CorpusError(f"its texts are lists of pieces: join them, in JSON lines as `jq -c '{joining}'` does")
    raise CorpusError("its records hold no text")


def _holds_strings(found: Sequence[Any]) -> bool:
    return any(isinstance(value, str) and value for value in found)


def _prose_chars(value: object) -> int:
    """Return the characters of a text of several words, or of letters beyond ASCII; 0 of a name, a URL or a page."""
    if not isinstance(value, str) or _URL.fullmatch(value) or _HTML.match(value):
        return 0
    return len(value) if len(value.split()) > 1 or not value.isascii() else 0


def _pieces_chars(pieces: Sequence[object]) -> int:
    """Return the characters of texts, and of those in records."""
    return sum(
        sum(map(_prose_chars, piece.values())) if isinstance(piece, Mapping) else _prose_chars(piece)
        for piece in pieces
    )


def _is_name(value: object) -> bool:
    return type(value) is int or (isinstance(value, str) and value != "")


def read_json(path: str) -> list[dict[str, Any]]:
    """Return some of a file's records."""
    records: list[dict[str, Any]] = []
    num_bytes = 0
    with contextlib.suppress(TruncatedError):
        for _, line in read_lines(FileRange("", path, "")):
            if isinstance(line, bytes):
                with contextlib.suppress(ValueError, RecursionError):
                    record = json.loads(line.lstrip(b"\x1e").decode("utf-8-sig", "replace"))
                    records += [record] if isinstance(record, dict) else []
                num_bytes += len(line)
            if len(records) >= _RECORDS or num_bytes >= _RECORD_BYTES:
                break
    return records


def read_rows(path: str) -> list[dict[str, Any]]:
    """Return some of a table's rows; columns of bytes only where none is text, as some writers have no other."""
    with parquet.ParquetFile(path) as file:
        kinds = {column.name: column.type for column in file.schema_arrow}
        has_text = any(map(is_text, kinds.values()))
        columns = [name for name, kind in kinds.items() if not (has_text and _is_bytes(kind))]
        first = next(file.iter_batches(_RECORDS, columns=columns), None)
        rows = first.to_pylist() if first is not None else []
    return [
        {name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value for name, value in row.items()}
        for row in rows
    ]


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
