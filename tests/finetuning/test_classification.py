import json
import math
import random
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.errors import ConfigError
from xlnet_data.finetuning.folders import load_tuning
from xlnet_data.finetuning.metrics import spearman
from xlnet_data.finetuning.tasks import TaskError
from xlnet_data.trainer.loop import DivergedError

FAST = {"steps": 40, "batch_size": 16, "learning_rate": 0.02, "dropout": 0.0}


def write_letters(path: Path, seed: int, count: int = 60) -> Path:
    """Write a task that a small model learns: which of two letters a text is made of."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        label = draw.choice("ab")
        rows.append({"id": f"n{number}", "text": " ".join([label * 2] * draw.randint(2, 12)), "label": label})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("task")
    return write_letters(folder / "train.jsonl", 1), write_letters(folder / "dev.jsonl", 2, 31)


@pytest.mark.parametrize("setting", [{"stride": 5}, {"answer_len": 5}])
def test_a_setting_of_another_kind_of_task_is_refused(
    run: Path, task: tuple[Path, Path], tmp_path: Path, setting: dict[str, int]
) -> None:
    with pytest.raises(ConfigError, match=f"{next(iter(setting))} is of SQuAD alone: leave it out, got 5"):
        xlnet_data.finetune(run, task=task[0], output=tmp_path / "tuned", **setting)
    assert not (tmp_path / "tuned").exists()


def test_a_run_learns_classes_and_its_model_predicts_the_same_when_it_is_loaded(
    run: Path, task: tuple[Path, Path], tmp_path: Path
) -> None:
    found = xlnet_data.finetune(run, task=task[0], dev=[task[1]], output=tmp_path / "tuned", **FAST)
    (scored,) = found.files
    assert (found.steps, found.num_train, scored.num_examples) == (40, 60, 31)
    assert scored.scores["accuracy"] > 0.95
    assert 0.4 < scored.baseline["accuracy"] < 0.7
    with pytest.raises(ConfigError, match="without a task nothing is learned: leave out steps, seq_len"):
        xlnet_data.finetune(tmp_path / "tuned", test=[task[1]], seq_len=32, steps=2, device="cpu")
    with pytest.raises(ConfigError, match="is a fine-tuned model, which only predicts"):
        xlnet_data.finetune(tmp_path / "tuned", task=task[0])
    with pytest.raises(ConfigError, match="tuned is read, and would go with what"):
        xlnet_data.finetune(tmp_path / "tuned", test=[task[1]], output=tmp_path / "tuned", overwrite=True)
    again = xlnet_data.finetune(tmp_path / "tuned", test=[task[1]], output=tmp_path / "predictions")
    assert (again.steps, again.files[0].scores) == (0, scored.scores)
    assert Path(again.files[0].predictions).read_text() == Path(scored.predictions).read_text()
    lines = Path(scored.predictions).read_text().splitlines()
    assert lines[0] == "index\tprediction"
    assert [line.split("\t")[0] for line in lines[1:]] == [f"n{number}" for number in range(31)]
    records = [json.loads(line) for line in (tmp_path / "tuned" / "metrics.jsonl").read_text().splitlines()]
    assert [record["step"] for record in records] == [10, 20, 30, 40]
    assert records[-1]["loss"] < records[0]["loss"]


@pytest.mark.parametrize(("scale", "most"), [(1.0, 2000.0), (1e-6, 0.5)])
def test_numbers_keep_their_digits_in_bf16_and_in_the_file_of_predictions(
    scale: float, most: float, run: Path, tmp_path: Path
) -> None:
    texts = [" ".join(["ab"] * number) for number in range(1, 41)]
    rows = [{"text": text, "score": scale * (1900 + 100 * (place % 3))} for place, text in enumerate(texts)]
    (tmp_path / "years.jsonl").write_text("\n".join(map(json.dumps, rows)))
    told: list[str | None] = []
    predicted = []
    for precision in ("fp32", "bf16"):
        found = xlnet_data.finetune(
            run, task=tmp_path / "years.jsonl", dev=[tmp_path / "years.jsonl"], output=tmp_path / precision, steps=1,
            seq_len=32, learning_rate=1e-9, precision=precision, display=lambda record: told.append(record.note),
        )  # fmt: skip
        table = Path(found.files[0].predictions).read_text().splitlines()[1:]
        predicted.append([float(line.split("\t")[1]) for line in table])
        assert spearman(predicted[-1], [row["score"] for row in rows]) == found.files[0].scores["spearman"]
    assert predicted[0] == pytest.approx(predicted[1], abs=0.02)
    assert len({*predicted[1]}) > 10
    assert 0 < max(predicted[1]) < most
    note = f"{tmp_path}/years.jsonl: 25 of 40 examples do not fit into seq_len=32 and lose their ends"
    assert [text for text in told if text] == [note] * 4


def test_a_gradient_without_a_number_leaves_no_model(
    run: Path, task: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.nn.utils.clip_grad_norm_", lambda *_: torch.tensor(math.inf))
    with pytest.raises(DivergedError, match="the norm of the gradient is inf at step 1"):
        xlnet_data.finetune(run, task=task[0], dev=[task[1]], output=tmp_path / "out", steps=1)
    assert not (tmp_path / "out" / "tuned.json").exists()


def test_the_seed_decides_the_weights(run: Path, task: tuple[Path, Path], tmp_path: Path) -> None:
    def tune(name: str, seed: int, **settings: object) -> dict[str, torch.Tensor]:
        few = {"steps": 2, "dropout": 0.1, "seed": seed} | settings
        xlnet_data.finetune(run, task=task[0], dev=[task[1]], output=tmp_path / name, **few)
        return load_tuning(tmp_path / name).model.state_dict()

    first, same, other, random_start = tune("a", 0), tune("b", 0), tune("c", 1), tune("d", 0, from_scratch=True)
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["head.inner.weight"], other["head.inner.weight"])
    assert not torch.equal(first["body.layers.0.q"], random_start["body.layers.0.q"])


def test_the_command_shows_scores_beside_those_of_guessing(run: Path, task: tuple[Path, Path], tmp_path: Path) -> None:
    flags = ["--task", str(task[0]), "--dev", str(task[1]), "--output", str(tmp_path / "out"), "--steps", "2"]
    shown = CliRunner().invoke(main, ["finetune", str(run), *flags])
    assert shown.exit_code == 0, shown.output
    assert "accuracy" in shown.stdout
    assert "by frequency" in shown.stdout
    assert "step 2  loss" in shown.stderr
    again = CliRunner().invoke(main, ["finetune", str(run), *flags])
    assert again.exit_code == 1
    assert "is not empty: replace what it holds with --overwrite" in again.stderr
    as_json = CliRunner().invoke(main, ["finetune", str(run), *flags, "--overwrite", "--json"])
    assert json.loads(as_json.stdout)["files"][0]["num_examples"] == 31


def test_what_cannot_be_done_is_named(run: Path, task: tuple[Path, Path], tmp_path: Path) -> None:
    dev = tmp_path / "other.jsonl"
    dev.write_text('{"text": "a", "label": "c"}')
    with pytest.raises(TaskError, match="the class 'c' of example 0 is none that was learned: a, b"):
        xlnet_data.finetune(run, task=task[0], dev=[dev], output=tmp_path / "x")
    dev.write_text('{"text": "a", "label": "c"}\n{"text": "b", "label": "c"}')
    with pytest.raises(TaskError, match="has one class only, 'c'"):
        xlnet_data.finetune(run, task=dev, output=tmp_path / "x")
    with pytest.raises(ConfigError, match="holds no fine-tuned model: name what it is to learn with --task"):
        xlnet_data.finetune(run, test=[dev], output=tmp_path / "x")
    with pytest.raises(ConfigError, match="nothing to do"):
        xlnet_data.finetune(run)
    with pytest.raises(ConfigError, match="give epochs or steps, not both"):
        xlnet_data.finetune(run, task=task[0], epochs=1.0, steps=3)
    with pytest.raises(ConfigError, match="unknown key 'learning': did you mean 'learning_rate'"):
        xlnet_data.finetune(run, task=task[0], learning=3)
