"""The image and the Flex Template: what Docker and Google would do with them, as far as it can be done without."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from google.cloud import dataflow

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        ([], "xlnet-data"),
        (["--help"], "xlnet-data --help"),
        (["--version"], "xlnet-data --version"),
        (["build-corpus", "--help"], "xlnet-data build-corpus --help"),
        (["--id=1-1", "--provision_endpoint=localhost:1"], "boot --id=1-1 --provision_endpoint=localhost:1"),
        (["--worker_pool"], "boot --worker_pool"),
    ],
)
def test_the_image_begins_a_worker_for_an_engine_and_a_command_for_a_person(
    tmp_path: Path, arguments: list[str], begins: str
) -> None:
    for name in ("xlnet-data", "boot"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (tmp_path / name).chmod(0o755)
    script = tmp_path / "entrypoint"
    script.write_text((ROOT / "image" / "entrypoint").read_text().replace("/opt/apache/beam/boot", f"{tmp_path}/boot"))
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    run = subprocess.run(["sh", str(script), *arguments], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == begins
    assert os.access(ROOT / "image" / "entrypoint", os.X_OK)


def test_every_file_that_the_image_copies_is_there_and_reaches_docker() -> None:
    copied = [
        name
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for name in shlex.split(line)[:-1]
    ]
    assert {"pyproject.toml", "setup.py", "xlnet_data", "image/entrypoint"} <= {*copied}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert [name for name in copied if not (ROOT / name).exists() or name.split("/")[0] not in allowed] == []


def test_the_image_has_beam_as_the_lock_has_it_and_one_python() -> None:
    beam = re.search(r"^apache-beam==(.*)$", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert beam is not None
    assert f"ARG BEAM_VERSION={beam[1]}\n" in DOCKERFILE
    python = re.search(r"^ARG PYTHON_VERSION=(.*)$", DOCKERFILE, re.MULTILINE)
    assert python is not None
    assert re.search(rf"^ARG PYTHON_IMAGE=python:{re.escape(python[1])}\.\d+-slim-\w+$", DOCKERFILE, re.MULTILINE)
    assert "torch" not in DOCKERFILE.replace("No torch.", "")


def test_the_template_says_what_its_launcher_takes() -> None:
    text = (ROOT / "image" / "flex_template.json").read_text()
    spec = dataflow.ContainerSpec.from_json(text, ignore_unknown_fields=False)
    assert spec.sdk_info.language is dataflow.SDKInfo.Language.PYTHON
    names = [parameter.name for parameter in spec.metadata.parameters]
    launcher = (ROOT / "image" / "launch_template.py").read_text()
    own = re.findall(r'add_argument\("--(\w+)"', launcher)
    assert {*names} == {*own, "sdk_container_image"} - {"runner"}
    patterns = {parameter.name: parameter.regexes for parameter in spec.metadata.parameters}
    assert re.fullmatch(patterns["config"][0], "gs://bucket/corpus.toml")
    assert not re.fullmatch(patterns["config"][0], "corpus.toml")
