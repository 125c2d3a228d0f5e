"""Tells shuffled sentences from those that stand in their order, by the words that neighbours have in common."""

import itertools
import re
import statistics
from collections import Counter
from collections.abc import Sequence

_JUDGED_CHARS = 65_536
_FEWEST_LINES, _FEWEST_SHARED = 200, 10
_NEAR_LINES, _FAR_LINES, _MIN_SIGMAS = (1, 2, 3), (23, 31, 41, 53, 61, 71, 83), 3.0
_WORD = re.compile(r"([^\W\d_\u3040-\u9fff]{4,})|(?=([\u3400-\u9fff]{2}))")
_MAX_WORD_FRAC = 0.02
"""Of the lines that have a word, above which it says nothing of what they speak of."""


def is_shuffled(text: str) -> bool | None:
    """Return whether lines have no more words in common with the next ones than with lines far away.

    Sentences in their order speak of one thing for a while. None: so few lines, or words that only some of them
    have, do not show it.
    """
    lines = [line for line in text[:_JUDGED_CHARS].split("\n")[:-1] if line.strip()]
    if len(lines) < _FEWEST_LINES:
        return None
    words = [frozenset("".join(found).lower() for found in _WORD.findall(line)) for line in lines]
    num_lines = Counter(itertools.chain.from_iterable(words))
    words = [frozenset(word for word in one if num_lines[word] <= _MAX_WORD_FRAC * len(lines)) for one in words]
    near, far = (statistics.fmean(_shared(words, i) for i in distances) for distances in (_NEAR_LINES, _FAR_LINES))
    if near + far < _FEWEST_SHARED:
        return None
    return bool(near - far < _MIN_SIGMAS * (near / len(_NEAR_LINES) + far / len(_FAR_LINES)) ** 0.5)


def _shared(words: Sequence[frozenset[str]], distance: int) -> float:
    """Return how many words lines share with those at a distance, for as many lines as there are."""
    shared = sum(len(one & other) for one, other in zip(words, words[distance:], strict=False))
    return shared * len(words) / (len(words) - distance)
