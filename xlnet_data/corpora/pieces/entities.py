"""Decodes the entities of HTML one by one, and leaves alone what is none."""

import html
import html.entities
import re

ENTITY = re.compile(r"&#?\w{1,32};")
"""What may be an entity."""


def decode_entities(text: str) -> str:
    """Return a text with its entities decoded once.

    HTML's own parser, and Python's, read ``&notes;`` as "¬es;", for the sake of pages that forget the semicolon.

    >>> decode_entities("&amp;eacute; &#233; &#xE9; &eacute; &notes; R&D;")
    '&eacute; é é é &notes; R&D;'
    """
    return ENTITY.sub(_decode, text) if "&" in text else text


def decode_entity(entity: str) -> str:
    """Return the character of an entity; what is none is returned as it is."""
    return html.unescape(entity) if entity.startswith("&#") else html.entities.html5.get(entity[1:], entity)


def _decode(found: re.Match[str]) -> str:
    return decode_entity(found[0])
