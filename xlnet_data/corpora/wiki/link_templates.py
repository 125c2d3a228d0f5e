"""Lists the templates that link to a page which another wiki has, or which nobody has written yet."""

from xlnet_data.corpora.wiki.arguments import Arguments
from xlnet_data.corpora.wiki.names import LANGUAGES
from xlnet_data.corpora.wiki.wordings import Words, label_words, named


def _behind_code(words: Words) -> Words:
    """Return the function for a template that some wikis call with a language's code first, and then page and label."""
    behind = label_words("3", "2")
    return lambda arguments: (behind if _begins_with_code(arguments) else words)(arguments)


def _begins_with_code(arguments: Arguments) -> bool:
    return arguments.first_of("1") in LANGUAGES and arguments.first_of("2") not in LANGUAGES


LINKS_WITH_LABELS = {
    **named(
        "ill interlanguage_link illm ill2 interlanguage_link_multi link-interwiki",
        _behind_code(label_words("lt", "en_text", "tekst", "1", "en")),
    ),
    **named("仮リンク 日本語版にない記事リンク ilh ilh2 임시링크", label_words("label", "display", "1")),
    **named(
        "le lien-le link-en link-ja link-de link-fr link-ko link-ru link-es link-it",
        label_words("3", "d", "display", "1"),
    ),
    **named("tsl translink internal_link_helper", label_words("4", "3", "d", "1")),
    **named("internal_link_helper/en internal_link_helper/ja internal_link_helper/de", label_words("d", "3", "1")),
    **named("lien lien_rouge", label_words("texte", "fr", "1", "trad")),
    **named("وإو وصلة_إنترويكي", label_words("نص", "عر", "1")),
    **named(
        "не_переведено не_перекладено нп нп1 нп2 нп3 нп4 нп5 не_переведено_2 не_переведено_3 не_переведено_5 iw",
        label_words("текст", "2", "надо", "1"),
    ),
    **named("ilc", label_words("2", "1")),
    **named("link enllaç_no_existent enlace_rojo", _behind_code(label_words("3", "1"))),
    **named("glossary_link gli glossary_link_internal cuegloss annotated_link", label_words("2", "1")),
    **named("plain_link plainlink", label_words("name", "2")),
    **named("snamei sname", label_words("2", "1")),
    **named("u2 user", label_words("2", "1")),
}
"""By name: how each shows its label, or else the page's name."""
