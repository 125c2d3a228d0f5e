"""Builds on this machine: what is left to do is found, done by worker processes, and watched."""

import json
import os
import shutil
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, TypeVar, cast

from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from xlnet_data.config import BuildConfig
from xlnet_data.corpora.guards import KILLED_WORKER, TOO_SLOW
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.errors import ShardError, WorkerError, XlnetDataError
from xlnet_data.files.writing import atomic_write, named_write
from xlnet_data.ingestion.tasks import Task, list_tasks
from xlnet_data.pipelines.flow import build
from xlnet_data.pipelines.local.crew import Crew
from xlnet_data.pipelines.local.duplicates import NUM_RANGES, range_path
from xlnet_data.pipelines.local.environment import CrewEnvironment
from xlnet_data.pipelines.local.exchange import LocalExchange
from xlnet_data.pipelines.local.folder import HeldFolder, remove_temporary
from xlnet_data.pipelines.local.identity import check_inputs_unchanged, check_same_build, describe_build, find_changes
from xlnet_data.pipelines.local.monitor import WorkerMonitor
from xlnet_data.pipelines.local.queue import LocalFolders, fill_queue
from xlnet_data.pipelines.local.records import task_record
from xlnet_data.pipelines.local.status import (
    Name,
    WorkerStatus,
    carry_counts,
    read_finished,
    read_left_out,
    write_left_out,
)
from xlnet_data.pipelines.local.times import BuildClock
from xlnet_data.pipelines.rejects import tasks_to_read_again
from xlnet_data.pipelines.running import WORKER_DIED, make_pipeline, run_pipeline
from xlnet_data.schemas.manifest import DATASET_FOLDERS, SPLITS, Manifest
from xlnet_data.text.tokenizer import Tokenizer

MAX_DEATHS = 2
"""How often workers may die at one document before it is left out, where the config says to skip such documents."""

MAX_CHANCE_DEATHS = 8
"""The build gives up once workers have died on more than this many different documents: the cause is then probably not
the documents, but memory."""


_View = TypeVar("_View", bound=PipelineOptions)


@dataclass(frozen=True)
class LocalBuild:
    """A build on this machine and what is left of it to do.

    Attributes:
        held: The folder, held by this process until the build is finished.
        folders: Where it keeps what it has done, and its worker processes.
        identity: What must not change between its parts.
        tasks: All tasks.
        pending: The tasks that have no record yet, numbered.
    """

    held: HeldFolder
    folders: LocalFolders
    identity: dict[str, Any]
    tasks: list[Task]
    pending: list[tuple[int, Task]]

    @property
    def pending_bytes(self) -> int:
        """Bytes on disk that are still to be read."""
        return sum(task.num_bytes for _, task in self.pending)


def prepare_local(config: BuildConfig, held: HeldFolder, tokenizer: Tokenizer, workers: int) -> LocalBuild | None:
    """Find out what an earlier, unfinished build of the same inputs and config left to do.

    Returns:
        The build; None if what lies beside the dataset that shall be replaced is of another build.

    Raises:
        ShardError: What lies in the folder is of another config, tokenizer or input.
    """
    tasks = list_tasks(config)
    identity = describe_build(config, tokenizer, tasks)
    found = held.read_identity()
    if _is_another(held, found, identity):
        if held.building != held.output:
            return None
        if held.is_published:
            raise ShardError(
                f"{held.output} already holds a dataset, of another build: choose another folder, or remove "
                f"{held.work}, which that build left, and give --overwrite"
            )
        check_same_build(found or {}, identity, held.output)
    spool, records, status, queues = folders = [
        os.path.join(held.work, name) for name in ("spool", "records", "status", "queues")
    ]
    if found is None and not held.is_published:  # of which build these are is not known
        for folder in (spool, *(os.path.join(held.building, name) for name in DATASET_FOLDERS)):
            shutil.rmtree(folder, ignore_errors=True)
        held.records.remove("duplicates", "left_out")  # those of files that are gone count no more
    elif found is not None and found["shards"] != identity["shards"]:
        held.records.remove(*SPLITS)
    for folder in (status, queues):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in folders:
        with named_write(folder):
            os.makedirs(folder, exist_ok=True)
        remove_temporary(folder)
    if not held.is_published:
        with atomic_write(held.identity_file) as file:
            file.write(json.dumps(identity, indent=1).encode())
    with ThreadPoolExecutor() as pool:
        is_done = pool.map(lambda number: held.records.find(task_record(number)) is not None, range(len(tasks)))
        pending = [numbered for numbered, done in zip(enumerate(tasks), is_done, strict=True) if not done]
    local = LocalFolders(spool, records, status, os.path.join(queues, uuid.uuid4().hex), workers)
    return LocalBuild(held, local, identity, tasks, pending)


def _is_another(held: HeldFolder, found: dict[str, Any] | None, identity: dict[str, Any]) -> bool:
    """Return whether the folder holds the work of another build, as far as it tells whose it is."""
    if found is not None:
        return bool(find_changes(found, identity))
    if not held.is_published:
        return False
    manifest = read_manifest(held.building)
    return (manifest.fingerprint, manifest.tokenizer.sha256) != (identity["shards"], identity["tokenizer"])


def run_local(config: BuildConfig, local: LocalBuild, tokenizer: Tokenizer, clock: BuildClock, crew: Crew) -> Manifest:
    """Build on this machine, with one process per worker, and take the work folder away when all is written.

    A worker gives up a document that it hangs on; one that cannot is stopped, and the build goes on without the
    document. Where the config says to skip them, it also goes on without documents at which workers died twice.

    Raises:
        XlnetDataError: What went wrong in a worker, by its name.
    """
    deaths: Counter[Name] = Counter()
    pending = [number for number, _ in local.pending]
    left_out: dict[Name, str] = {}
    while True:
        monitor = WorkerMonitor(
            local.folders.status, {corpus.name: corpus.max_document_secs for corpus in config.corpora}
        )
        try:
            if not local.held.is_published:
                _run_or_find_loss(config, local, tokenizer, monitor, crew)
                check_inputs_unchanged(local.identity, local.tasks, config)
                _check_kept(config, local)
                clock.write(local.held, local.folders, pending, len(local.tasks), tokenizer.why_slow())
                local.held.publish(read_manifest(local.held.work))
            return local.held.finish()
        except WorkerError as error:
            victims = monitor.victims()
            crew.end()
            raise_unless_skippable(error, victims, monitor, config)
            left_out.update({status.name: TOO_SLOW for status in victims if monitor.hung(status)})
            deaths.update(status.name for status in victims if not monitor.hung(status))
            if sum(count < MAX_DEATHS for count in deaths.values()) > MAX_CHANCE_DEATHS:  # it is not the documents
                raise
        left_out.update({name: KILLED_WORKER for name, count in deaths.items() if count >= MAX_DEATHS})
        write_left_out(local.folders.left_out, read_left_out(local.folders.left_out) | left_out)
        finished = read_finished(local.folders.status)
        again = prepare_local(config, local.held, tokenizer, local.folders.workers)
        assert again is not None, "this process holds the folder"
        carry_counts(again.folders.status, finished)
        local = again


def _run_or_find_loss(
    config: BuildConfig, local: LocalBuild, tokenizer: Tokenizer, monitor: WorkerMonitor, crew: Crew
) -> None:
    """Run the flow.

    Raises:
        XlnetDataError: A named error of the flow's; or, where it failed of another one, that something is gone.
    """
    try:
        _run_flow(config, local, tokenizer, monitor, crew)
    except XlnetDataError:
        raise
    except Exception:
        folders = local.folders
        _check_there(folders.spool, folders.records, folders.status, folders.tasks)
        if lost := local.held.records.find_loss(by_hash=True):
            raise _loss_of(lost) from None
        raise


def _check_kept(config: BuildConfig, local: LocalBuild) -> None:
    """Check that all that the build wrote is still there: a file that is gone would be read as one that holds nothing.

    Raises:
        ShardError: Another process removed or changed some of it.
    """
    held = local.held
    duplicates = [range_path(local.folders.spool, "duplicates", number) for number in range(NUM_RANGES)]
    tasks = [held.records.path(task_record(number)) for number in range(len(local.tasks))]
    shards = [name for shard in read_manifest(held.work).shards for name in (shard.file, shard.documents_file)]
    _check_there(*tasks, *(duplicates if config.has_deduplication else ()))
    _check_there(*(os.path.join(held.building, name) for name in shards))
    if lost := held.records.find_loss(by_hash=False):
        raise _loss_of(lost)


def _check_there(*paths: str) -> None:
    for path in paths:
        if not os.path.exists(path):
            raise _loss_of(path)


def _loss_of(path: str) -> ShardError:
    return ShardError(
        f"another process removed or changed {path} while the build ran: nothing is published; give the same command "
        "again"
    )


def _run_flow(config: BuildConfig, local: LocalBuild, tokenizer: Tokenizer, monitor: WorkerMonitor, crew: Crew) -> None:
    workers = local.folders.workers
    if workers:
        crew.prepare(tokenizer.path, asdict(tokenizer.settings))
        runner = FnApiRunner(default_environment=CrewEnvironment(crew))
    else:
        runner = FnApiRunner()
    pipeline = make_pipeline(runner, _Options([], direct_num_workers=max(workers, 1), pipeline_type_check=False))
    tasks = list(enumerate(local.tasks))
    fill_queue(local.folders.tasks, sorted(local.pending, key=lambda pending: -pending[1].num_bytes))
    if config.output.rejects:
        fill_queue(local.folders.duplicates, tasks_to_read_again(tasks, config))
    exchange = LocalExchange(config, local.held, local.folders, tokenizer.id_type, len(tasks))
    build(pipeline, config, local.held.building, tokenizer, exchange)

    def look_after() -> None:
        monitor.stop_hung()
        if crew.has_losses():
            raise WorkerError(WORKER_DIED)

    run_pipeline(pipeline, look_after if workers else None)


class _Options(PipelineOptions):
    """Options that remember their views: Beam asks for hundreds while it puts a flow together, and parses each anew."""

    def view_as(self, cls: type[_View]) -> _View:
        """Return the options of one of Beam's groups of them."""
        views: dict[type[PipelineOptions], Any] = self.__dict__.setdefault("_views", {})
        if cls not in views:
            views[cls] = super().view_as(cls)
        return cast(_View, views[cls])


def raise_unless_skippable(
    error: WorkerError, victims: list[WorkerStatus], monitor: WorkerMonitor, config: BuildConfig
) -> None:
    """Do nothing if all workers that died hung, or did so on documents that may be skipped.

    Raises:
        WorkerError: What the workers were at when they died.
    """
    dead = [status for status in victims if not monitor.hung(status)]
    if victims and all(status.doc_id and config.corpus(status.corpus).on_error == "skip" for status in dead):
        return
    if victims:
        raise WorkerError(f"{error}; it was at {' and '.join(map(str, dead))}") from error
    raise error
