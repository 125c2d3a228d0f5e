"""What each format says of a document beside its text: its URL and title, and what led to its being dropped."""

import gzip
import json
from pathlib import Path

import pytest

from xlnet_data.config_files import parse_config
from xlnet_data.ingestion.reading import MOST_CHARS, read_corpora
from xlnet_data.schemas.document import Document, Reason


def read(path: Path, kind: str, **keys: object) -> list[Document]:
    section = {"name": "c", "format": kind, "paths": [str(path)], "filters": "none", **keys}
    return list(read_corpora(parse_config({"corpora": [section]}, ".")))


def test_a_book_is_called_by_title_and_author_of_its_header(samples: Path, tmp_path: Path) -> None:
    found = {path.name: read(path, "books")[0].title for path in (samples / "books").glob("*git*")}
    assert found == {
        "gitenberg-972.txt": "The Devil's Dictionary, by Ambrose Bierce",
        "gitenberg-972-old-dvldc10.txt": "The Devil's Dictionary by Bierce",
        "gitenberg-44157-0.txt": "Entre Nous Lectures Françaises à l'usage des ecoles primaires - I, by Lucie Vos",
        "gitenberg-9198-8.txt": "The Complete Angler, 1653, by Isaak Walton",
    }
    novel = tmp_path / "novel.txt"
    novel.write_text("Title: none of Gutenberg's\n\nAuthor: nobody\n\nText.\n")
    assert read(novel, "books")[0].title == ""


def test_articles_are_called_by_their_titles_and_what_is_none_tells_why(samples: Path) -> None:
    articles = read(samples / "wikipedia/camchenry-simplewiki.xml.bz2", "wikipedia")
    assert all(article.title for article in articles)
    assert "April" in {article.title for article in articles}
    dump = read(samples / "wikipedia/dumpster-smallwiki-latest-pages-articles.xml", "wikipedia")
    redirects = [page for page in dump if page.reason is Reason.REDIRECT]
    assert redirects[0].cause.startswith("to '")
    assert {page.cause for page in dump if page.reason is Reason.NAMESPACE} >= {"namespace 10", "namespace 14"}
    extracted = read(samples / "wikipedia/wikiextractor-graykode-AA-wiki_00", "wikiextractor")
    assert all(article.title and article.url.startswith("https://") for article in extracted)


def test_pages_of_the_web_have_their_urls_and_titles_and_tell_the_status(samples: Path) -> None:
    pages = read(samples / "commoncrawl/whirlwind.warc.gz", "commoncrawl-warc")
    assert all(page.url.startswith("http") for page in pages)
    assert any(page.title for page in pages)
    wet = read(samples / "commoncrawl/whirlwind.warc.wet.gz", "commoncrawl-wet", languages=["deu"])
    assert all(text.url.startswith("http") for text in wet)
    assert all("languages = deu" in text.cause for text in wet if text.reason is Reason.LANGUAGE)
    clueweb = read(samples / "clueweb12/anserini-cw12-segment1.warc.gz", "clueweb")
    assert all(page.url.startswith("http") for page in clueweb)


ANSWER = b"HTTP/1.1 301 Moved\r\nLocation: https://example.org/new\r\n\r\n"
RECORD = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: https://example.org/old\r\n"
    b"Content-Type: application/http\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
)


def test_a_web_answer_that_is_dropped_tells_its_status_or_its_type(tmp_path: Path) -> None:
    picture = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG"
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(RECORD % (len(answer), answer) for answer in (ANSWER, picture)))
    found = [(page.url, page.reason, page.cause) for page in read(path, "clueweb")]
    assert found == [
        ("https://example.org/old", "http_status", "status 301, to https://example.org/new"),
        ("https://example.org/old", "not_text", "content type image/png"),
    ]


def test_records_are_called_as_the_config_says_and_malformed_ones_tell_why(tmp_path: Path) -> None:
    lines = [
        json.dumps({"text": "One.", "meta": {"url": "https://a.org", "name": " A\n name "}}),
        json.dumps({"text": "Two.", "meta": {"url": 7, "name": "\ud800 " + "long " * 500}}),
        json.dumps({"text": 3, "meta": {}}),
        "{",
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    one, two, three, four = read(path, "jsonl", url_field="meta.url", title_field="meta.name")
    assert (one.url, one.title) == ("https://a.org", "A name")
    assert two.url == ""
    assert two.title.startswith("\ufffd long long")
    assert (len(two.title), two.title[-1]) == (MOST_CHARS["title"], "…")
    assert (three.reason, three.cause) == ("malformed", "no string in the field 'text'")
    assert four.cause.startswith("no JSON: Expecting property name")


def test_columns_of_parquet_are_urls_and_titles_as_the_config_says(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table({"text": ["One.", "Two."], "u": ["https://a.org", None], "t": ["A", "B"], "x": [1, 2]})
    parquet.write_table(table, tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet", "parquet", url_field="u", title_field="t")
    assert [(row.doc_id, row.url, row.title) for row in found] == [
        ("a.parquet@0", "https://a.org", "A"),
        ("a.parquet@1", "", "B"),
    ]


def test_newswire_is_called_by_its_headline_and_tells_the_unwanted_type(samples: Path) -> None:
    [document] = read(samples / "gigaword/concrete-gigaword-serif_dog-bites-man.sgml", "gigaword")
    assert (document.title, document.reason, document.cause) == ("Dog Bites Man", "wrong_type", "other, types = story")


@pytest.mark.parametrize("kind", ["jsonl", "wikiextractor"])
def test_a_cut_file_tells_that_it_ends_in_the_middle(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.gz"
    line = json.dumps({"text": "One. Two.", "id": "1", "title": "T"})
    path.write_bytes(gzip.compress("\n".join([line] * 9).encode())[:-12])
    [*_, last] = read(path, kind, on_truncated="keep")
    assert last.reason is Reason.TRUNCATED
    assert "ends in the middle" in last.cause
