"""Tells whether a text is in the language it should be in, without a model to download.

The detector is resiliparse's (101 languages, the profiles are inside the library). On the Universal Declaration of
Human Rights in 46 languages it names the right one for 96 % of pieces of 600 characters, against 99 % for pycld2 and
py3langid and 96 % for lingua's small model, at 110 MB/s against 27, 2 and 0.4. What it gets wrong are close relatives,
which the margin mends; English it always knew.
"""

import re
from collections.abc import Sequence
from functools import cache

from resiliparse.parse import lang

from xlnet_data.errors import ConfigError
from xlnet_data.text.composition import compose

_SAMPLE_CHARS = 2048
_NO_CUTOFF = 1_000_000

_ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "ji": "yi", "fil": "tl", "bs": "hr", "sh": "hr", "ms": "id"}

STOP_WORDS = {
    "en": "the be to of and that have with",  # Gopher's list
    "de": "der die und in den von zu das mit ist",
    "fr": "de la le et les des en un une est",
    "es": "de la que el en y los del las un",
    "it": "di e il la che in per un del è",
    "pt": "de a o que e do da em um para",
    "nl": "de van het een en in is dat op te",
    "sv": "och i att det som en på är av för",
    "da": "og i at det en til er som på de",
    "no": "og i det at en til er som på for",
    "pl": "w i na się z do to nie jest że",
    "cs": "a v se na je že s z do o",
    "ro": "de și în la a cu pe din o că",
    "ru": "и в не на что с по это как к",
    "uk": "і в не на що з до та у як",
    "el": "και το να η του της ο με που για",
    "tr": "ve bir bu da de için ile çok ne olarak",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam",
    "vi": "và của là có được trong cho các một không",
}
"""The commonest words of a language, at least two of which stand in every text of some length."""


def check_language(language: str) -> None:
    """Raise ConfigError if the language cannot be recognised.

    Args:
        language: A code of ISO 639-1, with or without region: en, pt-BR.

    Raises:
        ConfigError: The detector does not know the language.
    """
    if primary_code(language) not in lang.supported_langs():
        known = " ".join(sorted(lang.supported_langs()))
        raise ConfigError(
            f"language = {language!r} cannot be recognised: "
            f"set language_check = false in the corpus's filters, or use one of {known}"
        )


def primary_code(language: str) -> str:
    """Return the code by which the detector knows a language.

    >>> primary_code("pt-BR"), primary_code("nb")
    ('pt', 'no')
    """
    code = re.split("[-_]", language.lower())[0]
    return _ALIASES.get(code, code)


def detect_language(text: str) -> str:
    """Return the code of the language that a text is most likely in, judged by 2,048 characters from its middle."""
    return str(lang.detect_fast(_sample(text))[0])


def is_language(text: str, language: str, margin: float) -> bool:
    """Return whether a text is in a language, judged by 2,048 characters from its middle.

    Args:
        text: At least 300 characters, to be reliable.
        language: As in the config.
        margin: Share by which the language may fit worse than the best one.
    """
    code = primary_code(language)
    sample = _sample(text)
    best, distance = lang.detect_fast(sample)
    if best == code:
        return True
    if best == "unknown" or not margin:
        return False
    found, own_distance = lang.detect_fast(sample, cutoff=_NO_CUTOFF, langs=[code])
    return bool(found == code and own_distance <= distance * (1 + margin))


def has_stop_words(text: str, language: str, num_words: int) -> bool:
    """Return whether a text holds so many different stop words of its language; True if the language has no list.

    >>> has_stop_words("The cat sat with the dog.", "en", 2), has_stop_words("the the the", "en", 2)
    (True, False)
    """
    pattern = _stop_word_pattern(primary_code(language))
    if pattern is None:
        return True
    found: set[str] = set()
    for match in pattern.finditer(text):
        found.add(match[0].lower())
        if len(found) >= num_words:
            return True
    composed = compose(text)
    return composed != text and has_stop_words(composed, language, num_words)


def _sample(text: str) -> str:
    start = max(0, (len(text) - _SAMPLE_CHARS) // 2)
    return compose(text[start : start + _SAMPLE_CHARS])


@cache
def _stop_word_pattern(code: str) -> re.Pattern[str] | None:
    words: Sequence[str] = STOP_WORDS.get(code, "").split()
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE) if words else None
