"""What the tests of several formats share."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    """Return a function that writes the one file of a corpus."""

    def write_file(content: bytes) -> Path:
        path = tmp_path / "a.txt"
        path.write_bytes(content)
        return path

    return write_file
