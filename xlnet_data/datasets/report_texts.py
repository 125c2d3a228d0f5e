"""Shows how the vocabulary fits the text of each corpus: pieces per word, <unk>, and the characters behind it."""

import unicodedata

from xlnet_data.datasets.pages import escape_text
from xlnet_data.datasets.report_tables import table_of
from xlnet_data.schemas.manifest import CorpusInfo, Manifest


def vocabulary_fit(manifest: Manifest) -> str:
    """Return a table of the corpora, and the most frequent unknown characters of each."""
    rows = [
        (
            escape_text(name),
            f"{info.pieces_per_word:.2f}",
            f"{info.bytes / info.tokens:.2f}",
            f"{info.unknown_frac:.3%}",
            f"{info.changed_letter_frac:.2%}",
        )
        for name, info in manifest.corpora.items()
        if info.tokens
    ]
    head = ("corpus", "pieces per word", "bytes per token", "&lt;unk>", "letters that lose a mark")
    said = '<p class="muted">A word is what stands between spaces: where a script has none, a sentence is one.</p>'
    shown = [(escape_text(name), info) for name, info in manifest.corpora.items() if info.unknown_chars]
    unknown = "".join(
        f"<h3>{name}: the characters that most often became &lt;unk></h3>{_chars(i)}" for name, i in shown
    )
    return table_of(head, rows) + said + unknown


def _chars(info: CorpusInfo) -> str:
    shown = (
        f'<span class="char"><bdi>{_shown(char)}</bdi> <small>{_name_of(char)}</small> {count:,}</span>'
        for char, count in info.unknown_chars.items()
    )
    return f'<p class="chars">{"".join(shown)}</p>'


def _shown(char: str) -> str:
    """Return a character as a page can show it: a mark that needs a letter before it gets a dotted circle."""
    return escape_text(f"\u25cc{char}" if unicodedata.combining(char[:1] or " ") else char)


def _name_of(char: str) -> str:
    """Return a character's number and name.

    >>> _name_of("语"), _name_of("é")
    ('U+8BED', 'U+00E9 latin small letter e with acute')
    """
    name = unicodedata.name(char, "").lower() if len(char) == 1 else ""
    number = " ".join(f"U+{ord(part):04X}" for part in char[:4])
    return escape_text(number if "ideograph" in name or not name else f"{number} {name}")
