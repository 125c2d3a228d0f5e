"""Makes paragraphs and sentences of a text's lines, as the settings of several formats say."""

import re

from xlnet_data.checks import check_choice

SENTENCES = ("split", "line")
"""Where a sentence ends: "split", where the sentence splitter finds it; "line", at each line's end."""

PARAGRAPHS = ("line", "blank-line")
"""Where a paragraph ends: "line", at each line's end; "blank-line", at a blank line (hard-wrapped text)."""


def check_paragraphs(sentences: str, paragraphs: str) -> None:
    """Check the two settings that `format_paragraphs` takes.

    Raises:
        ConfigError: One is not among its choices.
    """
    check_choice("sentences", sentences, SENTENCES)
    check_choice("paragraphs", paragraphs, PARAGRAPHS)


def format_paragraphs(text: str, sentences: str, paragraphs: str) -> str:
    r"""Return a document's text with a blank line after each paragraph, and lines only where sentences end.

    With one sentence per line a blank line ends a paragraph, whatever ``paragraphs`` says.

    >>> format_paragraphs("One.\n Two.\r\n\n\nThree.\n", "split", "line")
    'One.\n\nTwo.\n\nThree.'
    >>> format_paragraphs("One\nis long.\n \nTwo.", "split", "blank-line")
    'One is long.\n\nTwo.'
    >>> format_paragraphs("One.\nTwo.\n \n\nThree.", "line", "line")
    'One.\nTwo.\n\nThree.'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            text = re.sub(r"\r+\n?", "\n", text)
    if sentences == "split" and paragraphs == "line":
        return "\n\n".join(filter(None, map(str.strip, text.split("\n"))))
    between_lines = "\n" if sentences == "line" else " "
    blocks = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join([between_lines.join(map(str.strip, block.split("\n"))) for block in blocks])
