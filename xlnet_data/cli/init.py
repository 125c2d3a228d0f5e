"""The command that writes a first config."""

import click

from xlnet_data import api
from xlnet_data.cli.helping import Command
from xlnet_data.showing import make_safe, number_of, shell_command


@click.command(cls=Command, examples=(
    "xlnet-data init texts",
    "xlnet-data init /data/books --output books.toml",
))  # fmt: skip
@click.argument("folder", type=click.Path(file_okay=False))
@click.option(
    "--output", default="corpus.toml", show_default=True, type=click.Path(dir_okay=False), help="The config to write."
)
@click.option("--overwrite", is_flag=True, help="Replace the config if it is there.")
def init(folder: str, output: str, overwrite: bool) -> None:
    """Write a config for the text in FOLDER: its formats, its language, and sizes that fit it.

    Files are recognised by what they hold. The config is commented; look at it before you build.
    """
    from xlnet_data.cli.training_time import show_work

    try:
        with show_work() as tell:
            first = api.init(folder, output=output, overwrite=overwrite, display=tell)
    except KeyboardInterrupt as error:
        error.add_note("no config is written")
        raise
    for corpus in first.found.corpora:
        shown = f"{number_of(len(corpus.files), 'file')}, {corpus.num_bytes / 1e6:,.2f} MB, format {corpus.format}"
        for line in (shown, *corpus.remarks):
            click.echo(make_safe(f"{corpus.name}: {line}"), err=True)
    for reason, names in first.found.left_out.items():
        click.echo(make_safe(f"left out {number_of(len(names), 'file')}, such as {names[0]}: {reason}"), err=True)
    plan, build = (shell_command("xlnet-data", *words) for words in (
        ("plan", output), ("build-corpus", output, "--output", "dataset"),
    ))  # fmt: skip
    click.echo(f"next: {plan}, then {build}", err=True)
    click.echo(make_safe(output))
