"""Ends a worker process when the process that started it is gone, so that a killed build or engine leaves none."""

import os
import threading
import time

POLL_SECS = 1.0
"""Seconds between two looks at the parent."""


def follow_parent() -> None:
    """Begin a thread that ends this process once the one that started it, or that it is a fork of, is gone."""
    threading.Thread(target=_wait_for_loss, args=(os.getppid(),), daemon=True).start()


def _wait_for_loss(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECS)
    os._exit(1)
