"""Speed of Wikipedia dumps: ours beside bz2 alone and mwparserfromhell's strip_code, on the same bytes.

    python benchmarks/wikitext.py [DUMP]

DUMP is a pages-articles dump, plain or bz2; without it, one is made up. mwparserfromhell is optional.
"""

import bz2
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from xlnet_data.corpora.wiki.prose import extract_prose
from xlnet_data.corpora.wikipedia import WikipediaSettings, read_wikipedia
from xlnet_data.files.ranges import FileRange

NUM_PAGES = 400
STRIPPED_BYTES = 2_000_000  # what the slow ones are given


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else write_dump(Path(folder) / "made-up.xml.bz2")
        content = path.read_bytes()
        is_bz2 = content.startswith(b"BZh")
        xml = bz2.decompress(content) if is_bz2 else content
        print(f"{path.name}: {len(content) / 1e6:.1f} MB, {len(xml) / 1e6:.1f} MB of XML")
        if is_bz2:
            report("bz2 alone, of XML", len(xml), lambda: bz2.decompress(content))
        report(
            "read_wikipedia, of XML", len(xml), lambda: list(read_wikipedia(FileRange("w", str(path), "w"), SETTINGS))
        )
        texts = list(texts_of(xml))
        num_bytes = sum(len(text.encode()) for text in texts)
        report("extract_prose, of wikitext", num_bytes, lambda: [extract_prose(text) for text in texts])
        few = take(texts, STRIPPED_BYTES)
        try:
            import mwparserfromhell
        except ImportError:
            print("mwparserfromhell is not installed")
            return
        num_few = sum(len(text.encode()) for text in few)
        name = "mwparserfromhell strip_code, of wikitext"
        report(name, num_few, lambda: [mwparserfromhell.parse(text).strip_code() for text in few])


SETTINGS = WikipediaSettings()


def report(name: str, num_bytes: int, run: Callable[[], object]) -> None:
    begin = time.process_time()
    run()
    print(f"{name:42} {num_bytes / (time.process_time() - begin) / 1e6:8.2f} MB/s")


def take(texts: list[str], num_bytes: int) -> list[str]:
    total, few = 0, []
    for text in texts:
        few.append(text)
        total += len(text.encode())
        if total >= num_bytes:
            break
    return few


def texts_of(xml: bytes) -> list[str]:
    raw = re.findall(rb"<ns>0</ns>(?:(?!<redirect|</page>).)*?<text[^>]*>([^<]*)</text>", xml, re.DOTALL)
    escapes = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&amp;", b"&"))
    texts = []
    for text in raw:
        for escaped, plain in escapes:
            text = text.replace(escaped, plain)
        texts.append(text.decode())
    return texts


def write_dump(path: Path) -> Path:
    """Write a multistream dump of made-up articles with the markup of real ones."""
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randrange(1, 11))) for _ in range(5000)]
    streams = [bz2.compress(b"<mediawiki><siteinfo></siteinfo>")]
    for i in range(0, NUM_PAGES, 100):
        streams.append(bz2.compress("".join(make_page(j, words, rng) for j in range(i, i + 100)).encode()))
    path.write_bytes(b"".join(streams) + bz2.compress(b"</mediawiki>"))
    return path


def make_page(page_id: int, words: list[str], rng: random.Random) -> str:
    def phrase(most: int) -> str:
        return " ".join(rng.choices(words, k=rng.randrange(1, most)))

    def piece() -> str:
        kind = rng.random()
        if kind < 0.55:
            return phrase(12)
        if kind < 0.72:
            return f"[[{phrase(3)}]]" if rng.random() < 0.5 else f"[[{phrase(3)}|{phrase(3)}]]"
        if kind < 0.82:
            return f"{phrase(9)}.&lt;ref&gt;{{{{cite web |url=http://{phrase(2)} |title={phrase(8)}}}}}&lt;/ref&gt;"
        return f"''{phrase(3)}''" if kind < 0.9 else f"{{{{convert|{rng.randrange(99)}|km}}}}, &quot;{phrase(3)}&quot;."

    parts = [f"{{{{Infobox\n| name = {phrase(4)}\n| image = {phrase(2)}.jpg\n}}}}\n"]
    for _ in range(rng.randrange(2, 40)):
        parts.append("".join(f"{piece()} " for _ in range(rng.randrange(5, 40))) + "\n\n")
        if rng.random() < 0.3:
            parts.append(f"== {phrase(3)} ==\n* {phrase(9)}\n* [[{phrase(3)}]]\n\n")
    parts.append(f"{{|\n! {phrase(3)}\n|-\n| {phrase(3)} || {phrase(3)}\n|}}\n[[Category:{phrase(2)}]]")
    text = "".join(parts)
    head = f"<page><title>{phrase(3)}</title><ns>0</ns><id>{page_id}</id><revision><model>wikitext</model>"
    return f'{head}<text xml:space="preserve">{text}</text></revision></page>\n'


if __name__ == "__main__":
    main()
