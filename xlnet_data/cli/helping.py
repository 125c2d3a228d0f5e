"""Makes the commands' help: each shows how it is called."""

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

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        with formatter.section("Examples" if self.examples[1:] else "Example"):
            for example in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")
