"""Shows how far a verification is, and says what helps where it found damage."""

import contextlib
import re
import sys
from collections.abc import Callable, Iterator, Sequence

from xlnet_data.datasets.verification import NOT_LISTED
from xlnet_data.files.stores import is_url
from xlnet_data.showing import shell_command

NUM_NAMED = 3
"""Damaged files that are named once more below all problems."""

_FILE = re.compile(r"((?:train|dev|documents)/[^:,]+\.arrow|spiece\.model)[:,]")


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


def describe_damage(folder: str, problems: Sequence[str]) -> str:
    """Return which files of a dataset are damaged and what helps.

    >>> describe_damage("data", ["spiece.model: is missing"])
    'copy spiece.model again if there is a copy, or replace just that: xlnet-data repair data CONFIG'
    >>> describe_damage("data", ["manifest.json: is odd"])
    'build the dataset again with its config, which README.md holds: every file comes out with the same bytes'
    >>> describe_damage("data", ["train/my.arrow: the manifest does not list this file"])
    'remove the files that the manifest does not list'
    """
    damage = [problem for problem in problems if not problem.endswith(NOT_LISTED)]
    if len(damage) < len(problems):
        remove = "remove the files that the manifest does not list"
        return f"{remove}, and {describe_damage(folder, damage)}" if damage else remove
    files = list(dict.fromkeys(found[1] for problem in problems if (found := _FILE.match(problem))))
    if not files or any(not _FILE.match(problem) for problem in problems) or is_url(folder):
        again = "build the dataset again with its config, which README.md holds"
        return f"{again}: every file comes out with the same bytes"
    named = ", ".join(files[:NUM_NAMED]) + (f" and {len(files) - NUM_NAMED} more" if files[NUM_NAMED:] else "")
    command = f"{shell_command('xlnet-data', 'repair', folder)} CONFIG"
    return f"copy {named} again if there is a copy, or replace just that: {command}"
