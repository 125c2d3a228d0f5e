"""One command on every engine: a local build's bytes and summary, one message when it fails, and no trace of it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from engines.clusters import OPENED, Cluster, Engine
from engines.conftest import SCREEN, RunOn, command_on, sha256_of

from xlnet_data.datasets.verification import verify_dataset

NUM_TEXTS = 36
NUM_COPIES = 4
ENGINES = (
    "job_service",
    "prism",
    "spark",
    "spark_on_two_workers",
    "spark_on_two_machines",
    "flink",
    "flink_on_a_cluster",
)
WAIT_SECS = 120


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, invent: Callable[..., str], small_model: Path) -> Path:
    """Return the config of three corpora, with exact and near duplicates, dropped documents, and rejects."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "texts").mkdir()
    for number in range(NUM_TEXTS):
        text = invent(number).replace("\n\n", "\n") + "\n"
        (folder / "texts" / f"{number:02}.txt").write_text(text, encoding="utf-8")
    records = [invent(1_000 + number) for number in range(20)] + [invent(number) for number in range(NUM_COPIES)]
    near = [text.replace(text.split()[9], "near", 1) for text in records[:NUM_COPIES] if len(text) > 800]
    lines = [json.dumps({"text": text, "id": f"n{number}"}) for number, text in enumerate(records + near)]
    (folder / "records.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "lines.jsonl").write_text(
        "\n".join(json.dumps({"text": invent(2_000 + number)}) for number in range(12)) + "\n", encoding="utf-8"
    )
    config = folder / "config.toml"
    config.write_text(
        f"""
        seed = 3
        [tokenizer]
        model = {json.dumps(str(small_model))}
        vocab_size = 300
        [[corpora]]
        name = "texts"
        format = "text"
        paths = ["texts/*.txt"]
        filters = {{ min_chars = 200 }}
        [[corpora]]
        name = "records"
        format = "jsonl"
        paths = ["records.jsonl"]
        id_field = "id"
        [[corpora]]
        name = "lines"
        format = "jsonl"
        paths = ["lines.jsonl"]
        [deduplication]
        exact = true
        near = true
        [examples]
        seq_len = 64
        reuse_len = 32
        [lanes]
        lane_tokens = 4096
        [output]
        dev_frac = 0.1
        rejects = true
        """,
        encoding="utf-8",
    )
    return config


def build_locally(config: Path, output: Path, workers: int) -> str:
    command = [sys.executable, "-m", "xlnet_data", "build-corpus", str(config)]
    flags = ["--output", str(output), "--workers", str(workers), "--quiet"]
    environment = os.environ | SCREEN
    return subprocess.run([*command, *flags], check=True, capture_output=True, text=True, env=environment).stderr


@pytest.fixture(scope="session")
def local(project: Path) -> tuple[dict[str, str], str]:
    """Return the sha256 of every file of a local build, and what the command said of it."""
    said = build_locally(project, project.parent / "local", 1)
    return sha256_of(project.parent / "local"), summary_in(said, project.parent / "local")


def summary_in(said: str, output: Path) -> str:
    """Return the last screen in what a build said, without the output's name and the line on its time."""
    lines = said.replace(str(output), "OUTPUT").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.split()[:2] == ["corpus", "read"])
    return "\n".join(line.rstrip() for line in lines[begin:] if line.split()[:1] != ["time"])


def engine_named(name: str, request: pytest.FixtureRequest) -> Engine:
    found: Engine | Cluster = request.getfixturevalue(name)
    return found.engine if isinstance(found, Cluster) else found


def test_the_project_has_duplicates_of_both_kinds_dropped_documents_and_rejects(
    local: tuple[dict[str, str], str], project: Path
) -> None:
    folder = project.parent / "local"
    assert list(verify_dataset(str(folder))) == []
    corpora = json.loads((folder / "manifest.json").read_text())["corpora"]
    dropped = {reason for info in corpora.values() for reason in info["documents_dropped"]}
    assert {"duplicate", "near_duplicate", "too_short"} <= dropped
    assert any(name.startswith("rejects/") for name in local[0])


def test_two_local_workers_give_the_bytes_of_one(local: tuple[dict[str, str], str], project: Path) -> None:
    build_locally(project, project.parent / "two", 2)
    assert sha256_of(project.parent / "two") == local[0]


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_gives_the_bytes_and_the_summary_of_a_local_build(
    name: str,
    local: tuple[dict[str, str], str],
    project: Path,
    run_on: RunOn,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    run = run_on(engine_named(name, request), project, tmp_path / "dataset")
    assert (run.returncode, run.stdout) == (0, f"{tmp_path / 'dataset'}\n"), run.stderr
    assert sha256_of(tmp_path / "dataset") == local[0]
    assert os.listdir(tmp_path) == ["dataset"]
    assert summary_in(run.stderr, tmp_path / "dataset") == local[1]
    assert f"the job runs on {engine_named(name, request).runner}" in run.stderr


def test_workers_of_a_pool_give_the_same_bytes_and_a_relative_output_is_the_launchers(
    job_service: Engine, pool: str, local: tuple[dict[str, str], str], project: Path, run_on: RunOn
) -> None:
    external = job_service.with_options("--environment_type=EXTERNAL", f"--environment_config={pool}")
    run = run_on(external, project, "relative/dataset")  # run_on works in the config's folder
    assert run.returncode == 0, run.stderr
    assert sha256_of(project.parent / "relative" / "dataset") == local[0]


def broken(project: Path) -> Path:
    """Return the config of a project with a file that cannot be read."""
    (project.parent / "broken.txt").write_bytes(b"ab \xff\xfe cd")
    config = project.parent / "broken.toml"
    config.write_text(project.read_text().replace('"texts/*.txt"', '"texts/*.txt", "broken.txt"'), encoding="utf-8")
    return config


@pytest.mark.parametrize("name", ["job_service", "spark"])
def test_a_workers_named_error_is_the_only_message_and_nothing_stays(
    name: str, project: Path, run_on: RunOn, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    run = run_on(engine_named(name, request), broken(project), tmp_path / "dataset", "--quiet")
    assert (run.returncode, run.stdout) == (1, "")
    (line,) = run.stderr.splitlines()
    assert line.startswith("Error: cannot read ")
    assert "broken.txt: byte 0xff at offset 3" in line
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_misspelt_option_is_refused_by_the_name_that_the_job_server_knows(
    spark: Engine, project: Path, run_on: RunOn, tmp_path: Path
) -> None:
    run = run_on(spark.with_options("--storage_levle=DISK_ONLY"), project, tmp_path / "dataset", "--quiet")
    assert run.returncode == 1
    assert run.stderr == "Error: spark has no option --storage_levle: did you mean --storage_level?\n"


def start_and_signal(
    engine: Engine, config: Path, output: Path, number: signal.Signals, wait: Callable[[], None] = lambda: None
) -> tuple[int, str]:
    """Start a build, send it a signal once its job runs, as a terminal does, and return its status and what it said.

    Args:
        engine: The engine.
        config: The config.
        output: The dataset folder.
        number: The signal.
        wait: Returns when the engine has the job, where that comes later than the launcher's word.
    """
    command = command_on(engine, config, output)
    environment = os.environ | {"TMPDIR": str(config.parent)}  # where the scratch files of a killed launcher stay
    said = ""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True, env=environment
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            said += line
            if line.startswith("the job runs on"):
                wait()
                os.killpg(process.pid, number)
    return process.returncode, said


def test_ctrl_c_cancels_the_job_says_so_and_nothing_appears_later(
    flink_on_a_cluster: Cluster, project: Path, tmp_path: Path
) -> None:
    def flink_jobs() -> list[dict[str, str]]:
        found: list[dict[str, str]] = flink_on_a_cluster.ask("/jobs/overview")["jobs"]
        return found

    def wait() -> None:
        deadline = time.monotonic() + WAIT_SECS
        while not any(job["state"] == "RUNNING" for job in flink_jobs()) and time.monotonic() < deadline:
            time.sleep(0.2)

    before = len(flink_jobs())
    status, said = start_and_signal(flink_on_a_cluster.engine, project, tmp_path / "dataset", signal.SIGINT, wait)
    assert status == -signal.SIGINT
    assert "the job on flink is cancelled\n" in said
    assert said.endswith("Error: interrupted: give the same command again to begin anew\n")
    assert "Traceback" not in said
    jobs = flink_jobs()
    assert len(jobs) == before + 1
    assert {job["state"] for job in jobs} <= {"CANCELED", "FINISHED", "FAILED"}
    assert "CANCELED" in {job["state"] for job in jobs}
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_killed_launcher_leaves_no_job_server_and_the_same_command_begins_anew(
    spark: Engine,
    job_service: Engine,
    local: tuple[dict[str, str], str],
    project: Path,
    run_on: RunOn,
    tmp_path: Path,
) -> None:
    status, _ = start_and_signal(spark, project, tmp_path / "dataset", signal.SIGKILL)
    assert status == -signal.SIGKILL
    deadline = time.monotonic() + WAIT_SECS
    while job_servers() and time.monotonic() < deadline:
        time.sleep(0.5)
    assert job_servers() == []
    other = project.parent / "other.toml"
    other.write_text(project.read_text().replace("seed = 3", "seed = 4"), encoding="utf-8")
    refused = run_on(job_service, other, tmp_path / "dataset", "--quiet")
    assert refused.returncode == 1
    assert ", of another config, that has not ended or was killed" in refused.stderr
    again = run_on(job_service, project, tmp_path / "dataset")
    assert again.returncode == 0, again.stderr
    assert "that has not ended or was killed; this one begins anew\n" in again.stderr
    assert sha256_of(tmp_path / "dataset") == local[0]
    assert os.listdir(tmp_path) == ["dataset"]


def job_servers() -> list[str]:
    """Return the commands of the job servers of this test run's Spark."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            started_by_us = f"PYTEST_CURRENT_TEST={__name__}".encode() in path.with_name("environ").read_bytes()
        except OSError:  # it has ended
            continue
        if b"--spark-master-url" in words and started_by_us:
            found.append(b" ".join(words).decode(errors="replace"))
    return found


def spark_submit(spark_jars: Path, jar: Path, *options: str, configuration: str = "") -> str:
    """Run a packed job by spark-submit, and return what that said.

    Args:
        spark_jars: Spark's jars.
        jar: The packed job.
        options: Of spark-submit.
        configuration: The folder of Hadoop's.
    """
    java = ["java", *OPENED, "-Xmx1g", "-XX:TieredStopAtLevel=1"]
    # Beam's classes lie among Spark's jars here, not in the packed one, and look for the pipeline where they lie.
    java += ["-cp", f"{spark_jars}/*:{configuration}:{jar}"]
    main = ["org.apache.spark.deploy.SparkSubmit", *options]
    main += ["--conf", "spark.serializer=org.apache.spark.serializer.KryoSerializer"]
    main += ["--class", "org.apache.beam.runners.spark.SparkPipelineRunner", str(jar)]
    environment = os.environ | {"HADOOP_CONF_DIR": configuration}
    run = subprocess.run(
        [*java, *main], capture_output=True, text=True, timeout=300, check=False, env=environment, cwd=jar.parent
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stderr


@pytest.fixture
def packed(spark: Engine, project: Path, run_on: RunOn, tmp_path: Path) -> Path:
    """Return the jar of a job that will write to the folder `dataset` beside it."""
    jar = tmp_path / "job.jar"
    run = run_on(spark.with_options(f"--output_executable_path={jar}"), project, tmp_path / "dataset")
    assert run.returncode == 0, run.stderr
    assert f"the job is packed into {jar} and has not run\n" in run.stderr
    return jar


def test_a_packed_job_runs_by_spark_submit_to_the_same_bytes(
    spark_jars: Path, packed: Path, local: tuple[dict[str, str], str]
) -> None:
    spark_submit(spark_jars, packed, "--master", "local[2]")
    assert sha256_of(packed.parent / "dataset") == local[0]


def test_a_packed_job_runs_on_yarn_to_the_same_bytes(
    spark_jars: Path, yarn: Path, packed: Path, local: tuple[dict[str, str], str]
) -> None:
    settings = {
        "spark.yarn.jars": f"local:{spark_jars}/*",
        "spark.ui.enabled": "false",  # YARN's proxy of it is not among the jars
        "spark.executor.instances": "2",
    }
    for process in ("driver", "executor"):
        settings[f"spark.{process}.memory"] = "768m"
        settings[f"spark.{process}.extraClassPath"] = str(packed)
        settings[f"spark.{process}.extraJavaOptions"] = " ".join([*OPENED, "-XX:TieredStopAtLevel=1"])
    options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    said = spark_submit(
        spark_jars, packed, "--master", "yarn", "--deploy-mode", "cluster", *options, configuration=str(yarn)
    )
    assert "final status: SUCCEEDED" in said
    assert sha256_of(packed.parent / "dataset") == local[0]
