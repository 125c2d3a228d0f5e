"""Estimates what a training step computes, so that objectives are compared at the same compute."""

from pathlib import Path

from xlnet_data.datasets.mapped import open_split
from xlnet_data.trainer.memory_needs import count_parameters
from xlnet_data.trainer.objectives import Objective
from xlnet_data.trainer.run_folders import read_run_file
from xlnet_data.trainer.runs import objective_of
from xlnet_data.trainer.settings import ModelConfig, ResolvedSettings


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
