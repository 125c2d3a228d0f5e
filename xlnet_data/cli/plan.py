"""The command that tells what a build would give and take."""

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from xlnet_data import api
from xlnet_data.cli.amounts import show_bytes, show_count, show_duration
from xlnet_data.cli.helping import Command, FiniteRange
from xlnet_data.showing import make_safe, number_of, shell_command

if TYPE_CHECKING:
    from rich.table import Table

    from xlnet_data.datasets.summaries import CorpusSummary
    from xlnet_data.estimates.builds import BuildEstimate
    from xlnet_data.estimates.corpora import CorpusEstimate


@click.command(cls=Command, examples=(
    "xlnet-data plan corpus.toml --output dataset",
    "xlnet-data plan sample.toml --scale-to 126e9 --json",
))  # fmt: skip
@click.argument("config", type=click.Path(dir_okay=False))
@click.option("--output", type=click.Path(), help="Where the dataset shall go: warns if the disk has too little room.")
@click.option("--workers", type=click.IntRange(min=1), help="Local worker processes.  [default: one per core]")
@click.option(
    "--scale-to",
    type=FiniteRange(min=0, min_open=True),
    metavar="BYTES",
    help="Bytes on disk of the whole input, such as 126e9: the files of CONFIG are a sample of it, in the same mix.",
)
@click.option(
    "--seconds",
    type=FiniteRange(min=0),
    default=20.0,
    show_default=True,
    help="Time for the sample, at most, about.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def plan(
    config: str, output: str | None, workers: int | None, scale_to: float | None, seconds: float, as_json: bool
) -> None:
    """Tell what building the corpora of CONFIG would give and take, and what will not work, without building.

    Reads the files' sizes and a small sample of their text, chosen by hash: the counts are the same on every run that
    reads as much; the time is this machine's.
    """
    estimate = api.plan(config, output=output, workers=workers, seconds=seconds, scale_to=scale_to)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(estimate), indent=2))
        return
    from xlnet_data.cli.summaries import make_console, print_commands, print_warnings

    _print_tables(estimate)
    print_warnings(estimate.warnings, make_console(stderr=True))
    if estimate.examples["train"]:  # else the build would stop
        build = shell_command("xlnet-data", "build-corpus", config, "--output", output or "dataset")
        print_commands([build], make_console())


def _print_tables(estimate: "BuildEstimate") -> None:
    from xlnet_data.cli.summaries import corpora_table, make_console, print_dropped

    console, corpora = make_console(), [_summary_of(corpus, estimate) for corpus in estimate.corpora]
    console.print(corpora_table(corpora))
    print_dropped(corpora, console)
    console.print(_costs_table(estimate))
    console.print(_totals_table(estimate))


def _summary_of(corpus: "CorpusEstimate", estimate: "BuildEstimate") -> "CorpusSummary":
    """Return what is known of a corpus before it is built; duplicates are not."""
    from xlnet_data.datasets.advice import wanted_shares
    from xlnet_data.datasets.summaries import CorpusSummary, by_frequency

    return CorpusSummary(
        name=corpus.name,
        documents_read=corpus.documents_read,
        documents_kept=corpus.documents_kept,
        documents_dropped=by_frequency(corpus.documents_dropped),
        tokens=corpus.tokens,
        tokens_frac=corpus.tokens / max(1, sum(other.tokens for other in estimate.corpora)),
        unknown_frac=corpus.unknown_frac if estimate.has_vocabulary else None,
        changed_letter_frac=corpus.changed_letter_frac,
        wanted_frac=wanted_shares(
            {other.name: other.share for other in estimate.corpora},
            {other.name: other.tokens for other in estimate.corpora},
        ).get(corpus.name),
        samples=corpus.samples,
    )


def _costs_table(estimate: "BuildEstimate") -> "Table":
    from rich.text import Text

    from xlnet_data.cli.summaries import make_table

    names = (
        "on disk",
        "bytes\nseen",
        "docu-\nments\nseen",
        "±\ntokens",
        "text",
        "examples",
        "dataset",
        "spool",
        "core\ntime",
    )
    table = make_table(names, gap=1)
    total_tokens = max(1, sum(corpus.tokens for corpus in estimate.corpora))
    total_examples = sum(estimate.examples.values())
    for corpus in estimate.corpora:
        share = corpus.tokens / total_tokens
        table.add_row(
            Text(make_safe(corpus.name)),
            show_bytes(corpus.input_bytes),
            f"{corpus.sampled_frac:.1%}",
            show_count(corpus.sampled_documents),
            f"{corpus.relative_error:.1%}",
            show_bytes(corpus.text_bytes),
            show_count(round(total_examples * share)),
            show_bytes(round(estimate.output_bytes * share)),
            show_bytes(corpus.spool_bytes),
            show_duration(estimate.core_secs * share),
        )
    if len(estimate.corpora) > 1:
        table.add_section()
        table.add_row(*_total_row(estimate))
    return table


def _total_row(estimate: "BuildEstimate") -> tuple[str, ...]:
    return (
        "all",
        show_bytes(sum(corpus.input_bytes for corpus in estimate.corpora)),
        "",
        show_count(sum(corpus.sampled_documents for corpus in estimate.corpora)),
        "",
        show_bytes(sum(corpus.text_bytes for corpus in estimate.corpora)),
        show_count(sum(estimate.examples.values())),
        show_bytes(estimate.output_bytes),
        show_bytes(estimate.spool_bytes),
        show_duration(estimate.core_secs),
    )


def _totals_table(estimate: "BuildEstimate") -> "Table":
    from rich.table import Table

    table = Table(box=None, show_header=False)
    lanes, examples = estimate.lanes, estimate.examples
    for name, value in (
        ("lanes", f"{lanes['train']:,} train, {lanes['dev']:,} dev"),
        ("examples", f"{examples['train']:,} train, {examples['dev']:,} dev"),
        ("largest batch", f"{estimate.largest_batch:,} rows, read side by side"),
        (
            "disk",
            f"{show_bytes(estimate.output_bytes)} dataset, {show_bytes(estimate.spool_bytes)} more while it is built",
        ),
        (
            "time",
            f"{show_duration(estimate.wall_secs)} with {number_of(estimate.workers, 'worker')}, "
            f"{estimate.core_secs / 3600:.3g} core-hours",
        ),
        ("memory", f"{show_bytes(estimate.worker_bytes)} per worker at most, about"),
    ):
        table.add_row(name, value)
    if estimate.slow_because is not None:
        table.add_row("", f"the ids by SentencePiece alone, which takes longer: {estimate.slow_because}")
    return table
