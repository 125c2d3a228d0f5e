"""Writes what a build on an engine took beside its manifest, as far as the engine tells."""

import time

from xlnet_data.datasets.manifests import write_build_times
from xlnet_data.pipelines.engines.jobs import EngineJob
from xlnet_data.schemas.manifest import BuildTimes


def write_times(job: EngineJob, output: str) -> None:
    """Write how long a job that has ended took.

    The time of the reading is known only of an engine that tells Beam its counts while it works, and only if a display
    asked for them then: Prism and Beam's job service in Python do so. Spark and Flink count a task when it ends.

    Args:
        job: The job.
        output: The dataset folder.

    Raises:
        ShardError: Nothing can be written there.
    """
    ended = time.monotonic()
    times = BuildTimes(
        wall_secs=round(ended - job.began, 1),
        vocabulary_secs=0.0,  # an engine trains none
        read_secs=None if job.writing_began is None else round(job.writing_began - job.began, 1),
        write_secs=None if job.writing_began is None else round(ended - job.writing_began, 1),
        text_bytes=job.counts.text_bytes,
        workers=None,
        is_resumed=False,
    )
    write_build_times(times, output)
