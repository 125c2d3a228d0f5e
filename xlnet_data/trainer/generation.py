"""Writes text with a trained run: from left to right with memory, or into a hole; every state is computed once."""

# N positions of the window, M mem_len, S = M + N keys, R rows, L layers, D width, V vocab_size
import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from xlnet_data.checks import check_count, check_type
from xlnet_data.errors import ConfigError
from xlnet_data.schemas.example import EOD_ID, EOP_ID, MASK_ID
from xlnet_data.seeds import draw_words, to_unit
from xlnet_data.text.model_files import WORD_MARK
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.trainer.model import XLNet
from xlnet_data.trainer.runs import SavedRun, open_saved

HOLE = "<mask>"
"""Stands in a prompt where the hole is."""


class States:
    """The states of a window of text and of the memory before it, each computed once and then only looked at.

    A token that was written sees the context and the tokens written before it, never a later one: so its states do not
    change when the text goes on. Distances are relative, so states that leave the window become memory as they are.

    Args:
        model: The model, in evaluation.
        objective: What it was trained to do, any but ``dae``: it decides which row predicts.
        num_positions: Length of the window.
        mem_len: Memory positions before it.
        sees_empty: True: memory that holds nothing yet is seen, as zeros.
    """

    def __init__(
        self, model: XLNet, objective: str, num_positions: int, mem_len: int, *, sees_empty: bool = False
    ) -> None:
        self.model, self.objective, self.mem_len = model, objective, mem_len
        self.states_LSD = model.query_start.new_zeros(len(model.layers), mem_len + num_positions, model.config.width)
        self.is_seen_S = torch.zeros(mem_len + num_positions, dtype=torch.bool)
        self.is_seen_S[:mem_len] = sees_empty

    @property
    def num_positions(self) -> int:
        """Length of the window."""
        return len(self.is_seen_S) - self.mem_len

    @torch.no_grad()
    def put(self, positions: Sequence[int], tokens: Sequence[int], target: int | None = None) -> Tensor:
        """Put tokens at positions of the window, and return the scores of every token at a further position, [V].

        Args:
            positions: Of the new tokens, which see each other; for ``lm`` each sees those before it.
            tokens: Their ids.
            target: The position to predict; None: the one after the last token, by its own row, as ``lm`` does.
        """
        model, num_new = self.model, len(positions)
        keys_R = torch.tensor([self.mem_len + position for position in positions], dtype=torch.long)
        self.is_seen_S[keys_R] = True
        at_R = torch.tensor([*positions, *([] if target is None else [target])])
        sees_RS = self.is_seen_S.expand(len(at_R), -1)
        if self.objective == "lm":
            sees_RS = sees_RS & (torch.arange(len(self.is_seen_S)) <= self.mem_len + at_R[:, None])
        rows_RD = model.word_embedding(torch.tensor(tokens, dtype=torch.long))
        if target is not None:
            start_D = model.query_start if self.objective == "plm" else model.word_embedding.weight[MASK_ID]
            rows_RD = torch.cat([rows_RD, start_D[None]])
        num_own = int(target is not None and self.objective != "plm")
        inputs = model.inputs_at(at_R[None], sees_RS[None], self.num_positions, num_own)
        for number, layer in enumerate(model.layers):
            self.states_LSD[number, keys_R] = rows_RD[:num_new]
            if number == len(model.layers) - 1:
                rows_RD, inputs = rows_RD[-1:], inputs.of_last(1)
            rows_RD = layer(rows_RD[None], self.states_LSD[number][None], inputs)[0]
        return functional.linear(rows_RD[-1], model.word_embedding.weight, model.softmax_bias)

    def slide(self, num_positions: int) -> None:
        """Move the window on: its first positions become memory, and the oldest memory is forgotten."""
        kept, is_kept = self.states_LSD[:, num_positions:], self.is_seen_S[num_positions:]
        self.states_LSD = torch.cat([kept, torch.zeros_like(self.states_LSD[:, :num_positions])], dim=1)
        self.is_seen_S = torch.cat([is_kept, torch.zeros(num_positions, dtype=torch.bool)])


def sample(logits_V: Tensor, unit: float, temperature: float, top_p: float, *, may_end: bool) -> int:
    """Draw a token: never a control symbol, and <eod> only where the text may end.

    Args:
        logits_V: Scores.
        unit: Uniform in [0, 1).
        temperature: Below 1 the likely become likelier; 0: the likeliest is taken.
        top_p: Only the likeliest tokens that together have this probability.
        may_end: True: <eod> may be drawn.

    >>> logits = torch.tensor([9.0] * 9 + [1.0, 3.0, 2.0])
    >>> [sample(logits, unit, 1.0, 0.9, may_end=False) for unit in (0.0, 0.7, 0.999)]
    [8, 8, 8]
    >>> logits[8] = 1.0
    >>> sample(logits, 0.99, 1e-320, 1.0, may_end=False)
    10
    >>> [sample(logits, unit, 1.0, 0.8, may_end=False) for unit in (0.0, 0.7, 0.95)]
    [10, 10, 11]
    """
    logits_V = logits_V.double().clone()
    logits_V[: EOD_ID + (not may_end)] = -torch.inf
    if temperature == 0:
        return int(logits_V.argmax())
    probs_V, tokens_V = torch.softmax((logits_V - logits_V.max()) / temperature, dim=0).sort(
        descending=True, stable=True
    )
    num_kept = int((probs_V.cumsum(0) < top_p).sum()) + 1
    shares = probs_V[:num_kept].cumsum(0)
    return int(tokens_V[min(int((shares <= unit * shares[-1]).sum()), num_kept - 1)])


def generate_text(
    folder: str | os.PathLike[str],
    prompt: str,
    *,
    length: int,
    infill: bool,
    temperature: float,
    top_p: float,
    seed: int,
) -> str:
    """Return a prompt with what the run's model writes behind it or into its hole; `api.generate` describes it.

    Raises:
        ConfigError: The run cannot write so, or a value is out of range.
    """
    check_type("prompt", prompt, "")
    check_count("length", length)
    for name, value in (("temperature", temperature), ("top_p", top_p)):
        check_type(name, value, 0.0)
    if not 0 <= temperature < math.inf:
        raise ConfigError(f"temperature must be a number from 0: got {temperature}")
    if not 0 < top_p <= 1:
        raise ConfigError(f"top_p must be above 0 and at most 1: got {top_p}")
    saved = open_saved(Path(folder))
    objective = saved.settings.objective
    if objective == "dae" or (infill and objective == "lm"):
        raise ConfigError(
            f"a run of {objective} cannot write {'into a hole' if infill else 'from left to right'}: dae's states "
            "change with every token, and lm sees nothing to the right; train with plm, masked-plm or mass"
        )
    if prompt.count(HOLE) != int(infill):
        raise ConfigError(
            f"the prompt must name the hole by one {HOLE} with --infill, and none without: got {prompt!r}"
        )
    writer = _Writer(saved, temperature, top_p, seed)
    before, _, behind = prompt.partition(HOLE)
    if infill:
        return writer.fill(writer.encode(before), length, writer.encode(behind))
    return writer.go_on(writer.encode(before), length)


class _Writer:
    """A saved run with the way in which tokens are drawn."""

    def __init__(self, saved: SavedRun, temperature: float, top_p: float, seed: int) -> None:
        self._saved, self._temperature, self._top_p, self._seed = saved, temperature, top_p, seed
        self._tokenizer: Tokenizer = saved.tokenizer
        self._stride = saved.reuse_len or saved.seq_len // 2

    def encode(self, text: str) -> list[int]:
        """Return a text's ids, with <eop> between paragraphs."""
        ids: list[int] = []
        for paragraph in text.split("\n\n"):
            found = self._tokenizer.encode([paragraph])[0].tolist()
            ids += [EOP_ID, *found] if ids and found else found
        return ids

    def go_on(self, ids: list[int], length: int) -> str:
        """Write behind a text until so many tokens are written, or <eod>."""
        ids = ids or [EOD_ID]  # where nothing was said, a document has ended
        states, start = self._read(ids, self._saved.seq_len - 1)
        is_lm, place = self._saved.settings.objective == "lm", len(ids) - start
        logits_V = states.put(range(place), ids[start:], None if is_lm else place)
        written: list[int] = []
        while True:
            written.append(self._draw(logits_V, len(written), may_end=True))
            if written[-1] == EOD_ID or len(written) == length:
                return self._decode(ids + written)
            if place + 1 == states.num_positions:
                states.slide(self._stride)
                place -= self._stride
            logits_V = states.put([place], [written[-1]], None if is_lm else place + 1)
            place += 1

    def fill(self, before: list[int], length: int, behind: list[int]) -> str:
        """Write so many tokens between two texts, in a random order."""
        room = self._saved.seq_len - length - len(behind)
        if room < 0:
            raise ConfigError(
                f"a hole of {length} tokens and {len(behind)} behind it are more than the model's {self._saved.seq_len}"
            )
        states, start = self._read(before, room)
        first = len(before) - start
        context = [*range(first), *range(first + length, first + length + len(behind))]
        words = draw_words(("order", self._seed), 0, 1, length)[0]
        order = (first + np.argsort(words, kind="stable")).tolist()
        filled: dict[int, int] = {}
        positions, tokens = context, before[start:] + behind
        for number, place in enumerate(order):
            logits_V = states.put(positions, tokens, place)
            filled[place] = self._draw(logits_V, number, may_end=False)
            positions, tokens = [place], [filled[place]]
        return self._decode(before + [filled[place] for place in sorted(filled)] + behind)

    def _read(self, ids: list[int], room: int) -> tuple[States, int]:
        """Return states whose memory has read a text but for what the window has room for, and where that begins."""
        saved, start = self._saved, 0
        sees_empty = saved.settings.memory == "reference"
        states = States(
            saved.model, saved.settings.objective, saved.seq_len, saved.settings.mem_len, sees_empty=sees_empty
        )
        while len(ids) - start > room:
            stop = min(start + self._stride, len(ids))
            states.put(range(stop - start), ids[start:stop])
            states.slide(stop - start)
            start = stop
        return states, start

    def _draw(self, logits_V: Tensor, number: int, *, may_end: bool) -> int:
        unit = float(to_unit(draw_words(("token", self._seed), number, 1, 1))[0, 0])
        return sample(logits_V, unit, self._temperature, self._top_p, may_end=may_end)

    def _decode(self, ids: list[int]) -> str:
        """Return the text of ids, paragraphs apart."""
        pieces = ["\n\n" if token == EOP_ID else self._tokenizer.pieces[token] for token in ids if token != EOD_ID]
        return "".join(pieces).replace(WORD_MARK, " ").replace("\n\n ", "\n\n").strip()
