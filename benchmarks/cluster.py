"""A build on a small cluster of Spark's beside the same build on this machine alone: time, memory, shuffle, bytes.

    python benchmarks/cluster.py [FOLDER] [--gigabytes 0.05 2 5] [--heap 2g] [--local] [--scratch FOLDER]

The texts of FOLDER, or made-up ones, are written again and again with their words in another order, so that no two
documents are alike. The cluster is a standalone master and two workers of one core each on this machine, whose Python
workers are processes of their own; with --local the same build runs on Spark in its job server, too. All share the
machine's cores with whatever else runs. What Spark needs is fetched as the tests fetch it, and is on the cluster's
class path; --ship sends all jars with the job instead. The scratch folder takes about eight times the text.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from measuring import (
    COMMAND,
    Process,
    descendants,
    describe_machine,
    look_at,
    take_texts,
    train_model,
    write_books,
    write_shuffled,
)
from spark_events import SparkJob, read_events

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from engines.clusters import HOST, spark_cluster
from engines.downloads import fetch_jars, manifest_jar

from xlnet_data.schemas.manifest import BUILD_FILE

POLL_SECS = 0.5
SOURCE_BYTES = 64_000_000
SIGNS = {
    "executor": (b"CoarseGrainedExecutorBackend",),
    "Python worker": (b"xlnet-data-worker", b"xlnet_data.pipelines.local.worker"),
    "job server": (b"-SparkJobServerDriver.jar",),
}
"""What the command line of a process of each role may hold; the first process of a run is the launcher."""


@dataclass
class Run:
    """What was seen of a run.

    Attributes:
        name: What it ran on.
        begin: In seconds since 1970.
        wall_secs: Until it ended.
        processes: By process id.
        disk_bytes: Most bytes that lay on the scratch disk, besides the text.
        spark: What Spark logged of it.
        hashes: The sha256 of each file of the dataset.
    """

    name: str
    begin: float = 0.0
    wall_secs: float = 0.0
    processes: dict[int, Process] = field(default_factory=dict)
    disk_bytes: int = 0
    spark: SparkJob | None = None
    hashes: dict[str, str] = field(default_factory=dict)

    def peak_mb(self, role: str) -> float:
        """Return the largest peak of resident memory of a role's processes."""
        peaks = (process.peak_bytes for process in self.processes.values() if process.role == role)
        return max(peaks, default=0) / 1e6

    def cpu_secs(self, role: str) -> float:
        """Return the processor time of a role's processes."""
        return sum(process.cpu_secs for process in self.processes.values() if process.role == role)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--model", type=Path, help="a vocabulary; without it, one of 8,000 pieces is trained")
    parser.add_argument("--gigabytes", type=float, nargs="+", default=[0.05])
    parser.add_argument("--partitions", type=int, help="Spark's spark.default.parallelism; without it, what we set")
    parser.add_argument("--heap", default="2g", help="of an executor")
    parser.add_argument("--local", action="store_true", help="build on Spark in its job server, too")
    parser.add_argument("--ship", action="store_true", help="ship 300 MB of jars with the job")
    parser.add_argument("--scratch", type=Path, help="where texts and datasets lie until the end")
    options = parser.parse_args()
    print(describe_machine(), flush=True)
    if options.scratch is not None:
        options.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        scratch = Path(name)
        source = options.folder or scratch / "books"
        if options.folder is None:
            write_books(source, 16_000_000)
        texts = take_texts(source, SOURCE_BYTES)
        model = options.model or scratch / "8k.model"
        if options.model is None:
            train_model([line for text in texts[:20] for line in text.split("\n") if line.strip()], model, 8_000)
        for size in options.gigabytes:
            folder = scratch / f"{size}"
            folder.mkdir()
            num_bytes = write_shuffled(texts, folder / "text", int(size * 1e9))
            print(f"\n{num_bytes / 1e6:,.0f} MB of text, executors with heaps of {options.heap}", flush=True)
            compare(folder, model, num_bytes, options)
            shutil.rmtree(folder)


def compare(folder: Path, model: Path, num_bytes: int, options: argparse.Namespace) -> None:
    """Build the texts of a folder everywhere and print what was seen."""
    config = folder / "config.toml"
    config.write_text(
        f'[tokenizer]\nmodel = "{model.resolve()}"\n[[corpora]]\nname = "texts"\nformat = "text"\npaths = ["text/*"]\n'
    )
    command = [*COMMAND, "build-corpus", str(config), "--output", str(folder / "out")]
    runs = [watch("local", [*command, "--workers", "2"], [], folder)]
    if options.local:
        runs.append(run_on_spark("embedded", command, folder, options))
    runs.append(run_on_spark("cluster", command, folder, options))
    report(runs, num_bytes / 1e6)
    for run in runs[1:]:
        report_stages(run)
    same = all(run.hashes == runs[0].hashes for run in runs)
    if not same:
        sys.exit("THE FILES DIFFER")
    print(f"{len(runs[0].hashes)} files, the same bytes everywhere", flush=True)


def run_on_spark(name: str, command: Sequence[str], folder: Path, options: argparse.Namespace) -> Run:
    """Build on Spark, on a cluster or in its job server."""
    jars = fetch_jars("spark")
    jar = manifest_jar(jars, "org.apache.beam.runners.spark.SparkJobServerDriver")
    events = folder / "events"
    shutil.rmtree(events, ignore_errors=True)
    events.mkdir()
    settings = {
        "spark.driver.host": HOST,
        "spark.executor.memory": options.heap,
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": events.as_uri(),
        "spark.local.dir": str(folder / "local"),
    }
    if options.partitions:
        settings["spark.default.parallelism"] = options.partitions
    heap = "1g" if name == "cluster" else options.heap
    properties = [f"-Xmx{heap}", *(f"-D{name}={value}" for name, value in settings.items())]
    given = [f"--spark_job_server_jar={jar}", *(f"--job_server_jvm_properties={said}" for said in properties)]
    if not options.ship:
        given.append(f"--files_to_stage={jar}")
    command = [*command, "--runner", "spark", "--"]
    if name == "cluster":
        (folder / "cluster").mkdir()
        with spark_cluster(jars, folder / "cluster", given, memory="8g") as cluster:
            run = watch(
                name, [*command, *cluster.engine.options], [one.pid for one in cluster.processes.values()], folder
            )
    else:
        run = watch(name, [*command, "--spark_master_url=local[2]", *given], [], folder)
    (log,) = events.iterdir()
    run.spark = read_events(log)
    return run


def watch(name: str, command: Sequence[str], others: Sequence[int], folder: Path) -> Run:
    """Build, look at its processes and those of a cluster meanwhile, and take the dataset's hashes."""
    disk = shutil.disk_usage(folder).used
    begin, run = time.perf_counter(), Run(name, time.time())
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=said)
        while process.poll() is None:
            for pid in descendants([process.pid, *others]):
                role = "launcher" if pid == process.pid else role_of(pid)
                known = run.processes.setdefault(pid, Process(role))
                known.role = role if known.role == "other" else known.role  # it was not what it now is
                look_at(pid, known)
            run.disk_bytes = max(run.disk_bytes, shutil.disk_usage(folder).used - disk)
            time.sleep(POLL_SECS)
        run.wall_secs = time.perf_counter() - begin
        if process.returncode:
            said.seek(0)
            sys.exit(said.read())
    run.hashes = hashes_in(folder / "out")
    shutil.rmtree(folder / "out")
    return run


def role_of(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return "other"
    return next((role for role, signs in SIGNS.items() if any(sign in command for sign in signs)), "other")


def report(runs: Sequence[Run], num_mb: float) -> None:
    """Print a column for each run."""
    rows: dict[str, list[str]] = defaultdict(list)
    roles = ("launcher", *SIGNS, "other")
    for run in runs:
        rows["time"].append(f"{run.wall_secs:,.0f} s")
        rows["text per second"].append(f"{num_mb / run.wall_secs:.1f} MB")
        rows["of local's"].append(f"{runs[0].wall_secs / run.wall_secs:.2f}")
        rows["most on disk, besides the text"].append(f"{run.disk_bytes / 1e6:,.0f} MB")
        for role in roles:
            peak = run.peak_mb(role)
            rows[f"peak memory of the largest process: {role}"].append(f"{peak:,.0f} MB" if peak else "-")
            rows[f"processor time: {role}"].append(f"{run.cpu_secs(role):,.0f} s" if peak else "-")
        sums = run.spark.sums if run.spark else None
        for name in ("heap", "shuffled", "spilled"):
            rows[f"{name}, executors"].append(f"{sums[name] / 1e6:,.0f} MB" if sums else "-")
        rows["garbage collection, executors"].append(f"{sums['gc'] / 1e3:,.0f} s" if sums else "-")
        rows["failed tasks"].append(str(sums["failed"]) if sums else "-")
    print(f"{'':54}" + "".join(f"{run.name:>12}" for run in runs))
    for name, cells in rows.items():
        print(f"{name:54}" + "".join(f"{cell:>12}" for cell in cells))


def report_stages(run: Run) -> None:
    """Print where the time of a run on Spark went."""
    job = run.spark
    assert job is not None
    print(f"\nwhere the time of {run.name} went:  seconds  tasks  sum of tasks  shuffled")
    print(f"{'until Spark had started':32} {job.began - run.begin:9.1f}")
    print(f"{'until the first task began':32} {job.first_task - job.began:9.1f}")
    for stage in job.stages:
        print(
            f"{stage.name[:32]:32} {stage.end - stage.begin:9.1f} {stage.tasks:6} {stage.run_secs:13.1f} "
            f"{stage.shuffled / 1e6:6,.0f} MB"
        )
    print(f"{'after the last task':32} {run.begin + run.wall_secs - job.ended:9.1f}\n")


def hashes_in(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file below a folder, but for what a build on one machine took."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != BUILD_FILE):
        with open(path, "rb") as file:
            found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


if __name__ == "__main__":
    main()
