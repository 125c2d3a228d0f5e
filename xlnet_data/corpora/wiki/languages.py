"""Chooses among what templates of one name stand for in the wikis of several languages."""

from xlnet_data.corpora.wiki.arguments import Arguments
from xlnet_data.corpora.wiki.wordings import (
    Words,
    constant_words,
    first_words,
    named,
    paragraph_words,
    prefixed_words,
    quoted_words,
    span_words,
    unit_words,
)


def by_language(usual: Words, **others: Words) -> Words:
    """Return the function that reads a template as the wiki's language does, by code, or else as is usual."""
    return lambda arguments: others.get(arguments.language, usual)(arguments)


def in_english(words: Words) -> Words:
    """Return a function for English wikis and unknown ones; in others the name is a language's, as {{lt}}: "(lt)"."""
    return by_language(constant_words(""), **{"": words, "en": words})


def given_words(words: Words) -> Words:
    """Return a function that says nothing where nothing is given."""
    return lambda arguments: words(arguments) if arguments.first_of("1") else ""


def parenthesis_words(arguments: Arguments) -> str:
    """Return an insertion between dashes; without the second where the sentence ends: {{incise|so|stop}}."""
    text = arguments.first_of("texte", "1")
    is_last = arguments.first_of("2").lower() in ("stop", "fin", "fin de phrase")
    return f"– {text}{'' if is_last else ' –'}" if text else ""


OF_ONE_NAME: dict[str, Words] = {
    **named('"', by_language(quoted_words("„", "“"), fr=quoted_words("« ", " »"))),
    **named("zitat-text", quoted_words("„", "“")),
    **named("n° nº numéro", prefixed_words("n° ")),
    **named("no. numero", by_language(prefixed_words("n° "), en=prefixed_words("No. "))),
    "no": by_language(given_words(prefixed_words("n° ")), en=constant_words("")),  # a language, or a cell of a table
    "ca": by_language(given_words(span_words("c. ", " – c. ")), en=span_words("c. ", " – c. ")),
    "lt": in_english(constant_words("&lt;")),
    "ce": in_english(unit_words("CE")),
    **{ending: in_english(constant_words(ending)) for ending in ("st", "th")},
    "cn": by_language(constant_words(""), it=first_words),  # what lacks a source, or the mark alone
    "cita": by_language(paragraph_words, it=lambda arguments: ", ".join(filter(None, arguments.in_order()[:2]))),
    **named("art.", by_language(prefixed_words("Art. "), fr=prefixed_words("art. "))),
    **named("incise", parenthesis_words),
    **named("aut ind jpn", first_words),
}
