"""A damaged dataset is mended by the command that verify names, and by nothing that would change it."""

import hashlib
import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

import xlnet_data
from xlnet_data import repairs
from xlnet_data.cli import main
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.pipelines.local.folder import HeldFolder

SETTINGS = "[examples]\nseq_len = 64\nreuse_len = 32\n[lanes]\nlane_tokens = 1024\n[output]\ndev_frac = 0.1\n"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def sums_of(folder: Path) -> dict[str, str]:
    """Return the sha256 of the files that a build gives again; build.json holds its times."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "build.json"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, small_model: Path, invent: Callable[..., str]) -> Path:
    folder = tmp_path_factory.mktemp("mended")
    for number in range(12):
        (folder / f"{number}.txt").write_text(invent(number).replace("\n\n", "\n") + "\n", encoding="utf-8")
    corpus = '[[corpora]]\nname = "texts"\nformat = "text"\npaths = ["*.txt"]\n'
    config = f"[tokenizer]\nmodel = {json.dumps(str(small_model))}\n{corpus}{SETTINGS}"
    (folder / "corpus.toml").write_text(config, encoding="utf-8")
    xlnet_data.build_corpus(folder / "corpus.toml", folder / "data", workers=0)
    return folder


def test_what_verify_advises_of_a_damaged_shard_and_a_missing_one_brings_back_their_bytes(built: Path) -> None:
    data, before = built / "data", sums_of(built / "data")
    first, second = sorted((data / "train").iterdir())[:2]
    first.write_bytes(first.read_bytes()[:-9])
    second.unlink()
    kept = sorted((data / "train").iterdir())[-1].stat()
    refused = run("verify", data)
    assert refused.exit_code == 1
    advised = re.search(r"replace just that: xlnet-data (.*) CONFIG", refused.stderr)
    assert advised, refused.stderr
    mended = run(*shlex.split(advised[1]), built / "corpus.toml", "--workers", "0")
    assert mended.stdout.split() == [f"train/{first.name}", f"train/{second.name}"], mended.stderr
    assert sums_of(data) == before
    assert sorted((data / "train").iterdir())[-1].stat().st_ino == kept.st_ino
    assert run("verify", data).exit_code == 0
    assert {path.name for path in built.iterdir() if path.is_dir()} == {"data"}
    assert xlnet_data.repair(data, built / "corpus.toml") == []


def test_nothing_is_replaced_if_the_config_or_the_input_is_another(built: Path) -> None:
    data, config = built / "data", (built / "corpus.toml").read_text()
    shard = sorted((data / "train").iterdir())[0]
    (built / "other.toml").write_text("seed = 7\n" + config)
    with pytest.raises(ConfigError, match="was built with another config"):  # of a dataset without damage, too
        xlnet_data.repair(data, built / "other.toml", workers=0)
    whole, damaged = shard.read_bytes(), shard.read_bytes()[:-1]
    shard.write_bytes(damaged)
    with pytest.raises(ConfigError, match="was built with another config"):
        xlnet_data.repair(data, built / "other.toml", workers=0)
    said = {path: path.read_text(encoding="utf-8") for path in built.glob("*.txt")}
    for path, text in said.items():
        path.write_text("One more line.\n" + text, encoding="utf-8")
    with pytest.raises(ShardError, match="comes out otherwise"):
        xlnet_data.repair(data, built / "corpus.toml", workers=0)
    for path, text in said.items():
        path.write_text(text, encoding="utf-8")
    assert shard.read_bytes() == damaged
    shard.write_bytes(whole)


def test_a_repair_that_was_killed_goes_on_with_its_build(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, before = built / "data", sums_of(built / "data")
    shard = sorted((data / "train").iterdir())[0]
    shard.write_bytes(b"")
    with monkeypatch.context() as patch:
        patch.setattr(HeldFolder, "publish", lambda held, manifest: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            xlnet_data.repair(data, built / "corpus.toml", workers=0)
    (left,) = (path for path in built.iterdir() if path.name.startswith("."))
    times = times_in(left / "train")
    with monkeypatch.context() as patch:
        kept: dict[str, int] = {}
        spy = SimpleNamespace(rmtree=lambda folder: kept.update(times_in(Path(folder) / "train")))
        patch.setattr(repairs, "shutil", spy)
        assert xlnet_data.repair(data, built / "corpus.toml", workers=0) == [f"train/{shard.name}"]
    assert kept.items() <= times.items()
    assert len(kept) == len(times) - 1
    assert sums_of(data) == before
    shutil.rmtree(left)


def times_in(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_nothing_is_compared_with_a_manifest_that_was_changed(built: Path) -> None:
    path = built / "data" / "manifest.json"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace('"seed": 0', '"seed": 1'), encoding="utf-8")
    refused = run("repair", built / "data", built / "corpus.toml", "--workers", "0")
    path.write_text(whole, encoding="utf-8")
    assert refused.exit_code == 1
    assert f"the manifest of {built / 'data'} was changed after it was written" in refused.stderr


def test_a_folder_in_the_place_of_a_shard_is_named_and_kept(built: Path) -> None:
    shard = sorted((built / "data" / "train").iterdir())[0]
    shard.rename(built / "whole")
    shard.mkdir()
    refused = run("repair", built / "data", built / "corpus.toml", "--workers", "0")
    assert refused.stderr.splitlines()[-1] == f"Error: cannot write {shard}: Is a directory"
    assert {path.name for path in built.iterdir() if path.is_dir()} == {"data"}
    shard.rmdir()
    (built / "whole").rename(shard)


def test_verify_prints_its_problems_and_warnings_as_json(built: Path) -> None:
    found = run("verify", built / "data", "--fast", "--json")
    assert (found.exit_code, json.loads(found.stdout)["problems"]) == (0, [])
    shard = sorted((built / "data" / "documents").iterdir())[0]
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-1])
    found = run("verify", built / "data", "--fast", "--json")
    shard.write_bytes(whole)
    assert found.exit_code == 1
    assert all(problem.startswith(f"documents/{shard.name}") for problem in json.loads(found.stdout)["problems"])
