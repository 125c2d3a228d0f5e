"""Builds on an engine of Beam's that runs on many machines."""

from xlnet_data.config import BuildConfig
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import EngineError, ShardError
from xlnet_data.pipelines.engines.exchange import EngineExchange
from xlnet_data.pipelines.engines.folder import EngineFolder
from xlnet_data.pipelines.engines.jobs import EngineJob, run_job
from xlnet_data.pipelines.engines.runners import EngineSetup
from xlnet_data.pipelines.engines.times import write_times
from xlnet_data.pipelines.flow import build
from xlnet_data.pipelines.running import make_pipeline
from xlnet_data.schemas.manifest import Manifest
from xlnet_data.text.tokenizer import Tokenizer


def run_engine(
    config: BuildConfig, folder: EngineFolder, tokenizer: Tokenizer, setup: EngineSetup, job: EngineJob
) -> Manifest | None:
    """Build on an engine; the documents travel through its shuffle.

    Args:
        config: The config.
        folder: Where the build writes.
        tokenizer: The vocabulary, loaded from where workers reach it.
        setup: The engine and its options.
        job: Follows the build.

    Returns:
        The manifest; None if the job was packed into a file and not run.

    Raises:
        XlnetDataError: What went wrong, by its name.
    """
    runner = setup.make_runner()
    pipeline = make_pipeline(runner, setup.options)
    build(pipeline, config, folder.building, tokenizer, EngineExchange(config, folder, tokenizer.id_type))
    run_job(pipeline, job, getattr(runner, "stop", lambda: None))
    if setup.packs_only:
        job.notes.append(f"the job is packed into {setup.packs_only} and has not run")
        return None
    try:
        manifest = read_manifest(folder.output)
    except ShardError as error:
        raise EngineError(
            f"the job on {job.engine} ended well, but {folder.output} holds no manifest for this machine to read: the "
            "workers wrote elsewhere; name an output that they and this machine share, such as a URL or a shared folder"
        ) from error
    write_times(job, folder.output)
    return manifest
