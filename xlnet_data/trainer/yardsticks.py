"""Measures runs of all objectives by one yardstick: the same dev targets, from the same context, in nats per target."""

# B rows, T seq_len, K targets, L layers, M mem_len, D width
import math
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from xlnet_data.checks import check_count
from xlnet_data.errors import ConfigError
from xlnet_data.schemas.example import MASK_ID
from xlnet_data.seeds import draw_words
from xlnet_data.trainer.batches import Batch, LaneBatches
from xlnet_data.trainer.devices import open_device
from xlnet_data.trainer.evaluation import DEV_ROWS, unigram_log_probs
from xlnet_data.trainer.masks import targets_of
from xlnet_data.trainer.objectives import SHOWN_IDS, Objective
from xlnet_data.trainer.runs import Run, open_run

SHARES = 7
"""The loss by share is measured at 1/7, 2/7 ... 7/7 of the text hidden."""


@dataclass(frozen=True)
class Measure:
    """A loss on the dev split.

    Attributes:
        nats: Mean over examples of the cross-entropy per target.
        error: Standard error of that mean; an example counts once, however many of its targets were predicted.
        num_targets: Targets counted.
    """

    nats: float
    error: float
    num_targets: int


@dataclass(frozen=True)
class Evaluation:
    """What the yardstick says of a run; the targets are those of the dev split, whatever the run was trained on.

    Attributes:
        objective: What the run was trained to do.
        step: Of the checkpoint.
        unigram: The targets' loss by their frequency in the train split (nats per target).
        in_order: Each target predicted from the context and the targets before it in the shards' order; for ``dae``
            from the context alone; for ``lm`` from what stands to its left.
        alone: One target at a time, all else seen; for ``lm`` what stands to its left.
        by_share: By how many sevenths of the text are hidden: the loss of the hidden tokens in a random order.
    """

    objective: str
    step: int
    unigram: float
    in_order: Measure
    alone: Measure
    by_share: dict[int, Measure] = field(default_factory=dict)


def evaluate_run(
    folder: str | os.PathLike[str],
    dataset: str | os.PathLike[str],
    *,
    examples: int,
    alone: int,
    by_share: bool,
    device: str,
) -> Evaluation:
    """Evaluate a run's last checkpoint on the dev split of a dataset.

    Args:
        folder: The run's folder.
        dataset: The dataset that it was trained on, or one of the same vocabulary and lengths.
        examples: Dev examples, rounded up to whole batches.
        alone: So many targets of each example, spread over the order, are also predicted one at a time.
        by_share: Also measure the loss by the share of the text that is hidden.
        device: "cpu" or "cuda".

    Raises:
        ConfigError: There is no run, or it has no checkpoint; the loss by share was asked of a run of ``lm``.
        ShardError: The dataset does not fit the run, or the checkpoint is damaged.
    """
    check_count("examples", examples)
    check_count("alone", alone)
    with open_device(device) as opened:
        run, step = open_run(Path(folder), Path(dataset), opened)
        objective = run.objective
        if by_share and objective.name == "lm":
            raise ConfigError("a run of lm knows no hidden tokens, only what stands to the left: leave out --by-share")
        num_targets = run.train_split.settings.num_targets
        if alone > num_targets:
            raise ConfigError(f"alone must be 1 to {num_targets}, the targets of an example: got {alone}")
        sums = _measure(run, examples, alone, by_share)
        shares = {number: sums.measure(f"share {number}") for number in range(1, SHARES + 1) if by_share}
        unigram = sums.measure("unigram").nats
        return Evaluation(objective.name, step, unigram, sums.measure("in order"), sums.measure("alone"), shares)


class _Sums:
    """Collects the losses of examples by the name of what was measured."""

    def __init__(self) -> None:
        self._means: dict[str, list[float]] = {}
        self._counts: dict[str, int] = {}

    def add(self, name: str, losses_BK: Tensor, counts_BK: Tensor) -> None:
        """Add the losses of the targets that count; an example without any is left out."""
        for losses_K, counts_K in zip(losses_BK.double().cpu(), counts_BK.cpu(), strict=True):
            if counts_K.any():
                self._means.setdefault(name, []).append(float(losses_K[counts_K].mean()))
                self._counts[name] = self._counts.get(name, 0) + int(counts_K.sum())

    def measure(self, name: str) -> Measure:
        """Return the mean over examples."""
        means = np.array(self._means[name])
        error = float(means.std(ddof=1)) / math.sqrt(len(means)) if len(means) > 1 else math.nan
        return Measure(float(means.mean()), error, self._counts[name])


def _measure(run: Run, examples: int, alone: int, by_share: bool) -> _Sums:
    """Read the dev split once and measure every batch; the memory before it holds the states of true tokens."""
    objective, device = run.objective, run.device
    unigram_V = unigram_log_probs(run.train_split, replace(objective, name="plm")).to(device.device)
    batches = LaneBatches(run.dev_split, min(DEV_ROWS, len(run.dev_split.lanes)), once=True)
    memory_LBMD = run.model.eval().start_memory(batches.num_rows, run.settings.mem_len)
    sums, num_examples = _Sums(), 0
    for columns in batches:
        batch = device.move(objective.hide(columns))
        memory_LBMD = memory_LBMD.masked_fill(batch["is_first"][:, None, None], 0)
        order, targets_BK = batch["order"].long(), _targets_of(batch, objective)
        counts_BK = _counts(batch, targets_BK)
        losses_BK, next_memory_LBMD = _predict(run, batch, memory_LBMD, order, targets_BK)
        sums.add("in order", losses_BK, counts_BK)
        sums.add("unigram", -unigram_V[batch["input_ids"].long().gather(1, targets_BK)], counts_BK)
        alone_losses: list[tuple[Tensor, Tensor]] = []
        for place in range(alone):
            target_B1 = targets_BK[:, [(2 * place + 1) * targets_BK.shape[1] // (2 * alone)]]
            losses_B1, _ = _predict(run, batch, memory_LBMD, _order_alone(batch, target_B1, objective), target_B1)
            alone_losses.append((losses_B1, _counts(batch, target_B1)))
        sums.add("alone", *(torch.cat(parts, dim=1) for parts in zip(*alone_losses, strict=True)))
        for number in range(1, SHARES + 1) if by_share else ():
            hidden = batch | {"order": order_of_share(columns, objective, number / SHARES).to(device.device)}
            hidden_BK = _targets_of(hidden, objective)
            losses_BK, _ = _predict(run, hidden, memory_LBMD, hidden["order"], hidden_BK)
            sums.add(f"share {number}", losses_BK, _counts(batch, hidden_BK))
        num_examples += int(columns["is_read"].sum())
        if num_examples >= examples:
            break
        if objective.name == "dae":  # the memory that the others have is of true tokens, and so is this
            shown = batch | {SHOWN_IDS: torch.full_like(batch[SHOWN_IDS], -1)}
            next_memory_LBMD = _predict(run, shown, memory_LBMD, order, targets_BK)[1]
        memory_LBMD = next_memory_LBMD
    return sums


@torch.no_grad()
def _predict(
    run: Run, batch: Batch, memory_LBMD: Tensor, order_BX: Tensor, targets_BK: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the cross-entropy of targets that are predicted in an order, [B, K], and the memory after it."""
    objective = run.objective
    if objective.name == "lm":
        targets_BK = targets_BK.clamp(min=1)  # no row stands before position 0, which is not counted
    if objective.name == "dae" and batch[SHOWN_IDS].shape != targets_BK.shape:
        batch = batch | {SHOWN_IDS: torch.full_like(targets_BK, MASK_ID)}
    shown = objective.show(batch, run.settings.mem_len, objective.ask(order_BX, targets_BK))
    with run.device.autocast():
        output = run.model(shown.input_ids_BT, shown.masks, memory_LBMD, objective.data.reuse_len)
    logits_BVK = output.logits_BKV.float().transpose(1, 2)
    return functional.cross_entropy(logits_BVK, shown.labels_BK, reduction="none"), output.memory_LBMD


def _targets_of(batch: Batch, objective: Objective) -> Tensor:
    return targets_of(batch, objective.data.seq_len, objective.data.reuse_len)


def _counts(batch: Batch, targets_BK: Tensor) -> Tensor:
    """Return which targets count: not position 0, which lm cannot predict, nor those of a row that has no lane left."""
    return (targets_BK > 0) & batch["is_read"][:, None]


def _order_alone(batch: Batch, target_B1: Tensor, objective: Objective) -> Tensor:
    """Return orders of a target and the functional tokens, [B, 4], in which it sees all else that its half may see."""
    data, first_sep_B1 = objective.data, objective.data.reuse_len + batch["a_len"].long()[:, None]
    ends_B2 = torch.tensor([data.seq_len - 2, data.seq_len - 1], device=target_B1.device).expand(len(target_B1), -1)
    functional_B3 = torch.cat([first_sep_B1, ends_B2], dim=1)
    first_B4, last_B4 = torch.cat([target_B1, functional_B3], dim=1), torch.cat([functional_B3, target_B1], dim=1)
    return torch.where(target_B1 < data.reuse_len, first_B4, last_B4)


def order_of_share(columns: Batch, objective: Objective, share: float) -> Tensor:
    """Draw a random order of a share of the text and of the functional tokens, from lane and step alone.

    Args:
        columns: A batch on the CPU.
        objective: What the shards are.
        share: Of the tokens that are neither <sep> nor <cls>.

    Returns:
        int64 [B, round(share * (seq_len - 3)) + 3], the reuse half's positions first.
    """
    seq_len, reuse_len = objective.data.seq_len, objective.data.reuse_len
    num_hidden = max(1, round(share * (seq_len - 3)))
    orders = []
    for lane, step, a_len in zip(*(columns[name].tolist() for name in ("lane", "step", "a_len")), strict=True):
        keys = draw_words(("share", lane), step, 1, 2 * seq_len)[0]
        functional_positions = [reuse_len + a_len, seq_len - 2, seq_len - 1]
        text = np.setdiff1d(np.arange(seq_len), functional_positions)
        chosen = np.append(text[np.argsort(keys[text])][:num_hidden], functional_positions)
        orders.append(chosen[np.lexsort((keys[seq_len + chosen], chosen >= reuse_len))])
    return torch.from_numpy(np.stack(orders))
