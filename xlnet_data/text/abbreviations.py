"""Knows words at which a splitter is wrong: Swedish "hon." is no abbreviation, and Russian "рис." is one."""

import re
from functools import cache

from xlnet_data.text.beginners import ARTICLES, BEGINNERS
from xlnet_data.text.months import SHORT_MONTHS

WORDS = {
    "en": "me no may May etc No ill art arc pm am ID CA SC IA APR ARC DC LA PA VA OK MO CT KY UT AL GA HR FY",
    "sv": "hon det ut min ord art del maj jul m.m etc med kan sen ens va ont f._Kr e._Kr f.Kr e.Kr",
    "da": "da ned din del m.m osv med var to par form vær nord øst sort nat regn f.Kr e.Kr f._Kr e._Kr SMS TV FM NAT",
    "no": "det ut min art del m.m med kan la ord ga f.Kr e.Kr",
    "nb": "det ut min art del m.m med kan la ord ga maj f.Kr e.Kr",
    "de": "Art usw etc u.s.w mich Bart",
    "fr": "art etc vol",
    "es": "no bien mar etc No de en un con para sobre nos entre contra da ante tras auto super extra",
    "it": "no me te via mai re sol ecc No le la in si con ma al ha se mi lo ci su ad ed sia ai ne fa vi li po va so "
    "ore col sa fra ce fai post usa sai all fin nato coi bar ve mica ali fasi dia grano spot uni app file top",
    "nl": "al enz etc dat pas best hand top ver bel red tom v.Chr n.Chr v._Chr n._Chr OS OSM IT NT ROM",
    "cs": "tu atd no nám",
    "sk": "atď tu no nám",
    "pl": "itp itd dniem",
    "fi": "jne",
    "tr": "o sen al ver no vb kan",
    "hu": "nem stb re nos",
    "el": "κ.λπ κ.τ.λ",
    "ru": "т._д т._п т.д т.п и_др и_пр муж тыс._руб млн_руб млрд_руб",
    "uk": "т._д т._п т.д т.п та_ін вид",
    "lt": "t._t t.t",
    "ro": "etc va loc ore alta sens la al",
    "vi": "v.v con ca may la no ga me sen",
    "ca": "no mar art etc No de en un com sobre entre contra vol nos in dic extra fil para con",
    "et": "me",
    "id": "Tbk ia kan",
    "bg": "полк",
    "sl": "pa med ga res me maj",
    "hr": "ga pa me maj nos",
    "lv": "no pa",
    "is": "minn",
}
"""By language: words that sentencex takes for abbreviations and goes on behind, though most end a sentence: they are
words of their own, or end lists, as "usw." does; "_" stands for a blank. "No" begins a sentence."""

BEFORE_BEGINNERS = {
    "ru": "г гг в вв м см кг ч мин сек руб тыс долл стр с л т пр",
    "uk": "р рр ст м км см кг год хв грн тис млн млрд чол н.е га т дол с",
    "be": "г гг ст стст",
    "bg": "г в м км кг лв хил млн ч мин с др стр",
    "hr": "g st m d.o.o d.d",
    "sl": "l st m d.o.o d.d",
    "pl": "gr S.A",
    "cs": "př._Kr st tis mil mld hod min apod",
    "sk": "st tis mil mld hod min",
    "lt": "m d a Lt min",
    "es": "a.C d.C a._C d._C S.A S.L S._A S._L EE.UU EE._UU km kg s pág cm min ptas D.F R.U",
    "pt": "a._C d._C S.A S._A E.U.A D.F",
    "fr": "S.A S._A U.S.A",
    "it": "a._C d._C S.A S.r.l U.S.A km kg sec cm min",
    "ca": "a.C d.C a._C d._C S.A S.L km s",
    "gl": "a.C d.C a._C d._C S.A S.L",
    "ro": "d.Hr e.n î.e.n S.A S.R.L m sec h",
    "de": "Chr Mio Mrd Std Min u.Z u._Z u.ä u._ä o.ä o._ä o.Ä o._Ä Co e.V e._V f ff",
    "nl": "e.d B.V N.V min m",
    "sv": "o.s.v o.d st co Co",
    "da": "mio kr etc m.fl stk a.s A.S co Co E.U U.S U.S.A",
    "no": "etc co Co",
    "nb": "etc co Co",
    "el": "π.Χ μ.Χ μ π.μ μ.μ",
}
"""By language: abbreviations that sentencex goes on behind, as it should before a name, though they end a sentence
before words that begin one: "XIX в. Потом", but "1812 г. Наполеон"."""

BEFORE_NUMBERS = {
    "fr": "ép t chap fig pl no tab col op art liv coll réf inc",
    "es": "aprox ed tab col op lib arts núms ref sec inc ss hab",
    "pt": "pág vol cap séc págs pp ed tel tab aprox máx arts núm ref inc al",
    "it": "pag fig tav pagg tab art artt capp nn sez prot num",
    "pl": "rys zob tab ok tel godz ur zm rozdz art ust poz par vol por",
    "ro": "et ap pag cap vol tab tel alin lit ed aprox cca pct",
    "sv": "kap fig sid tab tel avd vol årg uppl mom",
    "da": "kap fig",
    "no": "kap fig tab tlf årg",
    "nb": "kap fig tab tlf årg",
    "is": "bls",
    "hu": "ld vö old ábr tel köt évf bek fej",
    "tr": "şek s m.ö m.s ö mö ms tab cilt tel mad böl yakl krş",
    "ru": "ст подп рис гл табл стр вып разд изд корп оф ок прим абз лит",
    "uk": "рис мал табл стор розд тел абз оф корп прим",
    "el": "εικ σελ αρ κεφ τηλ παρ πίν άρθρ τόμ περ πρβλ",
    "id": "hlm bab tel jil hal tab vol ay",
    "hi": "रु सं पृ क्र",
    "th": "พ.ศ ค.ศ ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค",
    "en": "vol vols chap figs eq ed para par approx est tel max min sect vv",
    "nl": "afb tel tab par",
    "hr": "tab tel pogl usp toč",
    "sr": "таб тел погл",
    "et": "tel tab vrd",
    "lv": "lpp att tab nod sēj apm tāl plkst sal",
    "lt": "pav tel plg",
    "sl": "odst pogl tab tel pribl",
    "bg": "ок",
    "be": "арт мал табл стар вып тэл",
    "az": "cədv tel mad səh",
    "ms": "hlm",
    "tl": "blg",
    "sq": "kap tab tel vëll shek",
    "eu": "kap irud or",
    "ta": "பக்",
    "te": "పే",
    "sw": "uk",
    "gl": "cap páx vol núm tel aprox",
    "eo": "ĉap vol",
    "af": "hfst",
    "cy": "tt pen rhif",
    "mr": "पृ क्र रु",
    "bn": "পৃ নং",
    "ka": "გვ ნომ",
    "cs": "srov odst",
    "sk": "porov",
    "ca": "art aprox",
}
"""By language: abbreviations that sentencex does not know, behind which a number stands."""

BEFORE_WORDS = {
    "fr": "Mme Mmes Mlle Ste Mgr Prof op i.e Gén",
    "es": "Ilma Ilmo Dña Cnel Mons Pbro pres i.e Fco",
    "nl": "mevr o.a d.w.z kol",
    "de": "chin griech ital franz getr Pck Pckg Pkt Msp Fa geb Hrn Frl Gebr Dipl Hptm MMag inkl einschl bes Hrsg",
    "it": "on Gent Ill",
    "pt": "Av Profa Exmo Exma Ilmo Srta Arq Cel Cap Sta Pe Mons Des Dep Gov Pres i.e Pça",
    "ca": "Av i.e",
    "gl": "Av i.e Dna",
    "ro": "dna d-na jud com șos ex i.e",
    "pl": "p pp inż hab gen por płk mjr im m.in dyr red kard abp mec nadkom sierż woj pow dypl al zob np in",
    "cs": "plk arch ak okr",
    "sk": "plk okr",
    "hu": "özv ún ford ifj",
    "sl": "ul inž dipl mag",
    "hr": "ul gđa dipl",
    "sr": "проф ул инж дипл",
    "lt": "vad akad doc kun vysk plk inž",
    "lv": "piem akad ģen plkv resp lpp inž pulkv",
    "sv": "t.ex doc kapt resp ev inkl",
    "da": "bl.a s.k cand",
    "no": "f.eks cand evt inkl hhv",
    "nb": "f.eks cand evt inkl hhv",
    "fi": "ins",
    "is": "próf",
    "tr": "Av Doç Yrd örn Cad Sok Sn Mah Bul Apt Alb Org Müh Mim Uz Öğr Gör Üstğm Yzb",
    "az": "akad",
    "ru": "им оз пос т.е доц инж наб дер бул архим митр еп напр тов",
    "uk": "просп наб лейт архієп митр бул тов",
    "be": "г напр праф вул акад дац",
    "bg": "т.е т.нар ж.к арх",
    "mk": "напр т.е т.н проф ул бул инж",
    "kk": "проф акад",
    "el": "καθ δηλ Αγ λεωφ οδ Μητρ Αρχ",
    "sq": "p.sh shën",
    "vi": "TP GS TS PGS ThS",
    "ms": "En Hj Hjh Sdr Kpt Ir Jln",
    "id": "Ir Dra KH Ny Kec Kab Prov PT yg mis Gg Kol",
    "tl": "Bb Dra Sra Atty Engr Gob Kgg Sto Sta",
    "cy": "Parch",
    "eu": "adib",
    "ka": "პროფ აკად წმ დოც მაგ იხ",
    "ar": "أ.د",
    "hi": "रु डॉ प्रो पं श्री एम एन एल एस आर के बी सी डी वी टी एच एफ जे यू",
    "mr": "डॉ प्रो श्री",
    "ne": "डा प्रा श्री",
    "bn": "ড ডা মো",
    "ta": "திரு டாக்டர் பேரா",
    "kn": "ಡಾ ಪ್ರೊ ಶ್ರೀ",
    "gu": "ડૉ ડો પ્રો શ્રી",
    "pa": "ਡਾ ਪ੍ਰੋ ਸ੍ਰੀ",
    "te": "డా శ్రీ",
    "af": "mev mej mnr adv",
    "ga": "tUas Uas",
    "sw": "Bi Bw",
    "th": "ดร ศ รศ ผศ",
    "et": "näit ins",
}
"""By language: abbreviations that sentencex does not know, behind which a name or another word stands; those in small
letters may begin with a capital."""

BEFORE_OTHER_SCRIPTS = {
    "ru": "англ нем лат греч итал исп порт фр",
    "uk": "англ нім лат грец італ ісп порт фр",
    "be": "англ ням лац грэч",
    "bg": "англ нем лат гр",
    "mk": "англ герм лат грч",
    "sr": "енгл нем лат грч",
}
"""By language: names of languages, behind which a word in other letters stands; some are words of their own."""

_BEFORE_SMALL_LETTERS = {
    "en": """
        approx incl excl esp subsp ssp spp var synth abbr orig govt misc assoc div admin appt acct cert contd edn
        equiv est illus intl max natl perf prob prod prov publ repr resp ser spec suppl trad transl usu attrib
        anon arr avg bibl biog bot chap chem coll conj deriv dial doz educ encycl engr freq geog geol gram hist
        hort infin introd irreg lang lat mech meteorol mil mus naut nom obs occas opp ornith perh philos phys
        physiol poet polit poss pref pron pseud psych relig rhet sci sociol stat subj superl syn theol trans
        treas trig ult vol vols yr zool fam comb ed eds temp vel mass inf regt deg
        mon tue tues wed thu thur thurs fri sat sun""",
    "el": "αι",
    "fr": """
        approx incl coll trad réf adj adv anc beauc compl cons dép doc ext inv lat mss orig préf prép prov qqch
        qqn rac spéc subst syn théol tit""",
    "es": "aprox incl aux cía cód comp depto etim fasc ident izda mun obs ofic orig pers pta ref sust tít trad",
    "pt": """
        aprox incl pág núm cap vol máx mín tel ref obs trad depto cód doc esp fasc hist lat nac nasc ofic orig
        pron séc subst tít""",
    "it": "incl pag cit fasc ill naz orig pross sost stor usc",
    "ro": "aprox incl pag vol max tel trad dep lat orig pref subst jud",
    "nl": "incl excl afb amb gez inl kath ned orig overl plm secr tel temp uitg",
    "sv": """
        exkl forts föreg förk kap milj möjl ngn okl omkr osv red sekr särsk tel tidsskr uppl urspr utg vanl övers
        äv""",
    "no": "ekskl resp kap maks red utg tlf mill mrd vedr pga spes opr egl",
    "pl": """
        ok ca właśc godz hist inż lek mies odp poł poz przyp pseud przew rozdz rys sygn tel tłum urz urzęd wym
        wschod zach zam szer wys niem hiszp ros""",
    "ru": """
        прибл проц барр проч макс гор сел корп комн факс англ нем исп лат греч укр экз млн млрд коп мин мес нач пол посл
        ред изд сост илл табл рис прим разд абз вып ед сущ прил глаг нареч гл нар засл""",
    "uk": "нар засл прибл англ нім лат грец мін макс рис табл тел заст серед",
    "hr": "itd god max tel izd engl njem lat grč tal franc odn uklj",
    "hu": "vö szerk kiad max tel évf köt ker biz egyh ném lat gör ang zrt nyrt kft rt bt kht bek",
    "tr": "yakl çev haz yay örn krş alm yy",
    "et": "saj",
}
_DAYS = {
    "fr": "lun jeu ven dim sept",
    "es": "lun mié miérc jue vie sáb",
    "it": "lun giov",
    "nl": "di wo vr za",
    "pt": "seg sáb set out",
    "sv": "mån tis ons tors fre lör sön",
    "da": "tirs ons tors fre lør søn",
    "no": "tirs ons tors fre lør søn",
}
"""By language: what is short for a day of the week or a month, behind which "and" or "to" may stand."""

BEFORE_SMALL_LETTERS = {language: frozenset(words.split()) for language, words in _BEFORE_SMALL_LETTERS.items()}
for _language, _months in SHORT_MONTHS.items():
    BEFORE_SMALL_LETTERS[_language] = BEFORE_SMALL_LETTERS.get(_language, frozenset()) | _months
for _language, _days in _DAYS.items():
    BEFORE_SMALL_LETTERS[_language] |= frozenset(_days.split())
BEFORE_SMALL_LETTERS["nb"] = BEFORE_SMALL_LETTERS["no"]
"""By language: abbreviations that sentencex does not know, behind which a word in small letters goes on."""

_BOOKS = """
Gen Ex Exod Lev Num Deut Josh Judg Sam Ezra Neh Esth Ps Psa Prov Eccl Isa Jer Lam Ezek Dan Hos Obad Mic Nah Hab Zeph Hag
Zech Mal Matt Mt Mk Lk Jn Rom Cor Gal Eph Ephes Phil Col Thess Tim Tit Heb Jas Pet Rev Joh Luk Röm Kor Jes Apg Offb
"""
BOOKS = frozenset(_BOOKS.split())
"""Books of the Bible, as they stand before a chapter and a verse."""

_AMBIGUOUS = {"pl": frozenset({"im"})}
"""By language: words of their own that are short for others before two words with capitals: "im. Jana Pawła"."""

_ROMAN_NUMBER = re.compile(r"[IVXLC]+(?![\w'’])")


def goes_on_behind(word: str, after: str, language: str) -> bool:
    """Return whether a sentence goes on behind a word and a stop, since the word is short for another.

    >>> goes_on_behind("рис", "3 показан", "ru"), goes_on_behind("рис", "Потом", "ru"), goes_on_behind("t", "II.", "fr")
    (True, False, True)
    """
    word = word[max(word.rfind("'"), word.rfind("’")) + 1 :]  # "l'on. Rossi"
    numbers, words, foreign = _abbreviations_of(language)
    if after[0].isdecimal() or _ROMAN_NUMBER.match(after):
        return word.lower() in numbers
    if word in foreign:
        return after[0].isalpha() and not "\u0400" <= after[0] <= "\u052f"
    if not after[0].isalpha() or words.isdisjoint((word, word[:1].lower() + word[1:])):
        return False
    following = after.split(maxsplit=2)[:2]
    if word in _AMBIGUOUS.get(language, ()):
        return all(name[0].isupper() for name in following) and len(following) > 1
    return not after[0].isupper() or following[0].lower() not in BEGINNERS.get(language, ARTICLES) - ARTICLES


def is_word(word: str, language: str) -> bool:
    """Return whether what the splitter takes for an abbreviation is a word of its own, as "no" and "me" are."""
    return not {word, word.lower()}.isdisjoint(WORDS.get(language, "").split())


@cache
def _abbreviations_of(language: str) -> list[frozenset[str]]:
    tables = (BEFORE_NUMBERS, BEFORE_WORDS, BEFORE_OTHER_SCRIPTS)
    return [frozenset(table.get(language, "").split()) for table in tables]
