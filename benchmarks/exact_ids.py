"""Compares the ids of the table of words with SentencePiece's own, line by line, and the time that both take.

    python benchmarks/exact_ids.py [TEXTS...] [--model FILE]... [--vocab-size N]... [--megabytes M]

TEXTS are text files, or folders of them, read as one sentence per line; without them, text is made up. Each line is
compared as the clean-up makes it, with accents and without, and in a second row as it stands if that is something else.
Without --model, vocabularies are trained from lines of all files. The exit status is 1 if one id differs. Times are
those of one core; both encode the same lines, in turns.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from measuring import describe_machine, train_model, write_books

from xlnet_data.text.clean_up import clean_sentences
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.word_tables import make_word_table, why_slow

LINES_AT_ONCE = 4096
MADE_UP_BYTES = 4_000_000
TRAINING_BYTES = 10_000_000


@dataclass
class Sums:
    """What was found of one file, or of all.

    Attributes:
        lines: Compared.
        text_bytes: Their bytes.
        different: Lines whose ids differ.
        unsure: Lines that the table left to SentencePiece.
        table_secs: CPU time of the table, with the lines that it left to SentencePiece.
        sentencepiece_secs: CPU time of SentencePiece alone.
    """

    lines: int = 0
    text_bytes: int = 0
    different: int = 0
    unsure: int = 0
    table_secs: float = 0.0
    sentencepiece_secs: float = 0.0

    def add(self, other: "Sums") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def __str__(self) -> str:
        return (
            f"{self.lines:11,} lines {self.text_bytes / 1e6:8.1f} MB {self.different:3} differ "
            f"{self.unsure / self.lines:8.3%} unsure {self.text_bytes / 1e6 / self.table_secs:7.1f} MB/s, "
            f"{self.sentencepiece_secs / self.table_secs:5.2f} times SentencePiece"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("texts", nargs="*", type=Path)
    parser.add_argument("--model", action="append", type=Path, default=[])
    parser.add_argument("--vocab-size", action="append", type=int, default=[])
    parser.add_argument("--megabytes", type=float, default=1e9, help="of each of TEXTS, at most")
    options = parser.parse_args()
    print(describe_machine())
    total = Sums()
    with tempfile.TemporaryDirectory() as folder:
        sizes = options.vocab_size or ([8_000, 32_000, 80_000] if options.texts else [8_000])
        if not options.texts:
            write_books(Path(folder) / "books", MADE_UP_BYTES)
            options.texts = [Path(folder) / "books"]
        models = [*options.model]
        if not models:
            for size in sizes:
                models.append(Path(folder) / f"{size}.model")
                train(options.texts, models[-1], size)
        for model in models:
            total.add(compare_model(model, options.texts, int(options.megabytes * 1e6)))
    print(f"all {total}")
    sys.exit(total.different > 0)


def train(paths: list[Path], model: Path, vocab_size: int) -> None:
    """Train a vocabulary from the same number of bytes of each path, or what it has."""
    lines: list[str] = []
    for path in paths:
        for batch in batches(path, TRAINING_BYTES // len(paths)):
            lines += batch
    train_model(lines, model, vocab_size)


def batches(path: Path, max_bytes: int) -> Iterator[list[str]]:
    """Yield the lines of a file or of a folder's files, without empty ones, up to so many bytes."""
    batch: list[str] = []
    for line in chain.from_iterable(map(read_lines, sorted(path.rglob("*")) if path.is_dir() else [path])):
        batch.append(line)
        max_bytes -= len(line.encode())
        if len(batch) >= LINES_AT_ONCE or max_bytes <= 0:
            yield batch
            batch = []
        if max_bytes <= 0:
            return
    yield batch


def read_lines(file: Path) -> Iterator[str]:
    if file.is_file():
        with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            yield from filter(None, (line.rstrip("\n") for line in lines))


def compare_model(model: Path, paths: list[Path], max_bytes: int) -> Sums:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    content = model.read_bytes()
    print(f"\n{model.name}, {processor.get_piece_size():,} pieces")
    table = make_word_table(content, processor)
    if table is None:
        sys.exit(f"SentencePiece encodes all with this model: {why_slow(content, processor)}")
    total = Sums()
    for path in paths:
        clean_sums, other_sums = Sums(), Sums()
        for batch in batches(path, max_bytes):
            clean = {*clean_sentences(batch, TokenizerSettings())}
            clean |= {*clean_sentences(batch, TokenizerSettings(keep_accents=True))}
            clean_sums.add(compare(table, processor, sorted(clean)))
            other_sums.add(compare(table, processor, sorted({*batch} - clean)))
        print(f"{path.stem[:18]:18} {clean_sums}")
        if other_sums.lines:
            print(f"{'  not cleaned':18} {other_sums}", flush=True)
        total.add(clean_sums)
        total.add(other_sums)
    counts = table.counts()
    known = 1 - counts["new"] / counts["looked_up"]
    print(f"{'all':18} {total}\n{known:.2%} of the words were known, {counts}")
    return total


def compare(table: Any, processor: Any, lines: list[str]) -> Sums:
    begin = time.process_time()
    ids, lens, unsure = table.encode(lines)
    encode = processor._processor._EncodeAsBufferBatch
    left = encode([lines[i] for i in unsure], 1, None, False, -1, 0.1, False, False, False)
    middle = time.process_time()
    expected = encode(lines, 1, None, False, -1, 0.1, False, False, False)
    end = time.process_time()
    ends = np.cumsum(np.frombuffer(lens, np.int64)) * 4
    starts = [0, *ends.tolist()]
    again = dict(zip(unsure, left, strict=True))
    sums = Sums(len(lines), sum(len(line.encode()) for line in lines), 0, len(unsure), middle - begin, end - middle)
    for i, buffer in enumerate(expected):
        found = again[i] if i in again else memoryview(ids)[starts[i] : starts[i + 1]]
        if bytes(memoryview(buffer).cast("B")) != bytes(memoryview(found).cast("B")):
            sums.different += 1
            print(f"differs: {lines[i][:300]!r}")
    return sums


if __name__ == "__main__":
    main()
