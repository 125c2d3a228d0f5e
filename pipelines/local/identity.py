"""Tells one local build from another: what must not change between its parts, the inputs among it."""

import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from xlnet_data.config import BuildConfig, tolerances, without_tolerance
from xlnet_data.corpora import FORMATS
from xlnet_data.errors import CorpusError, ShardError
from xlnet_data.files.opening import modified_time
from xlnet_data.files.ranges import MAX_REQUESTS
from xlnet_data.files.stores import describe_cause, is_url, is_web, version_of
from xlnet_data.files.writing import hash_file
from xlnet_data.ingestion.tasks import Task
from xlnet_data.text.tokenizer import Tokenizer


def describe_build(config: BuildConfig, tokenizer: Tokenizer, tasks: Sequence[Task]) -> dict[str, Any]:
    """Return what must not change between the parts of one build, by what a message calls it."""
    return {
        "config": without_tolerance(config).fingerprint(),
        "tolerances": tolerances(config),
        "shards": config.fingerprint(),
        "tokenizer": tokenizer.sha256,
        "input files": hash_inputs(tasks, config),
    }


def check_same_build(found: dict[str, Any], expected: dict[str, Any], output: str) -> None:
    """Check that an unfinished build may go on.

    Raises:
        ShardError: Its config, tokenizer or input is another.
    """
    changed = find_changes(found, expected)
    if changed:
        raise ShardError(
            f"{output} holds an unfinished build, but since then the {' and the '.join(changed)} changed: "
            "give --no-resume to begin anew, or remove that folder"
        )


def find_changes(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Return what differs between two builds, by what a message calls it; more tolerance is no other build."""
    changed = [name for name in ("config", "tokenizer", "input files") if found.get(name) != expected[name]]
    if not changed:
        tolerated = zip(found["tolerances"], expected["tolerances"], strict=True)
        if any(old and not new for old, new in tolerated):
            return ["config"]  # what has been read may hold what is an error now
    return changed


def _named_files(config: BuildConfig) -> list[str]:
    """Return the files that the settings of the corpora name: lists of documents to leave out."""
    settings = [(corpus.settings, key) for corpus in config.corpora for key in FORMATS[corpus.format].path_settings]
    return sorted({path for given, key in settings for path in getattr(given, key)})


def check_inputs_unchanged(identity: dict[str, Any], tasks: Sequence[Task], config: BuildConfig) -> None:
    """Check that no input file changed while it was read, and none that the config names besides.

    Raises:
        CorpusError: One has another size or time than when the build began.
    """
    if hash_inputs(tasks, config) != identity["input files"]:
        local = [path for path in _input_paths(tasks, config) if not is_url(path)]
        newest = max(local, key=_time_of, default="one that a URL names")
        raise CorpusError(
            f"an input file changed while the build was reading (the newest, or one that is gone: {newest}): nothing "
            "is published; give the command again with --no-resume when the files are at rest"
        )


def hash_inputs(tasks: Sequence[Task], config: BuildConfig) -> str:
    """Return a sha256 of the tasks, and of the sizes and times of their files and of those that the config names."""
    ranges = [file_range for task in tasks for file_range in task.ranges]
    in_parts = {file_range.path for file_range in ranges if not file_range.is_whole_file}
    paths = _input_paths(tasks, config)
    urls = [path for path in paths if is_url(path) and (path in in_parts or not is_web(path))]
    with ThreadPoolExecutor(MAX_REQUESTS) as pool:  # a web server, which may count requests, only for what is cut
        stamps = list(zip(urls, pool.map(version_of, urls), strict=True))
    stamps += [(path, _stamp_of(path)) for path in paths if not is_url(path)]
    listing = json.dumps([[dataclasses.astuple(task) for task in tasks], stamps])
    return hashlib.sha256(listing.encode()).hexdigest()


def hash_contents(tasks: Sequence[Task], config: BuildConfig) -> str:
    """Return a sha256 of the names and the bytes of the tasks' files and of those that the config names.

    Of a URL's bytes, what tells its version stands for them.

    Raises:
        CorpusError: A file cannot be read.
    """
    files = sorted({(task.corpus, file.file_id, file.path) for task in tasks for file in task.ranges})
    # a name that does not say where the text lies
    files += [("", os.path.basename(path), path) for path in _named_files(config)]
    with ThreadPoolExecutor(MAX_REQUESTS) as pool:
        hashes = list(pool.map(lambda file: version_of(file[2]) if is_url(file[2]) else _hash_local(file[2]), files))
    listing = json.dumps([(corpus, name, found) for (corpus, name, _), found in zip(files, hashes, strict=True)])
    return hashlib.sha256(listing.encode()).hexdigest()


def _hash_local(path: str) -> str:
    try:
        return hash_file(path)
    except OSError as error:
        raise CorpusError(f"cannot read {path}: {describe_cause(error)}") from error


def _input_paths(tasks: Sequence[Task], config: BuildConfig) -> list[str]:
    """Return the paths of the tasks' files, then of those that the config names."""
    return [*sorted({file_range.path for task in tasks for file_range in task.ranges}), *_named_files(config)]


def _stamp_of(path: str) -> str | None:
    """Return a local file's size and time, None if it is gone.

    Raises:
        CorpusError: It cannot be reached, as on a disk that fails.
    """
    try:
        return f"{os.path.getsize(path)} {modified_time(path)}"
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CorpusError(f"cannot look at {path}: {describe_cause(error)}") from error


def _time_of(path: str) -> float:
    """Return when a local file was modified; one that is gone is the newest of all."""
    try:
        return modified_time(path)
    except OSError:
        return math.inf
