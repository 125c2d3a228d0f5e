"""Knows words in capitals that a splitter takes for abbreviations: Italian "il DNS. Esegue" is two sentences."""

_NO_ACRONYMS = """
AA BB CC DD FF GG LL MM NN PP RR SS VV DR ST JR SR MR MRS MS NR PS OP
AVV ART ING PAG TAV FIG CAP COL GEN MAG REV SEN MIN VOL SIG SAN VIA DOTT PROF ARCH GEOM CAV COMM MONS SEC TEN NUM
"""
"""Italian abbreviations that capitals are written for, too, as in a heading."""

_BEFORE_SENTENCE = r"(?=\s+[“„«»”\"'(]?[A-ZÀ-Ý](?:[a-zà-ÿ'’]|\s))"


def _acronyms_of(length: int, others: str) -> str:
    """Return the pattern of a stop behind an acronym of some letters, which is none of some other words."""
    words = "|".join(word for word in others.split() if len(word) == length) or "(?!)"
    return rf"(?<=[\s(][A-Z]{{{length}}}\.)(?<!(?:{words})\.){_BEFORE_SENTENCE}"


ACRONYMS = {"it": [_acronyms_of(length, _NO_ACRONYMS) for length in (2, 3, 4, 5)]}
"""By language: the ends of sentences at acronyms, where no abbreviation in capitals stands and no word in capitals
follows. sentencex knows a thousand Italian ones for abbreviations."""
