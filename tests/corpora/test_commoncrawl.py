"""Common Crawl: the real samples in both formats, every reason, file ranges, mutations, and lists of paths."""

import bz2
import gzip
import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from document_lists import bare, count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlnet_data.corpora import FORMATS
from xlnet_data.corpora.clueweb import CluewebSettings, read_clueweb
from xlnet_data.corpora.commoncrawl import (
    CommoncrawlSettings,
    listed_paths,
    read_commoncrawl_warc,
    read_commoncrawl_wet,
)
from xlnet_data.corpora.warc.reading import is_warc_cuttable, read_records
from xlnet_data.errors import ConfigError, CorpusError, TruncatedError
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Reason

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
WET, WARC = "commoncrawl-wet", "commoncrawl-warc"
SETTINGS = CommoncrawlSettings()
OLD_WET = "commoncrawl/eugeneware-CC-MAIN-20140820021334-00006-ip-10-180-136-8.ec2.internal.warc.wet"
KINDS = {"warcinfo", "request", "metadata"}
PROSE = "The quick brown fox jumps over the lazy dog, and nobody minds it at all."

Write = Callable[[bytes], Path]


def record(kind: str, name: str, block: bytes, fields: str = "") -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{name}>\r\n{fields}"
    return head.encode() + b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(block), block)


def page(name: str, body: str = f"<p>{PROSE}", status: str = "200 OK", fields: str = "") -> bytes:
    http = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nX-Crawler-Content-Encoding: gzip\r\n\r\n{body}".encode()
    return record("response", name, http, f"Content-Type: application/http; msgtype=response\r\n{fields}")


def read(path: Path, kind: str = WET, settings: CommoncrawlSettings = SETTINGS) -> list[Document]:
    reader = read_commoncrawl_wet if kind == WET else read_commoncrawl_warc
    return bare(reader(FileRange("cc", str(path), "f"), settings))


@pytest.mark.parametrize(
    ("kind", "name", "expected", "spot"),
    [
        # one member per record
        (WET, "commoncrawl/whirlwind.warc.wet.gz", {None: 1}, "proceso de cambio enta la"),
        (WET, "commoncrawl/whirlwind.warc.wet", {None: 1}, "proceso de cambio enta la"),
        (WARC, "commoncrawl/whirlwind.warc.gz", {None: 1}, "proceso de cambio enta la"),
        (WARC, "commoncrawl/whirlwind.warc", {None: 1}, "proceso de cambio enta la"),
        # no language field, as in 2014
        (
            WET,
            OLD_WET,
            {None: 3},
            "Photo Gallery Index",
        ),
        # 16 request, response and metadata each (the last metadata is missing); several charsets
        (WARC, "commoncrawl/resiliparse-warcfile.warc.gz", {None: 16}, "南方日报网络版"),
        # LF in the headers; lengths in characters, and wrong by a few; two records have the same id
        (WET, "commoncrawl/cc_net-sample.warc.txt", {None: 3}, "Facts are stubborn things"),
        # LF in the headers, one member, no blank line at the end, a wrong digest
        (WET, "commoncrawl/anserini-cc-segment1.warc.wet.gz", {None: 1}, "hello"),
        # the length of the warcinfo record reaches four bytes into the next record
        (WARC, "commoncrawl/anserini-ccnews-segment1.warc.gz", {None: 1}, "whatever here will be included"),
        # bodies in chunks; 22 responses, the other records are no documents
        (WARC, "commoncrawl/wget-dolma-sample-0000.warc.gz", {None: 22}, "interdisciplinary research team"),
        # what should have been six members is one
        (WARC, "warc_malformed/warcio-example-bad-non-chunked.warc.gz", {None: 1}, "illustrative examples"),
        (
            WARC,
            "warc_malformed/warcio-example-bad.warc.gz.bad",
            {None: 1, Reason.HTTP_STATUS: 1},
            "illustrative examples",
        ),
        # the length of a response is two bytes short; its body is gzip, and lacks the end of the checksum by that
        (WARC, "warc_malformed/warcio-example-trunc.warc", {None: 1}, "illustrative examples"),
        (WARC, "warc_malformed/warcio-example.warc.gz", {None: 1}, "illustrative examples"),
        # the body is one chunk
        (WARC, "warc_malformed/warcio-example-iana.org-chunked.warc", {None: 1}, "global coordination of the DNS Root"),
        # a plain file with a gzip name and a wrong first byte; neither that nor its content is a record
        (WARC, "warc_malformed/jwat-invalid-magic.gz", {Reason.MALFORMED: 1}, ""),
        # a warcinfo record in which each field comes twice
        (WARC, "warc_malformed/jwat-invalid-warcfile-duplicate-fields.warc", {}, ""),
        # Big5_Solaris in HTTP, Big5 in the page, not UTF-8 in the WARC header; the third response is an image
        (
            WARC,
            "warc_malformed/jwat-invalid-warcfile-encoding-headers.warc.gz",
            {None: 2, Reason.NOT_TEXT: 1},
            "除權交易日",
        ),
        # a record with neither type nor length
        (WARC, "warc_malformed/jwat-invalid-warcfile-fields-empty.warc", {Reason.MALFORMED: 1}, ""),
        # robots.txt, then text that is no record
        (
            WARC,
            "warc_malformed/jwat-invalid-warcfile-record-then-garbage.warc",
            {None: 1, Reason.MALFORMED: 1},
            "crawl our files",
        ),
        # values on lines of their own; a continuation of a record is no document
        (WARC, "warc_malformed/jwat-valid-warcfile-fields-continuation.warc", {}, ""),
        # DNS answers, "warc/1.0" and fields in small and in capital letters
        (WARC, "warc_malformed/jwat-valid-warcfile-upper-lower-case.warc", {Reason.NOT_TEXT: 4}, ""),
        # records of an unknown type, as long as a reader's buffer
        (WARC, "warc_malformed/resiliparse-block-sized-records.warc.gz", {}, ""),
        # a gzip file of nothing
        (WARC, "warc_malformed/webarchive-commons-empty.gz", {}, ""),
    ],
)
def test_the_samples_have_the_documents_that_they_have(
    samples: Path, kind: str, name: str, expected: dict[Reason | None, int], spot: str
) -> None:
    documents = read(samples / name, kind)
    assert count(documents) == expected
    assert spot in "\n".join(document.text for document in documents)
    assert all(document.doc_id.startswith("f@") == (document.reason is Reason.MALFORMED) for document in documents)


@pytest.mark.parametrize(
    ("kind", "name", "error", "message"),
    [
        (
            WARC,
            "warc_malformed/resiliparse-clipped.warc.gz",
            TruncatedError,
            "that begins at byte 0",
        ),
        (
            WARC,
            "warc_malformed/jwat-invalid-truncated.gz",
            TruncatedError,
            "that begins at byte 0",
        ),
        (WARC, "warc_malformed/warcio-bad.arc", CorpusError, "bad.arc is an ARC file"),
        (WET, "commoncrawl/whirlwind.warc.wat.gz", CorpusError, "whirlwind.warc.wat.gz is a WAT file"),
        (WET, "commoncrawl/whirlwind.warc.gz", CorpusError, 'its format is "commoncrawl-warc"'),
        (WARC, "commoncrawl/whirlwind.warc.wet.gz", CorpusError, 'its format is "commoncrawl-wet"'),
    ],
)
def test_files_that_are_cut_or_of_another_kind_are_an_error(
    samples: Path, kind: str, name: str, error: type[CorpusError], message: str
) -> None:
    with pytest.raises(error, match=message):
        read(samples / name, kind)


def test_every_reason_is_counted_in_wet_files(write: Write) -> None:
    language = "WARC-Identified-Content-Language: "
    content = (
        record("warcinfo", "0", b"Software-Info: x\r\n")
        + record("conversion", "1", b"Title\nText.\n", f"{language}deu,eng\r\n")
        + record("conversion", "2", b"Titel\nText.\n", f"{language}deu\r\n")
        + record("conversion", "3", "Заголовок".encode())
        + record("conversion", "4", b" \n\r\n", f"{language}eng\r\n")
        + record("conversion", "5", b"x" * (9 << 20), f"{language}eng\r\n")
        + b"garbage\r\n\r\n"
        + record("metadata", "6", b"fetchTimeMs: 1\r\n")
    )
    documents = read(write(content), WET, CommoncrawlSettings(languages=("eng", "fra")))
    assert count(documents) == {None: 2, Reason.LANGUAGE: 1, Reason.EMPTY: 1, Reason.TOO_LARGE: 1, Reason.MALFORMED: 1}
    assert documents[:2] == [
        Document("cc", "urn:uuid:1", "Title\n\nText."),
        Document("cc", "urn:uuid:2", "", Reason.LANGUAGE),
    ]
    assert count(read(write(content)))[None] == 3


def test_every_reason_is_counted_in_warc_files(write: Write) -> None:
    content = (
        record("request", "0", b"GET / HTTP/1.1\r\n\r\n")
        + page("1")
        + page("2", status="503 Busy")
        + page("3", body="")
        + page("4", body="%PDF-1.4")
        + page("5", fields="WARC-Identified-Content-Language: deu\r\n")
        + page("6", body="<p>" * 400_000)
        + record("response", "7", b"nothing", "Content-Type: application/http\r\n")
    )
    documents = read(write(content), WARC, CommoncrawlSettings(languages=("eng",)))
    reasons = [
        None,
        Reason.HTTP_STATUS,
        Reason.EMPTY,
        Reason.NOT_TEXT,
        Reason.LANGUAGE,
        Reason.TOO_LARGE,
        Reason.MALFORMED,
    ]
    assert [document.reason for document in documents] == reasons
    assert documents[0] == Document("cc", "urn:uuid:1", PROSE)


def test_a_line_of_a_wet_file_is_a_paragraph(write: Write) -> None:
    block = "Home\n About us \r\n\n \nПривет, \t мир\n".encode() + b"broken \xff byte"
    assert (
        read(write(record("conversion", "1", block)))[0].text
        == "Home\n\nAbout us\n\nПривет, \t мир\n\nbroken \ufffd byte"
    )


def test_a_document_without_a_record_id_is_named_by_its_place(write: Write) -> None:
    nameless = record("conversion", "1", b"text").replace(b"WARC-Record-ID", b"X")
    assert [d.doc_id for d in read(write(nameless * 2))] == ["f@0", f"f@{len(nameless)}"]
    assert [d.doc_id for d in read(write(gzip.compress(nameless * 2)))] == ["f@0", f"f@0+{len(nameless)}"]


@pytest.mark.parametrize("kind", [WET, WARC])
def test_splits_of_a_real_file_give_together_what_the_whole_file_gives(samples: Path, write: Write, kind: str) -> None:
    name = "whirlwind.warc.wet.gz" if kind == WET else "resiliparse-warcfile.warc.gz"
    content = (samples / "commoncrawl" / name).read_bytes() * (20 if kind == WET else 1)
    path = write(content)
    reader = FORMATS[kind].read
    whole = list(reader(FileRange("cc", str(path), "f"), SETTINGS))
    assert is_warc_cuttable(InputFile(str(path), "f", len(content)), SETTINGS)
    rng = random.Random(0)
    for _ in range(20 if kind == WET else 3):
        edges = [0, *sorted(rng.sample(range(1, len(content)), 5)), len(content)]
        ranges = [FileRange("cc", str(path), "f", edges[i], edges[i + 1]) for i in range(6)]
        assert [document for file_range in ranges for document in reader(file_range, SETTINGS)] == whole


MUTATED = [
    (WET, "commoncrawl/whirlwind.warc.wet.gz"),
    (WET, "commoncrawl/cc_net-sample.warc.txt"),
    (WARC, "commoncrawl/whirlwind.warc.gz"),
    (WARC, "commoncrawl/anserini-ccnews-segment1.warc.gz"),
    (WARC, "warc_malformed/warcio-example-iana.org-chunked.warc"),
    (WARC, "warc_malformed/warcio-example.warc.gz"),
    (WARC, "warc_malformed/jwat-invalid-warcfile-encoding-headers.warc.gz"),
    ("clueweb", "clueweb12/terrier-cw12.sample"),
]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample files at {SAMPLES}")
@settings(max_examples=120, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sample=st.sampled_from(MUTATED),
    seed=st.integers(0, 2**32),
    num_faults=st.integers(1, 20),
    is_inside=st.booleans(),
)
def test_mutated_pages_never_crash(
    write: Write, sample: tuple[str, str], seed: int, num_faults: int, is_inside: bool
) -> None:
    kind, name = sample
    rng = random.Random(seed)
    content = (SAMPLES / name).read_bytes()
    if is_inside and content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    changed = bytearray(content)
    for _ in range(num_faults):
        at = rng.randrange(len(changed))
        until = at + rng.choice([0, 1, 1, 30])
        changed[at:until] = rng.choice([rng.randbytes(1), rng.randbytes(30), b"", changed[at : at + 300], b"<div><b>"])
        if not changed:
            changed = bytearray(b"x")
    path = write(zlib.compress(changed, 1, 31) if is_inside else bytes(changed))
    reader, settings_ = (read_clueweb, CluewebSettings()) if kind == "clueweb" else (FORMATS[kind].read, SETTINGS)
    try:
        documents = list(reader(FileRange("cc", str(path), "f"), settings_))
    except CorpusError as error:
        assert str(path) in str(error)  # noqa: PT017 - most mutations raise nothing
        return
    assert all(bool(document.text) == (document.reason is None) for document in documents)
    kinds = {record.kind for record in read_records(FileRange("cc", str(path), "f"))}
    assert documents or kinds - KINDS  # each of the files holds some: read, dropped or malformed


def test_pages_that_are_stored_without_their_http_header_are_read(write: Write) -> None:
    html = f"<p>{PROSE} Größe".encode("cp1252")
    path = write(
        record("resource", "1", html, "Content-Type: text/html; charset=ISO-8859-1\r\n")
        + record("resource", "2", PROSE.encode(), "Content-Type: text/plain\r\n")  # such as wget's log
        + record("resource", "3", b" ", "Content-Type: text/html\r\n")
    )
    assert read(path, WARC) == [
        Document("cc", "urn:uuid:1", f"{PROSE} Größe"),
        Document("cc", "urn:uuid:3", "", Reason.EMPTY),
    ]


def test_conversions_to_other_than_plain_text_are_read_as_what_they_are(write: Write) -> None:
    path = write(
        record("conversion", "1", f"<p><b>{PROSE}</b>".encode(), "Content-Type: text/html\r\n")
        + record("conversion", "2", b"\x89PNG\r\n", "Content-Type: image/png\r\n")
        + record("conversion", "3", b"<p>A", "Content-Type: text/plain; charset=utf-8\r\n")
        + record("conversion", "4", b"<p>A")
    )
    assert [(document.text, document.reason) for document in read(path, WET)] == [
        (PROSE, None),
        ("", Reason.NOT_TEXT),
        ("<p>A", None),
        ("<p>A", None),
    ]


def test_lists_of_paths_are_read(tmp_path: Path) -> None:
    (tmp_path / "wet.paths.gz").write_bytes(gzip.compress(b"crawl-data/a.warc.wet.gz\ncrawl-data/b.warc.wet.gz\r\n\n"))
    (tmp_path / "x.paths").write_text("/data/a.gz\ns3://bucket/b.gz\nc.gz")
    assert listed_paths(str(tmp_path / "wet.paths.gz"), "/", SETTINGS) == [
        "https://data.commoncrawl.org/crawl-data/a.warc.wet.gz",
        "https://data.commoncrawl.org/crawl-data/b.warc.wet.gz",
    ]
    here = replace(SETTINGS, base_url="/mirror/")
    assert listed_paths("x.paths", str(tmp_path), here) == ["/data/a.gz", "s3://bucket/b.gz", "/mirror/c.gz"]
    (tmp_path / "y.paths.bz2").write_bytes(bz2.compress(b"\xef\xbb\xbfd.gz\r\n"))
    assert listed_paths("y.paths.bz2", str(tmp_path), here) == ["/mirror/d.gz"]
    assert listed_paths("?.paths.bz2", str(tmp_path), here) == ["/mirror/d.gz"]
    assert listed_paths("a/*.warc.wet.gz", "/", SETTINGS) == ["a/*.warc.wet.gz"]
    (tmp_path / "cut.paths.gz").write_bytes(gzip.compress(b"crawl-data/a.warc.wet.gz\n")[:-9])
    for name in ("none.paths", "cut.paths.gz"):
        with pytest.raises(CorpusError, match=name):
            listed_paths(str(tmp_path / name), "/", SETTINGS)


@pytest.mark.parametrize("keys", [{"languages": ["english"]}, {"languages": ["EN"]}, {"base_url": ""}])
def test_settings_that_mean_nothing_are_an_error(keys: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(keys))):
        CommoncrawlSettings(**keys)  # type: ignore[arg-type]
