"""Returns the words of templates that stand for words of the sentence they are in, in several languages' wikis."""

import re

from xlnet_data.corpora.wiki.arguments import BAR, EQUALS_SIGN, Arguments
from xlnet_data.corpora.wiki.dates import FRENCH_MONTHS, CenturyWords, DateWords, age_words
from xlnet_data.corpora.wiki.functions import call_function, function_name
from xlnet_data.corpora.wiki.measures import (
    coordinate_words,
    fraction,
    height_words,
    measure,
    money_words,
    number_with_unit,
    ordinal_words,
    percentage_words,
    roman_words,
    root_words,
    value,
)
from xlnet_data.corpora.wiki.template_names import FIRST, PARAGRAPHS, SECOND
from xlnet_data.corpora.wiki.wordings import (
    Words,
    all_words,
    as_of_words,
    author_and_year_words,
    bible_words,
    chinese_words,
    class_words,
    constant_words,
    exponent_words,
    first_words,
    hour_words,
    key_words,
    label_words,
    last_words,
    life_words,
    list_words,
    listed_words,
    music_words,
    name_words,
    old_style_date_words,
    old_style_year_words,
    pair_of_paragraphs_words,
    paragraph_words,
    prefixed_words,
    quoted_words,
    rupees_words,
    second_words,
    section_words,
    ship_words,
    span_words,
    suffixed_words,
    with_original_words,
    with_reading_words,
    words_of_language,
)

_PREFIX = re.compile(r"(?:template|vorlage|modèle|plantilla|шаблон|subst|safesubst|msgnw)\s*:\s*")
_ORDINAL = re.compile(
    r"(-?)([ivx]+|\d{1,2})(e|er|re|ère|ème)(?: (siècle|millénaire|" + "|".join(FRENCH_MONTHS) + r")( av\. j\.-c\.)?)?"
)
_PREFIXES: dict[str, Words] = {
    **dict.fromkeys(
        ("lang-", "lang ", "vol-", "transl", "link-", "langue-", "langx-", "script/", "k-", "ny-", "به "),
        words_of_language,
    ),
    **dict.fromkeys(("birth date", "death date", "start date", "end date"), DateWords("en", is_year_first=True)),
    **dict.fromkeys(("birth-date", "death-date", "start-date", "end-date", "birth year", "death year"), first_words),
    "zitat-": paragraph_words,
    '"-': quoted_words("“", "”"),
}
"""How templates are read whose names begin so: with the code of a language behind, or with "and age"."""
_MAX_NAME = 64


def words_of_template(content: str, language: str = "") -> str | None:
    """Return the words that a template stands for, None if it stands for none.

    Only templates that pass words of the sentence through are known: language marks, unbreakable text, quotations,
    measures, dates. All others (boxes, citations, notes, navigation) stand for nothing that belongs to prose.

    Args:
        content: What is between the braces, templates and links in it already resolved.
        language: Code of the wiki's language, "" if it is not known.

    >>> words_of_template("lang|fr|raison d'être"), words_of_template("convert|12|to|15|km|mi|abbr=on")
    ("raison d'être", '12 to 15 km')
    >>> words_of_template("Cite web|title=A page") is None
    True
    """
    name, *pieces = content.split("|")
    name = _clean_name(name)
    if function := function_name(name):
        first, *others = content[content.index(":") + 1 :].split("|")
        if function == "#invoke":  # a module that most often is called by the template of its name
            return words_of_template("|".join([first, *others[1:]]), language) if _clean_name(first) in _WORDS else None
        return call_function(function, [first, *others], language)
    if name not in _WORDS and (found := _ORDINAL.fullmatch(name)):
        is_before = found[1] or found[5]
        word = found[4] or (pieces[0].strip() if pieces else "")
        return f"{found[2].upper()}{found[3]} {word}{' av. J.-C.' if is_before else ''}".strip()
    words = _WORDS.get(name) or next((words for start, words in _PREFIXES.items() if name.startswith(start)), None)
    return words(Arguments.parse(pieces, language)) if words else None


def may_have_words(start: str) -> bool:
    """Return whether a template whose content starts so stands for words; cheap, so that most need not be read."""
    name = start[:_MAX_NAME].partition("|")[0].lower()
    if name in _WORDS:
        return True
    name = _clean_name(name)
    return (
        name in _WORDS
        or name.startswith(tuple(_PREFIXES))
        or function_name(name) != ""
        or _ORDINAL.fullmatch(name) is not None
    )


def _clean_name(name: str) -> str:
    name = " ".join(name.replace("_", " ").split()).lower()
    return _PREFIX.sub("", name, count=1) if ":" in name else name


def _named(names: str, words: Words) -> dict[str, Words]:
    """Return a table of templates that are all read alike, their names in one string, "_" for a blank in a name."""
    return {name.replace("_", " "): words for name in names.split()}


_LINKS_WITH_LABELS = {
    **_named(
        "ill interlanguage_link illm ill2 interlanguage_link_multi link-interwiki",
        label_words("lt", "en_text", "1", "en"),
    ),
    **_named("仮リンク ilh ilh2 임시링크", label_words("label", "display", "1")),
    **_named(
        "le lien-le link-en link-ja link-de link-fr link-ko link-ru link-es link-it",
        label_words("3", "d", "display", "1"),
    ),
    **_named("tsl translink internal_link_helper", label_words("4", "3", "d", "1")),
    **_named("internal_link_helper/en internal_link_helper/ja internal_link_helper/de", label_words("d", "3", "1")),
    **_named("lien lien_rouge", label_words("texte", "fr", "1", "trad")),
    **_named("وإو وصلة_إنترويكي", label_words("نص", "عر", "1")),
    **_named(
        "не_переведено не_перекладено нп нп1 нп2 нп3 нп4 нп5 не_переведено_2 не_переведено_3 не_переведено_5 iw",
        label_words("текст", "2", "надо", "1"),
    ),
    **_named("link enllaç_no_existent enlace_rojo", label_words("3", "1")),
    **_named("u2 user", label_words("2", "1")),
}

_OF_NUMBERS = {
    **_named("convert cvt convert/2 converti convertir converter", measure),
    **_named("unité unite unit tunité unité1 nombre nb unidad unidade eenheid m", number_with_unit),
    **_named("val", value),
    **_named("frac fraction sfrac tfrac bruch", fraction),
    **{digits: constant_words(digits) for digits in ("1/2", "1/3", "2/3", "1/4", "3/4", "1/8", "3/8")},
    **_named("e x10^ ×10^", exponent_words),
    **_named("10^", prefixed_words("10^")),
    **_named("gaps", all_words),
    **_named("höhe", suffixed_words(" m")),
    **_named("ordinal ord", ordinal_words),
    **_named("currency", money_words),
    **_named("age age_in_years", age_words),
    **_named("height", height_words),
    **_named("percentage percent pct", percentage_words),
    **_named("roman nombre_en_romain römischezahl", roman_words),
    **_named("inr indian_rupee inrconvert ₹", rupees_words),
    **_named("₩ krw", prefixed_words("₩")),
    **_named("₽ rub", suffixed_words(" ₽")),
    **_named("us$ usd", prefixed_words("US$")),
    **_named("a$ aud", prefixed_words("A$")),
    **_named("c$ cad can$", prefixed_words("C$")),
    **_named("nz$ nzd", prefixed_words("NZ$")),
    **_named("£ gbp gbp2 pound_sterling", prefixed_words("£")),
    **_named("€ eur euro", prefixed_words("€")),
    **_named("hk$ hkd", prefixed_words("HK$")),
    **_named("r$ brl", prefixed_words("R$")),
    **_named("chf", prefixed_words("CHF ")),
    **_named("sek nok dkk", suffixed_words(" kr")),
    **_named("¥ jpy cny rmb", prefixed_words("¥")),
}

_FR_DATES = "date date- date_de_naissance date_de_décès date_naissance naissance_date date_de_naissance- jour"
_OF_DATES = {
    **_named("film_date dts", DateWords("en", is_year_first=True)),
    **_named(_FR_DATES, DateWords("fr")),
    **_named("fecha", DateWords("es")),
    **_named("dni dnibr nascimento morte falecimento", DateWords("pt")),
    **_named("dtlink data dtlink2 dtext", DateWords("pt")),
    **_named("дата", DateWords("ru")),
    **_named("年月日 сс3", first_words),
    **_named("bd", life_words),
    **_named("oldstyledate old_style_date", old_style_date_words),
    **_named("s s- sm s2 siècle siècles sp s2- sap", CenturyWords("siècle")),
    **_named("s_mini s_mini-", CenturyWords("siècle", is_word_written=False)),
    **_named("-s -s- -sp -s2", CenturyWords("siècle", " av. J.-C.")),
    **_named("siglo", CenturyWords("siglo", "a. C.")),
    **_named("segle", CenturyWords("segle", "aC")),
    **_named("séc século seculo", CenturyWords("século", "a.C.")),
    **_named("sec secolo", CenturyWords("secolo", "a.C.")),
    **_named("oldstyledatedy old_style_date_dy", old_style_year_words),
    **_named("circa ca. c. ca", span_words("c. ", " – c. ")),
    **_named("floruit fl.", span_words("fl. ", "–")),
    **_named("b. born", prefixed_words("b. ")),
    **_named("d. died", prefixed_words("d. ")),
    **_named("reign r.", span_words("r. ", "–")),
    **_named("as_of", as_of_words),
}

_MARKS = {
    **_named("ndash en_dash endash – nd tiret", constant_words("–")),
    **_named("spaced_ndash snd spnd sndash spaced_en_dash dash", constant_words(" – ")),
    **_named("mdash em_dash emdash —", constant_words("—")),
    **_named("nbsp space spaces thinsp thin_space hair_space zwsp wbr", constant_words(" ")),
    **_named("' ` -' apostrophe", constant_words("'")),
    **_named("'s", constant_words("'s")),
    **_named("nbhyph", constant_words("-")),
    **_named("zwnj", constant_words("\u200c")),
    **_named("n° nº no no. numero numéro", prefixed_words("n° ")),
    **_named("n°s", constant_words("nos ")),
    **_named("er er.", constant_words("er")),
    **{ending: constant_words(ending) for ending in ("st", "th", "rd")},
    **_named("re", constant_words("re")),
    **_named("nd nde", constant_words("nd")),
    **_named("ème", constant_words("e")),
    **_named("av_jc av._jc av_j.-c. -jc avjc", constant_words(" av. J.-C.")),
    **_named("ap_jc ap._jc apjc", constant_words(" apr. J.-C.")),
    **_named("ac", constant_words("a. C.")),
    **_named("dc", constant_words("d. C.")),
    **_named("etc etc.", constant_words("etc.")),
    **_named("... ellipsis", constant_words("…")),
    **_named("minus", constant_words("−")),
    **_named("times", constant_words("×")),
    **_named("pm +-", constant_words("±")),
    **_named("deg °", constant_words("°")),
    **_named("dagger †", constant_words("†")),
    **_named("double-dagger double_dagger ddagger ‡", constant_words("‡")),
    **_named("okina ʻ", constant_words("ʻ")),
    **_named("hamza", constant_words("ʾ")),
    **_named("ayin", constant_words("ʿ")),
    **_named("bull bullet •", constant_words(" • ")),
    **_named("middot dot ·", constant_words(" · ")),
    **_named("\"' \"_'", constant_words("\"'")),
    **_named("'\" '_\"", constant_words("'\"")),
    **_named("pi", constant_words("π")),
    **_named("h2o", constant_words("H2O")),
    **_named("co2", constant_words("CO2")),
    **_named("! pipe", constant_words(BAR)),
    **_named("( {", constant_words("&#123;")),
    **_named(") }", constant_words("&#125;")),
    **_named("=", constant_words(EQUALS_SIGN)),
}

_SHIPS = "HMS USS SS RMS MV MS SMS HMAS HMCS HMNZS USCGC USNS RV RFA HNoMS HSwMS HDMS HNLMS ARA INS"

_WORDS: dict[str, Words] = {
    **_named(FIRST, first_words),
    **_named(SECOND, second_words),
    **_named("color colour font_color", label_words("text", "3", "2")),
    **_named("resize fontsize font_size font", label_words("text", "2", "1")),
    **_named("transliteration translit transl script wikt hover_title", last_words),
    **_named("zh zh-cpl zh-cp zh-stp lang-zh langue-zh", chinese_words),
    **_named("korean", with_original_words("hangul", "hanja", "rr", "mr")),
    **_named("sortname", name_words),
    **_named("chem chem2 sub sup su linktext sic not_a_typo notatypo as_written typo proper_name shy", all_words),
    **_named("hlist flatlist ubl unbulleted_list", listed_words),
    **_named("plainlist columns-list bulleted_list unordered_list ordered_list", list_words),
    **_named(PARAGRAPHS, paragraph_words),
    **_named("verse_translation", pair_of_paragraphs_words),
    **_named("citation citation_étrangère guil guillemets", quoted_words("« ", " »")),
    **_named("lit literal_translation", quoted_words("lit. ‘", "’")),
    **_named("gloss", quoted_words("‘", "’")),
    **_named('" zitat-text', quoted_words("„", "“")),
    **_named("incise", quoted_words("– ", " –")),
    **_named("nihongo japonais", with_original_words("1", "2", "3", "4")),
    **_named("nihongo_krt", with_original_words("2", "3", "1")),
    **_named("nihongo3", with_original_words("3", "2", "1")),
    **_named("読み仮名 読み仮名_ruby不使用 ふりがな", with_reading_words),
    **_named("bibleverse bible_verse bibleref bibleref2 bibleverse-nb bibleref2-nb", bible_words),
    **_named("coord", coordinate_words),
    **_named("keypress key_press", key_words),
    **_named("harvtxt harvcoltxt harvard_citation_text", author_and_year_words),
    **_named("m. monsieur", prefixed_words("M. ")),
    **_named("mme madame", prefixed_words("Mme ")),
    **_named("mlle mademoiselle", prefixed_words("Mlle ")),
    **_named("p.", prefixed_words("p. ")),
    **_named("née nee", prefixed_words("née ")),
    **_named("né", prefixed_words("né ")),
    **_named("bwv", prefixed_words("BWV ")),
    **_named("§", prefixed_words("§ ")),
    **_named("§§", prefixed_words("§§ ")),
    **_named("art.", prefixed_words("Art. ")),
    **_named("vol.", prefixed_words("vol. ")),
    **_named("mgr", prefixed_words("Mgr ")),
    **_named("dr docteur", prefixed_words("Dr ")),
    **{prefix.lower(): prefixed_words(f"{prefix} ") for prefix in _SHIPS.split()},
    **_named("ship", ship_words),
    **_named("sclass sclass2 sclass- sclass2-", class_words),
    **_named("music", music_words),
    **_named("section_link slink", section_words),
    **_named("sqrt radic", root_words),
    **_named("heure", hour_words),
    **_LINKS_WITH_LABELS,
    **_OF_NUMBERS,
    **_OF_DATES,
    **_MARKS,
}
