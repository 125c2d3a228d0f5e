"""Peak memory of every process while the corpus grows, which it must not follow, and the processes' time.

    python benchmarks/memory.py [FOLDER] [--times 1 4 16] [--workers 2] [--megabytes 8]

FOLDER holds text files; without it, text is made up. To grow, every file is copied with its words in another order, so
that no document is like another. The last row is the largest corpus again, but in one task: with the defaults that is
about what a task of 126 GB has. How many workers one main process can feed follows from how their times grow.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measuring import describe_machine, take_or_make_texts, take_or_train_model, watch

from xlnet_data.config_files import load_config
from xlnet_data.ingestion.tasks import list_tasks

ONE_TASK = "import xlnet_data.ingestion.tasks; xlnet_data.ingestion.tasks.MAX_TASKS = 1; "


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--model", type=Path, help="a vocabulary; without it, one of 8,000 pieces is trained")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--megabytes", type=float, default=8, help="how much text to begin with")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, num_bytes = Path(name), int(options.megabytes * 1e6)
        texts = take_or_make_texts(options.folder, folder, num_bytes)
        config = write_config(folder, take_or_train_model(options.model, texts, folder, 8_000))
        print(describe_machine())
        print(f"{'':19}{'peak memory':>18}{'':12}{'processor time':>18}")
        print(
            f"{'text':>10}  {'tasks':>5}  {'main':>8}  {'worker':>8}  {'open files':>10}  "
            f"{'main':>8}  {'workers':>8}  {'wall':>7}"
        )
        grown = 0
        for times in options.times:
            while grown < times:
                write_copies(folder / "grown", texts, grown)
                grown += 1
            report(folder, config, options.workers, len(list_tasks(load_config(str(config)))), "")
        report(folder, config, options.workers, 1, ONE_TASK)


def write_config(folder: Path, model: Path) -> Path:
    config = folder / "config.toml"
    config.write_text(
        f'[tokenizer]\nmodel = "{model}"\n[[corpora]]\nname = "grown"\nformat = "text"\npaths = ["grown/*.txt"]\n'
    )
    return config


def write_copies(folder: Path, texts: Sequence[str], number: int) -> None:
    """Write every text once more, each paragraph's words in an order of this number's."""
    folder.mkdir(exist_ok=True)
    draw = random.Random(number)
    for index, text in enumerate(texts):
        paragraphs = [paragraph.split(" ") for paragraph in text.split("\n")]
        for words in paragraphs if number else ():
            draw.shuffle(words)
        (folder / f"{number:03}-{index:05}.txt").write_text("\n".join(map(" ".join, paragraphs)), encoding="utf-8")


def report(folder: Path, config: Path, workers: int, tasks: int, prelude: str) -> None:
    """Build and print a row."""
    output = folder / "out"
    seen = watch(
        ["build-corpus", str(config), "--output", str(output), "--quiet", "--workers", str(workers)], prelude=prelude
    )
    if seen.status:
        sys.exit(seen.stderr)
    shutil.rmtree(output)
    num_mb = sum(path.stat().st_size for path in (folder / "grown").iterdir()) / 1e6
    open_files = max(process.open_files for process in seen.processes.values())
    main_mb, worker_mb = seen.peak_bytes("main") / 1e6, seen.peak_bytes("worker") / 1e6
    print(
        f"{num_mb:7.0f} MB  {tasks:5}  {main_mb:5.0f} MB  {worker_mb:5.0f} MB  {open_files:10}  "
        f"{seen.cpu_secs('main'):6.2f} s  {seen.cpu_secs('worker'):6.1f} s  {seen.wall_secs:5.1f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
