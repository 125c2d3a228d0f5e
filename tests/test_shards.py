"""Writing and reading shards: whole or not at all, readable in place, counted and hashed on the way."""

import dataclasses
import gc
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.redraws import make_redraw
from xlnet_data.datasets.shards import ShardWriting, open_shard, read_batch, shard_names, write_shard
from xlnet_data.errors import ShardError
from xlnet_data.examples.lanes import Lane, LaneText, reverse_lane
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.sampling import Examples, Sampling, sample_examples
from xlnet_data.files.opening import open_raw
from xlnet_data.files.writing import atomic_write
from xlnet_data.schemas.example import DOCUMENTS_SCHEMA, MAX_ROWS_PER_BATCH

SETTINGS = ExampleSettings(seq_len=32, reuse_len=16, k=6)
SAMPLING = Sampling(SETTINGS, 7, "train")
NAMES = shard_names("train", 0, 1)


def make_text(num_documents: int, document_len: int, first_id: int = 20) -> LaneText:
    tokens = num_documents * document_len
    ids = (first_id + np.arange(tokens) % 5_000).astype(np.uint16)
    starts = np.arange(0, tokens, document_len)
    lane = Lane(ids, np.arange(0, tokens, 10), starts, np.arange(num_documents))
    doc_ids = [f"d{i}" for i in range(num_documents)]
    none = [""] * num_documents
    return LaneText(lane, np.full(num_documents, document_len), ["c"] * num_documents, doc_ids, none, none)


def writing(folder: Path, compression: str = "none") -> ShardWriting:
    return ShardWriting(str(folder), 6_000, "tokenizer's", "config's", compression)


def tokens_in_no_example(found: list[Examples], lane_lens: dict[int, int], settings: ExampleSettings = SETTINGS) -> int:
    """Return the tokens that no example holds, forward or backward, counted one by one."""
    unseen = {(lane, place) for lane, length in lane_lens.items() for place in range(length)}
    for examples in found:
        lane = examples.lane // 2
        pairs = examples.pairs
        for row, step in enumerate(examples.steps.tolist()):
            begin = step * settings.stride
            a_end = begin + settings.reuse_len + int(pairs.a_len[row])
            b_start = int(pairs.b_start[row])
            for place in (*range(begin, a_end), *range(b_start, b_start + int(pairs.b_len[row]))):
                unseen.discard((lane, lane_lens[lane] - 1 - place if examples.is_backward else place))
    return len(unseen)


def test_without_memory_the_tokens_in_no_example_are_counted_by_corpus(tmp_path: Path) -> None:
    settings = ExampleSettings(seq_len=32, reuse_len=0, bidirectional=True)
    sampling = Sampling(settings, 7, "train")
    text = dataclasses.replace(make_text(20, 100), corpora=["c", "e"] * 10)
    info = write_shard([(3, text)], NAMES, sampling, writing(tmp_path))
    found = [
        *sample_examples(text.lane, 6, False, sampling),
        *sample_examples(reverse_lane(text.lane), 7, True, sampling),
    ]
    everywhere = tokens_in_no_example(found, {3: 2000}, settings)
    assert sum(info.tokens_in_no_example.values()) == everywhere > 0
    forward = write_shard(
        [(3, text)], NAMES, dataclasses.replace(sampling, settings=dataclasses.replace(settings, bidirectional=False)),
        writing(tmp_path / "forward"),
    )  # fmt: skip
    assert set(forward.tokens_in_no_example) == {"c", "e"}
    assert sum(forward.tokens_in_no_example.values()) > everywhere


@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
def test_a_shard_holds_the_examples_of_its_lanes_in_order_and_tells_their_counts(
    tmp_path: Path, compression: str
) -> None:
    lanes = [(4, make_text(30, 1_000)), (6, make_text(1, 28)), (7, make_text(1, 1_400, first_id=30))]
    info = write_shard(lanes, NAMES, SAMPLING, writing(tmp_path, compression))
    reader = open_shard(str(tmp_path), info.file)
    batches = [reader.get_batch(index) for index in range(reader.num_record_batches)]
    expected = []
    for number, text in lanes:
        for lane, is_backward in ((2 * number, False), (2 * number + 1, True)):
            reading = reverse_lane(text.lane) if is_backward else text.lane
            expected += list(sample_examples(reading, lane, is_backward, SAMPLING))
    assert [batch.to_pydict() for batch in batches] == [
        e.to_record_batch(batches[0].schema).to_pydict() for e in expected
    ]
    assert [batch.num_rows for batch in batches[:2]] == [
        MAX_ROWS_PER_BATCH,
        (30_000 - 29) // 16 + 1 - MAX_ROWS_PER_BATCH,
    ]
    # Lane 6 is too short for an example, but its tokens are counted.
    assert (info.lanes, info.tokens) == (6, 30_000 + 28 + 1_400)
    assert info.tokens_in_no_example == {"c": tokens_in_no_example(expected, {4: 30_000, 6: 28, 7: 1_400})}
    assert info.tokens_in_no_example["c"] >= 28
    assert info.examples == sum(batch.num_rows for batch in batches) == info.positive + info.negative
    is_next = [value for batch in batches for value in batch.column("is_next").to_pylist()]
    assert info.positive == sum(is_next)
    # The documents of lane 7 leave a negative B no place: there is but one.
    assert info.fallback == sum(int(e.pairs.is_fallback.sum()) for e in expected) > 50


def test_the_sidecar_lists_the_documents_of_both_readings_with_starts_in_reading_order(tmp_path: Path) -> None:
    text = make_text(2, 50)
    longer = LaneText(text.lane, np.array([30, 70]), ["c", "e"], ["first", "second"], ["", "u"], ["t", ""])
    info = write_shard([(1, longer)], NAMES, SAMPLING, writing(tmp_path))
    table = open_shard(str(tmp_path), info.documents_file).read_all()
    assert table.schema.equals(DOCUMENTS_SCHEMA)
    assert table.to_pylist() == [
        {"lane": 2, "start": 0, "length": 30, "corpus": "c", "doc_id": "first", "url": "", "title": "t"},
        {"lane": 2, "start": 30, "length": 70, "corpus": "e", "doc_id": "second", "url": "u", "title": ""},
        {"lane": 3, "start": 0, "length": 70, "corpus": "e", "doc_id": "second", "url": "u", "title": ""},
        {"lane": 3, "start": 70, "length": 30, "corpus": "c", "doc_id": "first", "url": "", "title": "t"},
    ]


def test_sizes_and_hashes_are_those_of_the_files_and_the_same_bytes_come_again(tmp_path: Path) -> None:
    infos = []
    for folder in ("one", "two"):
        info = write_shard([(0, make_text(5, 200))], NAMES, SAMPLING, writing(tmp_path / folder))
        infos.append(info)
        for name, size, sha256 in (
            (info.file, info.bytes, info.sha256),
            (info.documents_file, info.documents_bytes, info.documents_sha256),
        ):
            data = (tmp_path / folder / name).read_bytes()
            assert (len(data), hashlib.sha256(data).hexdigest()) == (size, sha256)
    assert infos[0] == infos[1]


def test_without_directions_lanes_keep_their_numbers_and_no_row_is_backward(tmp_path: Path) -> None:
    sampling = Sampling(ExampleSettings(seq_len=32, reuse_len=16, bidirectional=False), 7, "train")
    info = write_shard([(3, make_text(5, 200))], NAMES, sampling, writing(tmp_path))
    table = open_shard(str(tmp_path), info.file).read_all()
    assert set(table["lane"].to_pylist()) == {3}
    assert not any(table["backward"].to_pylist())
    assert info.lanes == 1


def test_an_uncompressed_shard_is_read_in_place(tmp_path: Path) -> None:
    info = write_shard([(0, make_text(5, 200))], NAMES, SAMPLING, writing(tmp_path))
    before = pa.total_allocated_bytes()
    reader = pa.ipc.open_file(pa.memory_map(str(tmp_path / info.file)))
    ids = reader.get_batch(0).column("input_ids").flatten().to_numpy()
    assert ids[0] == 20
    assert pa.total_allocated_bytes() - before < ids.nbytes / 2


def test_a_shard_without_lanes_is_an_empty_table(tmp_path: Path) -> None:
    info = write_shard([], NAMES, SAMPLING, writing(tmp_path))
    assert open_shard(str(tmp_path), info.file).read_all().num_rows == 0
    assert (info.examples, info.lanes, info.tokens) == (0, 0, 0)


def test_a_write_that_fails_leaves_nothing_and_the_old_file_stands(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail_midway() -> None:
        with atomic_write(str(path)) as file:
            file.write(b"new")
            assert path.read_bytes() == b"old"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_midway()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]
    with atomic_write(str(path)) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


def test_a_full_disk_is_named_with_the_file_and_leaves_nothing(
    tmp_path: Path, fill_disk: Callable[[int], None]
) -> None:
    fill_disk(0)
    with pytest.raises(ShardError, match=r"cannot write .*train/(shard|documents)-.*: No space left on device"):
        write_shard([(0, make_text(5, 200))], NAMES, SAMPLING, writing(tmp_path))
    assert os.listdir(tmp_path / "train") == []


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "train").write_text("in the way")
    with pytest.raises(ShardError, match=r"shard-00000-of-00001\.arrow': '.*train' is a file, not a folder"):
        write_shard([], NAMES, SAMPLING, writing(tmp_path))


def test_a_shard_of_a_store_is_closed_when_its_reader_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shard([(0, make_text(4, 100))], NAMES, SAMPLING, writing(tmp_path))
    opened = []
    monkeypatch.setattr("xlnet_data.datasets.shards.open_raw", lambda path: opened.append(open_raw(path)) or opened[-1])
    reader = open_shard(f"file://{tmp_path}/", NAMES[0])
    assert reader.read_all().num_rows > 0
    assert [file.closed for file in opened] == [False]
    del reader
    gc.collect()
    assert [file.closed for file in opened] == [True]


def test_a_shard_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.arrow").write_bytes(b"no Arrow file")
    for name in ("a.arrow", "absent.arrow"):
        with pytest.raises(ShardError, match=rf"{name} cannot be opened as an Arrow file"):
            open_shard(str(tmp_path), name)


def test_orders_of_a_config_of_another_version_cannot_be_drawn_again(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["config"]["examples"]["later_setting"] = 1
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ShardError, match=r"data: its manifest's config is not one of this version.*later_setting"):
        make_redraw(folder)


def test_a_manifest_that_is_read_equals_the_one_that_was_written(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data")
    manifest = read_manifest(str(folder))
    assert [shard.file for shard in manifest.shards] == [
        "train/shard-00000-of-00002.arrow",
        "train/shard-00001-of-00002.arrow",
        "dev/shard-00000-of-00001.arrow",
    ]
    assert manifest.splits["train"].examples == sum(s.examples for s in manifest.shards if s.split == "train") > 0


def test_a_shard_that_is_cut_while_it_is_read_is_an_error_and_not_the_end_of_the_process(
    tmp_path: Path, write_small_dataset: Callable[..., Path]
) -> None:
    folder = write_small_dataset(tmp_path / "data")
    shard = read_manifest(folder).shards[0].file
    reader = open_shard(str(folder), shard)
    os.truncate(folder / shard, 4096)
    with pytest.raises(ShardError, match=f"{shard} is damaged in batch 0"):
        read_batch(reader, shard, 0)
