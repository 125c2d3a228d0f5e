"""Makes documents of the web answers that WARC records hold."""

import re
from dataclasses import replace

from xlnet_data.corpora.guards import read_guarded
from xlnet_data.corpora.warc.html import decode_page, main_text, plain_text
from xlnet_data.corpora.warc.http import Answer, BodyError, BodyTooLargeError, parse_answer
from xlnet_data.corpora.warc.records import WarcRecord
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Document, Reason

_HTML_TYPES = ("text/html", "application/xhtml+xml")
_UNCLEAR_TYPES = ("", "application/octet-stream", "application/unknown", "application/xml", "text/plain", "text/xml")
_HTML_MARK = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s{0,9}=[\s\"']{0,9}([\w:.-]{1,40})", re.IGNORECASE)
_BINARY = re.compile(
    rb"%PDF-|PK\x03\x04|\x89PNG|GIF8|\xff\xd8\xff|\x1f\x8b|RIFF|\xd0\xcf\x11\xe0|7z\xbc\xaf|Rar!|OggS|ID3"
)
_MARK_BYTES = 1024


def read_page(file_range: FileRange, doc_id: str, record: WarcRecord) -> Document:
    """Return the page that a ``response`` record holds, as a document with a reason if there is no text."""
    return read_guarded(file_range, doc_id, _parse_page, record)


def page_text(record: WarcRecord) -> tuple[str, Reason | None]:
    """Return the text of the page that a ``response`` record holds, or why there is none."""
    answer = parse_answer(record.block)
    if answer is None:
        is_http = record.text(b"Content-Type").lower().startswith("application/http")
        return "", Reason.MALFORMED if is_http else Reason.NOT_TEXT
    if answer.status != 200:
        return "", Reason.HTTP_STATUS
    if not answer.body.strip():
        return "", Reason.EMPTY
    try:
        body = answer.content()
    except BodyError:
        return "", Reason.MALFORMED
    except BodyTooLargeError:
        return "", Reason.TOO_LARGE
    return _text(answer, body)


def _parse_page(unread: Document, record: WarcRecord) -> Document:
    text, reason = page_text(record)
    return replace(unread, text=text, reason=reason)


def _text(answer: Answer, body: bytes) -> tuple[str, Reason | None]:
    content_type = answer.fields.get(b"content-type", b"").decode("latin-1")
    charset = _CHARSET.search(content_type)
    mime = content_type.partition(";")[0].strip().lower()
    is_html = _is_html(mime, body)
    if is_html is None:
        return "", Reason.NOT_TEXT
    page = decode_page(body, charset[1] if charset else "")
    text = main_text(page) if is_html else plain_text(page)
    if text is None:
        return "", Reason.TOO_LARGE
    return (text, None) if text else ("", Reason.EMPTY)


def _is_html(mime: str, body: bytes) -> bool | None:
    """Return whether a body is HTML (True), plain text (False) or neither (None); servers are often wrong about it."""
    head = body[:_MARK_BYTES]
    if _BINARY.match(head) or b"\0\0" in head:
        return None
    if mime in _HTML_TYPES:
        return True
    if _HTML_MARK.search(head) and mime in _UNCLEAR_TYPES:
        return True
    if mime == "text/plain" or (not mime and head.count(b"\0") == 0 and not head.lstrip().startswith(b"<")):
        return False
    return None
