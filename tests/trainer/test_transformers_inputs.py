"""Batches as XLNetLMHeadModel takes them: the same losses as our own model, and a loop of five lines that learns."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional
from transformers import XLNetConfig, XLNetLMHeadModel, XLNetModel

from xlnet_data import open_dataset
from xlnet_data.errors import ConfigError
from xlnet_data.examples.factorization import perm_mask
from xlnet_data.trainer.masks import build_masks
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import ModelConfig, ResolvedSettings
from xlnet_data.trainer.transformers_format import export_model
from xlnet_data.trainer.transformers_inputs import inputs_for_transformers

REUSE_LEN, MEM_LEN = 32, 48
TINY = ModelConfig(vocab_size=50, width=32, num_layers=3, num_heads=4, inner_width=48, init_std=0.2)
SETTINGS = ResolvedSettings(batch_size=3, learning_rate=1e-3, memory="reference", mem_len=MEM_LEN, eval_every=1)
KEYS = ["input_ids", "labels", "mems", "perm_mask", "target_mapping", "token_type_ids", "use_mems"]


def make_pair(dataset: Path, folder: Path, **changes: Any) -> tuple[XLNet, XLNetLMHeadModel]:
    """Return a model of ours, and what transformers loads from its export."""
    torch.manual_seed(0)
    ours = XLNet(replace(TINY, **changes))
    export_model(ours, dataset, folder, SETTINGS)
    return ours, XLNetLMHeadModel.from_pretrained(folder)


def our_losses(model: XLNet, dataset: Path, num_rows: int, count: int, mode: str) -> list[float]:
    """Return the losses of our model over several steps with memory."""
    memory = model.start_memory(num_rows, MEM_LEN)
    losses = []
    for batch in islice(open_dataset(dataset).batches(num_rows), count):
        memory = memory.masked_fill(batch["is_first"][:, None, None], 0)
        masks = build_masks(batch, REUSE_LEN, MEM_LEN, mode)
        ids = batch["input_ids"].long()
        output = model(ids, masks, memory, REUSE_LEN)
        labels = ids.gather(1, masks.targets_BK)
        losses.append(functional.cross_entropy(output.logits_BKV.flatten(0, 1), labels.flatten()).item())
        memory = output.memory_LBMD
    return losses


@pytest.mark.parametrize("clamp_len", [0, 17])
@pytest.mark.parametrize("is_training", [True, False])
def test_the_losses_of_an_exported_model_are_ours_over_many_steps_with_memory(
    reference_dataset: Path, tmp_path: Path, is_training: bool, clamp_len: int
) -> None:
    ours, theirs = make_pair(reference_dataset, tmp_path / "exported", clamp_len=clamp_len)
    theirs.train(is_training)
    loader = open_dataset(reference_dataset).batches(3)
    losses, directions, begins = [], set(), 0
    for inputs, batch in zip(loader.for_transformers(theirs), open_dataset(reference_dataset).batches(3), strict=False):
        assert sorted(inputs) == KEYS
        losses.append(theirs(**inputs).loss.item())
        directions.add(tuple(batch["backward"].tolist()))
        begins += int(batch["is_first"].sum())
        if len(losses) == 45:
            break
    assert losses == pytest.approx(our_losses(ours, reference_dataset, 3, 45, "reference"), rel=1e-5)
    # Rows of both directions, more of one than of the other, and lanes that begin in mid-run.
    assert {sum(rows) for rows in directions} & {1, 2}
    assert begins > 3


def test_without_memory_the_losses_of_the_papers_recipe_are_ours_too(dataset: Path, tmp_path: Path) -> None:
    ours, theirs = make_pair(dataset, tmp_path / "exported")
    theirs.config.mem_len = None
    losses = []
    for inputs in islice(open_dataset(dataset).batches(3).for_transformers(theirs), 9):
        assert (inputs["mems"], inputs["use_mems"]) == (None, False)
        losses.append(theirs(**inputs).loss.item())
    expected = []
    for batch in islice(open_dataset(dataset).batches(3), 9):
        masks = build_masks(batch, REUSE_LEN, 0, "paper")
        ids = batch["input_ids"].long()
        logits = ours(ids, masks, ours.start_memory(3, 0), REUSE_LEN).logits_BKV
        expected.append(functional.cross_entropy(logits.transpose(1, 2), ids.gather(1, masks.targets_BK)).item())
    assert losses == pytest.approx(expected, rel=1e-5)


def test_perm_mask_is_the_query_rule_where_a_query_stands(reference_dataset: Path) -> None:
    batch = next(iter(open_dataset(reference_dataset).batches(4)))
    inputs = inputs_for_transformers(batch["input_ids"].long(), build_masks(batch, REUSE_LEN, MEM_LEN, "reference"))
    hidden = torch.from_numpy(perm_mask(batch["input_ids"].numpy(), batch["order"].long().numpy(), REUSE_LEN))
    rows = inputs["target_mapping"].argmax(2)
    for mask, expected, targets in zip(inputs["perm_mask"].bool(), hidden, rows, strict=True):
        assert torch.equal(mask[targets], expected[targets])
        itself = torch.eye(len(mask), dtype=torch.bool)
        assert torch.equal(mask | itself, expected | itself)


def test_five_lines_train_it(dataset: Path) -> None:
    torch.manual_seed(0)
    model = XLNetLMHeadModel(
        XLNetConfig(
            vocab_size=50, d_model=32, n_layer=2, n_head=2, d_inner=64, dropout=0, initializer_range=0.1,
            mem_len=MEM_LEN, reuse_len=REUSE_LEN,
        )
    )  # fmt: skip
    losses = []
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for inputs in islice(open_dataset(dataset).batches(4, num_workers=1).for_transformers(model), 120):
        loss = model(**inputs).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert sum(losses[-20:]) / 20 < sum(losses[:5]) / 5 - 0.5


def test_a_run_goes_on_with_its_last_memory(reference_dataset: Path, tmp_path: Path) -> None:
    _, theirs = make_pair(reference_dataset, tmp_path / "exported")
    data = open_dataset(reference_dataset)
    whole = [theirs(**inputs).loss.item() for inputs in islice(data.batches(3).for_transformers(theirs), 12)]
    first, second = data.batches(3), data.batches(3, num_workers=2)
    outputs = [theirs(**inputs) for inputs in islice(first.for_transformers(theirs), 7)]
    second.load_state_dict(first.state_dict())
    rest = second.for_transformers(theirs, outputs[-1].mems)
    assert [theirs(**inputs).loss.item() for inputs in islice(rest, 5)] == pytest.approx(whole[7:], rel=1e-6)


def test_an_evaluation_between_two_steps_disturbs_nothing_and_no_hook_stays(
    reference_dataset: Path, tmp_path: Path
) -> None:
    _, theirs = make_pair(reference_dataset, tmp_path / "exported")
    ids = torch.randint(9, 50, (2, 12), generator=torch.Generator().manual_seed(0))
    before = theirs(ids).logits
    losses: dict[bool, list[float]] = {}
    for evaluates in (False, True):
        losses[evaluates] = []
        for inputs in islice(open_dataset(reference_dataset).batches(3).for_transformers(theirs), 8):
            losses[evaluates].append(theirs(**inputs).loss.item())
            if evaluates:
                assert torch.equal(theirs(ids).logits, before)
                assert torch.equal(theirs(input_ids=ids, use_mems=True).logits, before)
    assert losses[True] == losses[False]
    modules = [theirs, *theirs.transformer.layer]
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in modules)


def test_a_single_pass_counts_every_example_once(write_dataset: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "small", train_lanes=3, recipe="reference")
    _, theirs = make_pair(folder, tmp_path / "exported")
    data = open_dataset(folder)
    counted = 0
    with torch.no_grad():
        for inputs in data.batches(2, once=True).for_transformers(theirs):
            counted += int((inputs["labels"] != -100).sum())
            assert theirs(**inputs).loss.isfinite()
        assert counted == 10 * len(data)
        for rank in range(2):
            for inputs in data.batches(2, rank=rank, num_ranks=2, once=True).for_transformers(theirs):
                counted -= int((inputs["labels"] != -100).sum())
                assert theirs(**inputs).loss.isfinite()
    assert counted == 0


def test_a_model_that_was_not_called_is_noticed(reference_dataset: Path, tmp_path: Path) -> None:
    _, theirs = make_pair(reference_dataset, tmp_path / "exported")
    stream = open_dataset(reference_dataset).batches(3).for_transformers(theirs)
    inputs = next(stream)
    theirs(**{name: value.clone() if name == "input_ids" else value for name, value in inputs.items()})
    with pytest.raises(ConfigError, match=r"call model\(\*\*inputs\) once for each"):
        next(stream)
    stream = open_dataset(reference_dataset).batches(3).for_transformers(theirs)
    theirs(**next(stream), return_dict=False)
    with pytest.raises(ConfigError, match="returned no memory: call it with return_dict=True"):
        next(stream)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vocab_size": 60}, r"has vocab_size=60, these shards need 50: .*from_pretrained\(\.\.\., vocab_size=50\)"),
        ({"reuse_len": None}, "has reuse_len=None, these shards need 32"),
        ({"bi_data": True}, "has bi_data=True, these shards need False"),
        ({"attn_type": "uni"}, "has attn_type='uni'"),
    ],
)
def test_a_model_for_other_data_is_refused_before_the_first_step(
    dataset: Path, change: dict[str, Any], message: str
) -> None:
    sizes = {"vocab_size": 50, "d_model": 8, "n_layer": 1, "n_head": 2, "d_inner": 8, "mem_len": 8, "reuse_len": 32}
    batches = open_dataset(dataset).batches(2)
    with pytest.raises(ConfigError, match=message):
        batches.for_transformers(XLNetLMHeadModel(XLNetConfig(**sizes | change)))
    for other in (torch.nn.Linear(2, 2), XLNetModel(XLNetConfig(**sizes))):
        with pytest.raises(ConfigError, match=f"needs the XLNetLMHeadModel itself.*got {type(other).__name__}"):
            batches.for_transformers(other)
