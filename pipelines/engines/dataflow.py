"""Checks a build on Dataflow before anything is sent: its options, and that its workers reach what they shall read."""

from collections.abc import Sequence
from typing import Any

from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions, WorkerOptions

from xlnet_data.config import BuildConfig
from xlnet_data.errors import ConfigError
from xlnet_data.files.locations import locate
from xlnet_data.files.stores import is_url

_IMAGE = (
    "--sdk_container_image is needed with --runner dataflow: Beam's own image lacks this package; build one with the "
    "repository's Dockerfile, push it, and name it behind --"
)

_NEEDED = {
    "project": "the Google Cloud project that pays, as in --project my-project",
    "region": "where the workers run, best where the bucket lies, as in --region europe-west4",
    "temp_location": "a folder in a bucket for what Dataflow keeps meanwhile, as in --temp_location gs://my-bucket/tmp",
}


def check_dataflow(options: PipelineOptions, config: BuildConfig, output: str) -> None:
    """Check that a build can work on Dataflow.

    Args:
        options: The engine's options.
        config: The config.
        output: The dataset folder.

    Raises:
        ConfigError: An option is missing, or workers cannot reach a file that the config names, or the output.
    """
    if not options.view_as(WorkerOptions).sdk_container_image:
        raise ConfigError(_IMAGE)
    cloud: Any = options.view_as(GoogleCloudOptions)
    for name, meaning in _NEEDED.items():
        if not getattr(cloud, name):
            raise ConfigError(f"--{name} is needed with --runner dataflow: {meaning}")
    if not cloud.temp_location.startswith("gs://"):
        raise ConfigError(f"--temp_location must be a folder in a bucket, as in gs://bucket/tmp: {cloud.temp_location}")
    if local := _local_paths(config, output):
        more = f" and {len(local) - 1} more" if local[1:] else ""
        raise ConfigError(
            f"Dataflow's workers do not reach {local[0]}{more}: copy what lies on this machine to a bucket and name it "
            "there"
        )


def _local_paths(config: BuildConfig, output: str) -> Sequence[str]:
    """Return what the workers read or write that is no URL."""
    named = [locate(pattern, config.base_dir) for corpus in config.corpora for pattern in corpus.paths]
    return [path for path in (*named, output) if not is_url(path)]
