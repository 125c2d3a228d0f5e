"""The contracts with whoever reads a dataset: a change of the schema without a rise of its version fails here."""

import dataclasses
import json
from pathlib import Path

import pyarrow as pa
import pytest

from xlnet_data.schemas.example import DOCUMENTS_SCHEMA, SCHEMA_VERSION, SPECIAL_PIECES, example_schema, token_type
from xlnet_data.schemas.manifest import (
    CorpusInfo,
    DroppedSample,
    DuplicateGroup,
    DuplicateGroups,
    Manifest,
    ShardInfo,
    SplitInfo,
    TokenizerInfo,
)

GOLDEN = Path(__file__).parent / "golden"


def describe_contracts() -> str:
    """Return all that a reader of a dataset relies on, as text."""
    manifest = {
        kind.__name__: [field.name for field in dataclasses.fields(kind)]
        for kind in (
            Manifest,
            TokenizerInfo,
            SplitInfo,
            CorpusInfo,
            DroppedSample,
            DuplicateGroups,
            DuplicateGroup,
            ShardInfo,
        )
    }
    parts = {
        "version": SCHEMA_VERSION,
        "shard, seq_len=512, num_targets=85, 32,000 ids": str(example_schema(512, 85, 32_000)),
        "sidecar": str(DOCUMENTS_SCHEMA),
        "manifest": "\n".join(f"{kind}: {' '.join(names)}" for kind, names in manifest.items()),
        "special pieces": " ".join(SPECIAL_PIECES),
    }
    return "\n\n".join(f"[{name}]\n{text}" for name, text in parts.items()) + "\n"


def test_schemas_manifest_and_special_ids_are_those_of_the_written_version() -> None:
    expected = (GOLDEN / "contracts.txt").read_text(encoding="utf-8")
    assert describe_contracts() == expected, (
        "a contract changed: raise SCHEMA_VERSION in schemas/example.py, say so in CHANGELOG.md, then write this to "
        "tests/golden/contracts.txt"
    )


def test_ids_above_65536_take_int32() -> None:
    assert token_type(65_536) == pa.uint16()
    assert token_type(65_537) == pa.int32()
    assert example_schema(8, 1, 65_537).field("input_ids").type == pa.list_(pa.int32(), 8)


def test_no_column_may_be_null() -> None:
    assert not any(field.nullable for field in [*example_schema(8, 1, 20), *DOCUMENTS_SCHEMA])


def test_a_written_dataset_has_the_manifest_keys_and_shard_metadata_of_the_contract(
    write_small_dataset, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    folder = write_small_dataset(tmp_path / "data", perm_size=16, k=6.5)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest) == [field.name for field in dataclasses.fields(Manifest)]
    with pa.memory_map(str(folder / manifest["shards"][0]["file"])) as file:
        metadata = pa.ipc.open_file(file).schema.metadata
    found = {key.decode(): value.decode() for key, value in metadata.items()}
    stated = {
        "schema_version": SCHEMA_VERSION,
        "seq_len": "64",
        "reuse_len": "32",
        "num_targets": "9",
        "k": "6.5",
        "recipe": "paper",
        "seed": "0",
        "split": "train",
        "perm_size": "16",
        "tokenizer_sha256": manifest["tokenizer"]["sha256"],
        "fingerprint": manifest["fingerprint"],
    }
    assert {key: found.get(key) for key in stated} == stated


@pytest.mark.parametrize("name", ["reuse_len", "k", "recipe", "spans", "pairs"])
def test_every_setting_of_an_example_stands_in_the_shard(write_small_dataset, tmp_path: Path, name: str) -> None:  # type: ignore[no-untyped-def]
    folder = write_small_dataset(tmp_path / "data")
    with pa.memory_map(str(folder / "dev" / "shard-00000-of-00001.arrow")) as file:
        assert name.encode() in pa.ipc.open_file(file).schema.metadata
