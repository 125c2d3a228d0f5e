"""Saves checkpoints, whole or not at all: weights and optimizer as safetensors, the rest as JSON."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from xlnet_data.checks import is_whole_number
from xlnet_data.errors import ShardError
from xlnet_data.files.writing import named_write, sync_file, sync_folder
from xlnet_data.trainer.settings import LONGER
from xlnet_data.trainer.tensor_files import read_tensors, write_tensors

_STATE_FILE, _TENSOR_FILE = "state.json", "tensors.safetensors"
FOLDER = "checkpoints"

_FREE = {
    f"settings.{name}"
    for name in (
        "accumulate", "compile", "eval_every", "eval_examples", "dev_examples", "log_every", "save_every"
    )
}  # fmt: skip
"""What may change in run.json between two checkpoints, since the model learns the same."""


@dataclass(frozen=True)
class Checkpoint:
    """All that a run needs to continue as if it had not stopped.

    The learning rate follows from the step, and dropout is drawn from (seed, step, rank), so neither is here.

    Attributes:
        step: Steps done.
        model: The model's state.
        moments: The optimizer's moments, by parameter name: ``exp_avg``, ``exp_avg_sq``.
        memory_LBMD: The memory of all rows, of all processes.
        loader: State of the training batches.
        notes: Other values that the loop needs again, as JSON holds them.
        run: What the run's run.json says: it tells whose checkpoint this is.
    """

    step: int
    model: dict[str, Tensor]
    moments: dict[str, Tensor]
    memory_LBMD: Tensor
    loader: dict[str, Any]
    notes: dict[str, Any]
    run: dict[str, Any]


def save_checkpoint(checkpoint: Checkpoint, run: Path) -> Path:
    """Write a checkpoint beside the older ones, then remove those.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    folder = run / FOLDER / f"step-{checkpoint.step:08d}"
    temporary = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    tensors = {f"model.{k}": v for k, v in checkpoint.model.items()}
    tensors |= {f"moments.{k}": v for k, v in checkpoint.moments.items()}
    tensors["memory"] = checkpoint.memory_LBMD
    state = {"step": checkpoint.step, "loader": checkpoint.loader, "notes": checkpoint.notes, "run": checkpoint.run}
    try:
        with named_write(str(folder)):
            temporary.mkdir(parents=True)
            write_tensors(tensors, temporary / _TENSOR_FILE)
            state["tensors_sha256"] = _sha256(temporary / _TENSOR_FILE)
            (temporary / _STATE_FILE).write_text(json.dumps(state | {"sha256": _hash_state(state)}))
            for file in temporary.iterdir():
                sync_file(str(file))
            sync_folder(str(temporary))
            if folder.exists():
                shutil.rmtree(folder)
            temporary.rename(folder)
            sync_folder(str(folder.parent))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    for other in folder.parent.glob("step-*"):
        if other != folder:
            shutil.rmtree(other)
    return folder


def find_checkpoint(run: Path) -> Path | None:
    """Return the folder of the last whole checkpoint, None if there is none."""
    folders = [f for f in sorted((run / FOLDER).glob("step-*")) if not f.name.endswith(".tmp")]
    return folders[-1] if folders else None


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint to the CPU; nothing in it is code.

    Raises:
        ShardError: It is damaged.
    """
    try:
        state = json.loads((folder / _STATE_FILE).read_text())
        if dict(state)["sha256"] != _hash_state(state):
            raise ValueError(f"{_STATE_FILE} has another sha256 than it says")
        if not (is_whole_number(state["step"]) and isinstance(state["run"], dict)):
            raise TypeError(f"{_STATE_FILE} holds no step, or no run")
        if not isinstance(state["loader"]["lanes"], list):
            raise TypeError(f"{_STATE_FILE} holds no lanes of the loader")
        if (found := _sha256(folder / _TENSOR_FILE)) != state["tensors_sha256"]:
            raise ValueError(f"the sha256 of {_TENSOR_FILE} is {found}, {_STATE_FILE} says {state['tensors_sha256']}")
        tensors = read_tensors(folder / _TENSOR_FILE)
        return Checkpoint(
            step=state["step"],
            model={k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")},
            moments={k.removeprefix("moments."): v for k, v in tensors.items() if k.startswith("moments.")},
            memory_LBMD=tensors["memory"],
            loader=state["loader"],
            notes=state["notes"],
            run=state["run"],
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError, SafetensorError) as error:
        raise ShardError(
            f"the checkpoint {folder} cannot be read ({type(error).__name__}: {error}), or is of an older version: "
            "remove it, and --resume goes on from the one before it or, if there is none, from the beginning"
        ) from error


def check_run(checkpoint: Checkpoint, content: Mapping[str, Any], folder: Path) -> None:
    """Check that a checkpoint was made by a run: by the same data, model and settings as its run.json says.

    Args:
        checkpoint: What was read.
        content: What run.json says.
        folder: The run's folder.

    Raises:
        ShardError: It was made by another run, or run.json was edited since.
    """
    said, found = (_flatten(one) for one in (checkpoint.run, content))
    for name in sorted({*said} | {*found}):
        if name not in _FREE and said.get(name) != found.get(name):
            raise ShardError(
                f"the checkpoint of step {checkpoint.step} in {folder} was made with {name} = {said.get(name)}, and "
                f"run.json says {found.get(name)}: if run.json was edited, put that back; if the checkpoint is "
                "another run's, put this run's own in its place, or start a new run"
                + (LONGER if name == "settings.steps" else "")
            )


def _flatten(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the values of nested objects by their paths, such as ``settings.seed``."""
    found: dict[str, Any] = {}
    for name, value in content.items():
        found |= _flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found


def check_fit(checkpoint: Checkpoint, model: nn.Module, memory_LBMD: Tensor) -> None:
    """Check that a checkpoint is of a model: names, shapes and types of all tensors.

    Args:
        checkpoint: What was read.
        model: The model that goes on from it.
        memory_LBMD: Memory of the shape that this process keeps; the checkpoint's has the rows of all processes.

    Raises:
        ShardError: It is of another one.
    """
    trained = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    moments = {f"{key}.{name}": parameter for key in ("exp_avg", "exp_avg_sq") for name, parameter in trained}
    layers, _, *rest = memory_LBMD.shape
    found_memory = checkpoint.memory_LBMD
    for kind, wanted, found in (
        ("model.", model.state_dict(), checkpoint.model),
        ("moments.", moments, checkpoint.moments),
        (
            "memory of ",
            {"all rows": memory_LBMD.new_empty(layers, len(checkpoint.loader["lanes"]), *rest)},
            {"all rows": found_memory},
        ),
    ):
        for name in sorted({*wanted} | {*found}):
            described = [
                f"{one[name].dtype} {list(one[name].shape)}" if name in one else "missing" for one in (wanted, found)
            ]
            if described[0] != described[1]:
                raise ShardError(
                    f"the checkpoint of step {checkpoint.step} is of another model: {kind}{name} is {described[1]}, "
                    f"run.json asks for {described[0]}: start a new run"
                )


def names_of(model: nn.Module) -> dict[int, str]:
    """Return the parameters' names by ``id``, as an optimizer knows them."""
    return {id(parameter): name for name, parameter in model.named_parameters()}


def moments_of(optimizer: torch.optim.Optimizer, names: dict[int, str]) -> dict[str, Tensor]:
    """Return an AdamW's moments by parameter name.

    Args:
        optimizer: The optimizer.
        names: The parameters' names by ``id``.
    """
    return {
        f"{key}.{names[id(parameter)]}": value
        for parameter, state in optimizer.state.items()
        for key, value in state.items()
        if key in ("exp_avg", "exp_avg_sq")
    }


def restore_moments(optimizer: torch.optim.Optimizer, names: dict[int, str], checkpoint: Checkpoint) -> None:
    """Give an AdamW its moments and its number of steps back."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            name = names[id(parameter)]
            state = {key: checkpoint.moments[f"{key}.{name}"].to(parameter.device) for key in ("exp_avg", "exp_avg_sq")}
            device = parameter.device if group.get("fused") else torch.device("cpu")
            optimizer.state[parameter] = state | {
                "step": torch.tensor(float(checkpoint.step), dtype=torch.float32, device=device)
            }


def _hash_state(state: dict[str, Any]) -> str:
    """Return a sha256 of all that a checkpoint's state holds but that sha256 itself."""
    rest = {name: value for name, value in state.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
