import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from slow_model import Text, predict_slowly
from torch import Tensor
from torch.nn import functional

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.datasets.mapped import ShardSettings, open_split
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.schemas.example import CLS_ID, EOD_ID, MASK_ID, SEP_ID
from xlnet_data.trainer.batches import Batch, LaneBatches
from xlnet_data.trainer.checkpoints import find_checkpoint, load_checkpoint
from xlnet_data.trainer.evaluation import count_targets
from xlnet_data.trainer.leaks import LeakError, check_leaks, check_shown
from xlnet_data.trainer.loop import run_training
from xlnet_data.trainer.masks import CONTENT_ROWS, MASK_ROWS, build_masks
from xlnet_data.trainer.metrics import read_metrics
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.objectives import RUN_START, SHOWN_IDS, Objective
from xlnet_data.trainer.settings import OBJECTIVES, ModelConfig, RunOptions, TrainSettings

GOLDEN = Path(__file__).parents[1] / "golden" / "masked_plm.txt"
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "objectives.md"
TINY = ModelConfig(vocab_size=30, width=8, num_layers=2, num_heads=2, inner_width=12, init_std=0.5)
DATA = ShardSettings(12, 4, 4, 30, "paper", "", "")
SMALL = ModelConfig(width=16, num_layers=2, num_heads=2, inner_width=32, dropout=0.1, init_std=0.1)
SETTINGS = TrainSettings(steps=12, batch_size=4, learning_rate=3e-3, log_every=1, eval_every=4, eval_examples=8,
                         dev_examples=8, seed=3)  # fmt: skip


def objective_of(name: str, data: ShardSettings = DATA) -> Objective:
    return Objective(name, data, "paper", 0.5, seed=1)


def make_batch() -> Batch:
    """Two rows of 4 + 8 tokens, one read backwards; the other's B is another document's. Two targets in either half."""
    ids = torch.randint(EOD_ID, 30, (2, 12), generator=torch.Generator().manual_seed(0))
    ids[0, [6, 10, 11]] = ids[1, [7, 10, 11]] = torch.tensor([SEP_ID, SEP_ID, CLS_ID])
    return {
        "lane": torch.tensor([0, 1]),
        "step": torch.tensor([5, 5]),
        "input_ids": ids,
        "order": torch.tensor([[3, 1, 8, 6, 4, 11, 10], [0, 2, 7, 9, 11, 5, 10]]),
        "a_len": torch.tensor([2, 3]),
        "is_next": torch.tensor([False, True]),
        "memory_len": torch.tensor([2, 9]),
        "backward": torch.tensor([False, True]),
    }


def texts_of(objective: Objective, batch: Batch) -> list[Text]:
    """Return the rows of a batch as plain Python, with what the objective drew for them."""
    texts = []
    for row in range(2):
        tokens = batch["input_ids"][row].tolist()
        first_sep = 4 + int(batch["a_len"][row])
        plain = [position for position in range(12) if position not in (first_sep, 10, 11)]
        order = batch["order"][row].tolist()
        targets = [position for position in order if position in plain]
        shown = list(tokens)
        if objective.name == "mass":
            start = int(batch[RUN_START][row])
            order = targets = plain[start : start + objective.num_targets]
        elif objective.name == "lm":
            order, targets = list(range(12)), plain[1:]
        elif objective.name == "dae":
            order = []
            for position, replacement in zip(targets, batch[SHOWN_IDS][row].tolist(), strict=True):
                shown[position] = replacement if replacement >= 0 else tokens[position]
        segments = [0] * (first_sep + 1) + [1] * (10 - first_sep) + [2]
        is_next, is_backward = bool(batch["is_next"][row]), bool(batch["backward"][row])
        memory_len = int(batch["memory_len"][row])
        texts.append(Text(tokens, shown, segments, order, targets, 4, is_next, is_backward, memory_len))
    return texts


def run_model(model: XLNet, objective: Objective, batch: Batch, memory_LBMD: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return logits, labels and the next memory."""
    shown = objective.show(batch, memory_LBMD.shape[2])
    output = model(shown.input_ids_BT, shown.masks, memory_LBMD, objective.data.reuse_len)
    return output.logits_BKV, shown.labels_BK, output.memory_LBMD


@pytest.mark.usefixtures("attention")
@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_loss_and_its_gradient_are_those_of_a_slow_loop_over_rows_and_keys(name: str) -> None:
    torch.manual_seed(0)
    model, objective = XLNet(TINY).double(), objective_of(name)
    batch = objective.draw(make_batch())
    memory = torch.randn(2, 2, 5, 8, dtype=torch.float64)
    logits_BKV, labels_BK, _ = run_model(model, objective, batch, memory)
    loss = functional.cross_entropy(logits_BKV.flatten(0, 1), labels_BK.flatten())
    texts = texts_of(objective, batch)
    expected = torch.stack([predict_slowly(model, text, memory[:, row], name) for row, text in enumerate(texts)])
    assert labels_BK.tolist() == [[text.tokens[target] for target in text.targets] for text in texts]
    torch.testing.assert_close(logits_BKV, expected, rtol=1e-9, atol=1e-9)
    slow_loss = functional.cross_entropy(expected.flatten(0, 1), labels_BK.flatten())
    parameters = [p for n, p in model.named_parameters() if n != "query_start" or name == "plm"]
    for found, slow in zip(
        torch.autograd.grad(loss, parameters), torch.autograd.grad(slow_loss, parameters), strict=True
    ):
        torch.testing.assert_close(found, slow, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_prediction_moves_with_every_token_that_it_may_see_and_with_no_other(name: str) -> None:
    torch.manual_seed(0)
    model, objective = XLNet(replace(TINY, num_layers=3)).eval(), objective_of(name)
    batch = objective.draw(make_batch())
    texts, memory = texts_of(objective, batch), torch.randn(3, 2, 5, 8)
    before, _, memory_before = run_model(model, objective, batch, memory)
    num_moved = 0
    for position in range(12):
        ids = batch["input_ids"].clone()
        ids[:, position] = EOD_ID + (ids[:, position] - EOD_ID + 1) % (30 - EOD_ID)
        after, _, memory_after = run_model(model, objective, batch | {"input_ids": ids}, memory)
        has_moved = (before != after).any(dim=2)
        for row, text in enumerate(texts):
            for k, target in enumerate(text.targets):
                may_see = is_open(text, position, target)
                assert bool(has_moved[row, k]) == may_see, (row, position, target)
                num_moved += may_see
        if position >= 4:
            assert torch.equal(memory_before, memory_after)
    assert num_moved > 20
    moved = run_model(model, objective, batch, memory + 1)[0]
    assert (before != moved).any(dim=2).all()


def is_open(text: Text, position: int, target: int) -> bool:
    """Return whether a target's prediction may hang on the token at a position, through any number of layers."""
    if target < 4 <= position:
        return False
    if position in text.targets and text.shown[position] != text.tokens[position]:
        return False  # dae hides it from everybody
    if target >= 4 > position or position not in text.order:
        return True
    return text.order.index(position) < text.order.index(target)


def test_masked_plm_sees_what_its_golden_case_says() -> None:
    batch = {
        "input_ids": torch.tensor([[20, 21, 22, 23, 24, SEP_ID, 26, SEP_ID, CLS_ID]]),
        "order": torch.tensor([[1, 6, 5, 4, 8, 7]]),
        "a_len": torch.tensor([2]),
        "is_next": torch.tensor([True]),
        "memory_len": torch.tensor([0]),
        "backward": torch.tensor([False]),
    }
    objective = Objective("masked-plm", ShardSettings(9, 3, 3, 30, "paper", "", ""), "off", 0.5, 0)
    masks = objective.show(batch, 0).masks
    assert masks.kind == MASK_ROWS
    content = [" ".join(f"{int(seen)}" for seen in row) for row in masks.content_BTS[0]]
    rows = [f"{position:<8} {seen}" for position, seen in enumerate(content)]
    for target, seen in zip(masks.targets_BK[0].tolist(), masks.query_BKS[0], strict=True):
        rows.append(f"<mask> {target} " + " ".join(f"{int(key)}" for key in seen) + " 1")
    golden = GOLDEN.read_text().splitlines()
    assert rows == golden[golden.index("row      0 1 2 3 4 5 6 7 8 own") + 1 :]
    assert "\n".join(golden[-len(rows) :]) in PAGE.read_text()


def test_the_checks_before_training_find_a_leak_of_each_kind(dataset: Path) -> None:
    split = open_split(dataset, "train")
    model = XLNet(replace(SMALL, vocab_size=50))
    memory = model.start_memory(4, 8)
    for name in ("masked-plm", "mass", "lm"):
        objective = objective_of(name, split.settings)
        shown = objective.show(objective.draw(next(iter(LaneBatches(split, 4)))), 8)
        assert check_leaks(model, shown.input_ids_BT, shown.masks, memory, 32) > 4
        seen = torch.ones_like(shown.masks.content_BTS)
        broken = replace(shown.masks, content_BTS=seen, query_BKS=torch.ones_like(shown.masks.query_BKS))
        with pytest.raises(LeakError, match="the model sees what it predicts"):
            check_leaks(model, shown.input_ids_BT, broken, memory, 32)
    dae = objective_of("dae", split.settings)
    batch = dae.draw(next(iter(LaneBatches(split, 4))))
    assert check_shown(model, dae, batch, memory) == int((batch[SHOWN_IDS] >= 0).sum())
    with pytest.raises(LeakError, match="moved the logits of target"):
        check_shown(model, Forgetful(**vars(dae)), batch, memory)


class Forgetful(Objective):
    """Shows every target as it is."""

    def show(self, batch: Batch, mem_len: int, asked: Any = None) -> Any:
        return super().show(batch | {SHOWN_IDS: torch.full_like(batch[SHOWN_IDS], -1)}, mem_len, asked)


def test_what_dae_shows_at_its_targets_has_berts_shares_and_follows_from_seed_lane_and_step(dataset: Path) -> None:
    split = open_split(dataset, "train")
    dae = objective_of("dae", split.settings)
    drawn = [dae.draw(batch) for batch in LaneBatches(split, 8, once=True)]
    shown = torch.cat([batch[SHOWN_IDS].flatten() for batch in drawn])
    shares = [float((shown == wanted).float().mean()) for wanted in (MASK_ID, -1)]
    assert shares == pytest.approx([0.8, 0.1], abs=0.02)
    random = shown[(shown != MASK_ID) & (shown != -1)]
    assert (int(random.min()), int(random.max())) == (EOD_ID, 49)
    again = {(int(lane), int(step)): ids for batch in drawn
             for lane, step, ids in zip(batch["lane"], batch["step"], batch[SHOWN_IDS], strict=True)}  # fmt: skip
    for batch in map(dae.draw, LaneBatches(split, 2, seed=9, once=True)):
        for row in range(2):
            assert torch.equal(batch[SHOWN_IDS][row], again[int(batch["lane"][row]), int(batch["step"][row])])
    other = replace(dae, seed=2).draw(drawn[0])
    assert not torch.equal(other[SHOWN_IDS], drawn[0][SHOWN_IDS])
    assert (dae.hide(drawn[0])[SHOWN_IDS] == MASK_ID).all()


def test_a_run_of_mass_is_a_share_of_the_text_and_lies_everywhere_in_it(dataset: Path) -> None:
    split = open_split(dataset, "train")
    for share, length in ((0.5, 30), (0.25, 15), (1.0, 61)):
        mass = replace(objective_of("mass", split.settings), hidden_frac=share)
        starts = torch.cat([mass.draw(batch)[RUN_START] for batch in LaneBatches(split, 8, once=True)])
        assert mass.num_targets == length
        assert (int(starts.min()), int(starts.max())) == (0, 61 - length)
        batch = mass.draw(next(iter(LaneBatches(split, 2))))
        targets = mass.choose(batch)[1]
        assert (batch["input_ids"].long().gather(1, targets) > SEP_ID).all()
        assert (targets.diff(dim=1) > 0).all()
        assert (targets.diff(dim=1) <= 2).all()


def test_lm_predicts_every_token_of_the_text_but_the_first_from_the_row_before(dataset: Path) -> None:
    split = open_split(dataset, "train")
    lm = objective_of("lm", split.settings)
    batch = next(iter(LaneBatches(split, 2)))
    masks = lm.show(batch, 0).masks
    assert masks.kind == CONTENT_ROWS
    assert lm.num_targets == 60
    assert torch.equal(masks.rows, masks.targets_BK - 1)
    for row in range(2):
        functional_places = {32 + int(batch["a_len"][row]), 62, 63}
        assert masks.targets_BK[row].tolist() == [p for p in range(1, 64) if p not in functional_places]
    counts = count_targets(split, 10**6, lm)
    assert counts[[CLS_ID, SEP_ID]].tolist() == [0, 0]
    assert counts.sum() == 60 * len(split)


def stop_after(step: int) -> Iterator[bool]:
    for done in range(1, 1000):
        yield done >= step


def losses(run: Path) -> list[dict[str, Any]]:
    return [{k: v for k, v in m.items() if k not in ("tokens_per_sec", "secs_left")} for m in read_metrics(run)]


@pytest.mark.parametrize("name", ["masked-plm", "dae", "mass", "lm"])
def test_a_run_of_each_objective_that_was_stopped_goes_on_bit_for_bit(name: str, dataset: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, objective=name)
    whole, broken = RunOptions(dataset, tmp_path / "whole"), RunOptions(dataset, tmp_path / "broken")
    records = list(run_training(whole, replace(SMALL, nsp=True), settings))
    assert "no leak" in str(records[0].note)
    stops = stop_after(7)
    list(run_training(broken, replace(SMALL, nsp=True), settings, lambda: next(stops)))
    list(run_training(replace(broken, resume=True), SMALL, SETTINGS))
    assert losses(broken.output) == losses(whole.output)
    first, second = (load_checkpoint(find_checkpoint(one.output) or tmp_path) for one in (whole, broken))
    assert first.run == second.run
    assert first.run["settings"]["objective"] == name
    assert all(torch.equal(first.model[key], second.model[key]) for key in first.model)
    assert torch.equal(first.memory_LBMD, second.memory_LBMD)


def test_a_checkpoint_of_another_objective_is_refused_by_name(dataset: Path, tmp_path: Path) -> None:
    list(run_training(RunOptions(dataset, tmp_path), SMALL, replace(SETTINGS, steps=2, objective="lm")))
    run = tmp_path / "run.json"
    run.write_text(run.read_text().replace('"objective": "lm"', '"objective": "dae"'))
    with pytest.raises(ShardError, match=r"made with settings\.objective = lm, and run\.json says dae"):
        list(run_training(RunOptions(dataset, tmp_path, resume=True), SMALL, SETTINGS))
    flags = ["train-smoke", str(dataset), "--output", str(tmp_path), "--resume", "--objective", "lm"]
    assert "leave out --objective" in CliRunner().invoke(main, flags).stderr


def test_fresh_targets_are_refused_where_the_targets_are_not_the_shards() -> None:
    for name in ("mass", "lm"):
        with pytest.raises(ConfigError, match=f"objective={name} has others"):
            TrainSettings(objective=name, fresh_targets=True)


@pytest.mark.parametrize("name", ["masked-plm", "dae", "mass", "lm"])
def test_each_objective_learns_and_says_so_by_its_own_unigram_bound(name: str, dataset: Path, tmp_path: Path) -> None:
    verdict = xlnet_data.train_smoke(
        dataset, tmp_path, steps=80, objective=name, batch_size=8, width=32, num_layers=1, num_heads=2, warmup=5,
        learning_rate=1e-2, dev_examples=32, log_every=20,
    )  # fmt: skip
    assert verdict.has_learned
    assert verdict.dev_loss is not None
    assert verdict.unigram_loss is not None
    assert verdict.dev_loss < verdict.unigram_loss - 0.1
    assert verdict.unigram_loss < math.log(50)


def test_a_model_of_another_objective_goes_to_transformers_and_back(dataset: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, steps=2, objective="masked-plm")
    list(run_training(RunOptions(dataset, tmp_path / "a", export_hf=tmp_path / "hf"), SMALL, settings))
    options = RunOptions(dataset, tmp_path / "b", init_hf=tmp_path / "hf")
    list(run_training(options, ModelConfig(), replace(settings, steps=1, learning_rate=0.0, objective="mass")))
    first, second = (load_checkpoint(find_checkpoint(tmp_path / one) or tmp_path) for one in "ab")
    assert all(torch.equal(first.model[key], second.model[key]) for key in first.model)


def test_the_default_masks_are_those_of_plm() -> None:
    batch = make_batch()
    asked = objective_of("plm").show(batch, 5).masks
    default = build_masks(batch, 4, 5, "paper")
    assert all(torch.equal(getattr(asked, name), getattr(default, name)) for name in ("content_BTS", "query_BKS"))
