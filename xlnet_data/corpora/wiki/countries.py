"""Names the countries whose codes or names are templates of wikis: {{fb|GER}}, {{flagteam|JPN}}, {{France}}."""

from functools import cache

from xlnet_data.corpora.wiki.arguments import Arguments
from xlnet_data.corpora.wiki.country_names import NAMES
from xlnet_data.corpora.wiki.wordings import Words, constant_words, named

_CODES = """
AFG Afghanistan|ALB Albania|ALG DZA Algeria|AND Andorra|ANG AGO Angola|ARG Argentina|ARM Armenia|AUS Australia
|AUT Austria|AZE Azerbaijan|BAH BHS Bahamas|BHR BRN Bahrain|BAN BGD Bangladesh|BAR BRB Barbados|BLR Belarus|BEL Belgium
|BLZ BIZ Belize|BEN Benin|BHU BTN Bhutan|BOL Bolivia|BIH Bosnia and Herzegovina|BOT BWA Botswana|BRA Brazil
|BUL BGR Bulgaria|BFA BUR Burkina Faso|BDI Burundi|CAM KHM Cambodia|CMR Cameroon|CAN Canada|CPV Cape Verde
|CHA TCD Chad|CHI CHL Chile|CHN PRC China|COL Colombia|CRC CRI Costa Rica|CRO HRV Croatia|CUB Cuba|CYP Cyprus
|CZE Czech Republic|COD DR Congo|CGO COG Congo|DEN DNK Denmark|DJI Djibouti|DOM Dominican Republic|ECU Ecuador|EGY Egypt
|ESA SLV El Salvador|ENG England|EQG GNQ Equatorial Guinea|ERI Eritrea|EST Estonia|ETH Ethiopia|FIJ FJI Fiji
|FIN Finland|FRA France|GAB Gabon|GAM GMB Gambia|GEO Georgia|GER DEU Germany|GHA Ghana|GRE GRC Greece|GUA GTM Guatemala
|GUI GIN Guinea|GUY Guyana|HAI HTI Haiti|HON HND Honduras|HKG Hong Kong|HUN Hungary|ISL Iceland|IND India
|INA IDN Indonesia|IRI IRN Iran|IRQ Iraq|IRL Republic of Ireland|ISR Israel|ITA Italy|CIV Ivory Coast|JAM Jamaica
|JPN Japan|JOR Jordan|KAZ Kazakhstan|KEN Kenya|KOS Kosovo|KUW KWT Kuwait|KGZ Kyrgyzstan|LAO Laos|LVA LAT Latvia
|LIB LBN Lebanon|LES LSO Lesotho|LBR Liberia|LBY LBA Libya|LIE Liechtenstein|LTU Lithuania|LUX Luxembourg|MAC Macau
|MAD MDG Madagascar|MAS MYS Malaysia|MDV Maldives|MLI Mali|MLT Malta|MTN MRT Mauritania|MRI MUS Mauritius|MEX Mexico
|MDA Moldova|MON MCO Monaco|MGL MNG Mongolia|MNE Montenegro|MAR Morocco|MOZ Mozambique|MYA MMR Myanmar|NAM Namibia
|NEP NPL Nepal|NED NLD Netherlands|NZL New Zealand|NCA NIC Nicaragua|NIG NER Niger|NGR NGA Nigeria|PRK North Korea
|MKD North Macedonia|NIR Northern Ireland|NOR Norway|OMA OMN Oman|PAK Pakistan|PLE PSE Palestine|PAN Panama
|PNG Papua New Guinea|PAR PRY Paraguay|PER Peru|PHI PHL Philippines|POL Poland|POR PRT Portugal|PUR PRI Puerto Rico
|QAT Qatar|ROU ROM Romania|RUS Russia|RWA Rwanda|SAM WSM Samoa|SMR San Marino|KSA SAU Saudi Arabia|SCO Scotland
|SEN Senegal|SRB Serbia|SCG Serbia and Montenegro|SLE Sierra Leone|SGP SIN Singapore|SVK Slovakia|SLO SVN Slovenia
|SOL SLB Solomon Islands|SOM Somalia|RSA ZAF South Africa|KOR South Korea|SSD South Sudan|URS Soviet Union|ESP Spain
|SRI LKA Sri Lanka|SUD SDN Sudan|SUR Suriname|SWE Sweden|SUI CHE Switzerland|SYR Syria|TPE Chinese Taipei|TWN Taiwan
|TJK Tajikistan|TAN TZA Tanzania|THA Thailand|TOG TGO Togo|TGA TON Tonga|TRI TTO Trinidad and Tobago|TUN Tunisia
|TUR Turkey|TKM Turkmenistan|UGA Uganda|UKR Ukraine|UAE ARE United Arab Emirates|GBR United Kingdom|USA United States
|URU URY Uruguay|UZB Uzbekistan|VAN VUT Vanuatu|VEN Venezuela|VIE VNM Vietnam|WAL Wales|FRG West Germany
|GDR East Germany|YEM Yemen|YUG Yugoslavia|ZAM ZMB Zambia|ZIM ZWE Zimbabwe|TCH Czechoslovakia
"""


_SHORT_NAMES = {"uk": "United Kingdom", "us": "United States", "usa": "United States", "eu": "European Union"}
_NO_COUNTRIES = frozenset(("FIN", "BAR", "SOL", "AND", "PAN"))
"""Codes that are other templates in other wikis than English ones, where "fin" ends a box."""


def _names(names: list[str] | None = None) -> dict[str, str]:
    """Return names by code: those given, in the order of the codes, or else the English ones."""
    found: dict[str, str] = {}
    for number, entry in enumerate(_CODES.replace("\n", " ").split("|")):
        words = entry.split()
        codes = [word for word in words if len(word) == 3 and word.isupper()]
        name = " ".join(word for word in words if word not in codes) if names is None else names[number]
        found.update(dict.fromkeys(codes if name else (), name))
    return found


_NAMES = _names()
"""By code of ISO 3166 or of sports: the country's name."""


@cache
def _names_in(language: str) -> dict[str, str]:
    """Return the names by code in the wikis of a language, none if it is not known."""
    if language in ("", "en"):
        return _NAMES
    return _names(" ".join(NAMES[language].split()).split("|")) if language in NAMES else {}


def country_words(arguments: Arguments) -> str:
    """Return a country's name, its code given, as wikis show it; what is no code stays.

    >>> [country_words(Arguments({"1": given}, "en")) for given in ("GER", "DEU", "Spain")]
    ['Germany', 'Germany', 'Spain']
    """
    given = arguments.first_of("1")
    return _names_in(arguments.language).get(given, given)


def team_words(arguments: Arguments) -> str:
    """Return the country of a team whose code is given; nothing in other wikis than English ones."""
    return _NAMES.get(arguments.first_of("1"), "") if arguments.language in ("", "en") else ""


def young_team_words(arguments: Arguments) -> str:
    """Return the country of a team and its players' greatest age: {{fbu|21|ESP}}."""
    age, code = [*arguments.in_order(), "", ""][:2]
    name = team_words(Arguments({"1": code}, arguments.language))
    return f"{name} U{age}" if name else ""


def name_of_code(code: str, language: str) -> str:
    """Return the name of a country whose code is a template by itself, "" if it is none.

    >>> name_of_code("GER", "fr"), name_of_code("JPN", "en"), name_of_code("per", "nl")
    ('Allemagne', 'Japan', '')
    """
    is_other = code in _NO_COUNTRIES and language not in ("", "en")
    return "" if is_other else _names_in(language).get(code, "")


def own_name_words(name: str, *languages: str) -> Words:
    """Return the function that names a country whose name is a template by itself, in the wikis of some languages."""
    return lambda arguments: name if arguments.language in languages and not arguments.values else ""


def letters_words(arguments: Arguments) -> str:
    """Return the letters of honours and offices behind a name; a country's code stands before them or by itself.

    >>> letters_words(Arguments.parse(["GBR", "OBE", "FRS"])), letters_words(Arguments.parse(["country=CAN", "OC"]))
    ('OBE FRS', 'OC')
    """
    given = [part for part in arguments.in_order() if part]
    has_code = given[:1] and given[0] in _NAMES and not arguments.first_of("country")
    return arguments.first_of("list") or (", " if arguments.first_of("commas") else " ").join(given[bool(has_code) :])


COUNTRIES: dict[str, Words] = {
    **{name.lower(): own_name_words(name, "fr") for name in _names_in("fr").values()},
    **{code.lower(): constant_words("") for code in _NAMES},  # what `name_of_code` does not know
    **{short: own_name_words(name, "", "en") for short, name in _SHORT_NAMES.items()},
    **named("flagcountry flagteam państwo флагификация bandera2 bandiera2", country_words),
    **named("fb fbw fb-rt fbw-rt cr cr-rt crw ru ru-rt ruw bk fh vb vbw ih ihw hb hbw", team_words),
    **named("fbu fbwu bku fhu", young_team_words),
    **named("post-nominals postnominals post_nominals post-nom", letters_words),
}
