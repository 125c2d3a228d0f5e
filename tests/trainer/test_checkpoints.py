"""Runs that were killed, and checkpoints that were cut, zeroed or are of another model: named, or begun again."""

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file, save_file

from xlnet_data.cli import main
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.trainer.checkpoints import find_checkpoint, load_checkpoint, save_checkpoint
from xlnet_data.trainer.devices import Device
from xlnet_data.trainer.loop import run_training
from xlnet_data.trainer.metrics import read_metrics
from xlnet_data.trainer.settings import ModelConfig, RunOptions, TrainSettings

TINY = ModelConfig(width=16, num_layers=1, num_heads=2, inner_width=32, init_std=0.1)
SETTINGS = TrainSettings(steps=6, batch_size=4, save_every=2, log_every=1, eval_examples=8, dev_examples=8, seed=3)
COMMAND = Path(sys.executable).with_name("xlnet-data")


def losses(run: Path) -> list[dict[str, Any]]:
    """Return the run's metrics without what the clock says."""
    clock = ("tokens_per_sec", "secs_left")
    return [{k: v for k, v in m.items() if k not in clock} for m in read_metrics(run)]


def stopped_run(dataset: Path, folder: Path) -> tuple[RunOptions, Path]:
    """Return a run that was stopped after 3 of 6 steps, and its checkpoint."""
    options = RunOptions(dataset, folder)
    answers = iter([False, False, True])
    list(run_training(options, TINY, SETTINGS, lambda: next(answers)))
    checkpoint = find_checkpoint(folder)
    assert checkpoint is not None
    return replace(options, resume=True), checkpoint


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_again_with_its_own_settings(
    dataset: Path, tmp_path: Path
) -> None:
    flags = ["--width", "16", "--layers", "1", "--heads", "2", "--steps", "100", "--log-every", "1", "--seed", "5"]
    command = [COMMAND, "train-smoke", dataset, *flags, "--eval-every", "100", "--dev-examples", "8", "--output"]
    with subprocess.Popen([*command, tmp_path / "killed"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("step 2 "):
                process.kill()
                break
        assert process.wait(60) == -signal.SIGKILL
    assert find_checkpoint(tmp_path / "killed") is None
    for name, more in (("killed", ["--resume"]), ("whole", [*flags, "--eval-every", "100", "--dev-examples", "8"])):
        result = CliRunner().invoke(main, ["train-smoke", str(dataset), "--output", str(tmp_path / name), *more])
        assert "These shards train" in result.stdout or "Not shown to train" in result.stdout, result.output
    assert len(losses(tmp_path / "whole")) == 101
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")


def test_a_run_goes_on_only_with_processes_among_which_its_parts_divide(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = RunOptions(dataset, tmp_path / "run")
    list(run_training(options, TINY, replace(SETTINGS, batch_size=6, accumulate=2, steps=1)))
    monkeypatch.setattr(
        "xlnet_data.trainer.loop.open_device", lambda *_: nullcontext(Device(torch.device("cpu"), 0, 2))
    )
    with pytest.raises(ConfigError, match="must divide into 2 processes of 2 parts: got batch_size=6"):
        next(run_training(replace(options, resume=True), TINY, SETTINGS))


def test_a_killed_run_that_started_from_a_model_of_transformers_starts_from_it_again(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = RunOptions(dataset, tmp_path / "first", export_hf=tmp_path / "exported")
    list(run_training(first, TINY, SETTINGS))
    monkeypatch.chdir(tmp_path)
    killed = RunOptions(dataset, tmp_path / "killed", init_hf=Path("exported"))
    next(iter(run_training(killed, TINY, SETTINGS)))
    monkeypatch.chdir(dataset)
    list(run_training(replace(killed, init_hf=None, resume=True), TINY, SETTINGS))
    list(run_training(RunOptions(dataset, tmp_path / "whole", init_hf=tmp_path / "exported"), TINY, SETTINGS))
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zero_the_end(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 3 // 4] + bytes(len(content) - len(content) * 3 // 4))


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [empty, zero, cut, zero_the_end, Path.unlink])
@pytest.mark.parametrize("name", ["state.json", "tensors.safetensors"])
def test_a_damaged_checkpoint_is_named_and_without_it_the_one_before_is_gone_on_from(
    dataset: Path, tmp_path: Path, damage: Callable[[Path], object], name: str
) -> None:
    options, folder = stopped_run(dataset, tmp_path / "run")
    whole = load_checkpoint(folder)
    # As after a crash between the new checkpoint's appearance and the old one's removal.
    save_checkpoint(replace(whole, step=5), tmp_path / "run")
    save_checkpoint(whole, tmp_path / "aside")
    folder.parent.joinpath("step-00000003").mkdir()
    for file in (tmp_path / "aside" / "checkpoints" / "step-00000003").iterdir():
        file.rename(folder / file.name)
    damaged = folder.with_name("step-00000005")
    damage(damaged / name)
    result = CliRunner().invoke(main, ["train-smoke", str(dataset), "--output", str(tmp_path / "run"), "--resume"])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert f"the checkpoint {damaged} cannot be read" in result.stderr
    for file in damaged.iterdir():
        file.unlink()
    damaged.rmdir()
    list(run_training(options, TINY, SETTINGS))
    list(run_training(RunOptions(dataset, tmp_path / "whole"), TINY, SETTINGS))
    assert losses(tmp_path / "run") == losses(tmp_path / "whole")


def test_a_checkpoint_of_another_model_is_named_by_its_first_tensor(dataset: Path, tmp_path: Path) -> None:
    options, folder = stopped_run(dataset, tmp_path / "run")
    whole = load_checkpoint(folder)
    name = "layers.0.inner.bias"
    for changes, message in (
        ({"model": whole.model | {name: torch.zeros(9)}}, rf"model\.{name} is torch.float32 \[9\], run.json .* \[32\]"),
        ({"model": whole.model | {name: whole.model[name].half()}}, rf"model\.{name} is torch.float16 \[32\]"),
        ({"model": {k: v for k, v in whole.model.items() if k != name}}, rf"model\.{name} is missing"),
        ({"moments": whole.moments | {"exp_avg.more": torch.zeros(1)}}, r"exp_avg\.more is .*asks for missing"),
        ({"memory_LBMD": whole.memory_LBMD[:, :, 1:]}, r"memory of all rows is torch.float32 \[1, 4, 47, 16\]"),
    ):
        save_checkpoint(replace(whole, **changes), tmp_path / "run")
        with pytest.raises(ShardError, match=message):
            list(run_training(options, TINY, SETTINGS))


def signed(state: dict[str, Any]) -> str:
    """Return a checkpoint's state with the sha256 that belongs to it."""
    sha256 = hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
    return json.dumps(state | {"sha256": sha256})


@pytest.mark.parametrize(
    "change", [{"loader": None}, {"loader": {}}, {"loader": {"lanes": 3}}, {"step": "x"}, {"run": None}, None]
)
def test_a_state_that_is_json_and_no_state_is_named(
    dataset: Path, tmp_path: Path, change: dict[str, object] | None
) -> None:
    _, folder = stopped_run(dataset, tmp_path / "run")
    state = json.loads((folder / "state.json").read_text())
    del state["sha256"]
    (folder / "state.json").write_text(signed(state))
    assert load_checkpoint(folder).step == 3
    (folder / "state.json").write_text("[" * 100_000 if change is None else signed(state | change))
    with pytest.raises(ShardError, match=r"step-00000003 cannot be read"):
        load_checkpoint(folder)


def test_a_bit_that_flipped_in_a_checkpoint_is_noticed(dataset: Path, tmp_path: Path) -> None:
    options, folder = stopped_run(dataset, tmp_path / "run")
    state = (folder / "state.json").read_text()
    (folder / "state.json").write_text(state.replace('"step": 3', '"step": 1'))
    with pytest.raises(ShardError, match=r"cannot be read \(ValueError: state\.json has another sha256 than it says\)"):
        list(run_training(options, TINY, SETTINGS))
    (folder / "state.json").write_text(state)
    path = folder / "tensors.safetensors"
    tensors = load_file(path)
    tensors["model.softmax_bias"][7] += 1e-3
    save_file(tensors, path)
    with pytest.raises(ShardError, match=r"the sha256 of tensors\.safetensors is .*: remove it"):
        list(run_training(options, TINY, SETTINGS))


def test_a_run_whose_settings_were_cut_off_says_how_to_start_again(dataset: Path, tmp_path: Path) -> None:
    options, _ = stopped_run(dataset, tmp_path / "run")
    content = (tmp_path / "run" / "run.json").read_text()
    for damaged in ("", content[:99], "[" * 100_000, json.dumps([]), content.replace('"init_hf": null', '"other": 1')):
        (tmp_path / "run" / "run.json").write_text(damaged)
        with pytest.raises(ConfigError, match=r"run\.json cannot be read .*: start a new run with --overwrite"):
            list(run_training(options, TINY, SETTINGS))
    list(run_training(replace(options, resume=False, overwrite=True), TINY, SETTINGS))


@pytest.mark.parametrize("value", ["null", '"8"'])
def test_a_setting_of_a_run_that_is_none_is_named_with_its_file(dataset: Path, tmp_path: Path, value: str) -> None:
    options, _ = stopped_run(dataset, tmp_path / "run")
    path = tmp_path / "run" / "run.json"
    content = json.loads(path.read_text())
    for name in ("steps", "learning_rate", "mem_len"):
        settings = content["settings"] | {name: json.loads(value)}
        path.write_text(json.dumps(content | {"settings": settings}))
        with pytest.raises(ConfigError, match=rf"run\.json: {name} must be"):
            list(run_training(options, TINY, SETTINGS))


def test_a_last_line_of_the_metrics_that_a_kill_cut_off_is_left_out_and_another_is_named(
    dataset: Path, tmp_path: Path
) -> None:
    options, _ = stopped_run(dataset, tmp_path / "run")
    path = tmp_path / "run" / "metrics.jsonl"
    content = path.read_text()
    path.write_text(content + '{"step": 4, "tok')
    list(run_training(options, TINY, SETTINGS))
    list(run_training(RunOptions(dataset, tmp_path / "whole"), TINY, SETTINGS))
    assert losses(tmp_path / "run") == losses(tmp_path / "whole")
    path.write_text("\0\0\n" + content)
    with pytest.raises(ShardError, match=r"metrics\.jsonl, line 1 is no record .*: remove the file"):
        list(run_training(options, TINY, SETTINGS))
