"""Reads JSON as dataclasses, by their annotations, and names each value that does not fit."""

import dataclasses
import types
import typing
from collections.abc import Collection, Mapping
from typing import Any

from xlnet_data.checks import is_moderate, is_number, is_whole_number
from xlnet_data.errors import ConfigError

_KINDS: dict[Any, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a string"}


def read_json(hint: Any, value: Any, where: str, problems: list[str]) -> Any:
    """Return a JSON value as its annotation has it: lists as tuples, objects as dataclasses.

    Args:
        hint: The annotation: bool, int, float, str, Any, a dataclass, or a dict, list, tuple or union of such.
        value: What json.loads gave.
        where: The value's name in messages.
        problems: Gets a sentence for each value that does not fit; what is returned is then of no use.

    >>> problems = []
    >>> read_json(dict[str, int], {"a": 1, "b": "2"}, "counts", problems)
    {'a': 1, 'b': None}
    >>> problems
    ["counts.b must be a whole number: got '2'"]
    """
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return value
    if dataclasses.is_dataclass(hint):
        return read_object(typing.cast(type, hint), value, where, problems)
    if origin is types.UnionType:
        if value is None and types.NoneType in parts:
            return None
        return read_json(next(part for part in parts if part is not types.NoneType), value, where, problems)
    if origin is dict:
        if _fits(isinstance(value, dict), "an object", value, where, problems):
            return {key: read_json(parts[1], item, f"{where}.{key}", problems) for key, item in value.items()}
        return None
    if origin in (list, tuple):
        if _fits(isinstance(value, list), "a list", value, where, problems):
            return origin(read_json(parts[0], item, f"{where}[{i}]", problems) for i, item in enumerate(value))
        return None
    return value if _fits(_is_plain(value, hint), _KINDS[hint], value, where, problems) else None


def read_object(
    kind: type, value: Any, where: str, problems: list[str], hints: Mapping[str, Any] | None = None,
    skipped: Collection[str] = (),
) -> Any:  # fmt: skip
    """Return a JSON object as a dataclass; it must have a key for each field and no other.

    Args:
        kind: The dataclass.
        value: What json.loads gave.
        where: The object's name in messages.
        problems: Gets a sentence for each value that does not fit.
        hints: Annotations that are more exact than the dataclass's own.
        skipped: Fields that JSON does not hold.

    Returns:
        The dataclass, None if anything in the object does not fit.
    """
    if not _fits(isinstance(value, dict), "an object", value, where, problems):
        return None
    num_problems = len(problems)
    annotations = typing.get_type_hints(kind) | dict(hints or {})
    names = [item.name for item in dataclasses.fields(kind) if item.name not in skipped]
    prefix = f"{where}." if where else ""
    problems += [f"{prefix}{name} is missing" for name in names if name not in value]
    problems += [f"{prefix}{key} is no key of this version" for key in value if key not in names]
    fields = {
        name: read_json(annotations[name], value[name], f"{prefix}{name}", problems) for name in names if name in value
    }
    if len(problems) > num_problems:
        return None
    try:
        return kind(**fields)
    except (ConfigError, ArithmeticError, ValueError, TypeError) as error:
        problems.append(f"{where or 'it'} is not valid: {error}")
        return None


def _fits(does: bool, kind: str, value: Any, where: str, problems: list[str]) -> bool:
    if not does:
        problems.append(f"{where or 'it'} must be {kind}: got {_shorten(value)}")
    return does


def _is_plain(value: Any, hint: Any) -> bool:
    if hint is float:
        return is_number(value) and is_moderate(value)
    if hint is int:
        return is_whole_number(value) and is_moderate(value)
    return type(value) is hint


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
