"""From a file to a place in a lane: what happens to inputs that a parser or a filter dies on, and to cut ones."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xlnet_data.config import CorpusConfig
from xlnet_data.config_files import parse_config
from xlnet_data.corpora import FORMATS
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files.ranges import FileRange
from xlnet_data.ingestion import reading, tasks
from xlnet_data.ingestion.placing import tokenize_apart
from xlnet_data.ingestion.reading import filter_documents, num_copies, read_documents
from xlnet_data.ingestion.tasks import list_tasks
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.text import encoding
from xlnet_data.text.tokenizer import Tokenizer

SPLIT = FileRange("c", "/nowhere/a.txt", "a.txt")
FIRST = Document("c", "first", "Text.")


def corpus(**keys: object) -> CorpusConfig:
    table = {"corpora": [{"name": "c", "format": "text", "paths": ["a.txt"], **keys}]}
    return parse_config(table, ".").corpora[0]


def die_with(error: Exception, monkeypatch: pytest.MonkeyPatch, *before: Document) -> None:
    def read(file_range: FileRange, settings: object) -> Iterator[Document]:
        yield from before
        raise error

    monkeypatch.setitem(FORMATS, "text", dataclasses.replace(FORMATS["text"], read=read))


def test_a_parser_that_dies_is_named_with_the_file_and_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    die_with(ZeroDivisionError("by zero"), monkeypatch, FIRST)
    with pytest.raises(CorpusError, match=r"a\.txt, after document 'first': ZeroDivisionError in read: by zero; "):
        list(read_documents(SPLIT, corpus()))


def test_what_a_parser_dies_on_is_counted_when_it_may_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    die_with(ZeroDivisionError("by zero"), monkeypatch, FIRST)
    found = list(read_documents(SPLIT, corpus(on_error="skip")))
    cause = "ZeroDivisionError in read: by zero"
    assert found == [FIRST, Document("c", "a.txt@0", "", Reason.FAILED, notes=("rest_of_split_lost",), cause=cause)]


@pytest.mark.parametrize("text", ["\u2028", "\u3000\n\n\xa0", "\u200b \u2028"])
def test_a_document_of_white_space_alone_is_empty(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, "text", replace(FORMATS["text"], read=lambda *_: iter([replace(FIRST, text=text)])))
    assert list(read_documents(SPLIT, corpus())) == [replace(FIRST, text="", reason=Reason.EMPTY)]


@pytest.mark.parametrize("before", [(), (FIRST,), (FIRST, Document("c", "a.txt@9", "", Reason.TRUNCATED))])
def test_a_cut_input_fails_or_is_counted_once(before: tuple[Document, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    die_with(TruncatedError("a.txt ends in the middle"), monkeypatch, *before)
    with pytest.raises(TruncatedError):
        list(read_documents(SPLIT, corpus()))
    found = list(read_documents(SPLIT, corpus(on_truncated="keep")))
    assert [document for document in found if document.reason is None] == [d for d in before if d.reason is None]
    assert [document.reason for document in found].count(Reason.TRUNCATED) == 1


def test_a_filter_that_dies_is_named_with_the_document_or_the_document_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: object) -> Document:
        raise RecursionError("too deep")

    monkeypatch.setattr(reading, "apply_filters", die)
    with pytest.raises(CorpusError, match=r"corpus 'c', document 'first': RecursionError in die: too deep"):
        filter_documents([FIRST], corpus(filters="web"))
    assert [d.reason for d in filter_documents([FIRST], corpus(filters="web", on_error="skip"))] == [Reason.FAILED]


def test_epochs_give_every_document_its_share_of_copies() -> None:
    def total(epochs: float) -> int:
        return sum(num_copies(corpus(epochs=epochs), f"d{number}", 0) for number in range(4_000))

    assert total(1.0) == 4_000
    assert total(2.0) == 8_000
    assert abs(total(0.25) - 1_000) < 120  # four standard deviations
    assert abs(total(1.5) - 6_000) < 130
    few, many = (
        {number for number in range(500) if num_copies(corpus(epochs=epochs), f"d{number}", 0)} for epochs in (0.3, 0.6)
    )
    assert few < many


def test_tiny_files_share_tasks_and_large_ones_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xlnet_data.files.ranges.RANGE_BYTES", 1_000)
    monkeypatch.setattr(tasks, "RANGE_BYTES", 1_000)
    for number in range(300):
        (tmp_path / f"tiny-{number:03}.txt").write_text("Some words.\n")
    (tmp_path / "zlarge.txt").write_text("Some more words.\n" * 250)
    config = parse_config({"corpora": [{"name": "c", "format": "text", "paths": ["*.txt"]}]}, str(tmp_path))
    listed = list_tasks(config)
    assert len(listed) == 9
    assert {file_range.file_id for task in listed for file_range in task.ranges} == {
        path.name for path in tmp_path.iterdir()
    }
    assert [file_range.start for task in listed for file_range in task.ranges if file_range.file_id == "zlarge.txt"][
        1:
    ] != []
    assert sum(task.num_bytes for task in listed) == sum(path.stat().st_size for path in tmp_path.iterdir())


RECORDS = "".join(f'{{"id": "d{number}", "text": "Some text. And more."}}\n' for number in range(5))


def read_jsonl(tmp_path: Path, on_error: str) -> list[Document]:
    (tmp_path / "a.jsonl").write_text(RECORDS)
    table = {"name": "c", "format": "jsonl", "paths": ["a.jsonl"], "id_field": "id", "on_error": on_error}
    config = parse_config({"corpora": [table]}, str(tmp_path))
    (task,) = list_tasks(config)
    return list(read_documents(task.ranges[0], config.corpora[0]))


def test_a_parser_that_dies_on_one_document_is_named_with_it_or_loses_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(unread: Document, line: bytes, *rest: object) -> Document:
        return replace(unread, text=str(1 // (b"d2" not in line)))

    monkeypatch.setattr("xlnet_data.corpora.jsonl._parse_line", parse)
    poisonous = f"a.jsonl@{2 * len(RECORDS) // 5}"
    cause = "ZeroDivisionError in parse: integer division or modulo by zero"
    with pytest.raises(CorpusError, match=re.escape(f"document '{poisonous}': {cause}; this is a fault")):
        read_jsonl(tmp_path, "error")
    found = read_jsonl(tmp_path, "skip")
    assert [document.reason for document in found] == [None, None, Reason.FAILED, None, None]
    assert found[2] == Document("c", poisonous, "", Reason.FAILED, cause=cause)


def test_what_tokenizing_dies_on_is_found_among_its_neighbours(
    small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split_documents = encoding.split_documents

    def die_on_second(texts: list[str], *rest: Any) -> Any:
        if any("second" in text for text in texts):
            raise ZeroDivisionError("by zero")
        return split_documents(texts, *rest)

    monkeypatch.setattr(encoding, "split_documents", die_on_second)
    texts = [Document("c", name, f"The {name} text.") for name in ("first", "second", "third")]
    for on_error in ("error", "skip"):
        table = {"corpora": [{"name": "c", "format": "text", "paths": ["a.txt"], "on_error": on_error}]}
        config = parse_config(table | {"output": {"dev_frac": 0}}, ".")
        tokenizer = Tokenizer.load(str(small_model), config.tokenizer)
        parts = tokenize_apart(texts, config.corpora[0], tokenizer, config, 0)
        if on_error == "error":
            with pytest.raises(CorpusError, match=r"corpus 'c', document 'second': ZeroDivisionError in die_on_second"):
                list(parts)
            continue
        found = list(parts)
        assert [name for part in found for name in part.rows.column("doc_id").to_pylist()] == ["first", "third"]
        counts = sum((part.tally.counts for part in found), Counter())
        assert (counts["c", "read"], counts["c", "kept"], counts["c", "dropped:failed"]) == (3, 2, 1)
