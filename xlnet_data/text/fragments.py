"""Joins what a splitter cuts where no sentence ends: "i 19. århundrede", "A. Camus", "św. Jan", "1. A first point"."""

import re
import unicodedata
from functools import lru_cache

import sentencex

_SEEN_CHARS = 32  # of what stands before a stop
_ABBREVIATION_CHARS = 4
"""Letters that an abbreviation has at most, where only what follows it shows that it is one."""

_GERMAN = frozenset({"de", "gsw", "lb", "nds", "bar"})
"""Languages whose nouns are capital, so that a capital letter behind "am 19." begins no sentence for certain."""

_NO_NOUNS = """
der die das den dem des er sie es wir ich man ein eine einen einem einer in im am an auf bei mit nach seit von vom zu
zum zur als wenn dann danach dort hier da auch aber und doch so sein seine ihr ihre diese dieser dieses für aus
"""
_BEGINNERS = frozenset(_NO_NOUNS.split())
"""German words that stand behind no ordinal, and begin most sentences behind a number."""

_VOWELS = "aeiouyæœøıаеёиоуыэюяєъαεηιουω"
_SHORT = re.compile(rf"(?!.*(.)\1)[^\W\d_{_VOWELS}][^\W\d_{_VOWELS}rlрл]?[^\W\d_{_VOWELS}]")
"""A word of two or three consonants, such as "bkz" and "св": no syllable, as r and l can make one, and no "hmm"."""

_REST_OF_DATE = re.compile(r"\d{1,2}\.\s?\d")
_MARKS = dict.fromkeys(range(0x300, 0x370))
_PLAIN_END = re.compile(r"(?:[!?]|[a-z]{4}\.|[aeiouy][a-z]{0,2}\.) \Z")
_TIBETAN_STOPS = ("།", "༎")
_OPENING = "([{«»“„\"'‚‘–—"


def join_fragments(pieces: list[str], language: str) -> list[str]:
    """Return the sentences of a paragraph, those joined again that were cut behind a number, initial or abbreviation.

    Args:
        pieces: What a splitter made of the paragraph, the white space between them at their ends.
        language: A code from `language_code`.

    >>> join_fragments(["I 19. ", "århundrede kom han. ", "Han gik."], "da")
    ['I 19. århundrede kom han. ', 'Han gik.']
    >>> join_fragments(["Le A. ", "Camus est né. ", "Au Ier s. av. J.", "-C. ", "il mourut."], "fr")
    ['Le A. Camus est né. ', 'Au Ier s. av. J.-C. il mourut.']
    """
    if len(pieces) < 2:
        return pieces
    is_cased: bool | None = None
    sentences: list[str] = []
    sentence = pieces[0]
    for piece, following in zip(pieces[1:], [*pieces[2:], ""], strict=True):
        is_small = piece[:1].islower()
        if is_small and is_cased is None:
            is_cased = next((letter.isupper() for part in pieces for letter in part if letter.isalpha()), False)
        # most pieces end with a stop behind a vowel or a long word, and the next one begins with no small letter
        is_plain = not is_small and _PLAIN_END.search(sentence[-6:])
        seen = piece if len(piece) > _ABBREVIATION_CHARS else piece + following[:1]
        if not is_plain and _goes_on(sentence, seen, language, bool(is_cased)):
            sentence += piece
        else:
            sentences.append(sentence)
            sentence = piece
    return [*sentences, sentence]


def _goes_on(before: str, after: str, language: str, is_cased: bool) -> bool:
    """Return whether two pieces that follow one another are one sentence."""
    if after[:1] in _TIBETAN_STOPS:
        return True
    if before[-1:] == ".":
        return after[:1] == "-" and after[1:2].isalpha()
    words = before[-_SEEN_CHARS:].split()
    first = after[:1]
    if not words or not words[-1].endswith(".") or not first.isalnum():
        return False
    word = words[-1][:-1].lstrip(_OPENING)
    if first.islower() and first.title() != first:  # Georgian's small letters have no capitals to begin with
        return is_cased and (len(word) <= _ABBREVIATION_CHARS or not word.isalpha()) and not after[1:2].isupper()
    previous = words[-2] if len(words) > 1 else ""
    is_begin = len(before) < _SEEN_CHARS and len(words) < 3
    if word.isdecimal():
        if is_begin and not previous:
            return len(word) < _ABBREVIATION_CHARS  # it numbers what follows
        if _REST_OF_DATE.match(after) or (first.isdecimal() and previous[-1:] == "." and previous[:-1].isdecimal()):
            return True
        is_ordinal = language in _GERMAN and len(word) < 3 and first.isupper() and (previous.islower() or is_begin)
        return is_ordinal and after.split(maxsplit=1)[0].lower() not in _BEGINNERS
    if first.islower() or not word[-1:].isalpha():
        return False
    if word[-2:-1] == "-" and word[-1].isupper():
        return word != "J.-C" and first.isupper()  # French writes it behind years
    if len(word) == 1 and word.isupper():
        is_of_a_king = word in "IVX" and len(previous) > 2 and previous[0].isupper()
        return first.isupper() and not is_of_a_king and _ends_at(word, language)
    return not previous[-1:].isdecimal() and _is_short(word) and _ends_at(word, language)


def _is_short(word: str) -> bool:
    """Return whether a word has no syllable, and so stands for another.

    >>> [_is_short(word) for word in ("św", "Bkz", "krk", "lớn", "hmm", "BBC")]
    [True, True, False, False, False, False]
    """
    if not (word.islower() or word.istitle()) or len(word) > 3 or max(word) > "\u052f":  # Latin, Greek, Cyrillic
        return False
    return _SHORT.fullmatch(unicodedata.normalize("NFD", word.lower()).translate(_MARKS)) is not None


@lru_cache(4096)
def _ends_at(word: str, language: str) -> bool:
    """Return whether the splitter ends a sentence at a word before any name: it does not know it as an abbreviation."""
    return len(sentencex.segment(language, f"abc {word}. Xyzabc def.")) > 1
