"""Knows the short names of days that stand before a date: "lun. 2 nov.", "Sat. 14 October"."""

import re
from functools import cache

_DAYS = {
    "en": "Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun",
    "fr": "lun mar mer jeu ven sam dim",
    "es": "lun mar mié mier miér jue vie sáb sab dom",
    "gl": "lun mar mér xov ven sáb dom",
    "pt": "seg ter qua qui sex sáb sab dom",
    "it": "lun mar mer gio giov ven sab dom",
    "ca": "dl dt dc dj dv ds dg",
    "ro": "lun mar mie joi vin sâm dum",
    "de": "Mo Di Mi Do Fr Sa So Mon Die Mit Don Fre Sam Son",
    "nl": "ma di wo do vr za zo",
    "af": "Ma Di Wo Do Vr Sa So",
    "sv": "mån tis tisd ons tor tors fre lör sön",
    "da": "man tir tirs ons tor tors fre lør søn",
    "no": "man tir tirs ons tor tors fre lør søn",
    "is": "mán þri mið fim fös lau sun",
    "pl": "pon pn wt śr czw czwart pt piąt sob nd niedz ndz",
    "cs": "po út st čt pá so ne pon čtv pát sob ned",
    "sk": "po ut st št pi so ne pon štv pia sob ned",
    "sl": "pon tor sre čet pet sob ned",
    "hr": "pon uto sri čet pet sub ned",
    "ru": "пн вт ср чт пт сб вс пон втор сред четв пятн суб воскр",
    "uk": "пн вт ср чт пт сб нд",
    "bg": "пон вт ср четв пет съб нед",
    "el": "δευ τρί τρι τετ πέμ πεμ παρ σάβ σαβ κυρ",
    "tr": "pzt sal çar per cum cmt paz",
    "id": "sen sel rab kam jum sab min",
    "et": "esmasp teisip kolmap neljap laup pühap",
    "lv": "pirmd otrd trešd ceturtd piektd sestd svētd",
    "lt": "pirm antr treč ketv penkt šešt sekm",
    "fi": "ma ti ke to pe la su",
}
_MONTHS = {
    "en": "jan feb mar apr may jun jul aug sep oct nov dec",
    "fr": "janv fév mars avr mai juin juil août sept oct nov déc",
    "es": "ene feb mar abr may jun jul ago sep set oct nov dic",
    "gl": "xan feb mar abr mai xuñ xul ago set out nov dec",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "ca": "gen febr març abr maig juny jul ag set oct nov des",
    "ro": "ian feb mar apr mai iun iul aug sept oct nov dec",
    "de": "jan feb mär apr mai jun jul aug sep okt nov dez",
    "nl": "jan feb maart mrt apr mei jun jul aug sep okt nov dec",
    "af": "jan feb maart mrt apr mei jun jul aug sep okt nov des",
    "sv": "jan feb mar apr maj jun jul aug sep okt nov dec",
    "da": "jan feb mar apr maj jun jul aug sep okt nov dec",
    "no": "jan feb mar apr mai jun jul aug sep okt nov des",
    "is": "jan feb mar apr maí jún júl ágú sep okt nóv des",
    "pl": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "cs": "led úno břez dub kvě červ srp září říj list pros",
    "sk": "jan feb mar apr máj jún júl aug sep okt nov dec",
    "sl": "jan feb mar apr maj jun jul avg sep okt nov dec",
    "hr": "sij velj ožuj tra svi lip srp kol ruj lis stu pros",
    "ru": "янв фев мар апр мая июн июл авг сен окт ноя дек",
    "uk": "січ лют бер квіт трав черв лип серп вер жовт лист груд",
    "bg": "ян фев мар апр май юни юли авг сеп окт ное дек",
    "el": "ιαν φεβ μαρ απρ μαΐ μαϊ μάι ιουν ιούν ιουλ ιούλ αυγ αύγ σεπ οκτ νοε νοέ δεκ",
    "tr": "oca şub mar nis may haz tem ağu eyl eki kas ara",
    "id": "jan feb mar apr mei jun jul agu sep okt nov des",
    "et": "jaan veeb märts apr mai juun juul aug sept okt nov dets",
    "lv": "janv feb mart apr mai jūn jūl aug sep okt nov dec",
    "lt": "saus vas kov bal geg birž liep rugp rugs spal lapk gruod",
    "fi": "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
}
_NAMES = {language: frozenset(names.split()) for language, names in _DAYS.items()}
_NAMES["nb"], _MONTHS["nb"] = _NAMES["no"], _MONTHS["no"]
_WITH_CAPITALS = frozenset(("en", "de", "af"))
"""Languages whose days have a capital: the small word is another ("sat", "so")."""


def is_before_date(word: str, after: str, language: str) -> bool:
    """Return whether a word and a stop are short for a day of the week whose date follows.

    >>> is_before_date("lun", "2 nov. à midi", "fr"), is_before_date("mer", "2 bateaux", "fr")
    (True, False)
    """
    day = word if language in _WITH_CAPITALS else word.lower()
    return day in _NAMES.get(language, ()) and _date_pattern(language).match(after) is not None


@cache
def _date_pattern(language: str) -> re.Pattern[str]:
    """Return the pattern of a day's number and a month, or the next day: "2 nov.", "5, ven. 6"."""
    return re.compile(
        rf"\d{{1,2}}(?:er|st|nd|rd|th|\.|º|°)?(?:(?:\sde)?\s|\sd['’])(?:{'|'.join(_MONTHS[language].split())})"
        rf"|\d{{1,2}}\.?(?:,|\s\w{{1,3}})?\s(?:{'|'.join(sorted(_NAMES[language]))})\.\s\d",
        re.IGNORECASE,
    )
