"""What a command line may say, and what ends a command."""

import logging
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.cli.helping import FiniteRange
from xlnet_data.errors import ConfigError


@pytest.mark.parametrize("text", ["nan", "inf", "-1"])
def test_a_number_that_no_bound_keeps_out_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        FiniteRange(min=0).convert(text, None, None)
    assert FiniteRange(min=0).convert("0.5", None, None) == 0.5


def run_as_plan(code: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run code in a process whose command line is that of `plan absent.toml`, in a folder."""
    command = [sys.executable, "-c", code, "plan", "absent.toml"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.parametrize("at", ["click", "xlnet_data.config_files"])
def test_a_signal_ends_a_command_in_one_line_whatever_it_is_importing(number: signal.Signals, at: str) -> None:
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Finder:\n"
        "    def find_spec(name, *_):\n"
        f"        if name == {at!r}: os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Finder)\n"
        "from xlnet_data.__main__ import main\n"
        "main()"
    )
    ended = run_as_plan(code)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-number, "", "Error: interrupted\n")


def test_a_command_that_sigterm_ends_cleans_up_and_its_forks_die_at_once(tmp_path: Path) -> None:
    code = (
        "import os, signal, tempfile\n"
        "from xlnet_data import __main__, cli\n"
        "def plan(*_, **__):\n"
        f"    with tempfile.TemporaryDirectory(dir={str(tmp_path)!r}):\n"
        "        ready, tell = os.pipe()\n"
        "        child = os.fork()\n"
        "        if not child:\n"
        "            os.write(tell, b'x')\n"
        "            signal.pause()\n"
        "        os.read(ready, 1)\n"
        "        os.kill(child, signal.SIGTERM)\n"
        "        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "cli.main.commands['plan'].callback = plan\n"
        "__main__.main()"
    )
    ended = run_as_plan(code)
    assert (ended.returncode, ended.stdout) == (-signal.SIGTERM, f"{-signal.SIGTERM}\n")
    assert ended.stderr == "Error: interrupted\n"
    assert os.listdir(tmp_path) == []


def test_a_command_whose_terminal_is_closed_dies_of_that_signal_though_it_cannot_say_so(tmp_path: Path) -> None:
    code = (
        "import os, signal, tempfile\n"
        "from xlnet_data import __main__, cli\n"
        "def plan(*_, **__):\n"
        f"    with tempfile.TemporaryDirectory(dir={str(tmp_path)!r}):\n"
        "        print('ready', flush=True)\n"
        "        signal.pause()\n"
        "cli.main.commands['plan'].callback = plan\n"
        "__main__.main()"
    )
    process, terminal = pty.fork()
    if not process:
        os.execv(sys.executable, [sys.executable, "-c", code, "plan", "a.toml"])
    assert os.read(terminal, 5) == b"ready"
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGHUP
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_that_the_caller_had_ignored_stays_ignored(number: signal.Signals) -> None:
    code = (
        "import os, signal\n"
        f"signal.signal({int(number)}, signal.SIG_IGN)\n"
        "from xlnet_data import __main__, cli\n"
        "from xlnet_data.cli.train import _watch_signals\n"
        "def plan(*_, **__):\n"
        "    with _watch_signals() as should_stop:\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        "        print(should_stop())\n"
        "cli.main.commands['plan'].callback = plan\n"
        "__main__.main()"
    )
    ended = run_as_plan(code)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "False\n", "")


def test_a_file_that_is_cut_while_it_is_mapped_does_not_end_a_command_without_a_word(tmp_path: Path) -> None:
    code = (
        "import mmap, os\n"
        "from xlnet_data import __main__, cli\n"
        "def plan(*_, **__):\n"
        "    with open('file', 'w+b') as file:\n"
        "        file.write(bytes(99999))\n"
        "        file.flush()\n"
        "        mapped = mmap.mmap(file.fileno(), 0)\n"
        "        file.truncate(0)\n"
        "    if child := os.fork():\n"
        "        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)\n"
        "    mapped[9999]\n"
        "cli.main.commands['plan'].callback = plan\n"
        "__main__.main()"
    )
    ended = run_as_plan(code, tmp_path)
    assert (ended.returncode, ended.stdout) == (-signal.SIGBUS, f"{-signal.SIGBUS}\n")
    said = ended.stderr.count("Fatal Python error: Bus error")
    assert said == 1  # of a worker that dies the main process tells


def test_streams_that_the_caller_closed_do_not_get_in_the_way(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "os.closerange(0, 3)\n"
        "sys.stdin = sys.stdout = sys.stderr = None\n"  # as a process finds them that begins so
        "from xlnet_data import __main__, cli\n"
        "from xlnet_data.cli.summaries import make_console\n"
        "def plan(*_, **__):\n"
        "    make_console(stderr=True).print('said')\n"
        "    with open('file', 'w') as file:\n"
        "        assert file.fileno() > 2\n"
        "        os.write(2, b'what a library says')\n"
        "cli.main.commands['plan'].callback = plan\n"
        "__main__.main()"
    )
    ended = subprocess.run([sys.executable, "-c", code, "plan", "a.toml"], check=False, cwd=tmp_path)
    assert (ended.returncode, (tmp_path / "file").read_text()) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is full")
@pytest.mark.parametrize("arguments", [["--help"], ["inspect", "--help"], ["--version"]])
def test_output_that_a_full_disk_does_not_take_is_an_error_in_one_line(arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "xlnet_data", *arguments]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "Error: cannot write the output: No space left on device\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["build-corpus", "absent", "--output", "x"],
        ["repair", "absent", "absent"],
        ["ablate", "absent", "--output", "x"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_command_that_builds_keeps_the_engine_s_log_from_the_user(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    logger = logging.getLogger("apache_beam")
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    assert CliRunner().invoke(main, arguments).exit_code == 1
    assert logger.level == logging.CRITICAL


def test_one_text_in_place_of_a_list_of_texts_is_refused(small_model: Path, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[corpora]]\nname = "a"\nformat = "text"\npaths = ["a.txt"]\n')
    config = tmp_path / "a.toml"
    for name, give in (
        ("lines", lambda text: list(xlnet_data.encode(small_model, text))),
        ("reason", lambda text: list(xlnet_data.documents(config, reason=text))),
        ("engine_options", lambda text: xlnet_data.build_corpus(config, tmp_path / "out", engine_options=text)),
        ("dev", lambda text: xlnet_data.finetune("run", task="train.tsv", dev=text)),
        ("test", lambda text: xlnet_data.finetune("run", test=text)),
        ("rows", lambda text: xlnet_data.ablate(config, tmp_path / "out", rows=text)),
        ("dev", lambda text: xlnet_data.ablate(config, tmp_path / "out", task="train.tsv", dev=text)),
    ):
        with pytest.raises(ConfigError, match=rf"^{name} must be a list: got 'empty', write \['empty'\]$"):
            give("empty")


def test_an_engine_that_is_none_is_named_before_anything_else_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[corpora]]\nname = "a"\nformat = "text"\npaths = ["a.txt"]\n')
    with pytest.raises(
        ConfigError, match=r"runner must be 'local' or 'spark' .*: got 'sparks', did you mean 'spark'\?"
    ):
        xlnet_data.build_corpus(tmp_path / "a.toml", tmp_path / "out", runner="sparks", workers=2)


def test_what_is_written_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[corpora]]\nname = "a"\nformat = "text"\npaths = ["a.txt"]\n')
    (tmp_path / "a.txt").write_text("Äiti पूछा Ω\n", encoding="utf-8")
    command = [sys.executable, "-m", "xlnet_data", "documents", "a.toml"]
    for options in ([], ["--json"]):
        shown = subprocess.run(
            [*command, *options], cwd=tmp_path, capture_output=True, check=False,
            env=os.environ | {"PYTHONIOENCODING": "latin-1"},
        )  # fmt: skip
        assert (shown.returncode, shown.stderr) == (0, b"")
        assert "Äiti पूछा Ω" in shown.stdout.decode("utf-8")
