"""Whatever is changed in a manifest, verify names it: a thousand random changes, each alone."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xlnet_data.datasets.manifests import checksum_of
from xlnet_data.datasets.verification import verify_dataset
from xlnet_data.errors import ShardError

NUM_CHANGES = 1000
UNCHECKED = (
    "versions.", "warnings", "config.corpora.0.paths", "config.corpora.0.max_document_secs", "config.tokenizer.model",
    "corpora.invented.bytes", "corpora.invented.notes", "config.corpora.0.license", "corpora.invented.unknown_frac",
    "corpora.invented.changed_letter_frac", "corpora.invented.sentence_lens", "corpora.invented.document_lens",
    "corpora.invented.pieces_per_word", "corpora.invented.unknown_chars",
)  # fmt: skip
"""What nothing else in a dataset confirms, so that only the checksum tells that it was changed."""

OTHER_VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    1e300,
    float("nan"),
    10**30,
    "",
    "text",
    [],
    [1],
    {},
    {"a": 1},
]


def nodes_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a JSON value, but its own."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from nodes_of(item, (*path, key))


def change(table: dict[str, Any], draw: random.Random) -> str:
    """Change one value of a JSON object at random, and return its path."""
    path = draw.choice(list(nodes_of(table)))
    parent = table
    for key in path[:-1]:
        parent = parent[key]
    old, kind = parent[path[-1]], draw.randrange(6)
    if kind == 0:
        del parent[path[-1]]
    elif kind == 1:
        parent[path[-1]] = draw.choice(OTHER_VALUES)
    elif kind == 2 and isinstance(old, (int, float)):
        parent[path[-1]] = old + draw.choice([-1, 1, 7, 0.5, 10**6])
    elif kind == 3 and isinstance(old, str):
        at = draw.randrange(len(old) + 1)
        parent[path[-1]] = draw.choice([old[:at] + "x" + old[at + 1 :], old + " ", old[:at], "../" + old])
    elif kind == 4 and isinstance(old, list):
        draw.shuffle(old)
    elif kind == 5 and isinstance(old, dict):
        old[draw.choice(["new", "file", "tokens", "seq_len"])] = draw.choice(OTHER_VALUES)
    return ".".join(map(str, path))


def changed_manifests(table: dict[str, Any], seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield path and manifest of NUM_CHANGES changes that say something else."""
    draw, same = random.Random(seed), json.dumps(table, sort_keys=True)
    count = 0
    while count < NUM_CHANGES:
        changed = copy.deepcopy(table)
        path = change(changed, draw)
        if json.dumps(changed, sort_keys=True) != same:
            count += 1
            yield path, changed


def first_problem(folder: Path, table: dict[str, Any]) -> str | None:
    """Return what verify says first of a dataset with another manifest, None if it finds nothing wrong."""
    (folder / "manifest.json").write_text(json.dumps(table), encoding="utf-8")
    try:
        return next(verify_dataset(str(folder)), None)
    except ShardError as error:
        return str(error)


@pytest.fixture
def folder(write_small_dataset: Callable[..., Path], tmp_path: Path) -> Path:
    return write_small_dataset(tmp_path / "data", lanes=2, bidirectional=False)


def test_every_change_of_a_manifest_is_named(folder: Path) -> None:
    table = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    missed = [path for path, changed in changed_manifests(table, 1) if not first_problem(folder, changed)]
    assert missed == []


def test_a_change_that_comes_with_a_new_checksum_is_named_unless_nothing_else_confirms_the_value(folder: Path) -> None:
    table = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    missed = []
    for path, changed in changed_manifests(table, 2):
        if path != "checksum":
            changed["checksum"] = checksum_of(changed)
            if not first_problem(folder, changed):
                missed.append(path)
    assert [path for path in missed if not path.startswith(UNCHECKED)] == []
    assert len(missed) < NUM_CHANGES // 10
