"""English Gigaword: the LDC's SGML of newswire documents, compressed or plain."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from xlnet_data.checks import check_choice, check_type
from xlnet_data.corpora.guards import read_guarded
from xlnet_data.corpora.pieces.entities import ENTITY, decode_entity
from xlnet_data.corpora.pieces.gutenberg import decode_undeclared
from xlnet_data.corpora.pieces.lines import MAX_RECORD_BYTES, TOO_LARGE_CAUSE
from xlnet_data.corpora.pieces.paragraphs import join_lines
from xlnet_data.errors import ConfigError, CorpusError, TruncatedError
from xlnet_data.files.opening import read_blocks
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Reason

TYPES = ("story", "multi", "advis", "other")
"""The types of documents that Gigaword knows; one without a type is a story, the LDC's own default."""

_BORDER = re.compile(rb"<DOC(?=[\s>])|</DOC\s*+>", re.IGNORECASE)
_OPEN_BYTES = len("<DOC")
_BORDER_BYTES = 64  # more than a border takes
_GAP_BYTES = 1024 * 1024
_TAG = re.compile(r"</?[A-Za-z][\w.-]*+(?:\s[^<>]*+|/)?>|<[?!][^<>]*+>")
_HEAD = re.compile(r"<DOC\b([^<>]*+)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(id|type)\s*+=\s*+["']?([^"'\s<>]++)""", re.IGNORECASE)
_INLINE_TAG = re.compile(r"</?(?:[abiuqs]|em|strong|tt|sub|sup|font|span|small|big|code)(?:\s[^<>]*+)?>", re.IGNORECASE)
_NUMBER = re.compile(r"<(DOCNO|DOCID)>\s*+([^\s<>]++)\s*+</\1>", re.IGNORECASE)
_HEAD_CHARS = 1024
_PARAGRAPH = re.compile(r"</?P(?:\s[^<>]*+)?>|\n[ \t\r]*+\n", re.IGNORECASE)
_INDENTED = re.compile(r"\n(?=(?: {2,8}|\t)\S)")
"""Before the first line of a paragraph, in newswire of TREC that has no other mark (AP, Wall Street Journal)."""

_MAX_INDENTED_FRAC = 0.6
_TEXT = re.compile(r"<(TEXT|LP|LEADPARA)(?:\s[^<>]*+)?>", re.IGNORECASE)
_HEADLINES = ("HEADLINE", "HL", "HEAD")  # the last two TREC's
_UNCLEAR = "unclear_encoding"
_NO_ID = "a <DOC> without an id"
_CAUSES = {
    Reason.MALFORMED: "no whole <DOC>: another one begins in it, or text stands between two",
    Reason.TOO_LARGE: TOO_LARGE_CAUSE,
    Reason.TRUNCATED: "the file ends in it",
    Reason.LISTED_AS_BAD: "listed in bad_documents",
}
_TYPESETTING = re.compile(r"&(?:[UL]R|Q[LCR]|HT|Cx[0-9a-f]{2});", re.IGNORECASE)
"""What newspapers set in other type, indent or move to one side, and wires' control codes: no characters, though they
are written so."""

_DASH = "&md;"

_SGML_ENTITIES = ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;")


@dataclass(frozen=True, slots=True)
class GigawordSettings:
    """The keys of a corpus of Gigaword's files.

    Raises:
        ConfigError: A value is out of range.
    """

    types: tuple[str, ...] = ("story",)
    """The types of documents to keep: "story", "multi", "advis" (notes to editors), "other" (tables)."""
    headline: bool = False
    """Begin a document with its headline, as a paragraph of its own."""
    dateline: bool = False
    """Then its dateline, likewise."""
    bad_documents: tuple[str, ...] = ()
    """The LDC's lists of documents to leave out, such as docs/other.file-doc.map, docs/spanish.file-doc.map and
    docs/nyt_noisy_paragraphs.tab."""

    def __post_init__(self) -> None:
        for key in ("types", "bad_documents"):
            value = getattr(self, key)
            value = tuple(value) if isinstance(value, list) else value
            check_type(key, value, TYPES)
            object.__setattr__(self, key, value)
        for name in self.types:
            check_choice("types", name, TYPES)
        if not self.types:
            raise ConfigError(f"types must name at least one of {', '.join(TYPES)}: got an empty list")


def read_gigaword(file_range: FileRange, settings: GigawordSettings) -> Iterator[Document]:
    """Yield a file's documents: the paragraphs of their text, hard-wrapped lines joined.

    An id is an attribute of ``<DOC>``, or AQUAINT's ``<DOCNO>``. The second document of a file that has it gets ``#2``
    behind it, the third ``#3``. A document that is not UTF-8 is read as what its letters show, and is malformed if they
    show nothing certain. Lines like ``(MORE)`` and quotes like `` '' are left alone.

    Raises:
        CorpusError: The file or a list of bad documents cannot be read.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    bad_ids = read_bad_ids(settings.bad_documents)
    num_seen: Counter[str] = Counter()
    for offset, sgml, reason in _read_elements(file_range):
        document, note = _decode(sgml)
        attributes = _read_attributes(document)
        doc_id = attributes.get("id")
        if doc_id is None or reason in (Reason.MALFORMED, Reason.TRUNCATED):
            cause = _NO_ID if reason is None else _CAUSES.get(reason, "")
            yield Document(file_range.corpus, file_range.id_at(offset), "", reason or Reason.MALFORMED, cause=cause)
            continue
        num_seen[doc_id] += 1
        number = f"#{num_seen[doc_id]}" if num_seen[doc_id] > 1 else ""
        kind = attributes.get("type", "story").lower()
        if reason is None and kind not in settings.types:
            reason = Reason.WRONG_TYPE
        if reason is None and doc_id in bad_ids:
            reason = Reason.LISTED_AS_BAD
        if reason is None and note == _UNCLEAR:
            reason = Reason.MALFORMED
        notes = ("duplicate_id",) * bool(number) + (note,) * bool(note)
        doc_id += number
        if reason:
            cause = (
                f"{kind}, types = {', '.join(settings.types)}"
                if reason is Reason.WRONG_TYPE
                else "not UTF-8, and not clear what else"
                if reason is Reason.MALFORMED
                else _CAUSES.get(reason, "")
            )
            title = _headline(document)
            yield Document(file_range.corpus, doc_id, "", reason, notes=notes, cause=cause, title=title)
        else:
            offset_id = file_range.id_at(offset)
            yield read_guarded(file_range, doc_id, _parse_document, offset_id, document, settings, notes=notes)


def is_gigaword_cuttable(file: InputFile, settings: GigawordSettings) -> bool:
    """Return False: equal ids of a file are told apart by their order, and a file is but one month of one source."""
    return False


def read_bad_ids(paths: tuple[str, ...]) -> frozenset[str]:
    """Return the document ids that the LDC's lists name: the first field before a tab, else a line's last word.

    Raises:
        CorpusError: A list cannot be read.
    """
    ids: set[str] = set()
    for path in paths:
        for line in b"".join(read_blocks(path)).decode("utf-8", "replace").splitlines():
            first, tab, _ = line.partition("\t")
            ids.update([first.strip()] if tab else line.split()[-1:])
    return frozenset(ids)


def format_document(sgml: str, settings: GigawordSettings) -> str | None:
    r"""Return a document's paragraphs with a blank line after each, None if it has no <TEXT>.

    >>> sgml = "<DOC>\n<HEADLINE>\nA\n</HEADLINE>\n<TEXT>\n<P>\nQ&AMP;A\nR&D\n</P>\n</TEXT>\n</DOC>"
    >>> format_document(sgml, GigawordSettings(headline=True))
    'A\n\nQ&A R&D'
    """
    texts = _find_texts(sgml)
    if not texts:
        return None
    paragraphs = [cleaned for text in texts for raw in _split_paragraphs(text) if (cleaned := _clean(raw))]
    if not paragraphs:
        return ""
    heads = [_headline(sgml) if settings.headline else "", _dateline(sgml) if settings.dateline else ""]
    return "\n\n".join([*filter(None, heads), *paragraphs])


def _find_texts(sgml: str) -> list[str]:
    """Return what a document's <TEXT> holds, and what TREC has beside it: further ones, and a lead paragraph before."""
    texts: list[str] = []
    never_closed: set[str] = set()
    at, has_text = 0, False
    while opening := _TEXT.search(sgml, at):
        name, begin = opening[1].upper(), opening.end()
        has_text |= name == "TEXT"
        closing = None if name in never_closed else _find_closing(sgml, name, begin)
        if closing is None and name != "TEXT":
            never_closed.add(name)
            at = begin
            continue
        at = closing.end() if closing else len(sgml)  # <TEXT> goes on to the document's end
        texts.append(sgml[begin : closing.start() if closing else at])
    return texts if has_text else []


def _split_paragraphs(text: str) -> list[str]:
    marks = _PARAGRAPH
    if not marks.search(text.strip()) and 0 < len(_INDENTED.findall(text)) <= _MAX_INDENTED_FRAC * text.count("\n"):
        marks = _INDENTED
    return marks.split(text)


def _parse_document(unread: Document, offset_id: str, sgml: str, settings: GigawordSettings) -> Document:
    text = format_document(sgml, settings)
    if text is None:
        return Document(unread.corpus, offset_id, "", Reason.MALFORMED, cause="no <TEXT>")
    return replace(unread, text=text, reason=None if text else Reason.EMPTY, title=_headline(sgml))


def _headline(sgml: str) -> str:
    return next((found for name in _HEADLINES if (found := _clean(_find_section(sgml, name) or ""))), "")


def _dateline(sgml: str) -> str:
    return _clean(_find_section(sgml, "DATELINE") or "")


def _find_section(sgml: str, name: str) -> str | None:
    """Return what is between two tags; what has no closing tag ends with its line."""
    opening = re.search(rf"<{name}(?:\s[^<>]*+)?>", sgml, re.IGNORECASE)
    if opening is None:
        return None
    closing = _find_closing(sgml, name, opening.end())
    if closing is None:
        return sgml[opening.end() :].lstrip("\r\n").partition("\n")[0]
    return sgml[opening.end() : closing.start()]


def _find_closing(sgml: str, name: str, at: int) -> re.Match[str] | None:
    return re.compile(rf"</{name}\s*+>", re.IGNORECASE).search(sgml, at)


def _clean(raw: str) -> str:
    """Return running text without tags, its characters decoded, its lines joined."""
    text = _TAG.sub(" ", _INLINE_TAG.sub("", raw)) if "<" in raw else raw
    if "&" in text:
        text = ENTITY.sub(_decode_entity, _TYPESETTING.sub(" ", text))
    return " ".join(join_lines(text).split())


def _decode_entity(found: re.Match[str]) -> str:
    """Return the character of an entity, SGML's own ones in whatever case; what is none stays.

    >>> [_decode_entity(ENTITY.match(name)) for name in ("&AMP;", "&Lt;", "&eacute;", "&MD;", "&T;")]
    ['&', '<', 'é', '—', '&T;']
    """
    name = found[0].lower()
    return "—" if name == _DASH else decode_entity(name if name in _SGML_ENTITIES else found[0])


def _decode(sgml: bytes) -> tuple[str, str]:
    """Return the text, and a note: what it was taken for if it is not UTF-8, or that this is not clear."""
    try:
        text = decode_undeclared(sgml)
    except CorpusError:
        return sgml.decode("latin-1"), _UNCLEAR
    return text, "latin1" if len(text) == len(sgml) and not text.isascii() else ""


def _read_attributes(document: str) -> dict[str, str]:
    head = _HEAD.match(document)
    attributes = {name.lower(): value for name, value in _ATTRIBUTE.findall(head[1])} if head else {}
    if "id" not in attributes and (number := _NUMBER.search(document, 0, _HEAD_CHARS)):  # AQUAINT and TREC
        attributes["id"] = number[2]
    return attributes


def _is_frame(gap: bytes) -> bool:
    """Return whether what stands between two documents is nothing but white space and tags, such as a root's."""
    gap = gap.removeprefix(b"\xef\xbb\xbf").strip()
    return not gap or not _TAG.sub("", gap.decode("latin-1")).strip()


def _read_elements(file_range: FileRange) -> Iterator[tuple[int, bytes, Reason | None]]:
    """Yield (offset, SGML, reason) of each <DOC>, and of what stands between two and is more than tags.

    Raises:
        CorpusError: The file cannot be read.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    buffer = bytearray()  # from the open document's or the gap's first byte on
    offset, searched, num_dropped = 0, 0, 0  # of the buffer's first byte; index in it; bytes cut out of its middle
    is_open = False
    try:
        for block in read_blocks(file_range.path):
            buffer += block
            while border := _BORDER.search(buffer, searched):
                is_close = border[0].startswith(b"</")
                end = border.end() if is_close else border.start()
                sgml = bytes(buffer[:end])
                if is_open:
                    is_large = end + num_dropped > MAX_RECORD_BYTES
                    yield offset, sgml, Reason.MALFORMED if not is_close else Reason.TOO_LARGE if is_large else None
                elif is_close or num_dropped or not _is_frame(sgml):
                    yield offset, b"", Reason.MALFORMED
                del buffer[:end]
                offset, num_dropped, is_open = offset + end + num_dropped, 0, not is_close
                searched = _OPEN_BYTES if is_open else 0
            searched = max(len(buffer) - _BORDER_BYTES, _OPEN_BYTES if is_open else 0)
            if len(buffer) > (MAX_RECORD_BYTES if is_open else _GAP_BYTES):
                kept = _GAP_BYTES // 2
                num_dropped += len(buffer) - _BORDER_BYTES - kept
                del buffer[kept : len(buffer) - _BORDER_BYTES]
                searched = kept
    except TruncatedError:
        if is_open:
            yield offset, b"", Reason.TRUNCATED
        raise
    if is_open:
        yield offset, b"", Reason.TRUNCATED
        raise TruncatedError(
            f"{file_range.path}: ends in the middle of the <DOC> that begins at byte {offset}: get a whole copy, or "
            'set on_truncated = "keep" to keep what came before'
        )
    if not _is_frame(bytes(buffer)):
        yield offset, b"", Reason.MALFORMED
