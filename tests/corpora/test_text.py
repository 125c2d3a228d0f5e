"""Plain text: every character in one document, whoever reads which bytes."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlnet_data.corpora.pieces import lines
from xlnet_data.corpora.pieces.lines import is_cuttable_by_lines
from xlnet_data.corpora.text import TextSettings, read_text
from xlnet_data.errors import ConfigError, CorpusError, TruncatedError
from xlnet_data.files import opening, ranges
from xlnet_data.files.ranges import FileRange, InputFile, cut_file
from xlnet_data.schemas.document import Document, Reason

Write = Callable[[bytes], Path]


def read(path: Path, split_bytes: int | None = None, **keys: str) -> list[Document]:
    """Read a file, in file ranges of so many bytes if they are given."""
    file = InputFile(str(path), path.name, path.stat().st_size)
    starts = range(0, file.size, split_bytes) if split_bytes else [0]
    ends = [*starts[1:], file.size] if split_bytes else [-1]
    parts = [FileRange("c", file.path, file.file_id, start, end) for start, end in zip(starts, ends, strict=True)]
    return [document for file_range in parts for document in read_text(file_range, TextSettings(**keys))]


def texts(documents: list[Document]) -> dict[str, str]:
    return {document.doc_id: document.text for document in documents}


def test_a_file_is_one_document_with_a_paragraph_per_line(write: Write) -> None:
    path = write(b"\xef\xbb\xbfOne. Two.\r\n\r\n  Three.\t\r\n")
    assert read(path) == [Document("c", "a.txt", "One. Two.\n\nThree.")]


def test_hard_wrapped_lines_are_joined_until_a_blank_line(write: Write) -> None:
    path = write(b"One\nis long.\n \t\n\nTwo.\n")
    assert texts(read(path, paragraphs="blank-line")) == {"a.txt": "One is long.\n\nTwo."}


@pytest.mark.parametrize("paragraphs", ["line", "blank-line"])
def test_with_a_sentence_per_line_a_blank_line_ends_a_paragraph(write: Write, paragraphs: str) -> None:
    path = write(b"One.\nTwo.\n\n\nThree.\n")
    [document] = read(path, sentences="line", paragraphs=paragraphs)
    assert document == Document("c", "a.txt", "One.\nTwo.\n\nThree.", is_sentence_per_line=True)


def test_a_blank_line_ends_a_document_when_the_settings_say_so(write: Write) -> None:
    path = write(b"\n \nOne.\nTwo.\n\t\n\n  Three.\n\n")
    assert texts(read(path, documents="blank-line")) == {"a.txt@3": "One.\n\nTwo.", "a.txt@16": "Three."}
    [first, second] = read(path, documents="blank-line", sentences="line")
    assert (first.text, second.text) == ("One.\nTwo.", "Three.")
    assert first.is_sentence_per_line


@pytest.mark.parametrize("content", [b"", b"\n \n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_file_without_text_is_one_empty_document(write: Write, content: bytes) -> None:
    assert read(write(content)) == [Document("c", "a.txt", "", Reason.EMPTY)]


def test_a_byte_outside_the_encoding_is_an_error_that_names_file_offset_and_key(write: Write) -> None:
    path = write(b"\xef\xbb\xbfcaf\xe9 noir\n")
    with pytest.raises(CorpusError, match=r"a\.txt: byte 0xe9 at offset 6 is not utf-8; set `encoding`"):
        read(path)
    with pytest.raises(CorpusError, match="offset 6"):
        read(path, documents="blank-line")
    assert read(write(b"caf\xe9 noir\n"), encoding="cp1252")[0].text == "café noir"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"documents": "line"}, "documents must be 'file' or 'blank-line': got 'line'"),
        ({"sentences": "lines"}, "sentences must be 'split' or 'line': got 'lines'"),
        ({"paragraphs": "file"}, "paragraphs must be 'line' or 'blank-line': got 'file'"),
        ({"encoding": "utf8000"}, "encoding must be one that Python knows: got 'utf8000'"),
        ({"encoding": "utf-16"}, "encoding must write a line end as one byte: got 'utf-16'"),
        ({"encoding": "\0"}, "encoding must be one that Python knows: got "),
        ({"encoding": "base64"}, "encoding must be one that Python knows: got 'base64'"),
    ],
)
def test_a_setting_out_of_range_is_refused(keys: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TextSettings(**keys)


def test_a_large_file_is_cut_at_line_ends_and_its_ids_hold_the_offsets(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "PART_BYTES", 144)
    counts = {doc_id: text.count("line") for doc_id, text in texts(read(write(b"one line.\n" * 40))).items()}
    assert counts == {"a.txt": 15, "a.txt@150": 14, "a.txt@290": 11}


def test_a_line_without_end_is_cut_after_a_blank_or_between_characters(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "PART_BYTES", 32)
    assert list(texts(read(write(b"0123456789 " * 9)))) == ["a.txt", "a.txt@33", "a.txt@66"]
    documents = read(write("й".encode() * 8 + b"x" + "й".encode() * 50))
    assert "".join(document.text for document in documents) == "й" * 8 + "x" + "й" * 50
    assert [document.doc_id for document in documents] == ["a.txt", "a.txt@33", "a.txt@65", "a.txt@97"]


def test_a_file_above_the_range_size_is_cuttable_unless_compressed(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGE_BYTES", 10)
    for content, expected in [(b"x" * 11, True), (b"x" * 10, False), (gzip.compress(b"x" * 11), False)]:
        path = write(content)
        file = InputFile(str(path), "a.txt", len(content))
        assert is_cuttable_by_lines(file, TextSettings()) is expected


def test_the_files_own_splits_give_the_documents_of_the_whole(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("".join(f"line {i}\n" + "\n" * (i % 3 == 0) for i in range(2000)).encode())
    file = InputFile(str(path), "a.txt", path.stat().st_size)
    whole = read(path, documents="blank-line")
    monkeypatch.setattr(ranges, "RANGE_BYTES", 1000)
    parts = list(cut_file(file, "c", is_cuttable_by_lines(file, TextSettings())))
    assert len(parts) > 10
    assert [d for file_range in parts for d in read_text(file_range, TextSettings(documents="blank-line"))] == whole
    assert len(whole) == 668


# blank lines, odd line ends, characters of each length in UTF-8
PIECES = st.sampled_from(["\n", "\n\n", " ", "\r\n", "\t", "\n \n", "a", "bc", "é", "力", "𝒳", "word word"])
SMALL = {"split_bytes": st.integers(1, 80), "read_bytes": st.integers(8, 30)}
MANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


@MANY
@given(pieces=st.lists(PIECES, max_size=60), part_bytes=st.integers(8, 60), **SMALL)
@pytest.mark.parametrize("documents", ["file", "blank-line"])
def test_whoever_reads_which_bytes_the_documents_are_the_same(
    tmp_path: Path, documents: str, pieces: list[str], split_bytes: int, part_bytes: int, read_bytes: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "PART_BYTES", part_bytes)
        path = tmp_path / "a.txt"
        path.write_text("".join(pieces), encoding="utf-8", newline="")
        whole = read(path, documents=documents)
        patch.setattr(opening, "READ_BYTES", read_bytes)
        if path.stat().st_size:
            assert read(path, split_bytes, documents=documents) == whole
        compressed = tmp_path / "packed" / "a.txt"
        compressed.parent.mkdir(exist_ok=True)
        compressed.write_bytes(gzip.compress(path.read_bytes()))
        assert read(compressed, documents=documents) == whole
    assert "".join("".join(document.text for document in whole).split()) == "".join("".join(pieces).split())
    assert len({document.doc_id for document in whole}) == len(whole)


@MANY
@given(sizes=st.lists(st.integers(0, 40), max_size=12), **SMALL)
def test_passages_too_large_are_the_same_in_every_reading(
    tmp_path: Path, sizes: list[int], split_bytes: int, read_bytes: int
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"".join(b"x" * size + b"\n\n" for size in sizes))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "MAX_RECORD_BYTES", 20)
        whole = read(path, documents="blank-line")
        patch.setattr(opening, "READ_BYTES", read_bytes)
        assert not sizes or read(path, split_bytes, documents="blank-line") == whole
    expected = [Reason.TOO_LARGE if size > 19 else None for size in sizes if size]
    assert [document.reason for document in whole] == expected


def test_a_passage_of_many_lines_can_be_too_large_too(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_RECORD_BYTES", 20)
    documents = read(write(b"0123456789\n" * 3 + b"\nshort\n"), documents="blank-line")
    assert [(d.doc_id, d.text, d.reason) for d in documents] == [
        ("a.txt@0", "", Reason.TOO_LARGE),
        ("a.txt@34", "short", None),
    ]


@pytest.mark.parametrize("documents", ["file", "blank-line"])
def test_a_cut_gzip_gives_the_text_before_the_cut_and_then_an_error(write: Write, documents: str) -> None:
    content = "".join(f"naïve {i * 7919 % 104729}\n" + "\n" * (i % 5 == 0) for i in range(20000))
    packed = gzip.compress(content.encode())
    path = write(packed[: len(packed) * 2 // 3])
    documents_read: list[Document] = []
    reader = read_text(FileRange("c", str(path), "a.txt"), TextSettings(documents=documents))
    with pytest.raises(TruncatedError, match=r"a\.txt: ends in the middle"):
        documents_read.extend(reader)
    text = "".join("".join(document.text for document in documents_read).split())
    assert len(text) > len(content) // 3
    assert "".join(content.split()).startswith(text)


def test_bert_and_xlnet_sample_text_is_read_by_its_documents(samples: Path) -> None:
    documents = read(samples / "books/bert-sample_text.txt", documents="blank-line", sentences="line")
    assert [len(document.text.splitlines()) for document in documents] == [3, 13, 15]
    assert "力加勝北区" in documents[0].text
    assert documents[2].text.startswith("The fountain of classic wisdom")


@pytest.mark.parametrize(
    ("name", "num_passages", "spot"),
    [
        ("books/charrnn-tinyshakespeare-input.txt", 7222, "First Citizen:"),
        ("books/wikitext-2-valid.txt", 1160, "Homarus gammarus"),
        ("books/cw-gutenberg-clean-10076.txt", 1926, "LISTER'S GREAT ADVENTURE"),
        ("books/cw-gutenberg-raw-10076.txt", 1999, "Chatacter set encoding"),
        ("books/gitenberg-44157-0.txt", 776, "Entre Nous"),
        ("books/gitenberg-9198-8.txt", 614, "The Complete Angler, 1653"),
        ("books/gitenberg-972.txt", 1835, "The Devil's Dictionary"),
        ("books/gitenberg-972-old-dvldc10.txt", 1726, "The Devil's Dictionary"),
        ("unicode/gensim-crime-and-punishment.txt", 1, "В начале июля"),
    ],
)
def test_real_texts_are_one_document_or_as_many_as_they_have_passages(
    samples: Path, name: str, num_passages: int, spot: str
) -> None:
    path = samples / name
    encoding = "latin-1" if name.endswith("9198-8.txt") else "utf-8"
    [document] = read(path, encoding=encoding)
    content = path.read_text(encoding=encoding).removeprefix("\ufeff")
    assert "".join(document.text.split()) == "".join(content.split())
    assert spot in document.text[:1000]
    passages = read(path, documents="blank-line", encoding=encoding)
    assert len(passages) == num_passages
    assert read(path, 4096, documents="blank-line", encoding=encoding) == passages


def test_the_declaration_of_human_rights_is_read_in_each_of_its_languages(samples: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(samples / "unicode/nltk-udhr2.zip").extractall(tmp_path)
    paths = sorted(tmp_path.glob("udhr2/*.txt"))
    assert len(paths) == 388
    for path in paths:
        [document] = read(path, paragraphs="blank-line")
        assert "".join(document.text.split()) == "".join(path.read_text(encoding="utf-8").split())
    assert "human rights" in read(tmp_path / "udhr2/eng.txt")[0].text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), documents=st.sampled_from(["file", "blank-line"]))
def test_mutated_real_files_give_documents_or_a_named_error(
    samples: Path, tmp_path: Path, data, documents: str
) -> None:
    name = data.draw(st.sampled_from(["bert-sample_text.txt", "gitenberg-44157-0.txt"]))
    content = bytearray((samples / "books" / name).read_bytes())
    if data.draw(st.booleans()):
        content = bytearray(gzip.compress(content, 1))
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    try:
        found = read(path, documents=documents, encoding=data.draw(st.sampled_from(["utf-8", "cp1252", "latin-1"])))
    except CorpusError:
        return
    assert all(bool(document.text) == (document.reason is None) for document in found)
