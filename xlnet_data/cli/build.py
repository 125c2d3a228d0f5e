"""The command that builds a dataset."""

import logging

import click

from xlnet_data import api
from xlnet_data.cli.displays import ProgressDisplay
from xlnet_data.cli.helping import Command, FiniteRange
from xlnet_data.imports import serve_one_build


@click.command("build-corpus", cls=Command, examples=(
    "xlnet-data build-corpus corpus.toml --output dataset",
    "xlnet-data build-corpus corpus.toml --output dataset --workers 4 --overwrite",
))  # fmt: skip
@click.argument("config", type=click.Path(dir_okay=False))
@click.option(
    "--output",
    required=True,
    type=click.Path(),
    help="The dataset folder: local, or a URL with an engine that runs on many.",
)
@click.option(
    "--runner",
    type=click.Choice(["local", "spark", "flink", "dataflow", "prism", "portable"]),
    default="local",
    show_default=True,
    help="What runs the flow; portable: a job server of Beam's that runs already.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    help="Local worker processes; 0: none, all in this one, for a debugger.  [default: one per core]",
)
@click.option("--resume/--no-resume", default=True, show_default=True, help="Go on with an unfinished build.")
@click.option("--overwrite", is_flag=True, help="Replace the dataset that the folder holds.")
@click.option(
    "--check-ids",
    type=FiniteRange(0, 1),
    help="Share of the sentences whose ids are compared with SentencePiece's.  [default: 0.001]",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--verbose", is_flag=True, help="Show the engine's own log.")
@click.argument("beam_options", nargs=-1, type=click.UNPROCESSED)
def build_corpus(
    config: str,
    output: str,
    runner: str,
    workers: int | None,
    resume: bool,
    overwrite: bool,
    check_ids: float | None,
    quiet: bool,
    verbose: bool,
    beam_options: tuple[str, ...],
) -> None:
    """Build a dataset from the corpora of CONFIG.

    Tokenizes them, draws segment pairs, targets and orders, and writes sharded Arrow files with a manifest. What
    follows -- goes to the engine as its own options.
    """
    quiet_engine(verbose)
    if runner == "local":
        serve_one_build()
    try:
        manifest = api.build_corpus(
            config,
            output,
            runner=runner,
            workers=workers,
            resume=resume,
            overwrite=overwrite,
            check_ids=check_ids,
            engine_options=beam_options,
            display=None if quiet else ProgressDisplay(),
        )
    except KeyboardInterrupt as error:
        error.add_note(f"give the same command again to {'go on from here' if runner == 'local' else 'begin anew'}")
        raise
    if manifest is not None:
        from xlnet_data.cli.summaries import print_built

        print_built(output)
    click.echo(output)


def quiet_engine(verbose: bool = False) -> None:
    """Keep the engine's log from the user unless it is asked for; it logs from its import on."""
    logging.basicConfig(level=logging.INFO if verbose else logging.CRITICAL)
    logging.getLogger("apache_beam").setLevel(logging.INFO if verbose else logging.CRITICAL)
