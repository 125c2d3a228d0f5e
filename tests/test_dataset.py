"""A split opened for reading: by number, by lane, as Arrow, and after it went to another process."""

import doctest
import json
import pickle
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from conftest import WriteDataset

import xlnet_data
from xlnet_data.dataset import ROWS_AT_ONCE, Dataset
from xlnet_data.errors import ConfigError, ShardError


@pytest.fixture(scope="module")
def folder(write_small_dataset: WriteDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_dataset(tmp_path_factory.mktemp("data") / "small")


@pytest.fixture(scope="module")
def data(folder: Path) -> Dataset:
    return xlnet_data.open_dataset(folder)


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, object]]:
    """Return the train split's rows as Arrow reads them, file after file."""
    return [
        row
        for path in sorted((folder / "train").glob("shard-*.arrow"))
        for row in pa.ipc.open_file(path).read_all().to_pylist()
    ]


def plain(example: dict[str, object]) -> dict[str, object]:
    """Return an example as Arrow would give it to Python."""
    return {name: value.tolist() for name, value in example.items()}  # type: ignore[attr-defined]


def test_examples_are_the_rows_of_the_shards_by_number_and_one_after_another(
    data: Dataset, rows: list[dict[str, object]]
) -> None:
    assert len(data) == len(rows)
    assert [plain(example) for example in data] == rows
    assert [plain(data[number]) for number in range(len(data))] == rows
    assert [plain(data[number - len(data)]) for number in range(len(data))] == rows


def test_an_iteration_reads_on_after_the_rows_that_it_takes_at_once(
    data: Dataset, rows: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(data) < ROWS_AT_ONCE
    monkeypatch.setattr("xlnet_data.dataset.ROWS_AT_ONCE", 7)
    assert len(data) % 7
    assert [plain(example) for example in data] == rows


def test_a_number_that_no_example_has_is_an_index_error(data: Dataset) -> None:
    for number in (len(data), -len(data) - 1):
        with pytest.raises(IndexError, match=f"example {number} of {len(data):,}"):
            data[number]


def test_an_example_is_read_by_whole_numbers_of_any_type_and_by_no_others(
    data: Dataset, rows: list[dict[str, object]]
) -> None:
    assert plain(data[np.int8(-1)]) == rows[-1]
    assert plain(data[np.uint8(7)]) == rows[7]
    for wrong in (1.5, slice(1, 3), [1], "lane"):
        with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
            data[wrong]  # type: ignore[index]


def test_examples_that_are_not_there_are_not_gathered(data: Dataset) -> None:
    for wrong in ([-1], [0, len(data)]):
        with pytest.raises(IndexError, match=f"of {len(data):,}"):
            data.gather(np.array(wrong))
    for mask in (np.array([True, False]), np.array([1.7]), np.array([[0, 1]]), np.array(3)):
        with pytest.raises(TypeError, match="a list of whole numbers"):
            data.gather(mask)
    assert data.gather(np.array([], np.int64))["input_ids"].shape == (0, 64)


def test_values_have_the_types_that_the_schema_gives_them(data: Dataset) -> None:
    example = data[0]
    assert {name: value.dtype.name for name, value in example.items()} == {
        "lane": "int32", "step": "int32", "backward": "bool", "input_ids": "uint16", "a_len": "uint16",
        "b_len": "uint16", "is_next": "bool", "b_start": "int32", "order": "uint16", "memory_len": "uint16",
    }  # fmt: skip
    shapes = {name: value.shape for name, value in example.items() if isinstance(value, np.ndarray)}
    num_entries = int(data.schema.metadata[b"num_targets"]) + 3
    assert shapes == {"input_ids": (64,), "order": (num_entries,)}
    assert isinstance(example["a_len"], np.uint16)
    assert isinstance(example["is_next"], np.bool_)


def test_a_lane_is_all_its_examples_in_order(data: Dataset, rows: list[dict[str, object]]) -> None:
    assert data.lanes == list(dict.fromkeys(row["lane"] for row in rows))
    for lane in data.lanes:
        expected = [row for row in rows if row["lane"] == lane]
        columns = data.lane(lane)
        assert columns["step"].tolist() == list(range(len(expected)))
        assert {name: values.tolist() for name, values in columns.items()} == {
            name: [row[name] for row in expected] for name in rows[0]
        }
    with pytest.raises(ConfigError, match=f"split 'train' has no lane 999: it has {len(data.lanes)} lanes"):
        data.lane(999)


def test_the_table_lies_in_the_mapped_files(data: Dataset, rows: list[dict[str, object]]) -> None:
    allocated = pa.total_allocated_bytes()
    table = data.to_arrow()
    assert pa.total_allocated_bytes() - allocated < table.nbytes / 100
    assert table.to_pylist() == rows
    assert table.schema.equals(data.schema, check_metadata=True)


def test_the_schema_says_what_the_shards_say_of_themselves(data: Dataset, folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    metadata = data.schema.metadata
    assert metadata[b"fingerprint"].decode() == manifest["fingerprint"] == data.manifest.fingerprint
    assert metadata[b"tokenizer_sha256"].decode() == manifest["tokenizer"]["sha256"]
    assert (metadata[b"split"], metadata[b"seq_len"], metadata[b"reuse_len"]) == (b"train", b"64", b"32")
    assert xlnet_data.open_dataset(folder, "dev").schema.metadata[b"split"] == b"dev"


def test_it_shows_itself_in_one_line(data: Dataset, folder: Path) -> None:
    assert repr(data) == f"Dataset('{folder}', 'train'): {len(data)} examples in {len(data.lanes)} lanes"


def test_a_split_that_is_missing_and_a_folder_that_is_no_dataset_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="has no split 'test': it has train, dev"):
        xlnet_data.open_dataset(folder, "test")
    with pytest.raises(ShardError, match=str(tmp_path)):
        xlnet_data.open_dataset(tmp_path)


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_bit_that_flipped_is_named_on_opening_unless_nobody_looks(folder: Path, tmp_path: Path, place: float) -> None:
    shutil.copytree(folder, tmp_path / "data")
    path = tmp_path / "data" / json.loads((folder / "manifest.json").read_text())["shards"][1]["file"]
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 4
    path.write_bytes(content)
    with pytest.raises(ShardError, match=rf"{path} is damaged: its sha256 is .*, the manifest says .*; copy the file"):
        xlnet_data.open_dataset(tmp_path / "data")
    assert len(xlnet_data.open_dataset(tmp_path / "data", "dev")) > 0
    path.unlink()
    with pytest.raises(ShardError, match=f"cannot read {path}: No such file"):
        xlnet_data.open_dataset(tmp_path / "data")


def test_a_checksum_is_not_looked_at_where_nobody_asks(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "data")
    manifest = tmp_path / "data" / "manifest.json"
    sha256 = json.loads(manifest.read_text())["shards"][0]["sha256"]
    manifest.write_text(manifest.read_text().replace(sha256, "0" * 64))
    assert len(xlnet_data.open_dataset(tmp_path / "data", check=False)) == len(xlnet_data.open_dataset(folder))
    with pytest.raises(ShardError, match=f"its sha256 is {sha256}, the manifest says 0000"):
        xlnet_data.open_dataset(tmp_path / "data")


def test_it_goes_to_another_process_by_its_paths(data: Dataset, rows: list[dict[str, object]]) -> None:
    pickled = pickle.dumps(data)
    assert len(pickled) < data.to_arrow().nbytes / 4
    again = pickle.loads(pickled)
    assert [plain(example) for example in again] == rows
    assert repr(again) == repr(data)


def test_fresh_targets_differ_from_the_second_epoch_on_and_are_of_the_splits_own_seed(folder: Path) -> None:
    data = xlnet_data.open_dataset(folder, "dev")
    epoch = len(list(data.batches(1, once=True)))
    written = list(islice(data.batches(1), 2 * epoch))
    fresh = list(islice(data.batches(1, fresh_targets=True), 2 * epoch))
    same = [bool((a["order"] == b["order"]).all()) for a, b in zip(written, fresh, strict=True)]
    assert all(same[:epoch])
    assert not any(same[epoch:])


def test_the_example_of_the_docstring_runs(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dataset").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    text = (Dataset.__doc__ or "").replace("  # doctest: +SKIP", "").replace("512", "64")
    example = doctest.DocTestParser().get_doctest(text, {"Dataset": Dataset, "np": np}, "Dataset", None, None)
    assert doctest.DocTestRunner().run(example) == (0, 5)


@pytest.fixture
def served(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """Return a copy of the dataset and the URL that a web server serves it under; copies of it go into a new folder."""
    source = tmp_path / "source"
    shutil.copytree(folder, source)
    monkeypatch.setenv("XLNET_DATA_CACHE", str(tmp_path / "cache"))

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Handler(*a, directory=str(source))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield source, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_dataset_behind_a_url_has_the_same_examples_and_is_copied_once(
    served: tuple[Path, str], rows: list[dict[str, object]]
) -> None:
    source, url = served
    found = Dataset(url)
    assert [plain(example) for example in found] == rows
    for path in source.glob("train/*.arrow"):
        path.unlink()
    assert [plain(example) for example in Dataset(url)] == rows
    assert list(found.batches(2, once=True))


@pytest.mark.parametrize("kind", ["file", "http"])
def test_a_file_of_a_remote_dataset_with_other_bytes_is_named(served: tuple[Path, str], kind: str) -> None:
    source, url = served
    shard = min(source.glob("train/shard-*.arrow"))
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    with pytest.raises(ShardError, match=f"{shard.name} is damaged: its sha256 is"):
        Dataset(url if kind == "http" else f"file://{source}", check=False)  # the copy itself compares them
    assert not list(source.parent.glob(f"cache/**/{shard.name}"))


def test_a_url_without_a_dataset_is_named(served: tuple[Path, str]) -> None:
    with pytest.raises(ShardError, match=r"127\.0\.0\.1.*nowhere"):
        Dataset(f"{served[1]}/nowhere")
