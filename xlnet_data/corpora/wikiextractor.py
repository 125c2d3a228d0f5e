"""WikiExtractor's output: files of ``<doc>`` elements or of JSON lines, from any of its versions."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from xlnet_data.corpora.guards import read_guarded
from xlnet_data.corpora.pieces.entities import decode_entities
from xlnet_data.corpora.pieces.inline_tags import mark_powers
from xlnet_data.corpora.pieces.lines import TOO_LARGE_CAUSE, read_lines
from xlnet_data.corpora.wiki.arguments import HOLE
from xlnet_data.corpora.wiki.gaps import close_gaps
from xlnet_data.corpora.wiki.variants import choose_variants
from xlnet_data.errors import TruncatedError
from xlnet_data.files import opening
from xlnet_data.files.ranges import FileRange
from xlnet_data.schemas.document import Document, Reason
from xlnet_data.text.sentences import replace_surrogates

DOCUMENT_BYTES = 8 * 1024 * 1024
"""Bytes above which a document is TOO_LARGE; MediaWiki accepts no text above 2 MiB."""

_OPEN = b"<doc "
_CLOSE = b"</doc>"
_OPENING_TAG = re.compile(r'<doc(?: [a-z]+="[^"]*+")*+ *+>')
_ID = re.compile(r'\bid="([^"]*+)"')
_URL = re.compile(r'\burl="([^"]*+)"')
_CAUSES = {
    Reason.MALFORMED: "no whole <doc>: another one begins in it, or text stands between two",
    Reason.TOO_LARGE: f"more than {DOCUMENT_BYTES:,} bytes",
    Reason.TRUNCATED: "the file ends in it",
}
_TITLE = re.compile(r'\btitle="(.*)', re.DOTALL)
_LAST_ATTRIBUTE = re.compile(r' [a-z]+="[^"]*+"$')
_MAX_ATTRIBUTES = 16
_MARK = re.compile(r"^(?:Section|BULLET|NUMBERED|INDENT)::::[-*#:;]*[ ]?")
_EMPTY_BRACKETS = re.compile(r" \([ ,;:،؛–—\]]*+\)|（[ 、，；：]*+）")
_AFTER_BRACKET = re.compile(r"([(（]) *+[,;、，；،؛][ ,;:、，；：،؛]*+")
_AFTER_OPENING = re.compile(r"\((?= *[,;:\])、，；：）،؛–—])")
_BEFORE_CLOSING = re.compile(r"\)(?:(?<=[,;，、；،؛]\))|(?<=[,;،؛] \)))")
_BLANKS = ("  ", *"\t\v\f\r\x1c\x1d\x1e\x1f")
"""The white space of ASCII, besides single blanks and line ends."""
_MARKS_BEFORE_BRACKETS = (", )", ",)", "; )", ";)", "، )", "،)", "؛ )", "؛)", "，）", "、）", "；）")
_PLACEHOLDER = re.compile(r"\b(?:formula|codice)_\d++")
"""Stands for a formula, and for code."""


@dataclass(frozen=True, slots=True)
class WikiextractorSettings:
    """The keys of a corpus of WikiExtractor's files."""

    title: bool = False
    """Begin each document with its title, which WikiExtractor repeats as the first line. Without it these documents are
    what format "wikipedia" makes of the same articles."""


def read_wikiextractor(file_range: FileRange, settings: WikiextractorSettings) -> Iterator[Document]:
    """Yield the documents that begin in a range of a file; every line of theirs is a paragraph.

    A document without text besides its title, such as a redirect's, is EMPTY. Lines between two documents, and a
    document that the next one interrupts, are MALFORMED.

    Raises:
        CorpusError: The file cannot be read.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    if _is_json(file_range.path):
        for offset, line in read_lines(file_range):
            if isinstance(line, Reason):
                yield Document(file_range.corpus, file_range.id_at(offset), "", line, cause=TOO_LARGE_CAUSE)
            elif line.strip():
                yield read_guarded(file_range, file_range.id_at(offset), _parse_object, line, settings)
        return
    for offset, lines, reason in _read_elements(file_range):
        if reason is None:
            yield read_guarded(file_range, file_range.id_at(offset), _parse_element, lines, settings)
        else:
            yield Document(file_range.corpus, file_range.id_at(offset), "", reason, cause=_CAUSES[reason])


def _is_json(path: str) -> bool:
    """Return whether a file's first visible byte begins a JSON object."""
    for block in opening.read_blocks(path):
        if visible := block.removeprefix(b"\xef\xbb\xbf").lstrip():
            return visible.startswith(b"{")
    return False


def _read_elements(file_range: FileRange) -> Iterator[tuple[int, list[bytes], Reason | None]]:
    """Yield (offset, lines, reason) of the elements that begin in a range of a file, and of what stands between them.

    What follows an element up to the next one belongs to the element's range, so that no reader needs to know what came
    before.

    Raises:
        CorpusError: The file cannot be read.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    begin, num_bytes = -1, 0  # the element's, or those of what stands between two
    lines: list[bytes] = []
    is_open, is_own = False, file_range.start == 0
    whole = FileRange(file_range.corpus, file_range.path, file_range.file_id, file_range.start)
    try:
        for offset, line in read_lines(whole):
            if offset == 0 and isinstance(line, bytes):
                line = line.removeprefix(b"\xef\xbb\xbf")
            is_start = isinstance(line, bytes) and line.startswith(_OPEN) and _is_head(line)
            if is_start and begin >= 0:
                yield begin, [], Reason.MALFORMED
            if (is_start or not (is_own or is_open)) and 0 <= file_range.end <= offset:
                return
            if is_start:
                begin, lines, num_bytes, is_open, is_own = offset, [], 0, True, True
            elif not is_open:
                begin = offset if is_own and begin < 0 and (isinstance(line, Reason) or line.strip()) else begin
                continue
            num_bytes += DOCUMENT_BYTES if isinstance(line, Reason) else len(line) + 1
            if isinstance(line, bytes) and num_bytes <= DOCUMENT_BYTES:
                lines.append(line)
            if isinstance(line, bytes) and line.rstrip().endswith(_CLOSE):
                yield begin, lines, Reason.TOO_LARGE if num_bytes > DOCUMENT_BYTES else None
                begin, is_open = -1, False
    except TruncatedError:
        if begin >= 0:
            yield begin, [], Reason.TRUNCATED if is_open else Reason.MALFORMED
        raise
    if begin >= 0:
        yield begin, [], Reason.TRUNCATED if is_open else Reason.MALFORMED
    if is_open:
        raise TruncatedError(
            f"{file_range.path}: ends in the middle of the <doc> that begins at byte {begin}: get a whole copy, or set "
            'on_truncated = "keep" to keep what came before'
        )


def _is_head(line: bytes) -> bool:
    """Return whether a line that begins as an opening tag is one, and not a page's own words on such tags.

    >>> [_is_head(line) for line in (b'<doc id="1">', b'<doc id="1" title="Ur">Ur', b'<doc > is a tag')]
    [True, True, False]
    """
    return b' id="' in line and (line.rstrip().endswith(b">") or b' url="' in line or b' title="' in line)


def _parse_element(unread: Document, lines: list[bytes], settings: WikiextractorSettings) -> Document:
    try:
        head, *body = (line.decode("utf-8") for line in lines)
    except UnicodeDecodeError as error:
        return replace(unread, reason=Reason.MALFORMED, cause=f"no UTF-8: {error.reason}")
    found = _ID.search(head)
    if found is None or not found[1]:
        return replace(unread, reason=Reason.MALFORMED, cause="a <doc> without an id")
    body.insert(0, "")
    if tag := _OPENING_TAG.match(head):
        head, body[0] = tag[0], head[tag.end() :]
    body[-1] = body[-1].rstrip().removesuffix(_CLOSE.decode())
    url = decode_entities(where[1]) if (where := _URL.search(head)) else ""
    return _make_document(replace(unread, doc_id=found[1], url=url), _find_title(head), "\n".join(body), settings)


def _find_title(head: str) -> str:
    """Return the title that an opening tag gives, "" if it gives none; quotation marks in it may not be escaped.

    >>> _find_title('<doc id="1" title="A "B" C" url="x">')
    'A "B" C'
    """
    found = _TITLE.search(head)
    if found is None:
        return ""
    title = found[1].rstrip().removesuffix(">").rstrip()
    for _ in range(_MAX_ATTRIBUTES):
        last = _LAST_ATTRIBUTE.match(title, max(0, title.rfind(" ", 0, title.rfind('="') + 1)))
        if last is None:
            break
        title = title[: last.start()]
    return title[:-1] if title.endswith('"') else ""


def _parse_object(unread: Document, line: bytes, settings: WikiextractorSettings) -> Document:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return replace(unread, reason=Reason.MALFORMED, cause=f"no JSON: {error}")
    values = [record.get(key, "") for key in ("id", "title", "text")] if isinstance(record, dict) else []
    doc_id, title, text = values if values else ("", "", "")
    if type(doc_id) not in (str, int) or doc_id == "" or type(title) is not str or type(text) is not str:
        return replace(unread, reason=Reason.MALFORMED, cause="no id, or a title or text that is no string")
    doc_id, title, text = (replace_surrogates(str(value)) for value in (doc_id, title, text))
    url = record.get("url")
    known = replace(unread, doc_id=doc_id, url=url if type(url) is str else "")
    return _make_document(known, title, text, settings)


def _make_document(unread: Document, title: str, page: str, settings: WikiextractorSettings) -> Document:
    """Return a document whose paragraphs are the lines of a page, without the title unless the settings want it."""
    paragraphs = _clean_lines(page)
    title = " ".join(_clean_lines(title))
    if paragraphs and paragraphs[0] == title:
        del paragraphs[0]
    if not paragraphs:
        return replace(unread, title=title, reason=Reason.EMPTY)
    return replace(
        unread, title=title, text="\n\n".join([title, *paragraphs] if settings.title and title else paragraphs)
    )


def _clean_lines(page: str) -> list[str]:
    """Return a page's lines without what some versions leave in them, and without those of which nothing is left.

    Left are escaped characters, marks of lists, tags, empty brackets and blanks. The whole page is asked first whether
    it has any, since few pages do.

    >>> _clean_lines("BULLET::::- Q&amp;A &lt;nowiki/&gt;\\n\\nUr (, ) is")
    ['Q&A', 'Ur is']
    """
    if "&" in page or "<" in page or "::::" in page:
        page = "\n".join([_drop_marks(line) for line in page.split("\n")])
    lines = page.split("\n")
    if _has_gaps(page):
        lines = [_close_brackets(line) if "(" in line or "（" in line else line for line in lines]
    if "-{" in page or "_" in page:
        lines = [_replace_placeholders(line) for line in lines]
    if page.isascii() and not any(blank in page for blank in _BLANKS):
        return [tidy for line in lines if (tidy := line.strip())]
    return [tidy for line in lines if (tidy := _tidy_blanks(line))]


def _drop_marks(line: str) -> str:
    if "&" in line:
        line = decode_entities(line).replace("\n", " ")
    if "::::" in line:
        line = _MARK.sub("", line)
    if "<" not in line:
        return line
    from xlnet_data.corpora.wiki.prose import drop_tags  # here: other corpora need not wait for it

    return drop_tags(mark_powers(line))


def _has_gaps(text: str) -> bool:
    """Return whether brackets may show that something was taken out of them; full-width ones always may."""
    is_wide = "（" in text or "）" in text
    return is_wide or _AFTER_OPENING.search(text) is not None or _BEFORE_CLOSING.search(text) is not None


def _close_brackets(line: str) -> str:
    if _has_gaps(line):
        line = _AFTER_BRACKET.sub(r"\1", _EMPTY_BRACKETS.sub("", line))
        for mark in _MARKS_BEFORE_BRACKETS:
            line = line.replace(mark, mark[-1])
    return line


def _replace_placeholders(line: str) -> str:
    if "-{" in line:
        line = choose_variants(line).replace(HOLE, "")
    if "_" in line and _PLACEHOLDER.search(line):
        line = close_gaps(_PLACEHOLDER.sub(HOLE, line.replace(HOLE, "")))
    return line


def _tidy_blanks(line: str) -> str:
    """Return a line whose blanks are single; all white space but the blank is no printable character."""
    return line.strip() if line.isprintable() and "  " not in line else " ".join(line.split())
