"""What the model reads: nothing of padding or other rows; its gradients; the same numbers by loops."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from xlnet_data.finetuning.folders import open_body
from xlnet_data.finetuning.heads import SpanHead, SummaryHead, TunedModel
from xlnet_data.finetuning.inputs import Row, stack_rows
from xlnet_data.finetuning.loop import build_optimizer
from xlnet_data.finetuning.settings import CLS, MEAN, TuneSettings
from xlnet_data.finetuning.spans import NUM_ENDS, NUM_STARTS, Spans, Window
from xlnet_data.finetuning.summaries import Classes, Summarized
from xlnet_data.finetuning.tasks import CLASSES, SPANS
from xlnet_data.schemas.example import PAD_ID
from xlnet_data.text.offsets import LocatedTokens
from xlnet_data.trainer.masks import CONTENT_ROWS, BatchMasks
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.runs import open_saved
from xlnet_data.trainer.settings import ModelConfig

TINY = ModelConfig(vocab_size=40, width=8, num_layers=2, num_heads=2, inner_width=12, init_std=0.4)
ROWS = [Row([20, 21, 22], [30, 31]), Row([23], None), Row([24, 25, 26, 27, 28, 29], [32])]


def make_model(head: type, *more: object, summary: str = CLS) -> TunedModel:
    torch.manual_seed(0)
    return TunedModel(XLNet(TINY), head(TINY, *more), summary).double().eval()


def make_window(row: Row, span: tuple[int, int] | None) -> Window:
    length = len(row.a)
    return Window(0, (row,), LocatedTokens(list(row.a), [0] * length, [1] * length), 0, (True,) * length, span)


@pytest.mark.parametrize("summary", [CLS, MEAN])
def test_padding_and_other_rows_change_nothing(summary: str) -> None:
    model = make_model(SummaryHead, 3, summary=summary)
    together = stack_rows(ROWS)
    summary_BD = model.summarize(together)
    for number, row in enumerate(ROWS):
        states_TD = model.read_all(stack_rows([row]))[0]
        torch.testing.assert_close(states_TD[-1] if summary == CLS else states_TD.mean(0), summary_BD[number])
    other_ids = together.input_ids_BT.masked_fill(~together.is_text_BT, 35)
    assert (together.input_ids_BT == PAD_ID).any()
    torch.testing.assert_close(model.summarize(replace(together, input_ids_BT=other_ids)), summary_BD)
    changed = together.input_ids_BT.clone()
    changed[2, 0] = 39
    moved_BD = model.summarize(replace(together, input_ids_BT=changed)) - summary_BD
    assert moved_BD[2].abs().max() > 1e-3
    assert moved_BD[:2].abs().max() == 0


def test_states_are_those_that_the_pretraining_predicts_from() -> None:
    model = make_model(SummaryHead, 2)
    inputs = stack_rows(ROWS[:1])
    seq_len = inputs.input_ids_BT.shape[1]
    everywhere_BTS = torch.ones(1, seq_len, seq_len, dtype=torch.bool)
    masks = BatchMasks(
        inputs.segment_ids_BT, torch.arange(seq_len)[None], everywhere_BTS, everywhere_BTS,
        is_backward_B=torch.zeros(1, dtype=torch.bool), kind=CONTENT_ROWS,
    )  # fmt: skip
    logits_BTV = model.body(inputs.input_ids_BT, masks, model.body.start_memory(1, 0), 0).logits_BKV
    states_BTD = model.read_all(inputs)
    found_BTV = functional.linear(states_BTD, model.body.word_embedding.weight, model.body.softmax_bias)
    torch.testing.assert_close(found_BTV, logits_BTV)
    assert logits_BTV.std() > 0.1


def test_cls_and_the_second_text_have_segments_of_their_own() -> None:
    model = make_model(SummaryHead, 2)
    inputs = stack_rows(ROWS[:1])
    before = model.summarize(inputs)
    for segment, other in ((2, 0), (1, 0), (2, 1)):
        flat = inputs.segment_ids_BT.clone()
        flat[flat == segment] = other
        assert (model.summarize(replace(inputs, segment_ids_BT=flat)) - before).abs().max() > 1e-3


@pytest.mark.parametrize("task", ["classes", "spans"])
def test_gradients_are_those_of_small_steps(task: str) -> None:
    kind: Classes | Spans
    if task == "classes":
        kind, model = Classes(("a", "b"), "a"), make_model(SummaryHead, 2)
        instances: list[object] = [Summarized((row,), number % 2) for number, row in enumerate(ROWS)]
    else:
        kind, model = Spans(True, "", None, 9), make_model(SpanHead)
        instances = [make_window(ROWS[0], (0, 2)), make_window(ROWS[2], None)]
    inputs = stack_rows([instance.rows[0] for instance in instances])  # type: ignore[attr-defined]
    model.train()
    kind.loss(model, inputs, instances).backward()  # type: ignore[arg-type]
    draw = random.Random(0)
    checked = 0
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            assert name in ("body.query_start", "body.softmax_bias")
            continue
        place = tuple(draw.randrange(size) for size in parameter.shape)
        if name == "body.word_embedding.weight":
            place = (20, 3)
        losses = []
        for step in (1e-5, -1e-5):
            with torch.no_grad():
                parameter[place] += step
                losses.append(float(kind.loss(model, inputs, instances)))  # type: ignore[arg-type]
                parameter[place] -= step
        assert parameter.grad is not None
        assert float(parameter.grad[place]) == pytest.approx((losses[0] - losses[1]) / 2e-5, rel=1e-5, abs=1e-8), name
        checked += 1
    assert checked > 30


def test_ends_follow_starts_as_a_slow_loop_says() -> None:
    model, kind = make_model(SpanHead), Spans(True, "", None, 2)
    windows = [make_window(ROWS[0], None), make_window(ROWS[2], None)]
    inputs = stack_rows([window.rows[0] for window in windows])
    with torch.no_grad():
        found = kind.run(model, inputs, windows)
        for window, output in zip(windows, found, strict=True):
            expected, none = slow_spans(model, window)
            assert [span[1:] for span in output.spans] == [span[1:] for span in expected]
            for span, other in zip(output.spans, expected, strict=True):
                assert span[0] == pytest.approx(other[0], abs=1e-5)
            assert output.none == pytest.approx(none, abs=1e-5)


def slow_spans(model: TunedModel, window: Window) -> tuple[list[tuple[float, int, int]], float]:
    """Return what a window's answers are, one token at a time, answers of at most two tokens."""
    (row,), head = window.rows, model.head
    assert isinstance(head, SpanHead)
    states_TD = model.read_all(stack_rows([row]))[0]
    places = [*range(len(row.a)), len(row) - 1]
    starts = torch.stack([head.start(states_TD[place])[0] for place in places]).log_softmax(0)
    mean_D = sum(float(score.exp()) * states_TD[place] for score, place in zip(starts, places, strict=True))
    none = head.none_outer(torch.tanh(head.none_inner(torch.cat([mean_D, states_TD[-1]]))))  # type: ignore[list-item]
    spans = []
    for first in starts.argsort(descending=True)[:NUM_STARTS].tolist():
        scores = []
        for place in places:
            inner_D = head.end_inner(torch.cat([states_TD[place], states_TD[places[first]]]))
            scores.append(head.end_outer(head.end_norm(torch.tanh(inner_D)))[0])
        ends = torch.stack(scores).log_softmax(0)
        for last in ends.argsort(descending=True)[:NUM_ENDS].tolist():
            if max(first, last) < len(row.a) and first <= last < first + 2:
                spans.append((float(starts[first] + ends[last]), first, last))
    return sorted(spans, reverse=True), float(none)


def test_layers_learn_slower_the_lower_they_are() -> None:
    model = make_model(SummaryHead, 2)
    names = {id(parameter): name for name, parameter in model.named_parameters()}

    def scales(settings: TuneSettings, kind: str) -> dict[str, float]:
        groups = build_optimizer(model, settings, kind).param_groups
        return {names[id(one)]: group["scale"] for group in groups for one in group["params"]}

    found = scales(TuneSettings(layer_decay=0.5), CLASSES)
    assert found["head.outer.weight"] == found["body.layers.1.q"] == 1.0
    assert found["body.layers.0.inner.bias"] == 0.5
    assert found["body.word_embedding.weight"] == 0.25
    assert {"body.query_start", "body.softmax_bias"} & {*found} == set()
    assert scales(TuneSettings(), SPANS)["body.layers.0.q"] == 0.75
    assert {*scales(TuneSettings(), CLASSES).values()} == {1.0}


def test_the_loss_of_classes_is_the_mean_over_rows() -> None:
    model, kind = make_model(SummaryHead, 3), Classes(("a", "b", "c"), "a")
    instances = [Summarized((row,), number) for number, row in enumerate(ROWS)]
    losses = []
    for number, row in enumerate(ROWS):
        logits_1C = model.head(model.summarize(stack_rows([row])))
        losses.append(functional.cross_entropy(logits_1C, torch.tensor([number])).item())
    assert kind.loss(model, stack_rows(ROWS), instances).item() == pytest.approx(sum(losses) / 3, abs=1e-9)


def test_a_fine_tuning_begins_with_the_weights_of_the_run_or_with_none_of_them(run: Path) -> None:
    trained = open_saved(run).model.state_dict()
    body, _, _ = open_body(run, TuneSettings())
    torch.testing.assert_close({name: trained[name] for name in body.state_dict()}, dict(body.state_dict()))
    fresh, _, _ = open_body(run, TuneSettings(from_scratch=True))
    drawn = [name for name, tensor in fresh.state_dict().items() if tensor.std() > 0]  # not biases, which begin at 0
    assert drawn
    assert not any(torch.equal(fresh.state_dict()[name], trained[name]) for name in drawn)
