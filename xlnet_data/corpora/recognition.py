"""Recognises what a file holds from its first kilobytes, so that a file of another format is refused by its name."""

import codecs
import json
import re
from contextlib import closing

from xlnet_data.corpora.encodings import HEAD_BYTES, guess_encoding, is_of_other_bytes
from xlnet_data.corpora.listings import recognise_listing
from xlnet_data.corpora.wide_encodings import count_bytes, wide_encoding
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files import opening

_AS_PARQUET = "write it as Parquet, as to_parquet of `datasets` and pyarrow do"
_UNPACK = "unpack it, and name its files in `paths`"
_BINARY = (
    (re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"), "a zip archive of files", _UNPACK),
    (re.compile(rb".{257}ustar(?:\0|  \0)", re.DOTALL), "a tar archive of files", _UNPACK),
    (re.compile(rb"07070[127][0-9a-fA-F]{70}"), "a cpio archive of files", _UNPACK),
    (
        re.compile(rb"\x1f\x8b\x08|BZh[1-9]1AY&SY|\xfd7zXZ\0|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18"),
        "compressed twice",
        "decompress it once",
    ),
    (re.compile(rb"\x02\x21\x4c\x18"), "a file of an old lz4", "decompress it"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7z archive of files", _UNPACK),
    (re.compile(rb"Rar!\x1a\x07"), "a rar archive of files", _UNPACK),
    (re.compile(rb"!<arch>\n"), "an ar archive of files", _UNPACK),
    (re.compile(rb"\x1f\x9d|\x1f\xa0"), "a file of Unix compress (.Z)", "decompress it"),
    (
        re.compile(rb"\x5d\0\0.{2}(?:\xff{8}|.{4}\0{4})|LZIP\x01|\x89LZO|\xff\x06\0\0sNaPpY", re.DOTALL),
        "a file of lzma, lzip, lzop or snappy",
        "decompress it",
    ),
    (re.compile(rb"\x37\xa4\x30\xec"), "a zstd dictionary", "name the compressed files instead"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "an old Office document", "extract its text first"),
    (re.compile(rb"\x89PNG|GIF8[79]a|\xff\xd8\xff|RIFF.{4}WEBP|BM.{4}\0\0\0\0", re.DOTALL), "an image", "leave it out"),
    (
        re.compile(rb"ID3[\2-\4]\0|(?:OggS|fLaC)\0|RIFF.{4}[A-Z]{3}|\0.{3}ftyp|\x1aE\xdf\xa3", re.DOTALL),
        "a sound or a film",
        "leave it out",
    ),
    (re.compile(rb"\x7fELF|MZ.{60}\0\0|\xca\xfe\xba\xbe", re.DOTALL), "a program", "leave it out"),
    (re.compile(rb"SQLite format 3\0"), "an SQLite database", "write its text as JSON lines"),
    (re.compile(rb"ARROW1|FEA1|\xff\xff\xff\xff.{3}\0", re.DOTALL), "an Arrow file", _AS_PARQUET),
    (
        re.compile(rb"Obj\x01|ORC.{0,3}[\0-\x08\x0e-\x1f]|\x89HDF|\x93NUMPY", re.DOTALL),
        "a file of binary records",
        "write it as Parquet or JSON lines",
    ),
    (  # the length of the first record, its checksum, and an Example with Features
        re.compile(rb".{4}\0{4}.{4}\n[\x80-\xff]{0,4}[\0-\x7f]\n", re.DOTALL),
        "a TFRecord file",
        "write its texts as JSON lines",
    ),
    (re.compile(rb"MMIDIDX\0"), "an index of Megatron's tokens", "take the text that they were made of"),
    (re.compile(rb"ZIM\x04"), "a ZIM archive of Kiwix", "take the wiki's XML dump (pages-articles.xml.bz2) instead"),
    (
        re.compile(rb'WARC/\d[^\0]{0,8000}?WARC-Type:\s*metadata[^\0]{0,2000}?\n\{"(?:Container|Envelope)"'),
        "a WAT file",
        "take the .wet or .warc file of the same name, as this one holds no text",
    ),
)
_PROLOG = rb"(?>\s+|<\?[^<>]{0,500}>|<!--.*?-->)*+"  # what may stand before the first element of XML or HTML
_EXTRACT = "extract its text first"
_XML = "an XML or SGML document"
_TEXTS = (
    (re.compile(rb"WARC/\d[^\0]{0,4000}?WARC-Type:\s*response", re.IGNORECASE), "web pages", "commoncrawl-warc"),
    (re.compile(rb"WARC/\d[^\0]{0,4000}?WARC-Type:\s*conversion", re.IGNORECASE), "WET text", "commoncrawl-wet"),
    (re.compile(rb"WARC/\d\.\d[ \t]*\r?\n", re.IGNORECASE), "WARC records", "commoncrawl-warc"),
    (re.compile(_PROLOG + rb"<mediawiki\b", re.DOTALL), "a wiki's XML dump", "wikipedia"),
    (re.compile(rb'<doc id="[^"\n]*" (?:revid|url|title)="'), "WikiExtractor's output", "wikiextractor"),
    (
        re.compile(
            rb"(?:<DOCS?>\s*)?<DOC(?:\s+id=|>\s*<DOC(?:NO|ID)>(?![^\0]{0,200}?<DOC(?:HDR|OLDNO)>))", re.IGNORECASE
        ),
        "a Gigaword file",
        "gigaword",
    ),
)
_OTHERS = (
    (
        re.compile(_PROLOG + rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL),
        "an HTML page",
        f"{_EXTRACT}, or store it as a WARC record",
    ),
    (re.compile(rb"<\?xml\s|<!doctype\s", re.IGNORECASE), _XML, _EXTRACT),
    (
        re.compile(rb"<DOC>\s*<DOCNO>[^\0]{0,200}?<DOC(?:HDR|OLDNO)>", re.IGNORECASE),
        "a file of TREC's web pages (GOV2 and its like)",
        "store them as WARC records",
    ),
    (
        re.compile(rb'\{"index":\s*\{[^{}\n]*\}\s*\}\s*\n\s*\{'),
        "a file for Elasticsearch (cirrussearch)",
        "keep every second line, as `awk 'NR % 2 == 0'` does, and give it format \"jsonl\"",
    ),
    (
        re.compile(rb"-- (?:MySQL|MariaDB|PostgreSQL) (?:database )?dump|PRAGMA foreign_keys"),
        "an SQL dump",
        "write its text as JSON lines",
    ),
    (re.compile(rb"%PDF-\d"), "a PDF document", _EXTRACT),
    (re.compile(rb"%!PS"), "a PostScript document", _EXTRACT),
    (re.compile(rb"\{\\rtf"), "an RTF document", _EXTRACT),
    (
        re.compile(rb"version https://git-lfs\.|/annex/objects/"),
        "a pointer to a file that is not here",
        "fetch the file itself (git lfs pull, git annex get)",
    ),
)
_ROOT = re.compile(
    rb"(?>\s+|<\?[^<>]{0,500}>|<!--.*?-->|<![^<>\[]{0,500}(?:\[[^]]*\]\s*)?>)*+<([\w.:-]{1,60})", re.DOTALL
)
_NUMBER_BYTES, _FEWEST_ZEROS = 64, 4
_HZ = re.compile(rb"~\{(?:[0-w][!-~]|![\"-~]|#[!-~]){2,200}~\}")
_BOMS_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_JSON_ARRAY = re.compile(rb"\[\s*[{\[\"]")
_WEB_FORMATS = ("clueweb", "commoncrawl-wet", "commoncrawl-warc")
_FORMAT_MARKS = {
    **dict.fromkeys(_WEB_FORMATS, re.compile(rb"WARC/|filedesc:", re.IGNORECASE)),
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
    if found is not None and found[1] == _EXTRACT and mark and mark.search(head):
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
    for pattern, what, hint in _BINARY:
        if pattern.match(head):
            return what, hint
    if _is_old_tar(head):
        return "a tar archive of files", _UNPACK
    if head and not head.strip(b"\0"):
        return "nothing but zero bytes", "get a whole copy"
    if head.startswith(b"PAR1"):
        return "a Parquet file", "parquet"
    text = head.removeprefix(codecs.BOM_UTF8).lstrip(b"\x1e \t\r\n\f\v")
    for pattern, what, name in _TEXTS:
        if pattern.match(text):
            return what, name
    if encoding := wide_encoding(head):
        return f"written in {encoding}", "convert it to UTF-8 (iconv)"
    for pattern, what, hint in _OTHERS:
        if pattern.match(text):
            root = _ROOT.match(text) if what == _XML else None
            return f"{what} (<{root[1].decode('ascii', 'replace')}>)" if root else what, hint
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


def _format_names() -> tuple[str, ...]:
    return ("parquet", "jsonl", *(name for _, _, name in _TEXTS), "text")


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
