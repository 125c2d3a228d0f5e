"""Where the time of a build's processes goes, stage by stage, as a profiler sees it from outside.

    python benchmarks/stages.py [FOLDER] [--megabytes 64] [--model MODEL]   (needs `pip install py-spy`)

FOLDER holds text files; without it, text is made up. The profiler looks at all processes a hundred times a second, and
a look that finds one at work counts for the stage of the module that it is in, or that called what it is in. Processes
that wait do not count.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from measuring import COMMAND, describe_machine, take_or_make_texts, take_or_train_model

STAGES = {
    "sentence ends": tuple(
        f"text/{name}"
        for name in (
            "sentences",
            "plain_paragraphs",
            "plain_ends",
            "stand_ins",
            "misread",
            "doubts",
            "quotations",
            "fragments",
            "abbreviations",
            "word_ends",
            "list_items",
        )
    ),
    "ids": ("text/tokenizer", "text/encoding", "text/word_tables", "text/ids"),
    "clean-up of sentences": ("text/clean_up",),
    "invisible characters": ("text/invisible",),
    "reading": ("corpora/", "files/", "ingestion/reading"),
    "filters": ("filters/",),
    "marks, counts and rows of documents": ("ingestion/", "pipelines/stages"),
    "spool, and lanes from it": ("pipelines/local/spool", "examples/lanes", "datasets/lane_plans"),
    "targets and their order": ("examples/targets", "examples/factorization", "examples/windows"),
    "pairs of segments": ("examples/segments", "examples/layout"),
    "tokens in no example": ("examples/coverage",),
    "random numbers": ("xlnet_data/seeds",),
    "batches of examples": ("examples/sampling",),
    "Arrow, sha256 and writing": ("datasets/", "files/writing", "pipelines/publish"),
}
"""Stages by the modules whose time is theirs; of several that fit, the longest name counts."""
HELPERS = ("text/characters",)
"""Modules whose time is their callers'."""
WAITING = ("threading.py", "(grpc/", "subprocess.py", "selectors.py", "pipelines/orphans")
"""Where a thread waits, even if the profiler takes it to be at work."""
IMPORTS, REST = "start-up: imports", "Beam and the rest"
RATE = 100
"""Looks per second: at more the profiler takes a core."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--megabytes", type=float, default=64, help="how much text to take, or to make up")
    parser.add_argument("--model", type=Path, help="a vocabulary; without it, one of 32,000 pieces is trained")
    options = parser.parse_args()
    profiler = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if profiler is None:
        print("py-spy is not installed, so nothing is measured: pip install py-spy")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = take_or_make_texts(options.folder, folder, int(options.megabytes * 1e6))
        write_inputs(texts, folder, take_or_train_model(options.model, texts, folder))
        looks = profile(profiler, folder)
    print(describe_machine())
    print(f"{sum(len(text.encode()) for text in texts) / 1e6:.1f} MB of text; {looks.total():,} looks")
    for stage, count in looks.most_common():
        print(f"{stage:40}{count / looks.total():>8.1%}")


def write_inputs(texts: list[str], folder: Path, model: Path) -> None:
    (folder / "texts").mkdir()
    for number, text in enumerate(texts):
        (folder / "texts" / f"{number:05}.txt").write_text(text, encoding="utf-8")
    (folder / "config.toml").write_text(
        f'[tokenizer]\nmodel = "{model}"\n[[corpora]]\nname = "books"\nformat = "books"\npaths = ["texts/*.txt"]\n'
    )


def profile(profiler: str, folder: Path) -> Counter[str]:
    """Build, and return how often each stage was seen at work."""
    build = [*COMMAND, "build-corpus", str(folder / "config.toml"), "--output", str(folder / "out"), "--quiet"]
    seen = folder / "looks"
    record = [profiler, "record", "--subprocesses", "--format", "raw", "--rate", str(RATE), "--output", str(seen)]
    subprocess.run([*record, "--", *build], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    looks: Counter[str] = Counter()
    for line in seen.read_text(encoding="utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        frames = stack.split(";")
        if not any(place in frames[-1] for place in WAITING):
            looks[stage_of(frames)] += int(count)
    return looks


def stage_of(frames: list[str]) -> str:
    """Return the stage of a stack, whose innermost frame is the last."""
    if any("importlib" in frame for frame in frames):
        return IMPORTS
    for frame in reversed(frames):
        fits = [(len(module), stage) for stage, modules in STAGES.items() for module in modules if module in frame]
        if fits and not any(helper in frame for helper in HELPERS):
            return max(fits)[1]
    return REST


if __name__ == "__main__":
    main()
