"""Knows where dates and times go on behind a stop: "2 nov. 2023", "8 p.m. Monday"."""

import re

_MONTHS = {
    "fr": "janv fév févr avr juil sept oct nov déc",
    "es": "ene feb febr mar abr may jun jul ago ag sep sept set oct nov dic",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "gl": "xan feb mar abr mai xuñ xul ago set out nov dec",
    "ca": "gen febr març abr jul ag set oct nov des",
    "it": "gen genn feb febbr mar apr mag giu lug ago set sett ott nov dic",
    "ro": "ian feb febr mart apr iun iul aug sept oct nov dec",
    "nl": "jan feb febr mrt apr jun jul aug sep sept okt nov dec",
    "sv": "jan feb febr mar apr jun jul aug sep sept okt nov dec",
    "da": "jan feb febr mar apr jun jul aug sep sept okt nov dec",
    "no": "jan feb febr mar apr jun jul aug sep sept okt nov des",
    "is": "jan feb febr mar apr jún júl ágú sept okt nóv des",
    "pl": "sty stycz lut kwi kwiec maj cze czerw lip sie sierp wrz wrześ paź paźdz lis listop gru grudz",
    "cs": "led ún úno břez dub květ červ srp zář říj list pros",
    "sk": "jan feb febr mar apr jún júl aug sept okt nov dec",
    "hr": "sij siječ velj ožu ožuj tra trav svi svib lip srp kol kolov ruj lis listop stu stud pro",
    "sl": "jan feb febr mar apr jun jul avg sept okt nov dec",
    "hu": "jan febr márc ápr máj jún júl aug szept okt nov dec",
    "et": "jaan veebr apr aug sept okt nov dets",
    "lv": "janv febr apr jūn jūl aug sept okt nov dec",
    "lt": "saus vas bal geg birž liep rugp rugpj rugs spal lapkr gruod",
    "tr": "oca şub mar nis may haz tem ağu eyl eki kas ara",
    "el": "ιαν φεβ μαρ απρ μαΐ ιουν ιουλ αυγ σεπ σεπτ οκτ νοε δεκ",
    "ru": "янв фев февр мар апр июн июл авг сен сент окт ноя нояб дек",
    "uk": "січ лют бер берез квіт трав черв лип серп вер верес жовт лист листоп груд",
    "bg": "ян февр апр авг септ окт ноем дек",
    "id": "jan feb mar apr jun jul agu ags agt sep sept okt nov des",
}
_NAMES = {language: frozenset(names.split()) for language, names in _MONTHS.items()}
_NAMES["nb"] = _NAMES["no"]
_WORDS = """
sept mar may set out mag ag gen lip lis list dub led kol pro tra svi vas bal sty lut cze sie ara kas tem haz eki лист
серп лип бер мар
"""
_ALSO_WORDS = frozenset(_WORDS.split())
"""What is a word of its own in one of these languages: it is a month behind a number alone."""

SHORT_MONTHS = {language: names - _ALSO_WORDS for language, names in _NAMES.items()}
"""By language: what is short for a month and nothing else."""

_YEAR = re.compile(r"(?:1\d|20)\d\d(?!\d)")
_YEAR_OR_TIME = re.compile(rf"{_YEAR.pattern}|\d{{1,2}}(?:[:.]|\s?[hu])\d\d")

_HOURS = frozenset(("a.m", "p.m"))
_OTHER_DAY = (
    r"(?!,?\s(?:was|is|will|would|has|had|came|brought|saw|began|ended|marks|morning|afternoon|evening|night)\b)"
)
_REST_OF_TIME = re.compile(
    rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b{_OTHER_DAY}|(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.\s"
    r"|(?:[ECMP][SD]?T|GMT|UTC|BST|CES?T|IST|JST|AES?T)\b|(?:Eastern|Central|Mountain|Pacific|Greenwich)\b"
    r"|(?:(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.)\s\d{1,2}(?!\d)"
)
"""What goes on behind "8 p.m.": a day, a time zone, a date."""


def is_in_time(word: str, after: str, language: str) -> bool:
    """Return whether an English word and a stop are short for a half of the day, and what follows goes on with it.

    >>> is_in_time("p.m", "Monday. He left.", "en"), is_in_time("p.m", "Monday was calm.", "en")
    (True, False)
    """
    return language == "en" and word.lower() in _HOURS and _REST_OF_TIME.match(after) is not None


def is_in_date(word: str, previous: str, after: str, language: str) -> bool:
    """Return whether a word and a stop are short for a month of a date that goes on behind them.

    Args:
        word: The word, without its stop.
        previous: The word before it; "" if there is none.
        after: What follows; it begins with a number.
        language: A code from `language_code`.

    >>> is_in_date("nov", "2", "2023 à midi", "fr"), is_in_date("set", "il", "2023 fois", "fr")
    (True, False)
    """
    if word.lower() not in _NAMES.get(language, ()):
        return False
    number = previous.rstrip(".")
    if number.isdecimal():
        return len(number) > 2 or _YEAR_OR_TIME.match(after) is not None  # "2023. febr. 2-án"
    return word.lower() not in _ALSO_WORDS and _YEAR.match(after) is not None
