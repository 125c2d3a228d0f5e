"""Web pages in every charset: what is said of one, by whom, and what its bytes show."""

from collections.abc import Callable
from pathlib import Path

import pytest

from xlnet_data.corpora.clueweb import CluewebSettings, read_clueweb
from xlnet_data.corpora.warc.charsets import codec_of
from xlnet_data.corpora.warc.decoding import decode_page
from xlnet_data.corpora.warc.xhtml import to_html
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Document, Reason

PROSE = "The quick brown fox jumps over the lazy dog, and nobody minds it at all."

Read = Callable[[str, bytes], Document]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that reads a page that is sent as a content type."""

    def read_page(content_type: str, body: bytes) -> Document:
        http = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + body
        head = "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\n"
        path = tmp_path / "file"
        path.write_bytes(f"{head}Content-Length: {len(http)}\r\n\r\n".encode() + http + b"\r\n\r\n")
        (document,) = read_clueweb(FileRange("c", str(path), "f"), CluewebSettings())
        return document

    return read_page


@pytest.mark.parametrize(
    ("names", "codec"),
    [
        ("windows-1251 cp1251 x-cp1251 win-1251 cp-1251 windows1251", "cp1251"),
        ("l2 iso88592 csISOLatin2 iso-ir-101", "iso8859-2"),
        ("koi8-ru koi8-u", "koi8-u"),
        ("windows-31j ms932 x-sjis csShiftJIS", "cp932"),
        ("ks_c_5601-1989 windows-949 korean iso-ir-149", "cp949"),
        ("gb_2312-80 csgb2312 x-gbk chinese", "gb18030"),
        ("cn-big5 x-x-big5 x-big5 big5", "big5hkscs"),
        ("logical visual iso-8859-8-i iso-8859-8-e", "iso8859-8"),
        ("dos-874 tis-620 iso885911 windows-874", "cp874"),
        ("unicode ucs-2 csUnicode", "utf-16-le"),
        ("x-mac-ukrainian x-mac-cyrillic", "mac-cyrillic"),
        ("x-mac-ce x-mac-centraleurroman", "mac-latin2"),
        ("x-mac-turkish macturkish", "mac-turkish"),
        ("x-mac-greek macgreek", "mac-greek"),
    ],
)
def test_the_names_that_browsers_know_are_known(names: str, codec: str) -> None:
    assert {codec_of(name) for name in names.split()} == {codec}


UNDECLARED = {
    "cp1251": "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "cp1253": "Η γρήγορη αλεπού πηδά πάνω από το τεμπέλικο σκυλί και κανείς δεν το βλέπει.",
    "cp1255": "שלום עולם, מה שלומך היום? זה יום יפה מאוד ואנחנו הולכים לים עם כל הילדים.",
    "euc_kr": "안녕하세요 오늘은 날씨가 매우 좋아서 우리는 모두 바다에 갑니다.",
    "gbk": "今天天气很好，我们大家都到海边去看看那些渔船。",
    "big5": "今天天氣很好，我們大家都到海邊去看看那些漁船。",
    "euc_jp": "今日は天気がとても良いので、みんなで海へ行きました。",
    "iso2022_jp": "今日は天気がとても良いので、みんなで海へ行きました。",
    "iso8859-2": "Zażółć gęślą jaźń, a potem idź do domu i nie wracaj już tutaj, bo to jest źle.",
    "cp1254": "Şu an güneşli bir gün ve çocuklar ağaçların altında oynuyor, bu çok güzel.",
    "cp1252": "We sat at the harbour and looked at the boats for an hour. © 2020 Mills® Ltd. • 12\xa0km",
    "utf-16-le": "一个人的村庄里，一只狗在叫。",
    "utf-16-be": PROSE,
}


@pytest.mark.parametrize("codec", UNDECLARED)
@pytest.mark.parametrize("said", ["", "utf-8", "nonsense"])
def test_what_says_nothing_or_the_wrong_thing_is_told_by_its_visible_letters(codec: str, said: str) -> None:
    code = f"<style>{'a{b:c} ' * 300}</style><script>{'x=1;' * 300}</script>"
    page = f"<html><head><meta charset='{said}'>{code}<body><p class=a>{UNDECLARED[codec]}</p>"
    assert decode_page(page.encode(codec), said) == page


@pytest.mark.parametrize(
    ("codec", "name"), [("iso8859-2", "iso-8859-2"), ("cp1254", "windows-1254"), ("gbk", "gb2312")]
)
def test_a_pages_own_charset_counts_more_than_what_servers_say_of_any_page(codec: str, name: str) -> None:
    page = f"<meta http-equiv=Content-Type content='text/html; charset={name}'><p>{UNDECLARED[codec]}"
    assert decode_page(page.encode(codec), "ISO-8859-1") == page
    assert decode_page(page.encode(codec), "koi8-r") != page


def test_no_latin_charset_is_believed_of_other_letters() -> None:
    page = f"<meta charset=windows-1252><p>{UNDECLARED['cp1251']}"
    assert decode_page(page.encode("cp1251"), "iso-8859-1") == page
    assert decode_page("<meta charset=latin1><p>é è à".encode("cp1252"), "").endswith("é è à")


@pytest.mark.parametrize("codec", ["iso8859-2", "cp1254"])
def test_western_letters_are_not_believed_of_a_text_that_only_other_latin_letters_explain(codec: str) -> None:
    page = f"<meta charset=iso-8859-1><p>{UNDECLARED[codec] * 2}"
    assert decode_page(page.encode(codec), "iso-8859-1") == page
    western = "<meta charset=iso-8859-1><p>Þórður á fé, mais l'élève français où ça mène à Noël; ü, ß, ñ."
    assert decode_page(western.encode("cp1252"), "") == western


def test_an_iso_charset_is_not_believed_of_letters_that_only_windows_has() -> None:
    text = "<p>Žluťoučký „kůň“ – úpěl ďábelské ódy, a proto se na to všichni dívali jako na zázrak."
    assert decode_page(text.encode("cp1250"), "iso-8859-2") == text


@pytest.mark.parametrize(
    ("charset", "body", "shown"),
    [
        ("euc-jp", b"\xad\xa1\xa4\xc8\xad\xea\xa4\xc8\xfc\xe2", "①と㈱と髙"),
        ("iso-2022-jp", b"\x1b$B-!$H-j$O\x1b(B", "①と㈱は"),
        ("gb2312", "价格是".encode("gbk") + b"\x80" + "五十".encode("gbk"), "价格是€五十"),
        ("big5", "價格是".encode("big5") + b"\xa3\xe1" + "約翰".encode("big5") + b"\xa1\x45\xa1\xe3", "價格是€約翰‧～"),
    ],
)
def test_signs_that_pythons_codecs_lack_are_read_as_browsers_show_them(charset: str, body: bytes, shown: str) -> None:
    assert decode_page(body, charset) == shown


def test_a_text_that_is_cut_within_a_character_is_utf_8_and_one_that_ends_in_a_latin_letter_is_not() -> None:
    assert decode_page("слово за слово".encode()[:-1], "") == "слово за слов\ufffd"
    assert decode_page("the café".encode("cp1252"), "") == "the café"


@pytest.mark.parametrize("codec", ["mac-latin2", "mac-turkish", "mac-romanian", "cp852", "johab", "hz", "utf-7"])
def test_a_page_in_a_rare_charset_that_it_names_is_read(read: Read, codec: str) -> None:
    words = ["Żółw", "śpi", "—", "“łódź”.", "Şimdi", "ığdır.", "Țară", "și", "그는", "읽는다", "他在看书。"]
    shown = " ".join([word for word in words if word.encode(codec, "ignore").decode(codec) == word] * 20)
    name = codec.replace("mac-latin2", "mac-ce").replace("mac-", "x-mac-")
    page = f"<meta charset={name}><p>{PROSE}</p><p>{shown}</p>".encode(codec)
    assert read("text/html", page).text == f"{PROSE}\n\n{shown}"


def test_a_page_in_a_charset_that_is_not_read_is_malformed_and_one_of_ascii_is_read_whatever_it_names(
    read: Read,
) -> None:
    letters = bytes(range(0xB2, 0xF0)).replace(b"\xbf", b"")
    for name in ("armscii-8", "VISCII", "x-user-defined", "x-iscii-de"):
        assert read(f"text/html; charset={name}", b"<p>%s</p>" % letters).reason is Reason.MALFORMED
        named = f"<meta charset={name}><p>{PROSE}</p>".encode()
        assert read("text/html", named).text == PROSE
        assert (
            read("text/html", named.replace(b"</p>", letters * 3 + b"</p>")).cause
            == f"written in {name}, which is not read"
        )
        assert read("text/html", f"<meta charset={name}><p>{UNDECLARED['cp1251']}</p>".encode()).reason is None


@pytest.mark.parametrize("start", [b"\xff\xfe", b""])
def test_pages_of_two_bytes_a_character_are_text(read: Read, start: bytes) -> None:
    page = f"<html><head><title>一个</title></head><body><p>{UNDECLARED['utf-16-le']}</p></body></html>"
    for name in ("text/html", "text/html; charset=utf-16", "text/html; charset=utf-8", ""):
        assert read(name, start + page.encode("utf-16-le")).text == UNDECLARED["utf-16-le"]


@pytest.mark.parametrize("name", ["text/html charset=utf-8", "text/html,text/html; charset=utf-8", "TEXT/HTML;;x"])
def test_a_type_ends_where_browsers_end_it(read: Read, name: str) -> None:
    assert read(name, f"<p>{PROSE}</p>".encode()).text == PROSE


@pytest.mark.parametrize(
    "name", ["text/htm", "html", "*/*", "unknown/unknown", "application/vnd.wap.xhtml+xml", '"text/html"']
)
def test_a_page_is_told_by_its_beginning_where_its_type_is_misspelt(read: Read, name: str) -> None:
    assert read(name, f"<html><body><p>{PROSE}</p></body></html>".encode()).text == PROSE
    assert read(name, b'{"a": "no page"}').reason is Reason.NOT_TEXT


def test_a_title_is_read_as_browsers_show_it(read: Read) -> None:
    page = f"<html><head><title>I <3 a&#150;b &copy c</title></head><body><p>{PROSE}</p></body></html>"
    document = read("text/html", page.encode())
    assert (document.title, document.text) == ("I <3 a–b © c", PROSE)


XHTML = "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head>"


@pytest.mark.parametrize(
    "element", ["script src='a>b.js'", "title", "style", "textarea", "iframe src='a/b'", "a id='x' "]
)
def test_an_element_that_xhtml_ends_at_once_swallows_nothing(read: Read, element: str) -> None:
    page = f"{XHTML}<{element}/></head><body><div><{element}/><p>{PROSE}<br/>{PROSE}</p></div></body></html>"
    assert read("application/xhtml+xml; charset=utf-8", page.encode()).text == f"{PROSE}\n\n{PROSE}"


def test_marked_sections_of_xhtml_are_text(read: Read) -> None:
    page = f"{XHTML}</head><body><p>{PROSE}<![CDATA[ a < b &amp; c]]></p></body></html>"
    assert read("application/xhtml+xml", page.encode()).text == f"{PROSE} a < b &amp; c"
    assert to_html("a<![CDATA[b") == "a<![CDATA[b"


def test_a_page_whose_characters_were_lost_before_is_read_as_what_it_is() -> None:
    page = "<meta charset=iso-8859-1><p>The\ufffdmill\ufffd\ufffdstood by the river.</p>"
    assert decode_page(page.encode(), "") == page
    assert decode_page(page.replace("\ufffd", "é").encode("latin-1"), "") == page.replace("\ufffd", "é")
