"""Servers of the stores on this machine: versitygw speaks S3 over a folder, fake-gcs-server speaks Google's protocol.

Both are built from their sources by Go, once, into the cache of `engines/downloads.py`. HDFS is Hadoop's own small
cluster, a name node and a data node in one process, whose jars Maven fetches. Without Go, a JDK, Maven or the network,
the tests that need them skip and say why.
"""

import contextlib
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import gcsfs.core
import hdfs_native.fsspec
import pytest
import s3fs
from engines.downloads import CannotFetch, fetch_go_program, fetch_jars

from xlnet_data.files.clients import client_of

START_SECS = 30
"""How long a server may take until it answers."""


@dataclass(frozen=True)
class Store:
    """A running store with an empty bucket, or, on HDFS, which has no buckets, its root.

    Attributes:
        bucket: Its URL.
        environment: What leads a client to the store.
    """

    bucket: str
    environment: Mapping[str, str]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], endpoint: str) -> Iterator[None]:
    """Run a server from when it answers until the block ends."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(START_SECS * 20):
                if answers(endpoint):
                    break
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def answers(endpoint: str) -> bool:
    try:
        urllib.request.urlopen(endpoint, timeout=5).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True


def program(package: str, version: str) -> Path:
    try:
        return fetch_go_program(package, version)
    except CannotFetch as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = program("github.com/versity/versitygw/cmd/versitygw", "v1.8.0")
    folder, port = tmp_path_factory.mktemp("s3"), free_port()
    (folder / "objects" / "bucket").mkdir(parents=True)
    keys = ["--access", "tests", "--secret", "tests-secret"]
    command = [str(path), "--quiet", "--port", f"127.0.0.1:{port}", *keys, "posix"]
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests-secret",
        "AWS_REGION": "us-east-1",
    }
    with running([*command, "--sidecar", str(folder), str(folder / "objects")], environment["AWS_ENDPOINT_URL"]):
        yield Store("s3://bucket", environment)


@pytest.fixture(scope="session")
def gs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = program("github.com/fsouza/fake-gcs-server", "v1.56.1")
    folder, port = tmp_path_factory.mktemp("gs"), free_port()
    (folder / "bucket").mkdir()
    endpoint = f"http://127.0.0.1:{port}"
    command = [str(path), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    with running([*command, "-external-url", endpoint, "-data", str(folder)], endpoint):
        yield Store("gs://bucket", {"STORAGE_EMULATOR_HOST": endpoint})


@pytest.fixture(scope="session")
def hdfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    try:
        jars = fetch_jars("hadoop")
    except CannotFetch as reason:
        pytest.skip(str(reason))
    folder, port = tmp_path_factory.mktemp("hdfs"), free_port()
    source = Path(__file__).with_name("MiniHdfs.java")
    java = ["java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*", str(source), str(port), str(folder)]
    with (
        open(folder / "log", "w") as log,
        subprocess.Popen(java, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        assert process.stdout is not None
        ready = process.stdout.readline()
        try:
            assert ready.startswith(b"ready"), (folder / "log").read_text()
            yield Store(f"hdfs://localhost:{port}", {})
        finally:
            process.kill()


@pytest.fixture(scope="module", params=["s3", "gs", "hdfs"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """Return each of the stores in turn; this process, and those that it starts, reach it."""
    found: Store = request.getfixturevalue(request.param)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in found.environment.items():
            patch.setenv(name, value)
        yield found
    for client in (s3fs.S3FileSystem, gcsfs.core.GCSFileSystem, hdfs_native.fsspec.HdfsFileSystem):
        client.clear_instance_cache()  # clients remember their server


@pytest.fixture
def objects_of() -> Callable[[str], dict[str, bytes]]:
    """Return a function that returns all objects below a URL, by their names."""

    def read(url: str) -> dict[str, bytes]:
        client, path = client_of(url)
        client.invalidate_cache()
        return {name.removeprefix(f"{path}/"): client.cat_file(name) for name in client.find(path)}

    return read
