"""Says which characters of a text each of its tokens stands for."""

from collections.abc import Iterator
from dataclasses import dataclass

from xlnet_data.text.clean_up import bare_character, clean_sentences
from xlnet_data.text.sentences import replace_surrogates
from xlnet_data.text.settings import TokenizerSettings
from xlnet_data.text.tokenizer import Tokenizer

_QUOTES = ("``", "''")


@dataclass(frozen=True)
class LocatedTokens:
    """The tokens of a text, with the characters that each stands for; white space before a word belongs to no token.

    Attributes:
        ids: Those that `Tokenizer.encode` gives.
        starts: The first character's place in the text.
        stops: The place behind the last character; the start's own where a token stands for none.
    """

    ids: list[int]
    starts: list[int]
    stops: list[int]


def locate_tokens(tokenizer: Tokenizer, text: str) -> LocatedTokens:
    """Return the tokens of a text with the characters that each stands for.

    The clean-up is done again character by character, so that each character that SentencePiece sees is known to come
    from some of the text; SentencePiece says which it makes a token of.

    Args:
        tokenizer: A loaded model.
        text: One paragraph; a line break is white space.
    """
    cleaned, origins = clean_with_origins(text, tokenizer.settings)
    assert cleaned == clean_sentences([text], tokenizer.settings)[0]
    located = LocatedTokens([], [], [])
    for token, start, stop in tokenizer.locate(cleaned):
        while start < stop and cleaned[start].isspace():
            start += 1
        first = origins[start][0] if start < stop else origins[min(start, len(origins) - 1)][0]
        located.ids.append(token)
        located.starts.append(first)
        located.stops.append(max(origins[stop - 1][1], first) if start < stop else first)
    return located


def clean_with_origins(text: str, settings: TokenizerSettings) -> tuple[str, list[tuple[int, int]]]:
    r"""Return what `clean_sentences` makes of a text, and for each of its characters those that it comes from.

    A mark that goes belongs to the character before it.

    >>> clean_with_origins("e\u0301", TokenizerSettings())
    ('e', [(0, 2)])
    >>> clean_with_origins(" \u00e9''  b", TokenizerSettings())
    ('e" b', [(1, 2), (2, 4), (4, 6), (6, 7)])
    """
    parts: list[tuple[str, tuple[int, int]]] = []
    for chars, origin in _join_quotes(_join_spaces(replace_surrogates(text))):
        kept = chars if settings.keep_accents or chars.isascii() else bare_character(chars)
        if not kept and parts:
            parts[-1] = (parts[-1][0], (parts[-1][1][0], origin[1]))
        parts += [(part, origin) for part in kept]
    cleaned, origins = "".join(part for part, _ in parts), [origin for _, origin in parts]
    if settings.lowercase:
        origins = [origin for part, origin in parts for _ in part.lower()]
        cleaned = cleaned.lower()  # as a whole, since a sigma at the end of a word has a form of its own
    return cleaned, origins


def _join_spaces(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield a text's characters with their origins, runs of white space as one space, and none at the ends."""
    stop = len(text.rstrip())
    place = len(text) - len(text.lstrip())
    while place < stop:
        end = place + 1
        if not text[place].isspace():
            yield text[place], (place, end)
        else:
            while text[end].isspace():
                end += 1
            yield " ", (place, end)
        place = end


def _join_quotes(chars: Iterator[tuple[str, tuple[int, int]]]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield characters with two back quotes, or two apostrophes, made one quotation mark."""
    held: tuple[str, tuple[int, int]] | None = None
    for char, origin in chars:
        if held is not None and held[0] + char in _QUOTES:
            yield '"', (held[1][0], origin[1])
            held = None
            continue
        if held is not None:
            yield held
        held = (char, origin)
    if held is not None:
        yield held
