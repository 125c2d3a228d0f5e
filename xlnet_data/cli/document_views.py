"""Prints documents on a terminal: how long each is, how it begins, and why it is dropped."""

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from xlnet_data.schemas.document import Document
from xlnet_data.showing import make_safe, number_of

PREVIEW_CHARS = 480
"""Characters of a document's text that a preview shows, about: six lines of a terminal."""

PREVIEW_LINES = 12
"""Lines of the text that a preview shows at most, blank ones included: of a table of contents, say."""


def print_document(document: Document, console: Console, *, is_full: bool) -> None:
    """Print a document.

    Args:
        document: The document.
        console: Where to.
        is_full: True: all of its text. False: its beginning.
    """
    console.print(Rule(Text(f"{document.corpus}  {make_safe(document.doc_id)}", "bold"), align="left"))
    for known in filter(None, (document.title, document.url)):
        console.print(Padding(Text(make_safe(known), "cyan", overflow="fold"), (0, 0, 0, 2)))
    words, paragraphs = len(document.text.split()), _count_paragraphs(document.text)
    lengths = f"{number_of(len(document.text), 'character')}, {number_of(words, 'word')} between spaces, "
    lengths += number_of(paragraphs, "paragraph")
    notes = f"; {', '.join(document.notes)}" if document.notes else ""
    console.print(Text(f"  {lengths}{notes}", "dim"))
    if document.reason is not None:
        cause = f": {make_safe(document.cause)}" if document.cause else ""
        console.print(Padding(Text(f"dropped, {document.reason}{cause}", "red"), (0, 0, 0, 2)))
    text = document.text if is_full else _beginning(document.text)
    if text:
        console.print(Padding(Text(make_safe(text)), (0, 0, 0, 2)))
    if len(text) < len(document.text):
        console.print(Text(f"  … {len(document.text) - len(text):,} more characters", "dim"))
    console.print()


def _beginning(text: str) -> str:
    """Return the first characters or lines of a text, ended behind a word where one ends near.

    >>> _beginning("I\\n\\n" * 9).count("I")
    6
    """
    head = "\n".join(text[:PREVIEW_CHARS].split("\n")[:PREVIEW_LINES])
    if len(head) < min(len(text), PREVIEW_CHARS):
        return head.rstrip()
    if len(text) <= PREVIEW_CHARS:
        return text
    cut = max(head.rfind(" "), head.rfind("\n"))
    return head[:cut] if cut > PREVIEW_CHARS // 2 else head


def _count_paragraphs(text: str) -> int:
    return sum(1 for paragraph in text.split("\n\n") if paragraph.strip())
