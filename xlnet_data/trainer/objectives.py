"""Says where the objectives differ: what the input shows, who sees whom, and which rows predict which tokens."""

# B rows, T seq_len, K predicted tokens, X entries of an order, P = T - 3 tokens of text
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from xlnet_data.datasets.mapped import ShardSettings
from xlnet_data.examples.factorization import functional_entries
from xlnet_data.schemas.example import EOD_ID, MASK_ID
from xlnet_data.seeds import draw_words, to_range, to_unit
from xlnet_data.trainer.batches import Batch
from xlnet_data.trainer.masks import (
    CONTENT_ROWS,
    MASK_ROWS,
    QUERY_ROWS,
    BatchMasks,
    Predictions,
    build_masks,
    targets_of,
)

HIDDEN_FRAC, RANDOM_FRAC = 0.8, 0.1
"""Of dae's targets, these shares are shown as <mask> and as a random token; the rest as they are. Source: BERT."""

SHOWN_IDS, RUN_START = "shown_ids", "run_start"
"""What `Objective.draw` adds to a batch: the ids that stand at dae's targets, -1 for the true one; and where mass's run
of hidden tokens begins, counted without <sep> and <cls>."""


@dataclass(frozen=True)
class Shown:
    """A batch as an objective shows it to the model.

    Attributes:
        input_ids_BT: int64, the tokens of the content stream.
        masks: Who sees whom, and which rows predict.
        labels_BK: int64, the tokens that they are to predict.
    """

    input_ids_BT: Tensor
    masks: BatchMasks
    labels_BK: Tensor


@dataclass(frozen=True)
class Objective:
    """One of ``settings.OBJECTIVES``, on shards.

    - ``plm``: the shards' targets in their order, from the queries of a second stream.
    - ``masked-plm``: the same, from rows of <mask>. They stand at the targets' positions, beside the true tokens. Each
      sees what the query would, and itself as well, as rows of an ordinary Transformer do; nobody else sees it.
    - ``mass``: a run of the text is predicted from left to right, from such rows; all else is context.
    - ``dae``: the shards' targets are hidden in the input itself, and predicted there, all at once.
    - ``lm``: every token of the text but the first is predicted from the row before, which sees what stands before.

    In all of them the reuse half sees nothing of the other half: its states are the next step's memory.

    Attributes:
        name: Which.
        data: What the shards say of themselves.
        memory: One of ``settings.MEMORY_MODES``.
        hidden_frac: Share of the text that ``mass`` hides.
        seed: Of what ``dae`` and ``mass`` draw.
        has_pair_head: True: the model also tells whether B follows A, so the masks must not.
    """

    name: str
    data: ShardSettings
    memory: str
    hidden_frac: float
    seed: int
    has_pair_head: bool = False

    @property
    def num_targets(self) -> int:
        """Predicted tokens of an example: K."""
        num_plain = self.data.seq_len - 3
        if self.name == "mass":
            return max(1, round(self.hidden_frac * num_plain))
        return num_plain - 1 if self.name == "lm" else self.data.num_targets

    @property
    def num_extra_rows(self) -> int:
        """Rows that an example takes beside its seq_len tokens."""
        return 0 if self.name in ("dae", "lm") else self.num_targets

    @property
    def is_ordered(self) -> bool:
        """True: an earlier target's token may be seen when a later one is predicted."""
        return self.name != "dae"

    def draw(self, batch: Batch) -> Batch:
        """Add to a batch on the CPU what the objective draws for it: it follows from seed, lane and step alone."""
        if self.name not in ("dae", "mass"):
            return batch
        num_words = 2 * self.num_targets if self.name == "dae" else 1
        places = zip(batch["lane"].tolist(), batch["step"].tolist(), strict=True)
        words = np.concatenate([draw_words((self.name, self.seed, lane), step, 1, num_words) for lane, step in places])
        if self.name == "mass":
            start = to_range(words[:, 0], self.data.seq_len - 3 - self.num_targets + 1)
            return batch | {RUN_START: torch.from_numpy(start)}
        kind, token = to_unit(words[:, ::2]), to_range(words[:, 1::2], self.data.vocab_size - EOD_ID) + EOD_ID
        shown = np.where(kind < HIDDEN_FRAC, MASK_ID, np.where(kind < HIDDEN_FRAC + RANDOM_FRAC, token, -1))
        return batch | {SHOWN_IDS: torch.from_numpy(shown)}

    def hide(self, batch: Batch) -> Batch:
        """Add what `draw` adds, but with all of dae's targets hidden: one that is shown as it is proves nothing."""
        if self.name != "dae":
            return self.draw(batch)
        return batch | {
            SHOWN_IDS: batch["order"].new_full((len(batch["order"]), self.num_targets), MASK_ID, dtype=torch.long)
        }

    def show(self, batch: Batch, mem_len: int, asked: Predictions | None = None) -> Shown:
        """Return what the model gets of a batch that `draw` or `hide` completed.

        Args:
            batch: Tensors on the model's device.
            mem_len: Memory positions before the content.
            asked: What is predicted, from `ask`; None: what the objective is trained on.
        """
        if asked is None:
            asked = self.ask(*self.choose(batch))
        input_ids_BT = batch["input_ids"].long()
        labels_BK = input_ids_BT.gather(1, asked.targets_BK)
        masks = build_masks(batch, self.data.reuse_len, mem_len, self.memory, asked, tells_pairs=not self.has_pair_head)
        if self.name == "dae":
            shown_BK = batch[SHOWN_IDS]
            input_ids_BT = input_ids_BT.scatter(1, asked.targets_BK, torch.where(shown_BK < 0, labels_BK, shown_BK))
        return Shown(input_ids_BT, masks, labels_BK)

    def choose(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the order in which tokens are shown, [B, X], and the positions of those predicted, [B, K]."""
        if self.name == "lm":
            targets_BK = self._text_positions(batch)[:, 1:]
        elif self.name == "mass":
            run_BK = batch[RUN_START][:, None] + torch.arange(self.num_targets, device=batch[RUN_START].device)
            targets_BK = self._text_positions(batch).gather(1, run_BK)
        else:
            return batch["order"].long(), targets_of(batch, self.data.seq_len, self.data.reuse_len)
        return targets_BK, targets_BK

    def ask(self, order_BX: Tensor, targets_BK: Tensor) -> Predictions:
        """Return how the objective predicts some targets in some order.

        Args:
            order_BX: int64, positions, the reuse half's first; ``dae`` and ``lm`` know no order but their own.
            targets_BK: int64, positions; not 0 for ``lm``.
        """
        if self.name == "lm":
            left_to_right_BT = torch.arange(self.data.seq_len, device=order_BX.device).expand(len(order_BX), -1)
            return Predictions(left_to_right_BT, targets_BK, targets_BK - 1, CONTENT_ROWS)
        if self.name == "dae":
            return Predictions(order_BX[:, :0], targets_BK, targets_BK, CONTENT_ROWS)
        return Predictions(order_BX, targets_BK, targets_BK, QUERY_ROWS if self.name == "plm" else MASK_ROWS)

    def _text_positions(self, batch: Batch) -> Tensor:
        """Return the positions that hold neither <sep> nor <cls>, ascending, int64 [B, P]."""
        a_len, seq_len = batch["a_len"].long(), self.data.seq_len
        position_BT = torch.arange(seq_len, device=a_len.device).expand(len(a_len), -1)
        is_functional = functional_entries(position_BT, a_len, seq_len, self.data.reuse_len)
        return is_functional.byte().argsort(dim=1, stable=True)[:, : seq_len - 3]
