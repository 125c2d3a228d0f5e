"""Fresh targets and orders for every epoch, by the functions that wrote the shards."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlnet_data.errors import ShardError
from xlnet_data.examples import Sampling, redraw_orders
from xlnet_data.layout import ExampleSettings
from xlnet_data.shards import read_manifest
from xlnet_data.tokenizer import Tokenizer, TokenizerSettings
from xlnet_data.trainer.batches import Redraw


def make_redraw(dataset: Path, split: str = "train") -> Redraw:
    """Return a function that draws the orders of some rows for an epoch; epoch 0 gives what the shards hold.

    Args:
        dataset: The dataset folder: its manifest has the settings, its tokenizer knows where words begin.
        split: "train" or "dev".

    Raises:
        ShardError: The manifest's config is not one of this version.
    """
    manifest = read_manifest(str(dataset))
    try:
        settings = ExampleSettings(**manifest.config["examples"])
        tokenizer_settings = TokenizerSettings(**manifest.config["tokenizer"])
        seed = manifest.config["seed"]
    except (KeyError, TypeError) as error:
        raise ShardError(f"{dataset}: --fresh-targets cannot read the manifest's config: {error}") from error
    unit_starts = None
    if settings.spans and (settings.recipe == "reference" or settings.whole_words):
        tokenizer = Tokenizer.load(str(dataset / manifest.tokenizer.file), tokenizer_settings)
        unit_starts = tokenizer.is_start_piece if settings.recipe == "reference" else tokenizer.is_word_start
    sampling = Sampling(settings, seed, split, unit_starts)

    def redraw(rows: dict[str, NDArray[Any]], epoch: int) -> NDArray[np.uint16]:
        return redraw_orders(
            rows["input_ids"], rows["a_len"], rows["backward"], rows["lane"], rows["step"], sampling, epoch
        )

    return redraw
