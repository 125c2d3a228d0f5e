import json
from pathlib import Path

import pytest

import xlnet_data
from xlnet_data.finetuning.choices import Choices
from xlnet_data.finetuning.reading import read_file
from xlnet_data.finetuning.tasks import CHOICES, ChoiceQuestion, TaskError


def article(key: str, text: str, *questions: tuple[str, str]) -> dict[str, object]:
    return {
        "id": key,
        "article": text,
        "questions": [question for question, _ in questions],
        "options": [["ab", "cd", "ef", "gh"]] * len(questions),
        "answers": [answer for _, answer in questions],
    }


FIRST = article("high1.txt", "Ab ran.", ("Who ran?", "A"), ("It was _ .", "C"))
SECOND = article("middle2.txt", "Gh sat.", ("Who sat?", "D"))


def write_folder(folder: Path) -> Path:
    for record, part in ((FIRST, "high"), (SECOND, "middle")):
        (folder / "race" / part).mkdir(parents=True)
        (folder / "race" / part / str(record["id"])).write_text(json.dumps(record, indent=1))
    return folder / "race"


def test_a_folder_a_file_and_lines_give_the_same_questions(tmp_path: Path) -> None:
    found, _ = read_file(write_folder(tmp_path), None, has_labels=True)
    assert (found.name, found.kind) == ("RACE", CHOICES)
    assert found.items == (
        ChoiceQuestion("high1.txt", "Ab ran.", ("Who ran? ab", "Who ran? cd", "Who ran? ef", "Who ran? gh"), 0),
        ChoiceQuestion("high1.txt", "Ab ran.", ("It was ab .", "It was cd .", "It was ef .", "It was gh ."), 2),
        ChoiceQuestion("middle2.txt", "Gh sat.", ("Who sat? ab", "Who sat? cd", "Who sat? ef", "Who sat? gh"), 3),
    )
    (tmp_path / "lines.jsonl").write_text(json.dumps(FIRST) + "\n" + json.dumps(SECOND) + "\n")
    assert read_file(tmp_path / "lines.jsonl", None, has_labels=True)[0].items == found.items
    one, _ = read_file(tmp_path / "race" / "high" / "high1.txt", None, has_labels=True)
    assert one.items == found.items[:2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answers": ["A"]}, "has 2 questions, and another number of options or answers"),
        ({"answers": ["A", "E"]}, "the answer to question 2 must be a letter from A to D, got 'E'"),
        ({"answers": ["A", None]}, "the answer to question 2 must be a letter from A to D, got None"),
        ({"answers": None}, "has no answers"),
        ({"options": [["x"], ["y", "z"]]}, r"question 1 must have a list of options, got \['x'\]"),
        ({"article": 7}, "article must be a text"),
    ],
)
def test_what_is_wrong_with_an_article_is_named(change: dict[str, object], message: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(FIRST | change))
    with pytest.raises(TaskError, match=r"a\.json.*" + message):
        read_file(tmp_path / "a.json", None, has_labels=True)


def test_the_parts_of_race_are_scored_apart_and_predictions_are_written_by_article(tmp_path: Path) -> None:
    items = read_file(write_folder(tmp_path), None, has_labels=True)[0].items
    kind = Choices(0)
    assert kind.score("RACE", items, [0, 1, 3]) == {"accuracy": 2 / 3, "middle": 1.0, "high": 0.5}
    assert [json.loads(line) for line in kind.write(items, [0, 1, 3]).splitlines()] == [
        {"id": "high1.txt", "answers": ["A", "B"]},
        {"id": "middle2.txt", "answers": ["D"]},
    ]


def test_a_run_learns_which_choice_is_right(run: Path, tmp_path: Path) -> None:
    records = []
    for number in range(40):
        options = ["ab ab", "cd cd", "ef ef", "gh gh"]
        options[number % 4] = "zz zz"
        records.append(article(f"{number}", "ab cd ef gh", ("Which", "ABCD"[number % 4])) | {"options": [options]})
    for name, part in (("train", records[:32]), ("dev", records[32:])):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in part))
    fast = {"steps": 40, "batch_size": 8, "learning_rate": 0.02, "dropout": 0.0}
    found = xlnet_data.finetune(
        run, task=tmp_path / "train.jsonl", dev=[tmp_path / "dev.jsonl"], output=tmp_path / "tuned", **fast
    )
    assert found.files[0].scores["accuracy"] > 0.8 > found.files[0].baseline["accuracy"]
