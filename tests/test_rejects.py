"""What is kept of the documents that filters drop: all of a task in one file, when its last batch comes."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from xlnet_data.config_files import parse_config
from xlnet_data.files.ranges import FileRange
from xlnet_data.ingestion.placing import dedup_key_of
from xlnet_data.ingestion.tallies import Tally
from xlnet_data.ingestion.tasks import Task
from xlnet_data.pipelines import rejects
from xlnet_data.pipelines.deduplicate import DuplicateIndex
from xlnet_data.pipelines.progress import Progress
from xlnet_data.pipelines.rejects import _KeepRejects, keep_duplicates, rejects_path, tasks_to_read_again
from xlnet_data.pipelines.stages import TokenizedBatch, compress_documents
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.schemas.tokenized import DUPLICATES_SCHEMA


def batch(task: int, number: int, is_last: bool, *doc_ids: str) -> TokenizedBatch:
    rows = pa.RecordBatch.from_pylist([], pa.schema([]))
    rejected = compress_documents(Document("c", doc_id, "A text.", Reason.TOO_SHORT) for doc_id in doc_ids)
    return TokenizedBatch(task, rows, rows, Tally(), is_last, "c", (number, 0), rejected)


def read(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_the_last_batch_of_a_task_names_the_file_of_all_that_the_task_rejected(tmp_path: Path) -> None:
    keep = _KeepRejects(str(tmp_path))
    keep.start_bundle()
    list(keep.process(batch(7, 0, False, "lost with its bundle")))
    keep.start_bundle()
    batches = [batch(7, 0, False, "a", "b"), batch(7, 1, False), batch(7, 2, True, "c")]
    batches += [batch(8, 0, True), batch(9, 0, True, "d")]
    passed = [out for one in batches for out in keep.process(one)]
    files = [list(out.files) for out in passed]
    assert [replace(out, files=()) for out in passed] == [replace(one, rejected=b"") for one in batches]
    assert [[Path(file.path).name for file in found] for found in files] == [
        *([], [], ["c-000007.jsonl.gz"], [], ["c-000009.jsonl.gz"])
    ]
    assert all(file.is_intact() for found in files for file in found)
    kept = {path.name: [row["doc_id"] for row in read(path)] for path in (tmp_path / "rejects").iterdir()}
    assert kept == {"c-000007.jsonl.gz": ["a", "b", "c"], "c-000009.jsonl.gz": ["d"]}


def test_a_task_is_read_again_for_its_duplicates_wherever_they_lie_and_a_repeated_one_stays_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ("Twice.", "Kept.", "Kept, too.", "Kept as well.", "All gone.", "Twice.", "Short")
    lines = [json.dumps({"id": f"{text} id", "text": text}) for text in texts]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    corpus = {"name": "c", "format": "jsonl", "paths": ["a.jsonl"], "id_field": "id", "language": "en"}
    config = parse_config({"corpora": [corpus | {"filters": {"min_chars": 6}}]}, str(tmp_path))
    task = Task("c", (FileRange("c", str(tmp_path / "a.jsonl"), "a.jsonl"),), 9)
    found = [
        {
            "dedup_key": dedup_key_of("c", f"{text} id", text.encode()),
            "is_exact": True,
            "is_repeat": text == "Twice.",
            "task": 3,
            "other_rank": 0,
            "other_id": "it",
            "other_title": "",
            "similarity": 1.0,
        }
        for text in ("Twice.", "All gone.", "Short")
    ]
    table = pa.Table.from_pylist(sorted(found, key=lambda row: row["dedup_key"]), DUPLICATES_SCHEMA)
    told: list[str] = []
    progress = Progress()
    monkeypatch.setattr(progress, "read_from", lambda corpus, source: told.append(source))
    monkeypatch.setattr(rejects, "DOCUMENTS_AT_ONCE", 2)
    (file,) = keep_duplicates((3, task), config, str(tmp_path), progress, DuplicateIndex([table]))
    assert file.is_intact()
    assert file.path == rejects_path(str(tmp_path), "c", 3, "-duplicates")
    assert [(row["doc_id"], row["text"], row["reason"]) for row in read(Path(file.path))] == [
        ("All gone. id", "All gone.", "duplicate"),
        ("Twice. id", "Twice.", "duplicate"),
    ]
    assert told == [str(task.ranges[0]), ""]
    assert keep_duplicates((3, task), config, str(tmp_path), progress, DuplicateIndex([])) == ()


def test_only_tasks_whose_corpus_is_compared_with_others_are_read_again() -> None:
    web = {"name": "web", "format": "commoncrawl-wet", "paths": ["*"]}  # of which each text is wanted once
    config = parse_config({"corpora": [{"name": "books", "format": "text", "paths": ["*"]}, web]}, ".")
    tasks = [Task(name, (), 9) for name in ("books", "web", "books")]
    assert tasks_to_read_again(enumerate(tasks), config) == [(1, tasks[1])]
