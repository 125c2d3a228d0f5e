"""What a model is judged by: its loss on the dev split, beside that of guessing by token frequency."""

# B rows, R of them that count, K targets, V vocab_size
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from xlnet_data.datasets.mapped import MappedSplit
from xlnet_data.trainer.batches import LaneBatches
from xlnet_data.trainer.devices import Device
from xlnet_data.trainer.masks import build_masks
from xlnet_data.trainer.model import XLNet

UNIGRAM_EXAMPLES = 20_000
"""Training examples, spread evenly over the split, whose targets are counted; all of them in a smaller split."""

_CHUNK = 1024


def unigram_log_probs(train: MappedSplit) -> Tensor:
    """Return the log of every token's share of the training targets, float64 [vocab_size].

    A token's probability is (its count + 1) / (all counts + vocab_size), so tokens never seen have one too.
    """
    counts = count_targets(train, UNIGRAM_EXAMPLES)
    return torch.from_numpy(np.log(counts + 1) - np.log(counts.sum() + len(counts)))


def count_targets(split: MappedSplit, max_examples: int) -> NDArray[np.int64]:
    """Return how often each id is a target, int64 [vocab_size], in examples spread evenly over the split."""
    settings = split.settings
    examples = np.unique(np.linspace(0, len(split) - 1, min(max_examples, len(split))).astype(np.int64))
    counts = np.zeros(settings.vocab_size, np.int64)
    for first in range(0, len(examples), _CHUNK):
        rows = split.gather(examples[first : first + _CHUNK])
        order, a_len = rows["order"].astype(np.int64), rows["a_len"].astype(np.int64)
        is_target = (order != settings.reuse_len + a_len[:, None]) & (order < settings.seq_len - 2)
        tokens = np.take_along_axis(rows["input_ids"], order, axis=1)[is_target]
        counts += np.bincount(tokens, minlength=settings.vocab_size)
    return counts


@torch.no_grad()
def evaluate(
    model: XLNet,
    batches: LaneBatches,
    max_examples: int,
    memory: str,
    mem_len: int,
    device: Device,
    unigram_V: Tensor,
) -> tuple[float, float, int]:
    """Return the targets' summed cross-entropy (nats), that under the unigram distribution, and their number.

    Args:
        model: The model.
        batches: The dev split, once through.
        max_examples: Where to stop, at the end of a batch.
        memory: Memory mode.
        mem_len: Memory positions.
        device: Where the model is.
        unigram_V: Log-probabilities of the tokens.
    """
    reuse_len = batches.split.settings.reuse_len
    was_training = model.training
    model.eval()
    memory_LBMD = model.start_memory(batches.num_own_rows, mem_len)
    total, unigram_total = torch.zeros(2, dtype=torch.float64, device=device.device)
    num_targets = num_examples = 0
    for columns in batches:
        # Which rows count is asked here, where the answer needs no wait for the device.
        read_R = columns["is_read"].nonzero().flatten()
        batch = device.move(columns | {"read": read_R})
        memory_LBMD = memory_LBMD.masked_fill(batch["is_first"][:, None, None], 0)
        masks = build_masks(batch, reuse_len, mem_len, memory)
        input_ids_BT = batch["input_ids"].long()
        with device.autocast():
            output = model(input_ids_BT, masks, memory_LBMD, reuse_len)
        memory_LBMD = output.memory_LBMD
        labels_BK = input_ids_BT.gather(1, masks.targets_BK)
        losses_BK = functional.cross_entropy(output.logits_BKV.float().transpose(1, 2), labels_BK, reduction="none")
        total = total + losses_BK[batch["read"]].sum()
        unigram_total = unigram_total - unigram_V[labels_BK][batch["read"]].sum()
        num_examples += len(read_R)
        num_targets += len(read_R) * labels_BK.shape[1]
        if num_examples >= max_examples:
            break
    model.train(was_training)
    return float(total), float(unigram_total), num_targets
