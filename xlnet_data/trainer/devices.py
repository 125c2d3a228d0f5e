"""Opens the device that a run computes on, and lets its processes exchange numbers."""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from xlnet_data.checks import check_choice
from xlnet_data.errors import ConfigError
from xlnet_data.trainer.batches import Batch
from xlnet_data.trainer.settings import DEVICES

_NO_MEMORY = re.compile("can't allocate memory|CUDA error: out of memory|CUBLAS_STATUS_ALLOC_FAILED")
"""What torch says of memory that ran out, where its error has no class of its own."""

_ASKED = re.compile(r"tried to allocate ([\d.]+ \w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Device:
    """A process's device, its rank among all processes, and the precision of the forward pass."""

    device: torch.device
    rank: int = 0
    num_ranks: int = 1
    is_bf16: bool = False

    @property
    def is_main(self) -> bool:
        """True: this process writes the files and reports."""
        return self.rank == 0

    def autocast(self) -> contextlib.AbstractContextManager[object]:
        """Return the context in which the model runs forward."""
        return torch.autocast(self.device.type, torch.bfloat16) if self.is_bf16 else contextlib.nullcontext()

    def hold_gradients(self, wrapped_model: nn.Module, holds: bool) -> contextlib.AbstractContextManager[object]:
        """Return the context in which gradients stay in this process if ``holds``, because more of them follow."""
        return (
            wrapped_model.no_sync()
            if holds and isinstance(wrapped_model, DistributedDataParallel)
            else contextlib.nullcontext()
        )

    def move(self, batch: Batch) -> Batch:
        """Bring a batch to the device; on CUDA without waiting for the steps that were started before.

        The copies queue behind those steps, and what is not pinned would make this process wait for them.
        """
        if self.device.type != "cuda":
            return batch
        return {name: column.pin_memory().to(self.device, non_blocking=True) for name, column in batch.items()}

    def sum(self, *numbers: float) -> list[float]:
        """Return the numbers' sums over all processes."""
        if self.num_ranks == 1:
            return [float(number) for number in numbers]
        values = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        distributed.all_reduce(values)
        return [float(value) for value in values]

    def gather_rows(self, tensor_LBMD: Tensor) -> Tensor:
        """Return the rows of all processes side by side, in the order of their ranks."""
        if self.num_ranks == 1:
            return tensor_LBMD
        parts = [torch.empty_like(tensor_LBMD) for _ in range(self.num_ranks)]
        distributed.all_gather(parts, tensor_LBMD.contiguous())
        return torch.cat(parts, dim=1)


@contextlib.contextmanager
def open_device(name: str, precision: str = "auto") -> Iterator[Device]:
    """Open the device, and join the other processes where torchrun started several.

    Args:
        name: "cpu" or "cuda".
        precision: One of ``settings.PRECISIONS``; "auto" is bf16 on CUDA and fp32 on the CPU.

    Raises:
        ConfigError: There is no such device, or its memory or this machine's ran out while the block ran.
    """
    check_choice("device", name, DEVICES)
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("--device cuda: this machine, or this build of torch, has no CUDA device; use --device cpu")
    rank, num_ranks = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if name == "cuda" else torch.device("cpu")
    if name == "cuda":
        torch.cuda.set_device(device)
        torch.set_float32_matmul_precision("high")
    if num_ranks > 1:
        distributed.init_process_group("nccl" if name == "cuda" else "gloo")
    try:
        yield Device(device, rank, num_ranks, precision == "bf16" or (precision == "auto" and name == "cuda"))
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError | torch.OutOfMemoryError) and not _NO_MEMORY.search(str(error)):
            raise
        asked = _ASKED.search(str(error))
        raise ConfigError(
            f"the memory of {device} ran out{f', {asked[1]} more were asked for' if asked else ''}: use a smaller "
            "model, or, where there is such an option, a smaller --batch-size or --seq-len, or more of --accumulate"
        ) from error
    finally:
        if num_ranks > 1:
            distributed.destroy_process_group()
