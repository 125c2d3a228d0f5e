"""Wikipedia: MediaWiki XML dumps of pages-articles, in any compression, multistream ones in parallel."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from xlnet_data.corpora.guards import read_guarded
from xlnet_data.corpora.pieces.bz2_streams import is_multistream
from xlnet_data.corpora.wiki.names import HIDDEN_NAMES, OTHER_NAMES
from xlnet_data.corpora.wiki.pages import PAGE_BYTES, Page, newest_revision, read_header, read_pages
from xlnet_data.errors import CorpusError
from xlnet_data.files import ranges
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Drop, Reason

_NAMESPACE = re.compile(rb'<namespace key="(-?\d+)"[^<>]*+>([^<]+)<')
_SITE_NAME = re.compile(rb"<sitename>([^<]{1,200})</sitename>")
_LANGUAGE = re.compile(rb"<mediawiki\b[^<>]*?\bxml:lang=[\"']([a-zA-Z]{2,3})\b")
_ID = re.compile(rb"<id>\s*+(\d++)\s*+</id>")
_TITLE = re.compile(rb"<title>([^<]*+)</title>")
_NS = re.compile(rb"<ns>\s*+(-?\d++)\s*+</ns>")
_MODEL = re.compile(rb"<model>([^<]*+)</model>")
_TEXT = re.compile(rb"<text\b([^<>]*+)>")
_CDATA = re.compile(rb"<!\[CDATA\[|\]\]>")
_CHARACTER = re.compile(rb"&#(?:x[0-9a-fA-F]{1,6}|[0-9]{1,7});")
_ESCAPES = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&apos;", b"'"), (b"&amp;", b"&"))
_REDIRECT = re.compile(r"\s*[#＃][^\W\d][^\s\[\]:#*]{0,40}\s*:?\s*\[\[([^\]|\n]{0,200})")
_REDIRECT_TITLE = re.compile(rb'<redirect title="([^"]*+)"')
_TRANSCLUDED = re.compile(
    r"<pages[\s/]|\{\{\s*(?:[:/]|(?:page|seite|página|pagina|страница|strona|pàgina|sida|side|page link)\s*[|:])",
    re.IGNORECASE,
)
_CAUSES = {
    None: "neither an id nor a title",
    Reason.MALFORMED: "no whole <page>: another one begins in it, or text stands between two",
    Reason.TOO_LARGE: f"more than {PAGE_BYTES:,} bytes",
    Reason.TRUNCATED: "the file ends in it",
}


@dataclass(frozen=True, slots=True)
class WikipediaSettings:
    """What is read of a wiki's articles; the defaults are BERT's: text passages, no headings, lists or tables."""

    title: bool = False
    """Begin each document with the article's title, as a paragraph of its own."""
    headings: bool = False
    """Keep the headings of sections that have text, as paragraphs of their own."""
    lists: bool = False
    """Keep list items, as paragraphs of their own."""


@dataclass(frozen=True, slots=True)
class Wiki:
    """The names of a wiki, and in lower case those of its namespaces.

    Attributes:
        hidden_names: Files and categories, whose links show no text.
        other_names: All namespaces but the articles', which has no name.
        site_name: The wiki's own name, "" where the header does not say it.
        language: Code of its language, "" where the header does not say it.
    """

    hidden_names: frozenset[str]
    other_names: frozenset[str]
    site_name: str = ""
    language: str = ""


def read_wikipedia(file_range: FileRange, settings: WikipediaSettings) -> Iterator[Document]:
    """Yield the pages of namespace 0 that begin in a range of a file and are wikitext and no redirects, as prose.

    A page's id is its document's, its title where the dump gives no id. A page without a namespace is judged by its
    title. Of several revisions the newest counts, by its timestamp; among equals the last in the dump.

    Raises:
        CorpusError: The file cannot be read, is no dump, or is a stub dump, which has no text.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    wiki = parse_header(read_header(file_range.path, file_range.file_id))
    for page in read_pages(file_range):
        yield read_guarded(file_range, file_range.id_at(page.offset), _parse_page, page, file_range, settings, wiki)


def is_wikipedia_cuttable(file: InputFile, settings: WikipediaSettings) -> bool:
    """Return whether workers can share a dump: it is large, and not compressed or bz2 of many streams."""
    return file.size > ranges.RANGE_BYTES and is_multistream(file.path)


def parse_header(header: bytes) -> Wiki:
    """Return the names that a dump's header gives to namespaces, and those that wikis usually have.

    >>> wiki = parse_header(b'<namespace key="6" case="first-letter">Fails</namespace>')
    >>> "fails" in wiki.hidden_names, "category" in wiki.hidden_names
    (True, True)
    """
    names = {
        int(key): html.unescape(name.decode("utf-8", "replace")).lower() for key, name in _NAMESPACE.findall(header)
    }
    own = frozenset(names[key] for key in (6, 14) if key in names)
    usual = OTHER_NAMES | HIDDEN_NAMES
    site_name = html.unescape(found[1].decode("utf-8", "replace")) if (found := _SITE_NAME.search(header)) else ""
    others = usual | frozenset(name for key, name in names.items() if key != 0)
    language = found[1].decode().lower() if (found := _LANGUAGE.search(header)) else ""
    return Wiki(HIDDEN_NAMES | own, others, site_name, language)


def _parse_page(
    unread: Document, page: Page, file_range: FileRange, settings: WikipediaSettings, wiki: Wiki
) -> Document:
    if page.reason is not None and page.reason is not Reason.TOO_LARGE:
        return replace(unread, reason=page.reason, cause=_CAUSES[page.reason])
    head = page.xml.partition(b"<revision")[0]
    title = _decode(found[1].decode("utf-8", "replace").encode()).strip() if (found := _TITLE.search(head)) else ""
    doc_id = found[1].decode() if (found := _ID.search(head)) else title
    if not doc_id:
        return replace(unread, reason=page.reason or Reason.MALFORMED, cause=_CAUSES[page.reason])
    named = partial(replace, unread, doc_id=doc_id, title=title)
    if page.reason is not None:
        return named(reason=page.reason, cause=_CAUSES[page.reason])
    revision = _main_slot(newest_revision(page.xml))
    raw = _text_of_revision(revision, file_range)
    drop = _find_drop(head, title, revision, wiki)
    if drop is not None and drop.reason is not Reason.MALFORMED:
        return named(reason=drop.reason, cause=drop.cause)
    if raw is None or drop is not None:
        return replace(unread, reason=Reason.MALFORMED, cause=drop.cause if drop else "no <text> that ends")
    try:
        text = _decode(raw)
    except UnicodeDecodeError as error:
        return replace(unread, reason=Reason.MALFORMED, cause=f"no UTF-8: {error.reason}")
    if target := _REDIRECT.match(text):
        return named(reason=Reason.REDIRECT, cause=f"to {target[1].strip()!r}")
    return read_guarded(file_range, doc_id, _parse_text, text, settings, wiki, title=title)


def _parse_text(unread: Document, text: str, settings: WikipediaSettings, wiki: Wiki) -> Document:
    from xlnet_data.corpora.wiki.functions import fill_in_names  # here: other corpora need not wait for it
    from xlnet_data.corpora.wiki.prose import extract_prose

    title = unread.title
    text = fill_in_names(text, title, wiki.site_name)
    prose = extract_prose(
        text,
        headings=settings.headings,
        lists=settings.lists,
        hidden_names=wiki.hidden_names,
        language=wiki.language,
    )
    if not prose:
        is_transcluded = _TRANSCLUDED.search(text) is not None
        cause = "its text stands on other pages, which it puts together by <pages>, {{Page}} or their names"
        return replace(unread, reason=Reason.EMPTY, cause=cause if is_transcluded else "")
    return replace(unread, text=f"{title}\n\n{prose}" if settings.title and title else prose)


def _find_drop(head: bytes, title: str, revision: bytes, wiki: Wiki) -> Drop | None:
    """Return why a page is not an article's wikitext as far as its XML says, None if it is."""
    namespace = _NS.search(head)
    if namespace is None and b"<ns" in head:
        return Drop(Reason.MALFORMED, "an <ns> that is no number")
    prefix, colon, _ = title.partition(":")
    if int(namespace[1]) != 0 if namespace else colon and prefix.strip().lower() in wiki.other_names:
        return Drop(Reason.NAMESPACE, f"namespace {namespace[1].decode() if namespace else prefix.strip()}")
    if b"<redirect" in head:
        target = _REDIRECT_TITLE.search(head)
        return Drop(Reason.REDIRECT, f"to {_decode(target[1].decode('utf-8', 'replace').encode())!r}" if target else "")
    if (model := _MODEL.search(revision)) and model[1].strip() != b"wikitext":
        return Drop(Reason.NOT_WIKITEXT, f"model {model[1].strip().decode('utf-8', 'replace')}")
    return None


def _main_slot(revision: bytes) -> bytes:
    """Return a revision without its further contents (<content>, such as a file's structured data).

    The page's own text is the revision's, or that of the content whose role is "main".
    """
    first, *others = revision.split(b"<content>")
    if not others or _TEXT.search(first):
        return first
    return next((other for other in others if b"<role>main</role>" in other), first)


def _text_of_revision(revision: bytes, file_range: FileRange) -> bytes | None:
    """Return the text as it lies in the XML, None if there is none that can be read.

    Raises:
        CorpusError: The dump is a stub: it says where the text lies, not what it is.
    """
    found = _TEXT.search(revision)
    if found is None:
        return None
    attributes = found[1]
    if attributes.endswith(b"/"):
        if b" id=" in attributes or b" location=" in attributes:
            raise CorpusError(
                f"{file_range.path} is a stub dump, which holds no text: get pages-articles.xml.bz2 or "
                "pages-articles-multistream.xml.bz2 of the same date"
            )
        return b""
    end = revision.rfind(b"</text>")
    return revision[found.end() : end] if end >= found.end() else None


def _decode(raw: bytes) -> str:
    """Decode what XML escapes, and no entity besides its own five.

    Raises:
        UnicodeDecodeError: It is not UTF-8.

    >>> _decode(b"&lt;ref&gt; &amp;nbsp; &#228; &lol;")
    '<ref> &nbsp; ä &lol;'
    """
    if b"<![CDATA[" in raw:
        raw = _CDATA.sub(b"", raw)
    if b"&#" in raw:
        raw = _CHARACTER.sub(lambda m: html.unescape(m[0].decode()).encode("utf-8", "replace"), raw)
    if b"&" in raw:
        for escaped, plain in _ESCAPES:
            raw = raw.replace(escaped, plain)
    return raw.decode("utf-8")
