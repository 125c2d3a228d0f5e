"""Compares what a build needs on disk with what is free there."""

import os
import shutil

from xlnet_data.estimates.builds import BuildEstimate
from xlnet_data.files.stores import is_url
from xlnet_data.schemas.manifest import MANIFEST_FILE


def disk_warnings(estimate: BuildEstimate, output: str) -> tuple[str, ...]:
    """Return a warning if a dataset folder, which may still be missing, cannot be written, or its disk lacks room."""
    if is_url(output):
        return ()
    folder = os.path.abspath(output)
    if os.path.exists(folder) and not os.path.isdir(folder):
        return (f"{output} is a file: choose another place for the dataset",)
    if os.path.exists(os.path.join(folder, MANIFEST_FILE)):
        return (f"{output} holds a dataset already: choose another place, or build with --overwrite",)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    if not os.access(folder, os.W_OK):
        return (f"{folder} cannot be written: choose another place for the dataset",)
    free, needed = shutil.disk_usage(folder).free, estimate.output_bytes + estimate.spool_bytes
    if needed <= free:
        return ()
    needs = f"{folder} has {free / 1e9:,.1f} GB free and the build needs {needed / 1e9:,.1f} GB"
    return (f"{needs}: choose another disk for the dataset",)
