"""Cuts the input into tasks, the parts that a worker reads at a time: ranges of large files, groups of small ones."""

import functools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from xlnet_data.config import BuildConfig, CorpusConfig
from xlnet_data.corpora import FORMATS
from xlnet_data.files.ranges import MAX_REQUESTS, RANGE_BYTES, FileRange, InputFile, cut_file, list_files
from xlnet_data.files.stores import is_url

MAX_TASKS = 512
"""Tasks of a large build, about: as many spool files there are."""

MIN_TASKS = 32
"""Tasks of a small build, about, unless they would be smaller than MIN_TASK_BYTES: all workers get their share."""

MIN_TASK_BYTES = 262_144
"""Bytes on disk that are worth a task of their own, unless a file has fewer."""


FILES_AT_ONCE = 10_000
"""Files whose beginnings are asked for together."""


@dataclass(frozen=True, slots=True)
class Task:
    """What one worker reads at a time: a range of a large file, or many small files.

    Attributes:
        corpus: The corpus's name.
        ranges: What to read, in order.
        num_bytes: On disk.
    """

    corpus: str
    ranges: tuple[FileRange, ...]
    num_bytes: int


def list_tasks(config: BuildConfig) -> list[Task]:
    """Return the tasks that cover all corpora, files in order of their names.

    Raises:
        CorpusError: A pattern matches no file.
    """
    ranges = [list_ranges(corpus, config.base_dir) for corpus in config.corpora]
    return list(_cut_tasks(config, ranges, bytes_per_task(_sum_bytes(ranges))))


def list_short_tasks(config: BuildConfig) -> Iterator[Task]:
    """Yield the tasks that cover all corpora for an engine, none larger than a file range of a large file.

    An engine may keep what a task makes in memory until the task ends, so the tasks do not grow with the input. An
    input of up to 512 file ranges has the same tasks here as in `list_tasks`.

    Raises:
        CorpusError: A pattern matches no file.
    """
    ranges = [list_ranges(corpus, config.base_dir) for corpus in config.corpora]
    yield from _cut_tasks(config, ranges, min(RANGE_BYTES, bytes_per_task(_sum_bytes(ranges))))


def bytes_per_task(total: int) -> int:
    """Return how many bytes on disk a worker takes at a time from an input of this many."""
    return max(total // MAX_TASKS, min(RANGE_BYTES, max(total // MIN_TASKS, MIN_TASK_BYTES)))


def _sum_bytes(ranges: Sequence[Sequence[tuple[FileRange, int]]]) -> int:
    return sum(size for sized in ranges for _, size in sized)


def _cut_tasks(
    config: BuildConfig, ranges: Sequence[Sequence[tuple[FileRange, int]]], task_bytes: int
) -> Iterator[Task]:
    """Yield tasks of at most so many bytes, but for single ranges that have more."""
    for corpus, sized in zip(config.corpora, ranges, strict=True):
        waiting: list[FileRange] = []
        waiting_bytes = 0
        for file_range, size in sized:
            if waiting and waiting_bytes + size > task_bytes:
                yield Task(corpus.name, tuple(waiting), waiting_bytes)
                waiting, waiting_bytes = [], 0
            waiting.append(file_range)
            waiting_bytes += size
        yield Task(corpus.name, tuple(waiting), waiting_bytes)


def list_ranges(corpus: CorpusConfig, base_dir: str) -> list[tuple[FileRange, int]]:
    """Return a corpus's file ranges and their bytes on disk (a guess where a server does not say)."""
    form = FORMATS[corpus.format]
    paths = [path for entry in corpus.paths for path in form.expand_path(entry, base_dir, corpus.settings)]
    files = list_files(paths, base_dir)
    is_cuttable = functools.partial(_is_cuttable, corpus)
    return [
        (file_range, _end_of(file_range, file.size) - file_range.start)
        for start in range(0, len(files), FILES_AT_ONCE)
        for file, may_cut in _with_answers(files[start : start + FILES_AT_ONCE], is_cuttable)
        for file_range in cut_file(file, corpus.name, may_cut)
    ]


def _is_cuttable(corpus: CorpusConfig, file: InputFile) -> bool:
    return FORMATS[corpus.format].is_cuttable(file, corpus.settings)


def _with_answers(
    files: Sequence[InputFile], question: Callable[[InputFile], bool]
) -> Iterator[tuple[InputFile, bool]]:
    """Yield each file with the answer to a question; the beginnings of remote files are looked at side by side."""
    if not any(is_url(file.path) for file in files):
        yield from zip(files, map(question, files), strict=True)
        return
    with ThreadPoolExecutor(MAX_REQUESTS) as pool:
        yield from zip(files, pool.map(question, files), strict=True)


def _end_of(file_range: FileRange, file_size: int) -> int:
    """Return where a range ends; sizes below 0 mean that the range goes on to the file's end, or that it is unknown."""
    if file_range.end >= 0:
        return file_range.end
    return file_size if file_size >= 0 else RANGE_BYTES
