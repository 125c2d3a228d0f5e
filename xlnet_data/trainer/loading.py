"""Loads batches for a training loop, read ahead by worker processes, with a state that any loader can go on from."""

from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor, nn
from torch.utils.data import DataLoader

from xlnet_data.datasets.mapped import MappedSplit
from xlnet_data.datasets.redraws import Redraw
from xlnet_data.errors import ConfigError
from xlnet_data.trainer.batches import Batch, LaneBatches
from xlnet_data.trainer.transformers_inputs import feed_transformers


class BatchLoader:
    """The batches of a split, as `LaneBatches` describes them; what ``Dataset.batches`` returns.

    An iteration goes on where the one before was left, or with the next epoch where that ended; after
    ``load_state_dict``, with the batch that the saved loader would have given. The state counts the batches that were
    handed out, not those that workers have read ahead; it holds for any number of workers and of ranks.

    Raises:
        ConfigError: There are more rows than lanes, the ranks do not divide the rows, no rank has that number, or the
            workers are fewer than 0.
    """

    def __init__(
        self,
        split: MappedSplit,
        num_rows: int,
        *,
        seed: int = 0,
        num_workers: int = 0,
        rank: int = 0,
        num_ranks: int = 1,
        once: bool = False,
        redraw: Redraw | None = None,
    ) -> None:
        if num_workers < 0:
            raise ConfigError(f"num_workers must be at least 0: got {num_workers}")
        self._batches = LaneBatches(split, num_rows, seed, rank=rank, num_ranks=num_ranks, once=once, redraw=redraw)
        self._num_workers = num_workers

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches from the current state on; the state always describes the next batch."""
        if not self._num_workers:
            yield from self._batches
            return
        self._batches.begin_pass()
        # The workers read a copy, so that the state here is moved by what is handed out and by nothing else.
        for batch in DataLoader(self._batches.copy(), batch_size=None, num_workers=self._num_workers):
            self._batches.skip(1)
            yield batch
        self._batches.is_over = True

    def state_dict(self) -> dict[str, Any]:
        """Return which example every row reads next, as values that JSON can hold."""
        return self._batches.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state of the same split and number of rows; an iteration that has begun must be left first.

        Raises:
            ConfigError: The state has another number of rows, or is none of such batches.
            ShardError: The state is of another split or dataset.
        """
        self._batches.load_state_dict(state)

    def for_transformers(self, model: nn.Module, mems: Sequence[Tensor] | None = None) -> Iterator[dict[str, Any]]:
        """Yield what to call an ``XLNetLMHeadModel`` of transformers with, so that its memory goes from step to step.

        Each is a dict of ``input_ids``, ``perm_mask``, ``target_mapping``, ``token_type_ids``, ``labels``, ``mems``
        and ``use_mems`` (without which their model forgets in training) on the model's device::

            model = XLNetLMHeadModel(XLNetConfig(vocab_size=32000, mem_len=384, reuse_len=256))
            optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
            for inputs in open_dataset("dataset").batches(4).for_transformers(model):
                model(**inputs).loss.backward()
                optimizer.step()
                optimizer.zero_grad()

        While the loop runs, hooks on the model note the memory that it returns, which the next inputs bring back, zero
        for rows whose lane begins; and they give rows that are read backwards the other sign of distance. (Their own
        ``bi_data`` takes the second half of every batch for such rows, while here any row may be one.) With
        ``mem_len=None``, as in the released configurations, there is no memory.

        The losses are those of this project's trainer with ``--memory reference``, at the same weights and dropout 0.
        With shards of the paper's recipe there is one difference to ``--memory paper``: their model cannot hide memory,
        so a row also attends to memory of another document, and B of a negative pair to memory.

        Args:
            model: The model itself; where it is wrapped (DistributedDataParallel), call the wrapper with the inputs.
            mems: The model's last ``output.mems``, to go on with beside a loaded state; None: zeros.

        Raises:
            ConfigError: The model's configuration does not fit the shards; or, in the loop, it was not called with
                the inputs before the next ones are asked for.
        """
        return feed_transformers(self, self._batches.split.settings, model, mems)
