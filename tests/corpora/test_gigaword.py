"""Gigaword's SGML: types, entities, encodings, equal ids, the LDC's lists."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from document_lists import count, until_error
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlnet_data.corpora import gigaword
from xlnet_data.corpora.gigaword import GigawordSettings, is_gigaword_cuttable, read_gigaword
from xlnet_data.errors import ConfigError, CorpusError
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Reason

NO_WHOLE_DOC = "no whole <DOC>: another one begins in it, or text stands between two"

Write = Callable[[bytes], Path]


def doc(doc_id: str = "NYT_ENG_19950101.0001", kind: str = "story", text: str = "<P>\nA b\nc.\n</P>\n") -> bytes:
    return (
        f'<DOC id="{doc_id}" type="{kind}" >\n<HEADLINE>\nH\nh\n</HEADLINE>\n<DATELINE>\nD (AP)\n</DATELINE>\n'
        f"<TEXT>\n{text}</TEXT>\n</DOC>\n"
    ).encode()


def read(path: Path, **keys: object) -> list[Document]:
    return list(read_gigaword(FileRange("g", str(path), "f"), GigawordSettings(**keys)))  # type: ignore[arg-type]


def read_until_error(path: Path) -> tuple[list[Document], str]:
    return until_error(read_gigaword(FileRange("g", str(path), "f"), GigawordSettings(types=gigaword.TYPES)))


@pytest.mark.parametrize(
    ("name", "doc_id"),
    [
        ("concrete-gigaword-serif_dog-bites-man.sgml", "dog-bites-man_20141009.sgml"),
        ("maxthomas-serif_dateline.sgml", "TST_ENG_20141009.0001"),
    ],
)
def test_real_files_give_their_one_document(samples: Path, name: str, doc_id: str) -> None:
    path = samples / "gigaword" / name
    assert read(path) == [
        Document("g", doc_id, "", Reason.WRONG_TYPE, cause="other, types = story", title="Dog Bites Man")
    ]
    (document,) = read(path, types=["other"])
    assert (document.doc_id, document.reason) == (doc_id, None)
    assert document.text.split("\n\n")[1] == "He died!"


def test_headline_and_dateline_are_paragraphs_where_they_are_wanted(write: Write) -> None:
    path = write(doc())
    assert read(path) == [Document("g", "NYT_ENG_19950101.0001", "A b c.", title="H h")]
    assert read(path, headline=True)[0].text == "H h\n\nA b c."
    assert read(path, headline=True, dateline=True)[0].text == "H h\n\nD (AP)\n\nA b c."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<P>\nA b\nc.\n</P>\n<P>\nD.\n</P>\n", "A b c.\n\nD."),
        ("<p>A.<p>B.", "A.\n\nB."),
        ("A b\nc.\n\nD.\n", "A b c.\n\nD."),
        ("   A b\nc.\n   D e\nf.\n", "A b c.\n\nD e f."),
        ("   A   1\n   B   2\n   C   3\n", "A 1 B 2 C 3"),
        ("<P>\nA b\n   c.\n</P>\n<P>\nD.\n</P>\n", "A b c.\n\nD."),
        ("<P>\nAT&AMP;T &amp; R&D &LT;b&gt; &Quot;\n</P>\n", 'AT&T & R&D <b> "'),
        ("<P>\n`` A '' (MORE)\n</P>\n", "`` A '' (MORE)"),
        ("<P>\n&amp;lt; &eacute; &unknown;\n</P>\n", "&lt; é &unknown;"),
        ("<P>\n&UR; A _ b. &LR;\n&QL;\n</P>\n", "A _ b."),
        ("<P>\n&HT; PORTO (XY) &MD; The boats&Cx1f; left &CX13;.\n</P>\n", "PORTO (XY) — The boats left ."),
        ("<P>\na 37-year-\nold man --\nhere\n</P>\n", "a 37-year-old man -- here"),
        ('<P n="1">A b\nc.<P n="2">D <b>e</b>', "A b c.\n\nD e"),
        ("<P>\nWrite to <a.b@c.org> or <http://c.org/>.\n</P>\n", "Write to <a.b@c.org> or <http://c.org/>."),
        ("<P>\n　　新华社１月１\n日电 中国\n宣布。\n</P>\n", "新华社１月１日电 中国宣布。"),
    ],
)
def test_paragraphs_and_characters_are_read_in_every_form(write: Write, text: str, expected: str) -> None:
    assert read(write(doc(text=text)))[0].text == expected


def test_inline_tags_roots_and_lower_case_are_read(write: Write) -> None:
    content = "<?xml version='1.0'?><DOCS><doc id=a><headline>h</headline><text>b</text></doc><DOC id='c'><TEXT>d"
    path = write(b"\xef\xbb\xbf" + content.encode() + b"</TEXT></DOC></DOCS>")
    assert read(path, headline=True) == [Document("g", "a", "h\n\nb", title="h"), Document("g", "c", "d")]


def test_tags_may_have_attributes(write: Write) -> None:
    content = b'<DOC id="a" type="story">\n<HEADLINE lang="fr">\nh\n</HEADLINE>\n<TEXT lang="fr">\nb\n</TEXT>\n</DOC>\n'
    assert read(write(content), headline=True) == [Document("g", "a", "h\n\nb", title="h")]


def test_tags_within_a_sentence_leave_no_blanks(write: Write) -> None:
    assert read(write(doc(text="He saw <B>three</B>, <I class=x>four</I>.\n")))[0].text == "He saw three, four."


def test_a_number_within_a_document_is_its_id(write: Write) -> None:
    head = b"<DOC>\n<DOCNO> APW1.1 </DOCNO>\n<DOCTYPE> NEWS STORY </DOCTYPE>\n<BODY>\n"
    assert read(write(head + b"<TEXT>\n<P>\nb\n</TEXT>\n</BODY>\n</DOC>\n")) == [Document("g", "APW1.1", "b")]


def test_what_is_not_utf8_is_latin1_document_by_document(write: Write) -> None:
    documents = read(write(doc("a", text="caf\xe9\n").replace("é".encode(), b"\xe9") + doc("b", text="é\n")))
    assert [document.text for document in documents] == ["café", "é"]


def test_equal_ids_are_kept_apart_in_their_order(write: Write) -> None:
    documents = read(write(doc("a", text="1") + doc("b", text="2") + doc("a", kind="other") + doc("a", text="3")))
    assert [document.doc_id for document in documents] == ["a", "b", "a#2", "a#3"]
    assert count(documents) == {None: 3, Reason.WRONG_TYPE: 1}


def test_the_lists_of_bad_documents_are_honoured(write: Write, tmp_path: Path) -> None:
    (tmp_path / "other.file-doc.map").write_text("nyt_eng_199501.gz a\n")
    (tmp_path / "spanish.file-doc.map").write_text("nyt_eng_199501.gz b\n\n")
    (tmp_path / "nyt_noisy_paragraphs.tab").write_text("docid\tparagraphs\nc\t1 2\n")
    names = ["other.file-doc.map", "spanish.file-doc.map", "nyt_noisy_paragraphs.tab"]
    documents = read(write(doc("a") + doc("b") + doc("c") + doc("d")), bad_documents=[str(tmp_path / n) for n in names])
    assert count(documents) == {Reason.LISTED_AS_BAD: 3, None: 1}
    assert documents[3].doc_id == "d"
    (tmp_path / names[0]).write_text("nyt_eng_199501.gz d\n")
    documents = read(write(doc("a") + doc("d")), bad_documents=[str(tmp_path / names[0])])
    assert [document.reason for document in documents] == [None, Reason.LISTED_AS_BAD], "the list as it is now"
    with pytest.raises(CorpusError, match="cannot open"):
        read(write(doc()), bad_documents=[str(tmp_path / "absent")])


@pytest.mark.parametrize(
    ("sgml", "reason", "cause"),
    [
        (doc("a", kind="advis"), Reason.WRONG_TYPE, "advis, types = story"),
        (doc("a", text=""), Reason.EMPTY, ""),
        (doc("a", text="<P>\n</P>\n"), Reason.EMPTY, ""),
        (doc("a", text="b" * 3000), Reason.TOO_LARGE, "more than 16,777,216 bytes"),
        (doc("a").replace(b"TEXT>", b"BODY>"), Reason.MALFORMED, "no <TEXT>"),
        (doc("a").replace(b' id="a"', b""), Reason.MALFORMED, "a <DOC> without an id"),
        (doc("a").replace(b"</DOC>", b""), Reason.MALFORMED, NO_WHOLE_DOC),
        (b"stray\n", Reason.MALFORMED, NO_WHOLE_DOC),
        (b"stray" * 1000, Reason.MALFORMED, NO_WHOLE_DOC),
        (b"</DOC>\n", Reason.MALFORMED, NO_WHOLE_DOC),
    ],
)
def test_what_is_unwanted_is_dropped_for_its_reason(
    write: Write, monkeypatch: pytest.MonkeyPatch, sgml: bytes, reason: Reason, cause: str
) -> None:
    monkeypatch.setattr(gigaword, "MAX_RECORD_BYTES", 2000)
    monkeypatch.setattr(gigaword, "_GAP_BYTES", 1000)
    first = doc("x").strip()
    documents = read(write(first + sgml + doc("y")))
    assert count(documents) == {None: 2, reason: 1}
    doc_id, title = (f"f@{len(first)}", "") if reason is Reason.MALFORMED else ("a", "H h")
    assert documents[1] == Document("g", doc_id, "", reason, cause=cause, title=title)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_file_that_ends_in_the_middle_gives_what_came_before(
    write: Write, compress: Callable[[bytes], bytes]
) -> None:
    content = compress(doc("a") + doc("b", text="".join(f"{i * 7919 % 10007} " for i in range(100_000))))
    documents, error = read_until_error(write(content[: len(content) * 2 // 3]))
    assert count(documents) == {None: 1, Reason.TRUNCATED: 1}
    assert "ends in the middle" in error
    assert 'on_truncated = "keep"' in error


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"types": ["story", "news"]}, "types must be 'story' or 'multi' or 'advis' or 'other': got 'news'"),
        ({"types": []}, "types must name at least one of"),
        ({"types": "story"}, "types must be a list of strings: got 'story'"),
        ({"bad_documents": [1]}, r"bad_documents must be a list of strings: got \[1\]"),
    ],
)
def test_settings_out_of_range_are_errors(keys: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        GigawordSettings(**keys)  # type: ignore[arg-type]


def test_no_file_is_split() -> None:
    assert not is_gigaword_cuttable(InputFile("a", "a", 10**12), GigawordSettings())


mutations = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.sampled_from(
            [b"", b"<DOC>", b"<DOC ", b"</DOC>", b"<TEXT>", b"<P>", b"<", b">", b'"', b"&", b"\xff", b"\n"]
        ),
    ),
    max_size=8,
)


@pytest.mark.parametrize("name", ["concrete-gigaword-serif_dog-bites-man.sgml", "maxthomas-serif_dateline.sgml"])
@given(changes=mutations)
@settings(max_examples=100, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_file_loses_nothing_uncounted(
    samples: Path, write: Write, name: str, changes: list[tuple[float, int, bytes]]
) -> None:
    content = (samples / "gigaword" / name).read_bytes() * 3
    for place, num_cut, new in changes:
        at = int(place * len(content))
        content = content[:at] + new + content[at + num_cut :]
    documents, error = read_until_error(write(content))
    num_heads = content.count(b"<DOC ") + content.count(b"<DOC>") + content.count(b"<DOC\n")
    assert len(documents) >= num_heads
    assert not error or documents[-1].reason is Reason.TRUNCATED
    assert documents or not content.strip()


def test_all_texts_of_a_document_and_its_lead_paragraph_are_read(tmp_path: Path) -> None:
    head = "<DOC>\n<DOCNO> AP1 </DOCNO>\n<HL>   The Mill\n   Falls </HL>\n<LP>\n   It fell\nat night.\n</LP>\n"
    body = "<TEXT>\n   Nobody\nheard it.\n   It rose.\n</TEXT>\n<TEXT>\n<LP>\n   It fell again.\n</TEXT>\n</DOC>\n"
    path = tmp_path / "a"
    path.write_text(head + body)
    (document,) = read_gigaword(FileRange("g", str(path), "a"), GigawordSettings(headline=True))
    assert document.title == "The Mill Falls"
    assert document.text.split("\n\n") == [
        "The Mill Falls",
        "It fell at night.",
        "Nobody heard it.",
        "It rose.",
        "It fell again.",
    ]
