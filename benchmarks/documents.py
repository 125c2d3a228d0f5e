"""How fast a build is on the same text cut into shorter and longer documents, with and without the filters for the web.

    python benchmarks/documents.py [FOLDER] [--megabytes 64] [--model MODEL] [--rounds 2] [--workers N]

FOLDER holds text files; without it, text is made up, and the filters are left out. Documents are paragraphs of a file
up to a length, in JSON lines; "whole" ones are a file each. Every round builds each once, in turns; start-up is that of
a few kilobytes and is left out. Time of the processor is that of all processes.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from measuring import describe_machine, take_or_make_texts, take_or_train_model, watch

from xlnet_data.datasets.manifests import read_manifest

LENGTHS = {"400": 400, "3,000": 3_000, "whole": sys.maxsize}
"""Characters of a document, at least, but for a file's last."""
FILTERS = ("none", "web")
"""The second drops made-up words."""
CASES = (("400", "none"), ("3,000", "none"), ("3,000", "web"), ("whole", "none"))
"""Documents and filters; those for the web drop short documents."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--megabytes", type=float, default=64, help="how much text to take, or to make up")
    parser.add_argument("--model", type=Path, help="a vocabulary; without it, one of 32,000 pieces is trained")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = take_or_make_texts(options.folder, folder, int(options.megabytes * 1e6))
        model = take_or_train_model(options.model, texts, folder)
        num_mb = sum(len(text.encode()) for text in texts) / 1e6
        print(describe_machine())
        print(f"{num_mb:.1f} MB of text, {options.workers} workers, {options.rounds} rounds\n")
        counts = {length: write_documents(texts, folder / f"{length}.jsonl", most) for length, most in LENGTHS.items()}
        write_documents([texts[0][:50_000]], folder / "start.jsonl", 3_000)
        seen: dict[tuple[str, str], list[tuple[float, float, int]]] = {}
        filters = FILTERS if options.folder else FILTERS[:1]
        cases = [*(("start", name) for name in filters), *(case for case in CASES if case[1] in filters)]
        for number in range(options.rounds):
            for case in cases if number % 2 else reversed(cases):
                seen.setdefault(case, []).append(build(folder, model, *case, options.workers))
    print(f"{'characters':12}{'documents':>10}{'filters':>10}{'kept':>10}{'speed':>12}{'processor time':>18}")
    for length, name in cases[len(filters) :]:
        wall, cpu = (
            statistics.median(run[what] for run in seen[length, name])
            - statistics.median(run[what] for run in seen["start", name])
            for what in (0, 1)
        )
        kept = seen[length, name][0][2]
        print(
            f"{length:12}{counts[length]:10,}{name:>10}{kept:10,}{num_mb / wall:7.1f} MB/s"
            f"{1000 * cpu / num_mb:12.1f} ms/MB"
        )


def write_documents(texts: Sequence[str], path: Path, num_chars: int) -> int:
    """Write JSON lines and return how many."""
    documents = [document for text in texts for document in cut(text, num_chars)]
    path.write_text("".join(f"{json.dumps({'text': document})}\n" for document in documents))
    return len(documents)


def cut(text: str, num_chars: int) -> Iterator[str]:
    waiting: list[str] = []
    waiting_chars = 0
    for paragraph in filter(str.strip, text.split("\n")):
        waiting.append(paragraph)
        waiting_chars += len(paragraph)
        if waiting_chars >= num_chars:
            yield "\n".join(waiting)
            waiting, waiting_chars = [], 0
    if waiting:
        yield "\n".join(waiting)


def build(folder: Path, model: Path, length: str, filters: str, workers: int) -> tuple[float, float, int]:
    """Return the seconds of a build by the wall and by the processor, and the documents that it kept."""
    config = folder / "config.toml"
    config.write_text(
        f'[tokenizer]\nmodel = "{model}"\n[[corpora]]\nname = "texts"\nformat = "jsonl"\npaths = ["{length}.jsonl"]\n'
        f'filters = "{filters}"\n'
    )
    seen = watch(["build-corpus", str(config), "--output", str(folder / "out"), "--overwrite", "--quiet",
                  "--workers", str(workers)])  # fmt: skip
    if seen.status:
        sys.exit(seen.stderr)
    kept = read_manifest(str(folder / "out")).corpora["texts"].documents_kept
    return seen.wall_secs, seen.cpu_secs("main") + seen.cpu_secs("worker"), kept


if __name__ == "__main__":
    main()
