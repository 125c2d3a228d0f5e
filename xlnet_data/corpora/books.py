"""Books: Project Gutenberg's files, one book each, and BookCorpus, one sentence per line without book borders."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from xlnet_data.checks import check_choice
from xlnet_data.corpora.encodings import HEAD_BYTES, check_encoding, decode_as
from xlnet_data.corpora.guards import read_guarded
from xlnet_data.corpora.pieces.aozora import strip_annotations
from xlnet_data.corpora.pieces.book_notes import drop_note_marks
from xlnet_data.corpora.pieces.columns import drop_columns, join_initials
from xlnet_data.corpora.pieces.distributors import strip_distributor, strip_lines
from xlnet_data.corpora.pieces.gutenberg import decode_book, decode_undeclared, strip_licence
from xlnet_data.corpora.pieces.gutenberg_sites import strip_site
from xlnet_data.corpora.pieces.gutenberg_titles import find_title
from xlnet_data.corpora.pieces.lines import (
    MAX_RECORD_BYTES,
    TOO_LARGE_CAUSE,
    end_of_characters,
    is_cuttable_by_lines,
    read_parts,
)
from xlnet_data.corpora.pieces.paragraphs import format_paragraphs, middle_of, unify_line_ends
from xlnet_data.corpora.pieces.proofreading import strip_proofreading
from xlnet_data.corpora.recognition import read_head
from xlnet_data.errors import ConfigError, TruncatedError
from xlnet_data.files import opening
from xlnet_data.files.ranges import FileRange, InputFile
from xlnet_data.schemas.document import Document, Reason

LAYOUTS = ("auto", "gutenberg", "bookcorpus")
"""What `layout` may be."""

_IN_BRACKETS = r"""
illustrati(?:on|e) illustrazione ilustraci[óo]n ilustração ilustracja immagine abbildung bild kuva afbeelding obrázek
kép gravure vignette frontispiece decoration ornament headpiece tailpiece blank\spage sidenote
_?to\sface _?facing\spage image иллюстрация рисунок εικόνα
transcriber['’]?s?['’]?\snotes? anmerkung(?:en)?\szur\stranskription note\s(?:du|de|sur\sla)\s(?:la\s)?transcri\w+
"""
_ONE_NOTE = rf"\[(?:{'|'.join(_IN_BRACKETS.split())})\b(?:[^][]|\[[^][]{{0,200}}\]){{0,2000}}\][ \t]*"
_NO_PROSE = re.compile(rf"{_ONE_NOTE}(?:\n[ \t]*{_ONE_NOTE}){{0,9}}(?=\n[ \t]*\n|\s*\Z)", re.IGNORECASE)
"""The end of a paragraph that stands for a picture, and says what is under it, or that tells of the file."""

_ORNAMENT = re.compile(r"\n\n[ \t]*+(?:[*•~=#_—-][ \t]*+){3,200}(?=\n[ \t]*\n|\s*\Z)")
_PAGE_IN_BRACKETS = re.compile(
    r"\[(?:(?:[Pp](?:g|age)|[Ss]eite|[Pp]ág|[Сс]тр)\.?\s?\d{1,4}|(?:[Pp](?:g|age|\.)|S\.|[Сс]\.)\s?(?:\d{1,4}|[ivxlc]{1,8}))\]"
)
_PAGE_IN_BRACES = re.compile(r"\{(?<![\w^_\\}]\{)\d{1,4}\}(?!\{)")  # LaTeX has others

_RULE = re.compile(r"^[ \t]*+[|+]?(?:[-=_]{3,}+[|+]|[|+][-=_]{3,}+)[-=_+| \t]*+$", re.MULTILINE)
"""A line that parts the rows of a table, drawn with letters."""

_PARAGRAPHS = re.compile(r"(\n(?:[ \t]*\n)+)")

_PAGE_LINE = r"[ \t\f]*+(?:[–—\[(-] ?)?(?:\d{1,4})?+(?: ?[–—\])-])?[ \t\f]*\n"
_END_OF_PAGE = re.compile(
    rf"\n\n(?:(?<=[\w,;-]\n\n)|(?<=[\w,;-] \n\n))(?:{_PAGE_LINE}){{0,20}}+[ \t\f]*+(?=([^\W\d_]))"
)
"""Empty lines, numbers and form feeds between two words."""

_EMPTY_LINE = re.compile(rb"(?:\r(?!\n)|\n)[ \t\f\v]*[\r\n]")


@dataclass(frozen=True, slots=True)
class BooksSettings:
    """The keys of a corpus of books.

    Raises:
        ConfigError: A value is out of range.
    """

    layout: str = "auto"
    """"gutenberg", a file is a book with blank lines between paragraphs, hard-wrapped or not; "bookcorpus", one
    sentence per line; "auto", a file without a blank line in its first 64 KiB is as BookCorpus."""
    sentences_per_document: int = 1000
    """Sentences after which BookCorpus is cut, since it does not say where a book ends. Its 74,004,228 sentences are of
    11,038 books, 6,704 each: with 1,000 most documents lie within one book, and a cut costs only one of about 65
    examples its memory."""
    encoding: str = ""
    """What the files are written in, by Python's name for it; "" means what a Gutenberg header says, or UTF-8, or what
    their letters show. Files that show nothing certain are refused."""

    def __post_init__(self) -> None:
        check_choice("layout", self.layout, LAYOUTS)
        if self.encoding:
            check_encoding(self.encoding)
        if self.sentences_per_document < 1:
            raise ConfigError(f"sentences_per_document must be at least 1: got {self.sentences_per_document}")


def read_books(file_range: FileRange, settings: BooksSettings) -> Iterator[Document]:
    """Yield the documents of books that begin in a range of a file: the whole file, or some sentences of BookCorpus.

    Raises:
        CorpusError: The file cannot be read, or is of an encoding that it does not show.
        TruncatedError: The file ends in the middle; all that came before has been yielded.
    """
    if _is_bookcorpus(file_range.path, settings):
        for part_offset, part in read_parts(file_range):
            for offset, lines in _cut_sentences(part_offset, part, settings.sentences_per_document):
                doc_id = file_range.id_at(offset)
                known = lines, offset, file_range.path, settings.encoding
                yield read_guarded(file_range, doc_id, _parse_sentences, *known, is_sentence_per_line=True)
    elif file_range.start == 0:
        yield from _read_book(file_range, settings.encoding)


def is_books_cuttable(file: InputFile, settings: BooksSettings) -> bool:
    """Return whether a file is large, not compressed and laid out as BookCorpus, whose lines can be found anywhere."""
    return is_cuttable_by_lines(file, settings) and _is_bookcorpus(file.path, settings)


def _is_bookcorpus(path: str, settings: BooksSettings) -> bool:
    if settings.layout != "auto":
        return settings.layout == "bookcorpus"
    head = read_head(path)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False  # whose line ends are no single bytes
    return bool(head) and _EMPTY_LINE.search(head, 0, HEAD_BYTES) is None


def _read_book(file_range: FileRange, encoding: str) -> Iterator[Document]:
    content = bytearray()
    truncated = None
    try:
        for block in opening.read_blocks(file_range.path):
            content += block
            if len(content) > MAX_RECORD_BYTES:
                yield Document(file_range.corpus, file_range.file_id, "", Reason.TOO_LARGE, cause=TOO_LARGE_CAUSE)
                return
    except TruncatedError as error:
        truncated = error
        del content[end_of_characters(content) :]
    yield read_guarded(file_range, file_range.file_id, _parse_book, bytes(content), file_range.path, encoding)
    if truncated:
        raise truncated


def _parse_book(unread: Document, content: bytes, path: str, encoding: str) -> Document:
    text = decode_as(encoding, content, 0, path) if encoding else decode_book(content, path)
    text = _strip_line_ends(unify_line_ends(text))
    text = text.replace("\x1a", "") if "\x1a" in text else text  # DOS marked the end of a file
    title = find_title(text)
    text = strip_distributor(strip_site(strip_licence(text)))
    text = _drop_marks(drop_note_marks(strip_annotations(strip_proofreading(text))))
    text = format_paragraphs(text, "split", "blank-line")
    return replace(unread, text=text, reason=None if text else Reason.EMPTY, title=title)


def _strip_line_ends(text: str) -> str:
    """Return a text without blanks at the ends of its lines, behind which an empty line would not be known."""
    if " \n" not in text and not ("\t" in text and "\t\n" in text):
        return text
    return "\n".join([line.rstrip(" \t") for line in text.split("\n")])


def _drop_marks(text: str) -> str:
    """Return a text without the paragraphs that hold none of its prose, and without numbers of pages."""
    has_form_feeds = "\f" in text
    if has_form_feeds:
        text = text.replace("\n\f", "\n\n\f")
    if has_form_feeds or any(map(_is_page, _END_OF_PAGE.finditer(middle_of(text)))):
        text = _END_OF_PAGE.sub(_join_pages, text)
    text = _ORNAMENT.sub("", f"\n\n{text}")
    text = _drop_tables(text) if "|" in text or "-+-" in text else text
    text = join_initials(drop_columns(text))
    text = _PAGE_IN_BRACKETS.sub("", text) if "[" in text else text
    text = _PAGE_IN_BRACES.sub("", text) if "{" in text else text
    parts: list[str] = []
    kept_from = 0
    for found in _NO_PROSE.finditer(text):
        line = text.rfind("\n", 0, found.start()) + 1
        if not text[line : found.start()].strip(" \t") and (line == 0 or text.startswith("\n\n", line - 2)):
            parts.append(text[kept_from:line])
            kept_from = found.end()
    return "".join([*parts, text[kept_from:]])


def _drop_tables(text: str) -> str:
    """Return a text without its tables, if it has some that are drawn with letters.

    >>> _drop_tables("It fell.\\n\\n a | b\\n---+---\\n 1 | 2\\n\\n 3 | 4\\n\\nIt stood.")
    'It fell.\\n\\nIt stood.'
    """
    if not _RULE.search(text):
        return text
    paragraphs = _PARAGRAPHS.split(text)
    kept = [i for i in range(0, len(paragraphs), 2) if not _is_table(paragraphs[i])]
    return "".join("".join(paragraphs[i : i + 2]) for i in kept)


def _is_table(paragraph: str) -> bool:
    """Return whether most lines of a paragraph are rows of a table, or part them."""
    if "|" not in paragraph and "+" not in paragraph:
        return False
    lines = paragraph.strip("\n").split("\n")
    return sum("|" in line or _RULE.match(line) is not None for line in lines) * 2 > len(lines)


def _join_pages(found: re.Match[str]) -> str:
    """Return a line's end where a page ends within a sentence; else what is there."""
    return "\n" if _is_page(found) and found[1].islower() else found[0]


def _is_page(found: re.Match[str]) -> bool:
    """Return whether the number of a page, or a form feed, stands between two words."""
    return "\f" in found[0] or any(map(str.isdecimal, found[0]))


def _parse_sentences(unread: Document, lines: bytes, offset: int, path: str, encoding: str) -> Document:
    text = decode_as(encoding, lines, offset, path) if encoding else decode_undeclared(lines, path)
    text = format_paragraphs(strip_lines(text), "line", "blank-line")
    return replace(unread, text=text, reason=None if text else Reason.EMPTY)


def _cut_sentences(offset: int, part: bytes, num_sentences: int) -> Iterator[tuple[int, bytes]]:
    """Yield num_sentences lines at a time, fewer before a blank line and at the end, with the offset of the first."""
    lines: list[bytes] = []
    begin = offset
    for line in part.split(b"\n"):
        is_blank = not line.strip()
        if lines and (is_blank or len(lines) == num_sentences):
            yield begin, b"\n".join(lines)
            lines = []
        if not is_blank:
            begin = begin if lines else offset
            lines.append(line)
        offset += len(line) + 1
    if lines:
        yield begin, b"\n".join(lines)
