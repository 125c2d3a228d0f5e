"""Tests what templates of notations, numbers, lengths of time, teams and amounts of today leave of a sentence."""

import pytest

from xlnet_data.corpora.wiki.arguments import Arguments
from xlnet_data.corpora.wiki.language_marks import LANGUAGE_MARKS
from xlnet_data.corpora.wiki.prose import extract_prose


@pytest.mark.parametrize(
    ("wikitext", "prose"),
    [
        (
            "The state {{ket|ψ}} lies on {{bra|φ}}, and {{bra-ket|φ|ψ}} is small.",
            "The state |ψ⟩ lies on ⟨φ|, and ⟨φ|ψ⟩ is small.",
        ),
        ("The ion NO{{su|b=3|p=−}} and x{{sup sub|2|i}} are known.", "The ion NO3− and xi2 are known."),
        ("Take {{floor|x}} of {{closed-open|0, 1}} and {{sqrt|2}} here.", "Take ⌊x⌋ of [0, 1) and √2 here."),
        ("The angles {{theta}} and {{phi}} rise.", "The angles θ and φ rise."),
        ("The sounds {{IPAslink|p}} and {{IPA|/tʰ/}} differ.", "The sounds /p/ and /tʰ/ differ."),
        ("The river {{IPA|/ˈdæn.juːb/}} is long.", "The river is long."),
        ("The anthem {{audio|A.ogg|Marsh}} ({{audio|B.ogg|listen}}) is old.", "The anthem Marsh is old."),
        (
            "It is {{langnf||Welsh|hill}} and means {{translation|top}}.",
            "It is Welsh for ‘hill’ and means transl. ‘top’.",
        ),
        ("The sign {{unichar|00A7}} is old.", "The sign U+00A7 § SECTION SIGN is old."),
        ("Press {{key|Ctrl|S}} now.", "Press Ctrl+S now."),
        ("The tags {{tag|p|o}} and {{tag|hr|s}} end it.", "The tags <p> and <hr /> end it."),
        ("Write {{tl|stub}} with {{para|date|May}} there.", "Write {{stub}} with |date=May there."),
        ("His page, {{URL|https://example.org/}}, is gone.", "His page, example.org, is gone."),
        ("It has {{pop density|900|30|km2|sqmi}} people; {{oeis|A1}} is rare.", "It has 30/km² people; is rare."),
        ("The law, {{USC|5|10}}, and {{USPL|90|12}} hold.", "The law, 5 U.S.C. § 10, and Pub. L. 90–12 hold."),
        ("It lost in {{ussc|12|34|1900}} and {{qref|2|3}}.", "It lost in 12 U.S. 34 (1900) and Quran 2:3."),
        ("See {{IETF RFC|10}}, {{harvnb|Roth|1966}} and {{harvp|Lo|1970}}.", "See RFC 10, Roth 1966 and Lo (1970)."),
        ("Ann Lo {{post-nominals|GBR|OBE|FRS}} spoke.", "Ann Lo OBE FRS spoke."),
        ("The {{gli|weir|weirs}} of {{RUS}} and {{AUT}} hold.", "The weirs of Russia and Austria hold."),
        ("They did {{ntsh|900}}not stay.", "They did not stay."),
        (
            "It is 2{{frac|1|3}}, 1{{frac|2}}, {{frac|1|4}} or 3<sup>1</sup>/<sub>2</sub> miles.",
            "It is 2 1/3, 1 1/2, 1/4 or 3 1/2 miles.",
        ),
        (
            "There are 2<sup>32</sup>, 3{{sup|4}} or 2<sup>''n''</sup> on the 2<sup>nd</sup> of 5 m<sup>2</sup>.",
            "There are 2^32, 3^4 or 2^n on the 2nd of 5 m2.",
        ),
        (
            "The number 11<sub>2</sub> is not H<sub>2</sub>O.",
            "The number 11_2 is not H2O.",
        ),
        ("Rated {{no}} by {{No.|5}}.", "Rated by No. 5."),
        ("The firm ({{NYSE|ABC}}) made {{HWV|12}} known.", "The firm (NYSE: ABC) made HWV 12 known."),
    ],
)
def test_notations_stay(wikitext: str, prose: str) -> None:
    assert extract_prose(wikitext, language="en") == prose


@pytest.mark.parametrize(
    ("wikitext", "prose"),
    [
        ("It has {{spellnum|12}} doors and {{number to words|45}} steps.", "It has twelve doors and forty-five steps."),
        ("It is the {{ordinal to word|3}} of {{plural|3|story}}.", "It is the third of 3 stories."),
        ("It took {{age in days|1901|3|1|1901|4|2}} days.", "It took 32 days."),
        ("He reigned {{ayd|1900|5|1|1903|5|3}} there.", "He reigned 3 years, 2 days there."),
        ("Its {{duration|m=4|s=5}} and {{duration|1|2|3}} are long.", "Its 4:05 and 1:02:03 are long."),
        (
            "A {{win-loss record|w=3|l=1}} season with {{US patent|1234567}} came.",
            "A 3–1 season with U.S. patent 1,234,567 came.",
        ),
    ],
)
def test_numbers_are_written_as_the_page_has_them(wikitext: str, prose: str) -> None:
    assert extract_prose(wikitext, language="en") == prose


@pytest.mark.parametrize(
    ("wikitext", "prose"),
    [
        (
            "A mill for $90 (equivalent to ${{Inflation|US|90|1900}} in {{Inflation/year|US}}) burnt.",
            "A mill for $90 burnt.",
        ),
        ("A mill for £9, about £{{formatnum:{{Inflation|UK|9|1900}}}} today, burnt.", "A mill for £9, burnt."),
        ("It lost $9 (or £2; worth US${{#expr: {{Inflation|US|9|1900}} * 2}} now).", "It lost $9 (or £2)."),
        ("Ann Lo (age {{age|1950|1|1}}) and Bo Ek, aged {{age|1960|1|1}}, won.", "Ann Lo and Bo Ek, won."),
        ("That is ${{Inflation|US|90|1900}} or so.", "That is or so."),
        ("An\4 odd sign.", "An odd sign."),
    ],
)
def test_what_is_said_by_an_amount_of_today_goes_with_it(wikitext: str, prose: str) -> None:
    assert extract_prose(wikitext, language="en") == prose


@pytest.mark.parametrize(
    ("language", "wikitext", "prose"),
    [
        (
            "en",
            "{{fb|SUI}} beat {{fbu|21|POL}} in {{flagcountry|NOR}}; {{GHA}} lost.",
            "Switzerland beat Poland U21 in Norway; Ghana lost.",
        ),
        (
            "fr",
            "Il vint d'{{Angleterre}} et des {{États-Unis}} en {{FRA}}.",
            "Il vint d'Angleterre et des États-Unis en France.",
        ),
        (
            "de",
            "Sie spielte für {{FRA}} gegen {{ITA}}, in {{IND}} und {{RUS}}.",
            "Sie spielte für Frankreich gegen Italien, in Indien und Russland.",
        ),
        ("pl", "Grał w {{państwo|FRA}} i {{państwo|Peru}}.", "Grał w Francja i Peru."),
        ("it", "Nato in {{ESP}} {{fin}} e {{FIN}}.", "Nato in Spagna e."),
        (
            "en",
            "In the {{UK}} and {{EU}}, {{usa}} won.",
            "In the United Kingdom and European Union, United States won.",
        ),
        ("nl", "Dat {{ran}} is {{per}} zo.", "Dat is zo."),
        (
            "fr",
            "L'{{op.|7}} dura {{durée|1|5|1900|3|6|1901}} aux {{sp|XVII|e|ou|XVIII|e|s}}.",
            "L'op. 7 dura 1 an, 1 mois et 2 jours aux XVIIe ou XVIIIe siècles.",
        ),
        ("ru", "В V веке {{до н. э.}} он жил {{возраст|1|5|1900|2|5|1950}} лет.", "В V веке до н. э. он жил 50 лет."),
        ("es", "El {{ord|5}} vivió {{edad|2|5|1900|1|5|1950}} años.", "El 5 vivió 49 años."),
        ("pt", "Em {{AC|50}} eram {{fmtn|7|km}} dali.", "Em 50 a.C. eram 7 km dali."),
        (
            "ja",
            "彼は{{和暦|1905}}に生まれ、{{和暦|昭和|5}}に死んだ。",
            "彼は1905年（明治38年）に生まれ、1930年（昭和5年）に死んだ。",
        ),
        ("it", "La parola {{chiarire|antica}} {{cn|sta}}.", "La parola antica sta."),
        ("en", "The word {{cn|May 2001}} stays.", "The word stays."),
        (
            "de",
            "Der Fluss ({{ruS|Река}}, {{enS|River|en}}) ist {{laS}} alt.",
            "Der Fluss (russisch Река, englisch River) ist lateinisch alt.",
        ),
        (
            "fr",
            "Sous la {{IIIe République}}, {{passage promotionnel|le meilleur moulin}} {{incise|vieux|stop}}.",
            "Sous la IIIe République, le meilleur moulin – vieux.",
        ),
        ("fr", "Il dit {{\"|oui}} à l'{{art.|5}} en 50 {{av. J.-C.}}", "Il dit « oui » à l'art. 5 en 50 av. J.-C."),
        ("es", "Es del {{siglo|I|d}} o del {{siglo|II|a}}", "Es del siglo I d. C. o del siglo II a. C."),
    ],
)
def test_other_wikis_have_words_of_their_own(language: str, wikitext: str, prose: str) -> None:
    assert extract_prose(wikitext, language=language) == prose


def test_a_glossary_keeps_its_definitions() -> None:
    glossary = "{{glossary}}\n{{term|1=adze}}\n{{defn|1=A tool that cuts wood.}}\n{{glossary end}}"
    assert extract_prose(glossary) == "A tool that cuts wood."
    assert extract_prose(glossary, lists=True) == "adze\n\nA tool that cuts wood."


def test_where_a_word_may_be_broken_is_no_blank() -> None:
    assert extract_prose("A hyper{{wbr}}text and a meta{{zwsp}}data file.").replace("\u200b", "") == (
        "A hypertext and a metadata file."
    )


def test_a_term_and_its_definition_on_one_line_are_two_items() -> None:
    assert extract_prose("; adze :cuts wood\n*; awl: bores\n; http://a.org/x is old", lists=True) == (
        "adze\n\ncuts wood\n\nawl\n\nbores\n\nhttp://a.org/x is old"
    )


@pytest.mark.parametrize(
    ("wikitext", "prose"),
    [
        ("'''#1''' is a song.", "#1 is a song."),
        ("It was old.\n\n''*hamraz'' is its root.", "It was old.\n\n*hamraz is its root."),
        ("<b>;-)</b> is a sign.", ";-) is a sign."),
        ("[[Number sign|#2]] came.\n\n[[#Use]] tells more.", "#2 came.\n\n#Use tells more."),
        ("[https://a.org #3 hit] came.", "#3 hit came."),
        ("{{lang|gem|*hamraz}} is a root.\n* {{lang|gem|*b}}", "*hamraz is a root."),
        ("{{#if:x|\n* an item}}", ""),
    ],
)
def test_a_mark_within_markup_makes_no_item_of_a_line(wikitext: str, prose: str) -> None:
    assert extract_prose(wikitext) == prose


def test_a_link_to_a_recording_keeps_its_words() -> None:
    assert extract_prose("Hear [[Media:Ur.ogg|the song]] ([[media:Ur.ogg]]) now.") == "Hear the song now."


@pytest.mark.parametrize(
    ("name", "values", "german", "other"),
    [
        ("ars", {"1": "kitab", "d": "kitāb", "b": "Buch"}, "arabisch kitab, DMG kitāb ‚Buch‘", "kitab"),
        ("zhs", {"1": "shu", "b": "Buch"}, "chinesisch shu ‚Buch‘", "shu"),
        ("hys", {"1": "girk"}, "armenisch girk", "girk"),
        ("afs", {}, "afrikaans", ""),
    ],
)
def test_the_german_marks_of_languages_name_them(name: str, values: dict[str, str], german: str, other: str) -> None:
    for language, shown in (("de", german), ("en", other)):
        assert LANGUAGE_MARKS[name](Arguments(values, language)) == shown
