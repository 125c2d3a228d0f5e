"""Lays texts out as the model reads them: A <sep> B <sep> <cls>, or A <sep> <cls>; padding stands before them."""

# B rows, T tokens of the longest row
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from xlnet_data.schemas.example import CLS_ID, PAD_ID, SEP_ID
from xlnet_data.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class Row:
    """A text, or two, in ids.

    Attributes:
        a: The first text's.
        b: The second text's; None: there is none.
    """

    a: Sequence[int]
    b: Sequence[int] | None

    def __len__(self) -> int:
        return len(self.a) + 2 + (0 if self.b is None else len(self.b) + 1)

    def lay_out(self) -> tuple[list[int], list[int]]:
        """Return ids and segments: 0 for A and its <sep>, 1 for B and its <sep>, 2 for <cls>.

        >>> Row([20, 21], [30]).lay_out()
        ([20, 21, 4, 30, 4, 3], [0, 0, 0, 1, 1, 2])
        >>> Row([20, 21], None).lay_out()
        ([20, 21, 4, 3], [0, 0, 0, 2])
        """
        rest = [] if self.b is None else [*self.b, SEP_ID]
        return [*self.a, SEP_ID, *rest, CLS_ID], [0] * (len(self.a) + 1) + [1] * len(rest) + [2]

    def cut(self, seq_len: int) -> "Row":
        """Return the row with ends cut off until it fits, always the longer text's, A's where they are as long.

        >>> Row([1] * 9, [2] * 4).cut(10)
        Row(a=[1, 1, 1], b=[2, 2, 2, 2])
        """
        surplus = len(self) - seq_len
        if surplus <= 0:
            return self
        if self.b is None:
            return Row(self.a[: len(self.a) - surplus], None)
        a_len, b_len = len(self.a), len(self.b)
        from_longer = min(surplus, abs(a_len - b_len))
        a_len, b_len = (a_len - from_longer, b_len) if a_len >= b_len else (a_len, b_len - from_longer)
        rest = surplus - from_longer
        return Row(self.a[: a_len - (rest + 1) // 2], self.b[: b_len - rest // 2])


@dataclass(frozen=True)
class Inputs:
    """Rows as tensors.

    Attributes:
        input_ids_BT: int64, padding first.
        segment_ids_BT: int64.
        is_text_BT: bool, False: padding.
    """

    input_ids_BT: Tensor
    segment_ids_BT: Tensor
    is_text_BT: Tensor

    def to(self, device: torch.device) -> "Inputs":
        """Return them on a device."""
        return Inputs(self.input_ids_BT.to(device), self.segment_ids_BT.to(device), self.is_text_BT.to(device))


def stack_rows(rows: Sequence[Row]) -> Inputs:
    """Return rows as tensors, as long as the longest.

    Distances between tokens are all that a position is, so padding before a text changes nothing, and <cls> is always
    the last.
    """
    length = max(map(len, rows))
    ids, segments = np.full((len(rows), length), PAD_ID), np.zeros((len(rows), length), np.int64)
    for number, row in enumerate(rows):
        ids[number, length - len(row) :], segments[number, length - len(row) :] = row.lay_out()
    is_text_BT = torch.arange(length) >= torch.tensor([[length - len(row)] for row in rows])
    return Inputs(torch.from_numpy(ids), torch.from_numpy(segments), is_text_BT)


def encode_texts(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Return the ids of each text, after the clean-up of the pretraining; a line break is white space."""
    ids, lens = tokenizer.encode(texts)
    return [part.tolist() for part in np.split(ids.astype(np.int64), np.cumsum(lens)[:-1])] if texts else []
