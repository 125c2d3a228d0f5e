"""Names the NumPy types that token ids have."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xlnet_data.schemas.example import token_type

IdType: TypeAlias = type[np.uint16] | type[np.int32]
IdArray: TypeAlias = NDArray[np.uint16] | NDArray[np.int32]


def id_type_of(vocab_size: int) -> IdType:
    """Return the type of a vocabulary's ids: uint16, or int32 above 65,536 of them."""
    return np.dtype(str(token_type(vocab_size))).type
