"""Makes small files of every corpus format and damages them, for `fuzz.py`: all drawn, the same for the same seed."""

import bz2
import gzip
import io
import json
import lzma
import random
import re
import zlib
from collections.abc import Callable, Sequence

import pyarrow as pa
from backports import zstd
from pyarrow import parquet

Damage = Callable[[bytes], bytes]
"""Returns bytes as they are or damaged."""

NUMBERS = ("0", "1", "-1", "7", "00", "65536", "2147483648", "9223372036854775808", "1" + "0" * 30, "", "1e9", "x")
MAX_BYTES = 50_000
"""Bytes of an input before it is compressed, about, at most."""

TOKENS = {
    "text": r"\r \r\n \n\n \0 \xef\xbb\xbf \xc3 \xe2\x80 \x85 \xe2\x80\xa8 \xed\xa0\x80 . ... 。 😀 ~ “ ” 」 \n",
    "jsonl": r'{ } [ ] " \\ \\u \\ud800 \\udfff {"text":" "} , : null NaN 1e999 -0 [[[[ {"a": \n {"text":{"text": 1',
    "wikipedia": r"""
<page> </page> <revision> </revision> <text> </text> <text/> <ns>1</ns> <redirect/> <model> <content> <!-- --> &lt;
&gt; &amp; &quot; <mediawiki> </mediawiki> <siteinfo> <namespace </siteinfo> <![CDATA[ ]]> <timestamp>
<role>main</role>
""",
    "wikitext": r"""
{{ }} {| |} | [[ ]] [ ] '' ''' ''''' == = * # : ; <ref> </ref> <ref/> <nowiki> </nowiki> <!-- --> {{lang|fr|
{{convert| \n
{{quote| ~~~~ __TOC__ http:// [http:// -{ }- {{!}} {{=}} &nbsp; &#0; &#xD800; &#99999999; {{formatnum: {{date|
{{siècle| \n\n [[File: [[Category: {{val| {{frac| {{{ }}} <gallery> <math> </math> {{nihongo| {{unité| {{ship| \n|
\n{| \n|} / #
""",
    "wikiextractor": r'</doc> <doc\x20id=" title=" url=" "> &amp; &lt; BULLET:::: Section:::: ( ) <ref> <nowiki> \n >',
    "gigaword": r"<DOC> <DOC </DOC> <TEXT> </TEXT> <P> </P> <HEADLINE> <DATELINE> id= type= &AMP; &LT; & ; < > \n\n '",
    "warc": r"""
WARC/1.0\r\n WARC-Type: Content-Length: \r\n\r\n \r\n \n HTTP/1.1 Content-Type: Content-Encoding: Transfer-Encoding:
chunked gzip deflate br zstd charset= utf-16 shift_jis utf-7 WARC-Record-ID: <urn:uuid:1> conversion response : \t \0
0\r\n ffffffff\r\n 1\r\n \r\n\x20x WARC/1.0\r\nWARC-Type:\x20response\r\nContent-Length:\x205\r\n\r\n
""",
    "html": r"""
<p> </p> <div> </div> <ul> <li> </ul> <table> <tr> <td> </table> <b> <i> <font\x20size=1> <a\x20href=x> </a> <ruby>
<rt> <br> <pre> </pre> <script> </script> <style> <svg> <math> <template> <noscript> <iframe> <select> <option> <form>
<input> <body> <html> <head> <title> <!-- --> <![CDATA[ ]]> &nbsp; &#0; &#xD800; &#1114112; &notit; <time> class=share
<main> <article> — rel=tag <meta\x20charset=utf-16> <plaintext> é 😀 \0 <?xml <frameset> <textarea> <xmp> <dl> <dt>
<h1> </h1> <o:p> < > ' \"
""",
    "books": r"""
***\x20START\x20OF\x20THIS\x20PROJECT\x20GUTENBERG\x20EBOOK\x20A\x20***
***\x20END\x20OF\x20THE\x20PROJECT\x20GUTENBERG\x20EBOOK\x20*** \n\n \r \x1a Produced\x20by\x20
End\x20of\x20Project\x20Gutenberg's *END*THE\x20SMALL\x20PRINT! *** UTF-16 hex rot13 idna punycode
Character\x20set\x20encoding:\x20 unicode_escape \xff\xfe \xfe\xff \x93
""",
    "parquet": r"PAR1 \x15 \0 \xff\xff\xff\xff \x80\x80\x80\x80\x08 \x19 \x2c \x1c \xfe\xff\xff\xff\x0f \x18 \x80",
}


def tokens_of(name: str) -> list[bytes]:
    r"""Return the pieces that damage puts into files of a kind; ``\x20`` and its like are those bytes."""
    return [piece.encode().decode("unicode_escape").encode("latin-1") for piece in TOKENS[name].split()]


def damage(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    """Return bytes with one to four changes."""
    changes = (*(_flip, _write, _delete, _duplicate, _swap, _renumber, _cut, _insert) * 2, _nest, _repeat)
    for _ in range(draw.choice((1, 1, 2, 4))):
        data = draw.choice(changes)(data, draw, tokens)[: 2 * MAX_BYTES]
    return data


def _span(data: bytes, draw: random.Random) -> tuple[int, int]:
    begin = draw.randint(0, len(data))
    return begin, min(len(data), begin + int(draw.paretovariate(0.5)))


def _flip(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 3, 20)) if data else 0):
        changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _write(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    at = draw.randint(0, len(data))
    new = draw.choice((b"\xff" * 4, bytes(4), bytes([draw.randrange(256)]), draw.randbytes(8)))
    return data[:at] + new + data[at + len(new) :]


def _delete(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    begin, end = _span(data, draw)
    return data[:begin] + data[end:]


def _duplicate(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    begin, end = _span(data, draw)
    return data[:end] + data[begin:end] * draw.choice((1, 1, 2, 30)) + data[end:]


def _swap(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    (a, b), (c, d) = sorted((_span(data, draw), _span(data, draw)))
    b = min(b, c)
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _renumber(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    found = list(re.finditer(rb"\d+", data[:MAX_BYTES]))
    if not found:
        return data
    number = draw.choice(found)
    near = str(int(number[0][:18]) + draw.choice((-1, 1, 5, 1000)))
    return data[: number.start()] + draw.choice((*NUMBERS, near, near)).encode() + data[number.end() :]


def _cut(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    return data[: draw.randint(0, len(data))]


def _insert(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    at = draw.randint(0, len(data))
    return data[:at] + b"".join(draw.choices(tokens, k=draw.choice((1, 1, 2, 5)))) + data[at:]


def _nest(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    begin, end = _span(data, draw)
    depth = draw.choice((2, 10, 100, 2000))
    opening, closing = draw.choice(tokens), draw.choice(tokens)
    return data[:begin] + opening * depth + data[begin:end] + closing * depth + data[end:]


def _repeat(data: bytes, draw: random.Random, tokens: Sequence[bytes]) -> bytes:
    """Repeat some pieces: few bytes that may stand for much work."""
    at = draw.randint(0, len(data))
    piece = b"".join(draw.choices(tokens, k=draw.choice((1, 2, 3)))) + data[at : at + draw.choice((0, 0, 5, 20))]
    return data[:at] + piece * min(draw.choice((100, 1000, 1000, 20_000)), MAX_BYTES // max(1, len(piece))) + data[at:]


def compress(data: bytes, draw: random.Random) -> bytes:
    """Return bytes compressed in one of the ways that readers know, in one piece or two."""
    kinds = (
        lambda x: gzip.compress(x, 1),
        lambda x: zstd.compress(x, 1),
        bz2.compress,
        lambda x: lzma.compress(x, preset=0),
    )
    kind = draw.choice(kinds[:2] * 3 + kinds)
    cut = draw.randint(0, len(data)) if draw.random() < 0.3 else 0
    return (kind(data[:cut]) if cut else b"") + kind(data[cut:])


def make_text(draw: random.Random, harm: Damage) -> bytes:
    return harm(
        "One day Ann came. “Who is it?” she asked.\nA line.\n\nÉtienne… said no.\r\n  \n文章。終わり。\n".encode()
    )


def make_books(draw: random.Random, harm: Damage) -> bytes:
    head = "EBook of A\n\nCharacter set encoding: ISO-8859-1\n\n*** START OF THIS PROJECT GUTENBERG EBOOK A ***\n\n"
    foot = "\n\n*** END OF THIS PROJECT GUTENBERG EBOOK A ***\n\nSmall print.\n"
    body = harm(b"Produced by B\n\nChapter 1\n\nIt was hard-\nwrapped text. And more.\n\nThe end.")
    lines = harm(b"one sentence .\nanother one , too .\n" * 3)
    whole = harm(head.encode()) + body + harm(foot.encode())
    return draw.choice((whole, whole, whole * 2, lines, whole.decode("utf-8", "replace").encode("utf-16")))


def make_jsonl(draw: random.Random, harm: Damage) -> bytes:
    records = [
        {"text": "One.\nTwo é 文\ud83d.", "id": 1},
        {"text": None},
        {"id": "x", "text": "a\n\nb", "meta": {"deep": [1, {"a": 2}]}},
    ]
    return b"\n".join(harm(json.dumps(record).encode()) for record in records) + b"\n"


def make_parquet(draw: random.Random, harm: Damage) -> bytes:
    rows = draw.choice((0, 1, 7, 300))
    texts = [draw.choice((None, "", "One.\nTwo.", "文" * 50, "x" * 3000)) for _ in range(rows)]
    kind = draw.choice((pa.string(), pa.binary(), pa.large_string()))
    table = pa.table({"text": pa.array(texts, pa.string()).cast(kind), "id": list(range(rows))})
    file = io.BytesIO()
    parquet.write_table(
        table,
        file,
        row_group_size=draw.choice((2, 100)),
        use_dictionary=draw.random() < 0.5,
        compression=draw.choice(("none", "snappy", "gzip", "zstd", "lz4", "brotli")),
        data_page_size=draw.choice((100, 1 << 20)),
        data_page_version=draw.choice(("1.0", "2.0")),
        write_page_index=draw.random() < 0.3,
        write_page_checksum=draw.random() < 0.2,
        write_statistics=draw.random() < 0.7,
    )
    data = file.getvalue()
    footer = int.from_bytes(data[-8:-4], "little")
    pages, footer_bytes = data[: -8 - footer], data[-8 - footer : -8]
    if draw.random() < 0.5:  # the lengths are right again, or what is damaged would not be looked at
        footer_bytes = harm(footer_bytes)
    elif draw.random() < 0.5:
        pages = harm(pages[:60]) + pages[60:]
    return pages + footer_bytes + len(footer_bytes).to_bytes(4, "little") + b"PAR1"


WIKITEXT = """'''Ur''' ({{lang|ar|أور}}; {{IPA|x}}) was a [[City|city]] in [[Sumer]].<ref name="a">Note {{cite|b}}</ref>
It is {{convert|12|to|15|km|mi}} off [http://x.org a ''place''] &nbsp;of {{formatnum:3000}} people.<ref name=a />
{| class="a"
| cell || {{nowrap|b}}
|}
[[File:A.png|thumb|The [[Nile]]]] <!-- c --> == H ==
* item <nowiki>''x''</nowiki>
<math>x</math> -{zh-hans:a;zh-hant:b}- __NOTOC__ {{quote|text=All <br/> gone.}} {{Infobox|a={{b|c}}}}
"""


def make_wikipedia(draw: random.Random, harm: Damage) -> bytes:
    text = harm(WIKITEXT.encode())
    for plain, escaped in ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;")):
        text = text.replace(plain, escaped)
    head = b'<mediawiki xml:lang="en">\n<siteinfo><namespaces><namespace key="6">File</namespace></siteinfo>\n'
    page = (
        b"<page><title>Ur</title><ns>0</ns><id>7</id>\n<revision><id>8</id><timestamp>2020-01-01T00:00:00Z</timestamp>"
    )
    page += b"<model>wikitext</model><format>text/x-wiki</format>"
    contents = (
        b"<content><role>main</role><text>"
        + text
        + b"</text></content><content><role>b</role><text>{}</text></content>"
    )
    page += (
        draw.choice((b'<text bytes="9" xml:space="preserve">' + text + b"</text>", contents)) + b"</revision></page>\n"
    )
    return harm(head) + b"".join(harm(page) for _ in range(draw.choice((1, 2)))) + harm(b"</mediawiki>\n")


def make_wikiextractor(draw: random.Random, harm: Damage) -> bytes:
    element = b'<doc id="7" url="https://x?curid=7" title="Ur &amp; B">\nUr &amp; B\n\nUr is (, ).\n'
    element += b"BULLET::::- item &lt;b&gt;\n</doc>\n"
    line = json.dumps({"id": "7", "title": "Ur", "text": "Ur\n\nUr is a city é.", "url": "x"}).encode() + b"\n"
    return b"".join(harm(piece) for piece in draw.choice(((element, element), (line, line))))


def make_gigaword(draw: random.Random, harm: Damage) -> bytes:
    head = '<DOC id="AFP_ENG_20100101.0001" type="story" >\n<HEADLINE>\nA &AMP; B\n</HEADLINE>\n<DATELINE>\nC, Jan 1\n'
    text = "</DATELINE>\n<TEXT>\n<P>\nOne\nline.\n</P>\n<P>\nTwo &LT; é.\n</P>\n</TEXT>\n</DOC>\n"
    other = b'<DOC id="AFP_ENG_20100101.0002" type="other" >\n<TEXT>\n1 2\n\n3\n</TEXT>\n</DOC>\n'
    document = (head + text).encode()
    return b"".join(harm(piece) for piece in (document, other))


PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>T</title><script>if (a<b) c();</script></head><body>
<nav><ul><li><a href="/">Home</a></li></ul></nav><main><h1>A title</h1>
<p>The <b>first</b> sentence costs <i>€</i> 5, <time>now</time>.
<p class="share">And <a rel="tag" href=x>this</a> is the second one, which is long enough to be text.</p>
<ul><li>one</li><li>two — <ruby>本<rt>ほん</rt></ruby></li></ul><table><tr><td>a<td>b</table><!-- c --><pre>x
y</pre>&eacute;&nbsp;&#8212;<br>end</main><footer>foot</footer></body></html>"""


def make_web(draw: random.Random, harm: Damage) -> bytes:
    """Return a WARC file of two pages or texts, each record a member of its own, or all in one piece."""
    records = []
    for _ in range(draw.choice((1, 2))):
        body, http = (
            harm(draw.choice((PAGE.encode(), PAGE.encode("utf-16"), "Plain text.\n\nMore é.".encode("latin-1")))),
            b"",
        )
        match draw.randrange(6):
            case 0:
                body, http = gzip.compress(body, 1), b"Content-Encoding: gzip\r\n"
            case 1:
                body, http = zstd.compress(body, 1), b"Content-Encoding: zstd\r\n"
            case 2:
                body, http = zlib.compress(body, 1, draw.choice((15, -15))), b"Content-Encoding: deflate\r\n"
            case 3:
                body, http = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), b"Transfer-Encoding: chunked\r\n"
        if http and draw.random() < 0.3:
            body = harm(body)
        kind = draw.choice((b"text/html; charset=utf-8", b"text/html", b"text/plain", b"application/octet-stream"))
        block = harm(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n" + http) + b"\r\n" + body
        records.append(_record(b"response", b"application/http; msgtype=response", block, harm))
    return _join_records(records, draw)


def make_wet(draw: random.Random, harm: Damage) -> bytes:
    texts = [harm(f"Menu\nA text — number {number}.\n\n  Second line é.\r\n".encode()) for number in range(2)]
    return _join_records([_record(b"conversion", b"text/plain", text, harm) for text in texts], draw)


def _record(kind: bytes, content_type: bytes, block: bytes, harm: Damage) -> bytes:
    head = (
        b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:12>\r\nWARC-TREC-ID: clueweb12-0000tw-00-00013\r\n"
        % kind
    )
    head += b"WARC-Identified-Content-Language: eng\r\nContent-Type: %s\r\nContent-Length: %d\r\n" % (
        content_type,
        len(block),
    )
    return harm(head) + b"\r\n" + block + b"\r\n\r\n"


def _join_records(records: Sequence[bytes], draw: random.Random) -> bytes:
    if draw.random() < 0.5:
        records = [gzip.compress(record, 1) for record in records]
    return b"".join(records)


MAKERS: dict[str, tuple[Callable[[random.Random, Damage], bytes], Sequence[str]]] = {
    "text": (make_text, ("text",)),
    "books": (make_books, ("books", "text")),
    "jsonl": (make_jsonl, ("jsonl",)),
    "parquet": (make_parquet, ("parquet",)),
    "wikipedia": (make_wikipedia, ("wikipedia", "wikitext", "wikitext")),
    "wikiextractor": (make_wikiextractor, ("wikiextractor", "jsonl")),
    "gigaword": (make_gigaword, ("gigaword",)),
    "clueweb": (make_web, ("warc", "html", "html")),
    "commoncrawl-wet": (make_wet, ("warc", "text")),
    "commoncrawl-warc": (make_web, ("warc", "html", "html")),
}
"""Of every format what makes a file, and the names of the tokens that damage puts into it."""


def make_input(name: str, draw: random.Random) -> bytes:
    """Return a file of a format, damaged within, compressed or not, and damaged once more or not."""
    make, kinds = MAKERS[name]
    tokens = [token for kind in kinds for token in tokens_of(kind)]
    frac = draw.choice((0.2, 0.5))
    data = make(draw, lambda piece: damage(piece, draw, tokens) if draw.random() < frac else piece)
    if draw.random() < 0.2:
        data = damage(data, draw, tokens)
    if name != "parquet" and draw.random() < 0.3:
        data = compress(data, draw)
        if draw.random() < 0.3:
            data = damage(data, draw, tokens)
    return data
