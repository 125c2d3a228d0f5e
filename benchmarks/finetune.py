"""Three labelled tasks that books themselves give, and what a pretrained run is worth in them beside random weights.

Run: python benchmarks/finetune.py RUN BOOKS [--tasks book follows order] [--seeds 2] [--steps 200] [--summary mean]
BOOKS is a folder of text files, one book each. "book" asks which of some books a passage is from. "follows" asks
whether a passage follows another; where not, it is one of another book. "order" asks whether the words of a passage
stand as they were written; where not, about half of the pairs of neighbours have changed places. Passages to learn from
are cut from a book's first four fifths, those to be told from its last tenth; all are the same every time. --seeds 0
writes the files of the tasks and trains nothing. The text, not the labels, may be among what a run was trained on.
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import xlnet_data


def passages(path: Path, num_words: int, start: float, stop: float) -> list[list[str]]:
    """Return runs of words of a share of a book, end to end."""
    words = re.sub(r"[#*_>]+", " ", path.read_text(encoding="utf-8", errors="replace")).split()
    words = words[int(start * len(words)) : int(stop * len(words))]
    return [words[i : i + num_words] for i in range(0, len(words) - num_words + 1, num_words)]


def by_book(books: list[Path], num_words: int, place: tuple[float, float], count: int) -> Iterator[dict[str, str]]:
    """Yield passages, each with its book."""
    draw = random.Random(f"book {place}")
    for number, path in enumerate(books):
        found = passages(path, num_words, *place)
        for words in draw.sample(found, min(count, len(found))):
            yield {"text": " ".join(words), "label": f"book {number}"}


def by_follows(books: list[Path], num_words: int, place: tuple[float, float], count: int) -> Iterator[dict[str, str]]:
    """Yield pairs of passages: half of them follow each other, half are of two books."""
    draw = random.Random(f"follows {place}")
    found = [passages(path, num_words // 2, *place) for path in books]
    for number, own in enumerate(found):
        for place_of_a in draw.sample(range(len(own) - 1), min(count, len(own) - 1)):
            follows = draw.random() < 0.5
            other = found[(number + draw.randrange(1, len(found))) % len(found)]
            second = own[place_of_a + 1] if follows else draw.choice(other)
            yield {"text_a": " ".join(own[place_of_a]), "text_b": " ".join(second), "label": "yes" if follows else "no"}


def by_order(books: list[Path], num_words: int, place: tuple[float, float], count: int) -> Iterator[dict[str, str]]:
    """Yield passages: half of them as they were written, half with neighbours that have changed places."""
    draw = random.Random(f"order {place}")
    for path in books:
        found = passages(path, num_words, *place)
        for words in draw.sample(found, min(count, len(found))):
            is_changed = draw.random() < 0.5
            for first in range(0, len(words) - 1, 2):
                if is_changed and draw.random() < 0.5:
                    words[first : first + 2] = reversed(words[first : first + 2])
            yield {"text": " ".join(words), "label": "changed" if is_changed else "written"}


def write_task(folder: Path, name: str, books: list[Path], arguments: argparse.Namespace) -> tuple[Path, Path]:
    """Write the files of a task, to learn from and to be told."""
    folder.mkdir(parents=True, exist_ok=True)
    make = TASKS[name]
    paths = []
    for split, place, count in (("train", (0.0, 0.8), arguments.train), ("dev", (0.9, 1.0), arguments.dev)):
        path = folder / f"{name}-{split}.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in make(books, arguments.words, place, count)))
        paths.append(path)
    return paths[0], paths[1]


TASKS = {"book": by_book, "follows": by_follows, "order": by_order}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("books", type=Path)
    parser.add_argument("--output", type=Path, default=Path("build/finetune"))
    parser.add_argument("--tasks", nargs="+", default=[*TASKS], choices=[*TASKS])
    parser.add_argument("--num-books", type=int, default=10)
    parser.add_argument("--words", type=int, default=60, help="of a passage, or of a pair together")
    parser.add_argument("--train", type=int, default=100, help="passages of each book to learn from")
    parser.add_argument("--dev", type=int, default=30, help="passages of each book to be told")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--lr", type=float)
    parser.add_argument("--summary", choices=["cls", "mean"], default="mean")
    parser.add_argument("--seeds", type=int, default=2, help="of each; 0: only write the files of the tasks")
    arguments = parser.parse_args()
    books = sorted(path for path in arguments.books.iterdir() if path.is_file())
    books = random.Random(0).sample(books, arguments.num_books)
    settings = {"steps": arguments.steps, "summary": arguments.summary} | (
        {"learning_rate": arguments.lr} if arguments.lr else {}
    )
    for name in arguments.tasks:
        train, dev = write_task(arguments.output / "tasks", name, books, arguments)
        for from_scratch in (False, True):
            weights = "random" if from_scratch else "pretrained"
            for seed in range(arguments.seeds):
                folder = arguments.output / f"{name}-{weights}-{seed}"
                found = xlnet_data.finetune(
                    arguments.run, task=train, dev=[dev], output=folder, overwrite=True,
                    from_scratch=from_scratch, seed=seed, **settings,
                )  # fmt: skip
                (scored,) = found.files
                print(
                    f"{name:8} {weights:10} seed {seed}: accuracy {scored.scores['accuracy']:.1%} of "
                    f"{scored.num_examples}, by frequency {scored.baseline['accuracy']:.1%}, {found.num_train} "
                    f"examples, {found.secs:.0f} s",
                    flush=True,
                )


if __name__ == "__main__":
    sys.exit(main())
