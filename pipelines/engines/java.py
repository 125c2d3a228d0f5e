"""Finds the Java that an engine's job server runs on, before anything is started, and starts it in its own session."""

import os
import re
import shutil
import subprocess

from apache_beam.options.pipeline_options import JobServerOptions, PipelineOptions

from xlnet_data.errors import EngineError
from xlnet_data.imports import module_command

ASK_SECS = 30.0
"""How long `java -version` may take."""

# Spark and Flink reach into the JDK, which Java 17 closes; Beam opens a part of it, for Spark alone.
_OPENED = ("java.lang", "java.lang.invoke", "java.net", "java.nio", "java.text", "java.time", "java.util", "sun.nio.ch")


def set_java(options: PipelineOptions, engine: str, versions: tuple[int, int], properties: tuple[str, ...]) -> None:
    """Check Java, and set the options that start the engine's job server with it.

    Args:
        options: The engine's options.
        engine: Its name.
        versions: The oldest and the newest version that will do.
        properties: What Java is told besides what the options say.

    Raises:
        EngineError: There is no Java, or one of a version that the engine does not run on.
    """
    server, (oldest, newest) = options.view_as(JobServerOptions), versions
    home = os.environ.get("JAVA_HOME")
    java = server.job_server_java_launcher
    if java == "java" and home:
        java = os.path.join(home, "bin", "java")
    needs = f"--runner {engine} starts a job server, which needs Java {oldest} to {newest}"
    if shutil.which(java) is None:
        raise EngineError(f"{needs}: {java} is not there; install a JDK, or name one by JAVA_HOME")
    version = java_version(java)
    if version is None or not oldest <= version <= newest:
        found = "says no version" if version is None else f"is version {version}"
        raise EngineError(f"{needs}: {java} {found}; install another JDK, and name it by JAVA_HOME")
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
    # The launcher is Python, which becomes Java in a session of its own.
    server.job_server_java_launcher, *apart = module_command("xlnet_data.pipelines.engines.launcher", java)
    server.job_server_jvm_properties = [*apart, *opened, *properties, *server.job_server_jvm_properties]


def java_version(java: str) -> int | None:
    """Return the version of a Java, None if it says none."""
    try:
        run = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=ASK_SECS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(run.stderr + run.stdout)


def parse_version(said: str) -> int | None:
    """Return the version in what `java -version` says.

    >>> parse_version('openjdk version "17.0.15" 2025-04-15'), parse_version('java version "1.8.0_292"')
    (17, 8)
    """
    found = re.search(r'version "(?:1\.)?([0-9]+)', said)
    return int(found[1]) if found else None
