"""Fine-tuned models beside transformers: the same scores from the exported folder."""

import json
from pathlib import Path

import pytest
import torch
from transformers import (
    AutoTokenizer,
    XLNetForMultipleChoice,
    XLNetForQuestionAnswering,
    XLNetForSequenceClassification,
)

import xlnet_data
from xlnet_data.errors import ConfigError
from xlnet_data.finetuning.folders import load_tuning
from xlnet_data.finetuning.inputs import stack_rows
from xlnet_data.finetuning.spans import Spans, allowed_positions

TOLERANCE = {"rtol": 0, "atol": 2e-5}
FEW = {"steps": 3, "batch_size": 2, "learning_rate": 0.02}
PAIRS = [("ab cd", "ef", "x"), ("gh gh ij kl mn", "op qr st", "y"), ("uv", "wx yz ab cd ef", "x")]


def export(run: Path, folder: Path, text: str, **more: object) -> Path:
    (folder / "task").write_text(text)
    task, out = folder / "task", folder / "exported"
    xlnet_data.finetune(run, task=task, dev=[task], output=folder / "tuned", export_hf=out, **FEW, **more)
    return out


@pytest.mark.parametrize("label", ["label", "score"])
def test_classes_and_numbers_are_scored_alike_from_their_tokenizer_on(label: str, run: Path, tmp_path: Path) -> None:
    rows = [{"text_a": a, "text_b": b, label: c if label == "label" else len(a)} for a, b, c in PAIRS]
    folder = export(run, tmp_path, "\n".join(map(json.dumps, rows)))
    theirs = XLNetForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = tokenizer([a for a, _, _ in PAIRS], [b for _, b, _ in PAIRS], padding=True, return_tensors="pt")
    tuning = load_tuning(tmp_path / "tuned")
    model = tuning.model.eval()
    instances = tuning.kind.prepare(read_items(tmp_path), tuning.tokenizer, 64)
    own = stack_rows([row for instance in instances for row in instance.rows])
    assert torch.equal(inputs["input_ids"], own.input_ids_BT)
    assert torch.equal(inputs["attention_mask"].bool(), own.is_text_BT)
    with torch.no_grad():
        found = theirs(**inputs).logits
        torch.testing.assert_close(model.head(model.summarize(own)), found, **TOLERANCE)
    assert found.std() > 1e-3
    if label == "label":
        assert theirs.config.id2label == {0: "x", 1: "y"}


def test_texts_read_one_by_one_are_scored_alike_from_the_mean_of_their_states(run: Path, tmp_path: Path) -> None:
    rows = [{"text_a": a, "text_b": b, "label": c} for a, b, c in PAIRS]
    theirs = XLNetForSequenceClassification.from_pretrained(
        export(run, tmp_path, "\n".join(map(json.dumps, rows)), summary="mean")
    ).eval()
    tuning = load_tuning(tmp_path / "tuned")
    model = tuning.model.eval()
    for instance in tuning.kind.prepare(read_items(tmp_path), tuning.tokenizer, 64):
        own = stack_rows(instance.rows)
        with torch.no_grad():
            found = theirs(own.input_ids_BT, token_type_ids=own.segment_ids_BT).logits
            torch.testing.assert_close(model.head(model.summarize(own)), found, **TOLERANCE)
            assert (model.head(model.read_all(own)[:, -1]) - found).abs().max() > 1e-3


def read_items(folder: Path) -> tuple[object, ...]:
    from xlnet_data.finetuning.reading import read_file

    return read_file(folder / "task", None, has_labels=True)[0].items


def test_choices_are_scored_alike(run: Path, tmp_path: Path) -> None:
    record = {"article": "ab cd ef", "questions": ["gh"], "options": [["ij", "kl mn", "op", "qr st uv"]]}
    folder = export(run, tmp_path, "\n".join([json.dumps(record | {"id": f"{i}", "answers": ["B"]}) for i in "ab"]))
    theirs = XLNetForMultipleChoice.from_pretrained(folder).eval()
    tuning = load_tuning(tmp_path / "tuned")
    tuning.model.eval()
    instances = tuning.kind.prepare(read_items(tmp_path)[:1], tuning.tokenizer, 64)  # type: ignore[arg-type]
    own = stack_rows(instances[0].rows)
    with torch.no_grad():
        found = theirs(
            own.input_ids_BT[None], token_type_ids=own.segment_ids_BT[None], attention_mask=own.is_text_BT[None].float()
        ).logits
        ours = tuning.kind.run(tuning.model, own, instances)
    torch.testing.assert_close(torch.tensor(ours), found, **TOLERANCE)
    assert found.std() > 1e-4


def test_answers_are_scored_alike(run: Path, tmp_path: Path) -> None:
    questions = [
        {"id": "a", "question": "ab cd?", "is_impossible": False, "answers": [{"text": "gh", "answer_start": 6}]},
        {"id": "b", "question": "ij kl mn op?", "is_impossible": True, "answers": []},
    ]
    paragraph = {"context": "ab ef gh ij kl mn", "qas": questions}
    folder = export(run, tmp_path, json.dumps({"data": [{"paragraphs": [paragraph]}]}))
    theirs = XLNetForQuestionAnswering.from_pretrained(folder).eval()
    tuning = load_tuning(tmp_path / "tuned")
    tuning.model.eval()
    windows = tuning.kind.prepare(read_items(tmp_path), tuning.tokenizer, 64)  # type: ignore[arg-type]
    own = stack_rows([window.rows[0] for window in windows])
    is_allowed_BT = allowed_positions(own, windows)
    with torch.no_grad():
        found = theirs(
            own.input_ids_BT, token_type_ids=own.segment_ids_BT, attention_mask=own.is_text_BT.float(),
            p_mask=1 - is_allowed_BT.float(),
        )  # fmt: skip
        ours = tuning.kind.run(tuning.model, own, windows)
    assert isinstance(tuning.kind, Spans)
    length = own.input_ids_BT.shape[1]
    for number, window in enumerate(windows):
        assert ours[number].none == pytest.approx(float(found.cls_logits[number]), abs=2e-5)
        # theirs are probabilities, ends by rank and then by start
        ends = found.end_top_index[number].view(5, 5)
        chances = found.end_top_log_probs[number].view(5, 5).log() + found.start_top_log_probs[number].log()
        before = length - len(window.rows[0])
        by_place = {
            (int(start) - before, int(ends[rank, beam]) - before): float(chances[rank, beam])
            for beam, start in enumerate(found.start_top_index[number])
            for rank in range(5)
        }
        assert ours[number].spans
        for log_prob, start, end in ours[number].spans:
            assert log_prob == pytest.approx(by_place[start, end], abs=5e-5)


def test_an_export_replaces_nothing_unasked(run: Path, tmp_path: Path) -> None:
    (tmp_path / "exported").mkdir()
    (tmp_path / "exported" / "mine").touch()
    with pytest.raises(ConfigError, match="is not empty, and the export would replace"):
        export(run, tmp_path, "text\tlabel\na\tx\nb\ty\n")
