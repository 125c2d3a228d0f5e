"""Tests of the Python worker that engines start."""

import time
from types import SimpleNamespace

import pytest
from apache_beam.runners.worker import sdk_worker, sdk_worker_main

from xlnet_data.pipelines.engines import worker


class KeptProcessor:
    """Stands for what a bundle was processed with; Beam's cache keeps it."""

    def __init__(self) -> None:
        self.is_shut_down = False

    def shutdown(self) -> None:
        self.is_shut_down = True


def test_what_a_task_was_processed_with_is_given_up_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    processor = KeptProcessor()

    def work(_arguments: list[str]) -> None:
        cache = sdk_worker.BundleProcessorCache(frozenset(), None, SimpleNamespace(cleanup=lambda _: None), {})
        cache.last_access_times["descriptor"] = time.time()
        cache.cached_bundle_processors["descriptor"].append(processor)
        deadline = time.monotonic() + 30
        while not processor.is_shut_down and time.monotonic() < deadline:
            time.sleep(0.1)
        cache.shutdown()

    threshold = "DEFAULT_BUNDLE_PROCESSOR_CACHE_SHUTDOWN_THRESHOLD_S"
    monkeypatch.setattr(sdk_worker, threshold, getattr(sdk_worker, threshold))  # so that it is put back
    monkeypatch.setattr(sdk_worker_main, "main", work)
    monkeypatch.setattr(worker, "settings_of", lambda *_: {})
    monkeypatch.setattr(worker, "follow_parent", lambda: None)
    monkeypatch.setattr(worker, "hold_little_memory", lambda: None)
    started = time.monotonic()
    worker.main(["--id=1", "--provision_endpoint=localhost:1"])
    assert time.monotonic() - started < 15
    assert processor.is_shut_down
