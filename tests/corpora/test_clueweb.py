"""ClueWeb: the real samples, every reason to drop a page, and what pages may look like."""

import gzip
import io
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from document_lists import count
from fastwarc.stream_io import BrotliWriter
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.corpora.clueweb import CluewebSettings, read_clueweb
from xlnet_data.corpora.warc.charsets import codec_of
from xlnet_data.corpora.warc.decoding import decode_page
from xlnet_data.corpora.warc.html import cost_of, main_text, tags_of
from xlnet_data.corpora.warc.reading import is_warc_cuttable
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Reason

Read = Callable[[bytes], list[Document]]
PROSE = "The quick brown fox jumps over the lazy dog, and nobody minds it at all."


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_content(content: bytes) -> list[Document]:
        path = tmp_path / "file"
        path.write_bytes(content)
        return list(read_clueweb(FileRange("clueweb", str(path), "f"), CluewebSettings()))

    return read_content


def response(http: bytes, trec_id: str = "clueweb12-0000tw-00-00001", kind: str = "response") -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-TREC-ID: {trec_id}\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
    head += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    return head.encode() + http + b"\r\n\r\n"


def page(body: str | bytes, fields: str = "Content-Type: text/html\r\n", status: str = "200 OK") -> bytes:
    body = body.encode() if isinstance(body, str) else body
    return response(f"HTTP/1.1 {status}\r\n{fields}\r\n".encode() + body)


@pytest.mark.parametrize(
    ("name", "expected", "ids", "spot"),
    [
        # the WARC and HTTP headers end in LF, both records are in one gzip member, and the ids say clueweb09
        ("anserini-cw12-segment1.warc.gz", {None: 1}, ["clueweb09-az0000-00-00000"], "whatever here will be included"),
        # the same as WARC/0.18, without a blank line between its records
        ("anserini-cw09-segment1.warc.gz", {None: 1}, ["clueweb09-az0000-00-00000"], "whatever here will be included"),
        # two pages, two redirects without a body or a reason phrase; 395 bytes too many after the first block, whose
        # digest is right; no blank lines at the end; two records have the same WARC-Record-ID
        (
            "terrier-cw12.sample",
            {None: 2, Reason.HTTP_STATUS: 2, Reason.MALFORMED: 1},
            [
                "clueweb12-0000tw-00-00000",
                "f@24013",
                *(f"clueweb12-0000tw-00-{n}" for n in ("22207", "22208", "00010")),
            ],
            "has added a photo to the pool",
        ),
        (
            "warcpp-clueweb12-0000tw-00-00055.warc",
            {None: 1},
            ["clueweb12-0000tw-00-00055"],
            "POST requests only.",
        ),
    ],
)
def test_the_samples_have_the_documents_that_they_have(
    samples: Path, name: str, expected: dict[Reason | None, int], ids: list[str], spot: str
) -> None:
    documents = list(read_clueweb(FileRange("c", str(samples / "clueweb12" / name), "f"), CluewebSettings()))
    assert count(documents) == expected
    assert [document.doc_id for document in documents] == ids
    assert spot in documents[0].text
    assert "\n\n" in documents[0].text or name.startswith(("anserini", "warcpp"))


def test_every_reason_is_counted(read: Read) -> None:
    pdf = b"%PDF-1.4 ..."
    bomb = gzip.compress(b"x" * (9 << 20))
    documents = read(
        page(f"<p>{PROSE}</p>")
        + page("<p>moved</p>", status="301")
        + page("<p>sorry</p>", status="404 Not Found")
        + page("")
        + page(" \r\n ")
        + page("<html><head><title>x</title></head><body><script>y</script></body></html>")
        + page(pdf)
        + page("a { }", "Content-Type: text/css\r\n")
        + page(b"\0\0\0\1 binary", "")
        + response(b"20080430204825\r\nwww.example.org. 589 IN A 1.2.3.4\r\n").replace(b"application/http", b"text/dns")
        + response(b"no answer at all")
        + page(b"\x1f\x8b\x08" + b"broken" * 9, "Content-Type: text/html\r\nContent-Encoding: gzip\r\n")
        + page(bomb, "Content-Type: text/html\r\nContent-Encoding: gzip\r\n")
        + page("<p>" + "<i>x</i>" * 400_000)
        + response(b"", kind="")
        + b"".join(
            response(b"x", kind=kind) for kind in ("warcinfo", "request", "metadata", "revisit", "resource", "odd")
        )
    )
    assert count(documents) == {
        None: 1,
        Reason.HTTP_STATUS: 2,
        Reason.EMPTY: 3,
        Reason.NOT_TEXT: 4,
        Reason.MALFORMED: 3,
        Reason.TOO_LARGE: 2,
    }
    assert documents[0] == Document("clueweb", "clueweb12-0000tw-00-00001", PROSE)
    assert all(not document.text for document in documents[1:])
    assert documents[-1].doc_id.startswith("f@")


def test_a_page_without_a_trec_id_has_another_stable_one(read: Read) -> None:
    content = page(PROSE)
    assert read(content.replace(b"WARC-TREC-ID", b"X"))[0].doc_id == "urn:uuid:1"
    assert read(content.replace(b"WARC-TREC-ID", b"X").replace(b"WARC-Record-ID", b"Y"))[0].doc_id == "f@0"


def brotli(content: bytes) -> bytes:
    class Kept(io.BytesIO):
        def close(self) -> None:
            """Stay readable."""

    raw = Kept()
    writer = BrotliWriter(raw)
    writer.write(content)
    writer.close()
    return raw.getvalue()


HTML = f"<html><body><p>{PROSE}</p></body></html>".encode()
CHUNKS = b"".join(b"%X\r\n%s\r\n" % (len(part), part) for part in (HTML[:20], HTML[20:])) + b"0\r\n\r\n"
ZIPPED = gzip.compress(HTML, mtime=0)
RUSSIAN = "Съешь же ещё этих мягких французских булок"


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ("Transfer-Encoding: chunked", CHUNKS),
        ("Transfer-Encoding: chunked", CHUNKS[: -len("\r\n0\r\n\r\n")]),  # cut off
        ("Transfer-Encoding: chunked", HTML),  # undone by the crawler already
        ("Content-Encoding: gzip", ZIPPED),
        ("Content-Encoding: gzip", ZIPPED[:-8]),  # cut off
        ("Transfer-Encoding: chunked", CHUNKS[: -len("\r\n0\r\n\r\n")] + b"\r\n1f"),  # cut off in a length
        ("Transfer-Encoding: chunked", b"\r\n" + CHUNKS),
        ("Transfer-Encoding: gzip, chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(ZIPPED), ZIPPED)),
        ("Content-Encoding: gzip", gzip.compress(HTML[:40]) + gzip.compress(HTML[40:]) + b"junk"),
        ("Content-Encoding: gzip", ZIPPED + b"\x1f\x8b\x08broken member"),
        ("Content-Encoding: gzip", gzip.compress(ZIPPED)),
        ("X-Forgotten: gzip", ZIPPED),
        ("Content-Encoding: gzip", HTML),  # undone by the crawler already
        ("content-encoding: X-GZIP", ZIPPED),
        ("Content-Encoding: deflate", zlib.compress(HTML)),
        ("Content-Encoding: deflate", zlib.compress(HTML)[2:-4]),
        ("Content-Encoding: deflate", HTML),
        ("Content-Encoding: br", brotli(HTML)),
        ("Content-Encoding: br", HTML),
        ("Content-Encoding: zstd", zstandard.compress(HTML)),
        ("Content-Encoding: zstd", HTML),
        ("Content-Encoding: utf-8", HTML),
        ("Content-Encoding: gzip, br", brotli(ZIPPED)),
        ("Transfer-Encoding: chunked\r\nContent-Encoding: gzip", b"%x\r\n%s\r\n0\r\n\r\n" % (len(ZIPPED), ZIPPED)),
        ("X-Crawler-Content-Encoding: gzip\r\nx-crawler-transfer-encoding: chunked", HTML),
    ],
)
def test_real_codings_are_undone_and_past_ones_are_not(read: Read, fields: str, body: bytes) -> None:
    assert [d.text for d in read(page(body, f"Content-Type: text/html\r\n{fields}\r\n"))] == [PROSE]


def test_a_page_of_many_empty_gzip_members_is_no_page(read: Read) -> None:
    content = gzip.compress(b"", 1) * 300_000
    start = time.process_time()
    assert count(read(page(content, "Content-Type: text/html\r\nContent-Encoding: gzip\r\n"))) == {Reason.EMPTY: 1}
    assert time.process_time() - start < 3


def test_the_name_of_the_protocol_may_be_small(read: Read) -> None:
    assert read(page(HTML).replace(b"HTTP/1.1", b"http/1.1"))[0].text == PROSE


def test_an_answer_begins_behind_the_one_that_says_go_on_and_a_header_may_end_oddly(read: Read) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML
    assert read(response(b"HTTP/1.1 100 Continue\r\n\r\n" + answer))[0].text == PROSE
    assert read(response(b"HTTP/1.1 100 Continue\r\n\r\n"))[0].reason is Reason.HTTP_STATUS
    assert read(response(answer.replace(b"\r\n", b"\r\r\n")))[0].text == PROSE


def test_a_plain_text_about_html_is_no_page(read: Read) -> None:
    text = "Use the <body> element.\n\nAnd close it."
    assert read(page(text, "Content-Type: text/plain\r\n"))[0].text == text


def test_codings_that_unfold_without_end_are_too_large(read: Read) -> None:
    big = bytes(20 << 20)
    coded = {
        "gzip": gzip.compress(big),
        "deflate": zlib.compress(big),
        "br": brotli(big),
        "zstd": zstandard.compress(big),
    }
    for name, body in coded.items():
        documents = read(page(body, f"Content-Type: text/html\r\nContent-Encoding: {name}\r\n"))
        assert count(documents) == {Reason.TOO_LARGE: 1}


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        ("naïve – “café”".encode(), "iso-8859-1", "naïve – “café”"),  # UTF-8, whatever is said
        (b"\xef\xbb\xbfcaf\xc3\xa9", "iso-8859-1", "café"),
        ("café".encode("utf-16"), "", "café"),
        (b"a \x96 b \x93caf\xe9\x94", "ISO-8859-1", "a – b “café”"),  # Latin-1 means windows-1252
        (b'<meta charset="latin1">a \x96 b', "", '<meta charset="latin1">a – b'),
        (
            b"<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>\xcf\xf0\xe8\xe2\xe5\xf2",
            "",
            "Привет",
        ),
        ("<meta charset=gb2312>中文镕".encode("gbk"), "", "中文镕"),
        ("日本語".encode("shift_jis"), "x-sjis", "日本語"),
        ("日本語".encode("iso2022_jp"), "iso-2022-jp", "日本語"),
        ("除權歷年資料".encode("big5") * 9, "Big5_Solaris", "除權歷年資料" * 9),  # an unknown name: by the bytes
        (
            RUSSIAN.encode("cp1251"),
            "",
            "Съешь же ещё этих мягких французских булок",
        ),
        (
            RUSSIAN.encode("cp1251"),
            "utf-8",
            "Съешь же ещё этих мягких французских булок",
        ),
        (b"<meta charset=utf-16>plain", "", "<meta charset=utf-16>plain"),  # written in ASCII, so it is not
        ("слово за слово".encode()[:-1], "utf-8", "слово за слов\ufffd"),  # cut within a character
        (b"plain", "zlib", "plain"),  # a codec, but no charset
        (b"plain", "no such thing", "plain"),
    ],
)
def test_charsets_are_told_by_bytes_header_and_meta(body: bytes, header: str, expected: str) -> None:
    assert decode_page(body, header).endswith(expected)


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_are_decoded(body: bytes, charset: str) -> None:
    assert isinstance(decode_page(body, charset), str)


@given(st.text(max_size=30))
def test_no_charset_name_fails(name: str) -> None:
    codec = codec_of(name)
    assert codec is None or isinstance(b"a".decode(codec, "replace"), str)


def test_every_line_that_a_page_shows_is_a_paragraph() -> None:
    html = f"""<html><head><title>T</title></head><body><nav><a href=/>Home</a> <a href=/b>About us</a></nav><main>
    <h1>Head line</h1><p>First
    paragraph: {PROSE}</p><p>Second.<br>Broken.<br><br>Twice.</p><div>Block <b>bold</b><div>inner</div></div>
    <p>Caf&eacute; &#151; &amp;amp;</p><script>no()</script><!-- no --></main><footer>Imprint</footer></body></html>"""
    expected = [
        "Head line",
        f"First paragraph: {PROSE}",
        "Second.",
        "Broken.",
        "Twice.",
        "Block bold",
        "inner",
        "Café — &amp;",
    ]
    assert main_text(html) == "\n\n".join(expected)


def test_plain_text_keeps_its_paragraphs(read: Read) -> None:
    text = f"\ufeff{PROSE}\r\nwrapped\r\n \r\n\r\nNext one.\r\n"
    assert read(page(text, "Content-Type: text/plain; charset=utf-8\r\n"))[0].text == f"{PROSE}\nwrapped\n\nNext one."


@pytest.mark.parametrize(
    "mime", ["text/html", "TEXT/HTML;charset=utf-8", "application/xhtml+xml", "", "text/plain", "text/xml"]
)
def test_html_is_told_by_type_or_looks(read: Read, mime: str) -> None:
    assert read(page(HTML, f"Content-Type: {mime}\r\n" if mime else ""))[0].text == PROSE


@pytest.mark.parametrize(
    ("html", "is_read"),
    [
        ("<div>" * 60_000 + PROSE, True),  # too deep for the search of the main content: all text
        ("<b><div>" * 60_000 + PROSE, True),
        ("<div>" * 400_000 + PROSE, False),
        ("</x>" * 60_000 + "<div>" * 60_000 + PROSE, True),
        ("<p>" + "".join(f"<b id={i}>" for i in range(2000)) + f"<p>{PROSE}" * 2000, False),  # 4 million elements
        ("<p>" + "<font size=1>" * 2000 + f"<p>{PROSE}" * 2000, True),  # of which no more than three are reopened
        ("<p " + " ".join(f"a{i}=1" for i in range(90_000)) + f">{PROSE}", False),
        (f'<img src="data:{"A" * 3_000_000}"><p>{PROSE}', True),
        ("<" * 900_000 + f" {PROSE}", True),
        ("<script>" + "if(a<b)c();" * 90_000 + f"</script><p>{PROSE}", True),
        (
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + "&b;" * 9000 + PROSE,
            True,
        ),
        ("<table><tr><td>" * 20_000 + PROSE, True),
        ("<!--" * 200_000 + "-->" + PROSE, True),
        (PROSE + "\0" * 100, True),
        ("x" * (7 << 20) + PROSE, True),
    ],
)
def test_deep_and_broken_pages_are_read_or_too_large_in_time(html: str, is_read: bool) -> None:
    text = main_text(html)
    assert (text is not None and PROSE in text) == is_read


def test_the_cost_of_a_page_is_estimated_from_its_tags() -> None:
    assert cost_of(tags_of("")) == cost_of(tags_of("a < b </ c <3")) == (0, 0, 0)
    assert cost_of(tags_of("<div><p>a<p>b<br><img></div>")) == (5, 5, 0)
    assert cost_of(tags_of("<div><section><i>x</i></section></div>")) == (3, 6, 0)
    assert cost_of(tags_of("<b><b><p>x<p>y")) == (8, 0, 0)  # both are open in both paragraphs


def test_files_of_records_are_cuttable(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content, expected in ((gzip.compress(page(PROSE)), True), (page(PROSE), True), (b"nothing", False)):
        path.write_bytes(content)
        assert is_warc_cuttable(InputFile(str(path), "f", len(content)), CluewebSettings()) is expected
