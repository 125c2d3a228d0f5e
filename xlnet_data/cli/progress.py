"""Shows the progress of a build, on this machine or on an engine."""

import threading
import time
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from xlnet_data.cli.training_time import PLAIN_INTERVAL_SECS
from xlnet_data.pipelines.local.monitor import is_stopped
from xlnet_data.pipelines.local.status import read_counts, read_statuses
from xlnet_data.pipelines.progress import BuildCounts
from xlnet_data.showing import make_safe

if TYPE_CHECKING:
    from xlnet_data.pipelines.engines.jobs import EngineJob
    from xlnet_data.pipelines.local.builds import LocalBuild

NOTE_INTERVAL_SECS = 0.3
"""Seconds between two looks at a job on an engine for what should be said."""

STALL_SECS = 120.0
"""Seconds without any progress after which it is said what is being read, or may hang."""


class _Stall:
    """Says once what is being read when nothing has moved for long: a parser may hang, or a process be stopped."""

    def __init__(self, local: "LocalBuild") -> None:
        self._local = local
        self._last = BuildCounts()
        self._since = time.monotonic()
        self._is_told = False

    def message(self, counts: BuildCounts) -> str | None:
        """Return what to say, None while counts move or when it is said."""
        if counts != self._last:
            self._last, self._since, self._is_told = counts, time.monotonic(), False
        if self._is_told or time.monotonic() - self._since < STALL_SECS:
            return None
        self._is_told = True
        statuses = read_statuses(self._local.folders.status)
        causes = [f"being read: {', '.join(inputs)}"] if (inputs := [str(at) for at in statuses if at.source]) else []
        stopped = [str(status.process) for status in statuses if is_stopped(status.process)]
        causes += [f"stopped: `kill -CONT {' '.join(stopped)}` lets these processes go on"] if stopped else []
        causes = causes or ["duplicates are being compared, or a disk or a process hangs"]
        return f"nothing has moved for {STALL_SECS:.0f} s; {'; '.join(causes)}"


def watch_bars(local: "LocalBuild", stop: threading.Event) -> None:
    """Show bars, until the event is set, of how much is read and written."""
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[detail]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        read = bars.add_task("read", total=1.0, detail="")
        write = bars.add_task("write", total=None, detail="", start=False)
        stall, counts = _Stall(local), BuildCounts()
        while not stop.wait(0.3):
            counts = read_further(local.folders.status, counts)
            _update_bars(bars, read, write, counts, local.pending_bytes)
            if message := stall.message(counts):
                bars.console.print(message, markup=False)
        _update_bars(bars, read, write, read_further(local.folders.status, counts), local.pending_bytes)


def read_further(folder: str, last: BuildCounts) -> BuildCounts:
    """Return the counts of a build, or the last ones if they went back: their files go when the build is done."""
    counts = read_counts(folder)
    is_back = counts.input_bytes < last.input_bytes or counts.tokens_written < last.tokens_written
    return last if is_back else counts


def read_frac(counts: BuildCounts, pending_bytes: int) -> float:
    """Return the share of the bytes to be read that are read: all, where an earlier part of the build read them."""
    return counts.input_bytes / pending_bytes if pending_bytes else 1.0


def _update_bars(bars: Progress, read: TaskID, write: TaskID, counts: BuildCounts, pending_bytes: int) -> None:
    elapsed = bars.tasks[read].finished_time or bars.tasks[read].elapsed or 1e-9
    detail = (
        f"{counts.text_bytes / 1e6 / elapsed:.1f} MB/s  "
        f"{counts.documents_read - counts.documents_dropped:,} documents kept, "
        f"{counts.documents_dropped:,} dropped"
    )
    bars.update(read, completed=read_frac(counts, pending_bytes), detail=detail)
    if counts.tokens_written:
        bars.start_task(write)
        bars.update(
            write, total=counts.tokens_read, completed=counts.tokens_written, detail=f"{counts.tokens_written:,} tokens"
        )


def watch_lines(local: "LocalBuild", stop: threading.Event) -> None:
    """Say in a line every few seconds, until the event is set, how much is read and written."""
    stall, counts = _Stall(local), BuildCounts()
    while not stop.wait(PLAIN_INTERVAL_SECS):
        counts = read_further(local.folders.status, counts)
        if message := stall.message(counts):
            click.echo(message, err=True)
        written = f"written {counts.tokens_written:,} of {counts.tokens_read:,} tokens"
        read = f"read {read_frac(counts, local.pending_bytes):.0%} ({_describe_read(counts)})"
        click.echo(f"{read}, {written}", err=True)


def _describe_read(counts: BuildCounts) -> str:
    return (
        f"{counts.text_bytes / 1e6:,.0f} MB of text, {counts.documents_read:,} documents, "
        f"{counts.documents_dropped:,} dropped"
    )


def watch_job(job: "EngineJob", stop: threading.Event) -> None:
    """Say in lines what is known: where the engine's page is, and every few seconds how far the job is."""
    began, last_line = time.monotonic(), time.monotonic()
    has_told_page = False
    while not stop.wait(NOTE_INTERVAL_SECS):
        _say_notes(job)
        if job.result is not None and not has_told_page:
            where = f": {job.page}" if job.page else ""
            click.echo(f"the job runs on {job.engine}{where}", err=True)
            has_told_page = True
        if time.monotonic() - last_line > PLAIN_INTERVAL_SECS and job.result is not None:
            last_line = time.monotonic()
            words, counts = job.look()
            said = [f"{last_line - began:.0f} s", words]
            if counts.documents_read:  # how many tokens are to be written is known where duplicates are counted
                said.append(f"read {_describe_read(counts)}, written {counts.tokens_written:,} tokens")
            click.echo("; ".join(part for part in said if part), err=True)
    _say_notes(job)


def _say_notes(job: "EngineJob") -> None:
    while job.notes:
        click.echo(make_safe(job.notes.pop(0)), err=True)
