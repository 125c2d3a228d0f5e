"""The command that builds a dataset."""

import logging
import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from xlnet_data.config import BuildConfig
    from xlnet_data.schemas.manifest import Manifest
    from xlnet_data.text.tokenizer import Tokenizer


@click.command("build-corpus")
@click.argument("config", type=click.Path(dir_okay=False))
@click.option("--output", required=True, help="The dataset folder: local, or a URL with an engine that runs on many.")
@click.option(
    "--runner",
    type=click.Choice(["local", "spark", "flink", "dataflow"]),
    default="local",
    show_default=True,
    help="What runs the flow.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    help="Local worker processes; 0: none, all in this one, for a debugger.  [default: one per core]",
)
@click.option("--resume/--no-resume", default=True, show_default=True, help="Go on with an unfinished build.")
@click.option("--overwrite", is_flag=True, help="Replace the dataset that the folder holds.")
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
    quiet: bool,
    verbose: bool,
    beam_options: tuple[str, ...],
) -> None:
    """Build a dataset from the corpora of CONFIG.

    Tokenizes them, draws segment pairs, targets and orders, and writes sharded Arrow files with a manifest. What
    follows -- goes to the engine as its own options.
    """
    from xlnet_data.config_files import load_config

    loaded = load_config(config)
    _quiet_engine(verbose)
    if runner != "local":
        _build_on_engine(loaded, output, runner, overwrite, beam_options)
        return
    from xlnet_data.pipelines.local_folder import finish_build, hold_folder, is_published

    num_workers = len(os.sched_getaffinity(0)) if workers is None else workers
    with hold_folder(output, overwrite) as work:
        if is_published(output):
            manifest = finish_build(output)
        else:
            manifest = _build_here(loaded, output, work, num_workers, resume, quiet)
    for warning in manifest.warnings:
        click.echo(f"Warning: {warning}", err=True)
    for split, info in manifest.splits.items():
        click.echo(f"{split}: {info.examples:,} examples in {info.lanes:,} lanes from {info.tokens:,} tokens", err=True)
    click.echo(output)


def _build_here(config: "BuildConfig", output: str, work: str, workers: int, resume: bool, quiet: bool) -> "Manifest":
    """Build in a folder that this process holds."""
    from xlnet_data.cli.progress import show_progress
    from xlnet_data.pipelines.local_build import prepare_local, run_local

    try:
        tokenizer = _local_tokenizer(config, output, resume, quiet)
        local = prepare_local(config, output, work, tokenizer, workers, resume)
        with show_progress(local, quiet):
            return run_local(config, local, tokenizer)
    except KeyboardInterrupt:
        raise click.ClickException("interrupted: give the same command again to go on from here") from None


def _quiet_engine(verbose: bool) -> None:
    """Keep the engine's log from the user unless it is asked for; it logs from its import on."""
    logging.basicConfig(level=logging.INFO if verbose else logging.CRITICAL)
    logging.getLogger("apache_beam").setLevel(logging.INFO if verbose else logging.CRITICAL)


def _local_tokenizer(config: "BuildConfig", output: str, resume: bool, quiet: bool) -> "Tokenizer":
    """Return the vocabulary, loaded from its copy in the dataset folder; train it first if the config names none."""
    from xlnet_data.documents.vocabulary_samples import sample_sentences
    from xlnet_data.files.locations import locate
    from xlnet_data.files.writing import atomic_write
    from xlnet_data.schemas.manifest import TOKENIZER_FILE
    from xlnet_data.text.tokenizer import Tokenizer
    from xlnet_data.text.vocabularies import train_tokenizer

    settings, target = config.tokenizer, os.path.join(output, TOKENIZER_FILE)
    if settings.model is not None:
        given = Tokenizer.load(locate(settings.model, config.base_dir), settings)
        with atomic_write(target) as file:
            file.write(given.model_bytes)
    elif not (resume and os.path.exists(target)):
        if not quiet:
            click.echo(f"training a vocabulary of {settings.vocab_size:,} pieces", err=True)
        train_tokenizer(sample_sentences(config), settings, target)
    return Tokenizer.load(target, settings)


def _build_on_engine(
    config: "BuildConfig", output: str, runner: str, overwrite: bool, beam_options: tuple[str, ...]
) -> None:
    from xlnet_data.errors import ConfigError
    from xlnet_data.files.locations import locate
    from xlnet_data.files.writing import atomic_write
    from xlnet_data.pipelines.engine import check_engine_output, run_engine
    from xlnet_data.schemas.manifest import TOKENIZER_FILE
    from xlnet_data.text.tokenizer import Tokenizer

    if config.tokenizer.model is None:
        raise ConfigError(
            f"[tokenizer] model is needed with --runner {runner}: make one with train-tokenizer, put it where all "
            "workers can read it, and name it in the config"
        )
    tokenizer = Tokenizer.load(locate(config.tokenizer.model, config.base_dir), config.tokenizer)
    check_engine_output(output, overwrite)
    with atomic_write(os.path.join(output, TOKENIZER_FILE)) as file:
        file.write(tokenizer.model_bytes)
    run_engine(config, output, tokenizer, runner, beam_options)
