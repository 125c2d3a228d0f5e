"""Checks settings against what they may be; the message of an unknown name gives the nearest known one."""

import difflib
from collections.abc import Iterable, Sequence
from typing import TypeGuard

from xlnet_data.errors import ConfigError

MAX_NUMBER = 2**63
"""Numbers of a config and of a manifest are below this, and above its negative."""


def check_choice(key: str, value: object, choices: Sequence[str]) -> None:
    """Check that a setting is one of the strings that it may be.

    Raises:
        ConfigError: It is not.

    >>> check_choice("recipe", "papers", ("paper", "reference"))
    Traceback (most recent call last):
    xlnet_data.errors.ConfigError: recipe must be 'paper' or 'reference': got 'papers', did you mean 'paper'?
    """
    if value not in choices:
        near = find_near(str(value), choices)
        hint = f", did you mean {near!r}?" if near else ""
        raise ConfigError(f"{key} must be {' or '.join(map(repr, choices))}: got {value!r}{hint}")


def check_type(key: str, value: object, example: object) -> None:
    """Check that a setting has the type of an example of it; of a tuple, that the entries have the type of its first.

    A whole number is a number, too; true and false are none.

    Raises:
        ConfigError: It has another type.

    >>> check_type("near", 1, False)
    Traceback (most recent call last):
    xlnet_data.errors.ConfigError: near must be true or false: got 1
    >>> check_type("bad_words", ("darn", 1), ("",))
    Traceback (most recent call last):
    xlnet_data.errors.ConfigError: bad_words must be a list of strings: got ['darn', 1]
    """
    if isinstance(example, tuple):
        kind = "a list of strings" if isinstance(example[0], str) else "a list of numbers"
        fits = isinstance(value, tuple) and all(_has_type(entry, example[0]) for entry in value)
    else:
        kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a string"}
        kind, fits = kinds[type(example)], _has_type(value, example)
    if not fits:
        raise ConfigError(f"{key} must be {kind}: got {list(value) if isinstance(value, tuple) else value!r}")


def check_count(key: str, value: object) -> None:
    """Check that a number of things is a whole one above 0.

    Raises:
        ConfigError: It is not.

    >>> check_count("jobs", 0)
    Traceback (most recent call last):
    xlnet_data.errors.ConfigError: jobs must be at least 1: got 0
    """
    check_type(key, value, 0)
    assert is_whole_number(value)
    if not 1 <= value < MAX_NUMBER:
        raise ConfigError(f"{key} must be {'at least 1' if value < 1 else 'below 2^63'}: got {value}")


def check_list(key: str, values: object) -> None:
    """Check that texts are given in a list: one alone would be taken for the list of its characters.

    Raises:
        ConfigError: It is one text.

    >>> check_list("dev", "dev.tsv")
    Traceback (most recent call last):
    xlnet_data.errors.ConfigError: dev must be a list: got 'dev.tsv', write ['dev.tsv']
    """
    if isinstance(values, str):
        raise ConfigError(f"{key} must be a list: got {values!r}, write [{values!r}]")


def check_numbers(value: object, where: str) -> None:
    """Check that a JSON value holds no number that a manifest cannot hold.

    Raises:
        ConfigError: It does.

    >>> check_numbers({"k": 6.0, "seed": 10**30}, "")
    Traceback (most recent call last):
    xlnet_data.errors.ConfigError: seed must be between -2^63 and 2^63: got 1000000000000000000000000000000
    """
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            name = f"{where}[{key}]" if isinstance(key, int) else f"{where}.{key}" if where else str(key)
            check_numbers(item, name)
    elif is_number(value) and not is_moderate(value):
        raise ConfigError(f"{where} must be between -2^63 and 2^63: got {value}")


def check_keys(keys: Iterable[str], known: Sequence[str], where: str) -> None:
    """Check that a table of the config has no key that it may not have.

    Raises:
        ConfigError: It has one.
    """
    for key in keys:
        if key not in known:
            raise ConfigError(f"{describe_unknown('key', key, known)}, in {where}")


def describe_unknown(kind: str, name: str, known: Sequence[str]) -> str:
    """Return a message that names the nearest known name, or all of them if none is near.

    >>> describe_unknown("key", "reuse_length", ["seq_len", "reuse_len"])
    "unknown key 'reuse_length': did you mean 'reuse_len'?"
    """
    near = find_near(name, known)
    return f"unknown {kind} {name!r}: " + (f"did you mean {near!r}?" if near else f"known are {', '.join(known)}")


def find_near(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is nearest to a misspelt one, in any case, None if none is near.

    >>> find_near("SEQ_LEN", ["seed", "seq_len"])
    'seq_len'
    """
    by_folded = {one.casefold(): one for one in known}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
    return by_folded[near[0]] if near else None


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_moderate(value: int | float) -> bool:
    """Return whether every reader of a manifest can hold a number: not so infinity and what has more than 63 bits."""
    return abs(value) < MAX_NUMBER


def is_whole_number(value: object) -> TypeGuard[int]:
    """Return whether a value is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _has_type(value: object, example: object) -> bool:
    if isinstance(example, float):
        return is_number(value)
    return type(value) is type(example)
