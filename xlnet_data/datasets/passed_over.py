"""Says which folders the globs of a config match themselves, whose files are no input, and which files two match."""

import os
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from xlnet_data.config import BuildConfig, CorpusConfig
from xlnet_data.errors import CorpusError
from xlnet_data.files.locations import find_passed_over, match_pattern
from xlnet_data.files.stores import is_url
from xlnet_data.showing import number_of


def warn_of_passed_over(config: BuildConfig) -> Iterator[str]:
    """Yield which corpora's globs match folders, whose files no pattern of theirs matches."""
    for corpus in config.corpora:
        if folders := find_passed_over(corpus.paths, config.base_dir):
            first = next(iter(folders))
            what = f"{number_of(len(folders), 'folder')} with {number_of(sum(folders.values()), 'file')} in them"
            yield (
                f"`paths` of corpus {corpus.name!r} match {what}, such as {first}: they are passed over, as a glob's "
                "last part means files alone; end it with '**/*' for files of any depth, or match fewer names"
            )


def warn_of_shared_files(config: BuildConfig) -> Iterator[str]:
    """Yield which files two corpora read alike: unless deduplication drops them, their documents are there twice."""
    corpora = config.corpora if len(config.corpora) > 1 else ()
    files = {corpus.name: _files_of(corpus, config.base_dir) for corpus in corpora}
    for first, second in combinations(corpora, 2):
        if config.deduplicates(first) and config.deduplicates(second):
            continue
        shared = files[first.name] & files[second.name]
        if shared and not _differ(first, second):
            yield (
                f"corpora {first.name!r} and {second.name!r} read {number_of(len(shared), 'file')} both, such as "
                f"{min(shared)}: its documents are in the dataset twice; take it from the `paths` of one"
            )


def _files_of(corpus: CorpusConfig, base_dir: str) -> frozenset[str]:
    """Return the local files of a corpus behind all links, and the entries of its paths that are URLs."""
    found = {pattern for pattern in corpus.paths if is_url(pattern)}
    for pattern in corpus.paths:
        if not is_url(pattern):
            try:
                found.update(_real_path(path) for path, _ in match_pattern(pattern, base_dir, []))
            except CorpusError:  # the build says it
                continue
    return frozenset(found)


def _real_path(path: str) -> str:
    """Return a file's path behind all links, the folder's looked up once."""
    if os.path.islink(path):
        return os.path.realpath(path)
    return os.path.join(_real_folder(os.path.dirname(path)), os.path.basename(path))


_real_folder = lru_cache(os.path.realpath)


def _differ(first: CorpusConfig, second: CorpusConfig) -> bool:
    """Return whether two corpora may keep different texts of one file: of other fields, or in other languages."""
    has_check = first.filters.language_check or second.filters.language_check
    is_same_format = first.format == second.format
    return (is_same_format and first.settings != second.settings) or bool(
        has_check and first.language != second.language
    )
