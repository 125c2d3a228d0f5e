"""Evaluates on the dev split, and tells how long the evaluations to come will take."""

import time

from torch import Tensor

from xlnet_data.trainer.evaluation import evaluate_dev
from xlnet_data.trainer.runs import Run


class DevClock:
    """A run's evaluations on the dev split, timed.

    Args:
        run: Model, splits, settings and device.
        unigram_V: Log-probabilities of the tokens.
    """

    def __init__(self, run: Run, unigram_V: Tensor) -> None:
        self._run, self._unigram_V = run, unigram_V
        self._secs_per_example = 0.0

    def evaluate(self, max_examples: int) -> tuple[float, float]:
        """Return what `evaluate_dev` returns."""
        began = time.monotonic()
        losses = evaluate_dev(self._run, max_examples, self._unigram_V)
        self._secs_per_example = (time.monotonic() - began) / self._num_read(max_examples)
        return losses

    def secs_to_come(self, step: int) -> float:
        """Return how long all evaluations behind a step take, at the speed of the last one."""
        settings = self._run.settings
        between = max(0, (settings.steps - 1) // settings.eval_every - step // settings.eval_every)
        examples = between * self._num_read(settings.eval_examples) + self._num_read(settings.dev_examples)
        return examples * self._secs_per_example

    def _num_read(self, max_examples: int) -> int:
        return max(1, min(max_examples, len(self._run.dev_split)))
