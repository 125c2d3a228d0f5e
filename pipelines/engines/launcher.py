"""Starts the job server of an engine so that it neither dies of a Ctrl-C before its build nor outlives it.

A terminal sends Ctrl-C to all processes of a command. A job server that dies of it could no longer be told to cancel
its job. So it gets a session of its own, and the system ends it when the build's process is gone, killed or not.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the command given."""
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
