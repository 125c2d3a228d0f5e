"""Asks an engine how far its job is, by the counts of the stages or by its own page, and ends a job of Flink's."""

import json
import re
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from apache_beam.metrics import Metrics, MetricsFilter
from apache_beam.portability.api import beam_job_api_pb2
from apache_beam.runners.portability.portable_metrics import from_monitoring_infos
from google.protobuf.json_format import Parse

from xlnet_data.pipelines.progress import BuildCounts, Progress

ASK_SECS = 5.0
"""How long an engine's page may take to answer."""

_NAMESPACE = "xlnet-data"
_SPARK_COUNTER = re.compile(r"beam:metric:user:sum_int64:v1 \{([^}]*)\}: (\d+)")
_FLINK_COUNTERS = "__metricscontainers"
"""How Beam's runners write a counter into an accumulator of Spark's, and what they call that of Flink's."""


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
    """Return the counts of a job so far, all 0 where the engine gives Beam none before the end."""
    if hasattr(result, "_metrics"):
        result._metrics = None  # it would keep for ever what the engine said first
    found = result.metrics().query(MetricsFilter().with_namespace(_NAMESPACE))["counters"]
    return _sum_counts(
        (counter.key.metric.name, max(counter.committed or 0, counter.attempted or 0)) for counter in found
    )


def _sum_counts(counted: Iterable[tuple[str, int]]) -> BuildCounts:
    """Return the sums of what each step counted under a name of the fields."""
    sums = dict.fromkeys(BuildCounts.__dataclass_fields__, 0)
    for name, value in counted:
        sums[name] += value
    return BuildCounts(**sums)


def ask_spark(page: str) -> tuple[str, BuildCounts]:
    """Return how far a job on Spark is, as the page of its driver says it, and the counts of its finished tasks."""
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
    return ", ".join(parts), _count_on_spark(stages)


def _count_on_spark(stages: Sequence[Mapping[str, Any]]) -> BuildCounts:
    """Return the counts in Spark's accumulators: they only grow, and each stage has them as they were at its end."""
    latest: dict[str, int] = {}
    for stage in stages:
        for accumulator in stage.get("accumulatorUpdates", ()):
            for labels, value in _SPARK_COUNTER.findall(accumulator["value"] or ""):
                latest[labels] = max(latest.get(labels, 0), int(value))
    counters = [(dict(label.split("=", 1) for label in labels.split(", ")), value) for labels, value in latest.items()]
    return _sum_counts((labels["NAME"], value) for labels, value in counters if labels["NAMESPACE"] == _NAMESPACE)


def ask_flink(page: str) -> tuple[str, BuildCounts]:
    """Return how far the running jobs of a Flink cluster are, as its page says it, and the counts of finished tasks."""
    parts, counts = [], BuildCounts()
    for job in ask_json(f"{page}/jobs/overview")["jobs"]:
        if job["state"] == "RUNNING":
            tasks = job["tasks"]
            parts.append(f"tasks of {job['name']} done: {tasks['finished']:,} of {tasks['total']:,}")
            for accumulator in ask_json(f"{page}/jobs/{job['jid']}/accumulators")["user-task-accumulators"]:
                if accumulator["name"] == _FLINK_COUNTERS:
                    counts = _count_on_flink(accumulator["value"])
    return "; ".join(parts), counts


def _count_on_flink(value: str) -> BuildCounts:
    """Return the counts in the value of Beam's accumulator."""
    metrics = Parse(value, beam_job_api_pb2.GetJobMetricsResponse()).metrics
    counters, *_ = from_monitoring_infos(metrics.attempted)
    return _sum_counts(
        (key.metric.name, found) for key, found in counters.items() if key.metric.namespace == _NAMESPACE
    )


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


ASK: dict[str, Callable[[str], tuple[str, BuildCounts]]] = {"spark": ask_spark, "flink": ask_flink}
"""What asks an engine's page how far a job is."""
