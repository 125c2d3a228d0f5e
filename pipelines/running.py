"""Running a build: on this machine, resumable and watched, or on an engine that runs on many."""

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import re
import shlex
import shutil
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from xlnet_data import errors
from xlnet_data.config import BuildConfig, tolerances, without_tolerance
from xlnet_data.documents import Task, list_tasks
from xlnet_data.errors import ShardError, WorkerError, XlnetDataError
from xlnet_data.inputs import modified_time
from xlnet_data.locations import is_url
from xlnet_data.pipelines.flow import build
from xlnet_data.pipelines.rejects import tasks_to_read_again
from xlnet_data.pipelines.spool import spool_path
from xlnet_data.pipelines.watch import Name, Sight, Warden, read_left_out, write_left_out
from xlnet_data.pipelines.work import LocalWork, fill_queue
from xlnet_data.schemas.manifest import MANIFEST_FILE, SPLITS, TOKENIZER_FILE, Manifest
from xlnet_data.shards import atomic_write, read_manifest
from xlnet_data.tokenizer import Tokenizer

ENGINES = {"spark": "SparkRunner", "flink": "FlinkRunner", "dataflow": "DataflowRunner"}
"""Beam's runners that run on many machines, by their names on the command line."""

DEATH_SECS = 2.0
"""How long the runner has to notice by itself that a worker died, and how often hanging workers are looked for."""

MAX_DEATHS = 2
"""How often workers may die at one document before it is left out, where the config says to skip such documents."""

MAX_CHANCE_DEATHS = 8
"""At how many documents a worker may die once before the build gives up all the same: memory is short, for example."""

WORKER_DIED = (
    "a worker process died: killed, or out of memory; give the same command again to go on from here, with fewer "
    "--workers if memory was short"
)

WORK_FOLDER = ".work"
"""Within the dataset folder: what a local build keeps until it is finished."""


@dataclass(frozen=True)
class LocalBuild:
    """A dataset folder that is held by this process until the build is finished.

    Attributes:
        output: The dataset folder.
        work: Its work folders and workers.
        tasks: All tasks.
        pending: The tasks that have no spool file yet, numbered.
    """

    output: str
    work: LocalWork
    tasks: list[Task]
    pending: list[tuple[int, Task]]

    @property
    def pending_bytes(self) -> int:
        """Bytes on disk that are still to be read."""
        return sum(task.num_bytes for _, task in self.pending)


@contextlib.contextmanager
def hold_folder(output: str, overwrite: bool) -> Iterator[str]:
    """Hold a dataset folder for one build and yield its work folder.

    Raises:
        ShardError: The folder holds a dataset or foreign files, or another build is at work in it.
    """
    work = os.path.join(output, WORK_FOLDER)
    _check_folder(output, overwrite)
    try:
        os.makedirs(work, exist_ok=True)
        lock = open(os.path.join(work, "lock"), "w")  # noqa: SIM115 - held until the build ends
    except OSError as error:
        raise ShardError(f"cannot write to {output}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ShardError(f"another build is at work in {output}: wait for it, or choose another folder") from error
        if overwrite:
            _remove_dataset(output)
        yield work


def prepare_local(
    config: BuildConfig, output: str, work_folder: str, tokenizer: Tokenizer, workers: int, resume: bool
) -> LocalBuild:
    """Find out what an earlier, unfinished build of the same inputs and config left to do.

    Raises:
        ShardError: What lies there is of another config, tokenizer or input.
    """
    tasks = list_tasks(config)
    identity = _identity(config, tokenizer, tasks)
    identity_file = os.path.join(work_folder, "identity.json")
    spool, records, progress, queues = folders = [
        os.path.join(work_folder, name) for name in ("spool", "records", "progress", "queues")
    ]
    if not resume:
        for folder in (*folders, *(os.path.join(output, name) for name in (*SPLITS, "rejects"))):
            shutil.rmtree(folder, ignore_errors=True)
    elif os.path.exists(identity_file):
        with open(identity_file, encoding="utf-8") as file:
            found = json.load(file)
        _check_identity(found, identity, output)
        if found.get("shards") != identity["shards"]:
            shutil.rmtree(records, ignore_errors=True)
    for folder in (progress, queues):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
        _remove_temporary(folder)
    for split in SPLITS:
        _remove_temporary(os.path.join(output, split))
    with atomic_write(identity_file) as file:
        file.write(json.dumps(identity, indent=1).encode())
    pending = [(n, task) for n, task in enumerate(tasks) if not os.path.exists(spool_path(spool, n))]
    work = LocalWork(spool, records, progress, os.path.join(queues, uuid.uuid4().hex), workers)
    return LocalBuild(output, work, tasks, pending)


def run_local(config: BuildConfig, local: LocalBuild, tokenizer: Tokenizer) -> Manifest:
    """Build on this machine, with one process per worker, and take the work folder away when all is written.

    A worker that hangs on a document is stopped. Where the config says to skip such documents, the build goes on: one
    that hung is left out, and so is one at which a worker died twice.

    Raises:
        XlnetDataError: What went wrong in a worker, by its name.
    """
    deaths: Counter[Name] = Counter()
    while True:
        warden = Warden(local.work.progress, {corpus.name: corpus.max_document_secs for corpus in config.corpora})
        try:
            _run_local(config, local, tokenizer, warden)
            return finish_build(local.output)
        except WorkerError as error:
            victims = warden.victims()
            _blame(error, victims, warden, config)
            deaths.update({sight.name: MAX_DEATHS if warden.hung(sight) else 1 for sight in victims})
            if sum(count < MAX_DEATHS for count in deaths.values()) > MAX_CHANCE_DEATHS:  # it is not the documents
                raise
        left_out = {name for name, count in deaths.items() if count >= MAX_DEATHS}
        write_left_out(local.work.left_out, left_out | set(read_left_out(local.work.left_out)))
        work_folder = os.path.join(local.output, WORK_FOLDER)
        local = prepare_local(config, local.output, work_folder, tokenizer, local.work.workers, resume=True)


def _run_local(config: BuildConfig, local: LocalBuild, tokenizer: Tokenizer, warden: Warden) -> None:
    workers = local.work.workers
    if workers:
        # Memory that is given back to one arena of several is of no use to the others: a fifteenth of a worker's peak.
        command = f"exec env MALLOC_ARENA_MAX=1 {shlex.quote(sys.executable)} -m xlnet_data.pipelines.worker"
        runner = FnApiRunner(default_environment=SubprocessSDKEnvironment.from_command_string(command))
    else:
        runner = FnApiRunner()
    pipeline = beam.Pipeline(runner=runner, options=PipelineOptions([], direct_num_workers=max(workers, 1)))
    tasks = list(enumerate(local.tasks))
    fill_queue(local.work.tasks, sorted(local.pending, key=lambda pending: -pending[1].num_bytes))
    if config.output.rejects:
        fill_queue(local.work.duplicates, tasks_to_read_again(tasks, config))
    build(pipeline, config, local.output, tokenizer, tasks, local.work)
    _run(pipeline, warden.stop_hung if workers else None)


def _blame(error: WorkerError, victims: list[Sight], warden: Warden, config: BuildConfig) -> None:
    """Do nothing if all workers that died did so on documents that may be skipped.

    Raises:
        WorkerError: What the workers were at when they died.
    """
    if victims and all(sight.doc_id and config.corpus(sight.corpus).on_error == "skip" for sight in victims):
        return
    hung = [sight for sight in victims if warden.hung(sight)]
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


def finish_build(output: str) -> Manifest:
    """Take away the work folder of a dataset that is published, and return its manifest."""
    shutil.rmtree(os.path.join(output, WORK_FOLDER), ignore_errors=True)
    return read_manifest(output)


def is_published(output: str) -> bool:
    """Return whether a folder has its manifest: a build that was killed right after that has nothing left to do."""
    return os.path.exists(os.path.join(output, MANIFEST_FILE))


def check_engine_output(output: str, overwrite: bool) -> None:
    """Refuse an output folder or URL that holds a dataset, unless it is to be overwritten.

    Raises:
        ShardError: It holds one.
    """
    if FileSystems.exists(FileSystems.join(output, MANIFEST_FILE)):
        if not overwrite:
            raise ShardError(f"{output} already holds a dataset: choose another folder, or give --overwrite")
        FileSystems.delete([FileSystems.join(output, MANIFEST_FILE)])


def run_engine(config: BuildConfig, output: str, tokenizer: Tokenizer, runner: str, options: Sequence[str]) -> None:
    """Build on an engine of Beam's, by its name in ENGINES; the documents travel through its shuffle."""
    tasks = list(enumerate(list_tasks(config)))
    pipeline = beam.Pipeline(runner=ENGINES[runner], options=PipelineOptions(list(options)))
    build(pipeline, config, output, tokenizer, tasks)
    _run(pipeline)


def _run(pipeline: beam.Pipeline, look_after: Callable[[], None] | None = None) -> None:
    """Run a pipeline; what a worker raised by name comes out by name.

    Args:
        pipeline: The pipeline.
        look_after: What to do every few seconds meanwhile.

    Raises:
        XlnetDataError: A worker's named error, or that a worker died.
    """
    original = threading.excepthook
    held: list[threading.ExceptHookArgs] = []
    earlier = set(threading.enumerate())  # those of a run that went before may still be dying
    threading.excepthook = held.append
    outcome: Future[None] = Future()
    # In a thread of its own: the runner waits without end for a worker that dies before it has called.
    threading.Thread(target=_run_into, args=(pipeline, outcome), daemon=True).start()
    try:
        while wait([outcome], timeout=DEATH_SECS).not_done:
            if look_after is not None:
                look_after()
            ended = [str(arguments.exc_value) for arguments in held if arguments.thread not in earlier]
            if any("Worker subprocess exited" in text for text in ended):
                raise WorkerError(WORKER_DIED)
        outcome.result()
    except Exception as error:
        # One from this process has Beam's mark of the stage at its end; a worker's comes as text.
        text = f"xlnet_data.errors.{type(error).__name__}: {error}" if isinstance(error, XlnetDataError) else str(error)
        named = named_error(text)
        if isinstance(named, WorkerError):  # all threads that talk to a worker die with it, some of them after this one
            raise named from error
        for arguments in held:
            original(arguments)
        threading.excepthook = original
        raise named or error from error
    threading.excepthook = original


def _run_into(pipeline: beam.Pipeline, outcome: "Future[None]") -> None:
    try:
        pipeline.run().wait_until_finish()
        outcome.set_result(None)
    except BaseException as error:  # the waiting thread raises it
        outcome.set_exception(error)


def named_error(text: str) -> XlnetDataError | None:
    """Return the named error that a worker's traceback ends in, None if it ends in none.

    >>> named_error("...\\nxlnet_data.errors.CorpusError: cannot open a.txt [while running 'Read']")
    CorpusError('cannot open a.txt')
    """
    if "Channel closed prematurely" in text:
        return WorkerError(WORKER_DIED)
    found = re.findall(r"xlnet_data\.errors\.(\w+): (.*?)(?: \[while running|\n\n|\Z)", text, re.DOTALL)
    return getattr(errors, found[-1][0])(found[-1][1].strip()) if found else None


def _check_folder(output: str, overwrite: bool) -> None:
    if os.path.exists(os.path.join(output, MANIFEST_FILE)):
        if not overwrite and not os.path.isdir(os.path.join(output, WORK_FOLDER)):
            raise ShardError(f"{output} already holds a dataset: choose another folder, or give --overwrite")
    elif os.path.exists(output) and not os.path.isdir(output):
        raise ShardError(f"{output} is a file: choose a folder for the dataset")
    elif os.path.isdir(output) and os.listdir(output) and not os.path.isdir(os.path.join(output, WORK_FOLDER)):
        raise ShardError(f"{output} holds other files: choose an empty or new folder for the dataset")


def _remove_dataset(output: str) -> None:
    """Remove a dataset's files, the manifest first, and nothing else."""
    for name in (MANIFEST_FILE, TOKENIZER_FILE):
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(output, name))
    for split in (*SPLITS, "rejects"):
        shutil.rmtree(os.path.join(output, split), ignore_errors=True)


def _remove_temporary(folder: str) -> None:
    """Remove what killed workers were writing."""
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if name.endswith(".tmp"):
            with contextlib.suppress(FileNotFoundError):  # a worker that outlived its build may still rename it
                os.remove(os.path.join(folder, name))


def _identity(config: BuildConfig, tokenizer: Tokenizer, tasks: Sequence[Task]) -> dict[str, Any]:
    """Return what must not change between the parts of one build."""
    paths = sorted({split.path for task in tasks for split in task.splits})
    stamps = [(path, None if is_url(path) else modified_time(path)) for path in paths]
    listing = json.dumps([[dataclasses.astuple(task) for task in tasks], stamps])
    return {
        "config": without_tolerance(config).fingerprint(),
        "tolerances": tolerances(config),
        "shards": config.fingerprint(),
        "tokenizer": tokenizer.sha256,
        "input files": hashlib.sha256(listing.encode()).hexdigest(),
    }


def _check_identity(found: dict[str, Any], expected: dict[str, Any], output: str) -> None:
    changed = [name for name in ("config", "tokenizer", "input files") if found.get(name) != expected[name]]
    tolerated = zip(found.get("tolerances", ()), expected["tolerances"], strict=False)
    if not changed and any(old and not new for old, new in tolerated):
        changed = ["config"]  # what has been read may hold what is an error now
    if changed:
        raise ShardError(
            f"{output} holds an unfinished build, but since then the {' and the '.join(changed)} changed: "
            "give --no-resume to begin anew"
        )
