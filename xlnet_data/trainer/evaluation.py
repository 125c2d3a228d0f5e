"""Evaluates a model: its loss on the dev split, beside the loss of guessing by token frequency."""

# B rows, R of them that count, K targets, V vocab_size
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from xlnet_data.datasets.mapped import MappedSplit
from xlnet_data.trainer.batches import LaneBatches
from xlnet_data.trainer.objectives import Objective
from xlnet_data.trainer.runs import Run

UNIGRAM_EXAMPLES = 20_000
"""Training examples, spread evenly over the split, whose targets are counted; all of them in a smaller split."""

DEV_ROWS = 4
"""Dev lanes that are read side by side, or all there are: the same for every run, so that the examples are too."""

_CHUNK = 1024


def unigram_log_probs(train: MappedSplit, objective: Objective) -> Tensor:
    """Return the log of every token's share of an objective's training targets, float64 [vocab_size].

    A token's probability is (its count + 1) / (all counts + vocab_size), so tokens never seen have one too.
    """
    counts = count_targets(train, UNIGRAM_EXAMPLES, objective)
    return torch.from_numpy(np.log(counts + 1) - np.log(counts.sum() + len(counts)))


def count_targets(split: MappedSplit, max_examples: int, objective: Objective) -> NDArray[np.int64]:
    """Return how often each id is an objective's target, int64 [vocab_size], in examples spread over the split."""
    settings = split.settings
    examples = np.unique(np.linspace(0, len(split) - 1, min(max_examples, len(split))).astype(np.int64))
    counts = np.zeros(settings.vocab_size, np.int64)
    for first in range(0, len(examples), _CHUNK):
        rows = split.gather(examples[first : first + _CHUNK])
        batch = objective.draw({name: torch.from_numpy(column) for name, column in rows.items()})
        tokens_BK = batch["input_ids"].long().gather(1, objective.choose(batch)[1])
        counts += np.bincount(tokens_BK.flatten().numpy(), minlength=settings.vocab_size)
    return counts


def evaluate_dev(run: Run, max_examples: int, unigram_V: Tensor) -> tuple[float, float]:
    """Return the mean cross-entropy (nats) of the objective's dev targets: the model's, and the unigram's.

    The examples are the same whatever the run's batch, seed and number of processes, which share the rows. All of
    dae's targets are hidden here: the tenth that it shows while it trains would make the loss lower than what the
    model knows.

    Args:
        run: Model, splits, settings and device.
        max_examples: Where to stop, at the end of a batch.
        unigram_V: Log-probabilities of the tokens.
    """
    device, num_rows = run.device, min(DEV_ROWS, len(run.dev_split.lanes))
    batches = LaneBatches(run.dev_split, num_rows, once=True)
    rows = slice(device.rank * num_rows // device.num_ranks, (device.rank + 1) * num_rows // device.num_ranks)
    loss, unigram_loss, num_targets = device.sum(*_sum_losses(run, batches, rows, max_examples, unigram_V))
    return loss / num_targets, unigram_loss / num_targets


@torch.no_grad()
def _sum_losses(
    run: Run, batches: LaneBatches, rows: slice, max_examples: int, unigram_V: Tensor
) -> tuple[float, float, int]:
    """Return some rows' summed cross-entropy (nats), that under the unigram distribution, and the number of targets."""
    model, settings, device, objective = run.model, run.settings, run.device, run.objective
    reuse_len = batches.split.settings.reuse_len
    was_training = model.training
    model.eval()
    memory_LBMD = model.start_memory(rows.stop - rows.start, settings.mem_len)
    total, unigram_total = torch.zeros(2, dtype=torch.float64, device=device.device)
    num_targets = num_examples = 0
    for all_columns in batches if rows.start < rows.stop else ():
        columns = {name: column[rows] for name, column in all_columns.items()}
        # The rows that count are found on the CPU: on the device, this process would have to wait for the answer.
        read_R = columns["is_read"].nonzero().flatten()
        batch = device.move(objective.hide(columns) | {"read": read_R})
        memory_LBMD = memory_LBMD.masked_fill(batch["is_first"][:, None, None], 0)
        shown = objective.show(batch, settings.mem_len)
        with device.autocast():
            output = model(shown.input_ids_BT, shown.masks, memory_LBMD, reuse_len)
        memory_LBMD, labels_BK = output.memory_LBMD, shown.labels_BK
        losses_BK = functional.cross_entropy(output.logits_BKV.float().transpose(1, 2), labels_BK, reduction="none")
        total = total + losses_BK[batch["read"]].sum()
        unigram_total = unigram_total - unigram_V[labels_BK][batch["read"]].sum()
        num_examples += int(all_columns["is_read"].sum())
        num_targets += len(read_R) * labels_BK.shape[1]
        if num_examples >= max_examples:
            break
    model.train(was_training)
    return float(total), float(unigram_total), num_targets
