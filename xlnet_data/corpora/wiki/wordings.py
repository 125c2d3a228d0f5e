"""Returns the words that templates make of their arguments, one function for each way in which they do."""

import re
from collections.abc import Callable
from typing import TypeAlias

from xlnet_data.corpora.wiki.arguments import Arguments
from xlnet_data.corpora.wiki.dates import DateWords
from xlnet_data.corpora.wiki.measures import number_with_unit

Words: TypeAlias = Callable[[Arguments], str]
"""Takes the arguments of a template, and returns the words that it stands for."""


_QUOTATION_NAMES = """
text quote texte texto testo цитата текст zitat quotetext content contenu tekst teksti treść cytat citat
citação cita citation szöveg indhold sitat math_statement proof תוכן نص متن 本文 内容 引用文 idézet lainaus 1
"""
"""Names of the argument that holds a quotation's words, in the wikis' languages; the first that is there counts."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{3})?")
_QUOTATION = tuple(_QUOTATION_NAMES.split())


def named(names: str, words: Words) -> dict[str, Words]:
    """Return a table of templates that are all read alike, their names in one string, "_" for a blank in a name."""
    return {name.replace("_", " "): words for name in names.split()}


def words_of_language(arguments: Arguments) -> str:
    """Return the words of {{lang-XX|words}}; {{transl|XX|words}} and {{lang XX|...}} have a code before them."""
    return arguments.first_of("text", "texte", "1")


def first_words(arguments: Arguments) -> str:
    """Return the first argument."""
    return arguments.first_of("1", "text", "texte", "texto", "content")


def second_words(arguments: Arguments) -> str:
    """Return the second argument: the first is a language, a colour, a side."""
    return arguments.first_of("2", "text", "texte", "texto", "testo", "текст")


def last_words(arguments: Arguments) -> str:
    """Return the last argument that is not empty."""
    return arguments.first_of("text", "texte") or arguments.last()


def all_words(arguments: Arguments) -> str:
    """Return the arguments, joined."""
    return "".join(arguments.in_order())


def listed_words(arguments: Arguments) -> str:
    """Return the arguments, or the lines of a list in them, as a list within the sentence."""
    lines = "\n".join(arguments.in_order()).split("\n")
    return ", ".join(filter(None, (line.lstrip("*# ") for line in lines)))


def list_words(arguments: Arguments) -> str:
    """Return the arguments as the items of a list, whose lines have bullets already or not."""
    lines = "\n".join(arguments.in_order()).split("\n")
    items = [line.strip() for line in lines if line.strip()]
    return "\n" + "".join(item + "\n" if item[0] in "*#" else f"* {item}\n" for item in items)


def label_words(*names: str) -> Words:
    """Return the function that takes the first of some arguments that is given."""
    return lambda arguments: arguments.first_of(*names)


def paragraph_words(arguments: Arguments) -> str:
    """Return a quotation as a paragraph of its own."""
    words = arguments.first_of(*_QUOTATION)
    return f"\n\n{words}\n\n" if words else ""


def second_paragraph_words(arguments: Arguments) -> str:
    """Return a quotation, behind the side on which it stands, as a paragraph of its own."""
    words = second_words(arguments)
    return f"\n\n{words}\n\n" if words else ""


def pair_of_paragraphs_words(arguments: Arguments) -> str:
    """Return a verse and its translation, each a paragraph of its own."""
    return "".join(f"\n\n{text}\n\n" for text in arguments.in_order()[:2])


def quoted_words(opening: str, closing: str) -> Words:
    """Return the function that puts words into quotation marks."""

    def words(arguments: Arguments) -> str:
        text = arguments.first_of(*_QUOTATION)
        return f"{opening}{text}{closing}" if text else ""

    return words


def ship_words(prefix: str = "") -> Words:
    """Return the function that writes a ship's prefix, given or the first argument, its name and its number.

    A form says what is shown of them, as the sum of 4, 2 and 1: {{HMS|Argo|K7|6}} is "HMS Argo". A nation and a type
    are a prefix, too: {{ship|Greek|frigate|Argo||2}}.
    """

    def words(arguments: Arguments) -> str:
        shown, name, number, form, last = [*([prefix] if prefix else []), *arguments.in_order(), *[""] * 5][:5]
        if not prefix and name[:1].islower() and number:
            shown, name, number, form = f"{shown} {name}", number, form, last
        if not name or form == "1":
            return number
        bits = int(form) if len(form) == 1 and form in "234567" else 7
        number = f"({number})" if number and bits & 1 else ""
        return " ".join(filter(None, (shown if bits & 4 else "", name, number)))

    return words


def class_words(arguments: Arguments) -> str:
    """Return the class and the type of ships; a form says what is shown of them.

    >>> [class_words(Arguments.parse(["Argo", "frigate", *form])) for form in ("", "0", "4", "5")]
    ['Argo-class frigate', 'Argo-class', 'Argo class', 'Argo']
    """
    name, kind, form = [*arguments.in_order(), "", "", ""][:3]
    if not name:
        return kind
    return {"0": f"{name}-class", "4": f"{name} class", "5": name}.get(form, f"{name}-class {kind}".rstrip())


def music_words(arguments: Arguments) -> str:
    """Return the sign of an accidental."""
    if arguments.first_of("1") == "time":
        return "/".join(arguments.in_order()[1:3])
    signs = {"sharp": "♯", "flat": "♭", "natural": "♮", "#": "♯", "b": "♭", "doublesharp": "𝄪", "doubleflat": "𝄫"}
    signs |= {"quarter": "♩", "eighth": "♪", "n": "♮", "##": "𝄪", "bb": "𝄫", "treble": "𝄞", "bass": "𝄢"}
    return signs.get(arguments.first_of("1").lower(), "")


def section_words(arguments: Arguments) -> str:
    """Return the name of a page and of a section of it."""
    page, section = [*arguments.in_order(), "", ""][:2]
    return f"{page} § {section}".strip() if section else page


def hour_words(arguments: Arguments) -> str:
    """Return a time of the day as French has it."""
    given = arguments.in_order()
    units = ("h", "min", "s") if len(given) > 2 else ("h", "")
    return " ".join(f"{number} {unit}" for number, unit in zip(given, units, strict=False)).strip()


def with_original_words(first: str, *others: str) -> Words:
    """Return the function that writes a name and, in brackets, its original and transcription."""

    def words(arguments: Arguments) -> str:
        origin = ", ".join(filter(None, map(arguments.first_of, others)))
        name = arguments.first_of(first)
        return f"{name} ({origin})" if origin and name else name or origin

    return words


def chinese_words(arguments: Arguments) -> str:
    """Return a Chinese name and its transcription: {{zh|c=北京|p=Běijīng}}."""
    signs = arguments.first_of("c", "s", "t", "hanzi", "1")
    return ", ".join(filter(None, (signs, arguments.first_of("p", "pinyin", "w", "j", "poj"))))


def italian_chinese_words(arguments: Arguments) -> str:
    """Return a Chinese word as Italian has it: traditional, simplified, pinyin, Wade-Giles, and what it means."""
    words = [arguments.first_of(*names) for names in (("3", "t"), ("1", "s"), ("2", "p"), ("5", "w"))]
    meaning = arguments.first_of("4", "l")
    return ", ".join(filter(None, [*words, meaning and f'lett. "{meaning}"']))


def name_words(arguments: Arguments) -> str:
    """Return a person's first and last name."""
    return " ".join(filter(None, arguments.in_order()[:2]))


def life_words(arguments: Arguments) -> str:
    """Return the dates of a life as Chinese wikis have them: year and day of birth, year and day of death."""
    given = [*arguments.in_order(), "", "", "", ""]
    if "年" not in given[0] + given[2]:
        return ""
    return f"（{given[0]}{given[1]}－{given[2]}{given[3]}）"


def with_reading_words(arguments: Arguments) -> str:
    """Return a Japanese word, and how it is read in brackets."""
    word, reading = arguments.first_of("1"), arguments.first_of("2")
    return f"{word}（{reading}）" if reading else word


def old_style_day_words(arguments: Arguments) -> str:
    """Return a day of the Gregorian calendar with that of the Julian one, of a year that stands behind them."""
    return f"{arguments.first_of('1')} [O.S. {arguments.first_of('2')}]"


def old_style_year_words(arguments: Arguments) -> str:
    """Return a date of the Gregorian calendar with that of the Julian one, which lies in another year."""
    day, year, old = (arguments.first_of(name) for name in "123")
    return f"{day} {year} [O.S. {old}]"


def span_words(prefix: str, between: str) -> Words:
    """Return the function that puts something before a year, and before and between two."""
    return lambda arguments: prefix + between.join(filter(None, arguments.in_order()[:2]))


def as_of_words(arguments: Arguments) -> str:
    """Return the date as of which a sentence holds, the day before the month unless the template says otherwise."""
    is_day_first = arguments.first_of("df").lower() not in ("us", "mdy")
    date = DateWords("en", is_year_first=True)(Arguments({**arguments.values, "df": "y" if is_day_first else ""}))
    word = "" if arguments.first_of("bare") else "Since" if arguments.first_of("since") else "As of"
    word = word.lower() if arguments.first_of("lc") else word
    words = " ".join(filter(None, (word, arguments.first_of("pre"), date))) + arguments.first_of("post")
    return arguments.first_of("alt") or words


def rupees_words(arguments: Arguments) -> str:
    """Return an amount of Indian rupees."""
    size = {"c": " crore", "l": " lakh", "m": " million", "b": " billion"}.get(arguments.first_of("2"), "")
    return f"₹{arguments.first_of('1')}{size}"


def exponent_words(arguments: Arguments) -> str:
    """Return a power of ten; what French raises behind a number or a letter: 10{{e|9}}, M{{e|me}}, XX{{e}}."""
    given = arguments.first_of("1") or "e"
    return given if given.isalpha() or arguments.language == "fr" else f"×10^{given}"


def constant_words(words: str) -> Words:
    """Return the function that returns the same words always."""
    return lambda arguments: words


def suffixed_words(suffix: str) -> Words:
    """Return the function that writes something behind the first argument."""
    return lambda arguments: f"{first}{suffix}" if (first := arguments.first_of("1")) else ""


def unit_words(unit: str) -> Words:
    """Return the function that writes a unit or an era, behind a number where one is given."""
    return lambda arguments: f"{arguments.first_of('1')} {unit}".strip()


def season_words(arguments: Arguments) -> str:
    """Return the season that begins in a year: 2005–06, 1999–2000."""
    year = arguments.first_of("1")
    if not (year.isdecimal() and len(year) == 4):
        return year
    end = str(int(year) + 1)
    return f"{year}–{end if end.endswith('00') else end[2:]}"


def prefixed_words(prefix: str) -> Words:
    """Return the function that puts something before the first argument."""
    return lambda arguments: prefix + arguments.first_of("1")


def listing_words(arguments: Arguments) -> str:
    """Return what a travel guide says of a place, "" of a template of that name without a text."""
    name, content = arguments.first_of("name"), arguments.first_of("content")
    if not (name and content):
        return ""
    return f"{', '.join(filter(None, (name, arguments.first_of('address'))))}. {content}"


def mention_words(arguments: Arguments) -> str:
    """Return a word that a dictionary mentions, as it is shown, with its meaning; {{m|3|ul=km}} is a number.

    >>> mention_words(Arguments.parse(["la", "aqua", "aquam", "water"])), mention_words(Arguments.parse(["3", "km"]))
    ('aquam (“water”)', '3 km')
    """
    language, word, shown, meaning = [*arguments.in_order(), "", "", "", ""][:4]
    if not _LANGUAGE.fullmatch(language):
        return number_with_unit(arguments)
    meaning = meaning or arguments.first_of("t", "gloss")
    return (shown or word) + (f" (“{meaning}”)" if meaning and (shown or word) else "")


def dictionary_label_words(arguments: Arguments) -> str:
    """Return the labels of a dictionary's entry, whose first argument is a language."""
    labels = [label for label in arguments.in_order()[1:] if label not in ("", "_", ";")]
    return f"({', '.join(labels)})" if labels else ""


def qualifier_words(arguments: Arguments) -> str:
    """Return what qualifies a word, in brackets; {{q|Q42}} is another template."""
    given = [part for part in arguments.in_order() if part]
    return f"({', '.join(given)})" if given and not given[0].lstrip("Q").isdecimal() else ""


def spaced_words(arguments: Arguments) -> str:
    """Return the arguments with a space between them; without any, the space."""
    return " ".join(arguments.in_order()) or " "


def term_words(arguments: Arguments) -> str:
    """Return a term of a glossary as an item that its definition follows."""
    term = arguments.first_of("term", "content", "2", "1")
    return f"\n; {term}\n" if term else ""
