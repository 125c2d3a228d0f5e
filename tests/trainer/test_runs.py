import json
import math
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch._dynamo.testing import CompileCounterWithBackend
from torch.utils._python_dispatch import TorchDispatchMode

import xlnet_data
from xlnet_data.ablations.rows import ROWS
from xlnet_data.cli import main
from xlnet_data.datasets.mapped import ShardSettings, open_split
from xlnet_data.datasets.redraws import make_redraw
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.trainer.batches import LaneBatches
from xlnet_data.trainer.checkpoints import find_checkpoint, load_checkpoint
from xlnet_data.trainer.devices import Device
from xlnet_data.trainer.evaluation import count_targets, evaluate_dev, unigram_log_probs
from xlnet_data.trainer.loop import DivergedError, check_progress, is_decayed, run_step, run_training
from xlnet_data.trainer.masks import build_masks
from xlnet_data.trainer.memory_needs import activation_bytes, count_parameters
from xlnet_data.trainer.metrics import StepRecord, read_metrics
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.objectives import Objective
from xlnet_data.trainer.runs import Run
from xlnet_data.trainer.settings import ModelConfig, RunOptions, TrainSettings, resolve_settings

TINY = ModelConfig(width=16, num_layers=2, num_heads=2, inner_width=32, dropout=0.1, init_std=0.1)
SETTINGS = TrainSettings(
    steps=12, batch_size=4, learning_rate=3e-3, log_every=1, eval_every=4, eval_examples=8, dev_examples=8, seed=3
)
COMMAND = Path(sys.executable).with_name("xlnet-data")
FLAGS = [
    *["--width", "16", "--layers", "1", "--heads", "2"],
    *["--lr", "0.003", "--batch-size", "4", "--log-every", "1", "--dev-examples", "8"],
]


def losses(run: Path) -> list[dict[str, Any]]:
    """Return the run's metrics without what the clock says."""
    clock = ("tokens_per_sec", "secs_left")
    return [{k: v for k, v in m.items() if k not in clock} for m in read_metrics(run)]


def permutation_lm(data: ShardSettings) -> Objective:
    return Objective("plm", data, "paper", 0.5, 0)


def stop_after(step: int) -> Iterator[bool]:
    for done in range(1, 1000):
        yield done >= step


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"log_every": 5, "eval_every": 9},
        {"fresh_targets": True, "memory": "reference", "steps": 50, "batch_size": 8},
    ],
)
def test_a_run_that_was_stopped_goes_on_bit_for_bit(dataset: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    settings = replace(SETTINGS, **changes)
    config = replace(TINY, nsp=True)
    whole, broken = RunOptions(dataset, tmp_path / "whole"), RunOptions(dataset, tmp_path / "broken")
    list(run_training(whole, config, settings))
    stops = stop_after(settings.steps * 3 // 5)
    assert list(run_training(broken, config, settings, lambda: next(stops)))[-1].has_learned is None
    # What lies between a checkpoint and a crash is written again.
    with open(broken.output / "metrics.jsonl", "a") as file:
        file.write(json.dumps({"step": settings.steps, "tokens": 1, "loss": 99.0}) + "\n")
    list(run_training(replace(broken, resume=True), TINY, SETTINGS))
    assert losses(broken.output) == losses(whole.output)
    ends = [find_checkpoint(options.output) for options in (whole, broken)]
    first, second = (load_checkpoint(end) for end in ends if end is not None)
    assert first.loader == second.loader
    assert torch.equal(first.memory_LBMD, second.memory_LBMD)
    for name in first.model:
        assert torch.equal(first.model[name], second.model[name])
    assert first.moments.keys() == second.moments.keys()
    assert all(torch.equal(first.moments[name], second.moments[name]) for name in first.moments)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what torch.compile itself calls
@pytest.mark.usefixtures("attention")
def test_a_compiled_run_in_bf16_and_in_parts_is_compiled_once_and_goes_on_bit_for_bit(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.compiler.reset()
    compilations = CompileCounterWithBackend("aot_eager")
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=compilations, fullgraph=True))
    settings = replace(SETTINGS, steps=5, compile=True, accumulate=2)
    whole, broken = (RunOptions(dataset, tmp_path / name, precision="bf16") for name in ("whole", "broken"))
    list(run_training(whole, TINY, settings))
    assert compilations.frame_count == 1
    stops = stop_after(3)
    list(run_training(broken, TINY, settings, lambda: next(stops)))
    flags = ["train-smoke", str(dataset), "--output", str(broken.output), "--resume"]
    assert "Not shown to train" in CliRunner().invoke(main, flags).stdout
    assert losses(broken.output) == losses(whole.output)
    saved = load_checkpoint(find_checkpoint(whole.output) or whole.output)
    assert saved.model.keys() == XLNet(TINY).state_dict().keys()


class Questions(TorchDispatchMode):
    """Counts the calls whose answer a process would have to wait for on a GPU."""

    num_asked = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        waits = func.overloadpacket in (
            torch.ops.aten._local_scalar_dense,
            torch.ops.aten.nonzero,
            torch.ops.aten.equal,
        )
        by_mask = func.overloadpacket in (torch.ops.aten.index, torch.ops.aten.index_put_) and any(
            index is not None and index.dtype == torch.bool for index in args[1]
        )
        self.num_asked += waits or by_mask
        return func(*args, **(kwargs or {}))


@pytest.mark.usefixtures("attention")
def test_steps_between_two_records_never_wait_for_the_device(dataset: Path, tmp_path: Path) -> None:
    asked = []
    for steps in (2, 12):
        settings = replace(SETTINGS, steps=steps, log_every=100, eval_every=100, accumulate=2)
        with Questions() as questions:
            list(run_training(RunOptions(dataset, tmp_path / str(steps)), replace(TINY, nsp=True), settings))
        asked.append(questions.num_asked)
    assert asked[0] == asked[1] > 0


def test_a_loss_that_is_no_number_stops_the_run_at_the_next_record(dataset: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, learning_rate=1e30, warmup=0, log_every=4, eval_every=100)
    seen = []
    with pytest.raises(DivergedError, match="the loss is nan at step 4"):
        seen.extend(run_training(RunOptions(dataset, tmp_path), TINY, settings))
    assert find_checkpoint(tmp_path) is None


def test_weights_that_a_gradient_without_a_number_spoils_replace_no_checkpoint(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = iter(range(1, 5))

    def run_step_and_spoil(run: Run, *arguments: Any) -> tuple[torch.Tensor, torch.Tensor]:
        found = run_step(run, *arguments)
        if next(steps) == 4 and run.model.softmax_bias.grad is not None:
            run.model.softmax_bias.grad[7] = math.inf
        return found

    monkeypatch.setattr("xlnet_data.trainer.loop.run_step", run_step_and_spoil)
    settings = replace(SETTINGS, steps=4, save_every=2)
    with pytest.raises(DivergedError, match="the norm of the gradient is inf at step 4"):
        list(run_training(RunOptions(dataset, tmp_path), TINY, settings))
    saved = load_checkpoint(find_checkpoint(tmp_path) or tmp_path)
    assert saved.step == 2
    assert all(tensor.isfinite().all() for tensor in saved.model.values())


def test_a_step_cut_into_parts_has_the_same_loss(dataset: Path, tmp_path: Path) -> None:
    config = replace(TINY, dropout=0.0)
    for parts in (1, 2):
        options = RunOptions(dataset, tmp_path / str(parts))
        list(run_training(options, config, replace(SETTINGS, steps=6, accumulate=parts)))
    for one, two in zip(losses(tmp_path / "1"), losses(tmp_path / "2"), strict=True):
        assert one == pytest.approx(two, rel=1e-4)


def test_the_model_learns_the_made_up_language(dataset: Path, tmp_path: Path) -> None:
    config = ModelConfig(width=32, num_layers=2, num_heads=2, inner_width=64, init_std=0.1)
    settings = TrainSettings(steps=150, learning_rate=1e-2, dev_examples=64, eval_every=150)
    verdict = list(run_training(RunOptions(dataset, tmp_path / "run"), config, settings))[-1]
    assert verdict.has_learned
    assert verdict.unigram_loss is not None
    assert verdict.dev_loss is not None
    assert verdict.dev_loss < verdict.unigram_loss - 0.05
    assert (tmp_path / "run" / "curves.svg").stat().st_size > 5000


def test_the_command_judges_in_one_sentence_and_exits_1_if_nothing_was_learned(dataset: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    result = CliRunner().invoke(main, ["train-smoke", str(dataset), "--output", str(run), "--steps", "3", *FLAGS])
    assert result.exit_code == 1, result.output
    assert re.fullmatch(r"Not shown to train: .* nats above guessing .*try more --steps\.\n", result.stdout)
    assert re.search(r"no leak: 16 targets", result.stderr)
    assert re.search(r"step 2  0\.00M tokens  loss \d\.\d+  .*lr \S+  [\d,]+ tokens/s  0:\d\d left", result.stderr)
    last = read_metrics(run)[-1]
    assert last["dev_loss"] > last["unigram_loss"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--batch-size", "9"], "use --batch-size 8 or less"),
        (["--resume"], "holds no run, for it has no run.json"),
        (["--device", "cuda"], "no CUDA device"),
        (["--init-hf", "nowhere"], "nowhere is not an XLNet of transformers"),
        (["--init-hf", "nowhere", "--width", "64"], "leave out --width"),
        (["--lr", "-1"], "-1.0 is not in the range x>=0"),
        (["--lr", "nan"], "learning_rate must be a finite number: got nan"),
        (
            ["--width", "4000000", "--layers", "1000000"],
            "parameters: weights, gradients and the optimizer's moments take",
        ),
        (["--export-hf", "tests"], "tests is not empty, and the export would replace what lies there"),
        (["--export-hf", "tests", "--overwrite"], "which is of no exported model"),
        (["--export-hf", "RUN"], "is the folder of the run itself"),
        (["--export-hf", "pyproject.toml/model"], "cannot write to pyproject.toml/model: Not a directory"),
        (["--width", "30", "--heads", "4"], "must be even and a multiple of the heads"),
        (["--lr", "1000", "--warmup", "1", "--log-every", "1", "--width", "16"], "use a lower --lr"),
    ],
)
@pytest.mark.skipif(torch.cuda.is_available(), reason="one case is about machines without CUDA")
def test_what_the_user_can_mend_is_said_without_a_traceback(
    dataset: Path, tmp_path: Path, flags: list[str], message: str
) -> None:
    arguments = ["train-smoke", str(dataset), "--output", str(tmp_path / "run")]
    given = [str(tmp_path / "run") if flag == "RUN" else flag for flag in flags]
    result = CliRunner().invoke(main, [*arguments, *given])
    assert result.exit_code == (2 if "is not in the range" in message else 1)
    assert isinstance(result.exception, SystemExit)
    assert message in result.stderr
    assert (tmp_path / "run").exists() == (message == "use a lower --lr")


def test_python_trains_as_the_command_does_and_returns_the_verdict(dataset: Path, tmp_path: Path) -> None:
    shown: list[StepRecord] = []
    verdict = xlnet_data.train_smoke(
        dataset, tmp_path / "python", display=shown.append, steps=3, width=16, num_layers=1, num_heads=2,
        learning_rate=0.003, batch_size=4, log_every=1, dev_examples=8,
    )  # fmt: skip
    flags = ["train-smoke", str(dataset), "--output", str(tmp_path / "command"), "--steps", "3", *FLAGS]
    assert CliRunner().invoke(main, flags).exit_code == 1
    assert losses(tmp_path / "python") == losses(tmp_path / "command")
    assert verdict.has_learned is False
    assert shown[-1] is verdict
    assert [record.step for record in shown] == [0, 1, 2, 3, 3]


def test_python_names_what_is_no_setting_and_what_a_resumed_run_decides(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown settings layers, lr: known are accumulate, .*, num_layers"):
        xlnet_data.train_smoke(dataset, tmp_path, layers=2, lr=0.1)
    with pytest.raises(ConfigError, match=r"goes on with the run's own settings: leave out --lr$"):
        xlnet_data.train_smoke(dataset, tmp_path, resume=True, learning_rate=0.1)
    assert list(tmp_path.iterdir()) == []


def test_a_resumed_run_takes_its_settings_from_the_run(dataset: Path, tmp_path: Path) -> None:
    arguments = ["train-smoke", str(dataset), "--output", str(tmp_path), "--resume", "--lr", "0.1", "--steps", "9"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "leave out --steps, --lr; no run can be made longer" in result.stderr


@pytest.mark.parametrize("split", ["train", "dev"])
def test_a_damaged_shard_is_named_before_anything_is_trained(dataset: Path, tmp_path: Path, split: str) -> None:
    copied = shutil.copytree(dataset, tmp_path / "data")
    path = sorted((copied / split).iterdir())[0]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ShardError, match=f"{path} is damaged"):
        list(run_training(RunOptions(copied, tmp_path / "run"), TINY, SETTINGS))
    assert not (tmp_path / "run").exists()


def test_a_run_is_not_overwritten_unless_told_to(dataset: Path, tmp_path: Path) -> None:
    options = RunOptions(dataset, tmp_path / "run")
    settings = replace(SETTINGS, steps=1)
    list(run_training(options, TINY, settings))
    with pytest.raises(ConfigError, match="already holds a run: go on with --resume"):
        list(run_training(options, TINY, settings))
    list(run_training(replace(options, overwrite=True), TINY, replace(settings, steps=2)))
    assert losses(tmp_path / "run")[-1]["step"] == 2


def test_outputs_that_cannot_be_written_are_noticed_before_the_work(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for options in (
        RunOptions(dataset, tmp_path / "file" / "run"),
        RunOptions(dataset, tmp_path / "run", export_hf=tmp_path / "file"),
    ):
        with pytest.raises(ConfigError, match=f"cannot write to {tmp_path / 'file'}"):
            next(run_training(options, TINY, SETTINGS))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_export_replaces_what_lies_there_only_if_told_to(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("precious")
    options = RunOptions(dataset, tmp_path / "run", export_hf=tmp_path / "model")
    with pytest.raises(
        ConfigError, match=r"model is not empty, .*: choose another --export-hf, .* or give --overwrite"
    ):
        next(run_training(options, TINY, SETTINGS))
    assert (tmp_path / "model" / "config.json").read_text() == "precious"
    assert not options.output.exists()
    list(run_training(replace(options, overwrite=True), TINY, replace(SETTINGS, steps=1)))
    assert json.loads((tmp_path / "model" / "config.json").read_text())["model_type"] == "xlnet"


def test_a_model_whose_tokenizer_nobody_knows_is_taken_with_a_note_and_another_tokenizer_is_refused(
    dataset: Path, tmp_path: Path
) -> None:
    list(
        run_training(
            RunOptions(dataset, tmp_path / "a", export_hf=tmp_path / "model"), TINY, replace(SETTINGS, steps=1)
        )
    )
    options = RunOptions(dataset, tmp_path / "b", init_hf=tmp_path / "model")
    (tmp_path / "model" / "spiece.model").write_bytes(b"other")
    with pytest.raises(ConfigError, match="is another tokenizer"):
        next(run_training(options, TINY, SETTINGS))
    assert not options.output.exists()
    (tmp_path / "model" / "spiece.model").unlink()
    note = next(run_training(options, TINY, SETTINGS)).note
    assert note is not None
    assert "model has no spiece.model" in note


def test_the_pair_head_is_refused_where_all_pairs_are_positive(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    options = RunOptions(write_small_dataset(tmp_path / "data", pairs=False), tmp_path / "run")
    with pytest.raises(ConfigError, match=r"no negative pairs .* nothing to learn by --nsp"):
        next(run_training(options, replace(TINY, nsp=True), replace(SETTINGS, batch_size=2)))
    assert next(run_training(options, TINY, replace(SETTINGS, batch_size=2))).step == 0


@pytest.mark.parametrize("name", ["plm", "dae", "lm"])
def test_what_the_pair_head_sees_does_not_depend_on_what_it_is_to_tell(name: str, dataset: Path) -> None:
    train = open_split(dataset, "train")
    torch.manual_seed(0)
    model = XLNet(replace(TINY, vocab_size=50, nsp=True)).eval()
    settings = resolve_settings(TrainSettings(batch_size=8, objective=name), train, 1, 16)
    assert settings.memory == "paper"
    run = Run(model, train, train, settings, Device(torch.device("cpu")), {})
    batch = run.objective.draw(next(iter(LaneBatches(train, 8))))
    batch["memory_len"] = torch.full_like(batch["memory_len"], 48)
    labels = (batch["is_next"], ~batch["is_next"])
    scores = []
    for is_next in labels:
        shown = run.objective.show(batch | {"is_next": is_next}, settings.mem_len)
        scores.append(model(shown.input_ids_BT, shown.masks, torch.ones(2, 8, settings.mem_len, 16), 32).nsp_B2)
    assert torch.equal(*scores)
    without = replace(run, model=XLNet(replace(TINY, vocab_size=50))).objective
    one, other = (without.show(batch | {"is_next": is_next}, 48).masks.content_BTS for is_next in labels)
    assert not torch.equal(one, other)


def test_a_step_that_does_not_fit_is_refused_with_its_numbers(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = open_split(dataset, "train").settings
    model_bytes = 16 * count_parameters(replace(TINY, vocab_size=50))
    row_bytes = activation_bytes(replace(TINY, vocab_size=50), 48, permutation_lm(data), 4)
    for missing in (1, 0):
        room = model_bytes + 4 * row_bytes - missing
        monkeypatch.setattr("xlnet_data.trainer.memory_needs.available_bytes", lambda device, room=room: room)
        run = run_training(RunOptions(dataset, tmp_path / str(missing)), TINY, SETTINGS)
        if missing:
            with pytest.raises(ConfigError, match=r"a step of 4 rows takes .* GB or more, and .* GB are available"):
                next(run)
        else:
            assert next(run).step == 0


def test_the_estimate_of_a_step_is_below_what_it_keeps(dataset: Path) -> None:
    split = open_split(dataset, "train")
    config = ModelConfig(vocab_size=50, width=64, num_layers=3, num_heads=2)
    model = XLNet(config)
    batch = next(iter(LaneBatches(split, 4)))
    kept: dict[int, int] = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        model(batch["input_ids"].long(), build_masks(batch, 32, 48, "paper"), model.start_memory(4, 48), 32)
    measured = sum(num_bytes for place, num_bytes in kept.items() if place not in weights)
    estimated = 4 * activation_bytes(config, 48, permutation_lm(split.settings), 4)
    assert measured / 3 < estimated < measured


def test_a_run_can_start_from_an_exported_folder_and_is_as_good_as_the_run_that_wrote_it(
    dataset: Path, tmp_path: Path
) -> None:
    settings = replace(SETTINGS, steps=40, learning_rate=1e-2)
    first = RunOptions(dataset, tmp_path / "first", export_hf=tmp_path / "exported")
    end = list(run_training(first, replace(TINY, dropout=0.0), settings))[-1]
    second = RunOptions(dataset, tmp_path / "second", init_hf=tmp_path / "exported")
    settings = replace(settings, steps=1, learning_rate=0.0)
    again = list(run_training(second, replace(TINY, dropout=0.0), settings))[-1]
    assert again.dev_loss == end.dev_loss


def test_a_half_written_checkpoint_is_not_found_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoints" / "step-00000005.77.tmp").mkdir(parents=True)
    assert find_checkpoint(tmp_path) is None
    folder = tmp_path / "checkpoints" / "step-00000005"
    folder.mkdir()
    (folder / "state.json").write_text("{}")
    with pytest.raises(ShardError, match="step-00000005 cannot be read"):
        load_checkpoint(folder)


def test_a_signal_saves_and_says_how_to_go_on(dataset: Path, tmp_path: Path) -> None:
    run, exported = tmp_path / "a run", tmp_path / "exported"
    command = [COMMAND, "train-smoke", dataset, "--output", run, "--export-hf", exported, "--steps", "100000", *FLAGS]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("step 2 "):
                process.send_signal(signal.SIGTERM)
                break
        rest = process.stderr.read()
        assert process.wait(60) == 1
    again = f"xlnet-data train-smoke {dataset} --output '{run}' --export-hf {exported} --resume"
    assert f"go on with: {again}\n" in rest
    checkpoint = find_checkpoint(run)
    assert checkpoint is not None
    assert load_checkpoint(checkpoint).step >= 2


def test_a_signal_before_the_first_step_ends_the_run_at_once(dataset: Path, tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from xlnet_data.trainer import loop\n"
        "loop.check_first_batch = lambda run: os.kill(os.getpid(), signal.SIGTERM) or 'not reached'\n"
        "from xlnet_data.__main__ import main\n"
        "sys.argv[0] = 'xlnet-data'\n"
        "main()\n"
    )
    command = [sys.executable, "-c", code, "train-smoke", dataset, "--output", tmp_path / "run", *FLAGS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (-signal.SIGTERM, "Error: interrupted\n")
    assert not (tmp_path / "run").exists()


def test_two_processes_have_the_losses_of_one_with_the_same_global_batch(dataset: Path, tmp_path: Path) -> None:
    arguments = ["train-smoke", dataset, "--steps", "6", "--eval-every", "3", *FLAGS]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python"]
    for name, launcher in (("one", []), ("two", torchrun)):
        command = [*launcher, COMMAND, *arguments, "--output", tmp_path / name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert "Not shown to train" in done.stdout, done.stderr
    for one, two in zip(losses(tmp_path / "one"), losses(tmp_path / "two"), strict=True):
        assert one == pytest.approx(two, rel=1e-4)
    states = [load_checkpoint(folder) for n in ("one", "two") if (folder := find_checkpoint(tmp_path / n))]
    assert states[0].loader == states[1].loader
    torch.testing.assert_close(states[0].memory_LBMD, states[1].memory_LBMD, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("examples", [{}, {"spans": True, "whole_words": True}, {"recipe": "reference"}])
@pytest.mark.parametrize("split", ["train", "dev"])
def test_fresh_targets_are_drawn_by_the_shards_own_functions(
    write_small_dataset: Callable[..., Path], tmp_path: Path, examples: dict[str, Any], split: str
) -> None:
    folder = write_small_dataset(tmp_path / "data", **examples)
    mapped = open_split(folder, split)
    rows = mapped.gather(np.random.default_rng(0).permutation(len(mapped)))
    redraw = make_redraw(folder, split)
    assert (redraw(rows, 0) == rows["order"]).all()
    first, second = redraw(rows, 1), redraw(rows, 2)
    assert (first == redraw(rows, 1)).all()
    for one, other in ((first, rows["order"]), (second, rows["order"]), (first, second)):
        assert (one != other).any(axis=1).all()
    # Both halves keep their quotas, and the functional tokens stay in every order.
    num_reuse = (rows["order"] < 32).sum(axis=1)
    assert ((first < 32).sum(axis=1) == num_reuse).all()
    for order, a_len in zip(first, rows["a_len"], strict=True):
        assert len(set(order.tolist())) == len(order)
        assert {32 + int(a_len), 62, 63} <= set(order.tolist())


def test_the_unigram_loss_is_that_of_add_one_counts_on_the_targets_that_the_model_is_judged_by(dataset: Path) -> None:
    train, dev = open_split(dataset, "train"), open_split(dataset, "dev")
    counts = []
    for split in (train, dev):
        found = [0] * split.settings.vocab_size
        for batch in LaneBatches(split, 1, once=True):
            functional = {32 + int(batch["a_len"]), 62, 63}
            for position in batch["order"][0].tolist():
                found[int(batch["input_ids"][0, position])] += position not in functional
        counts.append(found)
    assert [count_targets(split, 10**6, permutation_lm(split.settings)).tolist() for split in (train, dev)] == counts
    total = sum(counts[0]) + len(counts[0])
    expected = [math.log((count + 1) / total) for count in counts[0]]
    assert unigram_log_probs(train, permutation_lm(train.settings)).tolist() == pytest.approx(expected)
    settings = resolve_settings(TrainSettings(batch_size=2), train, 1, 128)
    run = Run(XLNet(replace(TINY, vocab_size=50)), train, dev, settings, Device(torch.device("cpu")), {})
    unigram_loss = evaluate_dev(run, 10**6, unigram_log_probs(train, run.objective))[1]
    assert unigram_loss == pytest.approx(-sum(n * e for n, e in zip(counts[1], expected, strict=True)) / sum(counts[1]))


class OneOfSeveral(Device):
    """A process of several whose sums are its own part of them."""

    def sum(self, *numbers: float) -> list[float]:
        return [*numbers]


def test_the_dev_loss_is_of_the_same_examples_whatever_the_batch_the_seed_and_the_number_of_processes(
    dataset: Path,
) -> None:
    train, dev = open_split(dataset, "train"), open_split(dataset, "dev")
    model, unigram_V = XLNet(replace(TINY, vocab_size=50)), unigram_log_probs(train, permutation_lm(train.settings))

    def dev_losses(batch_size: int, seed: int, device: Device) -> tuple[float, float]:
        settings = resolve_settings(TrainSettings(batch_size=batch_size, seed=seed), train, device.num_ranks, 16)
        return evaluate_dev(Run(model, train, dev, settings, device, {}), 8, unigram_V)

    one = Device(torch.device("cpu"))
    expected = dev_losses(4, 0, one)
    assert dev_losses(1, 0, one) == dev_losses(6, 5, one) == expected
    parts = [dev_losses(6, 0, OneOfSeveral(torch.device("cpu"), rank, 2)) for rank in range(2)]
    assert [sum(pair) / 2 for pair in zip(*parts, strict=True)] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("loss", "best", "message"),
    [
        (math.nan, 9.0, "the loss is nan at step 7"),
        (math.inf, 9.0, "the loss is inf"),
        (10.5, 9.0, "more than a uniform guess over 8000 ids"),
        (7.1, 6.0, "was 6.00 and is back at 7.10 at step 7, above the unigram loss of 6.50"),
    ],
)
def test_divergence_stops_with_its_reason(loss: float, best: float, message: str) -> None:
    with pytest.raises(DivergedError, match=re.escape(message)):
        check_progress(7, loss, best, unigram=6.5, vocab_size=8000)


def test_before_the_first_update_the_advice_is_about_the_first_weights() -> None:
    for step, advice in ((1, "use a smaller --init-std"), (2, "use a lower --lr")):
        with pytest.raises(DivergedError, match=advice):
            check_progress(step, 12.0, math.inf, unigram=6.5, vocab_size=8000)


def test_a_loss_above_the_unigram_loss_is_no_divergence_before_it_was_below() -> None:
    assert check_progress(7, 7.1, 8.0, unigram=6.5, vocab_size=8000) == 7.1


def test_settings_follow_the_shards(dataset: Path, reference_dataset: Path) -> None:
    paper, reference = (open_split(folder, "train") for folder in (dataset, reference_dataset))
    assert resolve_settings(TrainSettings(), paper, 1, 128).memory == "paper"
    resolved = resolve_settings(TrainSettings(), reference, 1, 128)
    assert (resolved.memory, resolved.mem_len, resolved.batch_size) == ("reference", 48, 4)
    assert resolved.learning_rate == 0.2 / 128
    assert resolve_settings(TrainSettings(accumulate=3), reference, 2, 128).batch_size == 6
    assert resolve_settings(TrainSettings(memory="off"), paper, 1, 128).mem_len == 0
    without = resolve_settings(TrainSettings(**dict(ROWS["no-memory"].settings)), paper, 1, 128)
    assert (without.memory, without.mem_len) == ("paper", 0)
    no_reuse = SimpleNamespace(settings=replace(paper.settings, reuse_len=0), lanes=paper.lanes)
    assert resolve_settings(TrainSettings(), no_reuse, 1, 128).mem_len == 0  # type: ignore[arg-type]
    for asked in ({"memory": "paper"}, {"mem_len": 32}):
        with pytest.raises(ConfigError, match="these shards have no reuse half"):
            resolve_settings(TrainSettings(**asked), no_reuse, 1, 128)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="2 processes of 3 parts: got batch_size=4"):
        resolve_settings(TrainSettings(batch_size=4, accumulate=3), paper, 2, 128)


def test_weight_decay_spares_biases_and_layer_norms_by_name_as_the_authors_code_does() -> None:
    decayed = {name.removeprefix("layers.0.") for name, _ in XLNet(TINY).named_parameters() if is_decayed(name)}
    layer = {"q", "k", "v", "o", "r", "seg_embed", "inner.weight", "outer.weight"}
    assert {name for name in decayed if not name.startswith("layers.")} == {
        *layer,
        "word_embedding.weight",
        "query_start",
    }
