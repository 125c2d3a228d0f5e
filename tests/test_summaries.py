"""What people are told of a dataset: the last screen of a build, the report, and the card that programs read too."""

import dataclasses
import io
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len
from rich.console import Console

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.cli.summaries import print_summary
from xlnet_data.config import BuildConfig, without_tolerance
from xlnet_data.config_files import parse_config
from xlnet_data.datasets.advice import warn_of_shares
from xlnet_data.datasets.cards import make_card, write_card
from xlnet_data.datasets.config_texts import config_to_toml
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.summaries import Summary, next_commands, summarize, summary_of
from xlnet_data.errors import ConfigError
from xlnet_data.schemas.manifest import DroppedSample, DuplicateGroup, DuplicateGroups, Manifest

HOSTILE = "<script>alert(1)</script>`|[bold red]marked[/]\x1b[31m \u202e# a very long name of a document that goes on"


@pytest.fixture
def manifest(write_small_dataset: Callable[..., Path], tmp_path: Path) -> Manifest:
    """Return a manifest of two corpora, one of which lost most of its documents."""
    found = read_manifest(write_small_dataset(tmp_path / "data"))
    samples = {
        "too_short": [
            DroppedSample(f"{HOSTILE} {i}", f"{i} words, min_words = 50", HOSTILE, HOSTILE) for i in range(3)
        ],
        "language": [DroppedSample("page", "fr, language = en", "Il était une fois", "Un conte")],
    }
    good = dataclasses.replace(
        found.corpora["invented"], tokens=900, document_lens={"64": 1, "256": 8}, sentence_lens={"8": 30}
    )
    bad = dataclasses.replace(
        good,
        documents_read=20_107,
        documents_kept=7,
        documents_dropped={"duplicate": 98, "language": 2, "too_short": 20_000},
        tokens=100,
        unknown_frac=0.339,
        changed_letter_frac=0.12,
        dropped_samples=samples,
    )
    config = found.config | {"corpora": [corpus | {"license": "CC0-1.0"} for corpus in found.config["corpora"]]}
    config["corpora"].append(config["corpora"][0] | {"name": "中文网页 crawl", "license": "", "language": "zh"})
    warnings = [f"33.9% of the tokens of corpus {HOSTILE!r} are <unk>, text that the vocabulary lacks"]
    groups = DuplicateGroups({"64": 1}, [DuplicateGroup(99, "中文网页 crawl", "w1", HOSTILE)])
    corpora = {"invented": good, "中文网页 crawl": bad}
    return dataclasses.replace(found, config=config, corpora=corpora, warnings=warnings, duplicate_groups=groups)


def screen(summary: Summary, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_summary(summary, console, next_commands("data", summary))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("width", [80, 120])
def test_the_last_screen_fits_the_terminal_and_says_all_that_matters(manifest: Manifest, width: int) -> None:
    lines = screen(summary_of(manifest), width)
    tabled = [line for line in lines if not line.startswith("Warning")]
    assert max(cell_len(line.rstrip()) for line in tabled) <= width
    text = " ".join(" ".join(lines).split())  # lines are broken anywhere
    for expected in ("20.1k", "20k", " 98 ", "10%", "34%", "12%", "too_short 20k, duplicate 98, language 2"):
        assert expected in text
    assert "0 words, min_words = 50" in text
    assert "fr, language = en" in text
    assert "page (Un conte) language: fr, language = en" in text
    assert "share wanted" not in text
    assert "half of them below 512" in text
    assert "xlnet-data verify data" in text
    assert "\x1b[31m" not in text
    assert "\u202e" not in text
    joined = "".join("".join(lines).split())
    said = "1group:1of64to127documents;thelargesthas99,ofwhich'w1'('<script>alert(1)</script>`|[boldred]marked[/]"
    assert said in joined


def test_training_is_proposed_only_where_a_split_to_measure_on_has_examples(manifest: Manifest) -> None:
    summary = summary_of(manifest)
    assert next_commands("my data", summary)[2:] == ("xlnet-data train-smoke 'my data'",)
    train, dev = summary.splits
    no_dev = dataclasses.replace(summary, splits=(train, dataclasses.replace(dev, examples=0)))
    assert next_commands("data", no_dev) == ("xlnet-data verify data", "xlnet-data inspect data")


def test_three_dropped_documents_are_shown_of_as_many_reasons_as_there_are(manifest: Manifest) -> None:
    (good, bad) = summary_of(manifest).corpora
    assert good.samples == ()
    assert [reason for reason, _ in bad.samples] == ["too_short", "language", "too_short"]
    assert (bad.num_dropped, bad.num_duplicates) == (20_100, 98)


def test_the_report_says_what_the_manifest_says(write_small_dataset: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_small_dataset(tmp_path / "data")
    report = xlnet_data.report(folder)
    assert report == summarize(str(folder)) == summary_of(read_manifest(folder))
    run = CliRunner().invoke(main, ["report", str(folder), "--json"])
    assert json.loads(run.stdout) == json.loads(json.dumps(dataclasses.asdict(report)))
    shown = CliRunner().invoke(main, ["report", str(folder)], env={"COLUMNS": "80"})
    assert f"{report.splits[0].examples:,} examples" in shown.stdout


@pytest.mark.parametrize("command", ["report", "inspect"])
def test_a_terminal_that_says_it_has_no_columns_is_written_to_as_a_file_is(
    write_small_dataset: Callable[..., Path], tmp_path: Path, command: str
) -> None:
    folder = write_small_dataset(tmp_path / "data")
    shown, expected = (CliRunner().invoke(main, [command, str(folder)], env={"COLUMNS": text}) for text in ("0", None))
    assert shown.stdout == expected.stdout
    assert len(shown.stdout) > 500


def test_a_narrow_terminal_is_shown_every_number(write_small_dataset: Callable[..., Path], tmp_path: Path) -> None:
    folder = write_small_dataset(tmp_path / "data")
    report = xlnet_data.report(folder)
    shown = CliRunner().invoke(main, ["report", str(folder)], env={"COLUMNS": "20"}).stdout
    assert "…" not in shown
    assert f" {report.corpora[0].documents_kept} " in shown


def test_how_long_the_build_took_is_told_where_it_is_known(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data")
    times = {"wall_secs": 754.0, "vocabulary_secs": 4.0, "read_secs": 500.0, "write_secs": 250.0}
    rest = {"text_bytes": 10**9, "workers": 2, "is_resumed": True}
    slow = {"slow_because": "it is not a unigram model"}
    (folder / "build.json").write_text(json.dumps(times | rest | slow))
    text = "\n".join(screen(summarize(str(folder)), 120))
    assert "12 min 34 s with 2 workers: vocabulary 4 s, reading 8 min 20 s, writing 4 min 10 s, 2.0 MB" in text
    assert "an earlier part of the build did the rest" in text
    assert "the ids by SentencePiece alone, which takes longer: it is not a unigram model" in text
    for damaged in ("{", "[1]", '{"wall_secs": "1"}'):
        (folder / "build.json").write_text(damaged)
        assert summarize(str(folder)).times is None


def test_a_card_names_splits_licences_languages_and_shows_text_from_outside_as_it_is(manifest: Manifest) -> None:
    card = make_card(manifest)
    _, head, body = card.split("---\n", 2)
    assert "- split: train\n    path: train/*.arrow" in head
    assert 'language:\n- "en"\n- "zh"' in head
    assert 'license:\n- "cc0-1.0"\n- "unknown"' in head
    assert "| `中文网页 crawl` | text | not stated | 20,107 | 7 | 20,002 | 98 | 100 | 10.0% | 33.90% | 12.00% |" in body
    assert "0 words, min_words = 50" in body
    assert "xlnet_data.open_dataset" in body
    spans = body.replace("`` <script>alert(1)</script>`", "")  # in a code span it has no meaning
    assert "<script>" not in spans
    assert "1 group: 1 of 64 to 127 documents; the largest has 99, of which 'w1' ('\\<script\\>" in body
    assert not {"\x1b", "\u202e"} & {*card}


def with_share(manifest: Manifest, *shares: float | None) -> Manifest:
    corpora = [c | {"share": share} for c, share in zip(manifest.config["corpora"], shares, strict=True)]
    return dataclasses.replace(manifest, config=manifest.config | {"corpora": corpora})


@pytest.mark.parametrize("width", [80, 120])
def test_a_wanted_share_stands_beside_the_one_it_is_on_screen_card_and_page(manifest: Manifest, width: int) -> None:
    wanting = with_share(manifest, None, 0.25)
    summary = summary_of(wanting)
    assert [(corpus.tokens_frac, corpus.wanted_frac) for corpus in summary.corpora] == [(0.9, 0.75), (0.1, 0.25)]
    lines = screen(summary, width)
    assert max(cell_len(line.rstrip()) for line in lines if not line.startswith("Warning")) <= width
    assert any("10%     25%" in line for line in lines)
    assert "| 100 | 10.0% | 25.0% |" in make_card(wanting)


SHARED = [
    ((0.25, None), (900, 100), (1.0, 1.0), [("a", 0.037)]),
    ((0.4, 0.6), (500, 500), (2.0, 1.0), [("a", 1.6), ("b", 1.2)]),
    ((0.52, None), (500, 500), (1.0, 1.0), []),
    ((None, None), (900, 100), (1.0, 1.0), []),
    ((0.5, None), (0, 100), (1.0, 1.0), []),
]


@pytest.mark.parametrize(("shares", "tokens", "epochs", "expected"), SHARED)
def test_shares_far_from_the_wanted_ones_are_told_with_the_epochs_that_would_help(
    shares: tuple[float | None, ...],
    tokens: tuple[int, ...],
    epochs: tuple[float, ...],
    expected: list[tuple[str, float]],
) -> None:
    keys = ({"epochs": often} | ({} if share is None else {"share": share}) for often, share in zip(epochs, shares))  # noqa: B905
    named = zip("ab", keys, strict=True)
    config = parse_config(
        {"corpora": [{"name": name, "format": "text", "paths": ["*"]} | rest for name, rest in named]}, "."
    )
    found = list(warn_of_shares(config, dict(zip("ab", tokens, strict=True))))
    assert [(w.split("'")[1], float(w.split("epochs = ")[1].split()[0])) for w in found] == expected
    # with these epochs the shares are the wanted ones
    helped = dict(expected)
    counts = {
        name: count * helped.get(name, often) / often for name, count, often in zip("ab", tokens, epochs, strict=True)
    }
    for name, share in zip("ab", shares, strict=True):
        if name in helped:
            assert counts[name] / sum(counts.values()) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((0.7, 0.4), "must sum to at most 1: got 1.1"),
        ((1.0, None), "sum to 1 and leave nothing for 'b'"),
        ((0.5, 0.3), "must sum to 1 then: got 0.8"),
        ((0.0, None), "above 0 and at most 1: got share=0.0 in 'a'"),
    ],
)
def test_shares_that_leave_no_room_for_one_another_are_refused(shares: tuple[float | None, ...], said: str) -> None:
    corpora = [
        {"name": name, "format": "text", "paths": ["*"]} | ({} if share is None else {"share": share})
        for name, share in zip("ab", shares, strict=True)
    ]
    with pytest.raises(ConfigError, match=re.escape(said)):
        parse_config({"corpora": corpora}, ".")


def test_a_split_without_examples_is_no_split_for_other_programs(manifest: Manifest) -> None:
    empty = dataclasses.replace(manifest.splits["dev"], examples=0)
    head = make_card(dataclasses.replace(manifest, splits=manifest.splits | {"dev": empty})).split("---\n")[1]
    assert "split: dev" not in head


def test_a_card_is_the_same_on_every_writing(manifest: Manifest, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_card(manifest, str(tmp_path / name))
    assert (tmp_path / "one" / "README.md").read_bytes() == (tmp_path / "two" / "README.md").read_bytes()


CONFIGS = {
    "plain": {"corpora": [{"name": "a", "format": "text", "paths": ["*.txt"]}]},
    "changed": {
        "seed": 3,
        "tokenizer": {"vocab_size": 500, "keep_accents": True, "model": 'a "quoted" \\ name\x7f\n'},
        "examples": {"seq_len": 64, "reuse_len": 32, "k": 6.5, "recipe": "reference"},
        "lanes": {"lane_tokens": 4096},
        "deduplication": {"near": True, "threshold": 0.7, "exact": False},
        "output": {"dev_frac": 0.0, "compression": "zstd"},
        "corpora": [
            {
                "name": "c",
                "format": "commoncrawl-wet",
                "paths": ["c"],
                "filters": "gopher",
                "epochs": 0.5,
                "share": 0.2,
            },
            {"name": "w", "format": "text", "paths": ["a", "b"], "filters": {"preset": "web", "min_words": 9}},
            {"name": "j", "format": "jsonl", "paths": ["a"], "text_field": "body", "license": "MIT", "language": "fr"},
            {
                "name": "b",
                "format": "text",
                "paths": ["b"],
                "filters": {"bad_words": ["x", "é"], "max_top_ngram": [0.2]},
            },
        ],
    },
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_as_toml_is_read_as_the_same_config(name: str) -> None:
    config: BuildConfig = parse_config(CONFIGS[name], ".")
    again = parse_config(tomllib.loads(config_to_toml(config)), ".")
    assert without_tolerance(again) == without_tolerance(config)
    assert again.fingerprint() == config.fingerprint()
    assert "preset" not in config_to_toml(parse_config(CONFIGS["plain"], "."))
