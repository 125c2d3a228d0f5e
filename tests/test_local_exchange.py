"""The exchange of a local build, without a flow: a task counts once its record is there, and nothing is done twice."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from xlnet_data.config_files import parse_config
from xlnet_data.files.ranges import FileRange
from xlnet_data.files.writing import OutputFile, atomic_write
from xlnet_data.ingestion.tallies import Candidate, Tally
from xlnet_data.ingestion.tasks import Task
from xlnet_data.pipelines.local import exchange
from xlnet_data.pipelines.local.exchange import _correct_tokens, _keep_unless_kept, _Spool, _sum_spool
from xlnet_data.pipelines.local.records import Records
from xlnet_data.pipelines.local.status import LocalProgress, read_counts
from xlnet_data.pipelines.stages import TokenizedBatch
from xlnet_data.schemas.tokenized import DUPLICATES_SCHEMA, KEYS_SCHEMA, TOKENIZED_SCHEMA


@pytest.fixture
def records(tmp_path: Path) -> Records:
    (tmp_path / "spool").mkdir()
    return Records(str(tmp_path), str(tmp_path / "records"))


def write(path: Path) -> OutputFile:
    with atomic_write(str(path)) as file:
        file.write(b"written")
    return OutputFile.of(str(path), file)


def batch(task: int, number: int, is_last: bool, *candidates: Candidate, **fields: Any) -> TokenizedBatch:
    rows, keys = (pa.RecordBatch.from_pylist([], schema) for schema in (TOKENIZED_SCHEMA, KEYS_SCHEMA))
    tally = Tally(Counter({("c", "read"): 10**number}), candidates)
    return TokenizedBatch(task, rows, keys, tally, is_last, "c", (number, 0), **fields)


def test_a_task_is_finished_by_a_record_that_names_its_spool_and_its_rejects(tmp_path: Path, records: Records) -> None:
    rejects = write(tmp_path / "rejects" / "c.gz")
    spool = _Spool(str(tmp_path / "spool"), records)
    assert list(spool.process(batch(3, 0, False))) == []
    assert records.find("task-000003") is None
    assert list(spool.process(batch(3, 1, True, files=(rejects,)))) == [1]
    assert list(spool.process(batch(4, 2, True))) == [1]
    assert list(spool.process(batch(5, 3, False))) == []
    spool.teardown()  # as where a later stage fails
    spool.teardown()
    assert sorted(path.name for path in (tmp_path / "spool").iterdir()) == ["task-000003.arrow", "task-000004.arrow"]
    assert records.find("task-000003") == records.find("task-000004") == {}
    Path(rejects.path).unlink()
    assert records.find("task-000003") is None
    (tmp_path / "spool" / "task-000004.arrow").write_bytes(b"")
    assert records.find("task-000004") is None


def test_the_counts_of_all_tasks_are_summed_without_what_deduplication_drops(tmp_path: Path, records: Records) -> None:
    folder = tmp_path / "spool"
    spool = _Spool(str(folder), records)
    stays, gone = (Candidate(number, "c", f"d{number}", 9, 1, 7, number) for number in (1, 2))
    for one in (batch(0, 0, False, gone), batch(0, 1, True), batch(1, 2, True, stays)):
        list(spool.process(one))
    (folder / "duplicates").mkdir()
    empty: dict[Any, Any] = {pa.string(): "", pa.bool_(): False}
    row = {field.name: empty.get(field.type, 0) for field in DUPLICATES_SCHEMA} | {"dedup_key": 2}
    table = pa.Table.from_pylist([row], DUPLICATES_SCHEMA)
    with pa.OSFile(str(folder / "duplicates" / "000.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as out:
        out.write_table(table)
    tally = _sum_spool(Tally(Counter({("c", "read"): -1})), str(folder), 2)
    assert tally == Tally(Counter({("c", "read"): 110}), (stays,))
    with pytest.raises(AssertionError, match="2 of 3 spool files"):
        _sum_spool(Tally(), str(folder), 3)


def test_a_task_is_read_again_once_for_its_duplicates(
    tmp_path: Path, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = parse_config({"corpora": [{"name": "c", "format": "text", "paths": ["*"]}]}, str(tmp_path))
    progress = LocalProgress(str(tmp_path), str(tmp_path / "left_out"), run=str(tmp_path))
    task = Task("c", (FileRange("c", str(tmp_path / "a.txt"), "a.txt"),), 9)
    reads: list[int] = []

    def keep(numbered: tuple[int, Task], *_: object) -> tuple[OutputFile, ...]:
        reads.append(numbered[0])
        return (write(tmp_path / f"{numbered[0]}.gz"),) if numbered[0] else ()

    monkeypatch.setattr(exchange, "keep_duplicates", keep)
    arguments = (config, records, str(tmp_path / "spool"), progress)
    for number in (0, 1, 0, 1):
        assert _keep_unless_kept((number, task), *arguments) == 1
    assert reads == [0, 1]
    (tmp_path / "1.gz").unlink()
    for number in (0, 1):
        _keep_unless_kept((number, task), *arguments)
    assert reads == [0, 1, 1]


@pytest.mark.parametrize("reported", [20, 900])  # where the other tasks were an earlier part's; before deduplication
def test_the_tokens_to_be_written_are_those_of_all_parts_of_a_build_without_duplicates(
    tmp_path: Path, reported: int
) -> None:
    table = {"corpora": [{"name": "c", "format": "text", "paths": ["x"]}], "output": {"dev_frac": 0.0}}
    config = parse_config(table, str(tmp_path))
    progress = LocalProgress(str(tmp_path), str(tmp_path / "left-out"), f"run {reported}")
    progress.add(tokens_read=reported)
    tally = Tally(Counter({("", "train"): 300, ("", "dev"): 40}))
    _correct_tokens(tally, config, progress)
    assert read_counts(str(tmp_path)).tokens_read == 340
