"""Fetches the engines that the tests run on: Java jars by Maven, Prism by Go, into a cache outside the repository.

What a tool fetches goes once into a folder under `$XDG_CACHE_HOME/xlnet-data-tests` (`~/.cache` without it); later runs
need no network. A user needs none of this: Beam fetches the job server of its own version by itself.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
FETCH_SECS = 900
"""How long one download may take."""


class CannotFetch(Exception):  # noqa: N818 - it is why a test skips, no error of the code under test
    """Says why an engine cannot be had here."""


def cache_folder() -> Path:
    """Return the folder that holds what was fetched."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "xlnet-data-tests"


def fetch_jars(engine: str) -> Path:
    """Return the folder of an engine's jars, as its pom beside this file lists them.

    Raises:
        CannotFetch: There is no JDK or Maven, or Maven reaches no repository.
    """
    _find("java", "a JDK")
    pom = HERE / f"{engine}-pom.xml"

    def fetch(folder: Path) -> None:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        _run([_find("mvn", "Maven"), "-q", "-B", "-f", str(pom), *goal])

    return _fetch_once(f"{engine}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}", fetch)


def fetch_go_program(package: str, version: str) -> Path:
    """Return a program that Go builds from its source, such as "github.com/.../cmd/prism".

    Raises:
        CannotFetch: There is no Go, or it reaches no proxy.
    """
    name = package.rsplit("/", 1)[-1]

    def fetch(folder: Path) -> None:
        _run([_find("go", "Go"), "install", f"{package}@{version}"], {"GOBIN": str(folder), "GOFLAGS": "-modcacherw"})

    return _fetch_once(f"{name}-{version}", fetch) / name


def manifest_jar(jars: Path, main_class: str) -> Path:
    """Return a jar that is empty but for its manifest, which names a main class and all jars of a folder.

    Beam's launcher runs one jar with `java -jar`, and takes this one.
    """
    path = jars.parent / f"{jars.name}-{main_class.rsplit('.', 1)[-1]}.jar"
    if not path.exists():
        entries = " ".join(jar.as_uri() for jar in sorted(jars.glob("*.jar")))
        lines = ["Manifest-Version: 1.0", f"Main-Class: {main_class}", f"Class-Path: {entries}"]
        with zipfile.ZipFile(made := path.with_suffix(f".{os.getpid()}"), "w") as jar:
            jar.writestr("META-INF/MANIFEST.MF", "\r\n".join(map(_fold, lines)) + "\r\n")
        made.rename(path)
    return path


def _fold(line: str) -> str:
    """Return a manifest's line in pieces of at most 72 bytes, as the format wants it.

    >>> _fold("a" * 75)[70:]
    'aa\\r\\n aaa'
    """
    pieces = [line[:72], *(f" {line[start : start + 71]}" for start in range(72, len(line), 71))]
    return "\r\n".join(pieces)


def _fetch_once(name: str, fetch: Callable[[Path], None]) -> Path:
    """Return the cache's folder of a name; fill it first if it is not there, one process at a time."""
    folder = cache_folder() / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            partial = folder.with_name(f"{name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            fetch(partial)
            partial.rename(folder)
    return folder


def _find(program: str, what: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise CannotFetch(f"{what} is not installed ({program} is not on the PATH)")
    return found


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    try:
        run = subprocess.run(
            command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, timeout=FETCH_SECS
        )
    except subprocess.TimeoutExpired as error:
        raise CannotFetch(f"{command[0]} took more than {FETCH_SECS} s to fetch what the test needs") from error
    if run.returncode:
        said = (run.stderr + run.stdout).strip().splitlines()
        raise CannotFetch(f"{command[0]} cannot fetch what the test needs: {said[0] if said else 'no word'}")
