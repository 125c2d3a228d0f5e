"""Lists what files begin with that a corpus's folder may hold: what each kind is called, and what to do with it."""

import re

_AS_PARQUET = "write it as Parquet, as to_parquet of `datasets` and pyarrow do"
UNPACK = "unpack it, and name its files in `paths`"
EXTRACT = "extract its text first"
XML = "an XML or SGML document"
BINARY = (
    (re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"), "a zip archive of files", UNPACK),
    (re.compile(rb".{257}ustar(?:\0|  \0)", re.DOTALL), "a tar archive of files", UNPACK),
    (re.compile(rb"07070[127][0-9a-fA-F]{70}"), "a cpio archive of files", UNPACK),
    (
        re.compile(rb"\x1f\x8b\x08|BZh[1-9]1AY&SY|\xfd7zXZ\0|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18"),
        "compressed twice",
        "decompress it once",
    ),
    (re.compile(rb"\x02\x21\x4c\x18"), "a file of an old lz4", "decompress it"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7z archive of files", UNPACK),
    (re.compile(rb"Rar!\x1a\x07"), "a rar archive of files", UNPACK),
    (re.compile(rb"!<arch>\n"), "an ar archive of files", UNPACK),
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
"""Kinds told before the text is looked at: what begins them, their name, and what to do with them."""

_PROLOG = rb"(?>\s+|<\?[^<>]{0,500}>|<!--.*?-->)*+"  # what may stand before the first element of XML or HTML
TEXTS = (
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
"""Kinds of text that a format reads: what begins them, their name, and the format's."""

OTHERS = (
    (
        re.compile(_PROLOG + rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL),
        "an HTML page",
        f"{EXTRACT}, or store it as a WARC record",
    ),
    (re.compile(rb"<\?xml\s|<!doctype\s", re.IGNORECASE), XML, EXTRACT),
    (re.compile(rb"filedesc://"), "an ARC file, the format before WARC", "convert it to WARC first"),
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
        re.compile(
            rb"-- (?:MySQL|MariaDB|PostgreSQL) (?:database )?dump|PRAGMA foreign_keys"
            rb"|(?:INSERT INTO|CREATE TABLE)\s[^\n(;]{1,100}\(|DROP TABLE\s[^\n(;]{1,100};"
        ),
        "an SQL dump",
        "write its text as JSON lines",
    ),
    (
        re.compile(rb"WEBVTT\s|\d{1,4}\r?\n\d\d:\d\d:\d\d[,.]\d{3} --> "),
        "a file of subtitles",
        "leave out its numbers and times first",
    ),
    (
        re.compile(rb"From [^\s<>]+ +[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d .{4,30}\n[A-Z]"),
        "a mailbox",
        EXTRACT,
    ),
    (re.compile(rb"%PDF-\d"), "a PDF document", EXTRACT),
    (re.compile(rb"%!PS"), "a PostScript document", EXTRACT),
    (re.compile(rb"\{\\rtf"), "an RTF document", EXTRACT),
    (
        re.compile(rb"version https://git-lfs\.|/annex/objects/"),
        "a pointer to a file that is not here",
        "fetch the file itself (git lfs pull, git annex get)",
    ),
)
"""Kinds of text that no format reads, as BINARY has them."""
