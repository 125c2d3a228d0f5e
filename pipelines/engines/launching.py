"""Builds a dataset on an engine, for `builds`, which imports this only where it is needed."""

import functools
import time
from collections.abc import Sequence

from xlnet_data.checks import check_choice
from xlnet_data.config import BuildConfig
from xlnet_data.errors import ConfigError
from xlnet_data.files.locations import locate
from xlnet_data.files.moving import join_path
from xlnet_data.pipelines.displays import BuildDisplay
from xlnet_data.pipelines.engines.builds import run_engine
from xlnet_data.pipelines.engines.dataflow import check_dataflow
from xlnet_data.pipelines.engines.folder import engine_folder, withdraw_folder
from xlnet_data.pipelines.engines.jobs import EngineJob
from xlnet_data.pipelines.engines.kinds import ENGINES
from xlnet_data.pipelines.engines.marker import marked_build
from xlnet_data.pipelines.engines.partitions import about_input_bytes
from xlnet_data.pipelines.engines.runners import EngineSetup
from xlnet_data.schemas.manifest import TOKENIZER_FILE, Manifest
from xlnet_data.text.tokenizer import Tokenizer


def refuse_local_options(runner: str, workers: int | None, resume: bool) -> None:
    """Refuse what has a meaning on one machine alone.

    Raises:
        ConfigError: It is given; or the engine is none.
    """
    check_choice("runner", runner, ["local", *ENGINES])
    if workers is not None:
        raise ConfigError(
            f"--workers counts processes of --runner local: got --workers {workers}; --runner {runner} takes instead, "
            f"behind --, {ENGINES[runner].instead_of_workers}"
        )
    if not resume:
        raise ConfigError(f"--no-resume is for --runner local: a build on {runner} always begins anew")


def build_on_engine(
    config: BuildConfig, output: str, runner: str, options: Sequence[str], overwrite: bool, display: BuildDisplay
) -> Manifest | None:
    """Build on an engine; what can be known to be wrong is said before anything is written or started.

    Args:
        config: The config.
        output: The dataset folder, an absolute path or a URL.
        runner: The engine's name.
        options: Its own options, as on a command line.
        overwrite: Replace the dataset that the folder holds.
        display: Is told how the build goes.
    """
    began = time.monotonic()
    if config.tokenizer.model is None:
        raise ConfigError(
            f"[tokenizer] model is needed with --runner {runner}: make one with train-tokenizer, put it where all "
            "workers can read it, and name it in the config"
        )
    setup = EngineSetup(runner, options, about_input_bytes(config) if runner == "spark" else 0)
    if runner == "dataflow":
        check_dataflow(setup.options, config, output)
    tokenizer = Tokenizer.load(locate(config.tokenizer.model, config.base_dir), config.tokenizer)
    job = EngineJob(runner, setup.page, began=began)
    with (
        marked_build(config, tokenizer, output, runner, overwrite) as note,
        engine_folder(output, overwrite, tokenizer) as folder,
        display.follow_job(job),
    ):
        job.withdraw = functools.partial(withdraw_folder, folder)
        if note:
            job.notes.append(note)
        model = join_path(folder.building, TOKENIZER_FILE)
        return run_engine(config, folder, Tokenizer.load(model, config.tokenizer), setup, job)
