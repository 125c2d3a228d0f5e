"""Writes out the gauges of railways, and the names of roads that cross."""

import re

from xlnet_data.corpora.wiki.arguments import Arguments

_METRIC = re.compile(r"(\d{2,4}(?:\.\d{1,3})?)(?: ?mm)")
_FEET = re.compile(r"(\d{1,2}) ?ft(?: ?(\d{1,2}(?:\.\d{1,3})?) ?in)?")
_GAUGES = {
    **dict.fromkeys(("sg", "std", "standard", "standard gauge"), "1,435 mm"),
    **dict.fromkeys(("ussg", "uksg"), "4 ft 8 1/2 in"),
    **dict.fromkeys(("metre", "meter", "metre gauge", "meter gauge"), "1,000 mm"),
    **{"cape": "3 ft 6 in", "iberian": "1,668 mm", "russian": "1,520 mm", "irish": "5 ft 3 in", "indian": "5 ft 6 in"},
}
_WITH_HYPHEN = frozenset({"I", "M", "K", "A"})


def gauge_words(arguments: Arguments) -> str:
    """Return the gauge of a railway in the unit in which it is given: {{track gauge|1067mm}}; nothing of other names.

    >>> [gauge_words(Arguments({"1": given})) for given in ("1067mm", "3ft6in", "sg", "dual")]
    ['1,067 mm', '3 ft 6 in', '1,435 mm', '']
    """
    given = arguments.first_of("1").lower()
    if metric := _METRIC.fullmatch(given):
        return f"{float(metric[1]):,g} mm"
    if feet := _FEET.fullmatch(given):
        return f"{feet[1]} ft" + (f" {feet[2]} in" if feet[2] else "")
    return _GAUGES.get(given, "")


def road_words(arguments: Arguments) -> str:
    """Return the names of roads, each given by its kind and its number: {{jct|state=NY|I|90|US|20}}.

    >>> road_words(Arguments.parse(["state=NY", "I", "90", "dir1=east", "US", "20"]))
    'I-90 east / US 20'
    """
    given = arguments.in_order()
    roads = []
    for i, (kind, number) in enumerate(zip(given[::2], given[1::2], strict=False)):
        name = f"{kind}{'-' if kind in _WITH_HYPHEN else ' '}{number}"
        roads.append(f"{name} {arguments.first_of(f'dir{i + 1}')}".rstrip())
    return " / ".join(roads)
