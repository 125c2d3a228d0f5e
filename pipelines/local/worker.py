"""Runs a worker process of a local build: Beam's own, silent on stderr, which ends when its build ends."""

import gc
import logging
import os
import sys
import threading
import time

import pyarrow

POLL_SECS = 1.0


def main() -> None:
    """Run Beam's worker; its log goes to the main process, which decides what to show."""
    # Without a handler of its own, the root logger would get one that writes to stderr.
    logging.getLogger().addHandler(logging.NullHandler())
    # Beam prints what a task raises, and sends it to the main process as well; a crash writes to the descriptor itself.
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - open as long as the process is
    threading.Thread(target=_follow_parent, daemon=True).start()
    # Arrow's own allocator keeps what it once held: a fifth of a worker's peak, and no faster here.
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    gc.disable()  # a sixth of the time of an import goes into looking for garbage among what stays
    from apache_beam.runners.worker import sdk_worker_main

    gc.freeze()
    gc.enable()
    sdk_worker_main.main(sys.argv)
    os._exit(0)  # all is written; taking the interpreter down would keep the build waiting for each worker in turn


def _follow_parent() -> None:
    """Leave no orphan: exit when the main process was killed."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(POLL_SECS)
    os._exit(1)


if __name__ == "__main__":
    main()
