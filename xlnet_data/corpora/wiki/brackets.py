"""Takes templates and tables out of wikitext and leaves the text of links, in one pass with a stack."""

import re
from urllib.parse import unquote

from xlnet_data.corpora.wiki.arguments import BAR, HOLE
from xlnet_data.corpora.wiki.line_starts import protect_start
from xlnet_data.corpora.wiki.names import LANGUAGES
from xlnet_data.corpora.wiki.templates import may_have_words, words_of_template

_MAX_HEIGHT = 8  # brackets nested deeper leave no words; also what keeps joining them linear
_MARK = "\1"  # stands before the letter of a bracket, so that splitting needs no pattern
_BRACKETS = {"{{": "a", "}}": "b", "[[": "c", "]]": "d", "{|": "e", "|}": "f"}
_WEB = re.compile(r"\s*+(?:[a-z]{3,8}:)?//", re.IGNORECASE)
_FRACTION = re.compile(r"\d{1,4}/\d{1,4}(?!\d)")
"""What would make another number of one that stands before it: 1{{frac|1|2}}."""

_KINDS = {"a": "{", "b": "{", "c": "[", "d": "[", "e": "|", "f": "|"}


def resolve_brackets(text: str, hidden_names: frozenset[str], language: str = "") -> str:
    """Take out templates and tables, and leave the text of links: one pass with a stack.

    Args:
        text: Wikitext.
        hidden_names: Lower-case namespaces whose links show no text.
        language: Code of the wiki's language, "" if it is not known.
    """
    for bracket, letter in _BRACKETS.items():
        text = text.replace(bracket, _MARK + letter)
    parts = text.split(_MARK)
    out = [parts[0]]
    opened = _Opened()
    i, end = 1, len(parts)
    while i < end:
        letter, after = parts[i][0], parts[i][1:]
        kind = _KINDS[letter]
        i += 1
        if letter == "c" and i < end and parts[i][0] == "d":  # nothing nested: most links
            link, after = after, parts[i][1:]
            if after.startswith("]"):
                link, after = _with_inner_end(link, after)
            out += _text_of_link(link, hidden_names), after
            i += 1
        elif letter in "ef" and not _is_line_start(out[-1], len(out) == 1):
            out.append(("{|" if letter == "e" else "|}") + after)
        elif letter in "ace":
            opened.push(kind, len(out))
            out.append(after)
        elif not opened.count[kind] or (kind == "[" and opened.kinds[-1] != "["):
            out.append(after)
        else:
            begin, height = opened.pop(kind)
            if kind == "[":
                out[-1], after = _with_inner_end(out[-1], after)
            if kind == "{" and after.startswith("}") and out[begin].startswith("{"):
                after = after[1:]
            _close(kind, out, begin, height, hidden_names, language)
            out.append(after)
    _mend_unclosed(out, opened, hidden_names)
    return "".join(out)


class _Opened:
    """The open brackets: of each its kind, where its content begins, and how deep the nesting in it is."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.begins: list[int] = []
        self.heights: list[int] = []
        self.count = {"{": 0, "[": 0, "|": 0}

    def push(self, kind: str, begin: int) -> None:
        self.kinds.append(kind)
        self.begins.append(begin)
        self.heights.append(0)
        self.count[kind] += 1

    def pop(self, kind: str) -> tuple[int, int]:
        """Close the last bracket of a kind, and what is still open in it; return where it begins and its height."""
        found, begin, height = "", 0, 0
        while found != kind:
            found, begin = self.kinds.pop(), self.begins.pop()
            height = max(height, self.heights.pop())
            self.count[found] -= 1
        if self.heights:
            self.heights[-1] = max(self.heights[-1], height + 1)
        return begin, height


def _with_inner_end(content: str, after: str) -> tuple[str, str]:
    """Return a link's content and what follows it, where "]]]" ends a link to the web in the link first."""
    if after.startswith("]") and content.rfind("[") > content.rfind("]"):
        return content + "]", after[1:]
    return content, after


def _is_line_start(before: str, is_first: bool) -> bool:
    """Return whether nothing but blanks and indentation stands between a line's start and the end of a text."""
    tail = before[-64:].rstrip(" \t:")
    return tail.endswith("\n") if tail else is_first or before.startswith("\n")


def _close(kind: str, out: list[str], begin: int, height: int, hidden_names: frozenset[str], language: str) -> None:
    """Replace the pieces of a bracket that has been closed by the words that it leaves."""
    if kind == "|":
        out[begin:] = [HOLE + "\n"]
    elif kind == "{":
        words = None
        if height < _MAX_HEIGHT and may_have_words(out[begin]):
            words = words_of_template("".join(out[begin:]), language)
            if words and words[0].isdecimal() and _FRACTION.match(words) and out[begin - 1][-1:].isdecimal():
                words = f" {words}"
        out[begin:] = [words or HOLE]
    elif _is_hidden(out[begin], hidden_names):
        out[begin:] = [HOLE]
    elif height < _MAX_HEIGHT:
        out[begin:] = [_text_of_link("".join(out[begin:]), hidden_names)]


def _mend_unclosed(out: list[str], opened: _Opened, hidden_names: frozenset[str]) -> None:
    """Drop what belongs to brackets never closed: a template to the next blank line, a file or a table its line."""
    done = 0
    for kind, begin in zip(opened.kinds, opened.begins, strict=True):
        if begin < done or (kind == "[" and not _is_hidden(out[begin], hidden_names)):
            continue
        end, before = ("\n\n", "") if kind == "{" else ("\n", "\n")
        done = begin
        while done < len(out) and end not in out[done]:
            out[done] = ""
            done += 1
        if done < len(out):
            out[done] = before + out[done][out[done].index(end) + len(before) :]


def _is_hidden(content: str, hidden_names: frozenset[str]) -> bool:
    target = content[:256].partition("|")[0]
    return ":" in target and target.partition(":")[0].strip().lower().replace("_", " ") in hidden_names


def _text_of_link(content: str, hidden_names: frozenset[str]) -> str:
    """Return what a link shows, given what is between its brackets.

    >>> [_text_of_link(link, frozenset()) for link in ("a b", "a#c|b", "Ur (city)|", ":Category:Ur", "Caf%C3%A9")]
    ['a b', 'b', 'Ur', 'Category:Ur', 'Café']
    """
    if "//" in content and _WEB.match(content):
        return f"[[{content}]]"  # a link to the web, in brackets that are shown
    target, bar, label = (content.replace(BAR, "|") if BAR in content else content).partition("|")
    if ":" in target:
        prefix = target.partition(":")[0].strip()
        if not prefix:
            target = target.lstrip(" :")
        elif prefix.lower() == "media":  # a link to a file, not the file: its words are shown
            return protect_start(label) or HOLE
        elif prefix.lower() in LANGUAGES or prefix.lower().replace("_", " ") in hidden_names:
            return HOLE
    if not bar and "%" in target:
        target = _decode_escapes(target)
    if label or not bar:
        return protect_start(label or target)
    return target.rpartition(":")[2].partition("(")[0].strip()


def _decode_escapes(target: str) -> str:
    """Return a link's target as the title of its page, which some editors copy from an address.

    >>> _decode_escapes("Rock_%27n%27_Roll"), _decode_escapes("5%ab")
    ("Rock_'n'_Roll", '5%ab')
    """
    try:
        return unquote(target, errors="strict")
    except UnicodeDecodeError:
        return target
