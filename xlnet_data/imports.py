"""Makes large imports quicker, and keeps modules of the current folder out of our processes."""

import contextlib
import gc
import logging
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader

BEAM_EXTRAS = (
    "apitools", "google.api_core", "google.auth", "google.cloud", "hdfs", "oauth2client", "pymongo", "requests",
)  # fmt: skip
"""Packages that Beam imports where they are installed and does without where not: clients of clouds and stores, which
a build on this machine needs none of. (It reads and writes by clients of its own.)"""

BEAM_SELDOM = ("asyncio", "grpc.aio", "httplib2")
"""Modules that Beam imports and a build on this machine never calls: a tenth of the time of Beam's import."""


class _Finder:
    """Finds modules in a process that runs nothing but a build on this machine: quicker, or not at all."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        if name in BEAM_EXTRAS:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        spec = PathFinder.find_spec(name, path) if name in BEAM_SELDOM else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


_only_build = False


def serve_one_build() -> None:
    """Let quick_imports be quicker still: for a process that runs nothing but a build on this machine.

    Beam is imported without its extras, which take a fifth of the time of its import where Beam alone is installed, and
    two fifths where `apache-beam[gcp]` is; what it seldom needs is loaded when it is first used; and what was imported
    is never again looked through for garbage, which took a quarter of a second.
    """
    global _only_build
    _only_build = True
    # else the first message loads asyncio to name its task, from Python 3.12 on
    logging.logAsyncioTasks = False  # type: ignore[attr-defined]


@contextlib.contextmanager
def quick_imports() -> Iterator[None]:
    """Look for no garbage meanwhile: a sixth of the time of a large import goes into looking among what stays."""
    was_enabled = gc.isenabled()
    gc.disable()
    finders = [_Finder()] if _only_build else []
    sys.meta_path[:0] = finders
    try:
        yield
    finally:
        for finder in finders:
            sys.meta_path.remove(finder)
        if _only_build:
            gc.freeze()
        if was_enabled:
            gc.enable()


def module_command(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of this package in a process of its own.

    The current folder is not looked into for modules: it is the user's, who may keep a `queue.py` there.
    """
    return [sys.executable, "-P", "-m", name, *arguments]
