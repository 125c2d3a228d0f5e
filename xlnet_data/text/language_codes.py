"""Knows languages by their codes of ISO 639."""

import re

from xlnet_data.errors import ConfigError

_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{1,8})*", re.IGNORECASE)
_PAIRS = """
aar:aa abk:ab afr:af aka:ak alb:sq amh:am ara:ar arg:an arm:hy asm:as ava:av ave:ae aym:ay aze:az bak:ba bam:bm
baq:eu bel:be ben:bn bis:bi bod:bo bos:bs bre:br bul:bg bur:my cat:ca ces:cs cha:ch che:ce chi:zh chu:cu chv:cv
cor:kw cos:co cre:cr cym:cy cze:cs dan:da deu:de div:dv dut:nl dzo:dz ell:el eng:en epo:eo est:et eus:eu ewe:ee
fao:fo fas:fa fij:fj fin:fi fra:fr fre:fr fry:fy ful:ff geo:ka ger:de gla:gd gle:ga glg:gl glv:gv gre:el grn:gn
guj:gu hat:ht hau:ha heb:he her:hz hin:hi hmo:ho hrv:hr hun:hu hye:hy ibo:ig ice:is ido:io iii:ii iku:iu ile:ie
ina:ia ind:id ipk:ik isl:is ita:it jav:jv jpn:ja kal:kl kan:kn kas:ks kat:ka kau:kr kaz:kk khm:km kik:ki kin:rw
kir:ky kom:kv kon:kg kor:ko kua:kj kur:ku lao:lo lat:la lav:lv lim:li lin:ln lit:lt ltz:lb lub:lu lug:lg mac:mk
mah:mh mal:ml mao:mi mar:mr may:ms mkd:mk mlg:mg mlt:mt mon:mn mri:mi msa:ms mya:my nau:na nav:nv nbl:nr nde:nd
ndo:ng nep:ne nld:nl nno:nn nob:nb nor:no nya:ny oci:oc oji:oj ori:or orm:om oss:os pan:pa per:fa pli:pi pol:pl
por:pt pus:ps que:qu roh:rm ron:ro rum:ro run:rn rus:ru sag:sg san:sa sin:si slk:sk slo:sk slv:sl sme:se smo:sm
sna:sn snd:sd som:so sot:st spa:es sqi:sq srd:sc srp:sr ssw:ss sun:su swa:sw swe:sv tah:ty tam:ta tat:tt tel:te
tgk:tg tha:th tib:bo tir:ti ton:to tsn:tn tso:ts tuk:tk tur:tr twi:ak uig:ug ukr:uk urd:ur uzb:uz ven:ve vie:vi
vol:vo wel:cy wln:wa wol:wo xho:xh yid:yi yor:yo zha:za zho:zh zul:zu
"""
_SHORTER = dict(pair.split(":") for pair in _PAIRS.split())
"""By the codes of three letters of those languages that have one of two, by which all rules here know them."""


def language_code(language: str) -> str:
    """Return the code by which sentencex knows a language.

    Region and script are cut off and capitals lowered, because sentencex takes ``de-AT`` or ``DE`` for a language that
    it does not know. Such a language is split by the rules of a related one if sentencex names one (``gsw`` by those
    of ``de``), else by general rules for stops; sentencex does not tell which languages those are.

    Args:
        language: A language code (ISO 639), with region or script or without.

    Raises:
        ConfigError: It does not have the form of a language code, or is one of three letters where two would do.

    >>> language_code("de-AT"), language_code("en")
    ('de', 'en')
    """
    match = _CODE.fullmatch(language)
    if match is None:
        raise ConfigError(f"unknown language {language!r}: give its code of two or three letters, such as 'en' or 'de'")
    code = match[1].lower()
    if shorter := _SHORTER.get(code):
        raise ConfigError(f"unknown language {language!r}: give its code of two letters, {shorter!r}")
    return code
