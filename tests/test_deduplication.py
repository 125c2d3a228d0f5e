"""Deduplication through the flow: what goes, what stays, and the same on both paths of the payload."""

import gzip
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from xlnet_data.cli import main
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.verification import verify_dataset
from xlnet_data.schemas.manifest import BUILD_FILE

NUM_TEXTS, NUM_COPIES, NUM_NEAR = 40, 12, 9


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, invent: Callable[..., str], small_model: Path) -> Path:
    """Return a config of two corpora: the second repeats some texts of the first, exactly or nearly, and itself."""
    folder = tmp_path_factory.mktemp("corpora")
    texts = [invent(number, 12) for number in range(NUM_TEXTS)]
    shouted = [f"  {text.upper()} " for text in texts[:NUM_COPIES]]
    changed = [" ".join([*text.split(" ")[:-2], "end", "here."]) for text in texts[NUM_COPIES : NUM_COPIES + NUM_NEAR]]
    for name, lines in (("first", texts), ("second", [*shouted, *changed, invent(9_999, 12)])):
        records = [
            {"id": number, "text": line, "from": f"https://{name}.org/{number}", "title": f"Tale {number} of {name}"}
            for number, line in enumerate(lines)
        ]
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    (folder / "second-again.jsonl").write_bytes((folder / "second.jsonl").read_bytes())
    sections = "".join(
        f'[[corpora]]\nname = "{name}"\nformat = "jsonl"\npaths = ["{name}*.jsonl"]\nid_field = "id"\n'
        f'epochs = {epochs}\nparagraphs = "blank-line"\nurl_field = "from"\ntitle_field = "title"\n'
        for name, epochs in (("first", 1), ("second", 2.0))
    )
    path = folder / "config.toml"
    path.write_text(
        f"[tokenizer]\nmodel = {json.dumps(str(small_model))}\nvocab_size = 300\n{sections}"
        "[examples]\nseq_len = 64\nreuse_len = 32\n[lanes]\nlane_tokens = 4096\n"
        "[output]\ndev_frac = 0.1\nrejects = true\n"
        "[deduplication]\nexact = true\nnear = true\nthreshold = 0.7\nngram = 2\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def dataset(config: Path) -> Iterator[Path]:
    """Return the dataset of the config, built once, of a task for each file."""
    output = config.parent / "data"
    command = ["build-corpus", str(config), "--output", str(output), "--workers", "0", "--quiet"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xlnet_data.ingestion.tasks.MIN_TASK_BYTES", 1_000)
        assert CliRunner().invoke(main, command).exit_code == 0
        yield output


def test_the_copies_of_the_later_corpus_go_and_every_token_is_accounted_for(dataset: Path) -> None:
    corpora = read_manifest(str(dataset)).corpora
    assert corpora["first"].documents_dropped == {}
    assert corpora["first"].documents_kept == NUM_TEXTS
    assert corpora["second"].documents_dropped == {"duplicate": 2 * NUM_COPIES + 1, "near_duplicate": 2 * NUM_NEAR}
    assert corpora["second"].documents_kept == 1
    assert corpora["second"].notes == {}
    assert list(verify_dataset(str(dataset))) == []


def test_dropped_documents_that_are_lost_damaged_or_added_are_found(dataset: Path, tmp_path: Path) -> None:
    dataset = shutil.copytree(dataset, tmp_path / "copy")
    path = max(dataset.glob("rejects/*.gz"), key=os.path.getsize)
    whole, name = path.read_bytes(), f"rejects/{path.name}"
    half = len(whole) // 2
    path.write_bytes(whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :])
    assert next(verify_dataset(str(dataset), fast=True)).startswith(f"{name}: is damaged: ")
    path.write_bytes(whole[:half])
    assert next(verify_dataset(str(dataset), fast=True)).startswith(f"{name}: is damaged: ")
    path.write_bytes(gzip.compress(b'["a list"]'))
    assert next(verify_dataset(str(dataset), fast=True)).startswith(f"{name}: is damaged: ")
    path.write_bytes(whole + whole)
    (doubled, *_) = verify_dataset(str(dataset), fast=True)
    path.unlink()
    (lost, *_) = verify_dataset(str(dataset), fast=True)
    for problem in (doubled, lost):
        assert problem.startswith("rejects/ holds ")
        assert " documents of corpus 'second' with the reason " in problem


def test_each_text_makes_a_group_with_its_copies_around_the_one_that_stays(dataset: Path) -> None:
    groups = read_manifest(str(dataset)).duplicate_groups
    assert groups.sizes == {"2": NUM_COPIES + NUM_NEAR + 1}  # three readings of each text, and two of the last
    assert {(group.num_documents, group.corpus) for group in groups.largest} == {(3, "first")}
    assert len({group.doc_id for group in groups.largest} & {*map(str, range(NUM_COPIES + NUM_NEAR))}) == 3
    assert all(group.title == f"Tale {group.doc_id} of first" for group in groups.largest)
    named = f"{groups.largest[0].doc_id!r} ({groups.largest[0].title!r})"
    said = f"22 groups: 22 of 2 to 3 documents; the largest has 3, of which {named}"
    shown = CliRunner().invoke(main, ["report", str(dataset)], env={"COLUMNS": "200"})
    assert f"{said} of corpus 'first' is kept" in shown.stdout


def test_what_is_dropped_is_in_no_lane(dataset: Path) -> None:
    found = set()
    for path in dataset.glob("documents/*.arrow"):
        with pa.memory_map(str(path)) as file:
            table = pa.ipc.open_file(file).read_all().to_pylist()
            found |= {row["doc_id"] for row in table if row["corpus"] == "second"}
    assert found == {str(NUM_COPIES + NUM_NEAR)}


def test_dropped_documents_are_kept_beside_the_dataset_with_text_and_reason(
    dataset: Path, invent: Callable[..., str]
) -> None:
    rejects = [(row["doc_id"], row["reason"], row["text"]) for row in read_rejects(dataset)]
    assert Counter(reason for _, reason, _ in rejects) == {
        "duplicate": 2 * NUM_COPIES + 1,
        "near_duplicate": 2 * NUM_NEAR,
    }
    last = str(NUM_COPIES + NUM_NEAR)
    assert [(reason, text) for doc_id, reason, text in rejects if doc_id == last] == [("duplicate", invent(9_999, 12))]
    assert {doc_id for doc_id, reason, _ in rejects if reason == "near_duplicate"} == {
        str(number) for number in range(NUM_COPIES, NUM_COPIES + NUM_NEAR)
    }


def read_rejects(dataset: Path) -> list[dict[str, str]]:
    """Return the documents beside a dataset."""
    lines = [line for path in dataset.glob("rejects/*.gz") for line in gzip.decompress(path.read_bytes()).splitlines()]
    return list(map(json.loads, lines))


def test_a_duplicate_is_kept_with_the_document_that_it_is_dropped_for_and_with_url_and_title(dataset: Path) -> None:
    for row in read_rejects(dataset):
        number = int(row["doc_id"])
        assert (row["url"], row["title"]) == (f"https://second.org/{number}", f"Tale {number} of second")
        if number < NUM_COPIES:
            assert row["cause"] == f"the text of '{number}' ('Tale {number} of first') of corpus 'first'"
        elif number < NUM_COPIES + NUM_NEAR:
            assert re.fullmatch(
                rf"similarity (0\.[789]\d|1\.00) to '{number}' \('Tale {number} of first'\) of corpus 'first', "
                r"threshold = 0\.7",
                row["cause"],
            )
        else:
            assert row["cause"] == "its id and its text were read more than once"


def test_the_manifest_shows_duplicates_with_the_document_that_they_are_dropped_for(dataset: Path) -> None:
    samples = read_manifest(str(dataset)).corpora["second"].dropped_samples
    rejects = {(row["doc_id"], row["title"], row["reason"], row["cause"]) for row in read_rejects(dataset)}
    assert {reason: len(found) for reason, found in samples.items()} == {"duplicate": 3, "near_duplicate": 3}
    named = {(one.doc_id, one.title, reason, one.cause) for reason, found in samples.items() for one in found}
    assert named < rejects


def test_sidecars_name_documents_by_url_and_title_in_both_readings(dataset: Path) -> None:
    rows = []
    for path in dataset.glob("documents/*.arrow"):
        with pa.memory_map(str(path)) as file:
            rows += pa.ipc.open_file(file).read_all().to_pylist()
    assert {row["lane"] % 2 for row in rows} == {0, 1}
    assert len({row["doc_id"] for row in rows}) == NUM_TEXTS
    for row in rows:
        assert row["url"] == f"https://{row['corpus']}.org/{row['doc_id']}"
        assert row["title"] == f"Tale {row['doc_id']} of {row['corpus']}"


def test_the_shuffle_drops_the_same_documents_and_writes_the_same_bytes(
    config: Path, dataset: Path, tmp_path: Path, build_shuffled: Callable[..., None]
) -> None:
    build_shuffled(config, tmp_path / "shuffled")
    found, expected = (
        {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name != BUILD_FILE
        }
        for folder in (tmp_path / "shuffled", dataset)
    )
    assert sorted(found) == sorted(expected)
    assert [name for name in found if found[name] != expected[name]] == []
    assert len([name for name in found if name.startswith("rejects/")]) == 2


ONE_ID = "[examples]\nseq_len = 64\nreuse_len = 32\n[lanes]\nlane_tokens = 4096\n"


def build_pairs(folder: Path, model: Path, invent: Callable[..., str], settings: str) -> Path:
    """Build a dataset of texts with the ids "one", some of them twice, and a different text each, and return it."""
    records = [{"id": "one", "text": invent(number, 12)} for number in (0, 1, 1, 2)]
    records += [{"id": f"d{number}", "text": invent(number, 12)} for number in (0, *range(3, 30))]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, records)))
    (folder / "config.toml").write_text(
        f'[tokenizer]\nmodel = {json.dumps(str(model))}\n[[corpora]]\nname = "c"\nformat = "jsonl"\n'
        f'paths = ["a.jsonl"]\nid_field = "id"\n{ONE_ID}{settings}'
    )
    command = [
        "build-corpus",
        str(folder / "config.toml"),
        "--output",
        str(folder / "out"),
        "--workers",
        "0",
        "--quiet",
    ]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert list(verify_dataset(str(folder / "out"))) == []
    return folder / "out"


def read_ids(dataset: Path) -> list[str]:
    """Return the ids in the sidecars of the forward lanes that begin with "one"."""
    found = []
    for path in sorted(dataset.glob("documents/*.arrow")):
        with pa.memory_map(str(path)) as file:
            rows = pa.ipc.open_file(file).read_all().to_pylist()
        found += [row["doc_id"] for row in rows if row["doc_id"].startswith("one") and row["lane"] % 2 == 0]
    return found


def test_documents_with_one_id_are_kept_apart_and_counted(
    tmp_path: Path, small_model: Path, invent: Callable[..., str]
) -> None:
    dataset = build_pairs(tmp_path, small_model, invent, "[output]\nrejects = true\n")
    assert read_ids(dataset) == ["one", "one#2", "one#3", "one#4"]
    manifest = read_manifest(str(dataset))
    assert manifest.corpora["c"].notes == {"duplicate_id": 3}
    assert any("3 documents of corpus 'c' have an id that another" in warning for warning in manifest.warnings)


def test_a_document_that_is_dropped_takes_no_other_of_its_id_along(
    tmp_path: Path, small_model: Path, invent: Callable[..., str]
) -> None:
    dataset = build_pairs(tmp_path, small_model, invent, "[deduplication]\nexact = true\n")
    (corpus,) = read_manifest(str(dataset)).corpora.values()
    assert corpus.documents_dropped == {"duplicate": 2}  # text 0 of one of two ids, and text 1 once
    gone = [sample.doc_id for sample in corpus.dropped_samples["duplicate"]]
    assert not (dataset / "rejects").exists()  # as is not asked for
    assert sorted(gone) in (["d0", "one"], ["one", "one"])
    assert len(read_ids(dataset)) == 4 - gone.count("one")
