"""How long a run has left: with the evaluations that are still to come."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from xlnet_data.datasets.mapped import open_split
from xlnet_data.trainer.dev_clocks import DevClock
from xlnet_data.trainer.devices import Device
from xlnet_data.trainer.evaluation import unigram_log_probs
from xlnet_data.trainer.loop import run_training
from xlnet_data.trainer.metrics import read_metrics
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.runs import Run
from xlnet_data.trainer.settings import ModelConfig, RunOptions, TrainSettings, resolve_settings

TINY = ModelConfig(width=16, num_layers=1, num_heads=2, inner_width=32)
SETTINGS = TrainSettings(steps=12, batch_size=2, eval_every=4, dev_examples=64, log_every=1)


def test_the_time_to_come_is_that_of_each_evaluation_behind_a_step_and_of_the_last_one(dataset: Path) -> None:
    train, dev = open_split(dataset, "train"), open_split(dataset, "dev")
    settings = resolve_settings(SETTINGS, train, 1, 128)
    run = Run(XLNet(replace(TINY, vocab_size=50)), train, dev, settings, Device(torch.device("cpu")), {})
    clock = DevClock(run, unigram_log_probs(train, run.objective))
    began = time.monotonic()
    clock.evaluate(settings.eval_examples)  # as many as the last one has, if there are so many
    elapsed = time.monotonic() - began
    left = [clock.secs_to_come(step) for step in (0, 3, 4, 7, 8, 12)]
    assert left == pytest.approx([num * left[-1] for num in (3, 3, 2, 2, 1, 1)])
    assert 0.9 * elapsed < left[-1] <= elapsed


def test_a_runs_last_progress_line_still_has_the_verdict_before_it(dataset: Path, tmp_path: Path) -> None:
    list(run_training(RunOptions(dataset, tmp_path), TINY, SETTINGS))
    left = [record["secs_left"] for record in read_metrics(tmp_path) if "secs_left" in record]
    assert len(left) == SETTINGS.steps
    assert left[-1] > 0
