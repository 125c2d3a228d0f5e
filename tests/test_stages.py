"""What the stages pass on: batches of a task in order, and what is told of them meanwhile."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from xlnet_data.config import BuildConfig
from xlnet_data.config_files import parse_config
from xlnet_data.files.ranges import FileRange
from xlnet_data.ingestion.tasks import Task
from xlnet_data.pipelines import stages
from xlnet_data.pipelines.progress import Progress
from xlnet_data.pipelines.stages import DocumentBatch, _Tokenize, filter_batch, read_batches
from xlnet_data.schemas.document import Document, Reason

FILES = ("a", "b")


class Told(Progress):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.read: list[tuple[str, str]] = []

    def add(self, **amounts: int) -> None:
        self.counts.update(amounts)

    def read_from(self, corpus: str, source: str) -> None:
        self.read.append((corpus, source))


@pytest.fixture
def config(small_model: Path) -> BuildConfig:
    corpora = [{"name": "c", "format": "text", "paths": ["*"], "filters": {"min_words": 2}}]
    return parse_config(
        {"tokenizer": {"model": str(small_model)}, "corpora": corpora, "output": {"dev_frac": 0.5}}, "."
    )


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, config: BuildConfig) -> Callable[..., list[DocumentBatch]]:
    """Return a function that reads documents, some from each file of a task, in batches of a limit."""

    def read(told: Told, batch_chars: int, num_bytes: int, *files: list[Document]) -> list[DocumentBatch]:
        found = dict(zip(FILES, files, strict=True))

        def read_documents(file_range: FileRange, corpus: object) -> Iterator[Document]:
            yield from found[file_range.path]

        monkeypatch.setattr(stages, "read_documents", read_documents)
        monkeypatch.setattr(stages, "BATCH_CHARS", batch_chars)
        task = Task("c", tuple(FileRange("c", name, name) for name in FILES), num_bytes)
        return list(read_batches((7, task), config, told))

    return read


def documents(*texts: str) -> list[Document]:
    return [Document("c", text, text) for text in texts]


def texts_of(batches: list[DocumentBatch]) -> list[list[str]]:
    return [[document.text for document in batch.documents] for batch in batches]


def test_a_task_comes_in_numbered_batches_that_are_full_and_a_last_one(
    read: Callable[..., list[DocumentBatch]],
) -> None:
    batches = read(Told(), 1_000, 9, documents("a" * 600, "b" * 399, "c"), documents("d", "e" * 999, "f"))
    assert [[text[0] for text in texts] for texts in texts_of(batches)] == [["a", "b", "c"], ["d", "e"], ["f"]]
    assert [(batch.task, batch.number, batch.corpus, batch.is_last) for batch in batches] == [
        (7, 0, "c", False),
        (7, 1, "c", False),
        (7, 2, "c", True),
    ]
    assert texts_of(read(Told(), 1_000, 9, documents(*"abcdefghijklm"), [])) == [list("abcdefghij"), list("klm")]
    assert [(batch.number, batch.is_last) for batch in read(Told(), 1_000, 9, [], [])] == [(0, True)]


def test_texts_of_one_sentence_a_line_are_in_batches_of_their_own(read: Callable[..., list[DocumentBatch]]) -> None:
    lined = [replace(document, is_sentence_per_line=True) for document in documents("l", "m")]
    assert texts_of(read(Told(), 1_000, 9, [*documents("a"), *lined], documents("b", "c"))) == [
        ["a"],
        ["l", "m"],
        ["b", "c"],
    ]


@pytest.mark.parametrize("num_bytes", [1, 10_000])
def test_progress_is_told_in_bytes_and_a_task_s_bytes_are_told_whole(
    read: Callable[..., list[DocumentBatch]], num_bytes: int
) -> None:
    told = Told()
    read(told, 1_000, num_bytes, documents("天地玄黄" * 300, "half of a pair: \ud800"), documents("é" * 999))
    assert told.counts == {"documents_read": 3, "text_bytes": 3600 + 19 + 1998, "input_bytes": num_bytes}
    assert told.read == [("c", "a"), ("c", "b"), ("c", "")]


def test_the_bytes_of_the_text_stand_in_for_those_of_the_file_until_the_last_batch(
    read: Callable[..., list[DocumentBatch]], monkeypatch: pytest.MonkeyPatch
) -> None:
    added: list[int] = []
    told = Told()
    monkeypatch.setattr(told, "add", lambda input_bytes, **_: added.append(input_bytes))
    read(told, 1_000, 10_000, documents("a" * 1_000, "é" * 1_000), documents("b"))
    assert added == [1_000, 2_000, 7_000]
    read(told, 1_000, 2_500, documents("a" * 1_000, "é" * 1_000), documents("b"))
    assert added[3:] == [1_000, 1_500, 0]


def test_what_filters_drop_is_told_and_passed_on_with_its_reason(config: BuildConfig) -> None:
    told = Told()
    batch = DocumentBatch(7, 3, "c", [*documents("One two.", "One."), Document("c", "d", "", Reason.EMPTY)], True)
    passed = filter_batch(batch, config, told)
    assert [document.reason for document in passed.documents] == [None, Reason.TOO_SHORT, Reason.EMPTY]
    assert replace(passed, documents=batch.documents) == batch
    assert told.counts == {"documents_dropped": 2}


@pytest.mark.parametrize("keeps", [True, False])
def test_a_batch_that_is_tokenized_in_parts_ends_with_its_last_part(
    config: BuildConfig, small_model: Path, monkeypatch: pytest.MonkeyPatch, keeps: bool
) -> None:
    told = Told()
    tokenize = _Tokenize(replace(config, output=replace(config.output, rejects=keeps)), str(small_model), told)
    tokenize.setup()
    dropped = Document("c", "d", "Gone.", Reason.TOO_SHORT)
    batch = DocumentBatch(7, 3, "c", [*documents("One text.", "And another.", "A third."), dropped], True)
    (whole,) = tokenize.process(batch)
    assert (whole.task, whole.corpus, whole.number, whole.is_last, bool(whole.rejected)) == (
        7,
        "c",
        (3, 0),
        True,
        keeps,
    )
    num_tokens = told.counts["tokens_read"]
    counts = [whole.tally.counts["", split] for split in ("train", "dev")]
    assert num_tokens == sum(counts)
    assert min(counts) > 2
    apart = stages.tokenize_apart
    monkeypatch.setattr(
        stages, "tokenize_apart", lambda found, *rest: (part for one in found for part in apart([one], *rest))
    )
    parts = list(tokenize.process(batch))
    assert [(part.number, part.is_last) for part in parts] == [((3, number), number == 3) for number in range(4)]
    assert [bool(part.rejected) for part in parts] == [False, False, False, keeps]
    assert told.counts["tokens_read"] == 2 * num_tokens
    assert not any(part.is_last for part in tokenize.process(replace(batch, is_last=False)))
