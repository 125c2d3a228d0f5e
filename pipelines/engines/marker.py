"""Marks a folder in which a build on an engine is under way, so that one that was killed is known for what it is.

An engine's build has nothing to go on from: it begins anew. If its launching process was killed, its job may still run
on the engine. That does no harm to another build of the same config, which writes the same bytes; one of another config
is refused, because in a store the two would mix their shards.
"""

import glob
import hashlib
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from xlnet_data.config import BuildConfig
from xlnet_data.errors import ShardError
from xlnet_data.files.locations import match_pattern
from xlnet_data.files.moving import join_path, remove_file, remove_folder
from xlnet_data.files.opening import open_raw
from xlnet_data.files.stores import is_url
from xlnet_data.files.writing import atomic_write
from xlnet_data.text.tokenizer import Tokenizer

MARKER_FILE = "engine_build.json"


@contextmanager
def marked_build(config: BuildConfig, tokenizer: Tokenizer, output: str, runner: str, overwrite: bool) -> Iterator[str]:
    """Mark the output folder while the block runs; yield what should be said of a build that was killed in it, or "".

    Raises:
        ShardError: A build of another config was killed there, and it is not to be overwritten.
    """
    path = join_path(output, MARKER_FILE)
    resolved = json.dumps(config.to_json() | {"tokenizer": tokenizer.sha256}, sort_keys=True)
    build = hashlib.sha256(resolved.encode()).hexdigest()
    note = ""
    if match_pattern(path, "/"):
        with open_raw(path) as file:
            found = json.load(file)
        who = f"a build that began {found['began']} on {found['host']} (process {found['process']}, {found['runner']})"
        if found["build"] != build and not overwrite:
            raise ShardError(
                f"{output} holds {who}, of another config, that has not ended or was killed: its job may still run; "
                "choose another folder, or make sure that it does not, and give --overwrite"
            )
        _remove_remains(output)
        note = f"{output} holds {who} that has not ended or was killed; this one begins anew"
    told = {
        "build": build,
        "began": time.strftime("%Y-%m-%d %H:%M:%S %Z"),
        "host": socket.gethostname(),
        "process": os.getpid(),
        "runner": runner,
    }
    with atomic_write(path) as file:
        file.write(json.dumps(told, indent=1).encode())
    try:
        yield note
    finally:
        remove_file(path)


def _remove_remains(output: str) -> None:
    """Remove the hidden folder of a killed build; its workers, if they live, miss its probe and end."""
    if not is_url(output):
        parent, name = os.path.split(os.path.abspath(output))
        for found in glob.glob(f".{glob.escape(name)}.building-*", root_dir=parent):
            remove_folder(os.path.join(parent, found))
