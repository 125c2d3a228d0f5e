"""The flags of `train-smoke` beside the fields that they are made from."""

import resource
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click
import pytest

from xlnet_data.cli.train import SETTINGS, train_smoke
from xlnet_data.datasets.mapped import open_split
from xlnet_data.errors import ConfigError
from xlnet_data.trainer.arguments import load_function, path_beside, settings_from
from xlnet_data.trainer.flags import flags_of
from xlnet_data.trainer.settings import ModelConfig, ResolvedSettings, RunOptions, TrainSettings, resolve_settings

WITHOUT_FLAG = {"vocab_size", "clamp_len", "weight_decay", "clip", "eval_examples"}
"""What the shards or an imported model decide, and what has one value for all runs."""


def test_every_setting_is_a_flag_or_known_to_be_none() -> None:
    parameters = {parameter.name for parameter in train_smoke.params}
    assert parameters == {field.name for settings in SETTINGS for field in fields(settings)} - WITHOUT_FLAG


@pytest.mark.parametrize("name", ["loop", "loop/data"])
def test_a_link_that_leads_to_itself_has_a_path_beside_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert path_beside(tmp_path / name, "-run") == tmp_path / f"{name}-run"


def test_the_names_on_the_command_line_are_these() -> None:
    options = [parameter for parameter in train_smoke.params if isinstance(parameter, click.Option)]
    assert sorted(name.removeprefix("--") for option in options for name in option.opts) == [
        "accumulate", "batch-size", "compile", "dev-examples", "device", "dropout", "eval-every", "export-hf",
        "fresh-targets", "heads", "hidden", "init-hf", "init-std", "inner-width", "layers", "log-every", "lr",
        "mem-len", "memory", "nsp", "objective", "output", "overwrite", "precision", "resume", "save-every", "seed",
        "steps", "warmup", "width",
    ]  # fmt: skip


def test_a_resumed_run_and_an_imported_model_decide_these_flags() -> None:
    flags = [(field.name, flag) for settings in SETTINGS for field, flag, _ in flags_of(settings)]
    free = {name for name, flag in flags if not flag.is_fixed_by_run}
    assert free == {"output", "export_hf", "resume", "device"}
    assert {name for name, flag in flags if flag.is_fixed_by_model} == {
        "width", "num_layers", "num_heads", "inner_width", "init_std",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "value", "message"),
    [
        (TrainSettings, {"steps": 0}, "steps must be at least 1: got 0"),
        (TrainSettings, {"memory": "papers"}, "got 'papers', did you mean 'paper'"),
        (TrainSettings, {"mem_len": -1}, "mem_len must be at least 0: got -1"),
        (TrainSettings, {"learning_rate": -1.0}, "learning_rate must be at least 0: got -1.0"),
        (TrainSettings, {"learning_rate": float("nan")}, "learning_rate must be a finite number: got nan"),
        (TrainSettings, {"seed": 10**30}, "seed must be a number of 64 bits: got 1000000"),
        (TrainSettings, {"learning_rate": float("inf")}, "learning_rate must be a finite number: got inf"),
        (TrainSettings, {"steps": "7"}, "steps must be a whole number: got '7'"),
        (TrainSettings, {"compile": "no"}, "compile must be true or false: got 'no'"),
        (ModelConfig, {"init_std": float("nan")}, "init_std must be a finite number"),
        (ModelConfig, {"dropout": 0.95}, "dropout must be at most 0.9: got 0.95"),
        (ModelConfig, {"init_std": 0.0}, "init_std must be above 0: got 0.0"),
        (ModelConfig, {"width": 30}, "must be even and a multiple of the heads: got width=30, heads=4"),
        (ModelConfig, {"vocab_size": "300"}, "vocab_size must be a whole number: got '300'"),
        (ModelConfig, {"clamp_len": None}, "clamp_len must be a whole number: got None"),
        (TrainSettings, {"eval_examples": "a"}, "eval_examples must be a whole number: got 'a'"),
        (TrainSettings, {"weight_decay": "x"}, "weight_decay must be a number: got 'x'"),
        (RunOptions, {"dataset": Path(), "output": Path(), "device": "tpu"}, "device must be 'cpu' or 'cuda'"),
    ],
)
def test_a_value_out_of_range_is_refused(settings: type, value: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        settings(**value)


def test_settings_of_a_run_are_checked_as_those_that_were_asked_for() -> None:
    settings = ResolvedSettings(batch_size=4, learning_rate=1.0, memory="off", mem_len=0, eval_every=1)
    with pytest.raises(ConfigError, match="batch_size must be at least 1"):
        replace(settings, batch_size=0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (TrainSettings(memory="off", mem_len=5), "--memory off has no memory: leave out --mem-len, got 5"),
        (TrainSettings(hidden_frac=0.3), "--hidden is of --objective mass alone: leave it out, got 0.3"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: TrainSettings, message: str, dataset: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        resolve_settings(settings, open_split(dataset, "train"), 1, 16)


@pytest.mark.parametrize(("width", "init_std"), [(128, 0.64 / 128**0.5), (766, 0.64 / 766**0.5), (768, 0.02)])
def test_inner_width_and_first_weights_follow_the_width_unless_they_are_given(width: int, init_std: float) -> None:
    config = ModelConfig(width=width, num_heads=2)
    assert (config.inner_width, config.init_std) == (4 * width, init_std)
    given = ModelConfig(width=width, num_heads=2, inner_width=8, init_std=0.5)
    assert (given.inner_width, given.init_std) == (8, 0.5)


@pytest.mark.parametrize(("given", "output"), [(".", "data-run"), ("..", "../over-run"), ("../data", "data-run")])
def test_a_run_lies_beside_its_dataset_whatever_the_dataset_is_called(
    given: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "over" / "data"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    options, _, _ = settings_from(given, None, {})
    assert options.output.resolve() == (folder.parent / output).resolve()


def test_what_does_not_fit_into_the_addresses_that_are_allowed_is_not_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(name: str) -> None:
        raise ImportError("libx.so: failed to map segment from shared object")

    monkeypatch.setattr("xlnet_data.trainer.arguments.import_module", fail)
    limits = {resource.RLIMIT_AS: (2_000_000_000, resource.RLIM_INFINITY)}
    monkeypatch.setattr(resource, "getrlimit", limits.__getitem__)
    with pytest.raises(ConfigError, match=r"does not fit into the 2\.0 GB .*: raise the limit$"):
        load_function("loop", "run_training")
    limits[resource.RLIMIT_AS] = (resource.RLIM_INFINITY,) * 2
    with pytest.raises(ConfigError, match="pip install"):
        load_function("loop", "run_training")
