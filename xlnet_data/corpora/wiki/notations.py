"""Writes out what templates show of mathematics, sounds, meanings, typography and the languages of programs."""

import re
import unicodedata

from xlnet_data.corpora.wiki.arguments import BAR, EQUALS_SIGN, Arguments
from xlnet_data.corpora.wiki.measures import root_words
from xlnet_data.corpora.wiki.wordings import Words, all_words, named, quoted_words, term_words

_SOUND = re.compile(r"[/\[⟨]\s*(?:\w[\u0300-\u036fʰʲʷːˑ˞]*+){1,3}\s*[/\]⟩]")
_TO_LISTEN = re.compile(
    r"listen|hear|pronunciation|pronounced|audio|help|info|play|sound|[aá]us?sprache|hören|uitspraak|écouter|ascolta|escuchar"
    r"|prononciation|вслух|слушать|произнош|[?ⓘ🔊]|^i$",
    re.IGNORECASE,
)
_MAX_UNICODE = 0x10FFFF

_GREEK_LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi omega"
)
"""Those whose names are templates that show the small letter; "pi" is known elsewhere, and "omicron" is none."""


def greek_letter_words(name: str) -> Words:
    """Return the function that writes a Greek letter; in other wikis and with arguments the name means other things.

    >>> greek_letter_words("lambda")(Arguments({}, "en")), greek_letter_words("nu")(Arguments({}, "nl"))
    ('λ', '')
    """
    letter = unicodedata.lookup(f"GREEK SMALL LETTER {'LAMDA' if name == 'lambda' else name.upper()}")
    return lambda arguments: letter if arguments.language in ("", "en") and not arguments.values else ""


def bra_ket_words(arguments: Arguments) -> str:
    """Return a product of two states; {{braket|ket|x}} is one."""
    given = arguments.in_order()
    if given and given[0] in ("bra", "ket"):
        state = "".join(given[1:2])
        return f"⟨{state}{BAR}" if given[0] == "bra" else f"{BAR}{state}⟩"
    return f"⟨{BAR.join(given[:2])}⟩" if given else ""


def raised_and_lowered_words(arguments: Arguments) -> str:
    """Return what is raised and lowered at one place, the lower first: {{su|p=−|b=3}}; else the arguments."""
    lowered, raised = arguments.first_of("b"), arguments.first_of("p")
    return lowered + raised or "".join(arguments.in_order())


def lowered_first_words(arguments: Arguments) -> str:
    """Return what is raised and lowered, which are given so, the lower first."""
    return "".join(reversed(arguments.in_order()[:2]))


def sound_words(arguments: Arguments) -> str:
    """Return a sound of speech; nothing of a word's pronunciation, which is longer.

    >>> [sound_words(Arguments.parse(given)) for given in (["/f/"], ["en", "[tʃ]"], ["/ˈʊər/"])]
    ['/f/', '[tʃ]', '']
    """
    text = arguments.last()
    return text if _SOUND.fullmatch(text) else ""


def character_words(arguments: Arguments) -> str:
    """Return a character of Unicode with its code and its name.

    >>> character_words(Arguments.parse(["2014"])), character_words(Arguments.parse(["x"]))
    ('U+2014 &#8212; EM DASH', '')
    """
    code = arguments.first_of("1").upper().removeprefix("U+")
    if not re.fullmatch(r"[0-9A-F]{1,6}", code) or (number := int(code, 16)) > _MAX_UNICODE:
        return ""
    character = chr(number)
    name = arguments.first_of("2") or unicodedata.name(character, "")
    shown = f"&#{number};" if unicodedata.category(character)[0] in "LNPS" else ""
    return " ".join(filter(None, (f"U+{code:>04}", shown, name.upper())))


def tag_words(arguments: Arguments) -> str:
    """Return a tag of HTML as {{tag|br|s}} shows it: a pair (the default), the opening, the closing or a single one."""
    name, kind = [*arguments.in_order(), "", ""][:2]
    opening, closing = f"&lt;{name}&gt;", f"&lt;/{name}&gt;"
    if not name:
        return ""
    if kind[:1] in ("o", "c"):
        return opening if kind[0] == "o" else closing
    if kind[:1] in ("s", "e"):
        return f"&lt;{name} /&gt;" if kind[0] == "s" else opening + closing
    return f"{opening}{arguments.first_of('content') or '...'}{closing}"


def parameter_words(arguments: Arguments) -> str:
    """Return a template's parameter and what it is set to."""
    name, value = [*arguments.in_order(), "", ""][:2]
    return f"{BAR}{name}{EQUALS_SIGN}{value}" if name else ""


def template_words(arguments: Arguments) -> str:
    """Return how a template is called, which a page of help shows."""
    given = arguments.in_order()
    return f"&#123;&#123;{BAR.join(given)}&#125;&#125;" if given else ""


def address_words(arguments: Arguments) -> str:
    """Return the label of an address, or the address without its scheme."""
    return arguments.first_of("2") or re.sub(r"^(?:https?:)?//|/$", "", arguments.first_of("1"))


def spoken_words(arguments: Arguments) -> str:
    """Return the words that a recording speaks; nothing of a label that tells to listen to it."""
    label = arguments.first_of("2")
    return "" if _TO_LISTEN.search(label) else label


def language_and_meaning_words(arguments: Arguments) -> str:
    """Return of which language a word is, and what it means: {{langnf||French|house}}."""
    language, meaning = [*arguments.in_order(), "", "", ""][1:3]
    return f"{language} for ‘{meaning}’" if language and meaning else language


def key_words(arguments: Arguments) -> str:
    """Return the keys that are pressed together."""
    return "+".join(filter(None, arguments.in_order()))


NOTATIONS: dict[str, Words] = {
    **named("bracket brackets interp", quoted_words("[", "]")),
    **named("angbr angbr_ipa angle_bracket grapheme graphie", quoted_words("⟨", "⟩")),
    **named("abs", quoted_words(BAR, BAR)),
    **named("keypress key_press key", key_words),
    **named("langnf", language_and_meaning_words),
    **named("audio ήχος ljud áudio аудио", spoken_words),
    **named("translation", quoted_words("transl. ‘", "’")),
    **named("gloss", quoted_words("‘", "’")),
    **named("lit literally literal literal_translation", quoted_words("lit. ‘", "’")),
    **named("floor", quoted_words("⌊", "⌋")),
    **named("ceil", quoted_words("⌈", "⌉")),
    **named("norm", quoted_words("‖", "‖")),
    **named("pars", quoted_words("(", ")")),
    **named("bra", quoted_words("⟨", BAR)),
    **named("ket", quoted_words(BAR, "⟩")),
    **named("closed-closed", quoted_words("[", "]")),
    **named("closed-open", quoted_words("[", ")")),
    **named("open-closed", quoted_words("(", "]")),
    **named("open-open", quoted_words("(", ")")),
    **named("bra-ket braket", bra_ket_words),
    **named("su", raised_and_lowered_words),
    **named("sup_sub", lowered_first_words),
    **named("subsup sub_sup", all_words),
    **named("ipa", sound_words),
    **named("ipa_link ipalink", quoted_words("", "")),
    **named("ipaslink ipa_slink", quoted_words("/", "/")),
    **named("ipablink ipa_blink", quoted_words("[", "]")),
    **named("ipaalink angbr_ipa_link", quoted_words("⟨", "⟩")),
    **named("unichar", character_words),
    **named("sqrt radic racine", root_words),
    **named("term", term_words),
    **named("tag", tag_words),
    **named("para", parameter_words),
    **named("tl tlx template_link", template_words),
    **named("url", address_words),
    **{name: greek_letter_words(name) for name in _GREEK_LETTERS.split()},
}
