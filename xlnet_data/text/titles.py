"""Knows what is short for ranks, titles, offices and parts of the world, behind which a name stands: "ген. Орлов"."""

import re
from functools import cache
from itertools import groupby

from xlnet_data.text.beginners import ARTICLES, BEGINNERS, ENGLISH

_TITLES = {
    "en": """
        Thos Chas Jas Jno Geo Edw Edwd Richd Robt Saml Danl Benj Nathl Alexr Archd Fredk Margt Eliz Jos Edm Lieut
        Serjt Sergt Revd Visct Adml Commr Abp Archbp Sig Sra RAdm VAdm Bro Ste Amb Atty Treas Cllr Ald Assoc Flt
        LCpl SSgt MSgt TSgt Pte Ven Hble""",
    "ru": """
        ген арт арх ген.-м ген.-л адм контр-адм вице-адм архиеп патр подполк лейт ефр прап подпор реж пред засл корр
        преп муч прп блж прор ап сщмч имп адв сост каф хут респ прот свящ иером игум диак урожд псевд докт нач м-р
        д-р г-жа Сов Отеч юж зап вост Сев""",
    "uk": """
        ген арт архім єп патр підполк адм інж арх реж засл преп прп імп каф упоряд гетьм штабс хут нач заст канд
        зав уродж д-р Півн Півд Зах Сх""",
    "be": "арт ген мітр еп архіеп палк адм інж арх рэж засл нач зав рэд канд",
    "bg": """
        г-н г-жа г-ца митр еп архиеп патр подп лейт пор подпор адм д-р реж засл чл.-кор йером архим преп ав обл общ
        яз о""",
    "mk": "ген акад митр еп кап доц арх д-р м-р прим г-ѓа г-дин општ с",
    "sr": "ген акад бул гђа г-ђа гђица г-дин митр еп пук ппук доц арх прим ђен инг прот јеромон архим о",
    "hr": "akad gđica mons vlč bojn por natpor satn nadb bisk doc inž prim mag gosp preč",
    "sl": "akad por nadšk doc prim arh izr spec župn odv dir podpolk stotn",
    "pl": """
        ppłk ppor plut szer adm kadm wadm kmdr doc akad adw kom podkom asp insp podinsp nadinsp chor bryg dyw
        arcybp bpa płka min wet dent arch prok sędz kan prał wiceadm kontradm ob tow wlk pn pd wsch zach m.st prez
        przew os o s n k""",
    "cs": """
        pí npor ppor pplk brig genmjr genpor blah kard arcib bisk řed prezid odb cís čet des rotm prap adm mons MgA
        ThDr PharmDr mal o""",
    "sk": "pí npor ppor pplk brig genmjr arch kard arcib bisk riad súdr adm mons ThDr o",
    "el": """
        στρατ ταγμ λοχ αντ αγ αρχιεπ μητρ επ αρχιμ πατρ υπολ συντ υποστρ δίδ κος δις κυρ οσ όσ απ αρχ μηχ δικ βουλ
        υπ ιατρ πρωθ γεν πτερ βασ αυτ ευαγγ ταξ χωρ ν""",
    "tr": """
        korg tümg tuğg korgen tümgen tuğgen orgen yb asb onb arş uzm müd vek ecz vet mrş ünv üni fak kom atğm gnkur
        krm İst Ank""",
    "az": "gen dos polk küç rəh kap leyt adm müh ş",
    "kk": "доц ген инж кап",
    "de": """
        oblt obstlt uffz abg ebf kard erzb bisch wwe stud cand phil jur theol nat em ao doz präs vors verh verw
        arch frhr frh ldgf feldw gefr OStR fam Geh""",
    "nl": "mej maj adm kard aartsb wed fam jkvr em arch Z.Em dhrn lic kapt cmdt eerw dir luit.-gen Kon",
    "sv": """
        löjtn amir frk jur tekn dir kyrkoh past komm ordf sekr mag lic kand leg lekt bisk ärkeb kard grev frih
        överstelöjtn ryttm serg bankdir statsr kungl arkit""",
    "da": "doc kapt løjtn adj past obltn premierltn serg justitsr konf lekt adv arkit orlogskapt geh rev sogn Gen",
    "no": "doc kapt løytn frk mag stud dir past serg arkit dav tidl kons førstelekt avd fenr oblt oberstlt",
    "fi": "evl joht kand lis past rov piisp kirkkoh hra rva nti tri pres puh.joht",
    "et": "dots kapt kol kol-ltn prl arh mag õp past piisk nn akad sekr",
    "lv": "doc kapt k-gs kdze arh mag dir māc bīsk arhib pltn virsltn leitn sekr asoc mons prāv prez",
    "lt": """
        arch mag dir arkiv kard red gyd vyr dim ats prez pavad gerb pirm sekr rež dail muz mons prel soc hab habil
        brg plk.ltn""",
    "hu": "prof gen néh okl mons",
    "ro": """
        doc d-l arh mag dir pict sculpt ep arhiep mitr mun pța acad av conf lect asist plt slt gral g-ral comp sfta
        arhim ierom cuv ap împ tov bul""",
    "fr": """
        gén gal capt adm adj arch ing rte sén dép vve réd insp brig cne slt ltn ssgt mrs anc hon vén bienh bse bld
        dom pdt Me Card Cap Col Cte Vte LL r Prés""",
    "es": """
        cmdte comte tte tte.cnel Tte.Cnel sgto cbo alm ctra exc exmo hno hna rvdo rdo pdte mtro mtra abog lcda vda
        arz obpo mrs gdor insp subtte brig cdte pcia bto bta vble ntra ntro arzbpo presb psic téc sras dres profa
        calz blvd edo mpio gpo cmdt magdo lda stgo Gen Cor Ten Col Card SS""",
    "pt": """
        profª engª drª tte alm trav rod ilma revdo cons cmte arceb del proc emb brig ten.-cel Ten.-Cel T.-Cel asp
        enf psic dir profs lic cond maest ven pde comte alf Gal Ten Al Min Com Card Ir""",
    "it": """
        prof.ssa dott.ssa ten magg p.zza vesc arciv uff gent sac m.llo f.lli mad dep sottoten comand m.o Col s""",
    "ca": """
        srs mons tt alm pça ctra excm il·lm il·lma hble gmà gna eng adv vda rda rbla mtre cmdt rev ptge trav trv
        bda Gen Card Pres""",
    "gl": "xral srta mons sta cnel tte sarx alm pza excmo ilmo enx arq lic avda vda irm Card Cap Com Pres",
    "eu": "mons etorb and",
    "id": """
        jend letjen mayjen brigjen letkol kapt lettu letda drg sdri nn yth jln kel ust laks irjen komjen kombes
        ipda iptu gub bup alm""",
    "ms": "jen kol mej kapt sdri ust lrg",
    "vi": "BS KS LS KTS NSƯT NSND ĐHY ĐGM",
    "sq": "gjen akad rr bul inxh kol nënkol mons doc mag dep përkth imz Kap",
    "ka": "გენ მღვდ ინჟ პოლკ კაპ რეჟ ე.წ",
    "cy": "cadf cyrn is-gapt anrh archd",
    "ga": "tAth",
    "af": "kapt sers eerw regt genl kmdt vise-adm Kol",
    "is": "frk kand mag lic cand alþm ritstj forstj bisk kapt sýslum dós þingm stud verkfr svokall",
}
"""By language: abbreviations behind which a name stands, and that sentencex does not know. None is a word of its own,
but for those in small letters alone that have a capital here. Those in small letters may begin with a capital."""

_AMBIGUOUS = {
    "ru": "полк кап худ нар муз комп бар кор марш ряд серж",
    "uk": "полк кап нар муз сот худ",
    "be": "полк кап нар",
    "bg": "худ нар ас",
    "mk": "полк",
    "kk": "полк",
    "hr": "kap puk sat",
    "sl": "polk kap",
    "pl": "sen marsz lek",
    "cs": "as stav soch",
    "sk": "soch",
    "de": "Obst",
    "nl": "kap burg luit",
    "sv": "red",
    "fr": "prof",
}
"""By language: such that are words of their own, and short for others only before two words with capitals, as
"полк. Пётр Орлов", or before initials."""

TITLES = {language: frozenset(words.split()) for language, words in _TITLES.items()}
TITLES |= {"nb": TITLES["no"], "nn": TITLES["no"], "bs": TITLES["hr"], "sr": TITLES["sr"] | TITLES["hr"]}
AMBIGUOUS = {language: frozenset(words.split()) for language, words in _AMBIGUOUS.items()}

_CAPITALS = "".join(filter(str.isupper, map(chr, range(0x530))))
_TWO_NAMES = rf"(?=\s[{_CAPITALS}](?:\.|[^\W\d_]+)\s?[{_CAPITALS}])"


_BEGIN = r"(?:(?<!\d\s)|(?<=\d{4}\s))(?<!\d\.\s)(?:(?<![\w./@\\-])|(?<=\.-))"
"""The beginning of a word that is no part of another ("smb.conf"), with no number before it, which would make it a
unit: "5 min.". A year is none."""


@cache
def title_pattern(language: str) -> re.Pattern[str] | None:
    """Return the pattern of a stop behind a title before a name; None: the language has none of its own.

    >>> pattern = title_pattern("ru")
    >>> pattern.sub("_", "Вошёл ген. Орлов. Здесь ген. Он мал.") if pattern else None
    'Вошёл ген_ Орлов. Здесь ген. Он мал.'
    """
    if language not in TITLES:
        return None
    words = ENGLISH if language == "en" else BEGINNERS.get(language, ARTICLES) - ARTICLES
    capitals = "|".join(word[0].upper() + word[1:] for word in sorted(words))
    no_beginner = rf"(?!\s+(?:{capitals})(?![\w.'’-]))" if words else ""
    behind = "|".join(_behind(TITLES[language]))
    behind_ambiguous = "|".join(_behind(AMBIGUOUS.get(language, frozenset()))) or "(?!)"
    return re.compile(rf"\.(?:{behind}|(?:{behind_ambiguous}){_TWO_NAMES}){no_beginner}")


def _behind(words: frozenset[str]) -> list[str]:
    """Return patterns that look back at words, one for each length: first at the word, since few stops have one."""
    by_length = groupby(sorted(_cases(words), key=lambda word: (len(word), word)), key=len)
    return [rf"(?<=(?:{'|'.join(map(re.escape, group))})\.)(?<={_BEGIN}.{{{length}}}\.)" for length, group in by_length]


def titles_of(language: str) -> frozenset[str]:
    """Return all words of the pattern, as they may stand in a text."""
    return _cases(TITLES.get(language, frozenset()) | AMBIGUOUS.get(language, frozenset()))


def _cases(words: frozenset[str]) -> frozenset[str]:
    return frozenset(case for word in words for case in (word, word[0].upper() + word[1:] if len(word) > 1 else word))
