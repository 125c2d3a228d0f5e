"""Looks after the output of a build on an engine: what may be replaced, and what killed workers leave there."""

import os
import re

from xlnet_data.errors import ShardError
from xlnet_data.files.locations import match_pattern
from xlnet_data.files.removing import files_in, remove_file, remove_partial
from xlnet_data.pipelines.rejects import REJECTS_FOLDER
from xlnet_data.schemas.manifest import MANIFEST_FILE, SPLITS, TOKENIZER_FILE

_SHARD_NAME = re.compile(r"/(shard|documents)-\d{5}-of-\d{5}\.arrow$")
_REJECTS_NAME = re.compile(r"-\d{6}[^/]*\.jsonl\.gz$")


def check_engine_output(output: str, overwrite: bool) -> None:
    """Refuse an output folder that holds a dataset, unless it is to be overwritten; remove what earlier builds left.

    Nobody else may be building there. The manifest goes first, so that no dataset is ever seen that lacks a file.

    Args:
        output: The dataset folder, a local path or a URL.
        overwrite: Remove the dataset that it holds.

    Raises:
        ShardError: It holds a dataset.
        XlnetDataError: The store cannot be reached, or does not let files be removed.
    """
    manifest = os.path.join(output, MANIFEST_FILE)
    if match_pattern(manifest, "/"):
        if not overwrite:
            raise ShardError(f"{output} already holds a dataset: choose another folder, or give --overwrite")
        remove_file(manifest)
        remove_file(os.path.join(output, TOKENIZER_FILE))
    for folder, written in (*((split, _SHARD_NAME) for split in SPLITS), (REJECTS_FOLDER, _REJECTS_NAME)):
        for path in files_in(os.path.join(output, folder)):
            if written.search(path):
                remove_file(path)
    clean_engine_output(output)


def clean_engine_output(output: str) -> None:
    """Remove the partial files and uploads of workers that were killed; no worker may be writing there any more.

    Raises:
        XlnetDataError: The store cannot be reached, or does not let files be removed.
    """
    remove_partial(output, (*SPLITS, REJECTS_FOLDER))
