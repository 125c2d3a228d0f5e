"""Every reader takes time that grows with its input, whatever the input holds: twice the bytes, not much more time."""

import bz2
import contextlib
import gzip
import io
import lzma
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from backports import zstd
from pyarrow import parquet

from xlnet_data.corpora import FORMATS
from xlnet_data.errors import TruncatedError
from xlnet_data.files.ranges import FileRange

HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
START = b"*** START OF THIS PROJECT GUTENBERG EBOOK ***\n"


def warc(block: bytes) -> bytes:
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <a>\r\nContent-Length: %d\r\n\r\n" % len(block)
    return head + block + b"\r\n\r\n"


def page(text: bytes) -> bytes:
    return (
        b"<mediawiki><page><title>A</title><ns>0</ns><id>1</id><revision><text>"
        + text
        + (b"</text></revision></page></mediawiki>")
    )


def parquet_of(num_rows: int, num_columns: int = 0, **options: Any) -> bytes:
    columns = {"text": [f"Row {i}." for i in range(num_rows)], **{f"c{i}": [i] * num_rows for i in range(num_columns)}}
    written = io.BytesIO()
    parquet.write_table(pa.table(columns), written, write_batch_size=1, **options)
    return written.getvalue()


WORST: dict[str, tuple[str, int, Callable[[int], bytes]]] = {
    "folded headers": ("commoncrawl-warc", 250_000, lambda n: warc(HTTP + b"A: b\r\n" + b" x\r\n" * n + b"\r\n<p>hi")),
    "open formatting": (
        "commoncrawl-warc",
        2000,
        lambda n: warc(HTTP + b"\r\n" + b"".join(b"<font size=%d>" % i for i in range(n))),
    ),
    "attributes of bodies": (
        "commoncrawl-warc",
        2000,
        lambda n: warc(HTTP + b"\r\n" + b"".join(b"<body a%d=b>" % i for i in range(n))),
    ),
    "nested lists": ("commoncrawl-warc", 5000, lambda n: warc(HTTP + b"\r\n" + b"<ul><li>x" * n)),
    "nested groups of options": (
        "commoncrawl-warc",
        20_000,
        lambda n: warc(HTTP + b"\r\n" + b"<optgroup><option>" * n),
    ),
    "nested figures": ("commoncrawl-warc", 2000, lambda n: warc(HTTP + b"\r\n" + b"<figure><p>x" * n)),
    "a lost article": (
        "commoncrawl-warc",
        480,
        lambda n: warc(HTTP + b"\r\n<aside class=share>" + b"<div>" * 8 + (b"<p>" + b"word " * 40) * n),
    ),
    "codes of blogs": ("commoncrawl-warc", 50_000, lambda n: warc(HTTP + b"\r\n<p>" + b"[caption a=[/b][x y='" * n)),
    "formulas": (
        "commoncrawl-warc",
        20_000,
        lambda n: warc(HTTP + b"\r\n<p>" + b"<script type=math/tex>x" * n + b"<img class='latex'" + b" src='a" * n),
    ),
    "short text nodes": ("commoncrawl-warc", 50_000, lambda n: warc(HTTP + b"\r\n<p>" + "<i rel=a>é</i>".encode() * n)),
    "spaces in a model": (
        "wikipedia",
        500_000,
        lambda n: b"<mediawiki><page><id>1</id><ns>0</ns><revision><model>" + b" " * n + b"</page></mediawiki>",
    ),
    "quotes": ("wikipedia", 100_000, lambda n: page(b"a'''b''" * n)),
    "open templates": ("wikipedia", 100_000, lambda n: page(b"{{nowrap|" * n)),
    "arguments": ("wikipedia", 100_000, lambda n: page(b"{{lang" + b"|a=b" * n + b"}}")),
    "credits": ("books", 100_000, lambda n: START + b"Produced by X\n\n" * n),
    "starts": ("books", 50_000, lambda n: (START + b"\n") * n),
    "ends of parts": ("books", 50_000, lambda n: START + b"\na\n\nEnd of Project Gutenberg's A\n" * n),
    "attributes of a document": (
        "wikiextractor",
        200_000,
        lambda n: b'<doc id="1" title="a"' + b' b="a"' * n + b">\na\n\nb\n</doc>\n",
    ),
    "tags": (
        "gigaword",
        100_000,
        lambda n: b'<DOC id="a" type="story">\n<TEXT>\n' + b"<P>\n<" * n + b"</TEXT>\n</DOC>\n",
    ),
    "ranges of a measure": ("wikipedia", 30_000, lambda n: page(b"{{convert|" + b"5|-|" * n + b"}}")),
    "links": ("wikipedia", 30_000, lambda n: page(b"[[a [b " * n + b"]]]" * n)),
    "references": ("wikipedia", 8_000, lambda n: page(b"&lt;ref&gt;a&lt;math&gt;&lt;pre&gt;" * n)),
    "comments": ("wikipedia", 100_000, lambda n: page(b"&lt;!--" * n)),
    "revisions": (
        "wikipedia",
        60_000,
        lambda n: b"<mediawiki><page><id>1</id><ns>0</ns>" + b"<revision><timestamp>2" * n + b"</page></mediawiki>",
    ),
    "open pages": ("wikipedia", 10_000, lambda n: b"<mediawiki>" + b"<page>" * n),
    "bz2 streams without content": ("text", 20_000, lambda n: bz2.compress(b"") * n + bz2.compress(b"a")),
    "xz streams without content": ("text", 20_000, lambda n: lzma.compress(b"") * n + lzma.compress(b"a")),
    "zstd frames": ("text", 10_000, lambda n: zstd.compress(b"a\n") * n),
    "skippable frames": ("text", 10_000, lambda n: b"\x50\x2a\x4d\x18\1\0\0\0x" * n + zstd.compress(b"a")),
    "gzip members of a text": ("text", 20_000, lambda n: gzip.compress(b"") * n + gzip.compress(b"a")),
    "zeros behind a gzip member": ("text", 1_000_000, lambda n: gzip.compress(b"a") + b"\0" * n),
    "pages of Parquet": ("parquet", 10_000, lambda n: parquet_of(n, use_dictionary=False, data_page_size=1)),
    "row groups": ("parquet", 500, lambda n: parquet_of(n, row_group_size=1)),
    "columns": ("parquet", 1_000, lambda n: parquet_of(1, num_columns=n)),
    "bz2 streams": ("wikipedia", 5_000, lambda n: bz2.compress(b"") * n),
    "gzip members": ("commoncrawl-warc", 10_000, lambda n: gzip.compress(b"") * n),
    "heads of gzip members": (
        "commoncrawl-warc",
        3_000,
        lambda n: gzip.compress(warc(HTTP + b"\r\n<p>hi")) + b"\x1f\x8b\x08\0\0\0\0\0\0\x03" * n,
    ),
    "fields of a record": (
        "commoncrawl-wet",
        100_000,
        lambda n: b"WARC/1.0\r\nWARC-Type: conversion\r\n" + b"X: y\r\n" * n,
    ),
    "version lines": ("commoncrawl-wet", 10_000, lambda n: b"WARC/1.0\r\nA: b\r\n" * n),
    "records without a length": (
        "commoncrawl-wet",
        2_000,
        lambda n: b"WARC/1.0\r\nWARC-Type: conversion\r\n\r\nhi\r\n\r\n" * n,
    ),
    "records that say too much": (
        "commoncrawl-wet",
        2_000,
        lambda n: b"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 60000000\r\n\r\nhi\r\n\r\n" * n,
    ),
    "chunks": (
        "commoncrawl-warc",
        100_000,
        lambda n: warc(HTTP + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * n),
    ),
    "marked elements": ("commoncrawl-warc", 10_000, lambda n: warc(HTTP + b"\r\n<p>" + b"aaaa <time>b</time> " * n)),
    "counted items": ("commoncrawl-warc", 5_000, lambda n: warc(HTTP + b"\r\n<ol>" + b"<li value=1>a" * n)),
    "paragraphs beside a box": (
        "commoncrawl-warc",
        5_000,
        lambda n: warc(HTTP + b"\r\n<div role=main></div>" + b"<p>a" * n),
    ),
    "blocks set apart": ("commoncrawl-warc", 20_000, lambda n: warc(HTTP + b"\r\n" + b"<nav>a</nav>b" * n)),
    "line ends of old Macs": ("books", 100_000, lambda n: b"\r" * n),
    "blank lines": ("text", 100_000, lambda n: b"\n \t" * n),
    "documents": ("gigaword", 10_000, lambda n: b'<DOC id="a">\n' * n),
    "documents without ends": ("wikiextractor", 20_000, lambda n: b'<doc id="1" url="" title="a">\n' * n),
    "brackets": ("jsonl", 200_000, lambda n: b'{"text": "a"}\n' + b"[" * n),
}


@pytest.mark.parametrize("kind", WORST)
def test_twice_the_bytes_take_no_more_than_about_twice_the_time(tmp_path: Path, kind: str) -> None:
    name, size, make = WORST[kind]
    form = FORMATS[name]

    def seconds(num: int) -> float:
        path = tmp_path / f"{num}"
        path.write_bytes(make(num))
        start = time.process_time()
        with contextlib.suppress(TruncatedError):
            list(form.read(FileRange("c", str(path), "f"), form.settings()))
        return time.process_time() - start

    def growth() -> float:
        first, second, third = (seconds(size * factor) for factor in (1, 2, 4))
        assert third < 20
        return min(second / max(first, 0.1), third / max(second, 0.1))

    seconds(size // 4)
    # What else the machine does may slow one measurement down, hardly three.
    assert any(growth() < 2.5 for _ in range(3))
