"""Reads what Spark logs of a job: where its time went, stage by stage, and what its executors held."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Stage:
    """A stage of a job.

    Attributes:
        name: The call in the engine that ends it.
        tasks: How many.
        begin: In seconds since 1970.
        end: Likewise.
        run_secs: Sum over the tasks.
        shuffled: Bytes that it gave to the shuffle.
    """

    name: str
    tasks: int
    begin: float
    end: float
    run_secs: float = 0.0
    shuffled: int = 0


@dataclass
class SparkJob:
    """What Spark logged of a job.

    Attributes:
        began: When Spark's driver had started, in seconds since 1970.
        first_task: When the first task was started.
        ended: When the last task had ended.
        stages: In the order in which they began.
        sums: "failed" tasks, bytes "shuffled" and "spilled", milliseconds of "gc", and the largest "heap" in bytes.
    """

    began: float = 0.0
    first_task: float = float("inf")
    ended: float = 0.0
    stages: list[Stage] = field(default_factory=list)
    sums: Counter[str] = field(default_factory=Counter)


def read_events(path: Path) -> SparkJob:
    """Read a log."""
    job, tasks = SparkJob(), []
    with open(path, encoding="utf-8") as log:
        for line in log:
            event = json.loads(line)
            kind = event["Event"].removeprefix("SparkListener")
            if kind == "ApplicationStart":
                job.began = event["Timestamp"] / 1e3
            elif kind == "TaskEnd":
                tasks.append(event)
            elif kind == "StageCompleted":
                job.stages.append(_stage_of(event["Stage Info"], tasks))
    for event in tasks:
        _add_task(event, job)
    job.stages.sort(key=lambda stage: stage.begin)
    return job


def _stage_of(info: dict[str, Any], tasks: list[dict[str, Any]]) -> Stage:
    stage = Stage(
        info["Stage Name"], info["Number of Tasks"], info["Submission Time"] / 1e3, info["Completion Time"] / 1e3
    )
    for event in tasks:
        metrics = event.get("Task Metrics") or {}
        if event["Stage ID"] == info["Stage ID"]:
            stage.run_secs += metrics.get("Executor Run Time", 0) / 1e3
            stage.shuffled += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
    return stage


def _add_task(event: dict[str, Any], job: SparkJob) -> None:
    told, metrics = event["Task Info"], event.get("Task Metrics") or {}
    job.first_task = min(job.first_task, told["Launch Time"] / 1e3)
    job.ended = max(job.ended, told["Finish Time"] / 1e3)
    job.sums["failed"] += told["Failed"]
    job.sums["shuffled"] += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
    job.sums["spilled"] += metrics.get("Disk Bytes Spilled", 0)
    job.sums["gc"] += metrics.get("JVM GC Time", 0)
    heap = (event.get("Task Executor Metrics") or {}).get("JVMHeapMemory", 0)
    job.sums["heap"] = max(job.sums["heap"], heap)
