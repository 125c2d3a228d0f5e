"""Returns the words of templates that stand for words of the sentence they are in, in several languages' wikis."""

import re

from xlnet_data.corpora.wiki.arguments import BAR, EQUALS_SIGN, Arguments
from xlnet_data.corpora.wiki.countries import COUNTRIES, name_of_code
from xlnet_data.corpora.wiki.date_templates import OF_DATES
from xlnet_data.corpora.wiki.dates import FRENCH_MONTHS, DateWords, era_words
from xlnet_data.corpora.wiki.functions import call_function, function_name
from xlnet_data.corpora.wiki.language_marks import LANGUAGE_MARKS
from xlnet_data.corpora.wiki.languages import OF_ONE_NAME
from xlnet_data.corpora.wiki.line_starts import protect_start
from xlnet_data.corpora.wiki.link_templates import LINKS_WITH_LABELS
from xlnet_data.corpora.wiki.measures import (
    angle_words,
    coordinate_words,
    density_words,
    fraction,
    height_words,
    measure,
    million_years_words,
    money_words,
    nuclide_words,
    number_with_unit,
    ordinal_words,
    percentage_words,
    roman_words,
    shillings_words,
    short_measure,
    significant_words,
    value,
)
from xlnet_data.corpora.wiki.notations import NOTATIONS
from xlnet_data.corpora.wiki.numerals import NUMERALS
from xlnet_data.corpora.wiki.sources import (
    author_and_year_words,
    author_as_subject_words,
    bible_words,
    court_report_words,
    german_bible_words,
    law_words,
    quran_words,
)
from xlnet_data.corpora.wiki.template_names import (
    ASTRONOMICAL_UNITS,
    FIRST,
    PARAGRAPHS,
    SECOND,
    SHIPS,
    SIGNS,
    WRITTEN_BEFORE,
)
from xlnet_data.corpora.wiki.ways import gauge_words, road_words
from xlnet_data.corpora.wiki.wordings import (
    Words,
    all_words,
    chinese_words,
    class_words,
    constant_words,
    dictionary_label_words,
    exponent_words,
    first_words,
    hour_words,
    italian_chinese_words,
    label_words,
    last_words,
    list_words,
    listed_words,
    listing_words,
    mention_words,
    music_words,
    name_words,
    named,
    pair_of_paragraphs_words,
    paragraph_words,
    prefixed_words,
    qualifier_words,
    quoted_words,
    rupees_words,
    second_paragraph_words,
    second_words,
    section_words,
    ship_words,
    spaced_words,
    suffixed_words,
    unit_words,
    with_original_words,
    with_reading_words,
    words_of_language,
)

_PREFIX = re.compile(r"(?:template|vorlage|modèle|plantilla|шаблон|subst|safesubst|msgnw)\s*:\s*")
_ORDINAL = re.compile(
    r"(-?)([ivx]+|\d{1,2})(e|er|re|ère|ème)"
    r"(?: (siècle|millénaire|république|empire|reich|arrondissement|dynastie|"
    + "|".join(FRENCH_MONTHS)
    + r")( av\. j\.-c\.)?)?"
)
_NAMED_BY_NUMBER = {"république": "République", "empire": "Empire", "reich": "Reich"}
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
    if not pieces and (country := name_of_code(name.strip(), language)):
        return country
    name = _clean_name(name)
    if function := function_name(name):
        first, *others = content[content.index(":") + 1 :].split("|")
        if function == "#invoke":  # a module that most often is called by the template of its name
            return words_of_template("|".join([first, *others[1:]]), language) if _clean_name(first) in _WORDS else None
        return call_function(function, [first, *others], language)
    if name not in _WORDS and (found := _ORDINAL.fullmatch(name)):
        is_before = found[1] or found[5]
        word = _NAMED_BY_NUMBER.get(found[4], found[4]) or (pieces[0].strip() if pieces else "")
        return f"{found[2].upper()}{found[3]} {word}{' av. J.-C.' if is_before else ''}".strip()
    words = _WORDS.get(name) or next((words for start, words in _PREFIXES.items() if name.startswith(start)), None)
    return protect_start(words(Arguments.parse(pieces, language))) if words else None


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


_OF_NUMBERS = {
    **named("cvt", short_measure),
    **named("convert convert/2 converti convertir converter تحويل تبدیل dönüştür μετατροπή", measure),
    **named(
        "num unité unite unit tunité unité1 unité/2 nombre nb monnaie tmp unidad unidade eenheid jednotka fmtn",
        number_with_unit,
    ),
    **named("val", value),
    **named("frac fraction sfrac tfrac bruch fracción fração fracció ułamek bråk brøk breuk дробь 分数 분수", fraction),
    **{digits: constant_words(digits) for digits in ("1/2", "1/3", "2/3", "1/4", "3/4", "1/8", "3/8")},
    "e": exponent_words,
    **named("x10 x10^ ×10^", prefixed_words("×10^")),
    **named("cinese", italian_chinese_words),
    **named("giapponese", listed_words),
    **named("gaps", all_words),
    **named("höhe", suffixed_words(" m")),
    **named("ordinal ord", ordinal_words),
    **named("currency", money_words),
    **named("height", height_words),
    **named("pop_density", density_words),
    **named("percentage percent pct", percentage_words),
    **named("roman nombre_en_romain römischezahl romanos римские_цифры", roman_words),
    **named("inr indian_rupee indian_rupee_symbol inrconvert ₹", rupees_words),
    **{
        name: words
        for sign, names in WRITTEN_BEFORE.items()
        for name, words in named(names, prefixed_words(sign)).items()
    },
    **named("₽ rub", suffixed_words(" ₽")),
    **named("sek nok dkk isk", suffixed_words(" kr")),
    **named("pln", suffixed_words(" zł")),
    **named("czk", suffixed_words(" Kč")),
    **named("huf", suffixed_words(" Ft")),
    **named("£sd", shillings_words),
    **named("ma mya", million_years_words),
    **named("sigfig", significant_words),
    **named("nuclide simplenuclide", nuclide_words),
    **{name: unit_words(sign) for name, sign in ASTRONOMICAL_UNITS.items()},
    **{unit: unit_words(unit.upper()) for unit in ("grt", "nrt", "dwt")},
    **named("dms", angle_words("°′″")),
    **named("ra", angle_words("hms", " ")),
    **named("dec", angle_words("°′″", " ")),
}

_MARKS = {
    **named("ndash nbndash nsndns en_dash endash – nd tiret", constant_words("–")),
    **named("spaced_ndash snd spnd sndash spaced_en_dash dash snds spd", constant_words(" – ")),
    **named("mdash em_dash emdash —", constant_words("—")),
    **named("nbsp space spaces thin_space hair_space nnbsp br break crlf ש سخ", constant_words(" ")),
    **named("' ` -' apostrophe", constant_words("'")),
    **named("zwnj نیم‌فاصله", constant_words("\u200c")),
    **named("zwsp wbr word_joiner", constant_words("\u200b")),
    **named("thinsp", spaced_words),
    **named("n°s", prefixed_words("nos ")),
    **named("av_jc av._jc av_j.-c. av._j.-c. -jc avjc", constant_words(" av. J.-C.")),
    **named("ap_jc ap._jc apjc ap._j.-c. apr._j.-c.", constant_words(" apr. J.-C.")),
    **named("ac a._c. a.c.", era_words("a")),
    **named("dc d._c. d.c.", era_words("d")),
    "bce": unit_words("BCE"),
    **named("pb paragraph_break parabr", constant_words("\n\n")),
    **{name: constant_words(sign) for name, sign in SIGNS.items()},
    **named("prime", suffixed_words("′")),
    **named("! pipe", constant_words(BAR)),
    **named("( {", constant_words("&#123;")),
    **named(") }", constant_words("&#125;")),
    **named("=", constant_words(EQUALS_SIGN)),
}

_WORDS: dict[str, Words] = {
    **COUNTRIES,
    **named(FIRST, first_words),
    **named(SECOND, second_words),
    **named("wikt-lang wt", label_words("3", "2")),
    **named("color colour font_color colored_link coloured_link", label_words("text", "3", "2")),
    **named("resize fontsize font_size font", label_words("text", "2", "1")),
    **named("transliteration translit transl script wikt hover_title h:title j lower raise", last_words),
    **named("zh zh-cpl zh-cp zh-stp lang-zh langue-zh chinois", chinese_words),
    **named("korean", with_original_words("hangul", "hanja", "rr", "mr")),
    **named("sortname sortkeyname", name_words),
    **named(
        "chem chem2 sub sup fchim chim formule_chimique mpl mp linktext sic not_a_typo notatypo as_written typo"
        " proper_name shy",
        all_words,
    ),
    **named(
        "hlist flatlist ubl lines unbulleted_list cslist br_separated_entries comma_separated_entries"
        " comma-separated_list",
        listed_words,
    ),
    **named("plainlist columns-list bulleted_list unordered_list ordered_list", list_words),
    **named(PARAGRAPHS, paragraph_words),
    **named("rquote", second_paragraph_words),
    **named("verse_translation text_and_translation", pair_of_paragraphs_words),
    **named("citation citation_étrangère guil guillemets", quoted_words("« ", " »")),
    **named("ציטוטון", quoted_words('"', '"')),
    **named("nihongo japonais", with_original_words("1", "2", "3", "4")),
    **named("nihongo_krt", with_original_words("2", "3", "1")),
    **named("nihongo3", with_original_words("3", "2", "1")),
    **named("読み仮名 読み仮名_ruby不使用 ふりがな", with_reading_words),
    **named("bibleverse bible_verse bibleref bibleref2 bibleverse-nb bibleref2-nb", bible_words),
    **named("bibel b", german_bible_words),
    **named("coord", coordinate_words),
    **named("harvtxt harvcoltxt harvard_citation_text harvp", author_and_year_words("(", ")")),
    **named("harvnb harvcolnb harvard_citation_no_brackets", author_and_year_words("", "")),
    **named("qref", quran_words),
    **named("usc unitedstatescode us_code", law_words("", " U.S.C. § ")),
    **named("uspl", law_words("Pub. L. ", "–")),
    **named("usstat", law_words("", " Stat. ")),
    **named("codefedreg", law_words("", " CFR ", ".")),
    **named("ussc", court_report_words),
    "harvs": author_as_subject_words,
    **named("track_gauge railgauge", gauge_words),
    "jct": road_words,
    **named("cfb_link cbb_link cwb_link", label_words("title")),
    **{prefix.lower(): ship_words(prefix) for prefix in SHIPS.split()},
    "smu": ship_words("SM"),
    **named("ship", ship_words()),
    **named("sclass sclass2 sclass- sclass2-", class_words),
    **named("music", music_words),
    **named("section_link slink", section_words),
    **named("heure", hour_words),
    **named("clarify clarification_needed vague when by_whom which who dubious", label_words("text")),
    **named("see do eat drink sleep buy go listing", listing_words),
    **named("m l mention", mention_words),
    **named("lb lbl label", dictionary_label_words),
    **named("q qi qual qualifier", qualifier_words),
    **LINKS_WITH_LABELS,
    **LANGUAGE_MARKS,
    **OF_ONE_NAME,
    **NOTATIONS,
    **NUMERALS,
    **_OF_NUMBERS,
    **OF_DATES,
    **_MARKS,
}
