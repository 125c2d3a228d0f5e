"""Datasets on real servers of stores: an engine's flow writes the same bytes there, and all that reads takes URLs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from stores.conftest import Store

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.errors import ShardError
from xlnet_data.files.writing import atomic_write

ReadObjects = Callable[[str], dict[str, bytes]]
pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")  # gcsfs does so


@dataclass(frozen=True)
class Built:
    """A dataset of a store, and the config that it was built from."""

    config: Path
    url: str


def write_config(path: Path, source: str, model: str) -> Path:
    path.write_text(
        f"""
        seed = 3
        [tokenizer]
        model = {json.dumps(model)}
        vocab_size = 300
        [[corpora]]
        name = "texts"
        format = "text"
        paths = ["{source}/in/*.txt", "{source}/in/deep/**/*.txt"]
        [[corpora]]
        name = "records"
        format = "jsonl"
        paths = ["{source}/records.jsonl"]
        id_field = "id"
        [deduplication]
        exact = true
        [examples]
        seq_len = 64
        reuse_len = 32
        [lanes]
        lane_tokens = 4096
        [output]
        dev_frac = 0.1
        rejects = true
        """,
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def texts(invent: Callable[..., str]) -> dict[str, bytes]:
    """Return the files of the corpora, two documents of which are the same."""
    files = {f"in/text-{number}.txt": invent(number) for number in range(12)}
    files |= {f"in/deep/{number}/text.txt": invent(100 + number) for number in range(6)}
    lines = [json.dumps({"text": invent(1000 + number % 19), "id": f"n{number}"}) for number in range(20)]
    return {name: text.replace("\n\n", "\n").encode() for name, text in files.items()} | {
        "records.jsonl": "\n".join(lines).encode()
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, bytes], small_model: Path) -> Path:
    """Return the dataset that a build on this machine makes of local files."""
    folder = tmp_path_factory.mktemp("local")
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    config = write_config(folder / "config.toml", str(folder), str(small_model))
    assert xlnet_data.build_corpus(config, folder / "dataset", workers=0) is not None
    return folder / "dataset"


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory,
    texts: dict[str, bytes],
    small_model: Path,
    store: Store,
    build_shuffled: Callable[..., None],
) -> Built:
    """Return the dataset that an engine's flow makes in a store of the store's files."""
    source, output = f"{store.bucket}/source", f"{store.bucket}/dataset"
    for name, text in (*texts.items(), ("spiece.model", small_model.read_bytes())):
        with atomic_write(f"{source}/{name}") as file:
            file.write(text)
    path = tmp_path_factory.mktemp("remote") / "config.toml"
    config = write_config(path, source, f"{source}/spiece.model")
    build_shuffled(config, output)
    return Built(config, output)


def test_an_engine_writes_the_bytes_of_a_local_build_into_a_store(
    built: Built, expected: Path, objects_of: ReadObjects
) -> None:
    found = objects_of(built.url)
    local = {str(path.relative_to(expected)): path.read_bytes() for path in expected.rglob("*") if path.is_file()}
    del local["build.json"]  # how long a local build took
    assert {*found} == {*local}
    # the config in these two names the files
    assert {name for name in local if found[name] != local[name]} == {"manifest.json", "README.md"}
    here, there = json.loads(local["manifest.json"]), json.loads(found["manifest.json"])
    assert {key for key in here if here[key] != there[key]} == {"config", "checksum"}
    assert sum(name.startswith("rejects/") for name in found) >= 1


def test_the_commands_read_a_dataset_of_a_store(
    built: Built, expected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLNET_DATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    verified = CliRunner().invoke(main, ["verify", built.url])
    assert (verified.exit_code, f"{built.url}: all is well with" in verified.stdout) == (0, True), verified.output
    assert xlnet_data.inspect(built.url) == xlnet_data.inspect(str(expected))
    arguments = ["train-smoke", built.url, "--steps", "2", "--width", "32", "--layers", "1", "--batch-size", "2"]
    trained = CliRunner().invoke(main, arguments)
    assert "dataset-run" in trained.output, trained.output
    assert (tmp_path / "dataset-run" / "metrics.jsonl").exists()


def test_a_dataset_of_a_store_is_replaced_whole_and_only_if_that_is_asked_for(
    built: Built, store: Store, objects_of: ReadObjects, build_shuffled: Callable[..., None]
) -> None:
    with pytest.raises(ShardError, match=f"{built.url} already holds a dataset"):
        build_shuffled(built.config, built.url)
    copy, expected = f"{store.bucket}/copy", objects_of(built.url)
    for name, content in (*expected.items(), ("train/shard-00007-of-00009.arrow", b"of an older build")):
        with atomic_write(f"{copy}/{name}") as file:
            file.write(content)
    build_shuffled(built.config, copy, overwrite=True)
    assert objects_of(copy) == expected
