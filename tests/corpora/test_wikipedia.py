"""Dumps of wikis: every page a document or a counted reason, whoever reads which bytes."""

import bz2
import gzip
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlnet_data import inputs
from xlnet_data.corpora import bz2_streams, wiki_pages
from xlnet_data.corpora.wikipedia import WikipediaSettings, is_wikipedia_splittable, read_wikipedia
from xlnet_data.errors import CorpusError, TruncatedError
from xlnet_data.inputs import InputFile, Split
from xlnet_data.schemas.document import Document, Reason

Write = Callable[[bytes], Path]
HEADER = b"""<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="ltg">
  <siteinfo><namespaces><namespace key="6" case="first-letter">Fails</namespace></namespaces></siteinfo>
"""
FOOTER = b"</mediawiki>\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: bytes) -> Path:
        path = tmp_path / "dump"
        path.write_bytes(content)
        return path

    return write_file


def page(page_id: int, text: str, head: str = "", model: str = "wikitext") -> bytes:
    return (
        f"<page><title>T{page_id}</title><ns>0</ns><id>{page_id}</id>{head}<revision><id>9</id>"
        f'<model>{model}</model><text bytes="1" xml:space="preserve">{text}</text></revision></page>\n'
    ).encode()


def read(path: Path, start: int = 0, end: int = -1, **keys: bool) -> list[Document]:
    return list(read_wikipedia(Split("w", str(path), "f", start, end), WikipediaSettings(**keys)))


def read_until_error(path: Path, start: int = 0, end: int = -1) -> tuple[list[Document], str]:
    documents = []
    try:
        for document in read_wikipedia(Split("w", str(path), "f", start, end), WikipediaSettings()):
            documents.append(document)
    except CorpusError as error:
        return documents, str(error)
    return documents, ""


def count(documents: list[Document]) -> dict[Reason | None, int]:
    return dict(Counter(document.reason for document in documents))


GREEK = {None: 16, Reason.NAMESPACE: 1}


@pytest.mark.parametrize(
    ("name", "counts", "doc_id", "words"),
    [
        (
            "camchenry-enwiki-10k.xml.bz2",
            {None: 68, Reason.REDIRECT: 85, Reason.NAMESPACE: 43},
            "3046543",
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
        ("mwbzutils-input-pages-articles-p2566p2583.xml.bz2", GREEK, "2566", "Η Ζηλανδία είναι μια"),
        ("mwbzutils-pages-articles-p2566p2583.multistream.xml.bz2", GREEK, "2566", "Η Ζηλανδία είναι μια"),
        ("mwbzutils-pages-articles-p2566p2583.multistream-nofooter.xml.bz2", GREEK, "2583", "Τύνιδα"),
        ("mwbzutils-pages-articles-p2566p2583.multistream-noheader.xml.bz2", GREEK, "2566", "Η Ζηλανδία είναι μια"),
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
    assert not doc_id or words in {document.doc_id: document.text for document in documents}[doc_id]
