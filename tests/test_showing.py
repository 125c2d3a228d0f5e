"""Hostile names: nothing reaches a terminal raw, nothing leaves its folder, and no name ends a run."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.cli import main
from xlnet_data.config_files import parse_config
from xlnet_data.errors import ConfigError, CorpusError
from xlnet_data.showing import make_safe, shell_command

NAMES = (b"caf\xe9.txt", b"red\x1b[31m.txt", "gpj\u202e.txt".encode(), b"ok.txt")


def test_file_names_of_any_bytes_are_ids_and_are_shown_as_escapes(tmp_path: Path) -> None:
    for name in NAMES:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("A boat.", encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text('[[corpora]]\nname = "c"\nformat = "text"\npaths = ["*.txt"]\n', encoding="utf-8")
    result = CliRunner().invoke(main, ["documents", str(config), "--json"])
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    ids = {json.loads(line)["doc_id"] for line in result.output.splitlines()}
    assert ids == {r"caf\xe9.txt", "red\x1b[31m.txt", "gpj\u202e.txt", "ok.txt"}


def test_an_error_names_a_file_without_the_bytes_that_no_terminal_and_no_encoder_takes() -> None:
    message = str(CorpusError("cannot open a\udce9\x1b]0;b\x07\u202e.txt"))
    assert message == r"cannot open a\udce9\u001b]0;b\u0007\u202e.txt"
    assert message.encode().isascii()


@given(st.text())
def test_what_is_safe_is_printable_and_json_means_the_same(text: str) -> None:
    assert not set(make_safe(text)) & {*"\x1b\x07\x08\r\x9b\u202e\u2066"}
    assert json.loads(make_safe(json.dumps(text, ensure_ascii=False))) == text


@given(st.text().filter(lambda text: "\0" not in text))
def test_a_command_to_be_pasted_is_safe_and_one_line(name: str) -> None:
    command = shell_command("verify", name)
    assert make_safe(command) == command
    assert "\n" not in command


@pytest.mark.parametrize("name", ["data", "my data", "it's\n", "\x1b[31m\u202e\\'", "caf\udce9", "-x [1]*"])
def test_a_command_that_is_pasted_into_bash_has_the_name_that_was_given(name: str) -> None:
    script = f"printf %s {shell_command(name)}"
    found = subprocess.run(["bash", "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert os.fsdecode(found.stdout) == name


def test_an_error_quotes_the_ends_of_what_is_very_long() -> None:
    message = str(ConfigError(f"no name: got {100_000 * 'x'}: correct it"))
    assert message.startswith("no name: got xxx")
    assert message.endswith("xxx: correct it")
    assert len(message) < 5000


@pytest.mark.parametrize(
    "name", ["", "../../x", "a/b", "a\\b", "..", ".hidden", "a\nb", "a\x1b[0m", "-x", " a", "a" * 101]
)
def test_a_corpus_whose_name_could_leave_its_folder_is_refused(name: str) -> None:
    section = {"name": name, "format": "text", "paths": ["a"]}
    with pytest.raises(ConfigError, match="a corpus needs a name of letters"):
        parse_config({"corpora": [section]}, ".")
