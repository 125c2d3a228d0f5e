"""A first config: what it finds in a folder, sizes that the text bears, and that it builds at once."""

import gzip
import json
import os
import random
import signal
import threading
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

import xlnet_data
from xlnet_data.cli import main
from xlnet_data.config import BuildConfig
from xlnet_data.errors import ConfigError, CorpusError, ShardError, TokenizerError, VocabularySizeError
from xlnet_data.estimates.folders import find_corpora
from xlnet_data.estimates.text_sizes import MAX_VOCAB_SIZE, MeasuredText, choose_sizes
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.vocabularies import train_tokenizer

KANJI = "".join(chr(0x4E00 + 37 * number) for number in range(300))
SCRIPTS = {
    "en": ("etaoinshrdlucmfwypvbgkjqxz", " ", ". "),
    "ja": ("がぎぐげござじずぜぞだでどばびぶべぼあいうえおかきくけこ" + KANJI, "", "。"),
    "el": ("αβγδεζηθικλμνξοπρστυφχψωάέήίόύώ", " ", ". "),
    "hi": ("कखगघचछजझटठडढतथदधनपफबभमयरलवशषसह" + "ािीुूेैोौं्", " ", "। "),
}


def write_small_books(folder: Path, script: str, number: int = 20) -> None:
    """Write some small files of made-up words of a script, a paragraph a line."""
    letters, space, end = SCRIPTS[script]
    draw = random.Random(script)
    words = ["".join(draw.choices(letters, k=draw.randint(1, 4))) for _ in range(900)]
    folder.mkdir()
    for book in range(number):
        paragraphs = [
            "".join(space.join(draw.choices(words, k=draw.randint(4, 9))).capitalize() + end for _ in range(4)).strip()
            for _ in range(draw.randint(5, 9))
        ]
        (folder / f"{book}.txt").write_text("\n".join(paragraphs) + "\n", encoding="utf-8")


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_config_of_twenty_small_books_builds_at_once_and_nobody_advises_otherwise(
    tmp_path: Path, script: str
) -> None:
    write_small_books(tmp_path / "books", script)
    config = tmp_path / "corpus.toml"
    result = CliRunner().invoke(main, ["init", str(tmp_path / "books"), "--output", str(config)])
    assert (result.exit_code, result.stdout) == (0, f"{config}\n"), result.stderr
    done = ["looking at the files", "reading some text of books", "measuring a sample of the text"]
    assert result.stderr.splitlines()[:3] == done
    assert "\ntrying a vocabulary of " in result.stderr
    assert "\nbooks: 20 files, " in result.stderr
    loaded = xlnet_data.load_config(config)
    assert loaded.tokenizer.keep_accents == (script != "en")
    manifest = xlnet_data.build_corpus(config, tmp_path / "dataset", workers=0)
    assert manifest is not None
    assert manifest.corpora["books"].documents_kept == 20
    assert manifest.splits["dev"].examples > 0
    assert f"batches of {manifest.splits['train'].lanes} rows" in config.read_text(encoding="utf-8")
    advice = [*xlnet_data.plan(config, seconds=1).warnings, *manifest.warnings]
    told = ("lower lane_tokens", "raise lane_tokens", "sentence end", "would stop", "no document")
    assert [warning for warning in advice if any(words in warning for words in told)] == []


def test_files_are_recognised_by_what_they_hold_and_others_are_left_out_by_name(
    tmp_path: Path, invent: Callable[..., str]
) -> None:
    for name in ("texts", "news", "tables", "wrapped", "mixed"):
        (tmp_path / "all" / name).mkdir(parents=True)
    for number in range(3):
        text = invent(number, 6)
        (tmp_path / "all/texts" / f"{number}.txt.gz").write_bytes(gzip.compress(text.encode()))
        record = json.dumps({"url": f"http://a/{number}", "body": text, "n": number})
        (tmp_path / "all/news" / f"{number}.data").write_text(record + "\n")
        lines = [text.replace("\n", " ")[start : start + 70] for start in range(0, 700, 70)]
        (tmp_path / "all/wrapped" / f"{number}").write_text("\n".join(lines) + "\n\n" + "\n".join(lines))
        (tmp_path / "all/mixed" / f"{number}.txt").write_bytes(text.encode())
    parquet.write_table(pa.table({"title": ["a"], "content": ["Once upon a time."]}), tmp_path / "all/tables/t.parquet")
    (tmp_path / "all/mixed/latin.txt").write_bytes("Les élèves sont allés à l'école. ".encode("latin-1") * 9)
    (tmp_path / "all/mixed/paper.txt").write_bytes(b"%PDF-1.7 ...")
    (tmp_path / "all/mixed/none.txt").touch()
    (tmp_path / "all/mixed/.hidden.txt").write_text("hidden")
    found = find_corpora(str(tmp_path / "all"))
    shown = {corpus.name: (corpus.format, corpus.patterns, corpus.keys) for corpus in found.corpora}
    assert shown == {
        "mixed-text": ("text", ("mixed/0.txt", "mixed/1.txt", "mixed/2.txt"), {}),
        "mixed-text-cp1252": ("text", ("mixed/latin.txt",), {"encoding": "cp1252"}),
        "news": ("jsonl", ("news/*.data",), {"text_field": "body", "id_field": "url"}),
        "tables": ("parquet", ("tables/t.parquet",), {"text_field": "content", "title_field": "title"}),
        "texts": ("text", ("texts/*.txt.gz",), {}),
        "wrapped": ("text", ("wrapped/*",), {"paragraphs": "blank-line"}),
    }
    assert sorted(found.left_out.items()) == [
        ("it is a PDF document: extract its text first", ["mixed/paper.txt"]),
        ("it is empty", ["mixed/none.txt"]),
    ]


def test_the_paths_lead_from_the_config_to_the_folder_whatever_its_name(tmp_path: Path) -> None:
    write_small_books(tmp_path / "a [1] \u202e", "en", number=3)
    (tmp_path / "a [1] \u202e" / "\x1b[31m.pdf").write_bytes(b"%PDF-1.7 ...")
    (tmp_path / "configs").mkdir()
    first = xlnet_data.init(tmp_path / "a [1] \u202e", output=tmp_path / "configs" / "c.toml")
    text = (tmp_path / "configs" / "c.toml").read_text(encoding="utf-8")
    assert "\x1b" not in text
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert "\u202e" not in "".join(comments)
    assert "# Left out \\u001b[31m.pdf: it is a PDF document: extract its text first" in comments
    loaded = xlnet_data.load_config(tmp_path / "configs" / "c.toml")
    assert isinstance(first.config, BuildConfig)
    assert loaded == first.config
    assert len(list(xlnet_data.documents(loaded))) == 3
    assert loaded.output.dev_frac == 0  # of three documents none can be spared
    assert not loaded.examples.pairs


def test_what_is_to_be_done_next_is_told_as_a_shell_takes_it(tmp_path: Path, invent: Callable[..., str]) -> None:
    (tmp_path / "text.txt").write_text(invent(1, 300))
    config = tmp_path / "my first.toml"
    result = CliRunner().invoke(main, ["init", str(tmp_path), "--output", str(config)])
    assert (
        f"next: xlnet-data plan '{config}', then xlnet-data build-corpus '{config}' --output dataset" in result.stderr
    )


def test_a_config_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    write_small_books(tmp_path / "books", "en", number=1)
    (tmp_path / "corpus.toml").write_text("seed = 1\n")
    with pytest.raises(ConfigError, match=r"corpus\.toml is there already: give --overwrite"):
        xlnet_data.init(tmp_path / "books", output=tmp_path / "corpus.toml")
    assert (tmp_path / "corpus.toml").read_text() == "seed = 1\n"
    xlnet_data.init(tmp_path / "books", output=tmp_path / "corpus.toml", overwrite=True)
    text = (tmp_path / "corpus.toml").read_text()
    assert tomllib.loads(text)["corpora"][0]["name"] == "books"
    assert "\n# 1 file, " in text


def test_a_name_turns_no_line_of_the_config_around(tmp_path: Path, invent: Callable[..., str]) -> None:
    name = "b\u202ek\x9b.txt"
    (tmp_path / name).write_text(invent(1, 300))
    first = xlnet_data.init(tmp_path, output=tmp_path / "corpus.toml")
    assert "b\\u202ek\\u009b.txt" in first.text
    assert not {"\u202e", "\x9b"} & {*first.text}
    assert tomllib.loads(first.text)["corpora"][0]["paths"][0].endswith(name)


def test_no_text_is_overwritten_by_a_config_and_a_config_is_under_any_name(tmp_path: Path) -> None:
    write_small_books(tmp_path / "books", "en", number=1)
    (book,) = (tmp_path / "books").iterdir()
    text = book.read_bytes()
    with pytest.raises(ShardError, match="is there already and is no config, so it is not replaced"):
        xlnet_data.init(tmp_path / "books", output=book, overwrite=True)
    assert book.read_bytes() == text
    for _ in range(2):
        xlnet_data.init(tmp_path / "books", output=tmp_path / "settings", overwrite=True)


def test_a_folder_that_holds_no_text_is_told_with_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds nothing that can be read: no file"):
        find_corpora(str(tmp_path))
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04....")
    with pytest.raises(ConfigError, match=r"a\.zip: it cannot be read .*: it is a zip archive of files; unpack it"):
        find_corpora(str(tmp_path))
    (tmp_path / "a.zip").unlink()
    for name, first in (("a.docx", "[Content_Types].xml"), ("a.epub", "mimetype")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(first, "application/epub+zip")
        with pytest.raises(ConfigError, match=r"it is an Office document or an e-book; extract its text first"):
            find_corpora(str(tmp_path))
        (tmp_path / name).unlink()
    for folder in ("s3://bucket/texts", str(tmp_path / "absent")):
        with pytest.raises(ConfigError, match="is no folder of this machine"):
            find_corpora(folder)


def test_much_text_gets_the_papers_sizes() -> None:
    tokenizer = TokenizerSettings(vocab_size=MAX_VOCAB_SIZE)
    sizes = choose_sizes(MeasuredText(tokenizer, tokens=3_000_000_000, documents=1_000_000))
    assert (sizes.examples.seq_len, sizes.examples.reuse_len, sizes.examples.pairs) == (512, 256, True)
    assert (sizes.lane_tokens, sizes.dev_frac) == (1_048_576, 0.005)


def test_a_lane_holds_documents_enough_for_negative_pairs() -> None:
    tokenizer = TokenizerSettings(vocab_size=MAX_VOCAB_SIZE)
    sizes = choose_sizes(MeasuredText(tokenizer, tokens=2_000_000, documents=20))
    assert sizes.lane_tokens == 8 * 100_000
    assert sizes.examples.pairs
    assert not choose_sizes(MeasuredText(tokenizer, tokens=700_000, documents=7)).examples.pairs


def test_a_vocabulary_that_does_not_fit_is_told_with_one_that_does(tmp_path: Path, invent: Callable[..., str]) -> None:
    lines = [line for number in range(9) for line in invent(number).split("\n\n")]
    model = str(tmp_path / "a.model")
    with pytest.raises(
        VocabularySizeError, match=r"largest possible is \d+; set vocab_size = \d+ in \[tokenizer\]"
    ) as big:
        train_tokenizer(lines, TokenizerSettings(), model)
    train_tokenizer(lines, TokenizerSettings(vocab_size=big.value.fitting), model)
    with pytest.raises(VocabularySizeError, match=r"at least \d+; set it in \[tokenizer\]") as small:
        train_tokenizer([KANJI], TokenizerSettings(vocab_size=50), model)
    assert small.value.fitting > 300
    with pytest.raises(TokenizerError, match="no text"):
        train_tokenizer([], TokenizerSettings(), model)


@pytest.fixture
def heard_interrupts() -> Iterator[None]:
    """Let SIGINT interrupt, also where it is ignored, as in what a shell starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard_interrupts")
def test_the_training_of_a_vocabulary_can_be_interrupted(tmp_path: Path) -> None:
    is_over = threading.Event()

    def sentences() -> Iterator[str]:
        while not is_over.wait(0.01):
            yield "One more sentence, and no end."

    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        train_tokenizer(sentences(), TokenizerSettings(vocab_size=100), str(tmp_path / "a.model"))
    is_over.set()
    assert not list(tmp_path.iterdir())


def training_processes() -> list[int]:
    """Return the processes that this one trains vocabularies in."""
    children = "".join(path.read_text() for path in Path("/proc/self/task").glob("*/children")).split()
    commands = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    return [child for child, command in commands.items() if b"vocabulary_process" in command]


def hard_text(then: Callable[[], None]) -> Iterator[str]:
    """Yield text that takes long to train on, and call a function once all is taken and the training begins."""
    draw = random.Random(1)
    for _ in range(20_000):
        yield " ".join("".join(draw.choices("abcdefghijklmnop", k=9)) for _ in range(9))
    threading.Timer(0.5, then).start()


@pytest.mark.usefixtures("heard_interrupts")
def test_an_interrupt_ends_a_training_that_has_all_its_text(tmp_path: Path) -> None:
    seen: list[int] = []

    def interrupt() -> None:
        seen.extend(training_processes())
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train_tokenizer(hard_text(interrupt), TokenizerSettings(vocab_size=8_000), str(tmp_path / "a.model"))
    assert len(seen) == 1
    assert training_processes() == []


def test_a_training_that_is_killed_is_told_and_a_reader_that_fails_ends_one(tmp_path: Path) -> None:
    def kill() -> None:
        os.kill(training_processes()[0], signal.SIGKILL)

    with pytest.raises(TokenizerError, match=r"died \(status -9\), maybe for want of memory: lower sample_sentences"):
        train_tokenizer(hard_text(kill), TokenizerSettings(vocab_size=8_000), str(tmp_path / "a.model"))

    def failing() -> Iterator[str]:
        yield "One sentence."
        raise CorpusError("cannot be read")

    with pytest.raises(CorpusError, match="cannot be read"):
        train_tokenizer(failing(), TokenizerSettings(), str(tmp_path / "a.model"))
    assert training_processes() == []


def test_configs_and_what_editors_keep_are_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "books"
    write_small_books(folder, "en")
    names = sorted(path.name for path in folder.iterdir())
    (folder / f"{names[0]}~").write_bytes((folder / names[0]).read_bytes())
    for _ in range(2):
        first = xlnet_data.init(folder, output=folder / "corpus.toml", overwrite=True)
        assert [sorted(corpus.files) for corpus in first.found.corpora] == [names]
    assert first.found.left_out == {
        "it is what an editor keeps of an older version": [f"{names[0]}~"],
        "it is a config of this program": ["corpus.toml"],
    }
