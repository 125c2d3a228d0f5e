import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from slow_model import Text, predict_slowly
from torch.nn import functional

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.datasets.mapped import open_split
from xlnet_data.errors import ConfigError
from xlnet_data.schemas.example import MASK_ID
from xlnet_data.trainer.batches import LaneBatches
from xlnet_data.trainer.checkpoints import find_checkpoint, load_checkpoint, save_checkpoint
from xlnet_data.trainer.loop import run_training
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.objectives import Objective
from xlnet_data.trainer.settings import OBJECTIVES, ModelConfig, RunOptions, TrainSettings
from xlnet_data.trainer.yardsticks import order_of_share

SMALL = ModelConfig(width=8, num_layers=1, num_heads=2, inner_width=16, init_std=0.3)
SETTINGS = TrainSettings(steps=2, batch_size=4, learning_rate=1e-2, dev_examples=4, eval_examples=4)


def train(dataset: Path, folder: Path, name: str) -> XLNet:
    """Train two steps and return the model in float64."""
    list(run_training(RunOptions(dataset, folder), SMALL, replace(SETTINGS, objective=name)))
    model = XLNet(replace(SMALL, vocab_size=50)).double().eval()
    saved = load_checkpoint(find_checkpoint(folder) or folder)
    model.load_state_dict({key: tensor.double() for key, tensor in saved.model.items()})
    return model


@torch.no_grad()
def nats_slowly(model: XLNet, name: str, row: dict[str, torch.Tensor], order: list[int], targets: list[int]) -> float:
    """Return the mean loss of targets in an order; dae hides them all at once, lm sees what stands before."""
    tokens = row["input_ids"].tolist()
    shown = [MASK_ID if name == "dae" and place in targets else token for place, token in enumerate(tokens)]
    sep = 32 + int(row["a_len"])
    segments = [0] * (sep + 1) + [1] * (62 - sep) + [2]
    order = {"dae": [], "lm": list(range(64))}.get(name, order)
    text = Text(tokens, shown, segments, order, targets, 32, bool(row["is_next"]), bool(row["backward"]), 0)
    logits = predict_slowly(model, text, torch.zeros(1, 0, 8, dtype=torch.float64), name)
    return float(functional.cross_entropy(logits, torch.tensor([tokens[target] for target in targets])))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_yardstick_is_the_loss_of_the_shards_targets_in_their_order_and_one_at_a_time(
    name: str, dataset: Path, tmp_path: Path
) -> None:
    model = train(dataset, tmp_path, name)
    found = xlnet_data.evaluate(tmp_path, dataset, examples=1, alone=2)
    rows = next(iter(LaneBatches(open_split(dataset, "dev"), 2)))
    in_order, alone = [], []
    for number in range(2):
        row = {key: column[number] for key, column in rows.items()}
        ends = [32 + int(row["a_len"]), 62, 63]
        order = row["order"].tolist()
        targets = [position for position in order if position not in ends]
        in_order.append(nats_slowly(model, name, row, order, [t for t in targets if t]))
        for target in (targets[2], targets[7]):
            chosen = [target, *ends] if target < 32 else [*ends, target]
            alone.append(nats_slowly(model, name, row, chosen, [target]))
    assert (found.objective, found.step) == (name, 2)
    assert found.in_order.nats == pytest.approx(np.mean(in_order), abs=1e-4)
    assert found.in_order.error == pytest.approx(abs(in_order[0] - in_order[1]) / 2, abs=1e-4)
    assert found.alone.nats == pytest.approx(np.mean(alone), abs=1e-4)
    assert found.alone.num_targets == 4
    assert found.alone.error == pytest.approx(abs(sum(alone[:2]) - sum(alone[2:])) / 4, abs=1e-4)


def test_memory_counts_in_the_yardstick_and_dae_has_that_of_true_tokens(dataset: Path, tmp_path: Path) -> None:
    train(dataset, tmp_path, "dae")
    first = xlnet_data.evaluate(tmp_path, dataset, examples=8)
    folder = next((tmp_path / "checkpoints").iterdir())
    text = (tmp_path / "run.json").read_text().replace('"memory": "paper"', '"memory": "reference"')
    (tmp_path / "run.json").write_text(text)
    save_checkpoint(replace(load_checkpoint(folder), run=json.loads(text)), tmp_path)
    assert xlnet_data.evaluate(tmp_path, dataset, examples=8).in_order.nats != first.in_order.nats


def test_an_order_of_a_share_holds_it_with_the_functional_tokens_and_the_reuse_half_first(dataset: Path) -> None:
    split = open_split(dataset, "dev")
    objective = Objective("plm", split.settings, "paper", 0.5, 0)
    columns = next(iter(LaneBatches(split, 2)))
    for number in range(1, 8):
        order = order_of_share(columns, objective, number / 7)
        assert order.shape == (2, round(number / 7 * 61) + 3)
        for row in range(2):
            places = order[row].tolist()
            assert len({*places}) == len(places)
            assert {32 + int(columns["a_len"][row]), 62, 63} <= {*places}
            in_rest = [place >= 32 for place in places]
            assert in_rest == sorted(in_rest)
            assert places != sorted(places)
        assert torch.equal(order, order_of_share(columns, objective, number / 7))


def test_the_command_prints_the_measures_and_the_loss_by_share(dataset: Path, tmp_path: Path) -> None:
    train(dataset, tmp_path, "masked-plm")
    command = ["evaluate", str(tmp_path), str(dataset), "--examples", "4", "--alone", "1"]
    as_json = json.loads(CliRunner().invoke(main, [*command, "--by-share", "--json"]).stdout)
    assert [*as_json["by_share"]] == [str(number) for number in range(1, 8)]
    assert as_json["by_share"]["7"]["num_targets"] == 4 * 60
    assert all(math.isfinite(measure["nats"]) for measure in as_json["by_share"].values())
    shown = CliRunner().invoke(main, command).stdout
    assert f"in the shards' order  {as_json['in_order']['nats']:.3f} ± " in shown


def test_a_run_that_cannot_be_measured_is_refused_with_the_reason(dataset: Path, tmp_path: Path) -> None:
    train(dataset, tmp_path, "lm")
    with pytest.raises(ConfigError, match="a run of lm knows no hidden tokens"):
        xlnet_data.evaluate(tmp_path, dataset, by_share=True)
    with pytest.raises(ConfigError, match="alone must be 1 to 10, the targets of an example: got 11"):
        xlnet_data.evaluate(tmp_path, dataset, alone=11)
    (tmp_path / "checkpoints" / "step-00000002").rename(tmp_path / "away")
    with pytest.raises(ConfigError, match="has no checkpoint yet"):
        xlnet_data.evaluate(tmp_path, dataset)
