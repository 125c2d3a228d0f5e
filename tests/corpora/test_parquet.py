"""Parquet: each row a document, row groups read apart."""

import base64
import bz2
import contextlib
import gzip
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from pyarrow.parquet import encryption

from xlnet_data.corpora import parquet as parquet_corpora
from xlnet_data.corpora.parquet import is_parquet_cuttable, read_parquet
from xlnet_data.corpora.pieces.parquet_metadata import largest_page_bytes
from xlnet_data.corpora.pieces.records import RecordSettings
from xlnet_data.errors import ConfigError, CorpusError, TruncatedError
from xlnet_data.files import ranges
from xlnet_data.files.ranges import FileRange, InputFile, cut_file
from xlnet_data.schemas.document import Document, Reason


def write(folder: Path, columns: dict[str, object], **keys: object) -> Path:
    path = folder / "a.parquet"
    parquet.write_table(pa.table(columns), path, **keys)
    return path


def read(path: Path, **keys: str) -> list[Document]:
    return list(read_parquet(FileRange("c", str(path), path.name), RecordSettings(**keys)))


def test_a_row_is_a_document_whose_id_is_the_files_and_the_rows_number(tmp_path: Path) -> None:
    path = write(tmp_path, {"n": [1, 2, 3], "text": ["One.\nTwo.", "力", "three"]}, row_group_size=2)
    assert read(path) == [
        Document("c", "a.parquet@0", "One.\n\nTwo."),
        Document("c", "a.parquet@1", "力"),
        Document("c", "a.parquet@2", "three"),
    ]


def test_texts_that_are_all_web_pages_are_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, {"html": ["<html lang=en><p>Boats."] * 5, "text": ["<html>"] * 4 + ["Late."]})
    with pytest.raises(CorpusError, match=r"the texts in 'html' are the sources of web pages \(HTML\)"):
        read(path, text_field="html")
    assert len(read(path)) == 5


@pytest.mark.parametrize(
    ("key", "values", "advice"),
    [
        ("text_field", [["One", "Two"]], "holds list<element: string>; join what a row holds into one text"),
        ("text_field", [{"body": "One"}], "holds struct<body: string>; name a field of it, such as 'column.body'"),
        ("text_field", [1.5], "holds double; name the column of the texts"),
        ("id_field", [Decimal("1.50")], r"holds decimal128\(3, 2\); write it as text, or leave id_field out"),
        ("url_field", [7], "holds int64; write it as text, or leave url_field out"),
    ],
)
def test_a_column_that_holds_something_else_is_refused_with_what_to_do(
    tmp_path: Path, key: str, values: list[object], advice: str
) -> None:
    path = write(tmp_path, {"text": ["One."], "column": values})
    with pytest.raises(CorpusError, match=advice):
        read(path, **{key: "column"})


def test_sentences_and_paragraphs_are_those_of_plain_text(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": ["One\nTwo\n\nThree"]})
    assert read(path, sentences="line") == [
        Document("c", "a.parquet@0", "One\nTwo\n\nThree", is_sentence_per_line=True)
    ]
    assert read(path, paragraphs="blank-line")[0].text == "One Two\n\nThree"


def test_columns_that_are_nested_too_deep_are_named(tmp_path: Path) -> None:
    column = pa.array(["a"])
    for _ in range(3000):
        column = pa.StructArray.from_arrays([column], ["a"])
    parquet.write_table(pa.table({"text": ["A boat."], "deep": column}), tmp_path / "a.parquet", store_schema=False)
    with pytest.raises(CorpusError, match=r"cannot read .*a\.parquet as Parquet"):
        read(tmp_path / "a.parquet")


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_text_and_ids_of_any_string_type_are_read_also_nested(tmp_path: Path, kind: pa.DataType) -> None:
    meta = pa.StructArray.from_arrays([pa.array(["a", "b"]).cast(kind), pa.array([7, 8])], names=["key", "n"])
    path = write(tmp_path, {"meta": meta, "body": pa.array(["One", "Two"]).cast(kind)})
    assert read(path, text_field="body", id_field="meta.n") == [Document("c", "7", "One"), Document("c", "8", "Two")]
    assert read(path, text_field="meta.key", id_field="body")[1] == Document("c", "Two", "b")


def test_rows_without_usable_text_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_corpora, "MAX_RECORD_BYTES", 5)
    texts = pa.array([None, b" ", b"caf\xe9", b"a", b"123456", b"fine"], pa.binary()).view(pa.string())
    path = write(tmp_path, {"text": texts, "id": ["0", "1", "2", None, "4", "5"]})
    assert [(d.doc_id, d.reason) for d in read(path, id_field="id")] == [
        ("0", Reason.EMPTY),
        ("1", Reason.EMPTY),
        ("a.parquet@2", Reason.MALFORMED),
        ("a.parquet@3", Reason.MALFORMED),
        ("a.parquet@4", Reason.TOO_LARGE),
        ("5", None),
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(
    texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=30),
    group_rows=st.integers(1, 10),
    split_bytes=st.integers(1, 2000),
    batch_bytes=st.integers(1, 500),
)
def test_any_splits_give_the_documents_of_the_whole(
    tmp_path: Path, texts: list[str], group_rows: int, split_bytes: int, batch_bytes: int
) -> None:
    columns = {"pad": list(range(len(texts))), "text": pa.array(texts, pa.string())}
    path = write(tmp_path, columns, row_group_size=group_rows)
    whole = read(path)
    file = InputFile(str(path), "a.parquet", path.stat().st_size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "RANGE_BYTES", split_bytes)
        patch.setattr(parquet_corpora, "BATCH_BYTES", batch_bytes)
        parts = list(cut_file(file, "c", is_parquet_cuttable(file, RecordSettings())))
        assert [d for file_range in parts for d in read_parquet(file_range, RecordSettings())] == whole
    assert [document.doc_id for document in whole] == [f"a.parquet@{row}" for row in range(len(texts))]
    assert ["".join(d.text.split()) for d in whole] == ["".join(text.split()) for text in texts]


def test_a_missing_column_is_an_error_that_names_those_there_are_and_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path, {"texts": ["a"], "meta": [{"id": 1}]})
    with pytest.raises(
        CorpusError, match=r"no column 'text' \(text_field\): .* texts, meta, meta\.id; did you mean 'te"
    ):
        read(path)
    with pytest.raises(CorpusError, match=r"no column 'zzz' \(id_field\)"):
        read(path, text_field="texts", id_field="zzz")
    with pytest.raises(CorpusError, match=r"column 'meta\.id' \(text_field\) must hold text: it holds int64"):
        read(path, text_field="meta.id")


def test_what_is_no_parquet_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for content in (b"", b"PAR", b"some text that is long enough to be more than a footer"):
        path.write_bytes(content)
        with pytest.raises(CorpusError, match=r"cannot read .*a\.parquet as Parquet|a\.parquet is empty") as caught:
            read(path)
        assert not isinstance(caught.value, TruncatedError)


def test_a_cut_file_is_called_so(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": ["a" * 1000] * 10})
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TruncatedError, match=r"a\.parquet: ends before the end"):
        read(path)


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="text_field must name the field or column"):
        RecordSettings(text_field="")
    with pytest.raises(ConfigError, match="sentences must be 'split' or 'line': got 'x'"):
        RecordSettings(sentences="x")
    with pytest.raises(ConfigError, match="paragraphs must be"):
        RecordSettings(paragraphs="x")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutated_file_gives_documents_or_a_named_error(tmp_path: Path, data: st.DataObject) -> None:
    path = write(tmp_path, {"text": [f"text {i} " * 20 for i in range(200)]}, row_group_size=50, compression="zstd")
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    path.write_bytes(content)
    try:
        documents = read(path)
    except CorpusError:
        return
    assert all(bool(document.text) == (document.reason is None) for document in documents)


def test_bytes_that_are_not_said_to_be_text_are_read_as_text(tmp_path: Path) -> None:
    for number, kind in enumerate((pa.binary(), pa.large_binary(), pa.binary(6))):
        path = tmp_path / f"{number}.parquet"
        parquet.write_table(pa.table({"text": pa.array(["Café.".encode(), b"\xe9 caf\xe9", None], kind)}), path)
        documents = list(read_parquet(FileRange("c", str(path), "f"), RecordSettings()))
        assert [(d.text, d.reason) for d in documents] == [
            ("Café.", None),
            ("", Reason.MALFORMED),
            ("", Reason.EMPTY),
        ]
    uuids = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"sixteen letters."], pa.binary(16)))
    parquet.write_table(pa.table({"text": uuids}), path)
    with pytest.raises(CorpusError, match="must hold text"):
        list(read_parquet(FileRange("c", str(path), "f"), RecordSettings()))


@pytest.mark.parametrize("encoding", ["RLE_DICTIONARY", "DELTA_BYTE_ARRAY"])
def test_a_text_that_its_encoding_repeats_is_decoded_a_few_rows_at_a_time_and_not_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    given = {} if encoding == "RLE_DICTIONARY" else {"use_dictionary": False, "column_encoding": {"text": encoding}}
    path = write(tmp_path, {"text": ["long " * 10_000] * 300}, compression="zstd", **given)
    assert encoding in parquet.read_metadata(path).row_group(0).column(0).encodings
    taken: list[int] = []
    iter_batches = parquet.ParquetFile.iter_batches

    def count(file: parquet.ParquetFile, rows: int, *given: object, **named: object) -> object:
        taken.append(rows)
        return iter_batches(file, rows, *given, **named)

    monkeypatch.setattr(parquet.ParquetFile, "iter_batches", count)
    monkeypatch.setattr("xlnet_data.corpora.parquet.EXPANDED_BYTES", 500_000)
    monkeypatch.setattr("xlnet_data.corpora.parquet.MAX_EXPANDED_BYTES", 1_000_000)
    monkeypatch.setattr("xlnet_data.corpora.parquet.MAX_EXPANSION", 1)
    reasons = [d.reason for d in read_parquet(FileRange("c", str(path), "f"), RecordSettings())]
    assert taken == [9]  # of 50,000 bytes and a few more
    assert reasons == [None] * 27 + [Reason.TOO_LARGE] * 273


def test_no_byte_of_a_footer_ends_the_process_that_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"text": ["one", None, "two"]})
    parquet.write_table(table, path)
    content = path.read_bytes()
    begin = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    end = begin + content[begin:].index(b"created_by" if b"created_by" in content else b"ARROW:schema")
    num_deadly = 0
    for at in range(begin, end):
        path.write_bytes(content[:at] + bytes([content[at] ^ 2]) + content[at + 1 :])
        try:
            assert len(list(read_parquet(FileRange("c", str(path), "f"), RecordSettings()))) <= 100
        except CorpusError as error:
            num_deadly += "its metadata is damaged" in str(error)
    assert num_deadly


@pytest.mark.parametrize("compression", ["none", "zstd", "gzip"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_rows_of_a_page_that_unfolds_too_far_are_too_large_and_those_of_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: str, version: str
) -> None:
    monkeypatch.setattr(parquet_corpora, "MAX_PAGE_BYTES", 50_000)
    texts = ["a" * 1000] * 100 + ["fine"] * 100
    columns = {"id": list(range(200)), "text": texts}
    path = write(
        tmp_path, columns, use_dictionary=False, compression=compression, row_group_size=100, data_page_version=version
    )
    reasons = [document.reason for document in read(path)]
    assert reasons == [Reason.TOO_LARGE] * 100 + [None] * 100
    monkeypatch.setattr(parquet_corpora, "MAX_PAGE_BYTES", 200_000)
    assert {document.reason for document in read(path)} == {None}


@pytest.mark.parametrize("use_dictionary", [True, False])
def test_the_largest_page_is_found_behind_smaller_ones(tmp_path: Path, use_dictionary: bool) -> None:
    texts = [f"{i} " + "é" * (i % 50) for i in range(5000)] + ["x" * 300_000]
    path = write(
        tmp_path, {"text": texts}, data_page_size=1000, use_dictionary=use_dictionary, write_page_checksum=True
    )
    column = parquet.read_metadata(path).row_group(0).column(0)
    with path.open("rb") as content:
        assert 300_000 < largest_page_bytes(content, column) < 900_000
        sizes = column.total_uncompressed_size
        assert largest_page_bytes(content, column) < sizes


def test_a_pages_header_is_read_over_the_statistics_in_it_and_ends_where_its_page_begins(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": ["a" * 200, "b" * 130, "c"]}, compression="none", use_dictionary=False)
    column = parquet.ParquetFile(path).metadata.row_group(0).column(0)
    with path.open("rb") as content:
        assert largest_page_bytes(content, column) == 3 * 4 + 331 + 6  # lengths, texts, and the levels of the rows
    lists = bytes([0x19, 0xF3]) + b"\xff" * 9 + b"\x01"  # a list of 2^63 bytes
    assert largest_page_bytes(io.BytesIO(bytes(column.data_page_offset) + lists + bytes(300)), column) == 0
    unknown = bytes([0x19, 0xFB]) + b"\xff" * 9 + b"\x01"  # and one of 2^63 maps, which no header has
    assert largest_page_bytes(io.BytesIO(bytes(column.data_page_offset) + unknown + bytes(300)), column) == 0


def test_no_byte_of_a_page_index_ends_the_process_or_changes_what_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": [f"{i} boats" for i in range(99)]}, write_page_index=True, use_dictionary=False)
    documents = read(path)
    content = path.read_bytes()
    column = parquet.read_metadata(path).row_group(0).column(0)
    assert column.has_column_index
    assert column.has_offset_index
    begin = (column.dictionary_page_offset or column.data_page_offset) + column.total_compressed_size
    end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    assert begin + 30 < end  # as many bytes of an index at least
    for at in range(begin, end):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x15]) + content[at + 1 :])
        with contextlib.suppress(CorpusError):
            assert len(read(path)) == len(documents)


@pytest.mark.parametrize(
    "end", [b"", b"\x80"]
)  # \x80: the end of a header, as pyarrow reads it, with bits that mean nothing
def test_a_page_that_claims_to_be_longer_than_the_file_is_a_named_error_and_takes_no_memory(
    tmp_path: Path, end: bytes
) -> None:
    path = write(tmp_path, {"text": ["one"]}, compression="none", use_dictionary=False)
    column = parquet.ParquetFile(path).metadata.row_group(0).column(0)
    content = bytearray(path.read_bytes())
    head = bytes([0x15, 0, 0x15, 2, 0x15]) + b"\x80\x80\x80\x80\x08" + end  # a data page of 1 byte, packed in 1 GiB
    content[column.data_page_offset : column.data_page_offset + len(head)] = head
    path.write_bytes(content)
    with pytest.raises(CorpusError, match="a page of 1,073,741,824 bytes is longer than the file"):
        read(path)


def test_rows_that_a_row_group_claims_and_does_not_hold_are_a_named_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, {"text": ["a" * 1000] * 20_000}, compression="zstd")
    assert {document.reason for document in read(path)} == {None}
    monkeypatch.setattr(parquet_corpora, "MAX_PAGE_BYTES", 500)
    assert {document.reason for document in read(path)} == {Reason.TOO_LARGE}
    monkeypatch.setattr(parquet_corpora, "MAX_UNREAD_ROWS", 10_000)
    with pytest.raises(CorpusError, match="lacks 20,000 rows that it declares"):
        read(path)


def test_a_column_without_any_value_is_an_empty_one_of_whatever_type(tmp_path: Path) -> None:
    path = write(tmp_path, {"text": ["One", None], "none": pa.nulls(2), "meta": [{"none": None}] * 2})
    assert read(path, title_field="none", url_field="meta.none")[0] == Document("c", "a.parquet@0", "One")
    assert [document.reason for document in read(path, text_field="none")] == [Reason.EMPTY] * 2
    assert [document.reason for document in read(path, id_field="none")] == [Reason.MALFORMED] * 2


def test_two_columns_of_one_name_are_a_named_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), path)
    with pytest.raises(CorpusError, match=r"several columns 'text' \(text_field\)"):
        read(path)


def test_a_column_of_a_type_that_is_made_of_text_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"text": pa.array(['"One."'], pa.json_())}), path)
    assert [document.text for document in read(path)] == ['"One."']


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (gzip.compress, r"is compressed as a whole \(.gz\): decompress it"),
        (bz2.compress, r"is compressed as a whole \(.bz2\): decompress it"),
        (lambda content: b"", "is empty, which no Parquet file is: leave it out"),
    ],
)
def test_a_file_that_is_compressed_as_a_whole_or_empty_is_named(
    tmp_path: Path, change: Callable[[bytes], bytes], message: str
) -> None:
    path = write(tmp_path, {"text": ["a"]})
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(CorpusError, match=message):
        read(path)


class Keys(encryption.KmsClient):
    """Hands out keys as they are."""

    def __init__(self, _: encryption.KmsConnectionConfig) -> None:
        super().__init__()

    def wrap_key(self, key: bytes, _: str) -> bytes:
        return base64.b64encode(key)


@pytest.mark.parametrize("has_plain_footer", [True, False])  # at its encrypted columns pyarrow aborts
def test_an_encrypted_file_is_named(tmp_path: Path, has_plain_footer: bool) -> None:
    table = pa.table({"text": ["Some text."]})
    secret = encryption.EncryptionConfiguration(
        footer_key="a", column_keys={"b": ["text"]}, plaintext_footer=has_plain_footer
    )
    properties = encryption.CryptoFactory(Keys).file_encryption_properties(encryption.KmsConnectionConfig(), secret)
    with parquet.ParquetWriter(tmp_path / "a.parquet", table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    with pytest.raises(CorpusError, match=r"a\.parquet as Parquet: .*encrypted"):
        read(tmp_path / "a.parquet")
