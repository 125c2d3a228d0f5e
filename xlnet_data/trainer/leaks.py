"""Checks before training that no target's token reaches its own prediction or an earlier one."""

# B rows, K targets, V vocab_size
import torch
from torch import Tensor

from xlnet_data.errors import XlnetDataError
from xlnet_data.trainer.batches import Batch
from xlnet_data.trainer.masks import BatchMasks
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.objectives import SHOWN_IDS, Objective


class LeakError(XlnetDataError):
    """The model can read the tokens that it is to predict, or the check could not tell."""


@torch.no_grad()
def check_leaks(model: XLNet, input_ids_BT: Tensor, masks: BatchMasks, memory_LBMD: Tensor, reuse_len: int) -> int:
    """Change one target's token in every row and compare the logits, bit for bit; return how many comparisons held.

    The rows choose targets spread over the order, so that one batch checks several. Logits of the chosen target and of
    all before it must stay the same. At least one later target's logit, in any row, must change: otherwise the change
    reached nothing, and the comparison proves nothing.

    Raises:
        LeakError: A logit moved that must not, or changing tokens moves nothing at all, so that nothing was checked.
    """
    was_training = model.training
    model.eval()
    num_rows, num_targets = masks.targets_BK.shape
    rows = torch.arange(num_rows, device=input_ids_BT.device)
    # The first rows choose the first targets, after which most other targets come, whose logits may change.
    chosen_B = (rows * max(1, num_targets // num_rows)) % num_targets
    position_B = masks.targets_BK[rows, chosen_B]
    changed_BT = input_ids_BT.clone()
    changed_BT[rows, position_B] = (changed_BT[rows, position_B] + 1) % model.config.vocab_size
    before_BKV = model(input_ids_BT, masks, memory_LBMD, reuse_len).logits_BKV
    after_BKV = model(changed_BT, masks, memory_LBMD, reuse_len).logits_BKV
    model.train(was_training)

    has_moved_BK = (before_BKV != after_BKV).any(dim=2)
    is_protected_BK = torch.arange(num_targets, device=rows.device) <= chosen_B[:, None]
    leaks = (has_moved_BK & is_protected_BK).nonzero()
    if len(leaks):
        row, place = (int(i) for i in leaks[0])
        raise LeakError(
            f"the model sees what it predicts: in row {row}, changing the token of target {int(chosen_B[row])} of the "
            f"order moved the logits of target {place}; the masks or the shards' orders are wrong, do not train on this"
        )
    if not has_moved_BK.any():
        raise LeakError(
            "changing a target's token moved no logit at all, not even a later target's: the check saw nothing, so the "
            "masks hide too much or the batch has a single target"
        )
    return int(is_protected_BK.sum())


@torch.no_grad()
def check_shown(model: XLNet, objective: Objective, batch: Batch, memory_LBMD: Tensor) -> int:
    """Change the tokens of all hidden targets and compare the logits, bit for bit; return how many comparisons held.

    This is for ``dae``, which shows no target's token to any other. Then a token of context is changed in every row,
    and a logit must move: otherwise the comparison proves nothing.

    Raises:
        LeakError: A logit moved that must not, or none moves at all.
    """
    was_training = model.training
    model.eval()
    data, input_ids_BT = objective.data, batch["input_ids"].long()
    targets_BK = objective.choose(batch)[1]
    is_hidden_BK = batch[SHOWN_IDS] >= 0
    hidden_BK = (input_ids_BT.gather(1, targets_BK) + is_hidden_BK) % data.vocab_size
    is_context_BT = torch.ones_like(input_ids_BT, dtype=torch.bool).scatter(1, targets_BK, value=False)
    context_B1 = is_context_BT.byte().argmax(dim=1, keepdim=True)
    context_ids_B1 = (input_ids_BT.gather(1, context_B1) + 1) % data.vocab_size
    logits = []
    for ids_BT in (
        input_ids_BT,
        input_ids_BT.scatter(1, targets_BK, hidden_BK),
        input_ids_BT.scatter(1, context_B1, context_ids_B1),
    ):
        shown = objective.show(batch | {"input_ids": ids_BT}, memory_LBMD.shape[2])
        logits.append(model(shown.input_ids_BT, shown.masks, memory_LBMD, data.reuse_len).logits_BKV)
    model.train(was_training)
    if leaks := (logits[0] != logits[1]).any(dim=2).nonzero().tolist():
        raise LeakError(
            f"the model sees what it predicts: in row {leaks[0][0]}, changing the tokens of hidden targets moved the "
            f"logits of target {leaks[0][1]}; do not train on this"
        )
    if torch.equal(logits[0], logits[2]):
        raise LeakError("changing a token of context moved no logit at all: the check saw nothing")
    return int(is_hidden_BK.sum())
