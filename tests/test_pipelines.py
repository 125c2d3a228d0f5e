"""The flow: the same bytes whatever the workers, the order and place of the files, and the path of the payload."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from xlnet_data.cli import main
from xlnet_data.datasets.verification import verify_dataset
from xlnet_data.pipelines.local.queue import drain_queue, fill_queue
from xlnet_data.schemas.manifest import BUILD_FILE

NUM_FILES = 48

WriteConfig = Callable[..., Path]
BuildShuffled = Callable[..., None]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, invent: Callable[..., str]) -> Path:
    """Return a folder with invented texts, a file each, and a file of many documents."""
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, invent)
    return folder


def write_corpus(folder: Path, invent: Callable[..., str]) -> None:
    for number in range(NUM_FILES):
        (folder / f"text-{number:02}.txt").write_text(invent(number).replace("\n\n", "\n") + "\n", encoding="utf-8")
    lines = [json.dumps({"text": invent(1_000 + number), "id": f"n{number}"}) for number in range(40)]
    (folder / "records.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def write_config(tmp_path: Path, corpus: Path, small_model: Path) -> WriteConfig:
    """Return a function that writes a config of both corpora and returns its path."""

    def write(name: str = "config.toml", paths: str = "", folder: Path | None = None, **keys: str) -> Path:
        source = folder or corpus
        text_paths = paths or json.dumps([str(source / "text-*.txt")])
        path = tmp_path / name
        path.write_text(
            f"""
            seed = 3
            [tokenizer]
            model = {json.dumps(str(small_model))}
            vocab_size = 300
            [[corpora]]
            name = "texts"
            format = "text"
            paths = {text_paths}
            epochs = {keys.get("epochs", "1")}
            [[corpora]]
            name = "records"
            format = "jsonl"
            paths = [{json.dumps(str(source / "records.jsonl"))}]
            id_field = "id"
            [examples]
            seq_len = 64
            reuse_len = {keys.get("reuse_len", "32")}
            recipe = "{keys.get("recipe", "paper")}"
            bidirectional = {keys.get("bidirectional", "true")}
            [lanes]
            lane_tokens = 4096
            [output]
            dev_frac = {keys.get("dev_frac", "0.1")}
            """,
            encoding="utf-8",
        )
        return path

    return write


def run_build(config: Path, output: Path, *options: str) -> Result:
    arguments = ["build-corpus", str(config), "--output", str(output), "--workers", "0", "--quiet", *options]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content, but for the one that says how long the build took."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != BUILD_FILE)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plain") / "data"


def build_plain(write_config: WriteConfig, plain: Path) -> Path:
    """Return the dataset of the plain config, built once."""
    if not plain.exists():
        run_build(write_config(), plain)
    return plain


def manifest_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def documents_of(folder: Path) -> list[tuple[str, int, str, str, int]]:
    """Return (split, lane, corpus, doc_id, length) of every document in the sidecars."""
    found = []
    for path in sorted(folder.glob("documents/*.arrow")):
        with pa.memory_map(str(path)) as file:
            for row in pa.ipc.open_file(file).read_all().to_pylist():
                found.append((path.name.partition("-")[0], row["lane"], row["corpus"], row["doc_id"], row["length"]))
    return found


def test_every_token_of_a_build_is_accounted_for(write_config: WriteConfig, plain: Path) -> None:
    folder = build_plain(write_config, plain)
    assert list(verify_dataset(str(folder))) == []
    manifest = manifest_of(folder)
    assert manifest["corpora"]["texts"]["documents_kept"] == NUM_FILES
    assert manifest["corpora"]["records"]["documents_kept"] == 40
    for info in manifest["corpora"].values():
        assert info["documents_read"] == info["documents_kept"] + sum(info["documents_dropped"].values())
    tokens = sum(info["tokens"] for info in manifest["corpora"].values())
    assert tokens == sum(split["tokens"] for split in manifest["splits"].values())
    documents = documents_of(folder)
    forward = [length for _, lane, _, _, length in documents if lane % 2 == 0]
    assert sum(forward) == tokens
    assert len(documents) == 2 * (NUM_FILES + 40)
    unused = sum(info["tokens_in_no_example"] for info in manifest["corpora"].values())
    assert unused == sum(split["tokens_in_no_example"] for split in manifest["splits"].values())
    assert unused < 0.02 * tokens


def test_corpora_mix_in_every_lane_and_a_document_lies_in_one_split(write_config: WriteConfig, plain: Path) -> None:
    documents = documents_of(build_plain(write_config, plain))
    lanes: dict[tuple[str, int], set[str]] = {}
    splits: dict[tuple[str, str], set[str]] = {}
    for split, lane, corpus, doc_id, _ in documents:
        lanes.setdefault((split, lane), set()).add(corpus)
        splits.setdefault((corpus, doc_id), set()).add(split)
    assert len([lane for lane in lanes if lane[0] == "train"]) >= 6
    assert all(corpora == {"texts", "records"} for (split, _), corpora in lanes.items() if split == "train")
    assert all(len(found) == 1 for found in splits.values())


def test_two_worker_processes_write_the_same_bytes_as_one(
    write_config: WriteConfig, plain: Path, tmp_path: Path
) -> None:
    run_build(write_config(), tmp_path / "two", "--workers", "2")
    assert bytes_of(tmp_path / "two") == bytes_of(build_plain(write_config, plain))


def test_files_in_another_order_and_folder_give_the_same_shards(
    write_config: WriteConfig, plain: Path, tmp_path: Path, invent: Callable[..., str]
) -> None:
    other = tmp_path / "moved" / "deeper"
    other.mkdir(parents=True)
    write_corpus(other, invent)
    files = sorted((str(path) for path in other.glob("text-*.txt")), reverse=True)
    run_build(write_config("moved.toml", paths=json.dumps(files), folder=other), tmp_path / "out")
    found, expected = bytes_of(tmp_path / "out"), bytes_of(build_plain(write_config, plain))
    manifests = [json.loads(files.pop("manifest.json")) for files in (found, expected)]
    for files in (found, expected):
        files["README.md"] = re.sub(rb"(?m)^paths = .*", b"", files["README.md"])
    assert found == expected
    for manifest in manifests:
        del manifest["checksum"]  # of the paths, too
        for section in manifest["config"]["corpora"]:
            del section["paths"]
    assert manifests[0] == manifests[1]


def test_the_shuffle_of_an_engine_gives_the_same_bytes_as_the_spool(
    write_config: WriteConfig, plain: Path, tmp_path: Path, build_shuffled: BuildShuffled
) -> None:
    build_shuffled(write_config(), tmp_path / "shuffled")
    assert bytes_of(tmp_path / "shuffled") == bytes_of(build_plain(write_config, plain))


@pytest.mark.parametrize(
    "keys",
    [{"recipe": "reference"}, {"reuse_len": "0"}, {"bidirectional": "false"}],
    ids=["reference", "no reuse", "forward only"],
)
def test_a_build_with_other_settings_is_sound(write_config: WriteConfig, tmp_path: Path, keys: dict[str, str]) -> None:
    run_build(write_config(**keys), tmp_path / "out")
    assert list(verify_dataset(str(tmp_path / "out"))) == []
    manifest = manifest_of(tmp_path / "out")
    assert manifest["splits"]["train"]["examples"] > 100
    lanes = {lane for split, lane, *_ in documents_of(tmp_path / "out") if split == "train"}
    assert lanes == set(range(manifest["splits"]["train"]["lanes"]))
    assert manifest["config"]["examples"]["recipe"] == keys.get("recipe", "paper")


def test_half_an_epoch_takes_about_half_of_the_documents_and_counts_the_others(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    run_build(write_config(epochs="0.5"), tmp_path / "out")
    assert list(verify_dataset(str(tmp_path / "out"))) == []
    info = manifest_of(tmp_path / "out")["corpora"]["texts"]
    assert 0.25 * NUM_FILES < info["documents_kept"] < 0.75 * NUM_FILES
    assert info["documents_dropped"] == {"epochs": NUM_FILES - info["documents_kept"]}
    in_lanes = {doc_id for _, _, corpus, doc_id, _ in documents_of(tmp_path / "out") if corpus == "texts"}
    assert len(in_lanes) == info["documents_kept"]


def test_two_epochs_put_each_train_document_into_the_lanes_twice_and_a_dev_document_once(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    run_build(write_config(epochs="2"), tmp_path / "out")
    assert list(verify_dataset(str(tmp_path / "out"))) == []
    copies: dict[tuple[str, str], int] = {}
    for split, lane, corpus, doc_id, _ in documents_of(tmp_path / "out"):
        if corpus == "texts" and lane % 2 == 0:
            copies[split, doc_id] = copies.get((split, doc_id), 0) + 1
    assert len(copies) == NUM_FILES
    assert {count for (split, _), count in copies.items() if split == "train"} == {2}
    assert {count for (split, _), count in copies.items() if split == "dev"} <= {1}
    manifest = manifest_of(tmp_path / "out")
    corpora, splits = manifest["corpora"].values(), manifest["splits"].values()
    assert sum(info["tokens"] for info in corpora) == sum(info["tokens"] for info in splits)


def test_the_dev_split_takes_its_share_by_hash_and_may_be_left_out(write_config: WriteConfig, tmp_path: Path) -> None:
    shares = {}
    for dev_frac in ("0.0", "0.3"):
        output = tmp_path / f"dev-{dev_frac}"
        run_build(write_config(dev_frac=dev_frac), output)
        assert list(verify_dataset(str(output))) == []
        documents = [split for split, lane, *_ in documents_of(output) if lane % 2 == 0]
        shares[dev_frac] = documents.count("dev") / len(documents)
    assert shares["0.0"] == 0
    assert 0.15 < shares["0.3"] < 0.45


def test_a_dev_share_that_the_hash_leaves_empty_gets_at_least_one_example(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    run_build(write_config(dev_frac="1e-9", epochs="3"), tmp_path / "out")
    assert list(verify_dataset(str(tmp_path / "out"))) == []
    manifest = manifest_of(tmp_path / "out")
    assert manifest["splits"]["dev"]["examples"] >= 2  # one in either direction
    moved = {row[3] for row in documents_of(tmp_path / "out") if row[0] == "dev"}
    assert not any(row[3] in moved for row in documents_of(tmp_path / "out") if row[0] == "train")
    corpora, splits = manifest["corpora"].values(), manifest["splits"].values()
    assert sum(info["tokens"] for info in corpora) == sum(info["tokens"] for info in splits)


def build_long(
    tmp_path: Path, small_model: Path, texts: list[str], keys: str = "", lane_tokens: int = 2048
) -> dict[str, Any]:
    """Return the manifest of a dataset of some long documents."""
    (tmp_path / "long").mkdir()
    for number, text in enumerate(texts):
        (tmp_path / "long" / f"{number:03}.txt").write_text(text, encoding="utf-8")
    config = tmp_path / "long.toml"
    config.write_text(
        f"""
        [tokenizer]
        model = "{small_model}"
        [[corpora]]
        name = "long"
        format = "text"
        paths = ["long/*"]
        {keys}
        [examples]
        seq_len = 64
        reuse_len = 32
        [lanes]
        lane_tokens = {lane_tokens}
        """,
        encoding="utf-8",
    )
    run_build(config, tmp_path / "out")
    assert list(verify_dataset(str(tmp_path / "out"))) == []
    return manifest_of(tmp_path / "out")


def test_a_dev_split_of_few_long_documents_has_two_in_one_lane_and_pairs_of_both_kinds(
    tmp_path: Path, small_model: Path, invent: Callable[..., str]
) -> None:
    manifest = build_long(tmp_path, small_model, [invent(number, 40) for number in range(60)])
    dev = manifest["splits"]["dev"]
    documents = {row[3] for row in documents_of(tmp_path / "out") if row[0] == "dev"}
    assert len(documents) == 2  # half a percent of 60 documents is none
    assert dev["lanes"] == 2  # the two readings of one, though lane_tokens asks for more
    assert dev["tokens"] > 2 * 2048
    assert 0.4 < dev["positive_frac"] == dev["positive"] / dev["examples"] < 0.6
    assert not any("dev split are positive" in warning for warning in manifest["warnings"])


def test_a_dev_split_that_no_second_document_can_join_is_warned_of_with_their_number(
    tmp_path: Path, small_model: Path, invent: Callable[..., str]
) -> None:
    manifest = build_long(tmp_path, small_model, [invent(number, 40) for number in range(6)], lane_tokens=65_536)
    assert manifest["splits"]["dev"]["positive_frac"] == 1
    (found,) = [warning for warning in manifest["warnings"] if "below 2 its negative pairs" in warning]
    assert found.startswith("the dev split has 1 document with 1.0 times what one example takes")
    assert any("100% of the" in warning and "pairs of the dev split" in warning for warning in manifest["warnings"])


def test_lanes_of_few_long_documents_are_warned_of_with_lanes_that_would_do(
    tmp_path: Path, small_model: Path, invent: Callable[..., str]
) -> None:
    texts = [invent(number, 60) for number in range(40)]
    manifest = build_long(tmp_path, small_model, texts, lane_tokens=1024)
    assert manifest["splits"]["train"]["positive_frac"] > 0.6
    (found,) = [warning for warning in manifest["warnings"] if "negative pairs of the train split" in warning]
    (lane_tokens,) = re.findall("raise lane_tokens to at least ([0-9]+), so that a lane holds 8 documents", found)
    (tmp_path / "again").mkdir()
    manifest = build_long(tmp_path / "again", small_model, texts, lane_tokens=int(lane_tokens))
    assert 0.4 < manifest["splits"]["train"]["positive_frac"] < 0.6
    assert not any("pairs of the train split" in warning for warning in manifest["warnings"])


def test_a_text_without_sentence_ends_is_warned_of_and_its_lines_help(
    tmp_path: Path, small_model: Path, invent: Callable[..., str]
) -> None:
    texts = [re.sub("[.!?] ?", "\n", invent(number, 40).replace("\n\n", " ")) for number in range(60)]
    manifest = build_long(tmp_path, small_model, texts, 'paragraphs = "blank-line"', lane_tokens=16_384)
    assert manifest["splits"]["train"]["positive_frac"] < 0.2
    (found,) = [warning for warning in manifest["warnings"] if "pairs of the train split are positive" in warning]
    assert "of 'long'; if the text has one sentence a line, set sentences = \"line\"" in found
    (tmp_path / "again").mkdir()
    manifest = build_long(tmp_path / "again", small_model, texts, 'sentences = "line"', lane_tokens=16_384)
    assert 0.4 < manifest["splits"]["train"]["positive_frac"] < 0.6


def test_another_seed_gives_other_lanes_and_the_same_tokens(
    write_config: WriteConfig, plain: Path, tmp_path: Path
) -> None:
    config = write_config("seed.toml")
    config.write_text(config.read_text(encoding="utf-8").replace("seed = 3", "seed = 4"), encoding="utf-8")
    run_build(config, tmp_path / "out")
    first, other = documents_of(build_plain(write_config, plain)), documents_of(tmp_path / "out")
    assert sorted(row[2:] for row in first) == sorted(row[2:] for row in other)
    assert first != other


def test_a_build_on_another_day_is_the_same_build(write_config: WriteConfig, plain: Path, tmp_path: Path) -> None:
    run_build(write_config(), tmp_path / "again")
    assert bytes_of(tmp_path / "again") == bytes_of(build_plain(write_config, plain))


def test_a_piece_of_work_is_taken_once_and_in_order(tmp_path: Path) -> None:
    queue = str(tmp_path / "queue")
    fill_queue(queue, ["largest", "middle", "smallest", "last"])
    first, second = drain_queue(queue), drain_queue(queue)
    assert [next(first), next(second), next(second), next(first)] == ["largest", "middle", "smallest", "last"]
    assert [*first, *second, *drain_queue(queue)] == []
