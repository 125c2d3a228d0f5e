"""Prints what there is to say of a dataset on a terminal of any width: the last screen of a build, and `report`."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from xlnet_data.cli.amounts import show_bytes, show_count, show_duration, show_share
from xlnet_data.datasets.advice import MAX_CHANGED_FRAC, MAX_SHARE_GAP, MAX_UNKNOWN_FRAC
from xlnet_data.datasets.summaries import CorpusSummary, Summary, describe_groups, median_of, next_commands, summarize
from xlnet_data.showing import make_safe, number_of

PLAIN_WIDTH = 100
"""Columns where the output is no terminal."""

NO_WIDTH = 10
"""Columns below which a terminal does not say how many it has: some say that they have none."""

LEAST_WIDTH = 70
"""Columns at least: in fewer, tables lose their numbers, and a narrow terminal breaks longer lines by itself."""

_BARS = " ▁▂▃▄▅▆▇█"


def make_console(*, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal or COLUMNS says, at least LEAST_WIDTH; else of PLAIN_WIDTH."""
    is_wide = (sys.stderr if stderr else sys.stdout).isatty() or "COLUMNS" in os.environ
    console = Console(stderr=stderr, width=None if is_wide else PLAIN_WIDTH, highlight=False)
    console.width = max(console.width, LEAST_WIDTH) if console.width >= NO_WIDTH else PLAIN_WIDTH
    return console


def print_built(folder: str) -> None:
    """Print the last screen of a build on stderr."""
    summary = summarize(folder)
    print_summary(summary, make_console(stderr=True), next_commands(folder, summary))


def print_summary(summary: Summary, console: Console, commands: Sequence[str] = ()) -> None:
    """Print a summary.

    Args:
        summary: What there is to say.
        console: Where to.
        commands: What the user may do next.
    """
    console.print(corpora_table(summary.corpora))
    print_dropped(summary.corpora, console)
    console.print(Padding(_facts_table(summary), (0, 0, 0, 1)))
    if summary.warnings:
        console.print()
    print_warnings(summary.warnings, console)
    print_commands(commands, console)


def print_commands(commands: Sequence[str], console: Console) -> None:
    """Print what the user may do next."""
    if commands:
        console.print()
        console.print(Text(" next", "bold"))
        for command in commands:
            console.print(Text(f"   {command}"), soft_wrap=True)


def print_dropped(corpora: Sequence[CorpusSummary], console: Console) -> None:
    """Print why documents were dropped, and a few of them with what was measured."""
    for corpus in corpora:
        for line in _dropped_lines(corpus):
            console.print(line)


def print_warnings(warnings: Sequence[str], console: Console) -> None:
    """Print warnings, each a paragraph of its own."""
    for warning in warnings:
        text = Text(f"Warning: {make_safe(warning)}", "yellow")
        console.print(text, soft_wrap=not is_wrapped(console))


def is_wrapped(console: Console) -> bool:
    """Return whether sentences are wrapped: for people, not for what reads lines from a pipe."""
    return console.is_terminal or "COLUMNS" in os.environ


def corpora_table(corpora: Sequence[CorpusSummary]) -> Table:
    """Return the table of what each corpus gave and lost."""
    columns = ("read", "kept", "dropped", "dupli-\ncates", "tokens", "share", "share\nwanted", "<unk>", "marks\nlost")
    is_wanted = any(corpus.wanted_frac is not None for corpus in corpora)
    shown = [number for number, name in enumerate(columns) if is_wanted or name != "share\nwanted"]
    table = make_table([columns[number] for number in shown])
    for corpus in corpora:
        name, *cells = _corpus_row(corpus)
        table.add_row(name, *(cells[number] for number in shown))
    if len(corpora) > 1:
        table.add_section()
        table.add_row(*_total_row(corpora))
    return table


def make_table(names: Sequence[str], gap: int = 2) -> Table:
    """Return an empty table with a row per corpus, whose name is broken where the columns of numbers need the room."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, gap - 1))
    table.add_column("corpus", overflow="fold", max_width=24, vertical="bottom")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True, vertical="bottom")
    return table


def _corpus_row(corpus: CorpusSummary) -> tuple[str | Text, ...]:
    num_duplicates = corpus.num_duplicates
    return (
        Text(make_safe(corpus.name)),
        show_count(corpus.documents_read),
        show_count(corpus.documents_kept),
        show_count(corpus.num_dropped - num_duplicates),
        show_count(num_duplicates),
        show_count(corpus.tokens),
        _share_beside(corpus),
        "" if corpus.wanted_frac is None else show_share(corpus.wanted_frac),
        "?" if corpus.unknown_frac is None else _warned_share(corpus.unknown_frac, MAX_UNKNOWN_FRAC),
        _warned_share(corpus.changed_letter_frac, MAX_CHANGED_FRAC),
    )


def _total_row(corpora: Sequence[CorpusSummary]) -> tuple[str, ...]:
    num_duplicates = sum(corpus.num_duplicates for corpus in corpora)
    return (
        "all",
        show_count(sum(corpus.documents_read for corpus in corpora)),
        show_count(sum(corpus.documents_kept for corpus in corpora)),
        show_count(sum(corpus.num_dropped for corpus in corpora) - num_duplicates),
        show_count(num_duplicates),
        show_count(sum(corpus.tokens for corpus in corpora)),
    )


def _share_beside(corpus: CorpusSummary) -> Text:
    """Return a corpus's share of the tokens, in red where it is far from the wanted one."""
    gap = 0.0 if corpus.wanted_frac is None else abs(corpus.tokens_frac - corpus.wanted_frac)
    return Text(show_share(corpus.tokens_frac), "bold red" if gap > MAX_SHARE_GAP else "")


def _warned_share(share: float, limit: float) -> Text:
    return Text(show_share(share), "bold red" if share > limit else "")


def _dropped_lines(corpus: CorpusSummary) -> Iterator[Padding]:
    if not corpus.num_dropped:
        return
    share = show_share(corpus.num_dropped / max(1, corpus.documents_read))
    reasons = ", ".join(f"{reason} {show_count(count)}" for reason, count in corpus.documents_dropped.items())
    yield Padding(Text(f"{make_safe(corpus.name)}: {share} of the documents dropped: {reasons}"), (0, 0, 0, 1))
    for reason, sample in corpus.samples:
        title = f" ({make_safe(sample.title)})" if sample.title else ""
        text = Text(f"{make_safe(sample.doc_id)}{title}  ", "cyan")
        text.append(reason, "bold")
        text.append(f": {make_safe(sample.cause)}" if sample.cause else "")
        yield Padding(text, (0, 0, 0, 3))
        if sample.excerpt:
            excerpt = Text(f"“{make_safe(sample.excerpt)}…”", "dim", no_wrap=True, overflow="ellipsis")
            yield Padding(excerpt, (0, 0, 0, 5))
    yield Padding("", 0)


def _facts_table(summary: Summary) -> Table:
    """Return what the splits hold, how long texts are, and what the build took."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for split in summary.splits:
        parts = [f"{split.examples:,} examples in {split.lanes:,} lanes from {split.tokens:,} tokens"]
        if split.positive_frac is not None:
            parts.append(f"{show_share(split.positive_frac)} of the pairs are positive")
        if split.tokens_in_no_example:
            parts.append(f"{split.tokens_in_no_example:,} tokens in no example")
        table.add_row(split.name, ", ".join(parts))
    for name, lens in (("documents", summary.document_lens), ("sentences", summary.sentence_lens)):
        if lens:
            table.add_row(name, _show_lens(lens))
    if said := describe_groups(summary.duplicate_groups):
        table.add_row("duplicates", Text(make_safe(said)))
    if summary.times is not None:
        table.add_row("time", _show_times(summary))
        if summary.times.slow_because is not None:
            table.add_row("", f"the ids by SentencePiece alone, which takes longer: {summary.times.slow_because}")
    return table


def _show_lens(lens: Mapping[int, int]) -> str:
    """Return a histogram as a row of bars, with its range and median.

    >>> _show_lens({4: 1, 8: 4})
    '▂█ 4 to 15 tokens, half of them below 16'
    """
    least, most, highest = min(lens), max(lens), max(lens.values())
    ranges = [1 << exponent for exponent in range(least.bit_length() - 1, most.bit_length())]
    bars = "".join(_BARS[-(-8 * lens.get(start, 0) // highest)] for start in ranges)
    median = median_of(lens)
    return f"{bars} {least:,} to {2 * most - 1:,} tokens, half of them below {2 * (median or 0):,}"


def _show_times(summary: Summary) -> str:
    times = summary.times
    assert times is not None
    stages = {"vocabulary": times.vocabulary_secs, "reading": times.read_secs, "writing": times.write_secs}
    shown = ", ".join(f"{name} {show_duration(secs)}" for name, secs in stages.items() if secs)
    speed = f", {show_bytes(times.text_bytes / times.read_secs)} of text a second" if times.read_secs else ""
    again = "; an earlier part of the build did the rest" if times.is_resumed else ""
    workers = "" if times.workers is None else f" with {number_of(times.workers, 'worker')}"
    return f"{show_duration(times.wall_secs)}{workers}{': ' if shown else ''}{shown}{speed}{again}"
