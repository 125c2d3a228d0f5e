"""What inspect shows: the example's own text and order, whose text it is, on a terminal, as JSON and as a page."""

import base64
import dataclasses
import hashlib
import io
import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from rich.cells import cell_len
from rich.console import Console

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.cli.examples import print_examples
from xlnet_data.datasets.example_pages import STEPS_AROUND, example_page
from xlnet_data.datasets.inspection import Inspection
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.datasets.shards import open_shard
from xlnet_data.datasets.shown_examples import ShownExample, levels_of
from xlnet_data.errors import ConfigError, ShardError
from xlnet_data.examples.factorization import is_target, perm_mask

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    "\u202egnol\x1b[31m",
    "{{data}}",
    "⟦a⟧¹",
)


@pytest.fixture(scope="module")
def folder(write_small_dataset: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_dataset(tmp_path_factory.mktemp("inspected") / "data")


@pytest.fixture(scope="module")
def example(folder: Path) -> ShownExample:
    return Inspection(str(folder), "train").at(2, 5)


def with_pieces(example: ShownExample, pieces: tuple[str, ...]) -> ShownExample:
    """Return the example with other words, over and over, functional tokens apart."""
    functional = {*example.order} - {*example.targets}
    shown = (
        piece if place in functional else pieces[place % len(pieces)] for place, piece in enumerate(example.pieces)
    )
    return dataclasses.replace(example, pieces=tuple(shown))


def drawn(examples: list[ShownExample], width: int = 80, *, as_written: bool = False, colour: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, highlight=False, force_terminal=colour)
    print_examples(examples, console, as_written=as_written)
    return file.getvalue()


@pytest.mark.parametrize("settings", [{}, {"recipe": "reference"}, {"reuse_len": 0}, {"spans": False, "perm_size": 16}])
def test_the_levels_say_the_same_as_the_permutation_mask(
    write_small_dataset: Callable[..., Path], tmp_path: Path, settings: dict[str, object]
) -> None:
    data = xlnet_data.open_dataset(write_small_dataset(tmp_path / "data", **settings))
    rows = data.gather(np.arange(len(data)))
    ids, orders = rows["input_ids"], rows["order"].astype(np.int64)
    reuse_len = int(settings.get("reuse_len", 32))  # type: ignore[call-overload]
    masks = perm_mask(ids, orders, reuse_len)
    for order, targets, mask in zip(orders, is_target(ids, orders), masks, strict=True):
        keys, queries = levels_of(order, targets, ids.shape[1], reuse_len)
        assert np.array_equal(keys >= queries[:, None], mask)


def test_an_example_is_its_row_in_the_shard(folder: Path) -> None:
    data = xlnet_data.open_dataset(folder)
    for number, row in enumerate(data):
        if number % 37:
            continue
        (shown,) = xlnet_data.inspect(folder, lane=int(row["lane"]), step=int(row["step"]))
        assert list(shown.input_ids) == row["input_ids"].tolist()
        assert list(shown.order) == row["order"].tolist()
        assert (shown.backward, shown.is_next) == (row["backward"], row["is_next"])
        assert (shown.b_start, shown.memory_len) == (row["b_start"], row["memory_len"])
        lengths = [segment.end - segment.start for segment in shown.segments]
        assert lengths == [32, row["a_len"], row["b_len"]]
        assert {shown.pieces[place] for place in {*shown.order} - {*shown.targets}} == {"<sep>", "<cls>"}
        assert shown.num_steps == len(data.lane(shown.lane)["step"])


def test_every_token_of_a_segment_is_of_the_document_that_the_sidecar_names(folder: Path) -> None:
    inspection = Inspection(str(folder), "train")
    names = [shard.documents_file for shard in read_manifest(folder).shards if shard.split == "train"]
    sidecars = [pa.ipc.open_file(pa.memory_map(str(folder / name))).read_all() for name in names]
    listed = pa.concat_tables(sidecars).to_pylist()
    for lane, step in ((0, 0), (1, 7), (4, 11), (5, 3)):
        shown = inspection.at(lane, step)
        places = {place: 32 * step + place for place in range(shown.segments[1].end)}
        b = shown.segments[2]
        places |= {place: shown.b_start + place - b.start for place in range(b.start, b.end)}
        found = {}
        for part in shown.documents:
            for place in range(part.start, part.end):
                found[place] = part.doc_id, part.tokens_before + place - part.start
        (rows,) = [[row for row in listed if row["lane"] == lane]]
        for place, in_lane in places.items():
            (row,) = [row for row in rows if row["start"] <= in_lane < row["start"] + row["length"]]
            assert found.pop(place) == (row["doc_id"], in_lane - row["start"])
        assert found == {}


def test_a_backward_example_shown_as_it_was_written_reads_as_the_forward_lane_does(folder: Path) -> None:
    inspection = Inspection(str(folder), "train")

    def words(shown: ShownExample, *, as_written: bool) -> str:
        plain = dataclasses.replace(shown, order=(), targets=())
        reuse = drawn([plain], as_written=as_written).split("\n\n")[-3 if as_written else 1]
        return "".join(line.strip() for line in reuse.split("\n")[2:]).replace(" ", "")

    whole = "".join(words(inspection.at(0, step), as_written=False) for step in range(8))
    assert words(inspection.at(1, inspection.at(1, 0).num_steps - 3), as_written=True) in whole


def test_random_examples_differ_from_each_other_and_a_seed_draws_the_same_again(folder: Path) -> None:
    def places(seed: int | None, number: int = 6) -> list[tuple[int, int]]:
        return [(one.lane, one.step) for one in xlnet_data.inspect(folder, random=number, seed=seed)]

    assert len({*places(1)}) == 6
    assert places(1) == places(1) != places(2)
    assert places(None) != places(None)
    dev = xlnet_data.inspect(folder, "dev", random=10_000)
    assert len({(one.lane, one.step) for one in dev}) == len(xlnet_data.open_dataset(folder, "dev"))


def test_examples_drawn_are_those_at_their_places_and_a_shard_is_read_once_for_all_of_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_and_note(dataset: str, file: str) -> Any:
        opened.append(file)
        return open_shard(dataset, file)

    inspection = Inspection(str(folder), "train")
    monkeypatch.setattr("xlnet_data.datasets.shards.open_shard", open_and_note)
    drawn = inspection.draw(40, seed=3)
    assert len(opened) == len({*opened}) == 4
    assert drawn == [inspection.at(one.lane, one.step) for one in drawn]


def test_a_step_before_the_first_and_fewer_examples_than_one_are_refused(folder: Path) -> None:
    with pytest.raises(ShardError, match="has no step -1 in lane 0 of train: it has steps 0 to"):
        xlnet_data.inspect(folder, step=-1)
    with pytest.raises(ConfigError, match="random must be at least 1: got 0"):
        xlnet_data.inspect(folder, random=0)


def test_a_document_is_found_by_its_id_in_either_reading(folder: Path) -> None:
    first = Inspection(str(folder), "train").at(0, 20).documents[0]
    (forward,) = xlnet_data.inspect(folder, doc=first.doc_id)
    assert forward.lane == 0
    assert any(part.doc_id == first.doc_id and part.tokens_before == 0 for part in forward.documents)
    (backward,) = xlnet_data.inspect(folder, doc=first.doc_id, lane=1)
    assert any(part.doc_id == first.doc_id and part.tokens_before == 0 for part in backward.documents)


@pytest.mark.parametrize("doc_id", ["caf\udce9.txt", "\ud800"])
def test_an_id_that_is_no_unicode_is_looked_for_as_sidecars_hold_it(folder: Path, doc_id: str) -> None:
    with pytest.raises(ShardError, match=r"no document '(caf\\\\xe9.txt|\ufffd)' in train"):
        xlnet_data.inspect(folder, doc=doc_id)


def test_a_dataset_is_read_in_a_folder_whose_name_is_no_unicode(folder: Path, tmp_path: Path) -> None:
    odd = tmp_path / "data \udce9\n"
    shutil.copytree(folder, odd)
    assert xlnet_data.verify(odd) == []
    assert xlnet_data.inspect(odd, random=2, seed=1) == xlnet_data.inspect(folder, random=2, seed=1)
    assert len(xlnet_data.open_dataset(odd)) == len(xlnet_data.open_dataset(folder))
    xlnet_data.report(odd, output=tmp_path / "page.html")


def test_a_document_that_is_not_there_is_told_with_what_is(folder: Path) -> None:
    known = Inspection(str(folder), "train").at(0, 0).documents[0].doc_id
    with pytest.raises(ShardError, match=r"no document 'zzz' in train .*`xlnet-data documents` shows the ids"):
        xlnet_data.inspect(folder, doc="zzz")
    with pytest.raises(ShardError, match=f"there is .*'{known}'"):
        xlnet_data.inspect(folder, doc=known[:-1])
    with pytest.raises(ShardError, match="it lies in another lane than 4"):
        xlnet_data.inspect(folder, doc=known, lane=4)
    held_out = "2000.txt"  # of the lane that is dev alone
    assert any(part.doc_id == held_out for part in Inspection(str(folder), "dev").at(0, 0).documents)
    with pytest.raises(ShardError, match="it lies in dev"):
        xlnet_data.inspect(folder, doc=held_out)


def test_damage_anywhere_in_a_shard_or_sidecar_is_told_in_words(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    told, draw = [], random.Random(1)
    for path in (broken / "train" / "shard-00000-of-00002.arrow", broken / "documents" / "train-00000-of-00002.arrow"):
        whole = path.read_bytes()
        for _ in range(40):
            place = draw.randrange(len(whole) - 8)
            path.write_bytes(whole[:place] + draw.randbytes(8) + whole[place + 8 :])
            try:
                Inspection(str(broken), "train").at(0, 0)
            except ShardError as error:
                told.append((str(path), str(error)))
        path.write_bytes(whole)
    assert told
    assert [said for path, said in told if path not in said and "there is no such lane" not in said] == []


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"random": 2, "doc": "x"}, "give one of them"),
        ({"random": 2, "lane": 1}, "give one of them"),
        ({"random": 2, "step": 0}, "give one of them"),
        ({"doc": "x", "step": 1}, "give one of them"),
        ({"seed": 3}, "seed is of random alone"),
    ],
)
def test_examples_that_are_named_in_two_ways_are_refused(folder: Path, chosen: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        xlnet_data.inspect(folder, **chosen)
    options = [word for name, value in chosen.items() for word in (f"--{name}", str(value))]
    result = CliRunner().invoke(main, ["inspect", str(folder), *options])
    assert (result.exit_code, message in result.stderr) == (1, True)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize(
    "pieces", [("▁が", "日本語の", "文", "。"), ("▁word", "piece", "▁" + "x" * 150), ("가", "▁나다")]
)
def test_no_line_is_wider_than_the_terminal(example: ShownExample, width: int, pieces: tuple[str, ...]) -> None:
    text = drawn([with_pieces(example, pieces)], width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert all(piece.strip("▁")[:20] in text for piece in pieces)


def test_targets_are_marked_with_their_place_in_the_order_and_no_text_looks_like_a_mark(example: ShownExample) -> None:
    shown = with_pieces(example, ("▁⟦a⟧¹", "[b]7"))
    text = drawn([shown], 60)
    marks = re.findall(r"⟦([^⟦⟧]*)⟧([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text.split("\n\norder")[0])
    numbers = [int(number.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))) for _, number in marks]
    targets = {position: place for place, position in enumerate(shown.order, 1) if position in shown.targets}
    assert numbers == [targets[position] for position in sorted(targets)]
    assert {word for word, _ in marks} <= {"\\u27e6a\\u27e7¹", "[b]7"}


def test_colours_stand_for_brackets_on_a_terminal_and_segments_have_their_own(example: ShownExample) -> None:
    text = drawn([example], colour=True)
    assert "⟦" not in text
    assert all(f"\x1b[{code}m" in text for code in ("1;36", "1;32", "1;35", "30;46"))
    assert "\x1b" not in drawn([example])


def test_nothing_that_a_text_holds_reaches_the_terminal_as_a_command(example: ShownExample) -> None:
    parts = tuple(dataclasses.replace(part, doc_id=HOSTILE[2], corpus="c\x07") for part in example.documents)
    text = drawn([dataclasses.replace(with_pieces(example, HOSTILE), documents=parts)], colour=False)
    assert not {"\x1b", "\u202e", "\x07"} & {*text}
    assert "\\u202egnol\\u001b[31m" in text


def test_json_has_every_field(folder: Path) -> None:
    result = CliRunner().invoke(main, ["inspect", str(folder), "--lane", "1", "--step", "4", "--json"])
    assert result.exit_code == 0, result.stderr
    (shown,) = xlnet_data.inspect(folder, lane=1, step=4)
    assert json.loads(result.stdout) == json.loads(json.dumps([dataclasses.asdict(shown)]))


def data_of(page: str) -> dict[str, list[dict[str, object]]]:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(found)  # type: ignore[no-any-return]


def test_a_page_holds_the_example_with_its_neighbours_and_loads_nothing(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "example.html"
    result = CliRunner().invoke(main, ["inspect", str(folder), "--lane", "2", "--step", "5", "--html", str(path)])
    assert (result.exit_code, result.stdout) == (0, f"{path}\n")
    page = path.read_text(encoding="utf-8")
    data = data_of(page)
    steps = [one["step"] for one in data["examples"]]
    assert steps == list(range(5 + STEPS_AROUND + 1))
    assert steps[data["first"]] == 5  # type: ignore[call-overload]
    assert re.findall(r"(?:src|href)=|https?:|@import|url\(|fetch\(|XMLHttp", page) == []
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert f"script-src 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'\"" in page
    CliRunner().invoke(main, ["inspect", str(folder), "--random", "3", "--html", str(path)])
    assert len(data_of(path.read_text(encoding="utf-8"))["examples"]) == 3


def hostile_page(example: ShownExample) -> str:
    parts = tuple(dataclasses.replace(part, doc_id=HOSTILE[1], corpus=HOSTILE[0]) for part in example.documents)
    shown = dataclasses.replace(with_pieces(example, HOSTILE), documents=parts)
    return example_page(f"/data/{HOSTILE[0].replace('/', '')}", [shown], shown)


def test_no_text_of_a_page_can_end_its_place_or_turn_it_around(example: ShownExample) -> None:
    page = hostile_page(example)
    assert re.findall(r"<script[^>]*>", page) == ['<script type="application/json" id="data">', "<script>"]
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;script&gt;" in page  # the folder's name, in the title
    assert not {"\u202e", "\x1b", "\u2028"} & {*page}
    pieces = data_of(page)["examples"][0]["pieces"]
    assert HOSTILE[1] in pieces  # type: ignore[operator]
    assert "\\u202egnol\\u001b[31m" in pieces  # type: ignore[operator]


@pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium on this machine")
def test_a_browser_draws_every_token_and_runs_no_text(example: ShownExample, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(hostile_page(example), encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom"]
    dom = subprocess.run([*command, path.as_uri()], capture_output=True, text=True, check=True, timeout=60).stdout
    assert len(re.findall(r'<span class="token ', dom)) == len(example.pieces)
    assert len(re.findall(r'<span class="token target"', dom)) == len(example.targets)
    assert f"{len(example.targets)} targets are predicted" in dom
    assert "<img" not in dom


def test_a_page_that_cannot_be_written_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(main, ["inspect", str(folder), "--html", str(tmp_path / "file" / "page.html")])
    assert result.exit_code == 1
    assert "page.html" in result.stderr
