import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from xlnet_data.trainer import attention
from xlnet_data.trainer.attention import RelativeAttention
from xlnet_data.trainer.attention_inputs import Queries
from xlnet_data.trainer.leaks import LeakError, check_leaks
from xlnet_data.trainer.masks import BatchMasks, build_masks
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import ModelConfig

TINY = ModelConfig(vocab_size=50, width=16, num_layers=3, num_heads=2, inner_width=32, init_std=0.3)


def make_batch(rows: int = 2, seed: int = 0, seq_len: int = 24, reuse_len: int = 12) -> dict[str, torch.Tensor]:
    """Rows with three targets in either half and random orders."""
    generator = torch.Generator().manual_seed(seed)
    orders, a_lens = [], []
    for _ in range(rows):
        a_len = int(torch.randint(1, seq_len - reuse_len - 4, (1,), generator=generator))
        functional_places = torch.tensor([reuse_len + a_len, seq_len - 2, seq_len - 1])
        rest = torch.tensor([p for p in range(reuse_len, seq_len) if p not in functional_places.tolist()])
        chosen = rest[torch.randperm(len(rest), generator=generator)[:3]]
        tail = torch.cat([chosen, functional_places])[torch.randperm(6, generator=generator)]
        orders.append(torch.cat([torch.randperm(reuse_len, generator=generator)[:3], tail]))
        a_lens.append(a_len)
    return {
        "input_ids": torch.randint(9, 50, (rows, seq_len), generator=generator),
        "order": torch.stack(orders),
        "a_len": torch.tensor(a_lens),
        "is_next": torch.arange(rows) % 2 == 0,
        "memory_len": torch.full((rows,), 99),
        "backward": torch.arange(rows) % 2 == 1,
    }


def causal_masks(length: int, mem_len: int) -> BatchMasks:
    """One row in which everybody sees what stands before, targets (all positions) without themselves."""
    keys = torch.arange(-mem_len, length)
    content = keys <= torch.arange(length)[:, None]
    query = keys < torch.arange(length)[:, None]
    zeros = torch.zeros(1, length, dtype=torch.long)
    return BatchMasks(zeros, torch.arange(length)[None], content[None], query[None], torch.tensor([False]))


@pytest.mark.parametrize(
    ("config", "parameters"),
    [
        (ModelConfig(32_000, 768, 12, 12, 3072), 116_750_336),
        (ModelConfig(32_000, 1024, 24, 16, 4096), 360_300_800),
    ],
)
def test_base_and_large_have_the_papers_number_of_parameters(config: ModelConfig, parameters: int) -> None:
    with torch.device("meta"):
        assert sum(p.numel() for p in XLNet(config).parameters()) == parameters


@pytest.mark.parametrize("block", [3, 128])
def test_the_gradient_of_attention_is_that_of_its_value(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "BLOCK_QUERIES", block)
    torch.manual_seed(0)
    rows, heads, size, seq_len, keys, gathered = 2, 2, 3, 7, 9, 2
    tensors = [
        torch.randn(rows * heads, length, width, dtype=torch.float64, requires_grad=True)
        for length, width in (
            (seq_len + gathered, 5),
            (keys, 5),
            (seq_len + gathered, size),
            (keys + seq_len, size),
            (keys, size),
        )
    ]
    bias = torch.where(torch.rand(rows, seq_len + gathered, keys) < 0.7, 0.0, -1e30).double()
    bias[:, :, 0] = 0
    positions = seq_len - torch.tensor([[1, 5], [0, 6]])[..., None] + torch.arange(keys)
    queries = Queries(seq_len, seq_len, positions)
    assert torch.autograd.gradcheck(lambda *t: RelativeAttention.apply(*t, bias, queries, 0.0), tensors)


@pytest.mark.usefixtures("attention")
def test_content_with_the_identity_order_is_a_left_to_right_language_model() -> None:
    torch.manual_seed(0)
    model = XLNet(TINY).eval()
    ids = torch.randint(9, 50, (1, 10))
    output = model(ids, causal_masks(10, 0), model.start_memory(1, 0), 0)
    for length in range(1, 10):
        prefix = model(ids[:, :length], causal_masks(length, 0), model.start_memory(1, 0), 0)
        torch.testing.assert_close(output.logits_BKV[:, :length], prefix.logits_BKV)
        changed = ids.clone()
        changed[0, length] = 9 + (changed[0, length] - 8) % 41
        moved = model(changed, causal_masks(10, 0), model.start_memory(1, 0), 0).logits_BKV != output.logits_BKV
        assert not moved[:, : length + 1].any()
        assert moved[:, length + 1 :].all(dim=2).all()


def test_the_identity_order_of_a_batch_is_left_to_right() -> None:
    batch = make_batch(rows=1, seq_len=12, reuse_len=0)
    batch |= {"order": torch.arange(12)[None], "a_len": torch.tensor([10]), "input_ids": batch["input_ids"]}
    batch["order"] = torch.arange(12)[None]
    masks = build_masks(batch, 0, 0, "off")
    assert torch.equal(masks.query_BKS[0, :9], torch.ones(9, 12).tril(-1).bool())
    assert torch.equal(masks.content_BTS[0, :10], torch.ones(10, 12).tril().bool())


@pytest.mark.usefixtures("attention")
def test_two_halves_with_memory_equal_one_long_pass() -> None:
    torch.manual_seed(0)
    model = XLNet(TINY).eval()
    ids = torch.randint(9, 50, (1, 20))
    whole = model(ids, causal_masks(20, 0), model.start_memory(1, 0), 0)
    masks = causal_masks(10, 10)
    before_all = (torch.arange(20) >= 10) & masks.content_BTS, (torch.arange(20) >= 10) & masks.query_BKS
    fresh = replace(masks, content_BTS=before_all[0], query_BKS=before_all[1])
    first = model(ids[:, :10], fresh, model.start_memory(1, 10), 10)
    second = model(ids[:, 10:], masks, first.memory_LBMD, 10)
    torch.testing.assert_close(second.logits_BKV, whole.logits_BKV[:, 10:], rtol=1e-4, atol=1e-5)
    lost = model(ids[:, 10:], masks, first.memory_LBMD * 0, 10)
    assert (lost.logits_BKV - second.logits_BKV).abs().max() > 0.01


@pytest.mark.usefixtures("attention")
def test_a_row_read_backwards_is_the_mirror_image_of_one_read_forward() -> None:
    """With everything visible, only the relative positions know the direction."""
    torch.manual_seed(0)
    model = XLNet(TINY).eval()
    ids = torch.randint(9, 50, (1, 10))
    all_seen = torch.ones(1, 10, 10, dtype=torch.bool)
    forward = BatchMasks(
        torch.zeros(1, 10).long(), torch.tensor([[2, 7]]), all_seen, all_seen[:, :2], torch.tensor([False])
    )
    mirrored = replace(forward, targets_BK=torch.tensor([[7, 2]]), is_backward_B=torch.tensor([True]))
    wrong = replace(mirrored, is_backward_B=torch.tensor([False]))
    memory = model.start_memory(1, 0)
    expected = model(ids, forward, memory, 0).logits_BKV
    torch.testing.assert_close(model(ids.flip(1), mirrored, memory, 0).logits_BKV, expected, rtol=1e-4, atol=1e-5)
    assert (model(ids.flip(1), wrong, memory, 0).logits_BKV - expected).abs().max() > 0.01


def test_the_query_stream_does_not_move_when_its_own_token_is_changed() -> None:
    model = XLNet(TINY)
    batch = make_batch(rows=6)
    masks = build_masks(batch, 12, 8, "paper")
    assert check_leaks(model, batch["input_ids"], masks, model.start_memory(6, 8), 12) == sum(range(1, 7))


@pytest.mark.parametrize("where", ["query", "content"])
def test_a_broken_mask_is_found_before_training(where: str) -> None:
    model = XLNet(TINY)
    batch = make_batch(rows=6)
    masks = build_masks(batch, 12, 8, "paper")
    if where == "query":  # queries see what their targets' content sees: themselves
        broken = masks.content_BTS.gather(1, masks.targets_BK[:, :, None].expand(-1, -1, 32))
        masks = replace(masks, query_BKS=broken)
    else:  # context sees the targets
        masks = replace(masks, content_BTS=torch.ones_like(masks.content_BTS))
    with pytest.raises(LeakError, match="the model sees what it predicts"):
        check_leaks(model, batch["input_ids"], masks, model.start_memory(6, 8), 12)


def test_a_check_that_sees_nothing_is_an_error() -> None:
    model = XLNet(TINY)
    batch = make_batch(rows=6)
    masks = build_masks(batch, 12, 0, "off")
    masks = replace(masks, query_BKS=torch.zeros_like(masks.query_BKS))
    with pytest.raises(LeakError, match="moved no logit at all"):
        check_leaks(model, batch["input_ids"], masks, model.start_memory(6, 0), 12)


@pytest.mark.usefixtures("attention")
def test_a_query_that_sees_nothing_learns_nothing_from_the_tokens() -> None:
    model = XLNet(TINY).eval()
    batch = make_batch(rows=1)
    masks = build_masks(batch, 12, 0, "off")
    masks.query_BKS[:, 0] = False
    before = model(batch["input_ids"], masks, model.start_memory(1, 0), 12).logits_BKV
    after = model(batch["input_ids"].flip(1), masks, model.start_memory(1, 0), 12).logits_BKV
    assert torch.equal(before[:, 0], after[:, 0])
    assert not torch.equal(before[:, 1], after[:, 1])


def test_memory_holds_the_reuse_half_after_the_older_memory() -> None:
    model = XLNet(TINY).eval()
    batch = make_batch()
    first = model(batch["input_ids"], build_masks(batch, 12, 18, "reference"), model.start_memory(2, 18), 12)
    assert (first.memory_LBMD[:, :, :6] == 0).all()
    torch.testing.assert_close(first.memory_LBMD[0, :, 6:], model.word_embedding(batch["input_ids"][:, :12]))
    second = model(batch["input_ids"], build_masks(batch, 12, 18, "reference"), first.memory_LBMD, 12)
    assert torch.equal(second.memory_LBMD[:, :, :6], first.memory_LBMD[:, :, 12:])
    assert not second.memory_LBMD.requires_grad


@pytest.mark.usefixtures("attention")
def test_one_batch_can_be_overfitted_with_its_pair_labels() -> None:
    torch.manual_seed(0)
    model = XLNet(replace(TINY, nsp=True, init_std=0.1))
    batch = make_batch(rows=4)
    masks = build_masks(batch, 12, 0, "off")
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    labels = batch["input_ids"].gather(1, masks.targets_BK).flatten()
    for _ in range(80):
        output = model(batch["input_ids"], masks, model.start_memory(4, 0), 12)
        loss = functional.cross_entropy(output.logits_BKV.flatten(0, 1), labels)
        pair_loss = functional.cross_entropy(output.nsp_B2, batch["is_next"].long())
        optimizer.zero_grad()
        (loss + pair_loss).backward()
        optimizer.step()
    assert loss < 0.1 < math.log(50)
    assert pair_loss < 0.1


@pytest.mark.usefixtures("attention")
def test_dropout_changes_a_step_in_training_and_not_in_evaluation() -> None:
    model = XLNet(replace(TINY, dropout=0.2))
    batch = make_batch()
    masks, memory = build_masks(batch, 12, 8, "reference"), model.start_memory(2, 8)
    torch.manual_seed(0)
    first = model(batch["input_ids"], masks, memory, 12).logits_BKV
    first.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    assert not torch.equal(first, model(batch["input_ids"], masks, memory, 12).logits_BKV)
    model.eval()
    assert torch.equal(*(model(batch["input_ids"], masks, memory, 12).logits_BKV for _ in range(2)))


@pytest.mark.usefixtures("attention")
def test_bf16_autocast_gives_nearly_the_loss_and_the_gradient_of_fp32() -> None:
    torch.manual_seed(0)
    model = XLNet(replace(TINY, width=32, init_std=0.1, nsp=True))
    batch = make_batch()
    masks, memory = build_masks(batch, 12, 8, "paper"), model.start_memory(2, 8)
    labels = batch["input_ids"].gather(1, masks.targets_BK).flatten()
    losses, gradients = [], []
    for is_bf16 in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=is_bf16):
            output = model(batch["input_ids"], masks, memory, 12)
        loss = functional.cross_entropy(output.logits_BKV.float().flatten(0, 1), labels)
        model.zero_grad()
        loss.backward()
        losses.append(loss.item())
        gradients.append(torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]))
    assert losses[1] == pytest.approx(losses[0], rel=0.01)
    assert functional.cosine_similarity(*gradients, dim=0) > 0.99
    assert not torch.equal(*gradients)
