"""A run of a few steps, to be fine-tuned."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import xlnet_data

torch.set_num_threads(1)

SIZE = {"width": 16, "num_layers": 2, "num_heads": 2, "inner_width": 32}


@pytest.fixture(scope="session")
def run(write_small_dataset: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of two steps."""
    folder = tmp_path_factory.mktemp("pretrained")
    dataset = write_small_dataset(folder / "dataset")
    xlnet_data.train_smoke(
        dataset, folder / "run", steps=2, batch_size=2, dev_examples=4, log_every=1, mem_len=0, **SIZE
    )
    return folder / "run"
