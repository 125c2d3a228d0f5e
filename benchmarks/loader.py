"""Examples per second of the loader, beside the permutation collator of the transformers library on the same tokens.

Run: python benchmarks/loader.py DATASET [--rows 8] [--seconds 5]
Ours gives rows with their order, from the shards; the collator draws spans and makes its L x L mask in Python. Masks
are in ours too, as the trainer builds them, so that both end with what a model takes. Fresh targets are a third line.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import DataCollatorForPermutationLanguageModeling, XLNetTokenizer

from xlnet_data.datasets.mapped import MappedSplit, open_split
from xlnet_data.datasets.redraws import make_redraw
from xlnet_data.trainer.batches import LaneBatches
from xlnet_data.trainer.masks import build_masks


def read_batches(batches: LaneBatches) -> Iterator[object]:
    yield from batches


def read_with_masks(batches: LaneBatches) -> Iterator[object]:
    reuse_len = batches.split.settings.reuse_len
    for batch in batches:
        yield build_masks(batch, reuse_len, 0, "off")


def collate(split: MappedSplit, num_rows: int, tokenizer: XLNetTokenizer) -> Iterator[object]:
    collator = DataCollatorForPermutationLanguageModeling(tokenizer)
    ids = split.gather(np.arange(min(64, len(split))))["input_ids"].astype(np.int64)
    rows = [{"input_ids": torch.from_numpy(row)} for row in ids]
    while True:
        for first in range(0, len(rows) - num_rows + 1, num_rows):
            yield collator(rows[first : first + num_rows])


def measure(name: str, batches: Iterator[object], num_rows: int, seconds: float) -> float:
    for _ in range(3):
        next(batches)
    count, wall, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - wall < seconds:
        next(batches)
        count += num_rows
    speed = count / (time.process_time() - cpu)
    print(f"| {name} | {count / (time.perf_counter() - wall):,.0f} | {speed:,.0f} |", flush=True)
    return speed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3.0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    split = open_split(arguments.dataset, "train")
    rows, seconds = arguments.rows, arguments.seconds
    tokenizer = XLNetTokenizer(str(arguments.dataset / "spiece.model"))
    print(
        f"batches of {rows} x {split.settings.seq_len}, one process; torch {torch.__version__}, "
        f"transformers {transformers.__version__}\n"
    )
    print("| what | examples/s | examples/s of CPU time |")
    print("|---|---|---|")
    theirs = measure("their collator: targets and mask", collate(split, rows, tokenizer), rows, seconds)
    measure("ours: rows from the shards", read_batches(LaneBatches(split, rows)), rows, seconds)
    ours = measure("ours: rows and masks", read_with_masks(LaneBatches(split, rows)), rows, seconds)
    fresh = read_with_masks(LaneBatches(split, rows, redraw=make_redraw(arguments.dataset)))
    measure("ours: rows, fresh targets and masks", fresh, rows, seconds)
    print(f"\nours with masks: {ours / theirs:.1f} times the collator")


if __name__ == "__main__":
    main()
