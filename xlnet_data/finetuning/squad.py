"""Reads SQuAD 1.1 and 2.0, and scores answers as their official scripts do."""

import re
import string
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xlnet_data.finetuning.tasks import SPANS, SpanQuestion, TaskError, TaskFile

SQUAD_1, SQUAD_2 = "SQuAD 1.1", "SQuAD 2.0"

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = {*string.punctuation}


def is_squad(content: object) -> bool:
    """Return whether a JSON value is a file of SQuAD."""
    return isinstance(content, dict) and isinstance(content.get("data"), list)


def read_squad(path: Path, content: Mapping[str, object], *, has_labels: bool) -> TaskFile:
    """Return the questions of a file; it is of version 2.0 if a question says is_impossible.

    Args:
        path: Named in messages.
        content: The file's JSON.
        has_labels: False: the answers may be missing.

    Raises:
        TaskError: A field is missing, an id stands twice, or an answer is not where its answer_start says.
    """
    items: list[SpanQuestion] = []
    is_version_2, is_answered = False, True
    try:
        for where, context, question in _questions(path, content):
            items.append(_item_of(where, context, question, has_labels))
            is_version_2 |= "is_impossible" in question
            is_answered &= has_labels or bool(items[-1].answers or question.get("is_impossible"))
    except (KeyError, TypeError, AttributeError) as error:
        where = f", behind question {items[-1].key}" if items else ""
        raise TaskError(
            f"{path}{where} is not built as SQuAD's files, data > paragraphs > context and qas > question, id and "
            f"answers: {type(error).__name__} {error}"
        ) from error
    if not items:
        raise TaskError(f"{path} has no question")
    if twice := [key for key, count in Counter(item.key for item in items).items() if count > 1]:
        raise TaskError(f"{path} has the id {twice[0]!r} more than once: predictions are told apart by it")
    return TaskFile(path, SQUAD_2 if is_version_2 else SQUAD_1, SPANS, tuple(items), is_answered)


def _questions(path: Path, content: Mapping[str, object]) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Yield questions, each with its name in messages and its context."""
    for article in content["data"]:  # type: ignore[attr-defined]
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                yield f"{path}, question {question['id']}", paragraph["context"], question


def _item_of(where: str, context: str, question: Mapping[str, object], has_labels: bool) -> SpanQuestion:
    """Return a question, after a check of its answers."""
    is_impossible = question.get("is_impossible", False)
    found = () if is_impossible else question["answers"] if has_labels else question.get("answers", ())
    answers = tuple((answer["answer_start"], answer["text"]) for answer in found)  # type: ignore[attr-defined]
    for start, text in answers:
        if not text.strip():
            raise TaskError(f"{where} has an empty answer")
        if context[start : start + len(text)] != text:
            raise TaskError(
                f"{where}: the answer {text!r} is not at answer_start {start} of the context, where it says "
                f"{context[start : start + len(text)]!r}"
            )
    if has_labels and not answers and "is_impossible" not in question:
        raise TaskError(f"{where} has no answer, and does not say that it is_impossible")
    return SpanQuestion(str(question["id"]), context, str(question["question"]), answers)


def normalize_answer(text: str) -> str:
    """Return an answer as answers are compared: lower case, no punctuation, no articles, single spaces.

    >>> normalize_answer("The  Duke's a-bomb, an apple"), normalize_answer("The.")
    ('dukes abomb apple', '')
    """
    kept = "".join(char for char in text.lower() if char not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", kept).split())


def exact_match(predicted: str, expected: str) -> float:
    """Return 1 if two answers are the same once they are normalized.

    >>> exact_match("the Cat!", "cat"), exact_match("cats", "cat")
    (1.0, 0.0)
    """
    return float(normalize_answer(predicted) == normalize_answer(expected))


def word_f1(predicted: str, expected: str, *, counts_empty: bool) -> float:
    """Return the harmonic mean of precision and recall of the words of two normalized answers.

    Args:
        predicted: The prediction.
        expected: The answer.
        counts_empty: True: two answers without a word are the same, as in version 2.0; in 1.1 they have nothing in
            common.

    >>> word_f1("a black cat", "the cat sat", counts_empty=True)
    0.5
    >>> word_f1("", "the", counts_empty=True), word_f1("", "the", counts_empty=False)
    (1.0, 0.0)
    """
    found, wanted = normalize_answer(predicted).split(), normalize_answer(expected).split()
    if counts_empty and not (found and wanted):
        return float(found == wanted)
    common = (Counter(found) & Counter(wanted)).total()
    return 2 * common / (len(found) + len(wanted)) if common else 0.0


def score_answer(item: SpanQuestion, predicted: str, *, is_version_2: bool) -> tuple[float, float]:
    """Return exact match and F1 of a prediction: those of the answer that it matches best.

    In version 2.0 answers without a word do not count, and where none is left the right prediction is "".

    >>> item = SpanQuestion("q", "red cat, old cat", "Which?", ((0, "red cat"), (9, "old cat")))
    >>> score_answer(item, "the old cat", is_version_2=False), score_answer(item, "cat", is_version_2=True)
    ((1.0, 1.0), (0.0, 0.6666666666666666))
    """
    answers = [text for _, text in item.answers]
    if is_version_2:
        answers = [text for text in answers if normalize_answer(text)] or [""]
    return (
        max((exact_match(predicted, answer) for answer in answers), default=0.0),
        max((word_f1(predicted, answer, counts_empty=is_version_2) for answer in answers), default=0.0),
    )


def best_threshold(scores: Sequence[tuple[float, bool]], nulls: Sequence[float]) -> tuple[float, float]:
    """Return the best mean score that leaving questions unanswered can reach, and the highest score of null kept.

    Args:
        scores: Of each question, the score of its answer that is no "", and whether it has an answer.
        nulls: Of each question, how surely it has none; those above the threshold are left unanswered.

    >>> best_threshold([(1.0, True), (0.0, False), (0.5, True)], [0.1, 0.9, 0.4])
    (0.8333333333333334, 0.4)
    """
    total = best = float(sum(not has_answer for _, has_answer in scores))
    threshold = 0.0
    for place in sorted(range(len(scores)), key=lambda place: nulls[place]):
        score, has_answer = scores[place]
        total += score if has_answer else score - 1.0
        if total > best:
            best, threshold = total, nulls[place]
    return best / len(scores), threshold
