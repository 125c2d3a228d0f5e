"""The folder of a fine-tuning: a full disk is named by its file, and what a stopped one left can be replaced."""

import json
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from signal import SIG_IGN, SIGXFSZ, signal

import pytest

import xlnet_data
from xlnet_data.errors import ConfigError, ShardError

FAST = {"steps": 2, "batch_size": 4}


@pytest.fixture
def limited_files() -> Callable[[int], AbstractContextManager[None]]:
    """Return what keeps files of this process from growing beyond so many bytes, as a full disk does."""

    @contextmanager
    def limit(num_bytes: int) -> Iterator[None]:
        before, handler = getrlimit(RLIMIT_FSIZE), signal(SIGXFSZ, SIG_IGN)
        setrlimit(RLIMIT_FSIZE, (num_bytes, before[1]))
        try:
            yield
        finally:
            setrlimit(RLIMIT_FSIZE, before)
            signal(SIGXFSZ, handler)

    return limit


@pytest.fixture
def task(tmp_path: Path) -> Path:
    path = tmp_path / "task.jsonl"
    path.write_text(
        "".join(json.dumps({"text": f"text {number}", "label": "ab"[number % 2]}) + "\n" for number in range(20))
    )
    return path


def test_files_whose_predictions_would_have_one_name_are_refused_before_the_training(
    run: Path, task: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "task.jsonl"
    other.parent.mkdir()
    other.write_bytes(task.read_bytes())
    with pytest.raises(ConfigError, match=f"for {task} and {other} would both be named predictions-task.tsv: rename"):
        xlnet_data.finetune(run, task=task, dev=[task], test=[other], output=tmp_path / "tuned", **FAST)
    assert not (tmp_path / "tuned").exists()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


def test_a_full_disk_is_named_by_its_file_and_the_same_command_goes_on_from_what_it_left(
    run: Path, task: Path, tmp_path: Path, limited_files: Callable[[int], AbstractContextManager[None]]
) -> None:
    tuned = tmp_path / "tuned"
    weights = xlnet_data.finetune(run, task=task, output=tuned, **FAST) and (tuned / "model.safetensors").stat()
    assert stat.S_IMODE(weights.st_mode) == stat.S_IMODE((tuned / "spiece.model").stat().st_mode)
    whole = names_in(tuned)
    vocabulary = (tuned / "spiece.model").stat().st_size
    small, large = sorted(
        [("model.safetensors", weights.st_size), ("spiece.model", vocabulary)], key=lambda item: item[1]
    )
    with (
        limited_files(large[1] - 1),
        pytest.raises(ShardError, match=f"cannot write {tuned}/{large[0]}: .*File too large"),
    ):
        xlnet_data.finetune(run, task=task, output=tuned, overwrite=True, **FAST)
    assert names_in(tuned) <= {"scores.json", "metrics.jsonl", small[0]}
    xlnet_data.finetune(run, task=task, output=tuned, overwrite=True, **FAST)
    assert names_in(tuned) == whole


def test_predictions_are_written_whole_or_not_at_all_and_can_be_replaced(
    run: Path, task: Path, tmp_path: Path, limited_files: Callable[[int], AbstractContextManager[None]]
) -> None:
    xlnet_data.finetune(run, task=task, output=tmp_path / "tuned", **FAST)
    predict = {"test": [task], "output": tmp_path / "predicted", "overwrite": True}
    with limited_files(10), pytest.raises(ShardError, match=r"predictions-task\.tsv: File too large"):
        xlnet_data.finetune(tmp_path / "tuned", **predict)
    assert names_in(tmp_path / "predicted") == {"scores.json"}
    for _ in range(2):
        xlnet_data.finetune(tmp_path / "tuned", **predict)
        assert names_in(tmp_path / "predicted") == {"scores.json", "predictions-task.tsv"}


def test_what_no_fine_tuning_wrote_is_not_replaced(run: Path, task: Path, tmp_path: Path) -> None:
    for content in ("[]", '{"f1": 0.9}', "{"):
        (tmp_path / "mine").mkdir(exist_ok=True)
        (tmp_path / "mine" / "scores.json").write_text(content)
        with pytest.raises(ConfigError, match="holds something else than a fine-tuned model"):
            xlnet_data.finetune(run, task=task, output=tmp_path / "mine", overwrite=True, **FAST)
        assert (tmp_path / "mine" / "scores.json").read_text() == content


def test_an_export_that_the_disk_has_no_room_for_leaves_the_one_before(
    run: Path, task: Path, tmp_path: Path, limited_files: Callable[[int], AbstractContextManager[None]]
) -> None:
    tune = {"task": task, "output": tmp_path / "tuned", "export_hf": tmp_path / "exported", "overwrite": True}
    xlnet_data.finetune(run, **tune, **FAST)
    before = {path.name: path.read_bytes() for path in (tmp_path / "exported").iterdir()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "exported").iterdir()} == {
        stat.S_IMODE(task.stat().st_mode)
    }
    largest = max(map(len, before.values()))
    with limited_files(largest - 1), pytest.raises(ShardError, match=r"cannot write .*exported/.*File too large"):
        xlnet_data.finetune(run, **tune, **(FAST | {"seed": 5}))
    assert {path.name: path.read_bytes() for path in (tmp_path / "exported").iterdir()} == before
