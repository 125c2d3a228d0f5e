"""Recognises what a file holds from its first kilobytes, so that a file of another format is refused by its name."""

import codecs
import json
import re
from contextlib import closing

from xlnet_data.corpora.encodings import HEAD_BYTES, guess_encoding, is_of_other_bytes
from xlnet_data.corpora.listings import recognise_listing
from xlnet_data.corpora.signatures import BINARY, EXTRACT, OTHERS, TEXTS, UNPACK, XML
from xlnet_data.corpora.wide_encodings import count_bytes, wide_encoding
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files import opening

_ROOT = re.compile(
    rb"(?>\s+|<\?[^<>]{0,500}>|<!--.*?-->|<![^<>\[]{0,500}(?:\[[^]]*\]\s*)?>)*+<([\w.:-]{1,60})", re.DOTALL
)
_BARE_ROOT = re.compile(rb"<([A-Za-z][\w.:-]{0,60})(?:\s[^<>]{0,2000})?>\s*+(<[A-Za-z])?")
_NUMBER_BYTES, _FEWEST_ZEROS = 64, 4
_HZ = re.compile(rb"~\{(?:[0-w][!-~]|![\"-~]|#[!-~]){2,200}~\}")
_BOMS_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_JSON_ARRAY = re.compile(rb"\[\s*[{\[\"]")
_WEB_FORMATS = ("clueweb", "commoncrawl-wet", "commoncrawl-warc")
_FORMAT_MARKS = {
    **dict.fromkeys(_WEB_FORMATS, re.compile(rb"WARC/", re.IGNORECASE)),
    "gigaword": re.compile(rb"<DOC\b", re.IGNORECASE),
    "wikipedia": re.compile(rb"<mediawiki|<page\b|</mediawiki"),
    "wikiextractor": re.compile(rb"<doc |\A\s*\{"),
    "jsonl": re.compile(rb"(?:\A|\n)[\s\x1e]*\{"),
}
_ALSO_READ = {
    "clueweb": ("commoncrawl-warc",),
    "commoncrawl-wet": ("commoncrawl-warc",),  # the reader tells them apart, and WAT files too
    "commoncrawl-warc": ("commoncrawl-wet",),
    "wikiextractor": ("jsonl",),
}
_CONTROLS = bytes([*range(9), *range(14, 32)])
_BINARY_CONTROLS = bytes([*range(8), *range(14, 26), *range(28, 32)])  # without backspace, DOS's end of file and ESC


def check_format(path: str, name: str) -> bool:
    """Refuse a file that is of another format than its corpus's, or of an encoding that the format does not read.

    Returns whether the file holds anything that can be seen, or may: it is long, cut off or damaged.

    Args:
        path: The file.
        name: Of the corpus's format.

    Raises:
        CorpusError: It is; the message names what the file is.
    """
    content, is_all = _read_beginning(path)
    head = content.removeprefix(codecs.BOM_UTF8)
    if name == "books" and wide_encoding(head) == "UTF-16" and head.startswith(_BOMS_UTF16):
        return True  # as some books are written
    mark = _FORMAT_MARKS.get(name)
    found = recognise(head)
    if found is not None and found[1] == EXTRACT and mark and mark.search(head):
        found = None  # XML that holds what the format reads
    if found is None and name in ("text", "books", "jsonl"):
        found = recognise_listing(path, head)
    if found is None and name == "parquet" and head and _is_text(head):
        found = "plain text", "text"
    if found is None and name not in ("parquet", *_WEB_FORMATS) and _is_binary(head):
        found = name_binary(path)
    if found is None and mark and head.strip() and not mark.search(head):
        found = ("plain text", "text") if _is_text(head) else None
    if found is not None and found[1] not in (name, *_ALSO_READ.get(name, ())):
        what, hint = found
        hint = f'its format is "{hint}"' if hint in _format_names() else hint
        raise CorpusError(f'{path} is {what}, not what the format "{name}" reads: {hint}')
    if name in ("jsonl", "wikiextractor", "wikipedia") and is_of_other_bytes(head):
        encoding = guess_encoding(head)
        raise CorpusError(f"{path} is not UTF-8, which {name!r} reads, but looks like {encoding}: convert it (iconv)")
    return bool(head.strip()) or not is_all


def name_binary(path: str) -> tuple[str, str]:
    """Return what a file is that begins as none of the known ones and is no text, and what to do with it."""
    if path.endswith(".mds"):
        return "a shard of MosaicML's MDS", "write its texts as JSON lines"
    return "binary data", "name files of text in `paths`"


def read_head(path: str) -> bytes:
    """Return the first HEAD_BYTES of a file's content, fewer if it ends before.

    Raises:
        CorpusError: The file cannot be opened, or is damaged.
    """
    return _read_beginning(path)[0]


def _read_beginning(path: str) -> tuple[bytes, bool]:
    """Return what `read_head` does, and whether that is all: the content ends there, neither cut off nor damaged."""
    head = bytearray()
    is_all = False
    with closing(opening.open_decompressed(path, HEAD_BYTES)) as content:
        try:
            while len(head) < HEAD_BYTES and not is_all:
                block = content.read1(HEAD_BYTES - len(head))  # type: ignore[attr-defined]
                head += block
                is_all = not block
        except TruncatedError:
            pass  # whoever reads the rest meets it again
        except CorpusError:
            if not head:
                raise
    return bytes(head), is_all


def recognise(head: bytes) -> tuple[str, str] | None:
    """Return what a file is and the name of the format that reads it, or what to do with it; None if it may be text.

    >>> recognise(b"%PDF-1.7"), recognise(b"Once upon a time")
    (('a PDF document', 'extract its text first'), None)
    """
    for pattern, what, hint in BINARY:
        if pattern.match(head):
            return what, hint
    if _is_old_tar(head):
        return "a tar archive of files", UNPACK
    if head and not head.strip(b"\0"):
        return "nothing but zero bytes", "get a whole copy"
    if head.startswith(b"PAR1"):
        return "a Parquet file", "parquet"
    text = head.removeprefix(codecs.BOM_UTF8).lstrip(b"\x1e \t\r\n\f\v")
    for pattern, what, name in TEXTS:
        if pattern.match(text):
            return what, name
    if encoding := wide_encoding(head):
        return f"written in {encoding}", "convert it to UTF-8 (iconv)"
    for pattern, what, hint in OTHERS:
        if pattern.match(text):
            return f"{what}{_named_root(text)}" if what == XML else what, hint
    if _is_bare_xml(text):
        return f"{XML}{_named_root(text)}", EXTRACT
    if text.startswith(b"{") and _is_json_line(text):
        return "JSON lines", "jsonl"
    if _JSON_ARRAY.match(text) and not _is_prose(text):
        return "one JSON array", "write one object per line, as `jq -c '.[]'` does, and give it format \"jsonl\""
    if re.match(rb'\{[ \t\r]*\n\s*"[^"\n]{1,99}"\s*:', text):
        return "JSON over several lines", 'write one object per line, as `jq -c .` does, and give it format "jsonl"'
    if re.search(rb"\x1b\$\)?[@ABC(]|\x1b\([JI]", text):
        return "written in ISO-2022", "convert it to UTF-8 (iconv)"
    if text.isascii() and len(_HZ.findall(text)) * 2 > text.count(b"~{") > 0:
        return "written in HZ", "convert it to UTF-8 (iconv)"
    return None


def _named_root(text: bytes) -> str:
    root = _ROOT.match(text)
    return f" (<{root[1].decode('ascii', 'replace')}>)" if root else ""


def _is_bare_xml(text: bytes) -> bool:
    """Return whether a text without a declaration is XML: all of it is in one element, as far as one sees.

    >>> [_is_bare_xml(text) for text in (b"<TEI><p>Calm.</p>", b"<p>Calm.</p>", b"<i>Mills</i> by Lee", b"<Lee> Calm.")]
    [True, True, False, False]
    """
    root = _BARE_ROOT.match(text)
    if root is None or root[1] == b"s":  # which stands around sentences
        return False
    end = b"</%b>" % root[1]
    is_open = root[2] is not None and b"</" in text and end not in text
    return b" xmlns" in root[0] or is_open or text.rstrip().endswith(end)


def _format_names() -> tuple[str, ...]:
    return ("parquet", "jsonl", *(name for _, _, name in TEXTS), "text")


def _is_json_line(text: bytes) -> bool:
    line, end, _ = text.partition(b"\n")
    try:
        return isinstance(json.loads(line.decode("utf-8", "replace")), dict)
    except (ValueError, RecursionError):
        return not end and len(line) > HEAD_BYTES // 2 and re.match(rb'\{\s*"[^"\n]{1,99}"\s*:', line) is not None


def _is_prose(text: bytes) -> bool:
    """Return whether what begins like a JSON array goes on like a sentence: ["Yes," he said]."""
    try:
        json.JSONDecoder().raw_decode(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return not re.match(rb'\[\s*(?:\{\s*"|"(?:[^"\\\n]|\\.){0,4000}+"\s*[,\]]|\[\s*["\d])', text)
    return False


def _is_old_tar(head: bytes) -> bool:
    """Return whether a file begins with the header of a tar archive that does not say so: its sum tells."""
    field = head[148:156].strip(b"\0 ")
    if len(head) < 512 or not field or field.translate(None, b"01234567"):
        return False
    return int(field, 8) == sum(head[:148]) + 8 * 32 + sum(head[156:512])


def _is_binary(head: bytes) -> bool:
    """Return whether so much is control characters that it is no text, in whatever encoding; or numbers stand first."""
    return head[:_NUMBER_BYTES].count(0) >= _FEWEST_ZEROS or count_bytes(head[:4096], _BINARY_CONTROLS) * 20 > len(
        head[:4096]
    )


def _is_text(head: bytes) -> bool:
    sample = head[:4096]
    return b"\0" not in sample and count_bytes(sample, _CONTROLS) * 50 < len(sample)
