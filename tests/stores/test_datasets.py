"""Datasets on real servers of stores: an engine's flow writes the same bytes there, and all that reads takes URLs."""

import json
from collections.abc import Callable
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from click.testing import CliRunner
from stores.conftest import Store

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.config_files import load_config
from xlnet_data.errors import ShardError
from xlnet_data.files.writing import atomic_write
from xlnet_data.ingestion.tasks import list_tasks
from xlnet_data.pipelines.engine_exchange import EngineExchange
from xlnet_data.pipelines.engine_output import check_engine_output, clean_engine_output
from xlnet_data.pipelines.flow import build
from xlnet_data.schemas.manifest import TOKENIZER_FILE
from xlnet_data.text.tokenizer import Tokenizer

ReadObjects = Callable[[str], dict[str, bytes]]
pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")  # gcsfs does so


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
def built(tmp_path_factory: pytest.TempPathFactory, texts: dict[str, bytes], small_model: Path, store: Store) -> str:
    """Return the URL of the dataset that an engine's flow makes in a store of the store's files."""
    source, output = f"{store.bucket}/source", f"{store.bucket}/dataset"
    for name, text in (*texts.items(), ("spiece.model", small_model.read_bytes())):
        with atomic_write(f"{source}/{name}") as file:
            file.write(text)
    path = tmp_path_factory.mktemp("remote") / "config.toml"
    config = load_config(str(write_config(path, source, f"{source}/spiece.model")))
    tokenizer = Tokenizer.load(f"{source}/spiece.model", config.tokenizer)
    check_engine_output(output, overwrite=False)
    with atomic_write(f"{output}/{TOKENIZER_FILE}") as file:
        file.write(tokenizer.model_bytes)
    tasks = list(enumerate(list_tasks(config)))
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        build(pipeline, config, output, tokenizer, EngineExchange(config, output, tasks, tokenizer.id_type))
    clean_engine_output(output)
    return output


def test_an_engine_writes_the_bytes_of_a_local_build_into_a_store(
    built: str, expected: Path, objects_of: ReadObjects
) -> None:
    found = objects_of(built)
    local = {str(path.relative_to(expected)): path.read_bytes() for path in expected.rglob("*") if path.is_file()}
    assert {*found} == {*local}
    assert {name for name in local if found[name] != local[name]} == {"manifest.json"}  # its config names the files
    here, there = json.loads(local["manifest.json"]), json.loads(found["manifest.json"])
    assert {key for key in here if here[key] != there[key]} == {"config", "checksum"}
    assert sum(name.startswith("rejects/") for name in found) >= 1


def test_the_commands_read_a_dataset_of_a_store(
    built: str, expected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLNET_DATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    verified = CliRunner().invoke(main, ["verify", built])
    assert (verified.exit_code, verified.output.startswith(f"{built}: all is well with")) == (0, True), verified.output
    assert xlnet_data.inspect(built) == xlnet_data.inspect(str(expected))
    arguments = ["train-smoke", built, "--steps", "2", "--width", "32", "--layers", "1", "--batch-size", "2"]
    trained = CliRunner().invoke(main, arguments)
    assert "dataset-run" in trained.output, trained.output
    assert (tmp_path / "dataset-run" / "metrics.jsonl").exists()


def test_a_dataset_of_a_store_is_replaced_whole_and_only_if_that_is_asked_for(
    built: str, store: Store, objects_of: ReadObjects
) -> None:
    with pytest.raises(ShardError, match=f"{built} already holds a dataset"):
        check_engine_output(built, overwrite=False)
    copy = f"{store.bucket}/copy"
    for name, content in (*objects_of(built).items(), ("train/notes.txt", b"mine")):
        with atomic_write(f"{copy}/{name}") as file:
            file.write(content)
    check_engine_output(copy, overwrite=True)
    assert objects_of(copy) == {"train/notes.txt": b"mine"}
