"""Files of the wrong format or encoding: each is refused by the name of what it is, never read as something else."""

import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
import zlib
from pathlib import Path
from unicodedata import normalize

import lz4.frame
import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from xlnet_data.config_files import parse_config
from xlnet_data.corpora import FORMATS
from xlnet_data.corpora.recognition import check_format, recognise
from xlnet_data.corpora.wide_encodings import wide_encoding
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files.ranges import FileRange
from xlnet_data.ingestion.reading import read_corpora
from xlnet_data.schemas.document import Document, Reason

PROSE = "The café on the quay opens at six. “Come in,” she says.\nThe boats are late today.\n"
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>The boats are late today."


def warc(kind: str, block: bytes) -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:a>\r\nContent-Length: {len(block)}\r\n\r\n"
    return head.encode() + block + b"\r\n\r\n"


def tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("a.txt")
        member.size = len(PROSE.encode())
        archive.addfile(member, io.BytesIO(PROSE.encode()))
    return packed.getvalue()


def old_tar() -> bytes:
    """Return an archive as it was written before there was a mark of tar's in it."""
    header = bytearray(tar()[:512])
    header[257:265] = bytes(8)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + tar()[512:]


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", PROSE)
    return packed.getvalue()


def table() -> bytes:
    packed = io.BytesIO()
    parquet.write_table(pa.table({"text": [PROSE]}), packed)
    return packed.getvalue()


PAGE = b"<page><title>A</title><ns>0</ns><id>1</id><revision><text>Boats.</text></revision></page>"
FILES = {
    "text": PROSE.encode(),
    "jsonl": json.dumps({"text": PROSE}).encode() + b"\n" + json.dumps({"text": "b"}).encode(),
    "parquet": table(),
    "wikipedia": b"<mediawiki>" + PAGE + b"</mediawiki>",
    "wikiextractor": b'<doc id="1" url="x" title="A">\nA\n\nBoats.\n</doc>\n',
    "gigaword": b'<DOC id="A_ENG_19990101.0001" type="story" >\n<TEXT>\n<P>\nBoats.\n</P>\n</TEXT>\n</DOC>\n',
    "commoncrawl-wet": warc("conversion", b"Boats."),
    "commoncrawl-warc": warc("response", HTTP),
}
"""A file that each format reads."""

OTHERS = {
    "lzma, lzip, lzop": lzma.compress(b"Once upon a time.", lzma.FORMAT_ALONE),
    "a tar archive": tar(),
    "a zip archive": zipped(),
    "one JSON array": json.dumps([{"text": PROSE}, {"text": "b"}]).encode(),
    "JSON over several lines": json.dumps({"text": PROSE, "id": 1}, indent=2).encode(),
    "a WAT file": warc("metadata", b'{"Container":{"Filename":"a.warc.gz"}}').replace(
        b"Content-Length", b"Content-Type: application/json\r\nContent-Length"
    ),
    "web pages": b"<DOC>\n<DOCNO>GX000-00-0000000</DOCNO>\n<DOCHDR>\nhttp://a\n</DOCHDR>\n<html><p>Boats.</html></DOC>",
    "a file for Elasticsearch": b'{"index":{"_type":"_doc","_id":"12"}}\n{"title":"A","text":"Boats."}\n',
    "an SQL dump": b"-- MariaDB dump 10.19\n--\n",
    "an SQL dump, not what": b"INSERT INTO `text` VALUES (1,'Boats.');\n",
    "an ARC file": b"filedesc://a.arc 0.0.0.0 20050101000000 text/plain 77\n1 0 A\n",
    "a file of subtitles": b"1\r\n00:00:01,000 --> 00:00:03,000\r\nBoats.\r\n",
    "a file of subtitle": b"WEBVTT\n\n00:01.000 --> 00:03.000\nBoats.\n",
    "a mailbox": b"From ann@quay.example Mon Jan  1 00:00:00 2024\nFrom: ann@quay.example\n\nBoats.\n",
    r"an XML or SGML document \(<TEI>\)": b"<TEI>\n<text><p>Boats.</p>" + b"<p>Late.</p>" * 9000,
    r"an XML or SGML document \(<corpus>\)": b'<corpus xmlns="urn:quay">Boats.',
    r"an XML or SGML document \(<p>\)": b"<p>Boats.</p>\n<p>Late.</p>\n",
    "a TFRecord file": b"\x1a\0\0\0\0\0\0\0\xca\xfe\xba\xbe\n\x18\n\x16\n\x04text\x12\x0e\n\x0c\n\nBoats late",
    "a file of binary records": b"ORC\n\x06\x12\x04\x08\x14P\0",
    "Megatron's tokens": b"MMIDIDX\0\0\x01\0\0\0\0\0\0\0\x08",
    "a ZIM archive": b"ZIM\x04\x06\0\x01\0\0\0",
    r"an XML or SGML document \(<PubmedArticleSet>\)": b'<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//N'
    b'//DTD" "https://a/b.dtd">\n<PubmedArticleSet>\n<PubmedArticle/></PubmedArticleSet>',
    r"an XML or SGML document \(<REUTERS>\)": b'<!DOCTYPE lewis SYSTEM "lewis.dtd">\n<REUTERS NEWID="1">',
    "an HTML page": b"\n<!DOCTYPE html>\n<html><p>Boats.",
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "an image": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "an Arrow file": b"FEA1\0\0\0\0" + PROSE.encode(),  # the first version of Feather
    "an SQLite database": b"SQLite format 3\0\x10\0",
    "a cpio archive": b"070701" + b"0" * 104 + b"a.txt\0" + PROSE.encode(),
    "compressed twice": gzip.compress(gzip.compress(PROSE.encode())),
    "compressed twic": gzip.compress(lz4.frame.compress(PROSE.encode())),
    "a file of an old lz4": b"\x02\x21\x4c\x18\x10\0\0\0\xf0\1" + PROSE.encode(),
    "nothing but zero bytes": bytes(1024),
    "a tar archive of files": old_tar(),
    "an XML or SGML document": b'\xef\xbb\xbf<?xml version="1.0"?>\n<TEI><text><p>Boats.</p></text></TEI>',
    "an HTML": b'<?xml version="1.0"?>\n<!-- made by hand > -->\n<!DOCTYPE html>\n<html><p>Boats.',
    "a PostScript document": b"%!PS-Adobe-3.0\n(Boats.) show\n",
    "a pointer to a file that is not here": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n",
    "a pointer to a file": b"/annex/objects/SHA256E-s12345--4d7a.txt\n",
    "written in UTF-16": PROSE.encode("utf-16-le"),
    "written in UTF-32": PROSE.encode("utf-32-be"),
}


def read(path: Path, name: str) -> list[Document]:
    section = {"name": "c", "format": name, "paths": [str(path)], "filters": "none"}
    return list(read_corpora(parse_config({"corpora": [section]}, ".")))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_another_format_is_refused_by_the_name_of_its_own(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILES[kind] if kind == "parquet" else gzip.compress(FILES[kind]))
    if kind == name or (kind, name) in (("text", "books"), ("commoncrawl-warc", "clueweb"), ("jsonl", "wikiextractor")):
        assert read(path, name)
    elif kind == "text" and name == "parquet":
        path.write_bytes(FILES[kind])
        with pytest.raises(CorpusError, match=r'file is plain text, not what the format "parquet" reads'):
            read(path, name)
    else:
        with pytest.raises(CorpusError, match=rf'its format is "{kind}"'):
            read(path, name)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("what", OTHERS)
def test_a_file_that_no_format_reads_is_named(tmp_path: Path, name: str, what: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(OTHERS[what])
    with pytest.raises(CorpusError, match=rf"file.*{what}"):
        read(path, name)


@pytest.mark.parametrize("name", ["text", "books", "jsonl"])
def test_a_table_is_no_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,A boat.\n")
    with pytest.raises(CorpusError, match=r"is a table \(CSV\), not what .*: write it as JSON lines or as Parquet"):
        check_format(str(path), name)
    path.write_text("A boat.\n")
    check_format(str(path), "text")


LISTINGS = {
    "columns between tabs.+`cut -f 2`": "".join(f"{i}\tThe boats of pier {i} are late.\n" for i in range(30)),
    "columns between tabs.+leave it out": "".join(f"{i}\tboats\t{i * i}\n" for i in range(30)),
    "columns between tabs.+base64": "".join(f"201901{i:02d}\t{'VGhl' * 20}\n" for i in range(30)),
    r"a table \(CSV\).+JSON lines": 'id,text\n1,"The boats, all,\nare late."\n2,"“Late,” he says."\n3,Out.\n4,x\n',
    r"a table \(CSV\).+Parquet": 'id;"a title";text\r\n' + "7;Boats;The boats, and the nets, are late.\r\n" * 9,
    "the index of a multistream dump.+leave it out": "".join(f"597:{i}:Boat: the {i}\n" for i in range(9)),
    r"text with lines of markup \(<CHAPTER>\).+grep -v": "<CHAPTER ID=1>\nBoats.\n<P>\nLate.\n" * 5,
}


@pytest.mark.parametrize("what", LISTINGS)
@pytest.mark.parametrize("name", ["text", "books"])
def test_a_file_of_text_that_holds_no_running_text_is_named(tmp_path: Path, name: str, what: str) -> None:
    path = tmp_path / "file"
    path.write_text(LISTINGS[what])
    with pytest.raises(CorpusError, match=f"file is .*{what}"):
        read(path, name)


@pytest.mark.parametrize(
    "text",
    [
        "\tThe boats are late.\n" * 30,  # paragraphs that begin with a tab
        "The boats\tare late.\n" * 30 + "They are out.\n",
        "Boats:\tlate\n" * 9,
        "Boats,nets\nand all, that is,\nlate.\n" * 9,
        "Boats, nets\n" * 30,
        "Boats,nets\n",
        "9:30:00 the boats leave\n" * 9,
        "<b>\nThe boats are late.\n" + "They are out.\n" * 99,
    ],
)
def test_text_with_tabs_numbers_or_tags_is_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    assert read(path, "text")[0].text


def test_a_shard_of_numbers_and_texts_is_named_by_its_ending(tmp_path: Path) -> None:
    texts = [PROSE.encode()] * 9
    offsets = [4 * (len(texts) + 2) + i * (len(PROSE.encode()) + 4) for i in range(len(texts) + 1)]
    numbers = b"".join(number.to_bytes(4, "little") for number in (len(texts), *offsets))
    shard = numbers + b"".join(len(text).to_bytes(4, "little") + text for text in texts)
    for name, what in (("shard.00000.mds", "a shard of MosaicML's MDS"), ("shard.bin", "binary data")):
        (tmp_path / name).write_bytes(shard)
        for form in ("text", "books", "jsonl"):
            with pytest.raises(CorpusError, match=f"{name} is {what}, not what"):
                check_format(str(tmp_path / name), form)


PROSES = (
    "[Exit.] He goes.", '["Yes," he said.', "{brace} it", "[1] A note.", "<b>bold", "ORCHARDS.", "ID3 is a tree.",
    "RIFF raff.", "OggSound.", "The ftyp box.", "070701abcdef01 is.", "%PDF- is a mark.", "WARC/1.0 is a version.",
    "MZ is a village in the north; it was founded long ago, and nobody lives there.", "<doc> is a mark, <docno> one.",
    "<i>Boats</i> are late.", "<Ann> <i>Boats", "<s> boats . </s>", "INSERT INTO it.", "From Ann on Mon Jan 1.",
    "1\n00:00",
)  # fmt: skip


@pytest.mark.parametrize("text", PROSES)
def test_prose_that_begins_like_something_else_is_prose(text: str) -> None:
    assert recognise(text.encode()) is None


@pytest.mark.parametrize("name", ["text", "books"])
def test_random_bytes_are_no_text_in_an_encoding_that_has_a_letter_for_every_byte(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    section = {"name": "c", "format": name, "paths": [str(path)], "filters": "none", "encoding": "latin-1"}
    for seed in range(9):
        path.write_bytes(random.Random(seed).randbytes(9000))
        with pytest.raises(CorpusError, match="file is binary data"):
            list(read_corpora(parse_config({"corpora": [section]}, ".")))


def test_a_dump_with_a_comment_before_its_first_element_is_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b'<?xml version="1.0"?>\n<!-- made by hand -->\n' + FILES["wikipedia"])
    assert [document.text for document in read(path, "wikipedia") if document.text] == ["Boats."]
    path.write_bytes(b'<?xml version="1.0"?>\n<export>' + PAGE + b"</export>")
    assert [document.text for document in read(path, "wikipedia") if document.text] == ["Boats."]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["Ab", PROSE, "Straße und Übermut. " * 30])
def test_wide_characters_are_told_with_a_byte_order_mark_and_without(encoding: str, text: str) -> None:
    assert wide_encoding(text.encode(encoding)) == encoding[:6].upper()
    assert wide_encoding(text.encode()) == ""


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text",
    [
        "Лодки сегодня опаздывают. В кафе ещё никого нет, и чайник стоит на огне.\n",
        "Τα καράβια αργούν σήμερα. Στο καφενείο δεν είναι κανείς.\n",
        "今日は船が遅れている。喫茶店にはまだ誰もいない。\n",
        "今天船晚点了。咖啡馆里还没有人，水壶在火上。\n",
        "القوارب متأخرة اليوم. لا أحد في المقهى.\n",
    ],
)
def test_wide_characters_of_other_scripts_are_told_without_a_byte_order_mark(
    tmp_path: Path, text: str, encoding: str
) -> None:
    assert wide_encoding(text.encode(encoding)) == "UTF-16"
    path = tmp_path / "file"
    path.write_bytes(text.encode(encoding))
    for name in ("text", "books"):
        with pytest.raises(CorpusError, match="file is written in UTF-16"):
            read(path, name)
    path.write_bytes(text.encode())
    assert read(path, "text")[0].text == text.strip()


def test_a_web_page_in_wide_characters_makes_its_file_none_of_them(tmp_path: Path) -> None:
    page = f"<html><body><p>{PROSE * 20}</p></body></html>".encode("utf-16")
    path = tmp_path / "file"
    path.write_bytes(warc("response", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page))
    assert "The boats are late" in read(path, "commoncrawl-warc")[0].text


def test_text_with_control_characters_is_not_taken_for_wide_ones() -> None:
    assert wide_encoding(b"_\x08b_\x08o_\x08l_\x08d and plain words \x01\x02 behind it. " * 50) == ""


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("船が遅れている。", "iso2022_jp", "ISO-2022"),
        ("배가 늦는다. ", "iso2022_kr", "ISO-2022"),
        ("今天船晚点了。水壶在火上。\n", "hz", "HZ"),
        ("Лодки сегодня опаздывают.\n", "utf-32-le", "UTF-32"),
        ("今天船晚点了。水壶在火上。\n", "utf-32-be", "UTF-32"),
    ],
)
def test_text_in_ascii_with_signs_for_its_letters_or_in_four_bytes_is_named(
    tmp_path: Path, text: str, encoding: str, name: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes((text * 9).encode(encoding))
    with pytest.raises(CorpusError, match=f"file is written in {name}"):
        read(path, "text")


def test_an_encoding_of_several_bytes_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(("오늘은 배가 늦는다. 찻집에는 아직 아무도 없다. " * 5).encode("johab"))
    with pytest.raises(CorpusError, match="does not show what it is written in"):
        read(path, "books")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("今日は船が遅れています。", "euc_jp"), ("Лодки сегодня опаздывают. ", "cp866"), ("今天船晚点了。", "gbk")],
)
def test_json_lines_in_another_encoding_are_named_though_some_bytes_make_utf_8(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(f'{{"text": "{text * 5}"}}\n'.encode(encoding))
    with pytest.raises(CorpusError, match="is not UTF-8"):
        read(path, "jsonl")


LATIN = {
    "cp1250": "Zażółć gęślą jaźń. Łódki dziś się spóźniają, a w kawiarni jeszcze nikogo nie ma. ",
    "iso8859-2": "Čluny mají dnes zpoždění. Kavárna je ještě prázdná, a šálky stojí na příborníku. ",
    "cp1254": "Tekneler bugün gecikti. Kahvede hiç kimse yok, çay ocağında şarkı söylüyor. Işıklar sönüyor. ",
    "cp1257": "Laivai šiandien vėluoja. Kavinėje dar nieko nėra, puodelis stovi ant viryklės, o žuvėdros klykia. ",
    "cp949": "오늘은 배가 늦는다. 찻집에는 아직 아무도 없다. ",
    "big5hkscs": "今天船晚點了。咖啡館裡還沒有人，水壺在火上。",
    "euc_jp": "今日は船が遅れています。喫茶店にはまだ誰もいないので、とても静かです。",
    "cp1258": "Hôm nay thuyê\u0300n đê\u0301n muô\u0323n."
    " Trong qua\u0301n chưa co\u0301 ai, va\u0300 â\u0301m nươ\u0301c ơ\u0309 trên bê\u0301p. ",
    "cp1252": "Bátarnir eru seinir í dag. Það er enginn í kaffihúsinu þó að ketillinn sé á eldinum. ",
}


@pytest.mark.parametrize("encoding", LATIN)
def test_a_book_in_another_encoding_keeps_its_letters(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "file"
    text = (LATIN[encoding] * 5).strip()
    path.write_bytes(text.encode(encoding))
    assert read(path, "books")[0].text == normalize("NFC", text)  # Vietnamese has marks of their own in cp1258


def test_a_book_in_utf_8_with_bytes_of_another_file_keeps_the_letters_of_both(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes("Été à la plage.\n\nœuvre\n\n".encode() + "Là-bas, “où”.\n".encode("cp1252"))
    assert read(path, "books")[0].text == "Été à la plage.\n\nœuvre\n\nLà-bas, “où”."


@pytest.mark.parametrize("name", ["jsonl", "wikiextractor", "wikipedia"])
def test_a_file_in_one_byte_per_character_is_named_and_not_counted_as_malformed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILES[name].replace(b"Boats", "Böte".encode("latin-1")).replace(b"\\u00e9", b"\xe9"))
    with pytest.raises(CorpusError, match="is not UTF-8"):
        read(path, name)


def test_the_error_of_another_encoding_says_which_one_it_looks_like(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for text, encoding in (("Однажды в студёную зимнюю пору я из лесу вышел. " * 9, "koi8-r"), (PROSE, "cp1252")):
        path.write_bytes(text.encode(encoding))
        with pytest.raises(CorpusError, match=f"it looks like '{encoding}'"):
            read(path, "text")
        assert read(path, "books")[0].text.split() == text.split()


def test_gigaword_of_one_byte_per_character_keeps_its_quotation_marks(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILES["gigaword"].replace(b"Boats.", "“Bateaux à voile”".encode("cp1252")))
    (document,) = read(path, "gigaword")
    assert (document.text, document.notes) == ("“Bateaux à voile”", ("latin1",))


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_warc_file_that_brings_its_zstd_dictionary_is_read_with_it(tmp_path: Path, is_packed: bool) -> None:
    records = [warc("conversion", f"The boats of pier {i} are late today.".encode()) for i in range(100)]
    dictionary = zstandard.train_dictionary(1024, records)
    packed = zstandard.compress(dictionary.as_bytes()) if is_packed else dictionary.as_bytes()
    compressor = zstandard.ZstdCompressor(dict_data=dictionary)
    frame = b"\x5d\x2a\x4d\x18" + len(packed).to_bytes(4, "little") + packed
    path = tmp_path / "file.warc.zst"
    path.write_bytes(frame + b"".join(map(compressor.compress, records)))
    assert [document.text for document in read(path, "commoncrawl-wet")] == [
        f"The boats of pier {i} are late today." for i in range(100)
    ]
    path.write_bytes(frame[:8] + b"no dictionary" + frame[21:])
    with pytest.raises(CorpusError, match="is damaged"):
        read(path, "commoncrawl-wet")


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"parquet"}))
@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \n\t\n", b"\xef\xbb\xbf\r\n\r\n"])
def test_a_file_of_nothing_visible_is_no_fault_with_a_byte_order_mark_or_without(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / "a").write_bytes(content)
    form = FORMATS[name]
    documents = list(form.read(FileRange("c", str(tmp_path / "a"), "a"), form.settings()))
    assert {document.reason for document in documents} <= {Reason.EMPTY}
    assert len(documents) == (name in ("text", "books"))


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"parquet"}))
@pytest.mark.parametrize("num_bytes", [12, 40])
def test_a_file_of_which_nothing_visible_is_left_before_it_is_cut_off_is_truncated(
    tmp_path: Path, name: str, num_bytes: int
) -> None:
    whole = gzip.compress(b"\n" * 5000 + bytes(range(256)))
    assert zlib.decompressobj(31).decompress(whole[:40]).startswith(b"\n")
    (tmp_path / "a.gz").write_bytes(whole[:num_bytes])
    form = FORMATS[name]
    with pytest.raises(TruncatedError):
        list(form.read(FileRange("c", str(tmp_path / "a.gz"), "a"), form.settings()))
