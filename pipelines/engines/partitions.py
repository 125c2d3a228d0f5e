"""Decides into how many partitions Spark cuts what it shuffles, by the size of the input, which Spark cannot know."""

import contextlib
import glob

from xlnet_data.config import BuildConfig
from xlnet_data.corpora import FORMATS
from xlnet_data.errors import XlnetDataError
from xlnet_data.files.ranges import RANGE_BYTES, list_files
from xlnet_data.files.stores import is_url

PARTITION_BYTES = 32 * 1024 * 1024
"""Bytes of input on disk per partition, about: Spark keeps in an executor's heap what a stage makes of a partition."""

PARTITIONS_PER_CORE = 2
"""At least, so that no core waits for the slowest task of the others."""

MAX_PARTITIONS = 20_000
"""Spark's driver keeps for each partition of a stage how much it has for each of the next."""

SAMPLE = 32
"""Files of a list of URLs whose sizes are asked for; the others are taken to be as large."""


def num_partitions(input_bytes: int, cores: int) -> int:
    """Return how many partitions an input is worth.

    >>> num_partitions(10**6, 4), num_partitions(10**10, 4), num_partitions(10**14, 4)
    (8, 299, 20000)
    """
    wanted = -(-input_bytes // PARTITION_BYTES)
    return min(MAX_PARTITIONS, max(PARTITIONS_PER_CORE * cores, wanted))


def about_input_bytes(config: BuildConfig) -> int:
    """Return the bytes on disk of the input, 0 for a corpus that this machine cannot list; the workers will say why."""
    total = 0
    for corpus in config.corpora:
        form = FORMATS[corpus.format]
        with contextlib.suppress(XlnetDataError):
            paths = [
                path for entry in corpus.paths for path in form.expand_path(entry, config.base_dir, corpus.settings)
            ]
            listed = [path for path in paths if is_url(path) and not glob.has_magic(path)]
            asked = listed[:: -(-len(listed) // SAMPLE) or 1]
            others = sorted({*paths} - {*listed})
            total += _sum_bytes(others, config) + _sum_bytes(asked, config) * len(listed) // max(1, len(asked))
    return total


def _sum_bytes(paths: list[str], config: BuildConfig) -> int:
    files = list_files(paths, config.base_dir) if paths else []
    return sum(file.size if file.size >= 0 else RANGE_BYTES for file in files)
