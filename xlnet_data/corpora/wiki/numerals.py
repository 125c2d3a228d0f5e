"""Writes numbers out in English words, and lengths of time between dates."""

import calendar
import contextlib
import datetime

from xlnet_data.corpora.wiki.arguments import UNKNOWN, Arguments
from xlnet_data.corpora.wiki.functions import call_function
from xlnet_data.corpora.wiki.wordings import Words, constant_words, named

_NAMES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
twenty thirty forty fifty sixty seventy eighty ninety
"""
_SMALL, _TENS = _NAMES.split()[:20], _NAMES.split()[20:]
_LARGE = {10**9: "billion", 10**6: "million", 1000: "thousand", 100: "hundred"}
_MOST_DIGITS = 12
_ORDINALS = {
    **{"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"},
    "twelve": "twelfth",
}


def cardinal_words(arguments: Arguments) -> str:
    """Return a number in English words; as it is given if it is no whole one, or in another language.

    >>> [cardinal_words(Arguments({"1": number})) for number in ("21", "-105", "3000", "2.5")]
    ['twenty-one', 'minus one hundred and five', 'three thousand', '2.5']
    """
    number = arguments.first_of("1")
    digits = number.lstrip("-−").replace(",", "")
    is_known = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
    if not is_known or arguments.language not in ("", "en"):
        return number
    return ("minus " if number[0] in "-−" else "") + _spell(int(digits))


def ordinal_in_words(arguments: Arguments) -> str:
    """Return an ordinal number in English words.

    >>> [ordinal_in_words(Arguments({"1": number})) for number in ("3", "20", "112", "x")]
    ['third', 'twentieth', 'one hundred and twelfth', 'x']
    """
    words = cardinal_words(arguments)
    start, mark, last = words.rpartition("-") if "-" in words else words.rpartition(" ")
    if words == arguments.first_of("1"):
        return words
    return start + mark + (_ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"))


def _spell(number: int) -> str:
    if number < len(_SMALL):
        return _SMALL[number]
    if number < 100:
        return _TENS[number // 10 - 2] + (f"-{_SMALL[number % 10]}" if number % 10 else "")
    size = next(size for size in _LARGE if size <= number)
    rest = number % size
    words = f"{_spell(number // size)} {_LARGE[size]}"
    return f"{words}{' and' if rest < 100 else ''} {_spell(rest)}" if rest else words


def age_words(arguments: Arguments) -> str:
    """Return the whole years between two dates; `UNKNOWN` if the second is the reader's day.

    >>> age_words(Arguments.parse(["1900", "5", "2", "1950", "5", "1"]))
    '49'
    """
    dates = _dates(arguments)
    return str(_difference(*dates)[0]) if dates else UNKNOWN


def days_words(arguments: Arguments) -> str:
    """Return the days between two dates."""
    dates = _dates(arguments)
    return str((dates[1] - dates[0]).days) if dates else UNKNOWN


def years_and_days_words(arguments: Arguments) -> str:
    """Return the years and days between two dates.

    >>> years_and_days_words(Arguments.parse(["1990", "1", "1", "1992", "1", "31"]))
    '2 years, 30 days'
    """
    dates = _dates(arguments)
    if not dates:
        return UNKNOWN
    years, _, days = _difference(*dates, with_months=False)
    return ", ".join(_counted(number, unit) for number, unit in ((years, "year"), (days, "day")) if number) or "0 days"


def years_months_and_days_words(arguments: Arguments) -> str:
    """Return the years, months and days between two dates.

    >>> years_months_and_days_words(Arguments.parse(["1990", "1", "1", "1992", "3", "4"]))
    '2 years, 2 months and 3 days'
    """
    dates = _dates(arguments)
    if not dates:
        return UNKNOWN
    parts = [_counted(n, unit) for n, unit in zip(_difference(*dates), ("year", "month", "day"), strict=True) if n]
    return _joined(parts, "and") or "0 days"


def duration_words(arguments: Arguments) -> str:
    """Return a length of time with colons.

    >>> [duration_words(Arguments.parse(given)) for given in (["1", "30", "5"], ["m=3", "s=20"], ["4:05"])]
    ['1:30:05', '3:20', '4:05']
    """
    given = [*arguments.in_order(), "", "", ""]
    hours, minutes, seconds = (arguments.first_of(name) or given[i] for i, name in enumerate("hms"))
    if ":" in hours or not (hours or minutes or seconds):
        return hours
    parts = [hours, minutes or "0"] if hours else [minutes or "0"]
    return ":".join([parts[0], *(f"{part:>02}" for part in (*parts[1:], seconds or "0"))])


def french_duration_words(arguments: Arguments) -> str:
    """Return the years, months and days between two dates in French; `UNKNOWN` if the second is the reader's day.

    >>> french_duration_words(Arguments.parse(["2", "12", "1998", "3", "11", "2001"]))
    '2 ans, 11 mois et 1 jour'
    """
    dates = _dates(arguments)
    if not dates:
        return UNKNOWN
    units = zip(_difference(*dates), (("an", "ans"), ("mois", "mois"), ("jour", "jours")), strict=True)
    parts = [f"{number} {words[number > 1]}" for number, words in units if number]
    return _joined(parts, "et") or "0 jour"


def counted_words(arguments: Arguments) -> str:
    """Return a number and the English noun that it counts: {{plural|2|city}}."""
    number, noun, nouns = [*arguments.in_order(), "", "", ""][:3]
    if not noun:
        return ""
    return f"{number} {noun if number == '1' else nouns or _plural(noun)}"


def share_words(arguments: Arguments) -> str:
    """Return a number's share of another in percent, and the number."""
    part, whole, digits = [*arguments.in_order(), "", "", ""][:3]
    with contextlib.suppress(ValueError, ZeroDivisionError):
        share = 100 * float(part.replace(",", "")) / float(whole.replace(",", ""))
        return f"{share:.{int(digits or 0) % 10}f}% ({part})"
    return part


def record_words(arguments: Arguments) -> str:
    """Return the games that were won, lost and tied."""
    named = [arguments.first_of(name) for name in ("w", "l", "t")]
    return "–".join(filter(None, named if named[0] else arguments.in_order()))


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun[-1:] == "y" and noun[-2:-1] not in "aeiou" else f"{noun}s"


def _joined(parts: list[str], word: str) -> str:
    """Return parts with commas between them, and a word before the last."""
    return f" {word} ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' if number != 1 else ''}"


def _dates(arguments: Arguments) -> tuple[datetime.date, datetime.date] | None:
    """Return the two dates that are given, year first or day first; None if they are not two."""
    given = [int(part) for part in arguments.in_order() if part.isdecimal() and part.isascii() and len(part) < 5]
    if len(given) != 6:
        return None
    is_day_first = given[0] <= 31 < given[2]
    with contextlib.suppress(ValueError):  # a day that no calendar has
        first, second = (datetime.date(*part[:: -1 if is_day_first else 1]) for part in (given[:3], given[3:]))
        return (first, second) if first <= second else None
    return None


def _difference(begin: datetime.date, end: datetime.date, with_months: bool = True) -> tuple[int, int, int]:
    """Return the years, the months if wanted, and the days from one date to a later one."""
    months = 12 * (end.year - begin.year) + end.month - begin.month - (end.day < begin.day)
    if not with_months:
        months -= months % 12
    year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
    day = min(begin.day, calendar.monthrange(year, month + 1)[1])
    return months // 12, months % 12, (end - datetime.date(year, month + 1, day)).days


def patent_words(arguments: Arguments) -> str:
    """Return a patent of the United States by its number."""
    number = arguments.first_of("1")
    is_plain = number.isascii() and number.isdecimal() and len(number) <= _MOST_DIGITS
    return f"U.S. patent {int(number):,}" if is_plain else f"U.S. patent {number}".strip()


def sizes_words(arguments: Arguments) -> str:
    """Return the sides of something, and their unit: {{dunité|2|3|m}}."""
    *sides, unit = [part for part in arguments.in_order() if part] or [""]
    return f"{' × '.join(sides)} {unit}".strip()


def round_words(arguments: Arguments) -> str:
    """Return a number that is rounded to some digits behind the point."""
    return call_function("#expr", [f"{arguments.first_of('1')} round {arguments.first_of('2') or '0'}"])


NUMERALS: dict[str, Words] = {
    **named("spellnum spellnum_per_mos number_to_words numtext cardinal_to_word", cardinal_words),
    **named("ordinal_to_word", ordinal_in_words),
    **named("age age_in_years возраст 年数 edad alter âge", age_words),
    **named("age_in_days age_in_days_nts", days_words),
    **named("ayd age_in_years_and_days", years_and_days_words),
    **named("aymd age_in_years,_months_and_days", years_months_and_days_words),
    **named("inflation inflation/year to_usd usdtoeur", constant_words(UNKNOWN)),
    **named("duration", duration_words),
    **named("durée", french_duration_words),
    **named("dunité", sizes_words),
    **named("plural", counted_words),
    **named("percent_and_number", share_words),
    **named("win-loss_record win–loss_record winlossrecord winloss_record", record_words),
    **named("us_patent us-patent", patent_words),
    **named("round", round_words),
}
