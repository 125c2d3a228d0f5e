"""Makes documents of the web answers that WARC records hold."""

import codecs
import re
from dataclasses import replace

from xlnet_data.corpora.guards import read_guarded
from xlnet_data.corpora.warc.decoding import CharsetError, decode_page, find_beginning
from xlnet_data.corpora.warc.html import main_text, page_title, plain_text
from xlnet_data.corpora.warc.http import BodyError, BodyTooLargeError, parse_answer
from xlnet_data.corpora.warc.records import MAX_BLOCK_BYTES, WarcRecord
from xlnet_data.corpora.warc.xhtml import to_html
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Document, Reason

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_UNCLEAR = re.compile(r"[^/]*|.*(?:htm|unknown|\*).*|application/(?:octet-stream|xml)|text/(?:plain|xml)")
"""What servers say of pages, too: nothing, no type, or the type of something else."""
_HTML_MARK = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_END_OF_TYPE = re.compile(r"[;,\s\0]")
_CHARSET = re.compile(r"charset\s{0,9}=[\s\"']{0,9}([\w:.-]{1,40})", re.IGNORECASE)
_BINARY = re.compile(
    rb"%PDF-|PK\x03\x04|\x89PNG|GIF8|\xff\xd8\xff|\x1f\x8b|RIFF|\xd0\xcf\x11\xe0|7z\xbc\xaf|Rar!|OggS|ID3"
)
_MARK_BYTES = 1024


def is_page(record: WarcRecord, kind: str) -> bool:
    """Return whether a record of some WARC-Type is a web answer, or a page that some tool stored without its answer."""
    return kind == "response" or (kind == "resource" and _mime_of(record.text(b"Content-Type")) in _HTML_TYPES)


def read_page(file_range: FileRange, doc_id: str, record: WarcRecord) -> Document:
    """Return the page that a record holds, as a document with a reason if there is no text."""
    return read_guarded(file_range, doc_id, parse_page, record, url=record.target)


def parse_page(unread: Document, record: WarcRecord) -> Document:
    """Return the page that a record holds; what is no page's answer, and no page, has a reason."""
    content_type = record.text(b"Content-Type")
    if record.kind in ("resource", "conversion"):
        return _parse_body(unread, content_type, record.block)
    answer = parse_answer(record.block)
    if answer is None:
        is_http = content_type.lower().startswith("application/http")
        cause = "no HTTP answer" if is_http else f"Content-Type: {content_type or 'none'}"
        return replace(unread, reason=Reason.MALFORMED if is_http else Reason.NOT_TEXT, cause=cause)
    if answer.status != 200:
        target = answer.fields.get(b"location", b"").decode("utf-8", "replace")
        cause = f"status {answer.status}{f', to {target}' if target else ''}"
        return replace(unread, reason=Reason.HTTP_STATUS, cause=cause)
    if not answer.body.strip():
        return replace(unread, reason=Reason.EMPTY)
    try:
        body = answer.content()
    except BodyError as error:
        return replace(unread, reason=Reason.MALFORMED, cause=f"its body cannot be decoded: {error}")
    except BodyTooLargeError:
        return replace(unread, reason=Reason.TOO_LARGE, cause=f"more than {MAX_BLOCK_BYTES:,} bytes once decoded")
    return _parse_body(unread, answer.fields.get(b"content-type", b"").decode("latin-1"), body)


def _parse_body(unread: Document, content_type: str, body: bytes) -> Document:
    charset = _CHARSET.search(content_type)
    mime = _mime_of(content_type)
    is_html = _is_html(mime, body)
    if is_html is None:
        return replace(unread, reason=Reason.NOT_TEXT, cause=f"content type {mime or 'not given'}")
    try:
        page = decode_page(body, charset[1] if charset else "")
    except CharsetError as error:
        return replace(unread, reason=Reason.MALFORMED, cause=f"written in {error}, which is not read")
    page = to_html(page) if "xhtml" in mime else page
    unread = replace(unread, title=page_title(page)) if is_html else unread
    text = main_text(page) if is_html else plain_text(page)
    if text is None:
        return replace(unread, reason=Reason.TOO_LARGE, cause="a page of too many elements, or too deep")
    return replace(unread, text=text, reason=None if text else Reason.EMPTY)


def _mime_of(content_type: str) -> str:
    return _END_OF_TYPE.split(content_type.strip(), 1)[0].lower()


def _is_html(mime: str, body: bytes) -> bool | None:
    """Return whether a body is HTML (True), plain text (False) or neither (None); servers are often wrong about it."""
    head = body[:_MARK_BYTES]
    if wide := find_beginning(body):
        head = head.decode(wide, "ignore").encode()
    if _BINARY.match(head) or b"\0\0" in head:
        return None
    if mime in _HTML_TYPES:
        return True
    if (
        _UNCLEAR.fullmatch(mime)
        and head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")
        and _HTML_MARK.search(head)
    ):
        return True
    if mime == "text/plain" or (not mime and head.count(b"\0") == 0 and not head.lstrip().startswith(b"<")):
        return False
    return None
