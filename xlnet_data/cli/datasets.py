"""The commands that look at a dataset: verify and inspect."""

import click


@click.command()
@click.argument("folder", type=click.Path(file_okay=False))
def verify(folder: str) -> None:
    """Check every byte, the schema and every example of a dataset; exit 1 if anything is wrong."""
    from xlnet_data.datasets.manifests import read_manifest
    from xlnet_data.datasets.verification import verify_dataset

    num_problems = 0
    for problem in verify_dataset(folder):
        num_problems += 1
        click.echo(problem)
    if num_problems:
        raise click.ClickException(f"{folder}: {num_problems} problems found; build the dataset again")
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
    from xlnet_data.datasets.inspection import describe_example, read_example

    click.echo(describe_example(folder, read_example(folder, split, lane, step)))
