"""What dies while a build runs on a cluster of Spark's changes no byte and leaves no file."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from engines.clusters import Cluster
from engines.conftest import command_on, sha256_of

from xlnet_data.cli import main
from xlnet_data.datasets.verification import verify_dataset

pytestmark = pytest.mark.skipif(
    "XLNET_DATA_FAULTS" not in os.environ, reason="kills processes of a cluster for three minutes: make faults"
)

NUM_DOCUMENTS = 2_000
MAX_SECS = 600
"""Of a build in which something dies."""
EXECUTOR, PYTHON_WORKER = "CoarseGrainedExecutorBackend", "xlnet-data-worker"
"""What the command lines of Spark's executors and of their Python workers hold."""
EAGER = ("spark.speculation=true", "spark.speculation.quantile=0.1", "spark.speculation.multiplier=1.01")
"""Lets Spark do a task twice at the same time as soon as it takes longer than others."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, small_model: Path, invent: Callable[..., str]) -> Path:
    folder = tmp_path_factory.mktemp("faults")
    for number in range(8):
        texts = (invent(document).replace("\n\n", "\n") for document in range(number, NUM_DOCUMENTS, 8))
        (folder / f"{number}.txt").write_text("\n\n".join(texts), encoding="utf-8")
    path = folder / "config.toml"
    path.write_text(
        f'[tokenizer]\nmodel = "{small_model}"\n[[corpora]]\nname = "c"\nformat = "text"\npaths = ["*.txt"]\n'
        'documents = "blank-line"\n'
        "[corpora.filters]\nmin_words = 100\n[examples]\nseq_len = 64\nreuse_len = 32\n[lanes]\nlane_tokens = 16384\n"
        "[output]\ndev_frac = 0.1\nrejects = true\n[deduplication]\nexact = true\nnear = true\n"
    )
    return path


@pytest.fixture(scope="module")
def expected(config: Path) -> dict[str, str]:
    """Return the files of the dataset that is built on this machine alone, with their sha256."""
    output = config.parent / "local"
    command = ["build-corpus", str(config), "--output", str(output), "--workers", "0", "--quiet"]
    assert CliRunner().invoke(main, command).exit_code == 0
    return sha256_of(output)


def find_process(cluster: Cluster, text: str) -> int | None:
    """Return a process of the cluster whose command line holds a text."""
    groups = {os.getpgid(process.pid) for process in cluster.processes.values()}
    for name in sorted(os.listdir("/proc")):
        try:
            command = Path("/proc", name, "cmdline").read_bytes() if name.isdigit() else b""
            if text.encode() in command and os.getpgid(int(name)) in groups:
                return int(name)
        except OSError:  # it has ended
            continue
    return None


def shards_being_written(folder: Path) -> Iterator[Path]:
    """Yield the unfinished shards of a build that has not taken its place yet."""
    return folder.glob(".out.building-*/train/*.tmp")


@pytest.mark.parametrize("victim", [EXECUTOR, PYTHON_WORKER, ""], ids=["executor", "Python worker", "nobody"])
def test_a_kill_in_mid_write_and_tasks_done_twice_change_no_byte_and_leave_no_file(
    spark_on_two_workers: Cluster, config: Path, expected: Mapping[str, str], tmp_path: Path, victim: str
) -> None:
    cluster = spark_on_two_workers
    engine = cluster.engine.with_options(
        "--job_server_jvm_properties=-Dspark.default.parallelism=8",
        *(f"--job_server_jvm_properties=-D{setting}" for setting in (() if victim else EAGER)),
    )
    log = tmp_path / "log.txt"
    with (
        open(log, "w") as told,
        subprocess.Popen(
            command_on(engine, config, tmp_path / "out"), stdout=told, stderr=told, start_new_session=True
        ) as build,
    ):
        deadline, killed = time.monotonic() + MAX_SECS, None
        try:
            while build.poll() is None:
                assert time.monotonic() < deadline, log.read_text()
                if victim and killed is None and any(shards_being_written(tmp_path)):
                    killed = find_process(cluster, victim)
                    if killed is not None:
                        os.kill(killed, signal.SIGKILL)
                time.sleep(0.01)
        finally:
            if build.poll() is None:
                os.killpg(build.pid, signal.SIGKILL)
    assert build.returncode == 0, log.read_text()
    assert not victim or killed is not None
    log.unlink()
    assert sha256_of(tmp_path) == {f"out/{name}": sha256 for name, sha256 in expected.items()}
    assert list(verify_dataset(str(tmp_path / "out"))) == []
