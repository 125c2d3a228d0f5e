import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch

import xlnet_data
from xlnet_data.finetuning.heads import SpanHead, TunedModel
from xlnet_data.finetuning.inputs import Row, stack_rows
from xlnet_data.finetuning.reading import read_file
from xlnet_data.finetuning.spans import Answer, Found, Spans, Window, best_windows, find_span
from xlnet_data.finetuning.squad import SQUAD_1, SQUAD_2, best_threshold, normalize_answer, score_answer, word_f1
from xlnet_data.finetuning.tasks import SpanQuestion, TaskError
from xlnet_data.text.offsets import LocatedTokens, locate_tokens
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.settings import ModelConfig


def squad(*paragraphs: tuple[str, list[dict[str, Any]]]) -> str:
    parts = [{"context": context, "qas": questions} for context, questions in paragraphs]
    return json.dumps({"version": "v", "data": [{"title": "T", "paragraphs": parts}]})


def ask(key: str, answers: list[tuple[int, str]], **more: object) -> dict[str, Any]:
    return {"id": key, "question": "Which?", "answers": [{"answer_start": a, "text": b} for a, b in answers]} | more


def write(folder: Path, text: str) -> Path:
    (folder / "squad.json").write_text(text, encoding="utf-8")
    return folder / "squad.json"


def test_version_and_answers_are_read(tmp_path: Path) -> None:
    text = squad(("The café sat.", [ask("q1", [(4, "café"), (4, "café sat")]), ask("q2", [(0, "The")])]))
    found, _ = read_file(write(tmp_path, text), None, has_labels=True)
    assert found.name == SQUAD_1
    assert found.items[0] == SpanQuestion("q1", "The café sat.", "Which?", ((4, "café"), (4, "café sat")))
    plausible = {"plausible_answers": [{"answer_start": 0, "text": "The"}]}
    questions = [ask("q1", [(4, "cat")], is_impossible=False), ask("q2", [], is_impossible=True, **plausible)]
    found, _ = read_file(write(tmp_path, squad(("The cat.", questions))), None, has_labels=True)
    assert found.name == SQUAD_2
    assert [item.answers for item in found.items] == [((4, "cat"),), ()]  # type: ignore[union-attr]


def test_a_file_is_scored_only_if_all_its_answers_are_known(tmp_path: Path) -> None:
    for questions, is_known in (
        ([ask("q1", [(4, "cat")]), ask("q2", [], is_impossible=True)], True),
        ([ask("q1", [(4, "cat")]), ask("q2", [])], False),
        ([ask("q1", [], is_impossible=False), {"id": "q2", "question": "Which?"}], False),
    ):
        found, _ = read_file(write(tmp_path, squad(("The cat.", questions))), None, has_labels=False)
        assert found.has_labels == is_known


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (squad(("The cat.", [ask("q1", [(3, "cat")])])), "q1: the answer 'cat' is not at answer_start 3 .* ' ca'"),
        (squad(("The cat.", [ask("q1", [])])), "question q1 has no answer, and does not say"),
        (squad(("The cat.", [ask("q1", [(0, " ")])])), "question q1 has an empty answer"),
        (squad(("The cat.", [ask("q1", [(4, "cat")])] * 2)), "the id 'q1' more than once"),
        (squad(("The cat.", [ask("q1", [(4, "cat")]), {"id": "q2"}])), "behind question q1 is not built as SQuAD"),
        (squad(("The cat.", [])), "has no question"),
        ('{"data": [{}]}', "is not built as SQuAD's files.*'paragraphs'"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=message):
        read_file(write(tmp_path, text), None, has_labels=True)


def test_answers_are_compared_without_case_punctuation_and_articles() -> None:
    assert normalize_answer("  An  U.S.-made “The” cat, a\tTHE ") == "usmade “ ” cat"
    assert normalize_answer("Theatre and a than") == "theatre and than"
    assert word_f1("the big red cat", "big cat sat cat", counts_empty=True) == pytest.approx(2 * 2 / 7)
    two = SpanQuestion("q", "", "", ((0, "nine lives"), (0, "nine")))
    assert score_answer(two, "Nine.", is_version_2=False) == (1.0, 1.0)
    assert score_answer(two, "nine cats", is_version_2=False) == (0.0, pytest.approx(2 / 3))
    none = SpanQuestion("q", "", "", ())
    assert score_answer(none, "", is_version_2=True) == (1.0, 1.0)
    assert score_answer(none, "x", is_version_2=True) == (0.0, 0.0)


def test_the_best_threshold_is_that_of_trying_them_all() -> None:
    draw = random.Random(0)
    for _ in range(50):
        scores = [(draw.choice([0.0, 0.5, 1.0]), True) if draw.random() < 0.5 else (0.0, False) for _ in range(8)]
        nulls = [draw.random() for _ in scores]
        tried = []
        for threshold in [-1.0, *nulls]:
            given = [
                score if null <= threshold else float(not has_answer)
                for (score, has_answer), null in zip(scores, nulls, strict=True)
            ]
            tried.append(sum(given) / len(given))
        assert best_threshold(scores, nulls)[0] == pytest.approx(max(tried))


def test_scores_of_version_2_are_those_by_hand() -> None:
    items = [
        SpanQuestion("a", "red cat", "?", ((0, "red cat"),)),
        SpanQuestion("b", "x", "?", ()),
        SpanQuestion("c", "x", "?", ()),
        SpanQuestion("d", "y z", "?", ((0, "y"),)),
    ]
    answers = [Answer("cat", -2, False), Answer("x", 1, True), Answer("x", -1, False), Answer("y", 0.5, True)]
    scores = Spans(True, "", None, 9).score(SQUAD_2, items, answers)
    assert scores["f1"] == pytest.approx((2 / 3 + 1 + 0 + 0) / 4)
    assert scores["exact"] == pytest.approx(1 / 4)
    assert scores["best_f1"] == pytest.approx((2 / 3 + 1 + 1) / 4)
    assert scores["best_exact"] == pytest.approx(2 / 4)


def test_a_long_context_is_read_in_windows_that_keep_the_answer_and_count_each_token_once(small_model: Path) -> None:
    tokenizer = Tokenizer.load(str(small_model), TokenizerSettings())
    context = " ".join(f"{first}{second}" for first in "abcdefg" for second in "hijklmn")
    start = context.index("dk")
    item = SpanQuestion("q", context, "ab?", ((start, "dk dl"),))
    windows = Spans(False, "", 10, 9).prepare([item], tokenizer, 32)
    tokens = locate_tokens(tokenizer, context)
    span = find_span(tokens, *item.answers[0])
    assert span
    assert context[tokens.starts[span[0]] : tokens.stops[span[1]]] == "dk dl"
    assert len(windows) > 3
    assert all(len(window.rows[0]) <= 32 for window in windows)
    assert sum(sum(window.is_best) for window in windows) == len(tokens.ids)
    inside = [window for window in windows if window.span]
    assert len(inside) >= 2
    for window in windows:
        assert list(window.rows[0].a) == tokens.ids[window.first : window.first + len(window.is_best)]
        is_inside = window.first <= span[0] and span[1] < window.first + len(window.is_best)
        assert window.span == ((span[0] - window.first, span[1] - window.first) if is_inside else None)
    assert best_windows([0, 4, 8], [8, 12, 14]) == [0] * 6 + [1] * 4 + [2] * 4


def test_the_likeliest_answer_of_all_windows_is_given_unless_all_say_that_there_is_none(small_model: Path) -> None:
    tokenizer = Tokenizer.load(str(small_model), TokenizerSettings())
    item = SpanQuestion("q", " ".join("abcdefghijklmnopqrst"), "a?", ())
    kind = Spans(True, "", 3, 9)
    windows = kind.prepare([item], tokenizer, 12)
    span = find_span(windows[0].tokens, item.context.index("d"), "d")
    assert span
    found = [Found([], 1.0) for _ in windows]
    found[0] = Found([(-2.0, 0, 0)], 2.0)
    found[1] = Found([(-0.5, *span), (-3.0, 0, 0)], -0.5)
    assert kind.decide([item], windows, found) == [Answer("d", -0.5, False)]
    found[1] = Found(found[1].spans, 0.5)
    assert kind.decide([item], windows, found)[0].given == ""
    assert Spans(False, "", 3, 9).decide([item], windows, found)[0].given == "d"


def test_a_context_shorter_than_the_beams_is_answered_from_the_context_alone() -> None:
    torch.manual_seed(0)
    config = ModelConfig(vocab_size=40, width=8, num_layers=1, num_heads=2, inner_width=8, init_std=0.4)
    model = TunedModel(XLNet(config), SpanHead(config)).eval()
    contexts = [[], [20], [21, 22, 23, 24, 25, 26, 27]]
    windows = [
        Window(0, (Row(ids, [30]),), LocatedTokens(ids, [*range(len(ids))], [*range(1, len(ids) + 1)]), 0,
               (True,) * len(ids), None)
        for ids in contexts
    ]  # fmt: skip
    found = Spans(True, "", None, 9).run(model, stack_rows([window.rows[0] for window in windows]), windows)
    for ids, one in zip(contexts, found, strict=True):
        assert all(0 <= start <= end < len(ids) for _, start, end in one.spans)
        assert bool(one.spans) == bool(ids)


def letters_task(folder: Path, name: str, seed: int, count: int) -> Path:
    """Write questions that a small model learns: the answer is the run of z in the context; with an x there is none."""
    draw = random.Random(seed)
    paragraphs = []
    for number in range(count):
        words = [draw.choice(["ab", "cd"]) for _ in range(draw.randint(4, 14))]
        place, has_answer = draw.randrange(len(words)), draw.random() < 0.7
        words[place] = "zz" if has_answer else "xx"
        context = " ".join(words)
        answers = [(context.index("zz"), "zz")] if has_answer else []
        paragraphs.append((context, [ask(f"{name}{number}", answers, is_impossible=not has_answer)]))
    (folder / f"{name}.json").write_text(squad(*paragraphs))
    return folder / f"{name}.json"


def official_score(dev: Path, answers: dict[str, str], probs: dict[str, float], threshold: float) -> list[float]:
    """Return mean exact match and F1 as the official script has them: what is likelier none than so is unanswered."""
    items = read_file(dev, None, has_labels=True)[0].items
    given = ["" if probs[item.key] > threshold else answers[item.key] for item in items]
    scores = [score_answer(item, text, is_version_2=True) for item, text in zip(items, given, strict=True)]  # type: ignore[arg-type]
    return [sum(column) / len(items) for column in zip(*scores, strict=True)]


def test_a_run_learns_where_answers_stand_and_where_none_is(run: Path, tmp_path: Path) -> None:
    train, dev = letters_task(tmp_path, "train", 1, 96), letters_task(tmp_path, "dev", 2, 24)
    fast = {"steps": 80, "batch_size": 16, "learning_rate": 0.02, "dropout": 0.0, "layer_decay": 1.0}
    found = xlnet_data.finetune(run, task=train, dev=[dev], output=tmp_path / "tuned", **fast)
    (scored,) = found.files
    assert found.task == SQUAD_2
    assert scored.scores["f1"] > 0.85 > scored.baseline["f1"]
    predictions = json.loads(Path(scored.predictions).read_text())
    assert {*predictions} == {f"dev{number}" for number in range(24)}
    assert {*predictions.values()} <= {"", "zz", "ab", "cd"} | {text for text in predictions.values() if "zz" in text}
    probs, answers = (
        json.loads((tmp_path / "tuned" / f"{name}-dev.json").read_text()) for name in ("na_prob", "answers")
    )
    assert predictions == {key: "" if probs[key] > 0.5 else answers[key] for key in answers}
    for place, measure in ((0, "best_exact"), (1, "best_f1")):
        tried = [official_score(dev, answers, probs, threshold)[place] for threshold in [-1.0, *probs.values()]]
        assert scored.scores[measure] == pytest.approx(max(tried))
        assert scored.scores[measure.removeprefix("best_")] == pytest.approx(
            official_score(dev, predictions, probs, 1.0)[place]
        )
    again = xlnet_data.finetune(tmp_path / "tuned", test=[dev], output=tmp_path / "again")
    assert again.files[0].scores == scored.scores
