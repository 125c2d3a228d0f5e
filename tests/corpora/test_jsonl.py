"""JSON lines: each line a document or a counted reason."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlnet_data.corpora.jsonl import read_jsonl
from xlnet_data.corpora.pieces import lines
from xlnet_data.corpora.pieces.lines import is_cuttable_by_lines
from xlnet_data.corpora.pieces.records import RecordSettings
from xlnet_data.errors import ConfigError, CorpusError, TruncatedError
from xlnet_data.files import opening, ranges
from xlnet_data.files.ranges import FileRange, InputFile, cut_file
from xlnet_data.schemas.document import Document, Reason

Write = Callable[[bytes], Path]


def read(path: Path, **keys: str) -> list[Document]:
    return list(read_jsonl(FileRange("c", str(path), "a.jsonl"), RecordSettings(**keys)))


def test_a_line_is_a_document_whose_id_is_the_files_and_the_lines_offset(write: Write) -> None:
    path = write(b'\xef\xbb\xbf{"text": "One.\\nTwo."}\r\n\n  \n{"text": "caf\\u00e9 \xe5\x8a\x9b"}')
    assert read(path) == [Document("c", "a.jsonl@0", "One.\n\nTwo."), Document("c", "a.jsonl@31", "café 力")]


def test_sentences_and_paragraphs_are_those_of_plain_text(write: Write) -> None:
    path = write(b'{"text": "One\\nTwo\\n\\nThree"}\n')
    assert read(path, sentences="line") == [Document("c", "a.jsonl@0", "One\nTwo\n\nThree", is_sentence_per_line=True)]
    assert read(path, paragraphs="blank-line")[0].text == "One Two\n\nThree"


def test_fields_are_found_by_their_names_and_through_dots(write: Write) -> None:
    path = write(b'{"meta": {"body": {"en": "Text."}, "n": 7}}\n{"meta.body.en": "Flat.", "meta": {"n": "x/8"}}\n')
    documents = read(path, text_field="meta.body.en", id_field="meta.n")
    assert documents == [Document("c", "7", "Text."), Document("c", "x/8", "Flat.")]


def test_texts_that_are_all_web_pages_are_an_error_and_some_among_others_are_texts(write: Write) -> None:
    page = b'{"body": {"html": "\\n<!DOCTYPE html>\\n<html><p>Boats."}}\n'
    with pytest.raises(CorpusError, match=r"the texts in 'body\.html' are the sources of web pages \(HTML\): extract"):
        read(write(page * 5), text_field="body.html")
    assert len(read(write(page * 5 + b'{"body": {"html": "Late."}}'), text_field="body.html")) == 6
    assert len(read(write(page), text_field="body.html")) == 1


def test_texts_that_are_mostly_escaped_twice_are_an_error(write: Write) -> None:
    escaped = rb'{"text": "Boats.\\nCaf\\u00e9s are \\\"old\\\"."}' + b"\n"
    assert json.loads(escaped)["text"] == r"Boats.\nCaf\u00e9s are \"old\"."
    with pytest.raises(CorpusError, match=r"written as JSON twice, and hold .*: read them once more, as `jq"):
        read(write(escaped * 5 + b'{"text": "Short."}\n' * 4))
    for others in (b'{"text": "Short."}\n' * 5, rb'{"text": "Two.\nLines."}'):
        assert len(read(write(escaped * 5 + others))) > 5
    formula = rb'{"text": "Let \\nabla be \\nu."}' + b"\n"
    assert len(read(write(formula * 9))) == 9


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b'{"text": "cut', r"no JSON: .+ \(char 9\)"),
        (b'["text"]', "no string in the field 'text'"),
        (b'"text"', "no string in the field 'text'"),
        (b'{"id": 1}', "no string in the field 'text'"),
        (b'{"text": ["a"], "id": 1}', "no string in the field 'text'"),
        (b'{"text": "no id"}', "no string in the field 'id'"),
        (b'{"text": "a", "id": null}', "no string in the field 'id'"),
        (b'{"text": "a", "id": ""}', "no string in the field 'id'"),
        (b'{"text": "a", "id": NaN}', "no string in the field 'id'"),
        (b'{"text": "a", "id": true}', "no string in the field 'id'"),
        (b'{"text": "caf\xe9", "id": 1}', "no JSON: .+ byte 0xe9 in position 13: .+"),
        (b'{"text": "a", "id": ' + b"1" * 5000 + b"}", "no JSON: .+ 5000 digits.*"),
        (b"[" * 100_000, "no JSON: .*recursion.*"),
    ],
)
def test_a_line_that_is_no_record_is_told_with_its_cause_and_the_next_is_read(
    write: Write, line: bytes, cause: str
) -> None:
    bad, good = read(write(line + b'\n{"text": "good", "id": "x"}\n'), id_field="id")
    assert bad == Document("c", "a.jsonl@0", "", Reason.MALFORMED, cause=bad.cause)
    assert re.fullmatch(cause, bad.cause)  # what is behind "no JSON" is Python's
    assert good == Document("c", "x", "good")


def test_a_title_that_is_a_number_is_a_title(write: Write) -> None:
    [document] = read(write(b'{"text": "good", "name": 1984}\n'), title_field="name")
    assert document.title == "1984"


@pytest.mark.parametrize("text", [b'" \\n "', b"null"])
def test_a_record_without_text_is_empty_and_the_next_is_read(write: Write, text: bytes) -> None:
    content = b'{"text": ' + text + b', "id": 1, "name": "N"}\n{"text": "good", "id": "x", "name": "O"}\n'
    empty, good = read(write(content), id_field="id", title_field="name")
    assert empty == Document("c", "1", "", Reason.EMPTY, title="N")
    assert good == Document("c", "x", "good", title="O")


def test_half_surrogates_become_replacement_characters(write: Write) -> None:
    [document] = read(write(b'{"text": "a \\ud83d b \\ud83d\\ude00", "id": "\\udc00"}\n'), id_field="id")
    assert (document.doc_id, document.text) == ("\ufffd", "a \ufffd b \U0001f600")


def test_a_line_too_large_is_counted_and_the_next_is_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_RECORD_BYTES", 1000)
    path = write(b'{"text": "' + b"x" * 5000 + b'"}\n{"text": "good"}\n')
    for read_bytes in (64, 1 << 20):
        monkeypatch.setattr(opening, "READ_BYTES", read_bytes)
        assert [(d.doc_id, d.reason) for d in read(path)] == [
            ("a.jsonl@0", Reason.TOO_LARGE),
            ("a.jsonl@5013", None),
        ]


def test_a_split_within_one_endless_line_is_left_soon(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(b"x" * 1_000_000)
    monkeypatch.setattr(lines, "MAX_RECORD_BYTES", 1000)
    monkeypatch.setattr(opening, "READ_BYTES", 1000)
    num_blocks = 0
    read_blocks = opening.read_blocks

    def count_blocks(path: str, start: int) -> object:
        nonlocal num_blocks
        for block in read_blocks(path, start):
            num_blocks += 1
            yield block

    monkeypatch.setattr(lines, "read_blocks", count_blocks)
    assert list(read_jsonl(FileRange("c", str(path), "a", 10_000, 20_000), RecordSettings())) == []
    assert 10 <= num_blocks <= 12


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(texts=st.lists(st.text(max_size=30), max_size=10), split_bytes=st.integers(1, 200), escape=st.booleans())
def test_any_splits_give_the_documents_of_the_whole(
    tmp_path: Path, texts: list[str], split_bytes: int, escape: bool
) -> None:
    path = tmp_path / "a.jsonl"
    rows = [json.dumps({"text": text, "n": i}, ensure_ascii=escape) for i, text in enumerate(texts)]
    path.write_text("\n".join(rows), encoding="utf-8", errors="surrogatepass", newline="")
    file = InputFile(str(path), "a.jsonl", path.stat().st_size)
    whole = read(path, id_field="n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "RANGE_BYTES", split_bytes)
        patch.setattr(opening, "READ_BYTES", 16)
        parts = cut_file(file, "c", is_cuttable_by_lines(file, RecordSettings()))
        assert [d for file_range in parts for d in read_jsonl(file_range, RecordSettings(id_field="n"))] == whole
    assert [document.doc_id for document in whole] == [str(i) for i in range(len(texts))]
    assert ["".join(d.text.split()) for d in whole] == ["".join(text.split()) for text in texts]


def test_a_compressed_file_is_one_split_and_reads_the_same(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'{"text": "One."}\n{"text": "Two."}\n'
    whole = read(write(content))
    path = write(gzip.compress(content))
    monkeypatch.setattr(ranges, "RANGE_BYTES", 10)
    assert not is_cuttable_by_lines(InputFile(str(path), "a.jsonl", 50), RecordSettings())
    assert read(path) == whole


def test_a_cut_gzip_gives_the_lines_before_the_cut_and_then_an_error(write: Write) -> None:
    rows = [json.dumps({"text": f"text {i * 7919 % 104729}"}) for i in range(20000)]
    packed = gzip.compress("\n".join(rows).encode())
    reader = read_jsonl(FileRange("c", str(write(packed[: len(packed) // 2])), "a"), RecordSettings())
    documents: list[Document] = []
    with pytest.raises(TruncatedError, match="ends in the middle"):
        documents.extend(reader)
    assert 5000 < len(documents) < 15000
    assert [document.text for document in documents] == [json.loads(row)["text"] for row in rows[: len(documents)]]


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ConfigError, match="text_field must name the field"):
        RecordSettings(text_field="")
    with pytest.raises(ConfigError, match="sentences must be 'split' or 'line': got 'x'"):
        RecordSettings(sentences="x")
    with pytest.raises(ConfigError, match="paragraphs must be"):
        RecordSettings(paragraphs="x")


def test_chinese_json_lines_are_read_whole(samples: Path) -> None:
    path = samples / "unicode/wikiextractor-zh-json-jastfkjg-wiki_00"
    documents = read(path, id_field="id")
    assert len(documents) == 64
    assert {document.reason for document in documents} == {None}
    assert documents[0].doc_id == "13"
    assert documents[0].text.startswith("数学\n\n数学是")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutated_real_file_gives_documents_or_a_named_error(
    samples: Path, tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray((samples / "unicode/wikiextractor-zh-json-jastfkjg-wiki_00").read_bytes()[:200_000])
    if data.draw(st.booleans()):
        content = bytearray(gzip.compress(content, 1))
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    try:
        documents = read(path, id_field="id")
    except CorpusError:
        return
    assert all(bool(document.text) == (document.reason is None) for document in documents)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"text_field": "contents"},
            r"no record has the field 'contents' \(text_field\): they have content, url; did you",
        ),
        (
            {"text_field": "content", "id_field": "key"},
            r"no record has the field 'key' \(id_field\): they have content, url",
        ),
        (
            {"text_field": "lines"},
            r"the field 'lines' \(text_field\) must hold text: it holds a list; .+ '.lines \|= join\(\"\\n\"\)'",
        ),
        ({"text_field": "body"}, r"'body' \(text_field\) must hold text: in it are body.html, body.plain"),
    ],
)
def test_a_field_that_no_record_has_is_named_with_those_that_they_have(
    tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    path = tmp_path / "a.jsonl"
    record = '{"content": "One.", "url": "a"'
    more = ', "lines": ["One."], "body": {"html": "<p>One.", "plain": "One."}' * (
        settings["text_field"] in ("lines", "body")
    )
    path.write_text(f"{record}{more}}}\n{record}{more}}}\n")
    with pytest.raises(CorpusError, match=message):
        read(path, **settings)


def test_a_field_that_some_records_lack_makes_those_malformed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"content": "One."}\n{"text": "Two."}\n')
    assert [document.reason for document in read(path)] == [Reason.MALFORMED, None]


@pytest.mark.parametrize("between", ["", "\r", ", ", " \t"])
def test_several_objects_on_one_line_are_named_if_the_file_has_no_others(tmp_path: Path, between: str) -> None:
    path = tmp_path / "a.jsonl"
    objects = between.join(['{"text": "One."}', '{"text": "Two."}'])
    path.write_bytes(objects.encode() + b"\n")
    with pytest.raises(CorpusError, match="a line holds several JSON objects: write one per line"):
        read(path)
    path.write_bytes(objects.encode() + b'\n{"text": "Three."}\n')
    bad, good = read_jsonl(FileRange("c", str(path), "a"), RecordSettings())
    assert (bad.reason, good.reason) == (Reason.MALFORMED, None)
    assert "several JSON objects on one line: write one per line" in bad.cause


def test_a_json_text_sequence_is_read_as_lines(write: Write) -> None:
    path = write(b'\x1e{"text": "One."}\n\x1e\n\x1e{"text": "Two."}\n')
    assert [document.text for document in read(path)] == ["One.", "Two."]


def test_a_comma_behind_each_object_is_named(write: Write) -> None:
    with pytest.raises(CorpusError, match="a comma stands behind each object"):
        read(write(b'{"text": "One."},\n{"text": "Two."},\n'))


def test_lines_that_announce_a_summary_go(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "It fell.\n\n@highlight\n\nA mill fell\n@highlight\r\nSee @highlight"}))
    assert [document.text for document in read(path)] == ["It fell.\n\nA mill fell\n\nSee @highlight"]
