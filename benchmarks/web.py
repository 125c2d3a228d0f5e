"""Our speed on WARC and WET files beside FastWARC alone and Resiliparse's extraction alone, on the same bytes.

    python benchmarks/web.py [--megabytes 40] [--wet FILE ...] [--warc FILE ...]

Without files it makes its own: made-up words in pages and texts of the lengths and line lengths of the web's. Times are
of the processor, the best of several rounds, so that a busy machine disturbs them little.
"""

import argparse
import random
import tempfile
import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from fastwarc.warc import ArchiveIterator
from resiliparse.extract.html2text import extract_plain_text

from xlnet_data.corpora.commoncrawl import CommoncrawlSettings, read_commoncrawl_warc, read_commoncrawl_wet
from xlnet_data.corpora.warc.decoding import decode_page
from xlnet_data.corpora.warc.http import parse_answer
from xlnet_data.corpora.warc.reading import read_records
from xlnet_data.files.ranges import FileRange

ROUNDS = 5
LINE_WORDS = (1, 2, 3, 4, 6, 20, 60)  # menus, headings, prose


def make_record(kind: str, block: bytes, fields: str) -> bytes:
    """Return one gzip member, as Common Crawl writes it."""
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2024-05-18T01:58:10Z\r\n"
    head += f"WARC-Record-ID: <urn:uuid:{uuid.uuid4()}>\r\n"
    head += f"WARC-Block-Digest: sha1:IXDB7TEXWWXPAQYRUF4QT3LWM26O2VI2\r\n{fields}Content-Length: {len(block)}\r\n\r\n"
    return zlib.compress(head.encode() + block + b"\r\n\r\n", 6, 31)


def make_lines(rng: random.Random, words: list[str], num_words: int) -> list[str]:
    lines = []
    while num_words > 0:
        size = min(num_words, rng.choice(LINE_WORDS))
        lines.append(" ".join(rng.choices(words, k=size)))
        num_words -= size
    return lines


def make_files(folder: Path, num_bytes: int) -> tuple[Path, Path]:
    """Write a WET and a WARC file of about so many bytes each, uncompressed."""
    rng = random.Random(0)
    letters = "etaoinshrdlucmfwygpbvk"
    words = ["".join(rng.choices(letters, weights=range(22, 0, -1), k=rng.randint(1, 9))) for _ in range(5000)]
    wet, warc = folder / "made-up.warc.wet.gz", folder / "made-up.warc.gz"
    with wet.open("wb") as wet_file, warc.open("wb") as warc_file:
        wet_left = warc_left = num_bytes
        while wet_left > 0 or warc_left > 0:
            lines = make_lines(rng, words, int(rng.lognormvariate(6.5, 0.9)))
            url = f"WARC-Target-URI: https://www.example.org/some/path/{len(lines)}\r\n"
            text = "\n".join(lines).encode() + b"\n"
            if wet_left > 0:
                fields = f"{url}WARC-Identified-Content-Language: eng\r\nContent-Type: text/plain\r\n"
                wet_file.write(make_record("conversion", text, fields))
                wet_left -= len(text)
            if warc_left > 0:
                page = make_page(lines)
                http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer: made-up\r\n\r\n" + page
                warc_file.write(make_record("request", b"GET / HTTP/1.1\r\n\r\n", url))
                fields = f"{url}Content-Type: application/http; msgtype=response\r\n"
                warc_file.write(make_record("response", http, fields))
                warc_left -= len(page)
    return wet, warc


def make_page(lines: list[str]) -> bytes:
    """Return a page: short lines are links in a menu, long ones paragraphs."""
    parts = ['<!DOCTYPE html><html><head><meta charset="utf-8"><title>Made up</title>']
    parts += ["<style>.a{margin:0}</style>" * 20, "<script>var a=[1,2,3];</script>" * 30]
    parts += ["</head><body><div class='nav'><ul>"]
    parts += [f'<li class="item"><a href="/{i}" title="{s}">{s}</a></li>' for i, s in enumerate(lines) if len(s) < 30]
    parts += ["</ul></div><main><article>"]
    parts += [f'<div class="block"><p class="text">{s}, <b>and</b> so on.</p></div>' for s in lines if len(s) >= 30]
    return "".join([*parts, "</article></main></body></html>"]).encode()


def fastest(read: Callable[[], object]) -> float:
    """Return the processor seconds of the fastest round."""
    seconds = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        read()
        seconds.append(time.process_time() - begin)
    return min(seconds)


def read_by_fastwarc(path: Path) -> int:
    with path.open("rb") as file:
        return sum(len(record.reader.read()) for record in ArchiveIterator(file))


def pages_of(path: Path) -> Iterator[bytes]:
    """Yield the pages of a WARC file, in UTF-8."""
    for record in read_records(FileRange("", str(path), "")):
        answer = parse_answer(record.block) if record.kind == "response" else None
        if answer and answer.status == 200:
            yield decode_page(answer.content(), "").encode()


def extract_all(pages: list[bytes]) -> int:
    return sum(len(extract_plain_text(page.decode(), main_content=True, alt_texts=False)) for page in pages)


def measure_wet(path: Path) -> list[tuple[str, float, float]]:
    """Return name, megabytes and seconds of each reader."""
    size = read_by_fastwarc(path) / 1e6
    split = FileRange("", str(path), "")
    return [
        ("FastWARC alone", size, fastest(lambda: read_by_fastwarc(path))),
        ("our records", size, fastest(lambda: sum(1 for _ in read_records(split)))),
        ("our documents", size, fastest(lambda: sum(1 for _ in read_commoncrawl_wet(split, CommoncrawlSettings())))),
    ]


def measure_warc(path: Path) -> list[tuple[str, float, float]]:
    """Return name, megabytes and seconds of each reader."""
    pages = list(pages_of(path))
    size = sum(map(len, pages)) / 1e6
    split = FileRange("", str(path), "")
    return [
        ("FastWARC alone", size, fastest(lambda: read_by_fastwarc(path))),
        ("extraction alone", size, fastest(lambda: extract_all(pages))),
        ("our records", size, fastest(lambda: sum(1 for _ in read_records(split)))),
        ("our documents", size, fastest(lambda: sum(1 for _ in read_commoncrawl_warc(split, CommoncrawlSettings())))),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=40, help="of made-up text in each file")
    parser.add_argument("--wet", type=Path, nargs="*", default=[])
    parser.add_argument("--warc", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wets, warcs = arguments.wet, arguments.warc
        if not wets and not warcs:
            wet, warc = make_files(Path(folder), arguments.megabytes * 1_000_000)
            wets, warcs = [wet], [warc]
        print("| file | reader | MB | seconds of processor | MB/s | of the first |\n|---|---|---|---|---|---|")
        for path in [*wets, *warcs]:
            rows = measure_wet(path) if path in wets else measure_warc(path)
            for name, size, secs in rows:
                speed, ratio = f"{size / secs:.0f}", f"{rows[0][2] / secs:.2f}"
                cells = [path.name, name, f"{size:.1f}", f"{secs:.2f}", speed, ratio]
                print(f"| {' | '.join(cells)} |")
            if path in warcs:
                both = rows[0][2] + rows[1][2]
                print(f"| {path.name} | our documents of FastWARC plus extraction | | | | {both / rows[-1][2]:.2f} |")


if __name__ == "__main__":
    main()
