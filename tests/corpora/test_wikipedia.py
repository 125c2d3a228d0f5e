"""Dumps of wikis: every page a document or a counted reason, whoever reads which bytes."""

import bz2
import gzip
import itertools
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from document_lists import bare, count, until_error
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlnet_data.corpora.wiki import pages as wiki_pages
from xlnet_data.corpora.wikipedia import WikipediaSettings, is_wikipedia_cuttable, read_wikipedia
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.files import opening, ranges
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Reason

Write = Callable[[bytes], Path]
HEADER = b"""<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="ltg">
  <siteinfo><namespaces><namespace key="6" case="first-letter">Fails</namespace></namespaces></siteinfo>
"""
FOOTER = b"</mediawiki>\n"


def page(page_id: int, text: str, head: str = "", model: str = "wikitext") -> bytes:
    return (
        f"<page><title>T{page_id}</title><ns>0</ns><id>{page_id}</id>{head}<revision><id>9</id>"
        f'<model>{model}</model><text bytes="1" xml:space="preserve">{text}</text></revision></page>\n'
    ).encode()


def read(path: Path, start: int = 0, end: int = -1, **keys: bool) -> list[Document]:
    return bare(read_wikipedia(FileRange("w", str(path), "f", start, end), WikipediaSettings(**keys)))


def read_until_error(path: Path, start: int = 0, end: int = -1) -> tuple[list[Document], str]:
    return until_error(read_wikipedia(FileRange("w", str(path), "f", start, end), WikipediaSettings()))


GREEK = {None: 16, Reason.NAMESPACE: 1}


@pytest.mark.parametrize(
    ("name", "counts", "doc_id", "words"),
    [
        (
            "camchenry-enwiki-10k.xml.bz2",
            {None: 68, Reason.REDIRECT: 85, Reason.NAMESPACE: 43},
            "3046529",
            "Gunpowder Incident (or Gunpowder Affair) was",
        ),
        ("camchenry-simplewiki.xml.bz2", {None: 6, Reason.NAMESPACE: 1}, "1", "April is the 4th month of the year"),
        (
            "dumpster-smallwiki-latest-pages-articles.xml",
            {None: 881, Reason.REDIRECT: 147, Reason.NAMESPACE: 954, Reason.EMPTY: 22},
            "18",
            "Laika skaiteišonys zeimeibā",
        ),
        ("dumpster-tinywiki-latest-pages-articles.xml", {None: 7, Reason.REDIRECT: 1}, "1", "hello this is wikitext"),
        ("macbre-dump.xml", {None: 1, Reason.NAMESPACE: 1}, "Page title", "A bunch of text here."),
        ("mwxml-dump.xml", {None: 1, Reason.NAMESPACE: 1}, "1", "Revision 2 text"),
        (
            "mwbzutils-input-pages-articles-p2566p2583.xml.bz2",
            GREEK,
            "2566",
            "Η Ζηλανδία (Ολλανδικά: Zeeland) είναι μια",
        ),
        (
            "mwbzutils-pages-articles-p2566p2583.multistream.xml.bz2",
            GREEK,
            "2566",
            "Η Ζηλανδία (Ολλανδικά: Zeeland) είναι μια",
        ),
        ("mwbzutils-pages-articles-p2566p2583.multistream-nofooter.xml.bz2", GREEK, "2583", "Τύνιδα"),
        (
            "mwbzutils-pages-articles-p2566p2583.multistream-noheader.xml.bz2",
            GREEK,
            "2566",
            "Η Ζηλανδία (Ολλανδικά: Zeeland) είναι μια",
        ),
        ("opsdumps-pages-articles-sample1.xml-p1p1500.bz2", {Reason.NAMESPACE: 2}, "1", ""),
        ("opsdumps-pages-articles-sample1.xml.bz2", {Reason.NAMESPACE: 6, Reason.NOT_WIKITEXT: 2}, "1", ""),
        ("opsdumps-pages-articles-sample4.xml-p4606p5340.bz2", {}, "", ""),
    ],
)
def test_real_dumps_give_their_true_number_of_documents(
    samples: Path, name: str, counts: dict[Reason | None, int], doc_id: str, words: str
) -> None:
    documents = read(samples / "wikipedia" / name)
    assert count(documents) == counts
    assert not counts or any(document.doc_id == doc_id and words in document.text for document in documents)


def test_a_stub_dump_is_an_error_that_names_the_dump_to_get(samples: Path) -> None:
    with pytest.raises(CorpusError, match=r"stub dump, which holds no text: get pages-articles.xml.bz2"):
        read(samples / "wikipedia" / "opsdumps-stub-articles-sample1.xml.gz")


@pytest.mark.parametrize("kind", ["index", "index-noheader"])
def test_an_index_is_no_dump(samples: Path, kind: str) -> None:
    name = f"mwbzutils-pages-articles-p2566p2583.multistream-{kind}.xml.bz2"
    with pytest.raises(CorpusError, match=r"no dump of a wiki's pages: .* without the index"):
        read(samples / "wikipedia" / name)


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        (page(1, "a").replace(b"<ns>0", b"<ns>10"), Reason.NAMESPACE),
        (page(1, "a").replace(b"<ns>0</ns>", b"").replace(b">T1", b">Fails:b"), Reason.NAMESPACE),
        (page(1, "a").replace(b"<ns>0</ns>", b"").replace(b">T1", b">Talk:b"), Reason.NAMESPACE),
        (page(1, "a", head='<redirect title="b" />'), Reason.REDIRECT),
        (page(1, "#REDIRECT [[b]]"), Reason.REDIRECT),
        (page(1, " #перенаправление: [[b]]"), Reason.REDIRECT),
        (page(1, "#पुनर्प्रेषित [[b]]"), Reason.REDIRECT),
        (page(1, "a", model="css"), Reason.NOT_WIKITEXT),
        (page(1, ""), Reason.EMPTY),
        (page(1, "{{a}}"), Reason.EMPTY),
        (re.sub(rb"<text.*</text>", b'<text bytes="0" sha1="a" />', page(1, "a")), Reason.EMPTY),
        (re.sub(rb"<text.*</text>", b'<text deleted="deleted" />', page(1, "a")), Reason.EMPTY),
        (re.sub(rb"<text.*</text>", b"", page(1, "a")), Reason.MALFORMED),
        (page(1, "a").replace(b"</text>", b""), Reason.MALFORMED),
        (page(1, "a").replace(b"<ns>0", b"<ns>zero"), Reason.MALFORMED),
        (page(1, "a").replace(b"<id>1</id>", b"").replace(b"<title>T1</title>", b""), Reason.MALFORMED),
        (page(1, "a").replace(b"a</text>", b"\xff</text>"), Reason.MALFORMED),
        (page(1, "a").replace(b"</page>", b""), Reason.MALFORMED),
        (b"stray", Reason.MALFORMED),
        (b"</page>", Reason.MALFORMED),
    ],
)
def test_what_is_no_article_is_dropped_for_its_reason(write: Write, xml: bytes, reason: Reason) -> None:
    documents = read(write(HEADER + xml + page(2, "b") + FOOTER))
    assert count(documents) == {reason: 1, None: 1}
    where = "1" if b"<id>1" in xml else "T1"
    if reason is Reason.MALFORMED:
        where = f"f@{len(HEADER)}" if xml.startswith(b"<page") else "f@0"  # what is no page belongs to the gap before
    assert documents[0] == Document("w", where, "", reason)


@pytest.mark.parametrize(
    "text",
    [
        '&lt;pages index="A.djvu" from=1 to=2 /&gt;',
        "{{Page:A.djvu/5}}",
        "{{Página|A.djvu/5}}",
        "{{/Part 1}}{{/Part 2}}",
    ],
)
def test_a_page_whose_text_stands_on_others_says_so(write: Write, text: str) -> None:
    path = write(HEADER + page(1, text) + FOOTER)
    (document,) = read_wikipedia(FileRange("w", str(path), "f", 0, -1), WikipediaSettings())
    assert document.reason is Reason.EMPTY
    assert "<pages>" in document.cause


def test_titles_headings_and_lists_are_kept_where_they_are_wanted(write: Write) -> None:
    path = write(HEADER + page(1, "a [[Fails:b|c]]\n== d ==\n* e") + FOOTER)
    assert read(path) == [Document("w", "1", "a")]
    assert read(path, title=True, headings=True, lists=True) == [Document("w", "1", "T1\n\na\n\nd\n\ne")]


def test_characters_are_decoded_twice_and_entities_of_the_xml_never_expanded(write: Write) -> None:
    bomb = b'<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    text = "&amp;nbsp;&amp;eacute; &amp;amp;lt; &#228;&#xe4; &b;&lt;i&gt;"
    documents = read(write(HEADER + bomb + page(1, text) + page(2, "<![CDATA[<b>c</b>]]>") + FOOTER))
    assert [document.text for document in documents] == ["", "é &lt; ää &b;", "c"]


def test_of_several_revisions_the_newest_counts(write: Write) -> None:
    revision = "<revision><timestamp>{}</timestamp><text>{}</text></revision>"
    texts = [("2001", "a"), ("2003", "b"), ("2003", "c"), ("2002", "d")]
    xml = page(1, "x").partition(b"<revision>")[0] + "".join(revision.format(*text) for text in texts).encode()
    assert read(write(HEADER + xml + b"</page>"))[0].text == "c"


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("is_content", [True, False])
def test_of_several_contents_of_a_revision_the_main_one_counts(write: Write, is_first: bool, is_content: bool) -> None:
    main = "<model>wikitext</model><text bytes='1'>The main text.</text>"
    if is_content:
        main = f"<content><role>main</role><origin>1</origin>{main}</content>"
    data = '<content><role>mediainfo</role><model>wikibase-mediainfo</model><text bytes="2">{"a": 1}</text></content>'
    contents = main + data if is_first or not is_content else data + main
    xml = f"<page><title>A</title><ns>0</ns><id>1</id><revision><id>2</id>{contents}</revision></page>".encode()
    assert read(write(HEADER + xml + FOOTER)) == [Document("w", "1", "The main text.")]


def test_a_page_without_an_id_goes_by_its_title(write: Write) -> None:
    xml = page(1, "a").replace(b"<id>1</id>", b"").replace(b">T1", b">Q&amp;amp;A")
    assert read(write(xml))[0].doc_id == "Q&amp;A"


def test_a_history_beyond_the_limit_keeps_its_newest_revision(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiki_pages, "PAGE_BYTES", 4000)
    monkeypatch.setattr(opening, "READ_BYTES", 1000)
    revision = "<revision><timestamp>{:04}</timestamp><text>{}</text></revision>"
    xml = page(1, "x").partition(b"<revision>")[0]
    xml += "".join(revision.format(i, f"{i} " * 200) for i in [1, 2, 99, *range(3, 40)]).encode() + b"</page>"
    assert read(write(HEADER + xml + page(2, "b") + FOOTER)) == [
        Document("w", "1", " ".join(["99"] * 200)),
        Document("w", "2", "b"),
    ]


def test_a_page_beyond_the_limit_is_too_large_and_the_next_is_read(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiki_pages, "PAGE_BYTES", 3000)
    monkeypatch.setattr(wiki_pages, "HEADER_BYTES", 500)
    monkeypatch.setattr(opening, "READ_BYTES", 700)
    content = (
        HEADER + page(1, "a " * 9000) + page(2, "b") + page(3, "c " * 9000).replace(b"</page>", b"") + page(4, "d")
    )
    assert read(write(content + FOOTER)) == [
        Document("w", "1", "", Reason.TOO_LARGE),
        Document("w", "2", "b"),
        Document("w", f"f@{content.index(page(3, 'c')[:40])}", "", Reason.MALFORMED),
        Document("w", "4", "d"),
    ]


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress])
def test_a_dump_that_ends_in_the_middle_gives_what_came_before(
    write: Write, compress: Callable[[bytes], bytes]
) -> None:
    rng = random.Random(0)
    long = "".join(rng.choices("abcdefgh ", k=1_500_000))
    whole = compress(HEADER + page(1, "a") + page(2, long) + page(3, "c") + FOOTER)
    documents, error = read_until_error(write(whole[:-100_000] if compress is not bytes else whole[:100_000]))
    assert "ends in the middle" in error
    assert 'on_truncated = "keep"' in error
    counts = count(documents)
    assert counts == ({None: 1, Reason.TRUNCATED: 1} if documents else {})
    assert documents or compress is bz2.compress


def test_a_damaged_stream_is_counted_and_the_next_are_read(write: Write) -> None:
    streams = [bz2.compress(xml) for xml in (HEADER, page(1, "a"), page(2, "b") * 50, page(3, "c"), FOOTER)]
    streams[2] = streams[2][:40] + bytes(20) + streams[2][60:]
    damaged = len(streams[0] + streams[1])
    assert read(write(b"".join(streams))) == [
        Document("w", "1", "a"),
        Document("w", f"f@{damaged}+0", "", Reason.MALFORMED),
        Document("w", "3", "c"),
    ]
    with pytest.raises(TruncatedError, match=f"damaged from here on: the bz2 stream that begins at byte {damaged}"):
        read(write(b"".join(streams[:3])))


def test_what_follows_a_stream_and_is_none_is_counted_unless_it_is_padding(write: Write) -> None:
    stream = bz2.compress(page(1, "a"))
    assert count(read(write(stream + bytes(99)))) == {None: 1}
    assert count(read(write(stream + b"garbage" + stream))) == {None: 2, Reason.MALFORMED: 1}
    documents, error = read_until_error(write(stream + stream[:5]))
    assert count(documents) == {None: 1}
    assert "ends in the middle" in error


def test_a_bomb_is_cut_short_and_counted(write: Write) -> None:
    bomb = bz2.compress(b"<page>" + b" " * 200_000_000)
    begin = time.process_time()
    documents = read(write(bz2.compress(HEADER) + bomb + bz2.compress(page(1, "a"))))
    assert time.process_time() - begin < 30
    assert count(documents) == {Reason.MALFORMED: 1, Reason.TOO_LARGE: 1, None: 1}


def test_a_bomb_of_many_streams_is_cut_short_and_counted(write: Write) -> None:
    content = bz2.compress(HEADER + page(1, "a")) + bz2.compress(b" " * 7_000_000) * 500
    begin = time.process_time()
    documents = read(write(content))
    assert time.process_time() - begin < 30
    assert count(documents) == {None: 1, Reason.TOO_LARGE: 1}


def make_dump(num_pages: int, stream_bytes: int, seed: int) -> bytes:
    """Return a dump of many bz2 streams that are cut anywhere, some of them empty."""
    rng = random.Random(seed)
    pages = [page(i, "".join(rng.choices("ab c\n[]{}", k=rng.randrange(500)))) for i in range(num_pages)]
    pages[3], pages[4] = b"stray", b"<page><id>4</id>"
    xml = HEADER + b"".join(pages) + FOOTER
    pieces = [xml[i : i + stream_bytes] for i in range(0, len(xml), stream_bytes)]
    return b"".join(bz2.compress(piece) + bz2.compress(b"") * rng.randrange(2) for piece in pieces)


def test_a_page_that_calls_for_its_own_or_its_wikis_name_is_given_it(write: Write) -> None:
    text = "{{PAGENAME}}, {{lang|de|{{SEITENNAME}}}}, or {{{1|Ur}}}: see {{SITENAME}}."
    page = f"<page><title>A &amp;amp; B</title><ns>0</ns><id>1</id><revision><text>{text}</text></revision></page>"
    dump = f"<mediawiki><siteinfo><sitename>Wiki of towns</sitename></siteinfo>{page}</mediawiki>"
    [document] = read(write(dump.replace("&amp;amp;", "&amp;").encode()))
    assert document.text == "A & B, A & B, or Ur: see Wiki of towns."


def test_dates_are_written_in_the_language_that_the_dump_names(write: Write) -> None:
    page = "<page><title>A</title><ns>0</ns><id>1</id><revision><text>Il {{data|3|2|1901}}.</text></revision></page>"
    [document] = read(
        write(f'<mediawiki version="0.11" xml:lang="it"><siteinfo></siteinfo>{page}</mediawiki>'.encode())
    )
    assert document.text == "Il 3 febbraio 1901."


def check_splits(path: Path, num_trials: int) -> None:
    rng = random.Random(path.name)
    size = path.stat().st_size
    whole = read(path)
    for _ in range(num_trials):
        cuts = [0, *sorted(rng.randrange(1, size) for _ in range(rng.choice([1, 1, 2, 5, 20]))), size]
        parts = [document for start, end in itertools.pairwise(cuts) for document in read(path, start, end)]
        assert parts == whole, cuts


@pytest.mark.parametrize("stream_bytes", [37, 1000, 5000, 10**9])
def test_the_splits_of_streams_cut_anywhere_make_the_whole(write: Write, stream_bytes: int) -> None:
    check_splits(write(make_dump(60, stream_bytes, 0)), 15)


def test_the_splits_of_a_plain_dump_make_the_whole(write: Write) -> None:
    check_splits(write(bz2.decompress(make_dump(60, 10**9, 1))), 100)


@pytest.mark.parametrize(
    "name",
    [
        "dumpster-tinywiki-latest-pages-articles.xml",
        "macbre-dump.xml",
        "mwbzutils-pages-articles-p2566p2583.multistream.xml.bz2",
        "mwbzutils-pages-articles-p2566p2583.multistream-nofooter.xml.bz2",
        "mwbzutils-pages-articles-p2566p2583.multistream-noheader.xml.bz2",
    ],
)
def test_the_splits_of_real_dumps_make_the_whole(samples: Path, name: str) -> None:
    check_splits(samples / "wikipedia" / name, 25)


def test_only_large_dumps_that_can_be_read_apart_are_split(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    multistream, single = make_dump(9, 500, 0), bz2.compress(HEADER)
    for content, is_cuttable in (
        (multistream, True),
        (single, False),
        (HEADER, True),
        (gzip.compress(HEADER), False),
    ):
        path = write(content)
        monkeypatch.setattr(ranges, "RANGE_BYTES", 10)
        assert is_wikipedia_cuttable(InputFile(str(path), "f", len(content)), WikipediaSettings()) is is_cuttable
        monkeypatch.setattr(ranges, "RANGE_BYTES", len(content))
        assert not is_wikipedia_cuttable(InputFile(str(path), "f", len(content)), WikipediaSettings())


def test_a_compressed_file_of_one_stream_is_not_read_from_its_middle(write: Write) -> None:
    with pytest.raises(CorpusError, match="cannot be read from its middle"):
        read(write(gzip.compress(HEADER)), 5)


mutations = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 30),
        st.sampled_from(
            [b"", b"<", b">", b"&", b"\xff", b"<page>", b"</page>", b"<text>", b"</text>", b"<!--", b"</id>"]
        ),
    ),
    max_size=6,
)


def mutate(content: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, num_cut, new in changes:
        at = int(place * len(content))
        content = content[:at] + new + content[at + num_cut :]
    return content


@pytest.mark.parametrize(
    "name",
    [
        "dumpster-tinywiki-latest-pages-articles.xml",
        "mwxml-dump.xml",
        "macbre-dump.xml",
        "mwbzutils-pages-articles-p2566p2583.multistream.xml.bz2",
    ],
)
@given(changes=mutations, cut=st.floats(0, 1))
@settings(max_examples=60, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_dump_loses_nothing_uncounted(
    samples: Path, write: Write, name: str, changes: list[tuple[float, int, bytes]], cut: float
) -> None:
    content = mutate((samples / "wikipedia" / name).read_bytes(), changes)
    path = write(content)
    documents, error = read_until_error(path)
    if not name.endswith(".bz2"):
        assert error or len(documents) >= len(re.findall(rb"<page[\s>]", content))
    if not error and len(content) > 1:
        at = 1 + int(cut * (len(content) - 2))
        assert read(path, 0, at) + read(path, at, len(content)) == documents
