import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xlnet_data.examples.factorization import perm_mask
from xlnet_data.schemas.example import CLS_ID, SEP_ID
from xlnet_data.trainer.masks import BatchMasks, build_masks

SEQ_LEN, MEM_LEN = 16, 6


@st.composite
def batches(draw: st.DrawFn) -> tuple[dict[str, torch.Tensor], int]:
    """Two rows with orders of their own and a common reuse_len, down to no reuse half and up to all of it targets."""
    reuse_len = draw(st.sampled_from([0, 4, 8]))
    reuse_targets, rest_targets = draw(st.integers(0, reuse_len)), draw(st.integers(1, SEQ_LEN - reuse_len - 3))
    a_len, orders = [], []
    for _ in range(2):
        a_len.append(draw(st.integers(1, SEQ_LEN - reuse_len - 4)))
        functional = [reuse_len + a_len[-1], SEQ_LEN - 2, SEQ_LEN - 1]
        rest = [p for p in range(reuse_len, SEQ_LEN) if p not in functional]
        first = draw(st.permutations(range(reuse_len)))[:reuse_targets]
        orders.append(first + draw(st.permutations(draw(st.permutations(rest))[:rest_targets] + functional)))
    ids = torch.arange(20, 20 + SEQ_LEN).repeat(2, 1)
    for row, length in enumerate(a_len):
        ids[row, [reuse_len + length, -2, -1]] = torch.tensor([SEP_ID, SEP_ID, CLS_ID])
    return {
        "input_ids": ids,
        "order": torch.tensor(orders),
        "a_len": torch.tensor(a_len),
        "is_next": torch.tensor(draw(st.lists(st.booleans(), min_size=2, max_size=2))),
        "memory_len": torch.tensor(draw(st.lists(st.integers(0, 10), min_size=2, max_size=2))),
        "backward": torch.tensor([False, True]),
    }, reuse_len


@settings(deadline=None)
@given(batches())
def test_masks_say_what_the_rule_written_out_says(drawn: tuple[dict[str, torch.Tensor], int]) -> None:
    batch, reuse_len = drawn
    masks = build_masks(batch, reuse_len, MEM_LEN, "reference")
    hidden = perm_mask(batch["input_ids"].numpy(), batch["order"].numpy(), reuse_len)
    sees = np.concatenate([np.ones((2, SEQ_LEN, MEM_LEN), bool), ~hidden], axis=2)
    targets = masks.targets_BK.numpy()
    assert (masks.query_BKS.numpy() == np.take_along_axis(sees, targets[:, :, None], axis=1)).all()
    sees[:, np.arange(SEQ_LEN), MEM_LEN + np.arange(SEQ_LEN)] = True
    assert (masks.content_BTS.numpy() == sees).all()


@settings(deadline=None)
@given(batches())
def test_targets_are_the_order_without_sep_and_cls(drawn: tuple[dict[str, torch.Tensor], int]) -> None:
    batch, reuse_len = drawn
    masks = build_masks(batch, reuse_len, 0, "off")
    for row in range(2):
        expected = [p for p in batch["order"][row].tolist() if batch["input_ids"][row, p] not in (SEP_ID, CLS_ID)]
        assert masks.targets_BK[row].tolist() == expected


@settings(max_examples=50, deadline=None)
@given(batches(), st.sampled_from(["paper", "reference"]))
def test_no_query_reaches_its_own_token_or_a_later_one_through_any_number_of_layers(
    drawn: tuple[dict[str, torch.Tensor], int], memory: str
) -> None:
    batch, reuse_len = drawn
    masks = build_masks(batch, reuse_len, 0, memory)
    assert not _find_leak(masks)


def test_the_search_for_leaks_finds_one() -> None:
    order = torch.tensor([[2, 3, 4, 5, 6, 7]])
    batch = {
        "input_ids": torch.tensor([[20, 21, 22, SEP_ID, 24, 25, SEP_ID, CLS_ID]]),
        "order": order,
        "a_len": torch.tensor([3]),
        "backward": torch.tensor([False]),
    }
    masks = build_masks(batch, 0, 0, "off")
    assert not _find_leak(masks)
    masks.content_BTS[0, 0, 4] = True  # context sees a target: every query sees that context
    assert _find_leak(masks)


def test_paper_memory_keeps_to_the_document_and_from_a_foreign_b() -> None:
    batch = {
        "input_ids": torch.zeros(2, 12, dtype=torch.long),
        "order": torch.tensor([[0, 4, 6, 10, 11], [0, 4, 6, 10, 11]]),
        "a_len": torch.tensor([2, 2]),
        "is_next": torch.tensor([True, False]),
        "memory_len": torch.tensor([2, 9]),
        "backward": torch.tensor([False, False]),
    }
    content = build_masks(batch, reuse_len=4, mem_len=5, memory="paper").content_BTS
    # Positions: 0-3 reuse, 4-5 A, 6 <sep>, 7-9 B, 10 <sep>, 11 <cls>; keys: five of memory, then the positions.
    assert content[0, :, :5].tolist() == [[False, False, False, True, True]] * 12
    assert content[1, :, 0].tolist() == [True] * 7 + [False] * 4 + [True]
    assert content[0, 8, 5:9].all()
    assert not content[1, 7:11, :9].any()
    assert content[1, 11, 5:9].all()
    assert content[1, 8, 10]  # A's context token is still seen


def test_a_foreign_b_sees_all_of_a_that_is_context_from_its_first_token_to_its_last() -> None:
    batch = {
        "input_ids": torch.zeros(1, 12, dtype=torch.long),
        "order": torch.tensor([[0, 8, 6, 10, 11]]),
        "a_len": torch.tensor([2]),
        "is_next": torch.tensor([False]),
        "memory_len": torch.tensor([5]),
        "backward": torch.tensor([False]),
    }
    masks = build_masks(batch, reuse_len=4, mem_len=5, memory="paper")
    # Keys: 0-4 memory, 5-8 reuse, 9-10 A, 11 <sep>, 12-14 B, 15 <sep>, 16 <cls>.
    for position in (7, 8, 9):
        assert masks.content_BTS[0, position, :11].tolist() == [False] * 9 + [True] * 2
    assert masks.targets_BK.tolist() == [[0, 8]]
    assert masks.query_BKS[0, 1].nonzero().flatten().tolist() == [9, 10, 12, 14]


def test_reference_memory_is_seen_by_all() -> None:
    batch = {
        "input_ids": torch.zeros(1, 12, dtype=torch.long),
        "order": torch.tensor([[0, 4, 6, 10, 11]]),
        "a_len": torch.tensor([2]),
        "is_next": torch.tensor([False]),
        "memory_len": torch.tensor([0]),
        "backward": torch.tensor([False]),
    }
    masks = build_masks(batch, reuse_len=4, mem_len=5, memory="reference")
    assert masks.content_BTS[:, :, :5].all()
    assert masks.query_BKS[:, :, :5].all()


def _find_leak(masks: BatchMasks) -> bool:
    """Follow which tokens each content state may hold, then look for a query that sees its own or a later one's."""
    content = masks.content_BTS.numpy()
    holds = np.broadcast_to(np.eye(content.shape[1], dtype=bool), content.shape)
    for _ in range(content.shape[1]):
        holds = (content.astype(int) @ holds.astype(int)) > 0
    reached = (masks.query_BKS.numpy().astype(int) @ holds.astype(int)) > 0
    targets = masks.targets_BK.numpy()
    return any(
        reached[row, early, targets[row, late]]
        for row in range(len(targets))
        for early in range(targets.shape[1])
        for late in range(early, targets.shape[1])
    )
