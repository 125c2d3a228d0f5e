"""Makes the commands' help: each shows how it is called."""

import math
from typing import Any

import click


class Command(click.Command):
    """A command whose help ends with calls of it, each complete.

    Attributes:
        examples: The calls, as a shell takes them.
    """

    def __init__(self, *args: Any, examples: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what was given; an empty path, as of a variable without a value, stands for no folder."""
        left = super().parse_args(ctx, args)
        for param in self.params:
            value = ctx.params.get(param.name or "")
            if isinstance(param.type, click.Path) and "" in (value if isinstance(value, tuple) else (value,)):
                raise click.BadParameter("a path must not be empty.", ctx, param)
        return left

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        with formatter.section("Examples" if self.examples[1:] else "Example"):
            for example in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")


class FiniteRange(click.FloatRange):
    """A range of numbers without inf and nan, which bounds alone do not keep out."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number that a text says."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number
