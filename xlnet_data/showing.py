"""Prepares text for people: what comes from outside moves no cursor and hides no letter; nouns follow their numbers."""

import re
import shlex

_UNSAFE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def make_safe(text: str) -> str:
    r"""Return a text with control characters, marks of direction and halves of surrogates as backslash escapes.

    Line ends and tabs stay. In a string of JSON the result means the same as before.

    >>> print(make_safe("a\x1b[31m\u202eb.txt"))
    a\u001b[31m\u202eb.txt
    """
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def shell_command(*words: str) -> str:
    r"""Return a command as one line that can be pasted into a shell, and that is safe to be shown.

    >>> print(shell_command("verify", "my data", "a\nb\x1b[31m"))
    verify 'my data' $'a\nb\u001b[31m'
    """
    return " ".join(map(_quote, words))


def _quote(word: str) -> str:
    if "\n" not in word and make_safe(word) == word:
        return shlex.quote(word)
    escaped = word.replace("\\", r"\\").replace("'", r"\'").replace("\n", r"\n")
    halves = re.sub("[\udc80-\udcff]", lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", escaped)  # bytes of no UTF-8
    return f"$'{make_safe(halves)}'"


def number_of(number: int, noun: str) -> str:
    """Return a number with its noun, whose plural has an s.

    >>> number_of(1, "worker"), number_of(4096, "worker")
    ('1 worker', '4,096 workers')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def name_of_bytes(name: str) -> str:
    r"""Return a file's name as Unicode: bytes of it that are no UTF-8 are written as backslash escapes.

    >>> print(name_of_bytes("caf\udce9.txt"))
    caf\xe9.txt
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
