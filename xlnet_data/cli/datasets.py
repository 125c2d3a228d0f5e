"""The commands that look at a dataset: verify, report and inspect."""

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import click

from xlnet_data import api
from xlnet_data.cli.build import quiet_engine
from xlnet_data.cli.helping import Command
from xlnet_data.showing import make_safe, number_of

if TYPE_CHECKING:
    from xlnet_data.datasets.shown_examples import ShownExample


@click.command(cls=Command, examples=(
    "xlnet-data verify dataset",
    "xlnet-data verify s3://bucket/dataset --fast",
    "xlnet-data verify dataset --json",
))  # fmt: skip
@click.argument("folder", type=click.Path(file_okay=False))
@click.option(
    "--fast", is_flag=True, help="Compare all bytes with the manifest's checksums, but draw no example again."
)
@click.option("--json", "as_json", is_flag=True, help="Print the problems, and the warnings of the build, as JSON.")
def verify(folder: str, fast: bool, as_json: bool) -> None:
    """Check every byte, the schema and every example of a dataset; exit 1 if anything is wrong."""
    from xlnet_data.cli.verifying import describe_damage, show_shards
    from xlnet_data.datasets.manifests import read_manifest

    with show_shards() as display:
        problems = api.verify(folder, fast=fast, display=display)
    if as_json:
        said = {"problems": problems, "warnings": [] if problems else read_manifest(folder).warnings}
        click.echo(make_safe(json.dumps(said, ensure_ascii=False, indent=2)))
        click.get_current_context().exit(1 if problems else 0)
    for problem in problems:
        click.echo(make_safe(problem))
    if problems:
        raise click.ClickException(
            make_safe(f"{folder}: {number_of(len(problems), 'problem')} found; {describe_damage(folder, problems)}")
        )
    manifest = read_manifest(folder)
    examples = sum(split.examples for split in manifest.splits.values())
    for warning in manifest.warnings:
        click.echo(f"Warning: {make_safe(warning)}", err=True)
    checked = "bytes of all files are right" if fast else "all is well"
    shards = number_of(len(manifest.shards), "shard")
    click.echo(f"{make_safe(folder)}: {checked} with {shards} and {examples:,} examples")


@click.command(cls=Command, examples=(
    "xlnet-data repair dataset corpus.toml",
))  # fmt: skip
@click.argument("folder", type=click.Path(file_okay=False))
@click.argument("config", type=click.Path(dir_okay=False))
@click.option("--workers", type=click.IntRange(min=0), help="As of build-corpus.")
def repair(folder: str, config: str, workers: int | None) -> None:
    """Replace the damaged files of a dataset by those of a build with its CONFIG; the others stay as they are.

    All of the input is read again, for a shard's lanes hold documents from anywhere in it, and what is built takes as
    much room as the dataset until it is done. Nothing is replaced unless it is what the manifest says.
    """
    quiet_engine()
    from xlnet_data.cli.displays import ProgressDisplay
    from xlnet_data.repairs import repair as repair_dataset

    try:
        replaced = repair_dataset(folder, config, workers=workers, display=ProgressDisplay())
    except KeyboardInterrupt as error:
        error.add_note("give the same command again to go on from here")
        raise
    for name in replaced:
        click.echo(make_safe(name))
    click.echo(f"{make_safe(folder)}: {number_of(len(replaced), 'damaged file')} replaced", err=True)


@click.command(cls=Command, examples=(
    "xlnet-data report dataset",
    "xlnet-data report s3://bucket/dataset --json",
    "xlnet-data report dataset --output report.html",
    "xlnet-data report dataset-run --output run.html",
))  # fmt: skip
@click.argument("folder", type=click.Path(file_okay=False))
@click.option(
    "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write a page, of a dataset or a training run."
)
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def report(folder: str, output: str | None, as_json: bool) -> None:
    """Tell what a dataset holds: what each corpus gave and lost and why, the splits, lengths, warnings."""
    if output and as_json:
        raise click.UsageError("--output writes a page, and --json prints: give one of them")
    summary = api.report(folder, output=output)
    if summary is None:
        click.echo(output)
    elif as_json:
        click.echo(make_safe(json.dumps(dataclasses.asdict(summary), ensure_ascii=False, indent=2)))
    else:
        from xlnet_data.cli.summaries import make_console, print_summary
        from xlnet_data.datasets.summaries import next_commands

        print_summary(summary, make_console(), next_commands(folder, summary))


@click.command(cls=Command, examples=(
    "xlnet-data inspect dataset",
    "xlnet-data inspect dataset --lane 3 --step 12 --as-written",
    "xlnet-data inspect dataset --split dev --random 5",
    "xlnet-data inspect dataset --doc 'Alan Turing' --html example.html",
))  # fmt: skip
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--split", default="train", show_default=True, help="Which split.")
@click.option("--lane", type=click.IntRange(min=0), help="Lane number.  [default: the first]")
@click.option("--step", type=click.IntRange(min=0), help="Step in the lane.  [default: 0]")
@click.option("--random", type=click.IntRange(min=1), metavar="N", help="N examples drawn at random instead.")
@click.option("--seed", type=int, help="Of --random: the same seed draws the same ones.  [default: others each time]")
@click.option("--doc", metavar="ID", help="The example in which the document of this id begins instead.")
@click.option("--as-written", is_flag=True, help="Show backward lanes as they were written, first word first.")
@click.option("--html", type=click.Path(dir_okay=False), help="Write a page to this file: masks, order, neighbours.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of JSON objects instead.")
def inspect(folder: str, as_written: bool, as_json: bool, **chosen: Any) -> None:
    """Show examples: their segments, their targets, the order of prediction, and whose text they are."""
    examples = api.inspect(folder, **chosen)
    if as_json:
        rows = [dataclasses.asdict(example) for example in examples]
        click.echo(make_safe(json.dumps(rows, ensure_ascii=False)))
    elif chosen["html"]:
        click.echo(chosen["html"])
    else:
        _print(examples, as_written)


def _print(examples: "list[ShownExample]", as_written: bool) -> None:
    from xlnet_data.cli.examples import print_examples
    from xlnet_data.cli.summaries import make_console

    print_examples(examples, make_console(), as_written=as_written)
