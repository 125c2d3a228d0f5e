"""Writes files of tensors, whole or not at all, and reads them."""

import os
import uuid
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, load_file, save_file
from torch import Tensor

from xlnet_data.errors import ShardError


def write_tensors(tensors: Mapping[str, Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write tensors as safetensors, with the permissions of any new file; the library lets its owner alone read it.

    Args:
        tensors: By name, on any device.
        path: The file; its folder is there.
        metadata: What its head says besides.

    Raises:
        ShardError: The disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        temporary.touch()
        mode = temporary.stat().st_mode  # safetensors replaces the file by one that its owner alone may read
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, temporary, metadata)
        temporary.chmod(mode)
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        raise ShardError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file by name; they are mapped, unless the path is no UTF-8, which the library refuses.

    Raises:
        OSError, SafetensorError: It cannot be read.
    """
    try:
        os.fsencode(path).decode()
    except UnicodeDecodeError:
        tensors: dict[str, Tensor] = load(path.read_bytes())
    else:
        tensors = load_file(path)
    return tensors
