"""Reads damaged files of every format, each within limits of time and memory, and prints what no reader may do.

    nice python benchmarks/fuzz.py [--format NAME ...] [--inputs 2000] [--seed 0] [--first 0] [--keep FOLDER]

An input is made of format, seed and number alone: `--first NUMBER --inputs 1 --keep FOLDER` makes one again and keeps
it. Its documents are read as a build reads them, filtered and split into sentences. A fault is an error without a name
of ours, a document that the parser died on, a process that died, an input that takes too long or too much memory, a
document without text or reason, or other documents if the file is read in two ranges.
"""

import argparse
import faulthandler
import json
import mmap
import os
import random
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from measuring import describe_machine
from mutations import MAKERS, make_input

from xlnet_data.config import CorpusConfig
from xlnet_data.corpora import FORMATS
from xlnet_data.errors import TruncatedError, XlnetDataError
from xlnet_data.files import ranges
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.filters.presets import filter_settings
from xlnet_data.ingestion.reading import filter_documents, read_documents
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.text.sentences import split_document

LIMIT_SECS = 120.0
LIMIT_CORE_SECS = 1.0
KILL_CORE_SECS = 10.0
LIMIT_BYTES = 1_000_000_000
HOW_DIED = {-signal.SIGPROF: f"took more than {KILL_CORE_SECS:g} s of a core"}
_STATE = struct.Struct("<qd")  # the input's number, and when it was begun
POLL_SECS = 0.02
_MEMORY_WORDS = ("malloc", "bad_alloc", "out of memory", "Cannot allocate")
_FORMAT_SETTINGS = {
    "text": ({"documents": "blank-line"}, {"sentences": "line"}, {"paragraphs": "blank-line"}, {"encoding": "latin-1"}),
    "books": ({"layout": "gutenberg"}, {"layout": "bookcorpus", "sentences_per_document": 20}),
    "jsonl": ({"id_field": "id"}, {"text_field": "meta.deep"}),
    "parquet": ({"id_field": "id"},),
    "wikipedia": ({"headings": True, "lists": True, "title": True},),
    "wikiextractor": ({"title": True},),
    "gigaword": ({"headline": True, "dateline": True}, {"types": ("story", "other")}),
    "commoncrawl-wet": ({"languages": ("deu",)},),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", action="append", choices=list(FORMATS), help="repeatable; all without it")
    for name, number in (("inputs", 2000), ("seed", 0), ("first", 0)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--keep", type=Path, help="folder for the inputs with faults; with one input, for that one")
    parser.add_argument("--state", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    assert MAKERS.keys() == FORMATS.keys()
    names = options.format or list(FORMATS)
    if options.state is not None:
        read_inputs(names[0], options)
        return
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # which ends the reading process too
    print(describe_machine())
    found = 0
    for name in names:
        begin, faults = time.monotonic(), 0
        for number, fault in watch(name, options):
            faults += 1
            print(f"{name} {options.seed} {number}: {fault}", flush=True)
            if options.keep is not None:
                options.keep.mkdir(parents=True, exist_ok=True)
                draw = random.Random(f"{name} {options.seed} {number}")
                (options.keep / f"{name}-{options.seed}-{number}").write_bytes(make_input(name, draw))
        secs = time.monotonic() - begin
        print(f"{name:17} {options.inputs:7,} inputs  {options.inputs / secs:5.0f}/s  {faults} faults", flush=True)
        found += faults
    sys.exit(bool(found))


def watch(name: str, options: argparse.Namespace) -> Iterator[tuple[int, str]]:
    """Have a process read the inputs; yield the number and the fault of each that has one, and go on after it."""
    number, end = options.first, options.first + options.inputs
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile("w+") as said:
        file.truncate(_STATE.size)
        state = mmap.mmap(file.fileno(), _STATE.size)
        while number < end:
            command = [sys.executable, __file__, "--format", name, "--seed", str(options.seed), "--first", str(number)]
            command += ["--inputs", str(end - number), "--state", str(file.fileno())]
            _STATE.pack_into(state, 0, number, time.monotonic() + 60)  # its imports
            said.seek(0)
            said.truncate()
            child = subprocess.Popen(command, pass_fds=[file.fileno()], stdout=said, stderr=subprocess.DEVNULL)
            late = False
            try:
                while child.poll() is None and not late:
                    time.sleep(POLL_SECS)
                    begun = _STATE.unpack_from(state)[1]  # 0 while it is being written
                    late = begun > 0 and time.monotonic() - begun > LIMIT_SECS
            finally:
                child.kill()
            status = child.wait()
            said.seek(0)
            yield from map(json.loads, said)
            number, _ = _STATE.unpack_from(state)
            if status:
                died = HOW_DIED.get(status, f"the process died (status {status})")
                yield number, f"took more than {LIMIT_SECS:g} s" if late else died
                number += 1
            elif number < end:  # it has told of the fault, and is too large to go on
                number += 1


def read_inputs(name: str, options: argparse.Namespace) -> None:
    """Read inputs one after the other, and print the number and the fault of each that has one."""
    state = mmap.mmap(options.state, _STATE.size)
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    address_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (address_bytes + 4 * LIMIT_BYTES,) * 2)
    with tempfile.TemporaryDirectory(dir=shm) as folder:
        path = Path(folder) / "input"
        for number in range(options.first, options.first + options.inputs):
            draw = random.Random(f"{name} {options.seed} {number}")
            path.write_bytes(make_input(name, draw))
            _STATE.pack_into(state, 0, number, time.monotonic())
            signal.setitimer(signal.ITIMER_PROF, KILL_CORE_SECS)
            begin = time.process_time()
            fault = fault_of(name, path, draw)
            if (secs := time.process_time() - begin) > LIMIT_CORE_SECS and number > options.first:
                fault = fault or f"took {secs:.1f} s"
            if fault:
                print(json.dumps([number, fault]), flush=True)
            if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - used > LIMIT_BYTES:
                print(json.dumps([number, f"took more than {LIMIT_BYTES / 1e6:.0f} MB"]), flush=True)
                return
    _STATE.pack_into(state, 0, number + 1, time.monotonic())


def fault_of(name: str, path: Path, draw: random.Random) -> str:
    """Return what a reader does with a file that it may not do, "" if nothing."""
    settings = draw.choice(({}, *_FORMAT_SETTINGS.get(name, ())))
    corpus = CorpusConfig(
        "c",
        name,
        (str(path),),
        draw.choice(("en", "ja", "ar", "de")),
        on_error="skip",
        filters=filter_settings(draw.choice(("none", "web", "gopher", "c4")), "none"),
        settings=FORMATS[name].settings(**settings),
    )
    whole = FileRange("c", str(path), "f")
    try:
        documents, end = read(whole, corpus)
        for document in documents:
            if document.reason is Reason.FAILED:
                return f"died on {document.doc_id!r}: {document.cause}"
            if document.reason is None and not document.text.strip():
                return f"{document.doc_id!r} has neither text nor reason"
        for document in filter_documents(documents, corpus):
            if document.reason is Reason.FAILED:
                return f"filters died on {document.doc_id!r}: {document.cause}"
            if document.reason is None:
                split_document(document.text, "en", document.is_sentence_per_line)
        return fault_of_ranges(whole, corpus, (documents, end), draw)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def read(file_range: FileRange, corpus: CorpusConfig) -> tuple[list[Document], str]:
    """Return the documents of a range, and the named error that reading ended with."""
    documents: list[Document] = []
    try:
        for document in read_documents(file_range, corpus):
            documents.append(document)
    except TruncatedError:
        return documents, "truncated"
    except XlnetDataError as error:
        if any(word in str(error) for word in _MEMORY_WORDS):
            raise MemoryError(str(error)) from error
        return documents, str(error)
    return documents, ""


def fault_of_ranges(
    whole: FileRange, corpus: CorpusConfig, expected: tuple[list[Document], str], draw: random.Random
) -> str:
    """Return how the documents of a file's two ranges differ from those of the whole file, "" if they do not."""
    size = os.path.getsize(whole.path)
    cut = draw.randint(1, max(1, size - 1))
    ranges.RANGE_BYTES = cut if draw.random() < 0.3 else size
    if expected[1] or not FORMATS[corpus.format].is_cuttable(InputFile(whole.path, "f", size), corpus.settings):
        return ""
    parts = [read(FileRange("c", whole.path, "f", start, end), corpus) for start, end in ((0, cut), (cut, size))]
    found = [document for documents, _ in parts for document in documents]
    ends = [end for _, end in parts if "no record has the field" not in end]
    if found == expected[0] and not any(ends):
        return ""
    differing = Counter(map(describe, found))
    differing.subtract(map(describe, expected[0]))
    changed = {what: number for what, number in differing.items() if number}
    return f"other documents if cut at {cut} of {size}: {changed or ends}"[:400]


def describe(document: Document) -> str:
    return f"{document.doc_id} {document.reason or document.text[:20]!r}"


if __name__ == "__main__":
    main()
