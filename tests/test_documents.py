"""From a file to a place in a lane: what happens to inputs that a parser or a filter dies on, and to cut ones."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from xlnet_data import documents
from xlnet_data.config import CorpusConfig, parse_config
from xlnet_data.corpora import FORMATS
from xlnet_data.documents import filter_documents, list_tasks, num_copies, read_documents
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.inputs import Split
from xlnet_data.schemas.document import Document, Reason

SPLIT = Split("c", "/nowhere/a.txt", "a.txt")
FIRST = Document("c", "first", "Text.")


def corpus(**keys: object) -> CorpusConfig:
    table = {"corpora": [{"name": "c", "format": "text", "paths": ["a.txt"], **keys}]}
    return parse_config(table, ".").corpora[0]


def die_with(error: Exception, monkeypatch: pytest.MonkeyPatch, *before: Document) -> None:
    def read(split: Split, settings: object) -> Iterator[Document]:
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
    assert found == [FIRST, Document("c", "a.txt@0", "", Reason.FAILED, notes=("rest_of_split_lost",))]


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

    monkeypatch.setattr(documents, "apply_filters", die)
    with pytest.raises(CorpusError, match=r"document 'first' of corpus 'c': RecursionError in die: too deep"):
        filter_documents([FIRST], corpus())
    assert [d.reason for d in filter_documents([FIRST], corpus(on_error="skip"))] == [Reason.FAILED]


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
    monkeypatch.setattr("xlnet_data.inputs.SPLIT_BYTES", 1_000)
    monkeypatch.setattr(documents, "SPLIT_BYTES", 1_000)
    for number in range(300):
        (tmp_path / f"tiny-{number:03}.txt").write_text("Some words.\n")
    (tmp_path / "zlarge.txt").write_text("Some more words.\n" * 250)
    config = parse_config({"corpora": [{"name": "c", "format": "text", "paths": ["*.txt"]}]}, str(tmp_path))
    tasks = list_tasks(config)
    assert len(tasks) == 9
    assert {split.file_id for task in tasks for split in task.splits} == {path.name for path in tmp_path.iterdir()}
    assert [split.start for task in tasks for split in task.splits if split.file_id == "zlarge.txt"][1:] != []
    assert sum(task.num_bytes for task in tasks) == sum(path.stat().st_size for path in tmp_path.iterdir())
