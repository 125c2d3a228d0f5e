"""Chooses among the variants in which words of a language with several scripts are given."""

import re

from xlnet_data.corpora.wiki.arguments import HOLE

_VARIANT = re.compile(r"-\{([^{}]*+)\}-")
_VARIANT_CODE = re.compile(r"\s*[a-z]{2,3}(?:-[a-z]+)*\s*")
_FLAGS = re.compile(r"[A-Z;\s-]*+")
_MAX_DEPTH = 4  # of variants within variants


def choose_variants(text: str) -> str:
    """Return a text with the first of the variants in which words of a language with several scripts are given.

    >>> choose_variants("用-{zh-hans:计算机; zh-hant:電腦}-好")
    '用计算机好'
    >>> choose_variants("在-{A|LAOS=>zh-cn:老挝;LAOS=>zh-tw:寮國}-")
    '在老挝'
    >>> choose_variants("-{R|re:zero}-")
    're:zero'
    """
    for _ in range(_MAX_DEPTH):
        if "-{" not in text:
            break
        before, text = text, _VARIANT.sub(_first_variant, text)
        if before == text:
            break
    return text


def _first_variant(found: re.Match[str]) -> str:
    flags, bar, rules = found[1].rpartition("|")
    if bar and not (flags.strip() and _FLAGS.fullmatch(flags)):
        return rules if all(map(_VARIANT_CODE.fullmatch, flags.split(";"))) else found[1]
    if any(flag in flags for flag in "HT-"):
        return HOLE
    if "R" in flags:  # raw: what a colon stands in is no rule
        return rules
    code, colon, words = rules.partition(":")
    code = code.rpartition("=>")[2]  # what stands before it is shown as the variant, too
    return words.partition(";")[0] if colon and _VARIANT_CODE.fullmatch(code) else rules
