"""Guesses in which encoding a text is written whose letters above ASCII are one byte each, and says how sure that is.

Each language and each encoding that it was written in is tried: the letters above ASCII must be the language's, small
ones within words of small letters, and marks of quotation must stand where such marks stand.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_MAX_MARKS = 3000  # bytes above ASCII that are looked at
_STRAY_FRAC = 0.001  # of a text: so few bytes above ASCII may be dirt
_MIN_SCORE, _MIN_LEAD = 0.8, 0.1
_FEW_FRAC = 0.2  # of the bytes above ASCII: encodings that differ in so few are alike
_LEAD_OF_ALIKE = 0.4  # where they differ
_WORDS_COUNT = 0.1  # in favour of the languages whose frequent words the text has most of
_RARITY_COUNTS = 0.15  # against what only DOS and old Macintoshes wrote

_WESTERN = ("cp1252", "mac-roman", "cp850", "cp437")
_CENTRAL = ("cp1250", "iso8859-2", "cp852", "mac-latin2")
_BALTIC = ("cp1257", "cp775")
_OF_DOS = ("cp437", "cp737", "cp775", "cp850", "cp852", "cp857")
_CYRILLIC = ("cp1251", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic")
_GREEK = ("cp1253", "iso8859-7", "cp737", "mac-greek")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
"""Vietnamese marks, which its encoding writes behind their letters."""

_TURKISH = ("cp1254", "cp857", "mac-turkish")


@dataclass(frozen=True)
class _Language:
    """What a language's texts are told by.

    Attributes:
        encodings: In which it was written, the most common one first.
        letters: Small letters above ASCII.
        words: Frequent words without such letters.
    """

    encodings: tuple[str, ...]
    letters: str
    words: str


_LANGUAGES = (
    _Language(_WESTERN, "éèêëïîôöüçñáíóúàâäæœå", "the of and to in is was that it with for his he not"),
    _Language(_WESTERN, "éèêëàâîïôûùçœæüÿñ", "le la les de des et un une est dans que qui pour du au il ne"),
    _Language(_WESTERN, "äöüßéèàáê", "der die und das ist nicht ein mit von zu den er sie auf es im eine"),
    _Language(_WESTERN, "áéíóúñü", "el la de que los en un una por con las del se su no y"),
    _Language(_WESTERN, "áâãàéêíóôõúçü", "o de que e do da em um uma com os para se no na as"),
    _Language(_WESTERN, "àèéìòóùîíú", "il di che la e un per non con del una sono si le i"),
    _Language(_WESTERN, "éëïöüèáóêçàí", "de het een van en in dat niet is zijn op te met"),
    _Language(_WESTERN, "åäöéàüè", "och att det som en den inte med av jag han de"),
    _Language(_WESTERN, "æøåéäöòôüóèê", "og det at er en den til som med ikke jeg han de"),
    _Language(_WESTERN, "äöåéšž", "ja on ei se oli mutta ovat kun sen"),
    _Language(_WESTERN, "áéíóúýþæöð", "og sem var hann til en ekki eru ég um"),
    _Language(_WESTERN, "àèéíïòóúüç·", "el la de que els amb per una les i en del"),
    _Language(("cp1258",), f"ăâđêôơưàáãèéìíòóõùúý{_TONES}", "anh em con cho khi trong nhanh theo hai ba"),
    _Language((*_WESTERN, *_BALTIC), "õäöüšž", "ja on ei see oli ta ma kui"),
    _Language(_CENTRAL, "ąćęłńóśźż", "nie na to jest do jak ale z w i tak"),
    _Language(_CENTRAL, "áčďéěíňóřšťúůýž", "je se na to by ale tak v a jako za"),
    _Language(_CENTRAL, "áäčďéíľňóôšťúýž", "je sa na to by ale tak v a ako za"),
    _Language(_CENTRAL, "áéíóöőúüű", "az egy nem hogy is meg volt a de el"),
    _Language(_CENTRAL, "ăâîşţ", "de nu la cu ce un o pe mai din care au este sau"),
    _Language(_CENTRAL, "čćđšž", "je se na i u da su nije bio od za"),
    _Language(_TURKISH, "çğıöşüâîû", "bir ve bu da de ne ile ama gibi kadar var"),
    _Language(_BALTIC, "ąčęėįšųūž", "ir kad su bet yra tai ne buvo"),
    _Language(_BALTIC, "āčēģīķļņšūž", "un ir ka no ar uz bet par"),
)

_OTHER_SCRIPTS = (
    _Language(_CYRILLIC, "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўјљњћђџѓќѕ", ""),
    _Language(_GREEK, "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", ""),
)

_WORD = re.compile(rb"(?<![\x80-\xff\w])[A-Za-z]{1,6}(?![\x80-\xff\w])")
_NO_CHARACTER = re.compile(r"[\x80-\x9f]")
_HIGH = re.compile(rb"[\x80-\xff]")
_OPENING, _CLOSING, _QUOTES, _DASHES = "„‚¿¡", "…", "“”‘’«»‹›", "–—"
_ALONE = "àéèóíáúöåøæ"  # letters that are a word in some language
_BESIDE_NUMBERS = "°ºª½¼¾£€§²³×±¢¥"


def guess_encoding_of_letters(sample: bytes, other_script: str = "") -> tuple[str, bool]:
    """Return the encoding that explains most of a text's bytes above ASCII, and whether no other does nearly as well.

    Args:
        sample: The text's beginning.
        other_script: "" if the text is in Latin letters; else it is Cyrillic or Greek, and a detector has found this.

    >>> guess_encoding_of_letters("Er ist nicht müde, und die Straße ist schön.".encode("mac-roman"))
    ('mac-roman', True)
    """
    places = [found.start() for found in _HIGH.finditer(sample)][:_MAX_MARKS]
    if not places:
        return "cp1252", True
    readings = _Readings(sample, places)
    counts = _count_words(sample, _OTHER_SCRIPTS if other_script else _LANGUAGES)
    most = max(counts.values())
    scores = readings.scores({language: n for language, n in counts.items() if n * 2 > most} if most > 1 else counts)
    if max(score for score, _ in scores.values()) < _MIN_SCORE:
        scores = readings.scores(counts)
    if other_script in scores:
        scores[other_script] = scores[other_script][0], scores[other_script][1] + _MIN_LEAD
    best = max(scores, key=lambda encoding: scores[encoding][1])
    rank = scores[best][1]
    alike = readings.leads_of_alike(best, scores) if other_script else {}
    if alike and min(alike.values()) <= -_LEAD_OF_ALIKE:  # what speaks for the one speaks for the other
        best = min(alike, key=lambda encoding: alike[encoding])
        alike = readings.leads_of_alike(best, scores)
    explained = scores[best][0]
    if len(places) < _STRAY_FRAC * len(sample) and scores.get("cp1252", (0.0, 0.0))[0] >= explained - _MIN_LEAD:
        return "cp1252", True
    beaten = {encoding for encoding, lead in alike.items() if lead >= _LEAD_OF_ALIKE}
    others = [
        other
        for encoding, (_, other) in scores.items()
        if encoding not in beaten and readings.of(encoding) != readings.of(best)
    ]
    return best, explained >= _MIN_SCORE and rank - max(others, default=0.0) >= _MIN_LEAD


class _Readings:
    """What a text's bytes above ASCII, and their neighbours, are in each encoding."""

    def __init__(self, sample: bytes, places: Sequence[int]) -> None:
        self._sample, self._places = sample, places
        self._readings: dict[str, list[str]] = {}

    def of(self, encoding: str) -> list[str]:
        """Return each character with the one before and the one after it."""
        if encoding not in self._readings:
            text = _NO_CHARACTER.sub("\ufffd", f" {self._sample.decode(encoding, 'replace')} ")
            self._readings[encoding] = [text[at : at + 3] for at in self._places]
        return self._readings[encoding]

    def leads_of_alike(self, encoding: str, others: Iterable[str]) -> dict[str, float]:
        """Return how much likelier an encoding is than others, where they differ from it in few characters alone.

        It is one of _OTHER_SCRIPTS: Greek's two encodings of one byte differ in "Ά" and some marks.

        Returns:
            The mean lead over the characters that differ, -1 to 1, by encoding.
        """
        letters = next(language.letters for language in _OTHER_SCRIPTS if encoding in language.encodings)
        leads = {}
        for other in others:
            differing = [
                pair for pair in zip(self.of(encoding), self.of(other), strict=True) if pair[0][1] != pair[1][1]
            ]
            if 0 < len(differing) <= _FEW_FRAC * len(self._places):
                lead = sum(_plausibility(ours, letters) - _plausibility(its, letters) for ours, its in differing)
                leads[other] = lead / len(differing)
        return leads

    def scores(self, counts: Mapping[_Language, int]) -> dict[str, tuple[float, float]]:
        """Return how much of the text each encoding explains in the language that it suits best, and how likely it is.

        Args:
            counts: How many of its frequent words the text has, by language.
        """
        scores: dict[str, tuple[float, float]] = {}
        most = max(1, *counts.values())
        for language, count in counts.items():
            for encoding in language.encodings:
                explained = sum(_plausibility(seen, language.letters) for seen in self.of(encoding)) / len(self._places)
                is_rare = encoding.startswith("mac") or encoding in _OF_DOS
                rank = explained + _WORDS_COUNT * (count == most) - _RARITY_COUNTS * is_rare
                scores[encoding] = max(scores.get(encoding, (0.0, 0.0)), (explained, rank), key=lambda score: score[1])
        return scores


def _count_words(sample: bytes, languages: Sequence[_Language]) -> dict[_Language, int]:
    """Return how many of each language's frequent words a text has."""
    numbers = Counter(word.decode().lower() for word in _WORD.findall(sample))
    return {language: sum(numbers[word] for word in language.words.split()) for language in languages}


def _plausibility(seen: str, letters: str) -> float:
    """Return how likely a character stands between two others in a language with some letters above ASCII: 0 to 1."""
    before, character, after = tuple(seen)
    if character.isalpha() and character not in "ºª":
        if character.lower() not in letters and character not in "İ":
            return 0.0
        if character > "\u0370" and ((before + after).strip().isascii() and (before + after).strip(" .,").isalpha()):
            return 0.0  # a Latin word's
        if not before.isalpha() and not after.isalpha() and after.isspace() and character.lower() not in _ALONE:
            return 0.3
        if character.isupper():
            return 0.0 if before.islower() else 0.7 if before.isupper() else 1.0
        return 0.0 if before.isupper() and after.isupper() else 1.0
    if character in _TONES:
        return float(before.isalpha() and _TONES[0] in letters)
    is_after_word = not (before.isspace() or before in "([-—–«“„‹")
    is_before_word = after.isalnum()
    if character in _OPENING:
        return float(not is_after_word and (is_before_word or after in "¿¡“"))
    if character in _CLOSING:
        return 0.9
    if character == "’" and not is_after_word and letters[0] > "\u0370":  # which begins no quotation there
        return 0.5 if is_before_word else 0.0
    if character in _QUOTES:
        is_apostrophe = character == "’" and before.isalpha() and is_before_word
        return float(is_apostrophe or is_after_word != is_before_word or (character in "«»" and not is_before_word))
    if character in _DASHES:
        is_between_words = character == "—" and before.isalpha() and is_before_word
        is_even = before.isspace() == after.isspace() and before.isdigit() == after.isdigit()
        return 0.8 if is_between_words or (is_even and not before.isalpha()) else 0.4
    if character in _BESIDE_NUMBERS:
        return float(before.isdigit() or after.isdigit())
    return 0.5 if character == "\xa0" else 0.0
