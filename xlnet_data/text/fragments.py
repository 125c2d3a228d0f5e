"""Tells where a splitter cuts though no sentence ends: "i 19. århundrede", "A. Camus", "św. Jan", "1. A point"."""

import re
import unicodedata
from collections.abc import Sequence

from xlnet_data.text.abbreviations import BEFORE_SMALL_LETTERS, BOOKS, goes_on_behind, is_word
from xlnet_data.text.beginners import ARTICLES, BEGINNERS, GERMAN
from xlnet_data.text.dotted_words import is_dotted, is_within_word
from xlnet_data.text.explanations import is_never_last
from xlnet_data.text.list_items import BULLETS, ITEM_CHARS, NAMED_SECTION, SECTION_NUMBER, is_item_within
from xlnet_data.text.months import is_in_date, is_in_time
from xlnet_data.text.quantities import is_in_quantity
from xlnet_data.text.stand_ins import ends_at
from xlnet_data.text.statutes import is_in_statute
from xlnet_data.text.weekdays import is_before_date

_SEEN_CHARS = 32  # of what stands before a stop
_SEEN_PIECES = 8  # of a paragraph
_MAX_DIGITS = 3
"""Digits that a number has at most that stands before a list's entry, and is no year."""

_BEFORE_ORDINAL = re.compile(
    r"de[rnms]|das|die|am|im|vom|zum|zur|beim|an|in|ab|bis|seit|nach|vor|zu|als|für|und|oder|sowie"
    r"|(?:[msd]?ein|kein|ihr|unser|jed|dies)(?:e[rnms]?)?",
    re.IGNORECASE,
)
"""A German word behind which a number with a stop is an ordinal: "am 12." goes on, "waren 12." ends a sentence."""

_VOWELS = "aeiouyæœøıəɛɔаеёиоуыэюяєъіәөүұαεηιουω"
_VOWEL = re.compile(f"[{_VOWELS}]")
_SHORT = re.compile(rf"(?!.*(.)\1)[^\W\d_{_VOWELS}][^\W\d_{_VOWELS}rlрл]?[^\W\d_{_VOWELS}]")
"""A word of two or three consonants, such as "bkz" and "св": no syllable, as r and l can make one, and no "hmm"."""

_REST_OF_DATE = re.compile(r"\d{1,2}\.(?:\s?\d|\s[가-힣])")
_ROMAN = re.compile(r"[IVX]{1,7}")
_IS_LONG = re.compile(r"[/)\]”»\"]\Z|[^\W\d_]{2}\d+\Z|[^\W\d_]{4}[^\W\d_]*[./-]\w|\w[./-][^\W\d_]{4}")
"""The end of a bracket, a name with a number or a path, which is no abbreviation: "IPv4", "cron.d", "apt-get"."""

_RATE = re.compile(r"\d/[^\W\d_]{1,5}\Z")  # "$27/барр."
_ITEM_WITHIN = re.compile(r"\(\w{1,4}\)\s|(?:\d{1,2}|[a-z])\)\s")
"""What counts the parts of a sentence: "by (1) the wind, (2) the rain and (3) the sun"."""

_BEFORE_FORMULAS = re.compile(r"\b(?:[Ee]qs?|[Ff]igs?|[Ss]ecs?|[Rr]efs?)\.\s\Z")  # "Eqs. (4) and (5)"
_WITHOUT_BLANKS = frozenset({"ja", "zh", "yue", "wuu"})
_SMALL_ROMAN = re.compile(r"(?=.)c{0,3}(?:x[cl]|l?x{0,3})(?:i[xv]|v?i{0,3})")
_SMALL_ROMAN_WORD = re.compile(rf"{_SMALL_ROMAN.pattern}[.:,]\s")  # "Rom. viii. 28"
_CLOSES_BRACKET = re.compile(r"\w{1,4}\)")
_BEFORE_NAMES = frozenset({"hu", "tr", "az"})
"""Languages that number kings and wars before their names: "II. Mehmet", "IV. Béla"."""

_TWO_SYLLABLES = re.compile(r"(?<![\u0900-\u0dff])[\u0900-\u0dff]{1,3}\.\s?[\u0900-\u0dff]{1,3}\.\s\Z")
_WITH_DANDA = frozenset({"hi", "bn", "pa", "ne", "as", "or", "sa", "mai", "bho"})
"""Languages of India whose sentences end in a sign of their own, and seldom in a stop."""

_MAX_BOOK = 6  # letters of what is short for a book of the Bible
_VERSE = re.compile(r"(?!(?:[01]\d|2[0-3]):[0-5]\d)\d{1,3}:\d{1,3}(?![\d:])")
"""A chapter and a verse, and no time of the day."""

_CHAPTER = re.compile(r"\d{1,3}:\d{1,3}(?![\d:])")
_MAX_UNIT = 3  # letters of a word that is short for another behind a number: "5 тыс. рублей"
_MARKS = dict.fromkeys(range(0x300, 0x370))
_VOWEL_END = re.compile(r"[aeiouy][a-z]{0,2}\.\s\Z")
_STOPS = ("།", "༎", "。", "！", "？")  # none begins a sentence
_MARK_ALONE = re.compile(r"\.(?:\s|\Z)")  # ". . ."
_GOING_ON = re.compile(r",(?!,)|;|:(?!\d)")  # "Lo Inc., Rome"; a page stands behind a stop and a colon
_BEHIND_NAME = re.compile(r"を|[のが](?=[一-鿿々〆ァ-ヺ])")
"""Japanese particles that begin no sentence: the stop before them is part of a name."""

_REST_OF_ERA = re.compile(r"(?:C|Hr|Kr|Chr|K)\.(?!\w)")
_BEGIN_OF_ERA = re.compile(r"(?<!\w)(?:[adîenvf]|př)\.\s?\Z")
"""The two words of "before Christ" and "after Christ": "44 a. C.", "44 î. Hr."."""

_DATE_ALONE = re.compile(
    r"\s*+(?:We?|Nel(?:l['’]anno)?|En|Em|L['’]any|În|Ve?|U|[УЎВ]|Во|През)\s(?:\d{1,4}\.?|[IVX]{1,6}e?)"
    r"\s(?:[rwгрв]|st|stol|stor|[ad]\. ?C|(?:av|apr?)\. J\.-C|[îd]\. ?Hr|př\. (?:Kr|n\. l))\.\s*+"
)
"""A preposition and a date, which are no sentence: "W 1990 r. Adam wyjechał"."""

OPENING = "([{«»“„\"'‚‘–—"
"""Marks that may stand before a word."""

_BEHIND_MARK = re.compile(
    r"(?:(?:[^\w\s.'’‘‚)\]}/=+°-]|(?<!\w)_|--)['‘]?(?=\w\w)|(?:[(\[{«»“”„\"–—…¿¡*]|(?<!\w)_|--)['‘]?(?=\w\Z)"
    r"|(?<![^\W_])['‘’‚](?=\w\w|[A-Z])|(?:\.|\b[Ee]x)-(?=[A-Z]\w))([^\W\d_]+)\Z"
)
"""A word that a splitter does not know for an abbreviation, since a mark stands before it without a blank: "--Mr.",
"Lt.-Col.". An apostrophe before one letter is none: "to 't."."""


def is_fragment(before: str, pieces: Sequence[str], number: int, language: str) -> bool:
    """Return whether a piece belongs to the sentence before it, since a splitter has cut where no sentence ends.

    Args:
        before: The sentence so far, the white space behind it at its end.
        pieces: A paragraph as the splitter cut it.
        number: Which of its pieces comes next; it is not empty.
        language: A code from `language_code`.

    >>> is_fragment("I 19. ", ["I 19. ", "århundrede kom han."], 1, "da")
    True
    >>> is_fragment("Le A. ", ["Le A. ", "Camus est né."], 1, "fr"), is_fragment("av. J.", ["av. J.", "-C."], 1, "fr")
    (True, True)
    """
    after = pieces[number]
    first = after[0]
    words = before[-_SEEN_CHARS:].split()
    stop = words[-1][-1] if words else ""
    if stop == "." and before[-1].isspace():
        rest = "".join(pieces[number : number + 2])
        if is_never_last(words, language) or is_in_statute(before[-_SEEN_CHARS:], rest, language):
            return True
    if not first.isalnum():
        if _MARK_ALONE.match(after):
            return True
        if _GOING_ON.match(after) or (first in "/{" and not before[-1].isspace()):
            return True
        last = before.rstrip()[-1:]
        if _ITEM_WITHIN.match(after) and (last.isalnum() or last in (",;" if after.rstrip()[-1:] in ".!?" else ",;:")):
            return True
        if after[:1] == "(" and after[1:2].isdecimal() and _BEFORE_FORMULAS.search(before[-_SEEN_CHARS:]):
            return True
        if first == "(" and SECTION_NUMBER.fullmatch(before[-_SEEN_CHARS:]):
            return True
        if first == "(" and stop == "." and before[-1].isspace() and _may_be_short(words[-1][:-1], after[1:2]):
            opened = [*pieces[:number], after[1:], *pieces[number + 1 :]]
            return _goes_on_behind_stop(before, words, opened, number, language)
        return first in _STOPS or (first == "-" and not before[-1].isspace() and after[1:2].isalpha())
    if stop in ("!", "?") or (stop == ";" and language == "el"):
        return before[-1].isspace() and _goes_on_small(pieces, number)
    if _REST_OF_ERA.match(after) and _BEGIN_OF_ERA.search(before[-5:]):
        return True
    if before[-1] in ".．":
        return is_within_word(before, after) or (language in _WITHOUT_BLANKS and is_dotted(before, after))
    if stop == "。":
        return _BEHIND_NAME.match(after) is not None
    if stop != ".":  # the splitter takes "(12.7 cm)" for an item of a list
        seen = before[-ITEM_CHARS:]
        is_within = (stop.isalnum() or stop == ",") and _ITEM_WITHIN.match(after) is not None
        return is_within or (_CLOSES_BRACKET.match(after) is not None and seen.rfind("(") > seen.rfind(")"))
    return _goes_on_behind_stop(before, words, pieces, number, language)


def _goes_on_behind_stop(before: str, words: Sequence[str], pieces: Sequence[str], number: int, language: str) -> bool:
    """Return whether the stop before a piece is that of an abbreviation, an ordinal or an initial, and ends nothing.

    Args:
        before: The sentence so far.
        words: Its last words; the last one ends with the stop.
        pieces: A paragraph as the splitter cut it.
        number: Which of its pieces comes next; it begins with a letter or a number.
        language: A code from `language_code`.
    """
    after = pieces[number]
    first = after[0]
    marked = words[-1][:-1]
    word = marked.lstrip(OPENING)
    previous = words[-2] if len(words) > 1 and words[-2] not in BULLETS else ""
    is_begin = len(before) < _SEEN_CHARS and len(words) < 3
    if len(before) <= _SEEN_CHARS and _DATE_ALONE.fullmatch(before):
        return True
    if goes_on_behind(word, after, language) or is_in_time(word, after, language):
        return True
    if is_in_quantity(before[-_SEEN_CHARS:], after) or (
        is_begin and first.isupper() and NAMED_SECTION.fullmatch(before)
    ):
        return True
    if first.isdecimal() and is_in_date(word, previous, after, language):
        return True
    if first.isdecimal() and is_before_date(word, "".join(pieces[number : number + 3]), language):
        return True
    if first.isdecimal() and len(word) <= _MAX_BOOK and word.istitle() and _is_verse(word, previous, after):
        return True
    if first.isdecimal() and _SMALL_ROMAN.fullmatch(word):  # "John iii. 16", but Swedish "vi. 15 personer"
        return language == "en" or word not in ("i", "vi")
    hidden = None if marked.isalpha() else _BEHIND_MARK.search(marked)
    if hidden and not is_word(hidden[1], language) and not ends_at(hidden[1], language, after[:_SEEN_CHARS]):
        return True
    if not first.islower() and _VOWEL_END.search(before[-6:]):
        return False
    is_unit = previous[-1:].isdecimal() and (len(word) <= _MAX_UNIT or "." in word or not _VOWEL.search(word.lower()))
    if word.isdecimal() and len(word) <= _MAX_DIGITS and is_begin and not previous and first.islower():
        return True  # Estonian "20. saj. alguses"
    if _is_small(first):
        may_be_short = not word.isalpha() or len(word) == 1 or word.isupper() or _is_short(word) or is_unit
        may_be_short |= (
            word.lower() in BEFORE_SMALL_LETTERS.get(language, ()) or _SMALL_ROMAN_WORD.match(after) is not None
        )
        if _RATE.search(marked):
            return _goes_on_small(pieces, number)
        return may_be_short and not _IS_LONG.search(marked) and _goes_on_small(pieces, number)
    if word.isdecimal():
        if len(word) < 3 and is_item_within(int(word), previous, before, after):
            return True
        return _goes_on_behind_number(word, previous, is_begin, pieces[number : number + 2], language)
    is_heading = number == 1 and not previous
    if _ROMAN.fullmatch(word) and (len(word) > 1 or is_heading):
        return first.isupper() and (language in _BEFORE_NAMES or (is_begin and not previous))
    if is_unit and ("." in word or language in _WITH_DANDA) and not first.isupper():  # "5 कि.मी. दूर"
        return True
    if first.isdecimal() and _TWO_SYLLABLES.search(before[-_SEEN_CHARS:]):  # "கி.மு. 44"
        return True
    if not word[-1:].isalpha():
        return False
    if len(word) == 1:
        return _is_initial(word, previous, first, language)
    if word[-2] == "-" and word[-1].isupper():  # "J.-P. Roy", but not "Jell-O"; French writes "J.-C." behind years
        return word != "J.-C" and first.isupper() and (len(word) < 4 or word[-3] == ".")
    if after.split(maxsplit=1)[0].lower() in BEGINNERS.get(language, ARTICLES) - ARTICLES:
        return False
    return not previous[-1:].isdecimal() and _is_short(word) and ends_at(word, language)


def _is_verse(word: str, previous: str, after: str) -> bool:
    """Return whether a chapter and a verse follow a book of the Bible: "Rom. 3:16", "1 Cor. 13:12"."""
    is_book = previous.isdecimal() or previous in ("I", "II") or word in BOOKS
    return (_VERSE if not is_book else _CHAPTER).match(after) is not None


def _is_small(letter: str) -> bool:
    """Return whether a letter is a small one; Georgian's have no capitals to begin a sentence with."""
    return letter.islower() and letter.title() != letter


def _may_be_short(word: str, first: str) -> bool:
    """Return whether a word and a stop before a bracket may be short for another, as in "approx. (in all) ten".

    Args:
        word: The word; no number and no acronym is one.
        first: What the bracket begins with.
    """
    if not _is_small(first) or word == "Ok":
        return False
    return (
        "." in word or not word or (word.isalpha() and (not word[1:].isupper() or _ROMAN.fullmatch(word) is not None))
    )


def _goes_on_small(pieces: Sequence[str], number: int) -> bool:
    """Return whether a piece begins in lower case, unlike "iPad", in a paragraph that is not all written so."""
    begin = pieces[number][:2]
    return _is_small(begin[0]) and not begin[1:].isupper() and _begins_with_capital(pieces)


def _is_initial(letter: str, previous: str, first: str, language: str) -> bool:
    """Return whether a letter and a stop are an initial, or short for a word before a number: "A. Camus", "p. 3".

    Args:
        letter: The letter.
        previous: The word before it, if there is one.
        first: What the next piece begins with.
        language: A code from `language_code`.
    """
    if letter.isupper():
        is_speaker = not previous or (letter == "Q" and previous == "No.")  # "Q. Where? A. No. Q. When?"
        if is_speaker and letter != "I":
            return first.isupper()
        is_of_a_king = letter in "IVX" and len(previous) > 2 and previous[0].isupper()
        return first.isupper() and not is_of_a_king and ends_at(letter, language)
    if letter.title() == letter < "\u2e80":  # of a script without capitals
        return True
    return first.isdecimal() and _VOWEL.search(letter) is None and not previous[-1:].isdecimal()


def _goes_on_behind_number(word: str, previous: str, is_begin: bool, after: Sequence[str], language: str) -> bool:
    """Return whether a number and a stop count what follows, or are part of a date or a German ordinal.

    Args:
        word: The number.
        previous: The word before it, if there is one.
        is_begin: True: both begin a paragraph or sentence.
        after: The next two pieces.
        language: A code from `language_code`.
    """
    first = after[0][0]
    is_behind_number = previous[-1:] == "." and previous[:-1].isdecimal()
    if _REST_OF_DATE.match("".join(after)) or (is_behind_number and (first.isdecimal() or "가" <= first <= "힣")):
        return True
    if is_begin and not previous:
        return len(word) <= _MAX_DIGITS
    if len(word) > 2 or not first.isupper():
        return False
    if language == "hu":
        return previous.lower() in ("a", "az")
    if language in _BEFORE_NAMES:  # "bu 3. Ordu", but "Ek 3."
        return (previous.islower() and previous.isalpha()) or previous in ("Bu", "O")
    if language not in GERMAN or not _BEFORE_ORDINAL.fullmatch(previous):
        return False
    return after[0].split(maxsplit=1)[0].lower() not in BEGINNERS[language]


def _begins_with_capital(pieces: Sequence[str]) -> bool:
    """Return whether one of a paragraph's first pieces begins with a capital letter: not all is written small."""
    firsts = (
        next((letter for letter in piece[:_SEEN_CHARS] if letter.isalpha()), "") for piece in pieces[:_SEEN_PIECES]
    )
    return any(map(str.isupper, firsts))


def _is_short(word: str) -> bool:
    """Return whether a word has no syllable, and so stands for another.

    >>> [_is_short(word) for word in ("św", "Bkz", "krk", "lớn", "hmm", "BBC")]
    [True, True, False, False, False, False]
    """
    if not (word.islower() or word.istitle()) or len(word) > 3 or max(word) > "\u052f":  # Latin, Greek, Cyrillic
        return False
    return _SHORT.fullmatch(unicodedata.normalize("NFD", word.lower()).translate(_MARKS)) is not None
