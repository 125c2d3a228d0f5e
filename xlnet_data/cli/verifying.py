"""Shows how far a verification is, and says what helps where it found damage."""

import contextlib
import re
import sys
from collections.abc import Callable, Iterator, Sequence

NUM_NAMED = 3
"""Damaged files that are named once more below all problems."""

_FILE = re.compile(r"((?:train|dev|documents)/[^:,]+\.arrow)[:,]")


@contextlib.contextmanager
def show_shards() -> Iterator[Callable[[int, int], None]]:
    """Show a bar of the shards that are verified, on stderr where it is a terminal, while the block runs."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("shards", total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def describe_damage(problems: Sequence[str]) -> str:
    """Return which files are damaged and what helps.

    A shard cannot be made alone: each of its lanes holds documents from anywhere in the corpora.

    >>> describe_damage(["train/shard-00000-of-00002.arrow: is missing", "manifest.json: is odd"])
    'copy train/shard-00000-of-00002.arrow again if there is a copy; else build the dataset again with its config, which README.md holds: every file comes out with the same bytes, and no shard can be made without reading all of the input'
    """  # noqa: E501
    files = list(dict.fromkeys(found[1] for problem in problems if (found := _FILE.match(problem))))
    again = "build the dataset again with its config, which README.md holds: every file comes out with the same bytes"
    if not files:
        return again
    named = ", ".join(files[:NUM_NAMED]) + (f" and {len(files) - NUM_NAMED} more" if files[NUM_NAMED:] else "")
    whole = "no shard can be made without reading all of the input"
    return f"copy {named} again if there is a copy; else {again}, and {whole}"
