"""The lines of a text made into paragraphs and sentences, as the settings of several formats say."""

import re
from typing import Literal, get_args

from xlnet_data.errors import ConfigError

Sentences = Literal["split", "line"]
"""Where a sentence ends: "split", found by the sentence splitter; "line", at each line's end."""

Paragraphs = Literal["line", "blank-line"]
"""Where a paragraph ends: "line", at each line's end; "blank-line", at a blank line (hard-wrapped text)."""


def check_choice(key: str, value: str, choices: object) -> None:
    """Check that a setting is one of a Literal's values.

    Raises:
        ConfigError: It is not.
    """
    known = get_args(choices)
    if value not in known:
        raise ConfigError(f"{key} must be {' or '.join(repr(name) for name in known)}: got {value!r}")


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
    between_lines = "\n" if sentences == "line" else "\n\n" if paragraphs == "line" else " "
    blocks = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join([between_lines.join(map(str.strip, block.split("\n"))) for block in blocks])
