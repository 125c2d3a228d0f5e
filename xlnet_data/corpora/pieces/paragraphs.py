"""Makes paragraphs and sentences of a text's lines, as the settings of several formats say."""

import re

from xlnet_data.checks import check_choice

SENTENCES = ("split", "line")
"""Where a sentence ends: "split", where the sentence splitter finds it; "line", at each line's end."""

PARAGRAPHS = ("line", "blank-line")
"""Where a paragraph ends: "line", at each line's end; "blank-line", at a blank line (hard-wrapped text)."""

CJK = "\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff9f\U00020000-\U0003ffff"
"""Letters and marks between which no blank stands, as they are written in a pattern's set."""

_BLANK_LINE = re.compile(r"\n\s*\n")
_PARAGRAPH_END = re.compile(
    r"\n(?=[\s—–―-])(?:\s*\n|(?=\u3000)|(?=[ \t]{0,8}(?:[—–―]|--)[ \t]?[«“\"¿¡]?[A-ZÀ-ÖØ-ÞΆ-ΩЀ-Я])(?<=[.!?…»”\"]\n))"
)
"""A blank line, or a line end before a line that is indented as in Chinese, or begins with a dash and a capital."""

_HIGHLIGHT = re.compile(r"^[ \t]*@highlight[ \t]*\r?$", re.MULTILINE)
"""A line by which collections of news (CNN, Daily Mail) say that what follows sums an article up."""

_OF_ANY_WIDTH = "“”‘’…—·"
_AND = "und|oder|bzw|and|or|to|et|ou|och|eller|og|en|of"
_LINK = re.compile(_AND)
_LINE_END = re.compile(r"(?<!\r)\r++\n|\r")
_BREAK = re.compile(r"-\n(?<=[^\W\d_]-\n)[ \t]*+(?=[^\W\d_])")
_BROKEN = re.compile(r"(?<![^\W\d_])([^\W\d_]{2,40}+)-\n[ \t]*+([^\W\d_]{2,40})")
_FEWEST_BROKEN, _MOST_LINES = 8, 20
"""A printer broke the words of a text that has so many hyphens at line ends, and no more lines for each of them."""

_MIDDLE_CHARS = 20_000

_HYPHENATED = re.compile(r"[^\W\d_]+-[^\W\d_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_WITHOUT_BLANK = re.compile(
    rf"\n(?:(?<=[^\W_]-\n)(?=[^\W_])(?!(?:{_AND})\b)|(?<=[^\s-]--\n)|(?<=\S—\n)"
    rf"|(?<=[{CJK}]\n)(?=[{CJK}{_OF_ANY_WIDTH}])|(?<=[{_OF_ANY_WIDTH}]\n)(?=[{CJK}]))"
)
"""Line ends at which no blank is: behind "to-" and "came--", and between Chinese or Japanese letters."""


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
    if "@" in text and "@highlight" in text:
        text = _HIGHLIGHT.sub("", text)
    if sentences == "split" and paragraphs == "line":
        formatted = "\n\n".join(filter(None, map(str.strip, text.split("\n"))))
        return formatted if "\r" not in formatted else format_paragraphs(unify_line_ends(text), sentences, paragraphs)
    text = unify_line_ends(text)
    if sentences == "line":
        return "\n\n".join(["\n".join(map(str.strip, block.split("\n"))) for block in _BLANK_LINE.split(text.strip())])
    return "\n\n".join(map(join_lines, _PARAGRAPH_END.split(join_broken_words(text.strip()))))


def unify_line_ends(text: str) -> str:
    r"""Return a text in which every line ends in a line feed.

    >>> unify_line_ends("DOS\r\ntwice\r\r\nMac\r\rUnix\n")
    'DOS\ntwice\nMac\n\nUnix\n'
    """
    if "\r" not in text:  # a search for one character is quick
        return text
    text = "\n".join(text.split("\r\n"))  # a replacement takes longer
    return _LINE_END.sub("\n", text) if "\r" in text else text


def middle_of(text: str) -> str:
    """Return enough of a text's middle to show what its printer did on every page."""
    middle = len(text) // 2
    return text[max(middle - _MIDDLE_CHARS // 2, 0) : middle + _MIDDLE_CHARS // 2]


def join_broken_words(text: str) -> str:
    """Return a text without the hyphens by which a printer broke its words; one with few of them as it is.

    A word that the text has elsewhere without a hyphen loses it. One that it has elsewhere with a hyphen keeps it; so
    do two words that the text has elsewhere, and what stands before a capital letter or as in "Haupt- und".
    """
    if "-\n" not in middle_of(text) or text.count("-\n") < max(_FEWEST_BROKEN, text.count("\n") // _MOST_LINES):
        return text
    num_broken = sum(1 for _ in _BREAK.finditer(text))
    if num_broken < _FEWEST_BROKEN or num_broken * _MOST_LINES < text.count("\n"):
        return text
    hyphenated = {word.lower() for word in _HYPHENATED.findall(text)}
    words = set(map(str.lower, _LETTERS.findall(_BROKEN.sub(" ", text))))

    def join(broken: re.Match[str]) -> str:
        first, second = broken[1].lower(), broken[2].lower()
        if broken[2][0].isupper() or _LINK.fullmatch(second):
            return broken[0]
        is_two = f"{first}-{second}" in hyphenated or {first, second} <= words
        return broken[0] if is_two and first + second not in words else broken[1] + broken[2]

    return _BROKEN.sub(join, text)


def join_lines(text: str) -> str:
    r"""Return hard-wrapped lines as one: with a blank at each line's end, but where a word or a dash goes on.

    >>> join_lines("He came to-\nmorrow--\nor not:\n two-\nor three-\nfold.")
    'He came to-morrow--or not: two- or three-fold.'
    >>> join_lines("\u6211\u4eec\n\u4eca\u5929") == "\u6211\u4eec\u4eca\u5929"
    True
    """
    if "\n" not in text:
        return text.strip()
    text = "\n".join(map(str.strip, text.split("\n")))
    if not text.isascii():
        text = text.replace("\xad\n", "").replace("¬\n", "")  # what breaks a word at a line's end alone
    elif "-\n" not in text:
        return text.replace("\n", " ")
    return _WITHOUT_BLANK.sub("", text).replace("\n", " ")
