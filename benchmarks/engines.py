"""A build on a small cluster of Spark's beside the same build on this machine alone: memory, shuffle, time, bytes.

    python benchmarks/engines.py [FOLDER] [--megabytes 300] [--partitions 32] [--heap 2g] [--scratch FOLDER]

FOLDER holds text files; without it, text is made up. To grow, every file is copied with its words in another order, so
that no document is like another. The cluster is a standalone master and two workers of one core each on this machine,
whose Python workers are processes of their own; both runs share the machine's cores with whatever else runs. What Spark
needs is fetched as the tests fetch it. The scratch folder takes about 25 times the text.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from measuring import (
    COMMAND,
    Process,
    describe_machine,
    look_at,
    session_processes,
    take_texts,
    train_model,
    write_books,
)
from memory import write_copies

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from engines.clusters import HOST, Cluster, spark_cluster
from engines.downloads import fetch_jars, manifest_jar

POLL_SECS = 0.5
SIGNS = {
    "executor": b"CoarseGrainedExecutorBackend",
    "Python worker": b"xlnet-data-worker",
    "job server": b"SparkJobServerDriver",
}
"""What the command line of a process of each role holds; the launcher has none of these."""


@dataclass
class Seen:
    """What was seen of a run.

    Attributes:
        wall_secs: Until it ended.
        processes: By process id.
    """

    wall_secs: float = 0.0
    processes: dict[int, Process] = field(default_factory=dict)

    def peak_mb(self, role: str) -> float:
        """Return the largest peak of resident memory of a role's processes."""
        peaks = (process.peak_bytes for process in self.processes.values() if process.role == role)
        return max(peaks, default=0) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--model", type=Path, help="a vocabulary; without it, one of 8,000 pieces is trained")
    parser.add_argument("--megabytes", type=float, default=300)
    parser.add_argument("--partitions", type=int, default=32, help="Spark's spark.default.parallelism")
    parser.add_argument("--heap", default="2g", help="of an executor")
    parser.add_argument("--scratch", type=Path, help="where texts and datasets lie until the end")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        folder = Path(name)
        config = write_input(folder, options.folder, options.model, int(options.megabytes * 1e6))
        print(describe_machine())
        num_mb = sum(path.stat().st_size for path in (folder / "grown").iterdir()) / 1e6
        print(f"{num_mb:,.0f} MB of text, {options.partitions} partitions, executors with heaps of {options.heap}")
        command = [*COMMAND, "build-corpus", str(config), "--output"]
        local = watch([*command, str(folder / "local"), "--quiet", "--workers", "2"], [])
        spark, tasks = run_on_spark([*command, str(folder / "spark"), "--runner", "spark", "--"], folder, options)
        report(local, spark, tasks, num_mb)
        same = hashes_in(folder / "local") == hashes_in(folder / "spark")
        print("the same files with the same bytes" if same else "THE FILES DIFFER")


def write_input(folder: Path, source: Path | None, model: Path | None, num_bytes: int) -> Path:
    """Write the texts, and a config that names them and a vocabulary; return the config."""
    if source is None:
        source = folder / "books"
        write_books(source, min(num_bytes, 16_000_000))
    texts = take_texts(source, num_bytes)
    size = sum(len(text.encode()) for text in texts)
    for number in range(max(1, round(num_bytes / size))):
        write_copies(folder / "grown", texts, number)
    if model is None:
        model = folder / "8k.model"
        train_model([line for text in texts[:20] for line in text.split("\n") if line.strip()], model, 8_000)
    config = folder / "config.toml"
    config.write_text(
        f'[tokenizer]\nmodel = "{model.resolve()}"\n[[corpora]]\nname = "grown"\nformat = "text"\npaths = ["grown/*"]\n'
    )
    return config


def run_on_spark(command: Sequence[str], folder: Path, options: argparse.Namespace) -> tuple[Seen, Counter[str]]:
    """Return what was seen of a build on the cluster, and the sums and maxima that Spark noted of its tasks."""
    jars = fetch_jars("spark")
    jar = manifest_jar(jars, "org.apache.beam.runners.spark.SparkJobServerDriver")
    events = folder / "events"
    events.mkdir()
    settings = {
        "spark.driver.host": HOST,
        "spark.executor.memory": options.heap,
        "spark.default.parallelism": options.partitions,
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": events.as_uri(),
    }
    properties = ["-Xmx1g", *(f"-D{name}={value}" for name, value in settings.items())]
    given = [f"--spark_job_server_jar={jar}", *(f"--job_server_jvm_properties={said}" for said in properties)]
    (folder / "cluster").mkdir()
    with spark_cluster(jars, folder / "cluster", given, memory="8g") as cluster:
        seen = watch([*command, *cluster.engine.options], sessions_of(cluster))
    (log,) = events.iterdir()
    return seen, read_events(log)


def sessions_of(cluster: Cluster) -> list[int]:
    return [process.pid for process in cluster.processes.values()]


def watch(command: Sequence[str], sessions: Sequence[int]) -> Seen:
    """Run a command, and look at its processes and at those of other sessions until it ends."""
    begin, seen = time.perf_counter(), Seen()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=said)
        while process.poll() is None:
            for session in (process.pid, *sessions):
                for pid in session_processes(session):
                    role = "launcher" if pid == process.pid else role_of(pid)
                    look_at(pid, seen.processes.setdefault(pid, Process(role)))
            time.sleep(POLL_SECS)
        seen.wall_secs = time.perf_counter() - begin
        if process.returncode:
            said.seek(0)
            sys.exit(said.read())
    return seen


def role_of(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return "other"
    return next((role for role, sign in SIGNS.items() if sign in command), "other")


def read_events(path: Path) -> Counter[str]:
    """Return sums and maxima over the tasks in a log of Spark's."""
    found: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        event = json.loads(line)
        if event["Event"] != "SparkListenerTaskEnd":
            continue
        found["failed"] += event["Task Info"]["Failed"]
        metrics = event.get("Task Metrics") or {}
        found["shuffled"] += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
        found["spilled"] += metrics.get("Disk Bytes Spilled", 0)
        found["gc"] += metrics.get("JVM GC Time", 0)
        heap = (event.get("Task Executor Metrics") or {}).get("JVMHeapMemory", 0)
        found["heap"] = max(found["heap"], heap)
    return found


def report(local: Seen, spark: Seen, tasks: Counter[str], num_mb: float) -> None:
    roles = {role for seen in (local, spark) for role in (process.role for process in seen.processes.values())}
    rows: dict[str, list[str]] = defaultdict(list)
    for seen in (local, spark):
        rows["time"].append(f"{seen.wall_secs:,.0f} s")
        rows["text per second"].append(f"{num_mb / seen.wall_secs:.1f} MB")
        for role in sorted(roles):
            peak = seen.peak_mb(role)
            rows[f"peak memory of the largest process: {role}"].append(f"{peak:,.0f} MB" if peak else "-")
    for name in ("heap", "shuffled", "spilled"):
        rows[f"{name}, executors"] = ["-", f"{tasks[name] / 1e6:,.0f} MB"]
    rows["garbage collection, executors"] = ["-", f"{tasks['gc'] / 1e3:,.0f} s"]
    rows["failed tasks"] = ["-", str(tasks["failed"])]
    print(f"{'':50}{'local':>12}{'Spark':>12}")
    for name, (here, there) in rows.items():
        print(f"{name:50}{here:>12}{there:>12}")


def hashes_in(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file below a folder."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with open(path, "rb") as file:
            found[str(path.relative_to(folder))] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


if __name__ == "__main__":
    main()
