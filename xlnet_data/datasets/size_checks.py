"""Refuses shards and sidecars that would take far more memory than what is written takes."""

import numpy as np

from xlnet_data.datasets.arrow_sizes import BatchSize, batch_sizes
from xlnet_data.datasets.shards import ShardWriting
from xlnet_data.errors import ShardError
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.files.moving import join_path
from xlnet_data.files.opening import open_raw
from xlnet_data.schemas.example import MAX_ROWS_PER_BATCH
from xlnet_data.schemas.manifest import ShardInfo
from xlnet_data.text.ids import id_type_of

MAX_SIDECAR_TIMES = 100
"""Bytes of a sidecar's batch in memory per byte on disk, at most: lists of ids and lengths compress far less."""

SLACK_BYTES = 1 << 20
"""Bytes that a batch may take beyond its rows: Arrow fills up its buffers."""


def check_sizes(shard: ShardInfo, writing: ShardWriting, settings: ExampleSettings) -> None:
    """Check what the batches of a shard and its sidecar take in memory, before any is read.

    Args:
        shard: What the manifest says of it.
        writing: Where the dataset lies, and the vocabulary's size.
        settings: The layout.

    Raises:
        ShardError: A batch has more rows or bytes than any that is written.
    """
    id_bytes = np.dtype(id_type_of(writing.vocab_size)).itemsize
    for size in _sizes_of(writing.output, shard.file):
        if not 0 <= size.rows <= MAX_ROWS_PER_BATCH:
            raise ShardError(
                f"{shard.file}: a batch has {size.rows:,} rows, at most {MAX_ROWS_PER_BATCH:,} are written"
            )
        limit = 2 * size.rows * settings.row_bytes(id_bytes) + SLACK_BYTES
        _check_bytes(shard.file, size, limit)
    for size in _sizes_of(writing.output, shard.documents_file):
        _check_bytes(shard.documents_file, size, MAX_SIDECAR_TIMES * shard.documents_bytes + SLACK_BYTES)


def _check_bytes(name: str, size: BatchSize, limit: float) -> None:
    found = sum(size.buffer_bytes)
    if min(size.buffer_bytes, default=0) < 0 or found > limit:
        raise ShardError(f"{name}: a batch of {size.rows:,} rows takes {found:,} bytes, {limit:,.0f} at most are right")


def _sizes_of(folder: str, name: str) -> list[BatchSize]:
    with open_raw(join_path(folder, name)) as file:

        def read_at(num_bytes: int, offset: int) -> bytes:
            file.seek(max(0, offset))
            return file.read(num_bytes)

        try:
            return batch_sizes(read_at, file.seek(0, 2))
        except ShardError as error:
            raise ShardError(f"{name}: {error}") from error
