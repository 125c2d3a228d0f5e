"""Joins and cuts sentences at quotations and brackets: "Where?" she asked; 「はい。」と言った; « Où ? » dit-il."""

import re
from collections.abc import Iterator
from itertools import chain

from xlnet_data.text.beginners import ENGLISH
from xlnet_data.text.fragments import is_fragment
from xlnet_data.text.plain_ends import doubtful_joints

CLOSING = "\"'”’»“‘«›‹」』）】》〉)\\]"
"""Marks that close a quotation or a bracket in some language, as they stand in a pattern's set."""

_QUOTED_END = re.compile(rf"(?:[.!?…。．｡！？।॥؟۔։።;]|[—―─]{{2}})\s?[{CLOSING}_*]{{1,4}}\s*+\Z")
_STRAY_MARKS = "」』）】》〉”’፡"
_RAISED = "¹²³⁰⁴-⁹"
_REST = re.compile(
    rf"[†‡{_RAISED}]{{1,3}}|(?:[_*\"'”’›‹<>)\]]{{1,3}}|:\d[\d–-]*(?:,\s?\d[\d–-]*)*)(?=[\s{CLOSING},;:—–-]|\Z)"
    r"|[\s\"'”’_*:;,—–-]+\Z"
)
"""What belongs to the stop before it: the end of a quotation, of a bracket, of italics or bold, as in "_Where?_ she
asked.", the mark of a note, and the page that is quoted, as WikiExtractor leaves it: "He left.:119–20"."""

_NOTED_END = re.compile(rf"[»”]\s?[{_RAISED}]{{1,3}}(?=\s|\Z)")  # "« Viens. »³ Elle"

BRACKETS = {"(": ")", "[": "]", "（": "）", "「": "」", "『": "』", "【": "】"}
"""The brackets that can hold sentences, and what closes them."""

OPENING_BRACKET = re.compile(rf"[{re.escape(''.join(BRACKETS))}]")
_WITHOUT_BLANKS = "）」』】"
_STOPS = ".!?…。．｡！？।؟۔։።"
_STOPS_AND_DASHES = _STOPS + "—―─"  # "「まさか——」" is broken off
_MIN_BRACKET_CHARS = 5  # fewer hold a number
_NESTED_ENDS = [
    *(re.compile(rf"{stop}[’'”\"‘“‹›]\s?[”\"’'“«»]\s+(?=\S)") for stop in (r"\.", "!", r"\?", "…")),
    re.compile(r"‘(?<=[.!?…]‘)\s+(?=‚)"),
]
"""A search for one character is quick, so each stop has a pattern of its own."""

_CLOSING_MARK = re.compile("[”\"’'“‘«»‹›」]")
_CHINESE_ENDS = [re.compile(rf"{stop}(?:’”|』」)\s*+(?=[^\s\0\1，、；：。！？…—）」』”’])") for stop in "。！？"]
_BEGINNER = "|".join(sorted(map(str.capitalize, ENGLISH)))
_BROKEN_OFF = [re.compile(rf"{dash}[”\"’']\s+(?=(?:{_BEGINNER})\b)") for dash in ("--", "—")]
"""The end of an English speech that is broken off, before what begins a sentence and is no name: "“But—” He paused"."""

_GLUED_NOTES = [re.compile(rf"\.(?=\d)(?<=[a-z]{{4}}\.)\d{{1,2}}(?:[,–-]\d{{1,2}}){{0,4}}\s+(?=(?:{_BEGINNER})\b)")]
"""The number of an English note, which lost what raised it, before what begins a sentence: "It was late.12 He left"."""

_ENDS_BY_LANGUAGE = {language: _NESTED_ENDS + _CHINESE_ENDS for language in ("zh", "ja", "yue", "wuu")}
_ENDS_BY_LANGUAGE["en"] = _NESTED_ENDS + _BROKEN_OFF + _GLUED_NOTES
"""Of the languages that have no blanks between sentences, and English; `_NESTED_ENDS` are those of all others."""

_QUESTION_OR_CALL = re.compile(r"(?:[!?…؟！？]|\.\.\.)\s*+\Z")
_DASH = re.compile(r"[^\S\n]*+(?:--|[—–-])[^\S\n]*+")
_TITLE_MARKS = ("》", "〉")
_SEEN_CHARS = 24  # of what follows

# what these patterns begin or end with: looking at one character spares most sentences the patterns
_CLOSING_MARKS = frozenset(CLOSING.replace("\\", "") + "_*")
_DASHES = frozenset("—–-")

_GOING_ON = re.compile(r",(?!,)|[;、，；가-힣]")  # two commas may begin a quotation: ,,this''
# with which no Japanese sentence begins: to, tte, nado, ...; and particles of one letter before a word that is none
_PARTICLE = re.compile(
    r"と(?!ても|ころ|うとう|りあえず|にかく|もかく|もあれ|っさ|なり|き|たん|もだち|つぜん|おく)|って|を|なんて|など|だと|とか"
    r"|[はがにもでへやの](?=[一-鿿々〆ァ-ヺ])|の(?=こと|もの|よう|ため)"
)
# "he said" in Chinese: a few signs, a verb of saying, and a stop, or a comma before what else he said. A colon begins a
# sentence of its own, and so does "he said" before a comma and no quotation, and "he said nothing"
_SAYS = (
    r"(?:[说說问問答喊叫嚷笑叹嘆骂罵吼写寫想应應][着著]?|[他她它我你您们們])道|[说說问問答喊叫嚷骂罵吼]"
    r"|嘀咕|嘟囔|低语|低語|解释|解釋|补充|補充|表示|指出|强调|強調|宣布|宣佈"
)
_HE_SAID = re.compile(
    rf"(?:(?!没有|沒有|[没沒不别別知难難])[㐀-鿿]){{0,8}}?(?:{_SAYS})[着著了]?(?:[我你您他她它][们們]?)?"
    r"(?:[。；！？.;!?]|——|[，,]\s?[“‘「『\"])"
)
_SAID_BEHIND_BLANK = re.compile(
    r"(?:[가-힣]{0,7}[이가은는게에히로서]\s){0,3}(?:말했|말하였|물었|되물었|외쳤|대답했|소리쳤|속삭였|중얼거렸|덧붙였)(?:다|습니다)\."
    r"|(?:و|ف)?(?:قال|سأل|أجاب|رد|صاح|صرخ|همس|هتف|أضاف|تساءل)(?:ت|وا)?\b"
    r"|(?:[آ-ی]{1,12}\s){0,3}(?:گفت|پرسید|پاسخ داد|جواب داد|فریاد زد|داد زد)(?:م|ند)?[.،]"
    r"|(?:[آ-ے]{1,12}\s){0,3}(?:پوچھا|کہا|بولا|بولی|جواب دیا)۔"
    r"|(?:[ऀ-ॿ]{1,12}\s){0,3}(?:पूछा|कहा|बोला|बोली|चिल्लाया|चिल्लाई|जवाब दिया|उत्तर दिया)[।.]"
    r"|(?:[ঀ-৿]{1,12}\s){0,3}(?:বলল|বললেন|বললাম|জিজ্ঞেস করল|জিজ্ঞেস করলেন|উত্তর দিল)।"
    r"|(?:שאל|אמר|ענ|קרא|צעק|לחש|השיב|הוסיפ|הוסיף|מלמל)(?:ה|ו|תה)?(?![א-ת])"
)
"""An Arabic or Hebrew verb of saying; or "he said" in Korean, Persian, Urdu, Hindi or Bengali, its verb at the end."""

_OPENING_MARKS = frozenset("\"'”’»“‘›‚„‹«")
_BEGUN = re.compile(r"[.!?…]\s++\S\S\Z")
"""A stop, and the mark that a splitter took from the sentence behind it."""


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
    if _GOING_ON.match(following) or _PARTICLE.match(following) or _HE_SAID.match(following):
        return True
    return _begins_in_lower_case(following)


def join_pieces(pieces: list[str], language: str) -> list[str]:
    """Return the sentences of a paragraph, those joined again that a splitter cut where they go on.

    Args:
        pieces: What a splitter made of the paragraph, the white space between them at their ends.
        language: A code from `language_code`.

    >>> join_pieces(["『行こう！", "』と叫んだ。", "「はい。」", "彼は帰った。"], "ja")
    ['『行こう！』と叫んだ。', '「はい。」', '彼は帰った。']
    """
    if len(pieces) < 2:
        return pieces
    sentences: list[str] = []
    sentence = ""
    doubtful = doubtful_joints(pieces, language)
    has_low_mark = False
    for number, piece in enumerate(pieces):
        has_low_mark = has_low_mark or "‚" in piece
        if sentence and number not in doubtful:
            sentences.append(sentence)
            sentence = piece
            continue
        if sentence and piece and is_fragment(sentence, pieces, number, language):
            sentence += piece
            continue
        if sentence and piece and sentence[-1] in _OPENING_MARKS and _BEGUN.search(sentence[-_SEEN_CHARS:] + piece[0]):
            sentence, piece = sentence[:-1], sentence[-1] + piece
        if sentence and piece[:1] in ("»", "”") and (noted := _NOTED_END.match(piece)):
            sentence, piece = sentence + noted[0], piece[noted.end() :]
        found = _REST.match(piece) if sentence and not piece[:1].isalpha() else None
        if found and (found.end() == len(piece) or not sentence[-1].isspace()):
            sentence, piece = sentence + found[0], piece[found.end() :]
        strays = "‘" if piece[:1] == "‘" and has_low_mark else _STRAY_MARKS
        if sentence and piece and piece[0] in strays and not sentence[-1].isspace():
            rest = piece.lstrip(strays).lstrip("。！？")
            sentence += piece[: len(piece) - len(rest)]  # in place: many marks may follow one another
            piece = rest
        if not sentence or not piece or _is_one_sentence(sentence, piece):
            sentence += piece
        else:
            sentences.append(sentence)
            sentence = piece
    return [*sentences, sentence] if sentence else sentences


def _is_one_sentence(before: str, after: str) -> bool:
    """Return whether two pieces that follow one another are one sentence."""
    if before.rstrip()[-1:] not in _CLOSING_MARKS and after.lstrip()[:1] not in _DASHES:
        return False
    tail = before[-_SEEN_CHARS:]
    if _QUOTED_END.search(tail):
        if tail.endswith(_TITLE_MARKS) or _is_source(after):
            return True
        if not tail[-1].isspace():
            return goes_on(after, 0)
        return _begins_in_lower_case(after) or _SAID_BEHIND_BLANK.match(after) is not None
    return (
        _DASH.match(after) is not None and _QUESTION_OR_CALL.search(tail) is not None and _begins_in_lower_case(after)
    )


def _is_source(text: str) -> bool:
    """Return whether a text begins with a bracket that goes on with the quotation before it: "(Gen. i. 1)."."""
    end = text.find(")")
    if text[0] != "(" or end < 0:
        return False
    rest = text[end + 1 : end + _SEEN_CHARS]
    return text[end - 1] not in _STOPS if not rest.strip() else rest[0] in ".,;:" or _begins_in_lower_case(rest)


def _begins_in_lower_case(text: str) -> bool:
    """Return whether a text's first letter, behind a dash or not, is a small one."""
    dash = _DASH.match(text)
    letter = text[dash.end() : dash.end() + 1] if dash else text[:_SEEN_CHARS].lstrip()[:1]
    return letter.islower() and letter.title() != letter  # Georgian's have no capitals to begin a sentence with


def nested_ends(text: str, language: str) -> list[re.Match[str]]:
    """Return where two quotations end at once, or one is broken off, before something else, in the text's order."""
    found = chain.from_iterable(pattern.finditer(text) for pattern in _ENDS_BY_LANGUAGE.get(language, _NESTED_ENDS))
    return sorted(found, key=re.Match.start)


def split_behind_marks(sentences: list[str], language: str) -> list[str]:
    """Return the sentences of a paragraph, cut behind a bracket that holds the first whole, and at `nested_ends`.

    Args:
        sentences: The sentences, the white space between them at their ends or beginnings.
        language: A code from `language_code`.

    >>> texts = "“He said, ‘Go.’” She left.", "(She stayed.) They met."
    >>> [split_behind_marks([text], "en") for text in texts]
    [['“He said, ‘Go.’” ', 'She left.'], ['(She stayed.)', ' They met.']]
    """
    whole = "\0".join(sentences)
    if (language == "en" or _CLOSING_MARK.search(whole)) and nested_ends(whole, language):
        sentences = [part for sentence in sentences for part in _split_behind_quotations(sentence, language)]
    if not OPENING_BRACKET.search(whole):
        return sentences
    return list(chain.from_iterable(map(_split_behind_brackets, sentences)))


def _split_behind_brackets(sentence: str) -> Iterator[str]:
    while (opened := sentence.lstrip()[:1]) in BRACKETS:
        closing = BRACKETS[opened]
        begin, end = sentence.index(opened), sentence.find(closing) + 1
        stops = _STOPS_AND_DASHES if closing in _WITHOUT_BLANKS else _STOPS
        is_whole = end - begin >= _MIN_BRACKET_CHARS and sentence[begin : end - 1].rstrip("_*")[-1] in stops
        if not is_whole or sentence.find(opened, begin + 1, end) >= 0 or not sentence[end:].strip():
            break
        if not (sentence[end].isspace() or closing in _WITHOUT_BLANKS) or goes_on(sentence, end):
            break
        yield sentence[:end]
        sentence = sentence[end:]
    yield sentence


def _split_behind_quotations(sentence: str, language: str) -> Iterator[str]:
    begin = 0
    for found in nested_ends(sentence, language):
        is_behind_blank = found[0][-1].isspace()
        following = sentence[found.end() : found.end() + _SEEN_CHARS]
        if not (_begins_in_lower_case(following) if is_behind_blank else goes_on(following, 0)):
            yield sentence[begin : found.end()]
            begin = found.end()
    yield sentence[begin:]
