"""Draws targets and orders afresh for every epoch, by the functions that drew those in the shards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import ShardError
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.sampling import redraw_orders, sampling_of
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer

Redraw = Callable[[dict[str, NDArray[Any]], int], NDArray[np.uint16]]
"""Draws the orders of some rows afresh for an epoch."""


def make_redraw(dataset: Path, split: str = "train") -> Redraw:
    """Return a function that draws the orders of some rows for an epoch; epoch 0 gives what the shards hold.

    Args:
        dataset: The dataset folder, whose manifest has the settings and whose tokenizer knows where words begin.
        split: "train" or "dev".

    Raises:
        ShardError: The folder is no dataset, or the manifest's config is not one of this version.
        TokenizerError: The tokenizer cannot be loaded.
    """
    manifest = read_manifest(str(dataset))
    try:
        settings = ExampleSettings(**manifest.config["examples"])
        tokenizer_settings = TokenizerSettings(**manifest.config["tokenizer"])
        seed = manifest.config["seed"]
    except (KeyError, TypeError) as error:
        raise ShardError(
            f"{dataset}: its manifest's config is not one of this version, so no order can be drawn again: {error}"
        ) from error
    tokenizer = Tokenizer.load(str(dataset / manifest.tokenizer.file), tokenizer_settings)
    sampling = sampling_of(settings, seed, split, tokenizer)

    return lambda rows, epoch: redraw_orders(rows, sampling, epoch)
