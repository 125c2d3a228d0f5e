"""Asks an engine how far its job is, by the counts of the stages or by its own page, and ends a job of Flink's."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

from apache_beam.metrics import Metrics, MetricsFilter

from xlnet_data.pipelines.progress import BuildCounts, Progress

ASK_SECS = 5.0
"""How long an engine's page may take to answer."""

_NAMESPACE = "xlnet-data"


class EngineProgress(Progress):
    """Takes what the stages report as counters of Beam's, which the engine sums over all workers."""

    def add(self, **amounts: int) -> None:
        """Add to the counters, by the fields of BuildCounts."""
        for name, amount in amounts.items():
            Metrics.counter(_NAMESPACE, name).inc(amount)


def ask_json(url: str) -> Any:
    """Return what a page answers in JSON.

    Raises:
        OSError: It does not answer.
        ValueError: It answers something else.
    """
    with urllib.request.urlopen(url, timeout=ASK_SECS) as answer:
        return json.load(answer)


def read_counts(result: Any) -> BuildCounts:
    """Return the counts of a job so far, all 0 where the engine gives none before the end."""
    if hasattr(result, "_metrics"):
        result._metrics = None  # it would keep for ever what the engine said first
    found = result.metrics().query(MetricsFilter().with_namespace(_NAMESPACE))["counters"]
    sums = dict.fromkeys(BuildCounts.__dataclass_fields__, 0)
    for counter in found:
        sums[counter.key.metric.name] += max(counter.committed or 0, counter.attempted or 0)
    return BuildCounts(**sums)


def describe_spark(page: str) -> str:
    """Return how far a job on Spark is, as the page of its driver says it."""
    (application, *_) = ask_json(f"{page}/api/v1/applications")
    stages = ask_json(f"{page}/api/v1/applications/{application['id']}/stages")
    done = sum(stage["status"] == "COMPLETE" for stage in stages)
    active = [stage for stage in stages if stage["status"] == "ACTIVE"]
    failed = sum(stage["numFailedTasks"] for stage in stages)
    parts = [f"stages done: {done}"]
    if active:  # a task that was done twice counts once
        tasks = sum(stage["numCompletedIndices"] for stage in active), sum(stage["numTasks"] for stage in active)
        parts.append(f"tasks of the current ones: {tasks[0]:,} of {tasks[1]:,}")
    if failed:
        parts.append(f"failed: {failed:,}")
    return ", ".join(parts)


def describe_flink(page: str) -> str:
    """Return how far the running jobs of a Flink cluster are, as its page says it."""
    parts = []
    for job in ask_json(f"{page}/jobs/overview")["jobs"]:
        if job["state"] == "RUNNING":
            tasks = job["tasks"]
            parts.append(f"tasks of {job['name']} done: {tasks['finished']:,} of {tasks['total']:,}")
    return "; ".join(parts)


def cancel_on_flink(page: str, name: str) -> bool:
    """Cancel the jobs of a name on a Flink cluster: Beam's job server stops waiting for its job, which would go on.

    Returns:
        True: none of them runs any more.
    """
    running = [
        job
        for job in ask_json(f"{page}/jobs/overview")["jobs"]
        if job["name"] == name and job["state"] not in ("CANCELED", "FINISHED", "FAILED")
    ]
    for job in running:
        if job["state"] != "CANCELLING":
            request = urllib.request.Request(f"{page}/jobs/{job['jid']}?mode=cancel", method="PATCH")
            urllib.request.urlopen(request, timeout=ASK_SECS).close()
    return not running


DESCRIBE: dict[str, Callable[[str], str]] = {"spark": describe_spark, "flink": describe_flink}
"""What asks an engine's page how far a job is."""
