"""Remembers what a local build has finished: a record, written last, names outputs with their sizes and hashes."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from xlnet_data.datasets.lane_plans import ShardPlan
from xlnet_data.files.writing import OutputFile, atomic_write, sync_file, sync_folder
from xlnet_data.pipelines.exchange import ShardRecords
from xlnet_data.schemas.manifest import ShardInfo

_SUFFIX = ".json"


@dataclass(frozen=True)
class Records:
    """The records of one build, a small JSON file each.

    Attributes:
        output: The dataset folder, which the recorded paths are relative to.
        folder: Where the records lie.
    """

    output: str
    folder: str

    def find(self, name: str) -> dict[str, Any] | None:
        """Return what a record holds; None if there is none, it is damaged, or a file that it names is not intact."""
        try:
            with open(self.path(name), encoding="utf-8") as file:
                record = json.load(file)
            files = self._files_of(record)
            info: dict[str, Any] = record["info"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return info if all(file.is_intact() for file in files) else None

    def keep(self, name: str, files: Iterable[OutputFile], info: Mapping[str, Any] | None = None) -> None:
        """Write a record, after all files that it names are on the disk itself.

        Raises:
            ShardError: The disk is full.
        """
        files = list(files)
        for file in files:
            sync_file(file.path)
        for folder in sorted({os.path.dirname(file.path) for file in files}):
            sync_folder(folder)
        named = [[os.path.relpath(file.path, self.output), file.num_bytes, file.sha256] for file in files]
        with atomic_write(self.path(name)) as record:
            record.write(json.dumps({"files": named, "info": dict(info or {})}).encode())
        sync_file(self.path(name))
        sync_folder(self.folder)

    def find_loss(self, *, by_hash: bool) -> str | None:
        """Return the path of a file that a record names and that is gone or changed, None if there is none.

        Args:
            by_hash: Compare hashes, too; else sizes alone.
        """
        for name in sorted(name for name in os.listdir(self.folder) if name.endswith(_SUFFIX)):
            path = os.path.join(self.folder, name)
            try:
                with open(path, encoding="utf-8") as file:
                    record = json.load(file)
            except (OSError, ValueError):
                return path
            for written in self._files_of(record) if isinstance(record, dict) else ():  # else a list of documents
                if not (written.is_intact() if by_hash else written.has_size()):
                    return written.path
        return None

    def remove(self, *kinds: str) -> None:
        """Remove the records whose names begin with one of these."""
        for name in os.listdir(self.folder) if os.path.isdir(self.folder) else ():
            if name.startswith(kinds):
                os.remove(os.path.join(self.folder, name))

    def path(self, name: str) -> str:
        """Return where a record lies."""
        return os.path.join(self.folder, f"{name}{_SUFFIX}")

    def _files_of(self, record: Mapping[str, Any]) -> list[OutputFile]:
        return [OutputFile(os.path.join(self.output, path), *rest) for path, *rest in record["files"]]


def task_record(task: int) -> str:
    """Return the name of the record that makes a task's spool, keys and rejects valid."""
    return f"task-{task:06}"


class LocalShardRecords(ShardRecords):
    """Remembers finished shards, so that a build that goes on does not write them again."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def find(self, shard: ShardPlan) -> ShardInfo | None:
        """Return what is known of a shard that an earlier part of the build finished, None if there is none."""
        info = self._records.find(_shard_record(shard))
        return None if info is None else ShardInfo(**info)

    def keep(self, shard: ShardPlan, info: ShardInfo) -> None:
        """Remember a finished shard."""
        output = self._records.output
        files = (
            OutputFile(os.path.join(output, info.file), info.bytes, info.sha256),
            OutputFile(os.path.join(output, info.documents_file), info.documents_bytes, info.documents_sha256),
        )
        self._records.keep(_shard_record(shard), files, asdict(info))


def _shard_record(shard: ShardPlan) -> str:
    return f"{shard.split}-{shard.number:05}-of-{shard.total:05}"
