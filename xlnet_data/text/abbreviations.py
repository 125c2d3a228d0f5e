"""Knows words at which a splitter is wrong: Swedish "hon." is no abbreviation, and Russian "рис." is one."""

import re
from collections.abc import Iterator
from functools import cache

_WORDS = {
    "en": "me no may etc No",
    "sv": "hon det ut min ord art del maj jul m.m etc",
    "da": "da ned din del m.m osv",
    "no": "det ut min art del m.m",
    "nb": "det ut min art del m.m",
    "de": "Art usw etc u.s.w",
    "fr": "art etc",
    "es": "no mar etc No",
    "it": "no me te via mai re sol ecc No",
    "nl": "al enz etc",
    "cs": "tu atd",
    "sk": "atď",
    "pl": "itp itd",
    "fi": "jne",
    "tr": "o sen al ver no vb",
    "hu": "nem stb",
    "el": "κ.λπ κ.τ.λ",
    "ru": "т._д т._п т.д т.п и_др и_пр",
    "uk": "т._д т._п т.д т.п та_ін",
    "lt": "t._t t.t",
    "ro": "etc",
    "vi": "v.v",
    "ca": "no mar art etc No",
    "et": "me",
}
"""By language: words that sentencex takes for abbreviations and goes on behind, though most end a sentence: they are
words of their own, or end lists, as "usw." does; "_" stands for a blank. "No" begins a sentence."""

_BEFORE_NUMBERS = {
    "fr": "t chap fig pl no tab col op",
    "es": "aprox ed tab col op lib",
    "pt": "pág vol cap séc págs pp ed tel tab aprox máx",
    "it": "pag fig tav pagg tab",
    "pl": "rys zob tab ok tel godz ur zm rozdz art ust poz par vol",
    "ro": "et ap pag cap vol tab tel alin lit ed",
    "sv": "kap fig sid tab tel avd vol",
    "da": "kap fig",
    "no": "kap fig tab tlf",
    "nb": "kap fig tab tlf",
    "is": "bls",
    "hu": "ld vö old ábr tel köt évf",
    "tr": "şek s m.ö m.s tab cilt tel mad",
    "ru": "рис гл табл стр вып разд изд корп оф ок прим",
    "uk": "рис мал табл стор розд тел",
    "el": "εικ σελ αρ κεφ τηλ παρ πίν",
    "id": "hlm bab tel jil",
    "hi": "रु सं",
    "th": "พ.ศ ค.ศ",
    "en": "vol vols chap figs eq ed para par approx est tel",
    "nl": "afb tel tab",
    "hr": "tab tel",
    "sr": "таб тел",
}
"""By language: abbreviations that sentencex does not know, behind which a number stands."""

_BEFORE_WORDS = {
    "fr": "Mme Mlle Ste Mgr op",
    "es": "Dña",
    "nl": "mevr",
    "de": "Fa geb",
    "it": "on",
    "pt": "Av Profa Exmo Exma",
    "ca": "Av",
    "pl": "inż hab gen por płk mjr",
    "hu": "özv ún ford",
    "tr": "Av Doç Yrd örn Cad Sok Sn",
    "ru": "им оз пос",
    "el": "καθ δηλ",
    "vi": "TP GS TS PGS ThS",
    "ar": "أ.د",
    "hi": "डॉ प्रो पं श्री एम एन एल एस आर के बी सी डी वी टी एच एफ जे यू",
    "mr": "डॉ प्रो श्री",
    "ne": "डा प्रा श्री",
    "bn": "ড ডা মো",
    "ta": "திரு",
    "te": "డా",
    "th": "ดร ศ รศ ผศ",
}
"""By language: abbreviations that sentencex does not know, behind which a name or another word stands; those in small
letters may begin with a capital."""

GERMAN = frozenset({"de", "gsw", "lb", "nds", "bar"})
"""Languages whose nouns are capital, so that a capital letter behind "am 19." begins no sentence for certain."""

_NO_NOUNS = """
der die das den dem des er sie es wir ich man ein eine einen einem einer in im am an auf bei mit nach seit von vom zu
zum zur als wenn dann danach dort hier da auch aber und doch so sein seine ihr ihre diese dieser dieses für aus
"""
BEGINNERS = frozenset(_NO_NOUNS.split())
"""German words that stand behind no ordinal, and begin most sentences behind a number."""

_ROMAN_NUMBER = re.compile(r"[IVXLC]+(?![\w'’])")
_BEGINNING = (r"(?<=\A{}\.)", r"(?<=[\0\1“„\"'«¿—–]{}\.)", r"(?<=[—–]\s{}\.)")
_NEGATION = "No"  # before a Roman number it is short for "number" even here
_NO_LIST = r"(?!\s+[IVXLC]+[.,;:)])"


def may_begin(word: str, language: str) -> bool:
    """Return whether a word begins a sentence behind what may end one, by its capital and its language.

    >>> [may_begin(word, "de") for word in ("Dann", "Brot")], [may_begin(word, "en") for word in ("Then", "I", "so")]
    ([True, False], [True, False, False])
    """
    if language in GERMAN:
        return word[0].isupper() and word.lower() in BEGINNERS
    return word[0].isupper() and (word != "I" or language != "en")


def split_at_words(pieces: list[str], language: str) -> list[str]:
    """Return the sentences of a paragraph, cut behind such words too where a capital letter follows.

    What they are short for stands before a number or a small letter: "no. 5".

    >>> split_at_words(["Det var hon. Sedan kom de."], "sv"), split_at_words(["See no. 5."], "en")
    (['Det var hon.', ' Sedan kom de.'], ['See no. 5.'])
    """
    sentences: list[str] = []
    for piece in pieces:
        begin = 0
        for found in word_ends(piece, language):
            if piece[found.end() : found.end() + 1].isupper():
                sentences.append(piece[begin : found.start() + 1])
                begin = found.start() + 1
        sentences.append(piece[begin:])
    return sentences


def goes_on_behind(word: str, after: str, language: str) -> bool:
    """Return whether a sentence goes on behind a word and a stop, since the word is short for another.

    >>> goes_on_behind("рис", "3 показан", "ru"), goes_on_behind("рис", "Потом", "ru"), goes_on_behind("t", "II.", "fr")
    (True, False, True)
    """
    word = word[max(word.rfind("'"), word.rfind("’")) + 1 :]  # "l'on. Rossi"
    numbers, words = _abbreviations_of(language)
    if after[0].isdecimal() or _ROMAN_NUMBER.match(after):
        return word.lower() in numbers
    return after[0].isalpha() and not words.isdisjoint((word, word[:1].lower() + word[1:]))


@cache
def _abbreviations_of(language: str) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(_BEFORE_NUMBERS.get(language, "").split()), frozenset(_BEFORE_WORDS.get(language, "").split())


def word_ends(text: str, language: str) -> Iterator[re.Match[str]]:
    """Yield the stop and the white space behind each word at which `split_at_words` may cut."""
    return _end_pattern(language).finditer(text)


def doubtful_words(text: str, language: str) -> Iterator[re.Match[str]]:
    """Yield the stops behind the words at which sentences may have to be cut, or joined behind a plain syllable."""
    return _doubt_pattern(language).finditer(text)


@cache
def _end_pattern(language: str) -> re.Pattern[str]:
    return re.compile(rf"\.(?:{'|'.join(_cut_behind(language)) or '(?!)'})\s+[“„«»”\"'(]?")


@cache
def _doubt_pattern(language: str) -> re.Pattern[str]:
    words = _BEFORE_WORDS.get(language, "").split()
    behind = [rf"(?<={re.escape(case)}\.)" for word in words for case in {word, word[0].upper() + word[1:]}]
    return re.compile(rf"\.(?:{'|'.join([*_cut_behind(language), *sorted(behind)]) or '(?!)'})")


def _cut_behind(language: str) -> list[str]:
    """Return the patterns of what stands before a place where `split_at_words` may cut."""
    words = [re.escape(word.replace("_", " ")) for word in _WORDS.get(language, "").split()]
    within = [rf"(?<=\s{word}\.)" for word in words if word != _NEGATION]
    if language in GERMAN:
        beginners = "|".join(word.title() for word in sorted(BEGINNERS))
        within += [rf"(?<=[a-zäöüß]\s[IVX]{{{length}}}\.)(?=\s+(?:{beginners})\b)" for length in range(1, 6)]
    return within + [begin.format(_NEGATION) + _NO_LIST for begin in _BEGINNING if _NEGATION in words]
