"""Tells whether a sentence goes on behind a quotation: "Where?" she asked; 「はい。」と言った; « Où ? » dit-il."""

import re
from collections.abc import Iterable, Iterator

CLOSING = "\"'”’»“‘«›‹」』）】》〉)\\]"
"""Marks that close a quotation or a bracket in some language, as they stand in a pattern's set."""

_QUOTED_END = re.compile(rf"[.!?…。．｡！？।॥؟۔։።]\s?[{CLOSING}]{{1,3}}\s*+\Z")
_STRAY_MARKS = "」』）】》〉”’"
_QUESTION_OR_CALL = re.compile(r"[!?…؟！？]\s*+\Z")
_DASH = re.compile(r"[^\S\n]*+[—–-][^\S\n]*+")
_TITLE_MARKS = ("》", "〉")
_SEEN_CHARS = 24  # of what follows

# what these patterns begin or end with: looking at one character spares most sentences the patterns
_CLOSING_MARKS = frozenset(CLOSING.replace("\\", ""))
_DASHES = frozenset("—–-")

# with which no Japanese sentence begins: to, tte, nado, ...; and particles of one letter before a word that is none
_PARTICLE = re.compile(
    r"と(?!ても|ころ|うとう|りあえず|にかく|もかく|もあれ|っさ|なり|き|たん|もだち|つぜん|おく)|って|を|なんて|など|だと|とか"
    r"|[はがにもでへやの](?=[一-鿿々〆ァ-ヺ])|の(?=こと|もの|よう|ため)"
)
# "he said" in Chinese: a few signs, a verb of saying, and a mark
_HE_SAID = re.compile(
    r"[㐀-鿿]{0,8}?(?:(?<![知难難])道|[说說问問答喊叫嚷])[着著了]?(?:[我你您他她它][们們]?)?[，。：；！？,.:!?]"
)


def goes_on(text: str, at: int) -> bool:
    r"""Return whether a sentence goes on behind a quotation that ends before an index.

    It does if what follows begins in lower case, behind a dash or not, or with a comma; and if it follows without a
    blank and is Korean, a Japanese particle, or a Chinese "he said".

    >>> text = "“Where?” she asked. “Here.” He left."
    >>> [goes_on(text, found.end()) for found in re.finditer("”", text)]
    [True, False]
    >>> goes_on("「はい。」と言った。", 5), goes_on("「はい。」彼は帰った。", 5)
    (True, False)
    """
    following = text[at : at + _SEEN_CHARS]
    if following[:1] in (",", ";", "、", "，", "；") or "가" <= following[:1] <= "힣":
        return True
    if _PARTICLE.match(following) or _HE_SAID.match(following):
        return True
    return _begins_in_lower_case(following)


def join_quotations(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of a paragraph, those joined again that were cut behind a quotation within them.

    Args:
        pieces: What a splitter made of the paragraph, the white space between them at their ends.

    >>> list(join_quotations(["『行こう！", "』と叫んだ。", "「はい。」", "彼は帰った。"]))
    ['『行こう！』と叫んだ。', '「はい。」', '彼は帰った。']
    """
    sentence = ""
    for piece in pieces:
        if sentence and piece and piece[0] in _STRAY_MARKS and not sentence[-1].isspace():
            rest = piece.lstrip(_STRAY_MARKS)
            sentence, piece = sentence + piece[: len(piece) - len(rest)], rest
        if not sentence or not piece or _is_one_sentence(sentence, piece):
            sentence += piece
        else:
            yield sentence
            sentence = piece
    if sentence:
        yield sentence


def _is_one_sentence(before: str, after: str) -> bool:
    """Return whether two pieces that follow one another are one sentence."""
    if before.rstrip()[-1:] not in _CLOSING_MARKS and after.lstrip()[:1] not in _DASHES:
        return False
    tail = before[-_SEEN_CHARS:]
    if _QUOTED_END.search(tail):
        is_title = tail.endswith(_TITLE_MARKS)
        return is_title or (goes_on(after, 0) if not tail[-1].isspace() else _begins_in_lower_case(after))
    return (
        _DASH.match(after) is not None and _QUESTION_OR_CALL.search(tail) is not None and _begins_in_lower_case(after)
    )


def _begins_in_lower_case(text: str) -> bool:
    """Return whether a text's first letter, behind a dash or not, is a small one."""
    dash = _DASH.match(text)
    return (text[dash.end() : dash.end() + 1] if dash else text[:_SEEN_CHARS].lstrip()[:1]).islower()
