"""Builds on this machine: what is left to do is found, done by worker processes, and watched."""

import json
import os
import shlex
import shutil
import sys
import uuid
from collections import Counter
from dataclasses import dataclass

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from xlnet_data.config import BuildConfig
from xlnet_data.documents.tasks import Task, list_tasks
from xlnet_data.errors import WorkerError
from xlnet_data.files.writing import atomic_write
from xlnet_data.pipelines.flow import build
from xlnet_data.pipelines.local_exchange import LocalExchange
from xlnet_data.pipelines.local_folder import (
    WORK_FOLDER,
    check_same_build,
    describe_build,
    finish_build,
    remove_temporary,
)
from xlnet_data.pipelines.local_queue import LocalFolders, fill_queue
from xlnet_data.pipelines.local_spool import spool_path
from xlnet_data.pipelines.local_status import (
    Name,
    WorkerMonitor,
    WorkerStatus,
    read_left_out,
    write_left_out,
)
from xlnet_data.pipelines.rejects import tasks_to_read_again
from xlnet_data.pipelines.running import run_pipeline
from xlnet_data.schemas.manifest import SPLITS, Manifest
from xlnet_data.text.tokenizer import Tokenizer

MAX_DEATHS = 2
"""How often workers may die at one document before it is left out, where the config says to skip such documents."""

MAX_CHANCE_DEATHS = 8
"""The build gives up once workers have died on more than this many different documents: the cause is then probably not
the documents, but memory."""


@dataclass(frozen=True)
class LocalBuild:
    """A dataset folder that is held by this process until the build is finished.

    Attributes:
        output: The dataset folder.
        folders: Its work folders and workers.
        tasks: All tasks.
        pending: The tasks that have no spool file yet, numbered.
    """

    output: str
    folders: LocalFolders
    tasks: list[Task]
    pending: list[tuple[int, Task]]

    @property
    def pending_bytes(self) -> int:
        """Bytes on disk that are still to be read."""
        return sum(task.num_bytes for _, task in self.pending)


def prepare_local(
    config: BuildConfig, output: str, work_folder: str, tokenizer: Tokenizer, workers: int, resume: bool
) -> LocalBuild:
    """Find out what an earlier, unfinished build of the same inputs and config left to do.

    Raises:
        ShardError: What lies there is of another config, tokenizer or input.
    """
    tasks = list_tasks(config)
    identity = describe_build(config, tokenizer, tasks)
    identity_file = os.path.join(work_folder, "identity.json")
    spool, records, status, queues = folders = [
        os.path.join(work_folder, name) for name in ("spool", "records", "status", "queues")
    ]
    if not resume:
        for folder in (*folders, *(os.path.join(output, name) for name in (*SPLITS, "rejects"))):
            shutil.rmtree(folder, ignore_errors=True)
    elif os.path.exists(identity_file):
        with open(identity_file, encoding="utf-8") as file:
            found = json.load(file)
        check_same_build(found, identity, output)
        if found.get("shards") != identity["shards"]:
            shutil.rmtree(records, ignore_errors=True)
    for folder in (status, queues):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
        remove_temporary(folder)
    for split in SPLITS:
        remove_temporary(os.path.join(output, split))
    with atomic_write(identity_file) as file:
        file.write(json.dumps(identity, indent=1).encode())
    pending = [(n, task) for n, task in enumerate(tasks) if not os.path.exists(spool_path(spool, n))]
    return LocalBuild(
        output, LocalFolders(spool, records, status, os.path.join(queues, uuid.uuid4().hex), workers), tasks, pending
    )


def run_local(config: BuildConfig, local: LocalBuild, tokenizer: Tokenizer) -> Manifest:
    """Build on this machine, with one process per worker, and take the work folder away when all is written.

    A worker that hangs on a document is stopped. Where the config says to skip such documents, the build goes on: one
    that hung is left out, and so is one at which a worker died twice.

    Raises:
        XlnetDataError: What went wrong in a worker, by its name.
    """
    deaths: Counter[Name] = Counter()
    while True:
        monitor = WorkerMonitor(
            local.folders.status, {corpus.name: corpus.max_document_secs for corpus in config.corpora}
        )
        try:
            _run_local(config, local, tokenizer, monitor)
            return finish_build(local.output)
        except WorkerError as error:
            victims = monitor.victims()
            raise_unless_skippable(error, victims, monitor, config)
            deaths.update({status.name: MAX_DEATHS if monitor.hung(status) else 1 for status in victims})
            if sum(count < MAX_DEATHS for count in deaths.values()) > MAX_CHANCE_DEATHS:  # it is not the documents
                raise
        left_out = {name for name, count in deaths.items() if count >= MAX_DEATHS}
        write_left_out(local.folders.left_out, left_out | set(read_left_out(local.folders.left_out)))
        work_folder = os.path.join(local.output, WORK_FOLDER)
        local = prepare_local(config, local.output, work_folder, tokenizer, local.folders.workers, resume=True)


def _run_local(config: BuildConfig, local: LocalBuild, tokenizer: Tokenizer, monitor: WorkerMonitor) -> None:
    workers = local.folders.workers
    if workers:
        # Memory that is given back to one arena of several is of no use to the others: a fifteenth of a worker's peak.
        command = f"exec env MALLOC_ARENA_MAX=1 {shlex.quote(sys.executable)} -m xlnet_data.pipelines.local_worker"
        runner = FnApiRunner(default_environment=SubprocessSDKEnvironment.from_command_string(command))
    else:
        runner = FnApiRunner()
    pipeline = beam.Pipeline(runner=runner, options=PipelineOptions([], direct_num_workers=max(workers, 1)))
    tasks = list(enumerate(local.tasks))
    fill_queue(local.folders.tasks, sorted(local.pending, key=lambda pending: -pending[1].num_bytes))
    if config.output.rejects:
        fill_queue(local.folders.duplicates, tasks_to_read_again(tasks, config))
    exchange = LocalExchange(config, local.output, local.folders, tokenizer.id_type, len(tasks))
    build(pipeline, config, local.output, tokenizer, exchange)
    run_pipeline(pipeline, monitor.stop_hung if workers else None)


def raise_unless_skippable(
    error: WorkerError, victims: list[WorkerStatus], monitor: WorkerMonitor, config: BuildConfig
) -> None:
    """Do nothing if all workers that died did so on documents that may be skipped.

    Raises:
        WorkerError: What the workers were at when they died.
    """
    if victims and all(status.doc_id and config.corpus(status.corpus).on_error == "skip" for status in victims):
        return
    hung = [status for status in victims if monitor.hung(status)]
    if hung:
        secs = config.corpus(hung[0].corpus).max_document_secs
        raise WorkerError(
            f"{' and '.join(map(str, hung))} took more than {secs:g} s; give the same command again to go on, with a "
            'larger max_document_secs if so long is right, or with on_error = "skip" in its corpus\'s section, which '
            "counts and leaves out such documents"
        ) from error
    if victims:
        raise WorkerError(f"{error}; it was at {' and '.join(map(str, victims))}") from error
    raise error
