"""What cannot work on an engine is refused by name before anything is started or written; no engine is needed here."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from engines.clusters import free_port

from xlnet_data.cli import main
from xlnet_data.pipelines.engines.java import java_version
from xlnet_data.pipelines.engines.runners import EngineSetup


@pytest.fixture
def config(tmp_path: Path, small_model: Path, invent: Callable[..., str]) -> Path:
    (tmp_path / "a.txt").write_text(invent(1), encoding="utf-8")
    path = tmp_path / "config.toml"
    path.write_text(
        f'[tokenizer]\nmodel = "{small_model}"\n[[corpora]]\nname = "a"\nformat = "text"\npaths = ["a.txt"]\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture
def refuse(config: Path, tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs a build that must be refused, and returns its one message."""

    def run(runner: str, *options: str) -> str:
        output = tmp_path / "dataset"
        result = CliRunner().invoke(
            main, ["build-corpus", str(config), "--output", str(output), "--runner", runner, *options]
        )
        assert (result.exit_code, result.stdout) == (1, "")
        assert not output.exists()
        (line,) = result.stderr.splitlines()
        return line

    return run


def fake_java(folder: Path, says: str) -> Path:
    """Write a program that says a version, as the java of a JDK."""
    path = folder / "bin" / "java"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("runner", "options", "message"),
    [
        ("spark", ("--workers", "2"), "got --workers 2; --runner spark takes instead, behind --, --spark_master_url"),
        ("flink", ("--no-resume",), "--no-resume is for --runner local: a build on flink always begins anew"),
        ("local", ("--", "--parallelism=2"), "--runner local takes no options of an engine: got --parallelism=2"),
        ("dataflow", ("--", "--projct=p"), "dataflow has no option --projct: did you mean --project?"),
        ("prism", ("--", "--parallelism=two"), "cannot be read: argument --parallelism: invalid int value: 'two'"),
        ("prism", ("--", "stray"), "begin with --: got 'stray'"),
        ("portable", (), "takes a job server of Beam's that runs already: give its address behind --"),
        ("spark", ("--", "--environment_type=DOCKER"), "needs an image that holds this package"),
        ("spark", ("--", "--environment_type=EXTERNAL"), "run xlnet-data-worker --pool 50000 there"),
    ],
)
def test_what_cannot_work_is_refused_with_what_to_do(
    refuse: Callable[..., str], runner: str, options: tuple[str, ...], message: str
) -> None:
    assert message in refuse(runner, *options)


def test_a_job_server_or_cluster_that_does_not_answer_is_named(refuse: Callable[..., str]) -> None:
    port = free_port()
    said = refuse("portable", "--", f"--job_endpoint=127.0.0.1:{port}")
    assert f"no job server answers at 127.0.0.1:{port}: " in said
    said = refuse("flink", "--", f"--flink_master=127.0.0.1:{port}")
    assert f"no Flink cluster answers at http://127.0.0.1:{port}: " in said


def test_a_machine_without_java_is_told_so(
    refuse: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "absent"))
    said = refuse("spark")
    assert (
        f"starts a job server, which needs Java 11 to 17: {tmp_path / 'absent' / 'bin' / 'java'} is not there" in said
    )


def test_a_java_that_is_too_new_or_says_no_version_is_refused(
    refuse: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_java(tmp_path / "new", 'openjdk version "24.0.1" 2025-04-15')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "new"))
    assert "which needs Java 11 to 21: " in refuse("flink")
    assert " is version 24; install another JDK, and name it by JAVA_HOME" in refuse("flink")
    fake_java(tmp_path / "mute", "hello")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "mute"))
    assert " says no version; " in refuse("spark")


def test_the_version_of_an_old_java_is_its_second_number(tmp_path: Path) -> None:
    assert java_version(str(fake_java(tmp_path, 'java version "1.8.0_292"'))) == 8


def test_the_options_given_win_over_those_that_are_set_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_java(tmp_path, 'openjdk version "17.0.15"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    cores = len(os.sched_getaffinity(0))
    chosen = EngineSetup("spark", ["--job_server_jvm_property=-Xmx3g"]).options.get_all_options()
    assert chosen["spark_master_url"] == f"local[{cores}]"
    assert chosen["sdk_worker_parallelism"] == str(cores)
    assert {"-Xmx3g", f"-Dspark.default.parallelism={2 * cores}"} <= {*chosen["job_server_jvm_properties"]}
    large = EngineSetup("spark", ["--spark_master_url=spark://host:7077"], 10**9).options.get_all_options()
    properties = large["job_server_jvm_properties"]
    quick = "-XX:TieredStopAtLevel=1"  # most of what Java takes would go to the slower of its compilers
    assert {"-Dspark.default.parallelism=30", quick, f"-Dspark.executor.extraJavaOptions={quick}"} <= {*properties}
    given = ["-XX:TieredStopAtLevel=4", "-Dspark.default.parallelism=3", "-Dspark.executor.extraJavaOptions=-Xss2m"]
    told = EngineSetup("spark", [f"--job_server_jvm_properties={said}" for said in given], 10**9).options
    properties = told.get_all_options()["job_server_jvm_properties"]
    assert [said for said in properties if "executor" in said] == given[2:]
    assert [said for said in properties if "Tiered" in said] == [quick, given[0]]  # Java takes the last
    assert [said for said in properties if "parallelism" in said] == ["-Dspark.default.parallelism=3"]
    assert "-Dspark.serializer=org.apache.spark.serializer.KryoSerializer" in properties
    chosen = EngineSetup(
        "spark", ["--spark_master_url", "local[7]", "--environment_type=LOOPBACK", "--environment_cache_millis=5"]
    ).options.get_all_options()
    assert chosen["spark_master_url"] == "local[7]"
    assert chosen["sdk_worker_parallelism"] == "7"
    assert (chosen["environment_type"], chosen["environment_cache_millis"]) == ("LOOPBACK", "5")
    assert chosen["environment_config"] is None
    packed = EngineSetup("spark", ["--output_executable_path=job.jar"]).options.get_all_options()
    assert packed["environment_cache_millis"] == "10000"  # spark-submit ends only when the Python processes do
