"""Speed of a build beside the libraries that it cannot be faster than, on the same text and cores, in one run.

    python benchmarks/build.py [FOLDER] [--rounds 3] [--workers N] [--megabytes 64]

FOLDER holds text files; without it, text is made up. Every round runs everything once, each time in another order; the
table shows medians. MB are those of the text. Start-up is the same command on a few kilobytes.
"""

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import sentencepiece
import sentencex
from measuring import Watched, describe_machine, take_or_make_texts, take_or_train_model, watch

from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.examples.lanes import Lane
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.examples.sampling import Sampling, sample_examples
from xlnet_data.schemas.manifest import Manifest
from xlnet_data.text.sentences import split_document
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer

UNSEEN_SECS = 0.1  # start-up varies by so much that less of the main process's time cannot be told from it

Runs = dict[str, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--model", type=Path, help="a vocabulary; without it, one of 32,000 pieces is trained")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--megabytes", type=float, default=64, help="how much text to take, or to make up")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = take_or_make_texts(options.folder, folder, int(options.megabytes * 1e6))
        model = take_or_train_model(options.model, texts, folder)
        whole, lines, start = write_inputs(texts, folder, model)
        num_mb = sum(len(text.encode()) for text in texts) / 1e6
        num_lines_mb = sum(path.stat().st_size for path in (folder / "lines").iterdir()) / 1e6
        print(describe_machine())
        print(f"{num_mb:.1f} MB of text in {len(texts)} files, {options.workers} workers, {options.rounds} rounds")
        measured = measure(options.rounds, options.workers, folder, (whole, lines, start), model)
        report(measured, options.workers, num_mb, num_lines_mb, folder)


def write_inputs(texts: Sequence[str], folder: Path, model: Path) -> tuple[Path, Path, Path]:
    """Write the texts as they are, a sentence per line, and a few kilobytes of them; return the three configs."""
    for name in ("whole", "lines", "start"):
        (folder / name).mkdir()
    for number, text in enumerate(texts):
        (folder / "whole" / f"{number:05}.txt").write_text(text, encoding="utf-8")
        sentences, sizes = split_document(text.replace("\n", "\n\n"), "en", False)
        ends, rows = set(np.cumsum(sizes).tolist()), []
        for index, sentence in enumerate(sentences, 1):
            rows += [" ".join(sentence.split()), ""] if index in ends else [" ".join(sentence.split())]
        (folder / "lines" / f"{number:05}.txt").write_text("\n".join(rows), encoding="utf-8")
    (folder / "start" / "0.txt").write_text(texts[0][:50_000], encoding="utf-8")
    configs = []
    for name, sentences in (("whole", "split"), ("lines", "line"), ("start", "split")):
        config = folder / f"{name}.toml"
        config.write_text(
            f'[tokenizer]\nmodel = "{model}"\n[[corpora]]\nname = "books"\nformat = "text"\npaths = ["{name}/*.txt"]\n'
            f'sentences = "{sentences}"\n'
        )
        configs.append(config)
    return configs[0], configs[1], configs[2]


def measure(
    rounds: int, workers: int, folder: Path, configs: tuple[Path, Path, Path], model: Path
) -> tuple[Runs, dict[str, list[Watched]]]:
    """Return the seconds of everything, and what was seen of our own processes."""
    builds: dict[str, list[Watched]] = {"whole": [], "lines": [], "start": []}
    tokenizer = Tokenizer.load(str(model), TokenizerSettings())

    def build(config: Path) -> float:
        seen = watch(["build-corpus", str(config), "--output", str(folder / "out"), "--overwrite", "--quiet",
                      "--workers", str(workers)])  # fmt: skip
        if seen.status:
            sys.exit(seen.stderr)
        builds[config.stem].append(seen)
        return seen.wall_secs

    todo: dict[str, Callable[[], float]] = {config.stem: partial(build, config) for config in configs}
    runs: Runs = {"sentencepiece-cpu": [], "floor-cpu": []}
    todo["sentencepiece"] = partial(encode_all, folder / "lines", workers, model, False, runs["sentencepiece-cpu"])
    todo["floor"] = partial(encode_all, folder / "whole", workers, model, True, runs["floor-cpu"])
    todo["sampler"] = partial(sample_all, tokenizer.vocab_size)
    runs |= {name: [] for name in todo}
    for number in range(rounds):
        names = list(todo)
        names = names[number % len(names) :] + names[: number % len(names)]
        for name in names if number % 2 == 0 else reversed(names):
            runs[name].append(todo[name]())
    build(configs[0])
    return runs, builds


def encode_all(folder: Path, workers: int, model: Path, splits: bool, cpu: list[float]) -> float:
    """Return the seconds that processes of SentencePiece's own take, without starting them; add their CPU time."""
    paths = sorted(folder.iterdir())
    # No forks: to write the counts of references to a parent's texts would copy them all.
    with multiprocessing.get_context("spawn").Pool(workers, load, (model,)) as pool:
        pool.map(partial(encode_lines, splits=splits), paths[:1] * workers, chunksize=1)
        begin = time.perf_counter()
        cpu.append(sum(pool.imap_unordered(partial(encode_lines, splits=splits), paths)))
        return time.perf_counter() - begin


_processor: sentencepiece.SentencePieceProcessor


def load(model: Path) -> None:
    global _processor
    _processor = Tokenizer.load(str(model), TokenizerSettings())._processor


def encode_lines(path: Path, splits: bool) -> float:
    """Encode a file's lines as the libraries alone do it, and return the CPU seconds; a hundredth is reading."""
    begin = time.process_time()
    lines = list(filter(str.strip, path.read_text(encoding="utf-8").split("\n")))
    if splits:
        lines = list(chain.from_iterable(sentencex.segment("en", line) for line in lines))
    _processor.encode_as_numpy(lines, num_threads=1)
    return time.process_time() - begin


def sample_all(vocab_size: int) -> float:
    """Return the seconds of one core that a hundred thousand examples take, or as if they were so many."""
    lane = Lane(
        (np.arange(1 << 20) % (vocab_size - 20) + 20).astype(np.uint16),
        np.arange(0, 1 << 20, 24),
        np.arange(0, 1 << 20, 24 * 40),
        np.arange(-(-(1 << 20) // (24 * 40))),
    )
    sampling = Sampling(ExampleSettings(), 0, "train")
    begin, drawn = time.process_time(), 0
    for number in range(8):
        drawn += sum(len(examples.input_ids) for examples in sample_examples(lane, number, False, sampling))
    return (time.process_time() - begin) * 100_000 / drawn


def report(
    measured: tuple[Runs, dict[str, list[Watched]]], workers: int, num_mb: float, num_lines_mb: float, folder: Path
) -> None:
    runs, builds = measured
    secs = {name: statistics.median(values) for name, values in runs.items()}
    manifest = read_manifest(str(folder / "out"))
    floor, alone = num_mb / secs["floor"], num_lines_mb / secs["sentencepiece"]
    ours, ours_lines = num_mb / secs["whole"], num_lines_mb / secs["lines"]
    ours_cpu, lines_cpu = (all_cpu_secs(builds[name]) - all_cpu_secs(builds["start"]) for name in ("whole", "lines"))
    ours_on, lines_on = num_mb / (secs["whole"] - secs["start"]), num_lines_mb / (secs["lines"] - secs["start"])
    print(f"\n{'':58}{'median':>12}  {'goal':>10}")
    for name, value, goal in (
        ("SentencePiece alone, all cores", f"{alone:.1f} MB/s", ""),
        ("SentencePiece and sentence splitting: the floor", f"{floor:.1f} MB/s", ""),
        ("ours, end to end", f"{ours:.1f} MB/s", ""),
        ("ours, without start-up", f"{ours_on:.1f} MB/s", ""),
        ("  as a share of the floor", f"{ours_on / floor:.2f}", "0.75"),
        ("  the same by CPU time, which others' work disturbs less", f"{secs['floor-cpu'] / ours_cpu:.2f}", "0.75"),
        ("ours, one sentence per line, end to end", f"{ours_lines:.1f} MB/s", ""),
        ("ours, one sentence per line, without start-up", f"{lines_on:.1f} MB/s", ""),
        ("  as a share of SentencePiece alone", f"{lines_on / alone:.2f}", "0.60"),
        ("  the same by CPU time", f"{secs['sentencepiece-cpu'] / lines_cpu:.2f}", "0.60"),
        ("start-up", f"{secs['start']:.1f} s", ""),
        ("the sampler, one core", f"{100_000 / secs['sampler']:,.0f} ex/s", "100,000"),
        ("bytes of an example", f"{bytes_per_example(manifest):,.0f} B", "1,250"),
        ("peak memory of the main process", f"{peak(builds, 'main') / 1e6:.0f} MB", "400"),
        ("peak memory of a worker", f"{peak(builds, 'worker') / 1e6:.0f} MB", "400"),
        *coordination(builds, workers, num_mb),
    ):
        print(f"{name:58}{value:>12}  {goal:>10}")


def all_cpu_secs(builds: list[Watched]) -> float:
    return statistics.median(build.cpu_secs("main") + build.cpu_secs("worker") for build in builds)


def peak(builds: dict[str, list[Watched]], role: str) -> int:
    return max(build.peak_bytes(role) for build in builds["whole"])


def bytes_per_example(manifest: Manifest) -> float:
    return sum(shard.bytes for shard in manifest.shards) / sum(shard.examples for shard in manifest.shards)


def coordination(builds: dict[str, list[Watched]], workers: int, num_mb: float) -> list[tuple[str, str, str]]:
    """Return what the main process's time says of the number of workers it can feed; start-up is left out."""
    if workers == 1:
        return []
    spent = {
        role: statistics.median(build.cpu_secs(role) for build in builds["whole"])
        - statistics.median(build.cpu_secs(role) for build in builds["start"])
        for role in ("main", "worker")
    }
    is_seen = spent["main"] > UNSEEN_SECS
    main = max(spent["main"], UNSEEN_SECS)
    return [
        ("time of all workers, per MB", f"{1000 * spent['worker'] / num_mb:.1f} ms", ""),
        ("time of the main process, per MB", f"{'' if is_seen else '< '}{1000 * main / num_mb:.2f} ms", ""),
        ("workers that one main process can feed", f"{'' if is_seen else '> '}{spent['worker'] / main:.0f}", "64"),
    ]


if __name__ == "__main__":
    main()
