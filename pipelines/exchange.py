"""What a build on one machine and one on an engine do differently, as one object with two makes.

The stages of the flow ask the exchange; they never ask where they run. `local.exchange.LocalExchange` shares work by
queues of files and passes documents on in spool files. `engines.exchange.EngineExchange` leaves both to the engine.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import apache_beam as beam

from xlnet_data.datasets.lane_plans import ShardPlan
from xlnet_data.examples.lanes import LaneText
from xlnet_data.pipelines.progress import Progress
from xlnet_data.schemas.manifest import ShardInfo
from xlnet_data.text.ids import IdType


class ShardLanes(ABC):
    """The lanes of one shard, by reference to where their documents lie, or with the documents themselves."""

    shard: ShardPlan

    @abstractmethod
    def read(self, id_type: IdType) -> Iterator[tuple[int, LaneText]]:
        """Yield number and text of each lane that has a document, in order."""


class ShardRecords:
    """Remembers which shards are finished; this one remembers nothing, because an engine repeats what it must."""

    def find(self, shard: ShardPlan) -> ShardInfo | None:
        """Return what is known of a shard that an earlier part of the build finished, None if there is none."""
        return None

    def keep(self, shard: ShardPlan, info: ShardInfo) -> None:
        """Remember a finished shard."""


class Exchange(Protocol):
    """How the stages of a build share their work and pass it on."""

    @property
    def progress(self) -> Progress:
        """What takes the stages' reports."""

    @property
    def records(self) -> ShardRecords:
        """What remembers finished shards."""

    @property
    def manifest_folder(self) -> str:
        """Where the flow writes the manifest, which makes a folder a dataset."""

    def tasks(self) -> beam.PTransform:
        """Return the transform that gives the tasks that are left to do: a pipeline in, (number, Task) out."""

    def assign(self) -> beam.PTransform:
        """Return the transform that brings the documents of each shard's lanes together.

        TokenizedBatch in; out a dict of "lanes", a collection of what `open_lanes` takes, and "tally", of one Tally,
        which comes when all that is kept beside the shards is written.
        """

    @property
    def open_lanes(self) -> Callable[[Any], ShardLanes]:
        """Function that returns the lanes of a shard, given what `assign` makes of it."""

    def finish(self) -> beam.PTransform:
        """Return the transform that comes after the manifest is written: Manifest in, Manifest out."""


def pass_on(value: Any) -> Any:
    """Return a value unchanged, where a stage has nothing to do."""
    return value
