"""Writes out the German wiki's marks of languages, which name the language before the word: {{ruS|Москва}}."""

from xlnet_data.corpora.wiki.arguments import Arguments
from xlnet_data.corpora.wiki.wordings import Words, first_words

_NAMES = """
af afrikaans|ang altenglisch|ar arabisch|az aserbaidschanisch|be belarussisch|bg bulgarisch|bn bengalisch|bs bosnisch
|ca katalanisch|cs tschechisch|cy walisisch|da dänisch|el griechisch|en englisch|eo esperanto|es spanisch|et estnisch
|eu baskisch|fa persisch|fi finnisch|fo färöisch|fr französisch|ga irisch|gd schottisch-gälisch|gl galicisch
|goh althochdeutsch|grc altgriechisch|he hebräisch|hi Hindi|hr kroatisch|hu ungarisch|hy armenisch|id indonesisch
|is isländisch|it italienisch|ja japanisch|ka georgisch|kk kasachisch|ko koreanisch|la lateinisch|lb luxemburgisch
|lt litauisch|lv lettisch|mk mazedonisch|mn mongolisch|mt maltesisch|nl niederländisch|no norwegisch|os ossetisch
|pl polnisch|pt portugiesisch|ro rumänisch|ru russisch|sa Sanskrit|sk slowakisch|sl slowenisch|sq albanisch|sr serbisch
|sv schwedisch|sw Swahili|ta Tamil|th thailändisch|tr türkisch|uk ukrainisch|ur Urdu|uz usbekisch|vi vietnamesisch
|yi jiddisch|zh chinesisch
"""


def _named_words(name: str) -> Words:
    """Return the function that writes a language's name before a word; the word alone in other wikis.

    Behind it stand the transcription of Arabic letters, and what the word means.

    >>> [_named_words("russisch")(Arguments({"1": "да", "b": "ja"}, language)) for language in ("de", "ru")]
    ['russisch да ‚ja‘', 'да']
    """

    def words(arguments: Arguments) -> str:
        word = first_words(arguments)
        if arguments.language != "de":
            return word
        transcribed, meaning = arguments.first_of("d"), arguments.first_of("b")
        word += f", DMG {transcribed}" if transcribed else ""
        return f"{name} {word}".rstrip() + (f" ‚{meaning}‘" if meaning else "")

    return words


LANGUAGE_MARKS: dict[str, Words] = {
    f"{code}s": _named_words(name) for code, name in (entry.split() for entry in _NAMES.replace("\n", " ").split("|"))
}
"""By name: the code of a language with an S behind."""
