"""Splits a document into paragraphs and sentences, by sentencex, whose cost on long text is bounded here."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import sentencex

from xlnet_data.errors import ConfigError
from xlnet_data.text.abbreviations import split_at_words
from xlnet_data.text.beginners import GERMAN, may_begin
from xlnet_data.text.doubts import doubtful_paragraphs
from xlnet_data.text.fragments import OPENING, ends_at
from xlnet_data.text.list_items import has_marked_items, segment_item, split_items
from xlnet_data.text.quotations import join_pieces, split_behind_marks, tell_marks_apart

MAX_PARAGRAPH_CHARS = 8192
"""Characters that sentencex sees at once, at most. It takes time that grows with the square of the length on text
without white space: 55 ms for 10,000 characters of Chinese in short sentences, 4.6 s for 100,000. English paragraphs
rarely pass 3,000."""

_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{1,8})*", re.IGNORECASE)
_WIDE_SPACES = "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""White space that UTF-8 has in more than one byte."""

_SPACED_STOP = re.compile(rf"\.(?<=[{_WIDE_SPACES}]\.)")  # a search for a stop is quick, one for white space is not
_INITIAL = re.compile(rf"\b[^\W\d_]\s*[{_WIDE_SPACES}](?=\.)")
"""A letter and such white space before a stop: sentencex looks whether the letter is an initial, and panics."""

_STOPS = (". ", "! ", "? ", "。", "！", "？", "। ", "؟ ", "۔ ", "።", "။", "។", "། ")
"""A paragraph that is too long is cut after one of these, if it has any."""

_UNKNOWN_STOPS = "។៕།༎༏⳹⳺⳻"
"""Stops of Khmer, Tibetan and Old Nubian, at which sentencex ends no sentence."""

_TOLD_STOPS = str.maketrans(dict.fromkeys(_UNKNOWN_STOPS, "။"))

_ELLIPSIS = re.compile(r"(?<!\A)(?<![.!?]\s)(?<![\[(])…(?=(?:\s?[\"'”’»)\]])*\s+[—–-]?\s?[\"'“‘„«¿¡(\[]*(\w+))")
"""Dots behind which a word stands: sentencex knows three of them, and goes on behind their one sign."""

_LEFT_OF_WORDS = r"(?=(?:\d\ds?|[Tt](?:is|was|were|will|il)|em|n|[Cc]ause|[Bb]out|[Rr]ound)\b)"
_ELIDED = {mark: re.compile(rf"{mark}(?<= {mark}){_LEFT_OF_WORDS}") for mark in "'‘"}
"""Apostrophes that stand for the beginning of a word, as in "the '90s": sentencex takes them for the beginnings of
quotations. A search for one character is quick."""

_APOSTROPHE = "\2"
"""What stands for them while sentencex looks."""

_BROKEN_OFF = re.compile(
    r"(?<=[…—―─])[…—―─](?:(?=[”’」』]{1,2}[㐀-鿿ぁ-ヿ])|(?<=\S……)(?=[”’」』]{0,2}\s+[“‘「『《（]?[㐀-鿿ぁ-ヿ]))"
)
"""The last dots or dash of a Chinese or Japanese speech that is broken off, and dots with a blank behind them alone:
sentencex goes on behind them."""

_KOREAN_DOTS = re.compile(r"…(?<=[가-힣]다…)(?=\s)|…(?<=[가-힣]다……)(?=\s)")
"""Dots behind the ending of a Korean statement: sentencex goes on behind them."""

_SMALL_BEHIND_STOP = re.compile(r"(?<=。)[a-z\d]|(?<=。 )[a-z\d]")
"""What begins a sentence of Chinese or Japanese, too, before which sentencex goes on: "です。gzip は", "16 人"."""

_COUNTING = GERMAN | {"da", "fi", "cs", "sk", "ca", "kk"}
"""Languages in which sentencex ends no sentence before a number."""

_BEFORE_NUMBER = re.compile(r"[.!?]([“”\"»«’‘]?\s)\d(?=\d{0,2}\.?\s[^\W\d_])")
"""What may end a sentence, a closing mark, the blank, and the first digit of a number that counts what follows, as an
item of a list does, and is no year."""

_SMALL, _VOWELS = "a-zß-öø-ÿā-žа-я\u0450-\u04ff", "aeiouyäöüåæøà-ïò-öù-ýěůаеёиоуыэіюяәөұү"
_PLAIN_WORD = re.compile(rf"(?=.*[{_SMALL}]{{4}}\Z)(?!.*[^{_VOWELS}l]l\Z).*[{_VOWELS}].{{0,2}}t?")
"""A word of four letters or more that ends with a syllable, and so is short for no other as "tägl." is."""

_SHORT_NAMES = """
mind insges ungef umger gegr gest verh verst zerst überl ehem gegenw verf verw verb bearb herausg übers
abteil aufg beisp beitr diagr eröff jahresber monogr notenbeisp posit schül teiln veröff zirk
celk vähint aprox núms
"""
_SHORT_FOR_OTHERS = frozenset(_SHORT_NAMES.split())
"""Such words that sentencex does not know for abbreviations."""

_AND_SO_ON = "။ល။", "។ល။"
"""Khmer for "and so on", whose first stop ends nothing."""

_HEBREW_SIGNS = re.compile('(?<=[א-ת])"(?=[א-ת])'), "״"
_ETHIOPIC_SIGNS = re.compile("(?<=[፡:])[፡:]"), "።"
_UNKNOWN_SIGNS = {"he": _HEBREW_SIGNS, "yi": _HEBREW_SIGNS, "am": _ETHIOPIC_SIGNS, "ti": _ETHIOPIC_SIGNS}
"""By language: a sign that sentencex takes for another, and what it knows it by: Hebrew abbreviations often hold a
plain quotation mark, and many write an Ethiopic stop as two of the signs that part words."""


def language_code(language: str) -> str:
    """Return the code by which sentencex knows a language.

    Region and script are cut off and capitals lowered, because sentencex takes ``de-AT`` or ``DE`` for a language that
    it does not know. Such a language is split by the rules of a related one if sentencex names one (``gsw`` by those
    of ``de``), else by general rules for stops; sentencex does not tell which languages those are.

    Args:
        language: A language code (ISO 639), with region or script or without.

    Raises:
        ConfigError: It does not have the form of a language code.

    >>> language_code("de-AT"), language_code("en")
    ('de', 'en')
    """
    match = _LANGUAGE.fullmatch(language)
    if match is None:
        raise ConfigError(f"unknown language {language!r}: give its code of two or three letters, such as 'en' or 'de'")
    return match[1].lower()


def split_document(text: str, language: str, is_sentence_per_line: bool) -> tuple[list[str], list[int]]:
    r"""Split a document into sentences, without empty ones and without white space around them.

    Args:
        text: Paragraphs, separated by one or more lines that are empty or white space.
        language: A code from `language_code`.
        is_sentence_per_line: True: each line is a sentence. False: a line break is white space.

    Returns:
        The sentences, and how many of them each paragraph has, at least 1.

    >>> split_document("Mr. Lo came. He left.\n\nThe end.", "en", is_sentence_per_line=False)
    (['Mr. Lo came.', 'He left.', 'The end.'], [2, 1])
    >>> split_document("one line\nanother. line\n \n\nlast", "en", is_sentence_per_line=True)
    (['one line', 'another. line', 'last'], [2, 1])
    """
    sentences, sizes, _ = split_documents([text], language, is_sentence_per_line)
    return sentences, sizes


def split_documents(
    texts: Iterable[str], language: str, is_sentence_per_line: bool
) -> tuple[list[str], list[int], list[int]]:
    r"""Split documents as `split_document` does, all at once: many short ones take less time so.

    Returns:
        The sentences of all documents; how many of them each paragraph has, at least 1; how many each document has.

    >>> split_documents(["One. Two.\n\nThree.", "", "Four."], "en", is_sentence_per_line=False)
    (['One.', 'Two.', 'Three.', 'Four.'], [2, 1, 1], [3, 0, 1])
    """
    parts: list[list[str]] = []
    bounds = [0]
    for text in texts:
        if is_sentence_per_line:
            parts += [paragraph.split("\n") for paragraph in _PARAGRAPH_BREAK.split(text)]
        else:
            parts += _split_paragraphs(text, language)
        bounds.append(len(parts))
    if not is_sentence_per_line:
        for number in doubtful_paragraphs(parts, language):
            joined = split_at_words(join_pieces(split_items(parts[number], language), language), language)
            parts[number] = split_behind_marks(joined, language)
    sizes = list(map(len, parts))
    sentences = list(map(str.strip, itertools.chain.from_iterable(parts)))
    if not all(sentences):
        remaining = iter(sentences)
        sizes = [sum(map(bool, itertools.islice(remaining, size))) for size in sizes]
    ends = list(itertools.accumulate(sizes, initial=0))
    counts = [ends[last] - ends[first] for first, last in itertools.pairwise(bounds)]
    return list(filter(None, sentences)), list(filter(None, sizes)), counts


def replace_surrogates(text: str) -> str:
    r"""Return the text with halves of surrogate pairs, which JSON can hold and UTF-8 cannot, made U+FFFD.

    >>> replace_surrogates("a\ud800b")
    'a\ufffdb'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _split_paragraphs(text: str, language: str) -> list[list[str]]:
    """Return what sentencex makes of each paragraph."""
    has_unknown_stops = has_small = False
    segment: Callable[[str, str], list[str]] = sentencex.segment
    if not text.isascii():
        if _SPACED_STOP.search(text):
            text = _INITIAL.sub(lambda initial: f"{initial[0][:-1]} ", text)
        has_unknown_stops = any(stop in text for stop in _UNKNOWN_STOPS)
        has_small = "。" in text and _SMALL_BEHIND_STOP.search(text) is not None
    if has_unknown_stops or has_small or language in _UNKNOWN_SIGNS or "”" in text or "»" in text or "…" in text:
        segment = partial(_segment_told, has_unknown_stops=has_unknown_stops)
    if has_marked_items(text):
        segment = partial(segment_item, segment)
    paragraphs = _PARAGRAPH_BREAK.split(text)
    plain = _mark_elided(text, paragraphs) if language == "en" else {}
    if language in _COUNTING and _BEFORE_NUMBER.search(text):
        plain = _mark_numbers(paragraphs, language)
    try:
        parts = [
            segment(language, paragraph)
            if len(paragraph) <= MAX_PARAGRAPH_CHARS
            else [piece for part in _cut(paragraph) for piece in segment(language, part)]
            for paragraph in paragraphs
        ]
    except UnicodeEncodeError:  # sentencex takes UTF-8
        return _split_paragraphs(replace_surrogates(text), language)
    for number, paragraph in plain.items():
        parts[number] = _cut_alike(paragraph, parts[number])
    return parts


def _mark_elided(text: str, paragraphs: list[str]) -> dict[int, str]:
    r"""Replace, in a text's paragraphs, apostrophes that stand for the beginning of a word, as in 'Twas and '90s.

    Returns:
        The paragraphs that were changed, as they were before, by their number.

    >>> paragraphs = ["Where?", "It's the '90s. 'Where?' he asked."]
    >>> _mark_elided("\n\n".join(paragraphs), paragraphs), paragraphs[1].replace(_APOSTROPHE, "*")
    ({1: "It's the '90s. 'Where?' he asked."}, "It's the *90s. 'Where?' he asked.")
    """
    plain: dict[int, str] = {}
    for mark, elided in _ELIDED.items():
        if mark in text and elided.search(text):
            for number, paragraph in enumerate(paragraphs):
                if mark in paragraph and elided.search(paragraph):
                    plain.setdefault(number, paragraph)
                    paragraphs[number] = elided.sub(_APOSTROPHE, paragraph)
    return plain


def _mark_numbers(paragraphs: list[str], language: str) -> dict[int, str]:
    """Replace, in paragraphs, the first digit of each number that begins a sentence, and the stop before it.

    Returns:
        The paragraphs that were changed, as they were before, by their number.

    >>> paragraphs = ["Am 5. Mai.", "Er kam spät. 15 Gäste gingen. Abb. 3 ist alt."]
    >>> _mark_numbers(paragraphs, "de").keys(), paragraphs[1]
    (dict_keys([1]), 'Er kam spät! A5 Gäste gingen. Abb. 3 ist alt.')
    """
    plain: dict[int, str] = {}

    def begin(found: re.Match[str]) -> str:
        word = found.string[max(found.start() - 24, 0) : found.start()].split()[-1:]
        return f"!{found[1]}A" if word and (found[0][0] != "." or _is_plain(word[0], language)) else found[0]

    for number, paragraph in enumerate(paragraphs):
        told = _BEFORE_NUMBER.sub(begin, paragraph)
        if told != paragraph:
            plain[number], paragraphs[number] = paragraph, told
    return plain


def _is_plain(word: str, language: str) -> bool:
    word = word.strip(OPENING)
    return _PLAIN_WORD.fullmatch(word) is not None and word.lower() not in _SHORT_FOR_OTHERS and ends_at(word, language)


def _cut_alike(text: str, pieces: list[str]) -> list[str]:
    """Return the parts of a text that are as long as some pieces."""
    ends = list(itertools.accumulate(map(len, pieces)))
    return [text[begin:end] for begin, end in itertools.pairwise([0, *ends])]


def _segment_told(language: str, text: str, has_unknown_stops: bool) -> list[str]:
    """Return what sentencex makes of a text, which takes ”this” for the end of two quotations, and ។ for no stop."""
    told = tell_marks_apart(text)
    if "……" in told or "——" in told or "――" in told or "──" in told:
        told = _BROKEN_OFF.sub("！", told)
    if "。" in told:
        told = _SMALL_BEHIND_STOP.sub("A", told)
    if language == "ko":
        told = _KOREAN_DOTS.sub("!", told)
    if "…" in told:
        told = _ELLIPSIS.sub(lambda found: "!" if may_begin(found[1], language) else "…", told)
    if has_unknown_stops:
        told = told.translate(_TOLD_STOPS).replace(*_AND_SO_ON)
    if language in _UNKNOWN_SIGNS:
        signs, known = _UNKNOWN_SIGNS[language]
        told = signs.sub(known, told)
    pieces: list[str] = sentencex.segment(language, told)
    return pieces if told is text or told == text else _cut_alike(text, pieces)


def _cut(paragraph: str) -> Iterator[str]:
    """Yield parts of at most MAX_PARAGRAPH_CHARS, cut after a stop, else at white space, else anywhere.

    Every cut becomes a sentence end, so a stop in the part's second half is the best place for it.
    """
    start = 0
    while len(paragraph) - start > MAX_PARAGRAPH_CHARS:
        middle, end = start + MAX_PARAGRAPH_CHARS // 2, start + MAX_PARAGRAPH_CHARS
        cut = max(found + len(stop) if (found := paragraph.rfind(stop, middle, end)) >= 0 else -1 for stop in _STOPS)
        if cut < 0:
            cut = max(paragraph.rfind(white, middle, end) for white in " \n\t\u3000") + 1
        cut = cut if cut > 0 else end
        yield paragraph[start:cut]
        start = cut
    yield paragraph[start:]
