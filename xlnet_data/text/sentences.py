"""Splits a document into paragraphs and sentences, by sentencex, whose cost on long text is bounded here."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import cast

from xlnet_data.text.doubts import doubtful_paragraphs
from xlnet_data.text.list_items import MARK_BEGINNINGS, skip_mark, split_items
from xlnet_data.text.misread import replace_misread
from xlnet_data.text.plain_ends import may_be_cut
from xlnet_data.text.plain_paragraphs import split_plain
from xlnet_data.text.quotations import join_pieces, split_behind_marks
from xlnet_data.text.stand_ins import splitter
from xlnet_data.text.word_ends import split_at_words

MAX_PARAGRAPH_CHARS = 8192
"""Characters that sentencex sees at once, at most. It takes time that grows with the square of the length on text
without white space: 55 ms for 10,000 characters of Chinese in short sentences, 4.6 s for 100,000. English paragraphs
rarely pass 3,000."""

_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
_STOPS = (". ", "! ", "? ", "。", "！", "？", "। ", "؟ ", "۔ ", "።", "။", "។", "། ")
"""A paragraph that is too long is cut after one of these, if it has any."""


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
    texts = list(texts)
    documents = [_PARAGRAPH_BREAK.split(text) for text in texts]
    paragraphs = list(itertools.chain.from_iterable(documents))
    if is_sentence_per_line:
        parts = [paragraph.split("\n") for paragraph in paragraphs]
    else:
        try:
            parts = _split_paragraphs(paragraphs, language)
        except UnicodeEncodeError:  # sentencex takes UTF-8
            return split_documents(map(replace_surrogates, texts), language, is_sentence_per_line)
    bounds = list(itertools.accumulate(map(len, documents), initial=0))
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


def _split_paragraphs(paragraphs: list[str], language: str) -> list[list[str]]:
    """Return the sentences of each paragraph.

    Raises:
        UnicodeEncodeError: One has half of a surrogate pair.
    """
    parts = split_plain(paragraphs, language)
    others = [number for number, pieces in enumerate(parts) if pieces is None]
    for number, pieces in zip(others, _split_others([paragraphs[number] for number in others], language), strict=True):
        parts[number] = pieces
    return cast("list[list[str]]", parts)


def _split_others(paragraphs: list[str], language: str) -> list[list[str]]:
    """Return the sentences of paragraphs that may not be plain."""
    seen = replace_misread(paragraphs, language)
    split = splitter(language)
    parts = [  # most without a call of this module
        _segment(paragraph, split)
        if len(paragraph) > MAX_PARAGRAPH_CHARS or paragraph[:1] in MARK_BEGINNINGS
        else split(paragraph)
        for paragraph in seen
    ]
    for number, paragraph in enumerate(paragraphs):
        if seen[number] is not paragraph:
            parts[number] = _cut_alike(paragraph, parts[number])
    for number in doubtful_paragraphs(parts, language):
        parts[number] = _mend(parts[number], language)
    return parts


def _mend(pieces: list[str], language: str) -> list[str]:
    """Return the sentences of a paragraph, joined or cut where sentencex is wrong."""
    sentences = join_pieces(split_items(pieces, language), language)
    if not may_be_cut(sentences, language):
        return sentences
    return split_behind_marks(split_at_words(sentences, language), language)


def _segment(paragraph: str, split: Callable[[str], list[str]]) -> list[str]:
    """Return what sentencex makes of a paragraph that is long, or may be an item of a list."""
    begin = skip_mark(paragraph)
    pieces = [piece for part in _cut(paragraph[begin:]) for piece in split(part)]
    return [paragraph[:begin] + pieces[0], *pieces[1:]] if begin else pieces


def _cut_alike(text: str, pieces: list[str]) -> list[str]:
    """Return the parts of a text that are as long as some pieces."""
    ends = list(itertools.accumulate(map(len, pieces)))
    return [text[begin:end] for begin, end in itertools.pairwise([0, *ends])]


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
