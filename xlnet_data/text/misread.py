"""Replaces characters that sentencex takes for what they are not, in what it sees of a paragraph."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from xlnet_data.text.beginners import GERMAN, may_begin
from xlnet_data.text.fragments import OPENING
from xlnet_data.text.mixed_marks import mark_replacements
from xlnet_data.text.stand_ins import ends_at
from xlnet_data.text.titles import title_pattern

_WIDE_SPACES = "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""White space that UTF-8 has in more than one byte."""

_SPACED_STOP = re.compile(rf"\.(?<=[{_WIDE_SPACES}]\.)")  # a search for a stop is quick, one for white space is not
_INITIAL = re.compile(rf"\b[^\W\d_]\s*[{_WIDE_SPACES}](?=\.)")
"""A letter and such white space before a stop: sentencex looks whether the letter is an initial, and panics."""

_UNKNOWN_STOPS = "។៕།༎༏⳹⳺⳻"
"""Stops of Khmer, Tibetan and Old Nubian, at which sentencex ends no sentence."""

_TOLD_STOPS = str.maketrans(dict.fromkeys(_UNKNOWN_STOPS, "။"))

_ELLIPSIS = re.compile(
    r"…(?<!\A…)(?<![.!?]\s…)(?<![\[(]…)(?=(?:\s?[\"'”’»“‘«‹›_)\]])*\s+[—–-]?\s?[\"'“‘„«»‹›‚_¿¡(\[]*(\w+))"
)
"""Dots behind which a word stands: sentencex knows three of them, and goes on behind their one sign."""

_LEFT_OF_WORDS = r"(?=(?:\d\ds?|[Tt](?:is|was|were|will|il)|em|n|[Cc]ause|[Bb]out|[Rr]ound)\b)"
_ELIDED = {mark: re.compile(rf"{mark}(?<= {mark}){_LEFT_OF_WORDS}") for mark in "'‘"}
"""Apostrophes that stand for the beginning of a word, as in "the '90s": sentencex takes them for the beginnings of
quotations. A search for one character is quick."""

_CLICK = re.compile(r"!(?<=[\s(]!)(?=[^\W\d_])")
"""What stands for a click in names of southern Africa's languages, as in "the !Kung": it ends nothing."""

_WITHIN_SENTENCE = re.compile(
    r"\n(?:(?=\.\s)|(?<=[\w,”\"’'»]\n)(?:(?=\d{3,4}[.)])|(?=[(（]\w{1,4}[)）]\s)|(?=v\.\s[A-Z])|(?<=\d\n)(?=[lsd]\.\s)))"
)
"""The end of a line before spaced dots, or within a sentence before a year that ends it, a short bracket, the "v." of a
lawsuit or old money: sentencex takes such lines for items of a list."""

_APOSTROPHE = "\2"
"""What stands for them while sentencex looks."""

_BROKEN_OFF = re.compile(
    r"(?<=[…—―─])[…—―─](?:(?=[”’」』]{1,2}[㐀-鿿ぁ-ヿ])|(?<=\S……)(?=[”’」』]{0,2}\s+[“‘「『《（]?[㐀-鿿ぁ-ヿ]))"
)
"""The last dots or dash of a Chinese or Japanese speech that is broken off, and dots with a blank behind them alone:
sentencex goes on behind them."""

_KOREAN_DOTS = re.compile(r"…(?<=[가-힣]다…)(?=\s)|…(?<=[가-힣]다……)(?=\s)")
"""Dots behind the ending of a Korean statement: sentencex goes on behind them."""

_SMALL_BEHIND_STOP = re.compile(r"(。 ?)[a-z\d]")
"""What begins a sentence of Chinese or Japanese, too, before which sentencex goes on: "です。gzip は", "16 人"."""

_COUNTING = GERMAN | {"da", "fi", "cs", "sk", "ca", "kk"}
"""Languages in which sentencex ends no sentence before a number."""

_BEFORE_NUMBER = [re.compile(rf"{stop}([“”\"»«’‘]?\s)\d(?=\d{{0,2}}\.?\s[^\W\d_])") for stop in ("!", r"\?", r"\.")]
"""What may end a sentence, a closing mark, the blank, and the first digit of a number that counts what follows, as an
item of a list does, and is no year. A search for one character is quick, so each stop has a pattern of its own."""

_SMALL, _VOWELS = "a-zß-öø-ÿā-žа-я\u0450-\u04ff", "aeiouyäöüåæøà-ïò-öù-ýěůаеёиоуыэіюяәөұү"
_PLAIN_WORD = re.compile(rf"(?=.*[{_SMALL}]{{4}}\Z)(?!.*[^{_VOWELS}l]l\Z).*[{_VOWELS}].{{0,2}}t?")
"""A word of four letters or more that ends with a syllable, and so is short for no other as "tägl." is."""

_SHORT_WORDS = """
mind insges ungef umger gegr gest verh verst zerst überl ehem gegenw verf verw verb bearb herausg übers
abteil aufg beisp beitr diagr eröff jahresber monogr notenbeisp posit schül teiln veröff zirk
celk vähint aprox núms
"""
_SHORT_FOR_OTHERS = frozenset(_SHORT_WORDS.split())
"""Such words that sentencex does not know for abbreviations."""

_AND_SO_ON = "။ល။", "។ល။"
"""Khmer for "and so on", whose first stop ends nothing."""

_HEBREW_SIGNS = re.compile('(?<=[א-ת])"(?=[א-ת])'), "״"
_ETHIOPIC_SIGNS = re.compile("(?<=[፡:])[፡:]"), "።"
_UNKNOWN_SIGNS = {"he": _HEBREW_SIGNS, "yi": _HEBREW_SIGNS, "am": _ETHIOPIC_SIGNS, "ti": _ETHIOPIC_SIGNS}
"""By language: a sign that sentencex takes for another, and what it knows it by: Hebrew abbreviations often hold a
plain quotation mark, and many write an Ethiopic stop as two of the signs that part words."""


def replace_misread(paragraphs: list[str], language: str) -> list[str]:
    """Return paragraphs with other characters where sentencex takes some for what they are not.

    Each is as long as before, and the same object if nothing is replaced.
    """
    for mark, replace in _replacements("\n\n".join(paragraphs), language):
        paragraphs = [replace(paragraph) if mark in paragraph else paragraph for paragraph in paragraphs]
    return paragraphs


def _replacements(text: str, language: str) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield what replaces characters of a text's paragraphs, as far as any needs it, and a sign that all those hold."""
    if language == "en" and any(mark in text and elided.search(text) for mark, elided in _ELIDED.items()):
        yield "", _mark_elided
    titles = title_pattern(language)
    if titles and titles.search(text):
        yield "", partial(titles.sub, "_")
    if language in _COUNTING:
        yield "", partial(_mark_numbers, language=language)
    if _WITHIN_SENTENCE.search(text):
        yield "\n", partial(_WITHIN_SENTENCE.sub, " ")
    if "!" in text and _CLICK.search(text):
        yield "!", partial(_CLICK.sub, "A")
    yield from mark_replacements(text)
    if text.isascii():
        return
    if _SPACED_STOP.search(text):
        yield ".", _mark_initials
    if _is_broken_off(text):
        yield "", lambda paragraph: _BROKEN_OFF.sub("！", paragraph) if _is_broken_off(paragraph) else paragraph
    if "。" in text:
        yield "。", partial(_SMALL_BEHIND_STOP.sub, r"\1A")
    if language == "ko":
        yield "…", partial(_KOREAN_DOTS.sub, "!")
    if "…" in text:
        yield "…", partial(_mark_dots, language=language)
    if any(stop in text for stop in _UNKNOWN_STOPS):
        yield "", lambda paragraph: paragraph.translate(_TOLD_STOPS).replace(*_AND_SO_ON)
    if language in _UNKNOWN_SIGNS:
        signs, known = _UNKNOWN_SIGNS[language]
        yield "", partial(signs.sub, known)


def _mark_elided(paragraph: str) -> str:
    """Return a paragraph in which other characters stand for apostrophes that begin words, as in 'Twas and '90s.

    >>> _mark_elided("It's the '90s. 'Where?' he asked.").replace(_APOSTROPHE, "*")
    "It's the *90s. 'Where?' he asked."
    """
    for mark, elided in _ELIDED.items():
        if f" {mark}" in paragraph:
            paragraph = elided.sub(_APOSTROPHE, paragraph)
    return paragraph


def _mark_initials(paragraph: str) -> str:
    """Return a paragraph in which a blank of one byte stands behind what may be an initial."""
    if not _SPACED_STOP.search(paragraph):
        return paragraph
    return _INITIAL.sub(lambda initial: f"{initial[0][:-1]} ", paragraph)


def _is_broken_off(text: str) -> bool:
    """Return whether two dots or dashes stand side by side in a text; looking for one of them first is quick."""
    return any(sign in text and 2 * sign in text for sign in "…—―─")


def _mark_dots(paragraph: str, language: str) -> str:
    """Return a paragraph in which another mark stands for the dots behind which a sentence begins.

    >>> _mark_dots("He went… The… end.", "en")
    'He went! The… end.'
    """
    return _ELLIPSIS.sub(lambda dots: "!" if may_begin(dots[1], language) else "…", paragraph)


def _mark_numbers(paragraph: str, language: str) -> str:
    """Return a paragraph in which a capital letter begins each number that begins a sentence, behind another stop.

    >>> _mark_numbers("Er kam spät. 15 Gäste gingen. Abb. 3 ist alt.", "de")
    'Er kam spät! A5 Gäste gingen. Abb. 3 ist alt.'
    """

    def begin(found: re.Match[str]) -> str:
        word = found.string[max(found.start() - 24, 0) : found.start()].split()[-1:]
        return f"!{found[1]}A" if word and (found[0][0] != "." or _is_plain(word[0], language)) else found[0]

    for pattern in _BEFORE_NUMBER:
        paragraph = pattern.sub(begin, paragraph)
    return paragraph


def _is_plain(word: str, language: str) -> bool:
    word = word.strip(OPENING)
    return _PLAIN_WORD.fullmatch(word) is not None and word.lower() not in _SHORT_FOR_OTHERS and ends_at(word, language)
