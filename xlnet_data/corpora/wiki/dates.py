"""Writes out the dates, ages and centuries that templates stand for, as the wiki's language has them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from xlnet_data.corpora.wiki.arguments import Arguments

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "gl": "xaneiro febreiro marzo abril maio xuño xullo agosto setembro outubro novembro decembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "no": "januar februar mars april mai juni juli august september oktober november desember",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta"
    " lokakuuta marraskuuta joulukuuta",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
    "sk": "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "hu": "január február március április május június július augusztus szeptember október november december",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "be": "студзеня лютага сакавіка красавіка мая чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня",
    "bg": "януари февруари март април май юни юли август септември октомври ноември декември",
}
"""By language: the names of months as they stand in a date."""

FRENCH_MONTHS = tuple(_MONTHS["fr"].split())

_WITH_DE = frozenset({"es", "pt", "gl"})
_WITH_STOP = frozenset({"de", "da", "no", "fi", "cs", "sk"})
_SIGNS = {"ja": ("年", "月", "日"), "zh": ("年", "月", "日"), "ko": ("년 ", "월 ", "일")}
_MOST_DIGITS = 4
_ROMAN = re.compile(r"[ivxlcdm]+|\d{1,2}", re.IGNORECASE)
_PARTS = ("jour", "tag"), ("mois", "monat"), ("année", "jahr")
_FORMATS = frozenset(("iso", "dmy", "mdy", "ymd", "dm", "md", "none"))
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


def write_date(year: str, month: str, day: str, language: str, is_month_first: bool = False) -> str:
    """Return a date of which some parts may be missing, as a language has it.

    Args:
        year: As given.
        month: A number from 1 to 12, or its name.
        day: As given.
        language: A code that `_MONTHS` or `_SIGNS` knows.
        is_month_first: True: English has the month before the day.

    >>> [write_date("1900", "5", "1", language) for language in ("en", "fr", "es", "de", "hu", "ja")]
    ['1 May 1900', '1er mai 1900', '1 de mayo de 1900', '1. Mai 1900', '1900. május 1.', '1900年5月1日']
    """
    day = day.lstrip("0") if day.isdecimal() else day
    if language in _SIGNS:
        month = month.lstrip("0")
        written = [part + sign for part, sign in zip((year, month, day), _SIGNS[language], strict=True) if part]
        return "".join(written).strip()
    if _is_short_number(month) and 1 <= int(month) <= len(names := _MONTHS[language].split()):
        month = names[int(month) - 1]
    if day.isdecimal() and day:
        day = f"{day}." if language in _WITH_STOP else "1er" if language == "fr" and day == "1" else day
    if language == "hu":
        return " ".join(filter(None, (year and f"{year}." if month else year, month, day and f"{day}.")))
    if is_month_first and day:
        return f"{month} {day}, {year}".rstrip(", ")
    return (" de " if language in _WITH_DE else " ").join(filter(None, (day, month, year)))


def _is_short_number(text: str) -> bool:
    """Return whether a text is a number that int() takes: not "²", and not thousands of digits."""
    return text.isdecimal() and len(text) <= _MOST_DIGITS


def language_of_dates(language: str, otherwise: str) -> str:
    """Return the language of a wiki, or another where the months of that one are not known."""
    return language if language in _MONTHS or language in _SIGNS else otherwise


def format_time(form: str, date: str, language: str) -> str:
    """Return a date in a form of MediaWiki's ``#time``; as it is given if either is none of those known.

    >>> format_time("Y", "1999-05-04", ""), format_time("j F Y", "1999-05-04", "de"), format_time("j.n.", "May 4", "")
    ('1999', '4. Mai 1999', 'May 4')
    """
    found = _ISO.fullmatch(date)
    if found is None:
        return date
    year, month, day = found[1], found[2].lstrip("0"), found[3].lstrip("0")
    if form in ("j F Y", "d F Y", "F j, Y", "F Y"):
        language = language_of_dates(language, "en")
        return write_date(year, month, "" if form == "F Y" else day, language, form == "F j, Y" and language == "en")
    parts = {"Y": year, "n": month, "m": found[2], "j": day, "d": found[3]}
    return "".join(parts.get(sign, sign) for sign in form) if re.fullmatch(r"[Ynmjd./ -]+", form) else date


@dataclass(frozen=True)
class DateWords:
    """Writes out dates as the wiki's language has them.

    Attributes:
        language: Whose wiki has the template, and in which dates are written where the wiki's own is not known.
        is_year_first: True: the template takes year, month and day; False: day, month and year.
    """

    language: str
    is_year_first: bool = False

    def __call__(self, arguments: Arguments) -> str:
        """Return a date as words; what is none is returned as given."""
        parts = [part for part in arguments.in_order()[:3] if part and part.lower() not in _FORMATS]
        parts = parts or [given for names in _PARTS if (given := arguments.first_of(*names))]
        is_year_last = len(parts) > 1 and len(parts[-1]) > len(parts[0]) > 0 and parts[-1].isdecimal()
        if is_year_last or not (self.is_year_first or (len(parts) == 3 and parts[0].isdecimal() and len(parts[0]) > 2)):
            parts.reverse()
            if len(parts) == 2 and not parts[0].isdecimal():  # day and month, without a year
                parts.insert(0, "")
        year, month, day = [*parts, "", "", ""][:3]
        is_foreign = arguments.language == "en" and self.language != "en"  # a page in another language
        language = self.language if is_foreign else language_of_dates(arguments.language, self.language)
        if not month.isdecimal() and month.lower() not in _MONTHS.get(language, "").lower().split():
            language = self.language
        if not (month or day) and not year.isdecimal():
            return year
        is_day_first = arguments.first_of("df")[:1].lower() in ("y", "1", "t") or arguments.first_of("format") == "dmy"
        return write_date(year, month, day, language, is_month_first=language == "en" and not is_day_first)


@dataclass(frozen=True)
class CenturyWords:
    """Writes out one century or more.

    Attributes:
        word: The language's word; French has it behind the numbers, others before them.
        before: What is added to centuries before Christ.
        is_word_written: False: the number stands alone.
    """

    word: str
    before: str = ""
    is_word_written: bool = True

    def __call__(self, arguments: Arguments) -> str:
        """Return the centuries as words."""
        given = [part for part in arguments.in_order() if part]
        plural = "s" if given[3:] and given[-1] == "s" else ""
        if self.word != "siècle":
            side = given[1].lower().replace(".", "").replace(" ", "") if len(given) > 1 else ""
            is_before, is_behind = side in ("a", "ac"), side in ("d", "dc")
            era = self.before if is_before else self.before.replace("a", "d", 1) if is_behind else ""
            return " ".join(filter(None, (self.word, given[0], era))) if given else ""
        if arguments.language not in ("", "en", "fr") or not given or not _ROMAN.fullmatch(given[0]):
            return "".join(given[:1])  # a template of another language's that has the same name
        words: list[str] = []
        connectors: list[str] = []
        for part in given:
            if _ROMAN.fullmatch(part):
                words.append(part.upper() + ("" if part != given[-1] else "e" * (part.upper() != "I")))
            elif part in ("e", "er", "ère", "ème"):
                words[-1] += part
            else:
                connectors.append(part)
        if not self.is_word_written:
            return " ".join(words)
        if connectors:
            return f"{f' {connectors[0]} '.join(words)} {self.word}{plural}{self.before}"
        if len(words) > 1:
            return f"{', '.join(words[:-1])} et {words[-1]} {self.word}s{self.before}"
        return f"{words[0]} {self.word}{self.before}"


def old_style_date_words(arguments: Arguments) -> str:
    """Return a date of the Gregorian calendar with that of the Julian one.

    Russian has day, month and year, then those of the older date, as far as they differ.

    >>> old_style_date_words(Arguments.parse(["1 May", "1900", "18 April"]))
    '1 May [O.S. 18 April] 1900'
    >>> old_style_date_words(Arguments.parse(["25", "июля", "1826", "13"]))
    '13 [25] июля 1826'
    """
    day, month, year, *old = [*arguments.in_order(), "", "", ""]
    old = [part for part in old if part]
    if not old:
        return f"{day} [O.S. {year}] {month}".strip()
    if len(old) == 1:
        return f"{old[0]} [{day}] {month} {year}"
    return f"{' '.join(old)} [{day} {month}] {year}" if len(old) == 2 else f"{' '.join(old)} [{day} {month} {year}]"


def era_words(side: str) -> Callable[[Arguments], str]:
    """Return the function that writes a year before ("a") or after ("d") Christ, as the wiki's language has it."""

    def words(arguments: Arguments) -> str:
        blank = "" if arguments.language in ("pt", "it") else " "
        return f"{arguments.first_of('1')} {side}.{blank}C.".strip()

    return words


_ERAS = (("慶応", 1865), ("明治", 1868), ("大正", 1912), ("昭和", 1926), ("平成", 1989), ("令和", 2019))
"""Of Japan since 1865, and their first years."""


def japanese_year_words(arguments: Arguments) -> str:
    """Return a year, and behind it the year of the era, where that is a late one; {{和暦|明治|33}} has it first.

    >>> [japanese_year_words(Arguments.parse(given)) for given in (["1900"], ["1912"], ["昭和", "64"], ["1700"])]
    ['1900年（明治33年）', '1912年（明治45年/大正元年）', '1989年（昭和64年/平成元年）', '1700年']
    """
    given, number = [*arguments.in_order(), "", ""][:2]
    if given in dict(_ERAS) and _is_short_number(number):
        given = str(dict(_ERAS)[given] + int(number) - 1)
    if not _is_short_number(given):
        return given
    year = int(given)
    begun = [(era, year - first + 1) for era, first in _ERAS if first <= year]
    if len(begun) < 2:
        return f"{year}年"
    shown = begun[-2:] if begun[-1][1] == 1 else begun[-1:]
    named = "/".join(f"{era}{count if count > 1 else '元'}年" for era, count in shown)
    return f"{year}年（{named}）"
