"""Describes a setting once: its field in a dataclass holds type, default, allowed range, help and command-line name."""

import math
import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any

from xlnet_data.checks import check_choice, check_type, is_moderate
from xlnet_data.errors import ConfigError

_KEY = "flag"
"""Where a field's metadata holds its Flag."""


@dataclass(frozen=True)
class Flag:
    """What the command line needs to know of a field beyond its type and default.

    Attributes:
        help: The help text; it names the default where that is not a constant. "": the command line has no such flag.
        name: The name on the command line; "": the field's, with hyphens.
        metavar: What the help shows in place of a value.
        choices: The allowed texts; (): any.
        minimum: The lowest allowed number.
        maximum: The highest allowed number.
        is_above_minimum: True: the minimum itself is not allowed.
        is_fixed_by_run: True: a resumed run decides it, so it cannot be given with --resume.
        is_fixed_by_model: True: an imported model decides it, so it cannot be given with --init-hf.
    """

    help: str
    name: str = ""
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    is_above_minimum: bool = False
    is_fixed_by_run: bool = True
    is_fixed_by_model: bool = False

    def check(self, name: str, value: Any, kind: type) -> None:
        """Raise ConfigError if a value has another type, is none of the choices, or out of range."""
        if self.choices:
            check_choice(name, value, self.choices)
        elif kind is not Path:
            check_type(name, value, kind())
        if kind is float and not math.isfinite(value):
            raise ConfigError(f"{name} must be a finite number: got {value}")
        if kind is int and not is_moderate(value):
            raise ConfigError(f"{name} must be a number of 64 bits: got {value}")
        if self.minimum is not None and (value < self.minimum or (self.is_above_minimum and value == self.minimum)):
            limit = "above" if self.is_above_minimum else "at least"
            raise ConfigError(f"{name} must be {limit} {self.minimum}: got {value}")
        if self.maximum is not None and value > self.maximum:
            raise ConfigError(f"{name} must be at most {self.maximum}: got {value}")


def flag(default: Any, help: str, **more: Any) -> Any:
    """Return a dataclass field that is also a flag of the command line.

    Args:
        default: Its default; MISSING: it must be given.
        help: Its help text.
        more: Further attributes of its Flag.
    """
    return field(default=default, metadata={_KEY: Flag(help, **more)})


def bounded(default: Any, **more: Any) -> Any:
    """Return a dataclass field whose range is checked, and which is no flag of the command line."""
    return flag(default, "", **more)


def flags_of(settings: type) -> Iterator[tuple["Field[Any]", Flag, type]]:
    """Yield the fields of a dataclass that are flags, each with its Flag and its type, ``int | None`` as ``int``."""
    return (found for found in _described(settings) if found[1].help)


def _described(settings: type) -> Iterator[tuple["Field[Any]", Flag, type]]:
    types = typing.get_type_hints(settings)
    for one in fields(settings):
        if _KEY in one.metadata:
            annotated = types[one.name]
            parts = typing.get_args(annotated) if isinstance(annotated, UnionType) else (annotated,)
            yield one, one.metadata[_KEY], parts[0]


def option_of(one: "Field[Any]", described: Flag) -> str:
    """Return what a flag is called on the command line, such as ``--mem-len``."""
    return described.name or f"--{one.name.replace('_', '-')}"


def default_of(one: "Field[Any]") -> Any:
    """Return a field's default, None if it has none."""
    return None if one.default is MISSING else one.default


def check_flags(settings: Any, described_by: type) -> None:
    """Check the values of a settings object by the flags of its class, or of the class that it extends.

    Raises:
        ConfigError: A value has another type, or is out of range.
    """
    for one, described, kind in _described(described_by):
        value = getattr(settings, one.name)
        if value is not None or default_of(one) is not None:  # None stands for "not given" where it is the default
            described.check(one.name, value, kind)
