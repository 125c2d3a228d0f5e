"""The command that tells what a build would give and take."""

import dataclasses
import json
import sys
from typing import TYPE_CHECKING

import click

from xlnet_data import api
from xlnet_data.cli.helping import Command
from xlnet_data.showing import make_safe

if TYPE_CHECKING:
    from rich.table import Table

    from xlnet_data.estimates.builds import BuildEstimate


@click.command(cls=Command, examples=(
    "xlnet-data plan corpus.toml --output dataset",
    "xlnet-data plan sample.toml --scale-to 126e9 --json",
))  # fmt: skip
@click.argument("config", type=click.Path(dir_okay=False))
@click.option("--output", help="Where the dataset shall go: warns if the disk has too little room.")
@click.option("--workers", type=click.IntRange(min=1), help="Local worker processes.  [default: one per core]")
@click.option(
    "--scale-to",
    type=click.FloatRange(min=0, min_open=True),
    metavar="BYTES",
    help="Bytes on disk of the whole input, such as 126e9: the files of CONFIG are a sample of it, in the same mix.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
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
    _print_tables(estimate)
    for warning in estimate.warnings:
        click.echo(f"Warning: {make_safe(warning)}", err=True)


def _print_tables(estimate: "BuildEstimate") -> None:
    from rich.console import Console

    # A file or a pipe is as wide as the table needs.
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    console.print(_corpora_table(estimate))
    console.print(_totals_table(estimate))


def _corpora_table(estimate: "BuildEstimate") -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE)
    table.add_column("corpus")
    for name in (
        "on disk",
        "sampled",
        "documents",
        "dropped",
        "text",
        "tokens",
        "±",
        "examples",
        "dataset",
        "spool",
        "core time",
    ):
        table.add_column(name, justify="right")
    total_tokens = max(1, sum(corpus.tokens for corpus in estimate.corpora))
    total_examples, rows = sum(estimate.examples.values()), []
    for corpus in estimate.corpora:
        share = corpus.tokens / total_tokens
        rows.append(
            (
                corpus.name,
                _bytes(corpus.input_bytes),
                f"{corpus.sampled_frac:.1%}",
                _count(corpus.documents_kept),
                _count(sum(corpus.documents_dropped.values())),
                _bytes(corpus.text_bytes),
                _count(corpus.tokens),
                f"{corpus.relative_error:.1%}",
                _count(round(total_examples * share)),
                _bytes(round(estimate.output_bytes * share)),
                _bytes(corpus.spool_bytes),
                _duration(estimate.core_secs * share),
            )
        )
    for row in rows:
        table.add_row(*row)
    if len(estimate.corpora) > 1:
        table.add_section()
        table.add_row(*_total_row(estimate))
    return table


def _total_row(estimate: "BuildEstimate") -> tuple[str, ...]:
    def total(name: str) -> int:
        return sum(getattr(corpus, name) for corpus in estimate.corpora)

    dropped = sum(sum(corpus.documents_dropped.values()) for corpus in estimate.corpora)
    return (
        "all",
        _bytes(total("input_bytes")),
        "",
        _count(total("documents_kept")),
        _count(dropped),
        _bytes(total("text_bytes")),
        _count(total("tokens")),
        "",
        _count(sum(estimate.examples.values())),
        _bytes(estimate.output_bytes),
        _bytes(estimate.spool_bytes),
        _duration(estimate.core_secs),
    )


def _totals_table(estimate: "BuildEstimate") -> "Table":
    from rich.table import Table

    table = Table(box=None, show_header=False)
    lanes, examples = estimate.lanes, estimate.examples
    for name, value in (
        ("lanes", f"{lanes['train']:,} train, {lanes['dev']:,} dev"),
        ("examples", f"{examples['train']:,} train, {examples['dev']:,} dev"),
        ("largest batch", f"{estimate.largest_batch:,} rows, read side by side"),
        ("disk", f"{_bytes(estimate.output_bytes)} dataset, {_bytes(estimate.spool_bytes)} more while it is built"),
        (
            "time",
            f"{_duration(estimate.wall_secs)} with {estimate.workers} workers, "
            f"{estimate.core_secs / 3600:.3g} core-hours",
        ),
        ("memory", f"{_bytes(estimate.worker_bytes)} per worker at most, about"),
    ):
        table.add_row(name, value)
    return table


def _bytes(number: float) -> str:
    """Return bytes with three digits.

    >>> _bytes(950), _bytes(62_345_678), _bytes(126e9)
    ('950 B', '62.3 MB', '126 GB')
    """
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if number < 999.5 or unit == "TB":
            break
        number /= 1000
    return f"{number:,.0f} {unit}" if number >= 99.95 or unit == "B" else f"{number:.1f} {unit}"


def _count(number: int) -> str:
    """Return a count with about three digits.

    >>> _count(142), _count(15_247_165), _count(32_890_000_000)
    ('142', '15.2M', '32.9B')
    """
    for unit, size in (("B", 1_000_000_000), ("M", 1_000_000), ("k", 1000)):
        if number >= size * (10 if unit == "k" else 1):
            return f"{number / size:.3g}{unit}"
    return f"{number:,}"


def _duration(secs: float) -> str:
    """Return a time in two units.

    >>> _duration(7), _duration(754), _duration(20_000)
    ('7 s', '12 min 34 s', '5 h 33 min')
    """
    minutes, rest = divmod(round(secs), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
