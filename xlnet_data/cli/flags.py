"""Makes options of the flags that the fields of settings describe."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from xlnet_data.trainer.flags import Flag, default_of, flags_of, option_of


def add_flags(*classes: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what gives a command one option per flag of some settings, named by its field."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for settings in reversed(classes):
            for field, flag, kind in reversed(list(flags_of(settings))):
                option = click.option(
                    option_of(field, flag),
                    field.name,
                    type=_type_of(flag, kind),
                    is_flag=kind is bool,
                    default=default_of(field),
                    metavar=flag.metavar,
                    help=flag.help,
                )
                command = option(command)
        return command

    return add


def _type_of(flag: Flag, kind: type) -> Any:
    """Return what click makes of a flag's text."""
    if flag.choices:
        return click.Choice(flag.choices)
    if kind is Path:
        return click.Path()  # as text, which may be a URL
    if flag.minimum is None and flag.maximum is None:
        return kind
    ranged: Any = click.IntRange if kind is int else click.FloatRange
    return ranged(flag.minimum, flag.maximum, min_open=flag.is_above_minimum)
