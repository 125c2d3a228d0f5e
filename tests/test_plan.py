"""The plan: what a build would give, told from a sample, beside what it gives."""

import gzip
import json
import math
import os
import random
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.config_files import load_config
from xlnet_data.errors import ConfigError
from xlnet_data.estimates import builds as estimates
from xlnet_data.estimates import corpora as samples
from xlnet_data.ingestion.placing import tokenize_documents
from xlnet_data.ingestion.reading import filter_documents, read_documents
from xlnet_data.ingestion.tasks import list_tasks
from xlnet_data.text import word_tables
from xlnet_data.text.tokenizer import Tokenizer

EXAMPLES = "[examples]\nseq_len = 64\nreuse_len = 32\n[lanes]\nlane_tokens = 4096\n"


@pytest.fixture
def write_project(tmp_path: Path, small_model: Path, invent: Callable[..., str]) -> Callable[..., Path]:
    """Return a function that writes a corpus of small files and a config, and returns the config's path."""

    def write(num_files: int = 40, more: str = EXAMPLES, model: str | None = str(small_model), copies: int = 1) -> Path:
        (tmp_path / "corpus").mkdir()
        for number in range(num_files):
            (tmp_path / "corpus" / f"{number:03}.txt").write_text(
                "\n".join(invent(number, 4 + number % 9) for _ in range(copies))
            )
        section = f'model = "{model}"\n' if model else ""
        config = tmp_path / "config.toml"
        corpus = '[[corpora]]\nname = "c"\nformat = "text"\npaths = ["corpus/*"]\n'
        config.write_text(f"[tokenizer]\n{section}{corpus}{more}")
        return config

    return write


def give(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["plan", *map(str, arguments)])


def plan(*arguments: object) -> Any:
    result = give(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def count(path: Path) -> tuple[int, int, int]:
    """Return the documents, tokens and spool bytes that reading all of a config's corpora gives."""
    config = load_config(str(path))
    assert config.tokenizer.model is not None
    tokenizer = Tokenizer.load(config.tokenizer.model, config.tokenizer)
    documents = [
        document
        for task in list_tasks(config)
        for file_range in task.ranges
        for document in read_documents(file_range, config.corpora[0])
    ]
    kept = filter_documents(documents, config.corpora[0])
    tokenized = tokenize_documents(kept, config.corpora[0], tokenizer, config)
    counts = tokenized.tally.counts
    return counts["c", "kept"], counts["c", "tokens"], tokenized.rows.nbytes


def test_a_corpus_that_is_sampled_whole_is_counted_exactly(
    write_project: Callable[..., Path], monkeypatch: Any
) -> None:
    monkeypatch.setattr(samples, "ENOUGH_UNITS", 1000)
    config = write_project()
    [corpus] = plan(config)["corpora"]
    documents, tokens, spool_bytes = count(config)
    assert (corpus["documents_read"], corpus["documents_kept"], corpus["tokens"]) == (40, documents, tokens)
    assert corpus["sampled_frac"] == 1
    assert corpus["relative_error"] == 0
    assert corpus["spool_bytes"] == pytest.approx(spool_bytes, rel=0.3)


def test_a_few_splits_tell_the_whole_within_a_fifth(write_project: Callable[..., Path]) -> None:
    config = write_project(num_files=200)
    estimate = plan(config, "--seconds", 0.2)
    [corpus] = estimate["corpora"]
    documents, tokens, _ = count(config)
    assert corpus["sampled_frac"] < 0.9
    assert corpus["tokens"] == pytest.approx(tokens, rel=0.2)
    assert corpus["documents_kept"] == pytest.approx(documents, rel=0.2)
    assert estimate["examples"]["train"] == pytest.approx(2 * 0.995 * tokens / 32, rel=0.25)
    assert estimate["lanes"]["train"] == pytest.approx(tokens / 4096, rel=0.25)
    assert estimate["largest_batch"] == 2 * estimate["lanes"]["train"]


def test_the_head_of_a_compressed_file_stands_for_all_of_it(
    write_project: Callable[..., Path], monkeypatch: Any
) -> None:
    monkeypatch.setattr(samples, "COMPRESSED_BYTES", 20_000)
    config = write_project(num_files=0, more='documents = "blank-line"\n' + EXAMPLES)
    draw = random.Random(0)
    words = ["".join(draw.choices("abcdefghij", k=5)) for _ in range(5000)]
    text = "\n\n".join(" ".join(draw.choices(words, k=200)) for _ in range(300))
    (config.parent / "corpus" / "all.gz").write_bytes(gzip.compress(text.encode()))
    [corpus] = plan(config)["corpora"]
    documents, tokens, _ = count(config)
    assert corpus["sampled_frac"] < 0.3
    assert corpus["documents_kept"] == pytest.approx(documents, rel=0.1)
    assert corpus["tokens"] == pytest.approx(tokens, rel=0.1)


def test_without_a_model_tokens_are_guessed_and_the_plan_says_so(write_project: Callable[..., Path]) -> None:
    estimate = plan(write_project(model=None))
    [corpus] = estimate["corpora"]
    assert not estimate["has_vocabulary"]
    assert corpus["tokens"] == pytest.approx(corpus["text_bytes"] / 4.2, rel=0.01)
    assert any("the config names no model" in warning for warning in estimate["warnings"])


def test_the_vocabulary_of_a_plan_may_lie_where_that_of_a_build_may(
    write_project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_project()
    model = tomllib.loads(config.read_text())["tokenizer"]["model"]
    monkeypatch.setenv("HOME", os.path.dirname(model))
    expected = plan(config)["corpora"][0]["tokens"]
    for place in (f"~/{os.path.basename(model)}", f"file://{model}"):
        config.write_text(config.read_text().replace(model, place))
        assert plan(config)["corpora"][0]["tokens"] == expected
        model = place


def test_folders_that_a_glob_passes_over_are_counted(write_project: Callable[..., Path]) -> None:
    config = write_project()
    (config.parent / "corpus" / "more.txt").mkdir()
    (config.parent / "corpus" / "more.txt" / "a.txt").write_text("It was late.")
    assert any("1 folder with 1 file in them" in warning for warning in plan(config)["warnings"])


def test_a_sample_of_files_is_scaled_to_the_whole_in_the_same_mix(write_project: Callable[..., Path]) -> None:
    config = write_project()
    small, large = plan(config), plan(config, "--scale-to", 1e12)
    assert sum(corpus["input_bytes"] for corpus in large["corpora"]) == 1_000_000_000_000
    scale = 1e12 / sum(corpus["input_bytes"] for corpus in small["corpora"])
    assert large["corpora"][0]["tokens"] == pytest.approx(scale * small["corpora"][0]["tokens"], rel=0.2)
    assert large["output_bytes"] == pytest.approx(scale * small["output_bytes"], rel=0.3)


@pytest.mark.parametrize(
    ("more", "warning"),
    [
        ("[examples]\nseq_len = 65000\n", "the build would stop: too little text for one example"),
        ("[lanes]\nlane_tokens = 1048576\n", "the text makes 1 lane, so no batch can have more than 2 rows"),
        ("[lanes]\nlane_tokens = 1048576\n[output]\ndev_frac = 0.0001\n", "tokens fall into the dev split"),
        (EXAMPLES.replace("4096", "1024"), "a lane holds few of them"),
        ("[deduplication]\nexact = true\n", "duplicates are not looked for here"),
        ('filters = {preset = "none", min_words = 100000}\n', "gives no document"),
    ],
)
def test_what_will_not_work_is_said(write_project: Callable[..., Path], more: str, warning: str) -> None:
    result = give(write_project(more=more))
    assert result.exit_code == 0
    assert warning in result.stderr
    is_built = "the build would stop" not in result.stderr
    assert ("xlnet-data build-corpus" in result.stdout) == is_built  # no next step that would end in an error


def test_files_without_a_byte_are_counted_as_the_documents_that_they_are(write_project: Callable[..., Path]) -> None:
    config = write_project(num_files=0)
    for name in "ab":
        (config.parent / "corpus" / f"{name}.txt").touch()
    [corpus] = plan(config)["corpora"]
    assert corpus["documents_dropped"] == {"empty": 2}


def test_no_lanes_are_advised_that_would_hold_too_few_documents_for_negative_pairs(
    write_project: Callable[..., Path],
) -> None:
    estimate = plan(
        write_project(more="[lanes]\nlane_tokens = 1048576\n[examples]\nseq_len = 64\nreuse_len = 32\n", copies=6)
    )
    [corpus] = estimate["corpora"]
    (found,) = [warning for warning in estimate["warnings"] if "the text makes 1 lane," in warning]
    fitting, rows = map(int, re.findall(r"lower lane_tokens to (\d+) for (\d+) rows, and add text for more", found)[0])
    assert fitting >= 8 * corpus["tokens"] / corpus["documents_kept"]
    assert rows == 2 * round(estimate["tokens"]["train"] / fitting) < 32


def test_a_corpus_without_sentence_ends_is_told_with_the_share_of_positive_pairs(
    write_project: Callable[..., Path],
) -> None:
    config = write_project()
    for path in (config.parent / "corpus").iterdir():
        path.write_text(re.sub(r"[.!?\s]+", " ", path.read_text()))
    (found,) = [warning for warning in plan(config)["warnings"] if "will be positive, about half should be" in warning]
    share = int(re.findall(r"about (\d+)% of the pairs of corpus 'c'", found)[0])
    assert share < 20
    assert 'set sentences = "line"' in found


def test_a_disk_with_too_little_room_is_named_and_so_is_a_folder_that_cannot_be_written(
    write_project: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_project()
    assert "free and the build needs" in give(config, "--scale-to", 1e18, "--output", tmp_path / "new" / "data").stderr
    assert "free and the build needs" not in give(config, "--output", tmp_path / "new" / "data").stderr
    monkeypatch.setattr(os, "access", lambda folder, _: folder != str(tmp_path))
    said = " ".join(give(config, "--output", tmp_path / "new" / "data").stderr.split())
    assert f"{tmp_path} cannot be written" in said


def test_a_dataset_that_is_there_and_a_file_in_the_place_of_its_folder_are_told(
    write_project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_project()
    monkeypatch.chdir(config.parent)  # long paths are broken at the end of a line
    assert "config.toml is a file" in " ".join(give(config, "--output", config.name).stderr.split())
    Path("data").mkdir()
    assert "already" not in give(config, "--output", "data").stderr
    Path("data", "manifest.json").touch()
    said = " ".join(give(config, "--output", "data").stderr.split())
    assert "data holds a dataset already: choose another place, or build with --overwrite" in said


def test_the_table_shows_each_corpus_and_what_the_build_takes(write_project: Callable[..., Path]) -> None:
    result = give(write_project(), "--workers", 3)
    assert result.exit_code == 0
    for expected in ("corpus", "tokens", "spool", "lanes", "largest batch", "with 3 workers", "per worker"):
        assert expected in result.stdout


def test_it_says_why_sentencepiece_must_give_all_ids(
    write_project: Callable[..., Path], small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "copy.model"  # of its own: a model that is loaded keeps its table
    model.write_bytes(small_model.read_bytes())
    config = write_project(model=str(model))
    monkeypatch.setattr(word_tables, "_word_table", None)
    assert "there was no C compiler" in plan(config)["slow_because"]
    assert "by SentencePiece alone, which takes longer" in give(config).stdout


@pytest.mark.parametrize(
    "change",
    [{"workers": 0}, {"workers": -1}, {"workers": 1.5}, {"seconds": -1.0}, {"scale_to": -1.0}, {"seconds": math.nan}],
)
def test_a_number_out_of_range_is_refused(write_project: Callable[..., Path], change: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=f"{next(iter(change))} must be a"):
        xlnet_data.plan(write_project(), **change)  # type: ignore[arg-type]


def test_more_workers_than_tasks_do_not_shorten_the_time(write_project: Callable[..., Path]) -> None:
    config = write_project()
    one, many = plan(config, "--workers", 1), plan(config, "--workers", 64)
    assert many["wall_secs"] > estimates.START_SECS
    assert many["wall_secs"] - estimates.START_SECS > 0.3 * (one["wall_secs"] - estimates.START_SECS)


def test_a_corpus_most_of_which_lies_in_few_large_files_is_not_judged_by_its_small_ones(
    write_project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "ENOUGH_DOCUMENTS", 8)
    monkeypatch.setattr(samples, "ENOUGH_ERROR", 1.0)
    config = write_project(
        num_files=60, more='documents = "blank-line"\nfilters = {preset = "none", min_words = 5}\n' + EXAMPLES
    )
    (config.parent / "corpus" / "large.txt").write_text("Two words.\n\n" * 1_000)
    estimate = plan(config)
    [corpus] = estimate["corpora"]
    assert corpus["sampled_frac"] < 1
    assert any("dropped as too_short" in warning for warning in estimate["warnings"])


def test_a_sample_goes_on_until_it_has_seen_enough_documents_and_says_how_many(
    write_project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "ENOUGH_ERROR", 1.0)
    config = write_project()
    assert plan(config)["corpora"][0]["sampled_documents"] == 40
    monkeypatch.setattr(samples, "ENOUGH_DOCUMENTS", 17)
    [corpus] = plan(config)["corpora"]
    assert corpus["sampled_documents"] == 17
    assert corpus["documents_read"] > 17
    assert re.search(r"docu-\s*\n.*ments\s.*\n.*seen.*\n[^\n]*\n *c +\S+ kB +\S+% +17 ", give(config).stdout)


def test_a_plan_from_the_beginnings_of_a_few_files_says_so(
    write_project: Callable[..., Path], invent: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "COMPRESSED_BYTES", 1_000)
    config = write_project(num_files=0, more='documents = "blank-line"\n' + EXAMPLES)
    path = config.parent / "corpus" / "all.gz"
    path.write_bytes(gzip.compress("\n\n".join(invent(number, 60) for number in range(20)).encode()))
    said = "of corpus 'c' only the beginnings of files were looked at, "
    assert any(warning.startswith(said) for warning in plan(config)["warnings"])
    monkeypatch.setattr(samples, "COMPRESSED_BYTES", 1_000_000)
    assert not any(warning.startswith(said) for warning in plan(config)["warnings"])
