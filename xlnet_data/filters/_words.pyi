from typing import Any

from numpy.typing import NDArray

_Array = NDArray[Any] | bytes

def split(
    codes: _Array, width: int, classes: _Array, has_spaces: bool, /
) -> tuple[bytes, bytes, bytes, bytes, int, int]: ...
def top(hashes: _Array, lens: _Array, n: int, /) -> int: ...
def repeats(hashes: _Array, lens: _Array, n: int, /) -> int: ...
