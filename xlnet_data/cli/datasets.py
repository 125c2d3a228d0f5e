"""The commands that look at a dataset: verify and inspect."""

import click

from xlnet_data import api
from xlnet_data.showing import make_safe


@click.command()
@click.argument("folder", type=click.Path(file_okay=False))
def verify(folder: str) -> None:
    """Check every byte, the schema and every example of a dataset; exit 1 if anything is wrong."""
    from xlnet_data.datasets.manifests import read_manifest

    problems = api.verify(folder)
    for problem in problems:
        click.echo(make_safe(problem))
    if problems:
        raise click.ClickException(f"{folder}: {len(problems)} problems found; build the dataset again")
    manifest = read_manifest(folder)
    examples = sum(split.examples for split in manifest.splits.values())
    click.echo(f"{folder}: all is well with {len(manifest.shards)} shards and {examples:,} examples")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False))
@click.option("--split", default="train", show_default=True, help="Which split.")
@click.option("--lane", type=click.IntRange(min=0), help="Lane number.  [default: the first]")
@click.option("--step", type=click.IntRange(min=0), default=0, show_default=True, help="Step in the lane.")
def inspect(folder: str, split: str, lane: int | None, step: int) -> None:
    """Show one example: its segments, its targets, and the order in which they are predicted."""
    click.echo(make_safe(api.inspect(folder, split, lane, step)))
