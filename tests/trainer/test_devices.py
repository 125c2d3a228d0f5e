"""The device of a run: memory that runs out on it is named."""

import resource
from collections.abc import Callable

import pytest
import torch

from xlnet_data.errors import ConfigError
from xlnet_data.trainer.devices import open_device
from xlnet_data.trainer.memory_needs import available_bytes


def ask_for_too_much() -> None:
    torch.empty(2**58)


def run_out_on_a_gpu() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 8 GiB")


def find_no_room_for_a_list() -> None:
    raise MemoryError


@pytest.mark.parametrize(
    ("work", "asked"),
    [
        (ask_for_too_much, f", {2**60} bytes more were asked for"),
        (run_out_on_a_gpu, ", 20.00 GiB more were asked for"),
        (find_no_room_for_a_list, ""),
    ],
)
def test_memory_that_runs_out_is_named_with_what_helps(work: Callable[[], None], asked: str) -> None:
    with (
        pytest.raises(ConfigError, match=f"^the memory of cpu ran out{asked}: use a smaller model"),
        open_device("cpu"),
    ):
        work()


def test_other_errors_of_torch_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="size of tensor"), open_device("cpu"):
        torch.ones(2) + torch.ones(3)


def test_memory_that_may_be_taken_is_what_a_limit_of_addresses_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")
    unlimited = available_bytes(cpu)
    monkeypatch.setattr(resource, "getrlimit", lambda name: (10**9, resource.RLIM_INFINITY))
    assert available_bytes(cpu) < 10**9 < unlimited


def test_a_device_that_nobody_knows_is_not_taken_for_this_machine() -> None:
    with pytest.raises(ConfigError, match="device must be 'cpu' or 'cuda': got 'tpu'"), open_device("tpu"):
        pass
