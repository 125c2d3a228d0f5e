"""Returns the words of templates that stand for words of the sentence they are in, in several languages' wikis."""

import re
from collections.abc import Callable
from typing import TypeAlias

from xlnet_data.corpora.wiki.arguments import EQUALS_SIGN, Arguments
from xlnet_data.corpora.wiki.measures import CenturyWords, DateWords, fraction, measure, number_with_unit, value

Words: TypeAlias = Callable[[Arguments], str]

_PREFIX = re.compile(r"(?:template|vorlage|modèle|plantilla|шаблон|subst|safesubst|msgnw)\s*:\s*")
_FUNCTION = re.compile(r"(formatnum|lcfirst|ucfirst|lc|uc|plural|nowrap)\s*:\s*(.*)", re.DOTALL)
_ROMAN_ORDINAL = re.compile(r"([ivx]+)(e|er|re|ème)( siècle(?: av\. j\.-c\.)?)?")
_LANGUAGE_PREFIXES = ("lang-", "lang ", "transl", "link-", "langue-", "langx-")
_MAX_NAME = 64


def words_of_template(content: str) -> str | None:
    """Return the words that a template stands for, None if it stands for none.

    Only templates that pass words of the sentence through are known: language marks, unbreakable text, quotations,
    measures, dates. All others (boxes, citations, notes, navigation) stand for nothing that belongs to prose.

    Args:
        content: What is between the braces, templates and links in it already resolved.

    >>> words_of_template("lang|fr|raison d'être"), words_of_template("convert|12|to|15|km|mi|abbr=on")
    ("raison d'être", '12 to 15 km')
    >>> words_of_template("Cite web|title=A page") is None
    True
    """
    name, *pieces = content.split("|")
    name = _clean_name(name)
    if function := _FUNCTION.match(name):
        given = content[content.index(":") + 1 :].split("|")
        return _call_function(function[1], [argument.strip() for argument in given])
    if name not in _WORDS and (found := _ROMAN_ORDINAL.fullmatch(name)):
        return found[1].upper() + found[2] + (found[3] or "").replace("j.-c.", "J.-C.")
    words = _WORDS.get(name) or (_words_of_language if name.startswith(_LANGUAGE_PREFIXES) else None)
    return words(Arguments.parse(pieces)) if words else None


def may_have_words(start: str) -> bool:
    """Return whether a template whose content starts so stands for words; cheap, so that most need not be read."""
    name = start[:_MAX_NAME].partition("|")[0].lower()
    if name in _WORDS:
        return True
    name = _clean_name(name)
    return (
        name in _WORDS
        or name.startswith(_LANGUAGE_PREFIXES)
        or _FUNCTION.match(name) is not None
        or _ROMAN_ORDINAL.fullmatch(name) is not None
    )


def _clean_name(name: str) -> str:
    name = " ".join(name.replace("_", " ").split()).lower()
    return _PREFIX.sub("", name, count=1) if ":" in name else name


def _call_function(name: str, arguments: list[str]) -> str:
    """Return what one of MediaWiki's own functions makes of its arguments; numbers stay as they are given."""
    first = arguments[0]
    if name == "plural":
        forms = arguments[1:] or [""]
        return forms[0] if first == "1" else forms[-1]
    changes: dict[str, Callable[[str], str]] = {
        "lc": str.lower,
        "uc": str.upper,
        "lcfirst": lambda text: text[:1].lower() + text[1:],
        "ucfirst": lambda text: text[:1].upper() + text[1:],
    }
    return changes[name](first) if name in changes else first


def _words_of_language(arguments: Arguments) -> str:
    """Return the words of {{lang-XX|words}}; {{transl|XX|words}} and {{lang XX|...}} have a code before them."""
    return arguments.first_of("text", "texte", "1")


def _first(arguments: Arguments) -> str:
    return arguments.first_of("1", "text", "texte", "texto", "content")


def _second(arguments: Arguments) -> str:
    return arguments.first_of("2", "text", "texte", "texto", "testo", "текст")


def _last(arguments: Arguments) -> str:
    return arguments.first_of("text", "texte") or arguments.last()


def _all(arguments: Arguments) -> str:
    return "".join(arguments.in_order())


def _listed(arguments: Arguments) -> str:
    return ", ".join(filter(None, arguments.in_order()))


def _label(*names: str) -> Words:
    """Return the function that takes the first of some arguments that is given."""
    return lambda arguments: arguments.first_of(*names)


def _paragraph(arguments: Arguments) -> str:
    words = arguments.first_of("text", "quote", "texte", "texto", "testo", "цитата", "текст", "zitat", "quotetext", "1")
    return f"\n\n{words}\n\n" if words else ""


def _pair_of_paragraphs(arguments: Arguments) -> str:
    return "".join(f"\n\n{text}\n\n" for text in arguments.in_order()[:2])


def _quoted(opening: str, closing: str) -> Words:
    def words(arguments: Arguments) -> str:
        text = arguments.first_of("text", "texte", "1")
        return f"{opening}{text}{closing}" if text else ""

    return words


def _author_and_year(arguments: Arguments) -> str:
    """Return a citation that is part of the sentence: authors, and the year in brackets."""
    given = arguments.in_order()
    if len(given) < 2:
        return "".join(given)
    authors = given[:-1] if given[-1][:4].isdigit() else given
    year = f" ({given[-1]})" if len(authors) < len(given) else ""
    return (", ".join(authors[:-1]) + " & " + authors[-1] if len(authors) > 1 else authors[0]) + year


def _ship(arguments: Arguments) -> str:
    return " ".join(given for given in arguments.in_order()[:2] if given)


def _with_original(first: str, *others: str) -> Words:
    """Return the function that writes a name and, in brackets, its original and transcription."""

    def words(arguments: Arguments) -> str:
        origin = ", ".join(filter(None, map(arguments.first_of, others)))
        name = arguments.first_of(first)
        return f"{name} ({origin})" if origin and name else name or origin

    return words


def _with_reading(arguments: Arguments) -> str:
    word, reading = arguments.first_of("1"), arguments.first_of("2")
    return f"{word}（{reading}）" if reading else word


def _old_style_date(arguments: Arguments) -> str:
    day, year, old = (arguments.first_of(name) for name in "123")
    return f"{day} [O.S. {old}] {year}".strip()


def _as_of(arguments: Arguments) -> str:
    word = "as of" if arguments.first_of("lc")[:1].lower() in ("y", "1") else "As of"
    return arguments.first_of("alt") or f"{word} {DateWords('en', is_year_first=True)(arguments)}"


def _rupees(arguments: Arguments) -> str:
    size = {"c": " crore", "l": " lakh", "m": " million", "b": " billion"}.get(arguments.first_of("2"), "")
    return f"₹{arguments.first_of('1')}{size}"


def _exponent(arguments: Arguments) -> str:
    return f"×10^{arguments.first_of('1')}"


def _constant(words: str) -> Words:
    return lambda arguments: words


def _prefixed(prefix: str) -> Words:
    return lambda arguments: prefix + arguments.first_of("1")


def _named(names: str, words: Words) -> dict[str, Words]:
    """Return a table of templates that are all read alike, their names in one string, "_" for a blank in a name."""
    return {name.replace("_", " "): words for name in names.split()}


_FIRST = """
nowrap nobr nobreak avoid_wrap j small smaller big larger large huge abbr abbreviation tooltip sc smallcaps small_caps
mvar math nobold noitalic noital em strong keypress kbd key_press var angbr angle_bracket flag flagcountry flagu flagc
country visible_anchor anchor_text vanchor not_a_typo as_written typo sic proper_name script/hebrew script/arabic
script/greek nihongo2 okina code mono monospace samp unicode iast allcaps u italic_correction ic hebrew
citation_needed_span cn_span fact_span cnspan specify_span nts ntsh number fmtn num dunum bigmath
underline souligner lien_web_texte m_unité exp ind indice exposant petites_capitales pc rom rom-maj rom-min rom-maj1
refnec référence_nécessaire refsou passage_évasif citation_nécessaire versalita cita_requerida esd nowrap_begin
citazione_necessaria zeile person zh-tw zh-cn jpn s nobr1 comment число кол нет_аи нет_аи_2 начало
補助漢字フォント jis2004フォント jis90フォント cp932フォント jis第三第四水準フォント 要出典範囲 ルビ ruby
ruby-zh-p ruby-zh-b 僻字 cjk-new-char 出典要請範囲 출처 ens frs its ess las grcs grs rus pls css hes ars jas zhs pts nls
svs tus trs fas hus fis das cas ros hrs srs kos vjazyce fmt dni ordinal ord siglo-texto text texte
"""

_SECOND = """
lang langue wikt-lang vjazyce2 llang color font_color colour couleur color_box textcolor farbe rquote align resize
fontsize font_size font langr langi
"""

_PARAGRAPHS = """
quote blockquote block_quote bquote cquote quotation quote_box quotebox poemquote poem_quote bq centered_pull_quote
pull_quote quote_frame citation_bloc début_citation_bloc cita cita2 cita_texto zitat zitat-en citaat citat cytat
cytat_d цитата цитата2 quoteen 引用 quote2 blockquote2 citazione
"""

_LINKS_WITH_LABELS = {
    **_named("ill interlanguage_link illm ill2 interlanguage_link_multi link-interwiki", _label("lt", "1")),
    **_named("仮リンク ilh ilh2 임시링크", _label("label", "display", "1")),
    **_named(
        "le lien-le link-en link-ja link-de link-fr link-ko link-ru link-es link-it", _label("3", "d", "display", "1")
    ),
    **_named("tsl translink internal_link_helper", _label("4", "3", "d", "1")),
    **_named("internal_link_helper/en internal_link_helper/ja internal_link_helper/de", _label("d", "3", "1")),
    **_named("lien lien_rouge", _label("texte", "trad", "fr", "1")),
    **_named(
        "не_переведено нп нп1 нп2 нп3 нп4 нп5 не_переведено_2 не_переведено_3 не_переведено_5 iw", _label("2", "1")
    ),
    **_named("link enllaç_no_existent enlace_rojo", _label("3", "1")),
    **_named("u2 user", _label("2", "1")),
}

_OF_NUMBERS = {
    **_named("convert cvt convert/2", measure),
    **_named("unité unite unité1 nombre nb unidad unidade eenheid m", number_with_unit),
    **_named("val", value),
    **_named("frac fraction sfrac bruch", fraction),
    **_named("e x10^ ×10^", _exponent),
    **_named("10^", _prefixed("10^")),
    **_named("gaps", _all),
    **_named("inr indian_rupee inrconvert", _rupees),
    **_named("us$ usd", _prefixed("US$")),
    **_named("a$ aud", _prefixed("A$")),
    **_named("c$ cad can$", _prefixed("C$")),
    **_named("nz$ nzd", _prefixed("NZ$")),
    **_named("£ gbp gbp2 pound_sterling", _prefixed("£")),
    **_named("€ eur euro", _prefixed("€")),
    **_named("¥ jpy cny rmb", _prefixed("¥")),
}

_EN_DATES = "birth_date birth_date_and_age death_date start_date start_date_and_age end_date film_date dts"
_FR_DATES = "date date- date_de_naissance date_de_décès date_naissance naissance_date date_de_naissance- jour"
_OF_DATES = {
    **_named(_EN_DATES, DateWords("en", is_year_first=True)),
    **_named(_FR_DATES, DateWords("fr")),
    **_named("fecha", DateWords("es")),
    **_named("dtlink data dtlink2", DateWords("pt")),
    **_named("birth_year_and_age death_year_and_age birth-date birth-date_and_age death-date", _first),
    **_named("oldstyledate old_style_date", _old_style_date),
    **_named("s s- sm s2 siècle siècles sp s2- sap", CenturyWords("siècle")),
    **_named("-s -s- -sp -s2", CenturyWords("siècle", " av. J.-C.")),
    **_named("siglo", CenturyWords("siglo", "a. C.")),
    **_named("segle", CenturyWords("segle", "aC")),
    **_named("séc século seculo", CenturyWords("século", "a.C.")),
    **_named("sec secolo", CenturyWords("secolo", "a.C.")),
    **_named("circa ca. c. ca", _prefixed("c. ")),
    **_named("floruit fl.", _prefixed("fl. ")),
    **_named("b. born", _prefixed("b. ")),
    **_named("d. died", _prefixed("d. ")),
    **_named("reign r.", lambda arguments: "r. " + "–".join(filter(None, arguments.in_order()[:2]))),
    **_named("as_of", _as_of),
}

_MARKS = {
    **_named("ndash en_dash – nd tiret", _constant("–")),
    **_named("spaced_ndash snd spnd sndash spaced_en_dash", _constant(" – ")),
    **_named("mdash em_dash —", _constant("—")),
    **_named("nbsp space spaces thinsp thin_space hair_space zwsp wbr", _constant(" ")),
    **_named("' ` apostrophe", _constant("'")),
    **_named("'s", _constant("'s")),
    **_named("n° no numero", _constant("n° ")),
    **_named("n°s", _constant("nos ")),
    **_named("er er.", _constant("er")),
    **_named("re", _constant("re")),
    **_named("nd nde", _constant("nd")),
    **_named("ème", _constant("e")),
    **_named("av_jc av._jc av_j.-c. -jc avjc", _constant(" av. J.-C.")),
    **_named("ap_jc ap._jc apjc", _constant(" apr. J.-C.")),
    **_named("ac", _constant("a. C.")),
    **_named("dc", _constant("d. C.")),
    **_named("etc etc.", _constant("etc.")),
    **_named("!", _constant("|")),
    **_named("=", _constant(EQUALS_SIGN)),
}

_WORDS: dict[str, Words] = {
    **_named(_FIRST, _first),
    **_named(_SECOND, _second),
    **_named("langx transliteration transl script wikt hover_title", _last),
    **_named("chem chem2 sub sup su linktext", _all),
    **_named("hlist flatlist ubl unbulleted_list", _listed),
    **_named(_PARAGRAPHS, _paragraph),
    **_named("verse_translation", _pair_of_paragraphs),
    **_named("citation citation_étrangère guil guillemets", _quoted("« ", " »")),
    **_named('" zitat-text', _quoted("„", "“")),
    **_named("incise", _quoted("– ", " –")),
    **_named("nihongo nihongo_foot nihongo_krt japonais", _with_original("1", "2", "3")),
    **_named("nihongo3", _with_original("1", "2", "3")),
    **_named("読み仮名 読み仮名_ruby不使用 ふりがな", _with_reading),
    **_named("harvtxt harvcoltxt harvard_citation_text", _author_and_year),
    **_named("m. monsieur", _prefixed("M. ")),
    **_named("mme madame", _prefixed("Mme ")),
    **_named("dr docteur", _prefixed("Dr ")),
    **_named("hms", _prefixed("HMS ")),
    **_named("uss", _prefixed("USS ")),
    **_named("ss", _prefixed("SS ")),
    **_named("rms", _prefixed("RMS ")),
    **_named("ship", _ship),
    **_LINKS_WITH_LABELS,
    **_OF_NUMBERS,
    **_OF_DATES,
    **_MARKS,
}
