import json
from pathlib import Path

import pytest

from xlnet_data.finetuning.reading import hold_out, read_file, read_task
from xlnet_data.finetuning.tasks import CLASSES, NUMBERS, TaskError, TextPair

MNLI = "index promptID pairID genre sentence1_binary_parse sentence2_binary_parse sentence1_parse sentence2_parse"
TABLES = {
    "CoLA": ("gj04\t1\t\tThey drank the pub dry.\ngj04\t0\t*\tThem drank pub.\n", CLASSES,
             [TextPair("0", "They drank the pub dry.", None, "1"), TextPair("1", "Them drank pub.", None, "0")]),
    "SST-2": ("sentence\tlabel\na fine \"film\t1\nno good\t0\n", CLASSES,
              [TextPair("0", 'a fine "film', None, "1"), TextPair("1", "no good", None, "0")]),
    "MRPC": ("\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t70\t71\tHe left .\tHe went .\n", CLASSES,
             [TextPair("0", "He left .", "He went .", "1")]),
    "QQP": ("id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n9\t1\t2\tWhy?\tHow?\t0\n", CLASSES,
            [TextPair("9", "Why?", "How?", "0")]),
    "MNLI": (MNLI.replace(" ", "\t") + "\tsentence1\tsentence2\tlabel1\tgold_label\n"
             "0\t1\t1n\tfiction\t( a )\t( b )\t(S)\t(S)\tHe ran.\tHe moved.\tentailment\tneutral\n", CLASSES,
             [TextPair("0", "He ran.", "He moved.", "neutral")]),
    "QNLI": ("index\tquestion\tsentence\tlabel\n0\tWho?\tHe.\tentailment\n", CLASSES,
             [TextPair("0", "Who?", "He.", "entailment")]),
    "RTE": ("index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tnot_entailment\n", CLASSES,
            [TextPair("0", "A.", "B.", "not_entailment")]),
    "WNLI": ("index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\t1\n", CLASSES, [TextPair("0", "A.", "B.", "1")]),
    "STS-B": ("index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
              "0\tnews\tf\t2012\t1\tn\tn\tA plane.\tA jet.\t4.250\n", NUMBERS,
              [TextPair("0", "A plane.", "A jet.", 4.25)]),
}  # fmt: skip
"""Made up, in the form in which GLUE's files come."""


def write(folder: Path, text: str, name: str = "train.tsv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize("task", TABLES)
def test_a_table_of_glue_is_known_by_its_first_line(task: str, tmp_path: Path) -> None:
    text, kind, items = TABLES[task]
    found, _ = read_file(write(tmp_path, text), None, has_labels=True)
    assert (found.name, found.kind, list(found.items), found.has_labels) == (task, kind, items, True)


def test_a_test_file_without_labels_is_read_by_the_columns_of_the_task(tmp_path: Path) -> None:
    train = write(tmp_path, TABLES["CoLA"][0])
    test = write(tmp_path, "index\tsentence\n0\tBill left.\n", "test.tsv")
    files = read_task(train, [], [test])
    assert files.test[0].items == (TextPair("0", "Bill left.", None, None),)
    assert not files.test[0].has_labels
    found, _ = read_file(write(tmp_path, "text\tlabel\na\tx\nb\t\n"), None, has_labels=False)
    assert [item.label for item in found.items] == ["x", None]  # type: ignore[union-attr]
    assert not found.has_labels


def test_json_lines_give_the_same_as_a_table_of_their_columns(tmp_path: Path) -> None:
    records = [{"text_a": "one", "text_b": "two", "label": "x"}, {"text_a": "1", "text_b": "2", "label": True}]
    found, _ = read_file(write(tmp_path, "\n".join(map(json.dumps, records))), None, has_labels=True)
    assert found.items == (TextPair("0", "one", "two", "x"), TextPair("1", "1", "2", "true"))
    table, _ = read_file(write(tmp_path, "text_a\ttext_b\tlabel\none\ttwo\tx\n1\t2\ttrue\n"), None, has_labels=True)
    assert table.items == found.items
    numbers, _ = read_file(write(tmp_path, '{"id": "n", "text": "a", "score": 2}'), None, has_labels=True)
    assert (numbers.kind, numbers.items) == (NUMBERS, (TextPair("n", "a", None, 2.0),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("sentence\tlabel\n", "has no example"),
        ("sentence\tklass\na\t1\n", "has no column 'label': its columns are sentence, klass"),
        ("name\tage\nBo\t7\n", "name the columns text and label"),
        ("sentence\tlabel\nonly a sentence\n", "line 2 has fewer columns than the 2"),
        ('{"text": "a", "label": "x"}\n{"text": "a"}', "line 2 has no field 'label'"),
        ('{"text": "a", "label": "x"}\n[1]', "line 2 must be a JSON object"),
        ('{"text": "a", "label": "x"}\n{"te', "line 2 is no JSON"),
        ('{"a":' * 100_000, "line 1 is no JSON"),
        ('{"text": 5, "label": "x"}', "text must be a text, got 5"),
        ('{"text": "a", "label": 0.5}', "label must be a class's name, got 0.5: call numbers score"),
        ("text\tscore\na\thigh\n", "score must be a number, got 'high'"),
        ("text\tscore\na\tnan\n", "score must be a number, got 'nan'"),
        ("text\tlabel\na\tx\nb\t\n", "line 3 has no label: leave the line out, or only predict"),
        ('{"text": "a", "score": null}', "line 1 has no score: leave the line out"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"train\.tsv.*" + message.replace("[", r"\[")):
        read_file(write(tmp_path, text), None, has_labels=True)


def test_a_few_rows_that_are_cut_are_left_out_and_told(tmp_path: Path) -> None:
    rows = ["a\tb\t1"] * 150
    rows[7] = "cut"
    found, _ = read_file(write(tmp_path, "\n".join(["text_a\ttext_b\tlabel", *rows])), None, has_labels=True)
    assert len(found.items) == 149
    assert "1 rows are cut and left out, the first is line 9" in found.notes[0]


def test_a_tenth_of_the_texts_is_held_out_where_no_dev_file_is_given(tmp_path: Path) -> None:
    rows = [f"text {i // 2}\t{i % 2}" for i in range(60)]
    files = hold_out(read_task(write(tmp_path, "\n".join(["text\tlabel", *rows])), [], []))
    assert files.train
    assert (len(files.train.items), len(files.dev[0].items)) == (54, 6)
    assert {item.a for item in files.train.items} & {item.a for item in files.dev[0].items} == set()  # type: ignore[union-attr]
    with pytest.raises(TaskError, match="of one text only"):
        hold_out(read_task(write(tmp_path, "text\tlabel\na\t1\na\t0\n"), [], []))
