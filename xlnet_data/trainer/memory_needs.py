"""Estimates the memory that training takes at least, so that a model too large is refused before any is allocated."""

import math
import resource
from pathlib import Path

import torch

from xlnet_data.errors import ConfigError
from xlnet_data.trainer.devices import Device
from xlnet_data.trainer.objectives import Objective
from xlnet_data.trainer.settings import ModelConfig, ResolvedSettings

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_MEMORY_FILE = Path("/proc/meminfo")
_BYTES_PER_PARAMETER = 16
"""float32, four times: the weight, its gradient, and AdamW's two moments."""


def check_memory(config: ModelConfig, settings: ResolvedSettings, objective: Objective, device: Device) -> None:
    """Check that a run can fit into the memory that is available.

    Raises:
        ConfigError: It needs more, by an estimate that is never too high.
    """
    model_bytes = _BYTES_PER_PARAMETER * count_parameters(config)
    num_rows = settings.batch_size // (settings.accumulate * device.num_ranks)
    step_bytes = num_rows * activation_bytes(config, settings.mem_len, objective, 2 if device.is_bf16 else 4)
    available = available_bytes(device.device)
    if model_bytes + step_bytes > available:
        raise ConfigError(
            f"the model has {count_parameters(config):,} parameters: weights, gradients and the optimizer's moments "
            f"take {model_bytes / 1e9:,.1f} GB, a step of {num_rows:,} rows takes {step_bytes / 1e9:,.1f} GB or more, "
            f"and {available / 1e9:,.1f} GB are available: use a smaller --width, --layers or --mem-len, a smaller "
            "--batch-size, or --accumulate"
        )


def count_parameters(config: ModelConfig) -> int:
    """Return the number of the model's parameters, without making one.

    >>> from xlnet_data.trainer.model import XLNet
    >>> config = ModelConfig(vocab_size=50, width=16, num_layers=3, num_heads=2, inner_width=24, nsp=True)
    >>> count_parameters(config) == sum(parameter.numel() for parameter in XLNet(config).parameters())
    True
    """
    width, inner_width = config.width, config.inner_width
    attention = 5 * width * width + 5 * width + 2 * width
    feed_forward = 2 * width * inner_width + inner_width + width + 2 * width
    pair_head = (width + 1) * width + (width + 1) * 2 if config.nsp else 0
    embeddings = config.vocab_size * width + config.vocab_size + width
    return embeddings + config.num_layers * (attention + feed_forward) + pair_head


def activation_bytes(config: ModelConfig, mem_len: int, objective: Objective, value_bytes: int) -> int:
    """Return what one row leaves in memory for the backward pass, at least.

    Each layer keeps of every query its inputs to attention, to two layer norms and to the output's projection, and both
    sides of the feed-forward layer's activation; of every key its key and its value. The last layer has only the rows
    that predict. Then come the logits. Scores and what dropout keeps are not counted.
    """
    width, inner_width = config.width, config.inner_width
    per_query, per_key = 4 * width + 2 * inner_width, 2 * width
    seq_len, num_targets = objective.data.seq_len, objective.num_targets
    num_queries = (config.num_layers - 1) * (seq_len + objective.num_extra_rows) + num_targets
    num_keys = config.num_layers * (mem_len + seq_len)
    return value_bytes * (num_queries * per_query + num_keys * per_key + num_targets * config.vocab_size)


def available_bytes(device: torch.device) -> float:
    """Return the bytes that a process can still get; inf where the system does not say."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    available = math.inf
    if _MEMORY_FILE.exists():
        lines = dict(line.split(":", 1) for line in _MEMORY_FILE.read_text().splitlines() if ":" in line)
        available = int(lines["MemAvailable"].split()[0]) * 1024
    if _CGROUP_LIMIT.exists() and (limit := _CGROUP_LIMIT.read_text().strip()) != "max":
        available = min(available, int(limit))
    address_limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if address_limit != resource.RLIM_INFINITY:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        available = min(available, address_limit - pages * resource.getpagesize())
    return available
