"""Builds a dataset from a config, on one machine or on an engine: what the command `build-corpus` does."""

import os
from collections.abc import Sequence

from xlnet_data.checks import check_list, check_type
from xlnet_data.config import BuildConfig, without_tolerance
from xlnet_data.errors import ConfigError
from xlnet_data.files.locations import locate
from xlnet_data.files.stores import check_named, is_url
from xlnet_data.files.writing import atomic_write
from xlnet_data.ingestion.vocabulary_samples import sample_sentences
from xlnet_data.pipelines.displays import BuildDisplay
from xlnet_data.pipelines.local.builds import prepare_local, run_local
from xlnet_data.pipelines.local.crew import Crew
from xlnet_data.pipelines.local.folder import HeldFolder, hold_folder
from xlnet_data.pipelines.local.times import BuildClock
from xlnet_data.pipelines.running import check_address_space
from xlnet_data.schemas.manifest import TOKENIZER_FILE, Manifest
from xlnet_data.showing import number_of
from xlnet_data.text.tokenizer import Tokenizer
from xlnet_data.text.vocabularies import train_tokenizer

MAX_WORKERS_PER_CORE = 16
"""Worker processes of a local build for each core of the machine, at most: each takes 100 MB or more."""


def build_dataset(
    config: BuildConfig,
    output: str,
    *,
    runner: str = "local",
    workers: int | None = None,
    resume: bool = True,
    overwrite: bool = False,
    engine_options: Sequence[str] = (),
    display: BuildDisplay | None = None,
    crew: Crew | None = None,
) -> Manifest | None:
    """Build a dataset and return its manifest; None where an engine's options pack the job into a file to be run later.

    Args:
        config: The config.
        output: The dataset folder: local, or a URL with an engine.
        runner: "local", or one of ENGINES.
        workers: Local worker processes, at most 16 per core; 0: none, everything runs in this one; None: one per core.
        resume: Go on with an unfinished build that the folder holds.
        overwrite: Replace the dataset that the folder holds.
        engine_options: The engine's own options, as on a command line.
        display: Is told how the build goes.
        crew: What starts the worker processes; the caller may have let it begin.

    Raises:
        XlnetDataError: What went wrong, by its name.
    """
    display = display or BuildDisplay()
    check_list("engine_options", engine_options)
    check_named(output, "output")
    display.begin(config)
    if runner != "local":
        from xlnet_data.pipelines.engines.launching import build_on_engine, refuse_local_options

        refuse_local_options(runner, workers, resume)
        where = output if is_url(output) else os.path.abspath(output)  # workers have other current folders
        return build_on_engine(config, where, runner, engine_options, overwrite, display)
    if engine_options:
        raise ConfigError(f"--runner local takes no options of an engine: got {' '.join(engine_options)}")
    if is_url(output):
        raise ConfigError(
            f"--runner local writes into a local folder: got --output {output}; build into one and copy it, or give "
            "--runner for an engine, such as spark, which writes there"
        )
    num_workers = _count_workers(workers)
    check_address_space()
    clock = BuildClock()
    with hold_folder(output, overwrite) as held, crew or Crew() as crew:  # no worker outlives the hold
        if not resume:
            held.forget()
        tokenizer = _local_tokenizer(config, held, display)
        local = prepare_local(config, held, tokenizer, num_workers)
        if local is None:  # another build began to replace this dataset, and shall not
            held.forget()
            tokenizer = _local_tokenizer(config, held, display)
            local = prepare_local(config, held, tokenizer, num_workers)
            assert local is not None
        clock.end_vocabulary()
        with display.follow(local):
            return run_local(config, local, tokenizer, clock, crew)


def _count_workers(workers: int | None) -> int:
    """Return how many worker processes a local build has: those that are asked for, or one per core.

    Raises:
        ConfigError: They are no whole number, fewer than 0, or more than MAX_WORKERS_PER_CORE for each core.
    """
    num_cores = len(os.sched_getaffinity(0))
    if workers is None:
        return num_cores
    check_type("workers", workers, 0)
    if not 0 <= workers <= MAX_WORKERS_PER_CORE * num_cores:
        raise ConfigError(
            f"--workers must be from 0 to {MAX_WORKERS_PER_CORE * num_cores} on this machine, {MAX_WORKERS_PER_CORE} "
            f"for each of its {number_of(num_cores, 'core')}: got --workers {workers}; one for each core is quickest"
        )
    return workers


def _local_tokenizer(config: BuildConfig, held: HeldFolder, display: BuildDisplay) -> Tokenizer:
    """Return the vocabulary, loaded from its copy in the dataset folder; train it first if the config names none."""
    settings, target = config.tokenizer, os.path.join(held.building, TOKENIZER_FILE)
    model = None if settings.model is None else locate(settings.model, config.base_dir)
    if held.is_published:  # nothing in it may change
        return Tokenizer.load(model or target, settings)
    if model is not None:
        given = Tokenizer.load(model, settings)
        with atomic_write(target) as file:
            file.write(given.model_bytes)
        return given.copied_to(target)
    trained_for = {"config": without_tolerance(config).fingerprint()}
    if held.records.find("vocabulary") != trained_for:
        with display.train_vocabulary(settings.vocab_size):
            written = train_tokenizer(sample_sentences(config), settings, target)
        held.records.keep("vocabulary", [written], trained_for)
    return Tokenizer.load(target, settings)
