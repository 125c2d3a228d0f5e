"""Writes out the sources that a sentence names: authors and years, laws, places in the Bible and the Quran."""

from collections.abc import Callable

from xlnet_data.corpora.wiki.arguments import Arguments


def bible_words(arguments: Arguments) -> str:
    """Return a place in the Bible, without the edition behind it: {{bibleverse|1|Cor|3:4|KJV}}."""
    given = arguments.in_order()
    place = next((i for i, part in enumerate(given) if ":" in part), 1)
    return " ".join(filter(None, given[: place + 1]))


def german_bible_words(arguments: Arguments) -> str:
    """Return a place in the Bible as German has it: {{Bibel|Mt|5|3}} is "Mt 5,3"."""
    book, chapter, verse = [*arguments.in_order(), "", "", ""][:3]
    is_place = chapter[:1].isdecimal() and arguments.language in ("", "de", "en")
    return f"{book} {','.join(filter(None, (chapter, verse)))}" if is_place else ""


def quran_words(arguments: Arguments) -> str:
    """Return a place in the Quran: {{qref|2|255}}; without the book's name where the template says so.

    >>> quran_words(Arguments.parse(["2", "255"])), quran_words(Arguments.parse(["2", "255", "b=y"]))
    ('Quran 2:255', '2:255')
    """
    place = ":".join(filter(None, arguments.in_order()[:2]))
    return place if arguments.first_of("b") or not place else f"Quran {place}"


def author_and_year_words(opening: str, closing: str) -> Callable[[Arguments], str]:
    """Return the function that writes a citation which is part of the sentence: authors, and the year in brackets."""

    def words(arguments: Arguments) -> str:
        given = arguments.in_order()
        if len(given) < 2:
            return "".join(given)
        authors = given[:-1] if given[-1][:4].isdigit() else given
        year = f" {opening}{given[-1]}{closing}" if len(authors) < len(given) else ""
        return _join(authors, "&") + year

    return words


def law_words(*between: str) -> Callable[[Arguments], str]:
    """Return the function that writes a law's numbers, each behind one of some words: {{USC|5|552}}."""

    def words(arguments: Arguments) -> str:
        numbers = [number for number in arguments.in_order()[: len(between)] if number]
        return "".join(word + number for word, number in zip(between, numbers, strict=False))

    return words


def court_report_words(arguments: Arguments) -> str:
    """Return where a judgment of the United States' Supreme Court is reported, behind its name if that is given.

    >>> court_report_words(Arguments.parse(["12", "34", "1900"]))
    '12 U.S. 34 (1900)'
    """
    volume, page, year = (
        arguments.first_of(name, number) for name, number in (("volume", "1"), ("page", "2"), ("year", "3"))
    )
    if not (volume and page):
        return ""
    report = f"{volume} U.S. {page}" + (f" ({year})" if year else "")
    return ", ".join(filter(None, (arguments.first_of("name"), report)))


def author_as_subject_words(arguments: Arguments) -> str:
    """Return authors and year where they are part of the sentence, {{harvs|txt|last=...|year=...}}; else it is a note.

    >>> author_as_subject_words(Arguments.parse(["txt", "first=A.", "last=Roth", "last2=Lee", "year=1966"]))
    'A. Roth and Lee (1966)'
    """
    if "txt" not in (*arguments.in_order(), *arguments.values):
        return ""
    numbers: list[tuple[str, ...]] = [("", "1"), *((number,) for number in "23456789")]
    names = ([arguments.first_of(*(name + n for n in number)) for name in ("first", "last")] for number in numbers)
    authors = [" ".join(filter(None, name)) for name in names if name[1]]
    year = arguments.first_of("year", "year1")
    return _join(authors, "and") + (f" ({year})" if year else "") if authors else ""


def _join(authors: list[str], last: str) -> str:
    return ", ".join(authors[:-1]) + f" {last} {authors[-1]}" if len(authors) > 1 else authors[0]
