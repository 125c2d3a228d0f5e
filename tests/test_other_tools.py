"""Other people's programs read a dataset folder without this library: each counts the same examples and tokens.

pyarrow, torch and transformers are there for other reasons. The others, 500 MB, have an environment of their own, which
`make tools` makes; without it their tests are skipped.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset
import pytest
import torch

import xlnet_data

TOOLS = Path(__file__).parents[1] / "build" / "tools" / "bin" / "python"

COUNTS = {
    "pandas": """
import pandas
rows = pandas.concat([pandas.read_feather(path) for path in sorted(train.glob("*.arrow"))])
counts = len(rows), rows["is_next"].sum(), sum(int(ids.sum()) for ids in rows["input_ids"])
""",
    "polars": """
import polars
rows = polars.scan_ipc(train / "*.arrow")
ids = polars.col("input_ids").cast(polars.Array(polars.Int64, 64)).arr.sum().sum()
counts = rows.select(polars.len(), polars.col("is_next").sum(), ids).collect().row(0)
""",
    "duckdb": """
import duckdb, pyarrow.dataset
rows = pyarrow.dataset.dataset(train, format="arrow")
counts = duckdb.sql(
    "SELECT count(*), count(*) FILTER (WHERE is_next), sum(list_sum(input_ids::BIGINT[])) FROM rows"
).fetchall()[0]
""",
    "datasets, the folder": """
import datasets
splits = datasets.load_dataset(folder, cache_dir=cache)
assert sorted(splits) == ["dev", "train"], splits  # as the card's head says; without it, dev would be "validation"
rows = splits["train"]
counts = len(rows), sum(rows["is_next"]), sum(sum(row["input_ids"]) for row in rows)
""",
    "datasets, streaming": """
import datasets
rows = list(datasets.load_dataset(folder, cache_dir=cache, streaming=True)["train"])
counts = len(rows), sum(row["is_next"] for row in rows), sum(sum(row["input_ids"]) for row in rows)
""",
    "datasets, without a copy": """
import datasets, pyarrow.dataset
rows = datasets.Dataset(pyarrow.dataset.dataset(train, format="arrow").to_table())
counts = len(rows), sum(rows["is_next"]), sum(sum(row["input_ids"]) for row in rows)
""",
}
"""By the program, code that counts examples, positive pairs, and the sum of all ids."""

AROUND = """
import json, pathlib, sys
folder, cache = sys.argv[1:]
train = pathlib.Path(folder, "train")
{code}
print(json.dumps([int(count) for count in counts]))
"""


@pytest.fixture(scope="module")
def dataset(write_small_dataset: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_dataset(tmp_path_factory.mktemp("tools") / "data")


def expected_counts(folder: Path) -> list[int]:
    rows = list(xlnet_data.open_dataset(folder))
    return [len(rows), sum(int(row["is_next"]) for row in rows), sum(int(row["input_ids"].sum()) for row in rows)]


@pytest.mark.parametrize("program", COUNTS)
def test_a_program_reads_every_example_of_the_folder(dataset: Path, tmp_path: Path, program: str) -> None:
    if not TOOLS.exists():
        pytest.skip("pandas, polars, DuckDB and datasets are not there: `make tools` installs them and runs this")
    command = [TOOLS, "-c", AROUND.format(code=COUNTS[program]), dataset, tmp_path]
    environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == expected_counts(dataset)


def test_pyarrow_reads_a_split_as_one_table(dataset: Path) -> None:
    table = pyarrow.dataset.dataset(dataset / "train", format="arrow").to_table()
    ids = table["input_ids"].combine_chunks().flatten().to_numpy()
    found = [table.num_rows, sum(table["is_next"].to_pylist()), int(ids.sum(dtype=np.int64))]
    assert found == expected_counts(dataset)


def masks_of(row: dict[str, Any], reuse_len: int) -> tuple[Any, list[int]]:
    """Return perm_mask and the targets of a row, as the reference describes them, from its columns alone."""
    ids, order = row["input_ids"], np.array(row["order"])
    rank = np.full(len(ids), -1)
    rank[order] = np.arange(len(order))
    functional = [reuse_len + row["a_len"], len(ids) - 2, len(ids) - 1]
    targets = [position for position in row["order"] if position not in functional]
    query = np.where(np.isin(np.arange(len(ids)), targets), rank, rank + 1)
    is_second = np.arange(len(ids)) >= reuse_len
    same_half = is_second[:, None] == is_second[None, :]
    hidden = same_half & (rank >= 0)[None, :] & (query[:, None] <= rank[None, :])
    return hidden | (is_second[None, :] & ~is_second[:, None]), targets


def test_a_plain_loader_of_torch_feeds_the_model_of_transformers(dataset: Path) -> None:
    from transformers import XLNetConfig, XLNetLMHeadModel

    train = pyarrow.dataset.dataset(dataset / "train", format="arrow")
    reuse_len = int(train.schema.metadata[b"reuse_len"])
    vocab_size = int(train.schema.metadata[b"vocab_size"])

    def collate(rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        ids = torch.tensor([row["input_ids"] for row in rows])
        hidden, targets = zip(*(masks_of(row, reuse_len) for row in rows), strict=True)
        mapping = torch.nn.functional.one_hot(torch.tensor(targets), ids.shape[1]).float()
        labels = torch.gather(ids, 1, torch.tensor(targets))
        perm_mask = torch.tensor(np.stack(hidden), dtype=torch.float)
        return {"input_ids": ids, "perm_mask": perm_mask, "target_mapping": mapping, "labels": labels}

    loader = torch.utils.data.DataLoader(train.to_table().to_pylist(), batch_size=4, collate_fn=collate)
    sizes = {"d_model": 16, "n_layer": 2, "n_head": 2, "d_inner": 32, "dropout": 0.0}
    torch.manual_seed(0)
    model = XLNetLMHeadModel(XLNetConfig(vocab_size=vocab_size, **sizes)).eval()
    batch = next(iter(loader))
    loss = model(**batch).loss
    assert abs(loss.item() - np.log(vocab_size)) < 0.5
    # no target sees itself: another token there, read by all who may see it, leaves that target's own logits
    first = int(batch["target_mapping"][0, 0].argmax())
    changed = batch["input_ids"].clone()
    changed[0, first] = (changed[0, first] + 1) % vocab_size
    before, after = (model(**batch | {"input_ids": ids}).logits[0] for ids in (batch["input_ids"], changed))
    assert torch.equal(before[0], after[0])
    assert not torch.equal(before[1:], after[1:])
