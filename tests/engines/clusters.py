"""Starts small clusters of the real engines on the loopback address, and ends all of their processes."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engines.machines import Machine

HOST = "127.0.0.1"
START_SECS = 60
"""How long a process of an engine may take until it answers."""

SPARK_CLASSES = "org.apache.spark.deploy"
FLINK_CLASSES = "org.apache.flink.runtime"
# Spark and Flink reach into the JDK; their own start scripts open these, which are not there when they come from Maven.
OPENED = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in (
        "java.lang", "java.lang.invoke", "java.lang.reflect", "java.net", "java.nio", "java.text", "java.time",
        "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch",
    )
]  # fmt: skip


@dataclass(frozen=True)
class Engine:
    """How to build on an engine of the tests.

    Attributes:
        runner: What to give as ``--runner``.
        options: What to give behind ``--``.
    """

    runner: str
    options: tuple[str, ...]

    def with_options(self, *more: str) -> "Engine":
        """Return the engine with more options."""
        return Engine(self.runner, (*self.options, *more))


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Attributes:
        engine: How to build on it.
        page: Address of its web page.
        folder: Holds a folder for each of its processes, and their logs.
        processes: Its processes by name, each with a process group of its own.
    """

    engine: Engine
    page: str
    folder: Path
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def ask(self, path: str) -> object:
        """Return what the page answers in JSON."""
        with urllib.request.urlopen(f"{self.page}{path}", timeout=10) as answer:
            return json.load(answer)


@contextlib.contextmanager
def spark_cluster(
    jars: Path,
    folder: Path,
    options: Sequence[str],
    memory: str = "1200M",
    places: tuple[str, Sequence[Machine]] = (HOST, (Machine(HOST), Machine(HOST))),
) -> Iterator[Cluster]:
    """Run a standalone master and workers of one core each, whose executors find no class but Spark's own jars.

    Args:
        jars: Spark's jars.
        folder: An empty folder for logs and scratch files.
        options: Options of every build, besides the master's address.
        memory: What a worker may give to its executors.
        places: The address of the master and of whoever builds, and the machines of the workers.
    """
    home = folder / "home"
    home.mkdir()
    (home / "jars").symlink_to(jars)
    environment = {
        "SPARK_HOME": str(home),
        "SPARK_SCALA_VERSION": "2.12",  # else an executor's launcher looks for the build folders of a Spark checkout
        "JAVA_HOME": os.environ.get("JAVA_HOME") or str(Path(_java()).resolve().parents[1]),
    }
    host, machines = places
    port, page = free_port(), free_port()
    java = [*_java_with(jars, folder), "-Xmx256m"]
    master = f"spark://{host}:{port}"
    given = (*options, f"--job_server_jvm_properties=-Dspark.driver.host={host}")
    cluster = Cluster(Engine("spark", (f"--spark_master_url={master}", *given)), f"http://{host}:{page}", folder)
    with _ended(cluster.processes):
        command = [f"{SPARK_CLASSES}.master.Master", "--host", host, "--port", str(port), "--webui-port", str(page)]
        _start(cluster, "master", [*java, *command], environment | {"SPARK_LOCAL_IP": host})
        _wait_for(cluster, "master", lambda: bool(cluster.ask("/json/")))
        for number, machine in enumerate(machines):
            name = f"worker-{number}"
            scratch = folder / name
            command = [
                f"{SPARK_CLASSES}.worker.Worker", "--host", machine.address, "--cores", "1", "--memory", memory,
                "--webui-port", str(free_port()), "--work-dir", str(scratch), master,
            ]  # fmt: skip
            local = {"SPARK_LOCAL_IP": machine.address, "SPARK_LOCAL_DIRS": str(scratch / "local")}
            _start(cluster, name, [*machine.prefix, *java, *command], environment | local)
        _wait_for(cluster, "worker-0", lambda: _as_dict(cluster.ask("/json/"))["aliveworkers"] == len(machines))
        yield cluster


@contextlib.contextmanager
def flink_cluster(jars: Path, folder: Path, options: Sequence[str]) -> Iterator[Cluster]:
    """Run a session cluster: a job manager, and a task manager of two slots.

    Args:
        jars: Flink's jars.
        folder: An empty folder for logs and scratch files.
        options: Options of every build, besides the master's address.
    """
    page, port = free_port(), free_port()
    settings = {
        "jobmanager.rpc.address": HOST,
        "jobmanager.rpc.port": port,
        "jobmanager.bind-host": HOST,
        "jobmanager.memory.process.size": "1024m",
        "rest.address": HOST,
        "rest.bind-address": HOST,
        "rest.port": page,
        "taskmanager.host": HOST,
        "taskmanager.bind-host": HOST,
        "taskmanager.numberOfTaskSlots": 2,
        "taskmanager.cpu.cores": 2,
        "taskmanager.memory.framework.heap.size": "128m",
        "taskmanager.memory.framework.off-heap.size": "128m",
        "taskmanager.memory.task.heap.size": "384m",
        "taskmanager.memory.task.off-heap.size": "0m",
        "taskmanager.memory.managed.size": "256m",
        "taskmanager.memory.network.min": "512m",
        "taskmanager.memory.network.max": "512m",
        "parallelism.default": 2,
        "taskmanager.memory.jvm-metaspace.size": "256m",
        "taskmanager.memory.jvm-overhead.min": "192m",
        "taskmanager.memory.jvm-overhead.max": "192m",
        "io.tmp.dirs": str(folder),
        "classloader.check-leaked-classloader": "false",
        "classloader.resolve-order": "parent-first",  # the cluster's class path and the job's are the same jars
        "blob.server.port": 0,
    }
    configuration = folder / "conf"
    configuration.mkdir()
    text = "".join(f"{name}: {value}\n" for name, value in settings.items())
    (configuration / "flink-conf.yaml").write_text(text)
    java = _java_with(jars, folder)
    cluster = Cluster(Engine("flink", (f"--flink_master={HOST}:{page}", *options)), f"http://{HOST}:{page}", folder)
    with _ended(cluster.processes):
        entrypoint = f"{FLINK_CLASSES}.entrypoint.StandaloneSessionClusterEntrypoint"
        at = ["--configDir", str(configuration)]
        _start(cluster, "job-manager", [*java, "-Xmx384m", entrypoint, *at])
        _wait_for(cluster, "job-manager", lambda: bool(cluster.ask("/overview")))
        runner = f"{FLINK_CLASSES}.taskexecutor.TaskManagerRunner"
        _start(cluster, "task-manager", [*java, "-Xmx640m", runner, *at])
        _wait_for(cluster, "task-manager", lambda: _as_dict(cluster.ask("/overview"))["slots-total"] == 2)
        yield cluster


@contextlib.contextmanager
def yarn_cluster(jars: Path, folder: Path) -> Iterator[Path]:
    """Run a resource manager of YARN's and two node managers; yield the folder of the configuration to reach them.

    Args:
        jars: Hadoop's jars.
        folder: An empty folder for logs and scratch files.
    """
    cluster, configuration = Cluster(Engine("spark", ()), "", folder), folder / "conf"
    configuration.mkdir()
    source = Path(__file__).with_name("MiniYarn.java")
    java = [*_java_with(jars, folder), "-Xmx512m"]
    with _ended(cluster.processes):
        _start(cluster, "yarn", [*java, str(source), str(configuration)])
        _wait_for(cluster, "yarn", (configuration / "yarn-site.xml").exists)
        yield configuration


@contextlib.contextmanager
def job_service_process(folder: Path) -> Iterator[Engine]:
    """Run Beam's own job service in Python, which needs no JVM, in a process of its own."""
    port = free_port()
    cluster = Cluster(Engine("portable", (f"--job_endpoint={HOST}:{port}",)), "", folder)
    command = [sys.executable, "-m", "apache_beam.runners.portability.local_job_service_main", "--port", str(port)]
    with _ended(cluster.processes):
        _start(cluster, "job-service", command)
        _wait_for(cluster, "job-service", lambda: _is_open(port))
        yield cluster.engine


@contextlib.contextmanager
def worker_pool(folder: Path) -> Iterator[str]:
    """Run a pool that starts Python workers on demand, as on a machine of its own; yield its address."""
    port = free_port()
    cluster = Cluster(Engine("portable", ()), "", folder)
    command = [sys.executable, "-m", "xlnet_data.pipelines.engines.worker", "--pool", str(port)]
    with _ended(cluster.processes):
        _start(cluster, "worker-pool", command)
        _wait_for(cluster, "worker-pool", lambda: _is_open(port))
        yield f"{HOST}:{port}"


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def _start(cluster: Cluster, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Start a process of a cluster in a group of its own, so that what it starts ends with it."""
    scratch = cluster.folder / name
    scratch.mkdir(exist_ok=True)
    with open(cluster.folder / f"{name}.log", "wb") as log:
        cluster.processes[name] = subprocess.Popen(
            command,
            cwd=scratch,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_for(cluster: Cluster, name: str, is_ready: Callable[[], bool]) -> None:
    process, deadline = cluster.processes[name], time.monotonic() + START_SECS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            if is_ready():
                return
        time.sleep(0.2)
    log = (cluster.folder / f"{name}.log").read_text(errors="replace")
    raise RuntimeError(f"{name} does not answer after {START_SECS} s, or has ended:\n{log[-2000:]}")


@contextlib.contextmanager
def _ended(processes: "Mapping[str, subprocess.Popen[bytes]]") -> Iterator[None]:
    """Kill the processes and all that they have started when the block ends, however it ends."""
    try:
        yield
    finally:
        for process in processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _is_open(port: int) -> bool:
    with socket.create_connection((HOST, port), timeout=1):
        return True


def _as_dict(answer: object) -> dict[str, int]:
    assert isinstance(answer, dict)
    return answer


def _java_with(jars: Path, folder: Path) -> list[str]:
    """Return how to run a class of some jars; scratch files lie in a folder, as those of a killed JVM stay."""
    return [_java(), *OPENED, "-XX:TieredStopAtLevel=1", f"-Djava.io.tmpdir={folder}", "-cp", f"{jars}/*"]


def _java() -> str:
    home = os.environ.get("JAVA_HOME")
    if home:
        return str(Path(home) / "bin" / "java")
    return os.path.realpath(
        subprocess.run(["which", "java"], capture_output=True, text=True, check=True).stdout.strip()
    )
