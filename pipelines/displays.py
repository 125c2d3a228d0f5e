"""Whom a build tells how it goes. Imports nothing large, as the command line imports it before a build begins."""

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlnet_data.config import BuildConfig
    from xlnet_data.pipelines.engines.jobs import EngineJob
    from xlnet_data.pipelines.local.builds import LocalBuild


class BuildDisplay:
    """Is told how a build goes; this one shows nothing."""

    def begin(self, config: "BuildConfig") -> None:
        """Show what is to be said of a config before it is built."""

    def train_vocabulary(self, vocab_size: int) -> contextlib.AbstractContextManager[None]:
        """Return a context in which it is shown that a vocabulary of so many pieces is being trained."""
        return contextlib.nullcontext()

    def follow(self, local: "LocalBuild") -> contextlib.AbstractContextManager[None]:
        """Return a context in which the progress of a build on this machine is shown."""
        return contextlib.nullcontext()

    def follow_job(self, job: "EngineJob") -> contextlib.AbstractContextManager[None]:
        """Return a context in which the progress of a build on an engine is shown."""
        return contextlib.nullcontext()
