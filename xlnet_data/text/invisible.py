r"""Takes characters out of a text that are not seen and stand for nothing, and keeps those that change what is seen.

They tell a browser where a word may be broken, or which way text runs, and would cut a word into pieces that no
vocabulary has.

| kind | what becomes of it |
|---|---|
| soft hyphen, word joiner, byte order mark, invisible operators, marks of objects | goes |
| annotations between two lines | go, and what is annotated stays |
| marks, embeddings and isolates of direction | go |
| grapheme joiner (CGJ), controls of musical notes, unwritten vowels of Khmer, noncharacters | go |
| fillers of Hangul | one that is as wide as a syllable is a space, others go |
| control characters but tab and line ends | go |
| joiner and non-joiner (ZWJ, ZWNJ) | stay behind letters that they shape (Arabic, Indic, Mongolian) and behind emoji |
| zero-width space | stays between letters of Thai, Lao, Burmese and Khmer, which have no other space between words |
| tags | stay behind the black flag, which they make a region's |
| variation selectors | stay |

Letters written apart from their marks, as file systems of the Macintosh have them ("e" and an acute), are composed: a
splitter would not know them for letters.
"""

import functools
import re

from xlnet_data.text.characters import count_characters
from xlnet_data.text.composition import MARKS, compose_marks

_ANYWHERE = (
    "\u00ad\u061c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffc"
    "\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufdd0-\ufdef\ufffe\uffff\U0001d173-\U0001d17a"
)
_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_SHAPED = (
    "\u0590-\u1fff\u2190-\u2bff\u3030\u303d\u3297\u3299\ua840-\uabff\ufb00-\ufe0f\ufe70-\ufefc\U00010a00-\U0001faff"
)

_PERHAPS = f"{_ANYWHERE}\u200b-\u200d\U000e0000-\U000e007f"
_INVISIBLE = re.compile(f"[{_PERHAPS}]")
_DROPPED = re.compile(
    "\ufffa[^\ufff9-\ufffb\n]{1,200}\ufffb"
    f"|[{_ANYWHERE}]++"
    f"|(?<![{_NO_SPACES}])\u200b++|\u200b++(?![{_NO_SPACES}])"
    f"|(?<![{_SHAPED}\u200c\u200d])[\u200c\u200d]++"
    "|(?<![\U0001f3f4\U000e0000-\U000e007f])[\U000e0000-\U000e007f]++"
)

_WIDE = frozenset("\u3164\uffa0")


@functools.cache
def _classes(stop: int) -> bytes:
    """Return each character's class for `count_characters`: 1 for one that may go, 2 for a mark, 3 for both."""
    classes = bytearray(stop)
    for kind, ranges in ((2, MARKS), (1, _PERHAPS)):
        for first, last in re.findall("(.)(?:-(.))?", ranges, re.DOTALL):
            for code in range(ord(first), min(ord(last or first) + 1, stop)):
                classes[code] |= kind
    return bytes(classes)


def drop_invisible(text: str) -> str:
    r"""Return a text without the invisible characters that stand for nothing, its letters composed with their marks.

    >>> drop_invisible("Unter\u00adnehmen \u202bab\u202c\u200b, c\u200cd"), drop_invisible("cafe\u0301") == "café"
    ('Unternehmen ab, cd', True)
    >>> drop_invisible("می\u200cخواهم") == "می\u200cخواهم"
    True
    """
    num_invisible, num_marks = count_characters(text, _classes)
    visible = _drop(text) if num_invisible else text
    return compose_marks(visible) if num_marks else visible


def _drop(text: str) -> str:
    """Return a text without its invisible characters."""
    parts: list[str] = []
    kept_from = 0
    for found in _INVISIBLE.finditer(text):  # trying the rules at every character would take ten times as long
        if found.start() >= kept_from and (dropped := _DROPPED.match(text, found.start())):
            parts.append(text[kept_from : found.start()])
            if not _WIDE.isdisjoint(dropped[0]):
                parts.append(" ")
            kept_from = dropped.end()
    return "".join([*parts, text[kept_from:]]) if parts else text
