"""Drops what is no prose from the text of a page: what is left of lines, names of buttons, and codes of blogs."""

import itertools
import re

_PARTING = frozenset(",;|·/&")
_WORD = r"[^\W\d_]{1,15}"
_SIGN = r"[,;|·/&]"
_LEFT_OVER = re.compile(
    rf"{_WORD}(?:\s?:\s?(?:{_SIGN}|\s)+|\s[,;|·\s]+)"
    rf"|[,;·|\s]+|(?:•\s)?{_WORD}(?:\s{_WORD}){{1,4}}\s?(?::\s?{_SIGN}|{_SIGN}\s?{_SIGN})(?:{_SIGN}|\s)*"
)
"""What is left of "By <a rel=author>Ann Lee</a>, <time>3 May</time>" and "In this article: <a rel=tag>mills</a>, "."""

_SAY_LITTLE = """
by von par por door av af published posted updated written filed veröffentlicht aktualisiert geschrieben publié écrit
publicado actualizado escrito pubblicato aggiornato
"""
_SAY_NOTHING = "on|am|at|in|and|und|et|y|le|el|il|story|article|artikel|artículo|first|last"
_LABEL = re.compile(rf"\b(?:{'|'.join(_SAY_LITTLE.split())})\b", re.IGNORECASE)
_LABELS = re.compile(
    rf"(?:[\s•·|/:,&]{{0,5}}(?:{'|'.join(_SAY_LITTLE.split())}|{_SAY_NOTHING})\b){{1,5}}[\s•·|/:,&]{{0,5}}",
    re.IGNORECASE,
)
"""What is left of "Published on <time>3 May</time> by <a rel=author>Ann Lee</a>"."""

_AD_WORDS = """
advert advertisement advertising advertorial anzeige werbung publicidad publicidade publicité pubblicità publicitat
publicitate anuncio anúncio advertentie annonce annons reklame reklam reklama reklaam mainos hirdetés iklan oglas
реклама διαφήμιση 広告 广告 廣告 광고 إعلان تبلیغات פרסומת विज्ञापन
"""
_AD_LABELS = frozenset(
    (
        *_AD_WORDS.split(),
        *("story continues below advertisement", "article continues below advertisement", "quảng cáo"),
        *("article continues after advertisement", "advertisement - continue reading below"),
    )
)
_NETWORK_NAMES = """
facebook twitter x whatsapp pinterest linkedin telegram reddit tumblr instagram youtube google+ flipboard xing vk viber
messenger threads bluesky mastodon pocket
"""
_OTHER_BUTTONS = """
email e-mail mail print share tweet sms drucken teilen twittern compartir imprimir partager imprimer tweeter condividi
stampa delen dela skriv del
"""
_NETWORKS = frozenset(_NETWORK_NAMES.split())
_BUTTONS = _NETWORKS | frozenset(_OTHER_BUTTONS.split())
_MIN_BUTTONS = 2  # one below another; one alone may be a heading
_LABEL_CHARS = 50  # of a line at most that is a label
_LABEL_MARKS = " \t\xa0•·|–—-:*.…()[]<>"

_QUOTED = r"""["“”″'‘’][^]["“”″'‘’]{0,300}["“”″'‘’]"""
_CAPTION_CODE = re.compile(r" ?\[(?:wp_)?caption\b[^][]{0,500}\][^][]{0,1000}\[/(?:wp_)?caption\]")
_CLOSING_CODE = re.compile(r"\[/([a-z][\w-]{0,40})\]")
_SHORTCODE = re.compile(rf"\[/?([a-z][\w-]{{0,40}})((?:\s+[\w-]{{1,40}}={_QUOTED}){{1,50}})?\s?/?\]")


def drop_left_overs(lines: list[str]) -> list[str]:
    """Return the lines of a page without what is left of lines, and without labels of advertisements and buttons.

    >>> drop_left_overs(["By", "- Advertisement -", "Calm.", "• Facebook", "• Twitter", "On Facebook", "Twitter"])
    ['Calm.', 'On Facebook', 'Twitter']
    """
    labels = [line.strip(_LABEL_MARKS).lower() if len(line) < _LABEL_CHARS else "" for line in lines]
    kept = [label not in _AD_LABELS and not _is_left_over(line) for line, label in zip(lines, labels, strict=True)]
    if not _NETWORKS.isdisjoint(labels):
        at = 0
        for is_button, group in itertools.groupby(labels, _BUTTONS.__contains__):
            names = list(group)
            if is_button and len(names) >= _MIN_BUTTONS and not _NETWORKS.isdisjoint(names):
                kept[at : at + len(names)] = [False] * len(names)
            at += len(names)
    return list(itertools.compress(lines, kept))


def drop_shortcodes(text: str) -> str:
    """Return a page's text without the brackets by which blogs call for pictures and boxes, and without captions.

    >>> drop_shortcodes('[row][caption id="a"]A mill.[/caption]It stood[/row] here [1].')
    'It stood here [1].'
    """
    if "[/" not in text and '="' not in text and "=”" not in text:
        return text
    text = _CAPTION_CODE.sub("", text)
    closed = frozenset(_CLOSING_CODE.findall(text))
    return _SHORTCODE.sub(lambda code: "" if code[2] or code[1] in closed else code[0], text)


def _is_left_over(line: str) -> bool:
    """Return whether a line is what extraction left of one that named the author, the date or the tags.

    >>> [line for line in ("By", "Published: | Updated:", "By , and", "By all means", "On") if _is_left_over(line)]
    ['By', 'Published: | Updated:', 'By , and']
    """
    if line[-1] in _PARTING and _LEFT_OVER.fullmatch(line):
        return True
    return len(line) < _LABEL_CHARS and _LABELS.fullmatch(line) is not None and _LABEL.search(line) is not None
