"""Verifying: a sound dataset passes, and each kind of damage is found, named and placed."""

import dataclasses
import gzip
import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner

from xlnet_data.cli import main
from xlnet_data.datasets import verification
from xlnet_data.datasets.manifests import checksum_of, read_manifest
from xlnet_data.datasets.mapped import open_split
from xlnet_data.datasets.verification import verify_dataset
from xlnet_data.errors import ShardError
from xlnet_data.ingestion.placing import SHOWN_ID_CHARS
from xlnet_data.schemas.example import CLS_ID, DOCUMENTS_SCHEMA, EOD_ID, MASK_ID, PAD_ID, SEP_ID

FIRST = "train/shard-00000-of-00002.arrow"
SIDECAR = "documents/train-00000-of-00002.arrow"
BARE = {"bidirectional": False}

Columns = dict[str, np.ndarray[Any, Any]]


@pytest.fixture
def dataset(write_small_dataset: Callable[..., Path], tmp_path: Path) -> Path:
    """Return a sound dataset of the paper's recipe."""
    return write_small_dataset(tmp_path / "data")


@pytest.mark.parametrize(
    "examples",
    [
        {},
        {"recipe": "reference"},
        {"recipe": "reference", "pairs": False},
        {"reuse_len": 0},
        {"reuse_len": 48, "k": 7.5},
        {"pairs": False, "spans": False},
        {"bidirectional": False, "perm_size": 16},
        {"whole_words": True},
    ],
    ids=str,
)
def test_a_sound_dataset_has_no_problem(
    write_small_dataset: Callable[..., Path], tmp_path: Path, examples: dict[str, Any]
) -> None:
    folder = write_small_dataset(tmp_path / "data", **examples)
    assert list(verify_dataset(str(folder))) == []
    result = CliRunner().invoke(main, ["verify", str(folder)])
    assert result.exit_code == 0
    assert "all is well with 3 shards" in result.output


def problems_of(folder: Path) -> list[str]:
    """Return what verify finds, after making sure that the command says the same and exits with 1."""
    problems = list(verify_dataset(str(folder)))
    result = CliRunner().invoke(main, ["verify", str(folder)])
    assert result.exit_code == 1
    assert f"{len(problems)} problem" in result.stderr
    assert result.stdout.splitlines() == problems
    return problems


def edit_manifest(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Edit the manifest, and make its checksum fit."""
    path = folder / "manifest.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    edit(table)
    table["checksum"] = checksum_of(table)
    path.write_text(json.dumps(table), encoding="utf-8")


def renew_hashes(folder: Path) -> None:
    """Make the manifest's sizes and hashes those of the files, so that only the invariants can tell."""

    def renew(manifest: dict[str, Any]) -> None:
        for shard in manifest["shards"]:
            for name, prefix in ((shard["file"], ""), (shard["documents_file"], "documents_")):
                data = (folder / name).read_bytes()
                shard[prefix + "bytes"], shard[prefix + "sha256"] = len(data), hashlib.sha256(data).hexdigest()

    edit_manifest(folder, renew)


def rewrite(folder: Path, name: str, edit: Callable[[list[pa.RecordBatch]], list[pa.RecordBatch]]) -> None:
    """Write an Arrow file again with other batches, and make the hashes fit."""
    reader = pa.ipc.open_file(pa.py_buffer((folder / name).read_bytes()))
    batches = edit([reader.get_batch(index) for index in range(reader.num_record_batches)])
    with pa.ipc.new_file(str(folder / name), reader.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    renew_hashes(folder)


def rewrite_columns(folder: Path, edit: Callable[[Columns], None]) -> None:
    """Edit the columns of the first shard's first lane as writable arrays."""

    def edit_batches(batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
        batch = batches[0]
        columns: Columns = {}
        for field in batch.schema:
            column = batch.column(field.name)
            flat = column.flatten() if pa.types.is_fixed_size_list(field.type) else column
            array = np.array(flat.to_numpy(zero_copy_only=False))
            columns[field.name] = array.reshape(batch.num_rows, -1) if flat is not column else array
        edit(columns)
        arrays = [
            pa.FixedSizeListArray.from_arrays(pa.array(columns[f.name].ravel(), f.type.value_type), f.type.list_size)
            if pa.types.is_fixed_size_list(f.type)
            else pa.array(columns[f.name], f.type)
            for f in batch.schema
        ]
        return [pa.record_batch(arrays, schema=batch.schema), *batches[1:]]

    rewrite(folder, FIRST, edit_batches)


def test_a_flipped_byte_is_found_by_its_hash(dataset: Path) -> None:
    path = dataset / FIRST
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    problems = problems_of(dataset)
    assert problems[0].startswith(f"{FIRST}: its sha256 is {hashlib.sha256(data).hexdigest()}, the manifest says ")


@pytest.mark.parametrize("name", [FIRST, SIDECAR, "spiece.model"])
def test_a_missing_file_is_named(dataset: Path, name: str) -> None:
    (dataset / name).unlink()
    assert problems_of(dataset) == [f"{name}: is missing"]


@pytest.mark.parametrize("name", [FIRST, SIDECAR])
def test_a_file_cut_short_has_the_wrong_size_and_hash(dataset: Path, name: str) -> None:
    data = (dataset / name).read_bytes()
    (dataset / name).write_bytes(data[:-100])
    problems = problems_of(dataset)
    assert problems[0] == f"{name}: has {len(data) - 100:,} bytes, the manifest says {len(data):,}"
    assert problems[1].startswith(f"{name}: its sha256 is")
    assert problems[2].startswith(f"{FIRST}: cannot be read: ")
    assert len(problems) == 3


def test_another_tokenizer_is_found(dataset: Path) -> None:
    (dataset / "spiece.model").write_bytes(b"another")
    (problem,) = problems_of(dataset)
    assert problem.startswith("spiece.model: its sha256 is")


def test_a_file_that_the_manifest_does_not_list_is_named(dataset: Path) -> None:
    names = ["train/shard-00002-of-00003.arrow", "documents/train-00002-of-00003.arrow"]
    for name in names:
        (dataset / name).write_bytes(b"left over")
    assert problems_of(dataset) == [f"{name}: the manifest does not list this file" for name in names]


@pytest.mark.parametrize("name", ["examples", "lanes", "tokens", "positive", "negative"])
def test_a_wrong_count_of_a_shard_is_found(dataset: Path, name: str) -> None:
    found: list[int] = []

    def edit(manifest: dict[str, Any]) -> None:
        found.append(manifest["shards"][0][name])
        manifest["shards"][0][name] -= 1
        train = manifest["splits"]["train"]
        train[name] -= 1
        train["positive_frac"] = train["positive"] / train["examples"]
        if name == "tokens":
            manifest["corpora"]["invented"]["tokens"] -= 1

    edit_manifest(dataset, edit)
    first, *others = problems_of(dataset)
    assert first == f"{FIRST}: has {name}={found[0]:,}, the manifest says {found[0] - 1:,}"
    assert ["documents/ lists" in other for other in others] == [True] * (name == "tokens")


def test_sums_that_are_not_those_of_the_shards_are_found(dataset: Path) -> None:
    edit_manifest(dataset, lambda manifest: manifest["splits"]["dev"].update(fallback=99))
    (problem,) = problems_of(dataset)
    assert problem.startswith("manifest.json: split dev has fallback=99, its shards together ")


@pytest.mark.parametrize(
    ("groups", "problem"),
    [
        ({"sizes": {"2": 3}}, "duplicate_groups lose 3 to 6 documents, the corpora 0"),
        ({"sizes": {"3": 1}}, "duplicate_groups.sizes by '3', which is no power of two from 2 on"),
        (
            {"largest": [{"num_documents": 2, "corpus": "invented", "doc_id": "d", "title": "D"}]},
            "duplicate_groups.largest are [2], of 0 groups in duplicate_groups.sizes",
        ),
    ],
)
def test_groups_of_duplicates_that_the_corpora_do_not_lose_are_found(
    dataset: Path, groups: dict[str, Any], problem: str
) -> None:
    edit_manifest(dataset, lambda manifest: manifest["duplicate_groups"].update(groups))
    assert problems_of(dataset)[0] == f"manifest.json: {problem}"


def test_a_largest_group_must_be_of_a_corpus_and_of_the_largest_size(dataset: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        info = manifest["corpora"]["invented"]
        num_documents = info["documents_kept"] + 3
        info.update(documents_read=num_documents, documents_dropped={"duplicate": 3})
        sample = {"doc_id": "d", "cause": "", "excerpt": "", "title": ""}
        info["document_lens"]["64"] += 3
        info.update(dropped_samples={"duplicate": [sample]})
        manifest["duplicate_groups"] = {
            "sizes": {"4": 1},
            "largest": [{"num_documents": 9, "corpus": "another", "doc_id": "d", "title": "D"}],
        }

    edit_manifest(dataset, edit)
    assert problems_of(dataset) == [
        "manifest.json: duplicate_groups.largest are [9], but by duplicate_groups.sizes at least [4], and less than "
        "twice that",
        "manifest.json: duplicate_groups.largest names the corpus 'another', which is not in corpora",
    ]


def test_a_smaller_group_must_be_of_the_sizes_too(dataset: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        group = {"corpus": "invented", "doc_id": "d", "title": "D"}
        largest = [{"num_documents": number, **group} for number in (5, 1)]
        manifest["duplicate_groups"] = {"sizes": {"2": 1, "4": 1}, "largest": largest}

    edit_manifest(dataset, edit)
    assert (
        "manifest.json: duplicate_groups.largest are [5, 1], but by duplicate_groups.sizes at least [4, 2], and less "
        "than twice that"
    ) in problems_of(dataset)


def test_lengths_of_documents_that_the_sidecars_do_not_list_are_found(dataset: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        lens = manifest["corpora"]["invented"]["document_lens"]
        lens["64"], lens["128"] = lens["64"] + 1, lens["128"] - 1

    said = read_manifest(dataset).corpora["invented"].document_lens["128"]
    edit_manifest(dataset, edit)
    assert problems_of(dataset) == [
        f"documents/ lists {said} documents of corpus 'invented' with 128 to 255 tokens, the manifest says {said - 1}"
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sentence_lens": {"4": 9}}, "9 sentences of 36 to 63 tokens by sentence_lens, but "),
        ({"sentence_lens": {"1024": 9999}}, "9,999 sentences of 10,238,976 to "),
        ({"sentence_lens": {"2048": 3}}, "3 sentences of 6,144 to "),
        ({"sentence_lens": {"4": 0}}, "sentence_lens by '4', which is no power of two, or of none"),
        ({"bytes": 0}, "bytes=0, but documents_kept="),
        ({"pieces_per_word": 0.4}, "pieces_per_word=0.4, but each word has one at least"),
        ({"unknown_chars": {"ß": 3}}, "unknown_chars, but unknown_frac=0.0"),
        ({"unknown_chars": {"ß": 3, "ð": 4}, "unknown_frac": 0.1}, "unknown_chars that are not the 30 most frequent"),
    ],
)
def test_what_is_said_of_a_corpuss_text_must_fit_together(dataset: Path, changes: dict[str, Any], problem: str) -> None:
    edit_manifest(dataset, lambda manifest: manifest["corpora"]["invented"].update(changes))
    (found,) = problems_of(dataset)
    assert found.startswith(f"manifest.json: corpus invented has {problem}")


def test_tokens_beyond_what_the_lengths_sum_up_to_are_found(dataset: Path) -> None:
    edit_manifest(dataset, lambda manifest: manifest["corpora"]["invented"].update(tokens=5))
    assert (
        "manifest.json: corpus invented has tokens=5, which sentence_lens and document_lens cannot sum up to"
        in problems_of(dataset)
    )


@pytest.mark.parametrize(("num_samples", "reason"), [(0, "too_short"), (2, "too_short"), (4, "duplicate")])
def test_a_reason_has_as_many_samples_as_are_remembered(dataset: Path, num_samples: int, reason: str) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        info = manifest["corpora"]["invented"]
        info["documents_read"] += 5
        info["documents_dropped"] = {reason: 5}
        info["dropped_samples"] = {reason: [{"doc_id": "d", "cause": "", "excerpt": "", "title": ""}] * num_samples}

    edit_manifest(dataset, edit)
    assert (
        f"manifest.json: corpus invented has {num_samples} samples of {reason!r}, for which 5 documents were dropped"
    ) in problems_of(dataset)


def test_a_sample_that_the_kept_rejects_do_not_hold_is_found(dataset: Path) -> None:
    (dataset / "rejects").mkdir()
    rejected = {"corpus": "invented", "doc_id": 999 * "d", "text": "Ay.", "reason": "duplicate", "cause": "1 word"}
    (dataset / "rejects" / "invented-000000.jsonl.gz").write_bytes(gzip.compress(json.dumps(rejected).encode()))

    def edit(manifest: dict[str, Any], doc_id: str) -> None:
        info = manifest["corpora"]["invented"]
        info["documents_dropped"] = {"duplicate": 1}
        info["dropped_samples"] = {"duplicate": [{"doc_id": doc_id, "cause": "1 word", "excerpt": "", "title": ""}]}
        manifest["config"]["output"]["rejects"] = True

    message = "rejects/ does not hold the document 'e' of corpus 'invented' as 'duplicate': 1 word"
    edit_manifest(dataset, lambda manifest: edit(manifest, "e"))
    assert message in problems_of(dataset)
    edit_manifest(dataset, lambda manifest: edit(manifest, SHOWN_ID_CHARS * "d"))
    assert not any("does not hold" in problem for problem in problems_of(dataset))


def test_documents_and_tokens_that_the_sidecars_do_not_list_are_found(dataset: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        corpus = manifest["corpora"]["invented"]
        corpus["documents_read"] -= 1
        corpus["documents_kept"] -= 1
        corpus["document_lens"]["64"] -= 1

    listed = read_manifest(dataset).corpora["invented"]
    edit_manifest(dataset, edit)
    assert problems_of(dataset) == [
        f"documents/ lists {listed.documents_kept} documents of corpus 'invented', the manifest says "
        f"{listed.documents_kept - 1} are kept"
    ]
    edit_manifest(dataset, lambda manifest: manifest["config"]["corpora"][0].update(epochs=2.0))
    edit_manifest(dataset, lambda manifest: manifest["corpora"]["invented"].update(tokens=listed.tokens - 7))
    assert (
        f"documents/ lists {listed.tokens:,} tokens of corpus 'invented', the manifest says {listed.tokens - 7:,}"
        in problems_of(dataset)
    )


def test_shards_that_changed_places_are_found_although_every_hash_fits(dataset: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        first, second = manifest["shards"][:2]
        for key in {*first} - {"file", "documents_file"}:
            first[key], second[key] = second[key], first[key]
        for key in ("file", "documents_file"):
            paths = [dataset / first[key], dataset / second[key]]
            contents = [path.read_bytes() for path in paths]
            paths[0].write_bytes(contents[1])
            paths[1].write_bytes(contents[0])

    edit_manifest(dataset, edit)
    (problem,) = problems_of(dataset)
    assert re.fullmatch(r"train/shard-00001-of-00002\.arrow: lane 0 stands behind lane \d of .*", problem)


@pytest.mark.parametrize("name", [FIRST, SIDECAR, "spiece.model", "rejects/a.jsonl.gz"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(dataset: Path, name: str) -> None:
    (dataset / "rejects").mkdir()
    (dataset / name).unlink(missing_ok=True)
    os.mkfifo(dataset / name)
    assert f"cannot open {dataset / name}: it is a pipe or a device" in problems_of(dataset)[0]


def test_tokens_that_no_corpus_gave_are_found(dataset: Path) -> None:
    said = read_manifest(dataset).corpora["invented"].tokens - 5
    edit_manifest(dataset, lambda manifest: manifest["corpora"]["invented"].update(tokens=said))
    problem, listed = problems_of(dataset)
    assert problem.startswith("manifest.json: the splits have")
    assert problem.endswith(f"the corpora {said:,}")
    assert listed.endswith(f"tokens of corpus 'invented', the manifest says {said:,}")


@pytest.mark.parametrize(
    "target",
    [
        *("../train/shard-00000-of-00002.arrow", "/etc/passwd", "train/../../secret", "dev/shard-00000-of-00001.arrow"),
        *("train/half of a pair \ud800", "train/zero \0", "train/"),
    ],
)
@pytest.mark.parametrize("key", ["file", "documents_file"])
def test_a_manifest_that_points_elsewhere_is_refused(dataset: Path, key: str, target: str) -> None:
    edit_manifest(dataset, lambda manifest: manifest["shards"][0].update({key: target}))
    check_refused(dataset, f"points to {target!r}")


def test_a_split_that_is_no_plain_folder_is_refused(dataset: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        manifest["splits"][".."] = manifest["splits"]["dev"]
        manifest["shards"][-1].update(split="..", file="../secret", documents_file="../secret")

    edit_manifest(dataset, edit)
    check_refused(dataset, "points to '../secret'")


@pytest.mark.parametrize("name", ["../../spiece.model", "half of a pair \ud800"])
def test_a_tokenizer_that_is_no_file_of_the_folder_is_refused(dataset: Path, name: str) -> None:
    edit_manifest(dataset, lambda manifest: manifest["tokenizer"].update(file=name))
    check_refused(dataset, f"points to {name!r}")


def check_refused(folder: Path, message: str) -> None:
    with pytest.raises(ShardError) as caught:
        list(verify_dataset(str(folder)))
    assert message in str(caught.value)
    result = CliRunner().invoke(main, ["verify", str(folder)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert message in result.stderr


def test_a_folder_without_a_manifest_is_no_dataset(dataset: Path) -> None:
    (dataset / "manifest.json").unlink()
    check_refused(dataset, "is not a dataset: it has no manifest.json (an unfinished build has none)")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "[" * 100_000, "\x00"])
def test_a_manifest_that_cannot_be_read_is_refused(dataset: Path, text: str) -> None:
    (dataset / "manifest.json").write_text(text)
    check_refused(dataset, "cannot be read as a manifest")


def test_another_schema_version_is_refused(dataset: Path) -> None:
    edit_manifest(dataset, lambda manifest: manifest.update(schema_version="0"))
    check_refused(dataset, "is of schema version 0, this program reads version 3: build the dataset again")


def test_every_missing_or_misshapen_field_of_a_manifest_is_named(dataset: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        del manifest["shards"][1]["sha256"]
        manifest["splits"]["dev"]["examples"] = "many"
        manifest["corpora"]["invented"]["more"] = 1
        manifest["config"]["examples"]["k"] = None
        manifest["config"]["corpora"][0]["settings"]["documents"] = "pages"
        manifest["config"]["tokenizer"] = []

    edit_manifest(dataset, edit)
    assert problems_of(dataset) == [
        "manifest.json: splits.dev.examples must be a whole number: got 'many'",
        "manifest.json: corpora.invented.more is no key of this version",
        "manifest.json: shards[1].sha256 is missing",
        "manifest.json: config.tokenizer must be an object: got []",
        "manifest.json: config.examples.k must be a number: got None",
        "manifest.json: config.corpora[0].settings is not valid: documents must be 'file' or 'blank-line': got 'pages'",
    ]
    with pytest.raises(ShardError, match=r"cannot be read as a manifest: splits.dev.examples .*, and 2 more problems"):
        read_manifest(str(dataset))


def test_impossible_settings_in_the_manifest_are_named(dataset: Path) -> None:
    edit_manifest(dataset, lambda manifest: manifest["config"]["examples"].update(seq_len=4))
    (problem,) = problems_of(dataset)
    assert problem.startswith("manifest.json: config.examples is not valid: seq_len must be between 8 and 65,535: got")


def test_numbers_and_hashes_out_of_range_are_named(dataset: Path) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        manifest["corpora"]["invented"]["bytes"] = -1
        manifest["shards"][0]["sha256"] = "none"

    edit_manifest(dataset, edit)
    problems = problems_of(dataset)
    assert problems[:2] == [
        "manifest.json: corpora.invented.bytes is out of range: got -1",
        "manifest.json: shards[0].sha256 must be a sha256 in hex: got 'none'",
    ]


def test_a_config_that_is_not_the_one_of_the_fingerprint_is_found(dataset: Path) -> None:
    edit_manifest(dataset, lambda manifest: manifest["config"]["lanes"].update(lane_tokens=2048))
    (problem,) = problems_of(dataset)
    assert problem.startswith("manifest.json: fingerprint is ")


def test_a_manifest_that_was_changed_by_hand_does_not_fit_its_checksum(dataset: Path) -> None:
    path = dataset / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"bytes": 9,', '"bytes": 8,'), encoding="utf-8")
    (problem,) = problems_of(dataset)
    assert problem.startswith("manifest.json: checksum is ")
    assert problem.endswith("it was changed after it was written")


def test_a_shard_of_other_settings_is_found(dataset: Path) -> None:
    edit_manifest(dataset, lambda manifest: manifest["config"]["examples"].update(seq_len=128, reuse_len=64))
    problems = problems_of(dataset)
    assert len(problems) == 4
    assert problems[0].startswith("manifest.json: fingerprint is ")
    assert problems[1] == f"{FIRST}: its schema is not that of version 3 with these settings"


@pytest.mark.parametrize("key", [b"schema_version", b"fingerprint", b"tokenizer_sha256", b"split", b"seed", b"k"])
def test_shard_metadata_that_differs_from_the_manifest_is_found(dataset: Path, key: bytes) -> None:
    reader = pa.ipc.open_file(pa.py_buffer((dataset / FIRST).read_bytes()))
    schema = reader.schema.with_metadata(reader.schema.metadata | {key: b"other"})
    batches = [reader.get_batch(index).replace_schema_metadata(None) for index in range(reader.num_record_batches)]
    with pa.ipc.new_file(str(dataset / FIRST), schema) as writer:
        for batch in batches:
            writer.write_batch(pa.record_batch(batch.columns, schema=schema))
    renew_hashes(dataset)
    (problem,) = problems_of(dataset)
    assert problem.startswith(f"{FIRST}: its metadata says {key.decode()}='other', the manifest ")


def swap_rows(columns: Columns) -> None:
    for column in columns.values():
        column[[3, 4]] = column[[4, 3]]


def swap_texts(columns: Columns) -> None:
    swap_rows(columns)
    columns["step"].sort()


def duplicate_target(columns: Columns) -> None:
    columns["order"][2, 0] = columns["order"][2, 1]


def misplace_target(columns: Columns) -> None:
    columns["order"][2, 0] = 40 if 40 not in columns["order"][2] else 41


def target_outside(columns: Columns) -> None:
    order, tokens = columns["order"][2], columns["input_ids"][2]
    order[[place for place in range(len(order)) if tokens[order[place]] > EOD_ID][-1]] = 64


def unlist_cls(columns: Columns) -> None:
    order = columns["order"][1]
    free = [place for place in range(33, 60) if place not in order and columns["input_ids"][1, place] != SEP_ID]
    order[order == 63] = free[0]


def change_b_len(columns: Columns) -> None:
    columns["b_len"][5] += 1


def move_sep(columns: Columns) -> None:
    place = 32 + columns["a_len"][5]
    row = columns["input_ids"][5]
    row[[place, place + 1]] = row[[place + 1, place]]


def second_cls(columns: Columns) -> None:
    columns["input_ids"][5, 3] = CLS_ID


def padding(columns: Columns) -> None:
    columns["input_ids"][5, 3] = PAD_ID


def masking(columns: Columns) -> None:
    columns["input_ids"][5, 3] = MASK_ID


def too_large_id(columns: Columns) -> None:
    columns["input_ids"][5, 3] = 300


def empty_a(columns: Columns) -> None:
    columns["a_len"][5], columns["b_len"][5] = 0, 29


def late_entry_in_reuse(columns: Columns) -> None:
    order, tokens = columns["order"][2], columns["input_ids"][2]
    late = [entry for entry in range(5, len(order)) if tokens[order[entry]] > SEP_ID]
    order[late[0]] = next(place for place in range(32) if place not in order)


def change_a(columns: Columns) -> None:
    columns["input_ids"][4, 32] ^= 64


def change_reuse(columns: Columns) -> None:
    columns["input_ids"][4, 0] ^= 64


def change_memory(columns: Columns) -> None:
    columns["memory_len"][2] += 1


def flip_direction(columns: Columns) -> None:
    columns["backward"][2] = True


def positive_as_negative(columns: Columns) -> None:
    columns["is_next"][np.argmax(columns["is_next"])] = False


def move_positive_b(columns: Columns) -> None:
    columns["b_start"][np.argmax(columns["is_next"])] += 1


def move_negative_b(columns: Columns) -> None:
    columns["b_start"][np.argmax(~columns["is_next"])] -= 1


def negative_b_far_outside(columns: Columns) -> None:
    columns["b_start"][np.argmax(~columns["is_next"])] = 10**6


def negative_b_before_the_lane(columns: Columns) -> None:
    columns["b_start"][np.argmax(~columns["is_next"])] = -(10**6)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (swap_rows, ["steps: expected 0 to"]),
        (swap_texts, ["step 2: the text of A or B is not the lane's", "memory_len: not the tokens before it"]),
        (duplicate_target, ["step 2: order: a position appears twice or lies outside"]),
        (misplace_target, ["step 2: order: the first 5 entries must lie in the reuse half, the others behind it"]),
        (target_outside, ["step 2: order: a position appears twice or lies outside"]),
        (unlist_cls, ["step 1: order: <sep>, <sep> and <cls> must be in it, each once"]),
        (change_b_len, ["step 5: a_len + b_len must be 29, both at least 1"]),
        (move_sep, ["step 5: <sep> must stand after A and after B, and nowhere else"]),
        (second_cls, ["step 5: <cls> must stand at the end, and nowhere else"]),
        (padding, ["step 5: <pad> or <mask> in the input"]),
        (masking, ["step 5: <pad> or <mask> in the input"]),
        (too_large_id, ["step 5: an id is not below 300"]),
        (empty_a, ["step 5: a_len + b_len must be 29, both at least 1"]),
        (late_entry_in_reuse, ["step 2: order: the first 5 entries must lie in the reuse half, the others behind it"]),
        (change_a, ["step 4: the text of A or B is not the lane's (1 of "]),
        (change_reuse, ["the text of A or B is not the lane's"]),
        (change_memory, ["step 2: memory_len: not the tokens before it in the same document (1 of "]),
        (flip_direction, ["backward: does not fit the lane's number"]),
        (positive_as_negative, ["b_start: a negative B lies in a document of reuse or A, or in a copy of one (1 of "]),
        (move_positive_b, ["is_next: B does not follow A (1 of "]),
        (move_negative_b, ["the text of A or B is not the lane's"]),
        (negative_b_far_outside, ["b_start: B does not lie in the lane (1 of "]),
        (negative_b_before_the_lane, ["b_start: B does not lie in the lane (1 of "]),
    ],
)
def test_a_broken_invariant_is_found_where_it_is_although_every_hash_fits(
    write_small_dataset: Callable[..., Path],
    tmp_path: Path,
    damage: Callable[[Columns], None],
    expected: list[str],
) -> None:
    folder = write_small_dataset(tmp_path / "data", **BARE)
    rewrite_columns(folder, damage)
    problems = problems_of(folder)
    assert all(problem.startswith(f"{FIRST}") for problem in problems)
    for message in expected:
        assert any(message in problem for problem in problems), problems


@pytest.mark.parametrize("examples", [{}, {"recipe": "reference"}, {"whole_words": True}, {"reuse_len": 0}], ids=str)
def test_an_order_that_is_sound_but_not_what_the_seed_draws_is_the_only_problem(
    write_small_dataset: Callable[..., Path], tmp_path: Path, examples: dict[str, Any]
) -> None:
    folder = write_small_dataset(tmp_path / "data", **BARE, **examples)

    def exchange_two_entries(columns: Columns) -> None:
        columns["order"][7, [0, 1]] = columns["order"][7, [1, 0]]

    rewrite_columns(folder, exchange_two_entries)
    (problem,) = problems_of(folder)
    assert problem.startswith(f"{FIRST}, lane 0, step 7: order: not what the seed draws (1 of ")


def test_another_target_than_the_seed_draws_is_the_only_problem(dataset: Path) -> None:
    def move_target(columns: Columns) -> None:
        order = columns["order"][3]
        order[0] = next(place for place in range(32) if place not in order)

    rewrite_columns(dataset, move_target)
    (problem,) = problems_of(dataset)
    assert problem.startswith(f"{FIRST}, lane 0, step 3: order: not what the seed draws (1 of ")


def test_a_pair_that_is_negative_though_the_seed_draws_a_positive_one_is_the_only_problem(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data", **BARE)
    starts, _ = documents_of_first_lane(folder)

    def make_negative(columns: Columns) -> None:
        is_early = 32 * columns["step"] + 64 < starts[-1]
        step = int(np.argmax(columns["is_next"] & is_early))
        columns["is_next"][step] = False
        move_b(columns, step, starts[-1])

    rewrite_columns(folder, make_negative)
    problems = problems_of(folder)
    assert len(problems) == 1
    assert "is_next: not what the seed draws (1 of " in problems[0]


@pytest.mark.parametrize("examples", [{}, {"recipe": "reference"}, {"pairs": False}], ids=str)
@pytest.mark.parametrize("difference", [7, -1])
def test_fallback_pairs_that_the_seed_does_not_draw_are_found(
    write_small_dataset: Callable[..., Path], tmp_path: Path, examples: dict[str, Any], difference: int
) -> None:
    folder = write_small_dataset(tmp_path / "data", **BARE, **examples)

    def edit(manifest: dict[str, Any]) -> None:
        manifest["shards"][0]["fallback"] += difference
        manifest["splits"]["train"]["fallback"] += difference

    edit_manifest(folder, edit)
    assert any("fallback=" in problem for problem in problems_of(folder))


def test_without_the_model_orders_that_depend_on_it_are_not_compared_and_the_rest_is(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data", recipe="reference")
    (folder / "spiece.model").unlink()
    assert problems_of(folder) == ["spiece.model: is missing"]


def documents_of_first_lane(folder: Path) -> tuple[list[int], int]:
    """Return where the documents of lane 0 start, and its tokens."""
    batch = pa.ipc.open_file(pa.py_buffer((folder / SIDECAR).read_bytes())).get_batch(0)
    return batch.column("start").to_pylist(), sum(batch.column("length").to_pylist())


def move_b(columns: Columns, step: int, b_start: int) -> None:
    """Let B begin at another place of lane 0 and hold the text that stands there, so that nothing else is wrong."""
    text = np.append(columns["input_ids"][:, :32].ravel(), np.zeros(64, np.uint16))
    a_len, b_len = int(columns["a_len"][step]), int(columns["b_len"][step])
    columns["b_start"][step] = b_start
    columns["input_ids"][step, 33 + a_len : 33 + a_len + b_len] = text[b_start : b_start + b_len]


def test_a_negative_b_that_runs_into_the_document_of_its_own_example_is_the_only_problem(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data", **BARE)
    starts, _ = documents_of_first_lane(folder)
    moved: list[int] = []

    def damage(columns: Columns) -> None:
        for step in np.flatnonzero(~columns["is_next"]).tolist():
            own_start = max(start for start in starts if start <= 32 * step)
            if not moved and columns["b_len"][step] > 1 and own_start >= columns["b_len"][step]:
                move_b(columns, step, own_start - int(columns["b_len"][step]) + 1)  # its last token is the document's
                moved.append(step)

    rewrite_columns(folder, damage)
    (problem,) = problems_of(folder)
    assert (
        f"lane 0, step {moved[0]}: b_start: a negative B lies in a document of reuse or A, or in a copy of one (1 of "
        in problem
    )


def test_a_negative_b_in_a_copy_of_the_document_of_its_example_is_the_only_problem(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data", **BARE)

    def make_copies(batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
        doc_ids = pa.array(["0.txt"] * batches[0].num_rows)
        return [batches[0].set_column(4, batches[0].schema.field(4), doc_ids), *batches[1:]]

    rewrite(folder, SIDECAR, make_copies)
    (problem,) = problems_of(folder)
    assert "b_start: a negative B lies in a document of reuse or A, or in a copy of one (" in problem


def test_a_b_that_ends_one_token_beyond_its_lane_is_found(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data", **BARE)
    _, lane_len = documents_of_first_lane(folder)

    def damage(columns: Columns) -> None:
        step = int(np.argmax(~columns["is_next"]))
        columns["b_start"][step] = lane_len - columns["b_len"][step] + 1

    rewrite_columns(folder, damage)
    assert any("b_start: B does not lie in the lane (1 of " in problem for problem in problems_of(folder))


def test_blocks_of_the_order_that_are_out_of_place_are_the_only_problem(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data", **BARE, perm_size=16)

    def damage(columns: Columns) -> None:
        order = columns["order"]
        step = int(np.argmax((order[:, 0] < 16) & (order[:, 4] >= 16)))
        order[step, [0, 4]] = order[step, [4, 0]]

    rewrite_columns(folder, damage)
    (problem,) = problems_of(folder)
    assert "order: blocks of perm_size=16 are out of place (1 of " in problem


def test_a_positive_b_of_the_reference_that_begins_before_its_a_ends_is_found(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data", **BARE, recipe="reference")

    def damage(columns: Columns) -> None:
        step = int(np.argmax(columns["is_next"]))
        move_b(columns, step, 32 * step + 32 + int(columns["a_len"][step]) - 1)

    rewrite_columns(folder, damage)
    assert any("is_next: B does not follow A (1 of " in problem for problem in problems_of(folder))


def test_one_changed_target_is_the_only_problem_that_is_told(dataset: Path) -> None:
    rewrite_columns(dataset, duplicate_target)
    (problem,) = problems_of(dataset)
    assert problem.startswith(f"{FIRST}, lane 0, step 2: order: a position appears twice or lies outside (1 of ")


def test_a_text_that_changed_in_all_examples_alike_differs_from_the_other_reading(dataset: Path) -> None:
    def exchange_two_ids(columns: Columns) -> None:
        ids = columns["input_ids"]
        one, other = np.unique(ids[ids > EOD_ID])[[40, 41]]
        is_one, is_other = ids == one, ids == other
        ids[is_one], ids[is_other] = other, one

    rewrite_columns(dataset, exchange_two_ids)
    assert problems_of(dataset) == [f"{FIRST}, lane 1: is not the reverse of lane 0"]


def test_a_missing_lane_is_found(dataset: Path) -> None:
    rewrite(dataset, FIRST, lambda batches: batches[1:])
    problems = problems_of(dataset)
    assert "lane 0 is missing, its " in problems[0]


def test_a_missing_last_step_is_found(dataset: Path) -> None:
    rewrite(dataset, FIRST, lambda batches: [batches[0].slice(0, batches[0].num_rows - 1), *batches[1:]])
    assert "lane 0, steps: expected 0 to" in problems_of(dataset)[0]


def test_a_missing_middle_step_is_found(dataset: Path) -> None:
    rewrite(dataset, FIRST, lambda batches: [batches[0].slice(0, 5), batches[0].slice(6), *batches[1:]])
    assert "lane 0, steps: expected 0 to" in problems_of(dataset)[0]


def test_lanes_out_of_order_are_found(dataset: Path) -> None:
    rewrite(dataset, FIRST, lambda batches: [*batches[1:], batches[0]])
    assert problems_of(dataset) == [f"{FIRST}: its lanes are not in order: [1, 2, 3, 0]"]


@pytest.mark.parametrize(
    ("name", "column"),
    [(FIRST, "is_next"), (FIRST, "b_start"), (FIRST, "order"), (SIDECAR, "url")],
)
def test_a_row_without_a_value_is_found_where_it_is_read(dataset: Path, name: str, column: str) -> None:
    def empty_one(batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
        batch = batches[0]
        rows = batch.column(column).to_pylist()
        rows[3] = [*rows[3][:-1], None] if isinstance(rows[3], list) else None
        number = batch.schema.get_field_index(column)
        emptied = batch.set_column(number, batch.schema.field(column), pa.array(rows, batch.column(column).type))
        return [emptied, *batches[1:]]

    rewrite(dataset, name, empty_one)
    (problem,) = problems_of(dataset)
    assert problem.startswith(f"{FIRST}: cannot be read: ")
    assert f"column {column} has no value in some rows" in problem
    if name == FIRST:
        with pytest.raises(ShardError, match=f"column {column} has no value in some rows"):
            open_split(dataset, "train")


def test_a_batch_that_crosses_lanes_is_found(dataset: Path) -> None:
    def join(batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
        return pa.Table.from_batches(batches).combine_chunks().to_batches()

    rewrite(dataset, FIRST, join)
    assert problems_of(dataset) == [f"{FIRST}: cannot be read: a record batch crosses lanes 0 and 1"]


def test_a_lane_that_two_shards_hold_is_found(dataset: Path) -> None:
    for name in (FIRST, SIDECAR):
        second = name.replace("00000-of", "00001-of")
        (dataset / second).write_bytes((dataset / name).read_bytes())
    renew_hashes(dataset)
    problems = problems_of(dataset)
    second = FIRST.replace("00000-of", "00001-of")
    assert [p for p in problems if "is also in" in p] == [f"{second}: lane {n} is also in {FIRST}" for n in range(4)]


def write_compressed(path: Path, batch: pa.RecordBatch) -> int:
    """Write one batch, compressed, and return the bytes of the file."""
    with pa.ipc.new_file(str(path), batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(batch)
    return path.stat().st_size


@pytest.mark.parametrize("rows", [2_000_000, 1025])
def test_a_small_file_that_stands_for_many_rows_is_refused_before_they_take_memory(dataset: Path, rows: int) -> None:
    schema = pa.ipc.open_file(pa.py_buffer((dataset / FIRST).read_bytes())).schema
    arrays = [
        pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(rows * f.type.list_size, np.uint16)), f.type.list_size)
        if pa.types.is_fixed_size_list(f.type)
        else pa.array(np.zeros(rows, np.int32)).cast(f.type)
        for f in schema
    ]
    size = write_compressed(dataset / FIRST, pa.record_batch(arrays, schema=schema))
    renew_hashes(dataset)
    assert size < 60_000
    del arrays
    before = pa.default_memory_pool().max_memory()
    problems = [problem for problem in verify_dataset(str(dataset)) if problem.startswith(FIRST)]
    assert problems == [f"{FIRST}: cannot be read: {FIRST}: a batch has {rows:,} rows, at most 1,024 are written"]
    assert pa.default_memory_pool().max_memory() == before


def test_a_small_sidecar_that_stands_for_much_text_is_refused(dataset: Path) -> None:
    columns = [[0], [0], [60], ["c"], ["x" * 50_000_000], [""], [""]]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, DOCUMENTS_SCHEMA, strict=True)]
    write_compressed(dataset / SIDECAR, pa.record_batch(arrays, schema=DOCUMENTS_SCHEMA))
    renew_hashes(dataset)
    assert any(f"{SIDECAR}: a batch of 1 rows takes 50,0" in problem for problem in problems_of(dataset))


def test_damage_anywhere_in_a_shard_is_told_in_words(dataset: Path) -> None:
    whole = (dataset / FIRST).read_bytes()
    draw = np.random.default_rng(0)
    for place in draw.integers(0, len(whole), 60).tolist() + list(range(len(whole) - 60, len(whole))):
        damaged = bytearray(whole)
        damaged[place] ^= 255
        (dataset / FIRST).write_bytes(damaged)
        assert any(problem.startswith(f"{FIRST}: its sha256 is") for problem in verify_dataset(str(dataset)))


def test_a_dataset_is_verified_and_shown_where_its_url_says_it_lies(dataset: Path) -> None:
    store = fsspec.filesystem("memory")
    store.put(str(dataset), "/verified/data", recursive=True)
    try:
        for url in (f"file://{dataset}", "memory://verified/data", "memory://verified/data/"):
            assert list(verify_dataset(url)) == []
            assert read_manifest(url) == read_manifest(str(dataset))
            shown = CliRunner().invoke(main, ["inspect", url])
            assert shown.exit_code == 0, shown.output
            assert shown.output == CliRunner().invoke(main, ["inspect", str(dataset)]).output
        store.rm(f"/verified/data/{SIDECAR}")
        store.pipe("/verified/data/train/other", b"left over")
        assert list(verify_dataset("memory://verified/data")) == [
            f"{SIDECAR}: is missing",
            "train/other: the manifest does not list this file",
        ]
    finally:
        store.rm("/verified", recursive=True)


def test_what_is_missing_where_a_url_points_is_told(tmp_path: Path) -> None:
    for folder, message in (
        (f"file://{tmp_path}/absent", f"cannot open file://{tmp_path}/absent/manifest.json: No such file or directory"),
        ("memory://absent", "cannot open memory://absent/manifest.json: "),
        ("nosuch://bucket/data", "Protocol not known: nosuch"),
        (str(tmp_path / "absent"), "no such folder"),
    ):
        with pytest.raises(ShardError, match=re.escape(f"{folder} is not a dataset")) as caught:
            read_manifest(folder)
        assert message in str(caught.value)


def test_an_empty_batch_does_no_harm(dataset: Path) -> None:
    rewrite(dataset, FIRST, lambda batches: [batches[0].slice(0, 0), *batches])
    assert list(verify_dataset(str(dataset))) == []


def test_documents_that_do_not_lie_end_to_end_are_found(dataset: Path) -> None:
    def shift(batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
        starts = np.array(batches[0].column("start"))
        starts[3] += 1
        return [batches[0].set_column(1, batches[0].schema.field(1), pa.array(starts)), *batches[1:]]

    rewrite(dataset, SIDECAR, shift)
    assert f"{FIRST}, lane 0, documents: they do not lie end to end" in problems_of(dataset)


def test_a_sidecar_that_does_not_list_a_lane_is_found(dataset: Path) -> None:
    rewrite(dataset, SIDECAR, lambda batches: batches[1:])
    assert f"{FIRST}, lane 0: {SIDECAR} does not list it" in problems_of(dataset)


def test_a_sidecar_of_another_schema_is_found(dataset: Path) -> None:
    table = pa.ipc.open_file(pa.py_buffer((dataset / SIDECAR).read_bytes())).read_all()
    wide = table.set_column(2, "length", table["length"].cast(pa.int64()))
    with pa.ipc.new_file(str(dataset / SIDECAR), wide.schema) as writer:
        writer.write_table(wide)
    renew_hashes(dataset)
    assert problems_of(dataset) == [f"{FIRST}: cannot be read: {SIDECAR} has not the sidecar's schema"]


def test_a_lane_too_short_for_an_example_is_no_problem(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data", **BARE)
    short = {"lane": 3, "start": 0, "length": 60, "corpus": "invented", "doc_id": "short"}  # an example takes 61
    short |= {"url": "", "title": ""}
    rewrite(
        folder,
        "documents/train-00001-of-00002.arrow",
        lambda batches: [*batches, pa.RecordBatch.from_pylist([short], schema=DOCUMENTS_SCHEMA)],
    )

    def count_it(manifest: dict[str, Any]) -> None:
        for counts in (manifest["shards"][1], manifest["splits"]["train"]):
            counts["lanes"] += 1
            counts["tokens"] += 60
        manifest["shards"][1]["tokens_in_no_example"]["invented"] += 60
        manifest["splits"]["train"]["tokens_in_no_example"] += 60
        manifest["corpora"]["invented"]["tokens_in_no_example"] += 60
        manifest["corpora"]["invented"]["tokens"] += 60
        manifest["corpora"]["invented"]["documents_read"] += 1
        manifest["corpora"]["invented"]["documents_kept"] += 1
        manifest["corpora"]["invented"]["document_lens"]["32"] += 1

    edit_manifest(folder, count_it)
    assert list(verify_dataset(str(folder))) == []


def test_a_shard_of_a_split_that_the_manifest_lacks_is_refused(dataset: Path) -> None:
    edit_manifest(dataset, lambda manifest: manifest["splits"].pop("dev"))
    check_refused(dataset, "points to 'dev/shard-00000-of-00001.arrow'")


def test_dataclasses_of_the_manifest_survive_a_round_trip(dataset: Path) -> None:
    from xlnet_data.datasets.manifests import read_manifest, write_manifest

    manifest = read_manifest(str(dataset))
    before = (dataset / "manifest.json").read_bytes()
    write_manifest(dataclasses.replace(manifest), str(dataset))
    assert (dataset / "manifest.json").read_bytes() == before


def test_the_fast_way_compares_bytes_and_draws_nothing_again(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "verify_shard", None)  # it would be called for every shard
    assert list(verify_dataset(str(dataset), fast=True)) == []
    damage = bytearray((dataset / FIRST).read_bytes())
    damage[len(damage) // 2] ^= 1
    (dataset / FIRST).write_bytes(damage)
    (dataset / SIDECAR).unlink()
    problems = list(verify_dataset(str(dataset), fast=True))
    assert [problem.split(" ")[:2] for problem in problems] == [[f"{FIRST}:", "its"], [f"{SIDECAR}:", "is"]]


def test_it_is_told_how_many_shards_are_done(dataset: Path) -> None:
    told: list[tuple[int, int]] = []
    assert list(verify_dataset(str(dataset), on_shard=lambda done, total: told.append((done, total)))) == []
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_damage_ends_with_which_files_to_copy_again_or_to_replace(dataset: Path) -> None:
    (dataset / FIRST).write_bytes(b"damaged")
    run = CliRunner().invoke(main, ["verify", str(dataset)])
    assert run.exit_code == 1
    advice = f"copy {FIRST} again if there is a copy, or replace just that: xlnet-data repair {dataset} CONFIG"
    assert advice in run.stderr


def test_the_builds_warnings_are_repeated(dataset: Path) -> None:
    edit_manifest(dataset, lambda manifest: manifest["warnings"].append("12% of the tokens are <unk>"))
    run = CliRunner().invoke(main, ["verify", str(dataset)])
    assert (run.exit_code, "Warning: 12% of the tokens are <unk>" in run.stderr) == (0, True)


@pytest.mark.parametrize("is_fast", [True, False])
def test_a_dataset_that_is_replaced_while_it_is_verified_is_not_called_damaged(
    write_small_dataset: Callable[..., Path], dataset: Path, tmp_path: Path, is_fast: bool
) -> None:
    other = write_small_dataset(tmp_path / "other", lanes=4)

    def replace(done: int, total: int) -> None:
        if done == 1:
            dataset.rename(tmp_path / "gone")
            other.rename(dataset)

    with pytest.raises(ShardError, match=f"^{re.escape(str(dataset))} was replaced by another dataset while it was"):
        list(verify_dataset(str(dataset), fast=is_fast, on_shard=replace))
