"""WikiExtractor's files: elements and JSON lines of all its versions, whoever reads which bytes."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from document_lists import bare, count, until_error
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlnet_data.corpora import wikiextractor
from xlnet_data.corpora.pieces import lines
from xlnet_data.corpora.pieces.lines import is_cuttable_by_lines
from xlnet_data.corpora.wikiextractor import WikiextractorSettings, read_wikiextractor
from xlnet_data.errors import TruncatedError
from xlnet_data.files import ranges
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Reason

Write = Callable[[bytes], Path]
DOC = b'<doc id="%d" url="https://a.b/wiki?curid=1" title="T">\nT\n\nA b.\n\n</doc>\n'


def read(path: Path, start: int = 0, end: int = -1, title: bool = False) -> list[Document]:
    return bare(read_wikiextractor(FileRange("w", str(path), "f", start, end), WikiextractorSettings(title)))


def read_until_error(path: Path) -> tuple[list[Document], str]:
    return until_error(read_wikiextractor(FileRange("w", str(path), "f"), WikiextractorSettings()))


def test_real_files_give_their_true_number_of_documents(samples: Path) -> None:
    english = read(samples / "wikipedia" / "wikiextractor-graykode-AA-wiki_00")
    assert count(english) == {None: 37}
    assert english[0].doc_id == "12"
    assert english[0].text.startswith("Anarchism is an anti-authoritarian")
    chinese = read(samples / "unicode" / "wikiextractor-zh-json-jastfkjg-wiki_00")
    assert count(chinese) == {None: 64}
    assert chinese[0].doc_id == "13"
    assert chinese[0].text.startswith("数学是利用符号语言")


def test_the_title_is_a_paragraph_of_its_own_where_it_is_wanted(samples: Path) -> None:
    for name in ("wikipedia/wikiextractor-graykode-AA-wiki_00", "unicode/wikiextractor-zh-json-jastfkjg-wiki_00"):
        without, with_title = read(samples / name), read(samples / name, title=True)
        assert [doc.text for doc in without] == [doc.text.partition("\n\n")[2] for doc in with_title]
    assert with_title[0].text.startswith("数学\n\n数学是")


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (b'<doc id="7" url="http://en.wikipedia.org/wiki?curid=7" title="T">', "T"),
        (b'<doc id="7" revid="9" url="https://en.wikipedia.org/wiki?curid=7" title="T">', "T"),
        (b'<doc id="7" url="?curid=7" title="The "Q" & A">', 'The "Q" & A'),
        (b'<doc id="7" url="?curid=7" title="The &quot;Q&quot; &amp; A">', 'The "Q" & A'),
        (b'<doc id="7" title="T" nonfiltered="1" processed="0" dbindex="0">', "T"),
        (b'<doc id="7">', ""),
    ],
)
def test_heads_of_all_versions_are_read(write: Write, head: bytes, title: str) -> None:
    first = title.encode()
    content = head + b"\n" + first + b"\n\nA &amp; b.\nSection::::C.\nBULLET::::- D &lt;nowiki/&gt; (; )\n\n\n</doc>\n"
    (document,) = read(write(content), title=True)
    assert document.doc_id == "7"
    assert document.text == "\n\n".join([title, "A & b.", "C.", "D"] if title else ["A & b.", "C.", "D"])


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('A is &lt;a href="political%20x"&gt;political x&lt;/a&gt;.', "A is political x."),
        ('<div class="x"><b>A</b> is <i>b</i></div>&lt;br&gt;c &lt;stdio.h&gt; 1 < 2.', "A is b c <stdio.h> 1 < 2."),
        ("A&lt;section begin=x /&gt; b&lt;/ref&gt;.", "A b."),
        ("where formula_1 is x, and (formula_23) call codice_1.", "where is x, and call."),
        ("أ (، ب) ج (د؛ ) ه (؛ ) و (ز،).", "أ (ب) ج (د) ه و (ز)."),
        ("A ( – ) B (– C) 10<sup>-3</sup> m<sup>2</sup>", "A B (– C) 10^-3 m2"),
        ("A (; born 1950) and B ( ; , 1950), C (, ) f().", "A (born 1950) and B (1950), C f()."),
        ("山（；）は（、川，）。-{zh-hans:网;zh-hant:網}-络-{}-体-{系}-", "山は（川）。网络体系"),
    ],
)
def test_what_some_versions_leave_of_markup_goes(write: Write, line: str, text: str) -> None:
    assert [document.text for document in read(write((DOC % 1).replace(b"A b.", line.encode())))] == [text]


@pytest.mark.parametrize(
    "record",
    [
        {"id": "7", "url": "?curid=7", "title": "T", "text": "T\n\nA.\nB."},
        {"id": "7", "revid": "9", "url": "?curid=7", "title": "T", "text": "A.\nB."},
        {"id": 7, "text": "A.\n\n\nB.\n"},
    ],
)
def test_json_of_all_versions_is_read(write: Write, record: dict[str, object]) -> None:
    path = write(b"\xef\xbb\xbf" + json.dumps(record).encode() + b"\r\n\n")
    assert read(path) == [Document("w", "7", "A.\n\nB.")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'<doc id="1" url="" title="T">\nT\n\n\n</doc>\n', Reason.EMPTY),
        (b'<doc id="1" url="" title="T">\n\n</doc>\n', Reason.EMPTY),
        (b'<doc id="1" url="" title="T">\nT\n\nA.\n', Reason.MALFORMED),
        (b'<doc url="" title="T">\nT\n\nA.\n</doc>\n', Reason.MALFORMED),
        (b'<doc id="1" url="" title="T">\n\xff\n</doc>\n', Reason.MALFORMED),
        (b"stray\n\nmore\n", Reason.MALFORMED),
        (b'<doc id="1" url="" title="T">\n' + b"a" * 70 + b"\n" + b"b" * 70 + b"\n</doc>\n", Reason.TOO_LARGE),
        (b'<doc id="1" url="" title="T">\n' + b"a" * 300 + b"\n</doc>\n", Reason.TOO_LARGE),
    ],
)
def test_what_is_no_document_is_dropped_for_its_reason(
    write: Write, monkeypatch: pytest.MonkeyPatch, content: bytes, reason: Reason
) -> None:
    monkeypatch.setattr(lines, "MAX_RECORD_BYTES", 150)
    monkeypatch.setattr(wikiextractor, "DOCUMENT_BYTES", 150)
    documents = read(write(DOC % 2 + content + DOC % 3))
    assert documents == [
        Document("w", "2", "A b."),
        Document("w", "1" if reason is Reason.EMPTY else f"f@{len(DOC % 2)}", "", reason),
        Document("w", "3", "A b."),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "1", "title": "T", "text": "T\\n"}', Reason.EMPTY),
        (b'{"id": "1", "title": "T"', Reason.MALFORMED),
        (b'{"id": "", "text": "a"}', Reason.MALFORMED),
        (b'{"id": ["1"], "text": "a"}', Reason.MALFORMED),
        (b'{"id": "1", "text": 5}', Reason.MALFORMED),
        (b'["id", "text"]', Reason.MALFORMED),
        (b"[" * 100_000, Reason.MALFORMED),
        (b'{"id": "1", "text": "\xff"}', Reason.MALFORMED),
    ],
)
def test_a_line_that_is_no_document_is_dropped_for_its_reason(write: Write, line: bytes, reason: Reason) -> None:
    good = b'{"id": "2", "title": "T", "text": "a \\ud800"}\n'
    documents = read(write(good + line + b"\n" + good))
    assert count(documents) == {None: 2, reason: 1}
    assert documents[1].doc_id == ("1" if reason is Reason.EMPTY else f"f@{len(good)}")
    assert documents[0].text == "a \ufffd"


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_file_that_ends_in_the_middle_gives_what_came_before(
    write: Write, compress: Callable[[bytes], bytes]
) -> None:
    rng = random.Random(0)
    long = DOC.replace(b"A b.", bytes(rng.choices(b"abcdefgh ", k=500_000)))
    content = compress(DOC % 1 + long % 2)
    documents, error = read_until_error(write(content[:-100_000]))
    assert count(documents) == {None: 1, Reason.TRUNCATED: 1}
    assert "ends in the middle" in error
    assert 'on_truncated = "keep"' in error


def test_only_large_plain_files_are_split(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "RANGE_BYTES", 50)
    for content, is_cuttable in ((DOC, True), (gzip.compress(DOC * 9), False), (b"{}", False)):
        file = InputFile(str(write(content)), "f", len(content))
        assert is_cuttable_by_lines(file, WikiextractorSettings()) is is_cuttable


@pytest.mark.parametrize("kind", ["elements", "json"])
def test_the_splits_of_a_file_make_the_whole(write: Write, kind: str) -> None:
    elements = DOC % 1 + b"stray\n" + DOC % 2 + b'<doc id="3">\nbroken\n' + DOC % 4 + b"{}\n\n" + DOC % 5
    records = b'{"id": "1", "text": "a"}\n\nbad\n{"id": "2", "text": "b"}\n<doc \n{"id": "3", "text": "c"}'
    content = elements if kind == "elements" else records
    path = write(content)
    whole = read(path)
    assert count(whole) == ({None: 4, Reason.MALFORMED: 3} if kind == "elements" else {None: 3, Reason.MALFORMED: 2})
    for cut in range(1, len(content)):
        assert read(path, 0, cut) + read(path, cut, len(content)) == whole, cut


mutations = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.sampled_from([b"", b"\n", b"<doc ", b"</doc>", b'"', b"{", b"\xff", b"\\ud800", b"&#0;", b'<doc id="1">\n']),
    ),
    max_size=6,
)


@pytest.mark.parametrize(
    "name", ["wikipedia/wikiextractor-graykode-AA-wiki_00", "unicode/wikiextractor-zh-json-jastfkjg-wiki_00"]
)
@given(changes=mutations, begin=st.integers(0, 900_000), cut=st.floats(0, 1))
@settings(max_examples=60, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_file_loses_nothing_uncounted(
    samples: Path, write: Write, name: str, changes: list[tuple[float, int, bytes]], begin: int, cut: float
) -> None:
    content = (samples / name).read_bytes()
    content = content[: content.index(b"\n") + 1] + content[begin : begin + 60_000]
    for place, num_cut, new in changes:
        at = int(place * len(content))
        content = content[:at] + new + content[at + num_cut :]
    documents, error = read_until_error(write(content))
    num_heads = sum(line.startswith(b"<doc ") for line in content.split(b"\n"))
    num_lines = sum(bool(line.strip()) for line in content.split(b"\n"))
    assert error or len(documents) >= num_heads or content.lstrip()[:1] == b"{"
    assert len(documents) == num_lines or content.lstrip()[:1] != b"{"
    if not error:
        at = 1 + int(cut * (len(content) - 2))
        path = write(content)
        assert read(path, 0, at) + read(path, at, len(content)) == documents
    else:
        with pytest.raises(TruncatedError):
            read(write(content))


def test_the_title_may_stand_on_the_line_of_the_tag_and_a_page_may_tell_of_tags(write: Write) -> None:
    body = b'Ur\n\nA tag:\n<doc type="x">\n<doc > is one.\n</doc>\n'
    documents = read(write(DOC.replace(b">\nT\n", b">T\n") % 1 + b'<doc id="2" title="Ur">' + body + DOC % 3))
    assert [document.text for document in documents] == ["A b.", 'A tag:\n\n<doc type="x">\n\n<doc > is one.', "A b."]
