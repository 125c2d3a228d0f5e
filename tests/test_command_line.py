"""The command line from end to end: what each command gives, and every named error as one clear message."""

import errno
import gzip
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.config_files import load_config
from xlnet_data.datasets.passed_over import warn_of_shared_files
from xlnet_data.errors import ConfigError
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer

WriteConfig = Callable[..., Path]

SMALL_EXAMPLES = "[examples]\nseq_len = 64\nreuse_len = 32\n[lanes]\nlane_tokens = 4096\n[output]\ndev_frac = 0.1\n"


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory, invent: Callable[..., str]) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    for number in range(24):
        (folder / f"{number:02}.txt").write_text(invent(number).replace("\n\n", "\n") + "\n", encoding="utf-8")
    (folder / "hollow.txt").write_text("\n", encoding="utf-8")
    return folder


@pytest.fixture
def write_config(tmp_path: Path, texts: Path, small_model: Path) -> WriteConfig:
    """Return a function that writes a config of the texts; a line of the tokenizer and the sections can be given."""

    def write(
        paths: str = "*.txt", tokenizer: str | None = None, sections: str = SMALL_EXAMPLES, corpus: str = ""
    ) -> Path:
        path = tmp_path / "config.toml"
        model = f"model = {json.dumps(str(small_model))}" if tokenizer is None else tokenizer
        path.write_text(
            f'[tokenizer]\n{model}\n[[corpora]]\nname = "texts"\nformat = "text"\n'
            f"paths = [{json.dumps(str(texts / paths))}]\n{corpus}\n{sections}",
            encoding="utf-8",
        )
        return path

    return write


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def run_process(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "xlnet_data", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def build(config: Path, output: Path, *options: str) -> Result:
    return run("build-corpus", config, "--output", output, "--workers", "0", "--quiet", *options)


def check_error(result: Result, *parts: str) -> None:
    """Make sure that a command ended with 1 and one message on stderr."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.count("Error: ") == 1
    assert "Traceback" not in result.stderr
    assert "while running" not in result.stderr
    for part in parts:
        assert part in result.stderr


def test_an_unknown_key_is_told_with_the_nearest_one(write_config: WriteConfig, tmp_path: Path) -> None:
    config = write_config(sections="[examples]\nreuse_length = 32\n")
    message = "unknown key 'reuse_length': did you mean 'reuse_len'?, in [examples]"
    check_error(build(config, tmp_path / "out"), str(config), message)
    assert not (tmp_path / "out").exists()


def test_a_quota_larger_than_its_half_is_refused_and_does_not_hang(write_config: WriteConfig, tmp_path: Path) -> None:
    config = write_config(sections="[examples]\nseq_len = 64\nreuse_len = 32\nk = 1.02\n")
    check_error(build(config, tmp_path / "out"), "k is too small: k=1.02 asks for 31 targets among the 29 tokens")


def test_a_pattern_that_matches_no_file_is_named(write_config: WriteConfig, tmp_path: Path) -> None:
    check_error(build(write_config(paths="*.text"), tmp_path / "out"), "*.text")


def test_a_folder_that_a_pattern_matches_is_told_of_before_the_build(tmp_path: Path, write_config: WriteConfig) -> None:
    (tmp_path / "in" / "more").mkdir(parents=True)
    for name in ("a.txt", "more/b.txt"):
        (tmp_path / "in" / name).write_text("Too little.")
    config = write_config(paths=str(tmp_path / "in" / "*"))
    result = run("build-corpus", config, "--output", tmp_path / "out", "--workers", "0")
    assert "match 1 folder with 1 file in them" in result.stderr.partition("too little text")[0]
    assert "passed over" not in build(config, tmp_path / "out").stderr


def test_a_file_that_two_corpora_read_alike_is_told_of_before_the_build(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Too little.")
    (tmp_path / "link.txt").symlink_to(tmp_path / "b.txt")
    corpora = [
        ("x", "*a.txt", "text"),
        ("y", "[ab].txt", "text"),
        ("z", "link.txt", "books"),
        ("w", "link.txt", "clueweb"),
    ]
    alike = [f'[[corpora]]\nname = "{name}"\nformat = "{kind}"\npaths = ["{path}"]\n' for name, path, kind in corpora]
    config = tmp_path / "c.toml"

    def told(*tables: str) -> list[str]:
        config.write_text("".join(tables))
        return [warning.partition(":")[0] for warning in warn_of_shared_files(load_config(str(config)))]

    x, y, z, w = alike
    assert told(x, y, z, w) == [
        f"corpora {one!r} and {other!r} read 1 file both, such as {tmp_path}/{name}"
        for one, other, name in (("x", "y", "a.txt"), ("y", "z", "b.txt"), ("y", "w", "b.txt"), ("z", "w", "b.txt"))
    ]
    result = run("build-corpus", config, "--output", tmp_path / "out", "--workers", "0")
    assert "corpora 'x' and 'y' read 1 file both" in " ".join(result.stderr.split())
    assert told("[deduplication]\nexact = true\n", x, y) == told(x) == told(x, z) == []
    assert told(f'{x}sentences = "line"\n', y) == []
    german, checked = 'language = "de"\n', "filters.language_check = true\n"
    for first, second in ((x, y + checked), (x, y + german), (x + german + checked, y + german)):
        assert told(first, second)
    assert told(x + checked, y + german) == told(x, y + german + checked) == []
    y = y.replace("[ab]", "*a").replace('"]', '", "https://a.org/b.txt"]')
    assert told(x, y)[0].startswith("corpora 'x' and 'y' read 1 file")
    x = x.replace('"]', '", "https://a.org/b.txt"]')
    assert told(x, y)[0].endswith(f"read 2 files both, such as {tmp_path}/a.txt")


def test_a_config_that_is_not_there_is_named(tmp_path: Path) -> None:
    check_error(build(tmp_path / "absent.toml", tmp_path / "out"), "cannot read the config", "absent.toml")


def test_an_input_that_cannot_be_read_is_named(tmp_path: Path, write_config: WriteConfig, texts: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.txt").write_bytes((texts / f"0{number}.txt").read_bytes())
    (tmp_path / "broken.txt").write_bytes(b"ab \xff\xfe cd")
    config = write_config(paths=str(tmp_path / "*.txt"))
    check_error(build(config, tmp_path / "out"), "broken.txt", "byte 0xff at offset 3 is not utf-8", "encoding")
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_an_input_that_cannot_be_read_is_named_by_two_workers_too(
    tmp_path: Path, write_config: WriteConfig, texts: Path
) -> None:
    (tmp_path / "good.txt").write_bytes((texts / "00.txt").read_bytes())
    (tmp_path / "broken.txt").write_bytes(b"ab \xff\xfe cd")
    config = write_config(paths=str(tmp_path / "*.txt"))
    arguments = ("build-corpus", config, "--output", tmp_path / "out", "--workers", "2", "--quiet")
    result = run_process(*arguments)
    assert result.returncode == 1
    lines = result.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("Error: cannot read ")
    assert "broken.txt: byte 0xff at offset 3" in lines[0]


def test_more_workers_than_the_machine_bears_are_refused(
    tmp_path: Path, write_config: WriteConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    config = write_config()
    result = run("build-corpus", config, "--output", tmp_path / "out", "--workers", "49", "--quiet")
    check_error(result, "--workers 49", "from 0 to 48 on this machine", "3 cores")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, write_config: WriteConfig) -> None:
    (tmp_path / "secret.txt").write_text("text")
    (tmp_path / "secret.txt").chmod(0)
    config = write_config(paths=str(tmp_path / "secret.txt"))
    check_error(build(config, tmp_path / "out"), "secret.txt", "Permission denied")


def test_too_little_text_says_how_many_tokens_there_are_and_are_needed(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    (tmp_path / "short.txt").write_text("A few words.\n", encoding="utf-8")
    config = write_config(paths=str(tmp_path / "short.txt"))
    result = build(config, tmp_path / "out")
    check_error(result, "too little text for one example: ", "one example takes 61")
    loaded = Tokenizer.load(
        json.loads(config.read_text().splitlines()[1].removeprefix("model = ")), TokenizerSettings()
    )
    tokens = len(loaded.encode(["A few words."])[0]) + 2  # <eop> and <eod>
    assert f"{tokens} tokens are left for training" in result.stderr


def test_only_hollow_documents_are_too_little_text(write_config: WriteConfig, tmp_path: Path) -> None:
    result = build(write_config(paths="hollow.txt"), tmp_path / "out")
    check_error(result, "too little text for one example: 0 tokens", "documents are dropped (empty)")


def test_a_lane_too_short_for_examples_is_refused(write_config: WriteConfig, tmp_path: Path) -> None:
    sections = "[examples]\nseq_len = 2048\nreuse_len = 1024\n[lanes]\nlane_tokens = 1024\n"
    check_error(build(write_config(sections=sections), tmp_path / "out"), "lane_tokens must be at least", "1024")


def test_a_model_with_the_wrong_vocabulary_is_told_with_the_wrong_ids(
    write_config: WriteConfig, tmp_path: Path, invent: Callable[..., str]
) -> None:
    import sentencepiece

    with open(tmp_path / "plain.model", "wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([invent(number) for number in range(40)]),
            model_writer=file,
            vocab_size=200,
            minloglevel=2,
        )
    config = write_config(tokenizer=f"model = {json.dumps(str(tmp_path / 'plain.model'))}")
    check_error(build(config, tmp_path / "out"), "plain.model", "id 3 must be '<cls>'")


def test_a_model_file_that_is_none_is_named(write_config: WriteConfig, tmp_path: Path) -> None:
    (tmp_path / "letter.model").write_text("Dear reader")
    config = write_config(tokenizer='model = "letter.model"')  # relative to the config
    check_error(build(config, tmp_path / "out"), "letter.model is not a SentencePiece model")
    check_error(build(write_config(tokenizer='model = "absent.model"'), tmp_path / "out"), "absent.model")


def test_a_folder_that_holds_a_dataset_is_kept_unless_overwrite_is_given(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    config, output = write_config(), tmp_path / "out"
    result = build(config, output)
    assert result.exit_code == 0
    assert result.stdout == f"{output}\n"
    before = (output / "manifest.json").read_bytes()
    check_error(build(config, output), "already holds a dataset", "--overwrite")
    assert (output / "manifest.json").read_bytes() == before
    (output / "train" / "of-an-earlier-build.arrow").write_bytes(b"")
    assert build(config, output, "--overwrite").exit_code == 0
    assert (output / "manifest.json").read_bytes() == before
    assert not (output / "train" / "of-an-earlier-build.arrow").exists()
    assert run("verify", output).exit_code == 0


@pytest.mark.parametrize("options", [(), ("--overwrite",)])
def test_a_folder_with_foreign_files_is_never_touched(
    write_config: WriteConfig, tmp_path: Path, options: tuple[str, ...]
) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "thesis.tex").write_text("years of work")
    check_error(build(write_config(), output, *options), "holds other files")
    assert [path.name for path in output.iterdir()] == ["thesis.tex"]
    check_error(build(write_config(), output / "thesis.tex", *options), "is a file")


def test_a_url_is_no_folder_for_a_build_on_this_machine(
    write_config: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("build-corpus", write_config(), "--output", "s3://bucket/data")
    check_error(result, "writes into a local folder: got --output s3://bucket/data", "--runner")
    assert not (tmp_path / "s3:").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["train-smoke", "data", "--output", "s3://bucket/x"],
        ["train-smoke", "data", "--export-hf", "s3://bucket/x"],
        ["finetune", "run", "--task", "task.tsv", "--output", "s3://bucket/x"],
        ["finetune", "run", "--task", "s3://bucket/x"],
        ["ablate", "config.toml", "--output", "s3://bucket/x"],
        ["evaluate", "run", "s3://bucket/x"],
        ["generate", "s3://bucket/x", "--prompt", "It"],
        ["init", ".", "--output", "s3://bucket/x"],
    ],
)
def test_a_url_is_no_folder_where_a_local_one_is_read_or_written(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invent: Callable[..., str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text(invent(1))
    check_error(run(*arguments), "must lie on this machine: got s3://bucket/x")
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


def test_a_full_disk_is_named_and_the_build_goes_on_from_there(
    write_config: WriteConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fill_disk: Callable[[int], None]
) -> None:
    config, output = write_config(), tmp_path / "out"
    fill_disk(30_000)
    check_error(build(config, output), "cannot write ", str(output), "No space left on device")
    monkeypatch.undo()
    assert not (output / "manifest.json").exists()
    check_error(run("verify", output), "is not a dataset")
    assert build(config, output).exit_code == 0
    assert run("verify", output).exit_code == 0
    assert {path.name for path in output.iterdir()} == {
        *("documents", "train", "dev"),
        *("README.md", "build.json", "manifest.json", "spiece.model"),
    }
    assert not list(output.rglob("*.tmp"))


def test_an_unfinished_build_of_another_config_is_not_continued_unless_it_begins_anew(
    write_config: WriteConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fill_disk: Callable[[int], None]
) -> None:
    output = tmp_path / "out"

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    fill_disk(0)
    check_error(build(write_config(), output), "No space left on device")
    monkeypatch.undo()
    assert build(write_config(), output).exit_code == 0  # nothing was done yet, and the folder is free
    with monkeypatch.context() as patched:
        patched.setattr("xlnet_data.pipelines.publish.write_manifest", fail)
        assert build(write_config(), tmp_path / "second").exit_code != 0
    other = write_config(sections=SMALL_EXAMPLES.replace("lane_tokens = 4096", "lane_tokens = 9000"))
    check_error(build(other, tmp_path / "second"), "unfinished build", "config", "--no-resume")
    assert build(other, tmp_path / "second", "--no-resume").exit_code == 0
    assert run("verify", tmp_path / "second").exit_code == 0  # nothing of the first is left


def test_a_lane_or_step_that_is_not_there_is_named(write_small_dataset: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_small_dataset(tmp_path / "data")
    check_error(run("inspect", folder, "--lane", "99"), "no step 0 in lane 99 of train: there is no such lane")
    check_error(run("inspect", folder, "--step", "9999"), "no step 9999 in lane 0 of train: it has steps 0 to ")
    check_error(run("inspect", folder, "--split", "test"), "has no split 'test': it has train, dev")
    check_error(run("inspect", tmp_path), "is not a dataset")
    check_error(run("verify", tmp_path / "absent"), "is not a dataset")


@pytest.mark.parametrize(
    "arguments",
    [
        ["build-corpus", "config.toml"],
        ["build-corpus", "config.toml", "--output", "out", "--wrokers", "2"],
        ["build-corpus", "config.toml", "--output", "out", "--workers", "-1"],
        ["build-corpus", "config.toml", "--output", "out", "--runner", "direct"],
        ["verify"],
        ["documents", "config.toml", "--limit", "0"],
        ["encode"],
        ["inspect", "folder", "--step", "-1"],
        ["no-such-command"],
    ],
)
def test_a_command_used_wrongly_exits_with_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage: " in result.stderr


def test_files_in_the_current_folder_that_are_named_as_modules_are_not_run(
    tmp_path: Path, invent: Callable[..., str]
) -> None:
    for name in ("json", "queue", "numpy", "xlnet_data"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a foreign module')\n")
    for number in range(8):
        (tmp_path / f"{number}.txt").write_text(invent(number))
    (tmp_path / "config.toml").write_text(
        '[tokenizer]\nvocab_size = 300\n[[corpora]]\nname = "a"\nformat = "text"\npaths = ["*.txt"]\n'
    )
    command = [Path(sys.executable).with_name("xlnet-data"), "build-corpus", "config.toml", "--output", "out"]
    built = subprocess.run([*command, "--workers", "1"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (built.returncode, built.stdout) == (0, "out\n"), built.stderr  # a vocabulary, and a worker


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1_600_000_000, (0, "")),
        (600_000_000, (1, "Error: this process may have 600 MB of address space (ulimit -v), ")),
    ],
)
def test_a_command_runs_in_few_addresses_or_says_that_they_are_too_few(
    write_small_dataset: Callable[..., Path], tmp_path: Path, limit: int, expected: tuple[int, str]
) -> None:
    folder = write_small_dataset(tmp_path / "data")
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({limit},) * 2)\n"
        "from xlnet_data.__main__ import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, "inspect", str(folder)], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr[: len(expected[1]) or None]) == expected


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "too many open files: raise the limit (ulimit -n), "),
        (RuntimeError("can't start new thread"), "no more processes or threads can be started: "),
        (OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)), "no more processes or threads can be started: "),
    ],
)
def test_what_the_system_allows_too_few_of_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("xlnet_data.api.load_config", fail)
    result = CliRunner().invoke(main, ["documents", str(tmp_path / "config.toml")])
    assert (result.exit_code, result.stderr[: len("Error: " + said)]) == (1, "Error: " + said)


@pytest.mark.parametrize("command", ["plan", "build-corpus"])
def test_that_no_temporary_folder_can_be_written_is_said(
    tmp_path: Path, small_model: Path, invent: Callable[..., str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress("\n".join(map(invent, range(99))).encode()))
    named = "" if command == "plan" else f'[tokenizer]\nmodel = "{small_model}"\nvocab_size = 300\n'
    (tmp_path / "config.toml").write_text(
        f'{named}[[corpora]]\nname = "a"\nformat = "text"\npaths = ["a.txt.gz"]\nlanguage = "en"\n'
    )
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "gone")])
    output = ["--output", str(tmp_path / "out")]
    result = CliRunner().invoke(main, [command, str(tmp_path / "config.toml"), *output])
    assert result.exit_code == 1, result.exception
    assert result.stderr.splitlines()[-1].startswith("Error: no folder for temporary files can be written")


def test_help_loads_neither_beam_nor_torch() -> None:
    code = (
        "import sys\nfrom xlnet_data.cli import main\n"
        "for arguments in (['--help'], *([name, '--help'] for name in main.commands)):\n"
        "    main(arguments, standalone_mode=False)\n"
        "print(sorted({'apache_beam', 'torch', 'pyarrow', 'sentencepiece'} & set(sys.modules)), len(main.commands))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    found, num_commands = result.stdout.splitlines()[-1].rsplit(" ", 1)
    assert found == "[]"
    assert int(num_commands) >= 6


def test_every_command_and_option_has_a_help_text_and_every_command_an_example() -> None:
    for name, command in main.commands.items():
        assert command.help, name
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert getattr(parameter, "help", None), f"{name} {parameter.name}"
        shown = run(name, "--help").stdout
        assert command.examples, name  # type: ignore[attr-defined]
        for example in command.examples:  # type: ignore[attr-defined]
            assert f"  {example}\n" in shown
            words = shlex.split(example.split(" | ")[-1])
            assert words[words.index("xlnet-data") + 1] == name
            arguments = words[words.index("xlnet-data") + 2 :]
            with pytest.MonkeyPatch.context() as patch:  # its files need not be there
                patch.setattr(click.Path, "convert", lambda self, value, *_: value)
                command.make_context(name, arguments)


def test_a_shell_is_told_the_names_of_commands_and_options() -> None:
    def complete(words: str, number: int) -> list[str]:
        environment = os.environ | {
            "_XLNET_DATA_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(number),
        }  # fmt: skip
        code = "from xlnet_data.cli import main; main(prog_name='xlnet-data')"
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
        return run.stdout.splitlines()

    assert complete("xlnet-data ins", 1) == ["plain,inspect"]
    assert "plain,--as-written" in complete("xlnet-data inspect --a", 2)


def test_encode_gives_one_line_of_ids_per_line_and_keeps_empty_lines(small_model: Path) -> None:
    lines = ["Some text.", "", "  ", "more\ttext", "2000, and \u00e9", "last without end"]
    result = run_process("encode", "--model", small_model, stdin="\n".join(lines).encode())
    assert result.returncode == 0, result.stderr
    tokenizer = Tokenizer.load(str(small_model), TokenizerSettings())
    expected = [" ".join(map(str, tokenizer.encode([line])[0].tolist())) for line in lines]
    assert result.stdout.decode().split("\n") == [*expected, ""]
    assert expected[1] == expected[2] == ""


def test_encode_lowers_and_keeps_accents_when_asked(small_model: Path) -> None:
    outputs = {
        options: run_process("encode", "--model", small_model, *options, stdin="Caf\u00e9 DO\n".encode()).stdout
        for options in [(), ("--lowercase",), ("--keep-accents",)]
    }
    assert len(set(outputs.values())) == 3


def test_encode_replaces_bytes_that_are_not_utf_8_and_ends_without_input(small_model: Path) -> None:
    result = run_process("encode", "--model", small_model, stdin=b"ab \xff cd\n\xe2\x82\n")
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == 2
    assert run_process("encode", "--model", small_model).stdout == b""


def test_encode_with_a_file_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "letter.model").write_text("Dear reader")
    result = run_process("encode", "--model", tmp_path / "letter.model", stdin=b"text\n")
    assert result.returncode == 1
    assert result.stdout == b""
    assert result.stderr.decode().startswith("Error: ")
    assert b"Traceback" not in result.stderr


def read_lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_documents_shows_what_is_kept_and_with_rejected_also_what_is_not_and_why(write_config: WriteConfig) -> None:
    config = write_config()
    kept = read_lines(run("documents", "--json", config))
    assert [line["doc_id"] for line in kept] == [f"{number:02}.txt" for number in range(24)]
    assert all(list(line) == ["corpus", "doc_id", "url", "title", "text", "reason", "cause"] for line in kept)
    assert {line["reason"] for line in kept} == {None}
    assert all(line["text"] for line in kept)
    rejected = [line for line in read_lines(run("documents", "--json", config, "--with-rejected")) if line["reason"]]
    empty = dict.fromkeys(("url", "title", "text", "cause"), "")
    assert rejected == [{"corpus": "texts", "doc_id": "hollow.txt", "reason": "empty"} | empty]


def test_documents_can_be_limited_to_a_number_and_a_corpus(write_config: WriteConfig, texts: Path) -> None:
    second = f'[[corpora]]\nname = "second"\nformat = "text"\npaths = [{json.dumps(str(texts / "03.txt"))}]\n'
    config = write_config(corpus=second)
    assert len(read_lines(run("documents", "--json", config, "--limit", "5"))) == 5
    assert [line["corpus"] for line in read_lines(run("documents", "--json", config, "--corpus", "second"))] == [
        "second"
    ]
    check_error(run("documents", config, "--corpus", "secnd"), "unknown corpus 'secnd': did you mean 'second'?")


@pytest.mark.parametrize("limit", [0, -1, 1.5, 10**23])
def test_a_limit_that_is_no_number_of_documents_is_refused(write_config: WriteConfig, limit: float) -> None:
    with pytest.raises(ConfigError, match=r"limit must be (a|below)"):
        next(xlnet_data.documents(write_config(), limit=limit))  # type: ignore[arg-type]
    assert "limit" in run("documents", write_config(), "--limit", str(limit)).stderr


@pytest.mark.parametrize("name", [*main.commands])
def test_an_empty_path_is_no_default_and_no_current_folder(name: str) -> None:
    command = main.commands[name]
    paths = [param for param in command.params if isinstance(param.type, click.Path)]
    needed = [param for param in command.params if param.required]
    for empty in paths:
        given: list[str] = []
        for param in {*needed, empty}:
            value = "" if param is empty else "x"
            given += [value] if isinstance(param, click.Argument) else [param.opts[0], value]
        refused = run(name, *given)
        assert refused.exit_code == 2
        assert "a path must not be empty" in refused.stderr, (empty.name, refused.stderr)
    named = {"output", "html", "export_hf", "config", "folder", "dataset", "run", "task", "dev", "test", "model"}
    assert {param.name for param in command.params} & named <= {param.name for param in paths}


def test_an_empty_path_is_refused_in_python_too(write_config: WriteConfig, tmp_path: Path) -> None:
    for use in (
        lambda: xlnet_data.build_corpus(write_config(), ""),
        lambda: xlnet_data.init(tmp_path, output=""),
        lambda: xlnet_data.train_smoke(tmp_path, ""),
        lambda: xlnet_data.finetune(tmp_path, task="task.tsv", output=""),
        lambda: xlnet_data.ablate(write_config(), ""),
    ):
        with pytest.raises(ConfigError, match="output must be a path: got ''"):
            use()


def test_documents_shows_how_long_a_text_is_and_how_it_begins_or_all_of_it(
    write_config: WriteConfig, texts: Path
) -> None:
    config = write_config()
    text = read_lines(run("documents", "--json", config, "--limit", "1"))[0]["text"]
    preview, full = (run("documents", config, "--limit", "1", *more).stdout for more in ((), ("--full",)))
    assert f"{len(text):,} characters" in preview
    assert " more characters" in preview
    words = text.split()
    assert " ".join(words[:20]) in " ".join(preview.split())
    assert " ".join(words[-20:]) not in " ".join(preview.split())
    assert " ".join(words) in " ".join(full.split())


def test_documents_can_be_those_of_a_reason_with_what_led_to_it(write_config: WriteConfig, texts: Path) -> None:
    (texts / "short.txt").write_text("Two words.")
    try:
        config = write_config(corpus="filters = {min_words = 5}\n")
        found = read_lines(run("documents", "--json", config, "--reason", "too_short"))
        assert ("short.txt", "2 words, min_words = 5") in [(line["doc_id"], line["cause"]) for line in found]
        assert {line["reason"] for line in found} == {"too_short"}
        assert "dropped, too_short: 2 words, min_words = 5" in run("documents", config, "--with-rejected").stdout
        check_error(run("documents", config, "--reason", "to_short"), "did you mean 'too_short'?")
        check_error(run("documents", config, "--reason", "near_duplicate"), "build with rejects = true in [output]")
        check_error(run("documents", config, "--reason", "duplicate"), "set exact = true in [deduplication]")
    finally:
        (texts / "short.txt").unlink()


@pytest.mark.parametrize(
    ("filters", "options", "said"),
    [
        ("", ["--reason", "language", "--reason", "too_short"], "no document is dropped as language or too_short\n"),
        ("filters = {min_words = 99999}\n", ["--json"], "no document is kept: --with-rejected shows those that are "),
    ],
)
def test_documents_says_that_there_is_none(
    write_config: WriteConfig, texts: Path, filters: str, options: list[str], said: str
) -> None:
    shown = run("documents", write_config(corpus=filters), *options)
    assert (shown.stdout, shown.stderr[: len(said)]) == ("", said)


def test_documents_shows_texts_that_were_read_before_and_where_near_ones_are_to_be_seen(
    write_config: WriteConfig, texts: Path
) -> None:
    second = f'[[corpora]]\nname = "second"\nformat = "text"\npaths = [{json.dumps(str(texts / "03.txt"))}]\n'
    config = write_config(corpus=second, sections=f"{SMALL_EXAMPLES}[deduplication]\nexact = true\nnear = true\n")
    shown = run("documents", "--json", config, "--with-rejected", "--reason", "duplicate")
    (line,) = read_lines(shown)
    assert (line["corpus"], line["doc_id"]) == ("second", "03.txt")
    assert line["cause"] == "the text of '03.txt' of corpus 'texts'; a build keeps one of that corpus, drawn by a hash"
    assert shown.stderr.startswith("near-duplicates are known once all is read: build with rejects = true")
    assert "duplicate" not in {line["reason"] for line in read_lines(run("documents", "--json", config))}


def test_documents_can_be_seen_as_the_vocabulary_sees_them(write_config: WriteConfig, texts: Path) -> None:
    (texts / "accents.txt").write_text("Un café.\x1b[31m Deux thés.", encoding="utf-8")
    try:
        (line,) = [
            line
            for line in read_lines(run("documents", "--json", write_config(), "--cleaned"))
            if line["doc_id"] == "accents.txt"
        ]
        assert line["text"] == "Un cafe.\n[31m Deux thes."
    finally:
        (texts / "accents.txt").unlink()


def test_a_tokenizer_is_trained_twice_alike_and_a_build_trains_the_same_one(
    write_config: WriteConfig, tmp_path: Path
) -> None:
    config = write_config(tokenizer="vocab_size = 200")
    for name in ("one.model", "two.model"):
        result = run("train-tokenizer", config, "--output", tmp_path / name)
        assert result.exit_code == 0, result.stderr
    assert (tmp_path / "one.model").read_bytes() == (tmp_path / "two.model").read_bytes()
    assert build(config, tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / "spiece.model").read_bytes() == (tmp_path / "one.model").read_bytes()
    assert Tokenizer.load(str(tmp_path / "one.model"), TokenizerSettings()).vocab_size == 200


def test_a_tokenizer_is_written_under_a_name_without_a_folder(
    write_config: WriteConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(tokenizer="vocab_size = 300")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    result = run("train-tokenizer", config, "--output", "small.model")
    assert result.exit_code == 0, result.output
    assert os.listdir() == ["small.model"]


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("texts.txt/small.model", "'texts.txt' is a file, not a folder"),
        ("x" * 230, "File name too long"),  # with what is behind it while it is written
        ("folder/", "it names a folder; name a file in it"),
        ("pipe", "it is a pipe or a device; name a file"),
        ("https://example.org/small.model", "web servers take no files"),
        ("nowhere://bucket/small.model", "cannot write nowhere://bucket/small.model"),
    ],
)
def test_an_output_that_cannot_be_written_is_named_before_any_text_is_read(
    write_config: WriteConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, cause: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts.txt").touch()
    os.mkfifo(tmp_path / "pipe")
    result = run("train-tokenizer", write_config(paths="unread/*", tokenizer="vocab_size = 300"), "--output", output)
    assert result.exit_code == 1
    assert cause in result.output


def test_a_vocabulary_replaces_another_one_and_no_other_file(write_config: WriteConfig, tmp_path: Path) -> None:
    config = write_config(tokenizer="vocab_size = 300")
    before = config.read_bytes()
    check_error(run("train-tokenizer", config, "--output", config), "is there already and is no model")
    assert config.read_bytes() == before
    for _ in range(2):
        assert run("train-tokenizer", config, "--output", tmp_path / "small.model").exit_code == 0


def test_a_vocabulary_that_the_text_cannot_fill_is_an_error(write_config: WriteConfig, tmp_path: Path) -> None:
    config = write_config(tokenizer="vocab_size = 30000")
    result = run("train-tokenizer", config, "--output", tmp_path / "big.model")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert "vocab_size" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "big.model").exists()


def test_inspect_shows_segments_targets_and_order(write_small_dataset: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_small_dataset(tmp_path / "data")
    result = run("inspect", folder, "--lane", "1", "--step", "2")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("lane 1 of train, step 2 of ")
    assert "read backward" in lines[0]
    assert "reuse, 32 tokens" in lines
    assert "order" in lines


def test_the_version_is_told() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert f"version {version('xlnet-data')}" in result.stdout
