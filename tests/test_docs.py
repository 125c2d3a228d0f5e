"""The pages and the README do what they say: their commands and code are run in order, as a reader would run them."""

import ast
import base64
import bz2
import gzip
import importlib
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from pydoc_data.topics import topics

import click
import pyarrow as pa
import pytest

from xlnet_data.cli import main
from xlnet_data.config_files import parse_config
from xlnet_data.ingestion.reading import read_corpora

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+?) -->\n)?^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$", re.M | re.S
)
NAMED = re.compile(r"# (\w[\w./-]*\.(?:py|toml))\n")
MAX_SECS = 600
"""Of a block, so that a command that hangs fails."""


@dataclass(frozen=True)
class Block:
    """A block of code on a page.

    Attributes:
        language: Behind the fence: sh, python, toml, ...
        text: What a reader would copy.
        reason: Why the test does not run it; None: it does.
    """

    language: str
    text: str
    reason: str | None

    @property
    def file(self) -> str | None:
        """The file that a reader saves the block as: its first line is a comment with the name."""
        named = NAMED.match(self.text)
        return named[1] if named else None


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page, without those that are made from the code."""
    text = re.sub(r"<!-- \[\[\[cog.*?<!-- \[\[\[end\]\]\] -->", "", page.read_text(), flags=re.S)
    return [Block(found["language"], found["text"], found["reason"]) for found in FENCE.finditer(text)]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).with_suffix("").as_posix().removeprefix("docs/")


def prose(number: int) -> str:
    """Return English paragraphs that every Python installation holds, one a line."""
    paragraphs = [" ".join(part.split()) for part in sorted(topics.items())[number][1].split("\n\n")]
    return "\n".join(part for part in paragraphs if len(part.split()) >= 12 and part.endswith("."))


def texts(least_chars: int = 1000) -> Iterator[str]:
    """Yield documents of real English."""
    yield from (text for number in range(len(topics)) if len(text := prose(number)) >= least_chars)


def write_texts(folder: Path, name: str, at_most: int | None = None) -> None:
    (folder / name).mkdir(parents=True)
    for number, text in enumerate(islice(texts(), at_most)):
        (folder / name / f"{number}.txt").write_text(text.replace("\n", "\n\n"))


def write_german(folder: Path, _model: Path) -> None:
    write_texts(folder, "texts")
    for path in (folder / "texts").iterdir():
        path.write_text(path.read_text().replace("e", "ä"))
    (folder / "sample.txt").write_text("\n".join(prose(5).split("\n")[:5]) + "\n")


def write_dump(folder: Path, _model: Path) -> None:
    pages = []
    for number, text in enumerate(texts()):
        redirect = '<redirect title="0" />' if number % 7 == 6 else ""
        shown = text.replace("&", "").replace("<", "").replace("{", "").replace("[", "")
        pages.append(
            f"<page><title>{number}</title><ns>0</ns><id>{number}</id>{redirect}<revision><id>1</id>"
            f"<model>wikitext</model><text>{shown}</text></revision></page>\n"
        )
    parts = ["<mediawiki><siteinfo><dbname>enwiki</dbname></siteinfo>\n", "".join(pages), "</mediawiki>"]
    dump = b"".join(bz2.compress(part.encode()) for part in parts)
    (folder / "enwiki-latest-pages-articles-multistream.xml.bz2").write_bytes(dump)


def write_crawl(folder: Path, _model: Path) -> None:
    records = []
    for number, text in enumerate([*texts(), *list(texts())[:3], "Home\nLogin\nCart\n" * 40]):
        body = text.encode()
        records.append(
            f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
            f"WARC-Target-URI: http://example.org/{number}\r\nWARC-Identified-Content-Language: eng\r\n"
            f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
            + b"\r\n\r\n"
        )
    (folder / "crawl").mkdir()
    (folder / "crawl" / "a.warc.wet.gz").write_bytes(b"".join(gzip.compress(record) for record in records))
    (folder / "wet.paths.gz").write_bytes(gzip.compress(b"a.warc.wet.gz\n"))


def write_lines(folder: Path, model: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "old.txt").write_text("\n\n".join(texts()))
    (folder / "spiece.model").write_bytes(model.read_bytes())


def write_books(folder: Path, _model: Path) -> None:
    write_texts(folder, "books", at_most=20)


PUBLIC_LINES = [
    line for text in texts() for line in text.replace(". ", ".\n").split("\n") if not {*line} & {*'<>&"@=\t'}
]
"""Sentences that need no escapes in any of the formats."""


def write_public(folder: Path, _model: Path) -> None:
    """Write the beginnings of some public corpora, as they are distributed."""
    (folder / "corpora" / "europarl").mkdir(parents=True)
    lines = PUBLIC_LINES
    for language in ("de", "en"):
        (folder / "corpora" / "europarl" / f"europarl-v7.de-en.{language}").write_text("\n".join(lines))
    bulk = [line for text in texts() for line in ({"index": {"_id": "1"}}, {"title": "A", "text": text})]
    content = "\n".join(map(json.dumps, bulk)).encode()
    (folder / "enwiki-cirrussearch-content.json.gz").write_bytes(gzip.compress(content))
    (folder / "deu_news-sentences.txt").write_text("".join(f"{i}\t{line}\n" for i, line in enumerate(lines)))
    (folder / "ep-00-01-17.txt").write_text("".join(f"<P>\n{line}\n" for line in lines))
    (folder / "cnn.story").write_text("\n\n".join([*lines[:9], "@highlight", lines[0], "@highlight", lines[1]]))
    article = f" \n = Boats = \n \n {lines[0]} \n {lines[1]} well @-@ known \n \n = = Sails = = \n \n {lines[2]} \n"
    (folder / "wiki.train.tokens").write_text(article * 2)
    (folder / "table.csv").write_text(f'id,text\n1,"{lines[0]}\n{lines[1]}"\n')
    table = pa.table({"text": lines})
    with pa.ipc.new_stream(str(folder / "data-00000-of-00001.arrow"), table.schema) as stream:
        stream.write_table(table)
    coded = base64.b64encode(lines[0].encode()).decode()
    (folder / "news-docs.2019.de.filtered.gz").write_bytes(gzip.compress(f"20190101\t{coded}\t{coded}\n".encode() * 3))
    row = f'  <row Id="7" Body="&lt;p&gt;{lines[0]}&lt;/p&gt;" />\n'
    (folder / "Posts.xml").write_text(f'\ufeff<?xml version="1.0" encoding="utf-8"?>\n<posts>\n{row}</posts>')


def write_config(folder: Path, _model: Path) -> None:
    write_texts(folder, "texts")
    corpus = '[[corpora]]\nname = "a"\nformat = "text"\npaths = ["texts/*.txt"]\n'
    (folder / "corpus.toml").write_text("[tokenizer]\nvocab_size = 400\n" + corpus)


def write_dataset(folder: Path, model: Path) -> None:
    write_config(folder, model)
    run_commands(folder, "xlnet-data build-corpus corpus.toml --output dataset --quiet")


def write_run(folder: Path, model: Path) -> None:
    write_dataset(folder, model)
    flags = "--steps 2 --batch-size 2 --width 16 --dev-examples 4"
    run_commands(folder, f"xlnet-data train-smoke dataset {flags} || test -f dataset-run/metrics.jsonl")


@dataclass(frozen=True)
class Fixture:
    """What a page takes for granted, and what is made smaller for the test.

    Attributes:
        write: Writes the files that a reader has already, given the folder and a small vocabulary.
        smaller: What of the page is replaced, so that little text and time suffice; each must be there.
    """

    write: Callable[[Path, Path], None] = lambda folder, model: None
    smaller: tuple[tuple[str, str], ...] = ()


SHORT_TRAINING = (
    "--steps 4 --batch-size 4 --dev-examples 8 --export-hf model | tee verdict || grep 'train: after' verdict"
)
"""Too short to learn anything, which the status says; the verdict must be there either way."""
SMALL_VOCABULARY = (("vocab_size = 32_000", "vocab_size = 400"),)
FIXTURES = {
    "README": Fixture(
        write_books,
        (
            ("vocab_size = 8000", "vocab_size = 300"),
            (
                '"vocab_size": 8000, "d_model": 128, "n_layer": 2, "n_head": 4, "d_inner": 512',
                '"vocab_size": 300, "d_model": 16, "n_layer": 1, "n_head": 2, "d_inner": 32',
            ),
            ("mem_len=384", "mem_len=96"),
            ("num_rows=4, once=True", "num_rows=12, once=True"),
            ("reuse_len=256", "reuse_len=64"),
            ("[lanes]\nlane_tokens = 131072", "[examples]\nseq_len = 128\nreuse_len = 64\n[lanes]\nlane_tokens = 8192"),
            ("train-smoke dataset", "train-smoke dataset --steps 150 --batch-size 8 --dev-examples 32"),
        ),
    ),
    "tutorial": Fixture(
        smaller=(
            ("vocab_size = 4_000", "vocab_size = 300"),
            ("--steps 250 --batch-size 16 --export-hf model", SHORT_TRAINING),
            ("len(found), 200)", "len(found), 24)"),
            ("range(4)", "range(1)"),
        )
    ),
    "how-to/your-language": Fixture(write_german, SMALL_VOCABULARY),
    "how-to/wikipedia": Fixture(write_dump, SMALL_VOCABULARY),
    "how-to/common-crawl": Fixture(write_crawl, SMALL_VOCABULARY),
    "how-to/public-corpora": Fixture(write_public),
    "how-to/from-the-2019-script": Fixture(write_lines),
    "how-to/training-loop": Fixture(write_dataset, (("num_rows=8", "num_rows=2"),)),
    "how-to/fine-tune": Fixture(write_run, (("--steps 20", "--steps 2"),)),
    "reference/python": Fixture(write_config),
    "reference/dataset": Fixture(write_dataset),
}
NOT_RUN = {
    "README": [
        "installs packages",
        "clones the repository",
        "needs a fresh clone",
    ],
    "tutorial": ["installs packages"],
    "reference/dataset": ["needs the programs"],
    "how-to/cluster": [
        "needs Java, and fetches a job server",
        "needs a Spark cluster",
        "needs a YARN cluster",
        "needs a Flink cluster",
        "needs Docker and a registry",
        "needs a Google Cloud project and a bucket",
    ],
    "how-to/dataflow": [
        "needs Docker and a registry",
        "needs a Google Cloud project and a bucket",
        "needs a Google Cloud project and a bucket",
    ],
    "how-to/storage": ["installs packages"],
    "how-to/training-loop": ["needs two GPUs"],
    "how-to/fine-tune": ["needs files that are fetched elsewhere"] * 2,
}
"""Every block that no test runs, by page."""


def run_commands(folder: Path, commands: str) -> None:
    """Run shell commands in a folder; the first that fails ends the test with what it said."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": "120",
        "OMP_NUM_THREADS": "1",  # threads that wait for each other are slow where other tests run beside these
    }
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=MAX_SECS,
    )  # fmt: skip
    assert run.returncode == 0, f"{commands}\n{run.stdout[-2000:]}\n{run.stderr[-4000:]}"


def commands_in(text: str) -> Iterator[list[str]]:
    """Yield the words of every xlnet-data command in a shell block.

    >>> list(commands_in("torchrun --no-python xlnet-data verify a\\nxlnet-data encode --model \\\\\\n  b | head"))
    [['verify', 'a'], ['encode', '--model', 'b']]
    """
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        starts = [i for i, word in enumerate(words) if word == "xlnet-data" and words[i - 1] not in ("cd", "install")]
        for start in starts:
            command = words[start + 1 :]
            end = next((i for i, word in enumerate(command) if word in ("|", ">", "<", "&&", ";")), None)
            yield command[:end]


@pytest.mark.parametrize("page", [page for page in PAGES if name_of(page) in FIXTURES], ids=name_of)
def test_a_reader_can_do_what_a_page_says(page: Path, tmp_path: Path, small_model: Path) -> None:
    fixture = FIXTURES[name_of(page)]
    fixture.write(tmp_path, small_model)
    unused = {old for old, _ in fixture.smaller}
    for block in blocks_of(page):
        text = block.text
        for old, new in fixture.smaller:
            if old in text:
                text = text.replace(old, new)
                unused.discard(old)
        if block.reason is not None:
            continue
        if block.file:
            (tmp_path / block.file).write_text(text)
        elif block.language == "sh":
            run_commands(tmp_path, text)
        elif block.language == "python":
            run_commands(tmp_path, f"python - <<'END'\n{text}END\n")
    assert unused == set()


def test_what_the_page_on_public_corpora_converts_is_read_as_it_says(tmp_path: Path, small_model: Path) -> None:
    write_public(tmp_path, small_model)
    _, shell, code = blocks_of(ROOT / "docs/how-to/public-corpora.md")
    run_commands(tmp_path, f"{shell.text}\npython - <<'END'\n{code.text}END\n")

    def read(name: str, form: str, **keys: str) -> list[str]:
        section = {"name": "a", "format": form, "paths": [name], **keys}
        return [document.text for document in read_corpora(parse_config({"corpora": [section]}, str(tmp_path)))]

    first, second, third = PUBLIC_LINES[:3]
    assert read("cirrussearch.jsonl.gz", "jsonl") == [text.replace("\n", "\n\n") for text in texts()]
    for name in ("leipzig.txt", "europarl.txt"):
        assert read(name, "text", sentences="line") == ["\n".join(PUBLIC_LINES)]
    assert read("cnn.txt", "text") == ["\n\n".join(PUBLIC_LINES[:9])]
    article = f"{first}\n\n{second} well-known\n\n{third}"
    assert read("wikitext.txt", "text", documents="blank-line") == [article] * 2
    assert read("table.parquet", "parquet", id_field="id") == [f"{first}\n\n{second}"]
    assert read("saved.parquet", "parquet") == PUBLIC_LINES
    assert read("news.jsonl", "jsonl") == [first] * 3
    assert read("posts.jsonl", "jsonl", id_field="id") == [first]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_block_is_run_or_says_why_not(page: Path) -> None:
    blocks = [block for block in blocks_of(page) if block.language in ("sh", "python")]
    assert [block.reason for block in blocks if block.reason is not None] == NOT_RUN.get(name_of(page), [])
    assert not [block for block in blocks if block.reason is None] or name_of(page) in FIXTURES


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_not_run_names_commands_flags_extras_and_functions_that_exist(page: Path) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for block in blocks_of(page):
        if block.language in ("sh", "console"):
            for name, *arguments in commands_in(block.text.replace("\n$ ", "\n").removeprefix("$ ")):
                with pytest.MonkeyPatch.context() as patch:  # the files of a command need not be there
                    patch.setattr(click.Path, "convert", lambda self, value, *_: value)
                    main.commands[name].make_context(name, arguments)
            assert {*re.findall(r"xlnet-data\[(\w+)\]", block.text)} <= {*extras}
        if block.language == "python":
            for node in ast.walk(ast.parse(block.text)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("xlnet_data"):
                    module = importlib.import_module(node.module or "")
                    assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_piece_of_config_has_keys_that_exist(page: Path) -> None:
    for block in blocks_of(page):
        if block.language == "toml":
            table = tomllib.loads(block.text)
            parse_config({"corpora": [{"name": "a", "format": "text", "paths": ["a"]}]} | table, ".")
