"""Documents on which a worker process dies or hangs: named, or left out and counted, and nothing else is lost."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path

import pytest
import sentencex

from xlnet_data import build_corpus, documents, load_config, plan
from xlnet_data.corpora import jsonl
from xlnet_data.corpora.guards import TOO_SLOW, document_secs, document_watcher, give_up_document, run_or_describe
from xlnet_data.datasets.manifests import read_manifest
from xlnet_data.files.ranges import FileRange
from xlnet_data.ingestion.reading import read_documents
from xlnet_data.ingestion.vocabulary_samples import sample_sentences
from xlnet_data.pipelines.local.status import LocalProgress, StatusFile, read_statuses, write_left_out
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.schemas.manifest import Manifest

COMMAND = (sys.executable, "-m", "xlnet_data")
NUM_DOCUMENTS = 60
DEADLINE_SECS = 120

POISON = """
import os, re, signal
from xlnet_data.corpora import jsonl

parse = jsonl._parse_line

def parse_poison(unread, line, *rest):
    with open(os.path.join(os.environ["PYTHONPATH"], f"worker-{os.getpid()}"), "w"):
        pass
    if b"hang without end" in line:
        re.match("(a+)+$", "a" * 60 + "b")  # holds the interpreter: no thread of this process can help
    if b"hang for good" in line:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})  # as a call that no signal interrupts
        while True:
            pass
    if b"die at once" in line:
        os._exit(11)
    return parse(unread, line, *rest)

jsonl._parse_line = parse_poison
"""


@pytest.fixture
def write_project(tmp_path: Path, small_model: Path, invent: Callable[..., str]) -> Callable[..., Path]:
    """Return a function that writes texts, some of them poisonous, and a config, and returns its path."""
    (tmp_path / "sitecustomize.py").write_text(POISON)

    def write(on_error: str, *poisons: str) -> Path:
        lines = [json.dumps({"text": invent(number, 16)}) for number in range(NUM_DOCUMENTS)]
        for place, poison in enumerate(poisons, 1):
            lines.insert(20 * place, json.dumps({"text": poison}))
        (tmp_path / "a.jsonl").write_text("\n".join(lines))
        path = tmp_path / "config.toml"
        path.write_text(
            f'[tokenizer]\nmodel = {json.dumps(str(small_model))}\n[[corpora]]\nname = "c"\nformat = "jsonl"\n'
            f'paths = ["a.jsonl"]\non_error = "{on_error}"\nmax_document_secs = 2\n'
            "[examples]\nseq_len = 64\nreuse_len = 32\n[lanes]\nlane_tokens = 4096\n[output]\ndev_frac = 0.1\n"
        )
        return path

    return write


def build(config: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, "build-corpus", config, "--output", config.parent / "out", "--workers", "2", "--quiet"],
        env={**os.environ, "PYTHONPATH": str(config.parent)},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECS,
        check=False,
    )


def manifest_of(config: Path) -> Manifest:
    return read_manifest(str(config.parent / "out"))


def test_what_kills_a_worker_is_named_and_can_be_skipped_from_there(write_project: Callable[..., Path]) -> None:
    config = write_project("error", "die at once")
    offset = (config.parent / "a.jsonl").read_bytes().find(b'{"text": "die at once')
    run = build(config)
    assert run.returncode == 1
    assert "a worker process died" in run.stderr
    assert f"document 'a.jsonl@{offset}' of {config.parent / 'a.jsonl'}" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    config.write_text(config.read_text().replace('on_error = "error"', 'on_error = "skip"'))
    run = build(config)
    assert run.returncode == 0, run.stderr
    (corpus,) = manifest_of(config).corpora.values()
    assert (corpus.documents_read, corpus.documents_kept) == (NUM_DOCUMENTS + 1, NUM_DOCUMENTS)
    assert corpus.documents_dropped == {"failed": 1}


def test_several_poisonous_documents_are_all_left_out(write_project: Callable[..., Path]) -> None:
    config = write_project("skip", "die at once", "hang for good")
    run = build(config)
    assert run.returncode == 0, run.stderr
    (corpus,) = manifest_of(config).corpora.values()
    assert corpus.documents_kept == NUM_DOCUMENTS
    assert corpus.documents_dropped == {"failed": 1, "malformed": 1}


def test_a_document_that_takes_too_long_is_malformed_and_ends_no_build(write_project: Callable[..., Path]) -> None:
    config = write_project("error", "hang without end", "hang without end")
    run = build(config)
    assert run.returncode == 0, run.stderr
    (corpus,) = manifest_of(config).corpora.values()
    assert corpus.documents_dropped == {"malformed": 2}
    assert corpus.notes == {"too_slow": 2}
    assert len(list(config.parent.glob("worker-*"))) == 1, "the worker gave them up and went on"


def test_a_document_that_takes_too_long_is_malformed_in_a_process_without_workers_too(
    write_project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_project("error", "hang without end")
    parse = jsonl._parse_line

    def parse_slowly(unread: Document, line: bytes, *rest: object) -> Document:
        while b"hang without end" in line:
            pass
        return parse(unread, line, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(jsonl, "_parse_line", parse_slowly)
    config.write_text(config.read_text().replace("max_document_secs = 2", "max_document_secs = 0.2"))
    endless = replace(load_config(config).corpora[0], max_document_secs=math.inf)
    next(read_documents(FileRange("c", str(config.parent / "a.jsonl"), "f"), endless))
    found = list(documents(config, with_rejected=True))
    assert [(document.reason, document.notes) for document in found if document.reason] == [
        (Reason.MALFORMED, ("too_slow",))
    ]
    assert len(found) == NUM_DOCUMENTS + 1
    assert len(sample_sentences(load_config(config))) > NUM_DOCUMENTS
    (estimate,) = plan(config).corpora
    assert estimate.documents_dropped == {"malformed": 1}
    build_corpus(config, config.parent / "out", workers=0)
    (corpus,) = manifest_of(config).corpora.values()
    assert (corpus.documents_dropped, corpus.notes) == ({"malformed": 1}, {"too_slow": 1})


def test_a_document_is_not_given_up_for_the_time_for_which_the_process_is_stopped() -> None:
    code = (
        "import time\n"
        "from xlnet_data.corpora.guards import document_secs, run_or_describe\n"
        "def parse():\n"
        "    print('begun', flush=True)\n"
        "    end = time.process_time() + 0.1\n"
        "    while time.process_time() < end:\n"
        "        pass\n"
        "    return 'parsed'\n"
        "document_secs.set(0.6)\n"
        "print(run_or_describe('a.txt', 'd', parse))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.7)
        process.send_signal(signal.SIGCONT)
        assert process.stdout.read() == "('parsed', '')\n"


@pytest.mark.parametrize("doc_id", ["plain", "half of a pair: \ud800", "long: " + "é" * 5_000])
def test_a_document_is_left_out_by_the_name_that_was_seen_from_outside(tmp_path: Path, doc_id: str) -> None:
    left_out = str(tmp_path / "left_out.json")
    assert StatusFile(str(tmp_path), left_out).begin("a.jsonl", doc_id) == ""
    (seen,) = read_statuses(str(tmp_path))
    write_left_out(left_out, {seen.name: "it took long"})
    again = StatusFile(str(tmp_path), left_out)
    assert again.begin("a.jsonl", doc_id) == "it took long"
    assert again.begin("b.jsonl", doc_id) == ""
    assert again.begin("a.jsonl", "another") == ""


def test_a_process_is_seen_at_a_document_until_that_is_done_and_else_at_what_it_reads(tmp_path: Path) -> None:
    progress = LocalProgress(str(tmp_path), str(tmp_path / "left_out"), run=str(tmp_path))
    seen = []

    def look() -> None:
        (worker,) = read_statuses(str(tmp_path))
        seen.append((worker.corpus, str(worker), worker.changes))

    def work() -> None:
        progress.read_from("c", "a.jsonl")
        watcher = document_watcher.get()
        assert watcher is not None
        look()
        for source in ("a.jsonl", "corpus 'c'"):
            watcher.begin(source, "d")
            look()
            watcher.end()
            look()
        watcher.begin("a.jsonl", "d")
        progress.read_from("c", "")
        look()

    copy_context().run(work)
    said = ["a.jsonl", "document 'd' of a.jsonl", "a.jsonl", "document 'd' of corpus 'c'", "a.jsonl", ""]
    assert [one[:2] for one in seen] == [("c", text) for text in said]
    assert len({changes for _, _, changes in seen}) == len(seen)  # by which one that hangs is known


def test_what_tells_to_give_up_a_document_does_nothing_between_two_and_is_no_harm_right_at_an_end(
    tmp_path: Path,
) -> None:
    file = StatusFile(str(tmp_path), "")
    end = file.end

    def end_and_be_told() -> None:
        file.end = end  # type: ignore[method-assign]
        give_up_document(0, None)

    def work() -> None:
        give_up_document(0, None)  # without a watcher
        document_watcher.set(file)
        give_up_document(0, None)
        assert run_or_describe("a.txt", "d", str.upper, "a") == ("A", "")
        give_up_document(0, None)
        file.end = end_and_be_told  # type: ignore[method-assign]
        assert run_or_describe("a.txt", "d", str.upper, "a") == (None, TOO_SLOW)
        assert not file.is_at_document
        write_left_out(str(tmp_path / "left_out"), {("a.txt", "e"): "it was slow"})
        document_watcher.set(again := StatusFile(str(tmp_path), str(tmp_path / "left_out")))
        assert run_or_describe("a.txt", "e", str.upper, "a") == (None, "it was slow")
        assert not again.is_at_document, "what it does then is not that document's time"

    copy_context().run(work)


def test_a_panic_of_a_library_is_told_of_its_document_and_an_interruption_is_not() -> None:
    document_secs.set(0)  # an earlier test leaves the limit of its corpus
    made, cause = run_or_describe("a.txt", "d", sentencex.segment, "en", "B\xa0.")
    assert made is None
    assert cause.startswith("PanicException in ")
    with pytest.raises(KeyboardInterrupt):
        run_or_describe("a.txt", "d", signal.default_int_handler, signal.SIGINT, None)
