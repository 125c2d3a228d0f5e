"""Learns which of several choices is right: each is read with the article, and the highest score wins."""

# B questions, R rows of all their choices, C choices
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from xlnet_data.finetuning.heads import SummaryHead, TunedModel
from xlnet_data.finetuning.inputs import Inputs, Row, encode_texts
from xlnet_data.finetuning.metrics import accuracy
from xlnet_data.finetuning.race import LETTERS
from xlnet_data.finetuning.summaries import Summarized, cut_to_fit, labels_of, most_frequent
from xlnet_data.finetuning.tasks import CHOICES, ChoiceQuestion, Item, TaskFile
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.trainer.attention_inputs import HIDDEN
from xlnet_data.trainer.settings import ModelConfig

PARTS = ("middle", "high")
"""RACE's, by the beginnings of its ids; their accuracies are told apart."""


@dataclass(frozen=True)
class Choices:
    """Tasks of choices.

    Attributes:
        most_frequent: The number of the choice that is right most often in the examples to learn from.
    """

    most_frequent: int

    def make_head(self, config: ModelConfig) -> SummaryHead:
        """Return a head of one output."""
        return SummaryHead(config, 1)

    def prepare(self, items: Sequence[Item], tokenizer: Tokenizer, seq_len: int) -> list[Summarized]:
        """Return a row for each choice of each question; of what is too long, the article's end is cut off."""
        questions = cast(Sequence[ChoiceQuestion], items)
        texts = list(dict.fromkeys(question.article for question in questions))
        articles = dict(zip(texts, encode_texts(tokenizer, texts), strict=True))
        endings = iter(encode_texts(tokenizer, [ending for question in questions for ending in question.endings]))
        return [
            cut_to_fit(
                tuple(Row(articles[question.article], next(endings)) for _ in question.endings), question.label, seq_len
            )
            for question in questions
        ]

    def loss(self, model: TunedModel, inputs: Inputs, instances: Sequence[Summarized]) -> Tensor:
        """Return the cross-entropy of the choices."""
        logits_BC = self._score(model, inputs, instances)
        return functional.cross_entropy(logits_BC, labels_of(instances, logits_BC).long())

    def run(self, model: TunedModel, inputs: Inputs, instances: Sequence[Summarized]) -> list[list[float]]:
        """Return the scores of the choices."""
        return self._score(model, inputs, instances).tolist()

    def _score(self, model: TunedModel, inputs: Inputs, instances: Sequence[Summarized]) -> Tensor:
        """Return the scores of the choices, [B, C]; very negative where a question has fewer than others."""
        logits_R = model.head(model.summarize(inputs))[:, 0]
        parts = torch.split(logits_R, [len(instance.rows) for instance in instances])
        return pad_sequence(list(parts), batch_first=True, padding_value=HIDDEN)

    def decide(self, items: Sequence[Item], instances: Sequence[Summarized], outputs: Sequence[Any]) -> list[int]:
        """Return the choice of the highest score."""
        return [scores.index(max(scores)) for scores in outputs]

    def guess(self, items: Sequence[Item]) -> list[int]:
        """Return the choice that is right most often."""
        return [self.most_frequent] * len(items)

    def score(self, name: str, items: Sequence[Item], predictions: Sequence[int]) -> dict[str, float]:
        """Return the accuracy, and those of RACE's two parts where there are two."""
        questions = cast(Sequence[ChoiceQuestion], items)
        pairs = list(zip(questions, predictions, strict=True))
        scores = {"accuracy": accuracy(predictions, [question.label for question in questions])}
        for part in PARTS:
            chosen = [(found, question.label) for question, found in pairs if question.key.startswith(part)]
            if 0 < len(chosen) < len(pairs):
                scores[part] = accuracy(*zip(*chosen, strict=True))
        return scores

    def write(self, items: Sequence[Item], predictions: Sequence[int]) -> str:
        """Return a line for each article with its id and answers, in the fields that RACE's own files have."""
        answers: dict[str, list[str]] = {}
        for item, found in zip(items, predictions, strict=True):
            answers.setdefault(item.key, []).append(LETTERS[found])
        return "".join(json.dumps({"id": key, "answers": letters}) + "\n" for key, letters in answers.items())

    def to_json(self) -> dict[str, Any]:
        """Return the kind."""
        return {"kind": CHOICES} | asdict(self)


def choices_of(train: TaskFile) -> Choices:
    """Return the kind of a file to learn from."""
    return Choices(most_frequent([cast(int, cast(ChoiceQuestion, item).label) for item in train.items]))
