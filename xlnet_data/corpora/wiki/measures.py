"""Writes out the quantities that templates stand for."""

import re
from collections.abc import Callable

from xlnet_data.corpora.pieces.inline_tags import RAISED
from xlnet_data.corpora.wiki.arguments import Arguments

_RANGE_WORDS = {
    **{"-": "–", "–": "–", "to": " to ", "to(-)": " to ", "to about": " to about ", "and": " and ", "and(-)": " and "},
    **{"or": " or ", "x": " × ", "×": " × ", "*": " × ", "by": " by ", "xx": " × ", "by(x)": " by "},
    **{"+/-": " ± ", "±": " ± ", "+/−": " ± ", "/": "/", ",": ", ", ", and": ", and ", "à": " à ", "et": " et "},
    **{"+": " + "},
}
_POWERS = {"e3": "thousand ", "e6": "million ", "e9": "billion ", "e12": "trillion ", "e15": "quadrillion "}
_POWER = re.compile(r"(e(?:3|6|9|12|15))(?=\D)")
_UNITS = {
    **{"acre": "acres", "acres": "acres", "sqmi": "sq mi", "sqft": "sq ft", "sqyd": "sq yd", "sqin": "sq in"},
    **{"sqkm": "km²", "sqm": "m²", "km2": "km²", "m2": "m²", "cm2": "cm²", "mm2": "mm²", "m3": "m³", "km3": "km³"},
    **{"cm3": "cm³", "cuft": "cu ft", "cuyd": "cu yd", "cumi": "cu mi", "cuin": "cu in", "c": "°C", "f": "°F"},
    **{"kph": "km/h", "usgal": "US gal", "impgal": "imp gal", "shton": "short tons", "lton": "long tons", "lb": "lb"},
    **{"oil_bbl": "barrels", "bhp": "bhp", "kn": "kn", "l": "L", "lk": "links", "h": "h", "u.s.gal": "US gal"},
    "pd": "",
}
_PARTS = {"ft", "in", "yd", "mi", "lb", "oz", "st", "stlb", "h", "min", "s", "foot", "feet", "chain", "°", "cwt", "qtr"}
_SPELT_OUT = ("acres", "barrels", "tons")
"""Units that are written out, and so with a hyphen and in the singular before a noun: "2-acre field"."""

_NAMES = {
    **{"mi": "mile", "ft": "foot", "in": "inch", "yd": "yard", "km": "kilometre", "m": "metre", "cm": "centimetre"},
    **{"mm": "millimetre", "lb": "pound", "kg": "kilogram", "oz": "ounce", "ha": "hectare"},
}
"""Units whose names are written before a noun: "5-mile road"."""

_HEMISPHERES = ("N", "S", "E", "W", "O")
_ANGLE = re.compile(r"[-−]?\d{1,3}(?:\.\d{1,9})?")
_SIGNS_OF_MONEY = {"usd": "US$", "gbp": "£", "eur": "€", "jpy": "¥", "inr": "₹", "aud": "A$", "cad": "C$"}


def measure(arguments: Arguments) -> str:
    """Return a quantity and its unit as given, without the converted one.

    >>> measure(Arguments.parse(["2", "x", "4", "x", "6", "cm", "in"])), measure(Arguments.parse(["3", "e6acre"]))
    ('2 × 4 × 6 cm', '3 million acres')
    """
    given = arguments.in_order()
    if not given:
        return ""
    quantity, i = _range(given)
    if i >= len(given):
        return _number(quantity)
    words = f"{_number(quantity)} {_unit(given[i], quantity)}".replace(" /", "/")
    num_first = i
    while i + 2 < len(given) and {given[i], given[i + 2]} <= _PARTS and given[i + 1][:1].isdigit():
        words += f" {_number(given[i + 1])} {_unit(given[i + 2], given[i + 1])}"
        i += 2
    is_adjective = arguments.first_of("adj") == "on"
    if is_adjective and words.endswith(_SPELT_OUT):
        words = words[:-1].replace(" ", "-")
    elif is_adjective and i == num_first and (name := _name_of(given[i], arguments)):
        words = f"{_number(quantity)}-{name}"
    if arguments.first_of("adj") == "mid" and len(given) > i + 1:
        words += f" {given[-1].lstrip('-')}"
    return words.strip()


def short_measure(arguments: Arguments) -> str:
    """Return a quantity and its unit's sign, as `measure` does, also before a noun.

    >>> [words(Arguments.parse(["5", "mi", "km", "adj=on"])) for words in (measure, short_measure)]
    ['5-mile', '5 mi']
    """
    return measure(Arguments({"abbr": "on"} | arguments.values, arguments.language))


def _name_of(unit: str, arguments: Arguments) -> str:
    """Return a unit's name in the singular, as an English wiki writes it before a noun; "" where it writes the sign."""
    if arguments.language not in ("", "en") or arguments.first_of("abbr") not in ("", "off", "out"):
        return ""
    name = _NAMES.get(unit, "")
    return f"{name[:-2]}er" if name.endswith("metre") and arguments.first_of("sp") == "us" else name


def value(arguments: Arguments) -> str:
    """Return a number with its uncertainty, power of ten and unit.

    >>> value(Arguments({"1": "5.97", "2": "0.01", "e": "24", "u": "kg"}))
    '(5.97±0.01)×10^24 kg'
    """
    given = arguments.in_order() or [""]
    number, i = _range(given)
    error, lower = (sign.lstrip("+-−") for sign in [*given[i:], "", ""][:2])
    if error.startswith("("):
        number += error
    elif error and lower:
        number = f"{number} (+{error}/−{lower})"
    elif error:
        number = f"{number}±{error}"
    if exponent := arguments.first_of("e", "ex"):
        number = f"({number})×10^{exponent}" if error and not error.startswith("(") else f"{number}×10^{exponent}"
    unit, per = arguments.first_of("u", "ul"), arguments.first_of("up", "upl")
    unit += f"/{per}" if per else ""
    return f"{arguments.first_of('p')}{number}{' ' if unit[:1] not in ('%', '°', '') else ''}{unit}".strip()


def number_with_unit(arguments: Arguments) -> str:
    """Return a number and a unit, as French and Spanish templates take them: {{unité|3|km}}, {{unité|3|m|2}}."""
    number, *units = arguments.in_order() or [""]
    units = [unit for unit in units if unit]
    number += "".join(f" {word} {other}" for word in ("à", "et", "ou", "par") if (other := arguments.first_of(word)))
    exponent = arguments.first_of("e")
    number += f"×10^{exponent}" if exponent else ""
    named = arguments.first_of("u", "ul", "unité")
    powers = {"2": "²", "3": "³", "-1": "⁻¹", "-2": "⁻²", "-3": "⁻³"}
    unit = "".join(powers.get(unit, (" " if i else "") + unit) for i, unit in enumerate(units)) or named
    return f"{number} {unit}".strip()


def fraction(arguments: Arguments) -> str:
    """Return a fraction of one (n), two (m/n) or three (w m/n) given numbers."""
    numbers = arguments.in_order()
    if len(numbers) < 2:
        return f"1/{''.join(numbers)}"
    return f"{numbers[0]}/{numbers[1]}" if len(numbers) == 2 else f"{numbers[0]} {numbers[1]}/{numbers[2]}"


def root_words(arguments: Arguments) -> str:
    """Return a root, with its degree where that is not two."""
    number, degree = arguments.first_of("1"), arguments.first_of("2")
    return f"{'' if degree == '2' else degree.translate(RAISED)}√{number}" if number else ""


def coordinate_words(arguments: Arguments) -> str:
    """Return a place on the globe as a sentence shows it; nothing where only the page's head does.

    >>> [coordinate_words(Arguments.parse(given)) for given in (["51", "30", "N", "0", "7", "W"], ["9.5", "-8"])]
    ['51°30′N 0°7′W', '9.5°N 8°W']
    """
    if arguments.first_of("display") in ("title", "t"):
        return ""
    angles: list[str] = []
    written = ""
    for given in arguments.in_order():
        if given.upper() in _HEMISPHERES:
            signs = zip(angles, "°′″", strict=False)
            written += f" {''.join(angle + sign for angle, sign in signs)}{given.upper()}"
            angles = []
        elif _ANGLE.fullmatch(given):
            angles.append(given)
        else:
            break
    if not written and len(angles) > 1:
        for angle, hemispheres in zip(angles, ("NS", "EW"), strict=False):
            written += f" {angle.lstrip('-−')}°{hemispheres[angle[0] in '-−']}"
    return written.strip()


def angle_words(signs: str, between: str = "") -> Callable[[Arguments], str]:
    """Return the function that writes an angle or a time with a sign behind each part: {{DMS|12|30|5|N}}."""

    def words(arguments: Arguments) -> str:
        given = [part for part in arguments.in_order() if part]
        parts = [part + sign for part, sign in zip(given, signs, strict=False) if part.upper() not in _HEMISPHERES]
        return between.join(parts) + "".join(part for part in given[1:] if part in _HEMISPHERES)

    return words


def nuclide_words(arguments: Arguments) -> str:
    """Return a nuclide as one says it: its element and its mass."""
    return "-".join(filter(None, arguments.in_order()[:2]))


def significant_words(arguments: Arguments) -> str:
    """Return a number with as many digits as are said to be significant.

    >>> [significant_words(Arguments.parse(given)) for given in (["12345", "2"], ["0.5", "2"], ["a", "2"])]
    ['12000', '0.50', 'a']
    """
    number, digits = arguments.first_of("1"), arguments.first_of("2")
    try:
        rounded = f"{float(number.replace(',', '')):#.{int(digits) % 20 or 1}g}"
    except ValueError:
        return number
    return f"{float(rounded):.14g}" if "e" in rounded else rounded.rstrip(".")


def ordinal_words(arguments: Arguments) -> str:
    """Return a number as English puts things in order by it; with words behind it already, as it is.

    >>> ordinal_words(Arguments({"1": "22"})), ordinal_words(Arguments({"1": "113"}))
    ('22nd', '113th')
    """
    number = arguments.first_of("1")
    if not number.isdigit() or arguments.language not in ("", "en"):
        return number
    is_teen = number[-2:-1] == "1"
    return number + ("th" if is_teen else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th"))


def money_words(arguments: Arguments) -> str:
    """Return an amount of money with the sign of its currency, or with its code if it has no sign."""
    amount, code = arguments.first_of("1", "amount"), arguments.first_of("2", "type")
    sign = _SIGNS_OF_MONEY.get(code.lower())
    return f"{sign}{amount}" if sign else f"{amount} {code}".strip()


def shillings_words(arguments: Arguments) -> str:
    """Return an amount of pounds, shillings and pence: {{£sd|l=5|s=4|d=3}}."""
    pounds, *others = (arguments.first_of(name) for name in "lsd")
    small = [f"{number}{unit}" for number, unit in zip(others, "sd", strict=True) if number]
    return " ".join([f"£{pounds}"] * bool(pounds) + small)


def million_years_words(arguments: Arguments) -> str:
    """Return an age of the earth; nothing of a period's name, whose age a wiki looks up.

    >>> [million_years_words(Arguments.parse(given)) for given in (["66", "error=1"], ["9", "5"], ["Eocene"])]
    ['66 ± 1 million years ago', '9 to 5 million years ago', '']
    """
    begin, second, error = (arguments.first_of(name) for name in ("1", "2", "error"))
    if not begin[:1].isdecimal():
        return ""
    begin += f" ± {error}" if error else ""
    if second[:1].isdecimal():
        return f"{begin} to {second} million years ago"
    return f"{begin} {second or 'million years ago'}"


def height_words(arguments: Arguments) -> str:
    """Return how tall somebody is: {{height|ft=5|in=11}}, {{height|m=1.80}}."""
    return " ".join(f"{given} {unit}" for unit in ("m", "cm", "ft", "in") if (given := arguments.first_of(unit)))


def density_words(arguments: Arguments) -> str:
    """Return how many people live on a unit of area: their number and the area are given.

    >>> density_words(Arguments.parse(["1,200", "20", "km2", "sqmi"]))
    '60/km²'
    """
    people, area, unit = [*arguments.in_order(), "", "", ""][:3]
    try:
        density = float(people.replace(",", "")) / float(area.replace(",", ""))
        digits = int(arguments.first_of("prec") or (0 if density >= 10 else 1)) % 10
    except (ValueError, ZeroDivisionError):
        return ""
    return f"{density:,.{digits}f}/{_unit(unit or 'km2', '')}"


def percentage_words(arguments: Arguments) -> str:
    """Return a share in percent, of the second number where there is one.

    >>> percentage_words(Arguments({"1": "1", "2": "3"})), percentage_words(Arguments({"1": "5"}))
    ('33%', '5%')
    """
    part, whole, digits = (arguments.values.get(name, "") for name in "123")
    try:
        return f"{100 * float(part) / float(whole):.{int(digits or 0) % 10}f}%" if whole else f"{part}%"
    except (ValueError, ZeroDivisionError):
        return ""


_ROMAN_DIGITS = {
    **{1000: "M", 900: "CM", 500: "D", 400: "CD", 100: "C", 90: "XC", 50: "L"},
    **{40: "XL", 10: "X", 9: "IX", 5: "V", 4: "IV", 1: "I"},
}


def roman_words(arguments: Arguments) -> str:
    """Return a number in Roman digits.

    >>> roman_words(Arguments({"1": "14"}))
    'XIV'
    """
    number = arguments.first_of("1")
    if not number.isdecimal() or len(number) > 4:
        return number
    rest, roman = int(number), ""
    for amount, digits in _ROMAN_DIGITS.items():
        roman += digits * (rest // amount)
        rest %= amount
    return roman


def _range(given: list[str]) -> tuple[str, int]:
    """Return one quantity or a range of several, and how many of the arguments make it."""
    parts, i = [given[0]], 1
    while i + 1 < len(given) and (word := _RANGE_WORDS.get(given[i])):
        parts += word, given[i + 1]
        i += 2
    return "".join(parts), i


def _number(given: str) -> str:
    return given.replace("+", " ").replace("//", "/").strip() if "/" in given else given


def _unit(code: str, quantity: str) -> str:
    power = _POWER.match(code)
    name = code[power.end() :] if power else code
    parts = name.removesuffix("-change").split("/")
    shown = "/".join(_UNITS.get(part.lower() if part != "K" else part, part.replace("_", " ")) for part in parts)
    if shown == "acres" and quantity == "1" and not power:
        shown = "acre"
    return (_POWERS[power[1]] if power else "") + shown
