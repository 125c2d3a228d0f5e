"""Wikitext to prose: what goes, what stays, and time linear in what it is given."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlnet_data.corpora.wiki.line_starts import protect_starts
from xlnet_data.corpora.wiki.names import HIDDEN_NAMES
from xlnet_data.corpora.wiki.prose import extract_prose
from xlnet_data.corpora.wiki.templates import words_of_template

MARKUP = [
    *("{{", "}}", "[[", "]]", "{|", "|}", "\n{|", "\n|}", "{{{", "}}}", "|", "[[File:", "[[a|", "{{lang|x|", "{{a"),
    *(
        "<ref>",
        "</ref>",
        "<ref",
        "<!--",
        "-->",
        "<nowiki>",
        "</nowiki>",
        "<math>",
        "<br/>",
        "<a ",
        ">",
        "'",
        "''",
        "'''",
    ),
    *("l'''", "[http://", "[//a b", "]", "\n==", "==\n", "\n*", "\n:", "\n", "\n\n", "-{", "}-", "__", "__TOC__"),
    *(
        "<poem>",
        "</poem>",
        '<span style="display:none">',
        "<pre>",
        "<pre><!--",
        "<li>",
        "</li>",
        "<rt>",
        "{{!}}",
        "-{zh:",
        "[[//",
    ),
    *("&amp;", "&#", ";", "(", ")", " ", "word", "é", "漢", "\0", "\1", "\r\n", "----", "\t"),
]
wikitext = st.lists(st.sampled_from(MARKUP), max_size=60).map("".join)


@pytest.mark.parametrize(
    ("wikitext", "prose"),
    [
        ("a {{Infobox|b={{c}}\n|d}} e", "a e"),
        ("a\n{| class=x\n| b\n{|\n|c\n|}\n|}\nd", "a\n\nd"),
        ("a<ref name=\"b\">c</ref>, d<ref name='b' /> e<REF>f</Ref>.", "a, d e."),
        ("[[File:a.jpg|thumb|b [[c]] {{d}}]]e [[category:f]]", "e"),
        ("[[Fichier:a.png|b]][[Datei:a]][[Категория:b]][[Κατηγορία:c]][[ファイル:d]]e", "e"),
        ("__NOTOC__a __init__ __БЕЗОГЛ__.", "a __init__."),
        ("a<!-- b\n\n -->c<!-- d", "ac"),
        ("a\n<!-- b -->\nc", "a c"),
        ("a<ref>b <!-- c</ref> d.\n\ne <!-- <ref>f</ref> -->g.", "a d.\n\ne g."),
        ("__notoc__a __Toc__b __len__.", "a b __len__."),
        ("[[Caf%C3%A9]], [[5%ab]] [[a%20b|c]] [[50% d]]", "Café, 5%ab c 50% d"),
        ("'''''a''''' ''b'' '''c'''", "a b c"),
        ("L'''Iliade'' d'''Homère''", "L'Iliade d'Homère"),
        ("a <div style='a'>b<br />c</div> 1 < 2 <stdio.h>", "a b c 1 < 2 <stdio.h>"),
        ("<math>x^2</math>a<gallery>\nb.jpg\n</gallery>", "a"),
        ("a [http://b.c d e] [https://f] [//g h] [mailto:i j]", "a d e h j"),
        ("a&nbsp;b &lt;ref&gt; &amp;amp; &eacute; &unknown;", "a b <ref> &amp; é &unknown;"),
        ("<nowiki>[[a]] {{b}} ''c'' <ref></nowiki>", "[[a]] {{b}} ''c'' <ref>"),
        ("[[a]]s [[b|c]] [[d#e|]] [[:Category:f]] [[g (h)|]] [[:File:i|j]]", "as c d#e Category:f g j"),
        ("[[fr:a]]b [[wikt:c|d]]", "b d"),
        ("a (; b) c ({{d}}) (e: {{f}}) ({{g}}; h) {{i}}.", "a (; b) c (h)."),
        ("-{zh-hans:网;zh-hant:網}-络-{H|zh:b}--{c}--{A|zh-cn:d;zh-tw:e}-", "网络cd"),
        ("a-{-|zh:b;zh-tw:c}- d-{A|X=>zh:e;X=>zh-tw:f}- -{zh:g-{zh:h;zh-tw:i}-;zh-tw:j}-", "a de gh"),
        ("a<ref name=b/>, c<ref\nname='d'\n/>{{efn|e <ref>f</ref>}}, {{lang|fr|g<ref>h</ref>}} i</ref>.", "a, c, g i."),
        ("[[File:a.jpg|b [http://c d]]] e [[f|g [h]]].", "e g [h]."),
        ("a&notes; R&D;", "a&notes; R&D;"),
        ("Le {{1er}} mai, la {{2e}} à {{heure|12|30}}, {{n°|5}}", "Le 1er mai, la 2e à 12 h 30, n° 5"),
        (
            "{{sclass|Nimitz|aircraft carrier}} {{SMS|Emden}}, B{{music|flat}}",
            "Nimitz-class aircraft carrier SMS Emden, B♭",
        ),
        ("a\nb\n\nc\n \nd", "a b\n\nc\n\nd"),
        ("#REDIRECT [[a]]", ""),
        ("'''B''' is the second letter", "B is the second letter"),
        ("L''''orgue''' e l''''''arpa'''''", "L'orgue e l'arpa"),
        ("''D'''Avant'' c'est dit, d'''Après'' aussi", "D'Avant c'est dit, d'Après aussi"),
        ("''Odyssey'''s end and ''Emma'''s start", "Odyssey's end and Emma's start"),
        ("'''N'''orth '''A'''tlantic, ''un'''break'''able''", "North Atlantic, unbreakable"),
        ("''The '''We''' in Power'' runs", "The We in Power runs"),
        ("un'''load''ing''s'''men and l'''Ode''", "unloadingsmen and l'Ode"),
        ("it''''s\n''a''' b", "it's a' b"),
        ("<nowiki>a&nbsp;b &amp;lt; &lt;i&gt; ''c''</nowiki>", "a b &lt; <i> ''c''"),
        ("{{nowrap|a {{=}} b}} and {{lang|de|1 {{=}} 2}}", "a = b and 1 = 2"),
        ("山（{{IPA|x}}）や（{{lang|zh|川}}、{{x}}）", "山や（川）"),
        ("{{lang|fr|{{nowrap|[[Mer|la mer]]}}}} and {{nowrap|{{lang|fr|[[b]]}}}}", "la mer and b"),
        ("{{a}}\n* b\n", ""),
        ("http://a.b/c\n\nsee http://a.b/c", "see http://a.b/c"),
        ("a <nowiki><!--</nowiki> b <pre>--> <!--</pre> c <!-- <nowiki> --> d", "a <!-- b c d"),
        ("a<!-- b --><!-- c -->\nd\n<!-- e --><!-- f -->\ng", "a d g"),
        ("''a''<nowiki />''b''<nowiki></nowiki>''c''", "abc"),
        ("<nowiki/>* a", "* a"),
        ('the <syntaxhighlight lang="c" inline>for (;;)</syntaxhighlight> loop', "the for (;;) loop"),
        ("<ruby>明日<rp>(</rp><rt>あした</rt><rp>)</rp></ruby>は", "明日は"),
        ("a<hr>b <q>c</q> <ul><li>d</li><li>e</li></ul>f<dl><dd>g</dd></dl><h2>h</h2>i", 'a b "c"\n\nf\n\ni'),
        ("{{nowrap|P(a{{!}}b)}} [[c{{!}}d]] [[File:e{{!}}f]]{{#if:|{{!}} g}} {{pipe}}", "P(a|b) d |"),
        ("-{a &amp; b}- -{c; d}- -{zh-hans|e}- -{Note: f}- -{zh-hans:g; zh-hant:h;}-", "a & b c; d e Note: f g"),
        ("[[http://a.b c d]] [HTTP://a.b e] [[En:f]][[De:g|h]]i", "[c d] e i"),
        ("le XX{{e}} siècle, 3{{e|8}}", "le XXe siècle, 3×10^8"),
        ("f{{(}}x{{)}} {{dash}} y", "f{x} – y"),
        ("a [{{IPA|b}}] c /{{IPA|d}}/ (e, {{IPA|f}}; g), {{IPA|h}}, i[1] and/or/j", "a c (e; g), i[1] and/or/j"),
        ('a <span class="b" style="display:none">c</span> d', "a d"),
        ("10<sup>&minus;6</sup> m<sup>2</sup>, 110<sup>2</sup>, 10{{exp|8}}", "10^−6 m2, 110^2, 10^8"),
        ("10{{exposant|9}} et 2{{Exp|n}}, 10{{apice|-3}}", "10^9 et 2^n, 10^-3"),
        ("a <s>b</s> c <del>d</del>, <STRIKE>e</STRIKE>, <small>f</small> <s>g", "a c, f g"),
        ("أ ({{IPA|b}}، ج) د ({{lang|en|e}}؛ {{f}}) ({{lang-de|}}) ه", "أ (ج) د (e) ه"),
        ("a ({{IPA|b}} — c) d ({{IPA|e}} or {{IPA|f}}) g (* {{h}}; † {{i}}) j (k ,{{l}})", "a (c) d g j (k)"),
        ("__KEIN_INHALTSVERZEICHNIS__a __目次__b __БЕЗ_ОГЛ__ __init_file__", "a b __init_file__"),
        ("<poem>\n:a<ref>b</ref>\n:: c\n</poem>\nd", "a c\n\nd"),
        ('<pages index="A.djvu" from=1 />a <pagequality level="4" user="" />b <quiz>\n{c}\n</quiz> d', "a b d"),
        ("<phonos ipa='a'>a</phonos> b <charinsert>c</charinsert>", "a b c"),
        ("{{font color|red|white|a}} {{color|red|b}} {{resize|c}} {{resize|80%|d}}", "a b c d"),
        ("{{-Ier siècle}} et {{XIVe siècle}}", "Ier siècle av. J.-C. et XIVe siècle"),
        ("<div class='a'>b</div>\n<div>c</div>\nd <div>e</div> f", "b\n\nc\n\nd e f"),
        ("* a <div>b</div> c\nd{{br}}e{{pb}}f", "d e\n\nf"),
        ("Type {{#tag:nowiki|[[Ur]] and ''b''}} here.", "Type [[Ur]] and ''b'' here."),
    ],
)
def test_markup_goes_and_what_a_reader_reads_stays(wikitext: str, prose: str) -> None:
    assert extract_prose(wikitext) == prose


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("lang|de|Kind", "Kind"),
        ("lang-ru|Москва", "Москва"),
        ("Nowrap|1=a b", "a b"),
        ("convert|5|km|mi", "5 km"),
        ("convert|5|-|7|km", "5–7 km"),
        ("frac|1|2", "1/2"),
        ("frac|3|1|2", "3 1/2"),
        ("circa|1850", "c. 1850"),
        ("circa|1850|1900", "c. 1850 – c. 1900"),
        ("fl.|1850|1900", "fl. 1850–1900"),
        ("langx|ru|Москва|Moskva", "Москва"),
        ("script/Cyrl|Москва", "Москва"),
        ("nihongo3|Lightning|電|Den", "Den (電, Lightning)"),
        ("nihongo krt|Lightning|電|Den", "電 (Den, Lightning)"),
        ("nihongo foot|Lightning|電|Den", "Lightning"),
        ("sic|hide=y|recieve|d", "recieved"),
        ("not a typo|mis|spelling", "misspelling"),
        ("as of|1901|2|3|since=y|post=,", "Since 3 February 1901,"),
        ("as of|1901|2|3|bare=y|df=US", "February 3, 1901"),
        ("lien|fr=Rivière Rouge|lang=en|trad=Red River", "Rivière Rouge"),
        ("нп3|надо=Имя|текст=имени", "имени"),
        ("وإو|عر=نهر|تر=River|لغ=en", "نهر"),
        ("link-interwiki|en=Ada|lang=de", "Ada"),
        ("death date and age|1994|4|5|1967|2|20", "April 5, 1994"),
        ("start-date|7 May 1901", "7 May 1901"),
        ("OldStyleDateNY|31 March|21 March", "31 March [O.S. 21 March]"),
        ("OldStyleDateDY|4 January|1799|24 December 1798", "4 January 1799 [O.S. 24 December 1798]"),
        ("§|823|bgb|juris", "§ 823"),
        ("convert|2+3//8|in|mm", "2 3/8 in"),
        ("convert|50|m3/s|cuft/s", "50 m³/s"),
        ("convert|500|/km2|/sqmi", "500/km²"),
        ("convert|500|PD/sqmi", "500/sq mi"),
        ("convert|12|mi|km|adj=mid|-long", "12 mi long"),
        ("val|1|to|3|u=m", "1 to 3 m"),
        ("val|11.5|+0.5|-0.6|u=m", "11.5 (+0.5/−0.6) m"),
        ("nihongo|Sumo|相撲|Sumō", "Sumo (相撲, Sumō)"),
        ("harvtxt|Ochs|Wald|1994", "Ochs & Wald (1994)"),
        ("harvs|txt|last=Roth|year=1966|loc=Ch. 1", "Roth (1966)"),
        ("harvs|txt=yes|last1=Roth|last2=Lee|last3=Ochs", "Roth, Lee and Ochs"),
        ("harvs|nb|last=Roth|year=1966", ""),
        ("RailGauge|ussg|lk=on", "4 ft 8 1/2 in"),
        ("track gauge|600mm", "600 mm"),
        ("jct|state=MI|M|10|CR|5|dir2=west", "M-10 / CR 5 west"),
        ("cfb link|year=2007|team=Ur Mules|title=2007 Ur", "2007 Ur"),
        ("mp|2003 QX|111", "2003 QX111"),
        ("quote|a|b", "\n\na\n\n"),
        ("spaced ndash", " – "),
        ("blockquote|text=It was late.|author=A", "\n\nIt was late.\n\n"),
        ("Quote|1=so n = 1 here|source=B", "\n\nso n = 1 here\n\n"),
        ("cita|texto=Era tarde.", "\n\nEra tarde.\n\n"),
        ("lang|it|text=ciao", "ciao"),
        ("formatnum: 4004", "4004"),
        ("formatnum:-3", "-3"),
        ("uc:abc", "ABC"),
        ("plural:3|ship|ships", "ships"),
        ("convert|3|e6acre|km2", "3 million acres"),
        ("convert|6|ft|1|in|cm", "6 ft 1 in"),
        ("convert|2|x|3|x|4|m|ft", "2 × 3 × 4 m"),
        ("convert|9|km|mi|1", "9 km"),
        ("convert|1+1/2|in", "1 1/2 in"),
        ("val|6.02|0.01|e=23|u=/mol", "(6.02±0.01)×10^23 /mol"),
        ("val|3|ul=m|up=s", "3 m/s"),
        ("unité|12|m|2", "12 m²"),
        ("birth date|1901|2|3", "February 3, 1901"),
        ("birth date and age|1901|2|3|df=yes", "3 February 1901"),
        ("date de décès|1|mars|1901", "1er mars 1901"),
        ("fecha|3|2|1901", "3 de febrero de 1901"),
        ("as of|1901|2|lc=y", "as of February 1901"),
        ("s|XIX|e", "XIXe siècle"),
        ("s2-|XVIII|e|XIX|e", "XVIIIe et XIXe siècles"),
        ("sp|XVIII|e|au|XIX|e", "XVIIIe au XIXe siècle"),
        ("-s|II|e", "IIe siècle av. J.-C."),
        ("XVIe siècle", "XVIe siècle"),
        ("siglo|II|a|s", "siglo II a. C."),
        ("siglo-texto|XIV", "XIV"),
        ("japonais|jūdō|柔道", "jūdō (柔道)"),
        ("読み仮名|佐藤|さとう", "佐藤（さとう）"),
        ("仮リンク|画家|en|Painter|label=絵師", "絵師"),
        ("le|北京|Peking", "北京"),
        ("tsl|en|Painter|画家|", "画家"),
        ("не переведено|Имя|имени", "имени"),
        ("ill|Ada|de|Ada B|lt=her", "her"),
        ("OldStyleDate|1 May|1900|18 April", "1 May [O.S. 18 April] 1900"),
        ("Template:Nowrap|x", "x"),
        ("INRConvert|5|c", "₹5 crore"),
        ('"|Alles gut.', "„Alles gut.“"),
        ('"-fr|Tout va bien', "“Tout va bien”"),
        ("'", "'"),
        ("\" '", "\"'"),
        ("Zitat-fr|Tout va bien.", "\n\nTout va bien.\n\n"),
        ("ציטוט|תוכן=טוב", "\n\nטוב\n\n"),
        ("sitaatti|Hyvä on.", "\n\nHyvä on.\n\n"),
        ("Höhe|1234|DE-NN|link=true", "1234 m"),
        ("FormatNum|12345", "12345"),
        ("abrd|J.-C.|Jésus-Christ", "J.-C."),
        ("p.|12", "p. 12"),
        ("дата|14|7|1789", "14 июля 1789"),
        ("拡張漢字|𠮷", "𠮷"),
        ("zy|汉|han", "汉"),
        ("ordinal|21", "21st"),
        ("currency|5|USD", "US$5"),
        ("currency|5|CHF", "5 CHF"),
        ("age|1900|5|2|1950|5|2", "50"),
        ("age|1900|5|2", "\4"),
        ("CO2", "CO2"),
        ("height|ft=6|in=2", "6 ft 2 in"),
        ("percentage|1|8|1", "12.5%"),
        ("Roman|1949", "MCMXLIX"),
        ("1/2", "1/2"),
        ("convert|5|C-change|0", "5 °C"),
        ("fecha|1901|2|3", "3 de febrero de 1901"),
        ("dts|format=dmy|1901|2|3", "3 February 1901"),
        ("dts|3|2|1901", "February 3, 1901"),
        ("OldStyleDate|4|мая|1901|21|апреля", "21 апреля [4 мая] 1901"),
        ("СС|20|мая|1901|7", "7 [20] мая 1901"),
        ("OldStyleDate|3|января|1902|21|декабря|1901", "21 декабря 1901 [3 января 1902]"),
        ("Cinese|川|chuān|l=fiume", '川, chuān, lett. "fiume"'),
        ("IIe millénaire av. J.-C.", "IIe millénaire av. J.-C."),
        ("numéro|7", "n° 7"),
        ("souverain2|Anne", "Anne"),
        ("zh|s=汉|t=漢|p=Hàn", "汉, Hàn"),
        ("bd|1901年|2月3日|1950年|4月5日|Han", "（1901年2月3日－1950年4月5日）"),
        ("не перекладено|Місто|міста|en|Town", "міста"),
        ("fakt|Tak było.|data=2020", "Tak było."),
        ("sortname|Ada|King", "Ada King"),
        ("#if: x | yes | no", "yes"),
        ("#if: | yes | no", "no"),
        ("#if: | yes", ""),
        ("#ifeq: a | a | yes | no", "yes"),
        ("#ifexist: A page | yes | no", "yes"),
        ("#iferror: 1 | wrong", "1"),
        ("#switch: b | a | b | c = abc | d = d | other", "abc"),
        ("#switch: x | a = a | #default = none | b = b", "none"),
        ("#switch: x | a = a | other", "other"),
        ("#expr: 12 / 8 - (3 * 2)", "-4.5"),
        ("#expr: 2030 - year", "\0"),
        ("#expr: ... ", "\0"),
        ("#expr: 2**99", "\0"),
        ("#ifexpr: 2 * 3 >= 6 | yes | no", "yes"),
        ("#ifexpr: 1 = 2 or not 1 | yes | no", "no"),
        ("#ifexpr: | yes | no", "no"),
        ("#ifexpr: 2030 - year | yes | no", "\0"),
        ("#expr: 10 / 4 round 0", "3"),
        ("#expr: -7 mod 4 + 2^3", "5"),
        ("#expr: ceil 1.2 + trunc(−2.7) + abs -3 × 2", "6"),
        ("#expr: 1 << 2", "\0"),
        ("#expr: 9" + "0" * 120, "\0"),
        ("#iferror: \0 | wrong | right", "wrong"),
        ("#time: Y | 1901-02-03", "1901"),
        ("#time: j F Y | 1901-02-03", "3 February 1901"),
        ("#time: d.m.Y | 1901-2-03", "03.2.1901"),
        ("#time: j F Y | May 1901", "May 1901"),
        ("#time: Y", "\0"),
        ("padleft:7|3", "007"),
        ("padright:ab|5|xy", "abxyx"),
        ("padleft:abc|2", "abc"),
        ("grammar:genitive|Sea", "Sea"),
        ("plural:3|корабль|корабля|кораблей", "корабля"),
        ("plural:12|корабль|корабля|кораблей", "кораблей"),
        ("#invoke:convert|convert|5|km|mi", "5 km"),
        ("#invoke:Infobox|infobox|a", None),
        ("coord|51|30|N|0|7|W|type:city|display=inline", "51°30′N 0°7′W"),
        ("coord|-33.9|18.4", "33.9°S 18.4°E"),
        ("coord|33|S|18|E|display=title", ""),
        ("bibleverse|1|Kings|3:4|KJV", "1 Kings 3:4"),
        ("bibleverse||Ruth|1:2", "Ruth 1:2"),
        ("gloss|the sea", "‘the sea’"),
        ("keypress|Ctrl|S", "Ctrl+S"),
        ("radic|8|3", "³√8"),
        ("sqrt|2", "√2"),
        ("radic|x|12", "¹²√x"),
        ("#expr: ceil(9^300) * ceil(9^300)", "\0"),
        ("music|time|6|8", "6/8"),
        ("tfrac|2|3", "2/3"),
        ("flatlist|\n* a\n* b\n", "a, b"),
        ("okina", "ʻ"),
        ("+-", "±"),
        ("deg", "°"),
        ("double-dagger", "‡"),
        ("translit|ru|slovo", "slovo"),
        ("bulleted list|a|b", "\n* a\n* b\n"),
        ("plainlist|\n* a\n# b", "\n* a\n# b\n"),
        ("1er|mai", "1er mai"),
        ("s mini|XIX|e", "XIXe"),
        ("dni|3|2|1901|si", "3 de fevereiro de 1901"),
        ("nihongo|Sumo|相撲|Sumō|lit. fight", "Sumo (相撲, Sumō, lit. fight)"),
        ("zwnj", "\u200c"),
        ("drop cap|O", "O"),
        ("1er août", "1er août"),
        ("endash", "–"),
        ("th", "th"),
        ("née|Roth", "née Roth"),
        ("lit|the sea", "lit. ‘the sea’"),
        ("Vol-en|sea", "sea"),
        ("elS|πόλη", "πόλη"),
        ("k-sv|stad", "stad"),
        ("ny-de|Stadt", "Stadt"),
        ("إنج|town", "town"),
        ("converti|3|km|mi", "3 km"),
        ("convert|2|acre|ha|adj=on", "2-acre"),
        ("convert|2|km|mi|adj=on", "2-kilometre"),
        ("convert|2|-|5|km|mi|adj=on|sp=us", "2–5-kilometer"),
        ("convert|5|ft|6|in|m|adj=on", "5 ft 6 in"),
        ("convert|3|lb|kg|adj=on|abbr=on", "3 lb"),
        ("cvt|3|mi|km|adj=on", "3 mi"),
        ("sav|II|e", "IIe siècle av. J.-C."),
        ("سخ", " "),
        ("GENDER:Ada|he|she|they", "they"),
        ("GENDER:Ada|he", "he"),
        ("#expr: ln e + sin 0 + exp 0 + sqrt(9)", "5"),
        ("#expr: 2.5e3 - 5 e -1", "2499.5"),
        ("#expr: pi round 2", "3.14"),
        ("#expr: acos 2", "\0"),
        ("#tag:small|late", "late"),
        ("#tag:ref|A book.", "\0"),
        ("clarify|text=the weir|date=May", "the weir"),
        ("vague|date=May", ""),
        ("see|name=Lock|address=Mill Lane|content=It is old.", "Lock, Mill Lane. It is old."),
        ("see|Lock", ""),
        ("m|la|aqua", "aqua"),
        ("m|la|aqua|aquam|water", "aquam (“water”)"),
        ("l|en|water", "water"),
        ("M|3|ul=km", "3 km"),
        ("lb|en|dated|_|poetic", "(dated, poetic)"),
        ("qualifier|rare", "(rare)"),
        ("q|Q42", ""),
        ("нет АИ|5|6|2011", None),
        ("تحويل|5|km|mi", "5 km"),
        ("عدد|۵", "۵"),
        ("jednotka|5|km", "5 km"),
        ("年月日|1901|2|3", "1901年2月3日"),
        ("年月日|1901年2月3日", "1901年2月3日"),
        ("unité/2|3|à=5|km", "3 à 5 km"),
        ("num|40|км", "40 км"),
        ("convert|1|/|4|mi", "1/4 mi"),
        ("B|Mt|5|3", "Mt 5,3"),
        ("formule chimique|H|2|O", "H2O"),
        ("Citation étrangère|langue=en|citation=It turns.", "« It turns. »"),
        ("Quotation|引用文=水車", "\n\n水車\n\n"),
        ("LaTeX", "LaTeX"),
        ("ill|It|fr|Ça (roman)", "It"),
        ("Bibel|Joh|3", "Joh 3"),
        ("b|bold", ""),
        ("lt", "&lt;"),
        ("---", " — "),
        ("sp-|XI|e|XII|e", "XIe et XIIe siècles"),
        ("tmp|-5|°C", "-5 °C"),
        ("дробь|1|3", "1/3"),
        ("NT$|40", "NT$40"),
        ("round|2.346|2", "2.35"),
        ("round|8.6", "9"),
        ("sigfig|0.0456|2", "0.046"),
        ("DMS|5|10|15|S", "5°10′15″S"),
        ("RA|5|10|15", "5h 10m 15s"),
        ("DEC|-5|10", "-5° 10′"),
        ("nuclide|cobalt|60", "cobalt-60"),
        ("AC|31", "31 a. C."),
        ("DC", "d. C."),
        ("rquote|left|It fell.|Lee", "\n\nIt fell.\n\n"),
        ("rquote|left", ""),
        ("ציטוטון|כן", '"כן"'),
        ("ilc|Ponte||Bridge", "Ponte"),
        ("x10|4", "×10^4"),
        ("stn|Ely", "Ely"),
        ("station link|MTR|Central", "Central"),
        ("HMS|Argo||6", "HMS Argo"),
        ("HMS|Argo|K7", "HMS Argo (K7)"),
        ("HMS|Argo|K7|1", "K7"),
        ("HMS|Argo|K7|2", "Argo"),
        ("HMS|Argo|K7|3", "Argo (K7)"),
        ("HMS", ""),
        ("ship|HMS|Argo|1720|6", "HMS Argo"),
        ("ship|Greek|frigate|Argo", "Greek frigate Argo"),
        ("ship|Greek|frigate|Argo||2", "Argo"),
        ("ship|Greek frigate|Argo||2", "Argo"),
        ("sclass|Argo|frigate|4", "Argo class"),
        ("ship||Argo||2", "Argo"),
        ("ORP|Orzeł||2", "Orzeł"),
        ("SMU|U-3", "SM U-3"),
        ("mya|66|million years old", "66 million years old"),
        ("£sd|l=2|s=3|d=4", "£2 3s 4d"),
        ("£sd|s=3|d=4", "3s 4d"),
        ("naira|40", "₦40"),
        ("ISK|40", "40 kr"),
        ("solar mass|5", "5 M☉"),
        ("solar mass", "M☉"),
        ("GRT|900", "900 GRT"),
        ("BCE|44", "44 BCE"),
        ("nbay|2005", "2005–06"),
        ("NBA Year|1999", "1999–2000"),
        ("nbay|2005 season", "2005 season"),
        ("block indent|So it says.", "\n\nSo it says.\n\n"),
        ("bracket|they", "[they]"),
        ("angbr|a", "⟨a⟩"),
        ("h:title|why|shown", "shown"),
        ("wikt-lang|en|go|went", "went"),
        ("wikt-lang|en|go", "go"),
        ("fchim|H|2|O", "H2O"),
        ("mpl|2010 TK|7", "2010 TK7"),
        ("j|uk|Київ", "Київ"),
        ("lower|0.4em|x", "x"),
        ("slink||Use", "§ Use"),
        ("slink|Ur|Use", "Ur § Use"),
        ("minus|5", "−5"),
        ("senza fonte|è vero|luglio 2010", "è vero"),
        ("Kapitälchen|Roth", "Roth"),
        ("いつ範囲|かつて|date=2020年5月", "かつて"),
        ("글자색|red|town", "town"),
        ("lähde||5. toukokuuta 2010", ""),
        ("국기|일본", "일본"),
        ("מונחון|א|ב", "א"),
        ("專名號|王", "王"),
        ("vjazyce|en", None),
        ("infobox person|name=a", None),
        ("cite web|title=a", None),
        ("", None),
    ],
)
def test_templates_that_stand_for_words_leave_them(template: str, words: str | None) -> None:
    assert words_of_template(template) == words_of_template(template, "en") == words


@pytest.mark.parametrize(
    ("language", "template", "words"),
    [
        ("it", "data|3|2|1901", "3 febbraio 1901"),
        ("pl", "data|3|2|1901", "3 lutego 1901"),
        ("uk", "дата|3|2|1901", "3 лютого 1901"),
        ("uk", "дата|3|лютого|1901", "3 лютого 1901"),
        ("de", "birth date|1901|2|3", "3. Februar 1901"),
        ("hu", "birth date|1901|2|3", "1901. február 3."),
        ("ja", "start date|1901|02|03", "1901年2月3日"),
        ("ko", "start date|1901|2", "1901년 2월"),
        ("en", "date de naissance|3|février|1901", "3 février 1901"),
        ("en", "date|3 May 1901|mdy", "3 May 1901"),
        ("en", "date|1901-05-03|ISO", "1901-05-03"),
        ("de", "Datum|1|2|2006", "1. Februar 2006"),
        ("de", "Datum|tag=1|monat=Februar|jahr=2006", "1. Februar 2006"),
        ("de", "Datum|monat=2|jahr=2006", "Februar 2006"),
        ("it", "sec", ""),
        ("it", "Cita|Ek 1990|p. 5|Ek", "Ek 1990, p. 5"),
        ("it", "a.C.", "a.C."),
        ("pt", "ill|en|Old mill|Moinho", "Moinho"),
        ("ja", "Snamei||Panthera leo", "Panthera leo"),
        ("pl", "link-interwiki|Ek|Q=1|tekst=Eka", "Eka"),
        ("es", "lt", ""),
        ("en", "lt", "&lt;"),
        ("fr", "no", ""),
        ("fr", "no|5", "n° 5"),
        ("pt", "ca", ""),
        ("de", "ca|1200", "c. 1200"),
        ("en", "ca", "c. "),
        ("es", "th", ""),
        ("en", "th", "th"),
        ("ru", "ce|5", ""),
        ("en", "ce|5", "5 CE"),
        ("sw", "birth date|1901|2|3", "February 3, 1901"),
        ("nl", "#time: j F Y | 1901-02-03", "3 februari 1901"),
        ("uk", "s|5", "5"),
        ("ru", "s|XX", "XX"),
        ("pt", "s|XX|e", "XX"),
        ("fr", "s|5", "5e siècle"),
    ],
)
def test_a_template_is_read_as_the_wikis_language_has_it(language: str, template: str, words: str) -> None:
    assert words_of_template(template, language) == words


def test_a_page_in_another_language_than_its_dump_says_is_read_as_its_templates_say() -> None:
    text = "Zola, né le {{date de naissance|2|4|1840}}, M{{e|me}} Ek au {{s-|XX|e}}, {{numéro|3}}, {{B|Mt|5|3}}"
    assert extract_prose(text, language="en") == "Zola, né le 2 avril 1840, Mme Ek au XXe siècle, n° 3, Mt 5,3"


def test_french_raises_what_others_read_as_a_power_of_ten() -> None:
    text = "il y a 10{{e|9}} ans, M{{e|me}} Ek, au XX{{e}} siècle, 5×10{{e|-3}} m"
    assert extract_prose(text, language="fr") == "il y a 10^9 ans, Mme Ek, au XXe siècle, 5×10^-3 m"
    assert extract_prose("a mass of 5.2{{e|9}} kg", language="en") == "a mass of 5.2×10^9 kg"


def test_a_place_on_the_globe_alone_is_no_paragraph() -> None:
    assert extract_prose("{{coord|51|30|N|0|7|W}}\n\nIt lies at {{coord|51.5|-0.1}}.") == "It lies at 51.5°N 0.1°W."


def test_headings_and_list_items_are_paragraphs_where_they_are_wanted() -> None:
    assert extract_prose("; a : b\n; 1:2: e\n: c : d", lists=True) == "a\n\nb\n\n1:2\n\ne\n\nc : d"
    for text in ("a{{plainlist|\n* b\n* c\n}}d", "a\n{{columns-list|colwidth=9em|\n* b\n* c}}\nd"):
        assert (extract_prose(text), extract_prose(text, lists=True)) == ("a\n\nd", "a\n\nb\n\nc\n\nd")
    text = "a\n== b ==\n=== c ===\n* d\n*# e\n: f\n== g ==\n{{h}}\n== i ==\n== j ==\nk"
    assert extract_prose(text) == "a\n\nk"
    assert extract_prose(text, lists=True) == "a\n\nd\n\ne\n\nf\n\nk"
    assert extract_prose(text, headings=True) == "a\n\nj\n\nk"
    assert extract_prose(text, headings=True, lists=True) == "a\n\nb\n\nc\n\nd\n\ne\n\nf\n\nj\n\nk"


@pytest.mark.parametrize(
    ("wikitext", "prose"),
    [
        ("{{Infobox\n|a=b\n\nc", "c"),
        ("{|\n|a\n|-\n\nb", "b"),
        ("[[File:a|b\nc", "c"),
        ("[[File:a|b [[c]] {{lang|de|d}} (e) [[f|g]] h\ni [[j]]", "i j"),
        ("a [[File:b|c [[d]]", "a"),
        ("a [[b c\n\nd ]] e}} f", "a b c\n\nd e f"),
        ("a<ref>b\n\nc", "ab\n\nc"),
        ("{{a|[[b}} c", "c"),
        ("[[a|{{b]] c}} d", "a| d"),
        ("{{{1|a}}}b", "b"),
    ],
)
def test_broken_markup_costs_little_text(wikitext: str, prose: str) -> None:
    assert extract_prose(wikitext) == prose


def test_italics_that_touch_an_address_lose_no_word() -> None:
    text = "See [http://a.org/mills.htm''The old mill'' (1901)] and [//a.org/o'b ''Weirs''], ''http://a.org/c'' too."
    assert extract_prose(text) == "See The old mill (1901) and Weirs, http://a.org/c too."
    text = 'See [http://a.org the <span title="a [old]">mill</span> 1 < 2] and [http://b.org 1 < 3] > [http://c.org c].'
    assert extract_prose(text) == "See the mill 1 < 2 and 1 < 3 > c."


def test_a_colon_in_raw_words_of_a_variant_is_no_rule() -> None:
    assert extract_prose("-{R|re:zero}-是-{zh-hans:动画; zh-hant:動畫}-。") == "re:zero是动画。"


def test_the_wikis_own_names_hide_links() -> None:
    names = HIDDEN_NAMES | {"fails"}
    assert extract_prose("[[Fails:a|b]][[fails : c]]d", hidden_names=names) == "d"
    assert extract_prose("[[Fails:a|b]]d") == "bd"
    assert extract_prose("[[Grafika:a|b]][[Pilt:a|b]][[Kategooria:a]][[Hình:a|b]]d") == "d"


OF_NUMBERS = """
age|; birth date|; date|; data|; fecha|; dts|; jour|; #time: Y|; #expr:; #ifexpr:; padleft: a|; plural:; convert|;
val|; coord|; frac|; radic|; percentage|; roman|; ordinal|; height|m=; usd|; s|; siècle|; nombre|; start date|;
spellnum|; ordinal to word|; age in days|; ayd|; age in years, months and days|; duration|; percent and number|;
unichar|; us patent|; plural|; 和暦|; 和暦|明治|; oldstyledate|; hms|; sclass|; durée|
"""


@given(
    st.sampled_from([begin.strip() for begin in OF_NUMBERS.split(";")]),
    st.lists(st.sampled_from(["", "1", "²", "٣", "9" * 5000, "1901-02-30", "9^300", "ceil(", ")", "*", "-5", "May"])),
    st.sampled_from(["", "de", "hu", "ja"]),
)
def test_no_template_dies_on_what_stands_for_a_number(begin: str, parts: list[str], language: str) -> None:
    for bar in ("|", ""):
        words = words_of_template(begin + bar.join(parts), language)
        assert words is None or isinstance(words, str)


@given(wikitext)
def test_any_markup_leaves_paragraphs_of_one_line_without_marks(text: str) -> None:
    prose = extract_prose(text, headings=True, lists=True)
    assert "\0" not in prose
    assert "\1" not in prose
    assert "\4" not in prose
    assert all(paragraph == paragraph.strip() and "\n" not in paragraph for paragraph in prose.split("\n\n"))


@pytest.mark.parametrize("unit", MARKUP)
def test_time_is_linear_in_any_markup_repeated(unit: str) -> None:
    text = unit * (500_000 // len(unit))
    begin = time.process_time()
    extract_prose(text, headings=True, lists=True)
    assert time.process_time() - begin < 10  # a quadratic pass would take hours


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("{{nowrap|x ", "}}"),
        ("[[a|x ", "]]"),
        ("[[File:a|x ", "]]"),
        ("\n{|\n|x ", "\n|}"),
        ("{{nowrap|[[a|x ", "]]}}"),
        ("<ref>{{a|<math>", "</math>}}</ref>"),
    ],
)
def test_time_is_linear_in_the_depth_of_nesting(opening: str, closing: str) -> None:
    begin = time.process_time()
    extract_prose(opening * 50_000 + closing * 50_000)
    assert time.process_time() - begin < 10


@pytest.mark.parametrize(
    ("text", "protected"),
    [
        ("''*one\n'''''#'' two\n''*", "''&#42;one\n'''''&#35;'' two\n''&#42;"),
        ("<abbr title=x>:one</abbr>\n<B><i>;two", "<abbr title=x>&#58;one</abbr>\n<B><i>&#59;two"),
        ("It\n\n'''<var>=one=", "It\n\n'''<var>&#61;one="),
        ("* one\n'*two\n''\n*so\nit''*was\n<div>*no\n''so*", None),
    ],
)
def test_a_mark_that_begins_a_line_within_italics_or_a_tag_makes_no_item(text: str, protected: str | None) -> None:
    assert protect_starts(text) == (protected or text)
