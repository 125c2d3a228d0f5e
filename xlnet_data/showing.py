"""Prepares text for people: what comes from outside moves no cursor and hides no letter; nouns follow their numbers."""

import re

_UNSAFE = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def make_safe(text: str) -> str:
    r"""Return a text with control characters, marks of direction and halves of surrogates as backslash escapes.

    Line ends and tabs stay. In a string of JSON the result means the same as before.

    >>> print(make_safe("a\x1b[31m\u202eb.txt"))
    a\u001b[31m\u202eb.txt
    """
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


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
