"""Estimates what a step computes: to compare objectives at the same compute, and to say what will take long."""

import time
from pathlib import Path

import torch

from xlnet_data.datasets.mapped import open_split
from xlnet_data.showing import number_of
from xlnet_data.trainer.memory_needs import count_parameters
from xlnet_data.trainer.objectives import Objective
from xlnet_data.trainer.run_folders import read_run_file
from xlnet_data.trainer.runs import Run, objective_of
from xlnet_data.trainer.settings import ModelConfig, ResolvedSettings

SLOW_STEP_SECS = 60.0
"""Seconds of a step from which on it is told before the first one."""

_SLOWEST = 10**10
"""Operations per second of the slowest device: a step that is no long one there needs no measuring."""


def size_of_run(folder: Path, dataset: Path) -> tuple[int, float]:
    """Return the parameters of a run's model, and the floating-point operations of its steps."""
    _, config, settings = read_run_file(folder)
    objective = objective_of(config, settings, open_split(dataset, "train").settings)
    return count_parameters(config), step_flops(config, settings, objective)


def step_flops(config: ModelConfig, settings: ResolvedSettings, objective: Objective) -> float:
    """Return the floating-point operations of a training step: three times those of its matrix products forward.

    Args:
        config: The model's size.
        settings: Its rows and memory.
        objective: How many rows predict, and how many stand beside the tokens.
    """
    width, inner_width, seq_len = config.width, config.inner_width, objective.data.seq_len
    num_targets, num_keys = objective.num_targets, settings.mem_len + seq_len
    num_queries = (config.num_layers - 1) * (seq_len + objective.num_extra_rows) + num_targets
    per_query = 2 * width * width + 2 * width * inner_width  # query, output, both sides of the feed-forward layer
    per_pair = 3 * width  # content scores, position scores, values
    products = num_queries * (per_query + num_keys * per_pair)
    products += config.num_layers * num_keys * 2 * width * width  # keys and values
    products += num_targets * config.vocab_size * width
    return 3 * 2.0 * settings.batch_size * products


def describe_slow_step(run: Run) -> str | None:
    """Return a sentence that says how long a step takes at least, None if that is short.

    Before its first step is done, a run tells nothing else but that it is still at work.
    """
    flops = step_flops(run.model.config, run.settings, run.objective) / run.device.num_ranks
    if flops < SLOW_STEP_SECS * _SLOWEST:
        return None
    secs = flops / _matmul_flops_per_sec(run)
    if secs < SLOW_STEP_SECS:
        return None
    return (
        f"a step of {run.settings.batch_size} rows, each of {run.objective.data.seq_len} tokens and "
        f"{run.settings.mem_len:,} of memory, in {number_of(run.model.config.num_layers, 'layer')} computes "
        f"{flops:.1e} floating-point operations: {secs / 60:,.0f} minutes or more on this device"
    )


@torch.no_grad()
def _matmul_flops_per_sec(run: Run) -> float:
    """Return how fast the device multiplies matrices: no part of a step is faster."""
    size, best = 2048, 0.0
    one = torch.ones(size, size, device=run.device.device)
    with run.device.autocast():
        for _ in range(3):
            begin = time.monotonic()
            float((one @ one)[0, 0])  # waits for a device that works by itself
            best = max(best, 2.0 * size**3 / (time.monotonic() - begin))
    return best
