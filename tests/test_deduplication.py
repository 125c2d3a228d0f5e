"""Deduplication through the flow: what goes, what stays, and the same on both paths of the payload."""

import json
from collections.abc import Callable
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from click.testing import CliRunner

from xlnet_data.cli import main
from xlnet_data.config import load_config
from xlnet_data.documents import list_tasks
from xlnet_data.pipelines.flow import build
from xlnet_data.shards import read_manifest
from xlnet_data.tokenizer import Tokenizer
from xlnet_data.verification import verify_dataset

NUM_TEXTS, NUM_COPIES, NUM_NEAR = 40, 12, 9


@pytest.fixture
def config(tmp_path: Path, invent: Callable[..., str], small_model: Path) -> Path:
    """Return a config of two corpora: the second repeats some texts of the first, exactly or nearly."""
    texts = [invent(number, 12) for number in range(NUM_TEXTS)]
    shouted = [f"  {text.upper()} " for text in texts[:NUM_COPIES]]
    changed = [" ".join([*text.split(" ")[:-2], "end", "here."]) for text in texts[NUM_COPIES : NUM_COPIES + NUM_NEAR]]
    for name, lines in (("first", texts), ("second", [*shouted, *changed, invent(9_999, 12)])):
        records = [json.dumps({"id": number, "text": line}) for number, line in enumerate(lines)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(records), encoding="utf-8")
    sections = "".join(
        f'[[corpora]]\nname = "{name}"\nformat = "jsonl"\npaths = ["{name}.jsonl"]\nid_field = "id"\n'
        f'epochs = {epochs}\nparagraphs = "blank-line"\n'
        for name, epochs in (("first", 1), ("second", 2.0))
    )
    path = tmp_path / "config.toml"
    path.write_text(
        f"[tokenizer]\nmodel = {json.dumps(str(small_model))}\nvocab_size = 300\n{sections}"
        "[examples]\nseq_len = 64\nreuse_len = 32\n[lanes]\nlane_tokens = 4096\n[output]\ndev_frac = 0.1\n"
        "[deduplication]\nexact = true\nnear = true\nthreshold = 0.7\nngram = 2\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def dataset(config: Path, tmp_path: Path) -> Path:
    output = tmp_path / "data"
    command = ["build-corpus", str(config), "--output", str(output), "--workers", "0", "--quiet"]
    assert CliRunner().invoke(main, command).exit_code == 0
    return output


def test_the_copies_of_the_later_corpus_go_and_every_token_is_accounted_for(dataset: Path) -> None:
    corpora = read_manifest(dataset).corpora
    assert corpora["first"].documents_dropped == {}
    assert corpora["first"].documents_kept == NUM_TEXTS
    assert corpora["second"].documents_dropped == {"duplicate": NUM_COPIES, "near_duplicate": NUM_NEAR}
    assert corpora["second"].documents_kept == 1
    assert list(verify_dataset(str(dataset))) == []


def test_what_is_dropped_is_in_no_lane(dataset: Path) -> None:
    found = set()
    for path in dataset.glob("*/documents-*.arrow"):
        with pa.memory_map(str(path)) as file:
            table = pa.ipc.open_file(file).read_all().to_pylist()
            found |= {row["doc_id"] for row in table if row["corpus"] == "second"}
    assert found == {str(NUM_COPIES + NUM_NEAR)}


def test_the_shuffle_drops_the_same_documents_and_writes_the_same_bytes(
    config: Path, dataset: Path, tmp_path: Path
) -> None:
    loaded, output = load_config(str(config)), tmp_path / "shuffled"
    tokenizer = Tokenizer.load(str(dataset / "spiece.model"), loaded.tokenizer)
    tasks = list(enumerate(list_tasks(loaded)))
    pipeline = beam.Pipeline(runner=FnApiRunner())
    build(pipeline, loaded, str(output), tokenizer, tasks)
    pipeline.run().wait_until_finish()
    for path in output.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (dataset / path.relative_to(output)).read_bytes(), path.name
    assert len(list(output.rglob("*.arrow"))) == len(list(dataset.rglob("*.arrow"))) > 2
