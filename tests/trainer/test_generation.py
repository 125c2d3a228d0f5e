import json
import shutil
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.errors import ConfigError
from xlnet_data.trainer.generation import States
from xlnet_data.trainer.loop import run_training
from xlnet_data.trainer.masks import CONTENT_ROWS, MASK_ROWS, QUERY_ROWS, BatchMasks
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import ModelConfig, RunOptions, TrainSettings

TINY = ModelConfig(vocab_size=50, width=16, num_layers=3, num_heads=2, inner_width=32, init_std=0.3)
KINDS = {"plm": QUERY_ROWS, "masked-plm": MASK_ROWS, "mass": MASK_ROWS, "lm": CONTENT_ROWS}


def recompute(model: XLNet, objective: str, tokens: list[int], order: list[int], target: int) -> torch.Tensor:
    """Return the scores at a position with nothing reused: all positions are context but those of the order."""
    length = len(tokens)
    rank = torch.full((length,), -1)
    rank[order] = torch.arange(len(order))
    sees_TT = rank[None] < rank[:, None]
    sees_TT |= (rank[None] == -1) & (rank[:, None] == -1)
    if objective == "lm":
        sees_TT = torch.ones(length, length).tril(-1).bool()
    content_TT = sees_TT | torch.eye(length).bool()
    row = target - (objective == "lm")
    query_KS = (content_TT if objective == "lm" else sees_TT)[[row]]
    masks = BatchMasks(
        torch.zeros(1, length, dtype=torch.long), torch.tensor([[target]]), content_TT[None], query_KS[None],
        torch.tensor([False]), KINDS[objective], torch.tensor([[row]]),
    )  # fmt: skip
    with torch.no_grad():
        return model(torch.tensor([tokens]), masks, model.start_memory(1, 0), 0).logits_BKV[0, 0]


@pytest.mark.parametrize("objective", KINDS)
def test_states_that_are_reused_give_what_recomputing_gives_from_left_to_right_and_across_windows(
    objective: str,
) -> None:
    torch.manual_seed(0)
    model = XLNet(TINY).eval()
    tokens = torch.randint(9, 50, (22,)).tolist()
    states = States(model, objective, num_positions=8, mem_len=20)
    is_lm = objective == "lm"
    place = 5
    found = [states.put(range(5), tokens[:5], None if is_lm else 5)]
    for token in tokens[5:21]:
        if place + 1 == 8:
            states.slide(4)
            place -= 4
        found.append(states.put([place], [token], None if is_lm else place + 1))
        place += 1
    for number, logits_V in enumerate(found):
        target = 5 + number
        expected = recompute(model, objective, tokens, list(range(5, 22)), target)
        torch.testing.assert_close(logits_V, expected, rtol=1e-4, atol=1e-5)
    assert (found[0] - found[1]).abs().max() > 0.1


@pytest.mark.parametrize("objective", ["plm", "masked-plm", "mass"])
def test_states_that_are_reused_give_what_recomputing_gives_in_a_hole_filled_in_any_order(objective: str) -> None:
    torch.manual_seed(0)
    model = XLNet(TINY).eval()
    tokens = torch.randint(9, 50, (12,)).tolist()
    order = [6, 3, 7, 5, 4]
    states = States(model, objective, num_positions=12, mem_len=6)
    positions = [position for position in range(12) if position not in order]
    new = [tokens[position] for position in positions]
    for target in order:
        logits_V = states.put(positions, new, target)
        expected = recompute(model, objective, tokens, order, target)
        torch.testing.assert_close(logits_V, expected, rtol=1e-4, atol=1e-5)
        positions, new = [target], [tokens[target]]


@pytest.fixture(scope="module")
def run(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run that has learned some of the made-up language."""
    folder = tmp_path_factory.mktemp("run")
    config = ModelConfig(width=32, num_layers=1, num_heads=2)
    settings = TrainSettings(steps=100, batch_size=8, learning_rate=1e-2, warmup=5, dev_examples=8, log_every=50)
    list(run_training(RunOptions(dataset, folder), config, settings))
    return folder


def test_a_run_writes_its_language_by_its_folder_alone_and_the_same_for_the_same_seed(run: Path) -> None:
    written = [xlnet_data.generate(run, "babaa dobaa", length=80, seed=seed) for seed in (0, 0, 1)]
    assert written[0] == written[1] != written[2]
    assert written[0].startswith("ba")
    assert {*written[0]} <= set("abdegiklmnortuvz. \n")
    likeliest = [xlnet_data.generate(run, "ba", temperature=0.0, seed=seed, length=9) for seed in (0, 1)]
    assert likeliest[0] == likeliest[1]


@pytest.mark.parametrize("lengths", [("x", 32), (-64, 32), (64, None), (64, 64)])
def test_a_run_whose_lengths_are_damaged_is_named(run: Path, tmp_path: Path, lengths: tuple[object, object]) -> None:
    shutil.copytree(run, tmp_path / "run")
    content = json.loads((run / "run.json").read_text())
    content["data"] |= dict(zip(("seq_len", "reuse_len"), lengths, strict=True))
    (tmp_path / "run" / "run.json").write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=r"run\.json cannot be read .*: start a new run"):
        xlnet_data.generate(tmp_path / "run", "baba")


def test_a_hole_is_filled_between_what_stands_before_and_behind_it(run: Path) -> None:
    command = ["generate", str(run), "--prompt", "baba ba <mask> zoba .", "--infill", "--length", "6"]
    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.replace(" ", "").startswith("bababa")
    assert shown.stdout.replace(" ", "").endswith("zoba.\n")
    assert len(shown.stdout) > len("baba ba zoba .\n")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"infill": True}, "must name the hole by one <mask>"),
        ({"prompt": "a <mask> b"}, "must name the hole by one <mask>"),
        ({"length": 0}, "length must be at least 1: got 0"),
        ({"top_p": 0.0}, r"top_p must be above 0 and at most 1: got 0\.0"),
        ({"temperature": float("nan")}, "temperature must be a number from 0: got nan"),
        ({"prompt": 3}, "prompt must be a string: got 3"),
        ({"prompt": "a <mask> b", "infill": True, "length": 64}, "a hole of 64 tokens and .* more than the model's 64"),
    ],
)
def test_what_cannot_be_written_is_refused(run: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        xlnet_data.generate(run, **{"prompt": "a"} | changes)


def test_dae_cannot_write_and_lm_cannot_fill_a_hole(dataset: Path, tmp_path: Path) -> None:
    small = ModelConfig(width=16, num_layers=1, num_heads=2)
    for name, prompt in (("dae", "a"), ("lm", "a <mask>")):
        settings = TrainSettings(steps=1, batch_size=4, objective=name, dev_examples=4, eval_examples=4)
        list(run_training(RunOptions(dataset, tmp_path / name), small, settings))
        with pytest.raises(ConfigError, match=f"a run of {name} cannot write"):
            xlnet_data.generate(tmp_path / name, prompt, infill=name == "lm")
    assert xlnet_data.generate(tmp_path / "lm", "", length=5)
