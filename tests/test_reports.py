"""The reports of a dataset and of a run: they say what is so, on one page without any script, whatever texts hold."""

import dataclasses
import html
import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.datasets import reports
from xlnet_data.datasets.inspection import Inspection
from xlnet_data.datasets.manifests import read_manifest, write_manifest
from xlnet_data.datasets.report_charts import COUNTED, Curve, curves_of, histogram_of
from xlnet_data.datasets.report_figures import ExampleFigures, promised_span_lens
from xlnet_data.datasets.report_tables import table_of
from xlnet_data.datasets.reports import NUM_SHOWN
from xlnet_data.errors import ShardError
from xlnet_data.examples.layout import ExampleSettings
from xlnet_data.schemas.manifest import BUILD_FILE, BuildTimes, DroppedSample, DuplicateGroup, DuplicateGroups

HOSTILE = "</td><script>alert(1)</script><img src=x onerror=alert(2)>[bold red]\u202e\x1b[31m{{title}}"


class Tags(HTMLParser):
    """Collects the tags of a page and its text, and that they are closed in the order in which they were opened."""

    VOID = ("meta", "img", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[str] = []
        self.pairs: list[tuple[str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.pairs += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def report(folder: Path, page: Path) -> str:
    result = CliRunner().invoke(main, ["report", str(folder), "--output", str(page)])
    assert (result.exit_code, result.stdout) == (0, f"{page}\n"), result.stderr
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(write_small_dataset: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_dataset(tmp_path_factory.mktemp("reported") / "data")


def test_a_report_shows_the_counts_of_the_manifest_and_of_the_examples(folder: Path, tmp_path: Path) -> None:
    page = Tags(report(folder, tmp_path / "report.html"))
    manifest, data = read_manifest(folder), xlnet_data.open_dataset(folder)
    rows = re.sub(r"\s+", " ", page.text)
    for name, split in manifest.splits.items():
        assert name in rows
        assert all(f"{number:,}" in rows for number in (split.examples, split.tokens, split.positive, split.negative))
    assert "Each example has 10 targets of 64 tokens (K = 6): 5 in the reuse part, 5 behind it." in rows
    counts = np.bincount(data.gather(np.arange(len(data)))["input_ids"].ravel())
    assert f"Counted in {len(data):,} examples" in rows  # so few that all are
    assert f"{counts.max() / counts.sum():.1%}" in rows
    shown = Inspection(str(folder), "train").draw(NUM_SHOWN, seed=0)
    assert all(f"Lane {one.lane}, step {one.step}, read" in rows for one in shown)
    assert page.names.count("mark") == sum(len(one.targets) for one in shown)


def test_of_a_large_split_it_is_said_how_much_was_counted(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lanes of few examples make small batches: of a split with many of them, as many examples are counted."""
    first = next(shard.examples for shard in read_manifest(folder).shards if shard.split == "train")
    monkeypatch.setattr(reports, "MAX_SHARDS", 1)
    rows = Tags(report(folder, tmp_path / "report.html")).text
    assert "Lanes of train, in examples, in 1 of its 2 shards" in rows
    assert f"Counted in {first:,} examples" in rows
    assert f"Most frequent pieces, in {first:,} examples" in rows
    monkeypatch.setattr(reports, "MAX_COUNTED", 1)
    (counted,) = re.findall(r"Counted in (\d+) examples", Tags(report(folder, tmp_path / "report.html")).text)
    assert 0 < int(counted) < first


def test_samples_of_what_was_dropped_have_a_column_for_their_text_where_it_is_known(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data")
    manifest = read_manifest(folder)
    ((name, info),) = manifest.corpora.items()
    found = {"duplicate": [DroppedSample("a", "the text of 'b'", "", "")]}
    for samples, is_there in (
        (found, False),
        (found | {"too_short": [DroppedSample("c", "2 words", "Too few", "")]}, True),
    ):
        changed = dataclasses.replace(info, documents_dropped=dict.fromkeys(samples, 1), dropped_samples=samples)
        write_manifest(dataclasses.replace(manifest, corpora={name: changed}), str(folder))
        page = report(folder, tmp_path / "report.html")
        assert "the text of " in page
        assert ("its beginning" in page) == is_there
        assert page.count('<td data-head="its beginning">—</td>') == is_there


def test_a_histogram_is_drawn_with_its_gaps_and_its_numbers_and_small_counts_have_no_fractions_beside_them() -> None:
    tags = Tags(histogram_of({1: 1, 4: 3}, "tokens"))
    heights = [float(value) for name, value in tags.pairs if name == "height"]
    assert heights[1:] == pytest.approx([heights[1], 0.0, 3 * heights[1]], abs=0.3)  # the first is the chart's own
    assert re.findall("1.*2.*4", tags.text)
    assert not re.findall(r"\d\.5", tags.text)
    assert "4 to 7" in tags.text


def test_cells_of_texts_carry_their_heads_which_a_phone_shows_instead_of_columns(folder: Path, tmp_path: Path) -> None:
    tags = Tags(table_of(("reason", "document"), [("empty", "d1"), ("empty", "d2")], is_text=True))
    assert [value for name, value in tags.pairs if name == "data-head"] == ["reason", "document"] * 2
    page = report(folder, tmp_path / "report.html")
    narrow = page.split("@media screen and (max-width: 600px) {")[1].split("\n}")[0]
    assert ".words td { display: block }" in narrow
    assert "content: attr(data-head)" in narrow


def test_curves_keep_to_their_points_and_to_the_colours_of_the_page() -> None:
    svg = curves_of([Curve("a", [(0, 1.0), (1, 3.0), (2, 2.0)], COUNTED, is_dashed=True)], ("x", "y"))
    (path,) = re.findall(r'<path stroke="var\(--bar\)"[^>]*stroke-dasharray="5 4"[^>]* d="([^"]*)"', svg)
    ys = [float(point.split()[-1]) for point in re.split("[ML]", path)[1:]]
    assert ys[1] < ys[2] < ys[0]


def test_a_report_tells_how_long_the_build_took_where_it_is_known(
    write_small_dataset: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_small_dataset(tmp_path / "data")
    assert "Time of the build" not in report(folder, tmp_path / "report.html")
    times = BuildTimes(
        wall_secs=50.0, vocabulary_secs=5.0, read_secs=None, write_secs=20.0, text_bytes=9, workers=2, is_resumed=True
    )
    (folder / BUILD_FILE).write_text(json.dumps(dataclasses.asdict(times)))
    text = Tags(report(folder, tmp_path / "report.html")).text
    assert "50.0 seconds in all, with 2 workers." in text
    assert "writing20.040.0%" in text
    assert "reading" not in text.split("Time of the build")[1].split("How it was built")[0]


@pytest.mark.parametrize("kind", ["shard", "sidecar"])
def test_a_file_of_other_columns_in_the_place_of_a_shard_is_named(folder: Path, tmp_path: Path, kind: str) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    pair = broken / "train/shard-00000-of-00002.arrow", broken / "documents/train-00000-of-00002.arrow"
    damaged, other = pair if kind == "shard" else pair[::-1]
    damaged.write_bytes(other.read_bytes())
    with pytest.raises(ShardError, match=f"{re.escape(str(damaged))} is no {kind}"):
        xlnet_data.report(broken, output=tmp_path / "report.html")


def test_a_report_is_one_file_and_the_same_again(folder: Path, tmp_path: Path) -> None:
    page = report(folder, tmp_path / "report.html")
    assert re.findall(r"https?:|@import|url\(", page) == []
    assert {"script", "link", "iframe"} & {*Tags(page).names} == set()
    assert "script-src 'none'" in page
    assert report(folder, tmp_path / "again.html") == page


def with_piece(figures: ExampleFigures) -> ExampleFigures:
    """Return figures whose most frequent piece is hostile: a vocabulary is text from outside."""
    return dataclasses.replace(figures, pieces=((HOSTILE, 0.5), *figures.pieces))


def test_no_text_of_a_dataset_becomes_a_part_of_the_page(
    write_small_dataset: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_small_dataset(tmp_path / "data<b>")
    manifest = read_manifest(folder)
    (info,) = manifest.corpora.values()
    sample = DroppedSample(doc_id=HOSTILE, cause=HOSTILE, excerpt=HOSTILE, title=HOSTILE)
    info = dataclasses.replace(
        info,
        documents_dropped={HOSTILE: 3},
        dropped_samples={HOSTILE: [sample]},
        unknown_chars={HOSTILE: 7, "\u202e": 2},
    )
    config = json.loads(json.dumps(manifest.config))
    config["corpora"][0]["name"] = HOSTILE
    changed = dataclasses.replace(
        manifest,
        corpora={HOSTILE: info},
        config=config,
        warnings=[HOSTILE],
        versions={HOSTILE: HOSTILE},
        duplicate_groups=DuplicateGroups({"2": 1}, [DuplicateGroup(2, HOSTILE, HOSTILE, HOSTILE)]),
    )
    write_manifest(changed, str(folder))
    counted = reports.count_examples
    monkeypatch.setattr(reports, "count_examples", lambda *data: with_piece(counted(*data)))
    page = report(folder, tmp_path / "report.html")
    tags = Tags(page)
    assert {"script", "img", "b"} & {*tags.names} == {"b"}  # the names of the segments
    assert [name for name in tags.attributes if name.startswith("on")] == []
    assert not {"\u202e", "\x1b"} & {*page}
    assert page.count(html.escape("<script>alert(1)</script>")) >= 14
    for heading in ("Duplicates", "Most frequent pieces", "The vocabulary and the text"):
        section = page.split(f"<h2>{heading}")[1].split("</section>")[0]
        assert html.escape(HOSTILE[:40]) in section
    shown = CliRunner().invoke(main, ["report", str(folder)], env={"COLUMNS": "120"}).stdout
    assert "[bold red]" in "".join(shown.split("\n"))
    assert not {"\u202e", "\x1b"} & {*shown}
    assert "{{title}}" in tags.text


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    records = [{"step": step, "tokens": 4096 * step, "loss": 7 - step / 100, "lr": 1e-3} for step in range(1, 100)]
    records.append({"step": 99, "tokens": 405_504, "dev_loss": 6.25, "unigram_loss": 6.5})
    (folder / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (folder / "run.json").write_text(json.dumps({"note": HOSTILE}))
    return folder


def test_the_report_of_a_run_has_its_verdict_its_curves_and_its_losses(run_folder: Path, tmp_path: Path) -> None:
    page = report(run_folder, tmp_path / "report.html")
    tags = Tags(page)
    said = "After 405,504 tokens the dev loss is 6.250 nats per target, 0.250 below guessing by frequency (6.500)."
    assert said in tags.text
    assert "6.990" in tags.text
    assert (tags.names.count("svg"), "script" in tags.names) == (1, False)
    assert [name for name in ("training", "dev", "guessing by frequency") if f">{name}</text>" not in page] == []
    assert page.count("<path") == 3
    assert "\x1b" not in page


def test_a_run_that_is_not_over_and_a_folder_that_is_none_are_told(run_folder: Path, tmp_path: Path) -> None:
    (run_folder / "metrics.jsonl").write_text('{"step": 1, "tokens": 9, "loss": 7.0}\n{"step": 2, "tok')
    page = report(run_folder, tmp_path / "report.html")
    assert "The run is not over, or was stopped." in page
    assert page.count("<path") == 1  # a single point is no reason to fail
    (run_folder / "metrics.jsonl").write_text('{"note": "begun"}\n')
    assert "<svg" not in report(run_folder, tmp_path / "report.html")
    (run_folder / "metrics.jsonl").write_text("no record\n")
    with pytest.raises(ShardError, match="cannot be read as the folder of a run"):
        xlnet_data.report(run_folder, output=tmp_path / "report.html")
    with pytest.raises(ShardError, match="is not a dataset"):
        xlnet_data.report(tmp_path, output=tmp_path / "other.html")


def test_a_run_has_a_page_alone_and_a_fine_tuned_model_has_none(run_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="run is a training run, which is shown as a page: give --output FILE"):
        xlnet_data.report(run_folder)
    (run_folder / "run.json").rename(run_folder / "tuned.json")
    for output in (None, tmp_path / "report.html"):
        with pytest.raises(ShardError, match=r"is a fine-tuned model, of which there is no report: scores\.json"):
            xlnet_data.report(run_folder, output=output)


def test_a_run_whose_loss_is_no_number_is_reported_without_that_point(run_folder: Path, tmp_path: Path) -> None:
    whole = report(run_folder, tmp_path / "report.html")
    with (run_folder / "metrics.jsonl").open("a") as file:
        for loss in ("NaN", "Infinity", "1e308", '"x"', "null", "[1]"):
            file.write(f'{{"step": 100, "tokens": 409600, "loss": {loss}, "dev_loss": {loss}, "unigram_loss": 6.5}}\n')
        file.write('{"step": 101, "dev_loss": 6, "unigram_loss": 6.5}\n{"tokens": "many", "loss": 5.0}\n')
    page = report(run_folder, tmp_path / "report.html")
    curves = [re.findall(r"<path[^>]*>", one) for one in (page, whole)]
    assert curves[0] == curves[1]
    assert "After 405,504 tokens" in page
    assert ">nan<" in page


@pytest.mark.parametrize("settings", ["[1, 2]", "3", "null", '"x"'])
def test_a_run_whose_settings_are_no_object_is_named(run_folder: Path, tmp_path: Path, settings: str) -> None:
    (run_folder / "run.json").write_text(settings)
    with pytest.raises(ShardError, match=r"run\.json holds no object"):
        xlnet_data.report(run_folder, output=tmp_path / "report.html")


def test_a_page_replaces_no_other_file(folder: Path, tmp_path: Path) -> None:
    page, config = tmp_path / "page.html", tmp_path / "corpus.toml"
    config.write_text("seed = 7\n")
    page.touch()
    for _ in range(2):
        xlnet_data.report(folder, output=page)
        xlnet_data.inspect(folder, html=page)
    for write in (
        lambda path: xlnet_data.report(folder, output=path),
        lambda path: xlnet_data.inspect(folder, html=path),
    ):
        for other in (config, folder / "manifest.json"):
            before = other.read_bytes()
            with pytest.raises(ShardError, match="is there already and is no page"):
                write(other)
            assert other.read_bytes() == before


def test_a_promise_of_spans_sums_to_one_and_is_none_without_spans() -> None:
    assert sum(promised_span_lens(ExampleSettings()).values()) == pytest.approx(1)
    assert promised_span_lens(ExampleSettings(spans=False)) == {}
