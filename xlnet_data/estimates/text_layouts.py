"""Judges by the beginning of a text how it is laid out: wrapped, a sentence a line, documents between blank lines."""

import io
import itertools
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from xlnet_data.config import BuildConfig

_END_MARKS = tuple(".!?:;\"'”’»…。！？।)")
_WRAPPED_CHARS = (40, 100)  # of a line in a text that was wrapped by hand
_INNER_END = re.compile(r"[^\W\d_]{4,}[.!?…][\"'”’»)\]]*\s+\S|[。！？।][”」』)]*[^\s”」』)]")
"""An end of a sentence within a line; short words before a stop may be abbreviations."""

_FEWEST_SENTENCES, _MIN_ENDED_FRAC, _MAX_INNER_FRAC = 20, 0.8, 0.15
_FEWEST_BLOCKS, _MIN_BLOCK_LINES, _MIN_PARAGRAPH_BYTES = 3, 2.0, 80
_FEWEST_SHARED = 10
_FEWEST_SHUFFLED, _NEAR_LINES, _FAR_LINES, _MIN_SIGMAS = 200, (1, 2, 3), (23, 31, 41, 53, 61, 71, 83), 3.0
MAX_SHUFFLED_FRAC = 0.5
"""Share of shuffled documents above which a corpus is warned of."""

_WORD = re.compile(r"([^\W\d_\u3040-\u9fff]{4,})|(?=([\u3400-\u9fff]{2}))")
_JUDGED_CHARS = 65_536
_MAX_WORD_FRAC = 0.02
"""Of the lines that have a word, above which it says nothing of what they speak of."""

_HEADING = re.compile(r"(=+) .+ \1")


def find_layout(head: bytes, is_collection: bool) -> dict[str, str]:
    """Return the keys of format "text" that a text needs.

    Args:
        head: The first kilobytes of its content, in UTF-8.
        is_collection: The file may hold many documents, as large ones do, and not one of many that do not.

    >>> find_layout(b"One comes home. Two goes.\\n" * 9, is_collection=False)
    {}
    >>> find_layout(b"The boat comes home.\\n" * 30, is_collection=False)
    {'sentences': 'line'}
    """
    lines = [line.strip() for line in io.StringIO(head.decode("utf-8", "replace"))]
    if _is_wrapped(lines):
        return {"paragraphs": "blank-line"}
    visible = [line for line in lines if line]
    has_sentences = _is_sentence_a_line(visible)
    num_blocks = sum(bool(line) and not before for before, line in itertools.pairwise(["", *lines]))
    is_long = has_sentences or sum(len(line.encode()) for line in visible) >= _MIN_PARAGRAPH_BYTES * len(visible)
    has_blocks = num_blocks >= _FEWEST_BLOCKS and len(visible) >= _MIN_BLOCK_LINES * num_blocks
    has_headings = any(map(_HEADING.fullmatch, visible))  # as WikiText has, where blank lines stand in articles
    keys = {"documents": "blank-line"} if is_collection and has_blocks and is_long and not has_headings else {}
    return keys | ({"sentences": "line"} if has_sentences else {})


def is_wrapped(text: str) -> bool:
    """Return whether a text's lines were broken by hand: of one length, and most end in the middle of a sentence."""
    return _is_wrapped([line.strip() for line in text.split("\n")])


def is_shuffled(text: str) -> bool | None:
    """Return whether lines have no more words in common with the next ones than with lines far away.

    Sentences in their order speak of one thing for a while. None: so few lines, or words that only some of them
    have, do not show it.
    """
    lines = [line for line in text[:_JUDGED_CHARS].split("\n")[:-1] if line.strip()]
    if len(lines) < _FEWEST_SHUFFLED:
        return None
    words = [frozenset("".join(found).lower() for found in _WORD.findall(line)) for line in lines]
    num_lines = Counter(itertools.chain.from_iterable(words))
    words = [frozenset(word for word in one if num_lines[word] <= _MAX_WORD_FRAC * len(lines)) for one in words]
    near, far = (statistics.fmean(_shared(words, i) for i in distances) for distances in (_NEAR_LINES, _FAR_LINES))
    if near + far < _FEWEST_SHARED:
        return None
    return near - far < _MIN_SIGMAS * (near / len(_NEAR_LINES) + far / len(_FAR_LINES)) ** 0.5


def warn_of_shuffled(config: BuildConfig, shuffled_fracs: Mapping[str, float]) -> Iterator[str]:
    """Yield which corpora have their sentences in no order, as far as pairs or memory would learn from it.

    Args:
        config: The config.
        shuffled_fracs: By corpus, the share of shuffled ones among the documents that show whether they are.
    """
    examples = config.examples
    for name, share in shuffled_fracs.items():
        if share > MAX_SHUFFLED_FRAC and (examples.pairs or examples.reuse_len):
            yield (
                f"the sentences of corpus {name!r} seem to be shuffled: none goes on from the one before, so neither "
                "pairs nor memory can learn from it; take texts whose sentences stand in their order, or set pairs = "
                "false and reuse_len = 0"
            )


def _shared(words: Sequence[frozenset[str]], distance: int) -> float:
    """Return how many words lines share with those at a distance, for as many lines as there are."""
    shared = sum(len(one & other) for one, other in zip(words, words[distance:], strict=False))
    return shared * len(words) / (len(words) - distance)


def _is_wrapped(lines: Sequence[str]) -> bool:
    inner = [line for line, after in itertools.pairwise(lines) if line and after]
    if len(inner) < 8 or "" not in lines:
        return False
    least, most = _WRAPPED_CHARS
    num_open = sum(not line.endswith(_END_MARKS) for line in inner)
    is_narrow = least <= statistics.median(map(len, inner)) and statistics.quantiles(map(len, inner), n=20)[-1] <= most
    return is_narrow and num_open > 0.6 * len(inner)


def _is_sentence_a_line(lines: Sequence[str]) -> bool:
    num_inner = sum(_INNER_END.search(line) is not None for line in lines)
    num_ended = sum(line.endswith(_END_MARKS) for line in lines)
    has_enough = len(lines) >= _FEWEST_SENTENCES
    return has_enough and num_ended >= _MIN_ENDED_FRAC * len(lines) and num_inner <= _MAX_INNER_FRAC * len(lines)
