"""Learns answers that are parts of a context; a long context is read in windows that overlap."""

# B windows, T tokens of the longest, X beams
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional

from xlnet_data.finetuning.heads import SpanHead, TunedModel
from xlnet_data.finetuning.inputs import Inputs, Row, encode_texts
from xlnet_data.finetuning.settings import TuneSettings
from xlnet_data.finetuning.squad import SQUAD_2, best_threshold, score_answer
from xlnet_data.finetuning.summaries import most_frequent
from xlnet_data.finetuning.tasks import SPANS, Item, SpanQuestion, TaskFile
from xlnet_data.text.offsets import LocatedTokens, locate_tokens
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.trainer.settings import ModelConfig

MAX_QUESTION_LEN = 64
"""Tokens of a question, at most; the authors'."""

NUM_STARTS = NUM_ENDS = 5
"""First tokens that are followed up, and last ones for each; the authors'."""

NONE_WEIGHT = 0.5
"""Of the loss of there being no answer, beside the mean of the others; the authors'."""


@dataclass(frozen=True)
class Window:
    """A part of a question's context, with the question.

    Attributes:
        number: The question's place in its file.
        rows: The part of the context, and the question.
        tokens: The whole context's.
        first: The place in the context of the part's first token.
        is_best: Of each token of the part, whether no other window shows more on both of its sides.
        span: The answer's first and last token, counted in the part; None: it is not in it.
        is_cut: True: the question lost its end; only the first window says so.
    """

    number: int
    rows: tuple[Row]
    tokens: LocatedTokens
    first: int
    is_best: tuple[bool, ...]
    span: tuple[int, int] | None
    is_cut: bool = False


@dataclass(frozen=True)
class Found:
    """What the model says of a window.

    Attributes:
        spans: Log-probability, first and last token in the context of what may be the answer, the likeliest first.
        none: The score of there being none; above 0: it is likelier than not.
    """

    spans: list[tuple[float, int, int]]
    none: float


@dataclass(frozen=True)
class Answer:
    """A prediction.

    Attributes:
        text: The likeliest answer; "": none was found.
        none: The score of there being none.
        is_none: True: the question is left unanswered.
    """

    text: str
    none: float
    is_none: bool

    @property
    def given(self) -> str:
        """The answer that is given."""
        return "" if self.is_none else self.text


@dataclass(frozen=True)
class Spans:
    """Tasks of answers that are parts of a context.

    Attributes:
        may_be_none: True: some questions have no answer, as in version 2.0.
        most_frequent: The most frequent answer of the examples to learn from.
        stride: Tokens from window to window; None: a third of seq_len.
        answer_len: Tokens of an answer, at most.
    """

    may_be_none: bool
    most_frequent: str
    stride: int | None
    answer_len: int

    def make_head(self, config: ModelConfig) -> SpanHead:
        """Return a new head."""
        return SpanHead(config)

    def prepare(self, items: Sequence[Item], tokenizer: Tokenizer, seq_len: int) -> list[Window]:
        """Return the windows of all questions."""
        questions = cast(Sequence[SpanQuestion], items)
        located: dict[str, LocatedTokens] = {}
        windows: list[Window] = []
        for number, ids in enumerate(encode_texts(tokenizer, [one.question for one in questions])):
            context = questions[number].context
            if context not in located:
                located[context] = locate_tokens(tokenizer, context)
            asked = ids[: min(MAX_QUESTION_LEN, seq_len // 2)]
            found = [*self._windows_of(number, questions[number], asked, located[context], seq_len)]
            windows += [replace(found[0], is_cut=len(asked) < len(ids)), *found[1:]]
        return windows

    def _windows_of(
        self, number: int, item: SpanQuestion, asked: list[int], tokens: LocatedTokens, seq_len: int
    ) -> Iterator[Window]:
        """Yield the windows of a question."""
        room = seq_len - len(asked) - 3
        stride = min(room, self.stride or max(1, seq_len // 3))
        firsts = [0]
        while firsts[-1] + room < len(tokens.ids):
            firsts.append(firsts[-1] + stride)
        span = find_span(tokens, *item.answers[0]) if item.answers else None
        lasts = [min(first + room, len(tokens.ids)) for first in firsts]
        best = best_windows(firsts, lasts)
        for place, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
            is_inside = span is not None and first <= span[0] and span[1] < last
            yield Window(
                number,
                (Row(tokens.ids[first:last], asked),),
                tokens,
                first,
                tuple(best[token] == place for token in range(first, last)),
                (span[0] - first, span[1] - first) if span is not None and is_inside else None,
            )

    def loss(self, model: TunedModel, inputs: Inputs, instances: Sequence[Window]) -> Tensor:
        """Return the mean of the losses of first and last token, <cls> where there is none, and half that of none."""
        head = cast(SpanHead, model.head)
        states_BTD, is_allowed_BT = model.read_all(inputs), allowed_positions(inputs, instances)
        seq_len = inputs.input_ids_BT.shape[1]
        ends = [
            [seq_len - 1] * 2 if one.span is None else [seq_len - len(one.rows[0]) + place for place in one.span]
            for one in instances
        ]
        start_B, end_B = torch.tensor(ends, device=states_BTD.device).unbind(1)
        start_logits_BT = head.score_starts(states_BTD, is_allowed_BT)
        end_logits_BT = head.score_ends(states_BTD, start_B[:, None], is_allowed_BT)[:, 0]
        loss = functional.cross_entropy(start_logits_BT, start_B) + functional.cross_entropy(end_logits_BT, end_B)
        if not self.may_be_none:
            return loss / 2
        none_B = head.score_none(states_BTD, start_logits_BT)
        is_none_B = torch.tensor([one.span is None for one in instances], device=none_B.device).to(none_B.dtype)
        return loss / 2 + NONE_WEIGHT * functional.binary_cross_entropy_with_logits(none_B, is_none_B)

    def run(self, model: TunedModel, inputs: Inputs, instances: Sequence[Window]) -> list[Found]:
        """Return the likeliest spans of each window: the likeliest first tokens, and for each the likeliest last."""
        head = cast(SpanHead, model.head)
        states_BTD, is_allowed_BT = model.read_all(inputs), allowed_positions(inputs, instances)
        seq_len = inputs.input_ids_BT.shape[1]
        start_logits_BT = head.score_starts(states_BTD, is_allowed_BT)
        starts = torch.log_softmax(start_logits_BT.float(), dim=1).topk(min(NUM_STARTS, seq_len), dim=1)
        end_logits_BXT = head.score_ends(states_BTD, starts.indices, is_allowed_BT)
        ends = torch.log_softmax(end_logits_BXT.float(), dim=2).topk(min(NUM_ENDS, seq_len), dim=2)
        none = head.score_none(states_BTD, start_logits_BT).tolist()
        log_probs = (starts.values[..., None] + ends.values).flatten(1).tolist()
        first = starts.indices[..., None].expand_as(ends.indices).flatten(1).tolist()
        last = ends.indices.flatten(1).tolist()
        return [
            Found(self._keep(window, seq_len, zip(*beams, strict=True)), score)
            for window, beams, score in zip(instances, zip(log_probs, first, last, strict=True), none, strict=True)
        ]

    def _keep(
        self, window: Window, seq_len: int, beams: Iterator[tuple[float, int, int]]
    ) -> list[tuple[float, int, int]]:
        """Return the beams that may be answers, likeliest first, with places in the context."""
        before = seq_len - len(window.rows[0])
        kept = []
        for log_prob, start, end in beams:
            start, end = start - before, end - before
            is_text = 0 <= start <= end < len(window.rows[0].a)  # where less is allowed, beams are of other places, too
            if is_text and end < start + self.answer_len and window.is_best[start]:
                kept.append((log_prob, start + window.first, end + window.first))
        return sorted(kept, key=lambda one: (-one[0], one[1:]))

    def decide(self, items: Sequence[Item], instances: Sequence[Window], outputs: Sequence[Found]) -> list[Answer]:
        """Return the likeliest answer of all windows of a question, "" where there is none.

        There is none if all windows say so.
        """
        found: list[list[tuple[Window, Found]]] = [[] for _ in items]
        for window, output in zip(instances, outputs, strict=True):
            found[window.number].append((window, output))
        answers = []
        for item, parts in zip(cast(Sequence[SpanQuestion], items), found, strict=True):
            none = min(output.none for _, output in parts)
            spans = [(*span, window.tokens) for window, output in parts for span in output.spans]
            text = ""
            if spans:
                _, start, end, tokens = max(spans, key=lambda span: span[0])
                text = item.context[tokens.starts[start] : tokens.stops[end]].strip()
            answers.append(Answer(text, none, self.may_be_none and none > 0))
        return answers

    def guess(self, items: Sequence[Item]) -> list[Answer]:
        """Return the most frequent answer."""
        return [Answer(self.most_frequent, 0.0, not self.most_frequent)] * len(items)

    def score(self, name: str, items: Sequence[Item], predictions: Sequence[Answer]) -> dict[str, float]:
        """Return F1 and exact match; in version 2.0 also the best that another threshold for none would give."""
        questions, is_version_2 = cast(Sequence[SpanQuestion], items), name == SQUAD_2
        pairs = list(zip(questions, predictions, strict=True))
        exact, f1 = zip(
            *(score_answer(one, found.given, is_version_2=is_version_2) for one, found in pairs), strict=True
        )
        scores = {"f1": fmean(f1), "exact": fmean(exact)}
        if is_version_2:
            raw = [score_answer(one, found.text, is_version_2=True) for one, found in pairs]
            for place, measure in ((1, "best_f1"), (0, "best_exact")):
                answered = [(score[place], bool(one.answers)) for score, one in zip(raw, questions, strict=True)]
                scores[measure] = best_threshold(answered, [found.none for found in predictions])[0]
        return scores

    def write(self, items: Sequence[Item], predictions: Sequence[Answer]) -> str:
        """Return the answers by their questions' ids, as the official scripts read them."""
        given = {item.key: found.given for item, found in zip(items, predictions, strict=True)}
        return json.dumps(given, ensure_ascii=False, indent=1) + "\n"

    def write_more(self, items: Sequence[Item], predictions: Sequence[Answer]) -> dict[str, str]:
        """Return what the official script needs to find the best threshold in version 2.0, by the files' names.

        "na_prob" has the probability of there being no answer, by the questions' ids; "answers" the likeliest answer,
        also of the questions that are left unanswered.
        """
        if not self.may_be_none:
            return {}
        probs = torch.tensor([found.none for found in predictions], dtype=torch.float64).sigmoid().tolist()
        keys, texts = [item.key for item in items], [found.text for found in predictions]
        return {
            name: json.dumps(dict(zip(keys, values, strict=True)), ensure_ascii=False, indent=1) + "\n"
            for name, values in (("na_prob", probs), ("answers", texts))
        }

    def to_json(self) -> dict[str, Any]:
        """Return the kind."""
        return {"kind": SPANS} | asdict(self)


def spans_of(train: TaskFile, settings: TuneSettings) -> Spans:
    """Return the kind of a file to learn from."""
    texts = [item.answers[0][1] if item.answers else "" for item in cast(Sequence[SpanQuestion], train.items)]
    return Spans(train.name == SQUAD_2, most_frequent(texts), settings.stride, settings.answer_len)


def find_span(tokens: LocatedTokens, start: int, text: str) -> tuple[int, int] | None:
    """Return the first and last token of the characters of an answer; None: they have no token.

    >>> find_span(LocatedTokens([1, 2, 3], [0, 3, 6], [2, 5, 9]), 4, "e fgh")
    (1, 2)
    """
    stop = start + len(text)
    places = [i for i, (a, b) in enumerate(zip(tokens.starts, tokens.stops, strict=True)) if a < stop and b > start]
    return (places[0], places[-1]) if places else None


def best_windows(firsts: Sequence[int], lasts: Sequence[int]) -> list[int]:
    """Return for each token the window that shows most of what stands around it: the least of its two sides counts.

    >>> best_windows([0, 3], [6, 8])
    [0, 0, 0, 0, 0, 1, 1, 1]
    """

    def room(window: int, token: int) -> tuple[float, int]:
        left, right = token - firsts[window], lasts[window] - 1 - token
        return min(left, right) + 0.01 * (lasts[window] - firsts[window]), -window

    return [
        max(
            (window for window in range(len(firsts)) if firsts[window] <= token < lasts[window]),
            key=lambda w: room(w, token),
        )
        for token in range(lasts[-1])
    ]


def allowed_positions(inputs: Inputs, instances: Sequence[Window]) -> Tensor:
    """Return where an answer may begin and end, bool [B, T]: in the context; at <cls>, which stands for no answer."""
    seq_len = inputs.input_ids_BT.shape[1]
    position_T = torch.arange(seq_len)
    before = torch.tensor([[seq_len - len(window.rows[0])] for window in instances])
    a_len = torch.tensor([[len(window.rows[0].a)] for window in instances])
    is_allowed_BT = (position_T >= before) & (position_T < before + a_len) | (position_T == seq_len - 1)
    return is_allowed_BT.to(inputs.input_ids_BT.device)
