"""What is kept of the documents that filters drop: all of a task in one file, when its last batch comes."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from xlnet_data.ingestion.tallies import Tally
from xlnet_data.pipelines.rejects import _KeepRejects
from xlnet_data.pipelines.stages import TokenizedBatch, compress_documents
from xlnet_data.schemas.document import Document, Reason


def batch(task: int, number: int, is_last: bool, *doc_ids: str) -> TokenizedBatch:
    rows = pa.RecordBatch.from_pylist([], pa.schema([]))
    rejected = compress_documents(Document("c", doc_id, "A text.", Reason.TOO_SHORT) for doc_id in doc_ids)
    return TokenizedBatch(task, rows, rows, Tally(), is_last, "c", (number, 0), rejected)


def test_the_last_batch_of_a_task_names_the_file_of_all_that_the_task_rejected(tmp_path: Path) -> None:
    keep = _KeepRejects(str(tmp_path))
    keep.start_bundle()
    list(keep.process(batch(7, 0, False, "lost with its bundle")))
    keep.start_bundle()
    batches = [batch(7, 0, False, "a", "b"), batch(7, 1, True, "c"), batch(8, 0, True), batch(9, 0, True, "d")]
    passed = [out for one in batches for out in keep.process(one)]
    files = [list(out.files) for out in passed]
    assert [replace(out, files=()) for out in passed] == [replace(one, rejected=b"") for one in batches]
    assert [[Path(file.path).name for file in found] for found in files] == [
        *([], ["c-000007.jsonl.gz"], [], ["c-000009.jsonl.gz"])
    ]
    assert all(file.is_intact() for found in files for file in found)
    kept = {
        path.name: [json.loads(line)["doc_id"] for line in gzip.decompress(path.read_bytes()).splitlines()]
        for path in (tmp_path / "rejects").iterdir()
    }
    assert kept == {"c-000007.jsonl.gz": ["a", "b", "c"], "c-000009.jsonl.gz": ["d"]}
