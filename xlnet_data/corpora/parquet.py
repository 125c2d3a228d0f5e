"""Parquet files: one document per row, its text in a column."""

import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

from xlnet_data.checks import find_near
from xlnet_data.corpora.guards import read_guarded
from xlnet_data.corpora.pieces.lines import MAX_RECORD_BYTES, TOO_LARGE_CAUSE
from xlnet_data.corpora.pieces.paragraphs import format_paragraphs
from xlnet_data.corpora.pieces.parquet_metadata import dictionary_bytes, dies_of_metadata, largest_page_bytes
from xlnet_data.corpora.pieces.records import RECORD_FIELDS, PageCounter, RecordSettings
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files import opening
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.files.stores import is_url
from xlnet_data.schemas.document import Document, Reason

BATCH_BYTES = 8 * 1024 * 1024
"""Bytes of text that are decoded at a time, judged by a row group's average row."""


EXPANDED_BYTES = 256 * 1024 * 1024
"""Bytes of text that are decoded at a time at most, where a dictionary lets short files hold long texts many times."""


MAX_PAGE_BYTES = 256 * 1024 * 1024
"""Bytes that a page may have once it is unpacked, which pyarrow does at once; rows of larger ones are TOO_LARGE."""

MAX_EXPANDED_BYTES = 1024 * 1024 * 1024
MAX_EXPANSION = 100
"""Bytes of text that a row group unfolds to at most, or that many times its own size; rows beyond are TOO_LARGE."""

MAX_UNREAD_ROWS = 100_000
"""Rows without text that a row group may have, or as many as the file has bytes: a damaged one claims any number."""


def read_parquet(file_range: FileRange, settings: RecordSettings) -> Iterator[Document]:
    """Yield the documents of the row groups whose first byte lies in a range of a file.

    Raises:
        CorpusError: The file cannot be read, or lacks a column that the settings name; or all texts of its first range
            are web pages.
        TruncatedError: The file begins like Parquet but has no end; nothing can be read then.
    """
    with opening.open_raw(file_range.path) as content:
        if dies_of_metadata(content):
            cause = "its metadata is damaged, or encrypted"
            raise CorpusError(f"cannot read {file_range.path} as Parquet: {cause}; write it anew")
        content.seek(0)
        try:
            with parquet.ParquetFile(
                content, buffer_size=opening.READ_BYTES, pre_buffer=False, page_checksum_verification=True
            ) as file:  # pre_buffer would hold a row group's whole column
                yield from _read_row_groups(file, content, file_range, settings)
        except (pa.ArrowException, OSError, ValueError, RecursionError) as error:
            if _is_cut(content):
                message = f"{file_range.path}: ends before the end of its Parquet data: get a whole copy"
                raise TruncatedError(message) from error
            content.seek(0)
            head = content.read(8)
            if not head:
                raise CorpusError(f"{file_range.path} is empty, which no Parquet file is: leave it out") from error
            if packed := opening.compression_of(head):
                raise CorpusError(f"{file_range.path} is compressed as a whole ({packed}): decompress it") from error
            raise CorpusError(f"cannot read {file_range.path} as Parquet: {error}") from error


def is_parquet_cuttable(file: InputFile, settings: RecordSettings) -> bool:
    """Return True: each row group can be read alone."""
    return True


def _read_row_groups(
    file: parquet.ParquetFile, content: BinaryIO, file_range: FileRange, settings: RecordSettings
) -> Iterator[Document]:
    names = {key: name for key in RECORD_FIELDS if (name := getattr(settings, key))}
    for key, name in names.items():
        _check_column(file.schema_arrow, key, name, file_range.path)
    columns = list(dict.fromkeys(names.values()))
    row, pages = 0, PageCounter()
    for group in range(file.metadata.num_row_groups):
        rows = file.metadata.row_group(group)
        if (
            rows.num_rows
            and file_range.start <= _first_byte(rows)
            and (file_range.end == -1 or _first_byte(rows) < file_range.end)
        ):
            batch_rows = max(1, min(BATCH_BYTES * rows.num_rows // max(rows.total_byte_size, 1), 4096))
            chunks = [chunk for chunk in map(rows.column, range(rows.num_columns)) if chunk.path_in_schema in columns]
            if longest := _longest_repeated(content, chunks):
                batch_rows = max(1, min(batch_rows, EXPANDED_BYTES // longest))
            first, num_expanded = row, 0
            most_expanded = max(MAX_EXPANDED_BYTES, MAX_EXPANSION * rows.total_byte_size)
            groups = [] if _has_large_page(content, chunks, file_range.path) else [group]
            for batch in file.iter_batches(batch_rows, groups, columns, use_threads=False):
                row_ids = [file_range.id_at(i) for i in range(first, first + len(batch))]
                fields = {key: _leaf(batch, name).to_pylist() for key, name in names.items()}
                texts = fields["text_field"]
                for i, row_id in enumerate(row_ids):
                    values = {key: column[i] for key, column in fields.items()}
                    document = read_guarded(file_range, row_id, _parse_row, {"id_field": row_id} | values, settings)
                    pages.add(document.text)
                    yield document
                first += len(batch)
                num_expanded += sum(map(len, filter(None, texts)))
                if num_expanded > most_expanded:
                    break
            num_unread = row + rows.num_rows - first
            if num_unread > max(MAX_UNREAD_ROWS, content.seek(0, io.SEEK_END)):
                raise ValueError(f"it lacks {num_unread:,} rows that it declares: it is damaged, write it anew")
            cause = "its page or its dictionary unfolds to too many bytes"
            for i in range(first, first + num_unread):  # what a page or a dictionary unfolds to without end
                yield Document(file_range.corpus, file_range.id_at(i), "", Reason.TOO_LARGE, cause=cause)
        row += rows.num_rows
    if file_range.start == 0:
        pages.check(str(file_range), settings.text_field)


def _longest_repeated(content: BinaryIO, chunks: Sequence[parquet.ColumnChunkMetaData]) -> int:
    """Return the most bytes that a value of some columns of a row group may have that many rows repeat, 0 if none does.

    Values of a dictionary repeat, and where each value says how much of the one before it begins with.
    """
    dictionaries = (dictionary_bytes(content, chunk) for chunk in chunks)
    beginnings = (largest_page_bytes(content, chunk) for chunk in chunks if "DELTA_BYTE_ARRAY" in chunk.encodings)
    return max(itertools.chain(dictionaries, beginnings), default=0)


def _has_large_page(content: BinaryIO, chunks: Sequence[parquet.ColumnChunkMetaData], path: str) -> bool:
    """Return whether a page that is read is too large; of a remote file, where its declared sizes are suspect."""
    return any(
        largest_page_bytes(content, chunk) > MAX_PAGE_BYTES
        for chunk in chunks
        if not is_url(path) or chunk.total_uncompressed_size > MAX_EXPANSION * max(1, chunk.total_compressed_size)
    )


def _parse_row(unread: Document, values: dict[str, Any], settings: RecordSettings) -> Document:
    """Return the document of a row, whose values stand under the settings' keys."""
    text, doc_id = values["text_field"], values["id_field"]
    if text is not None and len(text) > MAX_RECORD_BYTES:
        return replace(unread, reason=Reason.TOO_LARGE, cause=TOO_LARGE_CAUSE)
    try:
        content = (text or b"").decode()
        name = doc_id.decode() if isinstance(doc_id, bytes) else str(doc_id)
    except UnicodeDecodeError as error:
        return replace(unread, reason=Reason.MALFORMED, cause=f"no UTF-8: {error.reason} at byte {error.start}")
    if doc_id in (None, "", b""):
        return replace(unread, reason=Reason.MALFORMED, cause=f"no value in the column {settings.id_field!r}")
    content = format_paragraphs(content, settings.sentences, settings.paragraphs)
    return replace(
        unread,
        doc_id=name,
        text=content,
        reason=None if content else Reason.EMPTY,
        is_sentence_per_line=settings.sentences == "line",
        url=(values.get("url_field") or b"").decode("utf-8", "replace"),
        title=(values.get("title_field") or b"").decode("utf-8", "replace"),
    )


def is_text(kind: pa.DataType) -> bool:
    """Return whether a column of this type holds strings."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _check_column(schema: pa.Schema, key: str, name: str, path: str) -> None:
    columns = dict(_list_columns(schema))
    if name not in columns:
        near = find_near(name, columns)
        hint = f"; did you mean {near!r}?" if near else ""
        raise CorpusError(f"{path} has no column {name!r} ({key}): it has {', '.join(columns) or 'none'}{hint}")
    if len(schema.get_all_field_indices(name)) > 1:
        raise CorpusError(f"{path} has several columns {name!r} ({key}): give each a name of its own")
    leaf = columns[name]
    is_fixed = pa.types.is_fixed_size_binary(leaf)  # not as an extension's storage: that of a UUID is no text
    leaf = leaf.storage_type if isinstance(leaf, pa.BaseExtensionType) else leaf
    leaf = leaf.value_type if pa.types.is_dictionary(leaf) else leaf
    is_bytes = is_fixed or pa.types.is_binary(leaf) or pa.types.is_large_binary(leaf) or pa.types.is_binary_view(leaf)
    # some writers (Impala, Hive, early Spark) do not say that bytes are text; what is no UTF-8 is malformed
    is_empty = pa.types.is_null(leaf)  # what pandas makes of a column that has no value in this one of many files
    if not (is_text(leaf) or is_bytes or is_empty) and not (key == "id_field" and pa.types.is_integer(leaf)):
        kinds = "text or whole numbers" if key == "id_field" else "text"
        advice = _advise(key, name, leaf)
        raise CorpusError(f"{path}: column {name!r} ({key}) must hold {kinds}: it holds {leaf}; {advice}")


def _advise(key: str, name: str, held: pa.DataType) -> str:
    """Return what to do about a column that holds something else than it must."""
    if pa.types.is_struct(held) and held.num_fields:
        return f"name a field of it, such as {name + '.' + held.field(0).name!r}"
    if key != "text_field":
        return f"write it as text, or leave {key} out"
    if pa.types.is_nested(held):
        return "join what a row holds into one text, in a column of its own"
    return "name the column of the texts"


def _list_columns(fields: Iterable[pa.Field], prefix: str = "") -> Iterator[tuple[str, pa.DataType]]:
    for field in fields:
        yield prefix + field.name, field.type
        if pa.types.is_struct(field.type):
            yield from _list_columns(field.type, f"{prefix}{field.name}.")


def _leaf(batch: pa.RecordBatch, name: str) -> pa.Array:
    """Return the values of a column, or of a nested one after the dots of its name; text as bytes."""
    while name not in batch.schema.names:
        outer, _, name = name.partition(".")
        column = batch.column(outer)
        batch = pa.RecordBatch.from_arrays(column.flatten(), schema=pa.schema(list(column.type)))
    column = batch.column(name)
    column = column.storage if isinstance(column, pa.ExtensionArray) else column
    column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return column if pa.types.is_integer(column.type) else column.cast(pa.large_binary())


def _first_byte(rows: parquet.RowGroupMetaData) -> int:
    columns = [rows.column(i) for i in range(rows.num_columns)]
    return int(min(column.dictionary_page_offset or column.data_page_offset for column in columns))


def _is_cut(content: BinaryIO) -> bool:
    """Return whether a file begins like Parquet but does not end so."""
    content.seek(0)
    head = content.read(4)
    content.seek(max(content.seek(0, 2) - 4, 0))
    return head == b"PAR1" and content.read(4) != b"PAR1"
