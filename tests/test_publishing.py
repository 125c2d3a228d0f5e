"""What the manifest says and warns of, from counts alone, and that a finished shard is not written again."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from xlnet_data.config_files import parse_config
from xlnet_data.datasets.lane_plans import ShardPlan
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.shards import ShardWriting
from xlnet_data.ingestion.tallies import Candidate, Tally
from xlnet_data.pipelines import publish as publishing
from xlnet_data.pipelines.exchange import ShardRecords, pass_on
from xlnet_data.pipelines.progress import Progress
from xlnet_data.pipelines.publish import Publication, _Write, publish
from xlnet_data.schemas.manifest import Manifest, ShardInfo, TokenizerInfo

WINDOW = 45  # reuse, A and B of an example of 48 tokens, of which 3 are functional


def shard(split: str, number: int, **fields: Any) -> ShardInfo:
    """Return a shard of 1,000 examples, half of them positive, and 10,000 tokens unless it is said otherwise."""
    files = {"file": f"{split}/shard-{number}.arrow", "documents_file": f"documents/{split}-{number}.arrow"}
    sizes = {"bytes": 1, "sha256": "a", "documents_bytes": 1, "documents_sha256": "b", "lanes": 2, "tokens": 10_000}
    pairs = {"examples": 1_000, "positive": 500, "negative": 500, "fallback": 0}
    return ShardInfo(**{"split": split, "tokens_in_no_example": {"a": 1}} | files | sizes | pairs | fields)


def publish_with(
    folder: Path,
    counts: dict[tuple[str, str], int],
    shards: list[ShardInfo],
    *candidates: Candidate,
    epochs: tuple[float, float] = (1.0, 1.0),
    **output: Any,
) -> Manifest:
    """Publish a dataset of the corpora a and b of which so much was counted."""
    corpora = [
        {"name": name, "format": "text", "paths": ["*"], "epochs": often}
        for name, often in zip("ab", epochs, strict=True)
    ]
    config = parse_config(
        {
            "tokenizer": {"vocab_size": 300},
            "corpora": corpora,
            "examples": {"seq_len": 48, "reuse_len": 24},
            "lanes": {"lane_tokens": 1_200},
            "output": {"dev_frac": 0.25} | output,
        },
        ".",
    )
    (folder / "work").mkdir(exist_ok=True)
    kept = {(name, what): 500 for name in "ab" for what in ("read", "kept")}
    plenty = {("", "dev_room"): 2 * WINDOW, ("", "dev_documents"): 9, ("", "train"): 30_000, ("", "dev"): 10_000}
    tally = Tally(Counter(kept | plenty | counts), candidates)
    publication = Publication(str(folder / "work"), str(folder), config, TokenizerInfo("spiece.model", "c", 300))
    return publish(tally, shards, publication)


TRAIN, DEV = [shard("train", number) for number in range(3)], shard("dev", 0)


def test_a_sound_dataset_is_published_without_a_warning_and_its_shards_in_order(tmp_path: Path) -> None:
    manifest = publish_with(tmp_path, {}, [DEV, TRAIN[2], TRAIN[0], TRAIN[1]])
    assert manifest.warnings == []
    assert manifest.shards == [*TRAIN, DEV]
    assert {name: (split.examples, split.tokens) for name, split in manifest.splits.items()} == {
        "train": (3_000, 30_000),
        "dev": (1_000, 10_000),
    }
    assert (tmp_path / "README.md").exists()
    assert read_manifest(str(tmp_path / "work")) == manifest
    assert set(manifest.versions) > {"python", "xlnet-data"}


def test_a_dev_split_without_examples_is_warned_of_unless_none_is_wanted(tmp_path: Path) -> None:
    (warning,) = publish_with(tmp_path, {}, TRAIN).warnings
    assert warning.startswith("the dev split has no example: ")
    (warning,) = publish_with(tmp_path, {}, [*TRAIN, shard("dev", 0, examples=0, positive=0, negative=0)]).warnings
    assert warning.startswith("the dev split has no example: ")
    assert publish_with(tmp_path, {}, TRAIN, dev_frac=0.0).warnings == []


def test_a_dev_split_of_more_than_twice_its_share_is_warned_of(tmp_path: Path) -> None:
    (warning,) = publish_with(tmp_path, {}, [*TRAIN, DEV], dev_frac=0.12).warnings
    assert warning.startswith("the dev split took 25.0% of the tokens, more than dev_frac=0.12: ")
    assert publish_with(tmp_path, {}, [*TRAIN, DEV], dev_frac=0.125).warnings == []


def test_a_dev_split_with_room_for_less_than_two_examples_is_warned_of_and_moved_documents_count(
    tmp_path: Path,
) -> None:
    less = {("", "dev_room"): WINDOW, ("", "dev_documents"): 1}
    (warning,) = publish_with(tmp_path, less, [*TRAIN, DEV]).warnings
    assert warning.startswith("the dev split has 1 document with 1.0 times what one example takes")
    moved = Candidate(1, "a", "d", WINDOW, 1, 7, 9)
    assert publish_with(tmp_path, less, [*TRAIN, DEV], moved).warnings == []
    few = less | {("", "dev_room"): 0, ("", "dev"): 0, ("", "dev_documents"): 0}
    (warning,) = publish_with(tmp_path, few, [*TRAIN, DEV], moved).warnings
    assert warning.startswith("the dev split has 1 document with 1.0 times what one example takes")


def test_a_split_of_unbalanced_pairs_is_warned_of_with_what_helps(tmp_path: Path) -> None:
    counts = {("a", "tokens"): 4_000, ("a", "kept"): 10, ("b", "tokens"): 1_000, ("b", "kept"): 10}
    counts |= {(name, what): 10 for name in "ab" for what in ("read", "cut")} | {("b", "uncut"): 9}
    fallen = shard("train", 3, positive=600, negative=400, fallback=200)
    (warning,) = publish_with(tmp_path, counts, [*TRAIN, fallen, DEV], epochs=(2.0, 0.5)).warnings
    least = -(-8 * 5_000 // 30)  # a document of a counts twice, for its two copies
    assert f"raise lane_tokens to at least {least}, so that a lane holds 8 documents" in warning
    few_cut = shard("dev", 0, positive=100, negative=900)
    (warning,) = publish_with(tmp_path, counts, [*TRAIN, few_cut]).warnings
    assert "pairs of the dev split are positive" in warning
    assert "A can be cut at no sentence end in 90% of 'b';" in warning
    assert re.search(r"raise seq_len where sentences are longer than the \d+ tokens of A and B$", warning)


def test_documents_that_share_an_id_are_warned_of_by_corpus(tmp_path: Path) -> None:
    shards = [replace(one, duplicate_ids={"b": number}) for number, one in enumerate([*TRAIN, DEV], 600)]
    (warning,) = publish_with(tmp_path, {}, shards).warnings
    assert warning.startswith("2,406 documents of corpus 'b' have an id that another of its documents has: ")


def test_what_is_wrong_with_the_text_of_a_corpus_is_warned_of(tmp_path: Path) -> None:
    counts = {("a", "dropped:too_short"): 501, ("a", "letters"): 100, ("a", "changed"): 2}
    counts |= {("b", "tokenized"): 100, ("b", "unknown"): 2}
    warnings = publish_with(tmp_path, counts, [*TRAIN, DEV]).warnings
    said = ["corpus 'a' gives only 500 of its 1,001 documents: ", "2.0% of the tokens of corpus 'b' are <unk>"]
    said += ["2.0% of the letters of corpus 'a' lose an accent"]
    assert [warning.startswith(start) for warning, start in zip(warnings, said, strict=True)] == [True] * 3


def test_a_shard_on_record_is_passed_on_and_another_is_written_and_recorded(
    tmp_path: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = [ShardPlan("train", number, 3, 6, 2 * number, 2 * number + 2) for number in range(2)]
    records, progress, told = ShardRecords(), Progress(), Counter[str]()
    kept = {plans[0]: TRAIN[0]}
    monkeypatch.setattr(records, "find", kept.get)
    monkeypatch.setattr(records, "keep", kept.__setitem__)
    monkeypatch.setattr(progress, "add", lambda **amounts: told.update(amounts))
    corpora = [{"name": "a", "format": "text", "paths": ["*"]}]
    config = parse_config({"tokenizer": {"model": str(small_model)}, "corpora": corpora}, ".")
    writing = ShardWriting(str(tmp_path), 300, "c", "d")
    write = _Write(config, writing, str(small_model), cast(Any, pass_on), records, progress)
    write.setup()
    assert list(write.process(SimpleNamespace(shard=plans[0]))) == [TRAIN[0]]
    assert told == {"tokens_written": 10_000}
    read: list[int] = []

    def write_shard(lanes: Iterator[tuple[int, Any]], *_: Any) -> ShardInfo:
        read.extend(number for number, _ in lanes)
        return TRAIN[1]

    monkeypatch.setattr(publishing, "write_shard", write_shard)
    text = SimpleNamespace(lane=SimpleNamespace(ids=range(100)))
    lanes = SimpleNamespace(shard=plans[1], read=lambda id_type: iter([(2, text), (3, text)]))
    assert list(write.process(lanes)) == [TRAIN[1]]
    assert read == [2, 3]
    assert told == {"tokens_written": 10_200}
    assert kept == {plans[0]: TRAIN[0], plans[1]: TRAIN[1]}
