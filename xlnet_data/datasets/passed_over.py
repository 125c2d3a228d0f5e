"""Says which folders the globs of a config match themselves: what lies in them is no input."""

from collections.abc import Iterator

from xlnet_data.config import BuildConfig
from xlnet_data.files.locations import find_passed_over
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
