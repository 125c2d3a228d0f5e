"""Takes the time of a build on this machine, stage by stage, and writes it beside the manifest."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from xlnet_data.datasets.manifests import write_build_times
from xlnet_data.pipelines.local.folder import HeldFolder
from xlnet_data.pipelines.local.queue import LocalFolders
from xlnet_data.pipelines.local.records import task_record
from xlnet_data.pipelines.local.status import read_counts
from xlnet_data.schemas.manifest import BuildTimes


@dataclass
class BuildClock:
    """When the stages of a build ended, by a clock that nobody sets.

    Attributes:
        began: When the command was given, as time.monotonic() has it.
        vocabulary_ended: When the vocabulary was there.
    """

    began: float = field(default_factory=time.monotonic)
    vocabulary_ended: float = 0.0

    def end_vocabulary(self) -> None:
        """Note that the vocabulary is there."""
        self.vocabulary_ended = time.monotonic()

    def write(
        self, held: HeldFolder, folders: LocalFolders, tasks: Sequence[int], num_tasks: int, slow_because: str | None
    ) -> None:
        """Write what the build took into the folder that it is built in.

        Args:
            held: The folder.
            folders: Where the build kept what it had done, and its worker processes.
            tasks: Numbers of the tasks that this part of the build did.
            num_tasks: Tasks of the whole build.
            slow_because: Why SentencePiece alone gave the ids; None: it did not.
        """
        ended = time.monotonic()
        ages = (time.time() - self._record_time(held, number) for number in tasks)
        most = ended - self.vocabulary_ended  # a file system's clock may be another one, or have been set
        write_secs = min(max(0.0, min(ages, default=most)), most)
        read_ended = ended - write_secs
        times = BuildTimes(
            wall_secs=round(ended - self.began, 1),
            vocabulary_secs=round(self.vocabulary_ended - self.began, 1),
            read_secs=round(read_ended - self.vocabulary_ended, 1) if tasks else None,
            write_secs=round(write_secs, 1),
            text_bytes=read_counts(folders.status).text_bytes,
            workers=folders.workers,
            is_resumed=len(tasks) < num_tasks,
            slow_because=slow_because,
        )
        write_build_times(times, held.building)

    def _record_time(self, held: HeldFolder, task: int) -> float:
        """Return when a task was finished: its record is the last that is written of it."""
        return os.path.getmtime(held.records.path(task_record(task)))
