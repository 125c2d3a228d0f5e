"""Fresh targets and orders for every epoch, by the functions that wrote the shards."""

from pathlib import Path

from xlnet_data.trainer.batches import Redraw


def make_redraw(dataset: Path) -> Redraw:
    """Return a function that draws the orders of some training rows for an epoch; epoch 0 is what the shards hold.

    Args:
        dataset: The dataset folder: its manifest has the settings, its tokenizer says where words begin.
    """
    raise NotImplementedError
