"""Starts a build from a Flex Template: Google's launcher runs this file in the image, with the template's parameters.

Besides its own parameters it is given the options of the job, which go to Beam. The job is not waited for: with
``--template_location`` Beam writes it down, and the launcher hands it to Dataflow.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence

from xlnet_data import build_corpus
from xlnet_data.files.opening import open_raw


def main(arguments: Sequence[str]) -> None:
    """Build the corpora of a config that lies in a bucket."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--config", required=True, help="URL of the config; what it names are URLs, too")
    parser.add_argument("--output", required=True, help="URL of the dataset folder")
    parser.add_argument("--overwrite", choices=["true", "false"], default="false", help="replace a dataset there")
    parser.add_argument("--runner", help="Dataflow, whatever the launcher calls it")
    given, options = parser.parse_known_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "config.toml")
        with open_raw(given.config) as source, open(path, "wb") as file:
            file.write(source.read())
        build_corpus(path, given.output, runner="dataflow", overwrite=given.overwrite == "true", engine_options=options)


if __name__ == "__main__":
    main(sys.argv[1:])
