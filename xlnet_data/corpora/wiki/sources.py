"""Writes out the sources that a sentence names: authors and years, places in the Bible."""

from xlnet_data.corpora.wiki.arguments import Arguments


def bible_words(arguments: Arguments) -> str:
    """Return a place in the Bible, without the edition behind it: {{bibleverse|1|Cor|3:4|KJV}}."""
    given = arguments.in_order()
    place = next((i for i, part in enumerate(given) if ":" in part), 1)
    return " ".join(filter(None, given[: place + 1]))


def german_bible_words(arguments: Arguments) -> str:
    """Return a place in the Bible as German has it: {{Bibel|Mt|5|3}} is "Mt 5,3"."""
    book, chapter, verse = [*arguments.in_order(), "", "", ""][:3]
    is_place = chapter[:1].isdecimal() and arguments.language in ("", "de")
    return f"{book} {','.join(filter(None, (chapter, verse)))}" if is_place else ""


def author_and_year_words(arguments: Arguments) -> str:
    """Return a citation that is part of the sentence: authors, and the year in brackets."""
    given = arguments.in_order()
    if len(given) < 2:
        return "".join(given)
    authors = given[:-1] if given[-1][:4].isdigit() else given
    year = f" ({given[-1]})" if len(authors) < len(given) else ""
    return _join(authors, "&") + year


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
