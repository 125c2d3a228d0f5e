import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import xlnet_data
from xlnet_data.ablations import running
from xlnet_data.ablations.rows import ROWS, Result, Score
from xlnet_data.ablations.running import PlannedRun
from xlnet_data.ablations.tables import format_table
from xlnet_data.errors import ConfigError, ShardError, WorkerError

SIZE = {"width": 16, "num_layers": 2, "num_heads": 2, "batch_size": 4, "dev_examples": 4}


@pytest.fixture
def config(tmp_path: Path, invent: Callable[..., str]) -> Path:
    for number in range(20):
        (tmp_path / f"{number}.txt").write_text(invent(number, 6))
    path = tmp_path / "config.toml"
    path.write_text(
        "[tokenizer]\nvocab_size = 300\n[examples]\nseq_len = 64\nreuse_len = 32\n[lanes]\nlane_tokens = 2048\n"
        '[output]\ndev_frac = 0.2\n[[corpora]]\nname = "a"\nformat = "text"\npaths = ["*.txt"]\n'
    )
    return path


def test_an_ablation_that_was_stopped_goes_on_without_doing_anything_twice(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    options = {
        "rows": ["no-spans", "dae"],
        "seeds": 1,
        "steps": 2,
        "workers": 0,
        "jobs": 1,
        "display": said.append,
    } | SIZE
    evaluate = partial(running.evaluate, examples=4, alone=1)

    def evaluate_two(*arguments: Path) -> object:
        if len([line for line in said if line.startswith("training")]) == 3:
            raise KeyboardInterrupt
        return evaluate(*arguments)

    monkeypatch.setattr(running, "evaluate", evaluate_two)
    with pytest.raises(KeyboardInterrupt):
        xlnet_data.ablate(config, tmp_path / "out", **options)
    monkeypatch.setattr(running, "evaluate", evaluate)
    text = config.read_text()
    config.write_text(text.replace("dev_frac = 0.2", "dev_frac = 0.3"))
    with pytest.raises(ConfigError, match=r"k=6\.0 was built with another config or vocabulary: choose another"):
        xlnet_data.ablate(config, tmp_path / "out", **options)
    config.write_text(text)
    table = xlnet_data.ablate(config, tmp_path / "out", **options)
    going_on = f"going on in {tmp_path}/out: what is there stays"
    short = [line.replace(f"{tmp_path}/out/", "") for line in said]
    assert short == [
        "building datasets/k=6.0",
        "building datasets/k=6.0-spans=False",
        "training runs/k6-seed0",
        "training runs/no-spans-seed0",
        "training runs/dae-seed0",
        *2 * [going_on],
        "training runs/dae-seed0",
    ]
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [one["row"] for one in results] == ["k6", "no-spans", "dae"]
    flops = [one["step_flops"] for one in results]
    assert flops[0] == flops[1] > flops[2]
    assert (tmp_path / "out" / "table.md").read_text() == table + "\n"
    with pytest.raises(ConfigError, match=r"was trained with .*: choose another --output"):
        xlnet_data.ablate(config, tmp_path / "out", **options | {"steps": 3})
    (tmp_path / "20.txt").write_text("One more.")
    with pytest.raises(ConfigError, match=r"the text has changed since .*/out was begun .*: put it back, or choose"):
        xlnet_data.ablate(config, tmp_path / "out", **options | {"rows": ["k7"]})
    (tmp_path / "20.txt").unlink()
    os.utime(tmp_path / "0.txt", (1, 1))  # as of a copy
    assert xlnet_data.ablate(config, tmp_path / "out", **options) == table
    text = (tmp_path / "0.txt").read_bytes()
    (tmp_path / "0.txt").write_bytes(text[::-1])
    os.utime(tmp_path / "0.txt", (1, 2))
    with pytest.raises(ConfigError, match="the text has changed"):
        xlnet_data.ablate(config, tmp_path / "out", **options)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"settings": {}}', '{"settings": {}, "result": {"row": 1}}'])
def test_a_result_or_a_begun_run_that_is_damaged_is_named(tmp_path: Path, content: str) -> None:
    run = PlannedRun(ROWS["k6"], 1, tmp_path, tmp_path, tmp_path, {})
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(ConfigError, match=rf"run\.json cannot be read .*: remove {tmp_path}, and the run begins anew"):
        running.read_result(run)
    (tmp_path / "result.json").write_text(content)
    with pytest.raises(ConfigError, match=r"result\.json cannot be read .*result\.json, and the run is measured again"):
        running.read_result(run)


@pytest.mark.parametrize("change", [{"seeds": 0}, {"seeds": -1}, {"jobs": 0}, {"jobs": 1.5}])
def test_a_number_of_seeds_or_jobs_that_is_none_is_refused(
    config: Path, tmp_path: Path, change: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError, match=f"{next(iter(change))} must be a"):
        xlnet_data.ablate(config, tmp_path / "out", **change)


def test_a_run_that_was_stopped_goes_on_with_what_it_was_begun_with_or_not_at_all(tmp_path: Path) -> None:
    begun = {"model": {"width": 16}, "settings": {"steps": 2, "seed": 1, "memory": "off", "mem_len": 0}}
    (tmp_path / "run.json").write_text(json.dumps(begun))
    run = PlannedRun(ROWS["k6"], 1, tmp_path, tmp_path, tmp_path, {"steps": 2, "width": 16, "mem_len": 48})
    assert running.read_result(run) is None
    for other, said in (
        (replace(run, settings={"steps": 3}), "steps=2, not 3"),
        (replace(run, settings={"width": 32}), "width=16, not 32"),
        (replace(run, seed=0), "seed=1, not 0"),
    ):
        with pytest.raises(ConfigError, match=f"was begun with {said}: choose another --output"):
            running.read_result(other)


def test_after_a_kill_the_command_goes_on_to_the_results_of_runs_that_nobody_disturbed(
    config: Path, tmp_path: Path
) -> None:
    options = {"rows": ["dae"], "seeds": 1, "steps": 2, "workers": 0} | SIZE

    def kill_one() -> None:
        while len(active_children()) < 2:
            time.sleep(0.05)
        time.sleep(0.5)  # Python's pool waits for ever for a process that it is just starting when another one dies
        active_children()[0].kill()

    killer = Thread(target=kill_one)
    killer.start()
    with pytest.raises(WorkerError, match="the same command goes on, with fewer than 2 --jobs"):
        xlnet_data.ablate(config, tmp_path / "killed", jobs=2, **options)
    killer.join()
    for name, jobs in (("killed", 1), ("whole", 2)):
        xlnet_data.ablate(config, tmp_path / name, jobs=jobs, **options)
    one, two = (json.loads((tmp_path / name / "results.json").read_text()) for name in ("killed", "whole"))
    assert [(run["row"], run["seed"]) for run in two] == [("k6", 0), ("dae", 0)]
    for measure in ("in_order", "alone"):
        assert [run[measure] for run in two] == pytest.approx([run[measure] for run in one], rel=1e-4)
    chart = (tmp_path / "whole" / "chart.svg").read_text()
    assert "<!-- dae -->" in chart
    assert "<!-- k6 -->" not in chart


def test_the_table_says_of_each_row_whether_its_difference_is_real() -> None:
    losses = {"k6": (5.0, 5.1, 5.2), "k7": (5.1, 5.05, 5.25), "dae": (5.3, 5.41, 5.49), "lm": (4.9, 5.0, 5.1)}
    results = [Result(row, seed, nats, nats, 1000, 2e9) for row, all_nats in losses.items()
               for seed, nats in enumerate(all_nats)]  # fmt: skip
    table = format_table(results, 400)
    assert (
        "| k6 | 5.100 ± 0.248 |  | 5.100 ± 0.248 | 1,000 | 2.0 | 66.66 | 80.98/78.18 | 85.63/85.12 | 93.35 |" in table
    )
    assert "- k7: +0.033 ± 0.190 nats: not told from 0 by 3 seeds." in table
    assert "- dae: worse by 0.300 ± 0.025 nats; the interval leaves out 0." in table
    assert "| lm | 5.000 ± 0.248 | -0.100 ± 0.000 |" in table
    single = format_table([one for one in results if one.seed == 0], 400)
    assert "- dae: +0.300 nats with a single seed; nothing can be said of other seeds." in single


def test_runs_that_are_trained_are_fine_tuned_without_being_trained_again(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "evaluate", partial(running.evaluate, examples=4, alone=1))
    said: list[str] = []
    options = {"rows": ["dae"], "seeds": 1, "steps": 2, "workers": 0, "jobs": 1, "display": said.append} | SIZE
    out = tmp_path / "out"
    plain = xlnet_data.ablate(config, out, **options)
    task = tmp_path / "letters.jsonl"
    lines = [{"text": f"{letter} ab cd", "label": letter} for letter in "xyyyz" for _ in range(4)]
    task.write_text("\n".join(map(json.dumps, lines)))
    options |= {"task": task, "dev": [task], "tuning": {"steps": 2, "learning_rate": 0.01, "batch_size": 4}}
    said.clear()
    table = xlnet_data.ablate(config, out, **options)
    tuned = out / "tuned" / "letters"
    assert said[1:] == [f"fine-tuning {tuned / name}-seed0" for name in ("k6", "dae", "random")]
    scores = [Score(**one) for one in json.loads((out / "scores.json").read_text())]
    assert [(one.row, one.task, one.measure, one.by_frequency) for one in scores] == [
        (row, "letters", "accuracy", 0.6) for row in ("k6", "dae", "random")
    ]
    weights = {one: (tuned / f"{one}-seed0" / "model.safetensors").read_bytes() for one in ("k6", "dae", "random")}
    assert len({*weights.values()}) == 3
    assert "| letters: accuracy, % | difference |" in table
    assert "<!-- random -->" in (out / "chart.svg").read_text()

    (tuned / "dae-seed0" / "score.json").unlink()  # as if it had been stopped
    (tuned / "dae-seed0" / "tuned.json").unlink()
    said.clear()
    assert xlnet_data.ablate(config, out, **options) == table
    assert said[1:] == [f"fine-tuning {tuned / 'dae-seed0'}"]
    assert (tuned / "dae-seed0" / "model.safetensors").read_bytes() == weights["dae"]
    with pytest.raises(ConfigError, match="k6-seed0 was fine-tuned with other steps: give the same again"):
        xlnet_data.ablate(config, out, **options | {"tuning": options["tuning"] | {"steps": 3}})  # type: ignore[operator]
    task.write_text(task.read_text() + "\n" + json.dumps(lines[0]))
    with pytest.raises(ConfigError, match="was fine-tuned with other dev, task: give"):
        xlnet_data.ablate(config, out, **options)
    assert xlnet_data.ablate(config, out, **options | {"task": None, "dev": (), "tuning": None}) == plain


def test_the_table_has_scores_between_the_losses_and_the_sizes() -> None:
    points = {"k6": (0.80, 0.82, 0.81), "dae": (0.70, 0.73, 0.70), "random": (0.50, 0.49, 0.51)}
    results = [Result(row, seed, 5.0, 5.0, 1000, 2e9) for row in ("k6", "dae") for seed in range(3)]
    scores = [Score(row, seed, "order", "accuracy", value, 0.5, 600)
              for row, values in points.items() for seed, value in enumerate(values)]  # fmt: skip
    lines = format_table(results, 400, scores).splitlines()
    assert "scored on 600 examples, higher is better; guessing by frequency gets 50.0%." in lines[0]
    assert {line.count("|") for line in lines if line.startswith("|")} == {13}
    assert lines[4].startswith("| k6 | 5.000 ± 0.000 |  | 5.000 ± 0.000 | 81.0 ± 2.5 |  | 1,000 | 2.0 | 66.66 |")
    assert lines[6].startswith("| random | – | – | – | 50.0 ± 2.5 | -31.0 ± 4.3 | 1,000 | – | – | –/– |")
    assert "- dae: worse by 10.0 ± 2.5 points; the interval leaves out 0." in lines
    assert lines[-1] == "- random: worse by 31.0 ± 4.3 points; the interval leaves out 0."


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tuning": {"steps": 3}}, "belong to a task: give it, too"),
        ({"task": "t", "tuning": {"seed": 3}}, "the rows decide seed of the fine-tuning"),
        ({"task": "t", "tuning": {"step": 3}}, "step"),
        ({"task": "t", "tuning": {"steps": 0}}, "steps must be at least 1"),
    ],
)
def test_what_is_wrong_with_a_fine_tuning_is_said_before_anything_is_built(
    given: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        xlnet_data.ablate("c.toml", tmp_path, **given)


def test_a_folder_that_holds_anything_else_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    table = tmp_path / "table.md"
    table.write_text("of mine")
    with pytest.raises(ConfigError, match="holds something else than an ablation: choose an empty or new folder"):
        xlnet_data.ablate("c.toml", tmp_path)
    assert table.read_text() == "of mine"


def test_rows_that_do_not_exist_and_settings_that_the_rows_decide_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ShardError, match=r"cannot write .*file"):
        xlnet_data.ablate("c.toml", tmp_path / "file")
    with pytest.raises(ConfigError, match=f"unknown rows k8: known are {', '.join(ROWS)}"):
        xlnet_data.ablate("c.toml", tmp_path, rows=["k8"])
    (tmp_path / "c.toml").write_text(
        '[examples]\npairs = false\n[[corpora]]\nname = "a"\nformat = "text"\npaths = ["file"]\n'
    )
    with pytest.raises(ConfigError, match=r"no negative pairs \(pairs = false\): leave out the row next-sent"):
        xlnet_data.ablate(tmp_path / "c.toml", tmp_path / "out")
    with pytest.raises(ConfigError, match="the rows decide objective"):
        xlnet_data.ablate("c.toml", tmp_path, objective="dae")


@pytest.mark.parametrize("settings", [{"width": 18, "num_heads": 4}, {"learning_rate": -1.0}, {"wdith": 16}])
def test_settings_of_the_training_are_checked_before_anything_is_built(
    config: Path, tmp_path: Path, settings: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "build_corpus", None)
    with pytest.raises(ConfigError, match=r"width|learning_rate must be at least 0|unknown settings wdith"):
        xlnet_data.ablate(config, tmp_path / "out", rows=["k6"], **settings)
    assert not (tmp_path / "out").exists()


def test_the_vocabulary_of_a_config_lies_beside_it_wherever_the_command_is_given(
    config: Path, tmp_path: Path, small_model: Path
) -> None:
    (config.parent / "a.model").write_bytes(small_model.read_bytes())
    config.write_text(config.read_text().replace("vocab_size = 300", 'model = "a.model"'))
    table = xlnet_data.ablate(config, tmp_path / "out", rows=["k6"], seeds=1, steps=1, workers=0, jobs=1, **SIZE)
    assert "k6" in table
