"""Knows each engine that a build can run on: its runner in Beam, its JDK, and the options that it needs to be told."""

import json
import os
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apache_beam.options.pipeline_options import (
    FlinkRunnerOptions,
    JobServerOptions,
    PipelineOptions,
    PortableOptions,
    SparkRunnerOptions,
)
from apache_beam.runners.portability.flink_runner import MAGIC_HOST_NAMES, FlinkRunner
from apache_beam.runners.portability.spark_runner import LOCAL_MASTER_PATTERN

from xlnet_data.errors import ConfigError
from xlnet_data.pipelines.engines.options import names_of
from xlnet_data.pipelines.engines.partitions import num_partitions
from xlnet_data.pipelines.engines.progress import ASK_SECS, ask_json
from xlnet_data.pipelines.engines.worker import own_command

PORTABLE_DEFAULTS = (
    # Beam takes it for the limit of a call, and two of its job servers for that of a whole job.
    "--job_server_timeout=2000000",
    # Else every stage starts its Python processes anew, 5 seconds each.
    "--environment_cache_millis=60000",
)

SHORT_CACHE = "--environment_cache_millis=10000"
"""For jobs that shall end soon: on Flink the Python processes of a cancelled job stay for up to twice this long, and
spark-submit ends only when they do."""

FLINK_DEFAULTS = (PORTABLE_DEFAULTS[0], SHORT_CACHE)

SPARK_DEFAULTS = (
    # What is used twice is kept. In memory alone, as Beam has it, what finds no room is read and tokenized again.
    "--storage_level=MEMORY_AND_DISK",
)

CLUSTER_CORES = 8
"""Cores that a cluster of Spark's is taken to have at least: who runs it does not say."""

QUICK_JAVA = "-XX:TieredStopAtLevel=1"
"""Tells Java to leave out its slower compiler, which takes more time than its code saves: the work is Python's."""

REPLACE_EXECUTORS = (
    # An executor whose Python worker was killed keeps the dead one, and all that is tried again there fails: so a task
    # that failed is tried on others, and the executor is replaced. Some tasks more may fail before that is done.
    "-Dspark.excludeOnFailure.enabled=true",
    "-Dspark.excludeOnFailure.killExcludedExecutors=true",
    "-Dspark.excludeOnFailure.application.maxFailedTasksPerExecutor=1",
    "-Dspark.excludeOnFailure.application.maxFailedExecutorsPerNode=8",
    "-Dspark.excludeOnFailure.stage.maxFailedExecutorsPerNode=8",
    "-Dspark.excludeOnFailure.task.maxTaskAttemptsPerNode=7",  # below the next
    "-Dspark.task.maxFailures=8",
)


@dataclass(frozen=True)
class Placement:
    """Where an engine's options say that the work is done.

    Attributes:
        defaults: Options that the user need not give; those that are given win.
        page: The address of the engine's own page about the build, None if it is not known.
        jvm_properties: What the job server's Java is told besides.
    """

    defaults: tuple[str, ...]
    page: str | None = None
    jvm_properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Engine:
    """What is known of an engine.

    Attributes:
        beam_runner: The name of its runner in Beam.
        java: The oldest and the newest version of Java that its job server runs on; None: it needs none.
        instead_of_workers: Which of its options say what ``--workers`` says on one machine.
        place: Finds out from the options that are given, and from the bytes of input, where the work will be done.
    """

    beam_runner: str
    java: tuple[int, int] | None
    instead_of_workers: str
    place: Callable[[PipelineOptions, int], Placement]


def with_defaults(given: Sequence[str], defaults: Sequence[str]) -> list[str]:
    """Return the options given and before them the defaults of the others.

    >>> with_defaults(["--region", "here"], ["--region=there", "--num_workers=4"])
    ['--num_workers=4', '--region', 'here']
    """
    names = names_of(given)
    return [*(option for option in defaults if names_of([option])[0] not in names), *given]


def _place_on_spark(options: PipelineOptions, input_bytes: int) -> Placement:
    master = options.view_as(SparkRunnerOptions).spark_master_url
    cores = len(os.sched_getaffinity(0))
    if "spark_master_url" not in options.get_all_options(drop_default=True):
        master = f"local[{cores}]"
    defaults = [*PORTABLE_DEFAULTS, *SPARK_DEFAULTS, f"--spark_master_url={master}"]
    java: tuple[str, ...] = (QUICK_JAVA,)
    if re.match(LOCAL_MASTER_PATTERN, master):
        threads = re.search("[0-9]+", master)
        parallelism = int(threads[0]) if threads else cores if "*" in master else 1
        defaults += [*_workers_here(options), f"--sdk_worker_parallelism={parallelism}"]
        cores = parallelism
    else:  # 0: one process less than the machine of each executor has cores
        defaults += [*_workers_elsewhere(options), "--sdk_worker_parallelism=0"]
        java, cores = (*java, *REPLACE_EXECUTORS), CLUSTER_CORES
    properties = " ".join(options.view_as(JobServerOptions).job_server_jvm_properties)
    settings = {
        "executor.extraJavaOptions": QUICK_JAVA,
        "default.parallelism": num_partitions(input_bytes, cores),  # Beam's runner cuts what it shuffles into so many
        "serializer": "org.apache.spark.serializer.KryoSerializer",  # Spark's own cannot write to disk what Beam keeps
    }
    for name, value in settings.items():
        if f"-Dspark.{name}=" not in properties:
            java = (*java, f"-Dspark.{name}={value}")
    is_packed = bool(options.view_as(PortableOptions).output_executable_path)
    if is_packed:
        defaults.append(SHORT_CACHE)
    if "-Dspark.ui." in properties or is_packed:
        return Placement(tuple(defaults), jvm_properties=java)
    port = _free_port()  # of the page that Spark's driver, the job server, serves
    return Placement(tuple(defaults), f"http://localhost:{port}", (*java, f"-Dspark.ui.port={port}"))


def _place_on_flink(options: PipelineOptions, _input_bytes: int) -> Placement:
    master = options.view_as(FlinkRunnerOptions).flink_master
    defaults = list(FLINK_DEFAULTS)
    if master in MAGIC_HOST_NAMES:
        parallelism = options.view_as(FlinkRunnerOptions).parallelism
        if parallelism < 1:
            parallelism = len(os.sched_getaffinity(0))
        defaults += [*_workers_here(options), f"--sdk_worker_parallelism={parallelism}"]
        return Placement((*defaults, "--flink_master=[local]", f"--parallelism={parallelism}"))
    page = FlinkRunner.add_http_scheme(master)
    slots, machines = _ask_flink(page)
    defaults += [*_workers_elsewhere(options), f"--sdk_worker_parallelism={-(-slots // machines)}"]
    return Placement((*defaults, f"--parallelism={slots}"), page)


def _place_on_prism(options: PipelineOptions, _input_bytes: int) -> Placement:
    return Placement((*PORTABLE_DEFAULTS, "--environment_type=LOOPBACK"))


def _place_on_job_server(options: PipelineOptions, _input_bytes: int) -> Placement:
    endpoint = options.view_as(PortableOptions).job_endpoint
    host, _, port = (endpoint or "").rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigError(
            "--runner portable takes a job server of Beam's that runs already: give its address behind --, as in "
            f"-- --job_endpoint localhost:8099; got {endpoint!r}"
        )
    try:
        socket.create_connection((host, int(port)), timeout=ASK_SECS).close()
    except OSError as error:
        raise ConfigError(f"no job server answers at {endpoint}: {error}; check --job_endpoint") from error
    here = host in ("localhost", "127.0.0.1", "::1")
    workers = ["--environment_type=LOOPBACK"] if here else _workers_elsewhere(options)
    return Placement((*PORTABLE_DEFAULTS, *workers))


def _place_on_dataflow(options: PipelineOptions, _input_bytes: int) -> Placement:
    return Placement(())


def _workers_here(options: PipelineOptions) -> list[str]:
    """Return the options for Python processes on this machine: without them, one process does all the work."""
    return _workers_elsewhere(options) if os.path.exists(own_command()) else ["--environment_type=LOOPBACK"]


def _workers_elsewhere(options: PipelineOptions) -> list[str]:
    """Return the options for Python processes that each machine of a cluster starts.

    Raises:
        ConfigError: Workers in containers are asked for and no image is named.
    """
    portable = options.view_as(PortableOptions)
    kind = (portable.environment_type or "PROCESS").upper()
    is_told = portable.environment_config or portable.environment_options
    if kind == "DOCKER" and not is_told:
        raise ConfigError(
            "--environment_type=DOCKER needs an image that holds this package, which Beam's own does not: give it as "
            "--environment_config=IMAGE (the Dockerfile of the repository makes one)"
        )
    if kind == "EXTERNAL" and not is_told:
        raise ConfigError(
            "--environment_type=EXTERNAL needs the address of the pool of workers on each machine: run "
            "xlnet-data-worker --pool 50000 there, and give --environment_config=localhost:50000"
        )
    if kind != "PROCESS" or is_told:
        return ["--environment_type=PROCESS"]
    return ["--environment_type=PROCESS", f"--environment_config={json.dumps({'command': own_command()})}"]


def _ask_flink(page: str) -> tuple[int, int]:
    """Return the slots of a Flink cluster, and its task managers.

    Raises:
        ConfigError: It does not answer, or has none.
    """
    try:
        overview = ask_json(f"{page}/overview")
        slots, machines = int(overview["slots-total"]), int(overview["taskmanagers"])
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"no Flink cluster answers at {page}: {error}; check --flink_master") from error
    if not machines or not slots:
        raise ConfigError(f"the Flink cluster at {page} has no task manager yet: start one")
    return slots, machines


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("", 0))
        return int(one.getsockname()[1])


ENGINES = {
    "spark": Engine("SparkRunner", (11, 17), "--spark_master_url 'local[4]'", _place_on_spark),
    "flink": Engine("FlinkRunner", (11, 21), "--parallelism 4", _place_on_flink),
    "dataflow": Engine("DataflowRunner", None, "--num_workers 4", _place_on_dataflow),
    "prism": Engine("PrismRunner", None, "no option: Prism runs in one process", _place_on_prism),
    "portable": Engine("PortableRunner", None, "--sdk_worker_parallelism 4", _place_on_job_server),
}
"""The engines by their names on the command line."""
