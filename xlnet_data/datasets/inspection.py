"""Shows one example as text: its segments, its targets, and the order in which they are predicted."""

import textwrap

import numpy as np

from xlnet_data.datasets.invariants import LaneRows, lane_rows
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.shards import batches_of, open_shard, shard_path
from xlnet_data.errors import ShardError
from xlnet_data.examples.factorization import is_target, ranks_of
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import WORD_MARK, Tokenizer

LINE_CHARS = 100
SHOWN_RANKS = 12
"""Targets at the head of the order whose context is spelt out."""


def read_example(folder: str, split: str, lane: int | None, step: int) -> LaneRows:
    """Return one example of a dataset, the first lane's if none is named.

    Raises:
        ShardError: There is no such example.
    """
    manifest = read_manifest(folder)
    if split not in manifest.splits:
        raise ShardError(f"{folder} has no split {split!r}: it has {', '.join(manifest.splits)}")
    num_steps = 0
    for shard in manifest.shards:
        if shard.split != split:
            continue
        for batch in batches_of(open_shard(folder, shard.file)):
            first = batch.column("lane")[0].as_py()
            lane = first if lane is None else lane
            if first != lane:
                continue
            steps = batch.column("step").to_numpy()
            num_steps = int(steps[-1]) + 1
            if steps[0] <= step < num_steps:
                return lane_rows(lane, batch.slice(step - int(steps[0]), 1))
    found = f"it has steps 0 to {num_steps - 1}" if num_steps else "there is no such lane"
    raise ShardError(f"{folder} has no step {step} in lane {lane} of {split}: {found}")


def describe_example(folder: str, row: LaneRows) -> str:
    """Return an example as text: targets in brackets with their number in the order."""
    manifest = read_manifest(folder)
    examples = manifest.config["examples"]
    tokenizer = Tokenizer.load(shard_path(folder, manifest.tokenizer.file), TokenizerSettings())
    seq_len, reuse_len = examples["seq_len"], examples["reuse_len"]
    ids, order = row.input_ids[0], row.order[0]
    targets = is_target(row.input_ids, row.order)[0]
    number_of = np.full(seq_len, 0)
    number_of[order[targets]] = np.arange(1, targets.sum() + 1)
    a_end = reuse_len + int(row.a_len[0])
    relation = "B follows A" if row.is_next[0] else "B is from another place"
    direction = "backward" if row.is_backward[0] else "forward"
    parts = [
        f"lane {row.lane}, step {row.steps[0]}, read {direction}: {relation}; "
        f"{int(row.memory_len[0]):,} tokens of its document stand in memory before it",
    ]
    for name, start, end in (("reuse", 0, reuse_len), ("A", reuse_len, a_end), ("B", a_end + 1, seq_len - 2)):
        text = _marked(tokenizer, ids[start:end], number_of[start:end], bool(row.is_backward[0]))
        body = textwrap.fill(text, LINE_CHARS, initial_indent="  ", subsequent_indent="  ", break_long_words=False)
        parts.append(f"{name} ({end - start} tokens)\n{body}")
    rank = ranks_of(row.order, seq_len)[0]
    head = [f"{_piece(tokenizer, int(ids[position]))} at {position}" for position in order[targets][:SHOWN_RANKS]]
    parts.append(
        f"order: {int(targets.sum())} targets among {int((rank < 0).sum())} context tokens that all may see; in turn "
        f"{', '.join(head)}, ..."
    )
    return "\n\n".join(parts)


def _marked(tokenizer: Tokenizer, ids: np.ndarray, numbers: np.ndarray, is_backward: bool) -> str:
    """Return the pieces as running text, targets as [text]number; backward, a word ends with its marked piece."""
    words = []
    for token, number in zip(ids.tolist(), numbers.tolist(), strict=True):
        piece = tokenizer.pieces[token]
        text = piece.removeprefix(WORD_MARK)
        space = " " if piece != text else ""
        shown = f"[{text}]{number}" if number else text
        words.append(shown + space if is_backward else space + shown)
    return "".join(words).strip()


def _piece(tokenizer: Tokenizer, token: int) -> str:
    return tokenizer.pieces[token].lstrip(WORD_MARK) or WORD_MARK
