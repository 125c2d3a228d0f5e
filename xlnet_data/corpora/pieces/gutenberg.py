"""Decodes a Project Gutenberg file, and takes its licence header and footer off."""

import codecs
import re
from collections.abc import Iterator

from xlnet_data.corpora.encodings import count_high, find_encoding, is_utf8_by_chance
from xlnet_data.errors import CorpusError

HEADER_CHARS = 65536
"""How far into a file its licence header can reach; the longest known take 20,000 characters."""

_DECLARED = re.compile(rb"char\w+ set encoding:[ \t]*([^\r\n]+)")  # in lower case: so it is quickly found

# since 2001: "*** START OF THIS PROJECT GUTENBERG EBOOK title ***", the title on one line or more, blanks or none
_START = (
    r"^[ \t]*\*{3,5}[ \t]*start of (?:(?:this|the) )?(?:copyrighted )?project gutenberg"
    r"(?:[^*\n]|\*(?!\*\*)|\n(?![ \t]*\n))*(?:\*{3}.*)?$"
)
# until 2001: "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*", the header's last line
_SMALL_PRINT = r"^.*\*end\*?[ \t]*(?:the )?small print.*$"
# "*** END OF THE PROJECT GUTENBERG EBOOK", "End of Project Gutenberg's title", "End of The Project Gutenberg Etext of";
# "Ende dieses Projekt Gutenberg", "Fin de cet ebook du Projet Gutenberg", "Slut på Project Gutenbergs", and so on
_ENDS = (
    r"end(?: of|(?= project))|ende|einde van|fin d(?:e|el|u)|fin de l['’]\S{1,12}|fine d(?:el|i|ell['’]\S{1,12})"
    r"|fim d[aeo]|fi del?|fino de|finis|slut(?:et|ten|ningen)? (?:på|af|av)|endir|koniec|konec|vége|loppu|diwedd"
    r"|wakas ng|sfârșitul|τέλος|конец|кінець"
)
_PROJECT = r"(?:pro(?:i?e[ck]t|je[ck]t|yecto|jeto|getto|jet)\w*|проект\w*) (?:gutenberg|гутенберг)"
_END = rf"(?:this is )?(?:the )?(?:{_ENDS})(?: \S{{1,12}}){{0,3}}? {_PROJECT}(?! (?:was|is|has|had|will|would|came)\b)"
# languages that say it at the end: Finnish, Hungarian, Estonian
_END_LAST = rf"^[ \t]*(?:(?:an?|az|tämän|the) )?{_PROJECT}\S*(?: .*)? (?:loppu|päättyy|vége|lõpp)[ \t.!*]*$"
_MARK = re.compile(
    rf"(?P<start>{_START})|(?P<small_print>{_SMALL_PRINT})|(?P<licence>^[ \t]*\*{{3}}[ \t]*start: full license.*$)"
    rf"|(?P<end>^[ \t]*\*{{3,5}}[ \t]*{_END}.*$)|(?P<part_end>^[ \t*_[-]*+{_END}.*$|{_END_LAST})",
    re.IGNORECASE | re.MULTILINE,
)
_KEYS = (b"gutenberg", b"mall pr", b": full l")
"""Each mark's first line has one, in lower or upper case; none holds a k or an s, for which IGNORECASE takes others."""

_GLUED = re.compile(r"\*{3} ?(?:START|END) OF TH(?:E|IS) PROJECT GUTENBERG E")
"""A mark; files that were put together may have it behind the last line of the one before, without a line's end."""

START_LINE = re.compile(_START, re.IGNORECASE | re.MULTILINE)
_PART_CHARS = 5000
"""Characters between two headers that are a text of its own, and not the rest of a header."""

_MADE = r"(?:produced|prepared|transcribed|scanned|digiti[sz]ed|proofread|proofed|created|typed|entered|converted)"
_FILE = r"(?:this |the )?(?:e-?text|e-?book|(?:text and )?html|(?:plain )?text (?:file|version))(?: file| version)?"
_MADE_ELSEWHERE = (
    r"tämän e-kirjan (?:on|ovat) tuottan\w+|produi[td]o? par\b|produ[cz]ido por\b|prodotto da\b|produ[cz]erat av\b"
    r"|ce (?:fichier|livre électronique|document) (?:a été|est)\b|quest[oa] (?:e-?text|e-?book|libro elettronico)\b"
    r"|dit (?:bestand|e-?boek|e-?book) is\b|diese[sr]? (?:e-?text|e-?book|datei|buch) wurde\b|erstellt von\b"
    r"|este (?:e-?book|e-?text|li[bv]ro electr[óo]nico) (?:foi|fue)\b|denna e-?bok\b|denne e-?bog\b"
    r"|(?:note: )?images (?:of (?:the )?original pages|generously) "
)
_NOTES = re.compile(
    r"[\[_*=+|\s-]{0,200}+(?:transcri(?:ber|ptor)['’]?s?['’]? notes?\b|anmerkung(?:en)? (?:zur|des) transkri\w+"
    r"|not[ae]s? (?:d[aeiou]l?|sur|on)(?: la| the)? tran?scri\w+|notes? au lecteur|opmerkingen van de bewerker"
    r"|transcription notes?\b|redactor['’]s notes?\b|transkriberingsnoter\w+)(?P<rest>[^\n]*)",
    re.IGNORECASE,
)
"""The first line of what a transcriber says of the text; if it is a heading, the paragraph behind it says it."""

_END_NOTES_CHARS = 800, 8000
"""How long what a transcriber says behind a book may be in any book, and in one that is ten times as long."""

_LAST_LINE = re.compile(
    r"[*\[( ]{0,9}(?:this is a copyrighted project gutenberg e-?(?:text|book)\b"
    rf"|{_FILE} was {_MADE} by ).{{1,200}}",
    re.IGNORECASE,
)
"""A last paragraph that says who made the file, or whose it is."""

_SAYS = re.compile(r"[\w\]]")
_EBOOK_LINE = re.compile(r"\ufeff?\s{0,99}(?:The )?Project Gutenberg(?:['’]s)? e-?(?:book|text)\b[^\n]*", re.IGNORECASE)
_NEXT_HEADER = re.compile(rf"\n{_EBOOK_LINE.pattern}", re.IGNORECASE)
_HEADER_FIELD = re.compile(
    r"(?:title|author|editor|translator|illustrator|contributor|release date|posting date|language|credits"
    r"|last updated|most recently updated|original publication|character set encoding|edition|subtitle)s?:"
    r"|\[e-?(?:book|text) #\d+\]",
    re.IGNORECASE,
)

_CREDIT = re.compile(
    rf"[\[_(]?(?:(?:{_FILE} )?(?:originally )?{_MADE}(?: and \w+)? (?:by|for|from)\b|{_FILE} by\b|credits:"
    r"|this e-?text is in (?:german|french|italian|spanish|dutch|swedish|danish|latin)\b"
    r"|we are releasing two versions of this\s"
    rf"|{_MADE_ELSEWHERE}|this \S+ was (?:\w+ )?{_MADE}\b|.*(?:project gutenberg|www\.pgdp\.net)"
    r"|(?:.|\n(?![ \t]*\n)){0,300}?distributed\sproofread)",
    re.IGNORECASE,
)
_CREDIT_ALONE = re.compile(
    rf"\s*+(?:e-?(?:text|book) )?{_MADE} by\b(?:.|\n(?![ \t]*\n)){{0,600}}?"
    r"(?:distributed\s+proofread|pgdp\.net|gutenberg)",
    re.IGNORECASE,
)
"""What other programs leave of a header: they cut it off at its mark, and the credits stand behind that."""

_BLANK_LINES = re.compile(r"\n[ \t]*+\n\s*+")

_CODECS = ("ascii", "big5", "cp", "euc_", "gb", "iso8859", "koi8", "mac-", "shift_jis", "utf-8")


def decode_book(content: bytes, path: str = "a text") -> str:
    """Return a book's characters: as its byte order mark or its header says, else from UTF-8, else as it looks.

    Raises:
        CorpusError: It looks like several encodings, or like none.

    >>> decode_book("Der „Preis“ ist nicht für mich.".encode("cp1252"))
    'Der „Preis“ ist nicht für mich.'
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    if content.startswith(codecs.BOM_UTF8):
        return content.decode("utf-8-sig", "replace")
    declared = _DECLARED.search(content[:HEADER_CHARS].lower())
    encoding = _find_encoding(declared[1].decode("ascii", "replace")) if declared else ""
    if encoding:
        try:
            return content.decode(encoding, "replace" if encoding == "utf-8" else "strict")
        except UnicodeDecodeError:
            pass  # what is declared is not always true
    return decode_undeclared(content, path)


def decode_undeclared(content: bytes, path: str = "a text") -> str:
    """Return the characters of UTF-8, or of what a text looks like if it is not UTF-8.

    UTF-8 with a few other bytes, as of files that were put together, keeps its characters; those bytes are cp1252.

    Raises:
        CorpusError: It looks like several encodings, or like none.

    >>> decode_undeclared(b"n\\xc3\\xa9e n\\xc3\\xa9 n\\xe9")
    'née né né'
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        kept = content.decode("utf-8", "ignore").encode()
    if count_high(kept) * 2 > count_high(content) and not is_utf8_by_chance(content):
        return content.decode("utf-8-sig", "cp1252 where it is not utf-8")
    guess, is_sure = find_encoding(content)
    if not is_sure:
        raise CorpusError(
            f"{path} is not UTF-8, and does not show what it is written in (perhaps {guess!r}): set `encoding` of its "
            "corpus, or convert it to UTF-8 (iconv)"
        )
    return content.decode(guess, "else latin-1")


def _read_as_cp1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    wrong = error.object[error.start : error.end]
    return "".join(bytes([byte]).decode("cp1252", "replace") for byte in wrong), error.end


def _read_as_latin_1(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("cp1252 where it is not utf-8", _read_as_cp1252)
codecs.register_error("else latin-1", _read_as_latin_1)


def strip_licence(text: str) -> str:
    """Return a book's text without Project Gutenberg's licence headers, credits and footers, as far as it has them.

    A file may hold several books, each with a header and a footer, or several parts, each with a line that says where
    it ends; what comes after the last such line is no part. Within a header the last mark counts.

    Args:
        text: The whole file, its lines ending in line feeds.
    """
    parts: list[str] = []
    text = _GLUED.sub(_on_its_own_line, text) if "***" in text else text
    begin: int | None = 0  # of the text at hand; None: within a footer or a header
    has_header = is_after_part = False
    for mark in _find_marks(text):
        kind, start = mark.lastgroup, mark.start()
        if kind in ("start", "small_print"):
            num_chars = start - (begin or 0)
            if begin is not None and not is_after_part and num_chars > HEADER_CHARS and (kind != "start" or not begin):
                continue  # the book tells of it
            if has_header and begin is not None and not is_after_part and kind == "start" and num_chars > _PART_CHARS:
                next_header = _NEXT_HEADER.search(text, max(begin, start - _PART_CHARS), start)
                parts.append(_strip_credits(text[begin : next_header.start() if next_header else start]))
            begin, has_header, is_after_part = mark.end(), True, False
        elif begin is not None:
            if not (is_after_part and kind == "licence"):
                part = text[begin:start]
                parts.append(_strip_credits(part) if has_header and not is_after_part else _strip_fields(part))
            is_after_part = kind == "part_end"
            begin = mark.end() if is_after_part else None
    if begin is not None and not is_after_part:
        parts.append(_strip_credits(text[begin:]) if has_header else _strip_fields(text[begin:]))
    parts = list(map(_strip_end_notes, parts)) if has_header else parts
    return parts[0] if len(parts) == 1 else "\n\n".join(filter(None, map(str.strip, parts)))


def _on_its_own_line(mark: re.Match[str]) -> str:
    """Return a mark behind a line's end if a word, a stop or another mark's asterisks stand before it."""
    before = mark.string[max(mark.start() - 3, 0) : mark.start()]
    return f"\n{mark[0]}" if before[-1:].isalnum() or before.endswith((".", "!", "?", "***")) else mark[0]


def _find_marks(text: str) -> Iterator[re.Match[str]]:
    """Yield what `_MARK.finditer` does, in a twentieth of its time: it is tried only at lines that hold a key."""
    if "б" in text or "Б" in text:  # as in the Russian name
        yield from _MARK.finditer(text)
        return
    content = text.encode("utf-8", "surrogatepass")
    lowered = content.lower()
    found = sorted(match.start() for key in _KEYS if key in lowered for match in re.finditer(re.escape(key), lowered))
    at = chars = end = 0
    for place in found:
        line = lowered.rfind(b"\n", 0, place) + 1
        chars += len(content[at:line].decode("utf-8", "surrogatepass"))
        at = line
        mark = _MARK.match(text, chars) if chars >= end else None
        if mark:
            end = mark.end()
            yield mark


def _strip_credits(text: str) -> str:
    """Return the text after a header without the paragraphs that say who produced the file, and what was changed."""
    at = len(text) - len(text.lstrip())
    while True:
        notes = _NOTES.match(text, at)
        if notes is None and _CREDIT.match(text, at) is None and not text.startswith("[Illustration", at):
            return text[at:]
        at = _next_paragraph(text, at)
        if notes and not _SAYS.search(notes["rest"]) and text[notes.end() : at].isspace():
            at = _end_of_notes(text, at)


def _end_of_notes(text: str, at: int) -> int:
    """Return where a paragraph ends, or the last of those that go on with it: behind one blank line, indented as it is.

    Args:
        text: The text.
        at: Where the paragraph begins.
    """
    before = "\n\n" + text[text.rfind("\n", 0, at) + 1 : at]
    while True:
        at = _next_paragraph(text, at)
        if len(before) < 6 or not text.startswith(before, at - len(before)) or text[at - len(before) - 1] == "\n":
            return at


def _strip_end_notes(text: str) -> str:
    """Return a book's text without the last paragraphs, in which a transcriber tells of it.

    >>> _strip_end_notes("It fell. " * 99 + "\\n\\nTranscriber's Notes:\\n\\nSpelling was kept.").endswith("It fell. ")
    True
    """
    text = text.rstrip()
    before, _, last = text.rpartition("\n\n")
    if len(last) < _END_NOTES_CHARS[0] and _LAST_LINE.fullmatch(" ".join(last.split())):
        text = before
    least, most = _END_NOTES_CHARS
    for blank in _BLANK_LINES.finditer(text, max(0, len(text) - max(least, min(most, len(text) // 10)))):
        if _NOTES.match(text, blank.end()):
            return text[: blank.start()]
    return text


def _strip_fields(text: str) -> str:
    """Return a text without the first line and the fields of a header that no mark ends, or the credits of one cut off.

    >>> _strip_fields("The Project Gutenberg eBook of Emma\\n\\nTitle: Emma\\nAuthor: J. A.\\n\\nIt was.")
    'It was.'
    """
    first_line = _EBOOK_LINE.match(text)
    begin = at = _next_paragraph(text, first_line.end()) if first_line else 0
    while at and _HEADER_FIELD.match(text, at):
        at = _next_paragraph(text, at)
    return _strip_credits(text[at:]) if at > begin or _CREDIT_ALONE.match(text) else text


def _next_paragraph(text: str, at: int) -> int:
    """Return where the paragraph behind the one at an index begins."""
    blank = _BLANK_LINES.search(text, at)
    return blank.end() if blank else len(text)


def _find_encoding(declared: str) -> str:
    """Return Python's name of a declared encoding, "" for what it does not know.

    >>> _find_encoding("ISO-8859-1 (Latin-1)"), _find_encoding("Unicode UTF-8"), _find_encoding("Klingon")
    ('cp1252', 'utf-8', '')
    """
    words = re.findall(r"[\w-]+", declared)
    for name in [declared.strip(), *words, *(word.replace("-", "") for word in words)]:
        try:
            found = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        if found.startswith(_CODECS):
            return "cp1252" if found == "iso8859-1" else found
    return ""
