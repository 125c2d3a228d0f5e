"""Parses what a template is called with; names the signs that stand for markup meanwhile."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

HOLE = "\0"
"""Stands where markup was taken out of a sentence, so that blanks and brackets around it can be mended."""

EQUALS_SIGN, BAR = "\2", "\3"
"""Stand for an equals sign and a bar that part no arguments: what {{=}} and {{!}} make."""

UNKNOWN = "\4"
"""Stands for what a page does not tell, such as what an amount is worth today. The bracket or clause in which it stands
goes as a whole."""

_NAMED = re.compile(r"\s*+([\w -]{1,40})=")


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a template, by name; those without one are named "1", "2" and so on, as MediaWiki does.

    Attributes:
        values: The arguments without white space around them.
        language: Code of the wiki's language, "" if it is not known.
    """

    values: dict[str, str]
    language: str = ""

    @classmethod
    def parse(cls, pieces: Sequence[str], language: str = "") -> "Arguments":
        """Take what stands between the bars of a template."""
        values: dict[str, str] = {}
        position = 0
        for piece in pieces:
            if named := _NAMED.match(piece):
                values[named[1].strip().lower()] = piece[named.end() :].strip()
            else:
                position += 1
                values[str(position)] = piece.strip()
        return cls(values, language)

    def first_of(self, *names: str) -> str:
        """Return the first of some arguments that is given and not empty, "" if none is."""
        return next((value for name in names if (value := self.values.get(name, ""))), "")

    def in_order(self) -> list[str]:
        """Return the arguments "1", "2" and so on, up to the first that is not given."""
        numbers = range(1, len(self.values) + 1)
        in_order = []
        for number in numbers:
            if (value := self.values.get(str(number))) is None:
                break
            in_order.append(value)
        return in_order

    def last(self) -> str:
        """Return the last of the arguments in order that is not empty, "" if there is none."""
        return next((value for value in reversed(self.in_order()) if value), "")
