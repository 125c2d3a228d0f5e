"""The folder of a run: what is not of the run stays, one process at a time writes, and the dataset is the same."""

import json
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import xlnet_data
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.trainer.leaks import LeakError
from xlnet_data.trainer.loop import run_training
from xlnet_data.trainer.metrics import draw_curves, read_metrics
from xlnet_data.trainer.run_folders import check_outputs, hold_run
from xlnet_data.trainer.settings import ModelConfig, RunOptions, TrainSettings

TINY = ModelConfig(width=16, num_layers=1, num_heads=2, inner_width=32, init_std=0.1)
SETTINGS = TrainSettings(steps=2, batch_size=4, save_every=1, log_every=1, eval_examples=8, dev_examples=8, seed=3)


@pytest.fixture(scope="module")
def trained(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("trained") / "run"
    list(run_training(RunOptions(dataset, run), TINY, SETTINGS))
    return run


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained, tmp_path / "run")


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def resume(dataset: Path, run: Path) -> None:
    list(run_training(RunOptions(dataset, run, resume=True), TINY, SETTINGS))


def test_a_run_goes_on_with_the_same_text_and_config_alone(
    dataset: Path, run: Path, write_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    before = files_in(run)
    other = write_dataset(tmp_path / "other", train_lanes=9)  # of the same config
    with pytest.raises(ShardError, match=f"trained on another dataset than {other}, of another text"):
        resume(other, run)
    content = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(content | {"dataset": "another"}))
    with pytest.raises(ShardError, match=r"of another config \(another, not made up\): resume on the same dataset"):
        resume(dataset, run)
    (run / "run.json").write_bytes(before["run.json"])
    assert files_in(run) == before
    resume(dataset, run)


def edit(run: Path, section: str, **changes: object) -> None:
    """Edit a run's run.json."""
    content = json.loads((run / "run.json").read_text())
    content[section] |= changes
    (run / "run.json").write_text(json.dumps(content))


@pytest.mark.parametrize("change", [{"tokenizer_sha256": "another"}, {"seq_len": 72}, {"reuse_len": 16}])
def test_a_dataset_of_another_vocabulary_or_length_is_neither_trained_nor_measured_on(
    dataset: Path, run: Path, change: dict[str, object]
) -> None:
    edit(run, "data", **change)
    for use in (resume, lambda dataset, run: xlnet_data.evaluate(run, dataset, examples=1, alone=1)):
        with pytest.raises(ShardError, match=f"{run} was trained on another dataset than .*, of another vocabulary"):
            use(dataset, run)


def test_a_run_writes_with_its_own_vocabulary_alone(run: Path) -> None:
    with open(run / "spiece.model", "ab") as file:
        file.write(b"\xf8\x7c\x01")  # a field that SentencePiece does not know, which is another model all the same
    with pytest.raises(ShardError, match=r"spiece\.model is not the vocabulary that the run was trained with: copy"):
        xlnet_data.generate(run, "ba")


def test_a_checkpoint_of_another_run_of_the_same_size_is_refused(dataset: Path, run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    list(run_training(RunOptions(dataset, other), TINY, replace(SETTINGS, seed=4)))
    shutil.rmtree(run / "checkpoints")
    shutil.copytree(other / "checkpoints", run / "checkpoints")
    before = files_in(run)
    for use in (
        lambda: resume(dataset, run),
        lambda: xlnet_data.evaluate(run, dataset, examples=1, alone=1),
        lambda: xlnet_data.generate(run, "ba"),
    ):
        message = rf"step 2 in {run} was made with settings\.seed = 4, and run\.json says 3: .* put this run's own"
        with pytest.raises(ShardError, match=message):
            use()
    assert files_in(run) == before


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("settings", {"steps": 1}),
        ("settings", {"steps": 9}),
        ("settings", {"memory": "off"}),
        ("settings", {"learning_rate": 0.5}),
        ("settings", {"objective": "dae"}),
        ("settings", {"mem_len": 10**9}),
        ("model", {"dropout": 0.5}),
        ("model", {"num_layers": 10**9}),
        ("model", {"width": 10**9}),
    ],
)
def test_a_run_whose_settings_were_edited_behind_a_checkpoint_is_refused_before_memory_is_taken_for_it(
    dataset: Path, run: Path, section: str, change: dict[str, object]
) -> None:
    edit(run, section, **change)
    name = next(iter(change))
    for use in (lambda: resume(dataset, run), lambda: xlnet_data.generate(run, "ba")):
        with pytest.raises(
            ShardError, match=rf"made with {section}\.{name} = .*: if run\.json was edited, put that back"
        ):
            use()


def test_who_makes_a_run_longer_is_told_why_none_can_be(dataset: Path, run: Path) -> None:
    edit(run, "settings", steps=9)
    with pytest.raises(ShardError, match=r"settings\.steps = 2, and run\.json says 9: .*; no run can be made longer"):
        resume(dataset, run)


def test_a_run_goes_on_in_a_folder_whose_name_is_no_unicode(dataset: Path, run: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd \udce9"
    run.rename(odd)
    resume(dataset, odd)
    assert xlnet_data.generate(odd, "ba")


def test_what_changes_nothing_of_what_is_learned_may_be_edited_between_two_calls(dataset: Path, run: Path) -> None:
    before = [record["dev_loss"] for record in read_metrics(run) if "unigram_loss" in record]
    edit(run, "settings", log_every=2, accumulate=2, save_every=None)
    resume(dataset, run)
    assert [record["dev_loss"] for record in read_metrics(run) if "unigram_loss" in record] == before


@pytest.mark.parametrize(
    ("section", "change", "message"),
    [
        ("model", {"vocab_size": -1}, "vocab_size must be at least 1: got -1"),
        ("model", {"clamp_len": -2}, "clamp_len must be at least 0: got -2"),
        ("settings", {"clip": 0.0}, "clip must be above 0: got 0"),
        ("settings", {"weight_decay": -1.0}, "weight_decay must be at least 0: got -1"),
        ("settings", {"eval_examples": 0}, "eval_examples must be at least 1: got 0"),
    ],
)
def test_a_setting_without_a_flag_has_its_range_too(
    dataset: Path, run: Path, section: str, change: dict[str, object], message: str
) -> None:
    edit(run, section, **change)
    with pytest.raises(ConfigError, match=rf"run\.json: {message}"):
        resume(dataset, run)


def test_a_run_without_a_checkpoint_goes_on_with_the_vocabulary_of_its_dataset_alone(dataset: Path, run: Path) -> None:
    shutil.rmtree(run / "checkpoints")
    edit(run, "model", vocab_size=49)
    with pytest.raises(ShardError, match="was trained on another dataset"):
        resume(dataset, run)


def test_a_run_that_fails_its_first_check_leaves_nothing_behind(
    dataset: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(run: object) -> str:
        raise LeakError("the check saw nothing")

    monkeypatch.setattr("xlnet_data.trainer.loop.check_first_batch", fail)
    before = files_in(run)
    for options in (RunOptions(dataset, tmp_path / "new"), RunOptions(dataset, run, overwrite=True)):
        with pytest.raises(LeakError):
            list(run_training(options, TINY, SETTINGS))
    assert not (tmp_path / "new").exists()
    assert files_in(run) == before


@pytest.mark.parametrize("name", ["absent", "file"])
def test_what_is_no_run_is_told_with_what_is(dataset: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    for read in (
        lambda: xlnet_data.generate(tmp_path / name, "It"),
        lambda: xlnet_data.evaluate(tmp_path / name, dataset),
    ):
        with pytest.raises(ConfigError, match=f"{name} .* no run.*: name the folder that train-smoke wrote$"):
            read()


def test_no_run_is_written_into_the_folder_of_its_dataset(dataset: Path) -> None:
    before = files_in(dataset)
    for changes in ({}, {"overwrite": True}):
        with pytest.raises(ConfigError, match="is the folder of the dataset itself: choose another --output"):
            list(run_training(RunOptions(dataset, dataset / "train" / "..", **changes), TINY, SETTINGS))
    assert files_in(dataset) == before


def test_a_second_process_does_not_train_in_a_folder_while_one_does(dataset: Path, run: Path, tmp_path: Path) -> None:
    before = files_in(run)
    options = RunOptions(dataset, run)
    with hold_run(run):
        for changes in ({"resume": True}, {"overwrite": True}):
            with pytest.raises(ConfigError, match=f"another process trains in {run}: wait for it"):
                list(run_training(replace(options, **changes), TINY, SETTINGS))
    assert files_in(run) == before
    training = run_training(RunOptions(dataset, tmp_path / "new"), TINY, SETTINGS)
    next(training)
    with pytest.raises(ConfigError, match="another process trains in"), hold_run(tmp_path / "new"):
        pass
    training.close()
    with hold_run(tmp_path / "new"):
        pass


def test_two_runs_may_be_the_first_in_a_folder_of_both(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tempfile.TemporaryFile

    def make_beside(dir: Path) -> object:
        (dir.parent / "other").mkdir(exist_ok=True)
        return made(dir=dir)

    monkeypatch.setattr("tempfile.TemporaryFile", make_beside)
    options = RunOptions(dataset, tmp_path / "runs" / "one")
    check_outputs(options)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["other"]


@pytest.mark.parametrize("name", ["metrics.jsonl", "curves.svg", "spiece.model", "checkpoints/step-00000009/mine"])
def test_what_lies_in_a_folder_without_a_run_is_not_replaced(dataset: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("precious")
    for overwrite in (False, True):
        options = RunOptions(dataset, tmp_path, overwrite=overwrite)
        with pytest.raises(ConfigError, match=rf"{tmp_path / name.split('/')[0]} is of no run, .*run\.json"):
            next(run_training(options, TINY, SETTINGS))
    assert files_in(tmp_path) == {name: b"precious"}


def test_what_the_start_of_a_run_that_was_killed_left_is_no_obstacle(dataset: Path, tmp_path: Path) -> None:
    shutil.copy(dataset / "spiece.model", tmp_path)
    (tmp_path / "metrics.jsonl").touch()
    next(run_training(RunOptions(dataset, tmp_path), TINY, SETTINGS))
    assert (tmp_path / "run.json").exists()


@pytest.mark.parametrize(
    "line", ["3", "{}", '{"step": "x", "tokens": 1}', '{"step": 1}', '{"step": 1, "tokens": 1, "loss": "low"}',
             "[" * 100_000, "\udcff"],
    ids=range(7),
)  # fmt: skip
def test_a_log_that_is_not_of_a_run_is_named_by_its_line(dataset: Path, run: Path, line: str) -> None:
    path = run / "metrics.jsonl"
    path.write_text(f'{{"step": 0, "tokens": 0, "note": "a"}}\n{line}\n', errors="surrogateescape")
    with pytest.raises(ShardError, match=f"{path}, line 2 is no record .*: remove the file and go on"):
        resume(dataset, run)


def test_a_picture_that_cannot_be_written_is_named(run: Path) -> None:
    with pytest.raises(ShardError, match=r"curves\.svg': '.*run\.json' is a file, not a folder"):
        draw_curves(read_metrics(run), 1.0, run / "run.json" / "curves.svg")


def test_a_step_that_takes_long_is_told_before_the_first_one(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlnet_data.trainer.compute.SLOW_STEP_SECS", 0.0)
    notes = [record.note for record in run_training(RunOptions(dataset, tmp_path / "run"), TINY, SETTINGS)]
    assert re.match(
        r"a step of 4 rows, each of 64 tokens and 48 of memory, in 1 layer computes \d\.\de\+\d\d", notes[0]
    )
    assert "no leak" in str(notes[1])
