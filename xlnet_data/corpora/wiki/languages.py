"""Chooses among what templates of one name stand for in the wikis of several languages."""

from xlnet_data.corpora.wiki.arguments import Arguments
from xlnet_data.corpora.wiki.countries import COUNTRIES
from xlnet_data.corpora.wiki.language_marks import LANGUAGE_MARKS
from xlnet_data.corpora.wiki.wordings import Words, constant_words, first_words, named, prefixed_words, quoted_words


def by_language(usual: Words, **others: Words) -> Words:
    """Return the function that reads a template as the wiki's language does, by code, or else as is usual."""
    return lambda arguments: others.get(arguments.language, usual)(arguments)


def parenthesis_words(arguments: Arguments) -> str:
    """Return an insertion between dashes; without the second where the sentence ends: {{incise|so|stop}}."""
    text = arguments.first_of("texte", "1")
    is_last = arguments.first_of("2").lower() in ("stop", "fin", "fin de phrase")
    return f"– {text}{'' if is_last else ' –'}" if text else ""


def country_or(code: str, words: Words) -> Words:
    """Return the function that reads a template as a country's code where it is called without arguments, {{RUS}}."""
    return lambda arguments: COUNTRIES[code](arguments) or words(arguments)


OF_ONE_NAME: dict[str, Words] = {
    **named('"', by_language(quoted_words("„", "“"), fr=quoted_words("« ", " »"))),
    **named("zitat-text", quoted_words("„", "“")),
    **named("n° nº no. numero numéro", by_language(prefixed_words("n° "), en=prefixed_words("No. "))),
    **named("no", by_language(prefixed_words("n° "), en=constant_words(""))),  # a cell of a table
    "cn": by_language(constant_words(""), it=first_words),  # what lacks a source, or the mark alone
    **named("art.", by_language(prefixed_words("Art. "), fr=prefixed_words("art. "))),
    **named("incise", parenthesis_words),
    **{code: country_or(code, first_words) for code in ("aut", "ind", "jpn")},
    **{code: country_or(code, LANGUAGE_MARKS[code]) for code in ("kos", "rus", "urs")},
}
