"""The real engines, each started once for all tests that ask for it and ended with all of its processes.

What a test asks for:

- `spark` builds on Beam's job server with Spark in it, `spark_on_two_workers` on a standalone master and two workers,
  `flink` on Flink in its job server, `flink_on_a_cluster` on a job manager and a task manager, `prism` on Beam's engine
  in Go, and `job_service` on Beam's in Python, which runs everywhere. Each but the two clusters is an `Engine`: what to
  give as ``--runner`` and behind ``--``.
- `spark_on_two_workers` and `flink_on_a_cluster` are a `Cluster`: its `engine`, its web `page`, its `processes` (to be
  killed: `cluster.processes["worker-0"]`), and its `folder`, where their logs lie. `spark_on_two_machines` is one
  whose workers have network namespaces and addresses of their own, where the system allows that.
- `pool` is the address of a pool of Python workers, for ``--environment_type=EXTERNAL``.
- `run_on` runs `xlnet-data build-corpus` on an engine in a process of its own, as a user does.

Where a JDK, Maven, Go or the network is missing, the tests that need it skip and say which. What is fetched stays in
the cache (`downloads.py`), 600 MB in all; the first run takes minutes longer.
"""

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from engines.clusters import (
    HOST,
    Cluster,
    Engine,
    flink_cluster,
    job_service_process,
    spark_cluster,
    worker_pool,
    yarn_cluster,
)
from engines.downloads import CannotFetch, fetch_go_program, fetch_jars, manifest_jar
from engines.machines import CannotSeparate, separate_machines

from xlnet_data.schemas.manifest import BUILD_FILE

BUILD_SECS = 240
"""Of one build, so that a job that hangs fails its test."""
SCREEN = {"COLUMNS": "200"}
"""The environment of all builds, so that the last screens of two of them are broken at the same places."""
SMALL_JVM = ("--job_server_jvm_properties=-Xmx1g", "--job_server_jvm_properties=-XX:TieredStopAtLevel=1")

SMALL_CLUSTER = tuple(
    f"--job_server_jvm_properties=-Dspark.{setting}" for setting in ("executor.memory=768m", "default.parallelism=2")
)

RunOn = Callable[..., "subprocess.CompletedProcess[str]"]


def _or_skip(fetch: Callable[[], Path]) -> Path:
    try:
        return fetch()
    except CannotFetch as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def spark_jars() -> Path:
    return _or_skip(lambda: fetch_jars("spark"))


@pytest.fixture(scope="session")
def flink_jars() -> Path:
    return _or_skip(lambda: fetch_jars("flink"))


@pytest.fixture(scope="session")
def yarn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of the configuration of a small YARN."""
    jars = _or_skip(lambda: fetch_jars("hadoop"))
    with yarn_cluster(jars, tmp_path_factory.mktemp("yarn")) as configuration:
        yield configuration


@pytest.fixture(scope="session")
def spark_options(spark_jars: Path) -> tuple[str, ...]:
    """Return the options that name the fetched job server and keep it small."""
    jar = manifest_jar(spark_jars, "org.apache.beam.runners.spark.SparkJobServerDriver")
    return (f"--spark_job_server_jar={jar}", *SMALL_JVM, f"--job_server_jvm_properties=-Dspark.driver.host={HOST}")


@pytest.fixture(scope="session")
def flink_options(flink_jars: Path) -> tuple[str, ...]:
    jar = manifest_jar(flink_jars, "org.apache.beam.runners.flink.FlinkJobServerDriver")
    return (f"--flink_job_server_jar={jar}", *SMALL_JVM)


@pytest.fixture(scope="session")
def spark(spark_options: tuple[str, ...]) -> Engine:
    """Return Spark in its job server, which writes all that it keeps to disk, as where memory is short."""
    return Engine("spark", ("--spark_master_url=local[2]", "--storage_level=DISK_ONLY", *spark_options))


@pytest.fixture(scope="session")
def flink(flink_options: tuple[str, ...]) -> Engine:
    return Engine("flink", ("--flink_master=[local]", "--parallelism=2", *flink_options))


def _stage_nothing(options: tuple[str, ...]) -> str:
    """Return the option that ships one tiny jar: all others are on the clusters' class path, 300 MB for each job."""
    jar = next(option.partition("=")[2] for option in options if "job_server_jar=" in option)
    return f"--files_to_stage={jar}"


@pytest.fixture(scope="session")
def spark_on_two_workers(
    spark_jars: Path, spark_options: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    options = (*spark_options, *SMALL_CLUSTER, _stage_nothing(spark_options))
    with spark_cluster(spark_jars, tmp_path_factory.mktemp("spark"), options) as cluster:
        yield cluster


@pytest.fixture
def spark_on_two_machines(
    spark_jars: Path, spark_options: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    options = (*spark_options, *SMALL_CLUSTER, _stage_nothing(spark_options))
    with contextlib.ExitStack() as stack:
        try:
            places = stack.enter_context(separate_machines(2))
        except CannotSeparate as reason:
            pytest.skip(str(reason))
        folder = tmp_path_factory.mktemp("machines")
        yield stack.enter_context(spark_cluster(spark_jars, folder, options, places=places))


@pytest.fixture(scope="session")
def flink_on_a_cluster(
    flink_jars: Path, flink_options: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    options = (*flink_options, _stage_nothing(flink_options))
    with flink_cluster(flink_jars, tmp_path_factory.mktemp("flink"), options) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def prism() -> Engine:
    path = _or_skip(lambda: fetch_go_program("github.com/apache/beam/sdks/v2/go/cmd/prism", "v2.77.0"))
    return Engine("prism", (f"--prism_location={path}",))


@pytest.fixture(scope="session")
def job_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with job_service_process(tmp_path_factory.mktemp("job_service")) as engine:
        yield engine


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with worker_pool(tmp_path_factory.mktemp("pool")) as address:
        yield address


def command_on(engine: Engine, config: Path, output: str | Path, *flags: str) -> list[str]:
    """Return the command that builds a dataset on an engine."""
    command = [sys.executable, "-m", "xlnet_data", "build-corpus", str(config)]
    return [*command, "--output", str(output), "--runner", engine.runner, *flags, "--", *engine.options]


def sha256_of(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder, hidden ones too, but of what says how long a build took."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != BUILD_FILE)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.fixture(scope="session")
def run_on() -> RunOn:
    """Return the function that builds a dataset on an engine and waits; it ends what the build leaves running."""

    def run(
        engine: Engine, config: Path, output: str | Path, *flags: str, environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        command = command_on(engine, config, output, *flags)
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=config.parent,
            env={**os.environ, **SCREEN, **(environment or {})}, start_new_session=True,
        ) as process:  # fmt: skip
            try:
                stdout, stderr = process.communicate(timeout=BUILD_SECS)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
        return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)

    return run
